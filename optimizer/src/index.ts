/** A whole-program optimiser for DeviceScript's bytecode: README.md tells what it does. */
export { TESTED, ToolchainError } from "./toolchain.ts"
export { CODE_LIMIT } from "./image.ts"
export { codeEnd } from "./optimize.ts"
