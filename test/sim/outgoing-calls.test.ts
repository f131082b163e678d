/** [ATM12] 2.2.3 to 2.2.8, 3.2, 19.4: calls that the module makes, and several at once. */
import { describe, expect, test } from "vitest"
import type { Callee } from "../../sim/modem/callee"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const NUMBER = "62418148"

function ready(callee: Callee, options: ModemOptions = {}): TestTerminal {
    return TestTerminal.ready({
        operator: { callee: () => callee },
        ...options,
    })
}

describe("ATD", () => {
    test("OK at once, alerting, answered, hung up", () => {
        const terminal = ready("answers")
        const made: string[] = []
        terminal.modem.onCall = (number, hidden) =>
            made.push(`${number} ${hidden}`)
        terminal.dialogue(`
            > ATD${NUMBER};␍
            < ⏎OK⏎
            > AT+CLCC␍
            < ⏎+CLCC: 1,0,2,0,0,"${NUMBER}",129,""⏎⏎OK⏎
            ~ 20
            > AT+CLCC␍
            < ⏎+CLCC: 1,0,3,0,0,"${NUMBER}",129,""⏎⏎OK⏎
            > AT+CPAS␍
            < ⏎+CPAS: 4⏎⏎OK⏎
            ~ 40
            > AT+CLCC␍
            < ⏎+CLCC: 1,0,0,0,0,"${NUMBER}",129,""⏎⏎OK⏎
            > ATH␍
            < ⏎OK⏎
            > AT+CLCC␍
            < ⏎OK⏎
            > AT+CPAS␍
            < ⏎+CPAS: 0⏎⏎OK⏎
        `)
        expect(made).toEqual([`${NUMBER} false`])
        expect(terminal.transitions).toEqual([
            "call: idle -> dialing",
            "call: dialing -> active",
            "call: active -> idle",
        ])
    })

    test.each([
        ["busy", "BUSY", 17, "user busy"],
        ["unknown", "NO CARRIER", 1, "unassigned (unallocated) number"],
        ["rejects", "NO CARRIER", 21, "call rejected"],
        ["rings", "NO ANSWER", 19, "user alerting, no answer"],
    ] as const)("who is called %s: %s", (callee, word, cause, text) => {
        const terminal = ready(callee)
        terminal.dialogue(`
            > ATD${NUMBER};␍
            < ⏎OK⏎⏎${word}⏎
            > AT+CEER␍
            < ⏎+CEER: ${text}⏎⏎OK⏎
            > AT+CEER=1;+CEER␍
            < ⏎+CEER: Cause:${cause}⏎⏎OK⏎
            > AT+COLP=1␍
            < ⏎OK⏎
            > ATD${NUMBER};␍
            < ⏎${word}⏎
        `)
    })

    test("the other side hangs up; picks up by hand", () => {
        const terminal = ready("rings")
        terminal.dialogue(`> ATD${NUMBER};␍\n< ⏎OK⏎\n~ 10000`)
        terminal.modem.pickUp()
        terminal.dialogue(`
            > AT+CLCC␍
            < ⏎+CLCC: 1,0,0,0,0,"${NUMBER}",129,""⏎⏎OK⏎
            ~ 60000
        `)
        terminal.modem.hangUp()
        terminal.dialogue(`
            < ⏎NO CARRIER⏎
            > AT+CEER␍
            < ⏎+CEER: normal call clearing⏎⏎OK⏎
        `)
    })

    test("AT+COLP=1: OK when answered; a character ends the attempt", () => {
        const terminal = ready("answers", {
            sim: { phoneBook: [{ number: NUMBER, name: "Daniel" }] },
        })
        terminal.dialogue(`
            > AT+COLP=?␍
            < ⏎+COLP: (0,1)⏎⏎OK⏎
            > AT+COLP=1;+COLP?␍
            < ⏎+COLP: 1,1⏎⏎OK⏎
            > ATD${NUMBER};␍
            < ⏎+COLP: "${NUMBER}",129,"",0,"Daniel"⏎⏎OK⏎
            > ATH␍
            < ⏎OK⏎
            > ATD${NUMBER};␍
            ~ 20
            > A
            < ⏎NO CARRIER⏎
            > AT+CLCC␍
            < ⏎OK⏎
        `)
    })

    test("a line feed behind the command does not end it", () => {
        const terminal = ready("answers")
        terminal.dialogue(`
            > AT+COLP=1␍
            < ⏎OK⏎
            > ATD${NUMBER};⏎
            < ⏎+COLP: "${NUMBER}",129,"",0,""⏎⏎OK⏎
        `)
    })

    test("AT+MORING, AT+CDRIND, AT+CLCC=1 tell of what happens", () => {
        const terminal = ready("answers")
        const line = (stat: number): string =>
            `⏎+CLCC: 1,0,${stat},0,0,"${NUMBER}",129,""⏎`
        terminal.dialogue(`
            > AT+MORING=1;+CDRIND=1;+CLCC=1␍
            < ⏎OK⏎
            > ATD${NUMBER};␍
            < ${line(2)}⏎OK⏎${line(3)}⏎MO RING⏎${line(0)}⏎MO CONNECTED⏎
            > ATH␍
            < ${line(6)}⏎+CDRIND: 0⏎⏎OK⏎
        `)
        terminal.modem.reset()
        terminal.listen(60_000)
        // kept by itself, by AT&W, not at all
        terminal.dialogue(`
            > AT+CLCC?␍
            < ⏎+CLCC: 1⏎⏎OK⏎
            > AT+MORING?␍
            < ⏎+MORING: 0⏎⏎OK⏎
            > AT+CDRIND?␍
            < ⏎+CDRIND: 0⏎⏎OK⏎
        `)
    })

    test("modifiers, ATDL, ATD>n, ATD>name", () => {
        const terminal = ready("busy", {
            sim: {
                phoneBook: [
                    { number: "111", name: "Ann" },
                    { number: "+222", name: "Bob" },
                ],
            },
        })
        const made: string[] = []
        terminal.modem.onCall = (number, hidden) =>
            made.push(hidden ? `(${number})` : number)
        terminal.dialogue(`
            > ATDL␍
            < ⏎ERROR⏎
        `)
        for (const dialled of [
            "T+49 (151) 123-45,W!@I;",
            "l",
            "333i;",
            ">2;",
            '>"Ann"i;',
            "L;",
        ])
            terminal.dialogue(`> ATD${dialled}␍\n< ⏎OK⏎⏎BUSY⏎`)
        terminal.dialogue(`
            > AT+CLIR=?␍
            < ⏎+CLIR: (0-2)⏎⏎OK⏎
            > AT+CLIR=1;+CLIR?␍
            < ⏎+CLIR: 1,4⏎⏎OK⏎
            > ATD444;␍
            < ⏎OK⏎⏎BUSY⏎
            > ATD444i;␍
            < ⏎OK⏎⏎BUSY⏎
            > AT+CMEE=1␍
            < ⏎OK⏎
            > ATD>3;␍
            < ⏎+CME ERROR: 22⏎
            > ATD>251;␍
            < ⏎+CME ERROR: 21⏎
            > ATD>"Carl";␍
            < ⏎+CME ERROR: 22⏎
            > ATDhello;␍
            < ⏎+CME ERROR: 27⏎
            > ATD;␍
            < ⏎+CME ERROR: 27⏎
            > ATD${"1".repeat(41)};␍
            < ⏎+CME ERROR: 26⏎
        `)
        expect(made).toEqual([
            "(+4915112345)",
            "+4915112345",
            "333",
            "+222",
            "111",
            "111",
            "(444)",
            "444",
        ])
    })

    test("without a network: NO DIALTONE, as ATX says; 112 goes", () => {
        const terminal = ready("answers")
        terminal.modem.setRegistration(2)
        terminal.dialogue(`
            > ATD${NUMBER};␍
            < ⏎NO DIALTONE⏎
            > ATX3␍
            < ⏎OK⏎
            > ATD${NUMBER};␍
            < ⏎NO CARRIER⏎
            > AT+CEER␍
            < ⏎+CEER: emergency call not possible⏎⏎OK⏎
            > ATD112;␍
            < ⏎OK⏎
        `)
        const other = ready("answers", { sim: { inserted: false } })
        other.dialogue(`
            > ATD119;␍
            < ⏎ERROR⏎
            > AT+CEMNL?␍
            < ⏎+CEMNL: 0⏎⏎OK⏎
            > AT+CEMNL=1␍
            < ⏎OK⏎
            > AT+CEMNL?␍
            < ⏎+CEMNL: 1,2,112,119⏎⏎OK⏎
            > ATD119;␍
            < ⏎OK⏎
            > ATH␍
            < ⏎OK⏎
            > AT+CEMNL=1,1,"911"␍
            < ⏎OK⏎
            > AT+CEMNL=1,2,911␍
            < ⏎ERROR⏎
            > AT+CEMNL?␍
            < ⏎+CEMNL: 1,1,911⏎⏎OK⏎
            > ATD119;␍
            < ⏎ERROR⏎
        `)
        const off = ready("busy")
        off.dialogue(`
            > ATX2␍
            < ⏎OK⏎
            > ATD${NUMBER};␍
            < ⏎OK⏎⏎NO CARRIER⏎
            > AT+CFUN=0␍
            < ⏎+CPIN: NOT READY⏎⏎OK⏎
            > ATD${NUMBER};␍
            < ⏎ERROR⏎
        `)
    })

    test("no data calls and no PPP; a code goes to the operator", () => {
        const terminal = ready("answers")
        terminal.dialogue(`
            > ATD${NUMBER}␍
            < ⏎NO CARRIER⏎
            > ATD*99#␍
            < ⏎NO CARRIER⏎
            > ATD*99***1#␍
            < ⏎NO CARRIER⏎
            > AT+CUSD=1␍
            < ⏎OK⏎
            > ATD*100#;␍
            < ⏎OK⏎⏎+CUSD: 0, "Your balance is 12.50 EUR", 15⏎
        `)
    })

    test("the network goes during a call", () => {
        const terminal = ready("answers")
        terminal.dialogue(`> ATD${NUMBER};␍\n< ⏎OK⏎\n~ 1000`)
        terminal.modem.setRegistration(0)
        terminal.dialogue("< ⏎NO CARRIER⏎")
    })
})

