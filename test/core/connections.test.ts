/** What becomes of connections, and of the data on them. */
import { Reception } from "../../src/core/config"
import { Command } from "../../src/core/commands"
import { Cme } from "../../src/core/errors"
import {
    LinkState,
    refusedCme,
    refusedCommand,
} from "../../src/core/link/connection"
import { describe, expect, test } from "vitest"
import {
    bringUp,
    bringUpWith,
    bytes,
    connect,
    Driver,
    playAllCuts,
    text,
} from "./dialogue"
import { read } from "../../src/core/link/receive"
import { open } from "../open"

const resynchronise = `
> AT␍
< ⏎OK⏎
> AT+CIPSTATUS␍
`

/** The answer of AT+CIPSTATUS with one connection. */
const status = (
    state: string,
    link = 'C: 0,0,"TCP","1.2.3.4","80","CONNECTED"'
) => `
< ⏎OK⏎⏎STATE: ${state}⏎⏎${link}⏎C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎
< C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
`

const numberZero = (state: string): string =>
    `C: 0,0,"TCP","1.2.3.4","80","${state}"`

describe("opening", () => {
    test("that the modem refuses fails with its reason", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ! open 116.228.221.51 8500
            > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
            < ⏎+CME ERROR: 3⏎
            = 0 failure ConnectRefused
            # something is not as it was thought: is there a connection?
            = 0 DOUBTFUL
            > AT+CIPSTATUS␍
            ${status("IP STATUS", 'C: 0,,"","","","INITIAL"')}
            = 0 CLOSED
            = phase Ready
        `)
        expect(refusedCme(driver.modem.links.list[0].refused)).toBe(3)
    })

    test("waits while the modem is busy", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎+CME ERROR: 181⏎
            . 999
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            = 0 CONNECTED
        `)
    })

    test("waits for the context", () => {
        new Driver().play(`
            ! start
            ! open a 1
            ${bringUp.replace("! start", "").replace("= state IP STATUS", "")}
            = state IP PROCESSING
            > AT+CIPSTART=0,"TCP","a",1␍
        `)
    })

    test("in place of a connection that nobody knew of", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, ALREADY CONNECT⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            = 0 CONNECTED
        `)
    })

    test("a late result does not hit the next user (a real one came 75.5 s late)", () => {
        playAllCuts(
            `
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎
            . 80001
            = 0 QUARANTINE
            = 0 failure ConnectTimeout
            ! close 0
            ! open b 2
            > AT+CIPCLOSE=0␍
            < ⏎ERROR⏎
            > AT+CIPSTART=1,"TCP","b",2␍
            # inside the answer to something else
            < ⏎0, CONNECT FAIL⏎⏎OK⏎⏎1, CONNECT OK⏎
            = 0 INITIAL
            = 1 CONNECTED
        `,
            {},
            bringUp
        )
    })

    test("that has no answer, and was not begun: why it failed; what comes of it late is closed", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            . 10000
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            ${status("IP STATUS", numberZero("INITIAL"))}
            = 0 CLOSED
            = 0 failure ConnectFailed
        `)
        const [link] = driver.modem.links.list
        const { refused } = link
        expect([refusedCommand(refused), refusedCme(refused)]).toEqual([
            Command.Cipstart,
            Cme.NoAnswer,
        ])
        driver
            .play(
                `
                . 1000
                < ⏎0, CONNECT OK⏎
                > AT+CIPSTATUS␍
                ${status("IP PROCESSING")}
                > AT+CIPCLOSE=0␍
                < ⏎0, CLOSE OK⏎
                = 0 failure ConnectFailed
            `
            )
            .silent()
    })

    test("that has no answer, and was begun all the same: it is there", () => {
        new Driver()
            .play(
                `
                ${bringUp}
                ! open a 1
                > AT+CIPSTART=0,"TCP","a",1␍
                . 10000
                > AT␍
                < ⏎OK⏎
                > AT+CIPSTATUS␍
                ${status("IP PROCESSING", numberZero("CONNECTING"))}
                = 0 CONNECTING
                < ⏎0, CONNECT OK⏎
                = 0 CONNECTED
            `
            )
            .silent()
    })

    test("that is called off: what comes late is closed", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎
            ! close 0
            > AT+CIPCLOSE=0␍
            < ⏎+CME ERROR: 3⏎
            = 0 QUARANTINE
            < ⏎0, CONNECT OK⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 INITIAL
        `)
    })

    test("that is called off: bad news that come late free the number at once", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎
            ! close 0
            > AT+CIPCLOSE=0␍
            < ⏎+CME ERROR: 3⏎
            = 0 QUARANTINE
            < ⏎0, CONNECT FAIL⏎
            = 0 INITIAL
        `)
    })

    test("that finds a connection in its way a second time is refused", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, ALREADY CONNECT⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, ALREADY CONNECT⏎
            = 0 failure ConnectRefused
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 CLOSED
        `)
    })

    test("CLOSED of the use before does not hit it", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1 local=2020
            > AT+CLPORT=0,"TCP",2020␍
            < ⏎0, CLOSED⏎⏎OK⏎
            > AT+CIPSTART=0,"TCP","a",1␍
            # that of this attempt does, if it was not said twice
            < ⏎OK⏎⏎0, CLOSED⏎
            = 0 CONNECTING
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP STATUS⏎⏎
            < ${[0, 1, 2, 3, 4, 5].map(id => `C: ${id},,"","","","CLOSED"⏎`).join("")}
            = 0 CLOSED
            = 0 failure ConnectFailed
        `)
    })

    test("what comes late changes nothing once it is there", () => {
        new Driver({ receivePoll: 1_000_000 })
            .play(
                `
            ${bringUp}
            ${connect}
            < ⏎0, CONNECT OK⏎⏎0, CONNECT FAIL⏎⏎0, ALREADY CONNECT⏎
            = 0 CONNECTED
            ! open b 2
            > AT+CIPSTART=1,"TCP","b",2␍
            < ⏎0, ALREADY CONNECT⏎
            = 0 CONNECTED
            = 0 failure None
            < ⏎OK⏎⏎1, CONNECT OK⏎
            . 1000
        `
            )
            .silent()
    })

    test("a setting that gets no answer is made again", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1 local=2020
            > AT+CLPORT=0,"TCP",2020␍
            . 5001
            = 0 CONNECTING
            ${resynchronise}
            ${status("IP STATUS", 'C: 0,,"","","","INITIAL"')}
            > AT+CLPORT=0,"TCP",2020␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","a",1␍
        `)
    })

    test("is not even begun before the start, nor is anything else", () => {
        new Driver()
            .play(
                `
            ! open a 1
            ! request AT+CSQ
            . 1000000
            = phase Off
        `
            )
            .silent()
    })

    test("is over, or free again, when everything stops", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎
            ! close 0
            = 0 QUARANTINE
            ! open b 2
            ! stop
            = 0 INITIAL
            = 1 CLOSED
            = 1 failure Stopped
        `)
    })

    test("before the modem was asked costs nothing", () => {
        const driver = new Driver().play(`
            ! start
            ! open a 1
            ! close 0
            = 0 INITIAL
            ${bringUp.replace("! start", "")}
            . 1000000
        `)
        driver.silent()
    })

    test("more than six is not possible", () => {
        const driver = new Driver().play(bringUp)
        for (let i = 0; i < 6; i++)
            expect(open(driver.modem.links, "a", 1, driver.now)).toBe(i)
        expect(open(driver.modem.links, "a", 1, driver.now)).toBe(-1)
    })

    test("takes over what is over and read, not what is still unread", () => {
        const driver = new Driver({ connections: 2 }).play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, CONNECT FAIL⏎
            ! open b 2
            > AT+CIPSTART=1,"TCP","b",2␍
            < ⏎OK⏎⏎1, CONNECT FAIL⏎
            = 0 CLOSED
            = 1 CLOSED
        `)
        const connections = driver.modem.links
        connections.list[1].readable = 1
        const generation = connections.list[0].generation
        expect(open(connections, "c", 3, driver.now)).toBe(0)
        expect(connections.list[0].generation).toBe(generation + 1)
        expect(open(connections, "d", 4, driver.now)).toBe(-1)
    })
})

describe("sending", () => {
    test("with URCs between all its parts (real log 8)", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎+CIPRXGET: 1,0⏎⏎OK⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,2,0⏎ab⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎+CIPRXGET: 1,0⏎⏎> 
            > hello
            < ⏎RING⏎⏎DATA ACCEPT:0,5⏎
            = 0 sending Done
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,2,0⏎cd⏎OK⏎
            = 0 received abcd
        `,
            { quickSend: true },
            bringUpWith({ quick: "1" })
        )
    })

    test("any bytes, and reading in turns with it", () => {
        const driver = new Driver({ quickSend: true }).play(`
            ${bringUpWith({ quick: "1" })}
            ${connect}
            ! send 0 \\x1a\\x1b\\x00⏎AT␍+++
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,8⏎⏎OK⏎
            > AT+CIPSEND=0,8␍
            < ⏎> 
            > \\x1a\\x1b\\x00⏎AT␍
            < ⏎DATA ACCEPT:0,8⏎⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,1,7⏎x⏎OK⏎
            > AT+CIPSEND=0,3␍
            < ⏎> 
            > +++
            < ⏎DATA ACCEPT:0,3⏎
            = 0 sending Done
            > AT+CIPRXGET=2,0,1460␍
        `)
        expect(driver.modem.links.list[0].sent).toBe(11)
    })

    test("SEND FAIL ends the connection (real log 10)", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            < ⏎0, SEND FAIL⏎
            = 0 sending Failed SendFailed
            = 0 failure SendFailed
            > AT+CIPSTATUS␍
            ${status("IP PROCESSING")}
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 CLOSED
        `,
            {},
            bringUp
        )
    })

    test("SEND FAIL: what the peer has said before is read", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            < ⏎+CIPRXGET: 1,0⏎⏎0, SEND FAIL⏎
            = 0 sending Failed SendFailed
            = 0 failure SendFailed
            > AT+CIPSTATUS␍
            ${status("IP PROCESSING")}
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,9,0⏎too large⏎OK⏎
            = 0 received too large
            = 0 failure SendFailed
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 CLOSED
        `,
            {},
            bringUp
        )
    })

    test("that gets no result is unknown, and not repeated", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            . 65300
            = 0 sending Failed SendUnknown
            > AT␍
            # the late result is dropped
            < ⏎0, SEND OK⏎⏎OK⏎
            > AT+CIPSTATUS␍
            ${status("IP PROCESSING")}
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 failure SendUnknown
        `)
    })

    test("without a prompt is given up, nothing was sent", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            . 10001
            = 0 sending InFlight
            # no command: the modem may wait for data all the same
            > hello
            . 75001
            = 0 sending Failed SendUnknown
            > AT␍
        `)
    })

    test("the peer closes while the prompt is open: the modem gets its bytes", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎0, CLOSED⏎⏎> 
            = 0 sending Failed ClosedByPeer
            # as many as it was promised: the buffer is its owner's again
            > ␍␍␍␍␍
            < ⏎0, SEND FAIL⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,0,0⏎⏎OK⏎
            = 0 CLOSED
        `,
            {},
            bringUp
        )
    })

    test("the peer closes behind the data: nobody knows", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            < ⏎0, CLOSED⏎
            = 0 sending Failed SendUnknown
            # the modem says no more about it
            . 2999
            . 2
            ${resynchronise}
            ${status("IP STATUS", 'C: 0,0,"TCP","1.2.3.4","80","CLOSED"')}
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            = 0 CLOSED
            = 0 failure ClosedByPeer
        `)
    })

    test("is refused if there is nobody to send to, or while it goes on", () => {
        const driver = new Driver().play(
            `
            ${bringUp}
            ! send 0 early
            ! open a 1
            ! send 0 early
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            ! send 0 hello
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            ! send 0 hello
            < ⏎> 
            > hello
            < ⏎0, SEND OK⏎
            = 0 sending Done
            = 0 sent 5
            # nothing is sent at once
            ! send 0 |
            = 0 sending Done
            < ⏎0, CLOSED⏎
            ! send 0 late
        `.replace("|", "")
        )
        expect(driver.log.filter(line => line.startsWith("send "))).toEqual([
            "send refused ClosedHere",
            "send refused ClosedHere",
            "send refused Busy",
            "send refused Busy",
            "send refused ClosedByPeer",
        ])
    })

    test("of a datagram waits until there is room for all of it", () => {
        new Driver({ receivePoll: 1_000_000 })
            .play(
                `
            ${bringUp}
            ! udp a 1
            > AT+CIPSTART=0,"UDP","a",1␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            ! send 0 datagram
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,7⏎⏎OK⏎
            . 199
        `
            )
            .silent()
            .play(
                `
            . 1
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,8⏎⏎OK⏎
            > AT+CIPSEND=0,8␍
            < ⏎> 
            > datagram
            < ⏎0, SEND OK⏎
            = 0 sending Done
        `
            )
    })

    test("quick: the modem has taken another number of bytes, as its command came damaged", () => {
        // AT+CIPSEND=0,80 has lost a digit
        new Driver().play(
            bringUp +
                `
            ${connect}
            ! send 0 ${"x".repeat(80)}
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,80␍
            < ⏎> \n            > ${"x".repeat(80)}
            . 1
            < ⏎DATA ACCEPT:0,8⏎
            = 0 sending Failed SendUnknown
            > AT+CIPSTATUS␍
        `
        )
    })

    test("quick: no DATA ACCEPT within ten seconds is unknown", () => {
        new Driver({ quickSend: true, receivePoll: 1_000_000 }).play(`
            ${bringUpWith({ quick: "1" })}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            # and what a segment takes on the wire
            . 10252
            = 0 sending InFlight
            . 1
            = 0 sending Failed SendUnknown
            > AT␍
        `)
    })

    test.each([
        ["no room", 0],
        ["ERROR, though there is a connection with room,", 1460],
    ])("%s is waited for, two minutes at most", (_, room) => {
        const driver = new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
        `)
        const start = driver.now
        while (driver.modem.links.list[0].state === LinkState.Connected) {
            driver.settle()
            while (driver.out.length === 0) {
                driver.now = driver.modem.pollAt(driver.now)
                driver.settle()
                if (driver.modem.links.list[0].state !== LinkState.Connected)
                    break
            }
            const out = text(driver.out)
            driver.out = Buffer.alloc(0)
            if (out === "AT+CIPSEND?␍")
                driver.feed(bytes(`⏎+CIPSEND: 0,${room}⏎⏎OK⏎`))
            else if (out === "AT+CIPSEND=0,5␍") driver.feed(bytes("⏎ERROR⏎"))
            else if (out === "AT+CIPSTATUS␍") driver.feed(bytes(CONNECTED))
            else if (out === "AT+CIPRXGET=4,0␍")
                driver.feed(bytes("⏎+CIPRXGET: 4,0,0⏎⏎OK⏎"))
        }
        driver.play("= 0 sending Failed SendRefused")
        expect(driver.now - start).toBeGreaterThan(119000)
        expect(driver.now - start).toBeLessThan(123000)
    })
})

const OTHERS = [1, 2, 3, 4, 5].map(id => `C: ${id},,"","","","INITIAL"⏎`)
/** The answer to AT+CIPSTATUS if there is one connection. */
const CONNECTED = `⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","116.228.221.51","8500","CONNECTED"⏎${OTHERS.join("")}`

describe("receiving", () => {
    test("is polled for slowly: a notice may be missing", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            . 1999
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,4⏎⏎OK⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,4,0⏎late⏎OK⏎
            . 1999
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
            = 0 received late
        `)
    })

    test("fetches no more than there is room for (real log 9)", () => {
        const driver = new Driver({ receiveBuffer: 256 }).play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,256␍
        `)
        const page = "HTTP/1.1 200 OK\r\nCache-C".padEnd(255, ".")
        driver.feed(bytes(`⏎+CIPRXGET: 2,0,255,1116⏎${page}⏎OK⏎`))
        expect(driver.received[0].toString()).toBe(page)
        driver.play("> AT+CIPRXGET=2,0,256␍")
    })

    test("of others goes on while one is not read", () => {
        const driver = new Driver({ receiveBuffer: 256 }).play(`
            ${bringUp}
            ${connect}
            ! open b 2
            > AT+CIPSTART=1,"TCP","b",2␍
            < ⏎OK⏎⏎1, CONNECT OK⏎
        `)
        const [a, b] = driver.modem.links.list
        a.rx.put(Buffer.alloc(200), 0, 200)
        const modem = driver.modem
        modem.ring.put(bytes("⏎+CIPRXGET: 1,0⏎⏎+CIPRXGET: 1,1⏎"), 0, 36)
        modem.poll(driver.now)
        const { source, left } = modem.encoder
        expect(text(source.subarray(0, left))).toBe("AT+CIPRXGET=2,1,256␍")
        expect(a.waiting).toBe(1460)
        expect(b.waiting).toBe(0)
    })

    /*
     * A UART without flow control: ⏎+CIPRXGET: 2,0,13,1460⏎, ⏎OK⏎ and a notice
     * are 51 bytes that come with the data.
     */
    test.each([
        ["any burst", Reception.Manual, 0, "2,0,1460"],
        ["64 bytes at a time", Reception.Manual, 64, "2,0,13"],
        ["hardly any", Reception.Manual, 52, "2,0,1"],
        ["less than what comes with them", Reception.Manual, 40, "2,0,1"],
        ["more than a segment", Reception.Manual, 1600, "2,0,1460"],
        ["any burst, digits", Reception.Hex, 0, "3,0,730"],
        ["64 bytes at a time, digits", Reception.Hex, 64, "3,0,6"],
        ["hardly any, digits", Reception.Hex, 52, "3,0,1"],
        ["more than a segment, digits", Reception.Hex, 1600, "3,0,730"],
    ])("asks for what the UART can take: %s", (_, reception, burst, asked) => {
        new Driver({ reception, largestBurst: burst }).play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=${asked}␍
        `)
    })

    test("asks for datagrams whole, whatever the UART can take", () => {
        new Driver({ largestBurst: 64 }).play(`
            ${bringUp}
            ! udp a 1
            > AT+CIPSTART=0,"UDP","a",1␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
        `)
    })

    test.each([
        ["half of the room is free", 128, 1460, "2,0,128"],
        ["less is, but enough", 129, 127, "2,0,127"],
        ["not enough is", 129, 128, ""],
    ])("waits for the reader: %s", (_, unread, there, asked) => {
        const driver = new Driver({
            receiveBuffer: 256,
            receivePoll: 1_000_000,
        }).play(`
            ${bringUp}
            ${connect}
            ! keep 0
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,256␍
            < ⏎+CIPRXGET: 2,0,${unread},${there}⏎${"x".repeat(unread)}⏎OK⏎
        `)
        if (asked === "") driver.play(". 1000").silent()
        else driver.play(`> AT+CIPRXGET=${asked}␍`)
        driver.play(`
            ! read 0
            = 0 received ${"x".repeat(unread)}
        `)
    })

    test("digits take twice the room", () => {
        new Driver({ reception: Reception.Hex, receiveBuffer: 256 }).play(`
            ${bringUp}
            ${connect}
            ! keep 0
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=3,0,128␍
            < ⏎+CIPRXGET: 3,0,100,1460⏎${"78".repeat(100)}⏎OK⏎
            > AT+CIPRXGET=3,0,78␍
        `)
    })

    test.each([
        ["just fits", 572, true],
        ["might not fit", 573, false],
    ])("a datagram that %s", (_, unread, fits) => {
        const driver = new Driver({ receivePoll: 1_000_000 }).play(`
            ${bringUp}
            ! udp a 1
            > AT+CIPSTART=0,"UDP","a",1␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            ! keep 0
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            # 8 bytes say how long it is, and whom it is from
            < ⏎+CIPRXGET: 2,0,${unread},9⏎${"x".repeat(unread)}⏎OK⏎
        `)
        if (fits) driver.play("> AT+CIPRXGET=2,0,1460␍")
        else driver.play(". 1000").silent()
    })

    test("a UDP socket that was closed, and whose last datagram is not heard, is over", () => {
        new Driver()
            .play(
                `
                ${bringUp}
                ! udp a 1
                > AT+CIPSTART=0,"UDP","a",1␍
                < ⏎OK⏎⏎0, CONNECT OK⏎
                < ⏎0, CLOSED⏎
                > AT+CIPRXGET=2,0,1460␍
                . 5001
                = 0 REMOTE CLOSING
                ${resynchronise}
                ${status("IP STATUS", 'C: 0,0,"UDP","1.2.3.4","80","CLOSED"')}
                = 0 CLOSED
            `
            )
            .silent()
    })

    test("is polled for less often, the more connections there are", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ${connect}
            ! open b 2
            > AT+CIPSTART=1,"TCP","b",2␍
            < ⏎OK⏎⏎1, CONNECT OK⏎
        `)
        const counts = [0, 0]
        const poll = (): void => {
            const id = text(driver.out)[14]
            counts[Number(id)]++
            driver.play(`
                > AT+CIPRXGET=4,${id}␍
                < ⏎+CIPRXGET: 4,${id},0⏎⏎OK⏎
            `)
        }
        for (let i = 0; i < 12_000; i++) {
            driver.wait(1)
            while (driver.out.length > 0) poll()
        }
        // one in two seconds, all together
        expect(counts).toEqual([3, 3])
    })

    test("a count that is refused: is the connection still there?", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            > AT+CIPRXGET=4,0␍
            < ⏎ERROR⏎
            > AT+CIPSTATUS␍
            ${status("IP STATUS", 'C: 0,0,"TCP","1.2.3.4","80","CLOSED"')}
            = 0 REMOTE CLOSING
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            = 0 CLOSED
            = 0 failure ClosedByPeer
        `)
    })

    test("what the modem still holds is read behind CLOSED", () => {
        playAllCuts(
            `
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎⏎0, CLOSED⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,3,2⏎abc⏎OK⏎
            = 0 REMOTE CLOSING
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,2,0⏎de⏎OK⏎
            = 0 CLOSED
            = 0 received abcde
        `,
            {},
            bringUp
        )
    })

    test.each([
        ["in front of the count", "⏎0, CLOSED⏎⏎+CIPRXGET: 4,0,0⏎⏎OK⏎"],
        ["behind it", "⏎+CIPRXGET: 4,0,0⏎⏎0, CLOSED⏎⏎OK⏎"],
        ["and ERROR", "⏎0, CLOSED⏎⏎ERROR⏎"],
    ])("the peer closes while the driver counts, %s", (_, answer) => {
        playAllCuts(
            `
            ${connect}
            > AT+CIPRXGET=4,0␍
            < ${answer}
            = 0 REMOTE CLOSING
            # the count may be older than the last data
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,3,0⏎abc⏎OK⏎
            = 0 CLOSED
            = 0 received abc
        `,
            {},
            bringUp
        )
    })

    test("bytes that were lost on the UART end the connection", () => {
        playAllCuts(
            `
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,11,0⏎HELLO WRLD⏎OK⏎
            = 0 failure ReceiveTorn
            # not heard: there may be more of it
            > AT␍
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            ${status("IP PROCESSING")}
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 CLOSED
            # the application gets none of it
            = 0 received 
        `,
            {},
            bringUp
        )
    })

    test("an answer that stops in the middle ends the connection; the first OK may be its rest", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,100,0⏎HELLO
            . 5001
            = 0 failure ReceiveTorn
            > AT␍
            < ⏎OK⏎
            . 500
            ${resynchronise}
            ${status("IP PROCESSING")}
            > AT+CIPCLOSE=0␍
        `)
    })

    test("an answer that never comes ends the connection: it held data", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            . 5001
            ${resynchronise}
            ${status("IP PROCESSING")}
            = 0 failure ReceiveTorn
            > AT+CIPCLOSE=0␍
        `)
    })

    test.each([
        ["never comes", ". 5001", true],
        ["stops in the middle", "< ⏎+CIPRXGET: 2,0,100,0⏎HELLO\n. 5001", false],
        ["is mangled", "< ⏎+CIXGET: 2,0,5,0⏎HELLO⏎OK⏎", false],
    ])("the peer has closed, and the last answer %s", (_, answer, audit) => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎0, CLOSED⏎
            > AT+CIPRXGET=2,0,1460␍
            = 0 REMOTE CLOSING
            ${answer}
            ${audit ? resynchronise + status("IP STATUS") : ""}
            # not as if everything had been read
            = 0 failure ReceiveTorn
        `)
    })

    test("an answer whose OK was swallowed ends the connection", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            # four bytes are missing
            < ⏎+CIPRXGET: 2,0,11,0⏎HELLO W⏎OK⏎
            . 5300
            = 0 failure ReceiveTorn
        `)
    })

    test("an answer whose header was mangled ends the connection", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIXGET: 2,0,11,0⏎HELLO WORLD⏎OK⏎
            = 0 failure ReceiveTorn
        `)
    })

    test("an answer that comes too late is not lost", () => {
        playAllCuts(
            `
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            . 5001
            > AT␍
            < ⏎+CIPRXGET: 2,0,11,0⏎HELLO WORLD⏎OK⏎
            . 100
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            ${status("IP PROCESSING")}
            = 0 CONNECTED
            = 0 received HELLO WORLD
            > AT+CIPRXGET=4,0␍
        `,
            {},
            bringUp
        )
    })

    test("push: what the reader does not take in time ends its connection", () => {
        const driver = new Driver({
            reception: Reception.Push,
            flowControl: true,
            ring: 512,
            receiveBuffer: 256,
            stallTimeout: 10000,
        }).play(bringUpWith({ flow: "2,2", reception: "0" }))
        const modem = driver.modem
        driver.play(connect)
        const link = modem.links.list[0]
        // the application does not read
        const feed = (line: string) => {
            const data = bytes(line)
            let from = 0
            while (from < data.length && modem.ring.used < 512) {
                from += modem.ring.put(data, from, data.length - from)
                modem.poll(driver.now)
            }
            return from === data.length
        }
        expect(feed(`⏎+RECEIVE,0,300:⏎${"x".repeat(300)}`)).toBe(true)
        expect(link.readable).toBe(256)
        expect(modem.digest.stalled).toBe(true)
        feed("⏎+RECEIVE,0,4:⏎more⏎0, CLOSED⏎")
        expect(modem.pollAt(driver.now)).toBe(driver.now + 10000)
        driver.now += 9999
        modem.poll(driver.now)
        expect(link.failure).toBe(0)
        // in time: nothing is lost
        const out = Buffer.alloc(400)
        expect(read(modem.links, link, out, 0, 400)).toBe(256)
        modem.poll(driver.now)
        expect(link.readable).toBe(48)
        expect(modem.digest.stalled).toBe(false)
        driver.play("= 0 CLOSED")
        driver.play("= 0 failure ClosedByPeer")
    })

    test("push: a command does not time out amid a payload, whose rest looks like protocol", () => {
        new Driver({ reception: Reception.Push, flowControl: true })
            .play(bringUpWith({ flow: "2,2", reception: "0" }))
            .play(
                `
                ${connect}
                ! open b 1
                > AT+CIPSTART=1,"TCP","b",1␍
                < ⏎OK⏎⏎1, CONNECT OK⏎
                ! request AT+CSQ
                > AT+CSQ␍
                . 4900
                < ⏎+RECEIVE,0,20:⏎abcdef
                . 200
                < g⏎1, CLOSED⏎
                > AT␍
                = 0 CONNECTED
                = 1 CONNECTED
            `
            )
    })

    test("manual: the rest of an answer that comes late is not obeyed, whatever it looks like", () => {
        new Driver().play(bringUp).play(`
            ${connect}
            ! open b 1
            > AT+CIPSTART=1,"TCP","b",1␍
            < ⏎OK⏎
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,21,0⏎abcd
            . 5300
            = 0 failure ReceiveTorn
            > AT␍
            < ⏎1, CONNECT OK⏎⏎OK⏎
            = 1 CONNECTING
            < ⏎OK⏎
            . 150
            > AT+CIPSTATUS␍
        `)
    })

    test("push: behind what is dropped, the awaited response is still to come", () => {
        const driver = new Driver({
            reception: Reception.Push,
            flowControl: true,
            receiveBuffer: 256,
            stallTimeout: 10000,
        }).play(bringUpWith({ flow: "2,2", reception: "0" }))
        driver.play(`
            ${connect}
            ! open b 1
            > AT+CIPSTART=1,"TCP","b",1␍
            < ⏎OK⏎⏎1, CONNECT OK⏎
            ! send 1 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎+CIPSEND: 1,1460⏎⏎OK⏎
            > AT+CIPSEND=1,5␍
            < ⏎> \n            > hello
            . 1
        `)
        const modem = driver.modem
        // the end of what nobody reads looks like protocol
        const mimicry = "⏎1, CLOSED⏎"
        const text = `${"x".repeat(300)}${mimicry}`
        const data = bytes(
            `⏎+RECEIVE,0,${bytes(text).length}:⏎${text}⏎DATA ACCEPT:1,5⏎`
        )
        modem.ring.put(data, 0, data.length)
        modem.poll(driver.now)
        // by then AT+CIPSEND would have timed out
        driver.now += 80000
        modem.poll(driver.now)
        modem.poll(driver.now)
        driver.play(`
            = 0 failure ReceiveOverrun
            = 1 CONNECTED
            = 1 sending Done
        `)
    })

    test("push: too late is an overrun, and others go on", () => {
        const driver = new Driver({
            reception: Reception.Push,
            flowControl: true,
            receiveBuffer: 256,
            stallTimeout: 10000,
        }).play(bringUpWith({ flow: "2,2", reception: "0" }))
        driver.play(connect)
        const modem = driver.modem
        const data = bytes(`⏎+RECEIVE,0,300:⏎${"x".repeat(300)}⏎RING⏎`)
        modem.ring.put(data, 0, data.length)
        modem.poll(driver.now)
        driver.now += 10000
        modem.poll(driver.now)
        modem.poll(driver.now)
        driver.play(`
            = 0 failure ReceiveOverrun
            > AT+CIPCLOSE=0␍
        `)
        expect(modem.digest.unwanted).toBe(44)
    })
})

