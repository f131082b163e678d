/** [AN] 11, facts 8.4: AT+CSCLK. */
import { describe, expect, test } from "vitest"
import { bytesOf } from "../../sim/modem/bytes"
import type { MemoryServer } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { Bench } from "./bench"

const SERVER = "116.228.221.51"

/** A module with one connection, and this AT+CSCLK; DTR is high. */
function connected(
    mode: 1 | 2,
    options: ModemOptions = {}
): { bench: Bench; server: MemoryServer } {
    const bench = Bench.online(options)
    const server = bench.network.listen(SERVER, 80)
    bench.dialogue(`
        > AT+CIPSTART="TCP","${SERVER}",80␍
        < ⏎OK⏎⏎CONNECT OK⏎
        > AT+CSCLK=${mode}␍
        < ⏎OK⏎
    `)
    bench.transitions.length = 0
    return { bench, server }
}

/** …that sleeps. */
function asleep(
    mode: 1 | 2,
    options: ModemOptions = {}
): { bench: Bench; server: MemoryServer } {
    const world = connected(mode, options)
    world.bench.listen(mode === 1 ? 1100 : 5100)
    expect(world.bench.modem.asleep).toBe(true)
    return world
}

describe("AT+CSCLK", () => {
    test("forms; AT&W keeps it, ATZ and AT&F leave it alone", () => {
        const bench = Bench.ready()
        bench.dialogue(`
            ^ dtr low
            > AT+CSCLK=?␍
            < ⏎+CSCLK: (0-2)⏎⏎OK⏎
            > AT+CSCLK?␍
            < ⏎+CSCLK: 0⏎⏎OK⏎
            > AT+CSCLK=3␍
            < ⏎ERROR⏎
            > AT+CSCLK=1;Z;&F␍
            < ⏎OK⏎
            > ATE0;+CSCLK?␍
            < ATE0;+CSCLK?␍⏎+CSCLK: 1⏎⏎OK⏎
            > AT+IPR=115200;&W␍
            < ⏎OK⏎
        `)
        bench.modem.reset()
        bench.listen(60_000)
        bench.dialogue("> AT+CSCLK?␍\n< ⏎+CSCLK: 1⏎⏎OK⏎")
    })

    test("0: never", () => {
        const bench = Bench.ready()
        bench.dialogue("~ 100000\n> AT␍\n< ⏎OK⏎")
        expect(bench.modem.asleep).toBe(false)
    })
})

describe("AT+CSCLK=1", () => {
    test("sleeps while DTR is high, hears after 50 ms of DTR low", () => {
        const { bench } = asleep(1)
        expect(bench.transitions).toEqual(["sleep: awake -> asleep"])
        bench.dialogue(`
            > AT␍
            ~ 1000
            ^ dtr low
            ~ 30
            > AT␍
            ~ 50
            > AT␍
            < ⏎OK⏎
        `)
        expect(bench.modem.asleep).toBe(false)
        expect(bench.log).toEqual([
            "6 bytes from the DTE were lost: the module slept (AT+CSCLK)",
        ])
    })

    test("a pulse of DTR that is too short does not wake it", () => {
        const { bench } = asleep(1)
        bench.dialogue("^ dtr low\n~ 45\n^ dtr high\n> AT␍\n~ 1000")
        expect(bench.modem.asleep).toBe(true)
    })

    test("a pulse of 50 ms is enough, until it sleeps again", () => {
        const { bench } = asleep(1)
        bench.dialogue(`
            ^ dtr low
            ~ 51
            ^ dtr high
            > AT␍
            < ⏎OK⏎
            ~ 1100
            > AT␍
            ~ 1000
        `)
    })

    test("DTR low forbids it", () => {
        const bench = Bench.ready()
        bench.dialogue(`
            ^ dtr low
            > AT+CSCLK=1␍
            < ⏎OK⏎
            ~ 100000
            > AT␍
            < ⏎OK⏎
            ^ dtr high
            ~ 1100
            > AT␍
            ~ 1000
        `)
        expect(bench.modem.asleep).toBe(true)
    })

    test("received data wakes it and is told; commands wait for DTR", () => {
        const { bench, server } = asleep(1)
        server.peer.send("wake up")
        bench.dialogue("< wake up")
        expect(bench.modem.asleep).toBe(false)
        bench.dialogue("> AT␍\n~ 500")
        bench.dialogue(`
            ^ dtr low
            ~ 60
            > AT␍
            < ⏎OK⏎
        `)
        bench.dialogue("^ dtr high\n~ 1100")
        expect(bench.modem.asleep).toBe(true)
    })

    test("so do a call, a message, and the end of a connection", () => {
        const { bench, server } = asleep(1)
        bench.modem.call("+123")
        bench.dialogue("< ⏎RING⏎")
        bench.listen(20_000)
        // not while it rings
        expect(bench.modem.asleep).toBe(false)
        bench.modem.hangUp()
        bench.dialogue("< ⏎NO CARRIER⏎\n~ 2100")
        expect(bench.modem.asleep).toBe(true)
        bench.modem.receiveMessage({ from: "+123", text: "hello" })
        bench.dialogue('< ⏎+CMTI: "SM",1⏎\n~ 2100')
        expect(bench.modem.asleep).toBe(true)
        server.peer.end()
        bench.dialogue("< ⏎CLOSED⏎")
        expect(bench.modem.asleep).toBe(false)
    })

    test("data that is only kept wakes it too", () => {
        const bench = Bench.online()
        const server = bench.network.listen(SERVER, 80)
        bench.dialogue(`
            > AT+CIPRXGET=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CSCLK=1␍
            < ⏎OK⏎
        `)
        server.peer.send("one")
        bench.dialogue("< ⏎+CIPRXGET: 1⏎\n~ 1200")
        expect(bench.modem.asleep).toBe(true)
        server.peer.send("two")
        bench.listen(50)
        expect(bench.modem.asleep).toBe(false)
    })

    test("not while a command runs", () => {
        const { bench } = connected(1)
        bench.modem.inject("late-answer", 10_000)
        bench.send("AT␍")
        bench.listen(9000)
        expect(bench.modem.asleep).toBe(false)
        bench.dialogue("< ⏎OK⏎")
    })

    test("not while the prompt waits for data", () => {
        const { bench, server } = connected(1)
        bench.dialogue(`
            > AT+CIPSEND␍
            < ⏎> |
            ~ 10000
            > hello␚
            < ⏎SEND OK⏎
        `)
        expect(server.peer.text).toBe("hello")
    })

    test("sleepDelayMs", () => {
        const { bench } = connected(1, { firmware: { sleepDelayMs: 20 } })
        bench.listen(30)
        expect(bench.modem.asleep).toBe(true)
    })

    test("a restart wakes it, for a while", () => {
        const { bench } = asleep(1)
        bench.modem.reset()
        expect(bench.modem.asleep).toBe(false)
        bench.listen(60_000)
        bench.dialogue("> AT␍\n< ⏎OK⏎")
    })

    test("not before autobaud knows the rate", () => {
        const bench = new Bench({
            stored: { baud: 0, sleepMode: 1, echo: false },
            firmware: { romBurst: false },
        })
        bench.modem.powerOn()
        bench.listen(100_000)
        expect(bench.modem.asleep).toBe(false)
        expect(bench.ask("AT␍")).toContain("OK")
        bench.listen(2100)
        expect(bench.modem.asleep).toBe(true)
    })
})

