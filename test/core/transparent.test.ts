/**
 * Transparent mode (application note 2.2), played to the driver with the
 * modem's real bytes, whatever the cutting.
 */
import { describe, expect, test } from "vitest"
import { Reception } from "../../src/core/config"
import { DataMode } from "../../src/core/data-mode/data-mode"
import type { ModemConfig } from "../../src/core/options"
import {
    bringUpWith,
    connect as connectMulti,
    Driver,
    playAllCuts,
    rebuildWith,
    reactivateWith,
} from "./dialogue"

const options: Partial<ModemConfig> = {
    multi: false,
    transparent: true,
    reception: Reception.Push,
    flowControl: true,
}
const up = { transparent: "DTR", flow: "2,2", reception: "0" } as const
const byDtr = bringUpWith(up)

const withoutDtr: Partial<ModemConfig> = { ...options, dtr: false }
const byPlus = bringUpWith({ ...up, transparent: "+++" })

const connect = `
! open 116.228.221.51 8500
> AT+CIPSTART="TCP","116.228.221.51",8500␍
< ⏎OK⏎
= data Off
! dcd low
< ⏎CONNECT⏎
= data Data
= 0 CONNECTED
= state CONNECT OK
`

/** Leaves data mode; the modem answers within its time. */
const leave = `
! leave
. 1100
= data Escaping
= dtr high
< ⏎OK⏎
. 400
= data Command
= dtr low
= 0 CONNECTED
`

const leaveByPlus = `
! leave
> +++
. 1000
< ⏎OK⏎
. 400
= data Command
= 0 CONNECTED
`

const listens = `
! listen 1234
> AT+CIPSERVER=1,1234␍
< ⏎OK⏎⏎SERVER OK⏎
`

/** … and a peer is there. */
const serving = `
${listens}
! dcd low
< ⏎CONNECT⏎
! accept
`

/** DCD and CLOSED may both be false: data mode is left by the rules, and the modem asked. */
const ended = `
= 0 CONNECTED
> AT␍
< ⏎OK⏎
> AT+CIPSTATUS␍
< ⏎OK⏎⏎STATE: TCP CLOSED⏎
= data Off
`

describe("2.2.4: three plus signs alone would lead out of data mode", () => {
    test.each([
        ["+++", false],
        ["a+++", true],
        ["+++a", true],
        ["++++", true],
        ["++ +", false],
        ["+ ++", false],
        ["+ + +", false],
        ["++ ++", true],
        // the first ones may be long ago
        ["++ ++ +", false],
        ["++ +", false],
        ["+ + a +", true],
        ["+ a ++", true],
        ["a+ ++", true],
        ["a+++ ++", true],
        ["a +++", false],
        ["++++ +++", false],
    ])("%s, each in a send of its own: allowed is %s", (sends, allowed) => {
        const data = new Driver(options).modem.data as DataMode
        const parts = sends.split(" ").map(part => Buffer.from(`x${part}x`))
        const refusals = parts.map(part =>
            data.forbids(part, 1, part.length - 2)
        )
        expect(refusals.slice(0, -1).join("")).toBe("")
        expect(refusals.at(-1) === "").toBe(allowed)
    })

    test("they are data where that is switched off, and behind CONNECT all begins anew", () => {
        const driver = new Driver(options).play(byDtr).play(connect)
        const data = driver.modem.data as DataMode
        const plusses = Buffer.from("+++")
        expect(data.forbids(plusses, 0, 2)).toBe("")
        expect(data.forbids(plusses, 0, 1)).not.toBe("")
        driver.play(leave).play(`
            ! resume
            > ATO␍
            < ⏎CONNECT⏎
        `)
        expect(data.forbids(plusses, 0, 1)).toBe("")
        data.escapes = false
        expect(data.forbids(plusses, 0, 3)).toBe("")
    })
})

test("2.2.2: AT+CIPCCFG", () => {
    const transfer = "5,2,1024,1,0,1460,50"
    playAllCuts(bringUpWith({ ...up, transfer }), { ...options, transfer })
})

