/** The PDP contexts of 27.007, [ATM] 7, beside those of the TCP/IP toolkit and of AT+SAPBR. */
import { describe, expect, test } from "vitest"
import { TestTerminal } from "./terminal"

test("defined, brought up, shown, taken down", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CGDCONT=?␍
        < ⏎+CGDCONT: (1-3),"IP",,,(0),(0)⏎
        < ⏎OK⏎
        # the first one is there from the factory
        > AT+CGDCONT?␍
        < ⏎+CGDCONT: 1,"IP","","0.0.0.0",0,0⏎
        < ⏎OK⏎
        > AT+CGDCONT=1,"IP","internet"␍
        < ⏎OK⏎
        > AT+CGDCONT=2,"IP","m2m","10.1.2.3",0,0␍
        < ⏎OK⏎
        > AT+CGDCONT?␍
        < ⏎+CGDCONT: 1,"IP","internet","0.0.0.0",0,0⏎+CGDCONT: 2,"IP","m2m","10.1.2.3",0,0⏎
        < ⏎OK⏎
        > AT+CGACT?␍
        < ⏎+CGACT: 1,0⏎+CGACT: 2,0⏎
        < ⏎OK⏎
        > AT+CGPADDR=1␍
        < ⏎+CGPADDR: 1,"0.0.0.0"⏎
        < ⏎OK⏎
        > AT+CGACT=1,1␍
        < ⏎OK⏎
        > AT+CGACT?␍
        < ⏎+CGACT: 1,1⏎+CGACT: 2,0⏎
        < ⏎OK⏎
        > AT+CGPADDR␍
        < ⏎+CGPADDR: 1,"10.33.82.16"⏎+CGPADDR: 2,"0.0.0.0"⏎
        < ⏎OK⏎
        > AT+CGACT=0,1␍
        < ⏎OK⏎
        > AT+CGDCONT=2␍
        < ⏎OK⏎
        > AT+CGACT?␍
        < ⏎+CGACT: 1,0⏎
        < ⏎OK⏎
    `)
})

test("what is not allowed changes nothing", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CMEE=1␍
        < ⏎OK⏎
        > AT+CGDCONT=4,"IP","x"␍
        < ⏎+CME ERROR: 793⏎
        > AT+CGDCONT=1,"PPP","x"␍
        < ⏎+CME ERROR: 765⏎
        > AT+CGACT=1,2␍
        < ⏎+CME ERROR: 21⏎
        > AT+CGACT=2,1␍
        < ⏎+CME ERROR: 793⏎
        > AT+CGPADDR=3␍
        < ⏎+CME ERROR: 21⏎
        > AT+CGDATA="PPP",1␍
        < ⏎+CME ERROR: 3⏎
        > AT+CGDCONT?␍
        < ⏎+CGDCONT: 1,"IP","","0.0.0.0",0,0⏎
        < ⏎OK⏎
    `)
})

test("a definition survives a restart, an active context does not", () => {
    const terminal = TestTerminal.ready()
    terminal.ask('AT+CGDCONT=1,"IP","internet"␍')
    terminal.ask("AT+CGACT=1␍", 2000)
    terminal.modem.reset()
    terminal.listen(60_000)
    terminal.dialogue(`
        > AT+CGDCONT?␍
        < ⏎+CGDCONT: 1,"IP","internet","0.0.0.0",0,0⏎
        < ⏎OK⏎
        > AT+CGACT?␍
        < ⏎+CGACT: 1,0⏎
        < ⏎OK⏎
    `)
})

test("without a context there is nothing to tell of", () => {
    TestTerminal.ready().dialogue(`
        > AT+CMEE=2;+CGDCONT=1␍
        < ⏎OK⏎
        > AT+CGDCONT?;+CGACT?;+CGQREQ?;+CGQMIN?;+CGPADDR␍
        < ⏎OK⏎
        > AT+CGACT=1,1␍
        < ⏎+CME ERROR: invalid index⏎
        > AT+CGPADDR=1␍
        < ⏎+CME ERROR: invalid index⏎
    `)
})

