/**
 * The command sequences of programs that others have written, as their sources have
 * them, line ends included, and what their parsers need as answers. The commands are
 * typed in.
 */
import { describe, expect, test } from "vitest"
import { TestTerminal } from "./terminal"

describe("lwcell", () => {
    test("resets the module and asks who it is", () => {
        const terminal = TestTerminal.ready({ stored: { baud: 115200 } })
        terminal.dialogue(`
            > AT+CFUN=1,1␍␊
            < AT+CFUN=1,1␍⏎OK⏎
        `)
        expect(terminal.listen(10_000)).toMatch(/⏎RDY⏎.*⏎SMS Ready⏎$/)
        terminal.dialogue(`
            > ATE0␍␊
            < ATE0␍⏎OK⏎
            > AT+CFUN=1␍␊
            < ⏎OK⏎
            > AT+CMEE=1␍␊
            < ⏎OK⏎
            > AT+CGMI␍␊
            < ⏎SIMCOM_Ltd⏎⏎OK⏎
            > AT+CGMM␍␊
            < ⏎SIMCOM_SIM800L⏎⏎OK⏎
            > AT+CGSN␍␊
            < ⏎867010032343809⏎⏎OK⏎
            > AT+CGMR␍␊
            < ⏎Revision:1418B05SIM800L24⏎⏎OK⏎
            > AT+CREG=1␍␊
            < ⏎OK⏎
            > AT+CLCC=1␍␊
            < ⏎OK⏎
            > AT+CPIN?␍␊
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CNUM␍␊
            < ⏎+CNUM: "","+8613900000001",145,7,4⏎⏎OK⏎
        `)
    })

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

    test("opens a connection between two looks at the state, sends, closes", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.echo("198.18.0.7", 7)
        const idle = (n: number): string => `C: ${n},,"","","","INITIAL"⏎`
        const others = [0, 1, 2, 3, 4].map(idle).join("")
        terminal.dialogue(`
            > AT+CIPSTATUS␍␊
            < ⏎OK⏎⏎STATE: IP STATUS⏎⏎${others}${idle(5)}
            > AT+CIPSSL=0␍␊
            < ⏎OK⏎
            # it takes the highest number that is free
            > AT+CIPSTART=5,"TCP","198.18.0.7",7␍␊
            < ⏎OK⏎
            < ⏎5, CONNECT OK⏎
            > AT+CIPSTATUS␍␊
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎${others}C: 5,0,"TCP","198.18.0.7","7","CONNECTED"⏎
            > AT+CIPSEND=5,4␍␊
            < ⏎> |
            > ␊abc
            < ⏎5, SEND OK⏎
            < ⏎+RECEIVE,5,4:⏎␊abc
            > AT+CIPCLOSE=5␍␊
            < ⏎5, CLOSE OK⏎
        `)
    })

    test("sends and reads messages", () => {
        TestTerminal.ready().dialogue(`
            > AT+CPMS=?␍␊
            < ⏎+CPMS: ("SM","ME","SM_P","ME_P","MT"),("SM","ME","SM_P","ME_P","MT"),("SM","ME","SM_P","ME_P","MT")⏎⏎OK⏎
            > AT+CPMS?␍␊
            < ⏎+CPMS: "SM_P",0,50,"SM_P",0,50,"SM_P",0,50⏎⏎OK⏎
            > AT+CMGF=1␍␊
            < ⏎OK⏎
            > AT+CMGS="+123"␍␊
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 1⏎⏎OK⏎
            > AT+CPMS="SM"␍␊
            < ⏎+CPMS: 0,50,0,50,0,50⏎⏎OK⏎
            > AT+CMGF=1␍␊
            < ⏎OK⏎
            > AT+CMGL="ALL",0␍␊
            < ⏎OK⏎
            > AT+CMGDA="DEL ALL"␍␊
            < ⏎OK⏎
        `)
    })

    test("calls, and asks by USSD", () => {
        TestTerminal.ready().dialogue(`
            > AT+CLCC=1␍␊
            < ⏎OK⏎
            > ATD+123;␍␊
            < ⏎+CLCC: 1,0,2,0,0,"+123",145,""⏎⏎OK⏎
            < ⏎+CLCC: 1,0,3,0,0,"+123",145,""⏎
            < ⏎+CLCC: 1,0,0,0,0,"+123",145,""⏎
            > ATH␍␊
            < ⏎+CLCC: 1,0,6,0,0,"+123",145,""⏎⏎OK⏎
            > AT+CUSD?␍␊
            < ⏎+CUSD: 0⏎⏎OK⏎
            > AT+CUSD=1,"*100#"␍␊
            < ⏎OK⏎⏎+CUSD: 0, "Your balance is 12.50 EUR", 15⏎
        `)
    })
})

