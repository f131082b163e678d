/**
 * What the port for real boards costs for each 64 bytes received: calls of
 * DeviceScript functions (2.5 bytes of line time each), bytes on the I2C bus,
 * buffers made.
 */
import "../src/node/buffer"
import { BridgeUart, type BridgeUartOptions } from "../src/ports/bridge"
import { Sc16is7xx } from "../src/ports/sc16is7xx"
import { BridgeRig } from "../test/chip/rig"
import { noise } from "../test/driver/rig"
import { atMost, figure, type Part, type Row } from "./part"

/** Calls for 64 bytes on a board with all lines wired. */
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

/** @param budget how many calls there may be, undefined where nobody counts */
function report(
    what: string,
    before: Cost,
    after: Cost,
    budget?: number
): Row[] {
    const units = (after.received - before.received) / UNIT
    const per = (name: keyof Cost): number =>
        (after[name] - before[name]) / units
    const made = after.buffers - before.buffers
    return [
        budget === undefined
            ? figure(what, per("calls"), "calls")
            : atMost(what, per("calls"), "calls", budget),
        figure(what, per("transactions"), "transactions"),
        figure(what, per("busBytes"), "I2C bytes"),
        atMost(`${what}, in all`, made, "buffers made", 0),
    ]
}

/** From "there is something" to "it is in the ring". */
async function fullFifo(): Promise<Row[]> {
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
    return report("a full FIFO, fetched at once", before, after, BUDGET)
}

/** A download at 115200 baud, with all that the port does for it. */
async function download(
    what: string,
    options: Partial<BridgeUartOptions>,
    budget?: number
): Promise<Row[]> {
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
    return [
        ...report(what, before, after, budget),
        figure(what, Math.round(TOTAL / seconds), "byte/s of payload"),
    ]
}

export const part: Part = {
    title: "the port for real boards, for each 64 bytes received at 115200 baud",
    run: async () => {
        const flowControl = false
        return [
            ...(await fullFifo()),
            ...(await download("download with RTS and CTS", {}, BUDGET)),
            ...(await download("download on three wires", { flowControl })),
            ...(await download("download with neverStalls", {
                flowControl,
                neverStalls: true,
            })),
        ]
    },
}
