/**
 * The application note with a single connection (chapters 2.1, 2.3, and what
 * 5 to 9 and 12 say of it), played to the driver with the modem's real bytes,
 * whatever the cutting.
 */
import { describe, expect, test } from "vitest"
import { Framing, Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import {
    bringUpWith,
    Driver,
    playAllCuts,
    reactivateWith,
    rebuildWith,
} from "./dialogue"

const manual: Partial<ModemConfig> = { multi: false }
const manualUp = bringUpWith({ single: true })

const push: Partial<ModemConfig> = {
    multi: false,
    reception: Reception.Push,
    flowControl: true,
}
const pushUp = bringUpWith({ single: true, flow: "2,2", reception: "0" })

const connect = `
! open 116.228.221.51 8500
> AT+CIPSTART="TCP","116.228.221.51",8500␍
< ⏎OK⏎
= state TCP CONNECTING
< ⏎CONNECT OK⏎
= 0 CONNECTED
= state CONNECT OK
`

const udp = `
! udp 116.228.221.51 9600
> AT+CIPSTART="UDP","116.228.221.51",9600␍
< ⏎OK⏎
= state UDP CONNECTING
< ⏎CONNECT OK⏎
= 0 CONNECTED
= state CONNECT OK
`

/** The way up behind a loss: AT+CIPSERVER follows at once. */
const listensAgain = reactivateWith({ single: true }).replace(
    "= state IP STATUS",
    "= state SERVER LISTENING"
)

const room = `
> AT+CIPSEND?␍
< ⏎+CIPSEND: 1460⏎⏎OK⏎
`

describe("2.1.1 TCP client", () => {
    test("the way up, state by state", () => {
        const driver = playAllCuts(manualUp, manual)
        expect(driver.log.slice(5)).toEqual([
            "Activating||",
            "Activating|IP INITIAL|",
            "Activating|IP START|",
            "Activating|IP CONFIG|",
            "Activating|IP GPRSACT|",
            "Activating|IP STATUS|",
            "Ready|IP STATUS|",
        ])
    })

    const hello = `
        ${connect}
        ! send 0 hello TCP serve
        ${room}
        > AT+CIPSEND=15␍
        < ⏎> 
        > hello TCP serve
        < ⏎SEND OK⏎
        = 0 sending Done
    `

    test("fetched", () => {
        playAllCuts(
            `
            ${hello}
            < ⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET: 2,12,0⏎hello SIM800⏎OK⏎
            = 0 received hello SIM800
            < ⏎CLOSED⏎
            # the modem may hold something that it has not mentioned
            > AT+CIPRXGET=2,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎ERROR⏎
            = 0 CLOSED
            = 0 failure ClosedByPeer
            = state TCP CLOSED
        `,
            manual,
            manualUp
        )
    })

    test("pushed, with its length", () => {
        playAllCuts(
            `
            ${hello}
            < ⏎+IPD,12:hello SIM800⏎CLOSED⏎
            = 0 received hello SIM800
            = 0 CLOSED
            = 0 failure ClosedByPeer
            = state TCP CLOSED
        `,
            push,
            pushUp
        )
    })

    test("pushed: what looks like lines is data, two pieces in a row are two", () => {
        playAllCuts(
            `
            ${connect}
            < ⏎+IPD,10:⏎CLOSED⏎⏎+IPD,5,TCP:+IPD,⏎RING⏎⏎+IPD,4:⏎OK
            = 0 CONNECTED
            = 0 received ⏎CLOSED⏎+IPD,⏎OK
        `,
            push,
            pushUp
        )
    })

    test("pushed, between the parts of a send", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+IPD,1:a⏎+CIPSEND: 1460⏎⏎+IPD,1:b⏎OK⏎
            > AT+CIPSEND=5␍
            < ⏎+IPD,2:> ⏎> 
            > hello
            < ⏎+IPD,1:c⏎RING⏎⏎SEND OK⏎
            = 0 sending Done
            = 0 received ab> c
        `,
            push,
            pushUp
        )
    })

    describe("bare, as the note shows it", () => {
        const plain: Partial<ModemConfig> = {
            multi: false,
            reception: Reception.Plain,
            flowControl: true,
        }
        const plainUp = bringUpWith({
            plain: true,
            flow: "2,2",
            reception: "0",
        })

        test("the example", () => {
            playAllCuts(
                `
                ${hello}
                < hello SIM800
                = 0 received hello SIM800
                < ⏎CLOSED⏎
                = 0 received hello SIM800
                = 0 CLOSED
                = 0 failure ClosedByPeer
                = state TCP CLOSED
            `,
                plain,
                plainUp
            )
        })

        test("data and lines one behind the other", () => {
            playAllCuts(
                `
                ${connect}
                ! send 0 hello
                > AT+CIPSEND?␍
                < one⏎+CIPSEND: 1460⏎two⏎OK⏎
                > AT+CIPSEND=5␍
                < three␍⏎> 
                > hello
                < four⏎⏎SEND OK⏎
                = 0 sending Done
                # nobody has asked: these are data, and the line end in front
                # of what may be a line is decided on a little later
                < five⏎OK⏎six⏎
                . 100
                < ⏎RING⏎
                = 0 received onetwothree␍four⏎five⏎OK⏎six⏎
                = 0 CONNECTED
            `,
                plain,
                plainUp
            )
        })

        /*
         * What may be a line, in front of it what is going on, and what of it
         * is data. Without a command in flight only what comes unasked is a line.
         */
        const counting = "> AT+CIPSEND?␍"
        const asking = "! request AT+CMGR=1\n> AT+CMGR=1␍"
        test.each([
            ["hello", "", "⏎hello⏎"],
            ["OK", "", "⏎OK⏎"],
            ["SEND OK", "", "⏎SEND OK⏎"],
            ["DATA ACCEPT:5", "", "⏎DATA ACCEPT:5⏎"],
            ["+CSQ: 20,0", "", "⏎+CSQ: 20,0⏎"],
            ["+CGATT: 1", "", "⏎+CGATT: 1⏎"],
            ["+IPR: 0", "", "⏎+IPR: 0⏎"],
            ["+IPD,5", "", "⏎+IPD,5⏎"],
            ["+DTMF: 1", "", "⏎+DTMF: 1⏎"],
            ["ACK", "", "⏎ACK⏎"],
            ["+CREG: 1", "", ""],
            ["+CGREG: 1", "", ""],
            ["+CRING: VOICE", "", ""],
            ["RING", "", ""],
            ["CONNECT OK", "", ""],
            ["RECV FROM:1.2.3.4:80", "", ""],
            ["hello", counting, "⏎hello⏎"],
            ["+DTMF: 1", counting, "⏎+DTMF: 1⏎"],
            ["+CSQ: 20,0", counting, ""],
            ["+CRING: VOICE", counting, ""],
            ["hello", asking, ""],
            // a line end that a URC has ended with begins no line
            ["+CREG: 1⏎CLOSED", "", "CLOSED⏎"],
            ["RING⏎CLOSED", counting, "CLOSED⏎"],
        ])("%s, behind %j", (line, before, data) => {
            playAllCuts(
                `
                ${connect}
                ${before === counting ? "! send 0 hello" : ""}
                ${before}
                < ab⏎${line}⏎
                . 100
                = 0 received ab${data}
                = 0 CONNECTED
                < ${before === counting ? "⏎+CIPSEND: 1460⏎⏎OK⏎" : ""}
                < ${before === asking ? "⏎+CMGR: 1⏎text⏎⏎OK⏎" : ""}
                ${before === counting ? "> AT+CIPSEND=5␍" : ""}
                ${before === asking ? "= answer Ok hello␊+CMGR: 1␊text␊" : ""}
                = 0 received ab${data}
            `,
                plain,
                plainUp
            )
        })

        test("PDP DEACT ends the connection", () => {
            playAllCuts(
                `
                ${connect}
                < last words⏎+PDP: DEACT⏎
                = 0 received last words
                = 0 failure PdpDeactivated
                = state PDP DEACT
                ${reactivateWith({
                    plain: true,
                    reception: "0",
                })}
            `,
                plain,
                plainUp
            )
        })
    })

    test("Ctrl-Z ends the data; those that hold one go by their length", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 hello TCP serve
            ${room}
            > AT+CIPSEND␍
            < ⏎> 
            > hello TCP serve␚
            < ⏎SEND OK⏎
            = 0 sending Done
            ! send 0 one␚
            > AT+CIPSEND=4␍
            < ⏎> 
            > one␚
            < ⏎SEND OK⏎
            ! send 0 ␛[A
            > AT+CIPSEND=3␍
            < ⏎> 
            > ␛[A
            < ⏎SEND OK⏎
            = 0 sent 22
        `,
            { ...manual, framing: Framing.CtrlZ },
            manualUp
        )
    })

    test("Ctrl-Z ends the data of a connection that closes behind the prompt, too", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 hello
            ${room}
            > AT+CIPSEND␍
            < ⏎CLOSED⏎⏎> 
            # what it was to send may not be there any more
            > ␚
            < ⏎SEND FAIL⏎
            = 0 sending Failed ClosedByPeer
            > AT+CIPRXGET=2,1460␍
        `,
            { ...manual, framing: Framing.CtrlZ },
            manualUp
        )
    })

    test("AT+CIPSTART brings the context up by itself", () => {
        const lazy = bringUpWith({ lazy: true })
        const options = { ...manual, lazy: true }
        playAllCuts(
            `
            = phase Ready
            = state IP INITIAL
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            # up to 160 s
            . 159000
            = 0 CONNECTING
            < ⏎CONNECT OK⏎
            = 0 CONNECTED
            = state CONNECT OK
            < ⏎+PDP: DEACT⏎
            = 0 failure PdpDeactivated
            = state PDP DEACT
            ${reactivateWith({ lazy: true })}
            = phase Ready
            = state IP INITIAL
        `,
            options,
            lazy
        )
    })

    test.each([
        ["refused while the context comes up", "⏎ERROR⏎", ""],
        ["obeyed", "⏎CLOSE OK⏎", ""],
        ["refused, and it connects meanwhile", "⏎ERROR⏎", "⏎CONNECT OK⏎"],
    ])(
        "… and is given up: nobody waits until it has come up (AT+CIPCLOSE is %s)",
        (_, said, late) => {
            const lazy = { lazy: true }
            new Driver({ ...manual, lazy: true }).play(`
                ${bringUpWith(lazy)}
                ! open a 1
                > AT+CIPSTART="TCP","a",1␍
                < ⏎OK⏎
                . 5000
                ! close 0
                > AT+CIPCLOSE␍
                < ${said}
                ${rebuildWith(lazy).replace("⏎SHUT OK⏎", `${late}⏎SHUT OK⏎`)}
                ! open b 2
                > AT+CIPSTART="TCP","b",2␍
                < ⏎OK⏎⏎CONNECT OK⏎
                = 0 CONNECTED
            `)
        }
    )

    test("nobody listens: the state comes with the bad news", () => {
        playAllCuts(
            `
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎⏎CONNECT FAIL⏎
            = 0 CLOSED
            = 0 failure ConnectFailed
            = state TCP CLOSED
            # and at once again, without AT+CIPSHUT
            ! close 0
            ${connect}
        `,
            manual,
            manualUp
        )
    })

    test("a connection that nobody knew of gives way", () => {
        playAllCuts(
            `
            ! open a 1
            > AT+CIPSTART="TCP","a",1␍
            < ⏎OK⏎⏎ALREADY CONNECT⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            > AT+CIPSTART="TCP","a",1␍
            < ⏎OK⏎⏎CONNECT OK⏎
            = 0 CONNECTED
        `,
            manual,
            manualUp
        )
    })
})

describe("2.1.2 UDP client", () => {
    const sent = `
        ${udp}
        ! send 0 SIM800 UDP test
        ${room}
        > AT+CIPSEND=15␍
        < ⏎> 
        > SIM800 UDP test
        < ⏎SEND OK⏎
        = 0 sending Done
    `
    const closed = `
        ! close 0
        > AT+CIPCLOSE␍
        = state UDP CLOSING
        # the note adds an OK, the modem does not
        < ⏎CLOSE OK⏎
        = 0 INITIAL
        = state UDP CLOSED
    `

    test("fetched", () => {
        playAllCuts(
            `
            ${sent}
            < ⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET: 2,8,0⏎UDP test⏎OK⏎
            = 0 received <>UDP test
            ${closed}
        `,
            manual,
            manualUp
        )
    })

    test("pushed: each datagram stays by itself", () => {
        playAllCuts(
            `
            ${sent}
            < ⏎+IPD,8,UDP:UDP test⏎+IPD,4:more⏎+IPD,6,UDP:⏎+IPD
            = 0 received <>UDP test<>more<>⏎+IPD
            ${closed}
        `,
            push,
            pushUp
        )
    })

    test("no room: the datagram is lost whole, the next one that fits is not", () => {
        playAllCuts(
            `
            ${udp}
            ! keep 0
            < ⏎+IPD,20:aaaaaaaaaaaaaaaaaaaa⏎+IPD,29,UDP:⏎OK⏎aaaaaaaaaaaaaaaaaaaaaaa⏎+IPD,10:bbbbbbbbbb⏎RING⏎
            = 0 dropped 1
            ! read 0
            = 0 received <>aaaaaaaaaaaaaaaaaaaa<>bbbbbbbbbb
            = 0 CONNECTED
        `,
            { ...push, receiveBuffer: 64 },
            pushUp
        )
    })
})

describe("2.1.3 TCP server", () => {
    const listening = `
        ! listen 1234
        > AT+CIPSERVER=1,1234␍
        = server Opening
        < ⏎OK⏎
        = server Opening
        < ⏎SERVER OK⏎
        = server Listening
        = state SERVER LISTENING
    `
    const unlisten = `
        ! unlisten
        > AT+CIPSERVER=0␍
        < ⏎OK⏎
        = server Closing
        < ⏎SERVER CLOSE⏎
        = server Closed
    `

    test("the example", () => {
        const driver = playAllCuts(
            `
            ${listening}
            ! request AT+CIPSTATUS
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: SERVER LISTENING⏎
            = answer Ok STATE: SERVER LISTENING␊
            < ⏎REMOTE IP: 10.78.103.220⏎
            ! accept
            = 0 CONNECTED
            = state CONNECT OK
            < ⏎+IPD,12:hello server
            = 0 received hello server
            ! send 0 hello client
            ${room}
            > AT+CIPSEND=12␍
            < ⏎> 
            > hello client
            < ⏎SEND OK⏎
            = 0 sending Done
            ${unlisten}
            # the peer stays
            = 0 CONNECTED
            = state CONNECT OK
            < ⏎+IPD,12:hello SIM800
            = 0 received hello serverhello SIM800
            ! close 0
            > AT+CIPCLOSE␍
            = state TCP CLOSING
            < ⏎CLOSE OK⏎
            = 0 INITIAL
            = state TCP CLOSED
        `,
            push,
            pushUp
        )
        expect(driver.log).toContain("accepted 0 10.78.103.220")
    })

    test("peers one after the other, fetched", () => {
        playAllCuts(
            `
            ${listening}
            < ⏎REMOTE IP: 10.78.103.220⏎⏎+CIPRXGET: 1⏎
            ! accept
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET: 2,5,0⏎peer1⏎OK⏎⏎CLOSED⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎ERROR⏎
            = 0 CLOSED
            = 0 failure ClosedByPeer
            ! close 0
            = state SERVER LISTENING
            < ⏎REMOTE IP: 10.78.103.221⏎
            ! accept
            = 0 CONNECTED
            = 0 failure None
            = state CONNECT OK
        `,
            manual,
            manualUp
        )
    })

    test("a peer that comes in when the server is being closed is let go", () => {
        playAllCuts(
            `
            ${listening}
            ! unlisten
            > AT+CIPSERVER=0␍
            < ⏎REMOTE IP: 10.78.103.220⏎⏎OK⏎⏎SERVER CLOSE⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            = server Closed
            = 0 INITIAL
        `,
            manual,
            manualUp
        )
    })

    test("SERVER CLOSE that comes late changes nothing any more", () => {
        playAllCuts(
            `
            ${listening}
            ! unlisten
            > AT+CIPSERVER=0␍
            < ⏎OK⏎
            = server Closing
            . 10001
            = server Closed
            < ⏎SERVER CLOSE⏎
            = server Closed
            = phase Ready
            ${listening}
        `,
            manual,
            manualUp
        )
    })

    test("a refused port is tried again", () => {
        playAllCuts(
            `
            ! listen 1234
            > AT+CIPSERVER=1,1234␍
            < ⏎+CME ERROR: 3⏎
            = server Closed ServerRefused
            . 1999
            = state IP STATUS
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
            = server Listening
        `,
            manual,
            manualUp
        )
    })

    test("it listens again behind PDP DEACT", () => {
        playAllCuts(
            `
            ${listening}
            < ⏎REMOTE IP: 10.78.103.220⏎
            ! accept
            < ⏎+PDP: DEACT⏎
            = server Closed
            = 0 failure PdpDeactivated
            = state PDP DEACT
            ${listensAgain}
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
            = server Listening
        `,
            manual,
            manualUp
        )
    })
})

describe("2.1.4 UDP extended mode", () => {
    const extended = `
        ! udp 116.228.221.51 9600 local=8888 extended
        > AT+CLPORT="UDP",8888␍
        < ⏎OK⏎
        > AT+CIPSRIP=1␍
        < ⏎OK⏎
        > AT+CIPUDPMODE=1␍
        < ⏎OK⏎
        > AT+CIPSTART="UDP","116.228.221.51",9600␍
        < ⏎OK⏎⏎CONNECT OK⏎
        = 0 CONNECTED
    `

    test("the example", () => {
        playAllCuts(
            `
            ${extended}
            ! request AT+CIPUDPMODE?
            > AT+CIPUDPMODE?␍
            < ⏎+CIPUDPMODE: 1,"116.228.221.51",9600⏎⏎OK⏎
            = answer Ok +CIPUDPMODE: 1,"116.228.221.51",9600␊
            < ⏎RECV FROM:116.228.221.51:9600⏎⏎+IPD,5:test1
            < ⏎RECV FROM:116.228.221.51:1234⏎⏎+IPD,5,UDP:test2
            # as the note spells it
            < ⏎RECV FROM: 10.78.103.220: 5678⏎⏎+IPD,5:test3
            = 0 received <116.228.221.51:9600>test1<116.228.221.51:1234>test2<10.78.103.220:5678>test3
            ! send 0 Hello 9600
            ${room}
            > AT+CIPSEND=10␍
            < ⏎> 
            > Hello 9600
            < ⏎SEND OK⏎
            = 0 sending Done
            ! retarget 0 211.136.131.65 4500
            ! send 0 Hello 4500
            > AT+CIPUDPMODE=2,"211.136.131.65",4500␍
            < ⏎OK⏎
            > AT+CIPSEND=10␍
            < ⏎> 
            > Hello 4500
            < ⏎SEND OK⏎
            = 0 sending Done
            # there it stays
            ! send 0 again
            > AT+CIPSEND=5␍
        `,
            push,
            pushUp
        )
    })

    test("RECV FROM and its datagram, with a URC between them", () => {
        playAllCuts(
            `
            ${extended}
            < ⏎RECV FROM:10.78.103.220:5678⏎⏎RING⏎⏎+IPD,1:a
            < ⏎+RECV FROM:1.2.3.4:5⏎⏎+IPD,1:c
            = 0 received <10.78.103.220:5678>a<1.2.3.4:5>c
        `,
            push,
            pushUp
        )
    })

    test("the switches are not set twice, and taken back", () => {
        playAllCuts(
            `
            ${extended}
            ! close 0
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ! udp 116.228.221.51 9600 local=8888 extended
            > AT+CIPSTART="UDP","116.228.221.51",9600␍
            < ⏎OK⏎⏎CONNECT OK⏎
            ! close 0
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ! udp 116.228.221.51 9600
            > AT+CLPORT="UDP",0␍
            < ⏎OK⏎
            > AT+CIPUDPMODE=0␍
            < ⏎OK⏎
            > AT+CIPSTART="UDP","116.228.221.51",9600␍
        `,
            push,
            pushUp
        )
    })

    test.each([
        ["AT+CLPORT", "", '> AT+CLPORT="UDP",8888␍'],
        ["AT+CIPSRIP", '> AT+CLPORT="UDP",8888␍\n< ⏎OK⏎', "> AT+CIPSRIP=1␍"],
        [
            "AT+CIPUDPMODE",
            '> AT+CLPORT="UDP",8888␍\n< ⏎OK⏎\n> AT+CIPSRIP=1␍\n< ⏎OK⏎',
            "> AT+CIPUDPMODE=1␍",
        ],
    ])("%s refused: the connection is not made", (_, before, refused) => {
        playAllCuts(
            `
            ! udp 116.228.221.51 9600 local=8888 extended
            ${before}
            ${refused}
            < ⏎+CME ERROR: 3⏎
            = 0 CLOSED
            = 0 failure SetupRefused
            = phase Ready
            ! close 0
            ! udp 116.228.221.51 9600 local=8888 extended
            # what was obeyed needs not be said again
            ${refused}
        `,
            push,
            pushUp
        )
    })

    test("a new destination refused: the datagram is not sent", () => {
        playAllCuts(
            `
            ${extended}
            ! retarget 0 211.136.131.65 4500
            ! send 0 Hello 4500
            > AT+CIPUDPMODE=2,"211.136.131.65",4500␍
            < ⏎ERROR⏎
            = 0 sending Failed SendRefused
            = 0 CONNECTED
            = 0 sent 0
        `,
            push,
            pushUp
        )
    })
})

test("2.3 fixed local port, given back for the next connection", () => {
    playAllCuts(
        `
        ! open 116.228.221.51 8500 local=2020
        > AT+CLPORT="TCP",2020␍
        < ⏎OK⏎
        > AT+CIPSTART="TCP","116.228.221.51",8500␍
        < ⏎OK⏎⏎CONNECT OK⏎
        ! close 0
        > AT+CIPCLOSE␍
        < ⏎CLOSE OK⏎
        # that of UDP is another one
        ${udp}
        ! close 0
        > AT+CIPCLOSE␍
        < ⏎CLOSE OK⏎
        ! open 116.228.221.51 8500
        > AT+CLPORT="TCP",0␍
        < ⏎OK⏎
        > AT+CIPSTART="TCP","116.228.221.51",8500␍
    `,
        manual,
        manualUp
    )
})

test("5: connecting by name, and sending", () => {
    playAllCuts(
        `
        ! open WWW.SIM.COM 80
        > AT+CIPSTART="TCP","WWW.SIM.COM",80␍
        < ⏎OK⏎⏎CONNECT OK⏎
        ! send 0 DNS test
        ${room}
        > AT+CIPSEND=8␍
        < ⏎> 
        > DNS test
        < ⏎SEND OK⏎
        = 0 sending Done
    `,
        manual,
        manualUp
    )
})

describe("6", () => {
    test("6.2: the modem sends when its timer runs out", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 hello
            ${room}
            > AT+CIPSEND␍
            < ⏎> 
            > hello
            . 1000
            = 0 sending InFlight
            < ⏎SEND OK⏎
            = 0 sending Done
        `,
            { ...manual, framing: Framing.Timer, sendTimer: 1 },
            bringUpWith({ single: true, timer: "1,1" })
        )
    })

    test("6.3: more than the modem takes at a time", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 123456789
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 5⏎⏎OK⏎
            > AT+CIPSEND=5␍
            < ⏎ERROR⏎
            = 0 sending Wanted
            . 200
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 6⏎⏎OK⏎
            > AT+CIPSEND=6␍
            < ⏎> 
            > 123456
            < ⏎SEND OK⏎
            > AT+CIPSEND=3␍
            < ⏎> 
            > 789
            < ⏎SEND OK⏎
            = 0 sending Done
        `,
            manual,
            manualUp
        )
    })

    test("6.3: ERROR amid the data: nobody knows what has got through", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 123456789
            ${room}
            > AT+CIPSEND␍
            < ⏎> 
            > 123456789␚
            < ⏎ERROR⏎
            = 0 sending Failed SendUnknown
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: CONNECT OK⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            = 0 CLOSED
        `,
            { ...manual, framing: Framing.CtrlZ },
            manualUp
        )
    })

    test("6.4, 6.5: quick sending, and how far it has got", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 012345678912
            ${room}
            > AT+CIPSEND=12␍
            < ⏎> 
            > 012345678912
            < ⏎DATA ACCEPT:12⏎
            = 0 sending Done
            ! request AT+CIPACK
            > AT+CIPACK␍
            < ⏎+CIPACK: 12,12,0⏎⏎OK⏎
            = answer Ok +CIPACK: 12,12,0␊
            ! send 0 hello
            > AT+CIPSEND=5␍
            < ⏎> 
            > hello
            # as other SIMCom modems write it
            < ⏎DATA ACCEPT: 5⏎
            = 0 sending Done
        `,
            { ...manual, quickSend: true },
            bringUpWith({ single: true, quick: "1" })
        )
    })
})

describe("7.2", () => {
    test("the example: raw", () => {
        playAllCuts(
            `
            ${connect}
            # the note leaves the blanks out, the modem does not
            < ⏎+CIPRXGET:1⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET:2,11,0⏎HELLO WORLD⏎OK⏎
            < ⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET: 2,4,2⏎⏎OK⏎OK⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET: 2,3,0⏎> +⏎OK⏎
            = 0 received HELLO WORLD⏎OK> +
        `,
            manual,
            manualUp
        )
    })

    test("the example: hexadecimal", () => {
        playAllCuts(
            `
            ${connect}
            < ⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=3,730␍
            < ⏎+CIPRXGET: 3,11,0⏎48454C4C4F20574F524C44⏎OK⏎
            = 0 received HELLO WORLD
            < ⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=3,730␍
            < ⏎+CIPRXGET: 3,4,0⏎00FF0D0A⏎OK⏎
            = 0 received HELLO WORLD␀\\xff⏎
        `,
            { ...manual, reception: Reception.Hex },
            manualUp
        )
    })

    test("datagrams, hexadecimal", () => {
        playAllCuts(
            `
            ${udp}
            < ⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=3,730␍
            < ⏎+CIPRXGET: 3,2,3⏎4142⏎OK⏎
            > AT+CIPRXGET=3,730␍
            < ⏎+CIPRXGET: 3,3,0⏎434445⏎OK⏎
            = 0 received <>AB<>CDE
        `,
            { ...manual, reception: Reception.Hex },
            manualUp
        )
    })

    test("a notice with the sender in it", () => {
        playAllCuts(
            `
            ${connect}
            < ⏎+CIPRXGET: 1,116.228.221.51:8500⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET: 2,2,0⏎ab⏎OK⏎
            = 0 received ab
        `,
            manual,
            manualUp
        )
    })
})

describe("8: figure 2", () => {
    test("every state is passed through", () => {
        const driver = playAllCuts(
            `
            ${manualUp}
            ${connect}
            ! close 0
            > AT+CIPCLOSE␍
            = state TCP CLOSING
            < ⏎CLOSE OK⏎
            = state TCP CLOSED
            ${udp}
            ! close 0
            > AT+CIPCLOSE␍
            = state UDP CLOSING
            < ⏎CLOSE OK⏎
            = state UDP CLOSED
            ! listen 1234
            # the server wants IP STATUS
            ${rebuildWith({ single: true }).replace(
                "= state IP STATUS",
                "= state SERVER LISTENING"
            )}
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
            = state SERVER LISTENING
            < ⏎+PDP: DEACT⏎
            = state PDP DEACT
            ${listensAgain}
            > AT+CIPSERVER=1,1234␍
        `,
            manual
        )
        const seen = driver.log
            .filter(line => line.includes("|"))
            .map(line => line.split("|")[1])
        expect(new Set(seen)).toEqual(
            new Set([
                "",
                "IP INITIAL",
                "IP START",
                "IP CONFIG",
                "IP GPRSACT",
                "IP STATUS",
                "TCP CONNECTING",
                "UDP CONNECTING",
                "SERVER LISTENING",
                "CONNECT OK",
                "TCP CLOSING",
                "UDP CLOSING",
                "TCP CLOSED",
                "UDP CLOSED",
                "PDP DEACT",
            ])
        )
    })

    test("what is closed stays so until the next one begins, of whatever kind it is", () => {
        const { log } = playAllCuts(
            `
            ${connect}
            ! close 0
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ${udp}
        `,
            manual,
            manualUp
        )
        const seen = log
            .filter(line => line.startsWith("Ready|"))
            .map(line => line.split("|")[1])
        expect(seen.slice(1)).toEqual([
            "TCP CONNECTING",
            "CONNECT OK",
            "TCP CLOSING",
            "TCP CLOSED",
            "UDP CONNECTING",
            "CONNECT OK",
        ])
    })

    test.each([
        ["TCP CLOSED", "None", "REMOTE CLOSING", "AT+CIPRXGET=2,1460"],
        ["IP INITIAL", "Restarted", "CLOSED", "AT"],
        ["PDP DEACT", "PdpDeactivated", "CLOSED", "AT+CSQ"],
        ["CONNECT OK", "None", "CONNECTED", "AT+CIPRXGET=4"],
    ])("STATE: %s says of a connection: %s", (state, failure, link, next) => {
        playAllCuts(
            `
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            . 5001
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: ${state}⏎
            = 0 failure ${failure}
            = 0 ${link}
            > ${next}␍
        `,
            manual,
            manualUp
        )
    })
})

describe("9 closing", () => {
    test.each([
        ["slow", "! close 0", "> AT+CIPCLOSE␍"],
        ["quick", "! close 0 quick", "> AT+CIPCLOSE=1␍"],
    ])("%s", (_, close, command) => {
        playAllCuts(
            `
            ${connect}
            ${close}
            ${command}
            = 0 CLOSING
            < ⏎+CIPRXGET: 1⏎⏎CLOSE OK⏎
            = 0 INITIAL
            = state TCP CLOSED
            ${connect}
        `,
            manual,
            manualUp
        )
    })

    test("at the same time as the peer", () => {
        playAllCuts(
            `
            ${connect}
            ! close 0
            > AT+CIPCLOSE␍
            < ⏎CLOSED⏎⏎ERROR⏎
            = 0 INITIAL
            = state TCP CLOSED
            ${connect}
        `,
            manual,
            manualUp
        )
    })
})

test("12: SEND FAIL, then a new connection", () => {
    playAllCuts(
        `
        ${connect}
        ! send 0 hello
        ${room}
        > AT+CIPSEND=5␍
        < ⏎> 
        > hello
        < ⏎SEND FAIL⏎
        = 0 sending Failed SendFailed
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: CONNECT OK⏎
        > AT+CIPCLOSE␍
        < ⏎CLOSE OK⏎
        = 0 CLOSED
        = 0 failure SendFailed
        ! close 0
        ${connect}
    `,
        manual,
        manualUp
    )
})

test.each([
    ["a line", "⏎X-Header: 1⏎"],
    ["data", "zz⏎X-Header: 1⏎"],
])(
    "plain: the buffer is exactly full, and %s stands in front: it does not spin",
    (_, then) => {
        const driver = new Driver({
            multi: false,
            reception: Reception.Plain,
            flowControl: true,
            receiveBuffer: 64,
        })
            .play(bringUpWith({ plain: true, flow: "2,2", reception: "0" }))
            .play(
                `
            ! open a 1
            > AT+CIPSTART="TCP","a",1␍
            < ⏎OK⏎⏎CONNECT OK⏎
            ! keep 0
            < ${"a".repeat(64)}${then}${"b".repeat(40)}
        `
            )
        const polls = driver.polls
        driver.play(". 9999\n= 0 CONNECTED")
        expect(driver.polls - polls).toBeLessThan(10)
        driver.play(". 1\n= 0 failure ReceiveOverrun")
    }
)

test.each(["", "⏎CONNECT FAIL⏎"])(
    "manual 8.2.2: STATE: PDP DEACT behind the OK of AT+CIPSTART, %s",
    then => {
        playAllCuts(
            `
            ! open host.example 1883
            > AT+CIPSTART="TCP","host.example",1883␍
            < ⏎OK⏎
            < ⏎STATE: PDP DEACT⏎${then}
            = 0 CLOSED
            = 0 failure PdpDeactivated
            ${reactivateWith({ single: true })}
        `,
            manual,
            manualUp
        )
    }
)
