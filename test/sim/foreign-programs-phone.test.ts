/**
 * Programs that others have written, which send messages, dial, and fetch web
 * pages: their command sequences as their sources have them, typed in, and what their
 * parsers need.
 */
import { describe, expect, test } from "vitest"
import type { SentMessage } from "../../sim/modem/submission"
import { TestTerminal } from "./terminal"

test("gammu's sendsms: the service centre is that of the card", () => {
    const terminal = TestTerminal.ready({ stored: { baud: 115200 } })
    const sent: SentMessage[] = []
    terminal.modem.onMessage = message => sent.push(message)
    const echoed = (line: string, answer: string): string => `
        > ${line}␍
        < ${line}␍${answer}
    `
    terminal.dialogue(
        [
            // out of the prompt of a message, if another program left one open
            echoed("␛", ""),
            echoed("AT", "⏎OK⏎"),
            echoed("ATE1", "⏎OK⏎"),
            // what other makers' phones know
            echoed("AT+MODE=2", "⏎ERROR⏎"),
            echoed("AT+CMEE=1", "⏎OK⏎"),
            echoed("AT+CSCS?", '⏎+CSCS: "IRA"⏎⏎OK⏎'),
            echoed(
                "AT+CSCS=?",
                '⏎+CSCS: ("IRA","GSM","UCS2","HEX","PCCP","PCDN","8859-1")⏎⏎OK⏎'
            ),
            echoed('AT+CSCS="GSM"', "⏎OK⏎"),
            echoed("AT+CSCS?", '⏎+CSCS: "GSM"⏎⏎OK⏎'),
            echoed("AT+CGMM", "⏎SIMCOM_SIM800L⏎⏎OK⏎"),
            echoed("AT+CGMI", "⏎SIMCOM_Ltd⏎⏎OK⏎"),
            echoed("AT+CPROT=?", "⏎+CME ERROR: 100⏎"),
            echoed("AT+SYNCML=?", "⏎+CME ERROR: 100⏎"),
            echoed("AT$TSSPCSW=?", "⏎+CME ERROR: 100⏎"),
            echoed("AT+CHUP=?", "⏎+CME ERROR: 100⏎"),
            // without a number given, it asks the modem for one
            echoed("AT+CSCA?", '⏎+CSCA: "+8613800100500",145⏎⏎OK⏎'),
            echoed("AT+CMGF=0", "⏎OK⏎"),
            echoed("AT+CMGS=18", "⏎> |"),
        ].join("\n")
    )
    const pdu = "0891683108100005F0" + "1100099131214365F70000FF05E8329BFD06"
    terminal.modem.dte.write(Buffer.from(`${pdu}\x1a`))
    terminal.dialogue(`< ${pdu}␚⏎+CMGS: 1⏎⏎OK⏎`)
    expect(sent).toMatchObject([
        { to: "+131234567", text: "hello", centre: "+8613800100500" },
    ])
})

describe("serialport-gsm", () => {
    test("initializeModem, getOwnNumber", () => {
        TestTerminal.ready().dialogue(`
            > ATZ␍
            < ⏎OK⏎
            > AT␍
            < ⏎OK⏎
            > AT+CMEE=1;+CREG=2␍
            < ⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CMGF=0␍
            < ⏎OK⏎
            > AT+CNUM␍
            < ⏎+CNUM: "","+8613900000001",145,7,4⏎⏎OK⏎
        `)
    })

    test("setOwnNumber, and then getOwnNumber", () => {
        TestTerminal.ready({ sim: { ownNumber: "" } }).dialogue(`
            > AT+CPBS="ON"␍
            < ⏎OK⏎
            > AT+CPBW=1,"01511234567",129,"OwnNumber"␍
            < ⏎OK⏎
            > AT+CNUM␍
            < ⏎+CNUM: "OwnNumber","01511234567",129,7,4⏎⏎OK⏎
        `)
    })

    test("lists the messages on the card, deletes them all", () => {
        const terminal = TestTerminal.ready()
        terminal.modem.receiveMessage({
            from: "+123",
            text: "hello",
            at: Date.UTC(2018, 0, 22, 18, 7, 20),
        })
        terminal.dialogue(`
            < ⏎+CMTI: "SM",1⏎
            > AT+CPMS="SM"␍
            < ⏎+CPMS: 1,50,1,50,1,50⏎⏎OK⏎
            > AT+CMGL=4␍
            < ⏎+CMGL: 1,0,"",20⏎0891683108100005F004039121F300008110229170024005E8329BFD06⏎⏎OK⏎
            > AT+CMGD=1,4␍
            < ⏎OK⏎
        `)
    })
})

