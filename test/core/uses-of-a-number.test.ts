/**
 * One number, one connection after the other: what was said of one is not
 * believed of the next, and an end is clean only if nothing is missing.
 */
import { describe, expect, test } from "vitest"
import { Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import {
    bringUp,
    bringUpWith,
    connect,
    Driver,
    playAllCuts,
    reactivate,
} from "./dialogue"
import { release } from "../../src/core/link/send"

/** The answer of AT+CIPSTATUS: what number 0 is, and the others are not. */
const status = (state: string, zero: string) => `
> AT+CIPSTATUS␍
< ⏎OK⏎⏎STATE: ${state}⏎⏎C: 0,0,"TCP","1.2.3.4","80","${zero}"⏎
< ${[1, 2, 3, 4, 5].map(id => `C: ${id},,"","","","INITIAL"⏎`).join("")}
`

/** A connection whose number has been closed without CLOSED, and is used again. */
const again = `
${connect}
! close 0
> AT+CIPCLOSE=0␍
< ⏎ERROR⏎
= 0 INITIAL
${connect}
`

const push: Partial<ModemConfig> = {
    reception: Reception.Push,
    flowControl: true,
    ring: 1024,
}
const pushUp = bringUpWith({ flow: "2,2", reception: "0" })

describe("what belongs to an earlier use of a number", () => {
    test("ERROR to AT+CIPSTART that was an older answer: what the modem connects is closed first", () => {
        playAllCuts(
            `
            ! open ads.example 80
            > AT+CIPSTART=0,"TCP","ads.example",80␍
            < ⏎ERROR⏎
            = 0 failure ConnectRefused
            ! close 0
            ${status("IP PROCESSING", "CONNECTING")}
            = 0 QUARANTINE
            > AT+CIPCLOSE=0␍
            < ⏎0, CONNECT OK⏎⏎0, CLOSE OK⏎
            = 0 INITIAL
            ! open bank.example 443
            > AT+CIPSTART=0,"TCP","bank.example",443␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            = 0 CONNECTED
        `,
            {},
            bringUp
        )
    })

    test("CONNECT OK before AT+CIPSTART is given is not that of the connection that waits", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            ! open bank.example 443
            < ⏎1, CONNECT OK⏎
            = 1 CONNECTING
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSTART=1,"TCP","bank.example",443␍
        `)
    })

    test("CLOSED, late: the modem is asked whose it was", () => {
        playAllCuts(
            `
            ${again}
            < ⏎0, CLOSED⏎
            = 0 CONNECTED
            ${status("IP PROCESSING", "CONNECTED")}
            = 0 CONNECTED
            # a second one may be of this use, or of one before
            < ⏎0, CLOSED⏎
            = 0 CONNECTED
            ${status("IP PROCESSING", "REMOTE CLOSING")}
            = 0 REMOTE CLOSING
            > AT+CIPRXGET=2,0,1460␍
        `,
            {},
            bringUp
        )
    })

    /** As `again`, but the modem owes a CLOSED, or not: nobody knows. */
    const closed = `
        ${connect}
        ! close 0
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        = 0 INITIAL
    `

    test("CLOSED behind CLOSE OK: the next connection lives on", () => {
        playAllCuts(
            `
            ${closed}
            ${connect}
            < ⏎0, CLOSED⏎
            = 0 CONNECTED
            ${status("IP PROCESSING", "CONNECTED")}
            = 0 CONNECTED
        `,
            {},
            bringUp
        )
    })

    test("… but after ten seconds it is its own", () => {
        playAllCuts(
            `
            ${closed}
            ${connect}
            . 10000
            < ⏎0, CLOSED⏎
            = 0 REMOTE CLOSING
            > AT+CIPRXGET=2,0,1460␍
        `,
            { receivePoll: 1_000_000 },
            bringUp
        )
    })

    test("… and is made, if it is on its way", () => {
        playAllCuts(
            `
            ${closed}
            ! open b 2
            > AT+CIPSTART=0,"TCP","b",2␍
            < ⏎OK⏎⏎0, CLOSED⏎
            = 0 CONNECTING
            ${status("IP PROCESSING", "CONNECTING")}
            = 0 CONNECTING
            < ⏎0, CONNECT OK⏎
            = 0 CONNECTED
            # that one is its own, or of one before
            < ⏎0, CLOSED⏎
            = 0 CONNECTED
            ${status("IP PROCESSING", "REMOTE CLOSING")}
            = 0 REMOTE CLOSING
            > AT+CIPRXGET=2,0,1460␍
        `,
            {},
            bringUp
        )
    })

    test("… and two of them, one behind its next use: the third one lives on", () => {
        playAllCuts(
            `
            ${closed}
            ${connect}
            # its own, and that of the one before is still to come
            < ⏎0, CLOSED⏎
            ${status("IP STATUS", "CLOSED")}
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            = 0 failure ClosedByPeer
            ! close 0
            ${connect}
            < ⏎0, CLOSED⏎
            = 0 CONNECTED
            ${status("IP PROCESSING", "CONNECTED")}
            = 0 CONNECTED
        `,
            {},
            bringUp
        )
    })

    test("CLOSED that is said twice: the next connection lives on, and its own end is seen", () => {
        playAllCuts(
            `
            ${connect}
            < ⏎0, CLOSED⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,0,0⏎⏎OK⏎
            = 0 failure ClosedByPeer
            ! close 0
            ${connect}
            < ⏎0, CLOSED⏎
            = 0 CONNECTED
            ${status("IP PROCESSING", "CONNECTED")}
            = 0 CONNECTED
            . 10000
            < ⏎0, CLOSED⏎
            = 0 REMOTE CLOSING
            > AT+CIPRXGET=2,0,1460␍
        `,
            { receivePoll: 1_000_000 },
            bringUp
        )
    })

    test("… and behind AT+CIPSHUT, too", () => {
        playAllCuts(
            `
            ${closed}
            < ⏎+PDP: DEACT⏎
            ${reactivate}
            ${connect}
            < ⏎0, CLOSED⏎
            = 0 CONNECTED
            ${status("IP PROCESSING", "CONNECTED")}
            = 0 CONNECTED
        `,
            {},
            bringUp
        )
    })

    test("CLOSED that is true all the same", () => {
        playAllCuts(
            `
            ${again}
            < ⏎0, CLOSED⏎
            ${status("IP STATUS", "CLOSED")}
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            = 0 failure ClosedByPeer
        `,
            {},
            bringUp
        )
    })

    test("AT+CIPCLOSE that meets a peer of the server: he is told to be gone", () => {
        new Driver()
            .play(bringUp)
            .play(
                `
                ! listen 1234
                > AT+CIPSERVER=1,1234␍
                < ⏎OK⏎⏎SERVER OK⏎
                < ⏎0, REMOTE IP: 10.0.0.9⏎
                ! accept
                ! close 0
                > AT+CIPCLOSE=0␍
                < ⏎0, CLOSED⏎⏎0, REMOTE IP: 10.0.0.10⏎⏎0, CLOSE OK⏎
                = 0 failure Desynchronised
                > AT+CIPCLOSE=0␍
                < ⏎ERROR⏎
                = 0 CLOSED
            `
            )
            .silent()
    })

    test("the next peer, whose REMOTE IP was lost behind CLOSED, is not the last one", () => {
        const rest = [1, 2, 3, 4, 5]
            .map(id => `C: ${id},,"","","","INITIAL"⏎`)
            .join("")
        new Driver().play(bringUp).play(`
            ! listen 1234
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
            ! request AT
            > AT␍
            < ⏎OK⏎
            < ⏎0, REMOTE IP: 10.0.0.9⏎
            ! accept
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            ! request AT+COPS=?
            < ⏎0, CLOSED⏎⏎+CIPRXGET: 2,0,1,0⏎a⏎OK⏎
            > AT+COPS=?␍
            . 5001
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎S: 0,0,"1234","LISTENING"⏎
            < C: 0,0,"TCP","10.0.0.10","1024","CONNECTED"⏎${rest}
            = 0 failure Desynchronised
            > AT+CIPCLOSE=0␍
        `)
    })

    test("a peer who has taken a number of the driver, while nobody heard it, is another one", () => {
        const rest = [0, 1, 2, 3, 4]
            .map(id => `C: ${id},,"","","","INITIAL"⏎`)
            .join("")
        const before = (host: string, port: number) => `
            ! listen 1234
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
            ! open a 80
            > AT+CIPSTART=5,"TCP","a",80␍
            < ⏎OK⏎⏎5, CONNECT OK⏎
            ! request AT+CSQ
            > AT+CSQ␍
            . 5001
            > AT␍
            < ⏎OK⏎
            . 150
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎S: 0,0,"1234","LISTENING"⏎${rest}
            < C: 5,0,"TCP","${host}","${port}","CONNECTED"⏎
        `
        new Driver().play(bringUp).play(`
            ${before("10.0.0.9", 1024)}
            = 5 failure Desynchronised
            > AT+CIPCLOSE=5␍
        `)
        new Driver().play(bringUp).play(`
            ${before("1.2.3.4", 80)}
            = 5 CONNECTED
        `)
    })

    test("a peer came and went before AT+CIPSTART was obeyed: what it connects is not his", () => {
        new Driver().play(bringUp).play(`
            ! listen 1234
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
            ! open a 80
            > AT+CIPSTART=5,"TCP","a",80␍
            < ⏎5, REMOTE IP: 10.0.0.9⏎
            ! accept
            < ⏎5, CLOSED⏎⏎OK⏎⏎5, CONNECT OK⏎
            = 5 failure Desynchronised
            > AT+CIPSTATUS␍
        `)
    })

    test("CLOSED of the use before, behind the next peer who is to be closed already", () => {
        new Driver().play(bringUp).play(`
            ! listen 1234
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
            < ⏎0, REMOTE IP: 10.0.0.9⏎
            ! accept
            ! close 0
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎⏎0, REMOTE IP: 10.0.0.10⏎
            ! accept
            ! request AT+CSQ
            > AT+CSQ␍
            ! close 0
            < ⏎0, CLOSED⏎
            = 0 CLOSING
        `)
    })

    test("… or has come behind it: he stays", () => {
        new Driver()
            .play(bringUp)
            .play(
                `
                ! listen 1234
                > AT+CIPSERVER=1,1234␍
                < ⏎OK⏎⏎SERVER OK⏎
                < ⏎0, REMOTE IP: 10.0.0.9⏎
                ! accept
                ! close 0
                > AT+CIPCLOSE=0␍
                < ⏎0, CLOSED⏎⏎ERROR⏎⏎0, REMOTE IP: 10.0.0.10⏎
                = 0 CONNECTED
            `
            )
            .silent()
    })

    const taken = `
        ! listen 1234
        > AT+CIPSERVER=1,1234␍
        < ⏎OK⏎⏎SERVER OK⏎
        < ⏎0, REMOTE IP: 10.0.0.9⏎
        ! accept
        < ⏎0, CLOSED⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎0, REMOTE IP: 10.0.0.10⏎
    `
    test("what was asked for the last peer may be the next one's: he is told that data are missing", () => {
        new Driver()
            .play(bringUp)
            .play(taken)
            .play(
                `
                < ⏎+CIPRXGET: 1,0⏎⏎+CIPRXGET: 2,0,5,0⏎hello⏎OK⏎
                = 0 failure ReceiveTorn
                = 0 received
                > AT+CIPCLOSE=0␍
                < ⏎0, CLOSE OK⏎
                = 0 CLOSED
            `
            )
            .silent()
    })

    test.each(["⏎+CIPRXGET: 2,0,0,0⏎⏎OK⏎", "⏎ERROR⏎"])(
        "… unless there were none (%s)",
        answer => {
            playAllCuts(
                `
                ${taken}
                < ${answer}
                = 0 CONNECTED
                < ⏎+CIPRXGET: 1,0⏎
                > AT+CIPRXGET=2,0,1460␍
                < ⏎+CIPRXGET: 2,0,5,0⏎hello⏎OK⏎
                = 0 received hello
            `,
                {},
                bringUp
            )
        }
    )

    test("a peer who takes a number whose data the modem still waits for is turned away", () => {
        const serving = `
            ! listen 1234
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
            < ⏎0, REMOTE IP: 10.0.0.9⏎
            ! accept
            ! send 0 secret
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,6␍
        `
        const turned = `
            = 0 CLOSING
            = 0 failure ClosedHere
        `
        // the prompt is still to come
        new Driver().play(`
            ${bringUp}
            ${serving}
            < ⏎0, CLOSED⏎⏎0, REMOTE IP: 10.0.0.10⏎
            ${turned}
            < ⏎>
            > ␍␍␍␍␍␍
            < ⏎DATA ACCEPT:0,6⏎
            > AT+CIPCLOSE=0␍
        `)
        // they are out
        new Driver().play(`
            ${bringUp}
            ${serving}
            < ⏎>
            > secret
            < ⏎0, CLOSED⏎⏎0, REMOTE IP: 10.0.0.10⏎
            ${turned}
            < ⏎DATA ACCEPT:0,6⏎
            > AT+CIPCLOSE=0␍
        `)
        // nobody knows whether the prompt is open: AT may be data for him
        new Driver().play(`
            ${bringUp}
            ${serving}
            < ⏎0, CLOSED⏎
            . 3000
            > AT␍
            < ⏎0, REMOTE IP: 10.0.0.10⏎
            ${turned}
        `)
    })

    test.each([
        // half of two lines is left
        ["0, CLO.0.0.10", "10.0.0.10", "CLOSING"],
        ["0, CLO.0.0.10", "10.0.0.9", "CONNECTED"],
        ["0, CLO.0.0.10", "10.0.\\xff.10", "CONNECTED"],
    ])("%s, and AT+CIPSTATUS says %s", (line, address, state) => {
        new Driver().play(`
            ${bringUp}
            ! listen 1234
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
            < ⏎0, REMOTE IP: 10.0.0.9⏎
            ! accept
            < ⏎${line}⏎
            ${status("IP PROCESSING", "CONNECTED").replace("1.2.3.4", address)}
            = 0 ${state}
        `)
    })

    test("data in front of the OK to AT+CIPSTART are those of an earlier use", () => {
        new Driver(push).play(`
            ${pushUp}
            ! open bank.example 443
            > AT+CIPSTART=0,"TCP","bank.example",443␍
            < ⏎+RECEIVE,0,5:⏎hello⏎OK⏎
            < ⏎+RECEIVE,0,2:⏎hi⏎0, CONNECT OK⏎
            = 0 received hi
        `)
    })

    test("CLOSE OK, which nobody has asked for", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎0, CLOSE OK⏎
            = 0 CONNECTED
            ${status("IP PROCESSING", "CONNECTED")}
            = 0 CONNECTED
        `)
    })

    test("SEND OK whose AT+CIPSEND was given up: the number is not used while it may come", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            > AT␍
            = 0 sending Failed SendUnknown
            = 0 QUARANTINE
            < ⏎OK⏎
            ${status("IP PROCESSING", "CONNECTED")}
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 QUARANTINE
            . 65000
            = 0 CLOSED
        `)
    })

    test.each(["0, SEND OK", "DATA ACCEPT:0,5"])(
        "%s to what nobody has sent: ERROR was false, and the prompt has taken a command",
        said => {
            new Driver().play(`
                ${bringUp}
                ${connect}
                ! send 0 hello
                > AT+CIPSEND?␍
                < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
                > AT+CIPSEND=0,5␍
                < ⏎ERROR⏎⏎> 
                . 200
                > AT+CIPSEND?␍
                < ⏎${said}⏎
                = 0 failure SendUnknown
                = 0 sending Failed SendUnknown
            `)
        }
    )

    test.each([
        ["0, SEND OK", "0, SEND OK"],
        ["DATA ACCEPT:0,5", "DATA ACCEPT:0,5"],
    ])("%s twice: no prompt lies between them", (said, again) => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            < ⏎${said}⏎⏎${again}⏎
            = 0 CONNECTED
            = 0 sending Done
        `)
    })

    test("SEND OK twice behind an ERROR: the first one may be for what its prompt took", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎ERROR⏎⏎> 
            . 200
            > AT+CIPSEND?␍
            < ⏎ERROR⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            < ⏎0, SEND OK⏎⏎0, SEND OK⏎
            = 0 failure SendUnknown
        `)
    })

    test("SEND OK while the data are still going out", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 ${"x".repeat(100)}
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,100␍
            ! cts off
            < ⏎> 
            < ⏎0, SEND OK⏎
            = 0 sending InFlight
            ! cts on
            > ${"x".repeat(100)}
            < ⏎0, SEND OK⏎
            = 0 sending Done
        `)
    })

    test("a word of AT+CIPSTATUS that cannot be read is no verdict", () => {
        new Driver().play(`
            ${bringUp}
            ${again}
            < ⏎0, CLOSED⏎
            ${status("IP PROCESSING", "CO\\xffNECTED")}
            > AT␍
            < ⏎OK⏎
            ${status("IP PROCESSING", "CONNECTED")}
            = 0 CONNECTED
        `)
    })
})

