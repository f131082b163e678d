/** [ATM12] 4.2.8, 4.2.13: what comes by itself: long messages, classes, status reports, cell broadcasts. */
import { describe, expect, test } from "vitest"
import type { ModemOptions } from "../../sim/modem/options"
import type { SentMessage } from "../../sim/modem/submission"
import { TestTerminal } from "./terminal"

const CENTRE = "0891683108100005F0"
const AT = Date.UTC(2018, 0, 22, 16, 7, 20)
const TIME = '"18/01/22,19:07:20+12"'

function ready(setup: string, options: ModemOptions = {}): TestTerminal {
    const { operator, ...more } = options
    const terminal = TestTerminal.ready({
        operator: { timeZone: 12, ...operator },
        ...more,
    })
    terminal.dialogue(`> AT${setup}␍\n< ⏎OK⏎`)
    return terminal
}

describe("a message that is too long for one", () => {
    const LONG = `${"a".repeat(152)}€${"b".repeat(10)}`

    test("comes in parts, which text mode shows without what joins them", () => {
        const terminal = ready("+CMGF=1")
        terminal.modem.receiveMessage({ from: "+123", text: LONG, at: AT })
        terminal.dialogue(`
            < ⏎+CMTI: "SM",1⏎⏎+CMTI: "SM",2⏎
            > AT+CMGL="ALL"␍
            < ⏎+CMGL: 1,"REC UNREAD","+123","",${TIME}⏎${"a".repeat(152)}⏎
            < ⏎+CMGL: 2,"REC UNREAD","+123","",${TIME}⏎?bbbbbbbbbb⏎⏎OK⏎
            > AT+CCONCINDEX␍
            < ⏎+CCONCINDEX: 2,1,2⏎⏎OK⏎
        `)
    })

    test("AT+CCONCINDEX: no message, and none that is a part", () => {
        const terminal = ready("+CMGF=1")
        terminal.dialogue("> AT+CCONCINDEX␍\n< ⏎OK⏎")
        terminal.modem.receiveMessage({ from: "+123", text: "short", at: AT })
        terminal.dialogue(`
            < ⏎+CMTI: "SM",1⏎
            > AT+CCONCINDEX␍
            < ⏎+CCONCINDEX: 0⏎⏎OK⏎
        `)
    })

    test("as the manual has it, octets in hexadecimal", () => {
        const terminal = ready("+CMGF=1;+CNMI=2,2", {
            firmware: { partsAsText: false },
        })
        terminal.modem.receiveMessage({
            from: "+123",
            text: "я".repeat(71),
            at: AT,
        })
        terminal.dialogue(`
            < ⏎+CMT: "+123","",${TIME}⏎050003000201${"044F".repeat(67)}⏎
            < ⏎+CMT: "+123","",${TIME}⏎050003000202${"044F".repeat(4)}⏎
        `)
    })

    test("as PDUs, which any program can join", () => {
        const terminal = ready("+CMGF=0")
        terminal.modem.receiveMessage({ from: "+123", text: LONG, at: AT })
        terminal.dialogue('< ⏎+CMTI: "SM",1⏎⏎+CMTI: "SM",2⏎')
        const [, pdu] = /⏎([0-9A-F]{40,})⏎/.exec(
            terminal.ask("AT+CMGR=2␍")
        ) as RegExpExecArray
        // header, a fill bit, the euro sign in two septets
        expect(pdu).toBe(
            `${CENTRE}44039121F300008110229170022113050003000202` +
                "3665B1582C168BC562B118"
        )
    })

    test("goes out in parts", () => {
        const terminal = ready("+CMGF=1")
        const sent: SentMessage[] = []
        terminal.modem.onMessage = message => sent.push(message)
        terminal.dialogue(`
            > AT+CMGS="+123"␍
            < ⏎> |
            > ${"x".repeat(153)}${"y".repeat(153)}z␚
            < ⏎+CMGS: 3⏎⏎OK⏎
        `)
        expect(sent.map(({ text }) => text)).toEqual([
            "x".repeat(153),
            "y".repeat(153),
            "z",
        ])
        expect(sent.map(({ part }) => part)).toEqual([
            { reference: 1, number: 1, of: 3 },
            { reference: 1, number: 2, of: 3 },
            { reference: 1, number: 3, of: 3 },
        ])
    })
})

