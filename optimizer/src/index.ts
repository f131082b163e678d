/** A whole-program optimiser for DeviceScript's bytecode: README.md describes it. */
export { TESTED, ToolchainError } from "./toolchain.ts"
export { CODE_LIMIT } from "./image.ts"
export { codeEnd } from "./optimize.ts"