describe("AT+CSCLK=2", () => {
    test("sleeps after 5 s of silence; the first character is lost", () => {
        const { bench } = connected(2)
        bench.listen(4900)
        expect(bench.modem.asleep).toBe(false)
        bench.listen(200)
        expect(bench.modem.asleep).toBe(true)
        bench.dialogue(`
            > A
            ~ 110
            > AT␍
            < ⏎OK⏎
        `)
        expect(bench.log).toEqual([
            "1 bytes from the DTE were lost: the module slept (AT+CSCLK)",
        ])
    })

    test("so is all that comes within 100 ms", () => {
        const { bench } = asleep(2)
        bench.dialogue(`
            > AT␍
            ~ 80
            > AT␍
            ~ 30
            > AT␍
            < ⏎OK⏎
        `)
    })

    test("what comes over the air wakes it, and it hears", () => {
        const { bench, server } = asleep(2)
        server.peer.send("wake up")
        bench.dialogue("< wake up\n> AT␍\n< ⏎OK⏎")
    })

    test("DTR does not matter", () => {
        const bench = Bench.ready()
        bench.dialogue("^ dtr low\n> AT+CSCLK=2␍\n< ⏎OK⏎\n~ 5100")
        expect(bench.modem.asleep).toBe(true)
    })

    test("each byte counts", () => {
        const { bench } = connected(2)
        for (let i = 0; i < 5; i++) {
            bench.modem.dte.write(bytesOf(" "))
            bench.listen(4000)
        }
        expect(bench.modem.asleep).toBe(false)
        bench.dialogue("> AT␍\n< ⏎OK⏎")
    })
})

describe("in data mode", () => {
    function inDataMode(options: ModemOptions = {}): {
        bench: Bench
        server: MemoryServer
    } {
        const bench = Bench.online(options)
        const server = bench.network.listen(SERVER, 80)
        bench.dialogue(`
            > AT+CSCLK=1;+CIPMODE=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎⏎CONNECT⏎
        `)
        return { bench, server }
    }

    test("it sleeps; data comes in, and goes out after DTR", () => {
        const { bench, server } = inDataMode()
        bench.listen(1100)
        expect(bench.modem.asleep).toBe(true)
        server.peer.send("in")
        bench.dialogue(`
            < in
            > lost
            ~ 1000
            ^ dtr low
            ~ 60
            > out
            ~ 500
        `)
        expect(server.peer.text).toBe("out")
    })

    test("sleepsInDataMode: false", () => {
        const { bench, server } = inDataMode({
            firmware: { sleepsInDataMode: false },
        })
        bench.dialogue("~ 20000\n> out\n~ 500")
        expect(server.peer.text).toBe("out")
    })
})
