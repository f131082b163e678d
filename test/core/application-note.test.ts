/**
 * The examples of "SIM800 Series TCPIP Application Note V1.02", as far as they
 * belong to multi connection mode with TCP clients, played to the driver with
 * the modem's real bytes (docs/virtual-sim800.md), whatever the cutting.
 */
import { Reception } from "../../src/core/config"
import { expect, test } from "vitest"
import { bringUp, bringUpWith, connect, playAllCuts } from "./dialogue"

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
