/** Facts 7 and 8.5–8.6: boot, autobaud, reset, power. */
import { describe, expect, test } from "vitest"
import { unspell } from "../../sim/modem/trace"
import { TestTerminal } from "./terminal"

const ROM = "␀IIII\\xff\\xff\\xff\\xff"

describe("boot", () => {
    test("at a fixed rate: ROM burst, RDY, functionality, SIM card, calls, messages", () => {
        const terminal = new TestTerminal()
        terminal.modem.powerOn()
        terminal.dialogue(`
            < ${ROM}
            < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
        `)
        expect(terminal.transitions.filter(t => t.startsWith("power"))).toEqual(
            ["power: off -> booting", "power: booting -> on"]
        )
    })

    test("takes its time, realistically", () => {
        const terminal = new TestTerminal({ delays: "realistic" })
        const times: number[] = []
        terminal.modem.dte.onData = () => times.push(terminal.clock.now())
        terminal.modem.powerOn()
        expect(terminal.modem.activity).toBe("booting")
        terminal.clock.advance(1990)
        expect(terminal.modem.activity).toBe("booting")
        terminal.clock.advance(20)
        expect(terminal.modem.activity).toBe("command")
        // AT is answered before RDY [REAL:TG#358]
        terminal.modem.dte.write(unspell("AT␍"))
        terminal.clock.advance(500)
        const answered = times.length
        expect(answered).toBe(2)
        terminal.clock.advance(20_000)
        const seconds = times.slice(answered).map(t => Math.round(t / 500) / 2)
        expect([...new Set(seconds)]).toEqual([3, 4.5, 8, 9])
    })

    test("without ROM burst", () => {
        const terminal = new TestTerminal({
            firmware: { romBurst: false },
            delays: "instant",
        })
        terminal.modem.powerOn()
        terminal.dialogue(`
            < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
        `)
    })

    test.each([
        [{ inserted: false }, "⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: NOT INSERTED⏎"],
        [{ pin: "1234" }, "⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: SIM PIN⏎"],
    ])("with SIM card %j", (sim, text) => {
        const terminal = new TestTerminal({ sim })
        terminal.modem.powerOn()
        terminal.dialogue(`< ${ROM}${text}`)
        expect(terminal.listen(10_000)).toBe("")
    })

    test("AT+CIURC=0 takes Call Ready away", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+CIURC=0;&W␍\n< ⏎OK⏎")
        terminal.modem.reset()
        terminal.dialogue(`< ${ROM}⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎SMS Ready⏎`)
        terminal.dialogue("> AT+CCALR?␍\n< ⏎+CCALR: 1⏎⏎OK⏎")
    })

    test("AT+CCALR before calls are possible", () => {
        const terminal = new TestTerminal({ sim: { pin: "1234" } })
        terminal.modem.powerOn()
        terminal.listen(1000)
        terminal.dialogue("> AT+CCALR?␍\n< ⏎+CCALR: 0⏎⏎OK⏎")
    })

    test("AT+CPIN? is an error until the card has been read", () => {
        const terminal = new TestTerminal({ delays: "realistic" })
        terminal.modem.powerOn()
        terminal.listen(2500)
        terminal.dialogue(`
            > AT+CPIN?␍
            < ⏎ERROR⏎
            > AT+CMEE=2␍
            < ⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CME ERROR: SIM busy⏎
            < ⏎RDY⏎⏎+CFUN: 1⏎
            > AT+CPIN?␍
            < ⏎+CME ERROR: SIM busy⏎
            < ⏎+CPIN: READY⏎
        `)
    })

    test("a second power-on changes nothing", () => {
        const terminal = TestTerminal.ready()
        terminal.modem.powerOn()
        expect(terminal.listen(10_000)).toBe("")
    })
})

