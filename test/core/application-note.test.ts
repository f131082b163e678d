/**
 * The examples of "SIM800 Series TCPIP Application Note V1.02", as far as they
 * belong to multi connection mode, played to the driver with the modem's real
 * bytes (docs/virtual-sim800.md), whatever the cutting.
 */
import { describe, expect, test } from "vitest"
import { Framing, Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import {
    bringUp,
    bringUpWith,
    connect,
    Driver,
    playAllCuts,
    reactivate,
    reactivateWith,
    rebuildWith,
} from "./dialogue"

test("2.1.1: from CPIN to the address", () => {
    const driver = playAllCuts(bringUp)
    expect(driver.log).toEqual([
        "Synchronising||",
        "Configuring||",
        "Sim||",
        "Registering||",
        "Attaching||",
        "Activating||",
        "Activating|IP INITIAL|",
        "Activating|IP START|",
        "Activating|IP CONFIG|",
        "Activating|IP GPRSACT|",
        "Activating|IP STATUS|",
        "Ready|IP STATUS|",
    ])
})

test("3.1: two connections, data both ways, one closed by the server", () => {
    playAllCuts(
        `
        ! open 116.228.221.51 8500
        > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
        < ⏎OK⏎
        < ⏎0, CONNECT OK⏎
        = 0 CONNECTED
        = state IP PROCESSING
        ! open 116.228.221.51 9600
        > AT+CIPSTART=1,"TCP","116.228.221.51",9600␍
        < ⏎OK⏎
        < ⏎1, CONNECT OK⏎
        = 1 CONNECTED
        ! send 0 TCP test
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎+CIPSEND: 1,1460⏎⏎OK⏎
        > AT+CIPSEND=0,8␍
        < ⏎> 
        > TCP test
        < ⏎0, SEND OK⏎
        = 0 sending Done
        ! send 1 the other
        # its room was in the same answer
        > AT+CIPSEND=1,9␍
        < ⏎> 
        > the other
        < ⏎1, SEND OK⏎
        < ⏎+RECEIVE,0,17:⏎SIM800 TCP test␍\\x0a⏎
        < ⏎+RECEIVE,1,17:⏎SIM800 TCP tes2␍\\x0a⏎
        = 0 received SIM800 TCP test⏎
        = 1 received SIM800 TCP tes2⏎
        < ⏎0, CLOSED⏎
        = 0 CLOSED
        = 0 failure ClosedByPeer
        = 1 CONNECTED
        = state IP PROCESSING
    `,
        { reception: Reception.Push, flowControl: true, ring: 1024 },
        bringUpWith({ flow: "2,2", reception: "0" })
    )
})

test("5: connecting by name; a name that does not exist", () => {
    playAllCuts(
        `
        ! open WWW.SIM.COM 80
        > AT+CIPSTART=0,"TCP","WWW.SIM.COM",80␍
        < ⏎OK⏎
        < ⏎0, CONNECT OK⏎
        = 0 CONNECTED
        ! open abctest 80
        > AT+CIPSTART=1,"TCP","abctest",80␍
        < ⏎OK⏎
        < ⏎1, CONNECT FAIL⏎
        = 1 CLOSED
        = 1 failure ConnectFailed
    `,
        {},
        bringUp
    )
})

test("6.1, 6.3: fixed length, in segments of what the modem takes", () => {
    playAllCuts(
        `
        ${connect}
        ! send 0 0123456789abcdefghij
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,8⏎⏎OK⏎
        > AT+CIPSEND=0,8␍
        < ⏎> 
        > 01234567
        < ⏎0, SEND OK⏎
        > AT+CIPSEND=0,8␍
        < ⏎> 
        > 89abcdef
        < ⏎0, SEND OK⏎
        # the network has got worse: the manual forbids more than it says
        > AT+CIPSEND=0,4␍
        < ⏎ERROR⏎
        . 200
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,3⏎⏎OK⏎
        > AT+CIPSEND=0,3␍
        < ⏎> 
        > ghi
        < ⏎0, SEND OK⏎
        # it may be better again
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,8⏎⏎OK⏎
        > AT+CIPSEND=0,1␍
        < ⏎> 
        > j
        < ⏎0, SEND OK⏎
        = 0 sending Done
    `,
        {},
        bringUp
    )
})

test("6.4: quick sending", () => {
    playAllCuts(
        `
        ${connect}
        ! send 0 1234567890
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
        > AT+CIPSEND=0,10␍
        < ⏎> 
        > 1234567890
        < ⏎DATA ACCEPT:0,10⏎
        = 0 sending Done
    `,
        { quickSend: true },
        bringUpWith({ quick: "1" })
    )
})

test("7.1: data that come by themselves, two segments in a row", () => {
    playAllCuts(
        `
        ${connect}
        < ⏎+RECEIVE,0,15:⏎Hello world 000⏎+RECEIVE,0,15:⏎Hello world 111⏎
        = 0 received Hello world 000Hello world 111
        # as some firmware writes it, and with the sender (CIPSRIP)
        < ⏎+RECEIVE,0,2⏎ab
        < ⏎+RECEIVE,0,2,116.228.221.51:8500:⏎cd
        = 0 received Hello world 000Hello world 111abcd
    `,
        { reception: Reception.Push, flowControl: true, ring: 1024 },
        bringUpWith({ flow: "2,2", reception: "0" })
    )
})

test("7.2: data that are fetched", () => {
    playAllCuts(
        `
        ${connect}
        < ⏎+CIPRXGET: 1,0⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎+CIPRXGET: 2,0,11,0⏎HELLO WORLD⏎OK⏎
        = 0 received HELLO WORLD
        < ⏎+CIPRXGET: 1,0⏎
        > AT+CIPRXGET=2,0,1460␍
        # more has come in the meantime
        < ⏎+CIPRXGET: 2,0,3,5⏎abc⏎OK⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎+CIPRXGET: 2,0,5,0⏎defgh⏎OK⏎
        = 0 received HELLO WORLDabcdefgh
    `,
        {},
        bringUp
    )
})

test("9: closing here", () => {
    playAllCuts(
        `
        ${connect}
        ! close 0
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        = 0 INITIAL
        = state IP STATUS
    `,
        {},
        bringUp
    )
})

const push: Partial<ModemConfig> = {
    reception: Reception.Push,
    flowControl: true,
    ring: 1024,
}
const pushUp = bringUpWith({ flow: "2,2", reception: "0" })

/** A UDP connection with number 1. */
const udp = `
! udp 116.228.221.51 9600
> AT+CIPSTART=1,"UDP","116.228.221.51",9600␍
< ⏎OK⏎
< ⏎1, CONNECT OK⏎
= 1 CONNECTED
`

const room = `
> AT+CIPSEND?␍
< ⏎+CIPSEND: 0,1460⏎+CIPSEND: 1,1460⏎⏎OK⏎
`

/** The lines of AT+CIPSTATUS of connections that are not used. */
const unused = (...ids: number[]): string =>
    ids.map(id => `C: ${id},,"","","","INITIAL"⏎`).join("")

const listening = `
! listen 8888
> AT+CIPSERVER=1,8888␍
< ⏎OK⏎⏎SERVER OK⏎
= server Listening
= state IP PROCESSING
`

test("3.1: TCP and UDP, the example", () => {
    playAllCuts(
        `
        ${connect}
        ${udp}
        ! send 0 TCP test
        ${room}
        > AT+CIPSEND=0,8␍
        < ⏎> 
        > TCP test
        < ⏎0, SEND OK⏎
        ! send 1 UDP test
        > AT+CIPSEND=1,8␍
        < ⏎> 
        > UDP test
        < ⏎1, SEND OK⏎
        # the note counts two bytes more than it shows
        < ⏎+RECEIVE,0,15:⏎SIM800 TCP test⏎+RECEIVE,1,15:⏎SIM800 UDP test⏎
        = 0 received SIM800 TCP test
        = 1 received <>SIM800 UDP test
        < ⏎0, CLOSED⏎
        = 0 CLOSED
        = 1 CONNECTED
        ! request AT+CIPSTATUS
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎
        < C: 0,0,"TCP","116.228.221.51","8500","CLOSED"⏎
        < C: 1,0,"UDP","116.228.221.51","9600","CONNECTED"⏎
        < ${unused(2, 3, 4, 5)}
        = answer Ok STATE: IP PROCESSING␊C: 0,0,"TCP","116.228.221.51","8500","CLOSED"␊C: 1,0,"UDP","116.228.221.51","9600","CONNECTED"␊C: 2,,"","","","INITIAL"␊C: 3,,"","","","INITIAL"␊C: 4,,"","","","INITIAL"␊C: 5,,"","","","INITIAL"␊
        = state IP PROCESSING
    `,
        push,
        pushUp
    )
})

describe("3.2: a server", () => {
    test("the example", () => {
        const driver = playAllCuts(
            `
            ${listening}
            < ⏎0, REMOTE IP: 10.76.40.73⏎
            ! accept
            = 0 CONNECTED
            < ⏎+RECEIVE,0,39:⏎SIM800 multi connection TCP server test⏎
            = 0 received SIM800 multi connection TCP server test
            ! send 0 hello client
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,12␍
            < ⏎> 
            > hello client
            < ⏎0, SEND OK⏎
            # the modem numbers its peers from below, the driver from above
            ! open 116.228.221.51 8500
            > AT+CIPSTART=5,"TCP","116.228.221.51",8500␍
            < ⏎OK⏎⏎5, CONNECT OK⏎
            ! udp 116.228.221.51 9600
            > AT+CIPSTART=4,"UDP","116.228.221.51",9600␍
            < ⏎OK⏎⏎4, CONNECT OK⏎
            ! send 5 data from connection
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎+CIPSEND: 4,1460⏎+CIPSEND: 5,1460⏎⏎OK⏎
            > AT+CIPSEND=5,20␍
            < ⏎> 
            > data from connection
            < ⏎5, SEND OK⏎⏎+RECEIVE,5,18:⏎data to connection⏎
            = 5 received data to connection
            ! close 4
            > AT+CIPCLOSE=4␍
            < ⏎4, CLOSE OK⏎
            = 4 INITIAL
            ! request AT+CIPSTATUS
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎
            < S: 0,0,"8888","LISTENING"⏎
            < C: 0,0,"TCP","10.76.40.73","2020","CONNECTED"⏎${unused(1, 2, 3)}
            < C: 4,0,"UDP","116.228.221.51","9600","CLOSED"⏎
            < C: 5,0,"TCP","116.228.221.51","8500","CONNECTED"⏎
            = answer Ok STATE: IP PROCESSING␊S: 0,0,"8888","LISTENING"␊C: 0,0,"TCP","10.76.40.73","2020","CONNECTED"␊C: 1,,"","","","INITIAL"␊C: 2,,"","","","INITIAL"␊C: 3,,"","","","INITIAL"␊C: 4,0,"UDP","116.228.221.51","9600","CLOSED"␊C: 5,0,"TCP","116.228.221.51","8500","CONNECTED"␊
            ! unlisten
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            = server Closed
            = 0 CONNECTED
            = 5 CONNECTED
        `,
            push,
            pushUp
        )
        expect(driver.log).toContain("accepted 0 10.76.40.73")
    })

    test("a peer on the number that a client is about to use", () => {
        playAllCuts(
            `
            ${listening}
            ! open a 1
            > AT+CIPSTART=5,"TCP","a",1␍
            < ⏎5, REMOTE IP: 10.76.40.73⏎
            = 5 CONNECTED
            # what the modem says of the client is not about the peer
            < ⏎ERROR⏎⏎+CIPRXGET: 1,5⏎
            ! accept
            = 5 CONNECTED
            = 5 failure None
            > AT+CIPRXGET=2,5,1460␍
            < ⏎+CIPRXGET: 2,5,5,0⏎hello⏎OK⏎
            = 5 received hello
            ! open a 1
            > AT+CIPSTART=4,"TCP","a",1␍
        `,
            {},
            bringUp
        )
    })

    test("the client learns that its number was taken", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ${listening}
            ! open a 1
            > AT+CIPSTART=5,"TCP","a",1␍
        `)
        const { links: connections } = driver.modem
        const { generation } = connections.list[5]
        driver.play(`
            < ⏎5, REMOTE IP: 10.76.40.73⏎
            = 5 CONNECTED
        `)
        expect(connections.list[5].generation).toBe(generation + 1)
        expect(connections.list[5].inbound).toBe(true)
    })

    test("five connections beside the server, no more", () => {
        const driver = playAllCuts(
            `
            ${listening}
            < ⏎0, REMOTE IP: 10.0.0.1⏎⏎1, REMOTE IP: 10.0.0.2⏎
            < ⏎2, REMOTE IP: 10.0.0.3⏎⏎3, REMOTE IP: 10.0.0.4⏎
            ! open a 1
            > AT+CIPSTART=5,"TCP","a",1␍
            < ⏎OK⏎⏎5, CONNECT OK⏎
            ! open a 1
            ! accept
            ! accept
            ! accept
            ! accept
            < ⏎2, CLOSED⏎
            > AT+CIPRXGET=2,2,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,2,1460␍
            < ⏎ERROR⏎
            = 2 CLOSED
            ! close 2
            ! open b 1
            > AT+CIPSTART=4,"TCP","b",1␍
        `,
            {},
            bringUp
        )
        const log = driver.log.filter(line => /accepted|free/.test(line))
        expect(log).toEqual([
            "no connection is free",
            "accepted 0 10.0.0.1",
            "accepted 1 10.0.0.2",
            "accepted 2 10.0.0.3",
            "accepted 3 10.0.0.4",
        ])
    })

    test("SERVER CLOSE without having been asked: it listens again", () => {
        playAllCuts(
            `
            ${listening}
            < ⏎SERVER CLOSE⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
            = server Listening
        `,
            {},
            bringUp
        )
    })
})

describe("4: two contexts", () => {
    const options = push
    const before = `
        ! second
        ${bringUpWith({ flow: "2,2", reception: "0", second: true })}
    `
    const first = `
        ! open 116.236.221.75 5555
        > AT+CIPSTART=0,"TCP","116.236.221.75",5555␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
    `
    const open = `
        ! second CMWAP
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CIPSHUT␍
        < ⏎SHUT OK⏎
        > AT+CSTT="CMWAP","",""␍
        < ⏎OK⏎
        > AT+CIICR␍
        = second Opening
    `

    test("the example", () => {
        playAllCuts(
            `
            ${first}
            ${open}
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.204.70.11⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            = second Open 10.204.70.11
            = address 10.78.245.128
            ! open 116.236.221.75 5555 context=1
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSTART=1,"TCP","116.236.221.75",5555␍
            < ⏎OK⏎⏎1, CONNECT OK⏎
            # the first one is selected but for AT+CIPSTART
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            < ⏎+RECEIVE,0,15:⏎Hello world 000⏎+RECEIVE,1,15:⏎Hello world 111⏎
            = 0 received Hello world 000
            = 1 received Hello world 111
            ! send 0 test 0
            ${room}
            > AT+CIPSEND=0,6␍
            < ⏎> 
            > test 0
            < ⏎0, SEND OK⏎
            ! send 1 test 1
            > AT+CIPSEND=1,6␍
            < ⏎> 
            > test 1
            < ⏎1, SEND OK⏎
            ! close 0
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            ! open 116.236.221.75 5555
            > AT+CIPSTART=0,"TCP","116.236.221.75",5555␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            ! second
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            = 1 CLOSED
            = 1 failure ClosedHere
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            = second Closed
            = 0 CONNECTED
            = state IP PROCESSING
        `,
            options,
            before
        )
    })

    test("a server that is wanted meanwhile comes before a connection there", () => {
        new Driver({ reception: Reception.Manual }).play(`
            ! second
            ${bringUpWith({ second: true })}
            ${open}
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.204.70.11⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            ! open 116.236.221.75 5555 context=1
            > AT+CIPSGTXT=1␍
            ! listen 8888
            < ⏎OK⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
            # then the connection
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","116.236.221.75",5555␍
        `)
    })

    test("refused: the first one is selected again, and the second tried later", () => {
        playAllCuts(
            `
            ${first}
            ${open}
            < ⏎+PDP: DEACT⏎⏎ERROR⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            = second Closed ActivationRefused
            = 0 CONNECTED
            = phase Ready
            . 1999
            = second Closed ActivationRefused
            > AT+CIPSGTXT=1␍
        `,
            options,
            before
        )
    })

    test("no such command: the first one goes on", () => {
        playAllCuts(
            `
            ${first}
            ! second CMWAP
            > AT+CIPSGTXT=1␍
            < ⏎ERROR⏎
            > AT+CIPSGTXT=0␍
            < ⏎ERROR⏎
            = second Closed SetupRefused
            = 0 CONNECTED
            ! second
            = second Closed SetupRefused
        `,
            options,
            before
        )
    })

    test("PDP DEACT: both are brought up again", () => {
        playAllCuts(
            `
            ${open}
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.204.70.11⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            = second Open 10.204.70.11
            < ⏎+PDP: DEACT⏎
            = second Closed
            ${reactivateWith({ reception: "0", second: true })}
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSHUT␍
        `,
            options,
            before
        )
    })
})

describe("5: AT+CDNSGIP", () => {
    test.each([
        ["one address", '1,"a.example","119.75.218.77"'],
        ["two", '1,"www.baidu.com","119.75.218.77","119.75.217.56"'],
        ["none", "0,8"],
    ])("%s", (_, answer) => {
        playAllCuts(
            `
            ${connect}
            ! request AT+CDNSGIP="www.baidu.com"
            > AT+CDNSGIP="www.baidu.com"␍
            < ⏎+CIPRXGET: 1,0⏎⏎OK⏎
            = answer Following
            # others go on in the meantime
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,2,0⏎ab⏎OK⏎⏎RING⏎
            = 0 received ab
            < ⏎+CDNSGIP: ${answer}⏎
            = answer Ok +CDNSGIP: ${answer}␊
        `,
            {},
            bringUp
        )
    })

    test("refused, and without an answer", () => {
        playAllCuts(
            `
            ! request AT+CDNSGIP="www.baidu.com"
            > AT+CDNSGIP="www.baidu.com"␍
            < ⏎+CME ERROR: 3⏎
            = answer Refused
            ! request AT+CDNSGIP="www.baidu.com"
            > AT+CDNSGIP="www.baidu.com"␍
            < ⏎OK⏎
            . 29999
            = answer Following
            . 1
            = answer Timeout
            = phase Ready
        `,
            {},
            bringUp
        )
    })
})

test("6.2: timed sending; data of any length but without an end", () => {
    playAllCuts(
        `
        ${connect}
        ! send 0 no end
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
        > AT+CIPSEND=0␍
        < ⏎> 
        > no end
        . 1000
        < ⏎0, SEND OK⏎
        = 0 sending Done
    `,
        { framing: Framing.Timer, sendTimer: 1 },
        bringUpWith({ timer: "1,1" })
    )
})

test("6.5: what has been sent and acknowledged", () => {
    playAllCuts(
        `
        ${connect}
        ${udp}
        ! send 0 TCP
        ${room}
        > AT+CIPSEND=0,3␍
        < ⏎> 
        > TCP
        < ⏎DATA ACCEPT:0,3⏎
        ! request AT+CIPACK=0
        > AT+CIPACK=0␍
        < ⏎+CIPACK: 3,3,0⏎⏎OK⏎
        = answer Ok +CIPACK: 3,3,0␊
        ! send 0 TCP again
        > AT+CIPSEND=0,9␍
        < ⏎> 
        > TCP again
        < ⏎DATA ACCEPT:0,9⏎
        ! request AT+CIPACK=0
        > AT+CIPACK=0␍
        < ⏎0, CLOSED⏎⏎+CIPACK: 12, 12, 0⏎⏎OK⏎
        = answer Ok +CIPACK: 12, 12, 0␊
        > AT+CIPRXGET=2,0,1460␍
        < ⏎ERROR⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎ERROR⏎
        = 0 CLOSED
        ! send 1 UDP
        > AT+CIPSEND=1,3␍
        < ⏎> 
        > UDP
        < ⏎DATA ACCEPT:1,3⏎
        ! request AT+CIPACK=1
        > AT+CIPACK=1␍
        < ⏎+CIPACK: 3,0,3⏎⏎OK⏎
        = answer Ok +CIPACK: 3,0,3␊
    `,
        { quickSend: true },
        bringUpWith({ quick: "1" })
    )
})

describe("7.1: datagrams that come by themselves", () => {
    test("from everybody, with and without their sender", () => {
        playAllCuts(
            `
            ! udp 116.228.221.51 9600 local=8888 extended
            > AT+CLPORT=0,"UDP",8888␍
            < ⏎OK⏎
            > AT+CIPSRIP=1␍
            < ⏎OK⏎
            > AT+CIPUDPMODE=0,1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"UDP","116.228.221.51",9600␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            < ⏎+RECEIVE,0,4:⏎none⏎+RECEIVE,0,5,10.78.103.220:5678:⏎test1⏎+RECEIVE,0,5,1.2.3.4:80:⏎⏎OK+⏎
            = 0 received <>none<10.78.103.220:5678>test1<1.2.3.4:80>⏎OK+
        `,
            push,
            pushUp
        )
    })

    test("no room: lost whole, and nobody else is held up", () => {
        playAllCuts(
            `
            ${connect}
            ${udp}
            ! keep 1
            < ⏎+RECEIVE,1,100:⏎${"a".repeat(100)}⏎+RECEIVE,1,100:⏎${"b".repeat(100)}⏎
            < ⏎+RECEIVE,1,200:⏎${"c".repeat(200)}⏎+RECEIVE,0,5:⏎hello⏎
            = 0 received hello
            = 1 dropped 1
            ! read 1
            = 1 received <>${"a".repeat(100)}<>${"b".repeat(100)}
            = 1 CONNECTED
        `,
            { ...push, receiveBuffer: 256 },
            pushUp
        )
    })
})

test("7.2: fetched as hexadecimal digits; notices with their sender", () => {
    playAllCuts(
        `
        ${connect}
        < ⏎+CIPRXGET: 1,0,116.228.221.51:8500⏎
        > AT+CIPRXGET=3,0,730␍
        < ⏎+CIPRXGET: 3,0,11,3⏎48454C4C4F20574F524C44⏎OK⏎
        > AT+CIPRXGET=3,0,730␍
        < ⏎+CIPRXGET: 3,0,3,0⏎0D0AFF⏎OK⏎
        = 0 received HELLO WORLD⏎\\xff
    `,
        { reception: Reception.Hex },
        bringUp
    )
})

test("8: figure 3, state by state", () => {
    const driver = playAllCuts(`
        ${bringUp}
        ${connect}
        = state IP PROCESSING
        ! close 0
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        = state IP STATUS
        < ⏎+PDP: DEACT⏎
        = state PDP DEACT
        ${reactivate}
    `)
    expect(
        driver.log
            .filter(line => line.includes("|"))
            .map(line => line.split("|")[1])
            .filter((state, i, all) => state !== all[i - 1])
    ).toEqual([
        "",
        "IP INITIAL",
        "IP START",
        "IP CONFIG",
        "IP GPRSACT",
        "IP STATUS",
        "IP PROCESSING",
        "IP STATUS",
        "PDP DEACT",
        "IP INITIAL",
        "IP START",
        "IP CONFIG",
        "IP GPRSACT",
        "IP STATUS",
    ])
})

test("9: closing here without waiting for the peer", () => {
    playAllCuts(
        `
        ${connect}
        ! close 0 quick
        > AT+CIPCLOSE=0,1␍
        < ⏎+CIPRXGET: 1,0⏎⏎0, CLOSE OK⏎
        = 0 INITIAL
    `,
        {},
        bringUp
    )
})

describe("12: when connections fail", () => {
    const failing = `
        ! open a 1
        > AT+CIPSTART=0,"TCP","a",1␍
        < ⏎OK⏎⏎0, CONNECT FAIL⏎
        = 0 failure ConnectFailed
        ! close 0
    `
    const sendFail = `
        ${connect}
        ! send 0 hello
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
        > AT+CIPSEND=0,5␍
        < ⏎> 
        > hello
        < ⏎0, SEND FAIL⏎
        = 0 failure SendFailed
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎
        < C: 0,0,"TCP","1.2.3.4","80","CONNECTED"⏎${unused(1, 2, 3, 4, 5)}
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        ! close 0
    `

    test("one after the other: the context is brought up anew", () => {
        playAllCuts(
            `
            ${sendFail}
            ${failing}
            ${failing}
            = state IP STATUS
            ${rebuildWith({})}
            = phase Ready
            ${connect}
        `,
            {},
            bringUp
        )
    })

    test("that does not help either: the modem is reset", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ${failing.repeat(3)}
            ${rebuildWith({})}
            ${failing.repeat(6)}
            ${rebuildWith({})}
            ${failing.repeat(12)}
            > AT+CFUN=1,1␍
            < ⏎OK⏎
            = phase Synchronising
            . 2999
            ${bringUp.replace("! start", "")}
            ${connect}
        `)
        expect(driver.modem.bearer.resets).toBe(1)
        expect(driver.modem.bearer.rebuilds).toBe(2)
    })

    test("a connection that comes up makes up for one that has failed", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ${failing.repeat(2)}
            ${connect}
            ! close 0
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            ${failing}
            . 1000
        `)
        driver.silent()
        expect(driver.modem.bearer.rebuilds).toBe(0)
        driver.play(`
            ${failing}
            ${rebuildWith({})}
        `)
    })

    describe("a UDP socket is up, whatever the network does", () => {
        const socket = `
            ! udp b 53
            > AT+CIPSTART=0,"UDP","b",53␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
        `
        const answer = `
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,2,0⏎hi⏎OK⏎
        `
        const others = failing.replace(/\b0([, ]|$)/gm, "1$1")
        const quiet = { receivePoll: 1_000_000 }

        test("it does not keep the ladder away", () => {
            new Driver(quiet).play(`
                ${bringUp}
                ${socket}
                ${others.repeat(3)}
                ${rebuildWith({})}
                = 0 failure PdpDeactivated
            `)
        })

        test("nor does it make up for a connection that has failed", () => {
            new Driver(quiet).play(`
                ${bringUp}
                ${failing.repeat(2)}
                ${socket}
                ${others}
                ${rebuildWith({})}
            `)
        })

        test("unless something has come of late: it is a server that is down", () => {
            const driver = new Driver(quiet).play(`
                ${bringUp}
                ${socket}
                ${answer}
                ${others.repeat(30)}
                . 1000
            `)
            driver.silent().play("= 0 CONNECTED")
            expect(driver.modem.bearer.rebuilds).toBe(0)
        })

        test.each([6, 25 * 24 * 60, 50 * 24 * 60])(
            "%i minutes ago is not of late",
            minutes => {
                const driver = new Driver(quiet).play(`
                    ${bringUp}
                    ${socket}
                    ${answer}
                `)
                driver.now += minutes * 60_000
                driver.modem.links.recheck(driver.now)
                driver.play(`
                    > AT+CIPRXGET=4,0␍
                    < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
                    ${others.repeat(3)}
                    ${rebuildWith({})}
                `)
            }
        )
    })

    test("data that come show that all is well", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ${failing.repeat(2)}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,2,0⏎ab⏎OK⏎
            ! close 0
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            ${failing.repeat(2)}
            . 1000
        `)
        driver.silent()
        expect(driver.modem.bearer.rebuilds).toBe(0)
    })
})
