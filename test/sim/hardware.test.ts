/** [ATM12] 6.2, 10: tones, sound, aerial, jamming, and the pins that tell of them. */
import { describe, expect, test } from "vitest"
import { TestTerminal } from "./terminal"

describe("tones", () => {
    test("AT+STTONE: what it needs; stopped, it says so once", () => {
        TestTerminal.ready().dialogue(`
            > AT+STTONE=?␍
            < ⏎+STTONE: (0,1),(1,2,3,4,5,6,7,8,16,17,18,19,20),(10-15300000)⏎⏎OK⏎
            > AT+STTONE=1␍
            < ⏎ERROR⏎
            > AT+STTONE=1,9,100␍
            < ⏎ERROR⏎
            > AT+STTONE=1,16,1000␍
            < ⏎OK⏎
            > AT+STTONE=0␍
            < ⏎OK⏎⏎+STTONE: 0⏎
            > AT+STTONE=0␍
            < ⏎OK⏎
            ~ 2000
        `)
    })

    test("AT+SIMTONE: times in steps of 100 ms", () => {
        TestTerminal.ready().dialogue(`
            > AT+SIMTONE=?␍
            < ⏎+SIMTONE: (0,1),(20-20000),(200-25500),(0,100-25500),(10-500000)⏎⏎OK⏎
            > AT+SIMTONE=1,1000,200,0,300␍
            < ⏎OK⏎
            ~ 290
            < ⏎+SIMTONE: 0⏎
            > AT+SIMTONE=1,1000,250,0,300␍
            < ⏎ERROR⏎
            > AT+SIMTONE=1,1000,200,50,300␍
            < ⏎ERROR⏎
            > AT+SIMTONE=1,1000␍
            < ⏎ERROR⏎
            > AT+SIMTONE=1,1000,200,200␍
            < ⏎OK⏎
            > AT+SIMTONE=0␍
            < ⏎OK⏎⏎+SIMTONE: 0⏎
        `)
    })

    test("AT+SIMTONEX: up to five tones", () => {
        TestTerminal.ready().dialogue(`
            > AT+SIMTONEX=?␍
            < ⏎+SIMTONEX: (0,1),(10-500000),(20-20000),(0-20000),(200-25500),(10-25500),(0-4)...⏎⏎OK⏎
            > AT+SIMTONEX=1,500,800,0,500,10,1,2000,0,500,100,0␍
            < ⏎OK⏎
            ~ 490
            < ⏎+SIMTONEX: 0⏎
            > AT+SIMTONEX=1,500,800,0,500,10␍
            < ⏎ERROR⏎
            > AT+SIMTONEX=1,500,800,0,500,10,5␍
            < ⏎ERROR⏎
            > AT+SIMTONEX=1,500${",800,0,500,10,0".repeat(6)}␍
            < ⏎ERROR⏎
            > AT+SIMTONEX=0␍
            < ⏎OK⏎
        `)
    })
})

