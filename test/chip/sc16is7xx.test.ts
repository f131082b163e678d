/** The bridge's driver and the model of the chip, as transcripts of the bus. */
import "../../src/node/buffer"
import { expect, test } from "vitest"
import { Encoder } from "../../src/core/encoder"
import { Ring } from "../../src/core/ring"
import { divisorFor } from "../../src/ports/baud"
import {
    LSR_BREAK,
    LSR_FRAMING,
    LSR_PARITY,
    Sc16is7xx,
    type ChipOptions,
} from "../../src/ports/sc16is7xx"
import { ChipModel } from "../../simulator/bridge/sc16is7xx"

interface Bench {
    model: ChipModel
    chip: Sc16is7xx
    ring: Ring
    /** what was on the bus since it was asked for last */
    bus: () => string[]
}

function bench(options: Partial<ChipOptions> = {}, baud = 115200): Bench {
    const settings = {
        channel: 0,
        crystal: 14745600,
        modemPins: true,
        flowControl: true,
        ...options,
    }
    const model = new ChipModel(settings.channel, settings.modemPins)
    let log: string[] = []
    model.onAccess = text => log.push(text)
    const chip = new Sc16is7xx(model, settings)
    expect(chip.setup(baud)).toBe(true)
    const bus = (): string[] => {
        const was = log
        log = []
        return was
    }
    return { model, chip, ring: new Ring(256), bus }
}

function hear(model: ChipModel, text: string): void {
    for (const byte of Buffer.from(text, "latin1")) model.arrive(byte, 0)
}

function said(model: ChipModel): string {
    let text = ""
    for (;;) {
        const byte = model.depart()
        if (byte < 0) return text
        text += String.fromCharCode(byte)
    }
}

function read(ring: Ring): string {
    const bytes = Buffer.alloc(ring.used)
    ring.pull(bytes, 0, bytes.length)
    return bytes.toString("latin1")
}

/** @returns how many bytes have come */
function receive(chip: Sc16is7xx, ring: Ring): number {
    const { used } = ring
    chip.exchange(ring, new Encoder())
    return ring.used - used
}

/** A ring that has no room. */
function full(): Ring {
    const ring = new Ring(2)
    ring.used = 2
    return ring
}

/** @returns how many bytes the chip has taken */
function transmit(
    chip: Sc16is7xx,
    source: Buffer,
    at: number,
    left: number
): number {
    const output = { source, at, left, tell: false, drain: false }
    chip.exchange(full(), output)
    return output.at - at
}

test("setting up: scratchpad, divisor, levels, pins, 8N1, empty FIFOs", () => {
    const { bus, model } = bench()
    expect(bus()).toEqual([
        "write LCR 02",
        "write MCR 03",
        "write SPR 5a",
        "read SPR 5a",
        "write SPR a5",
        "read SPR a5",
        "write LCR 80",
        "write DLL 08",
        "write DLH 00",
        "write LCR bf",
        "write EFR d0",
        "write LCR 02",
        "write MCR 07",
        "write TCR ce",
        "write MCR 03",
        "write IER 00",
        "write FCR 01",
        "read IOControl 00",
        "write IOControl 02",
        "write LCR 03",
        "write FCR 07",
    ])
    expect([model.rts, model.dtr, model.divisor]).toEqual([true, true, 8])
})

test("a 740 on three wires: no pins, no automatic RTS and CTS", () => {
    const { bus, model } = bench({ modemPins: false, flowControl: false }, 9600)
    const log = bus()
    expect(log).toContain("write EFR 10")
    expect(log.join()).not.toContain("IOControl")
    expect(model.divisor).toBe(96)
})

test("channel B leaves the pins of channel A alone", () => {
    const { bus } = bench({ channel: 1 })
    expect(bus()).toContain("write IOControl 04")
})

test.each([
    [14745600, 115200, 8],
    [14745600, 460800, 2],
    [1843200, 115200, 1],
    [1843200, 1200, 96],
    [12000000, 57600, 13],
    [12000000, 9600, 78],
])("a crystal of %i Hz at %i baud: divisor %i", (crystal, baud, divisor) => {
    expect(divisorFor(crystal, baud)).toBe(divisor)
})

