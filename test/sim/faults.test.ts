import { describe, expect, test } from "vitest"
import { bytesOf } from "../../sim/modem/bytes"
import { faultNames, faults, type FaultName } from "../../sim/modem/faults"
import { Bench } from "./bench"

const SERVER = "192.0.2.80"

function connected(): Bench {
    const bench = Bench.online({ multi: true })
    bench.network.listen(SERVER, 80)
    bench.dialogue(`
        > AT+CIPSTART=0,"TCP","${SERVER}",80␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
    `)
    return bench
}

test("every fault says what it does, and can be injected at any time", () => {
    for (const name of faultNames) {
        expect(faults[name].summary).not.toBe("")
        const off = new Bench()
        off.modem.inject(name)
        off.modem.clearFaults()
        const bench = connected()
        bench.modem.inject(name)
        for (const line of ["AT+CIPSEND=0,2\r", "AT\r", "AT\r"]) {
            bench.modem.dte.write(bytesOf(line))
            bench.listen(100_000)
        }
        bench.modem.clearFaults()
        bench.dialogue("> AT␍\n< ⏎OK⏎")
    }
})

test("a fault that does not exist is an error with the names of those that do", () => {
    const name: string = "nope"
    expect(() => new Bench().modem.inject(name as FaultName)).toThrow(
        /^no fault is called "nope": there are drop-answer, late-answer, /
    )
})

test("drop-answer: the command runs, once, and is not heard", () => {
    const bench = Bench.ready()
    bench.modem.inject("drop-answer")
    expect(bench.ask("AT+CMEE=1;+CMEE?␍")).toBe("")
    bench.dialogue("> AT+CMEE?␍\n< ⏎+CMEE: 1⏎⏎OK⏎")
})

test("drop-answer: all that belongs to it", () => {
    const bench = Bench.ready()
    bench.modem.inject("drop-answer")
    expect(bench.ask("AT+CIPSTATUS␍")).toBe("")
    bench.dialogue("> AT␍\n< ⏎OK⏎")
})

test("late-answer: the command takes longer, what comes meanwhile is lost", () => {
    const bench = Bench.ready()
    bench.modem.inject("late-answer", 3000)
    expect(bench.ask("AT+CSQ␍", 2900)).toBe("")
    bench.modem.dte.write(Uint8Array.of(0x41, 0x54, 0x0d))
    expect(bench.listen(1000)).toBe("⏎+CSQ: 20,0⏎⏎OK⏎")
    bench.dialogue("> AT␍\n< ⏎OK⏎")
})

test("split-answer: a pause after the first CR LF", () => {
    const bench = Bench.ready()
    bench.modem.inject("split-answer", 100)
    expect(bench.ask("AT+CSQ␍", 50)).toBe("⏎")
    expect(bench.listen(100)).toBe("+CSQ: 20,0⏎⏎OK⏎")
    bench.dialogue("> AT␍\n< ⏎OK⏎")
})

test("split-urc: it lands inside another line", () => {
    const bench = Bench.ready()
    bench.dialogue("> AT+CREG=1␍\n< ⏎OK⏎")
    bench.modem.inject("split-urc")
    bench.modem.setRegistration(5)
    expect(bench.listen(100)).toBe("")
    expect(bench.ask("AT+CSQ␍")).toBe("⏎+CSQ:⏎+CREG: 5⏎ 20,0⏎⏎OK⏎")
    bench.modem.setRegistration(1)
    bench.dialogue("< ⏎+CREG: 1⏎")
})

test("lose-bytes: as many as asked for", () => {
    const bench = Bench.ready()
    bench.modem.inject("lose-bytes", 4)
    expect(bench.ask("AT␍")).toBe("⏎")
    bench.modem.inject("lose-bytes")
    expect(bench.ask("AT␍")).toBe("␊OK⏎")
    bench.dialogue("> AT␍\n< ⏎OK⏎")
})

test("garbage: repeatable with the seed", () => {
    const garbage = (seed: number): string => {
        const bench = Bench.ready({ seed })
        bench.modem.inject("garbage", 5)
        const text = bench.ask("AT␍")
        expect(text).toMatch(/⏎OK⏎$/)
        return text
    }
    expect(garbage(1)).toBe(garbage(1))
    expect(garbage(1)).not.toBe(garbage(2))
})