describe("2.2.3", () => {
    test("TCP client, the example", () => {
        const driver = playAllCuts(
            `
            ${connect}
            ! send 0 not echoed
            > not echoed
            = 0 sending Done
            ${leave}
            ! resume
            > ATO␍
            < ⏎CONNECT⏎
            = data Data
            < SIM800 channel test
            = 0 received SIM800 channel test
            # the row that the scan has lost
            ! dcd high
            < ⏎CLOSED⏎
            ${ended}
            = 0 CLOSED
            = 0 failure ClosedByPeer
            = 0 received SIM800 channel test
            = state TCP CLOSED
        `,
            options,
            byDtr
        )
        expect(driver.log.filter(line => line.startsWith("data"))).toEqual([
            "data Data",
            "data Silence",
            "data Escaping",
            "data Command",
            "data Data",
            "data Ending",
            "data Silence",
            "data Escaping",
            "data Command",
            "data Off",
        ])
    })

    test("any bytes, both ways, from the first one on", () => {
        playAllCuts(
            `
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            ! dcd low
            < ⏎OK⏎⏎CONNECT⏎⏎OK⏎AT␍␀␚␛\\xff⏎ERROR⏎⏎CONNECT⏎⏎+IPD,3:> +++
            ! send 0 ⏎OK⏎+++␚␛␀\\xff
            > ⏎OK⏎+++␚␛␀\\xff
            = 0 sending Done
            = 0 received ⏎OK⏎AT␍␀␚␛\\xff⏎ERROR⏎⏎CONNECT⏎⏎+IPD,3:> +++
            = data Data
        `,
            options,
            byDtr
        )
    })

    test("UDP client", () => {
        playAllCuts(
            `
            ! udp 116.228.221.51 9600
            > AT+CIPSTART="UDP","116.228.221.51",9600␍
            < ⏎OK⏎
            = state UDP CONNECTING
            ! dcd low
            < ⏎CONNECT⏎UDP test
            = 0 received UDP test
            ! send 0 SIM800 UDP test
            > SIM800 UDP test
            = 0 sending Done
            ! close 0
            . 1100
            = dtr high
            = state UDP CLOSING
            < ⏎OK⏎
            > AT+CIPCLOSE␍
            ! dcd high
            < ⏎CLOSE OK⏎
            = 0 INITIAL
            = state UDP CLOSED
        `,
            options,
            byDtr
        )
    })

    test.each([
        ["not shown", "", "0.0.0.0"],
        ["shown", "< ⏎REMOTE IP: 10.78.103.220⏎", "10.78.103.220"],
    ])("server, the address of the peer is %s", (_, shown, address) => {
        const driver = playAllCuts(
            `
            ${listens}
            = state SERVER LISTENING
            ${shown}
            ! dcd low
            < ⏎CONNECT⏎hello
            ! accept
            = data Data
            = state CONNECT OK
            = 0 received hello
            ! send 0 welcome
            > welcome
            ! dcd high
            < ⏎CLOSED⏎
            ${ended.replace("TCP CLOSED", "SERVER LISTENING")}
            = 0 CLOSED
            = state SERVER LISTENING
        `,
            options,
            byDtr
        )
        expect(driver.log).toContain("accepted 0 " + address)
    })

    test("server: a peer who may have got a command as his data is turned away", () => {
        new Driver(options).play(byDtr).play(`
            ${listens}
            ! request AT+CSQ
            > AT+CSQ␍
            ! dcd low
            < ⏎CONNECT⏎hi
            = 0 failure Desynchronised
            = data Silence
            . 1100
            = dtr high
            < ⏎OK⏎
            > AT␍
        `)
    })

    test("server: the next peer waits for a slow reader, and nothing spins", () => {
        const driver = new Driver({ ...options, receiveBuffer: 64 })
        driver.play(byDtr).play(`
            ${serving}
            ! keep 0
            ! dcd high
            ! dcd low
            < ${"x".repeat(100)}⏎RDY⏎
            = data Silence
            < ⏎CLOSED⏎⏎CONNECT⏎hi
            . 5000
            = data Silence
        `)
        driver.modem.poll(driver.now)
        expect(driver.pause()).toBeGreaterThan(0)
    })

    test.each([
        ["a glitch of DCD shows what the peer has said", "⏎CLOSED⏎a⏎CONNECT⏎b"],
        ["… in text", "⏎CLOSED⏎all doors⏎CONNECT⏎the wires"],
    ])("server: %s, and that is no next peer", (_, said) => {
        const driver = new Driver(options).play(byDtr).play(`
            ${serving}
            < hello
            ! dcd high
            < ${said}
            . 20
            ! dcd low
            . 5000
            = data Data
            = 0 received hello${said}
            ! dcd high
            < ⏎CLOSED⏎⏎RING⏎
            ! dcd low
            < ⏎CONNECT⏎hi
            . 2000
            = data Data
            = 0 received hello${said}hi
        `)
        // the next peer has a use of the number of his own
        const uses = driver.log.filter(line => /LISTENING|accepted/.test(line))
        expect(uses).toEqual([
            "Ready|SERVER LISTENING|",
            "accepted 0 0.0.0.0",
            "Ready|SERVER LISTENING|",
        ])
    })

    test("server: the next peer comes and goes while no OK comes", () => {
        const driver = new Driver(options).play(byDtr).play(`
            ${serving}
            . 2000
            < hello
            ! leave
            = data Escaping
            ! dcd high
            < ⏎CLOSED⏎⏎REMOTE IP: 10.7.0.1⏎⏎RING⏎⏎CONNECT⏎bye⏎CLOSED⏎
            . 5000
            = 0 received hellobye
        `)
        expect(driver.log).toContain("urc RING")
    })

    test("server: the next peer comes behind the OK of the escape", () => {
        new Driver(options).play(byDtr).play(`
            ${serving}
            . 2000
            ! leave
            = data Escaping
            < hello⏎OK⏎
            ! dcd high
            < ⏎CLOSED⏎
            ! dcd low
            < ⏎CONNECT⏎${hundred}${hundred}
            . 5000
            = data Data
            = 0 received hello${hundred}${hundred}
            ! send 0 welcome
            > welcome
            # what he says is no one after him
            < ⏎CLOSED⏎⏎CONNECT⏎bye
            . 200
            = 0 received hello${hundred}${hundred}⏎CLOSED⏎⏎CONNECT⏎bye
        `)
    })

    test("server: who says CLOSED and CONNECT during the escape is no next peer", () => {
        const said = `⏎CLOSED⏎⏎CONNECT⏎${hundred}${hundred}`
        const driver = new Driver(options).play(byDtr).play(`
            ${serving}
            . 2000
            ! leave
            = data Escaping
            < ${said}⏎OK⏎
            . 5000
            = data Command
            = 0 received ${said}
        `)
        expect(driver.log).toContain("data Command")
    })

    test("server: CLOSED that may be an earlier one's is not believed, but CONNECT is", () => {
        const driver = new Driver(options).play(byDtr).play(`
            ${serving}
            ! dcd high
            < ⏎CLOSED⏎
            ! dcd low
            < ⏎CONNECT⏎one
            ! accept
            ! dcd high
            < ⏎CLOSED⏎
            ! dcd low
            < ⏎CONNECT⏎two
            ! accept
            = data Data
        `)
        const accepted = driver.log.filter(line => line.startsWith("accepted"))
        expect(accepted).toHaveLength(3)
    })

    test("server: behind a slow reader DCD is on again when CLOSED is read", () => {
        const driver = new Driver({ ...options, receiveBuffer: 64 })
        driver.play(byDtr).play(`
            ${serving}
            ! keep 0
            < ${hundred}
            ! dcd high
            . 500
            ! dcd low
            . 1000
            = data Data
            < ⏎CLOSED⏎⏎CONNECT⏎one
            . 100
            ! read 0
            . 100
            ! accept
            = data Data
            = 0 received ${hundred}one
        `)
    })

    test("server: behind a slow reader each absence of DCD is that of a peer", () => {
        const driver = new Driver({ ...options, receiveBuffer: 64 })
        const absent = "! dcd high\n. 500\n! dcd low\n. 1000"
        driver.play(byDtr).play(`
            ${serving}
            ! keep 0
            < ${hundred}
            ${absent}
            ${absent}
            < ⏎CLOSED⏎⏎CONNECT⏎one⏎CLOSED⏎⏎CONNECT⏎two⏎CLOSED⏎⏎CONNECT⏎
            . 100
            ! read 0
            . 100
            ! accept
            = data Data
            # the third pair is the second peer's own words
            = 0 received ${hundred}onetwo⏎CLOSED⏎⏎CONNECT⏎
        `)
        const closed = driver.log.filter(line => line.endsWith("LISTENING|"))
        expect(closed).toHaveLength(3)
    })

    test("server: nothing is sent to the next peer while the reader of the last one is slow", () => {
        const driver = new Driver({ ...options, receiveBuffer: 64 })
        driver
            .play(byDtr)
            .play(
                `
                ${serving}
                ! keep 0
                < ${hundred}
                ! dcd high
                . 500
                ! dcd low
                . 1000
                < ⏎CLOSED⏎⏎CONNECT⏎one
                ! send 0 late
                . 5000
                = 0 sending Wanted
            `
            )
            .silent()
        driver.modem.poll(driver.now)
        expect(driver.pause()).toBeGreaterThan(0)
    })

    test("CONNECT OK: it is not in data mode, so it is no use", () => {
        playAllCuts(
            `
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            = 0 CLOSED
            = 0 failure SetupRefused
            = data Off
            # AT+CIPMODE=1 is lost: the context is brought up anew with it
            ${rebuildWith({ transparent: "DTR", flow: "2,2", reception: "0" })}
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
        `,
            options,
            byDtr
        )
    })

    test("CONNECT OK again and again: the modem is reset", () => {
        const driver = new Driver(options).play(byDtr)
        const refused = `
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ! close 0
        `
        const anew = rebuildWith({
            transparent: "DTR",
            flow: "2,2",
            reception: "0",
        })
        driver.play(`
            ${refused}
            ${anew}
            ${refused}
            ${anew}
            ${refused}
            > AT+CFUN=1,1␍
        `)
    })

    test("a damaged CONNECT: DCD says that data mode is on, and data are missing", () => {
        new Driver(options).play(byDtr).play(`
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            ! dcd low
            < ⏎CONN\\xffCT⏎
            . 999
            = data Off
            . 1
            = data Silence
            = 0 failure Desynchronised
            . 1100
            = dtr high
            < ⏎OK⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            = 0 CLOSED
        `)
    })

    test("nobody listens", () => {
        playAllCuts(
            `
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎⏎CONNECT FAIL⏎
            = 0 CLOSED
            = 0 failure ConnectFailed
            = data Off
            ! close 0
            ${connect}
        `,
            options,
            byDtr
        )
    })
})