test("attentive: sets and reads again, names without quotation marks", () => {
    const terminal = TestTerminal.ready({ stored: { baud: 115200 } })
    terminal.network.echo("198.18.0.7", 7)
    const idle = (n: number): string => `C: ${n},,"","","","INITIAL"⏎`
    const links = [0, 1, 2, 3, 4, 5].map(idle).join("")
    terminal.dialogue(`
        > AT␍
        < AT␍⏎OK⏎
        > ATE0␍
        < ATE0␍⏎OK⏎
        > ATE0␍
        < ⏎OK⏎
        > AT+IPR=0␍
        < ⏎OK⏎
        > AT+IFC=0,0␍
        < ⏎OK⏎
        > AT+CMEE=2␍
        < ⏎OK⏎
        > AT+CLTS=0␍
        < ⏎OK⏎
        > AT+CIURC=0␍
        < ⏎OK⏎
        > AT&W0␍
        < ⏎OK⏎
        > AT+CIPMUX=1␍
        < ⏎OK⏎
        > AT+CIPMUX?␍
        < ⏎+CIPMUX: 1⏎⏎OK⏎
        > AT+CIPRXGET=1␍
        < ⏎OK⏎
        > AT+CIPRXGET?␍
        < ⏎+CIPRXGET: 1⏎⏎OK⏎
        > AT+CIPQSEND=1␍
        < ⏎OK⏎
        > AT+CIPQSEND?␍
        < ⏎+CIPQSEND: 1⏎⏎OK⏎
        > AT+SAPBR=3,1,APN,"internet"␍
        < ⏎OK⏎
        > AT+SAPBR=1,1␍
        < ⏎OK⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP INITIAL⏎⏎${links}
        > AT+CSTT="internet"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.78.245.128⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP STATUS⏎⏎${links}
        > AT+CIPSTART=2,TCP,"198.18.0.7",7␍
        < ⏎OK⏎
        < ⏎2, CONNECT OK⏎
        > AT+CIPSEND=2,5␍
        < ⏎> |
        > hello
        < ⏎DATA ACCEPT:2,5⏎
        < ⏎+CIPRXGET: 1,2⏎
        > AT+CIPRXGET=2,2,128␍
        < ⏎+CIPRXGET: 2,2,5,0⏎hello⏎OK⏎
        > AT+CIPACK=2␍
        < ⏎+CIPACK: 5,5,0⏎⏎OK⏎
        > AT+CIPCLOSE=2␍
        < ⏎2, CLOSE OK⏎
        > AT+FTPCID=1␍
        < ⏎OK⏎
        > AT+FTPTYPE=I␍
        < ⏎OK⏎
        > AT+CIPSHUT␍
        < ⏎SHUT OK⏎
    `)
})