describe("an end is clean only if nothing is missing", () => {
    const unread = `
        ${connect}
        < ⏎+CIPRXGET: 1,0⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎+CIPRXGET: 2,0,5,700⏎HELLO⏎OK⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎0, CLOSED⏎
        = 0 REMOTE CLOSING
    `
    test.each([
        ["the context is lost", "< ⏎+PDP: DEACT⏎", "PdpDeactivated"],
        ["the modem restarts", "< ⏎RDY⏎", "Restarted"],
        ["the modem refuses the rest", "< ⏎ERROR⏎", "ReceiveTorn"],
    ])("%s behind CLOSED", (_, end, failure) => {
        new Driver().play(`
            ${bringUp}
            ${unread}
            ${end}
            = 0 received HELLO
            = 0 failure ${failure}
        `)
    })

    test("nothing is", () => {
        new Driver().play(`
            ${bringUp}
            ${unread}
            < ⏎+CIPRXGET: 2,0,6,0⏎ WORLD⏎OK⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,0,0⏎⏎OK⏎
            = 0 received HELLO WORLD
            = 0 failure ClosedByPeer
        `)
    })

    test("what a peer pushes in front of CONNECT OK is his", () => {
        playAllCuts(
            `
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎+RECEIVE,0,5:⏎HELLO⏎0, CONNECT OK⏎
            = 0 CONNECTED
            < ⏎0, CLOSED⏎
            = 0 received HELLO
            = 0 failure ClosedByPeer
        `,
            push,
            pushUp
        )
    })

    test("CLOSED and ERROR in data behind a header that was spoilt", () => {
        playAllCuts(
            `
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIRXGET: 2,0,40,0⏎⏎0, CLOSED⏎⏎+PDP: DEACT⏎⏎ERROR⏎⏎OK⏎
            = 0 received 
            = 0 failure ReceiveTorn
            = phase Synchronising
            . 600
            > AT␍
            > AT␍
            < ⏎OK⏎
            ${status("IP PROCESSING", "CONNECTED")}
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 CLOSED
        `,
            {},
            bringUp
        )
    })

    test("… behind one of pushed data", () => {
        new Driver(push).play(`
            ${pushUp}
            ${connect}
            < ⏎+RE\\xffEIVE,0,40:⏎⏎0, CLOSED⏎⏎+PDP: DEACT⏎
            = 0 failure ReceiveTorn
            = state IP PROCESSING
        `)
    })

    test("a URC that nobody knows in front of a header spoils nothing", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+XYZ: 1⏎⏎+CIPRXGET: 2,0,5,0⏎HELLO⏎OK⏎
            = 0 received HELLO
            = 0 CONNECTED
        `)
    })

    test("the context that is lost meanwhile is brought up again", () => {
        new Driver().play(`
            ${bringUp}
            ${unread}
            < ⏎+PDP: DEACT⏎⏎ERROR⏎
            ${reactivate}
            = 0 failure PdpDeactivated
        `)
    })
})

describe("what is not payload reaches no peer", () => {
    const prompt = (data: string) => `
        ${connect}
        ! send 0 ${data}
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
        > AT+CIPSEND=0,${data.length}␍
    `
    test("a prompt that is lost: the data go out all the same", () => {
        new Driver().play(`
            ${bringUp}
            ${prompt("hello")}
            . 10000
            > hello
            < ⏎0, SEND OK⏎
            = 0 sending Done
        `)
    })

    test.each(["that", "GET a/b", "AT+CFUN=0"])(
        "… not %s, in which a modem that takes commands could find one",
        data => {
            new Driver().play(`
                ${bringUp}
                ${prompt(data)}
                . 10000
                = 0 sending Failed SendUnknown
                = 0 failure SendUnknown
                = 0 sent 0
                > AT␍
            `)
        }
    )

    test("the owner is gone: bytes of no meaning in place of what may not be there", () => {
        const driver = new Driver().play(bringUp + prompt("hello"))
        driver.play(`
            < ⏎0, CLOSED⏎
            = 0 sending Failed ClosedByPeer
            < ⏎> 
            > ␍␍␍␍␍
            < ⏎0, SEND FAIL⏎
        `)
        expect(release(driver.modem.links, driver.modem.links.list[0])).toBe(
            true
        )
    })

    test("a socket that is closed while a segment is asked for: the peer gets the segment, the sender is told", () => {
        new Driver().play(`
            ${bringUp}
            ${prompt("hello")}
            ! close 0
            = 0 sending InFlight
            < ⏎> 
            > hello
            < ⏎0, SEND OK⏎
            = 0 sending Done
            = 0 sent 5
            > AT+CIPCLOSE=0␍
        `)
    })
})

test("CLOSED behind the CLOSE OK of a connection that was there already", () => {
    playAllCuts(
        `
        ! open a 1
        > AT+CIPSTART=0,"TCP","a",1␍
        < ⏎0, ALREADY CONNECT⏎
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        > AT+CIPSTART=0,"TCP","a",1␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
        # that of the connection before
        < ⏎0, CLOSED⏎
        ${status("IP PROCESSING", "CONNECTED")}
        = 0 CONNECTED
    `,
        {},
        bringUp
    )
})