test("the network refuses the access point", () => {
    const terminal = TestTerminal.ready({
        operator: { acceptsContext: apn => apn === "right" },
    })
    terminal.dialogue(`
        > AT+CMEE=2␍
        < ⏎OK⏎
        > AT+CGDCONT=1,"IP","wrong"␍
        < ⏎OK⏎
        > AT+CGACT=1,1␍
        < ⏎+CME ERROR: unspecified GPRS error⏎
        > AT+CGDCONT=1,"IP","right"␍
        < ⏎OK⏎
        > AT+CGACT=1,1␍
        < ⏎OK⏎
    `)
})

describe("a detached module attaches when a context is asked for", () => {
    test.each([
        ["AT+CGACT", "> AT+CGACT=1,1␍\n< ⏎OK⏎"],
        ["AT+SAPBR", "> AT+SAPBR=1,1␍\n< ⏎OK⏎"],
        ["AT+CIICR", "> AT+CSTT␍\n< ⏎OK⏎\n> AT+CIICR␍\n< ⏎OK⏎"],
    ])("by %s", (_, script) => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CGATT=0␍
            < ⏎OK⏎
            > AT+CGATT?␍
            < ⏎+CGATT: 0⏎
            < ⏎OK⏎
            ${script}
            > AT+CGATT?␍
            < ⏎+CGATT: 1⏎
            < ⏎OK⏎
        `)
        expect(terminal.transitions).toContain("gprs: detached -> attached")
    })

    test("several at the same time", () => {
        const terminal = TestTerminal.ready({ delays: "realistic" })
        terminal.ask("AT+CGATT=0␍", 5000)
        terminal.network.listen("198.18.0.7", 7)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","198.18.0.7",7␍
            < ⏎OK⏎
        `)
        terminal.ask("AT+SAPBR=1,1␍", 20_000)
        expect(terminal.ask("AT+SAPBR=2,1␍", 1000)).toContain("+SAPBR: 1,1,")
    })

    test("in vain where the network refuses", () => {
        const terminal = TestTerminal.ready({ operator: { gprs: "reject" } })
        terminal.dialogue(`
            > AT+CGACT=1,1␍
            < ⏎ERROR⏎
            > AT+SAPBR=1,1␍
            < ⏎ERROR⏎
        `)
    })

    test("and gives up on one that says nothing", () => {
        const terminal = TestTerminal.ready({ operator: { gprs: "ignore" } })
        terminal.dialogue("> AT+CGACT=1,1␍")
        expect(terminal.listen(60_000)).toBe("")
        expect(terminal.listen(30_000)).toBe("⏎ERROR⏎")
    })
})

test("AT+CGATT=0 takes them too, and AT+CGEREP=1 says so", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CGEREP=1;+CGACT=1␍
        < ⏎OK⏎
        > AT+CGATT=0␍
        < ⏎+CGEV: ME DEACT "IP","10.33.82.16",1⏎⏎+CGEV: ME DETACH⏎⏎OK⏎
    `)
    terminal.ask("AT+CGATT=1;+CGACT=1␍", 5000)
    terminal.modem.setRegistration(3)
    expect(terminal.listen(100)).toBe(
        '⏎+CGEV: NW DEACT "IP","10.33.82.16",1⏎⏎+CGEV: NW DETACH⏎'
    )
})

test("qualities of service are kept", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CGQREQ?␍
        < ⏎+CGQREQ: 1,0,0,3,0,0⏎
        < ⏎OK⏎
        > AT+CGQREQ=1,1,4,5,2,31␍
        < ⏎OK⏎
        > AT+CGQREQ?␍
        < ⏎+CGQREQ: 1,1,4,5,2,31⏎
        < ⏎OK⏎
        > AT+CGQREQ=1,1,4,5,2,20␍
        < ⏎ERROR⏎
        > AT+CGQMIN=2␍
        < ⏎ERROR⏎
    `)
})
