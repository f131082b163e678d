/**
 * The telemetry node as it is on a board, with the modem on a bridge: a copy of
 * src/examples/node.ts but for the port, which `npm run bench -- node` makes and
 * test/e2e/size.test.ts compares.
 */
import { readFileSync } from "node:fs"
import path from "node:path"

const root = path.resolve(import.meta.dirname, "..")

export const NODE = "src/examples/node.ts"
export const NODE_ON_BRIDGE = "bench/firmware/node-bridge.ts"

const PORT = /uart: new JacdacUart\(\{[^]*?\n    \}\),/

/** What NODE_ON_BRIDGE has to be. */
export function nodeOnBridge(): string {
    const source = readFileSync(path.join(root, NODE), "utf8")
    if (!PORT.test(source)) throw new Error(`${NODE} has no port as expected`)
    return source
        .replace(
            /^\/\*\*[^]*?\*\//,
            "/** Made of src/examples/node.ts: see bench/node-bridge.ts. */"
        )
        .replace(PORT, "uart: uart(),")
        .replace("    JacdacUart,\n", "")
        .replace(
            'from "../index"\n',
            'from "../../src/index"\nimport { uart } from "../../boards/pico_sim800/uart"\n'
        )
}
