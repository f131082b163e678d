/** Facts 3: what each general command answers, form by form. */
import { describe, expect, test } from "vitest"
import { TestTerminal } from "./terminal"

test("says what it is told to say", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.announce("+CSQN: 20,0")
    terminal.dialogue("< ⏎+CSQN: 20,0⏎")
})

describe("test and read forms", () => {
    test.each([
        ["AT", "⏎OK⏎"],
        ["ATI", "⏎SIM800 R14.18⏎⏎OK⏎"],
        ["AT+GMI", "⏎SIMCOM_Ltd⏎⏎OK⏎"],
        ["AT+CGMI", "⏎SIMCOM_Ltd⏎⏎OK⏎"],
        ["AT+GMM", "⏎SIMCOM_SIM800L⏎⏎OK⏎"],
        ["AT+CGMM", "⏎SIMCOM_SIM800L⏎⏎OK⏎"],
        ["AT+GMR", "⏎Revision:1418B05SIM800L24⏎⏎OK⏎"],
        ["AT+CGMR", "⏎Revision:1418B05SIM800L24⏎⏎OK⏎"],
        ["AT+CGMR=?", "⏎OK⏎"],
        [
            "AT+GSV",
            "⏎SIMCOM_Ltd⏎SIMCOM_SIM800L⏎Revision: 1418B05SIM800L24⏎⏎OK⏎",
        ],
        ["AT+GSN", "⏎867010032343809⏎⏎OK⏎"],
        ["AT+CGSN", "⏎867010032343809⏎⏎OK⏎"],
        ["AT+CCID", "⏎898600810906F8048812⏎⏎OK⏎"],
        ["AT+CIMI", "⏎460008184101641⏎⏎OK⏎"],
        ["AT+CBC", "⏎+CBC: 0,62,3900⏎⏎OK⏎"],
        ["AT+CBC=?", "⏎+CBC: (0-2),(1-100),(voltage)⏎⏎OK⏎"],
        ["AT+CSQ=?", "⏎+CSQ: (0-31,99),(0-7,99)⏎⏎OK⏎"],
        ["AT+CMEE=?", "⏎+CMEE: (0-2)⏎⏎OK⏎"],
        ["AT+CFUN=?", "⏎+CFUN: (0,1,4),(0,1)⏎⏎OK⏎"],
        ["AT+CFUN?", "⏎+CFUN: 1⏎⏎OK⏎"],
        ["AT+CIURC=?", "⏎+CIURC: (0,1)⏎⏎OK⏎"],
        ["AT+CIURC?", "⏎+CIURC: 1⏎⏎OK⏎"],
        ["AT+CCALR=?", "⏎+CCALR: (0,1)⏎⏎OK⏎"],
        ["AT+CLTS=?", '⏎+CLTS: "yy/MM/dd,hh:mm:ss+/-zz"⏎⏎OK⏎'],
        ["AT+CLTS?", "⏎+CLTS: 0⏎⏎OK⏎"],
        ["AT+CCLK=?", "⏎OK⏎"],
        ["AT+CPIN=?", "⏎OK⏎"],
        [
            "AT+IPR=?",
            "⏎+IPR: (),(0,1200,2400,4800,9600,19200,38400,57600,115200,230400,460800)⏎⏎OK⏎",
        ],
        ["AT+ICF=?", "⏎+ICF: (1-6),(0,1,3)⏎⏎OK⏎"],
        ["AT+ICF?", "⏎+ICF: 3,255⏎⏎OK⏎"],
        ["AT+IFC=?", "⏎+IFC: (0-2),(0-2)⏎⏎OK⏎"],
        ["AT+IFC?", "⏎+IFC: 0,0⏎⏎OK⏎"],
        ["AT+CREG=?", "⏎+CREG: (0-2)⏎⏎OK⏎"],
        ["AT+CGREG=?", "⏎+CGREG: (0-2)⏎⏎OK⏎"],
        ["AT+CGREG?", "⏎+CGREG: 0,1⏎⏎OK⏎"],
        ["AT+CGATT=?", "⏎+CGATT: (0,1)⏎⏎OK⏎"],
        ["AT+COPS?", '⏎+COPS: 0,0,"CHINA MOBILE"⏎⏎OK⏎'],
        [
            "AT+COPS=?",
            '⏎+COPS: (2,"CHINA MOBILE","CMCC","46000"),,(0-4),(0-2)⏎⏎OK⏎',
        ],
        ["ATS3?", "⏎013⏎⏎OK⏎"],
        ["ATS4?", "⏎010⏎⏎OK⏎"],
        ["ATS5?", "⏎008⏎⏎OK⏎"],
    ])("%s", (line, answer) => {
        expect(TestTerminal.ready().ask(`${line}␍`)).toBe(answer)
    })
})

