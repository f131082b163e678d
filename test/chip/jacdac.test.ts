/**
 * The Jacdac port, with a module on the bus that does nothing but take packets,
 * and what the VM of the simulator does with them on the way.
 */
import "../../src/node/buffer"
import path from "node:path"
import { expect, test } from "vitest"
import { Encoder } from "../../src/core/encoder"
import { Ring } from "../../src/core/ring"
import type { UartPort } from "../../src/ports/uart"
import { VirtualClock } from "../../sim/modem/clock"
import { Fiber, sleep, start, useClock } from "./devicescript"

// its types are those of DeviceScript, and none of Node's
const file = path.resolve(import.meta.dirname, "../../src/ports/jacdac.ts")
const { JacdacUart } = (await import(file)) as {
    JacdacUart: new (options: object) => UartPort
}

const DATA = 0x80
const CTS = 0x01
const DCD = 0x02

/** Has a method run in a fiber of its own, as DeviceScript does. */
function startable(port: UartPort, name: string): void {
    const methods = port as unknown as Record<string, unknown>
    const method = (methods[name] as () => Promise<void>).bind(port)
    methods[name] = Object.assign(method, {
        start: () => {
            let fiber: unknown
            void start(async () => {
                fiber = Fiber.self()
                await method()
            })
            return fiber
        },
    })
}

/* jacdac-c, tx_queue.c: the queue, and what a frame has in front of its data. */
const QUEUE = 1024
const FRAME_HEADER = 16
/** between two tries to send a packet, ms */
const RETRY = 3

/**
 * A port at a bus, and how long it says that the UART is busy.
 * @param busy the VM empties its queue once in so many ms: fibers are due meanwhile
 */
async function bench(baud: number, busy = 1) {
    const clock = new VirtualClock()
    useClock(clock)
    const bus: Buffer[] = []
    let queue: Buffer[] = []
    let overflows = 0
    const queued = (): number =>
        queue.reduce((sum, { length }) => sum + FRAME_HEADER + length, 0)
    const role = {
        isBound: true,
        spec: { name: "modem" },
        baudRate: { write: () => Promise.resolve() },
        enabled: { write: () => Promise.resolve() },
        sendCommand: async (code: number, data: Buffer) => {
            if (code !== DATA) return
            for (;;) {
                // it is on the bus, whatever becomes of it
                bus.push(data)
                if (queued() + FRAME_HEADER + data.length <= QUEUE) break
                overflows++
                await sleep(RETRY)
            }
            queue.push(data)
        },
        _onPacket: (_: unknown) => Promise.resolve(),
    }
    const mainLoop = (): void => {
        const heard = queue
        queue = []
        for (const payload of heard)
            void start(() =>
                role._onPacket({
                    isReport: false,
                    serviceCommand: DATA,
                    payload,
                })
            )
        clock.after(busy, mainLoop)
    }
    mainLoop()
    const lines = { ...role }
    const port = new JacdacUart({ serial: role, lines })
    startable(port, "send")
    startable(port, "sendLines")
    const encoder = new Encoder()
    await start(() => port.open(new Ring(256), encoder, baud))
    return {
        port,
        clock,
        /** what has come to the module */
        arrived: () => Buffer.concat(bus),
        overflows: () => overflows,
        send: (data: Buffer) => encoder.payload(data, 0, data.length),
        /** the module tells of the modem's lines */
        tell: (bits: number) =>
            lines._onPacket({
                isReport: true,
                isEvent: true,
                eventCode: 0x80,
                payload: Buffer.of(bits),
            }),
        /** @returns after how many ms the driver is told that the UART is idle */
        idle: async (most = 10_000): Promise<number> => {
            encoder.drain = true
            const from = clock.now()
            let over = false
            void start(async () => {
                while (encoder.drain && clock.now() - from < most)
                    await port.wait(most - (clock.now() - from))
                over = true
            })
            for (;;) {
                await new Promise(done => setImmediate(done))
                if (over) return encoder.drain ? Infinity : clock.now() - from
                clock.advance(1)
            }
        },
    }
}

test("what is on the line takes its time", async () => {
    const { idle, send, arrived } = await bench(9600)
    expect(await idle()).toBeLessThan(5)
    send(Buffer.alloc(480))
    const ms = await idle()
    expect(arrived()).toHaveLength(480)
    expect(ms).toBeGreaterThanOrEqual(500 + 100)
    expect(ms).toBeLessThan(500 + 120)
    expect(await idle()).toBeLessThan(5)
})

test("CTS holds up what is not out yet", async () => {
    const { clock, idle, send, tell } = await bench(9600)
    await tell(CTS)
    send(Buffer.alloc(240))
    expect(await idle(200)).toBe(Infinity)
    await tell(0)
    expect(await idle(5000)).toBe(Infinity)
    await tell(CTS | DCD)
    const ms = await idle()
    expect(ms).toBeGreaterThan(100)
    expect(ms).toBeLessThan(200)
    // what is out already is out
    await tell(DCD)
    clock.advance(1000)
    await tell(CTS | DCD)
    expect(await idle()).toBeLessThan(5)
})

test("what is sent while CTS has long been off takes its time from CTS on", async () => {
    const { clock, idle, send, tell } = await bench(9600)
    await tell(CTS)
    await tell(0)
    clock.advance(60_000)
    // 25 ms on the line
    send(Buffer.alloc(24))
    expect(await idle(200)).toBe(Infinity)
    await tell(CTS)
    const ms = await idle()
    expect(ms).toBeGreaterThanOrEqual(25)
    expect(ms).toBeLessThan(300)
})

/* A VM that is kept from its main loop, by other fibers or by the system. */
test.each([1, 2, 5, 20, 60])(
    "a VM that empties its queue each %i ms puts each packet on the bus once",
    async busy => {
        const { arrived, idle, overflows, send } = await bench(460_800, busy)
        const data = Buffer.from(
            Array.from({ length: 1460 }, (_, i) => i % 251)
        )
        send(data)
        await idle()
        expect(overflows()).toBe(0)
        expect(arrived()).toEqual(data)
    }
)