test.each([
    [12000000, 115200, "use 57600 baud"],
    [1843200, 460800, "use 115200 baud"],
    [24000000, 460800, "use 115200 baud"],
    [5000, 9600, "check the crystal's frequency"],
])("a crystal of %i Hz can not make %i baud: %s", (crystal, baud, hint) => {
    expect(() => divisorFor(crystal, baud)).toThrow(hint)
    expect(() => bench({ crystal }, baud)).toThrow(`${crystal} Hz`)
})

test("receiving: the level, then all of it in one transaction", () => {
    const { model, chip, ring, bus } = bench()
    bus()
    hear(model, "\r\nOK\r\n")
    expect(receive(chip, ring)).toBe(6)
    expect(bus()).toEqual(["read RXLVL 06", "read RHR 0d 0a 4f 4b 0d 0a"])
    expect(read(ring)).toBe("\r\nOK\r\n")
    expect(receive(chip, ring)).toBe(0)
    expect(bus()).toEqual(["read RXLVL 00"])
})

test("every length arrives whole, around the end of the ring", () => {
    const { model, chip, ring } = bench({ flowControl: false })
    for (let length = 1; length <= 64; length++) {
        const text = String.fromCharCode(...Array(length).keys())
        hear(model, text)
        while (receive(chip, ring) > 0);
        expect(read(ring)).toBe(text)
    }
    expect(chip.overruns).toBe(0)
})

test("what finds no room in the ring stays in the chip", () => {
    const { model, chip, bus } = bench()
    const ring = new Ring(8)
    hear(model, "123456789abc")
    expect(receive(chip, ring)).toBe(8)
    bus()
    expect(receive(chip, ring)).toBe(0)
    expect(bus()).toEqual(["read RXLVL 04"])
    expect(read(ring)).toBe("12345678")
    receive(chip, ring)
    expect(read(ring)).toBe("9abc")
})

test("RTS goes off at 56 bytes, and on again at 48", () => {
    const { model, chip, ring } = bench()
    const edges: string[] = []
    model.onPins = () =>
        edges.push(`${model.rts ? "on" : "off"} at ${model.rx.used}`)
    hear(model, "x".repeat(60))
    receive(chip, ring)
    expect(edges).toEqual(["off at 56", "on at 48"])
})

test("an overrun is noticed at once, and counted once", () => {
    const { model, chip, ring, bus } = bench({ flowControl: false })
    hear(model, "x".repeat(66))
    bus()
    expect(receive(chip, ring)).toBe(64)
    expect(chip.overruns).toBe(1)
    expect(bus().at(-1)).toBe("read LSR 62")
    chip.check()
    expect(chip.overruns).toBe(1)
    expect(model.lostBytes).toBe(2)
})

test("line errors are found by the look that is taken now and then", () => {
    const { model, chip, bus } = bench()
    bus()
    model.arrive(0x41, LSR_PARITY)
    model.arrive(0x42, LSR_FRAMING)
    chip.check()
    expect(bus()).toEqual(["read LCR 03", "read LSR 6d"])
    model.arrive(0, LSR_BREAK | LSR_FRAMING)
    chip.check()
    expect([chip.parity, chip.framing, chip.breaks]).toEqual([1, 1, 1])
})

test("idle: the last byte is on the wire", () => {
    const { model, chip } = bench()
    expect(chip.check()).toBe(true)
    transmit(chip, Buffer.from("AT"), 0, 2)
    expect(chip.check()).toBe(false)
    model.depart()
    model.depart()
    // it is in the shift register
    model.arrive(0, LSR_BREAK)
    expect(chip.check()).toBe(false)
    expect(chip.breaks).toBe(1)
    model.depart()
    expect(chip.check()).toBe(true)
    model.nacks = 1
    expect(chip.check()).toBe(false)
    expect(chip.check()).toBe(false)
})

