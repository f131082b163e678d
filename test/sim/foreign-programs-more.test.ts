/**
 * More programs that others have written: those that move data over TCP in their own
 * ways, and those that send and read messages from a PC. Their command sequences and
 * line ends as their sources have them, typed in.
 */
import { describe, expect, test } from "vitest"
import type { SentMessage } from "../../sim/modem/submission"
import { TestTerminal } from "./terminal"

test("TinyGSM: several sockets, fetched data", () => {
    const terminal = TestTerminal.ready()
    terminal.network.echo("198.18.0.7", 7)
    terminal.dialogue(`
        > AT␍␊
        < ⏎OK⏎
        > ATE0␍␊
        < ⏎OK⏎
        > AT+CMEE=0␍␊
        < ⏎OK⏎
        > AT+CLTS=1␍␊
        < ⏎OK⏎
        > AT+CBATCHK=1␍␊
        < ⏎OK⏎
        > AT+CPIN?␍␊
        < ⏎+CPIN: READY⏎⏎OK⏎
        > AT+CIPSHUT␍␊
        < ⏎SHUT OK⏎
        > AT+CGATT=0␍␊
        < ⏎OK⏎
        > AT+SAPBR=3,1,"Contype","GPRS"␍␊
        < ⏎OK⏎
        > AT+SAPBR=3,1,"APN","internet"␍␊
        < ⏎OK⏎
        > AT+CGDCONT=1,"IP","internet"␍␊
        < ⏎OK⏎
        > AT+CGACT=1,1␍␊
        < ⏎OK⏎
        > AT+SAPBR=1,1␍␊
        < ⏎OK⏎
        > AT+SAPBR=2,1␍␊
        < ⏎+SAPBR: 1,1,"10.177.109.126"⏎⏎OK⏎
        > AT+CGATT=1␍␊
        < ⏎OK⏎
        > AT+CIPMUX=1␍␊
        < ⏎OK⏎
        > AT+CIPQSEND=1␍␊
        < ⏎OK⏎
        > AT+CIPRXGET=1␍␊
        < ⏎OK⏎
        > AT+CSTT="internet","",""␍␊
        < ⏎OK⏎
        > AT+CIICR␍␊
        < ⏎OK⏎
        > AT+CIFSR;E0␍␊
        < ⏎10.78.245.128⏎⏎OK⏎
        > AT+CDNSCFG="8.8.8.8","8.8.4.4"␍␊
        < ⏎OK⏎
        > AT+CIPSSL=?␍␊
        < ⏎+CIPSSL: (0-1)⏎⏎OK⏎
        > AT+CIPSSL=0␍␊
        < ⏎OK⏎
        > AT+CIPSTART=0,"TCP","198.18.0.7",7␍␊
        < ⏎OK⏎
        < ⏎0, CONNECT OK⏎
        > AT+CIPSEND=0,5␍␊
        < ⏎> |
        > hello
        < ⏎DATA ACCEPT:0,5⏎
        < ⏎+CIPRXGET: 1,0⏎
        > AT+CIPRXGET=4,0␍␊
        < ⏎+CIPRXGET: 4,0,5⏎⏎OK⏎
        > AT+CIPRXGET=2,0,5␍␊
        < ⏎+CIPRXGET: 2,0,5,0⏎hello⏎OK⏎
        > AT+CIPSTATUS=0␍␊
        < ⏎+CIPSTATUS: 0,0,"TCP","198.18.0.7","7","CONNECTED"⏎⏎OK⏎
        > AT+CIPCLOSE=0,1␍␊
        < ⏎0, CLOSE OK⏎
    `)
})

