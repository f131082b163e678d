/** The radio: its round trip, its rates, and what they make of transfers. */
import { describe, expect, test } from "vitest"
import { VirtualClock } from "../../sim/modem/clock"
import { RadioChannel } from "../../sim/modem/radio-link"
import { TestTerminal } from "./terminal"

const SERVER = "192.0.2.80"

describe("a channel", () => {
    test("sends one packet after the other, each arrives half a round trip later", () => {
        const clock = new VirtualClock()
        const channel = new RadioChannel(clock, 8000, 300)
        const seen: string[] = []
        const note = (name: string) => () => seen.push(`${name} ${clock.now()}`)
        channel.carry(100, note("a arrived"), note("a sent"))
        channel.carry(50, note("b arrived"), note("b sent"))
        channel.carry(0, note("c arrived"))
        clock.advance(1000)
        expect(seen).toEqual([
            "a sent 100",
            "b sent 150",
            "a arrived 400",
            "b arrived 450",
            "c arrived 450",
        ])
    })

    test("what is on its way waits while out of reach", () => {
        const clock = new VirtualClock()
        const channel = new RadioChannel(clock, 8000, 300)
        const seen: number[] = []
        channel.carry(100, () => seen.push(clock.now()))
        channel.suspend()
        clock.advance(5000)
        channel.carry(0, () => seen.push(clock.now()))
        channel.resume()
        clock.advance(1000)
        expect(seen).toEqual([5000, 5300])
    })
})

function connect(terminal: TestTerminal): void {
    terminal.dialogue(`
        > AT+CIPSTART=0,"TCP","${SERVER}",80␍
        < ⏎OK⏎
        < ⏎0, CONNECT OK⏎
    `)
}

describe("GPRS class 10", () => {
    const options = { multi: true, radio: "gprs" } as const

    test("a connection takes one round trip", () => {
        const terminal = TestTerminal.online(options)
        terminal.network.listen(SERVER, 80)
        const start = terminal.clock.now()
        connect(terminal)
        expect(terminal.clock.now() - start).toBeGreaterThan(600)
        expect(terminal.clock.now() - start).toBeLessThan(625)
    })

    test("download at 85.6 kbit/s", () => {
        const terminal = TestTerminal.online(options)
        const size = 100_000
        terminal.network.listen(SERVER, 80, peer => peer.send("x".repeat(size)))
        connect(terminal)
        const start = terminal.clock.now()
        let count = 0
        terminal.modem.dte.onData = bytes => {
            count += bytes.filter(byte => byte === 0x78).length
        }
        terminal.clock.runUntil(() => count === size, 60_000)
        expect(count).toBe(size)
        const rate = (size * 8) / (terminal.clock.now() - start)
        expect(rate).toBeGreaterThan(80)
        expect(rate).toBeLessThanOrEqual(85.7)
    })

    test("quick upload at 42.8 kbit/s: the send buffer covers the round trip", () => {
        const terminal = TestTerminal.online(options)
        const server = terminal.network.listen(SERVER, 80)
        connect(terminal)
        terminal.dialogue("> AT+CIPQSEND=1␍\n< ⏎OK⏎")
        const start = terminal.clock.now()
        let sent = 0
        while (sent < 40_000) {
            const answer = terminal.ask("AT+CIPSEND=0,1000␍", 10)
            if (answer !== "⏎> ") {
                expect(answer).toBe("⏎ERROR⏎")
                continue
            }
            terminal.modem.dte.write(new Uint8Array(1000))
            terminal.expect("⏎DATA ACCEPT:0,1000⏎")
            sent += 1000
        }
        terminal.clock.runUntil(
            () => server.peer.received.length === 40_000,
            60_000
        )
        const rate = (40_000 * 8) / (terminal.clock.now() - start)
        expect(rate).toBeGreaterThan(38)
        expect(rate).toBeLessThanOrEqual(42.8)
    })

    test("lock-step: one segment a round trip", () => {
        const terminal = TestTerminal.online(options)
        terminal.network.echo(SERVER, 80)
        connect(terminal)
        const start = terminal.clock.now()
        terminal.dialogue(`
            > AT+CIPSEND=0,100␍
            < ⏎> |
            > ${"x".repeat(100)}
            < ⏎0, SEND OK⏎
            < ⏎+RECEIVE,0,100:⏎${"x".repeat(100)}
        `)
        expect(terminal.clock.now() - start).toBeGreaterThan(600)
        expect(terminal.clock.now() - start).toBeLessThan(700)
    })
})