describe("results of connecting", () => {
    test("no-connect-result", () => {
        const bench = Bench.online({ multi: true })
        bench.network.listen(SERVER, 80)
        bench.modem.inject("no-connect-result")
        bench.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎
            ~ 1000
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","80","CONNECTED"⏎⏎OK⏎
            > AT+CIPSTART=1,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎1, CONNECT OK⏎
        `)
    })

    test("late-connect-result", () => {
        const bench = Bench.online({ multi: true })
        bench.network.refuse(SERVER, 81)
        bench.modem.inject("late-connect-result")
        bench.dialogue(`> AT+CIPSTART=0,"TCP","${SERVER}",81␍\n< ⏎OK⏎`)
        expect(bench.listen(75_000)).toBe("")
        expect(bench.listen(1000)).toBe("⏎0, CONNECT FAIL⏎")
    })
})

test("miss-rxget-urc: the data is there all the same", () => {
    const bench = Bench.online()
    bench.dialogue("> AT+CIPRXGET=1␍\n< ⏎OK⏎")
    const server = bench.network.listen(SERVER, 80)
    bench.ask(`AT+CIPSTART="TCP","${SERVER}",80␍`)
    bench.modem.inject("miss-rxget-urc")
    server.peer.send("abc")
    expect(bench.listen(1000)).toBe("")
    bench.dialogue("> AT+CIPRXGET=2,9␍\n< ⏎+CIPRXGET: 2,3,0⏎abc⏎OK⏎")
    server.peer.send("def")
    bench.dialogue("< ⏎+CIPRXGET: 1⏎")
})

test("miss-closed", () => {
    const bench = Bench.online({ multi: true })
    const server = bench.network.listen(SERVER, 80)
    bench.ask(`AT+CIPSTART=0,"TCP","${SERVER}",80␍`)
    bench.modem.inject("miss-closed")
    server.peer.end()
    expect(bench.listen(1000)).toBe("")
    bench.dialogue("> AT+CIPSEND=0,1␍\n< ⏎ERROR⏎")
})

test("send-fail: also with quick sending, where only AT+CIPACK shows it", () => {
    const bench = connected()
    bench.modem.inject("send-fail")
    bench.dialogue(`
        > AT+CIPQSEND=1␍
        < ⏎OK⏎
        > AT+CIPSEND=0,3␍
        < ⏎> |
        > abc
        < ⏎DATA ACCEPT:0,3⏎
        ~ 1000
        > AT+CIPACK=0␍
        < ⏎+CIPACK: 3,0,3⏎⏎OK⏎
    `)
})

test("close-during-send", () => {
    const bench = connected()
    bench.modem.inject("close-during-send")
    bench.dialogue(`
        > AT+CIPSEND=0,3␍
        < ⏎> |
        < ⏎0, CLOSED⏎
        > abc
        < ⏎0, SEND FAIL⏎
        > AT+CIPSEND=0,3␍
        < ⏎ERROR⏎
    `)
})

test("pdp-deact", () => {
    const bench = connected()
    bench.modem.inject("pdp-deact")
    bench.dialogue("< ⏎+PDP: DEACT⏎")
    expect(bench.transitions).toContain("ip: IP PROCESSING -> PDP DEACT")
    expect(bench.transitions).toContain("link 0: CONNECTED -> CLOSED")
})

test("brown-out", () => {
    const bench = connected()
    bench.modem.inject("brown-out")
    bench.dialogue(`
        < ␀IIII\\xff\\xff\\xff\\xff
        < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
    `)
})

test("several at once", () => {
    const bench = connected()
    bench.modem.inject("lose-bytes", 2)
    bench.modem.inject("late-answer", 100)
    bench.modem.inject("split-answer", 100)
    expect(bench.ask("AT␍", 1000)).toBe("OK⏎")
})

test("ri-glitch: RI alone", () => {
    const bench = connected()
    bench.takePins()
    bench.modem.inject("ri-glitch")
    bench.dialogue("~ 100\n! ri low 5 ms")
    bench.modem.inject("ri-glitch", 20)
    bench.dialogue("~ 100\n! ri low 20 ms")
})

test("brown-out-on-air: AT+CIICR is never answered, every time", () => {
    const bench = Bench.ready()
    bench.modem.inject("brown-out-on-air")
    for (let times = 0; times < 2; times++) {
        bench.dialogue('> AT+CSTT="CMNET"␍\n< ⏎OK⏎')
        bench.transitions.length = 0
        expect(bench.ask("AT+CIICR␍")).not.toContain("OK")
        expect(bench.transitions).toContain("power: on -> booting")
        bench.listen(10_000)
    }
})

test("sagging-supply: a warning among the answers, and AT+CBC shows it", () => {
    const bench = connected()
    bench.modem.inject("sagging-supply", 3420)
    expect(bench.ask("AT+CIPSEND=0,2␍")).toBe("⏎> ")
    bench.dialogue(`
        > hi
        < ⏎UNDER-VOLTAGE WARNNING⏎⏎0, SEND OK⏎
        > AT+CBC␍
        < ⏎+CBC: 0,62,3420⏎⏎OK⏎
    `)
})

test("sleepless: AT+CSCLK=2 is accepted and does nothing", () => {
    const bench = Bench.ready()
    bench.modem.inject("sleepless")
    bench.dialogue("> AT+CSCLK=2␍\n< ⏎OK⏎")
    bench.clock.advance(60_000)
    expect(bench.modem.asleep).toBe(false)
    bench.dialogue("> AT␍\n< ⏎OK⏎")
})

test("lossy-line, corrupt-byte, eaten-xoff: what becomes of bytes to the DTE", () => {
    const lossy = Bench.ready()
    lossy.modem.inject("lossy-line", 4)
    expect(lossy.ask("AT␍")).toBe("⏎O⏎")
    const corrupt = Bench.ready()
    corrupt.modem.inject("corrupt-byte", 0x4b)
    expect(corrupt.ask("AT␍")).toBe("⏎O␋⏎")
    const eaten = Bench.ready()
    eaten.modem.inject("eaten-xoff")
    expect(eaten.ask("ATE1␍")).toBe("⏎OK⏎")
    expect(eaten.ask("AT\x11\x13␍")).toBe("AT␍⏎OK⏎")
})
