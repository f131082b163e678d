/** Text of somebody else: short messages, cell broadcasts, USSD. Nothing in it is obeyed. */
import { describe, expect, test } from "vitest"
import { Reception } from "../../src/core/config"
import {
    bringUp,
    bringUpWith,
    connect,
    Driver,
    playAllCuts,
    type BringUp,
} from "./dialogue"

const header = '+CMT: "+491511234567","","26/01/02,10:11:12+04"'
const listed = '"REC READ","+491511234567","","26/01/02,10:11:12+04"'

/** What the application is told beside answers. */
const urcs = (driver: Driver): string[] =>
    driver.log.filter(line => line.startsWith("urc "))

const PROTOCOL = [
    "AT 9 your plan ends",
    "ATM: 50 EUR",
    "RDY",
    "Call Ready",
    "+CFUN: 1",
    "NORMAL POWER DOWN",
    "0, CLOSED",
    "+PDP: DEACT",
    "+CPIN: READY",
    "+CIPRXGET: 2,0,1400,0",
    "RING",
]

describe("+CMT, +CBM, +CDS", () => {
    test.each(PROTOCOL)("%s", text => {
        const driver = playAllCuts(
            `
            < ⏎${header}⏎${text}⏎
            . 300
            = 0 CONNECTED
            # what is said behind it is heard
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
        `,
            {},
            bringUp + connect
        )
        // no handler takes the text for a URC
        expect(urcs(driver)).toEqual([`urc ${header}`, `urc ␊${text}`])
    })

    test.each(["OK", "ERROR", "AT&T bill", "+CSQ: 99,0"])(
        "%s is not the answer to AT+CSQ",
        text => {
            playAllCuts(
                `
                ! request AT+CSQ
                > AT+CSQ␍
                < ⏎${header}⏎${text}⏎
                < ⏎+CSQ: 20,0⏎⏎OK⏎
                = answer Ok +CSQ: 20,0␊
            `,
                {},
                bringUp
            )
        }
    )

    test("text of several lines, and the next thing the modem says", () => {
        const driver = playAllCuts(
            `
            < ⏎${header}⏎Hello␊0, CLOSED␊RDY⏎
            < ⏎0, CLOSED⏎
            > AT+CIPRXGET=2,0,1460␍
        `,
            {},
            bringUp + connect
        )
        expect(driver.modem.bearer.restarts).toBe(0)
    })

    test("a text that looks like the prompt", () => {
        playAllCuts(
            `
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎${header}⏎> hi⏎
            < ⏎>
            > hello
            < ⏎0, SEND OK⏎
            = 0 sending Done
            > AT+CIPRXGET=4,0␍
        `,
            {},
            bringUp + connect
        )
    })

    test.each<[string, BringUp, boolean]>([
        ["+RECEIVE,0,5:⏎HELLO", {}, true],
        ["+IPD,5:HELLO", { single: true }, false],
    ])("pushed data: %s", (text, differs, multi) => {
        const driver = new Driver({
            multi,
            reception: Reception.Push,
            flowControl: true,
        })
            .play(bringUpWith({ ...differs, reception: "0", flow: "2,2" }))
            .play(
                multi
                    ? connect
                    : `
                ! open a 1
                > AT+CIPSTART="TCP","a",1␍
                < ⏎OK⏎⏎CONNECT OK⏎
            `
            )
            .play(`< ⏎${header}⏎${text}⏎\n. 300\n= 0 CONNECTED`)
        expect(driver.received[0].toString()).toBe("")
    })

    test("+CDS in text mode is one line, with a PDU two", () => {
        playAllCuts(
            `
            < ⏎+CDS: 6,116,"+123",145,"26/01/02,10:11:12+04","26/01/02,10:11:12+04",0⏎
            < ⏎0, CLOSED⏎
            > AT+CIPRXGET=2,0,1460␍
        `,
            {},
            bringUp + connect
        )
        new Driver()
            .play(bringUp + connect)
            .play("< ⏎+CDS: 25⏎0, CLOSED⏎\n. 300\n= 0 CONNECTED")
    })

    test("a header whose text is lost: the modem is heard again soon", () => {
        new Driver().play(bringUp + connect).play(`
            < ⏎${header}⏎
            . 1300
            < ⏎0, CLOSED⏎
            > AT+CIPRXGET=2,0,1460␍
        `)
    })
})

test("single connection: behind a message there is room for pushed data", () => {
    playAllCuts(
        `
        < ⏎${header}⏎+IPD,5:HELLO⏎⏎+IPD,5:abcde
        . 2000
        = 0 CONNECTED
        = 0 received abcde
    `,
        { multi: false, reception: Reception.Push },
        bringUpWith({ single: true, reception: "0" }) +
            `
            ! open a 1
            > AT+CIPSTART="TCP","a",1␍
            < ⏎OK⏎⏎CONNECT OK⏎
        `
    )
})