test("transmitting: the room is asked for when it is not known to be enough", () => {
    const { model, chip, bus } = bench()
    bus()
    const at = Buffer.from("..AT\r")
    expect(transmit(chip, at, 2, 3)).toBe(3)
    expect(transmit(chip, at, 2, 3)).toBe(3)
    expect(bus()).toEqual([
        "read RXLVL 00",
        "read TXLVL 40",
        "write THR 41 54 0d",
        "read RXLVL 00",
        "write THR 41 54 0d",
    ])
    expect(said(model)).toBe("AT\rAT\r")
})

test("a long text goes out in blocks, none of them a crumb", () => {
    const { model, chip } = bench()
    const text = "The quick brown fox jumps over the lazy dog. ".repeat(9)
    const bytes = Buffer.from(text)
    const sizes = new Set<number>()
    let heard = ""
    for (let at = 0; at < bytes.length;) {
        const n = transmit(chip, bytes, at, bytes.length - at)
        at += n
        if (n > 0 && at < bytes.length) sizes.add(n)
        for (let i = 0; i < 5; i++) {
            const byte = model.depart()
            if (byte >= 0) heard += String.fromCharCode(byte)
        }
    }
    expect(heard + said(model)).toBe(text)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(16)
})

test("CTS off stops the chip by itself", () => {
    const { model, chip } = bench()
    model.setCts(false)
    transmit(chip, Buffer.from("data"), 0, 4)
    expect(said(model)).toBe("")
    model.setCts(true)
    expect(said(model)).toBe("data")
})

test("lines: DCD, RI and the pulse that ended unseen", () => {
    const { model, chip, bus } = bench()
    model.setDcd(true)
    model.setRi(true)
    chip.lines()
    expect([chip.dcd, chip.ri, chip.cts]).toEqual([true, true, true])
    expect(chip.riEnded).toBe(false)
    model.setRi(false)
    bus()
    chip.lines()
    expect(bus()).toEqual(["read MSR 94"])
    expect([chip.ri, chip.riEnded]).toEqual([false, true])
    chip.riEnded = false
    chip.lines()
    expect(chip.riEnded).toBe(false)
})

test("DTR follows, and leaves RTS as it is", () => {
    const { model, chip, bus } = bench()
    bus()
    chip.setDtr(false)
    expect([model.dtr, model.rts]).toEqual([false, true])
    chip.setDtr(true)
    expect(model.dtr).toBe(true)
    expect(bus()).toEqual(["write MCR 02", "write MCR 03"])
})

test("pins of the chip: driven low, let go", () => {
    const { model, chip } = bench()
    chip.setPin(1, 0)
    expect([model.ioDir, model.ioState]).toEqual([2, 0])
    chip.setPin(0, 1)
    expect([model.ioDir, model.ioState]).toEqual([3, 1])
    chip.setPin(1, -1)
    expect([model.ioDir, model.ioState]).toEqual([1, 1])
})

test("pins of the chip: one that is let go of while the chip does not answer", () => {
    const { model, chip, ring } = bench()
    chip.setPin(1, 0)
    model.nacks = 1
    chip.setPin(1, -1)
    expect([chip.lost, model.ioDir]).toEqual([true, 2])
    receive(chip, ring)
    expect([chip.lost, model.ioDir]).toEqual([false, 0])
    // what nobody has ever driven is left alone
    const other = bench()
    other.bus()
    other.model.nacks = 1
    other.chip.check()
    other.chip.recover()
    expect(other.bus()).toEqual(["no answer", "read LCR 03", "write MCR 03"])
})

test("pins of the chip: both channels of a 752 drive theirs", () => {
    const { model, chip } = bench()
    const settings = { crystal: 14745600, modemPins: false, flowControl: true }
    const other = new Sc16is7xx(model, { ...settings, channel: 1 })
    chip.setPin(0, 0)
    other.setPin(1, 1)
    expect([model.ioDir, model.ioState]).toEqual([3, 2])
    chip.setPin(0, -1)
    expect([model.ioDir, model.ioState]).toEqual([2, 2])
    other.setPin(1, 0)
    other.setPin(2, 0)
    chip.setPin(0, 1)
    expect([model.ioDir, model.ioState]).toEqual([7, 1])
    // what the chip has forgotten each brings back for itself
    model.reset()
    chip.recover()
    expect(model.ioDir).toBe(1)
})