describe("closing", () => {
    test("ERROR means that it is closed already (real log 8)", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! close 0
            > AT+CIPCLOSE=0␍
            < ⏎ERROR⏎
            = 0 INITIAL
        `)
    })

    test("at the same time on both sides", () => {
        new Driver()
            .play(
                `
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            ! close 0
            < ⏎0, CLOSED⏎⏎OK⏎
            = 0 INITIAL
            . 1000000
        `
            )
            .silent()
    })

    test("without an answer is tried again", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! close 0
            > AT+CIPCLOSE=0␍
            . 20001
            = 0 CLOSING
            ${resynchronise}
            ${status("IP PROCESSING")}
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 INITIAL
        `)
    })
})

describe("AT+CIPSTATUS says what URCs have not", () => {
    const lost = `
        ! send 0 hello
        > AT+CIPSEND?␍
        . 5001
        ${resynchronise}
    `

    test("the peer had closed", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ${lost}
            ${status("IP PROCESSING", 'C: 0,0,"TCP","1.2.3.4","80","CLOSED"')}
            = 0 sending Failed ClosedByPeer
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            = 0 CLOSED
            = 0 failure ClosedByPeer
        `)
    })

    test("all is well: what was wanted is done", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ${lost}
            ${status("IP PROCESSING")}
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
        `)
    })

    test.each([
        ["INITIAL", "CLOSED"],
        ["CONNECTING", "CONNECTING"],
        ["CONNECTED", "CONNECTED"],
        ["REMOTE CLOSING", "CLOSED"],
        ["CLOSING", "CLOSED"],
        ["CLOSED", "CLOSED"],
    ])("of one that is coming up it is %s", (word, link) => {
        const driver = new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            . 10001
            ${resynchronise}
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","1.2.3.4","80","${word}"⏎
            < C: 1,0,"TCP","1.2.3.4","80","${word}"⏎C: 2,,"","","","INITIAL"⏎
            # the numbers and the state are missing
            < C: 3⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
            = 0 ${link}
        `)
        // another one, that nobody has asked for, takes memory if it is there
        const there = word === "CONNECTING" || word === "CONNECTED"
        expect(driver.modem.links.list.length).toBe(there ? 2 : 1)
        if (there) driver.play("> AT+CIPCLOSE=1␍")
    })

    test("the context is gone", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ${lost}
            ${status("PDP DEACT")}
            = 0 CLOSED
            = 0 failure PdpDeactivated
            > AT+CSQ␍
        `)
    })

    test("the modem knows nothing any more: it has restarted", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ${connect}
            ${lost}
            ${status("IP INITIAL", 'C: 0,,"","","","INITIAL"')}
            = 0 CLOSED
            = 0 failure Restarted
            > AT␍
        `)
        expect(driver.modem.bearer.restarts).toBe(1)
    })

    test("it has restarted, and thinks of a single connection", () => {
        const driver = playAllCuts(
            `
            ${connect}
            ${lost}
            < ⏎OK⏎⏎STATE: IP INITIAL⏎
            = 0 CLOSED
            = 0 failure Restarted
        `,
            {},
            bringUp
        )
        expect(driver.modem.bearer.restarts).toBe(1)
    })

    test("a connection is there that nobody wants: it is closed", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ${lost}
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","1.2.3.4","80","CONNECTED"⏎
            < C: 1,0,"TCP","1.2.3.4","80","CONNECTED"⏎C: 2,0,"TCP","1.2.3.4","80","CLOSED"⏎
            < C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
            > AT+CIPCLOSE=1␍
            < ⏎1, CLOSE OK⏎
        `)
    })

    test("CONNECT OK was missed", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            . 10001
            ${resynchronise}
            ${status("IP PROCESSING")}
            = 0 CONNECTED
        `)
    })

    test("that it does not come up again and again: start over", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ${lost}
            . 5001
            ${resynchronise}
            . 5001
            ${resynchronise}
            . 5001
            = 0 CLOSED
            = 0 failure Desynchronised
            > AT␍
            < ⏎OK⏎
            > ATE0␍
        `)
    })
})

