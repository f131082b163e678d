/**
 * The command sequences of programs that others have written, and what their
 * parsers need as answers. The commands are theirs, typed in; the line ends too.
 */
import { describe, expect, test } from "vitest"
import { TestTerminal } from "./terminal"

describe("lwcell", () => {
    test("attaches to the network", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CGACT=0␍␊
            < ⏎OK⏎
            > AT+CGACT=1␍␊
            < ⏎OK⏎
            > AT+CGATT=0␍␊
            < ⏎OK⏎
            > AT+CGATT=1␍␊
            < ⏎OK⏎
            > AT+CIPSHUT␍␊
            < ⏎SHUT OK⏎
            > AT+CIPMUX=1␍␊
            < ⏎OK⏎
            > AT+CIPRXGET=0␍␊
            < ⏎OK⏎
            > AT+CSTT="internet","",""␍␊
            < ⏎OK⏎
            > AT+CIICR␍␊
            < ⏎OK⏎
            > AT+CIFSR␍␊
            < ⏎10.78.245.128⏎
            > AT+CIPSTATUS␍␊
            < ⏎OK⏎⏎STATE: IP STATUS⏎⏎C: 0,,"","","","INITIAL"⏎C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
        `)
    })

    test("sends by length, receives as +RECEIVE, closes", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.echo("198.18.0.7", 7)
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","198.18.0.7",7␍␊
            < ⏎OK⏎
            < ⏎0, CONNECT OK⏎
            > AT+CIPSEND=0,4␍␊
            < ⏎> |
            > ␊abc
            < ⏎0, SEND OK⏎
            < ⏎+RECEIVE,0,4:⏎␊abc
            > AT+CIPCLOSE=0,0␍␊
            < ⏎0, CLOSE OK⏎
        `)
    })
})

test("attentive: names without quotation marks", () => {
    const terminal = TestTerminal.ready()
    terminal.network.listen("198.18.0.7", 7)
    terminal.dialogue(`
        > AT+CGATT=1␍
        < ⏎OK⏎
        > AT+SAPBR=3,1,APN,"internet"␍
        < ⏎OK⏎
        > AT+SAPBR=3,1,USER,""␍
        < ⏎OK⏎
        > AT+SAPBR=1,1␍
        < ⏎OK⏎
        > AT+SAPBR=2,1␍
        < ⏎+SAPBR: 1,1,"10.177.109.126"⏎
        < ⏎OK⏎
        > AT+CIPMUX=1␍
        < ⏎OK⏎
        > AT+CIPRXGET=1␍
        < ⏎OK⏎
        > AT+CSTT="internet"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.78.245.128⏎
        > AT+CIPSTART=0,TCP,"198.18.0.7",7␍
        < ⏎OK⏎
        < ⏎0, CONNECT OK⏎
        > AT+CIPCLOSE=0,1␍
        < ⏎0, CLOSE OK⏎
    `)
})