describe("2.2.4", () => {
    test("DTR is low for a second, then goes up", () => {
        playAllCuts(
            `
            ${connect}
            ! leave
            . 1099
            = data Silence
            = dtr low
            . 1
            = data Escaping
            = dtr high
            # not the modem's: more follows
            < ⏎OK⏎data
            . 100
            = data Escaping
            < more⏎OK⏎
            . 400
            = data Command
            = dtr low
            = 0 received ⏎OK⏎datamore
        `,
            options,
            byDtr
        )
    })

    test("DTR that has been low for long goes up at once", () => {
        playAllCuts(
            `
            ${connect}
            . 5000
            ! leave
            = dtr high
            < the last⏎OK⏎⏎RING⏎
            . 400
            = data Command
            = 0 received the last
        `,
            options,
            byDtr
        )
    })

    test("+++ with silence in front and behind", () => {
        playAllCuts(
            `
            ${connect}
            ! send 0 last
            > last
            ! leave
            . 1099
            = data Silence
            > +++
            = data Escaping
            . 900
            < still ⏎OK⏎ coming
            . 100
            < ⏎OK⏎
            # this may be the peer's: 1 s is not over
            = data Escaping
            . 400
            = data Command
            = 0 received still ⏎OK⏎ coming
            ! resume
            > ATO␍
            < ⏎CONNECT⏎here
            = data Data
            = 0 received still ⏎OK⏎ cominghere
        `,
            withoutDtr,
            byPlus
        )
    })

    test("what is to be sent waits for data mode", () => {
        playAllCuts(
            `
            ${connect}
            ${leaveByPlus}
            ! send 0 later
            . 5000
            = 0 sending Wanted
            ! request AT+CSQ
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            = answer Ok +CSQ: 20,0␊
            ! resume
            > ATO␍
            < ⏎CONNECT⏎
            > later
            = 0 sending Done
        `,
            withoutDtr,
            byPlus
        )
    })

    test("data in command mode are data, too", () => {
        playAllCuts(
            `
            ${connect}
            ${leave}
            < some firmware⏎does this
            . 100
            = 0 received some firmware⏎does this
            = data Command
        `,
            { ...options, printedData: true },
            byDtr
        )
    })

    test("an escape that is not obeyed is done once more", () => {
        playAllCuts(
            `
            ${connect}
            ! leave
            . 1100
            = dtr high
            < data
            . 3200
            = data Silence
            = dtr low
            < more
            . 1100
            = dtr high
            < ⏎OK⏎
            . 400
            = data Command
            = 0 received datamore
            ! resume
            > ATO␍
            < ⏎CONNECT⏎
            ! send 0 goes on
            > goes on
        `,
            options,
            byDtr
        )
    })

    test.each([
        "+IPD,3:abc",
        "⏎+IPD,3:abc",
        "⏎+RECEIVE,0,3:⏎abc",
        "⏎+IPD,99999:",
    ])(
        "%s in command mode: no such data come, and nothing is swallowed",
        said => {
            const { received } = playAllCuts(
                `
                ${connect}
                ${leave}
                < ${said}⏎
                ! dcd high
                < ⏎CLOSED⏎
                = 0 failure ClosedByPeer
                = data Off
            `,
                options,
                byDtr
            )
            expect(received[0].toString()).toBe("")
        }
    )

    test("OK is lost: nobody knows the mode, so the socket ends before a command", () => {
        playAllCuts(
            `
            ${connect}
            ! leave
            . 1100
            = dtr high
            < ⏎O
            . 3200
            = 0 CONNECTED
            . 4100
            = data Command NotEscaped
            = 0 CLOSING
            = 0 failure NotEscaped
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: CONNECT OK⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            = data Off NotEscaped
        `,
            options,
            byDtr
        )
    })

    test.each([
        ["ERROR", "⏎ERROR⏎"],
        ["+CME ERROR", "⏎+CME ERROR: 3⏎"],
        ["NO CARRIER (before manual V1.01)", "⏎NO CARRIER⏎"],
    ])("ATO answered by %s: the connection is gone", (_, answer) => {
        playAllCuts(
            `
            ${connect}
            ${leave}
            ! resume
            > ATO␍
            < ${answer}
            = data Command NotResumed
            > AT+CIPSTATUS␍
            ! dcd high
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎
            = 0 CLOSED
            = 0 failure ClosedByPeer
            = state TCP CLOSED
        `,
            options,
            byDtr
        )
    })

    test("ATO refused, the connection is there", () => {
        playAllCuts(
            `
            ${connect}
            ${leave}
            ! resume
            > ATO␍
            < ⏎ERROR⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: CONNECT OK⏎
            = data Command NotResumed
            = 0 CONNECTED
            ! resume
            > ATO␍
            < ⏎CONNECT⏎
            = data Data
        `,
            options,
            byDtr
        )
    })

    test("the peer closes in command mode, and before ATO is answered", () => {
        playAllCuts(
            `
            ${connect}
            ${leave}
            ! resume
            > ATO␍
            ! dcd high
            < ⏎CLOSED⏎
            = 0 CLOSED
            = 0 failure ClosedByPeer
            < ⏎ERROR⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎
            = phase Ready
        `,
            options,
            byDtr
        )
    })

    test("DCD that is not wired: the end could not be told, so it is no use", () => {
        const driver = new Driver(options).play(`
            ${byDtr}
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎⏎CONNECT⏎
            = data Data
            . 900
            = 0 failure None
        `)
        expect(driver.pause()).toBe(100)
        driver.play(`
            . 100
            = 0 failure NoCarrier
        `)
        expect(driver.modem.uart.dcd).toBe(false)
    })

    test("what looks like the end, and comes before DCD is on, waits for DCD", () => {
        const opened = `
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎⏎CONNECT⏎
            < all of it⏎CLOSED⏎⏎OK⏎
            = data Data
            = 0 received all of it
        `
        playAllCuts(
            `
            ${opened}
            ! dcd low
            . 100
            = 0 received all of it⏎CLOSED⏎⏎OK⏎
        `,
            options,
            byDtr
        )
        // what has been sent was taken for commands, and answered
        playAllCuts(
            `
            ${opened}
            . 1000
            = 0 failure NoCarrier
            = 0 received all of it
        `,
            options,
            byDtr
        )
    })

    test("CLOSED in front of +PDP: DEACT is not data either", () => {
        for (const between of ["", "␊", "␀⏎"])
            playAllCuts(
                `
                ${connect}
                < all of it
                ! dcd high
                < ⏎CLOSED⏎${between}⏎+PDP: DEACT⏎
                . 1100
                = dtr high
                > AT␍
                = 0 received all of it
            `,
                options,
                byDtr
            )
    })

    test("as long as nothing happens nothing is done; when it is due, it is", () => {
        const driver = new Driver(options).play(byDtr).play(connect)
        const polls = (transcript: string): number => {
            const before = driver.polls
            driver.play(transcript)
            return driver.polls - before
        }
        // once a second at first, until DCD has been seen for sure
        driver.play(". 2000")
        expect(polls(". 3000000")).toBeLessThanOrEqual(3)
        // what looks like the end is looked at once more
        expect(polls("< all of it")).toBeLessThanOrEqual(3)
        expect(polls("< ⏎CLOSED⏎")).toBeLessThanOrEqual(3)
        expect(polls(". 3000000")).toBeLessThanOrEqual(6)
        driver.play("= 0 received all of it⏎CLOSED⏎")
        driver.play(`
            ! leave
            = data Escaping
            < ⏎OK⏎
            . 149
            = data Escaping
            . 151
            = data Command
        `)
        // command mode: until the modem is asked whether it is still there
        expect(polls(". 599000")).toBeLessThanOrEqual(5)
    })

    test("the context is lost while data mode is being left", () => {
        playAllCuts(
            `
            ${connect}
            ! leave
            . 1100
            = data Escaping
            < last words
            ! dcd high
            < ⏎+PDP: DEACT⏎
            ${ended.replace("TCP CLOSED", "PDP DEACT")}
            > AT+CSQ␍
            = 0 received last words
            = 0 failure PdpDeactivated
            = dtr low
        `,
            options,
            byDtr
        )
    })

    test("the peer closes while data mode is being left", () => {
        playAllCuts(
            `
            ${connect}
            ! leave
            . 1100
            = data Escaping
            < bye
            ! dcd high
            < ⏎CLOSED⏎
            ${ended}
            = 0 CLOSED
            = 0 failure ClosedByPeer
            = 0 received bye
            = dtr low
        `,
            options,
            byDtr
        )
    })

    test("closing here leaves data mode first", () => {
        playAllCuts(
            `
            ${connect}
            ! close 0
            > +++
            . 1000
            < nobody wants this⏎OK⏎
            . 400
            > AT+CIPCLOSE␍
            ! dcd high
            < ⏎CLOSE OK⏎
            = 0 INITIAL
            = 0 received 
            = state TCP CLOSED
            ${connect}
        `,
            withoutDtr,
            byPlus
        )
    })

    describe("data that look like the end", () => {
        test("are data as long as DCD is low", () => {
            playAllCuts(
                `
                ${connect}
                < ⏎CLOSED⏎
                . 100
                = 0 received ⏎CLOSED⏎
                < ⏎+PDP: DEACT⏎
                . 100
                < ⏎CLOSED⏎not yet
                = data Data
                < now⏎CLOSED⏎
                . 100
                ! dcd high
                < ⏎CLOSED⏎
                ${ended}
                = 0 CLOSED
                = 0 received ⏎CLOSED⏎⏎+PDP: DEACT⏎⏎CLOSED⏎not yetnow⏎CLOSED⏎
            `,
                options,
                byDtr
            )
        })
    })

    describe("what the modem has kept back in data mode follows CLOSED", () => {
        const header = '+CMT: "+491","","26/01/02,10:11:12+04"'
        const long = "x".repeat(160)
        test.each([
            ["a call", "⏎RING⏎", "ClosedByPeer"],
            ["a message", `⏎${header}⏎hello⏎`, "ClosedByPeer"],
            ["RDY", `⏎${header}⏎RDY⏎`, "ClosedByPeer"],
            ["OK", `⏎${header}⏎OK⏎`, "ClosedByPeer"],
            ["two long ones", `⏎${header}⏎${long}⏎`.repeat(2), "ClosedByPeer"],
            // the peer may have said all but the last line
            ["CLOSED", `⏎${header}⏎CLOSED⏎`, "ReceiveTorn"],
            ["+PDP: DEACT", `⏎${header}⏎+PDP: DEACT⏎`, "ReceiveTorn"],
        ])("%s", (_, lines, failure) => {
            const driver = playAllCuts(
                `
                ${connect}
                < all of it
                ! dcd high
                < ⏎CLOSED⏎${lines}
                ${ended}
                = 0 CLOSED
                = 0 failure ${failure}
                = 0 received all of it
            `,
                options,
                byDtr
            )
            const told = driver.log.filter(line => line.startsWith("urc"))
            // text keeps the second half of the line end in front of it
            expect(told.map(line => line.replace("␊", ""))).toEqual(
                lines
                    .split("⏎")
                    .filter(line => line !== "")
                    .map(line => `urc ${line}`)
            )
        })
    })

    test("a call between CLOSED and +PDP: DEACT is no data either", () => {
        playAllCuts(
            `
            ${connect}
            < all of it
            ! dcd high
            < ⏎CLOSED⏎⏎RING⏎⏎+PDP: DEACT⏎
            . 5000
            > AT+CSQ␍
            = 0 failure PdpDeactivated
            = 0 received all of it
        `,
            options,
            byDtr
        )
    })

    test("lines behind CLOSED may come before DCD is off", () => {
        const driver = new Driver(options).play(`
            ${byDtr}
            ${connect}
            < all of it⏎CLOSED⏎⏎RING⏎⏎+CMTI: "SM",3⏎
            . 99
            = 0 received all of it
            ! dcd high
            ${ended}
            = 0 failure ClosedByPeer
            = 0 received all of it
        `)
        expect(driver.log).toContain('urc +CMTI: "SM",3')
    })

    test("DCD may come a little behind CLOSED", () => {
        new Driver(options)
            .play(
                `
                ${byDtr}
                ${connect}
                < bye⏎CLOSED⏎
                = 0 received bye
                . 99
                = data Data
                ! dcd high
                ${ended}
                = 0 CLOSED
                = 0 received bye
            `
            )
            .silent()
    })

    test("PDP DEACT", () => {
        playAllCuts(
            `
            ${connect}
            < last words
            ! dcd high
            < ⏎+PDP: DEACT⏎
            = data Ending
            = 0 received last words
            ${ended.replace("TCP CLOSED", "PDP DEACT")}
            = 0 CLOSED
            = 0 failure PdpDeactivated
            = state PDP DEACT
            ${reactivateWith(up)}
            ${connect}
        `,
            options,
            byDtr
        )
    })

    test("PDP DEACT in command mode", () => {
        playAllCuts(
            `
            ${connect}
            ${leave}
            ! dcd high
            < ⏎+PDP: DEACT⏎
            = 0 failure PdpDeactivated
            = data Off
            ${reactivateWith(up)}
            ${connect}
        `,
            options,
            byDtr
        )
    })

    describe("DCD has a glitch, and the peer says what a modem would say", () => {
        const glitch = (said: string, then: string) => `
            ${connect}
            < one
            . 2000
            ! dcd high
            < ${said}
            . 30
            ${then}
        `
        const back = `
            < ⏎OK⏎
            > ATO␍
            < ⏎CONNECT⏎two
            = data Data
            = 0 CONNECTED
        `
        test.each([
            ["⏎CLOSED⏎"],
            ["⏎+PDP: DEACT⏎"],
            ["⏎RDY⏎"],
            ["⏎NO CARRIER⏎"],
        ])("%s: no command before data mode has been left, by DTR", said => {
            let quiet = ""
            if (said.includes("RDY")) quiet = ". 500"
            if (said.includes("NO")) quiet = ". 12000"
            playAllCuts(
                glitch(
                    said,
                    `
                    ${quiet}
                    = data Escaping
                    = dtr high
                    ${back}
                    = 0 received one${said}two
                `
                ),
                options,
                byDtr
            )
        })

        test.each(["⏎CLOSED⏎", "⏎+PDP: DEACT⏎"])("%s: by +++", said => {
            playAllCuts(
                glitch(
                    said,
                    `
                    = data Silence
                    . 1099
                    . 1
                    > +++
                    . 1000
                    ${back}
                    = 0 received one${said}two
                `
                ),
                withoutDtr,
                byPlus
            )
        })

        test("DCD comes back in the silence: nothing happens", () => {
            playAllCuts(
                glitch(
                    "⏎CLOSED⏎",
                    `
                    . 500
                    ! dcd low
                    = data Data
                    = 0 received one⏎CLOSED⏎
                    . 5000
                `
                ),
                withoutDtr,
                byPlus
            )
        })

        test("OK is lost as well: the connection is there, and ends with an error", () => {
            playAllCuts(
                glitch(
                    "⏎CLOSED⏎",
                    `
                    = data Escaping
                    . 1000
                    > AT␍
                    < ⏎OK⏎
                    > AT+CIPSTATUS␍
                    < ⏎OK⏎⏎STATE: CONNECT OK⏎
                    = 0 failure NotEscaped
                    > AT+CIPCLOSE␍
                    < ⏎CLOSE OK⏎
                    = data Off
                `
                ),
                options,
                byDtr
            )
        })

        const doubted = `
            ${connect}
            < one
            . 2000
            ! dcd high
            . 100
            ! dcd low
        `
        test.each([
            ["DTR", options, byDtr, ""],
            ["+++", withoutDtr, byPlus, "+++"],
        ])(
            "the last data look like a restart and like the OK behind data mode: they had come before that, %s",
            (_, options, before, plusses) => {
                new Driver(options).play(before).play(`
                    ${doubted}
                    < ⏎RDY⏎two⏎OK⏎⏎three
                    ! dcd high
                    < ⏎CLOSED⏎
                    > ${plusses}AT␍
                    < ⏎OK⏎
                    > AT+CIPSTATUS␍
                    < ⏎OK⏎⏎STATE: TCP CLOSED⏎
                    = 0 failure ClosedByPeer
                    = 0 received one⏎RDY⏎two⏎OK⏎⏎three
                    = data Off
                `)
            }
        )

        test("they come right behind the edge of DTR: the end is not clean", () => {
            new Driver(options).play(byDtr).play(`
                ${doubted}
                < ⏎RDY⏎
                = dtr high
                < two⏎OK⏎⏎three
                ! dcd high
                < ⏎CLOSED⏎
                . 1000
                = 0 failure ReceiveTorn
                = 0 received one⏎RDY⏎two
            `)
        })

        test("CLOSED is damaged: what stands there may be data, so the end is not clean", () => {
            playAllCuts(
                glitch(
                    "two⏎CLO\\xffED⏎",
                    `
                    . 12000
                    = data Escaping
                    . 3000
                    > AT␍
                    < ⏎OK⏎
                    > AT+CIPSTATUS␍
                    < ⏎OK⏎⏎STATE: TCP CLOSED⏎
                    = 0 failure ReceiveTorn
                    = 0 received one
                `
                ),
                options,
                byDtr
            )
        })
    })

    test("no command is given while CONNECT may come", () => {
        playAllCuts(
            `
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            ! request AT+CSQ
            . 1000
            ! dcd low
            < ⏎CONNECT⏎
            . 1100
            ! leave
            = data Escaping
            < ⏎OK⏎
            > AT+CSQ␍
        `,
            options,
            byDtr
        )
    })

    test.each([
        "⏎WHATEVER⏎",
        "⏎half a li",
        "\\xff\\xff⏎",
        "⏎CONNECT FA\\xffL⏎",
    ])(
        "%s while CONNECT may come: the modem is not asked what it was",
        said => {
            new Driver(options)
                .play(byDtr)
                .play(
                    `
                    ! open a 1
                    > AT+CIPSTART="TCP","a",1␍
                    < ⏎OK⏎${said}
                    . 79000
                `
                )
                .silent()
                .play("> AT+CIPCLOSE␍")
        }
    )

    test("DCD is on, and CONNECT is late: what comes before it is not obeyed", () => {
        playAllCuts(
            `
            ! open 116.228.221.51 8500
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            ! dcd low
            < ⏎CON\\xffECT⏎⏎CLOSED⏎
            . 999
            = 0 CONNECTING
            . 1
            = 0 failure Desynchronised
            = data Silence
        `,
            options,
            byDtr
        )
    })

    test("CONNECT behind ATO is damaged: it is data mode, and the socket ends", () => {
        playAllCuts(
            `
            ${connect}
            ${leave}
            ! resume
            > ATO␍
            < ⏎CONN\\xffCT⏎⏎ERROR⏎
            . 1100
            = dtr high
            = 0 failure NotResumed
            < ⏎OK⏎
            > AT+CIPCLOSE␍
        `,
            options,
            byDtr
        )
    })

    test("DCD goes off without a word: the modem has restarted", () => {
        playAllCuts(
            `
            ${connect}
            ! dcd high
            < garbage
            # it may be a glitch: to the peer, a command would be data
            . 11999
            = data Ending
            . 1
            = data Escaping
            = dtr high
            . 3000
            = data Command
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP INITIAL⏎
            = 0 failure Restarted
            = data Off
            > AT␍
        `,
            options,
            byDtr
        )
    })

    const found = `
        ! dcd low
        ! start
        > AT␍
        < data of a connection that nobody knows
        > AT␍
        < more
        = dtr low
    `

    test.each([
        ["of transparent mode", withoutDtr, byPlus],
        ["without it", { dtr: false }, bringUpWith({})],
    ])(
        "a microcontroller that was reset leaves data mode by +++: a program %s",
        (_, modem, up) => {
            playAllCuts(
                `
                ${found}
                . 1099
                . 1
                > +++
                . 1050
                < ⏎OK⏎
                . 50
                = dtr low
                ${up.replace("! start", "")}
            `,
                modem
            )
        }
    )

    test.each([
        ["of transparent mode", options, byDtr],
        ["without it", {}, bringUpWith({})],
    ])("… and by DTR: a program %s", (_, modem, up) => {
        playAllCuts(
            `
            ${found}
            > +++
            # esc is 0, so that it is for the peer
            . 1099
            = dtr low
            . 1
            = dtr high
            . 50
            < ⏎OK⏎
            . 50
            = dtr low
            . 99
            ${up.replace("! start", "")}
        `,
            modem
        )
    })

    test("a modem that is off is not waited for much longer", () => {
        const off = new Driver({ resetPin: true, powerKey: true }).play(
            "! start"
        )
        while (!off.modem.uart.powerKeyWanted) off.wait(100)
        // it starts at 1000
        expect(off.now).toBeLessThan(8000)
    })

    test("start() during the edge of DTR: it is low again", () => {
        new Driver(options).play(`
            ! start
            > AT␍
            > AT␍
            > +++
            . 1100
            = dtr high
            ! start
            = dtr low
            > AT␍
            > AT␍
            > +++
            . 500
            ! start
            = dtr low
            > AT␍
            < ⏎OK⏎
        `)
    })

    test("in transparent mode a modem is looked for in data mode at any time", () => {
        new Driver(options).play(`
            ${byDtr}
            ${connect}
            ! dcd high
            . 16100
            > AT␍
            > AT␍
            > +++
            . 1100
            = dtr high
            < ⏎+PDP: DEACT⏎
            = dtr low
            > AT+CSQ␍
        `)
    })

    test("only the start needs it: a program that knows its modem does without", () => {
        new Driver().play(bringUpWith({})).play(connectMulti).play(`
            > AT+CIPRXGET=4,0␍
            > AT␍
            > AT␍
            > AT␍
            > \\x1b
        `)
    })
})

