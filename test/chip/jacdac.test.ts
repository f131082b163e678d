/** The Jacdac port, with a module on the bus that does nothing but take packets. */
import "../../src/node/buffer"
import path from "node:path"
import { expect, test } from "vitest"
import { Encoder } from "../../src/core/encoder"
import { Ring } from "../../src/core/ring"
import type { UartPort } from "../../src/ports/uart"
import { VirtualClock } from "../../sim/modem/clock"
import { Fiber, start, useClock } from "./devicescript"

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

/** A port at a bus, and how long it says that the UART is busy. */
async function bench(baud: number) {
    const clock = new VirtualClock()
    useClock(clock)
    const role = {
        isBound: true,
        spec: { name: "modem" },
        sent: 0,
        baudRate: { write: () => Promise.resolve() },
        enabled: { write: () => Promise.resolve() },
        sendCommand: (code: number, data: Buffer) => {
            if (code === DATA) role.sent += data.length
            return Promise.resolve()
        },
        _onPacket: (_: unknown) => Promise.resolve(),
    }
    const lines = { ...role }
    const port = new JacdacUart({ serial: role, lines })
    startable(port, "send")
    startable(port, "sendLines")
    const encoder = new Encoder()
    await start(() => port.open(new Ring(256), encoder, baud))
    return {
        port,
        clock,
        role,
        send: (length: number) =>
            encoder.payload(Buffer.alloc(length), 0, length),
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
    const { idle, send, role } = await bench(9600)
    expect(await idle()).toBeLessThan(5)
    send(480)
    const ms = await idle()
    expect(role.sent).toBe(480)
    expect(ms).toBeGreaterThanOrEqual(500 + 100)
    expect(ms).toBeLessThan(500 + 120)
    expect(await idle()).toBeLessThan(5)
})

test("CTS holds up what is not out yet", async () => {
    const { clock, idle, send, tell } = await bench(9600)
    await tell(CTS)
    send(240)
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
    send(24)
    expect(await idle(200)).toBe(Infinity)
    await tell(CTS)
    const ms = await idle()
    expect(ms).toBeGreaterThanOrEqual(25)
    expect(ms).toBeLessThan(300)
})
