/**
 * What each port has to do, whatever is behind it (docs/ports.md): the bridge on
 * I2C and on SPI, the Jacdac module, and the one of the documentation.
 */
import "../../src/node/buffer"
import { readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { Encoder } from "../../src/core/encoder"
import { Ring } from "../../src/core/ring"
import { has, Wired } from "../../src/core/options"
import { BridgeUart, i2cBus, spiBus } from "../../src/ports/bridge"
import type { UartPort } from "../../src/ports/uart"
import { VirtualClock } from "../../sim/modem/clock"
import { ChipModel } from "../../simulator/bridge/sc16is7xx"
import { onSpi } from "./board"
import {
    Fiber,
    onI2c,
    sleep,
    start,
    step,
    useBuses,
    useClock,
} from "./devicescript"

const root = path.resolve(import.meta.dirname, "../..")
/** Types of these are those of DeviceScript, and none of Node's. */
const load = (file: string): Promise<unknown> =>
    import(path.join(root, "src", file))
const { JacdacUart } = (await load("ports/jacdac.ts")) as {
    JacdacUart: new (options: object) => UartPort
}
const { DeviceUart } = (await load("examples/own-port.ts")) as {
    DeviceUart: new (device: object) => UartPort
}

/** A port, and the modem's side of it. */
interface PortUnderTest {
    port: UartPort
    /** the modem says something */
    say(text: string): void
    /** what has come to the modem */
    heard(): string
    /** bytes are on the line while time passes: those of the bridge's FIFO */
    tick?(): void
    setDcd?(low: boolean): void
    setRi?(low: boolean): void
    dtr?(): boolean
}

function bridge(bus: "i2c" | "spi"): PortUnderTest {
    const model = new ChipModel(0, true)
    const spi = onSpi(model)
    useBuses({
        i2c: (_, write, read) => onI2c(model, write, read),
        spi: spi.transfer,
    })
    let heard = ""
    return {
        port: new BridgeUart({
            bus: bus === "spi" ? spiBus({ cs: spi.cs as never }) : i2cBus(),
            dtr: "bridge",
            dcd: "bridge",
            ri: "bridge",
        }),
        say: text => {
            for (const byte of Buffer.from(text)) model.arrive(byte, 0)
        },
        tick: () => {
            for (let byte = model.depart(); byte >= 0; byte = model.depart())
                heard += String.fromCharCode(byte)
        },
        heard: () => heard,
        setDcd: low => model.setDcd(low),
        setRi: low => model.setRi(low),
        dtr: () => model.dtr,
    }
}

/** Methods that run in fibers of their own have to be bound here. */
function startable(port: UartPort, names: string[]): void {
    const methods = port as unknown as Record<string, () => Promise<void>>
    for (const name of names) {
        const method = methods[name].bind(port)
        methods[name] = Object.assign(method, {
            start: () => {
                const fiber = new Fiber()
                void start(method, fiber)
                return fiber
            },
        })
    }
}

function jacdac(): PortUnderTest {
    let heard = ""
    let bits = 0x01
    let dte = 0
    const packet = (payload: Buffer, more: object): object => ({
        isReport: true,
        payload,
        ...more,
    })
    const role = {
        isBound: true,
        spec: { name: "modem" },
        baudRate: { write: () => Promise.resolve() },
        enabled: { write: () => Promise.resolve() },
        sendCommand: (code: number, data: Buffer) => {
            if (code === 0x80) {
                heard += data.toString("latin1")
                // the VM hears its own packet
                void start(() =>
                    role._onPacket({
                        isReport: false,
                        serviceCommand: code,
                        payload: data,
                    })
                )
            }
            return Promise.resolve()
        },
        _onPacket: (_: unknown) => Promise.resolve(),
    }
    const lines = {
        ...role,
        sendCommand: (code: number, data: Buffer) => {
            if (code === 0x2080) dte = data[0]
            return Promise.resolve()
        },
    }
    const port = new JacdacUart({ serial: role, lines })
    startable(port, ["send", "sendLines"])
    const line = (bit: number, on: boolean): void => {
        bits = on ? bits | bit : bits & ~bit
        void lines._onPacket(
            packet(Buffer.of(bits), { isEvent: true, eventCode: 0x80 })
        )
    }
    return {
        port,
        say: text =>
            void role._onPacket(
                packet(Buffer.from(text), { serviceCommand: 0x80 })
            ),
        heard: () => heard,
        setDcd: low => line(0x02, low),
        setRi: low => line(0x04, low),
        dtr: () => (dte & 0x01) !== 0,
    }
}

function own(): PortUnderTest {
    let heard = ""
    let said = Buffer.alloc(0)
    return {
        port: new DeviceUart({
            configure: () => undefined,
            read: (into: Buffer) => {
                const n = said.copy(into)
                said = said.subarray(n)
                return n
            },
            write: (from: Buffer, at: number, count: number) => {
                const n = Math.min(count, 16)
                heard += from.toString("latin1", at, at + n)
                return n
            },
            idle: () => true,
        }),
        say: text => (said = Buffer.concat([said, Buffer.from(text)])),
        heard: () => heard,
    }
}

const PORTS: [string, () => PortUnderTest][] = [
    ["BridgeUart on I2C", () => bridge("i2c")],
    ["BridgeUart on SPI", () => bridge("spi")],
    ["JacdacUart", jacdac],
    ["the port of docs/ports.md", own],
]

describe.each(PORTS)("%s", (_, make) => {
    /** An open port, and a way to wait as the driver does. */
    async function opened() {
        const clock = new VirtualClock()
        useClock(clock)
        const wired = make()
        const { port } = wired
        const ring = new Ring(256)
        const output = new Encoder()
        /** Has something done in a fiber; returns how long it took, ms. */
        const run = async (task: () => Promise<void>, ms = 5000) => {
            const since = clock.now()
            let over = false
            let failure: unknown
            start(task).then(
                () => (over = true),
                (e: unknown) => {
                    failure = e
                    over = true
                }
            )
            while (!over && clock.now() - since < ms) {
                await step(() => over, 1)
                wired.tick?.()
            }
            if (failure !== undefined) throw failure
            expect(over).toBe(true)
            return clock.now() - since
        }
        /** Waits until something holds. */
        const until = (holds: () => boolean) =>
            run(async () => {
                while (!holds()) await port.wait(1000)
            })
        await run(() => port.open(ring, output, 115200))
        /** Takes all that is in the ring. */
        const taken = (): string => {
            const into = Buffer.alloc(ring.used)
            ring.pull(into, 0, into.length)
            return into.toString("latin1")
        }
        return { ...wired, clock, ring, output, run, until, taken }
    }

    test("what the modem says comes in order, and a wait ends with it", async () => {
        const { say, run, port, taken } = await opened()
        let text = ""
        for (const line of ["\r\nOK\r\n", "\r\n+CSQ: 20,0\r\n\r\nOK\r\n"]) {
            say(line)
            expect(await run(() => port.wait(1000))).toBeLessThan(500)
            text += taken()
        }
        expect(text).toBe("\r\nOK\r\n\r\n+CSQ: 20,0\r\n\r\nOK\r\n")
        expect(port.overruns).toBe(0)
    })

    test("what is to be sent goes out, and it is told when all of it has", async () => {
        const { output, until, heard } = await opened()
        const data = "0123456789".repeat(30)
        output.payload(Buffer.from(data), 0, data.length)
        await until(() => output.left === 0 && heard().length === 300)
        expect(heard()).toBe(data)
    })

    test("drain: the UART is idle behind the last byte", async () => {
        const { output, until, heard } = await opened()
        output.payload(Buffer.from("x".repeat(50)), 0, 50)
        output.drain = true
        await until(() => !output.drain)
        expect(output.left).toBe(0)
        expect(heard().length).toBe(50)
    })

    test("a wait ends when the time is over, and lets others have a turn", async () => {
        const { port, run } = await opened()
        let turns = 0
        let waiting = true
        void start(async () => {
            while (waiting) {
                turns++
                await sleep(5)
            }
        })
        const ms = await run(() => port.wait(100))
        waiting = false
        expect(ms).toBeGreaterThan(50)
        expect(ms).toBeLessThan(200)
        expect(turns).toBeGreaterThan(1)
    })

    test("wake() ends the present wait, and the next one", async () => {
        const { port, run, clock } = await opened()
        clock.after(20, () => void start(() => Promise.resolve(port.wake())))
        expect(await run(() => port.wait(3000))).toBeLessThan(300)
        port.wake()
        expect(await run(() => port.wait(3000))).toBeLessThan(300)
    })

    test("lines that are wired", async () => {
        const { port, run, until, setDcd, setRi, dtr, clock } = await opened()
        expect([
            has(port, Wired.Dtr),
            has(port, Wired.Dcd),
            has(port, Wired.Ri),
        ]).toEqual([
            dtr !== undefined,
            setDcd !== undefined,
            setRi !== undefined,
        ])
        if (!setDcd || !setRi || !dtr) return
        setDcd(true)
        await until(() => port.dcd)
        setDcd(false)
        await until(() => !port.dcd)
        setRi(true)
        clock.after(120, () => setRi(false))
        await until(() => port.riPulse > 0)
        expect(Math.abs(port.riPulse - 120)).toBeLessThan(30)
        port.setDtr(false)
        await run(() => port.wait(20))
        expect(dtr()).toBe(false)
        port.setDtr(true)
        await run(() => port.wait(20))
        expect(dtr()).toBe(true)
    })
})

test("docs/ports.md shows the port that is tested here", () => {
    const page = readFileSync(path.join(root, "docs/ports.md"), "utf8")
    // outside of the project, all of it comes from the package
    const code = readFileSync(
        path.join(root, "src/examples/own-port.ts"),
        "utf8"
    )
        .replace(
            'import { Wired } from "../core/options"\nimport { Waiter } from "../ports/naps"',
            'import { Waiter, Wired } from "../index"'
        )
        .replaceAll('"../index"', '"devicescript-sim800"')
    expect(page).toContain("```ts\n" + code + "```")
})
