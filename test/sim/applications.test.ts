/** USSD ([ATM] 3.2.53), bearers for applications ([ATM] 9.2.1), location ([LOC]), network time. */
import { describe, expect, test } from "vitest"
import type { OperatorOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

function operated(operator: Partial<OperatorOptions>): TestTerminal {
    return TestTerminal.ready({ operator })
}

describe("AT+CUSD", () => {
    test("OK first, the answer later", () => {
        TestTerminal.ready().dialogue(`
            > AT+CUSD=?␍
            < ⏎+CUSD: (0-2)⏎⏎OK⏎
            > AT+CUSD?␍
            < ⏎+CUSD: 0⏎⏎OK⏎
            > AT+CUSD=1,"*100#",15␍
            < ⏎OK⏎
            < ⏎+CUSD: 0, "Your balance is 12.50 EUR", 15⏎
            > AT+CUSD?␍
            < ⏎+CUSD: 1⏎⏎OK⏎
            > AT+CUSD=1,"*999#"␍
            < ⏎OK⏎
            < ⏎+CUSD: 4⏎
        `)
    })

    test("ussdBlanks: false", () => {
        TestTerminal.ready({ firmware: { ussdBlanks: false } }).dialogue(`
            > AT+CUSD=1,"*100#"␍
            < ⏎OK⏎
            < ⏎+CUSD: 0,"Your balance is 12.50 EUR",15⏎
        `)
    })

    test("a menu: the session goes on", () => {
        operated({
            ussd: code =>
                code === "*101#"
                    ? { text: "1 Data\n2 Calls", more: true }
                    : `chosen: ${code}`,
        }).dialogue(`
            > AT+CSCS="HEX"␍
            < ⏎OK⏎
            > AT+CUSD=1,"*101#",15␍
            < ⏎OK⏎
            < ⏎+CUSD: 1, "3120446174610A322043616C6C73", 15⏎
            > AT+CSCS="IRA"␍
            < ⏎OK⏎
            > AT+CUSD=1,"1",15␍
            < ⏎OK⏎
            < ⏎+CUSD: 0, "chosen: 1", 15⏎
        `)
    })

    test.each([
        ["IRA", "*100#", "041104300403", 72],
        ["HEX", "*100#", "041104300403", 72],
        ["UCS2", "002A0031003000300023", "041104300403", 72],
    ])("character set %s: UCS-2 is in hexadecimal", (set, code, text, dcs) => {
        operated({
            ussd: asked => (asked === "*100#" ? "Ба\u0403" : undefined),
        }).dialogue(`
            > AT+CSCS="${set}"␍
            < ⏎OK⏎
            > AT+CUSD=1,"${code}",15␍
            < ⏎OK⏎
            < ⏎+CUSD: 0, "${text}", ${dcs}⏎
        `)
    })

    test("AT+CUSD=0: nothing is shown; without a network nothing is asked", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue('> AT+CUSD=0,"*100#"␍\n< ⏎OK⏎')
        expect(terminal.listen(1000)).toBe("")
        terminal.modem.setRegistration(0)
        terminal.dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CUSD=1,"*100#"␍
            < ⏎+CME ERROR: 30⏎
            > AT+CUSD=1␍
            < ⏎OK⏎
        `)
    })

    test("silence lasts until AT+CUSD=2; there is one request at a time", () => {
        const terminal = operated({
            ussd: code => (code === "1" ? null : "well"),
        })
        terminal.dialogue('> AT+CUSD=1,"1"␍\n< ⏎OK⏎')
        expect(terminal.listen(100_000)).toBe("")
        terminal.dialogue(`
            > AT+CUSD=1,"2"␍
            < ⏎ERROR⏎
            > AT+CUSD=2␍
            < ⏎OK⏎
            > AT+CUSD=1,"2"␍
            < ⏎OK⏎
            < ⏎+CUSD: 0, "well", 15⏎
            > AT+CUSD=1,"2";+CUSD=2␍
            < ⏎OK⏎
        `)
        expect(terminal.listen(1000)).toBe("")
    })
})

describe("AT+SAPBR", () => {
    test("set, opened, queried, closed", () => {
        TestTerminal.ready().dialogue(`
            > AT+SAPBR=2,1␍
            < ⏎+SAPBR: 1,3,"0.0.0.0"⏎⏎OK⏎
            > AT+SAPBR=3,1,"Contype","GPRS"␍
            < ⏎OK⏎
            > AT+SAPBR=3,1,"APN","internet"␍
            < ⏎OK⏎
            > AT+SAPBR=4,1␍
            < ⏎+SAPBR:⏎CONTYPE: GPRS⏎APN: internet⏎PHONENUM: ⏎USER: ⏎PWD: ⏎RATE: 2⏎⏎OK⏎
            > AT+SAPBR=1,1␍
            < ⏎OK⏎
            > AT+SAPBR=2,1␍
            < ⏎+SAPBR: 1,1,"10.177.109.126"⏎⏎OK⏎
            > AT+SAPBR=1,1␍
            < ⏎ERROR⏎
            > AT+SAPBR=0,1␍
            < ⏎OK⏎
            > AT+SAPBR=0,1␍
            < ⏎ERROR⏎
            > AT+SAPBR=2,1␍
            < ⏎+SAPBR: 1,3,"0.0.0.0"⏎⏎OK⏎
        `)
    })

    test("what cannot be", () => {
        TestTerminal.ready().dialogue(`
            > AT+SAPBR=1,4␍
            < ⏎ERROR⏎
            > AT+SAPBR=3,1,"COLOUR","blue"␍
            < ⏎ERROR⏎
            > AT+SAPBR=3,1,"APN"␍
            < ⏎ERROR⏎
            > AT+SAPBR=3,1,"APN","${"x".repeat(65)}"␍
            < ⏎ERROR⏎
        `)
    })

    test("the access point refuses, or is lost with GPRS", () => {
        const terminal = operated({ acceptsContext: apn => apn === "internet" })
        terminal.dialogue(`
            > AT+SAPBR=1,2␍
            < ⏎ERROR⏎
            > AT+SAPBR=3,2,"APN","internet"␍
            < ⏎OK⏎
            > AT+SAPBR=1,2␍
            < ⏎OK⏎
        `)
        terminal.modem.setRegistration(0)
        terminal.dialogue(`
            < ⏎+SAPBR 2: DEACT⏎
            > AT+SAPBR=1,2␍
            < ⏎ERROR⏎
        `)
    })
})

describe("AT+CLBS", () => {
    const OPEN = "> AT+SAPBR=1,1␍\n< ⏎OK⏎"

    test("longitude, latitude, metres; and the time", () => {
        const terminal = TestTerminal.ready({
            utc: Date.UTC(2021, 8, 12, 17, 22, 26),
            operator: {
                location: {
                    longitude: -0.5,
                    latitude: 47.235787,
                    accuracy: 550,
                },
            },
            delays: "instant",
        })
        terminal.dialogue(`
            ${OPEN}
            > AT+CLBS=1,1␍
            < ⏎+CLBS: 0,-0.500000,47.235787,550⏎⏎OK⏎
            > AT+CLBS=4,1␍
            < ⏎+CLBS: 0,-0.500000,47.235787,550,21/09/12,17:23:26⏎⏎OK⏎
        `)
    })

    test("it needs its bearer, and a server that knows the cell", () => {
        operated({ location: 2 }).dialogue(`
            > AT+CLBS=1,1␍
            < ⏎ERROR⏎
            ${OPEN}
            > AT+CLBS=1,2␍
            < ⏎ERROR⏎
            > AT+CLBS=1,1␍
            < ⏎+CLBS: 2⏎⏎OK⏎
            > AT+CLBS=2,1␍
            < ⏎ERROR⏎
        `)
    })
})

test("AT+CLTS=1: kept by AT&W, the network sets the clock at every registration", () => {
    const terminal = TestTerminal.ready({
        utc: Date.UTC(2026, 1, 3, 4, 5, 6),
        operator: { timeZone: -20, numericName: "26207" },
    })
    expect(terminal.ask("AT+CCLK?␍")).toContain('"04/01/01,00:01:00+00"')
    terminal.dialogue("> AT+CLTS=1;&W␍\n< ⏎OK⏎")
    // the one that it has already tells nothing
    expect(terminal.ask("AT+CCLK?␍")).toContain('"04/01/01,')
    terminal.modem.reset()
    const boot = terminal.listen(60_000)
    expect(boot).toMatch(
        /⏎\*PSUTTZ: 2026,2,3,4,6,\d+,"-20",0⏎⏎DST: 0⏎⏎\+CTZV: -20,0⏎⏎\*PSNWID: /
    )
    expect(terminal.ask("AT+CCLK?␍")).toMatch(/"26\/02\/02,23:07:0\d-20"/)
})