test("numbers of connections that do not exist change nothing (lwcell)", () => {
    const driver = new Driver({ connections: 2 }).play(`
        ${bringUp}
        ${connect}
        < ⏎9, CLOSED⏎⏎6, CONNECT OK⏎⏎2, CLOSED⏎⏎+CIPRXGET: 1,9⏎⏎+CIPSEND: 9,1⏎
        < ⏎+RECEIVE,7,5:⏎hello⏎+CIPRXGET: 2,8,5,0⏎world⏎OK⏎
        = 0 CONNECTED
        = 0 received 
    `)
    expect(driver.modem.links.badNumbers).toBe(6)
    expect(driver.modem.digest.unwanted).toBe(10)
})

test("several connections have their turns", () => {
    const driver = new Driver({ quickSend: true }).play(
        bringUpWith({ quick: "1" })
    )
    for (let id = 0; id < 3; id++)
        driver.play(`
            ! open host${id} 1
            > AT+CIPSTART=${id},"TCP","host${id}",1␍
            < ⏎OK⏎⏎${id}, CONNECT OK⏎
        `)
    driver.play(`
        ! send 0 aaaaaaaaa
        > AT+CIPSEND?␍
        ! send 1 bbbbbbbbb
        ! send 2 ccccccccc
        < ⏎+CIPSEND: 0,3⏎+CIPSEND: 1,3⏎+CIPSEND: 2,3⏎⏎OK⏎
    `)
    const order: string[] = []
    for (let i = 0; i < 9; i++) {
        driver.settle()
        const id = Number(text(driver.out)[11])
        order.push("abc"[id])
        driver.play(`
            > AT+CIPSEND=${id},3␍
            < ⏎> 
            > ${"abc"[id].repeat(3)}
            < ⏎DATA ACCEPT:${id},3⏎
        `)
    }
    expect(order.join("")).toBe("bcabcabca")
})

