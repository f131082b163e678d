import { describe, expect, test } from "vitest"
import { bytesOf } from "../../sim/modem/bytes"
import { faultNames, faults, type FaultName } from "../../sim/modem/faults"
import { TestTerminal } from "./terminal"

const SERVER = "192.0.2.80"

function connected(): TestTerminal {
    const terminal = TestTerminal.online({ multi: true })
    terminal.network.listen(SERVER, 80)
    terminal.dialogue(`
        > AT+CIPSTART=0,"TCP","${SERVER}",80␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
    `)
    return terminal
}

test("every fault says what it does, and can be injected at any time", () => {
    for (const name of faultNames) {
        expect(faults[name].summary).not.toBe("")
        const off = new TestTerminal()
        off.modem.inject(name)
        off.modem.clearFaults()
        const terminal = connected()
        terminal.modem.inject(name)
        for (const line of ["AT+CIPSEND=0,2\r", "AT\r", "AT\r"]) {
            terminal.modem.dte.write(bytesOf(line))
            terminal.listen(100_000)
        }
        terminal.modem.clearFaults()
        terminal.dialogue("> AT␍\n< ⏎OK⏎")
    }
})

test.each(["nope", "constructor", "toString", "__proto__"])(
    "%s, a fault that does not exist, is an error with the names of those that do",
    name => {
        const { modem } = new TestTerminal()
        expect(() => modem.inject(name as FaultName)).toThrow(
            `no fault is called "${name}": there are drop-answer, false-error, `
        )
    }
)

test("drop-answer: the command runs, once, and is not heard", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("drop-answer")
    expect(terminal.ask("AT+CMEE=1;+CMEE?␍")).toBe("")
    terminal.dialogue("> AT+CMEE?␍\n< ⏎+CMEE: 1⏎⏎OK⏎")
})

test("drop-answer: all that belongs to it", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("drop-answer")
    expect(terminal.ask("AT+CIPSTATUS␍")).toBe("")
    terminal.dialogue("> AT␍\n< ⏎OK⏎")
})

test("drop-answer: behind other commands", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("drop-answer", 2)
    terminal.dialogue("> AT␍\n< ⏎OK⏎\n> AT␍\n< ⏎OK⏎")
    expect(terminal.ask("AT␍")).toBe("")
    terminal.dialogue("> AT␍\n< ⏎OK⏎")
})

test("false-error: the command runs all the same", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("false-error", 1)
    terminal.dialogue(`
        > AT␍
        < ⏎OK⏎
        > AT+CMEE=1;+CMEE?␍
        < ⏎ERROR⏎
        > AT+CMEE?␍
        < ⏎+CMEE: 1⏎⏎OK⏎
    `)
})

test("hostile-text: a short message with a text of one's choice", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("hostile-text", 4)
    expect(terminal.listen(100)).toBe(
        '⏎+CMT: "+123","","26/01/02,10:11:12+04"⏎0, CLOSED⏎'
    )
})

test("late-answer: the command takes longer, what comes meanwhile is lost", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("late-answer", 3000)
    expect(terminal.ask("AT+CSQ␍", 2900)).toBe("")
    terminal.modem.dte.write(Uint8Array.of(0x41, 0x54, 0x0d))
    expect(terminal.listen(1000)).toBe("⏎+CSQ: 20,0⏎⏎OK⏎")
    terminal.dialogue("> AT␍\n< ⏎OK⏎")
})

test("split-answer: a pause after the first CR LF", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("split-answer", 100)
    expect(terminal.ask("AT+CSQ␍", 50)).toBe("⏎")
    expect(terminal.listen(100)).toBe("+CSQ: 20,0⏎⏎OK⏎")
    terminal.dialogue("> AT␍\n< ⏎OK⏎")
})

test("split-urc: it lands inside another line", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue("> AT+CREG=1␍\n< ⏎OK⏎")
    terminal.modem.inject("split-urc")
    terminal.modem.setRegistration(5)
    expect(terminal.listen(100)).toBe("")
    expect(terminal.ask("AT+CSQ␍")).toBe("⏎+CSQ:⏎+CREG: 5⏎ 20,0⏎⏎OK⏎")
    terminal.modem.setRegistration(1)
    terminal.dialogue("< ⏎+CREG: 1⏎")
})

test("lose-bytes: as many as asked for", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("lose-bytes", 4)
    expect(terminal.ask("AT␍")).toBe("⏎")
    terminal.modem.inject("lose-bytes")
    expect(terminal.ask("AT␍")).toBe("␊OK⏎")
    terminal.dialogue("> AT␍\n< ⏎OK⏎")
})

test("garbage: repeatable with the seed", () => {
    const garbage = (seed: number): string => {
        const terminal = TestTerminal.ready({ seed })
        terminal.modem.inject("garbage", 5)
        const text = terminal.ask("AT␍")
        expect(text).toMatch(/⏎OK⏎$/)
        return text
    }
    expect(garbage(1)).toBe(garbage(1))
    expect(garbage(1)).not.toBe(garbage(2))
})

