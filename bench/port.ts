/**
 * Costs of the port for real boards for each 64 bytes received: calls of DeviceScript
 * functions (2.5 bytes of line time each), bytes on the I2C bus, buffers made.
 */
import { takeCalls, total } from "./coverage"
import type { BridgeUartOptions } from "../src/ports/bridge"
import { BridgeCore } from "../test/chip/bridge-core"
import { noise } from "../test/driver/rig"
import { atMost, figure, type Part, type Row } from "./part"
import { read } from "../src/core/link/receive"

/** Calls for 64 bytes on a board with all lines wired. */
export const BUDGET = 3
/**
 * Calls for the first 64 bytes after a silence: the port is napping then, and a nap is
 * two calls (`Waiter.wait()`, `settle()`); it is as long as the poll interval of DCD
 * and RI, so these are due as well, two more. The rest are `wait()` and `exchange()`.
 */
export const BUDGET_WOKEN = 6
const UNIT = 64
const TOTAL = 100_000

let buffers = 0

interface Counters {
    transactions: number
    busBytes: number
    buffers: number
    received: number
}

function counters(bridged: BridgeCore): Counters {
    const { transactions, busBytes, taken } = bridged.model
    return { transactions, busBytes, buffers, received: taken }
}

/** Counts what goes on; a transaction is a native, and no call. */
async function counted(
    what: string,
    bridged: BridgeCore,
    run: () => Promise<void>,
    budget?: number
): Promise<Row[]> {
    const before = counters(bridged)
    takeCalls()
    const alloc = Buffer.alloc
    Buffer.alloc = ((...args: Parameters<typeof alloc>) => {
        buffers++
        return alloc(...args)
    }) as typeof alloc
    await run()
    Buffer.alloc = alloc
    const after = counters(bridged)
    const units = (after.received - before.received) / UNIT
    const per = (name: keyof Counters): number =>
        (after[name] - before[name]) / units
    const calls = total(takeCalls(), "src/ports/") / units
    return [
        budget === undefined
            ? figure(what, calls, "calls")
            : atMost(what, calls, "calls", budget),
        figure(what, per("transactions"), "transactions"),
        figure(what, per("busBytes"), "I2C bytes"),
        atMost(
            `${what}, in all`,
            after.buffers - before.buffers,
            "buffers made",
            0
        ),
    ]
}

/** From "there is something" to "it is in the ring". */
export async function fullFifo(): Promise<Row[]> {
    const bridged = await new BridgeCore().start()
    const { port, model } = bridged
    await bridged.wait(5000)
    bridged.freeze()
    await bridged.wait(100)
    const ring = bridged.core.ring
    for (let i = 0; i < UNIT; i++) model.arrive(i, 0)
    const fetch = async (): Promise<void> => {
        let over = false
        const end = port.wait(1000).then(() => (over = true))
        await bridged.until("woken", () => over)
        await end
    }
    const what = "a full FIFO, after a nap"
    const rows = await counted(what, bridged, fetch, BUDGET_WOKEN)
    if (ring.used !== UNIT) throw new Error(`${ring.used} bytes were fetched`)
    return rows
}

/** A download at 115200 baud, with all that the port does for it. */
export async function download(
    what: string,
    options: Partial<BridgeUartOptions>,
    budget?: number
): Promise<Row[]> {
    const bridged = await new BridgeCore({}, options).start()
    const data = Uint8Array.from(noise(1, TOTAL))
    bridged.network.listen("10.0.0.1", 7, peer => peer.send(data))
    const link = await bridged.connect("10.0.0.1", 7)
    const into = Buffer.alloc(2048)
    let got = 0
    const since = bridged.clock.now()
    const receive = (): Promise<void> =>
        bridged.until("all there", () => {
            if (link.readable > 0) {
                got += read(bridged.core.links, link, into, 0, into.length)
                bridged.port.wake()
            }
            return got >= TOTAL
        })
    const rows = await counted(what, bridged, receive, budget)
    const seconds = (bridged.clock.now() - since) / 1000
    return [...rows, figure(what, Math.round(TOTAL / seconds), "byte/s")]
}

export const part: Part = {
    title: "the port for real boards, for each 64 bytes received at 115200 baud",
    run: async () => [
        ...(await fullFifo()),
        ...(await download("with RTS and CTS", {}, BUDGET)),
        ...(await download("on three wires", { flowControl: false })),
    ],
}