describe("refusals", () => {
    const status0 = (state: string, zero: string) =>
        `
            < ⏎OK⏎⏎STATE: ${state}⏎
            < C: 0,0,"TCP","1.2.3.4","80","${zero}"⏎${[1, 2, 3, 4, 5].map(i => `C: ${i},,"","","","INITIAL"⏎`).join("")}
        `

    test("AT+CIPSEND? that is not known: what is left of a segment", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 ${"x".repeat(1500)}
            > AT+CIPSEND?␍
            < ⏎ERROR⏎
            > AT+CIPSEND=0,1024␍
            < ⏎> 
            > ${"x".repeat(1024)}
            < ⏎0, SEND OK⏎
            > AT+CIPSEND=0,476␍
            < ⏎> 
            > ${"x".repeat(476)}
            < ⏎0, SEND OK⏎
            = 0 sending Done
        `)
        const link = driver.modem.links.list[0]
        expect([link.accepted, link.sent, link.source]).toEqual([
            1500,
            1500,
            null,
        ])
    })

    test("a send that is refused twice: is the connection still there?", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎ERROR⏎
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎ERROR⏎
            > AT+CIPSTATUS␍
            ${status0("IP PROCESSING", "CONNECTED")}
            = 0 CONNECTED
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎ERROR⏎
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            < ⏎0, SEND OK⏎
            = 0 sending Done
        `)
    })

    describe("a modem whose buffers are full for a moment", () => {
        const segment = (text: string) => `
            > AT+CIPSEND=0,${text.length}␍
            < ⏎> 
            > ${text}
            < ⏎0, SEND OK⏎
        `
        const asked = (room: number) => `
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,${room}⏎⏎OK⏎
        `
        const x = (n: number) => "x".repeat(n)

        test("is asked again when what it took is used up", () => {
            new Driver().play(`
                ${bringUp}
                ${connect}
                ! send 0 ${x(3000)}
                ${asked(1460)}
                > AT+CIPSEND=0,1460␍
                < ⏎ERROR⏎
                ${asked(10)}
                ${segment(x(10))}
                ${asked(600)}
                ${segment(x(600))}
                ${asked(1460)}
                ${segment(x(1460))}
                ${segment(x(930))}
                = 0 sending Done
            `)
        })

        test.each([1352, 10])(
            "%i is all that it ever takes: it is not asked again",
            room => {
                new Driver().play(`
                    ${bringUp}
                    ${connect}
                    ! send 0 ${x(3 * room)}
                    ${asked(room)}
                    ${segment(x(room)).repeat(3)}
                    = 0 sending Done
                `)
            }
        )
    })

    test("no room for two minutes: it is given up", () => {
        const driver = new Driver({ receivePoll: 1_000_000 }).play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
        `)
        const begin = driver.now
        for (let i = 0; driver.now - begin < 120_000; i++)
            driver.play(`
                > AT+CIPSEND?␍
                < ⏎+CIPSEND: 0,0⏎⏎OK⏎
                = 0 sending Wanted
            `)
        driver.play(`
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,0⏎⏎OK⏎
            = 0 sending Failed SendRefused
        `)
    })

    test("data that were announced, and a read that is refused: the modem may have given them away", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            = 0 failure ReceiveTorn
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 CLOSED
        `)
    })

    test("a count that is not understood is asked for again", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRX⏎⏎OK⏎
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,5⏎⏎OK⏎
            > AT+CIPRXGET=2,0,1460␍
        `)
    })

    test("CLOSED, and the read behind it is refused once: the command may have come damaged", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎0, CLOSED⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,3,0⏎bye⏎OK⏎
            = 0 failure ClosedByPeer
            = 0 received bye
        `)
    })

    test("CLOSED, and the read behind it is refused twice: there was nothing", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎0, CLOSED⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎ERROR⏎
            = 0 failure ClosedByPeer
        `)
    })

    test("AT+CIPSTART while the stack is busy is repeated, until its time is over", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ! open a 1
        `)
        for (let tries = 0; tries < 8; tries++)
            driver
                .play(
                    `
                    = 0 CONNECTING
                    > AT+CIPSTART=0,"TCP","a",1␍
                    . 9000
                    < ⏎+CME ERROR: 181⏎
                    . 999
                `
                )
                .silent()
        // 80 s behind the first refusal
        driver.play(`
            > AT+CIPSTART=0,"TCP","a",1␍
            . 9000
            < ⏎+CME ERROR: 181⏎
            = 0 failure ConnectRefused
        `)
    })

    test("AT+CIPSTART of a connection that was given up meanwhile: is there one?", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            ! close 0
            = 0 QUARANTINE
            < ⏎ERROR⏎
            = 0 DOUBTFUL
            > AT+CIPSTATUS␍
            ${status0("IP STATUS", "INITIAL")}
            = 0 INITIAL
        `)
    })
})

test("numbers that were not asked for: lines of theirs change nothing", () => {
    const driver = new Driver({ connections: 2 }).play(`
        ${bringUp}
        ${connect}
        ! send 0 hello
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,9999⏎+CIPSEND: 1,1460⏎+CIPSEND: 2,1460⏎⏎OK⏎
        > AT+CIPSEND=0,5␍
        < ⏎> 
        > hello
        < ⏎+CIPRXGET: 1,2⏎⏎2, CLOSED⏎⏎2, CONNECT OK⏎⏎2, REMOTE IP: 10.0.0.9⏎
        < ⏎0, SEND OK⏎
        = 0 sending Done
        = 0 CONNECTED
    `)
    expect(driver.modem.links.badNumbers).toBe(4)
    expect(driver.modem.links.list.length).toBe(1)
})

test("a connection takes its memory when its number is used, and keeps it", () => {
    const driver = new Driver()
    const { list } = driver.modem.links
    driver.play(`
        ${bringUp}
        ${connect}
    `)
    expect(list.length).toBe(1)
    driver.play(`
        ! open b 2
        > AT+CIPSTART=1,"TCP","b",2␍
        < ⏎+CME ERROR: 3⏎
        = 1 DOUBTFUL
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎
        < ⏎C: 0,0,"TCP","1.2.3.4","80","CONNECTED"⏎C: 1,,"","","","INITIAL"⏎
        # one that the driver has not opened it closes
        < C: 2,,"","","","INITIAL"⏎C: 3,0,"TCP","1.2.3.4","81","CONNECTED"⏎
        < C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
        = 1 CLOSED
        = 3 CLOSING
        > AT+CIPCLOSE=3␍
        < ⏎3, CLOSE OK⏎
        = 3 INITIAL
    `)
    expect(list.length).toBe(4)
    driver.play(`
        ! open c 3
        > AT+CIPSTART=2,"TCP","c",3␍
        < ⏎OK⏎⏎2, CONNECT OK⏎
    `)
    expect(list.length).toBe(4)
})

/*
 * 2³¹ ms are 24.9 days: a time that was set so long ago looks like one that is
 * to come.
 */
describe.each([25, 50])("after %i days", days => {
    const later = days * 86_400_000
    /** A connection that was asked for data every three minutes all the time. */
    function old(): Driver {
        const driver = new Driver({ receivePoll: 180_000 })
        driver.play(bringUp + connect)
        for (const end = driver.now + later; driver.now < end;)
            driver.play(`
                > AT+CIPRXGET=4,0␍
                < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
            `)
        return driver
    }

    test("a connection receives, sends, and closes", () => {
        const driver = old().play(`
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,2,0⏎hi⏎OK⏎
            = 0 received hi
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,0⏎⏎OK⏎
            . 199
        `)
        driver.silent().play(`
            . 1
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            < ⏎0, SEND OK⏎
            ! close 0
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            = 0 INITIAL
        `)
    })

    test("a connection whose close is not answered is closed again", () => {
        old().play(`
            ! close 0
            > AT+CIPCLOSE=0␍
            . 20001
            = 0 CLOSING
            ${resynchronise}
            ${status("IP PROCESSING")}
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            . 1
            = 0 INITIAL
        `)
    })

    test("what was wanted before the start is done", () => {
        const driver = new Driver().play("! open 116.228.221.51 8500")
        driver.now += later
        driver.play(`
            ${bringUp.replace("= state IP STATUS", "= state IP PROCESSING")}
            > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
        `)
    })
})
