/** The port for real boards, with the model of the chip and the virtual SIM800. */
import { describe, expect, test } from "vitest"
import { LinkState } from "../../src/core/connection"
import { Failure } from "../../src/core/errors"
import { Ring } from "../../src/core/ring"
import { BridgeUart } from "../../src/ports/bridge"
import { VirtualClock } from "../../sim/modem/clock"
import { noise } from "../driver/rig"
import { GPIOMode, resumed, useClock } from "./devicescript"
import { BridgeRig } from "./rig"
import { ChipModel } from "../../sim/bridge/sc16is7xx"

/** Sends and receives at the same time, and compares both. */
async function exchange(rig: BridgeRig, total: number): Promise<void> {
    // the modem heeds RTS since it was told to
    const before = [rig.model.lostBytes, rig.port.overruns]
    const there = noise(1, total)
    const back = noise(2, total)
    const server = rig.network.listen("10.0.0.1", 7, peer =>
        peer.send(Uint8Array.from(back))
    )
    const link = await rig.connect("10.0.0.1", 7)
    rig.send(link, there)
    const got: Buffer[] = []
    let read = 0
    await rig.until(
        "all there",
        () => {
            if (link.failure !== Failure.None)
                throw new Error(Failure[link.failure])
            if (link.readable > 0) {
                const data = rig.read(link)
                got.push(data)
                read += data.length
            }
            return read >= total && server.peer.received.length >= total
        },
        600_000
    )
    expect(Buffer.concat(got).equals(back)).toBe(true)
    expect(Buffer.from(server.peer.received).equals(there)).toBe(true)
    expect([rig.model.lostBytes, rig.port.overruns]).toEqual(before)
}

describe("200 kB each way at 115200 baud", { timeout: 120_000 }, () => {
    test("with RTS and CTS, while the port is not served for 100 ms now and then", async () => {
        const rig = await new BridgeRig().start()
        let stalls = 0
        rig.onTurn = turn => {
            if (turn % 97 !== 0) return
            stalls++
            rig.clock.advance(100)
        }
        await exchange(rig, 200_000)
        expect(stalls).toBeGreaterThan(20)
    })

    test("on three wires", async () => {
        const rig = await new BridgeRig({}, { flowControl: false }).start()
        await exchange(rig, 200_000)
    })
})

test("three wires, and nobody serves the port in the midst of an answer: that is noticed", async () => {
    const rig = await new BridgeRig({}, { flowControl: false }).start()
    const data = noise(3, 50_000)
    rig.network.listen("10.0.0.1", 80, peer => peer.send(Uint8Array.from(data)))
    const link = await rig.connect("10.0.0.1", 80)
    let got = Buffer.alloc(0)
    const before = rig.model.lostBytes
    rig.onTurn = () => {
        if (got.length > 5000 && rig.model.lostBytes === before)
            rig.clock.advance(100)
    }
    await rig.until("failed", () => {
        if (link.readable > 0) got = Buffer.concat([got, rig.read(link)])
        return link.failure !== Failure.None
    })
    expect(Failure[link.failure]).toBe("ReceiveTorn")
    expect(rig.port.overruns).toBeGreaterThan(0)
    expect(got.equals(data.subarray(0, got.length))).toBe(true)
})

test("a chip that does not answer now and then, in the midst of data", async () => {
    const rig = await new BridgeRig().start()
    rig.onTurn = turn => {
        if (turn % 50 === 0) rig.model.nacks = 1 + (turn % 4)
    }
    await exchange(rig, 30_000)
    expect(rig.port.chip.busErrors).toBeGreaterThan(20)
    expect(rig.port.chip.resets).toBe(0)
})

test("a chip that is reset while nothing is under way: nobody notices but the counter", async () => {
    const rig = await new BridgeRig().start()
    rig.network.echo("10.0.0.1", 7)
    const link = await rig.connect("10.0.0.1", 7)
    await rig.wait(3000)
    rig.model.reset()
    await rig.wait(1000)
    expect(rig.port.chip.resets).toBe(1)
    rig.send(link, Buffer.from("still there"))
    await rig.until("echoed", () => link.readable === 11)
    expect(rig.read(link).toString()).toBe("still there")
    expect(link.state).toBe(LinkState.Connected)
})

/** A port alone, on its chip. */
async function alone(
    options: Partial<ConstructorParameters<typeof BridgeUart>[0]>
) {
    const clock = new VirtualClock()
    useClock(clock)
    const model = new ChipModel(0, true)
    const port = new BridgeUart({ bus: model, ...options })
    const ring = new Ring(256)
    await port.open(ring, 115200)
    /** Waits until the port says that there is something. */
    const wait = async (ms: number): Promise<void> => {
        let over = false
        const end = port.wait(ms).then(() => (over = true))
        while (!over) {
            await new Promise(done => setImmediate(done))
            const before = resumed()
            if (!over) clock.runUntil(() => resumed() !== before, 1000)
        }
        await end
    }
    return { clock, model, port, ring, wait }
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
    port.receive()
    expect(ring.used).toBe(1)
    clock.after(300, () => model.setDcd(true))
    await wait(1000)
    expect(passed()).toBeLessThan(340)
    expect(port.dcd).toBe(true)
    clock.after(300, () => port.wake())
    await wait(1000)
    expect(passed()).toBeLessThan(301)
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
    const { clock, port } = await alone({
        dtr: pin("DTR"),
        dcd: pin("DCD"),
        reset: pin("RESET"),
    })
    port.setDtr(false)
    const reset = port.reset()
    clock.advance(150)
    await reset
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
    const { clock, model, port } = await alone({ dtr: "bridge", reset: 1 })
    const reset = port.reset()
    expect([model.ioDir & 2, model.ioState & 2]).toEqual([2, 0])
    clock.advance(150)
    await reset
    expect(model.ioDir & 2).toBe(0)
    await expect(alone({ dtr: "bridge", reset: 5 })).rejects.toThrow(
        'option "reset": GPIO5 of the bridge is a modem line'
    )
})

test("no chip: the error says what to check", async () => {
    const model = new ChipModel(0, true)
    model.nacks = 1000
    const port = new BridgeUart({ bus: model })
    await expect(port.open(new Ring(256), 115200)).rejects.toThrow(
        "no SC16IS7xx answers: check its address"
    )
})
