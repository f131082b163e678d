/** Facts 8.6: PWRKEY, RESET, STATUS. */
import { describe, expect, test } from "vitest"
import { Bench } from "./bench"

const ROM = "␀IIII\\xff\\xff\\xff\\xff"
const BOOT = `${ROM}⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎`

const power = (bench: Bench): string[] =>
    bench.transitions.filter(each => each.startsWith("power"))

describe("PWRKEY on", () => {
    test("low for a second", () => {
        const bench = new Bench()
        bench.dialogue(`
            ^ pwrkey low
            ~ 1001
            ^ pwrkey high
            < ${BOOT}
        `)
        expect(power(bench)).toEqual([
            "power: off -> booting",
            "power: booting -> on",
        ])
        expect(bench.modem.dte.status).toBe(true)
    })

    test("low for less: nothing, and a line in the log", () => {
        const bench = new Bench()
        bench.dialogue("^ pwrkey low\n~ 995\n^ pwrkey high\n~ 10000")
        expect(bench.modem.activity).toBe("off")
        expect(bench.log).toEqual([
            "PWRKEY low for 995 ms: too short, it takes 1000 ms",
        ])
    })

    test("in real time: STATUS 1.3 s, UART 3 s after the start of the pulse", () => {
        const bench = new Bench({
            delays: "realistic",
            firmware: { romBurst: false },
        })
        const begin = bench.clock.now()
        bench.modem.dte.setPowerKey(true)
        bench.clock.runUntil(() => bench.modem.dte.status, 10_000)
        expect(bench.clock.now() - begin).toBe(1300)
        bench.clock.runUntil(() => bench.modem.activity === "command", 10_000)
        expect(bench.clock.now() - begin).toBe(3000)
        bench.clock.advance(0)
    })

    test("kept low, it does not switch off again", () => {
        const bench = new Bench()
        bench.dialogue(`^ pwrkey low\n< ${BOOT}\n~ 60000\n> AT␍\n< ⏎OK⏎`)
    })
})

describe("PWRKEY off", () => {
    test("low for a second and a half: NORMAL POWER DOWN", () => {
        const bench = Bench.ready()
        bench.dialogue(`
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
        expect(bench.modem.activity).toBe("off")
        expect(bench.log).toEqual([
            "PWRKEY low for 1490 ms: too short, it takes 1500 ms",
        ])
    })

    test("powerKeyOffMs", () => {
        const bench = Bench.ready({ firmware: { powerKeyOffMs: 1000 } })
        bench.dialogue("^ pwrkey low\n< ⏎NORMAL POWER DOWN⏎\n~ 50")
        expect(bench.modem.activity).toBe("off")
    })

    test("in data mode, asleep, with a connection", () => {
        const bench = Bench.online()
        const server = bench.network.listen("192.0.2.80", 80)
        bench.dialogue(`
            > AT+CIPMODE=1;+CSCLK=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","192.0.2.80",80␍
            < ⏎OK⏎⏎CONNECT⏎
            ~ 2000
            ^ pwrkey low
            < ⏎NORMAL POWER DOWN⏎
            ~ 100
        `)
        expect(bench.modem.activity).toBe("off")
        expect(bench.modem.dte.dcd).toBe(false)
        expect(server.peer.closed).toBe(true)
    })

    test("a DTE that takes nothing does not prevent it", () => {
        const bench = Bench.ready()
        bench.dialogue(
            "> AT+IFC=2,2␍\n< ⏎OK⏎\n^ rts high\n^ pwrkey low\n~ 7000"
        )
        expect(bench.modem.activity).toBe("off")
    })

    test("what is typed meanwhile is not heard", () => {
        const bench = Bench.ready({ delays: "realistic" })
        bench.dialogue(`
            ^ pwrkey low
            < ⏎NORMAL POWER DOWN⏎
            > AT␍
            ~ 3000
        `)
        expect(bench.modem.activity).toBe("off")
    })

    test("on again, not before 800 ms of rest", () => {
        const bench = Bench.ready()
        bench.dialogue(`
            ^ pwrkey low
            < ⏎NORMAL POWER DOWN⏎
            ^ pwrkey high
            ~ 500
            ^ pwrkey low
            ~ 2000
            ^ pwrkey high
        `)
        expect(bench.modem.activity).toBe("off")
        expect(bench.log).toEqual([
            "PWRKEY low less than 800 ms after the module went off: ignored",
        ])
        bench.dialogue(`^ pwrkey low\n< ${BOOT}`)
    })

    test("low for 33 s: off, and on again", () => {
        const bench = Bench.ready()
        bench.dialogue(`
            ^ pwrkey low
            < ⏎NORMAL POWER DOWN⏎
            ~ 31000
        `)
        expect(bench.modem.activity).toBe("off")
        bench.dialogue(`< ${BOOT}`)
    })
})

describe("RESET", () => {
    test("low for 105 ms: everything is gone, the module starts when it is high", () => {
        const bench = Bench.ready()
        bench.dialogue(`
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
        const bench = Bench.ready()
        bench.dialogue(`
            ^ reset low
            ~ 95
            ^ reset high
            ~ 10000
            > AT␍
            < ⏎OK⏎
        `)
        expect(bench.log).toEqual([
            "RESET low for 95 ms: too short, it takes 105 ms",
        ])
    })

    test("in real time: 2.7 s until STATUS", () => {
        const bench = Bench.ready({ delays: "realistic" })
        bench.modem.dte.setReset(true)
        bench.clock.advance(200)
        bench.modem.dte.setReset(false)
        const begin = bench.clock.now()
        bench.clock.runUntil(() => bench.modem.dte.status, 10_000)
        expect(bench.clock.now() - begin).toBe(2700)
        bench.listen(60_000)
    })

    test("without power it does nothing", () => {
        const bench = new Bench()
        bench.dialogue("^ reset low\n~ 1000\n^ reset high\n~ 10000")
        expect(power(bench)).toEqual([])
    })

    test("as long as it is low, nothing starts the module", () => {
        const bench = new Bench()
        bench.dialogue("^ reset low\n~ 200")
        bench.modem.powerOn()
        bench.dialogue("~ 10000")
        bench.modem.inject("brown-out")
        bench.dialogue(`~ 10000\n^ reset high\n< ${BOOT}\n~ 10000`)
    })

    test("power lost meanwhile stays lost", () => {
        const bench = Bench.ready()
        bench.dialogue("^ reset low\n~ 200")
        bench.modem.powerOff()
        bench.dialogue("^ reset high\n~ 10000")
        expect(bench.modem.activity).toBe("off")
    })
})

test("STATUS follows powerOn, powerOff and reset as well", () => {
    const bench = new Bench()
    bench.modem.powerOn()
    bench.listen(60_000)
    expect(bench.takePins()).toContain("status high")
    bench.modem.reset()
    bench.listen(60_000)
    expect(bench.takePins()).toContain("status low 3 ms")
    bench.modem.powerOff()
    expect(bench.takePins()).toContain("status low")
    bench.modem.dispose()
    expect(bench.clock.nextAt()).toBeUndefined()
})