/** 100 bytes: more than the UART takes. */
const hundred = "0123456789".repeat(10)

describe("2.2.4: what has been sent is on the wire before data mode is left", () => {
    test.each([
        ["DTR", options, byDtr],
        ["+++", withoutDtr, byPlus],
    ])("by %s", (how, modem, up) => {
        const out = how === "DTR" ? "= dtr high" : ". 1099\n. 1\n> +++"
        new Driver(modem)
            .play(
                `
                ${up}
                ${connect}
                . 5000
                ! uart 10
                ! send 0 ${hundred}
                ! leave
                = data Silence
                = 0 sending InFlight
                . 360
                = 0 sending Done
                . 630
                = data Silence
                = dtr low
                . 10
                > ${hundred}
                ${out}
                = data Escaping
            `
            )
            .silent()
    })

    test("the guard times of +++ are counted on the wire, and CTS may hold it up", () => {
        new Driver(withoutDtr)
            .play(
                `
                ${byPlus}
                ${connect}
                ! uart 10
                ! cts off
                ! send 0 last
                = 0 sending Done
                ! leave
                . 3000
                ! cts on
                > last
                . 1099
                ! cts off
                . 1
                = data Escaping
                . 2000
                < ⏎OK⏎
                . 2000
                = data Escaping
                ! cts on
                > +++
                . 1099
                = data Escaping
                . 400
                = data Command
            `
            )
            .silent()
    })

    test("closing waits for it, too", () => {
        new Driver(options)
            .play(
                `
                ${byDtr}
                ${connect}
                . 5000
                ! uart 10
                ! send 0 ${hundred}
                . 400
                = 0 sending Done
                ! close 0
                . 590
                = data Silence
                = dtr low
                > ${hundred}
                = dtr high
                < ⏎OK⏎
                > AT+CIPCLOSE␍
            `
            )
            .silent()
    })

    test("CTS that stays off: data mode goes on, and nothing is lost", () => {
        const driver = new Driver(options).play(`
            ${byDtr}
            ${connect}
            ! uart 10
            ! cts off
            ! send 0 ${hundred}
            ! leave
            . 9999
            = data Silence
            . 1
            = data Data NotEscaped
            = 0 CONNECTED
            = 0 sending InFlight
        `)
        const polls = driver.polls
        driver.play(`
            . 60000
            ! cts on
            > ${hundred}
            = 0 sending Done
            ! send 0 more
            > more
            = data Data NotEscaped
            = dtr low
        `)
        expect(driver.polls - polls).toBeLessThanOrEqual(10)
        driver.play(leave).silent()
    })

    test("as long as bytes go out there is time", () => {
        new Driver(options)
            .play(
                `
                ${byDtr}
                ${connect}
                ! uart 10
                ! send 0 ${hundred}
                ! leave
                ! cts off
                . 9000
                ! cts on
                . 200
                ! cts off
                . 9000
                ! cts on
                > ${hundred}
                = data Escaping
            `
            )
            .silent()
    })

    test("CTS goes off in front of +++: it may be obeyed later", () => {
        const { log } = new Driver(withoutDtr)
            .play(
                `
                ${byPlus}
                ${connect}
                ! leave
                . 1000
                ! cts off
                . 100
                = data Escaping
                . 10200
                = data Escaping NotEscaped
                ! send 0 later
                . 20000
                ! cts on
                > +++
                . 1000
                < ⏎OK⏎
                # nobody waits for command mode any more
                > ATO␍
                < ⏎CONNECT⏎
                > later
                = data Data
            `
            )
            .silent()
        // every 10 s
        const told = log.filter(line => line === "data Escaping NotEscaped")
        expect(told.length).toBe(3)
    })

    test("a modem that is switched off meanwhile", () => {
        new Driver(options)
            .play(
                `
                ${byDtr}
                ${connect}
                . 5000
                ! cts off
                ! send 0 ${hundred}
                ! close 0
                = data Silence
                ! dcd high
                . 10500
                = data Silence NotEscaped
                . 10000
                = data Command NotEscaped
            `
            )
            .silent()
    })

    test("a socket that is closed waits for as long as it takes", () => {
        const driver = new Driver(options).play(`
            ${byDtr}
            ${connect}
            . 5000
            ! cts off
            ! send 0 ${hundred}
            ! close 0
            . 10001
            = data Silence NotEscaped
        `)
        // from the very moment on
        expect(driver.pause()).toBe(9999)
        driver
            .play(
                `
                . 60000
                ! cts on
                > ${hundred}
                = 0 CLOSING
                . 1100
                = data Escaping NotEscaped
                < ⏎OK⏎
                > AT+CIPCLOSE␍
            `
            )
            .silent()
    })

    test("the application changes its mind", () => {
        new Driver(options)
            .play(
                `
                ${byDtr}
                ${connect}
                ! uart 10
                ! send 0 ${hundred}
                ! leave
                . 200
                = data Silence
                ! resume
                = data Data
                > ${hundred}
                . 20000
                = data Data
                = 0 sending Done
                = dtr low
                ! leave
                = data Escaping
            `
            )
            .silent()
    })

    test("data that look like the end are not kept back meanwhile", () => {
        const driver = new Driver(withoutDtr).play(byPlus).play(connect)
        driver.play(`
            ! uart 10
            ! cts off
            ! send 0 ${hundred}
            < one⏎
        `)
        expect(driver.pause()).toBe(20)
        driver.play(`
            . 20
            = 0 received one⏎
            ! leave
            < two⏎CLOSED⏎
            = 0 received one⏎two
        `)
        expect(driver.pause()).toBe(100)
        driver.play(`
            . 100
            = 0 received one⏎two⏎CLOSED⏎
            = data Silence
        `)
        expect(driver.pause()).toBe(9900)
        // the time to leave may come first
        driver.play(`
            ! cts on
            > ${hundred}
            . 1050
            < three⏎CLOSED⏎
            = data Silence
        `)
        expect(driver.pause()).toBe(50)
    })
})

