/** [AN] 11, facts 8.4: AT+CSCLK. */
import { describe, expect, test } from "vitest"
import { bytesOf } from "../../sim/modem/bytes"
import type { MemoryServer } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "116.228.221.51"

/** A module with one connection, and this AT+CSCLK; DTR is high. */
function connected(
    mode: 1 | 2,
    options: ModemOptions = {}
): { terminal: TestTerminal; server: MemoryServer } {
    const terminal = TestTerminal.online(options)
    const server = terminal.network.listen(SERVER, 80)
    terminal.dialogue(`
        > AT+CIPSTART="TCP","${SERVER}",80␍
        < ⏎OK⏎⏎CONNECT OK⏎
        > AT+CSCLK=${mode}␍
        < ⏎OK⏎
    `)
    terminal.transitions.length = 0
    return { terminal, server }
}

/** …that sleeps. */
function asleep(
    mode: 1 | 2,
    options: ModemOptions = {}
): { terminal: TestTerminal; server: MemoryServer } {
    const world = connected(mode, options)
    world.terminal.listen(mode === 1 ? 1100 : 5100)
    expect(world.terminal.modem.asleep).toBe(true)
    return world
}

describe("AT+CSCLK", () => {
    test("forms; AT&W keeps it, ATZ and AT&F leave it alone", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
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
        terminal.modem.reset()
        terminal.listen(60_000)
        terminal.dialogue("> AT+CSCLK?␍\n< ⏎+CSCLK: 1⏎⏎OK⏎")
    })

    test("0: never", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("~ 100000\n> AT␍\n< ⏎OK⏎")
        expect(terminal.modem.asleep).toBe(false)
    })
})

describe("AT+CSCLK=1", () => {
    test("sleeps while DTR is high, hears after 50 ms of DTR low", () => {
        const { terminal } = asleep(1)
        expect(terminal.transitions).toEqual(["sleep: awake -> asleep"])
        terminal.dialogue(`
            > AT␍
            ~ 1000
            ^ dtr low
            ~ 30
            > AT␍
            ~ 50
            > AT␍
            < ⏎OK⏎
        `)
        expect(terminal.modem.asleep).toBe(false)
        expect(terminal.log).toEqual([
            "6 bytes from the DTE were lost: the module slept (AT+CSCLK)",
        ])
    })

    test("a pulse of DTR that is too short does not wake it", () => {
        const { terminal } = asleep(1)
        terminal.dialogue("^ dtr low\n~ 45\n^ dtr high\n> AT␍\n~ 1000")
        expect(terminal.modem.asleep).toBe(true)
    })

    test("a pulse of 50 ms is enough, until it sleeps again", () => {
        const { terminal } = asleep(1)
        terminal.dialogue(`
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
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
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
        expect(terminal.modem.asleep).toBe(true)
    })

    test("received data wakes it and is told; commands wait for DTR", () => {
        const { terminal, server } = asleep(1)
        server.peer.send("wake up")
        terminal.dialogue("< wake up")
        expect(terminal.modem.asleep).toBe(false)
        terminal.dialogue("> AT␍\n~ 500")
        terminal.dialogue(`
            ^ dtr low
            ~ 60
            > AT␍
            < ⏎OK⏎
        `)
        terminal.dialogue("^ dtr high\n~ 1100")
        expect(terminal.modem.asleep).toBe(true)
    })

    test("so do a call, a message, and the end of a connection", () => {
        const { terminal, server } = asleep(1)
        terminal.modem.call("+123")
        terminal.dialogue("< ⏎RING⏎")
        terminal.listen(20_000)
        // not while it rings
        expect(terminal.modem.asleep).toBe(false)
        terminal.modem.hangUp()
        terminal.dialogue("< ⏎NO CARRIER⏎\n~ 2100")
        expect(terminal.modem.asleep).toBe(true)
        terminal.modem.receiveMessage({ from: "+123", text: "hello" })
        terminal.dialogue('< ⏎+CMTI: "SM",1⏎\n~ 2100')
        expect(terminal.modem.asleep).toBe(true)
        server.peer.end()
        terminal.dialogue("< ⏎CLOSED⏎")
        expect(terminal.modem.asleep).toBe(false)
    })

    test("data that is only kept wakes it too", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPRXGET=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CSCLK=1␍
            < ⏎OK⏎
        `)
        server.peer.send("one")
        terminal.dialogue("< ⏎+CIPRXGET: 1⏎\n~ 1200")
        expect(terminal.modem.asleep).toBe(true)
        server.peer.send("two")
        terminal.listen(50)
        expect(terminal.modem.asleep).toBe(false)
    })

    test("not while a command runs", () => {
        const { terminal } = connected(1)
        terminal.modem.inject("late-answer", 10_000)
        terminal.send("AT␍")
        terminal.listen(9000)
        expect(terminal.modem.asleep).toBe(false)
        terminal.dialogue("< ⏎OK⏎")
    })

    test("not while the prompt waits for data", () => {
        const { terminal, server } = connected(1)
        terminal.dialogue(`
            > AT+CIPSEND␍
            < ⏎> |
            ~ 10000
            > hello␚
            < ⏎SEND OK⏎
        `)
        expect(server.peer.text).toBe("hello")
    })

    test("sleepDelayMs", () => {
        const { terminal } = connected(1, { firmware: { sleepDelayMs: 20 } })
        terminal.listen(30)
        expect(terminal.modem.asleep).toBe(true)
    })

    test("a restart wakes it, for a while", () => {
        const { terminal } = asleep(1)
        terminal.modem.reset()
        expect(terminal.modem.asleep).toBe(false)
        terminal.listen(60_000)
        terminal.dialogue("> AT␍\n< ⏎OK⏎")
    })

    test("not before autobaud knows the rate", () => {
        const terminal = new TestTerminal({
            stored: { baud: 0, sleepMode: 1, echo: false },
            firmware: { romBurst: false },
        })
        terminal.modem.powerOn()
        terminal.listen(100_000)
        expect(terminal.modem.asleep).toBe(false)
        expect(terminal.ask("AT␍")).toContain("OK")
        terminal.listen(2100)
        expect(terminal.modem.asleep).toBe(true)
    })
})