describe("incoming calls", () => {
    test("ATS0 answers at that ring", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > ATS0=2␍
            < ⏎OK⏎
            > ATS0?␍
            < ⏎002⏎⏎OK⏎
        `)
        terminal.modem.call("+123")
        terminal.dialogue(`
            < ⏎RING⏎
            ~ 5900
            < ⏎RING⏎
            ~ 100
            > AT+CLCC␍
            < ⏎+CLCC: 1,1,0,0,0,"+123",145,""⏎⏎OK⏎
            ~ 20000
            > ATH␍
            < ⏎OK⏎
        `)
    })

    test("AT+CLIP: a name of the phone book; a number that is withheld", () => {
        const terminal = TestTerminal.ready({
            sim: { phoneBook: [{ number: "+491511234567", name: "Ann" }] },
        })
        terminal.ask("AT+CLIP=1␍")
        terminal.modem.call("01511234567")
        terminal.dialogue(`
            < ⏎RING⏎⏎+CLIP: "01511234567",129,"",0,"Ann",0⏎
            > ATH␍
            < ⏎OK⏎
            # no names
            > AT+CCPD=0␍
            < ⏎OK⏎
        `)
        terminal.modem.call("01511234567")
        terminal.dialogue(`
            < ⏎RING⏎⏎+CLIP: "01511234567",129,"",0,"",0⏎
            > AT+CLCC␍
            < ⏎+CLCC: 1,1,4,0,0,"01511234567",129,""⏎⏎OK⏎
            > ATH␍
            < ⏎OK⏎
        `)
        terminal.modem.call("")
        terminal.dialogue(`
            < ⏎RING⏎⏎+CLIP: "",128,"",0,"",1⏎
            > ATH␍
            < ⏎OK⏎
        `)
    })

    test("AT+GSMBUSY, and forwarding, keep them away", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+GSMBUSY=1␍
            < ⏎OK⏎
        `)
        expect(terminal.modem.call("+123")).toBe(false)
        terminal.dialogue(`
            > AT+GSMBUSY=0␍
            < ⏎OK⏎
            > AT+CCFC=0,3,"+491234",145␍
            < ⏎OK⏎
        `)
        expect(terminal.modem.call("+123")).toBe(false)
        expect(terminal.log).toEqual(["a call was forwarded to +491234"])
        terminal.dialogue(`
            > AT+CCFC=0,0␍
            < ⏎OK⏎
        `)
        expect(terminal.modem.call("+123")).toBe(true)
        terminal.dialogue("< ⏎RING⏎\n> ATH␍\n< ⏎OK⏎")
    })
})