describe("SIM card", () => {
    function locked(): TestTerminal {
        const terminal = new TestTerminal({ sim: { pin: "1111" } })
        terminal.modem.powerOn()
        terminal.listen(1000)
        return terminal
    }

    test("the right PIN: OK first, then the card, calls, messages", () => {
        locked().dialogue(`
            > AT+CPIN?␍
            < ⏎+CPIN: SIM PIN⏎⏎OK⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,0⏎⏎OK⏎
            > AT+CPIN="1111"␍
            < ⏎OK⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,1⏎⏎OK⏎
            > AT+CPIN="1111"␍
            < ⏎ERROR⏎
        `)
    })

    test("also without quotes", () => {
        locked().dialogue(`
            > AT+CPIN=1111␍
            < ⏎OK⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
        `)
    })

    test("what needs the card says why it does not work", () => {
        locked().dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CIMI␍
            < ⏎+CME ERROR: 11⏎
            > AT+CGATT=1␍
            < ⏎+CME ERROR: 11⏎
            > AT+CCID␍
            < ⏎898600810906F8048812⏎⏎OK⏎
        `)
    })

    test("three wrong PINs ask for the PUK, which sets a new PIN", () => {
        const terminal = locked()
        terminal.dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+SPIC␍
            < ⏎+SPIC: 3,3,10,10⏎⏎OK⏎
            > AT+CPIN="0000"␍
            < ⏎+CME ERROR: 16⏎
            > AT+SPIC␍
            < ⏎+SPIC: 2,3,10,10⏎⏎OK⏎
            > AT+CPIN="0000"␍
            < ⏎+CME ERROR: 16⏎
            > AT+CPIN?␍
            < ⏎+CPIN: SIM PIN⏎⏎OK⏎
            > AT+CPIN="0000"␍
            < ⏎+CPIN: SIM PUK⏎⏎+CME ERROR: 16⏎
            > AT+CPIN?␍
            < ⏎+CPIN: SIM PUK⏎⏎OK⏎
            > AT+CIMI␍
            < ⏎+CME ERROR: 12⏎
            > AT+CPIN="1111"␍
            < ⏎+CME ERROR: 791⏎
            > AT+CPIN="11111111","2222"␍
            < ⏎+CME ERROR: 16⏎
            > AT+SPIC␍
            < ⏎+SPIC: 0,3,9,10⏎⏎OK⏎
            > AT+CPIN="12345678","2222"␍
            < ⏎OK⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
            > AT+SPIC␍
            < ⏎+SPIC: 3,3,10,10⏎⏎OK⏎
        `)
        terminal.modem.reset()
        terminal.listen(1000)
        terminal.dialogue(`
            > AT+CPIN="2222"␍
            < ⏎OK⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
        `)
    })

    test("tries are counted over restarts; ten wrong PUKs end the card", () => {
        const terminal = locked()
        for (let i = 0; i < 3; i++) {
            terminal.modem.reset()
            terminal.listen(1000)
            terminal.ask('AT+CPIN="0000"␍')
        }
        terminal.ask("AT+CMEE=2␍")
        expect(terminal.ask("AT+CPIN?␍")).toBe("⏎+CPIN: SIM PUK⏎⏎OK⏎")
        for (let i = 0; i < 10; i++)
            expect(terminal.ask('AT+CPIN="00000000","1234"␍')).toContain(
                "incorrect password"
            )
        expect(terminal.ask("AT+CPIN?␍")).toBe("⏎+CME ERROR: SIM failure⏎")
        expect(terminal.ask('AT+CPIN="12345678","1234"␍')).toBe(
            "⏎+CME ERROR: SIM failure⏎"
        )
    })

    test("a PIN has four to eight digits", () => {
        locked().dialogue(`
            > AT+CPIN="123"␍
            < ⏎ERROR⏎
            > AT+CPIN="abcd"␍
            < ⏎ERROR⏎
            > AT+CPIN="123456789"␍
            < ⏎ERROR⏎
            > AT+CPIN="1111"␍
            < ⏎OK⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
        `)
    })

    test("no card", () => {
        const terminal = new TestTerminal({ sim: { inserted: false } })
        terminal.modem.powerOn()
        terminal.listen(1000)
        terminal.dialogue(`
            > AT+CPIN?␍
            < ⏎ERROR⏎
            > AT+CMEE=2␍
            < ⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CME ERROR: SIM not inserted⏎
            > AT+CCID␍
            < ⏎+CME ERROR: SIM not inserted⏎
            > AT+CPIN="1234"␍
            < ⏎+CME ERROR: SIM not inserted⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,0⏎⏎OK⏎
        `)
    })
})