test("TinyGSM: factory default, and a restart", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT&FZE0&W␍␊
        < ⏎OK⏎
        > AT+IPR=0␍␊
        < ⏎OK⏎
        > AT+IFC=0,0␍␊
        < ⏎OK⏎
        > AT+ICF=3,3␍␊
        < ⏎OK⏎
        > AT+CSCLK=0␍␊
        < ⏎OK⏎
        > AT&W␍␊
        < ⏎OK⏎
        > AT+CFUN=0␍␊
        < ⏎+CPIN: NOT READY⏎⏎OK⏎
        > AT+CFUN=1,1␍␊
        < ⏎OK⏎
    `)
    terminal.listen(10_000)
    terminal.dialogue(`
        # it has no rate to say anything at before that
        > AT␍␊
        < ⏎Call Ready⏎⏎SMS Ready⏎⏎OK⏎
        > AT+CPOWD=1␍␊
        < ⏎NORMAL POWER DOWN⏎
    `)
})

test("SimcomGsmLib: several sockets, with echo, which it parses", () => {
    const terminal = TestTerminal.ready({ stored: { baud: 115200 } })
    terminal.network.echo("198.18.0.7", 7)
    const echoed = (line: string, answer: string): string =>
        `> ${line}␍␊\n< ${line}␍${answer}`
    terminal.dialogue(
        [
            echoed("AT", "⏎OK⏎"),
            echoed("AT+CIPMUX?", "⏎+CIPMUX: 0⏎⏎OK⏎"),
            echoed("AT+CNETLIGHT=1", "⏎OK⏎"),
            echoed("AT+CREG=2", "⏎OK⏎"),
            echoed("AT+CSQ", "⏎+CSQ: 20,0⏎⏎OK⏎"),
            echoed("AT+CREG?", '⏎+CREG: 2,1,"18D8","3CA5"⏎⏎OK⏎'),
            echoed("AT+COPS=3,2", "⏎OK⏎"),
            echoed("AT+COPS?", '⏎+COPS: 0,2,"46000"⏎⏎OK⏎'),
            echoed("AT+CIPSHUT", "⏎SHUT OK⏎"),
            echoed("AT+CIPQSEND=1", "⏎OK⏎"),
            echoed("AT+CIPQSEND?", "⏎+CIPQSEND: 1⏎⏎OK⏎"),
            echoed("AT+CIPMUX=1", "⏎OK⏎"),
            echoed("AT+CIPRXGET=1", "⏎OK⏎"),
            echoed('AT+CSTT="internet","",""', "⏎OK⏎"),
            echoed("AT+CIICR", "⏎OK⏎"),
            // for the sake of an OK behind the address
            echoed("AT+CIFSR;E1", "⏎10.78.245.128⏎⏎OK⏎"),
            echoed('AT+CIPSTART=1,"TCP","198.18.0.7","7"', "⏎OK⏎"),
            "< ⏎1, CONNECT OK⏎",
            // what it sends is echoed too
            echoed("AT+CIPSEND=1,3", "⏎> |"),
            "> abc\n< abc⏎DATA ACCEPT:1,3⏎",
            "< ⏎+CIPRXGET: 1,1⏎",
            echoed("AT+CIPRXGET=2,1,100", "⏎+CIPRXGET: 2,1,3,0⏎abc⏎OK⏎"),
            echoed(
                "AT+CIPSTATUS=1",
                '⏎+CIPSTATUS: 1,0,"TCP","198.18.0.7","7","CONNECTED"⏎⏎OK⏎'
            ),
            echoed("AT+CIPCLOSE=1", "⏎1, CLOSE OK⏎"),
        ].join("\n")
    )
})

test("Adafruit_FONA: a message, then the bearer and a single connection", () => {
    const terminal = TestTerminal.ready()
    terminal.network.echo("198.18.0.7", 7)
    const sent: SentMessage[] = []
    terminal.modem.onMessage = message => sent.push(message)
    terminal.dialogue(`
        > AT␍␊
        < ⏎OK⏎
        > ATE0␍␊
        < ⏎OK⏎
        > ATE0␍␊
        < ⏎OK⏎
        > AT+CVHU=0␍␊
        < ⏎OK⏎
        > ATI␍␊
        < ⏎SIM800 R14.18⏎⏎OK⏎
        > AT+CPMS="SM","SM","SM"␍␊
        < ⏎+CPMS: 0,50,0,50,0,50⏎⏎OK⏎
        > AT+CMGF=1␍␊
        < ⏎OK⏎
        > AT+CPMS?␍␊
        < ⏎+CPMS: "SM",0,50,"SM",0,50,"SM",0,50⏎⏎OK⏎
        > AT+CSDH=1␍␊
        < ⏎OK⏎
        > AT+CMGS="+123"␍␊
        < ⏎> |
        > hello␍␊␍␊␚
        < ⏎> ⏎> |
        < ⏎+CMGS: 1⏎⏎OK⏎
        > AT+CIPSHUT␍␊
        < ⏎SHUT OK⏎
        > AT+CGATT=1␍␊
        < ⏎OK⏎
        > AT+SAPBR=3,1,"CONTYPE","GPRS"␍␊
        < ⏎OK⏎
        > AT+SAPBR=3,1,"APN","FONAnet"␍␊
        < ⏎OK⏎
        > AT+CSTT="FONAnet","",""␍␊
        < ⏎OK⏎
        > AT+SAPBR=3,1,"USER",""␍␊
        < ⏎OK⏎
        > AT+SAPBR=3,1,"PWD",""␍␊
        < ⏎OK⏎
        > AT+SAPBR=1,1␍␊
        < ⏎OK⏎
        > AT+CIICR␍␊
        < ⏎OK⏎
        # and undoes it: AT+CIPSTART brings all up by itself
        > AT+CIPSHUT␍␊
        < ⏎SHUT OK⏎
        > AT+CIPMUX=0␍␊
        < ⏎OK⏎
        > AT+CIPRXGET=1␍␊
        < ⏎OK⏎
        > AT+CIPSTART="TCP","198.18.0.7","7"␍␊
        < ⏎OK⏎
        < ⏎CONNECT OK⏎
        > AT+CIPSTATUS␍␊
        < ⏎OK⏎⏎STATE: CONNECT OK⏎
        > AT+CIPSEND=3␍␊
        < ⏎> |
        > abc
        < ⏎SEND OK⏎
        < ⏎+CIPRXGET: 1⏎
        > AT+CIPRXGET=4␍␊
        < ⏎+CIPRXGET: 4,3⏎⏎OK⏎
        > AT+CIPRXGET=2,3␍␊
        < ⏎+CIPRXGET: 2,3,0⏎abc⏎OK⏎
        > AT+CIPCLOSE␍␊
        < ⏎CLOSE OK⏎
        > ATH0␍␊
        < ⏎OK⏎
    `)
    expect(sent.map(({ to }) => to)).toEqual(["+123"])
})

test("the MicroPython driver: HTTP through the bearer", () => {
    const terminal = TestTerminal.ready()
    terminal.network.name("api.example.com", "198.51.100.80")
    terminal.network.listen("198.51.100.80", 80, peer => {
        peer.onData = () =>
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    })
    terminal.dialogue(`
        > AT␍␊
        < ⏎OK⏎
        > ATI␍␊
        < ⏎SIM800 R14.18⏎⏎OK⏎
        > AT+CGMR␍␊
        < ⏎Revision:1418B05SIM800L24⏎⏎OK⏎
        > AT+CREG?␍␊
        < ⏎+CREG: 0,1⏎⏎OK⏎
        > AT+SAPBR=2,1␍␊
        < ⏎+SAPBR: 1,3,"0.0.0.0"⏎⏎OK⏎
        > AT+SAPBR=3,1,"Contype","GPRS"␍␊
        < ⏎OK⏎
        > AT+SAPBR=3,1,"APN","internet"␍␊
        < ⏎OK⏎
        > AT+SAPBR=1,1␍␊
        < ⏎OK⏎
        > AT+HTTPINIT␍␊
        < ⏎OK⏎
        > AT+HTTPPARA="CID",1␍␊
        < ⏎OK⏎
        > AT+HTTPPARA="URL","http://api.example.com/"␍␊
        < ⏎OK⏎
        > AT+HTTPSSL=0␍␊
        < ⏎OK⏎
        > AT+HTTPACTION=0␍␊
        < ⏎OK⏎⏎+HTTPACTION: 0,200,2⏎
        > AT+HTTPREAD␍␊
        < ⏎+HTTPREAD: 2⏎ok⏎OK⏎
        > AT+HTTPTERM␍␊
        < ⏎OK⏎
    `)
})

describe("from a PC", () => {
    test("gnokii: identifies the modem, lists and deletes messages", () => {
        const terminal = TestTerminal.ready()
        terminal.modem.receiveMessage({
            from: "+123",
            text: "hello",
            at: Date.UTC(2018, 0, 22, 18, 7, 20),
        })
        const echoed = (line: string, answer: string): string =>
            `> ${line}␍\n< ${line}␍${answer}`
        terminal.dialogue(
            [
                '< ⏎+CMTI: "SM",1⏎',
                "> ATZ␍\n< ⏎OK⏎",
                "> ATE1␍\n< ⏎OK⏎",
                echoed("AT+CMEE=1", "⏎OK⏎"),
                echoed("AT+CGMM", "⏎SIMCOM_SIM800L⏎⏎OK⏎"),
                echoed("AT+CGMI", "⏎SIMCOM_Ltd⏎⏎OK⏎"),
                echoed("AT+CSCS?", '⏎+CSCS: "IRA"⏎⏎OK⏎'),
                echoed(
                    "AT+CSCS=?",
                    '⏎+CSCS: ("IRA","GSM","UCS2","HEX","PCCP","PCDN","8859-1")⏎⏎OK⏎'
                ),
                echoed('AT+CSCS="UCS2"', "⏎OK⏎"),
                echoed('AT+CPMS="SM"', "⏎+CPMS: 1,50,1,50,1,50⏎⏎OK⏎"),
                echoed("AT+CMGF=0", "⏎OK⏎"),
                echoed(
                    "AT+CMGR=1",
                    '⏎+CMGR: 0,"",20⏎0891683108100005F004039121F300008110229170024005E8329BFD06⏎⏎OK⏎'
                ),
                echoed("AT+CMGD=1", "⏎OK⏎"),
                echoed("AT+CBC", "⏎+CBC: 0,62,3900⏎⏎OK⏎"),
                echoed("AT+CPBR=?", "⏎+CPBR: (1-250),40,14⏎⏎OK⏎"),
                echoed("AT+CNMI=3,1", "⏎OK⏎"),
                echoed("AT+VTS=?", "⏎+VTS: (0-9,*,#,A-D),(1-255)⏎⏎OK⏎"),
            ].join("\n")
        )
    })

    test("smstools: its check of modem and network, then a message as PDU", () => {
        const terminal = TestTerminal.ready()
        const sent: SentMessage[] = []
        terminal.modem.onMessage = message => sent.push(message)
        terminal.dialogue(`
            > AT␍
            < ⏎OK⏎
            # its way out of a prompt, if AT had no answer
            > ␚␍
            > ATV1␍
            < ⏎OK⏎
            > ATE0␍
            < ⏎OK⏎
            > AT+CMEE=1;+CREG=2␍
            < ⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > AT+CREG?␍
            < ⏎+CREG: 2,1,"18D8","3CA5"⏎⏎OK⏎
            > AT+CMGF=0␍
            < ⏎OK⏎
            > AT+CGSN␍
            < ⏎867010032343809⏎⏎OK⏎
            > AT+CIMI␍
            < ⏎460008184101641⏎⏎OK⏎
            > AT+CMGD=?␍
            < ⏎+CMGD: (),(0-4)⏎⏎OK⏎
            > AT+CMGS=18␍
            < ⏎> |
            > 001100099131214365F70000FF05E8329BFD06␚
            < ⏎+CMGS: 1⏎⏎OK⏎
            > AT+CPMS?␍
            < ⏎+CPMS: "SM_P",0,50,"SM_P",0,50,"SM_P",0,50⏎⏎OK⏎
        `)
        expect(sent).toMatchObject([{ to: "+131234567", text: "hello" }])
    })

    test("comgt: SIM card, network, and what the modem is", () => {
        const terminal = TestTerminal.ready({ stored: { baud: 115200 } })
        const echoed = (line: string, answer: string): string =>
            `> ${line}␍\n< ${line}␍${answer}`
        terminal.dialogue(
            [
                echoed("AT+CFUN=1", "⏎OK⏎"),
                echoed("AT+CPIN?", "⏎+CPIN: READY⏎⏎OK⏎"),
                echoed("AT+CREG?", "⏎+CREG: 0,1⏎⏎OK⏎"),
                echoed("AT+COPS?", '⏎+COPS: 0,0,"CHINA MOBILE"⏎⏎OK⏎'),
                echoed("AT+CSQ", "⏎+CSQ: 20,0⏎⏎OK⏎"),
                echoed("ATi", "⏎SIM800 R14.18⏎⏎OK⏎"),
                echoed("AT+cgmi", "⏎SIMCOM_Ltd⏎⏎OK⏎"),
                echoed("AT+GSN", "⏎867010032343809⏎⏎OK⏎"),
                echoed("AT+GMR", "⏎Revision:1418B05SIM800L24⏎⏎OK⏎"),
                // another maker's
                echoed("AT_OHWV", "⏎ERROR⏎"),
                echoed('AT+clck="PN",2', "⏎+CLCK: 0⏎⏎OK⏎"),
                echoed(
                    "AT+CGDCONT?",
                    '⏎+CGDCONT: 1,"IP","","0.0.0.0",0,0⏎⏎OK⏎'
                ),
            ].join("\n")
        )
    })
})
