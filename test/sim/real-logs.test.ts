/** Logs of real modules, as far as they show the modem's behaviour. */
import { describe, expect, test } from "vitest"
import { Bench } from "./bench"

const SERVER = "192.0.2.80"

test("1 echo with a bare CR", () => {
    Bench.ready({ stored: { baud: 115200 } }).dialogue(`
        > AT␍
        < AT␍⏎OK⏎
    `)
})

test("2 one answer, two reads", () => {
    const bench = Bench.ready()
    const reads: { at: number; length: number }[] = []
    bench.modem.dte.onData = bytes =>
        reads.push({ at: bench.clock.now(), length: bytes.length })
    bench.modem.inject("split-answer", 60)
    bench.modem.dte.write(Uint8Array.of(0x41, 0x54, 0x0d))
    bench.clock.advance(200)
    expect(reads.map(read => read.length)).toEqual([2, 4])
    expect(reads[1].at - reads[0].at).toBeGreaterThan(55)
})

test("3 boot messages between polls, AT+CFUN=0, reset, an error while the card wakes", () => {
    const bench = new Bench({
        delays: "realistic",
        stored: { baud: 0, echo: false },
    })
    bench.modem.powerOn()
    bench.listen(12_000)
    // what could not be said before the rate was known comes before the first OK
    bench.dialogue(`
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
    bench.listen(10_000)
})

test("3 with a fixed rate: RDY after the first OK", () => {
    const bench = Bench.ready({ delays: "realistic" })
    bench.dialogue(`
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
    const bench = new Bench({ sim: { inserted: false } })
    bench.modem.powerOn()
    bench.dialogue(`
        < ␀IIII\\xff\\xff\\xff\\xff
        < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: NOT INSERTED⏎
    `)
})

test("4 the burst at another rate is unreadable", () => {
    const bench = new Bench({
        stored: { baud: 9600, echo: false },
        dteBaud: 9600,
    })
    bench.modem.powerOn()
    const text = bench.listen(10_000)
    expect(text).not.toContain("IIII")
    expect(text).toMatch(/^.*⏎RDY⏎⏎\+CFUN: 1⏎/)
})

test("5 a silent reset during activation", () => {
    const bench = Bench.ready({
        delays: "realistic",
        stored: { baud: 0, echo: false },
        firmware: { romBurst: false },
    })
    bench.ask("AT␍")
    bench.dialogue('> AT+CSTT="internet"␍\n< ⏎OK⏎')
    bench.send("AT+CIICR␍")
    bench.listen(500)
    bench.modem.inject("brown-out")
    bench.dialogue("< ⏎Call Ready⏎⏎SMS Ready⏎")
    expect(bench.listen(60_000)).toBe("")
})

test("6 reset right after the PIN: it is asked for again, AT+CMEE is back", () => {
    const bench = new Bench({ sim: { pin: "1111" }, delays: "realistic" })
    bench.modem.powerOn()
    bench.listen(10_000)
    bench.dialogue(`
        > AT+CMEE=2␍
        < ⏎OK⏎
        > AT+CPIN="1111"␍
        < ⏎OK⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
    `)
    bench.modem.inject("brown-out")
    bench.listen(10_000)
    bench.dialogue(`
        > AT+CPIN?␍
        < ⏎+CPIN: SIM PIN⏎⏎OK⏎
        > AT+CMEE?␍
        < ⏎+CMEE: 0⏎⏎OK⏎
    `)
})

test("7 activation refused while detached", () => {
    const bench = Bench.ready({ operator: { gprs: "reject" } })
    bench.dialogue(`
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
    const bench = Bench.online({ multi: true })
    bench.ask("AT+CIPRXGET=1;+CIPQSEND=1␍")
    const server = bench.network.listen(SERVER, 80)
    bench.ask(`AT+CIPSTART=1,"TCP","${SERVER}",80␍`)
    bench.dialogue(`
        > AT+CIPSEND=1,4␍
        < ⏎> |
        > ab
    `)
    server.peer.send("x")
    bench.dialogue(`
        < ⏎+CIPRXGET: 1,1⏎
        > cd
        < ⏎DATA ACCEPT:1,4⏎
    `)
    server.peer.end()
    bench.dialogue(`
        < ⏎1, CLOSED⏎
        > AT+CIPCLOSE=1␍
        < ⏎ERROR⏎
    `)
})

test("9 the second number is what is left, and one CR LF before OK", () => {
    const bench = Bench.online({ multi: true })
    bench.ask("AT+CIPRXGET=1␍")
    const page =
        "HTTP/1.1 200 OK\r\nCache-Control: max-age=86400\r\n\r\n".padEnd(
            1371,
            "x"
        )
    bench.network.listen(SERVER, 80, peer => peer.send(page))
    bench.ask(`AT+CIPSTART=1,"TCP","${SERVER}",80␍`)
    const spelt = (text: string): string => text.replaceAll("\r\n", "⏎")
    bench.dialogue(`
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
    const bench = Bench.online({ multi: true })
    bench.ask("AT+CIPRXGET=1␍")
    const server = bench.network.listen(SERVER, 80, peer =>
        peer.send("x".repeat(2871))
    )
    bench.ask(`AT+CIPSTART=1,"TCP","${SERVER}",80␍`)
    bench.modem.inject("send-fail")
    bench.dialogue(`
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
        const bench = Bench.online({ multi: true })
        const server = bench.network.listen(SERVER, 80)
        bench.ask("AT+CIPRXGET=1;+CIPTKA=0␍")
        bench.ask(`AT+CIPSTART=0,"TCP","${SERVER}",80␍`)
        server.peer.stall()
        bench.dialogue(`
            ~ 108000000
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","80","CONNECTED"⏎⏎OK⏎
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
        `)
    })
})
