/** Whose turn it is, how much is done in one, and when the next one is due. */
import { describe, expect, test } from "vitest"
import { Reception } from "../../src/core/config"
import { Outcome } from "../../src/core/channel"
import { Request, RequestState } from "../../src/core/request"
import { Final, Line } from "../../src/core/results"
import {
    bringUp,
    bringUpWith,
    bytes,
    connect,
    Driver,
    playAllCuts,
} from "./dialogue"

/** Bytes that have come, and nobody has looked at them yet. */
function arrive(driver: Driver, stream: string) {
    const data = bytes(stream)
    expect(driver.modem.ring.put(data, 0, data.length)).toBe(data.length)
}

const urcs = (driver: Driver): number =>
    driver.log.filter(line => line.startsWith("urc")).length

describe("one poll", () => {
    test("deals with 16 lines; the rest is due at once", () => {
        const driver = new Driver().play(bringUp)
        arrive(driver, "⏎RING⏎".repeat(40))
        const { modem } = driver
        for (const lines of [16, 32, 40]) {
            expect(modem.pollAt(driver.now) <= driver.now).toBe(lines > 16)
            modem.poll(driver.now)
            expect(urcs(driver)).toBe(lines)
        }
        expect(modem.pollAt(driver.now)).toBeGreaterThan(driver.now)
    })

    test("deals with 16 of what may be lines amid bare data", () => {
        const driver = new Driver({
            multi: false,
            reception: Reception.Plain,
        }).play(`
            ${bringUpWith({ plain: true, reception: "0" })}
            ! open h 1
            > AT+CIPSTART="TCP","h",1␍
            < ⏎OK⏎⏎CONNECT OK⏎
        `)
        arrive(driver, "⏎RING⏎".repeat(40))
        const { modem } = driver
        for (const lines of [16, 32, 40]) {
            modem.poll(driver.now)
            expect(urcs(driver)).toBe(lines)
            if (lines < 40) expect(modem.pollAt(driver.now)).toBe(driver.now)
        }
        expect(modem.pollAt(driver.now)).toBeGreaterThan(driver.now)
    })

    test("passes over so many line ends; the rest is due at once", () => {
        const driver = new Driver({ ring: 2048 }).play(bringUp)
        arrive(driver, "⏎".repeat(500) + "RING⏎")
        driver.settle()
        expect(urcs(driver)).toBe(1)
    })

    test("ends with the prompt: the data go first", () => {
        const sending = `
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
        `
        for (const [behind, due] of [
            ["", false],
            ["⏎RING⏎", true],
        ] as const) {
            const driver = new Driver().play(sending)
            const { modem } = driver
            arrive(driver, "⏎> " + behind)
            modem.poll(driver.now)
            expect(modem.encoder.left).toBe(5)
            expect(modem.pollAt(driver.now) === driver.now).toBe(due)
            expect(urcs(driver)).toBe(0)
        }
    })

    test("gives nothing up while its answer may be among what has come", () => {
        const driver = new Driver().play(bringUp)
        const request = new Request(driver.modem)
        request.begin("AT+CSQ", Final.Ok, 5000, Line.Unknown, 0)
        driver.play("> AT+CSQ␍")
        arrive(driver, "⏎RING⏎".repeat(30) + "⏎+CSQ: 20,0⏎⏎OK⏎")
        driver.now += 5000
        driver.settle()
        expect(request.state).toBe(RequestState.Done)
        expect(request.outcome).toBe(Outcome.Ok)
    })
})

test("a reader is woken within a segment for a quarter of his buffer", () => {
    const driver = new Driver({
        reception: Reception.Push,
        flowControl: true,
    }).play(bringUpWith({ flow: "2,2", reception: "0" }) + connect)
    const { modem } = driver
    const link = modem.links.list[0]
    const more = (n: number): number => {
        arrive(driver, "x".repeat(n))
        modem.poll(driver.now)
        return link.readable
    }
    arrive(driver, "⏎+RECEIVE,0,1100:⏎")
    modem.poll(driver.now)
    // of a payload as much is waited for as the ring may hold
    expect(modem.ring.enough).toBe(256)
    expect(more(500)).toBe(0)
    expect(more(11)).toBe(0)
    expect(more(1)).toBe(512)
    expect(more(500)).toBe(512)
    expect(modem.ring.enough).toBe(88)
    expect(more(88)).toBe(1100)
    expect(modem.ring.enough).toBe(0)
})

describe("connections and features", () => {
    const more = (id: number) => `
        > AT+CIPRXGET=2,${id},1460␍
        < ⏎+CIPRXGET: 2,${id},2,10⏎ab⏎OK⏎
    `

    test("take turns", () => {
        const driver = new Driver().play(bringUp)
        const requests = [new Request(driver.modem), new Request(driver.modem)]
        const ask = (of: number) =>
            requests[of].begin("AT+CSQ", Final.Ok, 5000, Line.Unknown, 0)
        driver.play(`
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
        `)
        ask(0)
        ask(1)
        driver.play("< ⏎+CIPRXGET: 2,0,2,10⏎ab⏎OK⏎")
        for (let i = 0; i < 4; i++) {
            driver.play("> AT+CSQ␍")
            const other = +(requests[0].state === RequestState.InFlight)
            driver.play(`
                < ⏎+CSQ: 20,0⏎⏎OK⏎
                ${more(0)}
            `)
            ask(1 - other)
        }
    })

    test("what is asked for while the second context is selected waits for the first", () => {
        playAllCuts(
            `
            ! request AT
            > AT␍
            < ⏎OK⏎
            ! open b 2 context=1
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","b",2␍
            ! request AT+CSQ
            < ⏎OK⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            > AT+CSQ␍
        `,
            {},
            bringUp
        )
    })

    test("the first context is selected again, whatever the modem says", () => {
        new Driver().play(`
            ${bringUp}
            ! open b 2 context=1
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","b",2␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            > AT+CIPSGTXT=0␍
            < ⏎ERROR⏎
            > AT+CIPSGTXT=0␍
            < ⏎ERROR⏎
            ! request AT+CSQ
            > AT+CSQ␍
            < ⏎OK⏎
            # what the connections of the second one want is said as before
            ! open c 3 context=1
            > AT+CIPSGTXT=1␍
        `)
    })
})

describe("without a context", () => {
    const refused = `
        ${bringUp.slice(0, bringUp.indexOf("> AT+CIICR"))}
        > AT+CIICR␍
        < ⏎ERROR⏎
        = phase Resting
    `

    test("what needs one waits, between two attempts, too", () => {
        new Driver()
            .play(
                `
            ${refused}
            ! listen 1234
            . 999
            = server Closed
        `
            )
            .silent()
            .play(
                `
            . 1
            > AT␍
        `
            )
    })

    test("the pauses within an attempt are nobody's turn", () => {
        new Driver()
            .play(
                `
            ${bringUp.slice(0, bringUp.indexOf("> AT+CREG?"))}
            > AT+CREG?␍
            < ⏎+CREG: 0,2⏎⏎OK⏎
            > AT+CGREG?␍
            < ⏎+CGREG: 0,2⏎⏎OK⏎
            ! request AT+CSQ
            . 1999
            = answer Wanted
        `
            )
            .silent()
            .play("> AT+CREG?␍")
    })
})