test("AT+ECHO keeps four values for each of two channels", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+ECHO=?␍
        < ⏎+ECHO: (0,1),(0-65535),(0-65535),(0-65535),(0-65535),(0,1)⏎⏎OK⏎
        > AT+ECHO=1,40000,40000,6200,6200,1␍
        < ⏎OK⏎
        > AT+ECHO=2,1,1,1,1␍
        < ⏎ERROR⏎
        > AT+ECHO=0,65536,1,1,1␍
        < ⏎ERROR⏎
        > AT+ECHO=0,7␍
        < ⏎ERROR⏎
    `)
    terminal.modem.reset()
    terminal.listen(60_000)
    terminal.dialogue(`
        > AT+ECHO?␍
        < ⏎+ECHO: (0,96,253,16388,20488),(1,40000,40000,6200,6200)⏎⏎OK⏎
    `)
})

test("AT+CPCMSYNC: a short pulse has no length", () => {
    TestTerminal.ready().dialogue(`
        > AT+CPCMSYNC=?␍
        < ⏎+CPCMSYNC: (0-1),(1-8)⏎⏎OK⏎
        > AT+CPCMSYNC=0,8␍
        < ⏎ERROR⏎
        > AT+CPCMSYNC=1,8␍
        < ⏎OK⏎
        > AT+CPCMSYNC?␍
        < ⏎+CPCMSYNC: 1,8⏎⏎OK⏎
    `)
})

test("AT+CEGPRS needs a class to be switched on", () => {
    TestTerminal.ready().dialogue(`
        > AT+CEGPRS=1␍
        < ⏎ERROR⏎
        > AT+CEGPRS=1,10␍
        < ⏎OK⏎
        > AT+CEGPRS=0␍
        < ⏎OK⏎
        > AT+CEGPRS?␍
        < ⏎+CEGPRS: 0,10⏎⏎OK⏎
    `)
})

test.each(
    ["+STKPCIS", "+CSDT", "+CPCMCFG", "+SKPD", "+CMNRP", "+SDMODE"].concat(
        "+ECHARGE"
    )
)("AT%s=? has the manual's (0-1)", name => {
    expect(TestTerminal.ready().ask(`AT${name}=?␍`)).toBe(
        `⏎${name}: (0-1)⏎⏎OK⏎`
    )
})

describe("AT+CANT", () => {
    test("tells of the aerial at once and again and again, after a restart too", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CANT=?␍
            < ⏎+CANT: (0,1),(0,1),(0-3600)⏎⏎OK⏎
            > AT+CANT=1,1,10␍
            < ⏎OK⏎⏎+CANT: 0⏎
            ~ 9900
            < ⏎+CANT: 0⏎
            > AT&W␍
            < ⏎OK⏎
        `)
        terminal.modem.reset()
        const reports = terminal.listen(35_000).match(/\+CANT: 0/g)
        expect(reports).toHaveLength(3)
        terminal.dialogue(`
            > AT+CANT=0,0,10␍
            < ⏎OK⏎
        `)
        expect(terminal.listen(30_000)).toBe("")
    })

    test("detection without reports", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+CANT=1,0,10␍\n< ⏎OK⏎")
        expect(terminal.listen(30_000)).toBe("")
    })
})

test("AT+SJDR: nobody jams, and it says so as asked", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+SJDR=?␍
        < ⏎+SJDR: (0,1)⏎⏎OK⏎
        > AT+SJDR?␍
        < ⏎+SJDR: 0⏎⏎OK⏎
        > AT+SJDR=1,0␍
        < ⏎OK⏎
        > AT+SJDR?␍
        < ⏎+SJDR: 1,0,255,0,0⏎⏎OK⏎
    `)
    expect(terminal.listen(10_000)).toBe("")
    terminal.dialogue(`
        > AT+SJDR=1,1,20,0␍
        < ⏎OK⏎
        ~ 2990
        < ⏎+SJDR: NO JAMMING⏎
        ~ 2990
        < ⏎+SJDR: NO JAMMING⏎
        # only of changes, of which there are none
        > AT+SJDR=1,1,20,1␍
        < ⏎OK⏎
    `)
    expect(terminal.listen(10_000)).toBe("")
    terminal.dialogue("> AT+SJDR=0␍\n< ⏎OK⏎")
})

test("AT+DLYRI: RI comes later than the unsolicited result code", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+DLYRI=?␍
        < ⏎+DLYRI: (0,10-1000)⏎⏎OK⏎
        > AT+DLYRI=9␍
        < ⏎ERROR⏎
        > AT+CFGRI=1;+DLYRI=500␍
        < ⏎OK⏎
    `)
    terminal.takePins()
    terminal.modem.announce("+CSQN: 20,0")
    terminal.dialogue(`
        < ⏎+CSQN: 20,0⏎
        ~ 400
        !
        ~ 120
        ! ri low
        ~ 120
    `)
})

test("AT+SAPBR: its test form, and what its values may be", () => {
    TestTerminal.ready().dialogue(`
        > AT+SAPBR=?␍
        < ⏎+SAPBR: (0-4),(1-3),"ConParamTag","ConParamValue"⏎⏎OK⏎
        > AT+SAPBR=3,1,"Contype","PPP"␍
        < ⏎ERROR⏎
        > AT+SAPBR=3,1,"RATE",4␍
        < ⏎ERROR⏎
        > AT+SAPBR=3,1,"RATE",3␍
        < ⏎OK⏎
        # a data call, and there are none
        > AT+SAPBR=3,1,"CONTYPE","CSD"␍
        < ⏎OK⏎
        > AT+SAPBR=1,1␍
        < ⏎ERROR⏎
        > AT+SAPBR=3,1,"CONTYPE","GPRS"␍
        < ⏎OK⏎
        > AT+SAPBR=1,1␍
        < ⏎OK⏎
    `)
})
