/** [AN] 2.2.5, facts 7 and 8.3: voice calls, and what RI does. */
import { describe, expect, test } from "vitest"
import type { MemoryServer } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { Bench } from "./bench"

const SERVER = "116.228.221.51"
const CALLER = "+8613900000000"

/** A transparent connection in data mode. */
function inDataMode(options: ModemOptions = {}): {
    bench: Bench
    server: MemoryServer
} {
    const bench = Bench.online(options)
    const server = bench.network.listen(SERVER, 8500)
    bench.dialogue(`
        > AT+CIPMODE=1␍
        < ⏎OK⏎
        > AT+CIPSTART="TCP","${SERVER}",8500␍
        < ⏎OK⏎⏎CONNECT⏎
    `)
    bench.takePins()
    return { bench, server }
}

describe("a call in command mode", () => {
    test("rings every 6 s, RI low, until it is answered", () => {
        const bench = Bench.ready()
        expect(bench.modem.call(CALLER)).toBe(true)
        bench.dialogue(`
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
        expect(bench.transitions).toEqual([
            "call: idle -> ringing",
            "call: ringing -> active",
            "call: active -> idle",
        ])
    })

    test("ATH rejects it", () => {
        const bench = Bench.ready()
        bench.modem.call(CALLER)
        bench.dialogue(`
            < ⏎RING⏎
            ! ri low
            > ATH0␍
            < ⏎OK⏎
            ! ri high
            ~ 60000
        `)
    })

    test("the caller gives up", () => {
        const bench = Bench.ready()
        bench.modem.call(CALLER)
        bench.dialogue("< ⏎RING⏎\n~ 1000")
        bench.modem.hangUp()
        const [ri] = bench.takePins()
        expect(ri).toMatch(/^ri low 100[0-9] ms$/)
        bench.dialogue(`
            < ⏎NO CARRIER⏎
            > ATA␍
            < ⏎NO CARRIER⏎
            ~ 60000
        `)
    })

    test("the caller gives up while it is being answered", () => {
        const bench = Bench.ready({ delays: "realistic" })
        bench.modem.call(CALLER)
        bench.dialogue("< ⏎RING⏎\n> ATA␍\n~ 100")
        bench.modem.hangUp()
        bench.dialogue("< ⏎NO CARRIER⏎\n~ 60000\n> AT␍\n< ⏎OK⏎")
    })

    test("the other side hangs up", () => {
        const bench = Bench.ready()
        bench.modem.call(CALLER)
        bench.dialogue("< ⏎RING⏎\n> ATA␍\n< ⏎OK⏎")
        bench.modem.hangUp()
        bench.dialogue("< ⏎NO CARRIER⏎")
        bench.modem.hangUp()
    })

    test("AT+CLIP=1: the number, of either type", () => {
        const bench = Bench.ready()
        bench.dialogue(`
            > AT+CLIP=?␍
            < ⏎+CLIP: (0,1)⏎⏎OK⏎
            > AT+CLIP=1␍
            < ⏎OK⏎
            > AT+CLIP?␍
            < ⏎+CLIP: 1,1⏎⏎OK⏎
            > AT+CLIP=2␍
            < ⏎ERROR⏎
        `)
        bench.modem.call("+123")
        bench.dialogue(`
            < ⏎RING⏎⏎+CLIP: "+123",145,"",0,"",0⏎
            > ATH␍
            < ⏎OK⏎
        `)
        bench.modem.call("10086")
        bench.dialogue(`
            < ⏎RING⏎⏎+CLIP: "10086",129,"",0,"",0⏎
            > ATH␍
            < ⏎OK⏎
        `)
    })

    test("AT+CRC=1: +CRING, kept by AT&W", () => {
        const bench = Bench.ready()
        bench.dialogue(`
            > AT+CRC=?␍
            < ⏎+CRC: (0,1)⏎⏎OK⏎
            > AT+CRC=1;&W␍
            < ⏎OK⏎
            > AT+CRC=0;Z␍
            < ⏎OK⏎
            > AT+CRC?␍
            < ⏎+CRC: 1⏎⏎OK⏎
        `)
        bench.modem.call(CALLER)
        bench.dialogue("< ⏎+CRING: VOICE⏎\n> ATH␍\n< ⏎OK⏎")
    })

    test("ATV0 and ATQ1", () => {
        const bench = Bench.ready()
        bench.dialogue("> ATV0␍\n< 0␍")
        bench.modem.call(CALLER)
        bench.dialogue("< 2␍")
        bench.modem.hangUp()
        bench.dialogue("< 3␍\n> ATQ1␍\n~ 100")
        bench.takePins()
        bench.modem.call(CALLER)
        bench.dialogue("~ 100\n! ri low")
        bench.modem.hangUp()
    })

    test("ringIntervalMs", () => {
        const bench = Bench.ready({ firmware: { ringIntervalMs: 3000 } })
        bench.modem.call(CALLER)
        bench.dialogue("< ⏎RING⏎\n~ 2995\n< ⏎RING⏎\n> ATH␍\n< ⏎OK⏎")
    })

    test("nobody gets through to a module without network, or in a call", () => {
        const off = new Bench()
        expect(off.modem.call(CALLER)).toBe(false)
        const bench = Bench.ready()
        bench.modem.call(CALLER)
        bench.dialogue("< ⏎RING⏎")
        expect(bench.modem.call("10086")).toBe(false)
        bench.modem.setRegistration(2)
        bench.dialogue("< ⏎NO CARRIER⏎")
        expect(bench.modem.call(CALLER)).toBe(false)
        expect(() => bench.modem.call("nobody")).toThrow(RangeError)
    })

    test("without a call: ATA and ATH", () => {
        Bench.ready().dialogue(`
            > ATA␍
            < ⏎NO CARRIER⏎
            > ATH␍
            < ⏎OK⏎
            > ATH1␍
            < ⏎ERROR⏎
        `)
    })

    test("a connection lives through it", () => {
        const bench = Bench.online()
        const server = bench.network.listen(SERVER, 8500)
        bench.dialogue(`
            > AT+CIPSTART="TCP","${SERVER}",8500␍
            < ⏎OK⏎⏎CONNECT OK⏎
        `)
        bench.modem.call(CALLER)
        bench.dialogue("< ⏎RING⏎\n> ATA␍\n< ⏎OK⏎\n> ATH␍\n< ⏎OK⏎")
        server.peer.send("still here")
        bench.dialogue("< still here")
    })

    test("a restart ends it", () => {
        const bench = Bench.ready()
        bench.modem.call(CALLER)
        bench.dialogue("< ⏎RING⏎")
        bench.modem.reset()
        expect(bench.modem.dte.ri).toBe(false)
        bench.listen(60_000)
        bench.dialogue("> ATA␍\n< ⏎NO CARRIER⏎")
    })
})

describe("2.2.5: a call in data mode", () => {
    test("RI 50 ms low at each ring; RING in command mode; answered there", () => {
        const { bench, server } = inDataMode()
        bench.modem.call(CALLER)
        bench.dialogue(`
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
        const { bench } = inDataMode({ firmware: { dataModeRings: "first" } })
        bench.modem.call(CALLER)
        bench.dialogue("~ 20000\n! ri low 50 ms")
    })

    test("gone before command mode: nothing is said", () => {
        const { bench } = inDataMode()
        bench.modem.call(CALLER)
        bench.dialogue("~ 100\n! ri low 50 ms")
        bench.modem.hangUp()
        bench.dialogue("~ 7000\n> +++\n~ 990\n< ⏎OK⏎\n~ 7000")
        expect(bench.takePins()).toEqual([])
    })

    test("back to data mode while it rings: pulses again", () => {
        const { bench } = inDataMode()
        bench.modem.call(CALLER)
        bench.dialogue(`
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
        bench.modem.hangUp()
        bench.dialogue("~ 1000\n> +++\n~ 990\n< ⏎OK⏎⏎NO CARRIER⏎")
    })

    test("the connection ends: RING in command mode", () => {
        const { bench, server } = inDataMode()
        bench.modem.call(CALLER)
        bench.listen(1000)
        server.peer.end()
        bench.dialogue("< ⏎CLOSED⏎⏎RING⏎\n> ATH␍\n< ⏎OK⏎")
    })
})

describe("AT+CFGRI: RI for unsolicited result codes", () => {
    test("forms, and AT&W", () => {
        const bench = Bench.ready()
        bench.dialogue(`
            > AT+CFGRI=?␍
            < ⏎+CFGRI: (0-2)⏎⏎OK⏎
            > AT+CFGRI?␍
            < ⏎+CFGRI: 0⏎⏎OK⏎
            > AT+CFGRI=3␍
            < ⏎ERROR⏎
            > AT+CFGRI=2;&W␍
            < ⏎OK⏎
        `)
        bench.modem.reset()
        bench.listen(60_000)
        bench.dialogue("> AT+CFGRI?␍\n< ⏎+CFGRI: 2⏎⏎OK⏎")
    })

    test.each([
        [0, [], []],
        [1, ["ri low 120 ms"], ["ri low 120 ms"]],
        [2, ["ri low 120 ms"], []],
    ])("%i", (mode, ofTcpIp, ofOthers) => {
        const bench = Bench.online()
        const server = bench.network.listen(SERVER, 8500)
        bench.dialogue(`
            > AT+CREG=1;+CFGRI=${mode}␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",8500␍
            < ⏎OK⏎⏎CONNECT OK⏎
            ~ 200
        `)
        expect(bench.takePins()).toEqual(ofTcpIp)
        server.peer.send("x")
        bench.dialogue("< x\n~ 200")
        expect(bench.takePins()).toEqual(ofTcpIp)
        bench.modem.setRegistration(5)
        bench.dialogue("< ⏎+CREG: 5⏎\n~ 200")
        expect(bench.takePins()).toEqual(ofOthers)
        // answers are not unsolicited
        bench.dialogue("> AT+CSQ␍\n< ⏎+CSQ: 20,0⏎⏎OK⏎\n~ 200")
        expect(bench.takePins()).toEqual([])
    })

    test("codes that follow closely are one pulse", () => {
        const bench = Bench.ready({ firmware: { factoryRingReports: 1 } })
        bench.dialogue("> AT+CREG=1␍\n< ⏎OK⏎")
        bench.modem.setRegistration(5)
        bench.dialogue("< ⏎+CREG: 5⏎\n~ 45")
        bench.modem.setRegistration(1)
        bench.dialogue("< ⏎+CREG: 1⏎\n~ 200")
        expect(bench.takePins()).toEqual([
            expect.stringMatching(/^ri low 1[67]\d ms$/),
        ])
    })

    test("a call is not cut short", () => {
        const bench = Bench.ready({ firmware: { factoryRingReports: 1 } })
        bench.modem.call(CALLER)
        bench.dialogue("< ⏎RING⏎\n~ 1000\n! ri low\n> ATH␍\n< ⏎OK⏎\n! ri high")
    })
})
