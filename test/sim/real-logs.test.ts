/** Logs of real modules, as far as they show the modem's behaviour. */
import { describe, expect, test } from "vitest"
import { TestTerminal } from "./terminal"

const SERVER = "192.0.2.80"

test("1 echo with a bare CR", () => {
    TestTerminal.ready({ stored: { baud: 115200 } }).dialogue(`
        > AT␍
        < AT␍⏎OK⏎
    `)
})

test("2 one answer, two reads", () => {
    const terminal = TestTerminal.ready()
    const reads: { at: number; length: number }[] = []
    terminal.modem.dte.onData = bytes =>
        reads.push({ at: terminal.clock.now(), length: bytes.length })
    terminal.modem.inject("split-answer", 60)
    terminal.modem.dte.write(Uint8Array.of(0x41, 0x54, 0x0d))
    terminal.clock.advance(200)
    expect(reads.map(read => read.length)).toEqual([2, 4])
    expect(reads[1].at - reads[0].at).toBeGreaterThan(55)
})

test("3 boot messages between polls, AT+CFUN=0, reset, an error while the card wakes", () => {
    const terminal = new TestTerminal({
        delays: "realistic",
        stored: { baud: 0, echo: false },
    })
    terminal.modem.powerOn()
    terminal.listen(12_000)
    // what could not be said before the rate was known comes before the first OK
    terminal.dialogue(`
        > AT␍
        < ⏎Call Ready⏎⏎SMS Ready⏎⏎OK⏎
        > AT+CFUN=0␍
        < ⏎+CPIN: NOT READY⏎
        < ⏎OK⏎
        > AT+CFUN=1,1␍
        < ⏎OK⏎
        < ␀IIII\\xff\\xff\\xff\\xff
        ~ 2100
        > AT␍
        < ⏎OK⏎
        > AT+CPIN?␍
        < ⏎ERROR⏎
    `)
    terminal.listen(10_000)
})

test("3 with a fixed rate: RDY after the first OK", () => {
    const terminal = TestTerminal.ready({ delays: "realistic" })
    terminal.dialogue(`
        > AT+CFUN=1,1␍
        < ⏎OK⏎
        < ␀IIII\\xff\\xff\\xff\\xff
        ~ 2100
        > AT␍
        < ⏎OK⏎
        > AT+CPIN?␍
        < ⏎ERROR⏎
        < ⏎RDY⏎⏎+CFUN: 1⏎
        > AT+CPIN?␍
        < ⏎ERROR⏎
        < ⏎+CPIN: READY⏎
    `)
})

test("4 power-on garbage, then RDY without a card", () => {
    const terminal = new TestTerminal({ sim: { inserted: false } })
    terminal.modem.powerOn()
    terminal.dialogue(`
        < ␀IIII\\xff\\xff\\xff\\xff
        < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: NOT INSERTED⏎
    `)
})

test("4 the burst at another rate is unreadable", () => {
    const terminal = new TestTerminal({
        stored: { baud: 9600, echo: false },
        dteBaud: 9600,
    })
    terminal.modem.powerOn()
    const text = terminal.listen(10_000)
    expect(text).not.toContain("IIII")
    expect(text).toMatch(/^.*⏎RDY⏎⏎\+CFUN: 1⏎/)
})

test("5 a silent reset during activation", () => {
    const terminal = TestTerminal.ready({
        delays: "realistic",
        stored: { baud: 0, echo: false },
        firmware: { romBurst: false },
    })
    terminal.ask("AT␍")
    terminal.dialogue('> AT+CSTT="internet"␍\n< ⏎OK⏎')
    terminal.send("AT+CIICR␍")
    terminal.listen(500)
    terminal.modem.inject("brown-out")
    terminal.dialogue("< ⏎Call Ready⏎⏎SMS Ready⏎")
    expect(terminal.listen(60_000)).toBe("")
})

test("6 reset right after the PIN: it is asked for again, AT+CMEE is back", () => {
    const terminal = new TestTerminal({
        sim: { pin: "1111" },
        delays: "realistic",
    })
    terminal.modem.powerOn()
    terminal.listen(10_000)
    terminal.dialogue(`
        > AT+CMEE=2␍
        < ⏎OK⏎
        > AT+CPIN="1111"␍
        < ⏎OK⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
    `)
    terminal.modem.inject("brown-out")
    terminal.listen(10_000)
    terminal.dialogue(`
        > AT+CPIN?␍
        < ⏎+CPIN: SIM PIN⏎⏎OK⏎
        > AT+CMEE?␍
        < ⏎+CMEE: 0⏎⏎OK⏎
    `)
})

