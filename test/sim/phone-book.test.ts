/** [ATM12] 3.2.24 to 3.2.27, 3.2.39, 19.2: phone books. */
import { expect, test } from "vitest"
import { TestTerminal } from "./terminal"

test("an entry is written, listed, found, deleted", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CPBS=?␍
        < ⏎+CPBS: ("SM","ME","ON","FD")⏎⏎OK⏎
        > AT+CPBS="SM"␍
        < ⏎OK⏎
        > AT+CPBS?␍
        < ⏎+CPBS: "SM",0,250⏎⏎OK⏎
        > AT+CPBR=?␍
        < ⏎+CPBR: (1-250),40,14⏎⏎OK⏎
        > AT+CPBF=?␍
        < ⏎+CPBF: 40,14⏎⏎OK⏎
        > AT+CPBW=?␍
        < ⏎+CPBW: (1-250),40,(129,145),14⏎⏎OK⏎
        > AT+CPBW=,"13918186089",129,"Daniel"␍
        < ⏎OK⏎
        > AT+CPBW=5,"+491511234567",145,"Ann"␍
        < ⏎OK⏎
        > AT+CPBR=1,10␍
        < ⏎+CPBR: 1,"13918186089",129,"Daniel"⏎
        < +CPBR: 5,"+491511234567",145,"Ann"⏎⏎OK⏎
        > AT+CPBR=5␍
        < ⏎+CPBR: 5,"+491511234567",145,"Ann"⏎⏎OK⏎
        > AT+CPBR=2␍
        < ⏎OK⏎
        > AT+CPBF="dan"␍
        < ⏎+CPBF: 1,"13918186089",129,"Daniel"⏎⏎OK⏎
        > AT+CPBF="Eve"␍
        < ⏎OK⏎
        > AT+CPBW=1␍
        < ⏎OK⏎
        > AT+CPBS?␍
        < ⏎+CPBS: "SM",1,250⏎⏎OK⏎
    `)
})

test("card and module keep theirs without power", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CPBW=1,"111",129,"on the card"␍
        < ⏎OK⏎
        > AT+CPBS="ME"␍
        < ⏎OK⏎
        > AT+CPBW=1,"222",129,"in the module"␍
        < ⏎OK⏎
    `)
    terminal.modem.reset()
    terminal.listen(60_000)
    terminal.dialogue(
        `
        > AT+CPBS?␍
        < ⏎+CPBS: "SM",1,250⏎⏎OK⏎
        > AT+CPBR=1␍
        < ⏎+CPBR: 1,"111",129,"on the card"⏎⏎OK⏎
        > AT+CPBS="ME";+CPBR=1␍
        < ⏎+CPBR: 1,"222",129,"in the module"⏎⏎OK⏎
    `.replace("in the module", "in the module")
    )
})

test("names in the DTE's character set, and with escapes", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CPBW=1,"111",129,"a\\22b\\5C"␍
        < ⏎OK⏎
        > AT+CPBR=1␍
        < ⏎+CPBR: 1,"111",129,"a"b\\\\"⏎⏎OK⏎
        > AT+CSCS="UCS2"␍
        < ⏎OK⏎
        > AT+CPBW=2,"222",129,"043F0440"␍
        < ⏎OK⏎
        > AT+CPBR=2␍
        < ⏎+CPBR: 2,"222",129,"043F0440"⏎⏎OK⏎
        > AT+CPBW=2,"222",129,"043"␍
        < ⏎ERROR⏎
    `)
})

test("what cannot be written", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CMEE=1␍
        < ⏎OK⏎
        > AT+CPBW=251,"1"␍
        < ⏎+CME ERROR: 21⏎
        > AT+CPBR=0␍
        < ⏎+CME ERROR: 21⏎
        > AT+CPBR=1,251␍
        < ⏎+CME ERROR: 21⏎
        > AT+CPBW=␍
        < ⏎+CME ERROR: 21⏎
        > AT+CPBW=1,"${"1".repeat(41)}"␍
        < ⏎+CME ERROR: 26⏎
        > AT+CPBW=1,"call me"␍
        < ⏎+CME ERROR: 27⏎
        > AT+CPBW=1,"1",129,"fifteen letters"␍
        < ⏎+CME ERROR: 24⏎
        > AT+CPBS="FD"␍
        < ⏎OK⏎
        > AT+CPBW=1,"1"␍
        < ⏎+CME ERROR: 17⏎
        > AT+CPBS="ON"␍
        < ⏎OK⏎
        > AT+CPBW=,"1";+CPBW=,"2";+CPBW=,"3";+CPBW=,"4"␍
        < ⏎+CME ERROR: 20⏎
    `)
    const none = TestTerminal.ready({ sim: { inserted: false } })
    expect(none.ask("AT+CPBS?␍")).toBe("⏎ERROR⏎")
})

test("the card's own number; a message shows the name of a number", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CNUM=?␍
        < ⏎OK⏎
        > AT+CNUM␍
        < ⏎+CNUM: "","+8613900000001",145,7,4⏎⏎OK⏎
        > AT+CPBS="ON"␍
        < ⏎OK⏎
        > AT+CPBW=1,"+4915100000000",145,"me"␍
        < ⏎OK⏎
        > AT+CNUM␍
        < ⏎+CNUM: "me","+4915100000000",145,7,4⏎⏎OK⏎
        > AT+CPBS="ME"␍
        < ⏎OK⏎
        > AT+CPBW=1,"+123",145,"Ann"␍
        < ⏎OK⏎
        > AT+CMGF=1;+CNMI=2,2␍
        < ⏎OK⏎
    `)
    terminal.modem.receiveMessage({
        from: "+123",
        text: "hello",
        at: Date.UTC(2018, 0, 22, 18, 7, 20),
    })
    terminal.dialogue(`
        < ⏎+CMT: "+123","Ann","18/01/22,19:07:20+04"⏎hello⏎
    `)
    TestTerminal.ready({ sim: { ownNumber: "" } }).dialogue(`
        > AT+CNUM␍
        < ⏎OK⏎
    `)
})
