/** [AN] 2.2.5, facts 7 and 8.3: voice calls, and what RI does. */
import { describe, expect, test } from "vitest"
import type { MemoryServer } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "116.228.221.51"
const CALLER = "+8613900000000"

/** A transparent connection in data mode. */
function inDataMode(options: ModemOptions = {}): {
    terminal: TestTerminal
    server: MemoryServer
} {
    const terminal = TestTerminal.online(options)
    const server = terminal.network.listen(SERVER, 8500)
    terminal.dialogue(`
        > AT+CIPMODE=1␍
        < ⏎OK⏎
        > AT+CIPSTART="TCP","${SERVER}",8500␍
        < ⏎OK⏎⏎CONNECT⏎
    `)
    terminal.takePins()
    return { terminal, server }
}

describe("a call in command mode", () => {
    test("rings every 6 s, RI low, until it is answered", () => {
        const terminal = TestTerminal.ready()
        expect(terminal.modem.call(CALLER)).toBe(true)
        terminal.dialogue(`
            < ⏎RING⏎
            ! ri low
            ~ 5990
            < ⏎RING⏎
            ~ 3000
            > ATA␍
            < ⏎OK⏎
            ! ri high
            ~ 60000
            > ATH␍
            < ⏎OK⏎
        `)
        expect(terminal.transitions).toEqual([
            "call: idle -> ringing",
            "call: ringing -> active",
            "call: active -> idle",
        ])
    })

    test("ATH rejects it", () => {
        const terminal = TestTerminal.ready()
        terminal.modem.call(CALLER)
        terminal.dialogue(`
            < ⏎RING⏎
            ! ri low
            > ATH0␍
            < ⏎OK⏎
            ! ri high
            ~ 60000
        `)
    })

    test("the caller gives up", () => {
        const terminal = TestTerminal.ready()
        terminal.modem.call(CALLER)
        terminal.dialogue("< ⏎RING⏎\n~ 1000")
        terminal.modem.hangUp()
        const [ri] = terminal.takePins()
        expect(ri).toMatch(/^ri low 100[0-9] ms$/)
        terminal.dialogue(`
            < ⏎NO CARRIER⏎
            > ATA␍
            < ⏎NO CARRIER⏎
            ~ 60000
        `)
    })

    test("the caller gives up while it is being answered", () => {
        const terminal = TestTerminal.ready({ delays: "realistic" })
        terminal.modem.call(CALLER)
        terminal.dialogue("< ⏎RING⏎\n> ATA␍\n~ 100")
        terminal.modem.hangUp()
        terminal.dialogue("< ⏎NO CARRIER⏎\n~ 60000\n> AT␍\n< ⏎OK⏎")
    })

    test("the other side hangs up", () => {
        const terminal = TestTerminal.ready()
        terminal.modem.call(CALLER)
        terminal.dialogue("< ⏎RING⏎\n> ATA␍\n< ⏎OK⏎")
        terminal.modem.hangUp()
        terminal.dialogue("< ⏎NO CARRIER⏎")
        terminal.modem.hangUp()
    })

    test("AT+CLIP=1: the number, of either type", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CLIP=?␍
            < ⏎+CLIP: (0,1)⏎⏎OK⏎
            > AT+CLIP=1␍
            < ⏎OK⏎
            > AT+CLIP?␍
            < ⏎+CLIP: 1,1⏎⏎OK⏎
            > AT+CLIP=2␍
            < ⏎ERROR⏎
        `)
        terminal.modem.call("+123")
        terminal.dialogue(`
            < ⏎RING⏎⏎+CLIP: "+123",145,"",0,"",0⏎
            > ATH␍
            < ⏎OK⏎
        `)
        terminal.modem.call("10086")
        terminal.dialogue(`
            < ⏎RING⏎⏎+CLIP: "10086",129,"",0,"",0⏎
            > ATH␍
            < ⏎OK⏎
        `)
    })

    test("AT+CRC=1: +CRING, until a restart", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CRC=?␍
            < ⏎+CRC: (0,1)⏎⏎OK⏎
            > AT+CRC=1;&W␍
            < ⏎OK⏎
            > AT+CRC=;+CRC?␍
            < ⏎+CRC: 1⏎⏎OK⏎
        `)
        terminal.modem.call(CALLER)
        terminal.dialogue("< ⏎+CRING: VOICE⏎\n> ATH␍\n< ⏎OK⏎")
        terminal.modem.reset()
        terminal.listen(60_000)
        terminal.dialogue("> AT+CRC?␍\n< ⏎+CRC: 0⏎⏎OK⏎")
    })

    test("ATV0 and ATQ1", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> ATV0␍\n< 0␍")
        terminal.modem.call(CALLER)
        terminal.dialogue("< 2␍")
        terminal.modem.hangUp()
        terminal.dialogue("< 3␍\n> ATQ1␍\n~ 100")
        terminal.takePins()
        terminal.modem.call(CALLER)
        terminal.dialogue("~ 100\n! ri low")
        terminal.modem.hangUp()
    })

    test("ringIntervalMs", () => {
        const terminal = TestTerminal.ready({
            firmware: { ringIntervalMs: 3000 },
        })
        terminal.modem.call(CALLER)
        terminal.dialogue("< ⏎RING⏎\n~ 2995\n< ⏎RING⏎\n> ATH␍\n< ⏎OK⏎")
    })

    test("nobody gets through to a module without network, or in a call", () => {
        const off = new TestTerminal()
        expect(off.modem.call(CALLER)).toBe(false)
        const terminal = TestTerminal.ready()
        terminal.modem.call(CALLER)
        terminal.dialogue("< ⏎RING⏎")
        expect(terminal.modem.call("10086")).toBe(false)
        terminal.modem.setRegistration(2)
        terminal.dialogue("< ⏎NO CARRIER⏎")
        expect(terminal.modem.call(CALLER)).toBe(false)
        expect(() => terminal.modem.call("nobody")).toThrow(RangeError)
    })

    test("without a call: ATA and ATH", () => {
        TestTerminal.ready().dialogue(`
            > ATA␍
            < ⏎NO CARRIER⏎
            > ATH␍
            < ⏎OK⏎
            > ATH1␍
            < ⏎ERROR⏎
        `)
    })

    test("a connection lives through it", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","${SERVER}",8500␍
            < ⏎OK⏎⏎CONNECT OK⏎
        `)
        terminal.modem.call(CALLER)
        terminal.dialogue("< ⏎RING⏎\n> ATA␍\n< ⏎OK⏎\n> ATH␍\n< ⏎OK⏎")
        server.peer.send("still here")
        terminal.dialogue("< still here")
    })

    test("a restart ends it", () => {
        const terminal = TestTerminal.ready()
        terminal.modem.call(CALLER)
        terminal.dialogue("< ⏎RING⏎")
        terminal.modem.reset()
        expect(terminal.modem.dte.ri).toBe(false)
        terminal.listen(60_000)
        terminal.dialogue("> ATA␍\n< ⏎NO CARRIER⏎")
    })
})

describe("2.2.5: a call in data mode", () => {
    test("RI 50 ms low at each ring; RING in command mode; answered there", () => {
        const { terminal, server } = inDataMode()
        terminal.modem.call(CALLER)
        terminal.dialogue(`
            ~ 100
            ! ri low 50 ms
            ~ 6000
            ! ri low 50 ms
            > data goes on
            ~ 1000
            > +++
            ~ 990
            < ⏎OK⏎⏎RING⏎
            ! ri low
            > ATA␍
            < ⏎OK⏎
            ! ri high
            > ATH␍
            < ⏎OK⏎
            > ATO␍
            < ⏎CONNECT⏎
        `)
        expect(server.peer.text).toBe("data goes on")
    })

    test("dataModeRings: first", () => {
        const { terminal } = inDataMode({
            firmware: { dataModeRings: "first" },
        })
        terminal.modem.call(CALLER)
        terminal.dialogue("~ 20000\n! ri low 50 ms")
    })

    test("gone before command mode: nothing is said", () => {
        const { terminal } = inDataMode()
        terminal.modem.call(CALLER)
        terminal.dialogue("~ 100\n! ri low 50 ms")
        terminal.modem.hangUp()
        terminal.dialogue("~ 7000\n> +++\n~ 990\n< ⏎OK⏎\n~ 7000")
        expect(terminal.takePins()).toEqual([])
    })

    test("back to data mode while it rings: pulses again", () => {
        const { terminal } = inDataMode()
        terminal.modem.call(CALLER)
        terminal.dialogue(`
            ~ 1000
            ! ri low 50 ms
            > +++
            ~ 990
            < ⏎OK⏎⏎RING⏎
            ! ri low
            > ATO␍
            < ⏎CONNECT⏎
            ! ri high
            ~ 6060
            ! ri low 50 ms
        `)
        terminal.modem.hangUp()
        terminal.dialogue("~ 1000\n> +++\n~ 990\n< ⏎OK⏎⏎NO CARRIER⏎")
    })

    test("the connection ends: RING in command mode", () => {
        const { terminal, server } = inDataMode()
        terminal.modem.call(CALLER)
        terminal.listen(1000)
        server.peer.end()
        terminal.dialogue("< ⏎CLOSED⏎⏎RING⏎\n> ATH␍\n< ⏎OK⏎")
    })
})

describe("AT+CFGRI: RI for unsolicited result codes", () => {
    test("forms, and AT&W", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CFGRI=?␍
            < ⏎+CFGRI: (0-2)⏎⏎OK⏎
            > AT+CFGRI?␍
            < ⏎+CFGRI: 0⏎⏎OK⏎
            > AT+CFGRI=3␍
            < ⏎ERROR⏎
            > AT+CFGRI=2;&W␍
            < ⏎OK⏎
        `)
        terminal.modem.reset()
        terminal.listen(60_000)
        terminal.dialogue("> AT+CFGRI?␍\n< ⏎+CFGRI: 2⏎⏎OK⏎")
    })

    test.each([
        [0, [], []],
        [1, ["ri low 120 ms"], ["ri low 120 ms"]],
        [2, ["ri low 120 ms"], []],
    ])("%i", (mode, ofTcpIp, ofOthers) => {
        const terminal = TestTerminal.online()
        const server = terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > AT+CREG=1;+CFGRI=${mode}␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",8500␍
            < ⏎OK⏎⏎CONNECT OK⏎
            ~ 200
        `)
        expect(terminal.takePins()).toEqual(ofTcpIp)
        server.peer.send("x")
        terminal.dialogue("< x\n~ 200")
        expect(terminal.takePins()).toEqual(ofTcpIp)
        terminal.modem.setRegistration(5)
        terminal.dialogue("< ⏎+CREG: 5⏎\n~ 200")
        expect(terminal.takePins()).toEqual(ofOthers)
        // answers are not unsolicited
        terminal.dialogue("> AT+CSQ␍\n< ⏎+CSQ: 20,0⏎⏎OK⏎\n~ 200")
        expect(terminal.takePins()).toEqual([])
    })

    test("codes that follow closely are one pulse", () => {
        const terminal = TestTerminal.ready({
            firmware: { factoryRingReports: 1 },
        })
        terminal.dialogue("> AT+CREG=1␍\n< ⏎OK⏎")
        terminal.modem.setRegistration(5)
        terminal.dialogue("< ⏎+CREG: 5⏎\n~ 45")
        terminal.modem.setRegistration(1)
        terminal.dialogue("< ⏎+CREG: 1⏎\n~ 200")
        expect(terminal.takePins()).toEqual([
            expect.stringMatching(/^ri low 1[67]\d ms$/),
        ])
    })

    test("a call is not cut short", () => {
        const terminal = TestTerminal.ready({
            firmware: { factoryRingReports: 1 },
        })
        terminal.modem.call(CALLER)
        terminal.dialogue(
            "< ⏎RING⏎\n~ 1000\n! ri low\n> ATH␍\n< ⏎OK⏎\n! ri high"
        )
    })
})