describe("results of connecting", () => {
    test("no-connect-result", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.listen(SERVER, 80)
        terminal.modem.inject("no-connect-result")
        terminal.dialogue(`
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
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.refuse(SERVER, 81)
        terminal.modem.inject("late-connect-result")
        terminal.dialogue(`> AT+CIPSTART=0,"TCP","${SERVER}",81␍\n< ⏎OK⏎`)
        expect(terminal.listen(75_000)).toBe("")
        expect(terminal.listen(1000)).toBe("⏎0, CONNECT FAIL⏎")
    })
})

test("miss-rxget-urc: the data is there all the same", () => {
    const terminal = TestTerminal.online()
    terminal.dialogue("> AT+CIPRXGET=1␍\n< ⏎OK⏎")
    const server = terminal.network.listen(SERVER, 80)
    terminal.ask(`AT+CIPSTART="TCP","${SERVER}",80␍`)
    terminal.modem.inject("miss-rxget-urc")
    server.peer.send("abc")
    expect(terminal.listen(1000)).toBe("")
    terminal.dialogue("> AT+CIPRXGET=2,9␍\n< ⏎+CIPRXGET: 2,3,0⏎abc⏎OK⏎")
    server.peer.send("def")
    terminal.dialogue("< ⏎+CIPRXGET: 1⏎")
})

test("miss-closed", () => {
    const terminal = TestTerminal.online({ multi: true })
    const server = terminal.network.listen(SERVER, 80)
    terminal.ask(`AT+CIPSTART=0,"TCP","${SERVER}",80␍`)
    terminal.modem.inject("miss-closed")
    server.peer.end()
    expect(terminal.listen(1000)).toBe("")
    terminal.dialogue("> AT+CIPSEND=0,1␍\n< ⏎ERROR⏎")
})

test("send-fail: also with quick sending, where only AT+CIPACK shows it", () => {
    const terminal = connected()
    terminal.modem.inject("send-fail")
    terminal.dialogue(`
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
    const terminal = connected()
    terminal.modem.inject("close-during-send")
    terminal.dialogue(`
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
    const terminal = connected()
    terminal.modem.inject("pdp-deact")
    terminal.dialogue("< ⏎+PDP: DEACT⏎")
    expect(terminal.transitions).toContain("ip: IP PROCESSING -> PDP DEACT")
    expect(terminal.transitions).toContain("link 0: CONNECTED -> CLOSED")
})

test("brown-out", () => {
    const terminal = connected()
    terminal.modem.inject("brown-out")
    terminal.dialogue(`
        < ␀IIII\\xff\\xff\\xff\\xff
        < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
    `)
})

test("several at once", () => {
    const terminal = connected()
    terminal.modem.inject("lose-bytes", 2)
    terminal.modem.inject("late-answer", 100)
    terminal.modem.inject("split-answer", 100)
    expect(terminal.ask("AT␍", 1000)).toBe("OK⏎")
})

test("ri-glitch: RI alone", () => {
    const terminal = connected()
    terminal.takePins()
    terminal.modem.inject("ri-glitch")
    terminal.dialogue("~ 100\n! ri low 5 ms")
    terminal.modem.inject("ri-glitch", 20)
    terminal.dialogue("~ 100\n! ri low 20 ms")
})

test("dcd-glitch: DCD alone", () => {
    const terminal = connected()
    terminal.dialogue("> AT&C0␍\n< ⏎OK⏎")
    terminal.takePins()
    terminal.modem.inject("dcd-glitch", 20)
    terminal.dialogue("! dcd high\n~ 19\n~ 1\n! dcd low")
})

test("brown-out-on-air: AT+CIICR is never answered, every time", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("brown-out-on-air")
    for (let times = 0; times < 2; times++) {
        terminal.dialogue('> AT+CSTT="CMNET"␍\n< ⏎OK⏎')
        terminal.transitions.length = 0
        expect(terminal.ask("AT+CIICR␍")).not.toContain("OK")
        expect(terminal.transitions).toContain("power: on -> booting")
        terminal.listen(10_000)
    }
})

test("sagging-supply: a warning among the answers, and AT+CBC shows it", () => {
    const terminal = connected()
    terminal.modem.inject("sagging-supply", 3420)
    expect(terminal.ask("AT+CIPSEND=0,2␍")).toBe("⏎> ")
    terminal.dialogue(`
        > hi
        < ⏎UNDER-VOLTAGE WARNNING⏎⏎0, SEND OK⏎
        > AT+CBC␍
        < ⏎+CBC: 0,62,3420⏎⏎OK⏎
    `)
})

test("sleepless: AT+CSCLK=2 is accepted and does nothing", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.inject("sleepless")
    terminal.dialogue("> AT+CSCLK=2␍\n< ⏎OK⏎")
    terminal.clock.advance(60_000)
    expect(terminal.modem.asleep).toBe(false)
    terminal.dialogue("> AT␍\n< ⏎OK⏎")
})

test("lossy-line, corrupt-byte, eaten-xoff: what becomes of bytes to the DTE", () => {
    const lossy = TestTerminal.ready()
    lossy.modem.inject("lossy-line", 4)
    expect(lossy.ask("AT␍")).toBe("⏎O⏎")
    const corrupt = TestTerminal.ready()
    corrupt.modem.inject("corrupt-byte", 0x4b)
    expect(corrupt.ask("AT␍")).toBe("⏎O␋⏎")
    const eaten = TestTerminal.ready()
    eaten.modem.inject("eaten-xoff")
    expect(eaten.ask("ATE1␍")).toBe("⏎OK⏎")
    expect(eaten.ask("AT\x11\x13␍")).toBe("AT␍⏎OK⏎")
})
