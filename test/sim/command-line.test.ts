/** Facts 2: how lines are typed, split, run and answered. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { bytesOf } from "../../sim/modem/bytes"
import { cmeText, messageErrors, type CmeCode } from "../../sim/modem/errors"
import { TestTerminal } from "./terminal"

const echoing = { stored: { baud: 115200 } }

describe("the line", () => {
    test("echo gives back what was typed, then the answer: 41 54 0D 0D 0A 4F 4B 0D 0A", () => {
        const terminal = TestTerminal.ready(echoing)
        const received: number[] = []
        terminal.modem.dte.onData = bytes => received.push(...bytes)
        terminal.modem.dte.write(Uint8Array.of(0x41, 0x54, 0x0d))
        terminal.clock.advance(100)
        expect(received).toEqual([
            0x41, 0x54, 0x0d, 0x0d, 0x0a, 0x4f, 0x4b, 0x0d, 0x0a,
        ])
    })

    test("ATE0 is still echoed", () => {
        TestTerminal.ready(echoing).dialogue(`
            > ATE0␍
            < ATE0␍⏎OK⏎
            > AT␍
            < ⏎OK⏎
            > ATE1␍
            < ⏎OK⏎
            > AT␍
            < AT␍⏎OK⏎
        `)
    })

    test("the prefix comes in either case", () => {
        TestTerminal.ready().dialogue(`
            > at␍
            < ⏎OK⏎
            > At␍
            < ⏎OK⏎
            > aT+cipmux?␍
            < ⏎+CIPMUX: 0⏎⏎OK⏎
        `)
    })

    test("a line feed after CR is tolerated and not echoed", () => {
        TestTerminal.ready(echoing).dialogue(`
            > AT⏎
            < AT␍⏎OK⏎
            > AT⏎
            < AT␍⏎OK⏎
        `)
    })

    test("the same without delays", () => {
        TestTerminal.ready({ ...echoing, delays: "instant" }).dialogue(`
            > AT⏎
            < AT␍⏎OK⏎
            > AT⏎
            < AT␍⏎OK⏎
        `)
    })

    test("garbage in front of AT is skipped", () => {
        TestTerminal.ready().dialogue(`
            > IIIIATE0␍
            < ⏎OK⏎
            > \\xff␀xAAT␍
            < ⏎OK⏎
        `)
    })

    test("a line without AT is not answered", () => {
        const terminal = TestTerminal.ready()
        terminal.send("HELLO␍␍⏎T␍")
        expect(terminal.listen(1000)).toBe("")
    })

    test("backspace edits", () => {
        TestTerminal.ready().dialogue(`
            > AT+CIPMUX=7␈␈?␍
            < ⏎+CIPMUX: 0⏎⏎OK⏎
            > ATS5=35␍
            < ⏎OK⏎
            > AT+CSQQ#␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > ATS5?␍
            < ⏎035⏎⏎OK⏎
        `)
    })

    test("A/ repeats the last line at once", () => {
        TestTerminal.ready().dialogue(`
            > A/
            < ⏎OK⏎
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > A/
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > a/
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            # it ends there: T begins no line
            > T+CSQ␍
            > AT␍
            < ⏎OK⏎
        `)
    })

    test("556 characters after AT are the limit; of a longer line nothing runs", () => {
        const context = `+CGDCONT=1,"IP","${"x".repeat(89)}";`
        const line = `+CMEE=1;${context.repeat(5)}E0E0E0E0`
        TestTerminal.ready().dialogue(`
            > AT${line}␍
            < ⏎OK⏎
            > AT+CMEE=0␍
            < ⏎OK⏎
            > AT${line}E␍
            < ⏎ERROR⏎
            > AT+CMEE?␍
            < ⏎+CMEE: 0⏎⏎OK⏎
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT${"x".repeat(600)}␍
            < ⏎ERROR⏎
        `)
    })

    test("39 commands are the limit; of a longer line nothing runs", () => {
        TestTerminal.ready().dialogue(`
            > AT${"+CMEE=1;".repeat(39)}␍
            < ⏎OK⏎
            > AT${"+CMEE=0;".repeat(40)}␍
            < ⏎ERROR⏎
            > AT+CMEE?␍
            < ⏎+CMEE: 1⏎⏎OK⏎
            > AT${"E0".repeat(40)}␍
            < ⏎ERROR⏎
        `)
    })

    test("a line feed alone ends a line too", () => {
        TestTerminal.ready({ stored: { baud: 115200 } }).dialogue(`
            > AT+CSQ␊
            < AT+CSQ␊⏎+CSQ: 20,0⏎⏎OK⏎
            > ATE0␊␍
            < ATE0␊⏎OK⏎
            > AT␊
            < ⏎OK⏎
            > AT␊␍
            < ⏎OK⏎
        `)
    })

    test("control characters and garbage, in front and within", () => {
        TestTerminal.ready().dialogue(`
            # what ends a text that nobody asked for
            > ␚AT+CSQ␍␊
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > AT+␀C␉S␟Q␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > \\xff\\xfeAT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > AT+CSQ\\xe9␍
            < ⏎ERROR⏎
        `)
    })

    test("ATS5 changes what edits, and AT&W keeps it", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > ATS5=35&W␍
            < ⏎OK⏎
            > AT+CSX#Q␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
        `)
        terminal.modem.reset()
        terminal.listen(60_000)
        terminal.dialogue(`
            > AT+CSX#Q;S5?␍
            < ⏎+CSQ: 20,0⏎⏎035⏎⏎OK⏎
            > ATS5=128␍
            < ⏎ERROR⏎
            > AT&FE0␍
            < ⏎OK⏎
            > AT+CSX␈Q␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
        `)
    })

    test("bytes that come while a command runs are lost, and the log says so", () => {
        const terminal = TestTerminal.ready({ delays: "realistic" })
        terminal.send('AT+CSTT="CMNET"␍')
        expect(terminal.listen(100)).toBe("⏎OK⏎")
        terminal.send("AT+CIICR␍AT+CSQ␍")
        expect(terminal.listen(10_000)).toBe("⏎OK⏎")
        expect(terminal.log).toEqual([
            "7 bytes from the DTE were lost: they came while AT+CIICR was running",
        ])
    })
})

test("error texts, [ATM12] 18.1 and 18.2", () => {
    const texts = {
        3: "operation not allowed",
        10: "SIM not inserted",
        11: "SIM PIN required",
        12: "SIM PUK required",
        13: "SIM failure",
        14: "SIM busy",
        16: "incorrect password",
        30: "no network service",
        31: "network timeout",
        32: "network not allowed - emergency call only",
        100: "unknown",
        107: "GPRS services not allowed",
        148: "unspecified GPRS error",
        765: "Invalid input value",
        791: "Param count not enough",
        792: "Param count beyond",
        793: "Param value range beyond",
        795: "Param format invalid",
        797: "CFUN state is 0 or 4",
    } as const
    for (const [code, text] of Object.entries(texts))
        expect(cmeText(Number(code) as CmeCode)).toBe(text)
    expect(messageErrors).toMatchObject({
        304: "invalid PDU mode",
        305: "invalid text mode",
        321: "invalid memory index",
        331: "no network",
    })
})

describe("several commands in a line", () => {
    test("basic ones follow directly, extended ones take a semicolon", () => {
        TestTerminal.ready().dialogue(`
            > ATE0V1Q0+CMEE=2;+CMEE?;+CSQ␍
            < ⏎+CMEE: 2⏎⏎+CSQ: 20,0⏎⏎OK⏎
            > ATE0;+CSQ;E0;␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > AT&FE0&W␍
            < ⏎OK⏎
            > ATE0S3?S5=8S4?+CMEE?␍
            < ⏎013⏎⏎010⏎⏎+CMEE: 0⏎⏎OK⏎
        `)
    })

    test("semicolons in quotes do not split", () => {
        TestTerminal.ready().dialogue(`
            > AT+CSTT="a;b";+CSTT?␍
            < ⏎+CSTT: "a;b","",""⏎⏎OK⏎
        `)
    })

    test("an error ends the line, what stood before has run", () => {
        TestTerminal.ready().dialogue(`
            > AT+CSQ;+NONSENSE;+CMEE=1␍
            < ⏎+CSQ: 20,0⏎⏎ERROR⏎
            > AT+CMEE?␍
            < ⏎+CMEE: 0⏎⏎OK⏎
        `)
    })

    test("the last command decides whether OK follows", () => {
        TestTerminal.online().dialogue(`
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
            > AT+CIFSR;E0␍
            < ⏎10.78.245.128⏎⏎OK⏎
            > ATE0;+CIFSR␍
            < ⏎10.78.245.128⏎
        `)
    })

    test("blanks outside of quotes do not count (V.25ter; [ATM] 20.1)", () => {
        TestTerminal.ready().dialogue(`
            > AT +CMEE = 1␍
            < ⏎OK⏎
            > AT+CSTT = "a b" , "u"␍
            < ⏎OK⏎
            > AT+CSTT?␍
            < ⏎+CSTT: "a b","u",""⏎⏎OK⏎
        `)
    })

    test.each([
        "AT?",
        "AT+",
        "AT=1",
        "AT+CSQ?1",
        "AT+CSQ!",
        "AT&",
        "ATS3",
        "ATE?",
        "ATE2",
        "AT+CMEE=3",
        "AT+CREG=3",
        "AT+CIURC=2",
        "ATS3=10",
        'AT+CSTT="open',
        'AT+CSTT="a"b',
        "ATX5",
        "AT+CMGW=1",
        "AT+CIPSERVER",
        "AT+CSQ=1",
        "AT+CIICR?",
        "AT+CIPMUX",
    ])("%s is an error", line => {
        TestTerminal.ready().dialogue(`
            > ${line}␍
            < ⏎ERROR⏎
        `)
    })
})

describe("results", () => {
    test("AT+CMEE", () => {
        TestTerminal.ready().dialogue(`
            > AT+CIICR␍
            < ⏎ERROR⏎
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎+CME ERROR: 3⏎
            > AT+CMEE=2␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎+CME ERROR: operation not allowed⏎
            > AT+NONSENSE␍
            < ⏎+CME ERROR: unknown⏎
        `)
    })

    test.each([
        ["AT+CIPMUX=", "Param count not enough"],
        ["AT+CIPMUX=1,1", "Param count beyond"],
        ["AT+CIPMUX=2", "Param value range beyond"],
        ["AT+CIPMUX=x", "Param format invalid"],
        ['AT+CIPMUX="1"', "Param format invalid"],
        ['AT+CIPSTART="SCTP","1.2.3.4",80', "Invalid input value"],
        ['AT+CDNSCFG="1.2.3.256"', "Invalid input value"],
    ])("%s: %s", (line, text) => {
        TestTerminal.ready().dialogue(`
            > AT+CMEE=2␍
            < ⏎OK⏎
            > ${line}␍
            < ⏎+CME ERROR: ${text}⏎
        `)
    })

    test("ATV0: numbers and short information", () => {
        const terminal = TestTerminal.ready()
        terminal.network.listen("192.0.2.80", 80)
        terminal.dialogue(`
            > ATV0␍
            < 0␍
            > AT+CSQ␍
            < +CSQ: 20,0⏎0␍
            > AT+NONSENSE␍
            < 4␍
            > AT+CIPSTART="TCP","192.0.2.80",80␍
            < 0␍
            < CONNECT OK⏎
            > AT+CIPSHUT␍
            < SHUT OK⏎
            > ATV1␍
            < ⏎OK⏎
        `)
    })

    test("ATQ1: no results, but information", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > ATQ1␍
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎
            > AT+NONSENSE␍
            > AT+CMEE=1␍
            > AT+NONSENSE␍
            > AT+CMGR=0␍
            > ATQ0␍
            < ⏎OK⏎
        `)
    })

    test("what may be left out behind the equals sign", () => {
        TestTerminal.ready().dialogue(`
            > AT+CMEE=2;+CMEE=;+CMEE?␍
            < ⏎+CMEE: 0⏎⏎OK⏎
            > AT+CMGF=1;+CMGF=;+CMGF?␍
            < ⏎+CMGF: 0⏎⏎OK⏎
            > AT+CREG=2;+CREG=;+CREG?␍
            < ⏎+CREG: 0,1⏎⏎OK⏎
            > AT+CSDH=1;+CSDH=;+CSDH?␍
            < ⏎+CSDH: 0⏎⏎OK⏎
            > AT+CMOD=;+CR=;+CMOD?␍
            < ⏎+CMOD: 0⏎⏎OK⏎
        `)
    })

    test("strings may come without quotation marks", () => {
        TestTerminal.ready().dialogue(`
            > AT+CSTT=internet,user,secret␍
            < ⏎OK⏎
            > AT+CSTT?␍
            < ⏎+CSTT: "internet","user","secret"⏎⏎OK⏎
            > AT+CPMS=SM,SM,SM␍
            < ⏎+CPMS: 0,50,0,50,0,50⏎⏎OK⏎
            > AT+CMGF=1;+CMGS=+123␍
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 1⏎⏎OK⏎
        `)
    })
})

describe("unsolicited results", () => {
    test("do not go into a line that is being typed, but in front of its answer", () => {
        const terminal = TestTerminal.ready(echoing)
        terminal.dialogue(`
            > AT+CREG=1␍
            < AT+CREG=1␍⏎OK⏎
            > AT+C
            < AT+C
        `)
        terminal.modem.setRegistration(5)
        terminal.dialogue(`
            > SQ␍
            < SQ␍⏎+CREG: 5⏎⏎+CSQ: 20,0⏎⏎OK⏎
        `)
    })

    test("nor do they wait once the line has been answered", () => {
        const terminal = TestTerminal.ready(echoing)
        terminal.dialogue(`
            > AT+CREG=1␍
            < AT+CREG=1␍⏎OK⏎
        `)
        terminal.modem.setRegistration(5)
        expect(terminal.listen(5)).toBe("⏎+CREG: 5⏎")
    })

    test("but a line that is never finished does not hold them for ever", () => {
        const terminal = TestTerminal.ready(echoing)
        terminal.dialogue(`
            > AT+CREG=1␍
            < AT+CREG=1␍⏎OK⏎
            > AT
            < AT
        `)
        terminal.modem.setRegistration(5)
        expect(terminal.listen(50)).toBe("")
        expect(terminal.listen(100)).toBe("⏎+CREG: 5⏎")
    })

    test("come between command and answer, and while a prompt is open", () => {
        const terminal = TestTerminal.online()
        terminal.network.listen("192.0.2.80", 80)
        terminal.dialogue(`
            > AT+CREG=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","192.0.2.80",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPSEND=4␍
            < ⏎> |
            > ab
        `)
        terminal.modem.setRegistration(5)
        terminal.dialogue(`
            < ⏎+CREG: 5⏎
            > cd
            < ⏎SEND OK⏎
        `)
    })
})

test("no input whatsoever breaks the modem", () => {
    const fragments = fc.constantFrom(
        "AT",
        "+CIPMUX",
        "+CIPSTART",
        "+CIPSEND",
        "+CIPRXGET",
        "+CIPSHUT",
        "+CSTT",
        "+CIICR",
        "+CFUN",
        "=",
        "?",
        "1",
        "0",
        ",",
        '"',
        ";",
        "\r",
        "\x1a",
        "E",
        "&F",
        "A/",
        "\b"
    )
    const piece = fc.oneof(fragments, fc.string({ maxLength: 3 }))
    fc.assert(
        fc.property(fc.array(piece, { maxLength: 60, size: "max" }), pieces => {
            const terminal = TestTerminal.ready({ delays: "instant" })
            terminal.modem.dte.write(
                bytesOf(pieces.join("").replaceAll(/[^\0-\xff]/g, "?"))
            )
            terminal.listen(200_000)
            // whatever happened, ESC and CR bring it back to command mode
            terminal.modem.dte.write(bytesOf("\x1b\r"))
            terminal.listen(200_000)
            terminal.modem.dte.write(bytesOf("\x1b\rATV1Q0\r"))
            expect(terminal.listen(1000)).toMatch(/(⏎OK⏎|0␍)$/)
        }),
        { seed: 800, numRuns: 150 }
    )
})
