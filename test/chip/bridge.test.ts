/** The port for real boards, with the model of the chip and the virtual SIM800. */
import { describe, expect, test } from "vitest"
import { audit } from "../../src/core/bearer/audit"
import { Outcome } from "../../src/core/channel"
import { Command } from "../../src/core/commands"
import {
    LinkState,
    SendState,
    type Connection,
} from "../../src/core/link/connection"
import { Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import { DataMode } from "../../src/core/data-mode/data-mode"
import { DataState } from "../../src/core/data-mode/mode"
import { Failure } from "../../src/core/errors"
import { Request, RequestState } from "../../src/core/request"
import { Final, Line } from "../../src/core/results"
import { Encoder } from "../../src/core/encoder"
import { Ring } from "../../src/core/ring"
import { BridgeUart } from "../../src/ports/bridge"
import { VirtualClock } from "../../sim/modem/clock"
import { Random } from "../../sim/modem/random"
import { noise } from "../driver/rig"
import { sleep } from "../../src/ports/naps"
import { GPIOMode, start, step } from "./devicescript"
import { bootFirmware, BridgeCore } from "./bridge-core"
import { ChipModel } from "../../simulator/bridge/sc16is7xx"

/** Sends and receives at the same time, and compares both. */
async function exchange(bridged: BridgeCore, total: number): Promise<void> {
    // the modem heeds RTS since it was told to
    const before = [bridged.model.lostBytes, bridged.port.overruns]
    const there = noise(1, total)
    const back = noise(2, total)
    const server = bridged.network.listen("10.0.0.1", 7, peer =>
        peer.send(Uint8Array.from(back))
    )
    const link = await bridged.connect("10.0.0.1", 7)
    bridged.send(link, there)
    const got: Buffer[] = []
    let read = 0
    await bridged.until(
        "all there",
        () => {
            if (link.failure !== Failure.None)
                throw new Error(Failure[link.failure])
            if (link.readable > 0) {
                const data = bridged.read(link)
                got.push(data)
                read += data.length
            }
            return read >= total && server.peer.received.length >= total
        },
        600_000
    )
    expect(Buffer.concat(got).equals(back)).toBe(true)
    expect(Buffer.from(server.peer.received).equals(there)).toBe(true)
    expect([bridged.model.lostBytes, bridged.port.overruns]).toEqual(before)
}

/**
 * Nothing runs for 100 ms, once in so many transactions on average.
 * @returns tells how often it was so
 */
function stallAtRandom(
    bridged: BridgeCore,
    seed: number,
    one: number
): () => number {
    const random = new Random(seed)
    let stalls = 0
    bridged.onTransaction = () => {
        if (random.next() >= 1 / one) return
        stalls++
        bridged.clock.advance(100)
    }
    return () => stalls
}

/**
 * Another fiber of the program keeps the driver from running for 100 ms, after so
 * many on average.
 * @returns tells how often it was so
 */
function keepFromRunning(
    bridged: BridgeCore,
    seed: number,
    after: number
): () => number {
    const random = new Random(seed)
    let stalls = 0
    void start(async () => {
        for (;;) {
            await sleep(2 * after * random.next())
            stalls++
            bridged.clock.advance(100)
        }
    })
    return () => stalls
}

describe("200 kB each way at 115200 baud", { timeout: 120_000 }, () => {
    test("with RTS and CTS, while the port is not served for 100 ms now and then", async () => {
        const bridged = await new BridgeCore().start()
        let stalls = 0
        bridged.onTurn = turn => {
            if (turn % 61 !== 0) return
            stalls++
            bridged.clock.advance(100)
        }
        await exchange(bridged, 200_000)
        expect(stalls).toBeGreaterThan(20)
    })

    test("on three wires", async () => {
        const bridged = await new BridgeCore({}, { flowControl: false }).start()
        await exchange(bridged, 200_000)
    })

    test.each([1, 2])(
        "on three wires, while another fiber runs for 100 ms at any moment (%i)",
        async seed => {
            const bridged = await new BridgeCore(
                {},
                { flowControl: false }
            ).start()
            const stalls = keepFromRunning(bridged, seed, 200)
            await exchange(bridged, 200_000)
            expect(stalls()).toBeGreaterThan(100)
        }
    )
})

test.each<[string, Partial<ModemConfig>]>([
    ["in hexadecimal digits", { reception: Reception.Hex }],
    ["a single connection", { multi: false }],
    ["sent means acknowledged", { quickSend: false }],
])(
    "three wires, while another fiber runs for 100 ms at any moment: %s",
    async (_, config) => {
        const bridged = await new BridgeCore(config, {
            flowControl: false,
        }).start()
        keepFromRunning(bridged, 5, 150)
        await exchange(bridged, 20_000)
    }
)

test("three wires, while another fiber runs for 100 ms at any moment: what six connections get is right", async () => {
    let whole = 0
    for (let seed = 1; seed <= 3; seed++) {
        const bridged = await new BridgeCore({}, { flowControl: false }).start()
        bridged.network.echo("10.0.0.1", 7)
        const links: Connection[] = []
        const got: Buffer[] = []
        const data: Buffer[] = []
        for (let i = 0; i < 6; i++) {
            links.push(await bridged.connect("10.0.0.1", 7))
            got.push(Buffer.alloc(0))
            data.push(noise(seed * 10 + i, 2000))
        }
        keepFromRunning(bridged, seed, 150)
        for (let i = 0; i < 6; i++) bridged.send(links[i], data[i])
        await bridged.until("all there", () => {
            for (let i = 0; i < 6; i++)
                if (links[i].readable > 0)
                    got[i] = Buffer.concat([got[i], bridged.read(links[i])])
            return links.every(
                (link, i) =>
                    link.failure !== Failure.None || got[i].length === 2000
            )
        })
        for (let i = 0; i < 6; i++) {
            const part = data[i].subarray(0, got[i].length)
            expect(got[i].equals(part)).toBe(true)
            // notices of all of them may come with an answer: it is told, then
            if (links[i].failure === Failure.None) whole++
        }
    }
    expect(whole).toBeGreaterThan(15)
})

test("three wires, and nobody serves the port in the midst of an answer: that is noticed", async () => {
    const bridged = await new BridgeCore({}, { flowControl: false }).start()
    const data = noise(3, 50_000)
    bridged.network.listen("10.0.0.1", 80, peer =>
        peer.send(Uint8Array.from(data))
    )
    const link = await bridged.connect("10.0.0.1", 80)
    let got = Buffer.alloc(0)
    const before = bridged.model.lostBytes
    bridged.onTransaction = () => {
        if (got.length > 5000 && bridged.model.lostBytes === before)
            bridged.clock.advance(100)
    }
    await bridged.until("failed", () => {
        if (link.readable > 0) got = Buffer.concat([got, bridged.read(link)])
        return link.failure !== Failure.None
    })
    expect(Failure[link.failure]).toBe("ReceiveTorn")
    expect(bridged.port.overruns).toBeGreaterThan(0)
    expect(got.equals(data.subarray(0, got.length))).toBe(true)
})

describe("three wires: what is lost when more comes than the FIFO holds", () => {
    /** Nothing runs for some time as soon as something holds, once. */
    function stallOnce(
        bridged: BridgeCore,
        when: () => boolean,
        ms = 100
    ): () => boolean {
        let stalled = false
        bridged.onTransaction = () => {
            if (stalled || !when()) return
            stalled = true
            bridged.clock.advance(ms)
        }
        return () => stalled
    }

    // the shorter ones leave the end of the answer
    test.each([8, 10, 12, 14, 16, 18, 20, 100])(
        "lines of AT+CIPSTATUS, %i ms: it is asked again, and nobody is believed to be gone",
        async ms => {
            const bridged = await new BridgeCore(
                {},
                { flowControl: false }
            ).start()
            bridged.network.echo("10.0.0.1", 7)
            const links = [
                await bridged.connect("10.0.0.1", 7),
                await bridged.connect("10.0.0.1", 7),
            ]
            const { core, model } = bridged
            const status = (): boolean =>
                core.channel.running === Command.Cipstatus && model.rx.used > 0
            const stalled = stallOnce(bridged, status, ms)
            const before = model.lostBytes
            audit(core.bearer, Math.floor(bridged.clock.now()))
            bridged.port.wake()
            await bridged.until("stalled", stalled)
            await bridged.until(
                "ready again",
                () => core.bearer.step === Command.None
            )
            expect(model.lostBytes).toBeGreaterThan(before)
            for (const link of links) {
                expect(link.state).toBe(LinkState.Connected)
                bridged.send(link, Buffer.from("still there"))
                await bridged.until("echoed", () => link.readable === 11)
            }
            expect(core.bearer.restarts).toBe(0)
        }
    )

    test.each([8, 12, 16, 20, 100])(
        "of the answer to a command of the application, %i ms: it has failed",
        async ms => {
            const bridged = await new BridgeCore(
                {},
                { flowControl: false }
            ).start()
            const request = new Request(bridged.core)
            const { model } = bridged
            const before = model.lostBytes
            stallOnce(
                bridged,
                () =>
                    request.state === RequestState.InFlight &&
                    model.rx.used > 0,
                ms
            )
            request.begin(
                "AT+CIPSTATUS",
                Final.Status,
                5000,
                Line.Unknown,
                5000
            )
            bridged.port.wake()
            await bridged.until(
                "done",
                () => request.state === RequestState.Done
            )
            expect(model.lostBytes).toBeGreaterThan(before)
            expect(request.outcome).toBe(Outcome.Timeout)
        }
    )

    test("what is said once: it is asked for at once", async () => {
        const bridged = await new BridgeCore(
            { receivePoll: 60_000 },
            { flowControl: false }
        ).start()
        const links: Connection[] = []
        const server = bridged.network.listen("10.0.0.1", 7)
        for (let i = 0; i < 6; i++)
            links.push(await bridged.connect("10.0.0.1", 7))
        await bridged.wait(1000)
        const before = bridged.model.lostBytes
        for (const peer of server.peers) peer.send("news")
        server.peers[5].end()
        bridged.clock.advance(100)
        const since = bridged.clock.now()
        await bridged.until(
            "all there",
            () =>
                links.every(link => link.readable === 4) &&
                links[5].failure === Failure.ClosedByPeer,
            5000
        )
        expect(bridged.model.lostBytes).toBeGreaterThan(before)
        expect(bridged.clock.now() - since).toBeLessThan(1500)
    })

    test("a datagram: it is lost, and the next one is not", async () => {
        const bridged = await new BridgeCore({}, { flowControl: false }).start()
        const peer = bridged.network.udp("10.0.0.1", 7)
        peer.onDatagram = bytes => peer.reply(bytes)
        const link = await bridged.connect("10.0.0.1", 7, true)
        const stalled = stallOnce(
            bridged,
            // in the midst of it
            () => bridged.core.ring.used > 100
        )
        bridged.send(link, Buffer.alloc(200, 0x41))
        await bridged.until("stalled", stalled)
        await bridged.until("dropped", () => link.dropped === 1)
        bridged.send(link, Buffer.from("next"))
        await bridged.until("echoed", () => link.readable > 0)
        expect(bridged.read(link).subarray(8).toString()).toBe("next")
    })

    /** Data that look like what the modem says, to somebody else. */
    const answer =
        "\r\nOK\r\n\r\n+CIPRXGET: 2,1,5,0\r\nwrong\r\nOK\r\n\r\n1, CLOSED\r\n"

    test.each([1, 2, 3, 4, 5, 6, 7, 8])(
        "data: what has been delivered is right, and it is told (%i)",
        async seed => {
            const bridged = await new BridgeCore(
                {},
                { flowControl: false }
            ).start()
            const data = Buffer.concat([
                noise(seed, 1000 + seed),
                Buffer.from(answer.repeat(60)),
                noise(seed + 1, 20_000),
            ])
            bridged.network.listen("10.0.0.1", 7, peer => {
                peer.send(Uint8Array.from(data))
            })
            bridged.network.listen("10.0.0.1", 8)
            const link = await bridged.connect("10.0.0.1", 7)
            const other = await bridged.connect("10.0.0.1", 8)
            const stalls = stallAtRandom(bridged, seed, 60)
            let got = Buffer.alloc(0)
            await bridged.until("over", () => {
                if (link.readable > 0)
                    got = Buffer.concat([got, bridged.read(link)])
                return link.failure !== Failure.None
            })
            expect(Failure[link.failure]).toBe("ReceiveTorn")
            expect(stalls()).toBeGreaterThan(0)
            expect(got.equals(data.subarray(0, got.length))).toBe(true)
            await bridged.wait(20_000)
            expect(other.received).toBe(0)
            expect(other.failure).toBe(Failure.None)
        }
    )
})

describe("the start", () => {
    test.each([
        ["on three wires", false, 1],
        ["on three wires", false, 2],
        ["with RTS and CTS, which the modem does not heed yet", true, 1],
        ["with RTS and CTS, which the modem does not heed yet", true, 2],
    ])(
        "%s, while nothing runs for 100 ms now and then",
        async (_, flowControl, seed) => {
            const bridged = new BridgeCore({}, { flowControl })
            const stalls = stallAtRandom(bridged, seed, 20)
            await bridged.start()
            expect(stalls()).toBeGreaterThan(5)
            bridged.network.echo("10.0.0.1", 7)
            const link = await bridged.connect("10.0.0.1", 7)
            bridged.send(link, Buffer.from("hello"))
            await bridged.until("echoed", () => link.readable === 5)
            expect(bridged.read(link).toString()).toBe("hello")
        }
    )
})

test("a chip that does not answer now and then, in the midst of data", async () => {
    const bridged = await new BridgeCore().start()
    bridged.onTurn = turn => {
        if (turn % 10 === 0) bridged.model.nacks = 1 + (turn % 4)
    }
    await exchange(bridged, 30_000)
    expect(bridged.port.chip.busErrors).toBeGreaterThan(20)
    expect(bridged.port.chip.resets).toBe(0)
})

test("a chip that is reset while nothing is under way: nobody notices but the counter", async () => {
    const bridged = await new BridgeCore().start()
    bridged.network.echo("10.0.0.1", 7)
    const link = await bridged.connect("10.0.0.1", 7)
    await bridged.wait(3000)
    bridged.model.reset()
    await bridged.wait(1000)
    expect(bridged.port.chip.resets).toBe(1)
    bridged.send(link, Buffer.from("still there"))
    await bridged.until("echoed", () => link.readable === 11)
    expect(bridged.read(link).toString()).toBe("still there")
    expect(link.state).toBe(LinkState.Connected)
})

/** A port alone, on its chip. */
async function alone(
    options: Partial<ConstructorParameters<typeof BridgeUart>[0]>
) {
    const clock = new VirtualClock()
    bootFirmware(clock)
    const model = new ChipModel(0, true)
    const port = new BridgeUart({ bus: model, ...options })
    const ring = new Ring(256)
    await port.open(ring, new Encoder(), 115200)
    /** Lets time pass until something is over. */
    const over = async (what: Promise<void>): Promise<void> => {
        let pending = true
        const end = what.finally(() => (pending = false))
        while (pending) await step(() => !pending)
        await end
    }
    /** Waits until the port says that there is something. */
    const wait = (ms: number): Promise<void> => over(port.wait(ms))
    return { clock, model, over, port, ring, wait }
}

describe("RI", () => {
    test.each([
        ["bridge", 50],
        ["bridge", 120],
        ["pin", 50],
        ["pin", 120],
    ])("at the %s: a pulse of %i ms is told", async (where, length) => {
        const pin = { value: 1, setMode: () => undefined }
        for (let offset = 0; offset < 40; offset += 3) {
            const { clock, model, port, wait } = await alone({
                ri: where === "bridge" ? "bridge" : pin,
            })
            const drive = (low: boolean): void => {
                model.setRi(low)
                pin.value = low ? 0 : 1
            }
            clock.after(500 + offset, () => drive(true))
            clock.after(500 + offset + length, () => drive(false))
            while (port.riPulse === 0 && clock.now() < 2000) await wait(1000)
            expect(Math.abs(port.riPulse - length)).toBeLessThan(20)
        }
    })

    test.each(["bridge", "pin"])(
        "at the %s: low as long as a call rings, then 120 ms for a message",
        async where => {
            const pin = { value: 1, setMode: () => undefined }
            const bridged = new BridgeCore(
                {},
                { ri: where === "bridge" ? "bridge" : pin }
            )
            const { model, port, sim } = bridged
            sim.dte.onRi = low => {
                model.setRi(low)
                pin.value = low ? 0 : 1
            }
            await bridged.start()
            bridged.network.echo("10.0.0.1", 7)
            const link = await bridged.connect("10.0.0.1", 7)
            sim.call("+491701234567")
            bridged.send(link, noise(1, 4000))
            await bridged.until("echoed", () => link.readable > 1000)
            await bridged.wait(5000)
            expect(port.riPulse).toBe(0)
            const since = bridged.clock.now()
            sim.hangUp()
            await bridged.until("over", () => port.riPulse > 0)
            expect(bridged.clock.now() - since).toBeLessThan(20)
            expect(port.riPulse).toBeGreaterThan(5000)
            port.riPulse = 0
            sim.receiveMessage({ from: "+491701234567", text: "hello" })
            await bridged.until("told", () => port.riPulse > 0)
            expect(Math.abs(port.riPulse - 120)).toBeLessThan(20)
        }
    )

    test("a pulse that nobody saw is known to have been", async () => {
        const { clock, model, port, wait } = await alone({ ri: "bridge" })
        await wait(100)
        model.setRi(true)
        clock.advance(50)
        model.setRi(false)
        await wait(100)
        expect(port.riPulse).toBeGreaterThan(0)
    })
})

test("waiting ends with data, with DCD, with wake(), and with the time", async () => {
    const { clock, model, port, ring, wait } = await alone({ dcd: "bridge" })
    let since = clock.now()
    const passed = (): number => {
        const ms = clock.now() - since
        since = clock.now()
        return ms
    }
    await wait(1000)
    expect(passed()).toBeCloseTo(1000, -1)
    clock.after(300, () => model.arrive(0x41, 0))
    await wait(1000)
    expect(passed()).toBeLessThan(325)
    expect(ring.used).toBe(1)
    clock.after(300, () => model.setDcd(true))
    await wait(1000)
    expect(passed()).toBeLessThan(340)
    expect(port.dcd).toBe(true)
    clock.after(300, () => port.wake())
    await wait(1000)
    expect(passed()).toBeLessThan(301)
})

test("a prompt ends it at once, half a line only if no more of it comes", async () => {
    const until = async (text: string): Promise<number> => {
        const { clock, model, wait } = await alone({})
        const since = clock.now()
        clock.after(300, () => {
            for (const byte of Buffer.from(text)) model.arrive(byte, 0)
        })
        await wait(1000)
        return clock.now() - since
    }
    expect(await until("\r\n>")).toBeLessThan(await until("\r\nO"))
    expect(await until("\r\n>")).toBeLessThan(await until("\r\n"))
})

describe("transparent mode: what has been sent arrives", () => {
    /** Sends, and does something at the moment when it is done. */
    async function sent(
        options: Partial<ModemConfig>,
        text: string,
        then: (bridged: BridgeCore, data: DataMode, link: Connection) => void
    ) {
        const bridged = new BridgeCore({
            multi: false,
            reception: Reception.Push,
            transparent: true,
            ring: 4096,
            ...options,
        })
        const data = new DataMode(bridged.core)
        await bridged.start()
        const server = bridged.network.listen("10.0.0.1", 7, () => undefined)
        const link = await bridged.connect("10.0.0.1", 7)
        await bridged.wait(5000)
        const poll = bridged.core.poll.bind(bridged.core)
        bridged.core.poll = now => {
            poll(now)
            if (link.sendState !== SendState.Done) return
            bridged.core.poll = poll
            then(bridged, data, link)
            bridged.port.wake()
        }
        return {
            bridged,
            data,
            send: () => bridged.send(link, Buffer.from(text)),
            server,
        }
    }

    const hundred = "0123456789".repeat(10)

    test.each([
        [115200, true, "leave"],
        [9600, true, "leave"],
        [115200, true, "close"],
        [9600, true, "close"],
        [115200, false, "leave"],
        [9600, false, "close"],
    ])("%d baud, DTR %s, %s at once", async (baud, dtr, how) => {
        const { bridged, data, send, server } = await sent(
            { baud, dtr },
            hundred,
            (bridged, data, link) => {
                if (how === "leave") data.leave()
                else bridged.core.links.close(link, bridged.clock.now() | 0)
            }
        )
        send()
        await bridged.until("left", () => !data.mode.active(), 10_000)
        await bridged.wait(1000)
        expect(server.peer.text).toBe(hundred)
    })

    test.each([true, false])("CTS is off meanwhile, DTR %s", async dtr => {
        const { bridged, data, send, server } = await sent(
            { dtr },
            "held up",
            (_, data) => data.leave()
        )
        bridged.model.setCts(false)
        send()
        await bridged.until(
            "wanted",
            () => data.mode.state === DataState.Silence
        )
        await bridged.wait(5000)
        bridged.model.setCts(true)
        await bridged.until("left", () => !data.mode.active(), 10_000)
        expect(server.peer.text).toBe("held up")
    })
})

test("an idle port asks the chip 50 times a second, a busy one as the FIFO fills", async () => {
    const { model, wait } = await alone({})
    await wait(500)
    const before = model.transactions
    await wait(1000)
    // and looks for line errors
    expect(model.transactions - before).toBeLessThan(65)
})

test("DTR, DCD and RESET at pins of the microcontroller", async () => {
    const edges: string[] = []
    const pin = (name: string) => ({
        value: 1,
        setMode: (mode: number) => edges.push(`${name} ${GPIOMode[mode]}`),
    })
    const { over, port } = await alone({
        dtr: pin("DTR"),
        dcd: pin("DCD"),
        reset: pin("RESET"),
    })
    port.setDtr(false)
    await over(port.reset())
    expect(edges).toEqual([
        "DTR OutputLow",
        "DCD InputPullUp",
        "RESET Input",
        "DTR OutputHigh",
        "RESET OutputLow",
        "RESET Input",
    ])
})

test("RESET at a GPIO of the bridge", async () => {
    const { over, model, port } = await alone({ dtr: "bridge", reset: 1 })
    const reset = port.reset()
    expect([model.ioDir & 2, model.ioState & 2]).toEqual([2, 0])
    await over(reset)
    expect(model.ioDir & 2).toBe(0)
    await expect(alone({ dtr: "bridge", reset: 5 })).rejects.toThrow(
        'argument "reset": GPIO5 of the bridge is a modem line'
    )
    for (const reset of [8, -1, 1.5])
        await expect(alone({ reset })).rejects.toThrow(
            `argument "reset": ${reset} is not a whole number 0–7`
        )
    await expect(alone({ reset: 7, powerKey: 5 })).resolves.toBeDefined()
})

test("no chip: the error says what to check", async () => {
    const model = new ChipModel(0, true)
    model.nacks = 1000
    const port = new BridgeUart({ bus: model })
    await expect(
        port.open(new Ring(256), new Encoder(), 115200)
    ).rejects.toThrow("no SC16IS7xx answers: check its address")
})
