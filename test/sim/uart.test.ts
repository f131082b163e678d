import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { textOf } from "../../sim/modem/bytes"
import { VirtualClock } from "../../sim/modem/clock"
import { spell, unspell } from "../../sim/modem/trace"
import { Uart } from "../../sim/modem/uart"

const chunks = { chunkMs: 1, chunkBytes: Infinity }
/** Ten bit times at 115200 baud, ms. */
const BYTE = 10_000 / 115_200

function makeUart(options = chunks) {
    const clock = new VirtualClock()
    const uart = new Uart(clock, 115200, options)
    uart.dce.switchOn()
    const atDce: number[] = []
    const atDte: number[] = []
    const dteChunks: number[] = []
    uart.dce.onData = bytes => atDce.push(...bytes)
    uart.dte.onData = bytes => {
        atDte.push(...bytes)
        dteChunks.push(bytes.length)
    }
    return { clock, uart, atDce, atDte, dteChunks }
}

const bytes = (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, (_, i) => i & 0xff)

describe("pacing", () => {
    test("1000 bytes at 115200 take 1000 times 86.8 µs, both ways at once", () => {
        const { clock, uart, atDce, atDte } = makeUart()
        uart.dte.write(bytes(1000))
        uart.dce.write(bytes(1000))
        clock.advance(1000 * BYTE - 0.01)
        expect(atDce.length).toBeLessThan(1000)
        expect(atDte.length).toBeLessThan(1000)
        clock.advance(0.02)
        expect(atDce).toEqual([...bytes(1000)])
        expect(atDte).toEqual([...bytes(1000)])
        expect(clock.now()).toBeCloseTo(86.8, 1)
    })

    test.each([1200, 9600, 57600, 460800])("%i baud", baud => {
        const { clock, uart, atDce } = makeUart()
        uart.dte.setBaud(baud)
        uart.dce.setBaud(baud)
        uart.dte.write(bytes(100))
        clock.advance((100 * 10_000) / baud - 0.01)
        expect(atDce.length).toBeLessThan(100)
        clock.advance(0.02)
        expect(atDce.length).toBe(100)
    })

    // a double is exact to 1e-7 ms after a week, to 4e-6 ms after a year
    test.each([1, 7, 365])("so it is after %i days", days => {
        const start = days * 86_400_000
        for (const rest of [0, 0.0651041, 0.1, 1 / 3, 0.7]) {
            const { clock, uart, atDce } = makeUart()
            uart.dte.setBaud(460800)
            uart.dce.setBaud(460800)
            clock.advance(start + rest)
            for (let i = 1; i <= 200; i++) {
                uart.dte.write(bytes(i % 7))
                clock.advance(0.3)
            }
            expect(atDce.length).toBe(598)
        }
    })

    test("bytes come in groups of about 1 ms", () => {
        const { clock, uart, dteChunks } = makeUart()
        uart.dce.write(bytes(100))
        clock.advance(100)
        expect(Math.max(...dteChunks)).toBe(12)
    })

    test("or in groups no larger than asked for", () => {
        const { clock, uart, atDte, dteChunks } = makeUart({
            chunkMs: 10,
            chunkBytes: 3,
        })
        uart.dce.write(bytes(100))
        clock.advance(100)
        expect(Math.max(...dteChunks)).toBe(3)
        expect(atDte).toEqual([...bytes(100)])
    })

    test("or each at its own time", () => {
        const { clock, uart, dteChunks } = makeUart({
            chunkMs: 0,
            chunkBytes: Infinity,
        })
        uart.dce.write(bytes(100))
        clock.advance(100)
        expect(dteChunks).toEqual(Array(100).fill(1))
    })

    test("a line that was idle starts anew", () => {
        const { clock, uart, atDte } = makeUart()
        uart.dce.write(bytes(1))
        clock.advance(50)
        uart.dce.write(bytes(1))
        clock.advance(BYTE * 0.9)
        expect(atDte.length).toBe(1)
        clock.advance(BYTE * 0.2)
        expect(atDte.length).toBe(2)
    })

    test("late timers do not lower the rate", () => {
        // a clock whose timers all come 4 ms late
        const clock = new VirtualClock()
        const late = {
            now: () => clock.now(),
            after: (ms: number, run: () => void) => clock.after(ms + 4, run),
        }
        const uart = new Uart(late, 115200, chunks)
        let received = 0
        uart.dte.onData = ({ length }) => (received += length)
        uart.dce.write(bytes(10_000))
        clock.advance(10_000 * BYTE + 6)
        expect(received).toBe(10_000)
    })

    test("who waits for the line to run dry is told in time", () => {
        const { clock, uart } = makeUart()
        const seen: string[] = []
        uart.dce.whenPending(0, () => seen.push("empty already"))
        uart.dce.write(bytes(50))
        uart.dce.whenPending(20, () => seen.push(`20 at ${clock.now()}`))
        uart.dce.whenPending(0, () => seen.push(`0 at ${clock.now()}`))
        clock.advance(100)
        expect(seen[0]).toBe("empty already")
        expect(Number(seen[1].slice(6))).toBeCloseTo(36 * BYTE, 3)
        expect(Number(seen[2].slice(5))).toBeCloseTo(50 * BYTE, 3)
    })
})