describe("classes", () => {
    test("0 is passed on and not kept, unless AT+SCLASS0=1", () => {
        const terminal = ready("+CMGF=1")
        terminal.modem.receiveMessage({
            from: "+123",
            text: "flash",
            at: AT,
            class: 0,
        })
        terminal.dialogue(`
            < ⏎+CMT: "+123","",${TIME}⏎flash⏎
            > AT+CMGL="ALL"␍
            < ⏎OK⏎
            > AT+SCLASS0=?␍
            < ⏎+SCLASS0: (0, 1)⏎⏎OK⏎
            > AT+SCLASS0=1;+SCLASS0?␍
            < ⏎+SCLASS0: 1⏎⏎OK⏎
        `)
        terminal.modem.receiveMessage({
            from: "+123",
            text: "flash",
            at: AT,
            class: 0,
        })
        terminal.dialogue(`
            < ⏎+CMTI: "SM",1⏎
            > AT+CSDH=1;+CMGR=1␍
            < ⏎+CMGR: "REC UNREAD","+123","",${TIME},145,4,0,16,"+8613800100500",145,5⏎flash⏎⏎OK⏎
        `)
    })

    test.each([
        ["2,0", 0, ""],
        ["2,1", 1, "CMTI"],
        ["2,1", 3, "CMTI"],
        ["2,2", 1, "CMT"],
        ["2,2", 3, "CMT"],
        // what belongs on the card goes there
        ["2,2", 2, 'CMTI: "SM",1'],
        ["2,3", 1, "CMTI"],
        ["2,3", 3, "CMT"],
    ] as const)("AT+CNMI=%s, class %d: %s", (reports, messageClass, told) => {
        const terminal = ready(`+CMGF=1;+CNMI=${reports}`)
        terminal.modem.receiveMessage({
            from: "+123",
            text: "x",
            class: messageClass,
        })
        const answer = terminal.listen(200)
        if (told === "") expect(answer).toBe("")
        else expect(answer).toMatch(new RegExp(`^⏎\\+${told}[:,⏎]?`))
        if (told === "CMT") expect(answer).toContain("CMT:")
    })
})

test("a message of class 2 goes to the card, whatever AT+CPMS says", () => {
    const terminal = ready("+CMGF=1")
    terminal.ask('AT+CPMS="ME","ME","ME"␍')
    terminal.modem.receiveMessage({ from: "+123", text: "x", class: 2 })
    terminal.dialogue('< ⏎+CMTI: "SM",1⏎')
    terminal.modem.receiveMessage({ from: "+123", text: "x", class: 1 })
    terminal.dialogue('< ⏎+CMTI: "ME",1⏎')
})

describe("status reports", () => {
    test("AT+CSMP=49, +CDS in text mode", () => {
        const terminal = ready("+CMGF=1;+CSMP=49,167,0,0;+CNMI=2,1,0,1")
        terminal.dialogue(`
            > AT+CMGS="+4915112345678"␍
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 1⏎⏎OK⏎
        `)
        expect(terminal.listen(100)).toMatch(
            /^⏎\+CDS: 6,1,"\+4915112345678",145,"20\/12\/16,21:0\d:\d\d\+12","20\/12\/16,21:0\d:\d\d\+12",0⏎$/
        )
    })

    test("as PDU; and what the network decides", () => {
        const terminal = ready("+CMGF=0;+CNMI=2,1,0,1", {
            operator: {
                delivery: ({ to }) => (to === "+46708251358" ? 70 : undefined),
            },
        })
        terminal.dialogue(`
            > AT+CMGS=23␍
            < ⏎> |
            > 0031000B916407281553F80000AA0AE8329BFD4697D9EC37␚
            < ⏎+CMGS: 1⏎⏎OK⏎
        `)
        expect(terminal.listen(100)).toMatch(
            /^⏎\+CDS: 25⏎0891683108100005F006010B916407281553F8(\d{12}21){2}46⏎$/
        )
        terminal.dialogue(`
            > AT+CMGS=15␍
            < ⏎> |
            > 003100039121F30000AA05E8329BFD06␚
            < ⏎+CMGS: 2⏎⏎OK⏎
            ~ 1000
        `)
    })

    test("not asked for, or not wanted: nothing", () => {
        const terminal = ready("+CMGF=1;+CNMI=2,1,0,1")
        terminal.dialogue(`
            > AT+CMGS="+123"␍
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 1⏎⏎OK⏎
            ~ 1000
            > AT+CSMP=49;+CNMI=2,1,0,0␍
            < ⏎OK⏎
            > AT+CMGS="+123"␍
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 2⏎⏎OK⏎
            ~ 1000
        `)
    })

    test("wait for AT+CNMI to let them through", () => {
        const terminal = ready("+CMGF=1;+CSMP=49;+CNMI=0,1,0,1")
        terminal.dialogue(`
            > AT+CMGS="+123"␍
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 1⏎⏎OK⏎
            ~ 1000
        `)
        expect(terminal.ask("AT+CNMI=2␍")).toMatch(/^⏎OK⏎⏎\+CDS: 6,1,"\+123"/)
    })
})