describe("what the modem has kept back in data mode follows the OK of an escape", () => {
    const header = '+CMT: "+491","","26/01/02,10:11:12+04"'
    const long = "x".repeat(160)
    test.each([
        ["two long messages", `⏎${header}⏎${long}⏎`.repeat(2)],
        ["a message whose text is OK", `⏎${header}⏎OK⏎`],
        ["a call, and a message whose text is OK", `⏎RING⏎⏎${header}⏎OK⏎`],
    ])("%s", (_, lines) => {
        const driver = playAllCuts(
            `
            ${connect}
            < all of it
            ! leave
            . 1100
            = dtr high
            < so far⏎OK⏎${lines}
            . 400
            = data Command
            = 0 CONNECTED
            = 0 received all of itso far
            ! resume
            > ATO␍
            < ⏎CONNECT⏎more
            = 0 received all of itso farmore
        `,
            options,
            byDtr
        )
        const told = driver.log.filter(line => line.startsWith("urc"))
        // text keeps the second half of the line end in front of it
        expect(told.map(line => line.replace("␊", ""))).toEqual(
            lines
                .split("⏎")
                .filter(line => line !== "")
                .map(line => `urc ${line}`)
        )
    })
})

test("the peer says OK and lines behind it before the escape: they are data", () => {
    const said = `⏎OK⏎⏎+CMTI: "SM",3⏎HELLO${"x".repeat(1000)}⏎+hello`
    playAllCuts(
        `
        ${connect}
        ! leave
        > +++
        < ${said}
        . 1000
        < ⏎OK⏎
        . 400
        = data Command
        = 0 CONNECTED
        = 0 received ${said}
    `,
        withoutDtr,
        byPlus
    )
})

