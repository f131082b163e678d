/** [ATM12] 3.2.17, 3.2.29, 6.2: locks, passwords, what is on the card; supply and signal. */
import { describe, expect, test } from "vitest"
import { TestTerminal } from "./terminal"

describe("the PIN", () => {
    test("asked for from the next start on, changed, and not any more", () => {
        const terminal = TestTerminal.ready()
        const restart = (): string => {
            terminal.modem.reset()
            return terminal.listen(60_000)
        }
        terminal.dialogue(`
            > AT+CLCK=?␍
            < ⏎+CLCK: ("AO","OI","OX","AI","IR","FD","SC","PN","PU","PP")⏎⏎OK⏎
            > AT+CLCK="SC",2␍
            < ⏎+CLCK: 0⏎⏎OK⏎
            > AT+CPWD="SC","1234","4321"␍
            < ⏎ERROR⏎
            > AT+CLCK="SC",1,"1234"␍
            < ⏎OK⏎
            > AT+CLCK="SC",2␍
            < ⏎+CLCK: 1⏎⏎OK⏎
            > AT+CPWD=?␍
            < ⏎+CPWD: ("AO",4),("OI",4),("OX",4),("AI",4),("IR",4),("AB",4),("P2",8),("SC",8)⏎⏎OK⏎
            > AT+CPWD="SC","1234","4321"␍
            < ⏎OK⏎
        `)
        expect(restart()).toContain("+CPIN: SIM PIN")
        terminal.dialogue(`
            > AT+CLCK="SC",2␍
            < ⏎ERROR⏎
            > AT+CPIN=4321␍
            < ⏎OK⏎⏎+CPIN: READY⏎
            < ⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CLCK="SC",0,"4321"␍
            < ⏎OK⏎
        `)
        expect(restart()).toContain("+CPIN: READY")
    })

    test("three wrong ones block the card, the PUK opens it", () => {
        const terminal = TestTerminal.ready({ sim: { pin: "1111" } })
        terminal.dialogue(`
            > AT+CPIN=1111␍
            < ⏎OK⏎⏎+CPIN: READY⏎
            < ⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CLCK="SC",0,"2222"␍
            < ⏎+CME ERROR: 16⏎
            > AT+CPWD="SC","3333","4444"␍
            < ⏎+CME ERROR: 16⏎
            > AT+SPIC␍
            < ⏎+SPIC: 1,3,10,10⏎⏎OK⏎
            > AT+CLCK="SC",0,"2222"␍
            < ⏎+CPIN: SIM PUK⏎⏎+CME ERROR: 16⏎
            > AT+CLCK="SC",0,"1111"␍
            < ⏎+CME ERROR: 12⏎
            > AT+CPIN?␍
            < ⏎+CPIN: SIM PUK⏎⏎OK⏎
            > AT+CPIN="12345678","5555"␍
            < ⏎OK⏎⏎+CPIN: READY⏎
            < ⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CLCK="SC",0,"5555"␍
            < ⏎OK⏎
        `)
    })

    test("what cannot be", () => {
        TestTerminal.ready().dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CLCK="SC",1␍
            < ⏎+CME ERROR: 791⏎
            > AT+CLCK="SC",1,"12"␍
            < ⏎+CME ERROR: 765⏎
            > AT+CLCK="XX",2␍
            < ⏎+CME ERROR: 765⏎
            > AT+CLCK="PN",1,"1234"␍
            < ⏎+CME ERROR: 3⏎
            > AT+CLCK="FD",1,"1234"␍
            < ⏎+CME ERROR: 17⏎
            > AT+CPWD="P2","1234","4321"␍
            < ⏎+CME ERROR: 17⏎
        `)
    })
})

test("barred calls, and the password of the network", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CLCK="AO",2␍
        < ⏎+CLCK: 0,7⏎⏎OK⏎
        > AT+CLCK="AO",1,"1111"␍
        < ⏎ERROR⏎
        > AT+CLCK="AO",1,"0000"␍
        < ⏎OK⏎
        > AT+CLCK="AO",2␍
        < ⏎+CLCK: 1,1⏎⏎OK⏎
        > ATD123;␍
        < ⏎NO CARRIER⏎
        > AT+CEER␍
        < ⏎+CEER: operator determined barring⏎⏎OK⏎
        > AT+CPWD="AB","0000","1111"␍
        < ⏎OK⏎
        > AT+CLCK="AO",0,"1111"␍
        < ⏎OK⏎
        > AT+CLCK="OI",1,"1111"␍
        < ⏎OK⏎
        > ATD+123;␍
        < ⏎NO CARRIER⏎
        > ATD123;␍
        < ⏎OK⏎
        > ATH␍
        < ⏎OK⏎
        > AT+CLCK="AI",1,"1111"␍
        < ⏎OK⏎
    `)
    expect(terminal.modem.call("+123")).toBe(false)
})

describe("the card", () => {
    test("AT+CSMINS tells of a card that comes and goes", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CSMINS=?␍
            < ⏎+CSMINS: (0,1)⏎⏎OK⏎
            > AT+CSMINS?␍
            < ⏎+CSMINS: 0,1⏎⏎OK⏎
            > AT+CSMINS=1␍
            < ⏎OK⏎
        `)
        terminal.modem.setCardInserted(false)
        terminal.dialogue(`
            < ⏎+CPIN: NOT INSERTED⏎⏎+CSMINS: 1,0⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,0⏎⏎OK⏎
            > AT+CPIN?␍
            < ⏎ERROR⏎
        `)
        terminal.modem.setCardInserted(true)
        terminal.dialogue(`
            < ⏎+CSMINS: 1,1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,1⏎⏎OK⏎
        `)
    })

    test("AT+CRSM of a card whose number has 19 digits", () => {
        TestTerminal.ready({ sim: { iccid: "8949222014500000017" } }).dialogue(`
            > AT+CRSM=176,12258␍
            < ⏎+CRSM: 144,0,"989422024105000010F7"⏎⏎OK⏎
        `)
    })

    test("AT+CSPN, AT+CCVM, AT+CGID, AT+CRSM", () => {
        TestTerminal.ready().dialogue(`
            > AT+CSPN?␍
            < ⏎+CSPN: "CHINA MOBILE",0⏎⏎OK⏎
            > AT+CCVM?␍
            < ⏎OK⏎
            > AT+CCVM=?␍
            < ⏎+CCVM: 20,14⏎⏎OK⏎
            > AT+CCVM="+123","mail"␍
            < ⏎OK⏎
            > AT+CCVM?␍
            < ⏎+CCVM: "+123","mail"⏎⏎OK⏎
            > AT+CGID␍
            < ⏎+GID: 0xff,0xff⏎⏎OK⏎
            > AT+CRSM=176,12258,0,0,10␍
            < ⏎+CRSM: 144,0,"9868001890608F408821"⏎⏎OK⏎
            > AT+CRSM=176,28423,0,0,9␍
            < ⏎+CRSM: 144,0,"084906001848016114"⏎⏎OK⏎
            > AT+CRSM=176,28589␍
            < ⏎+CRSM: 148,4⏎⏎OK⏎
            > AT+CRSM=214,12258,0,0,1,"00"␍
            < ⏎+CRSM: 152,4⏎⏎OK⏎
            > AT+CRSM=242␍
            < ⏎+CRSM: 144,0⏎⏎OK⏎
        `)
    })
})

describe("the supply, AT+CBATCHK", () => {
    const battery = (millivolts: number) =>
        ({ charging: 0, percent: 50, millivolts }) as const

    test("off: nothing is said", () => {
        const terminal = TestTerminal.ready()
        terminal.modem.setBattery(battery(3300))
        terminal.dialogue(`
            > AT+CBATCHK=?␍
            < ⏎+CBATCHK: (0,1)⏎⏎OK⏎
            > AT+CBATCHK?␍
            < ⏎+CBATCHK: 0⏎⏎OK⏎
            > AT+CBC␍
            < ⏎+CBC: 0,50,3300⏎⏎OK⏎
        `)
    })

    test.each([
        [3450, "UNDER-VOLTAGE WARNNING"],
        [4350, "OVER-VOLTAGE WARNNING"],
    ])("%d mV: %s, once", (millivolts, word) => {
        const terminal = TestTerminal.ready()
        terminal.ask("AT+CBATCHK=1␍")
        terminal.modem.setBattery(battery(millivolts))
        terminal.dialogue(`< ⏎${word}⏎`)
        terminal.modem.setBattery(battery(millivolts + 1))
        expect(terminal.listen(100)).toBe("")
        terminal.modem.setBattery(battery(3900))
        terminal.modem.setBattery(battery(millivolts))
        terminal.dialogue(`< ⏎${word}⏎`)
    })

    test.each([
        [3399, "UNDER-VOLTAGE POWER DOWN"],
        [4401, "OVER-VOLTAGE POWER DOWN"],
    ])("%d mV: %s", (millivolts, word) => {
        const terminal = TestTerminal.ready()
        terminal.ask("AT+CBATCHK=1␍")
        terminal.modem.setBattery(battery(millivolts))
        terminal.dialogue(`< ⏎${word}⏎`)
        terminal.listen(1000)
        expect(terminal.modem.activity).toBe("off")
    })
})

test('AT+EXUNSOL="SQ": +CSQN when the signal changes', () => {
    const terminal = TestTerminal.ready()
    terminal.modem.setSignal({ rssi: 10, errorRate: 0 })
    terminal.dialogue(`
        > AT+EXUNSOL=?␍
        < ⏎+EXUNSOL: ("SQ")⏎⏎OK⏎
        > AT+EXUNSOL="SQ",1␍
        < ⏎OK⏎
        > AT+EXUNSOL="SQ",2␍
        < ⏎+EXUNSOL: "SQ",1⏎⏎OK⏎
    `)
    terminal.modem.setSignal({ rssi: 12, errorRate: 1 })
    terminal.dialogue(`
        < ⏎+CSQN: 12,1⏎
        > AT+EXUNSOL="SQ"␍
        < ⏎ERROR⏎
        > AT+EXUNSOL="XX",1␍
        < ⏎ERROR⏎
    `)
})

test("AT+CWHITELIST: whose calls and messages come through", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CWHITELIST?␍
        < ⏎+CWHITELIST: 0⏎⏎OK⏎
        > AT+CWHITELIST=3,1,"+123"␍
        < ⏎OK⏎
        > AT+CWHITELIST?␍
        < ⏎+CWHITELIST: 3,"+123"⏎⏎OK⏎
        # as programs have it
        > AT+CWHITELIST=3,2,+8801618354444␍
        < ⏎OK⏎
        > AT+CWHITELIST?␍
        < ⏎+CWHITELIST: 3,"+123","+8801618354444"⏎⏎OK⏎
    `)
    expect(terminal.modem.call("+456")).toBe(false)
    terminal.modem.receiveMessage({ from: "+456", text: "no" })
    terminal.modem.receiveMessage({ from: "+123", text: "yes" })
    terminal.dialogue('< ⏎+CMTI: "SM",1⏎')
    expect(terminal.modem.call("+123")).toBe(true)
    terminal.dialogue("< ⏎RING⏎\n> ATH␍\n< ⏎OK⏎")
})

test("pins and lights", () => {
    TestTerminal.ready().dialogue(`
        > AT+SGPIO=?␍
        < ⏎+SGPIO: (0-1),(1-7),(0-1),(0-1)⏎⏎OK⏎
        > AT+SGPIO=1,3␍
        < ⏎+SGPIO: 0⏎⏎OK⏎
        > AT+SGPIO=0,3,1,1␍
        < ⏎OK⏎
        > AT+SGPIO=1,3␍
        < ⏎ERROR⏎
        > AT+SLEDS?␍
        < ⏎+SLEDS: 1,64,800⏎+SLEDS: 2,64,3000⏎+SLEDS: 3,64,300⏎⏎OK⏎
        > AT+SLEDS=2,100,0␍
        < ⏎OK⏎
        > AT+SLEDS=2,39,0␍
        < ⏎ERROR⏎
        > AT+SLEDS?␍
        < ⏎+SLEDS: 1,64,800⏎+SLEDS: 2,100,0⏎+SLEDS: 3,64,300⏎⏎OK⏎
        > AT+CADC?␍
        < ⏎+CADC: 1,603⏎⏎OK⏎
        > AT+STTONE=1,1,500␍
        < ⏎OK⏎
        ~ 490
        < ⏎+STTONE: 0⏎
        > AT+CLDTMF=2,"1,2,3,4,5"␍
        < ⏎OK⏎
        > AT+CLDTMF=2,"A,B,C,D,E,F",50␍
        < ⏎OK⏎
        > AT+CLDTMF=2,"12"␍
        < ⏎ERROR⏎
    `)
})