describe("AT+CSCLK=2", () => {
    test("sleeps after 5 s of silence; the first character is lost", () => {
        const { terminal } = connected(2)
        terminal.listen(4900)
        expect(terminal.modem.asleep).toBe(false)
        terminal.listen(200)
        expect(terminal.modem.asleep).toBe(true)
        terminal.dialogue(`
            > A
            ~ 110
            > AT␍
            < ⏎OK⏎
        `)
        expect(terminal.log).toEqual([
            "1 bytes from the DTE were lost: the module slept (AT+CSCLK)",
        ])
    })

    test("so is all that comes within 100 ms", () => {
        const { terminal } = asleep(2)
        terminal.dialogue(`
            > AT␍
            ~ 80
            > AT␍
            ~ 30
            > AT␍
            < ⏎OK⏎
        `)
    })

    test("what comes over the air wakes it, and it hears", () => {
        const { terminal, server } = asleep(2)
        server.peer.send("wake up")
        terminal.dialogue("< wake up\n> AT␍\n< ⏎OK⏎")
    })

    test("DTR does not matter", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("^ dtr low\n> AT+CSCLK=2␍\n< ⏎OK⏎\n~ 5100")
        expect(terminal.modem.asleep).toBe(true)
    })

    test("each byte counts", () => {
        const { terminal } = connected(2)
        for (let i = 0; i < 5; i++) {
            terminal.modem.dte.write(bytesOf(" "))
            terminal.listen(4000)
        }
        expect(terminal.modem.asleep).toBe(false)
        terminal.dialogue("> AT␍\n< ⏎OK⏎")
    })
})

describe("in data mode", () => {
    function inDataMode(options: ModemOptions = {}): {
        terminal: TestTerminal
        server: MemoryServer
    } {
        const terminal = TestTerminal.online(options)
        const server = terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CSCLK=1;+CIPMODE=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎⏎CONNECT⏎
        `)
        return { terminal, server }
    }

    test("it sleeps; data comes in, and goes out after DTR", () => {
        const { terminal, server } = inDataMode()
        terminal.listen(1100)
        expect(terminal.modem.asleep).toBe(true)
        server.peer.send("in")
        terminal.dialogue(`
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
        const { terminal, server } = inDataMode({
            firmware: { sleepsInDataMode: false },
        })
        terminal.dialogue("~ 20000\n> out\n~ 500")
        expect(server.peer.text).toBe("out")
    })
})