describe("a radio faster than the UART", () => {
    test("leaves the line without gaps, push mode", () => {
        const terminal = TestTerminal.online({ multi: true })
        const size = 100_000
        terminal.network.listen(SERVER, 80, peer => peer.send("x".repeat(size)))
        connect(terminal)
        const start = terminal.clock.now()
        let count = 0
        let total = 0
        terminal.modem.dte.onData = bytes => {
            total += bytes.length
            count += bytes.filter(byte => byte === 0x78).length
        }
        terminal.clock.runUntil(() => count === size, 60_000)
        const lineTime = (total * 10_000) / 115_200
        expect(terminal.clock.now() - start).toBeLessThan(lineTime * 1.02)
        expect(total / size).toBeLessThan(1.02)
    })

    test("echo with both lines busy: an answer waits for one segment at most", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.echo(SERVER, 80)
        connect(terminal)
        terminal.dialogue("> AT+CIPQSEND=1␍\n< ⏎OK⏎")
        let received = 0
        const size = 30_000
        const text: string[] = []
        terminal.modem.dte.onData = bytes => {
            received += bytes.filter(byte => byte === 0).length
            text.push(String.fromCharCode(...bytes))
        }
        const start = terminal.clock.now()
        for (let sent = 0; sent < size; sent += 1000) {
            text.length = 0
            terminal.modem.dte.write(
                new TextEncoder().encode("AT+CIPSEND=0,1000\r")
            )
            terminal.clock.runUntil(
                () => text.join("").includes("\r\n> "),
                5000
            )
            terminal.modem.dte.write(new Uint8Array(1000))
            terminal.clock.runUntil(
                () => text.join("").includes("ACCEPT:"),
                5000
            )
        }
        terminal.clock.runUntil(() => received === size, 10_000)
        const seconds = (terminal.clock.now() - start) / 1000
        expect(received).toBe(size)
        // 1000 bytes take 88 ms, prompt and result up to as long again each
        expect(size / seconds).toBeGreaterThan(1000 / 0.16)
        terminal.listen(100)
    })

    test("a radio of one's own", () => {
        const terminal = TestTerminal.online({
            radio: {
                roundTripMs: 0,
                downlinkBitsPerSecond: Infinity,
                uplinkBitsPerSecond: Infinity,
            },
            delays: "instant",
        })
        terminal.network.echo(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPSEND=5␍
            < ⏎> |
            > hello
            < ⏎SEND OK⏎hello
        `)
    })
})

test("a card for data alone: denied by AT+CREG, and GPRS all the same", () => {
    const terminal = TestTerminal.ready({ operator: { hasVoice: false } })
    terminal.network.echo("198.18.0.7", 7)
    terminal.dialogue(`
        > AT+CREG?␍
        < ⏎+CREG: 0,3⏎⏎OK⏎
        > AT+CGREG?␍
        < ⏎+CGREG: 0,1⏎⏎OK⏎
        > AT+CGATT?␍
        < ⏎+CGATT: 1⏎⏎OK⏎
        > ATD+491511234567;␍
        < ⏎NO DIALTONE⏎
        > AT+CIPSTART="TCP","198.18.0.7",7␍
        < ⏎OK⏎
        < ⏎CONNECT OK⏎
    `)
    expect(terminal.modem.call("+1")).toBe(false)
})
