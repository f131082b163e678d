/**
 * The telemetry node on a board, with the modem on a bridge: made of
 * src/examples/node.ts, which differs only in the port.
 */
import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"

const root = path.resolve(import.meta.dirname, "..")

export const NODE = "src/examples/node.ts"
/** where it is put; git ignores it */
const ON_BRIDGE = "bench/firmware/node-bridge.ts"

const PORT = /uart: new JacdacUart\(\{[^]*?\n    \}\),/

/** Makes it. @returns its path */
export function nodeOnBridge(): string {
    const source = readFileSync(path.join(root, NODE), "utf8")
    if (!PORT.test(source)) throw new Error(`${NODE} has no port as expected`)
    writeFileSync(
        path.join(root, ON_BRIDGE),
        source
            .replace(PORT, "uart: uart(),")
            .replace("    JacdacUart,\n", "")
            .replace(
                'from "../index"\n',
                'from "../../src/index"\nimport { uart } from "../../boards/pico_sim800/uart"\n'
            )
    )
    return ON_BRIDGE
}