describe("autobaud", () => {
    const options = {
        stored: { baud: 0, echo: false },
        firmware: { romBurst: false },
    }

    test("is what a module leaves the factory with", () => {
        const terminal = new TestTerminal({
            stored: {},
            firmware: { romBurst: false },
        })
        terminal.modem.powerOn()
        expect(terminal.listen(1000)).toBe("")
        terminal.dialogue(`
            > AT␍
            < ⏎Call Ready⏎⏎SMS Ready⏎AT␍⏎OK⏎
            > AT+IPR?␍
            < AT+IPR?␍⏎+IPR: 0⏎⏎OK⏎
        `)
    })

    test.each([1200, 9600, 57600, 115200])("finds %i baud", baud => {
        const terminal = new TestTerminal(options)
        terminal.modem.dte.setBaud(baud)
        terminal.modem.powerOn()
        expect(terminal.listen(1000)).toBe("")
        terminal.dialogue(`
            > AT␍
            < ⏎Call Ready⏎⏎SMS Ready⏎⏎OK⏎
        `)
        expect(terminal.modem.baud).toBe(baud)
    })

    test("needs AT: other bytes are not understood", () => {
        const terminal = new TestTerminal(options)
        terminal.modem.powerOn()
        terminal.listen(1000)
        terminal.send("␍␍+CSQ␍")
        expect(terminal.listen(100)).toBe("")
        expect(terminal.ask("AT+CSQ␍")).toContain("⏎+CSQ: 20,0⏎⏎OK⏎")
    })

    test("does not find 230400 baud", () => {
        const terminal = new TestTerminal(options)
        terminal.modem.dte.setBaud(230400)
        terminal.modem.powerOn()
        terminal.listen(1000)
        terminal.send("AT␍AT␍AT␍")
        expect(terminal.listen(100)).toBe("")
    })

    test("after a brown-out URCs come at the last rate, after power-off not", () => {
        const terminal = new TestTerminal(options)
        terminal.modem.dte.setBaud(9600)
        terminal.modem.powerOn()
        terminal.listen(1000)
        terminal.ask("AT␍")
        terminal.modem.reset()
        terminal.dialogue("< ⏎Call Ready⏎⏎SMS Ready⏎")
        terminal.dialogue("> AT␍\n< ⏎OK⏎")
        terminal.modem.powerOff()
        terminal.modem.powerOn()
        expect(terminal.listen(1000)).toBe("")
        terminal.dialogue("> AT␍\n< ⏎Call Ready⏎⏎SMS Ready⏎⏎OK⏎")
    })
})

describe("AT+IPR", () => {
    test("says OK at the old rate, then changes it", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+IPR=9600␍\n< ⏎OK⏎")
        expect(terminal.modem.baud).toBe(9600)
        expect(terminal.ask("AT␍")).not.toContain("OK")
        terminal.modem.dte.setBaud(9600)
        terminal.listen(100)
        terminal.dialogue(`
            > AT␍
            < ⏎OK⏎
            > AT+IPR?␍
            < ⏎+IPR: 9600⏎⏎OK⏎
        `)
    })

    test("changes the rate after the whole line", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+IPR=57600;+CSQ␍\n< ⏎+CSQ: 20,0⏎⏎OK⏎")
        terminal.modem.dte.setBaud(57600)
        terminal.dialogue("> AT␍\n< ⏎OK⏎")
    })

    test("lasts with AT&W only; the firmware option says otherwise", () => {
        for (const baudSavesItself of [false, true]) {
            const terminal = TestTerminal.ready({
                firmware: { baudSavesItself, romBurst: false },
            })
            terminal.dialogue("> AT+IPR=9600␍\n< ⏎OK⏎")
            terminal.modem.reset()
            terminal.clock.advance(1000)
            expect(terminal.modem.baud).toBe(baudSavesItself ? 9600 : 115200)
            terminal.listen(0)
        }
    })

    test("0 acts only after a reset", () => {
        const terminal = TestTerminal.ready({ firmware: { romBurst: false } })
        terminal.dialogue(`
            > AT+IPR=0;&W␍
            < ⏎OK⏎
            > AT␍
            < ⏎OK⏎
        `)
        terminal.modem.powerOff()
        terminal.modem.powerOn()
        expect(terminal.listen(1000)).toBe("")
        terminal.dialogue("> AT␍\n< ⏎Call Ready⏎⏎SMS Ready⏎⏎OK⏎")
    })

    test.each(["AT+IPR=300", "AT+IPR=921600", "AT+IPR=", 'AT+IPR="9600"'])(
        "%s is refused",
        line => TestTerminal.ready().dialogue(`> ${line}␍\n< ⏎ERROR⏎`)
    )
})

