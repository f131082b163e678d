/** Facts 8.6: PWRKEY, RESET, STATUS. */
import { describe, expect, test } from "vitest"
import { TestTerminal } from "./terminal"

const ROM = "␀IIII\\xff\\xff\\xff\\xff"
const BOOT = `${ROM}⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎`

const power = (terminal: TestTerminal): string[] =>
    terminal.transitions.filter(each => each.startsWith("power"))

describe("PWRKEY on", () => {
    test("low for a second", () => {
        const terminal = new TestTerminal()
        terminal.dialogue(`
            ^ pwrkey low
            ~ 1001
            ^ pwrkey high
            < ${BOOT}
        `)
        expect(power(terminal)).toEqual([
            "power: off -> booting",
            "power: booting -> on",
        ])
        expect(terminal.modem.dte.status).toBe(true)
    })

    test("low for less: nothing, and a line in the log", () => {
        const terminal = new TestTerminal()
        terminal.dialogue("^ pwrkey low\n~ 995\n^ pwrkey high\n~ 10000")
        expect(terminal.modem.activity).toBe("off")
        expect(terminal.log).toEqual([
            "PWRKEY low for 995 ms: too short, it takes 1000 ms",
        ])
    })

    test("in real time: STATUS 1.3 s, UART 3 s after the start of the pulse", () => {
        const terminal = new TestTerminal({
            delays: "realistic",
            firmware: { romBurst: false },
        })
        const begin = terminal.clock.now()
        terminal.modem.dte.setPowerKey(true)
        terminal.clock.runUntil(() => terminal.modem.dte.status, 10_000)
        expect(terminal.clock.now() - begin).toBe(1300)
        terminal.clock.runUntil(
            () => terminal.modem.activity === "command",
            10_000
        )
        expect(terminal.clock.now() - begin).toBe(3000)
        terminal.clock.advance(0)
    })

    test("kept low, it does not switch off again", () => {
        const terminal = new TestTerminal()
        terminal.dialogue(`^ pwrkey low\n< ${BOOT}\n~ 60000\n> AT␍\n< ⏎OK⏎`)
    })
})

describe("PWRKEY off", () => {
    test("low for a second and a half: NORMAL POWER DOWN", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            ^ pwrkey low
            ~ 1490
            ^ pwrkey high
            ~ 1000
            > AT␍
            < ⏎OK⏎
            ^ pwrkey low
            ~ 1490
            < ⏎NORMAL POWER DOWN⏎
            ^ pwrkey high
            ~ 50
            ! status low, cts high
        `)
        expect(terminal.modem.activity).toBe("off")
        expect(terminal.log).toEqual([
            "PWRKEY low for 1490 ms: too short, it takes 1500 ms",
        ])
    })

    test("powerKeyOffMs", () => {
        const terminal = TestTerminal.ready({
            firmware: { powerKeyOffMs: 1000 },
        })
        terminal.dialogue("^ pwrkey low\n< ⏎NORMAL POWER DOWN⏎\n~ 50")
        expect(terminal.modem.activity).toBe("off")
    })

    test("in data mode, asleep, with a connection", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.listen("192.0.2.80", 80)
        terminal.dialogue(`
            > AT+CIPMODE=1;+CSCLK=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","192.0.2.80",80␍
            < ⏎OK⏎⏎CONNECT⏎
            ~ 2000
            ^ pwrkey low
            < ⏎NORMAL POWER DOWN⏎
            ~ 100
        `)
        expect(terminal.modem.activity).toBe("off")
        expect(terminal.modem.dte.dcd).toBe(false)
        expect(server.peer.closed).toBe(true)
    })

    test("a DTE that takes nothing does not prevent it", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(
            "> AT+IFC=2,2␍\n< ⏎OK⏎\n^ rts high\n^ pwrkey low\n~ 7000"
        )
        expect(terminal.modem.activity).toBe("off")
    })

    test("what is typed meanwhile is not heard", () => {
        const terminal = TestTerminal.ready({ delays: "realistic" })
        terminal.dialogue(`
            ^ pwrkey low
            < ⏎NORMAL POWER DOWN⏎
            > AT␍
            ~ 3000
        `)
        expect(terminal.modem.activity).toBe("off")
    })

    test("on again, not before 800 ms of rest", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            ^ pwrkey low
            < ⏎NORMAL POWER DOWN⏎
            ^ pwrkey high
            ~ 500
            ^ pwrkey low
            ~ 2000
            ^ pwrkey high
        `)
        expect(terminal.modem.activity).toBe("off")
        expect(terminal.log).toEqual([
            "PWRKEY low less than 800 ms after the module went off: ignored",
        ])
        terminal.dialogue(`^ pwrkey low\n< ${BOOT}`)
    })

    test("low for 33 s: off, and on again", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            ^ pwrkey low
            < ⏎NORMAL POWER DOWN⏎
            ~ 31000
        `)
        expect(terminal.modem.activity).toBe("off")
        terminal.dialogue(`< ${BOOT}`)
    })
})

describe("RESET", () => {
    test("low for 105 ms: everything is gone, the module starts when it is high", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            ^ reset low
            ~ 106
            ! status low, cts high
            ~ 10000
            ^ reset high
            < ${BOOT}
            ! status high, cts low
            > AT+CMEE?␍
            < ⏎+CMEE: 0⏎⏎OK⏎
        `)
    })

    test("low for less: nothing", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            ^ reset low
            ~ 95
            ^ reset high
            ~ 10000
            > AT␍
            < ⏎OK⏎
        `)
        expect(terminal.log).toEqual([
            "RESET low for 95 ms: too short, it takes 105 ms",
        ])
    })

    test("in real time: 2.7 s until STATUS", () => {
        const terminal = TestTerminal.ready({ delays: "realistic" })
        terminal.modem.dte.setReset(true)
        terminal.clock.advance(200)
        terminal.modem.dte.setReset(false)
        const begin = terminal.clock.now()
        terminal.clock.runUntil(() => terminal.modem.dte.status, 10_000)
        expect(terminal.clock.now() - begin).toBe(2700)
        terminal.listen(60_000)
    })

    test("without power it does nothing", () => {
        const terminal = new TestTerminal()
        terminal.dialogue("^ reset low\n~ 1000\n^ reset high\n~ 10000")
        expect(power(terminal)).toEqual([])
    })

    test("as long as it is low, nothing starts the module", () => {
        const terminal = new TestTerminal()
        terminal.dialogue("^ reset low\n~ 200")
        terminal.modem.powerOn()
        terminal.dialogue("~ 10000")
        terminal.modem.inject("brown-out")
        terminal.dialogue(`~ 10000\n^ reset high\n< ${BOOT}\n~ 10000`)
    })

    test("power lost meanwhile stays lost", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("^ reset low\n~ 200")
        terminal.modem.powerOff()
        terminal.dialogue("^ reset high\n~ 10000")
        expect(terminal.modem.activity).toBe("off")
    })
})

test("STATUS follows powerOn, powerOff and reset as well", () => {
    const terminal = new TestTerminal()
    terminal.modem.powerOn()
    terminal.listen(60_000)
    expect(terminal.takePins()).toContain("status high")
    terminal.modem.reset()
    terminal.listen(60_000)
    expect(terminal.takePins()).toContain("status low 3 ms")
    terminal.modem.powerOff()
    expect(terminal.takePins()).toContain("status low")
    terminal.modem.dispose()
    expect(terminal.clock.nextAt()).toBeUndefined()
})