describe("wvdial and wvdialconf", () => {
    test("the init strings that wvdialconf tries, one longer than the other", () => {
        const terminal = TestTerminal.ready({ stored: { baud: 115200 } })
        terminal.dialogue(`
            > ATQ0 V1 E1␍
            < ATQ0 V1 E1␍⏎OK⏎
            > ATQ0 V1 E1 Z␍
            < ATQ0 V1 E1 Z␍⏎OK⏎
            > ATQ0 V1 E1 S0=0␍
            < ATQ0 V1 E1 S0=0␍⏎OK⏎
            > ATQ0 V1 E1 S0=0 &C1␍
            < ATQ0 V1 E1 S0=0 &C1␍⏎OK⏎
            > ATQ0 V1 E1 S0=0 &C1 &D2␍
            < ATQ0 V1 E1 S0=0 &C1 &D2␍⏎OK⏎
            > ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0␍
            < ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0␍⏎OK⏎
            > ATI␍
            < ATI␍⏎SIM800 R14.18⏎⏎OK⏎
            > AT␍
            < AT␍⏎OK⏎
        `)
    })

    test("wvdial dials: there is no PPP", () => {
        TestTerminal.ready().dialogue(`
            > ATZ␍
            < ⏎OK⏎
            > ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0␍
            < ⏎OK⏎
            > ATDT*99#␍
            < ATDT*99#␍⏎NO CARRIER⏎
        `)
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
        > ATI␍␊
        < ⏎SIM800 R14.18⏎
        < ⏎OK⏎
        > AT+CPIN?␍␊
        < ⏎+CPIN: READY⏎
        < ⏎OK⏎
        > AT+CREG?␍␊
        < ⏎+CREG: 0,1⏎
        < ⏎OK⏎
        > AT+CGREG?␍␊
        < ⏎+CGREG: 0,1⏎
        < ⏎OK⏎
        > AT+CSQ␍␊
        < ⏎+CSQ: 20,0⏎
        < ⏎OK⏎
        > AT+CIPSHUT␍␊
        < ⏎SHUT OK⏎
        > AT+CIPMUX?␍␊
        < ⏎+CIPMUX: 0⏎
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
        > AT+CIFSR␍␊
        < ⏎10.78.245.128⏎
        > AT+CDNSCFG?␍␊
        < ⏎PrimaryDns: 0.0.0.0⏎SecondaryDns: 0.0.0.0⏎
        < ⏎OK⏎
        > AT+CDNSCFG="8.8.8.8"␍␊
        < ⏎OK⏎
        > AT+CDNSGIP="www.rt-thread.org"␍␊
        < ⏎OK⏎
        < ⏎+CDNSGIP: 1,"www.rt-thread.org","198.18.0.7"⏎
        # the address has no quotation marks
        > AT+CIPPING=198.18.0.7,1,32,50,64␍␊
        < ⏎+CIPPING: 1,"198.18.0.7",1,64⏎
        < ⏎OK⏎
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

describe("nanoFramework's SIM800H: several commands in a line", () => {
    test("sets up, opens bearer and context, connects", () => {
        const terminal = TestTerminal.ready()
        terminal.network.echo("198.18.0.7", 7)
        terminal.dialogue(`
            > AT␍
            < ⏎OK⏎
            > ATE0;+CSMINS=1;+CREG=1;+CGREG=1;+CSCLK=2;+IFC=2,2;+IPR=115200;&W0␍
            < ⏎OK⏎
            > AT+CSMINS?␍
            < ⏎+CSMINS: 1,1⏎
            < ⏎OK⏎
            > AT+CGMM␍
            < ⏎SIMCOM_SIM800L⏎
            < ⏎OK⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPMUX=1;+CIPQSEND=1␍
            < ⏎OK⏎
            > AT+CSTT="internet"␍
            < ⏎OK⏎
            > AT+SAPBR=3,1,"Contype","GPRS";+SAPBR=3,1,"APN","internet";+SAPBR=3,1,"USER","";+SAPBR=3,1,"PWD",""␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
            > AT+SAPBR=1,1␍
            < ⏎OK⏎
            > AT+SAPBR=2,1␍
            < ⏎+SAPBR: 1,1,"10.177.109.126"⏎
            < ⏎OK⏎
            > AT+CIPSSL=0␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","198.18.0.7",7␍
            < ⏎OK⏎
            < ⏎0, CONNECT OK⏎
            > AT+CIPSEND=0,3␍
            < ⏎> |
            > abc
            < ⏎DATA ACCEPT:0,3⏎
            < ⏎+RECEIVE,0,3:⏎abc
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","198.18.0.7","7","CONNECTED"⏎
            < ⏎OK⏎
            > AT+CIPCLOSE=0,0␍
            < ⏎0, CLOSE OK⏎
        `)
    })

    test("a message: a blank behind the number", () => {
        TestTerminal.ready().dialogue(`
            > AT+CNMI=2,1,0,1,0;+CMGF=1;+CSCS="GSM";+CPMS="SM","SM","SM";&W0␍
            < ⏎+CPMS: 0,50,0,50,0,50⏎
            < ⏎OK⏎
            > AT+CMGS="+123" ␍
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 1⏎
            < ⏎OK⏎
        `)
    })

    test("a page, and its header", () => {
        const terminal = TestTerminal.ready()
        terminal.network.listen("198.51.100.80", 80, peer => {
            peer.onData = () =>
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        })
        terminal.dialogue(`
            > AT+SAPBR=3,1,"Contype","GPRS";+SAPBR=3,1,"APN","internet"␍
            < ⏎OK⏎
            > AT+SAPBR=1,1␍
            < ⏎OK⏎
            > AT+HTTPINIT␍
            < ⏎OK⏎
            > AT+HTTPPARA="CID",1␍
            < ⏎OK⏎
            > AT+HTTPPARA="REDIR",1␍
            < ⏎OK⏎
            > AT+HTTPPARA="UA","ECLO_IoTM_v1"␍
            < ⏎OK⏎
            > AT+HTTPPARA="USERDATA"," "␍
            < ⏎OK⏎
            > AT+HTTPSSL=0␍
            < ⏎OK⏎
            > AT+HTTPPARA="URL","http://198.51.100.80/"␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎
            < ⏎+HTTPACTION: 0,200,2⏎
            > AT+HTTPREAD␍
            < ⏎+HTTPREAD: 2⏎ok⏎OK⏎
            > AT+HTTPHEAD␍
            < ⏎+HTTPHEAD: 36⏎HTTP/1.1 200 OK⏎Content-Length: 2⏎
            < ⏎OK⏎
            > AT+HTTPTERM␍
            < ⏎OK⏎
        `)
    })
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