describe("registration", () => {
    test("searching, then registered, then attached", () => {
        const terminal = new TestTerminal({ delays: "realistic" })
        terminal.modem.powerOn()
        terminal.listen(4600)
        terminal.dialogue("> AT+CREG?␍\n< ⏎+CREG: 0,2⏎⏎OK⏎")
        terminal.listen(2500)
        terminal.dialogue(`
            > AT+CREG?;+CGREG?;+CGATT?␍
            < ⏎+CREG: 0,1⏎⏎+CGREG: 0,0⏎⏎+CGATT: 0⏎⏎OK⏎
        `)
        terminal.listen(1500)
        terminal.dialogue(`
            > AT+CGREG?;+CGATT?␍
            < ⏎+CGREG: 0,1⏎⏎+CGATT: 1⏎⏎OK⏎
        `)
    })

    test("a time line of one's own", () => {
        const terminal = TestTerminal.ready({
            registration: [
                { afterMs: 0, status: 2 },
                { afterMs: 100, status: 3 },
                { afterMs: 70_000, status: 5 },
            ],
        })
        terminal.dialogue(`
            > AT+CREG?␍
            < ⏎+CREG: 0,3⏎⏎OK⏎
            > AT+CREG=2;+CGREG=2␍
            < ⏎OK⏎
            < ⏎+CREG: 5,"18D8","3CA5"⏎⏎+CGREG: 0⏎⏎+CGREG: 5,"18D8","3CA5"⏎
            > AT+CREG?␍
            < ⏎+CREG: 2,5,"18D8","3CA5"⏎⏎OK⏎
        `)
    })

    test("changes are reported as asked for", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+CREG=1;+CGREG=1␍\n< ⏎OK⏎")
        terminal.modem.setRegistration(2)
        terminal.dialogue("< ⏎+CREG: 2⏎⏎+CGREG: 2⏎")
        terminal.dialogue("> AT+CREG?;+CGATT?␍\n< ⏎+CREG: 1,2⏎⏎+CGATT: 0⏎⏎OK⏎")
        terminal.modem.setRegistration(5)
        terminal.dialogue("< ⏎+CREG: 5⏎⏎+CGREG: 0⏎⏎+CGREG: 5⏎")
        terminal.dialogue("> AT+CREG=0␍\n< ⏎OK⏎")
        terminal.modem.setRegistration(2)
        terminal.dialogue("< ⏎+CGREG: 2⏎")
    })

    test("AT+CGATT", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CGATT=0␍
            < ⏎OK⏎
            > AT+CGATT?␍
            < ⏎+CGATT: 0⏎⏎OK⏎
            > AT+CGATT=1␍
            < ⏎OK⏎
            > AT+CGATT?␍
            < ⏎+CGATT: 1⏎⏎OK⏎
            > AT+CGATT=1␍
            < ⏎OK⏎
            > AT+CGATT=2␍
            < ⏎ERROR⏎
        `)
        terminal.modem.setRegistration(0)
        terminal.dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CGATT=1␍
            < ⏎+CME ERROR: 30⏎
        `)
    })

    test("detached by AT+CGATT=0, it does not attach by itself", () => {
        const terminal = TestTerminal.ready()
        terminal.ask("AT+CGATT=0␍")
        terminal.modem.setRegistration(2)
        terminal.modem.setRegistration(1)
        terminal.listen(1000)
        terminal.dialogue("> AT+CGATT?␍\n< ⏎+CGATT: 0⏎⏎OK⏎")
    })

    test("attached by AT+CGATT=1, it attaches by itself again", () => {
        const terminal = TestTerminal.ready()
        terminal.ask("AT+CGATT=0␍")
        terminal.ask("AT+CGATT=1␍")
        terminal.modem.setRegistration(2)
        terminal.modem.setRegistration(1)
        terminal.listen(1000)
        terminal.dialogue("> AT+CGATT?␍\n< ⏎+CGATT: 1⏎⏎OK⏎")
    })

    test("a network that refuses GPRS, and one that says nothing", () => {
        const refusing = TestTerminal.ready({ operator: { gprs: "reject" } })
        refusing.dialogue(`
            > AT+CMEE=2␍
            < ⏎OK⏎
            > AT+CGATT=1␍
            < ⏎+CME ERROR: GPRS services not allowed⏎
        `)
        const silent = TestTerminal.ready({ operator: { gprs: "ignore" } })
        const start = silent.clock.now()
        silent.dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CGATT?␍
            < ⏎+CGATT: 0⏎⏎OK⏎
            > AT+CGATT=1␍
            < ⏎+CME ERROR: 31⏎
        `)
        expect(silent.clock.now() - start).toBeGreaterThan(75_000)
    })

    test("AT+COPS", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+COPS=3,2␍
            < ⏎OK⏎
            > AT+COPS?␍
            < ⏎+COPS: 0,2,"46000"⏎⏎OK⏎
            > AT+COPS=3,1␍
            < ⏎OK⏎
            > AT+COPS?␍
            < ⏎+COPS: 0,1,"CMCC"⏎⏎OK⏎
            > AT+COPS=2␍
            < ⏎OK⏎
            > AT+COPS?;+CREG?␍
            < ⏎+COPS: 2⏎⏎+CREG: 0,0⏎⏎OK⏎
            > AT+COPS=1,2,"26201"␍
            < ⏎ERROR⏎
            > AT+COPS=1␍
            < ⏎ERROR⏎
            > AT+COPS=1,2,"46000"␍
            < ⏎OK⏎
            ~ 100
            > AT+COPS?␍
            < ⏎+COPS: 1,2,"46000"⏎⏎OK⏎
            > AT+COPS=4,0,"nowhere"␍
            < ⏎OK⏎
            > AT+COPS?␍
            < ⏎+COPS: 0,0,"CHINA MOBILE"⏎⏎OK⏎
        `)
    })

    test("AT+COPS=2 outlives a restart", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+COPS=2␍\n< ⏎OK⏎")
        terminal.modem.reset()
        terminal.listen(10_000)
        terminal.dialogue(`
            > AT+CREG?␍
            < ⏎+CREG: 0,0⏎⏎OK⏎
            > AT+COPS=0␍
            < ⏎OK⏎
            ~ 100
            > AT+CREG?␍
            < ⏎+CREG: 0,1⏎⏎OK⏎
        `)
    })

    test("AT+CSQ shows the signal of the moment", () => {
        const terminal = TestTerminal.ready()
        terminal.modem.setSignal({ rssi: 9, errorRate: 3 })
        terminal.dialogue("> AT+CSQ␍\n< ⏎+CSQ: 9,3⏎⏎OK⏎")
    })
})