test("7 activation refused while detached", () => {
    const terminal = TestTerminal.ready({ operator: { gprs: "reject" } })
    terminal.dialogue(`
        > AT+CGATT?␍
        < ⏎+CGATT: 0⏎⏎OK⏎
        > AT+CIPMUX=1␍
        < ⏎OK⏎
        > AT+CSTT="hologram"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎+PDP: DEACT⏎⏎ERROR⏎
    `)
})

test("8 a notice between payload and DATA ACCEPT, and a close that was missed", () => {
    const terminal = TestTerminal.online({ multi: true })
    terminal.ask("AT+CIPRXGET=1;+CIPQSEND=1␍")
    const server = terminal.network.listen(SERVER, 80)
    terminal.ask(`AT+CIPSTART=1,"TCP","${SERVER}",80␍`)
    terminal.dialogue(`
        > AT+CIPSEND=1,4␍
        < ⏎> |
        > ab
    `)
    server.peer.send("x")
    terminal.dialogue(`
        < ⏎+CIPRXGET: 1,1⏎
        > cd
        < ⏎DATA ACCEPT:1,4⏎
    `)
    server.peer.end()
    terminal.dialogue(`
        < ⏎1, CLOSED⏎
        > AT+CIPCLOSE=1␍
        < ⏎ERROR⏎
    `)
})

test("9 the second number is what is left, and one CR LF before OK", () => {
    const terminal = TestTerminal.online({ multi: true })
    terminal.ask("AT+CIPRXGET=1␍")
    const page =
        "HTTP/1.1 200 OK\r\nCache-Control: max-age=86400\r\n\r\n".padEnd(
            1371,
            "x"
        )
    terminal.network.listen(SERVER, 80, peer => peer.send(page))
    terminal.ask(`AT+CIPSTART=1,"TCP","${SERVER}",80␍`)
    const spelt = (text: string): string => text.replaceAll("\r\n", "⏎")
    terminal.dialogue(`
        > AT+CIPRXGET=4,1␍
        < ⏎+CIPRXGET: 4,1,1371⏎⏎OK⏎
        > AT+CIPRXGET=2,1,255␍
        < ⏎+CIPRXGET: 2,1,255,1116⏎${spelt(page.slice(0, 255))}⏎OK⏎
        > AT+CIPRXGET=2,1,255␍
        < ⏎+CIPRXGET: 2,1,255,861⏎${spelt(page.slice(255, 510))}⏎OK⏎
        > AT+CIPRXGET=2,1,255␍
        < ⏎+CIPRXGET: 2,1,255,606⏎${spelt(page.slice(510, 765))}⏎OK⏎
    `)
})

test("10 SEND FAIL without CLOSED, again and again, though 2871 bytes wait", () => {
    const terminal = TestTerminal.online({ multi: true })
    terminal.ask("AT+CIPRXGET=1␍")
    const server = terminal.network.listen(SERVER, 80, peer =>
        peer.send("x".repeat(2871))
    )
    terminal.ask(`AT+CIPSTART=1,"TCP","${SERVER}",80␍`)
    terminal.modem.inject("send-fail")
    terminal.dialogue(`
        > AT+CIPRXGET=4,1␍
        < ⏎+CIPRXGET: 4,1,2871⏎⏎OK⏎
        > AT+CIPSEND=1,67␍
        < ⏎> |
        > ${"x".repeat(67)}
        < ⏎1, SEND FAIL⏎
        > AT+CIPSEND=1,4␍
        < ⏎> |
        > abcd
        < ⏎1, SEND FAIL⏎
        > AT+CIPSTATUS=1␍
        < ⏎+CIPSTATUS: 1,0,"TCP","${SERVER}","80","CONNECTED"⏎⏎OK⏎
        > AT+CIPCLOSE=1␍
        < ⏎1, CLOSE OK⏎
        > AT+CIPSTART=1,"TCP","${SERVER}",80␍
        < ⏎OK⏎⏎1, CONNECT OK⏎⏎+CIPRXGET: 1,1⏎
        > AT+CIPSEND=1,4␍
        < ⏎> |
        > abcd
        < ⏎1, SEND OK⏎
    `)
    expect(server.peers[0].text).toBe("")
    expect(server.peer.text).toBe("abcd")
})

describe("11 dead for hours but CONNECTED", () => {
    test("status is local knowledge", () => {
        const terminal = TestTerminal.online({ multi: true })
        const server = terminal.network.listen(SERVER, 80)
        terminal.ask("AT+CIPRXGET=1;+CIPTKA=0␍")
        terminal.ask(`AT+CIPSTART=0,"TCP","${SERVER}",80␍`)
        server.peer.stall()
        terminal.dialogue(`
            ~ 108000000
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","80","CONNECTED"⏎⏎OK⏎
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
        `)
    })
})