describe("wvdial and wvdialconf", () => {
    test("the init strings", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > ATQ0 V1 E1␍
            < ⏎OK⏎
            > ATQ0 V1 E1 S0=0␍
            < ATQ0 V1 E1 S0=0␍⏎OK⏎
            > ATQ0 V1 E1 S0=0 &C1␍
            < ATQ0 V1 E1 S0=0 &C1␍⏎OK⏎
            > ATQ0 V1 E1 S0=0 &C1 &D2␍
            < ATQ0 V1 E1 S0=0 &C1 &D2␍⏎OK⏎
            > ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0␍
            < ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0␍⏎OK⏎
            > ATE0␍
            < ATE0␍⏎OK⏎
            > ATX4␍
            < ⏎OK⏎
        `)
    })

    test("what it asks a modem to know it", () => {
        const terminal = TestTerminal.ready()
        for (const line of ["ATI", "AT+GCAP", "AT+FCLASS=?", "ATZ", "ATH"])
            expect(terminal.ask(`${line}␍`)).toMatch(/⏎OK⏎$/)
    })
})

test("at_device (RT-Thread): from the first AT to a connection", () => {
    const terminal = TestTerminal.ready()
    terminal.network.name("www.rt-thread.org", "198.18.0.7")
    terminal.network.echo("198.18.0.7", 7)
    terminal.dialogue(`
        > AT␍␊
        < ⏎OK⏎
        > ATE0␍␊
        < ⏎OK⏎
        > AT+IPR?␍␊
        < ⏎+IPR: 115200⏎
        < ⏎OK⏎
        > AT+CPIN?␍␊
        < ⏎+CPIN: READY⏎
        < ⏎OK⏎
        > AT+CSQ␍␊
        < ⏎+CSQ: 20,0⏎
        < ⏎OK⏎
        > AT+CREG?␍␊
        < ⏎+CREG: 0,1⏎
        < ⏎OK⏎
        > AT+CGREG?␍␊
        < ⏎+CGREG: 0,1⏎
        < ⏎OK⏎
        > AT+CIPSHUT␍␊
        < ⏎SHUT OK⏎
        > AT+CIPQSEND=0␍␊
        < ⏎OK⏎
        > AT+CIPMUX=1␍␊
        < ⏎OK⏎
        > AT+COPS?␍␊
        < ⏎+COPS: 0,0,"CHINA MOBILE"⏎
        < ⏎OK⏎
        > AT+CSTT="CMNET"␍␊
        < ⏎OK⏎
        > AT+CIICR␍␊
        < ⏎OK⏎
        > AT+CIFSR␍␊
        < ⏎10.78.245.128⏎
        > AT+GSN␍␊
        < ⏎867010032343809⏎
        < ⏎OK⏎
        > AT+CDNSCFG?␍␊
        < ⏎PrimaryDns: 0.0.0.0⏎SecondaryDns: 0.0.0.0⏎
        < ⏎OK⏎
        > AT+CDNSGIP="www.rt-thread.org"␍␊
        < ⏎OK⏎
        < ⏎+CDNSGIP: 1,"www.rt-thread.org","198.18.0.7"⏎
        > AT+CIPSTART=0,"TCP","198.18.0.7",7␍␊
        < ⏎OK⏎
        < ⏎0, CONNECT OK⏎
        > AT+CIPSEND=0,3␍␊
        < ⏎> |
        > abc
        < ⏎0, SEND OK⏎
        < ⏎+RECEIVE,0,3:⏎abc
        > AT+CIPCLOSE=0␍␊
        < ⏎0, CLOSE OK⏎
    `)
})

test("nanoFramework: bearer, access point, clock", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CGATT?␍
        < ⏎+CGATT: 1⏎
        < ⏎OK⏎
        > AT+SAPBR=3,1,"Contype","GPRS"␍
        < ⏎OK⏎
        > AT+SAPBR=3,1,"APN","internet"␍
        < ⏎OK⏎
        > AT+SAPBR=3,1,"RATE",2␍
        < ⏎OK⏎
        > AT+CGDCONT=1,"IP","internet"␍
        < ⏎OK⏎
        > AT+CGACT=1,1␍
        < ⏎OK⏎
        > AT+SAPBR=1,1␍
        < ⏎OK⏎
        > AT+SAPBR=2,1␍
        < ⏎+SAPBR: 1,1,"10.177.109.126"⏎
        < ⏎OK⏎
        > AT+CLTS=1␍
        < ⏎OK⏎
        > AT+CGMM␍
        < ⏎SIMCOM_SIM800L⏎
        < ⏎OK⏎
    `)
})

test("chat: PPP is refused, and the line is free again", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CGDCONT=1,"IP","internet"␍
        < ⏎OK⏎
        > AT+CGDATA="PPP",1␍
        < ⏎ERROR⏎
        > AT␍
        < ⏎OK⏎
    `)
})

test("terminals send DEL for Backspace", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > ATX4\x7f9\x7f4␍
        < ⏎OK⏎
    `)
})

test("ATA takes the rest of its line with it", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue("> ATAE0␍\n< ⏎NO CARRIER⏎")
})