describe("DCD goes off up to 100 ms behind CLOSED", () => {
    test("a long message follows CLOSED meanwhile", () => {
        const header = '+CMT: "+491","","26/01/02,10:11:12+04"'
        const text = "x".repeat(160)
        const driver = playAllCuts(
            `
            ${connect}
            < all of it⏎CLOSED⏎⏎${header}⏎${text}⏎
            . 90
            ! dcd high
            ${ended}
            = 0 failure ClosedByPeer
            = 0 received all of it
        `,
            options,
            byDtr
        )
        expect(driver.log).toContain(`urc ${header}`)
    })

    test("the application has just wanted command mode", () => {
        playAllCuts(
            `
            ${connect}
            ! leave
            < all of it⏎CLOSED⏎
            . 80
            ! dcd high
            . 2100
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎
            = 0 failure ClosedByPeer
            = 0 received all of it
        `,
            options,
            byDtr
        )
    })
})

test("DCD goes off, and CLOSED is lost: data may be lost with it, so the end is not clean", () => {
    playAllCuts(
        `
        ${connect}
        < a part
        ! dcd high
        . 12000
        = data Escaping
        . 3000
        > AT␍
        < ⏎OK⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: TCP CLOSED⏎
        = 0 failure ReceiveTorn
        = 0 received a part
    `,
        options,
        byDtr
    )
})