describe("time", () => {
    test("AT+CCLK", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CCLK="10/05/06,00:01:52+08"␍
            < ⏎OK⏎
            ~ 8000
            > AT+CCLK?␍
            < ⏎+CCLK: "10/05/06,00:02:00+08"⏎⏎OK⏎
            > AT+CCLK="10/02/30,00:01:52+08"␍
            < ⏎ERROR⏎
            > AT+CCLK="10/05/06,00:01:52+49"␍
            < ⏎ERROR⏎
            > AT+CCLK="yesterday"␍
            < ⏎ERROR⏎
            > AT+CCLK="99/12/31,23:59:59-47"␍
            < ⏎OK⏎
            > AT+CCLK?␍
            < ⏎+CCLK: "99/12/31,23:59:59-47"⏎⏎OK⏎
        `)
    })

    test("AT+CLTS: the network tells UTC, AT+CCLK is local time", () => {
        const terminal = TestTerminal.ready({
            utc: Date.UTC(2020, 11, 16, 18, 2, 45),
            operator: { numericName: "26207", longName: "name", timeZone: 4 },
            delays: "instant",
        })
        terminal.dialogue(`
            > AT+CCLK?␍
            < ⏎+CCLK: "04/01/01,00:01:00+00"⏎⏎OK⏎
            > AT+CLTS=1␍
            < ⏎OK⏎
        `)
        terminal.modem.setRegistration(2)
        terminal.modem.setRegistration(1)
        terminal.dialogue(`
            < ⏎*PSUTTZ: 2020,12,16,18,3,45,"+4",0⏎
            < ⏎DST: 0⏎
            < ⏎+CTZV: +4,0⏎
            < ⏎*PSNWID: "262","07","name",0,"name",0⏎
            > AT+CCLK?␍
            < ⏎+CCLK: "20/12/16,19:03:45+04"⏎⏎OK⏎
        `)
    })
})

describe("serial settings", () => {
    test("AT+ICF", () => {
        TestTerminal.ready().dialogue(`
            > AT+ICF=2␍
            < ⏎OK⏎
            > AT+ICF?␍
            < ⏎+ICF: 2,0⏎⏎OK⏎
            > AT+ICF=5,3␍
            < ⏎OK⏎
            > AT+ICF?␍
            < ⏎+ICF: 5,3⏎⏎OK⏎
            > AT+ICF=3,1␍
            < ⏎OK⏎
            > AT+ICF?␍
            < ⏎+ICF: 3,255⏎⏎OK⏎
            > AT+ICF=7␍
            < ⏎ERROR⏎
            > AT+ICF=2,2␍
            < ⏎ERROR⏎
        `)
    })

    test("AT+IFC lets RTS stop the modem", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+IFC=2,2␍\n< ⏎OK⏎")
        terminal.modem.dte.setRts(false)
        expect(terminal.ask("AT+CSQ␍", 1000)).toBe("")
        terminal.modem.dte.setRts(true)
        terminal.dialogue("< ⏎+CSQ: 20,0⏎⏎OK⏎")
        terminal.dialogue(`
            > AT+IFC=0␍
            < ⏎OK⏎
            > AT+IFC?␍
            < ⏎+IFC: 0,2⏎⏎OK⏎
            > AT+IFC=3␍
            < ⏎ERROR⏎
        `)
    })
})
