/**
 * What the port for real boards costs for each 64 bytes received: calls of
 * DeviceScript functions (2.5 bytes of line time each), bytes on the I2C bus,
 * buffers made. Exits with 1 if it is more than the budget.
 */
import "../src/node/buffer"
import { BridgeUart, type BridgeUartOptions } from "../src/ports/bridge"
import { Sc16is7xx } from "../src/ports/sc16is7xx"
import { BridgeRig } from "../test/chip/rig"
import { noise } from "../test/driver/rig"

const BUDGET = 8
const UNIT = 64
const TOTAL = 100_000

let calls = 0
let buffers = 0

type Method = (...args: unknown[]) => unknown

/** Has all methods of a class count their calls. */
function count(type: { prototype: object }): void {
    const methods = type.prototype as Record<string, Method>
    for (const name of Object.getOwnPropertyNames(methods)) {
        if (name === "constructor") continue
        const method = methods[name]
        methods[name] = function (this: unknown, ...args) {
            calls++
            return method.apply(this, args)
        }
    }
}

count(BridgeUart)
count(Sc16is7xx)

const alloc = Buffer.alloc
Buffer.alloc = ((...args: Parameters<typeof alloc>) => {
    buffers++
    return alloc(...args)
}) as typeof alloc

interface Cost {
    calls: number
    transactions: number
    busBytes: number
    buffers: number
    received: number
}

/** Where the counters stand; a transaction is a call of the bus too. */
function counters(rig: BridgeRig): Cost {
    const { transactions, busBytes } = rig.model
    const received = rig.model.taken
    return {
        calls: calls + transactions,
        transactions,
        busBytes,
        buffers,
        received,
    }
}

function report(what: string, before: Cost, after: Cost): number {
    const units = (after.received - before.received) / UNIT
    const per = (name: keyof Cost): number =>
        (after[name] - before[name]) / units
    const line = [
        `${per("calls").toFixed(1)} calls`,
        `${per("transactions").toFixed(1)} transactions`,
        `${per("busBytes").toFixed(0)} I2C bytes`,
        `${after.buffers - before.buffers} buffers made`,
    ]
    console.log(`${what}: ${line.join(", ")}`)
    if (after.buffers > before.buffers) process.exitCode = 1
    return per("calls")
}

/** From "there is something" to "it is in the ring". */
async function fullFifo(): Promise<number> {
    const rig = await new BridgeRig().start()
    const { port, model } = rig
    await rig.wait(5000)
    rig.freeze()
    await rig.wait(100)
    const ring = rig.core.ring
    for (let i = 0; i < UNIT; i++) model.arrive(i, 0)
    const before = counters(rig)
    let over = false
    const end = port.wait(1000).then(() => (over = true))
    await rig.until("woken", () => over)
    await end
    port.receive()
    const after = counters(rig)
    if (ring.used !== UNIT) throw new Error(`${ring.used} bytes were fetched`)
    return report("a full FIFO, fetched at once", before, after)
}

/** A download at 115200 baud, with all that the port does for it. */
async function download(
    what: string,
    options: Partial<BridgeUartOptions>
): Promise<number> {
    const rig = await new BridgeRig({}, options).start()
    const data = Uint8Array.from(noise(1, TOTAL))
    rig.network.listen("10.0.0.1", 7, peer => peer.send(data))
    const link = await rig.connect("10.0.0.1", 7)
    const into = Buffer.alloc(2048)
    let read = 0
    const before = counters(rig)
    const since = rig.clock.now()
    await rig.until("all there", () => {
        if (link.readable > 0) {
            read += rig.core.connections.read(link, into, 0, into.length)
            rig.port.wake()
        }
        return read >= TOTAL
    })
    const seconds = (rig.clock.now() - since) / 1000
    const after = counters(rig)
    const rate = Math.round(TOTAL / seconds)
    return report(`${what}, ${rate} byte/s of payload`, before, after)
}

const costs = [
    await fullFifo(),
    await download("download with RTS and CTS", {}),
]
console.log("not budgeted:")
const flowControl = false
await download("on three wires", { flowControl })
await download("with neverStalls", { flowControl, neverStalls: true })

if (Math.max(...costs) > BUDGET) {
    console.error(`more than ${BUDGET} calls for ${UNIT} bytes`)
    process.exitCode = 1
}
process.exit()
