import { describe, expect, test } from "vitest"
import "../../src/node/buffer"
import { Line, Results } from "../../src/core/results"
import { bytes } from "./dialogue"

/** A line as the table sees it: name, connection number, numbers. */
function classified(line: string): string {
    const results = new Results()
    const data = bytes(line)
    const padded = Buffer.alloc(data.length + 8)
    data.copy(padded)
    const id = results.classify(padded, data.length)
    const parts = [Line[id]]
    if (results.link >= 0) parts.push(`link ${results.link}`)
    if (results.argc > 0) parts.push(results.args.slice(0, results.argc).join())
    return parts.join(" ")
}

describe("the result table knows", () => {
    test.each([
        ["OK", "Ok"],
        ["ERROR", "Error"],
        ["+CME ERROR: 148", "Error 148"],
        ["+CME ERROR: operation not allowed", "Error"],
        ["+CMS ERROR: 302", "Error 302"],
        ["SHUT OK", "ShutOk"],
        ["CLOSE OK", "CloseOk"],
        ["0, CLOSE OK", "CloseOk link 0"],
        ["SEND OK", "SendOk"],
        ["5, SEND OK", "SendOk link 5"],
        ["1, SEND FAIL", "SendFail link 1"],
        ["DATA ACCEPT:5", "DataAccept 5"],
        ["DATA ACCEPT:0,10", "DataAccept 0,10"],
        ["DATA ACCEPT: 0,10", "DataAccept 0,10"],
        ["0, CONNECT OK", "ConnectOk link 0"],
        // the manual prints it without a blank
        ["0,CONNECT OK", "ConnectOk link 0"],
        ["2, CONNECT FAIL", "ConnectFail link 2"],
        ["1, ALREADY CONNECT", "AlreadyConnect link 1"],
        ["0, CLOSED", "Closed link 0"],
        ["CLOSED", "Closed"],
        ["10.78.245.128", "Address"],
        ["110.178.245.128", "Address"],
        ["9.9.9.9", "Address"],
        ["+CIPRXGET: 1,2,3,4,5,6,7,8,9", "RxGet 1,2,3,4,5,6,7"],
        ["+CIPRXGET: 1,2,3,4,5,6,7", "RxGet 1,2,3,4,5,6,7"],
        ["0, REMOTE IP: 10.76.40.73", "RemoteIp link 0 10,76,40,73"],
        ["REMOTE IP: 10.78.103.220", "RemoteIp 10,78,103,220"],
        ["SERVER OK", "ServerOk"],
        ["SERVER CLOSE", "ServerClose"],
        ["CONNECT", "Connect"],
        ["NO CARRIER", "NoCarrier"],
        ["RECV FROM:1.2.3.4:5678", "ReceivedFrom 1,2,3,4,5678"],
        ["RECV FROM: 1.2.3.4:5678", "ReceivedFrom 1,2,3,4,5678"],
        ["+RECV FROM:1.2.3.4:5678", "ReceivedFrom 1,2,3,4,5678"],
        // the colon behind it belongs to the header, see digest.ts
        ["+IPD,5", "Ipd 5"],
        ["+IPD,5,TCP", "Ipd 5"],
        ["+CIPRXGET: 1", "RxGet 1"],
        ['+CDNSGIP: 1,"www.baidu.com","119.75.218.77"', "Resolved 1"],
        ["+CDNSGIP:0,8", "Resolved 0,8"],
        ["RING", "Ring"],
        ['+CMTI: "SM",10', "NewMessage"],
        ["+RECEIVE,0,15:", "Receive 0,15"],
        ["+RECEIVE,1,17", "Receive 1,17"],
        ["+RECEIVE,0,15,1.2.3.4:5678:", "Receive 0,15,1,2,3,4,5678"],
        ["+CIPRXGET: 1,0", "RxGet 1,0"],
        ["+CIPRXGET:1,0", "RxGet 1,0"],
        ["+CIPRXGET: 2,1,255,1116", "RxGet 2,1,255,1116"],
        ["+CIPSEND: 0,1460", "SendRoom 0,1460"],
        ["STATE: IP PROCESSING", "State"],
        ['C: 0,0,"TCP","116.228.221.51","8500","CONNECTED"', "LinkStatus 0,0"],
        ['C: 5,,"","","","INITIAL"', "LinkStatus 5"],
        ["+CPIN: SIM PIN", "Pin"],
        ["+SPIC: 3,10,0,10", "PinTries 3,10,0,10"],
        ["+CSQ: 20,0", "Signal 20,0"],
        ["+CREG: 0,1", "Registration 0,1"],
        ['+CREG: 2,1,"18D8","3CA5"', "Registration 2,1"],
        ['+CREG: 1,"18D8","3CA5"', "Registration 1"],
        ["+CGREG: 0,5", "GprsRegistration 0,5"],
        ["+CGATT: 1", "Attached 1"],
        ["+CCALR: 1", "CallReadyState 1"],
        ["+IPR: 0", "Rate 0"],
        ["+PDP: DEACT", "PdpDeact"],
        ["RDY", "Started"],
        ["+CFUN: 1", "Functionality 1"],
        ["Call Ready", "CallReady"],
        ["SMS Ready", "SmsReady"],
        ["NORMAL POWER DOWN", "PowerDown"],
        ["UNDER-VOLTAGE POWER DOWN", "PowerDown"],
        // spelt so by the modem
        ["UNDER-VOLTAGE WARNNING", "Notice"],
        ["UNDER-VOLTAGE WARNING", "Notice"],
        ["+CMTE:-1", "Notice 1"],
        ["ALARM RING", "Notice"],
        ["MO RING", "Notice"],
        ["MO CONNECTED", "Notice"],
        ["CHARGE-ONLY MODE", "Notice"],
        ["AT+CPIN?", "Echo"],
    ])("%s", (line, wanted) => {
        expect(classified(line)).toBe(wanted)
    })
})

describe("the result table does not fall for", () => {
    test.each([
        // whole lines: what begins alike is something else
        "CONNECTED",
        "OKAY",
        "O",
        "CLOSED OK",
        "CONNECT OK?",
        "SEND",
        "RDYX",
        "+PDP",
        "+CIPRXGET",
        // only what happens to a connection has its number in front
        "0, OK",
        "1, SHUT OK",
        "3, RDY",
        "10.78.245",
        "10.78.245.128.1",
        "1100.178.245.128",
        "10.0.0.1:80",
        "10.0.0.0/8",
        "867010032343809",
        "\\xff\\xff",
        "",
    ])("%j", line => {
        expect(classified(line).split(" ")[0]).toBe("Unknown")
    })
})