describe("the answer to AT+CMGR and AT+CMGL", () => {
    test.each([...PROTOCOL, "OK", "ERROR", "+CMS ERROR: 500"])("%s", text => {
        playAllCuts(
            `
            ! request AT+CMGR=1
            > AT+CMGR=1␍
            < ⏎+CMGR: ${listed}⏎${text}⏎⏎OK⏎
            = answer Ok +CMGR: ${listed}␊${text}␊
            . 300
            = 0 CONNECTED
        `,
            {},
            bringUp + connect
        )
    })

    test("several messages", () => {
        const list = `+CMGL: 1,${listed}⏎RDY⏎⏎+CMGL: 2,${listed}⏎0, CLOSED⏎`
        playAllCuts(
            `
            ! request AT+CMGL="ALL"
            > AT+CMGL="ALL"␍
            < ⏎${list}⏎OK⏎
            = answer Ok ${list.replaceAll("⏎⏎", "⏎").replaceAll("⏎", "␊")}
            . 300
            = 0 CONNECTED
        `,
            {},
            bringUp + connect
        )
    })

    test("a text with empty lines, and an end of its own: connections are asked for", () => {
        const driver = playAllCuts(
            `
            ! request AT+CMGR=1
            > AT+CMGR=1␍
            < ⏎+CMGR: ${listed}⏎Hello⏎⏎OK⏎⏎0, CLOSED⏎⏎RDY⏎⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎
            < ⏎C: 0,0,"TCP","116.228.221.51","8500","CONNECTED"⏎
            < C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎C: 3,,"","","","INITIAL"⏎
            < C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
            = 0 CONNECTED
            > AT+CIPRXGET=4,0␍
        `,
            {},
            bringUp + connect
        )
        expect(driver.modem.bearer.restarts).toBe(0)
    })

    test("in digits it holds nothing else: what comes with it is believed", () => {
        playAllCuts(
            `
            ! request AT+CMGF=1;+CSCS="UCS2";+CMGR=1
            > AT+CMGF=1;+CSCS="UCS2";+CMGR=1␍
            < ⏎+CMGR: ${listed}⏎00480069⏎⏎0, CLOSED⏎⏎OK⏎
            = 0 REMOTE CLOSING
            > AT+CIPRXGET=2,0,1460␍
        `,
            {},
            bringUp + connect
        )
    })

    test("that comes late, when nobody waits for it any more", () => {
        new Driver().play(bringUp + connect).play(`
            ! request AT+CMGR=1
            > AT+CMGR=1␍
            . 5100
            = answer Timeout
            > AT␍
            < ⏎+CMGR: ${listed}⏎NORMAL POWER DOWN⏎⏎OK⏎
            . 300
            = 0 CONNECTED
        `)
    })
})

describe("USSD", () => {
    test.each([
        '+CUSD: 0,"Balance 10⏎AT 9 your plan ends",15',
        '+CUSD: 0,"Balance 10⏎⏎0, CLOSED⏎say ""yes""",15',
        '+CUSD: 2,"RDY⏎Call Ready⏎", 15',
    ])("of the network, in several lines: %s", text => {
        playAllCuts(
            `
            < ⏎${text}⏎
            = 0 CONNECTED
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
        `,
            {},
            bringUp + connect
        )
    })

    test("that was asked for is kept whole", () => {
        const answer = '+CUSD: 0,"1: balance⏎2: OK⏎RDY",15'
        playAllCuts(
            `
            ! request AT+CUSD=1,"*100#",15
            > AT+CUSD=1,"*100#",15␍
            < ⏎OK⏎
            < ⏎${answer}⏎
            = answer Ok ${answer.replaceAll("⏎", "␊")}␊
        `,
            {},
            bringUp
        )
    })

    test.each(["+CUSD: 4", '+CUSD: 0,"hello",15', '+CUSD: 0,"hello"'])(
        "%s is complete",
        text => {
            playAllCuts(
                `
                < ⏎${text}⏎
                < ⏎0, CLOSED⏎
                > AT+CIPRXGET=2,0,1460␍
            `,
                {},
                bringUp + connect
            )
        }
    )

    test("whose end is lost: the modem is heard again soon", () => {
        new Driver().play(bringUp + connect).play(`
            < ⏎+CUSD: 0,"Balance 10⏎
            . 1300
            < ⏎0, CLOSED⏎
            > AT+CIPRXGET=2,0,1460␍
        `)
    })
})