describe("the stored profile", () => {
    test("AT&W stores, a restart and ATZ recall, AT&F forgets", () => {
        const terminal = TestTerminal.ready({ firmware: { romBurst: false } })
        terminal.dialogue(`
            > AT+CMEE=2;+CREG=1;&W␍
            < ⏎OK⏎
            > AT+CMEE=0␍
            < ⏎OK⏎
            > ATZ␍
            < ⏎OK⏎
            > AT+CMEE?;+CREG?␍
            < ⏎+CMEE: 2⏎⏎+CREG: 1,1⏎⏎OK⏎
            > AT&F␍
            < ⏎OK⏎
            > AT+CMEE?␍
            < AT+CMEE?␍⏎+CMEE: 0⏎⏎OK⏎
        `)
        terminal.modem.powerOff()
        terminal.modem.powerOn()
        expect(terminal.listen(1000)).toBe(
            "⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎+CREG: 2⏎⏎+CREG: 1⏎⏎Call Ready⏎⏎SMS Ready⏎"
        )
        terminal.dialogue("> AT+CMEE?␍\n< ⏎+CMEE: 2⏎⏎OK⏎")
    })

    test("ATZ and AT&F leave the UART alone", () => {
        TestTerminal.ready().dialogue(`
            > AT+IFC=2,2;+ICF=2,1;+CMNRP=1␍
            < ⏎OK⏎
            > AT&FE0␍
            < ⏎OK⏎
            > ATZ␍
            < ⏎OK⏎
            > AT+IFC?;+ICF?;+IPR?;+CMNRP?␍
            < ⏎+IFC: 2,2⏎⏎+ICF: 2,1⏎⏎+IPR: 115200⏎⏎+CMNRP: 1⏎⏎OK⏎
        `)
    })

    test("TCP/IP settings take AT+CIPSCONT", () => {
        const terminal = TestTerminal.ready({ firmware: { romBurst: false } })
        const listing = (saved: number, head: number): string =>
            `⏎+CIPSCONT: ${saved}⏎+CIPCSGP: 1⏎Gprs Config APN: CMNET⏎` +
            "Gprs Config UserId: ⏎Gprs Config Password: ⏎" +
            `+CIPHEAD: ${head}⏎+CIPSHOWTP: 0⏎+CIPSRIP: 0⏎+CIPATS: 0,0⏎` +
            "+CIPSPRT: 1,0⏎+CIPQSEND: 0⏎+CIPMODE: 0⏎" +
            "+CIPCCFG: 5,2,1024,1,0,1460,50⏎+CIPMUX: 0⏎+CIPDPDP: 1,10,3⏎" +
            "+CIPRXGET: 0⏎+CIPRDTIMER: 2000,3500⏎⏎OK⏎"
        terminal.dialogue(`
            > AT+CIPHEAD=1;&W␍
            < ⏎OK⏎
            > AT+CIPSCONT?␍
            < ${listing(1, 1)}
        `)
        terminal.modem.reset()
        terminal.listen(1000)
        terminal.dialogue(`
            > AT+CIPSCONT?␍
            < ${listing(1, 0)}
            > AT+CIPHEAD=1;+CIPSCONT␍
            < ⏎OK⏎
            > AT+CIPSCONT?␍
            < ${listing(0, 1)}
        `)
        terminal.modem.reset()
        terminal.listen(1000)
        terminal.dialogue(`
            > AT+CIPHEAD?␍
            < ⏎+CIPHEAD: 1⏎⏎OK⏎
        `)
    })
})

describe("power", () => {
    test("AT+CPOWD=1 says so, then nothing more", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+CPOWD=1␍\n< ⏎NORMAL POWER DOWN⏎")
        terminal.clock.advance(1000)
        expect(terminal.modem.activity).toBe("off")
        expect(terminal.modem.dte.cts).toBe(false)
        expect(terminal.ask("AT␍")).toBe("")
    })

    test("AT+CPOWD=0 says nothing", () => {
        const terminal = TestTerminal.ready()
        expect(terminal.ask("AT+CPOWD=0␍", 1000)).toBe("")
        expect(terminal.modem.activity).toBe("off")
    })

    test("a brown-out is silent: sockets and settings are gone", () => {
        const terminal = TestTerminal.online({
            multi: true,
            firmware: { romBurst: false },
        })
        const server = terminal.network.listen("192.0.2.80", 80)
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","192.0.2.80",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            > AT+CMEE=2␍
            < ⏎OK⏎
        `)
        terminal.modem.reset()
        terminal.dialogue(`
            < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP INITIAL⏎
            > AT+CMEE?;+CIPMUX?␍
            < ⏎+CMEE: 0⏎⏎+CIPMUX: 0⏎⏎OK⏎
        `)
        expect(server.peer.closed).toBe(true)
    })

    test("a DTE that holds RTS back does not hold up the boot", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+IFC=2,2␍\n< ⏎OK⏎")
        terminal.modem.dte.setRts(false)
        terminal.modem.reset()
        terminal.dialogue(
            `< ${ROM}⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎`
        )
    })

    test("power-off in the middle of a boot, an answer and a connection", () => {
        const terminal = new TestTerminal({ delays: "realistic" })
        for (let ms = 0; ms < 9000; ms += 250) {
            terminal.modem.powerOn()
            terminal.clock.advance(ms)
            terminal.modem.dte.write(unspell("ATI;+GSV;+CIPSTATUS␍"))
            terminal.clock.advance(6)
            terminal.modem.powerOff()
            terminal.listen(0)
            expect(terminal.listen(20_000)).toBe("")
        }
        expect(terminal.clock.nextAt()).toBeUndefined()
    })

    test("power-off cuts an answer short", () => {
        const terminal = TestTerminal.ready()
        terminal.send("AT+GSV␍")
        terminal.clock.advance(4)
        terminal.modem.powerOff()
        expect(terminal.listen(1000)).toMatch(/^⏎SIMCOM_.{0,20}$/)
    })

    test("a disposed modem leaves no timer and no socket behind", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.echo("192.0.2.80", 80)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","192.0.2.80",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPSEND=3␍
            < ⏎> |
        `)
        terminal.modem.dispose()
        terminal.clock.advance(0)
        expect(terminal.clock.nextAt()).toBeUndefined()
        expect(server.peer.closed).toBe(true)
    })
})