// [ATM12] 19.4
describe("call waiting and hold", () => {
    const SECOND = "13918186089"

    /** A call is talked on, and a second one comes. */
    function withSecond(): TestTerminal {
        const terminal = ready("answers")
        terminal.dialogue(`
            > AT+CCWA=1,1␍
            < ⏎OK⏎
            > ATD${NUMBER};␍
            < ⏎OK⏎
            ~ 1000
        `)
        expect(terminal.modem.call(SECOND)).toBe(true)
        terminal.dialogue(`< ⏎RING⏎⏎+CCWA: "${SECOND}",129,1,""⏎`)
        return terminal
    }

    function calls(terminal: TestTerminal): string[] {
        const answer = terminal.ask("AT+CLCC␍", 20)
        return [...answer.matchAll(/CLCC: (\d,\d,\d),0,(\d)/g)].map(
            ([, call, conference]) => `${call}${conference === "1" ? "c" : ""}`
        )
    }

    test.each([
        ["1", ["2,1,0"]],
        ["2", ["1,0,1", "2,1,0"]],
        ["0", ["1,0,0"]],
        ["11", ["2,1,5"]],
    ])("AT+CHLD=%s with a waiting call", (n, left) => {
        const terminal = withSecond()
        expect(calls(terminal)).toEqual(["1,0,0", "2,1,5"])
        terminal.dialogue(`> AT+CHLD=${n}␍\n< ⏎OK⏎`)
        expect(calls(terminal)).toEqual(left)
    })

    test.each([
        ["0", ["2,1,0"]],
        ["1", ["1,0,0"]],
        ["2", ["1,0,0", "2,1,1"]],
        ["21", ["1,0,0", "2,1,1"]],
        ["12", ["1,0,1"]],
        ["3", ["1,0,0c", "2,1,0c"]],
        ["4", []],
    ])("AT+CHLD=%s with a held call", (n, left) => {
        const terminal = withSecond()
        terminal.dialogue(`
            > AT+CHLD=2␍
            < ⏎OK⏎
            > AT+CHLD=${n}␍
            < ⏎OK⏎
        `)
        expect(calls(terminal)).toEqual(left)
    })

    test("out of a conference, one alone", () => {
        const terminal = withSecond()
        terminal.dialogue(`
            > AT+CHLD=2␍
            < ⏎OK⏎
            > AT+CHLD=3␍
            < ⏎OK⏎
            > AT+CHLD=22␍
            < ⏎OK⏎
        `)
        expect(calls(terminal)).toEqual(["1,0,1c", "2,1,0"])
    })

    test("the first call ends: the waiting one rings", () => {
        const terminal = withSecond()
        terminal.modem.hangUp(NUMBER)
        terminal.dialogue(`
            < ⏎NO CARRIER⏎⏎RING⏎
            > ATA␍
            < ⏎OK⏎
        `)
        expect(calls(terminal)).toEqual(["2,1,0"])
    })

    test("a second call of the module holds the first one", () => {
        const terminal = ready("answers")
        terminal.dialogue(`
            > ATD${NUMBER};␍
            < ⏎OK⏎
            ~ 1000
            > ATD${SECOND};␍
            < ⏎OK⏎
            ~ 1000
        `)
        expect(calls(terminal)).toEqual(["1,0,1", "2,0,0"])
        terminal.dialogue("> ATD333;␍\n< ⏎ERROR⏎")
    })

    test("forms, and what is not allowed", () => {
        const terminal = ready("answers")
        terminal.dialogue(`
            > AT+CHLD=?␍
            < ⏎+CHLD: (0,1,1x,2,2x,3,4)⏎⏎OK⏎
            > AT+CHLD=0␍
            < ⏎ERROR⏎
            > AT+CHLD=11␍
            < ⏎ERROR⏎
            > AT+CHLD=5␍
            < ⏎ERROR⏎
            > AT+CCWA=?␍
            < ⏎+CCWA: (0,1)⏎⏎OK⏎
            > AT+CCWA?␍
            < ⏎+CCWA: 0⏎⏎OK⏎
            > AT+CCWA=1,2␍
            < ⏎+CCWA: 0,7⏎⏎OK⏎
            > AT+CCWA=1,1;+CCWA=,2␍
            < ⏎+CCWA: 1,1⏎⏎OK⏎
            > AT+CCWA?␍
            < ⏎+CCWA: 1⏎⏎OK⏎
        `)
    })
})