describe("flow control", () => {
    test("RTS stops the DCE after the character under way", () => {
        const { clock, uart, atDte } = makeUart()
        uart.dce.setFlowControl(2, 0)
        uart.dce.write(bytes(100))
        clock.advance(10.5 * BYTE)
        uart.dte.setRts(false)
        clock.advance(1000)
        expect(atDte.length).toBe(11)
        uart.dte.setRts(true)
        clock.advance(88.9 * BYTE)
        expect(atDte.length).toBeLessThan(100)
        clock.advance(0.2 * BYTE)
        expect(atDte).toEqual([...bytes(100)])
    })

    test("also if it is the last one", () => {
        const { clock, uart, atDte } = makeUart()
        uart.dce.setFlowControl(2, 0)
        uart.dce.write(bytes(1))
        clock.advance(0.5 * BYTE)
        uart.dte.setRts(false)
        clock.advance(1)
        expect(atDte.length).toBe(1)
    })

    test("RTS set while idle stops the first character", () => {
        const { clock, uart, atDte } = makeUart()
        uart.dce.setFlowControl(2, 0)
        uart.dte.setRts(false)
        uart.dce.write(bytes(10))
        clock.advance(1000)
        expect(atDte).toEqual([])
        uart.dte.setRts(true)
        clock.advance(10 * BYTE)
        expect(atDte.length).toBe(10)
    })

    test("RTS does not stop the DCE without AT+IFC", () => {
        const { clock, uart, atDte } = makeUart()
        uart.dte.setRts(false)
        uart.dce.write(bytes(10))
        clock.advance(10 * BYTE)
        expect(atDte.length).toBe(10)
    })

    test("a DTE that lowers RTS as it reads gets no more than one group too many", () => {
        const { clock, uart, atDte } = makeUart()
        uart.dce.setFlowControl(2, 0)
        const collect = uart.dte.onData
        uart.dte.onData = data => {
            collect(data)
            uart.dte.setRts(false)
        }
        uart.dce.write(bytes(100))
        clock.advance(1000)
        expect(atDte.length).toBe(12)
    })

    test("XOFF and XON stop and start the DCE and are no data", () => {
        const { clock, uart, atDce, atDte } = makeUart()
        uart.dce.setFlowControl(1, 0)
        uart.dte.write(Uint8Array.of(0x41, 0x13))
        clock.advance(1)
        uart.dce.write(bytes(10))
        clock.advance(100)
        expect(atDte).toEqual([])
        uart.dte.write(Uint8Array.of(0x11, 0x42))
        clock.advance(100)
        expect(atDte.length).toBe(10)
        expect(textOf(Uint8Array.from(atDce))).toBe("AB")
    })

    test("AT+IFC forgets an XOFF", () => {
        const { clock, uart, atDte } = makeUart()
        uart.dce.setFlowControl(1, 0)
        uart.dte.write(Uint8Array.of(0x13))
        clock.advance(1)
        uart.dce.setFlowControl(1, 0)
        uart.dce.write(bytes(3))
        clock.advance(10)
        expect(atDte.length).toBe(3)
    })

    test("CTS is off without power; with automatic CTS the DTE waits for it", () => {
        const { clock, uart, atDce } = makeUart()
        const seen: boolean[] = []
        uart.dte.onCts = ready => seen.push(ready)
        uart.dce.switchOff()
        expect(uart.dte.cts).toBe(false)
        uart.dte.write(bytes(5))
        clock.advance(10)
        expect(uart.dte.pending).toBe(0)
        uart.dte.setAutoCts(true)
        uart.dte.write(bytes(5))
        clock.advance(10)
        expect(uart.dte.pending).toBe(5)
        uart.dce.switchOn()
        clock.advance(10)
        expect(atDce.length).toBe(5)
        expect(seen).toEqual([false, true])
    })
})

