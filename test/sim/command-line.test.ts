/** Facts 2: how lines are typed, split, run and answered. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { bytesOf } from "../../sim/modem/bytes"
import { cmeText, type CmeCode } from "../../sim/modem/errors"
import { Bench } from "./bench"

const echoing = { stored: { baud: 115200 } }

describe("the line", () => {
    test("echo gives back what was typed, then the answer: 41 54 0D 0D 0A 4F 4B 0D 0A", () => {
        const bench = Bench.ready(echoing)
        const received: number[] = []
        bench.modem.dte.onData = bytes => received.push(...bytes)
        bench.modem.dte.write(Uint8Array.of(0x41, 0x54, 0x0d))
        bench.clock.advance(100)
        expect(received).toEqual([
            0x41, 0x54, 0x0d, 0x0d, 0x0a, 0x4f, 0x4b, 0x0d, 0x0a,
        ])
    })

    test("ATE0 is still echoed", () => {
        Bench.ready(echoing).dialogue(`
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
        Bench.ready().dialogue(`
            > at␍
            < ⏎OK⏎
            > At␍
            < ⏎OK⏎
            > aT+cipmux?␍
            < ⏎+CIPMUX: 0⏎⏎OK⏎
        `)
    })

    test("a line feed after CR is tolerated and not echoed", () => {
        Bench.ready(echoing).dialogue(`
            > AT⏎
            < AT␍⏎OK⏎
            > AT⏎
            < AT␍⏎OK⏎
        `)
    })

    test("the same without delays", () => {
        Bench.ready({ ...echoing, delays: "instant" }).dialogue(`
            > AT⏎
            < AT␍⏎OK⏎
            > AT⏎
            < AT␍⏎OK⏎
        `)
    })

    test("garbage in front of AT is skipped", () => {
        Bench.ready().dialogue(`
            > IIIIATE0␍
            < ⏎OK⏎
            > \\xff␀xAAT␍
            < ⏎OK⏎
        `)
    })

    test("a line without AT is not answered", () => {
        const bench = Bench.ready()
        bench.send("HELLO␍␍⏎T␍")
        expect(bench.listen(1000)).toBe("")
    })

    test("backspace edits", () => {
        Bench.ready().dialogue(`
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
        Bench.ready().dialogue(`
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
        const line = "+CMEE=1;".repeat(69) + "E0E0"
        Bench.ready().dialogue(`
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

    test("bytes that come while a command runs are lost, and the log says so", () => {
        const bench = Bench.ready({ delays: "realistic" })
        bench.send('AT+CSTT="CMNET"␍')
        expect(bench.listen(100)).toBe("⏎OK⏎")
        bench.send("AT+CIICR␍AT+CSQ␍")
        expect(bench.listen(10_000)).toBe("⏎OK⏎")
        expect(bench.log).toEqual([
            "7 bytes from the DTE were lost: they came while AT+CIICR was running",
        ])
    })
})

test("error texts, [ATM] 19.1", () => {
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
})

describe("several commands in a line", () => {
    test("basic ones follow directly, extended ones take a semicolon", () => {
        Bench.ready().dialogue(`
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
        Bench.ready().dialogue(`
            > AT+CSTT="a;b";+CSTT?␍
            < ⏎+CSTT: "a;b","",""⏎⏎OK⏎
        `)
    })

    test("an error ends the line, what stood before has run", () => {
        Bench.ready().dialogue(`
            > AT+CSQ;+NONSENSE;+CMEE=1␍
            < ⏎+CSQ: 20,0⏎⏎ERROR⏎
            > AT+CMEE?␍
            < ⏎+CMEE: 0⏎⏎OK⏎
        `)
    })

    test("the last command decides whether OK follows", () => {
        Bench.online().dialogue(`
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
            > AT+CIFSR;E0␍
            < ⏎10.78.245.128⏎⏎OK⏎
            > ATE0;+CIFSR␍
            < ⏎10.78.245.128⏎
        `)
    })

    test("blanks outside of quotes do not count (V.25ter; [ATM] 20.1)", () => {
        Bench.ready().dialogue(`
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
        "ATX4",
        "ATD*99#",
        "AT+CMGW=1",
        "AT+CIPSERVER",
        "AT&V",
        "AT+CSQ=1",
        "AT+CIICR?",
        "AT+CIPMUX",
    ])("%s is an error", line => {
        Bench.ready().dialogue(`
            > ${line}␍
            < ⏎ERROR⏎
        `)
    })
})

describe("results", () => {
    test("AT+CMEE", () => {
        Bench.ready().dialogue(`
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
        ["AT+CSTT=CMNET", "Param format invalid"],
    ])("%s: %s", (line, text) => {
        Bench.ready().dialogue(`
            > AT+CMEE=2␍
            < ⏎OK⏎
            > ${line}␍
            < ⏎+CME ERROR: ${text}⏎
        `)
    })

    test("ATV0: numbers and short information", () => {
        const bench = Bench.ready()
        bench.network.listen("192.0.2.80", 80)
        bench.dialogue(`
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
        const bench = Bench.ready()
        bench.dialogue(`
            > ATQ1␍
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎
            > AT+NONSENSE␍
            > AT+CMEE=1␍
            > AT+NONSENSE␍
            > ATQ0␍
            < ⏎OK⏎
        `)
    })
})

describe("unsolicited results", () => {
    test("do not go into a line that is being typed, but in front of its answer", () => {
        const bench = Bench.ready(echoing)
        bench.dialogue(`
            > AT+CREG=1␍
            < AT+CREG=1␍⏎OK⏎
            > AT+C
            < AT+C
        `)
        bench.modem.setRegistration(5)
        bench.dialogue(`
            > SQ␍
            < SQ␍⏎+CREG: 5⏎⏎+CSQ: 20,0⏎⏎OK⏎
        `)
    })

    test("nor do they wait once the line has been answered", () => {
        const bench = Bench.ready(echoing)
        bench.dialogue(`
            > AT+CREG=1␍
            < AT+CREG=1␍⏎OK⏎
        `)
        bench.modem.setRegistration(5)
        expect(bench.listen(5)).toBe("⏎+CREG: 5⏎")
    })

    test("but a line that is never finished does not hold them for ever", () => {
        const bench = Bench.ready(echoing)
        bench.dialogue(`
            > AT+CREG=1␍
            < AT+CREG=1␍⏎OK⏎
            > AT
            < AT
        `)
        bench.modem.setRegistration(5)
        expect(bench.listen(50)).toBe("")
        expect(bench.listen(100)).toBe("⏎+CREG: 5⏎")
    })

    test("come between command and answer, and while a prompt is open", () => {
        const bench = Bench.online()
        bench.network.listen("192.0.2.80", 80)
        bench.dialogue(`
            > AT+CREG=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","192.0.2.80",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPSEND=4␍
            < ⏎> |
            > ab
        `)
        bench.modem.setRegistration(5)
        bench.dialogue(`
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
            const bench = Bench.ready({ delays: "instant" })
            bench.modem.dte.write(
                bytesOf(pieces.join("").replaceAll(/[^\0-\xff]/g, "?"))
            )
            bench.listen(200_000)
            // whatever happened, ESC and CR bring it back to command mode
            bench.modem.dte.write(bytesOf("\x1b\r"))
            bench.listen(200_000)
            bench.modem.dte.write(bytesOf("\x1b\rATV1Q0\r"))
            expect(bench.listen(1000)).toMatch(/(⏎OK⏎|0␍)$/)
        }),
        { seed: 800, numRuns: 150 }
    )
})