test("AT+CCFC: registered, asked for, switched, erased", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CCFC=?␍
        < ⏎+CCFC: (0-5)⏎⏎OK⏎
        > AT+CCFC=0,2␍
        < ⏎+CCFC: 0,7⏎⏎OK⏎
        > AT+CCFC=2,3,"+491234",145,1,,,25␍
        < ⏎OK⏎
        > AT+CCFC=2,2␍
        < ⏎+CCFC: 1,1,"+491234",145,,,25⏎⏎OK⏎
        > AT+CCFC=5,0␍
        < ⏎OK⏎
        > AT+CCFC=2,2␍
        < ⏎+CCFC: 0,1,"+491234",145,,,25⏎⏎OK⏎
        > AT+CCFC=4,4␍
        < ⏎OK⏎
        > AT+CCFC=2,2␍
        < ⏎+CCFC: 0,7⏎⏎OK⏎
        # several at once are not asked for, and the time is in steps of five
        > AT+CCFC=4,2␍
        < ⏎ERROR⏎
        > AT+CCFC=2,3,"+491234",145,1,,,7␍
        < ⏎ERROR⏎
        > AT+CCFC=0,3␍
        < ⏎ERROR⏎
        > AT+CCFC=0,3,"nobody"␍
        < ⏎ERROR⏎
    `)
})

test("AT+CSSN: +CSSI, of the module's own forwarding and barring", () => {
    const terminal = ready("answers")
    terminal.dialogue(`
        > AT+CSSN=?;+CSSN=1␍
        < ⏎+CSSN: (0,1),(0,1)⏎⏎OK⏎
        > AT+CCFC=2,3,"+491234",145␍
        < ⏎OK⏎
        > ATD${NUMBER};␍
        < ⏎OK⏎⏎+CSSI: 1⏎
        > ATH␍
        < ⏎OK⏎
        > AT+CCFC=0,3,"+491234",145␍
        < ⏎OK⏎
        > ATD${NUMBER};␍
        < ⏎OK⏎⏎+CSSI: 0⏎
        > ATH␍
        < ⏎OK⏎
        > AT+CLCK="AO",1,"0000"␍
        < ⏎OK⏎
        > ATD${NUMBER};␍
        < ⏎+CSSI: 5⏎⏎NO CARRIER⏎
        > AT+CLCK="AO",0,"0000"␍
        < ⏎OK⏎
        > AT+CSSN=0;+CSSN?␍
        < ⏎+CSSN: 0,0⏎⏎OK⏎
        > ATD${NUMBER};␍
        < ⏎OK⏎
    `)
})

test("what the network would have to say is unknown without one", () => {
    const terminal = ready("answers")
    const asked = ["AT+CLIP?", "AT+CLIR?", "AT+COLP?"]
    const ask = (): string[] => asked.map(line => terminal.ask(`${line}␍`))
    expect(ask()).toEqual([
        "⏎+CLIP: 0,1⏎⏎OK⏎",
        "⏎+CLIR: 0,4⏎⏎OK⏎",
        "⏎+COLP: 0,1⏎⏎OK⏎",
    ])
    terminal.modem.setRegistration(2)
    expect(ask()).toEqual([
        "⏎+CLIP: 0,2⏎⏎OK⏎",
        "⏎+CLIR: 0,2⏎⏎OK⏎",
        "⏎+COLP: 0,2⏎⏎OK⏎",
    ])
})

test("AT+CAOC keeps its mode, AT+CPUC its price; nothing costs anything", () => {
    TestTerminal.ready().dialogue(`
        > AT+CAOC?␍
        < ⏎+CAOC: 1⏎⏎OK⏎
        > AT+CAOC=2␍
        < ⏎OK⏎
        > AT+CAOC=0␍
        < ⏎+CAOC: "000000"⏎⏎OK⏎
        > AT+CAOC?␍
        < ⏎+CAOC: 2⏎⏎OK⏎
        > AT+CAOC=3␍
        < ⏎ERROR⏎
        > AT+CAOC␍
        < ⏎+CAOC: "000000"⏎⏎OK⏎
        > AT+CPUC="GBP","2.66","1234"␍
        < ⏎OK⏎
        > AT+CPUC?␍
        < ⏎+CPUC: "GBP","2.66"⏎⏎OK⏎
    `)
})

describe("DTMF", () => {
    test("AT+VTS: keys, and how long they sound", () => {
        const terminal = ready("answers")
        const tones: string[] = []
        terminal.modem.onTone = (key, ms) => tones.push(`${key} ${ms}`)
        terminal.dialogue(`
            > AT+VTS=?␍
            < ⏎+VTS: (0-9,*,#,A-D),(1-255)⏎⏎OK⏎
            > AT+VTS="1"␍
            < ⏎ERROR⏎
            > ATD${NUMBER};␍
            < ⏎OK⏎
            ~ 1000
            > AT+VTD=3␍
            < ⏎OK⏎
        `)
        const since = terminal.clock.now()
        terminal.dialogue(`
            > AT+VTS="1,2,#,a"␍
            < ⏎OK⏎
        `)
        expect(Math.round((terminal.clock.now() - since) / 100)).toBe(12)
        terminal.dialogue(`
            > AT+VTS=5␍
            < ⏎OK⏎
            > AT+VTS={5,10},{*,1}␍
            < ⏎OK⏎
            > AT+VTS="E"␍
            < ⏎ERROR⏎
            > AT+VTS="${Array(21).fill("1").join(",")}"␍
            < ⏎ERROR⏎
        `)
        expect(tones).toEqual([
            "1 300",
            "2 300",
            "# 300",
            "A 300",
            "5 300",
            "5 1000",
            "* 100",
        ])
    })

    test("AT+DDET: +DTMF, once a call is answered", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+DDET=?␍
            < ⏎+DDET: (0,1),(0-10000),(0,1),(0,1)⏎⏎OK⏎
            > AT+DDET=1␍
            < ⏎OK⏎
            > AT+DDET?␍
            < ⏎+DDET: 1,0,0,0⏎⏎OK⏎
        `)
        terminal.modem.call("+123")
        terminal.modem.pressKeys("9")
        terminal.dialogue("< ⏎RING⏎\n~ 200\n> ATA␍\n< ⏎OK⏎")
        terminal.modem.pressKeys("1*2")
        terminal.dialogue(`
            < ⏎+DTMF: 1⏎⏎+DTMF: *⏎⏎+DTMF: 2⏎
            > AT+DDET=1,1000,1␍
            < ⏎OK⏎
        `)
        terminal.modem.pressKeys("331")
        terminal.dialogue(`
            < ⏎+DTMF: 3,100⏎⏎+DTMF: 1,100⏎
            > AT+DDET=0␍
            < ⏎OK⏎
        `)
        terminal.modem.pressKeys("1")
        terminal.listen(1000)
        expect(() => terminal.modem.pressKeys("E")).toThrow(RangeError)
    })
})

test("AT+CMUT: during a call alone", () => {
    const terminal = ready("answers")
    terminal.dialogue(`
        > AT+CMUT=1␍
        < ⏎ERROR⏎
        > ATD${NUMBER};␍
        < ⏎OK⏎
        ~ 1000
        > AT+CMUT=1;+CMUT?␍
        < ⏎+CMUT: 1⏎⏎OK⏎
        > AT+HVOIC␍
        < ⏎OK⏎
        > AT+CMUT?␍
        < ⏎+CMUT: 0⏎⏎OK⏎
    `)
})