describe("rates that differ", () => {
    function received(from: number, to: number, sent: Uint8Array): number[] {
        const { clock, uart, atDce } = makeUart()
        uart.dte.setBaud(from)
        uart.dce.setBaud(to)
        uart.dte.write(sent)
        clock.advance(60_000)
        return atDce
    }

    test("3 % is near enough", () => {
        expect(received(115200, 118000, bytes(256))).toEqual([...bytes(256)])
    })

    test("the slower end gets fewer characters, the faster one more", () => {
        const sent = unspell("AT+CIPSTATUS␍".repeat(20))
        const { length } = sent
        const slow = received(115200, 9600, sent)
        const fast = received(9600, 115200, sent)
        expect(slow.length).toBeGreaterThan(length / 24)
        expect(slow.length).toBeLessThan(length / 8)
        expect(fast.length).toBeGreaterThan(length)
        expect(fast.length).toBeLessThan(length * 12)
        expect(textOf(Uint8Array.from(slow))).not.toContain("AT")
        expect(textOf(Uint8Array.from(fast))).not.toContain("AT")
    })

    test("it is what a receiver would sample", () => {
        // U alternates: at half the rate all its bits look alike
        expect(received(115200, 57600, unspell("U"))).toEqual([0xff])
        // 0x00 at twice the rate: nine low bits are a break of eighteen
        expect(received(57600, 115200, unspell("␀"))).toEqual([0])
    })

    test("the same bytes give the same garbage, whole or in pieces", () => {
        fc.assert(
            fc.property(
                fc.uint8Array({ minLength: 1, maxLength: 40 }),
                fc.constantFrom(9600, 38400, 57600, 230400),
                (sent, baud) => {
                    const whole = received(115200, baud, sent)
                    const { clock, uart, atDce } = makeUart({
                        chunkMs: 0,
                        chunkBytes: 1,
                    })
                    uart.dce.setBaud(baud)
                    uart.dte.write(sent)
                    clock.advance(1000)
                    expect(atDce).toEqual(whole)
                }
            ),
            { seed: 800, numRuns: 100 }
        )
    })

    test("after garbage and a pause, the right rate is understood", () => {
        const { clock, uart, atDce } = makeUart()
        uart.dte.setBaud(9600)
        uart.dte.write(unspell("AT␍"))
        clock.advance(100)
        uart.dte.setBaud(115200)
        atDce.length = 0
        uart.dte.write(unspell("AT␍"))
        clock.advance(100)
        expect(spell(Uint8Array.from(atDce))).toBe("AT␍")
    })
})

describe("autobaud", () => {
    const range = { lowest: 1200, highest: 115200 }

    test.each([
        ["AT␍", 9600],
        ["at␍", 57600],
        ["At␍", 115200],
        ["aT␍", 1200],
    ])("%s at %i baud is detected and passed on", (text, baud) => {
        const { clock, uart, atDce } = makeUart()
        let found = 0
        uart.dce.detectBaud(range, rate => (found = rate))
        uart.dte.setBaud(baud)
        uart.dte.write(unspell(`xx${text}`))
        clock.advance(1000)
        expect(found).toBe(baud)
        expect(spell(Uint8Array.from(atDce))).toBe(text)
        expect(uart.dce.baud).toBe(baud)
    })

    test("nothing but AT trains it, and no rate beyond its range", () => {
        const { clock, uart, atDce } = makeUart()
        uart.dce.detectBaud(range, () => undefined)
        uart.dte.write(unspell("ATTENTION".slice(2) + "␍␊A␍T"))
        clock.advance(100)
        expect(atDce).toEqual([])
        uart.dte.setBaud(230400)
        uart.dte.write(unspell("AT␍"))
        clock.advance(100)
        expect(atDce).toEqual([])
    })
})

test("pins: DTR from the DTE, DCD and RI to it", () => {
    const { uart } = makeUart()
    const seen: string[] = []
    uart.dce.onDtr = low => seen.push(`dtr ${low}`)
    uart.dte.onDcd = low => seen.push(`dcd ${low}`)
    uart.dte.onRi = low => seen.push(`ri ${low}`)
    uart.dte.setDtr(true)
    uart.dte.setDtr(true)
    uart.dce.setDcd(true)
    uart.dce.setRi(true)
    expect([uart.dce.dtr, uart.dte.dcd, uart.dte.ri]).toEqual([
        true,
        true,
        true,
    ])
    uart.dce.switchOff()
    expect(seen).toEqual([
        "dtr true",
        "dcd true",
        "ri true",
        "dcd false",
        "ri false",
    ])
})