test("a glitch hides that the peer has said CLOSED and the like: what is dropped ends the socket", () => {
    playAllCuts(
        `
        ${connect}
        < one
        ! dcd high
        < ⏎CLOSED⏎
        . 1200
        = dtr high
        < ⏎ALL DOORS⏎⏎OK⏎
        . 400
        = 0 failure ReceiveTorn
        = 0 received one
        ! dcd low
        > AT+CIPCLOSE␍
        < ⏎CLOSE OK⏎
        = 0 CLOSED
    `,
        options,
        byDtr
    )
})

test("an escape without an answer may have been obeyed: data mode is not gone back to without OK", () => {
    playAllCuts(
        `
        ${connect}
        ! leave
        . 1100
        = dtr high
        . 3200
        = data Silence
        ! resume
        ! send 0 AT+CFUN=0
        . 1100
        = dtr high
        < ⏎OK⏎
        . 400
        > ATO␍
        < ⏎CONNECT⏎
        > AT+CFUN=0
        = data Data
    `,
        options,
        byDtr
    )
})

test("a stray CONNECT in command mode: the connection of a client stays", () => {
    playAllCuts(
        `
        ${connect}
        ${leave}
        < ⏎CONNECT⏎data
        = 0 CONNECTED
        = data Data
        = 0 received data
    `,
        options,
        byDtr
    )
})

describe("server, one peer right behind the other", () => {
    const next = `
        ! dcd high
        < ⏎CLOSED⏎
        ! dcd low
        < ⏎CONNECT⏎
    `
    /** Received is what all of them have said; how many have been accepted: */
    const peers = (driver: Driver): number =>
        driver.log.filter(line => line.startsWith("accepted")).length

    test("three of them within ten seconds", () => {
        const driver = new Driver(options).play(byDtr).play(`
            ${listens}
            ! dcd low
            < ⏎CONNECT⏎one
            ! accept
            = 0 received one
            ${next}
            ! accept
            < two
            = 0 received onetwo
            ${next}
            ! accept
            < three
            = 0 received onetwothree
            = data Data
        `)
        expect(peers(driver)).toBe(3)
    })

    test("DCD is on again a little before CONNECT", () => {
        const driver = new Driver(options).play(byDtr).play(`
            ${listens}
            ! dcd low
            < ⏎CONNECT⏎one
            ! accept
            ! dcd high
            < ⏎CLOSED⏎
            . 100
            = data Silence
            ! dcd low
            . 40
            = 0 received one
            < ⏎CONNECT⏎two
            ! accept
            . 200
            = 0 received onetwo
            = data Data
        `)
        expect(peers(driver)).toBe(2)
    })

    test("the application has just wanted command mode", () => {
        const driver = new Driver(options).play(byDtr).play(`
            ${listens}
            ! dcd low
            < ⏎CONNECT⏎one
            ! accept
            ! leave
            < ⏎CLOSED⏎
            ! dcd high
            . 10
            ! dcd low
            . 40
            < ⏎CONNECT⏎two
            ! accept
            . 200
            = 0 received onetwo
        `)
        expect(peers(driver)).toBe(2)
    })

    test("the first one is gone before DCD is on", () => {
        const driver = new Driver(options).play(byDtr).play(`
            ${listens}
            < ⏎CONNECT⏎one⏎CLOSED⏎
            ! accept
            . 20
            < ⏎CONNECT⏎two
            ! dcd low
            ! accept
            . 200
            = 0 received onetwo
        `)
        expect(peers(driver)).toBe(2)
    })

    test("behind the OK of an escape", () => {
        const driver = new Driver(options).play(byDtr).play(`
            ${listens}
            ! dcd low
            < ⏎CONNECT⏎one
            ! accept
            ! leave
            . 1100
            = dtr high
            < ⏎OK⏎⏎RING⏎
            . 100
            ! dcd high
            < ⏎CLOSED⏎
            ! dcd low
            < ⏎CONNECT⏎
            . 400
            ! accept
            < two
            = 0 received onetwo
        `)
        expect(driver.log).toContain("urc RING")
        expect(peers(driver)).toBe(2)
    })

    test("who comes while AT looks for the modem is turned away, and what he says is no line", () => {
        const driver = new Driver(options).play(byDtr).play(`
            ${listens}
            ! dcd low
            < ⏎CONNECT⏎one
            ! accept
            . 2000
            ! dcd high
            < ⏎CLOSED⏎
            . 2000
            > AT␍
            ! dcd low
            < ⏎CONNECT⏎⏎RDY⏎
            = 0 failure Desynchronised
            = data Silence
        `)
        expect(peers(driver)).toBe(1)
    })

    test("DCD was on without a peer: that is not the next one's", () => {
        const driver = new Driver(options).play(byDtr).play(`
            ${listens}
            ! dcd low
            . 20
            ! dcd high
            . 500
            < ⏎CONNECT⏎one
            . 60
            = data Data
            ! dcd low
            ! accept
            < ⏎RDY⏎two
            . 200
            = data Data
            = 0 received one⏎RDY⏎two
        `)
        expect(peers(driver)).toBe(1)
    })
})

