/** Facts 7 and 8.5–8.6: boot, autobaud, reset, power. */
import { describe, expect, test } from "vitest"
import { unspell } from "../../sim/modem/trace"
import { Bench } from "./bench"

const ROM = "␀IIII\\xff\\xff\\xff\\xff"

describe("boot", () => {
    test("at a fixed rate: ROM burst, RDY, functionality, SIM card, calls, messages", () => {
        const bench = new Bench()
        bench.modem.powerOn()
        bench.dialogue(`
            < ${ROM}
            < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
        `)
        expect(bench.transitions.filter(t => t.startsWith("power"))).toEqual([
            "power: off -> booting",
            "power: booting -> on",
        ])
    })

    test("takes its time, realistically", () => {
        const bench = new Bench({ delays: "realistic" })
        const times: number[] = []
        bench.modem.dte.onData = () => times.push(bench.clock.now())
        bench.modem.powerOn()
        expect(bench.modem.activity).toBe("booting")
        bench.clock.advance(1990)
        expect(bench.modem.activity).toBe("booting")
        bench.clock.advance(20)
        expect(bench.modem.activity).toBe("command")
        // AT is answered before RDY [REAL:TG#358]
        bench.modem.dte.write(unspell("AT␍"))
        bench.clock.advance(500)
        const answered = times.length
        expect(answered).toBe(2)
        bench.clock.advance(20_000)
        const seconds = times.slice(answered).map(t => Math.round(t / 500) / 2)
        expect([...new Set(seconds)]).toEqual([3, 4.5, 8, 9])
    })

    test("without ROM burst", () => {
        const bench = new Bench({
            firmware: { romBurst: false },
            delays: "instant",
        })
        bench.modem.powerOn()
        bench.dialogue(`
            < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
        `)
    })

    test.each([
        [{ inserted: false }, "⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: NOT INSERTED⏎"],
        [{ pin: "1234" }, "⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: SIM PIN⏎"],
    ])("with SIM card %j", (sim, text) => {
        const bench = new Bench({ sim })
        bench.modem.powerOn()
        bench.dialogue(`< ${ROM}${text}`)
        expect(bench.listen(10_000)).toBe("")
    })

    test("AT+CIURC=0 takes Call Ready away", () => {
        const bench = Bench.ready()
        bench.dialogue("> AT+CIURC=0;&W␍\n< ⏎OK⏎")
        bench.modem.reset()
        bench.dialogue(`< ${ROM}⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎SMS Ready⏎`)
        bench.dialogue("> AT+CCALR?␍\n< ⏎+CCALR: 1⏎⏎OK⏎")
    })

    test("AT+CCALR before calls are possible", () => {
        const bench = new Bench({ sim: { pin: "1234" } })
        bench.modem.powerOn()
        bench.listen(1000)
        bench.dialogue("> AT+CCALR?␍\n< ⏎+CCALR: 0⏎⏎OK⏎")
    })

    test("AT+CPIN? is an error until the card has been read", () => {
        const bench = new Bench({ delays: "realistic" })
        bench.modem.powerOn()
        bench.listen(2500)
        bench.dialogue(`
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
        const bench = Bench.ready()
        bench.modem.powerOn()
        expect(bench.listen(10_000)).toBe("")
    })
})

describe("autobaud", () => {
    const options = {
        stored: { baud: 0, echo: false },
        firmware: { romBurst: false },
    }

    test("is what a module leaves the factory with", () => {
        const bench = new Bench({ stored: {}, firmware: { romBurst: false } })
        bench.modem.powerOn()
        expect(bench.listen(1000)).toBe("")
        bench.dialogue(`
            > AT␍
            < ⏎Call Ready⏎⏎SMS Ready⏎AT␍⏎OK⏎
            > AT+IPR?␍
            < AT+IPR?␍⏎+IPR: 0⏎⏎OK⏎
        `)
    })

    test.each([1200, 9600, 57600, 115200])("finds %i baud", baud => {
        const bench = new Bench(options)
        bench.modem.dte.setBaud(baud)
        bench.modem.powerOn()
        expect(bench.listen(1000)).toBe("")
        bench.dialogue(`
            > AT␍
            < ⏎Call Ready⏎⏎SMS Ready⏎⏎OK⏎
        `)
        expect(bench.modem.baud).toBe(baud)
    })

    test("needs AT: other bytes are not understood", () => {
        const bench = new Bench(options)
        bench.modem.powerOn()
        bench.listen(1000)
        bench.send("␍␍+CSQ␍")
        expect(bench.listen(100)).toBe("")
        expect(bench.ask("AT+CSQ␍")).toContain("⏎+CSQ: 20,0⏎⏎OK⏎")
    })

    test("does not find 230400 baud", () => {
        const bench = new Bench(options)
        bench.modem.dte.setBaud(230400)
        bench.modem.powerOn()
        bench.listen(1000)
        bench.send("AT␍AT␍AT␍")
        expect(bench.listen(100)).toBe("")
    })

    test("after a brown-out URCs come at the last rate, after power-off not", () => {
        const bench = new Bench(options)
        bench.modem.dte.setBaud(9600)
        bench.modem.powerOn()
        bench.listen(1000)
        bench.ask("AT␍")
        bench.modem.reset()
        bench.dialogue("< ⏎Call Ready⏎⏎SMS Ready⏎")
        bench.dialogue("> AT␍\n< ⏎OK⏎")
        bench.modem.powerOff()
        bench.modem.powerOn()
        expect(bench.listen(1000)).toBe("")
        bench.dialogue("> AT␍\n< ⏎Call Ready⏎⏎SMS Ready⏎⏎OK⏎")
    })
})

describe("AT+IPR", () => {
    test("says OK at the old rate, then changes it", () => {
        const bench = Bench.ready()
        bench.dialogue("> AT+IPR=9600␍\n< ⏎OK⏎")
        expect(bench.modem.baud).toBe(9600)
        expect(bench.ask("AT␍")).not.toContain("OK")
        bench.modem.dte.setBaud(9600)
        bench.listen(100)
        bench.dialogue(`
            > AT␍
            < ⏎OK⏎
            > AT+IPR?␍
            < ⏎+IPR: 9600⏎⏎OK⏎
        `)
    })

    test("changes the rate after the whole line", () => {
        const bench = Bench.ready()
        bench.dialogue("> AT+IPR=57600;+CSQ␍\n< ⏎+CSQ: 20,0⏎⏎OK⏎")
        bench.modem.dte.setBaud(57600)
        bench.dialogue("> AT␍\n< ⏎OK⏎")
    })

    test("lasts with AT&W only; the firmware option says otherwise", () => {
        for (const baudSavesItself of [false, true]) {
            const bench = Bench.ready({
                firmware: { baudSavesItself, romBurst: false },
            })
            bench.dialogue("> AT+IPR=9600␍\n< ⏎OK⏎")
            bench.modem.reset()
            bench.clock.advance(1000)
            expect(bench.modem.baud).toBe(baudSavesItself ? 9600 : 115200)
            bench.listen(0)
        }
    })

    test("0 acts only after a reset", () => {
        const bench = Bench.ready({ firmware: { romBurst: false } })
        bench.dialogue(`
            > AT+IPR=0;&W␍
            < ⏎OK⏎
            > AT␍
            < ⏎OK⏎
        `)
        bench.modem.powerOff()
        bench.modem.powerOn()
        expect(bench.listen(1000)).toBe("")
        bench.dialogue("> AT␍\n< ⏎Call Ready⏎⏎SMS Ready⏎⏎OK⏎")
    })

    test.each(["AT+IPR=300", "AT+IPR=921600", "AT+IPR=", 'AT+IPR="9600"'])(
        "%s is refused",
        line => Bench.ready().dialogue(`> ${line}␍\n< ⏎ERROR⏎`)
    )
})

describe("the stored profile", () => {
    test("AT&W stores, a restart and ATZ recall, AT&F forgets", () => {
        const bench = Bench.ready({ firmware: { romBurst: false } })
        bench.dialogue(`
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
        bench.modem.powerOff()
        bench.modem.powerOn()
        expect(bench.listen(1000)).toBe(
            "⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎+CREG: 2⏎⏎+CREG: 1⏎⏎Call Ready⏎⏎SMS Ready⏎"
        )
        bench.dialogue("> AT+CMEE?␍\n< ⏎+CMEE: 2⏎⏎OK⏎")
    })

    test("ATZ and AT&F leave the UART alone", () => {
        Bench.ready().dialogue(`
            > AT+IFC=2,2;+ICF=2,1␍
            < ⏎OK⏎
            > AT&FE0␍
            < ⏎OK⏎
            > ATZ␍
            < ⏎OK⏎
            > AT+IFC?;+ICF?;+IPR?␍
            < ⏎+IFC: 2,2⏎⏎+ICF: 2,1⏎⏎+IPR: 115200⏎⏎OK⏎
        `)
    })

    test("TCP/IP settings take AT+CIPSCONT", () => {
        const bench = Bench.ready({ firmware: { romBurst: false } })
        const listing = (saved: number, head: number): string =>
            `⏎+CIPSCONT: ${saved}⏎+CIPCSGP: 1⏎Gprs Config APN: CMNET⏎` +
            "Gprs Config UserId: ⏎Gprs Config Password: ⏎" +
            `+CIPHEAD: ${head}⏎+CIPSHOWTP: 0⏎+CIPSRIP: 0⏎+CIPATS: 0,0⏎` +
            "+CIPSPRT: 1,0⏎+CIPQSEND: 0⏎+CIPMODE: 0⏎" +
            "+CIPCCFG: 5,2,1024,1,0,1460,50⏎+CIPMUX: 0⏎+CIPDPDP: 1,10,3⏎" +
            "+CIPRXGET: 0⏎+CIPRDTIMER: 2000,3500⏎⏎OK⏎"
        bench.dialogue(`
            > AT+CIPHEAD=1;&W␍
            < ⏎OK⏎
            > AT+CIPSCONT?␍
            < ${listing(1, 1)}
        `)
        bench.modem.reset()
        bench.listen(1000)
        bench.dialogue(`
            > AT+CIPSCONT?␍
            < ${listing(1, 0)}
            > AT+CIPHEAD=1;+CIPSCONT␍
            < ⏎OK⏎
            > AT+CIPSCONT?␍
            < ${listing(0, 1)}
        `)
        bench.modem.reset()
        bench.listen(1000)
        bench.dialogue(`
            > AT+CIPHEAD?␍
            < ⏎+CIPHEAD: 1⏎⏎OK⏎
        `)
    })
})

describe("power", () => {
    test("AT+CPOWD=1 says so, then nothing more", () => {
        const bench = Bench.ready()
        bench.dialogue("> AT+CPOWD=1␍\n< ⏎NORMAL POWER DOWN⏎")
        bench.clock.advance(1000)
        expect(bench.modem.activity).toBe("off")
        expect(bench.modem.dte.cts).toBe(false)
        expect(bench.ask("AT␍")).toBe("")
    })

    test("AT+CPOWD=0 says nothing", () => {
        const bench = Bench.ready()
        expect(bench.ask("AT+CPOWD=0␍", 1000)).toBe("")
        expect(bench.modem.activity).toBe("off")
    })

    test("a brown-out is silent: sockets and settings are gone", () => {
        const bench = Bench.online({
            multi: true,
            firmware: { romBurst: false },
        })
        const server = bench.network.listen("192.0.2.80", 80)
        bench.dialogue(`
            > AT+CIPSTART=0,"TCP","192.0.2.80",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            > AT+CMEE=2␍
            < ⏎OK⏎
        `)
        bench.modem.reset()
        bench.dialogue(`
            < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP INITIAL⏎
            > AT+CMEE?;+CIPMUX?␍
            < ⏎+CMEE: 0⏎⏎+CIPMUX: 0⏎⏎OK⏎
        `)
        expect(server.peer.closed).toBe(true)
    })

    test("a DTE that holds RTS back does not hold up the boot", () => {
        const bench = Bench.ready()
        bench.dialogue("> AT+IFC=2,2␍\n< ⏎OK⏎")
        bench.modem.dte.setRts(false)
        bench.modem.reset()
        bench.dialogue(
            `< ${ROM}⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎`
        )
    })

    test("power-off in the middle of a boot, an answer and a connection", () => {
        const bench = new Bench({ delays: "realistic" })
        for (let ms = 0; ms < 9000; ms += 250) {
            bench.modem.powerOn()
            bench.clock.advance(ms)
            bench.modem.dte.write(unspell("ATI;+GSV;+CIPSTATUS␍"))
            bench.clock.advance(6)
            bench.modem.powerOff()
            bench.listen(0)
            expect(bench.listen(20_000)).toBe("")
        }
        expect(bench.clock.nextAt()).toBeUndefined()
    })

    test("power-off cuts an answer short", () => {
        const bench = Bench.ready()
        bench.send("AT+GSV␍")
        bench.clock.advance(4)
        bench.modem.powerOff()
        expect(bench.listen(1000)).toMatch(/^⏎SIMCOM_.{0,20}$/)
    })

    test("a disposed modem leaves no timer and no socket behind", () => {
        const bench = Bench.online()
        const server = bench.network.echo("192.0.2.80", 80)
        bench.dialogue(`
            > AT+CIPSTART="TCP","192.0.2.80",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPSEND=3␍
            < ⏎> |
        `)
        bench.modem.dispose()
        bench.clock.advance(0)
        expect(bench.clock.nextAt()).toBeUndefined()
        expect(server.peer.closed).toBe(true)
    })
})

describe("AT+CFUN", () => {
    test("0: the card first, OK some seconds later", () => {
        const bench = Bench.ready({ delays: "realistic" })
        const start = bench.clock.now()
        bench.dialogue("> AT+CFUN=0␍\n< ⏎+CPIN: NOT READY⏎")
        expect(bench.clock.now() - start).toBeLessThan(500)
        bench.dialogue("< ⏎OK⏎")
        expect(bench.clock.now() - start).toBeGreaterThan(4900)
        bench.dialogue(`
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
        const bench = Bench.ready({ firmware: { romBurst: false } })
        bench.dialogue(`
            > AT+CFUN=4␍
            < ⏎OK⏎
            > AT+CPIN?;+CREG?;+CFUN?␍
            < ⏎+CPIN: READY⏎⏎+CREG: 0,0⏎⏎+CFUN: 4⏎⏎OK⏎
            > AT+CFUN=0␍
            < ⏎ERROR⏎
        `)
        bench.modem.reset()
        bench.dialogue(`
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
        const bench = Bench.ready()
        bench.dialogue(`
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
        const bench = Bench.ready({ firmware: { romBurst: false } })
        bench.dialogue("> AT+CFUN=0␍\n< ⏎+CPIN: NOT READY⏎⏎OK⏎")
        bench.modem.reset()
        bench.dialogue("< ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎")
    })

    test("takes the PDP context down", () => {
        const bench = Bench.online()
        bench.dialogue(`
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
        const bench = Bench.ready({ firmware: { resetResult } })
        bench.dialogue(`
            > AT+CFUN=1,1␍
            < ${text}
        `)
    })
})