describe("cell broadcasts", () => {
    test("AT+CSCB: what is listened to, for good", () => {
        const terminal = ready("+CMGF=1")
        terminal.dialogue(`
            > AT+CSCB=?␍
            < ⏎+CSCB: (0,1)⏎⏎OK⏎
            > AT+CSCB?␍
            < ⏎+CSCB: 0,"",""⏎⏎OK⏎
            > AT+CSCB=0,"0,1,5,320,922","0,5"␍
            < ⏎OK⏎
            > AT+CSCB=0,"50";+CSCB?␍
            < ⏎+CSCB: 0,"0,1,5,320,922,50","0,5"⏎⏎OK⏎
            > AT+CSCB=1,"5";+CSCB?␍
            < ⏎+CSCB: 0,"0,1,320,922,50","0,5"⏎⏎OK⏎
            > AT+CSCB=1;+CSCB?␍
            < ⏎+CSCB: 0,"0,1,320,922,50","0-255"⏎⏎OK⏎
            > AT+CSCB=0,"100-200"␍
            < ⏎ERROR⏎
        `)
        terminal.modem.reset()
        terminal.listen(60_000)
        terminal.dialogue(`
            > AT+CSCB?␍
            < ⏎+CSCB: 0,"0,1,320,922,50","0-255"⏎⏎OK⏎
            > AT+CSCB=0;+CSCB?␍
            < ⏎+CSCB: 0,"",""⏎⏎OK⏎
            > AT+CSCB=0,"50";+CDSCB;+CSCB?␍
            < ⏎+CSCB: 0,"",""⏎⏎OK⏎
        `)
    })

    test("the lists hold 15 identifiers and 5 coding schemes", () => {
        const ids = Array.from({ length: 15 }, (_, i) => i).join(",")
        ready("+CMGF=1").dialogue(`
            > AT+CSCB=0,"${ids}","1,2,3,4,5"␍
            < ⏎OK⏎
            > AT+CSCB=0,"99","9";+CSCB?␍
            < ⏎+CSCB: 0,"${ids}","1,2,3,4,5"⏎⏎OK⏎
        `)
    })

    test("+CBM: text and PDU, page by page", () => {
        const terminal = ready('+CMGF=1;+CNMI=2,1,2;+CSCB=0,"50,919"')
        const { modem } = terminal
        modem.broadcast({ id: 50, text: "Cell 4711", serial: 4096 })
        terminal.dialogue("< ⏎+CBM: 4096,50,15,1,1⏎Cell 4711⏎")
        modem.broadcast({ id: 919, text: "x".repeat(94) })
        terminal.dialogue(`
            < ⏎+CBM: 0,919,15,1,2⏎${"x".repeat(93)}⏎
            < ⏎+CBM: 0,919,15,2,2⏎x⏎
        `)
        modem.broadcast({ id: 50, text: "пр" })
        terminal.dialogue(`
            < ⏎+CBM: 0,50,72,1,1⏎043F0440⏎
            > AT+CMGF=0␍
            < ⏎OK⏎
        `)
        modem.broadcast({ id: 50, text: "hello", serial: 0x1234 })
        const filler = "1A8D46A3D168341A8D46A3D168341A8D46A3D168341A8D46A3D168"
        const answer = terminal.listen(50)
        expect(answer).toMatch(/^⏎\+CBM: 88⏎123400320F11E8329BFD6E/)
        expect(answer).toContain(filler)
        expect(answer.length).toBe("⏎+CBM: 88⏎⏎".length + 176)
    })

    test.each([
        ["not listened to", '+CNMI=2,1,2;+CSCB=0,"51"'],
        ["another coding scheme", '+CNMI=2,1,2;+CSCB=0,"50","1"'],
        ["AT+CNMI does not want it", '+CNMI=2,1,0;+CSCB=0,"50"'],
    ])("%s: nothing", (_, setup) => {
        const terminal = ready(`+CMGF=1;${setup}`)
        terminal.modem.broadcast({ id: 50, text: "Cell 4711" })
        expect(terminal.listen(100)).toBe("")
    })

    test("without a network there is nothing to hear", () => {
        const terminal = ready('+CMGF=1;+CNMI=2,1,2;+CSCB=0,"50"')
        terminal.modem.setRegistration(0)
        terminal.modem.broadcast({ id: 50, text: "Cell 4711" })
        expect(terminal.listen(100)).toBe("")
    })

    test("what cannot be", () => {
        const { modem } = TestTerminal.ready()
        expect(() => modem.broadcast({ id: 70_000, text: "" })).toThrow(
            "it is 0 to 65535"
        )
        expect(() =>
            modem.broadcast({ id: 1, text: "x".repeat(15 * 93 + 1) })
        ).toThrow("do not fit into 15 pages")
    })
})