describe("ESPHome's sim800l", () => {
    test("its round: modes, network, messages, and Ctrl-Z when it has waited too long", () => {
        const terminal = TestTerminal.ready({ stored: { baud: 115200 } })
        terminal.dialogue(`
            > AT␍␊
            < AT␍⏎OK⏎
            > ATE0␍␊
            < ATE0␍⏎OK⏎
            > AT+CMGF=1␍␊
            < ⏎OK⏎
            > AT+CLIP=1␍␊
            < ⏎OK⏎
            > AT+CREG?␍␊
            < ⏎+CREG: 0,1⏎⏎OK⏎
            > AT+CSQ␍␊
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > AT+CMGL="ALL"␍␊
            < ⏎OK⏎
            > ␚
            > AT␍␊
            < ⏎OK⏎
        `)
    })

    test("sends a message, asks by USSD", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CMGF=1␍␊
            < ⏎OK⏎
            > AT+CSCS="GSM"␍␊
            < ⏎OK⏎
            > AT+CMGS="+123"␍␊
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 1⏎⏎OK⏎
            > AT+CSCS="GSM"␍␊
            < ⏎OK⏎
            > AT+CUSD=1, "*100#"␍␊
            < ⏎OK⏎⏎+CUSD: 0, "Your balance is 12.50 EUR", 15⏎
        `)
    })

    test("as it was until 2022: LF alone ends its lines", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT␊
            < ⏎OK⏎
            > ATE0␊
            < ⏎OK⏎
            > AT+CMGF=1␊
            < ⏎OK⏎
            > AT+CMGS="+123"␊
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 1⏎⏎OK⏎
        `)
    })

    test("dials, asks for the state of the call, hangs up", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CSCS="GSM"␍␊
            < ⏎OK⏎
            > ATD+491511234567;␍␊
            < ⏎OK⏎
            > AT+CLCC␍␊
            < ⏎+CLCC: 1,0,2,0,0,"+491511234567",145,""⏎⏎OK⏎
            ~ 1000
            > AT+CLCC␍␊
            < ⏎+CLCC: 1,0,0,0,0,"+491511234567",145,""⏎⏎OK⏎
            > ATH␍␊
            < ⏎OK⏎
            > AT+CLCC␍␊
            < ⏎OK⏎
        `)
    })

    test("a call comes, is told of with its number, and answered", () => {
        const terminal = TestTerminal.ready()
        terminal.ask("AT+CLIP=1␍␊")
        terminal.modem.call("+491511234567")
        terminal.dialogue(`
            < ⏎RING⏎⏎+CLIP: "+491511234567",145,"",0,"",0⏎
            > AT+CLCC␍␊
            < ⏎+CLCC: 1,1,4,0,0,"+491511234567",145,""⏎⏎OK⏎
            > ATA␍␊
            < ⏎OK⏎
            > AT+CLCC␍␊
            < ⏎+CLCC: 1,1,0,0,0,"+491511234567",145,""⏎⏎OK⏎
        `)
        terminal.modem.hangUp()
        terminal.dialogue("< ⏎NO CARRIER⏎")
    })
})

describe("TinyGSM", () => {
    test("time by NTP, and the place", () => {
        const terminal = TestTerminal.ready()
        terminal.network.name("pool.ntp.org", "198.51.100.123")
        const server = terminal.network.udp("198.51.100.123", 123)
        server.onDatagram = () => {
            const packet = Buffer.alloc(48)
            packet[0] = 0x1c
            packet.writeUInt32BE(3_979_080_306, 40)
            server.reply(Uint8Array.from(packet))
        }
        terminal.dialogue(`
            > AT+SAPBR=3,1,"Contype","GPRS"␍␊
            < ⏎OK⏎
            > AT+SAPBR=3,1,"APN","internet"␍␊
            < ⏎OK⏎
            > AT+SAPBR=1,1␍␊
            < ⏎OK⏎
            > AT+CNTPCID=1␍␊
            < ⏎OK⏎
            > AT+CNTP="pool.ntp.org",0␍␊
            < ⏎OK⏎
            > AT+CNTP␍␊
            < ⏎OK⏎⏎+CNTP: 1⏎
            > AT+CCLK?␍␊
            < ⏎+CCLK: "26/02/03,04:05:06+00"⏎⏎OK⏎
        `)
    })

    test("sendSMS, sendSMS_UTF16, callNumber, dtmfSend", () => {
        const terminal = TestTerminal.ready()
        const sent: SentMessage[] = []
        terminal.modem.onMessage = message => sent.push(message)
        terminal.dialogue(`
            > AT+CMGF=1␍␊
            < ⏎OK⏎
            > AT+CSCS="GSM"␍␊
            < ⏎OK⏎
            > AT+CMGS="+123"␍␊
            < ⏎> |
            > hello␚
            < ⏎+CMGS: 1⏎⏎OK⏎
            > AT+CSCS="HEX"␍␊
            < ⏎OK⏎
            > AT+CSMP=17,167,0,8␍␊
            < ⏎OK⏎
            > AT+CMGS="+123"␍␊
            < ⏎> |
            > 043F0440␚
            < ⏎+CMGS: 2⏎⏎OK⏎
            > ATD+123;␍␊
            < ⏎OK⏎
            ~ 1000
            > AT+VTD=1␍␊
            < ⏎OK⏎
            > AT+VTS=5␍␊
            < ⏎OK⏎
            > ATH␍␊
            < ⏎OK⏎
        `)
        expect(sent.map(({ text }) => text)).toEqual(["hello", "пр"])
    })
})

test("what most sketches do: a page by HTTP", () => {
    const terminal = TestTerminal.ready()
    terminal.network.name("api.example.com", "198.51.100.80")
    terminal.network.listen("198.51.100.80", 80, peer => {
        peer.onData = () =>
            peer.send(
                'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'
            )
    })
    terminal.dialogue(`
        > AT+SAPBR=3,1,"Contype","GPRS"␍␊
        < ⏎OK⏎
        > AT+SAPBR=3,1,"APN","internet"␍␊
        < ⏎OK⏎
        > AT+SAPBR=1,1␍␊
        < ⏎OK⏎
        > AT+SAPBR=2,1␍␊
        < ⏎+SAPBR: 1,1,"10.177.109.126"⏎⏎OK⏎
        > AT+HTTPINIT␍␊
        < ⏎OK⏎
        > AT+HTTPPARA="CID",1␍␊
        < ⏎OK⏎
        > AT+HTTPPARA="URL","api.example.com/v1?x=1"␍␊
        < ⏎OK⏎
        > AT+HTTPPARA="CONTENT","application/json"␍␊
        < ⏎OK⏎
        > AT+HTTPDATA=7,10000␍␊
        < ⏎DOWNLOAD⏎
        > {"a":1}
        < ⏎OK⏎
        > AT+HTTPACTION=1␍␊
        < ⏎OK⏎⏎+HTTPACTION: 1,200,11⏎
        > AT+HTTPREAD␍␊
        < ⏎+HTTPREAD: 11⏎{"ok":true}⏎OK⏎
        > AT+HTTPTERM␍␊
        < ⏎OK⏎
        > AT+SAPBR=0,1␍␊
        < ⏎OK⏎
    `)
})