test("loopback: what is sent comes back, the line hears nothing", () => {
    const { model, chip, ring } = bench()
    chip.setLoopback(true)
    transmit(chip, Buffer.from("here"), 0, 4)
    receive(chip, ring)
    expect(read(ring)).toBe("here")
    expect(said(model)).toBe("")
    chip.setLoopback(false)
    transmit(chip, Buffer.from("there"), 0, 5)
    expect(said(model)).toBe("there")
})

test("no answer once: nothing is lost, nothing is set up anew", () => {
    const { model, chip, ring, bus } = bench()
    hear(model, "kept")
    bus()
    model.nacks = 1
    expect(receive(chip, ring)).toBe(0)
    expect(receive(chip, ring)).toBe(4)
    expect(bus()).toEqual([
        "no answer",
        "read LCR 03",
        "write MCR 03",
        "read RXLVL 04",
        "read RHR 6b 65 70 74",
    ])
    model.nacks = 1
    expect(transmit(chip, Buffer.from("out"), 0, 3)).toBe(0)
    expect(transmit(chip, Buffer.from("out"), 0, 3)).toBe(3)
    expect(said(model)).toBe("out")
    expect([chip.busErrors, chip.resets]).toEqual([2, 0])
})

test("a chip that was reset gets its settings again, DTR among them", () => {
    const { model, chip, ring, bus } = bench()
    chip.setDtr(false)
    model.reset()
    chip.check()
    expect(chip.resets).toBe(1)
    expect([model.rts, model.dtr]).toEqual([true, false])
    bus()
    hear(model, "again")
    receive(chip, ring)
    expect(read(ring)).toBe("again")
    transmit(chip, Buffer.from("too"), 0, 3)
    expect(said(model)).toBe("too")
})

test("a chip that stops answering in the midst of being set up", () => {
    for (let step = 0; step < 25; step++) {
        const { model, chip, ring } = bench()
        model.reset()
        const before = model.transactions
        // the step that fails, if there are so many
        model.onAccess = () => {
            if (model.transactions - before === step) model.nacks = 1
        }
        chip.check()
        receive(chip, full())
        receive(chip, full())
        hear(model, "x")
        receive(chip, ring)
        receive(chip, ring)
        expect(read(ring), `step ${step}`).toBe("x")
        expect([model.rts, model.dtr, model.divisor]).toEqual([true, true, 8])
    }
})

test.each([0x00, 0xff])("a bus that nobody drives, reading %i", level => {
    const { model, chip, ring } = bench()
    model.floating = level
    for (let i = 0; i < 3; i++) {
        chip.check()
        receive(chip, ring)
    }
    expect(chip.lost).toBe(true)
    expect(ring.used).toBe(0)
    model.floating = undefined
    hear(model, "back")
    receive(chip, ring)
    expect(read(ring)).toBe("back")
})

test("no answer to the first word of a new rate, none to DTR: both come to pass", () => {
    const { model, chip } = bench()
    model.nacks = 1
    expect(chip.setup(9600)).toBe(false)
    receive(chip, full())
    expect(model.divisor).toBe(96)
    model.nacks = 1
    chip.setDtr(false)
    expect(model.dtr).toBe(true)
    receive(chip, full())
    expect(model.dtr).toBe(false)
})

test("software reset is not acknowledged", () => {
    const { model } = bench()
    expect(model.write(Buffer.from([14 << 3, 8]))).toBe(false)
    const lcr = Buffer.alloc(1)
    model.read(3 << 3, lcr)
    expect(lcr[0]).toBe(0x1d)
})

test("no chip at all", () => {
    const model = new ChipModel(0, true)
    model.nacks = 1000
    const chip = new Sc16is7xx(model, {
        channel: 0,
        crystal: 14745600,
        modemPins: true,
        flowControl: true,
    })
    expect(chip.setup(115200)).toBe(false)
    expect(chip.lost).toBe(true)
})