describe("shut and reset in data mode", () => {
    test("reset by a pin: at once", () => {
        const driver = new Driver({ ...options, resetPin: true })
        driver.play(byDtr).play(connect).play("! cts off")
        driver.modem.wishes.reset = true
        driver.play(`
            . 0
            = data Off
            = 0 failure ClosedHere
            = phase Synchronising
        `)
        expect(driver.modem.uart.resetWanted).toBe(true)
    })

    test.each([
        ["reset by a command", "reset", "> AT+CFUN=1,1␍"],
        ["shut", "shut", "> AT+CIPSHUT␍"],
    ] as const)("%s: once data mode has been left", (_, wanted, command) => {
        const driver = new Driver(options)
        driver.play(byDtr).play(connect)
        driver.modem.wishes[wanted] = true
        driver
            .play(
                `
                . 1100
                = data Escaping
                < ⏎OK⏎
                ${command}
            `
            )
            .silent()
    })

    const dial = `
        ! open 116.228.221.51 8500
        > AT+CIPSTART="TCP","116.228.221.51",8500␍
        < ⏎OK⏎
    `
    test.each([
        ["reset", "> AT+CFUN=1,1␍"],
        ["shut", "> AT+CIPSHUT␍"],
    ] as const)(
        "%s while CONNECT may come: once data mode has been left again, or nobody listens",
        (wanted, command) => {
            let driver = new Driver(options).play(byDtr).play(dial)
            driver.modem.wishes[wanted] = true
            driver.play(`
                . 5000
                = 0 CONNECTING
                ! dcd low
                < ⏎CONNECT⏎
                . 1100
                = data Escaping
                < ⏎OK⏎
                ${command}
            `)
            driver = new Driver(options).play(byDtr).play(dial)
            driver.modem.wishes[wanted] = true
            driver.play(`
                . 5000
                < ⏎CONNECT FAIL⏎
                ${command}
            `)
        }
    )

    test("reset by a pin while CONNECT may come: at once", () => {
        const driver = new Driver({ ...options, resetPin: true })
        driver.play(byDtr).play(dial)
        driver.modem.wishes.reset = true
        driver.play(". 0\n= 0 failure ClosedHere\n= phase Synchronising")
        expect(driver.modem.uart.resetWanted).toBe(true)
    })
})

test.each(["reset", "shut"] as const)(
    "%s: what nobody gets any more makes a hole, and the end is not clean",
    wanted => {
        const driver = new Driver(options)
        driver.play(byDtr).play(connect)
        driver.modem.wishes[wanted] = true
        driver.play(`
            . 500
            < the rest⏎CLOSED⏎
            ! dcd high
            . 1000
            = 0 failure ClosedHere
        `)
    }
)

test("DCD is off again when CONNECT is looked at: what is behind it has an end", () => {
    const driver = new Driver(options)
    driver.play(byDtr).play(`
        ! open h 1
        > AT+CIPSTART="TCP","h",1␍
        < ⏎OK⏎
        ! dcd low
        < ⏎RING⏎⏎CONNECT⏎hello⏎CLOSED⏎
        . 500
        ! dcd high
        . 1000
        = 0 received hello
    `)
})

describe("a reader that is late", () => {
    test.each([
        ["what stays looks like the end", "", "Data"],
        ["the connection is over", "! dcd high\n< ⏎CLOSED⏎", "Ending"],
    ])("%s", (_, then, state) => {
        const driver = new Driver({ ...options, receiveBuffer: 16 }).play(`
            ${byDtr}
            ${connect}
            ! keep 0
            < 0123456789ABCDEFover⏎
            ${then}
            . 1000
        `)
        const polls = driver.polls
        driver.play(`
            . 10000
            = data ${state}
        `)
        expect(driver.polls - polls).toBeLessThanOrEqual(60)
        driver.play(`
            ! read 0
            . 300
            = 0 received 0123456789ABCDEFover⏎
        `)
    })

    test.each([
        ["at the front", "b".repeat(502)],
        ["further behind", `${"b".repeat(390)}⏎CLOSED⏎${"c".repeat(102)}`],
    ])(
        "what looks like the end is data if RTS has held up more: %s of a full ring",
        (_, then) => {
            const first = "a".repeat(512)
            new Driver({ ...options, receiveBuffer: 512 }).play(`
                ${byDtr}
                ${connect}
                ! keep 0
                < ${first}⏎CLOSED⏎
                ! dcd high
                . 500
                < ${then}
                . 5000
                ! read 0
                < the rest⏎CLOSED⏎
                ${ended}
                = 0 failure ClosedByPeer
                = 0 received ${first}⏎CLOSED⏎${then}the rest
            `)
        }
    )
})

describe("a clock that wraps: 25 days without a change", () => {
    const days = ". 2160000000"

    test("data mode is left as on the first day", () => {
        new Driver(options).play(`
            ${byDtr}
            ${connect}
            ${days}
            ! leave
            = data Escaping
            = dtr high
        `)
    })

    test("the peer's data come as on the first day", () => {
        new Driver({ ...options, receiveBuffer: 4 }).play(`
            ${byDtr}
            ${connect}
            ! keep 0
            < all one⏎
            ${days}
            ! read 0
            . 0
            = 0 received all one⏎
        `)
    })
})

describe("2.2.5", () => {
    test("a call and a short message show up behind data mode", () => {
        const driver = playAllCuts(
            `
            ${connect}
            ! leave
            . 1100
            < ⏎OK⏎
            . 400
            = data Command
            < ⏎RING⏎
            # with and without the note's blank
            < ⏎+CMTI: "SM", 10⏎⏎+CMTI: "SM",11⏎
            ! request ATH
            > ATH␍
            < ⏎RING⏎⏎OK⏎
            = answer Ok
            = 0 received 
            ! resume
            > ATO␍
            < ⏎CONNECT⏎⏎RING⏎
            . 100
            # that is the peer's
            = 0 received ⏎RING⏎
        `,
            options,
            byDtr
        )
        expect(driver.log.filter(line => line.startsWith("urc"))).toEqual([
            "urc RING",
            'urc +CMTI: "SM", 10',
            'urc +CMTI: "SM",11',
            "urc RING",
        ])
    })
})