describe("AT+CFUN", () => {
    test("0: the card first, OK some seconds later", () => {
        const terminal = TestTerminal.ready({ delays: "realistic" })
        const start = terminal.clock.now()
        terminal.dialogue("> AT+CFUN=0␍\n< ⏎+CPIN: NOT READY⏎")
        expect(terminal.clock.now() - start).toBeLessThan(500)
        terminal.dialogue("< ⏎OK⏎")
        expect(terminal.clock.now() - start).toBeGreaterThan(4900)
        terminal.dialogue(`
            > AT+CREG?;+CGATT?;+CSQ␍
            < ⏎+CREG: 0,0⏎⏎+CGATT: 0⏎⏎+CSQ: 99,99⏎⏎OK⏎
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CME ERROR: 797⏎
            > AT+CGATT=1␍
            < ⏎+CME ERROR: 797⏎
            > AT+CFUN=4␍
            < ⏎+CME ERROR: 3⏎
            > AT+CFUN=1␍
            < ⏎OK⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,1⏎⏎OK⏎
        `)
    })

    test("4: radio off, card on; kept over a restart", () => {
        const terminal = TestTerminal.ready({ firmware: { romBurst: false } })
        terminal.dialogue(`
            > AT+CFUN=4␍
            < ⏎OK⏎
            > AT+CPIN?;+CREG?;+CFUN?␍
            < ⏎+CPIN: READY⏎⏎+CREG: 0,0⏎⏎+CFUN: 4⏎⏎OK⏎
            > AT+CFUN=0␍
            < ⏎ERROR⏎
        `)
        terminal.modem.reset()
        terminal.dialogue(`
            < ⏎RDY⏎⏎+CFUN: 4⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,0⏎⏎OK⏎
            > AT+CFUN=1␍
            < ⏎OK⏎
            ~ 100
            > AT+CREG?␍
            < ⏎+CREG: 0,1⏎⏎OK⏎
        `)
    })

    test("0: no AT+CCALR until Call Ready comes again", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CFUN=0␍
            < ⏎+CPIN: NOT READY⏎⏎OK⏎
            > AT+CFUN=1;+CCALR?␍
            < ⏎+CPIN: READY⏎⏎+CCALR: 0⏎⏎OK⏎
            < ⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CCALR?␍
            < ⏎+CCALR: 1⏎⏎OK⏎
        `)
    })

    test("0 is not kept", () => {
        const terminal = TestTerminal.ready({ firmware: { romBurst: false } })
        terminal.dialogue("> AT+CFUN=0␍\n< ⏎+CPIN: NOT READY⏎⏎OK⏎")
        terminal.modem.reset()
        terminal.dialogue(
            "< ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎"
        )
    })

    test("takes the PDP context down", () => {
        const terminal = TestTerminal.online()
        terminal.dialogue(`
            > AT+CFUN=4␍
            < ⏎+PDP: DEACT⏎⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: PDP DEACT⏎
        `)
    })

    const boot = "⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎"

    test.each([
        ["before", `⏎OK⏎${ROM}${boot}`],
        ["after", `${ROM}⏎OK⏎${boot}`],
        ["never", `${ROM}${boot}`],
    ] as const)("1,1 resets; OK %s", (resetResult, text) => {
        const terminal = TestTerminal.ready({ firmware: { resetResult } })
        terminal.dialogue(`
            > AT+CFUN=1,1␍
            < ${text}
        `)
    })
})
