/**
 * A driver that has been stopped, or has given up, does nothing by itself: whatever the
 * modem says, and however long it takes, no byte goes out, no pin is pulled, and nothing
 * of it is left for the next start.
 */
import { describe, expect, test } from "vitest"
import { Reception } from "../../src/core/config"
import { Sleep, SleepMode } from "../../src/core/sleep"
import type { ModemConfig } from "../../src/core/options"
import { Phase } from "../../src/core/phase"
import { answers, bytes, converse, Driver } from "./dialogue"

const HOUR = 3_600_000

/** Lines, headers, payload and noise; some of them begin what a driver would look into. */
const SAID = [
    "⏎OK⏎",
    "⏎ERROR⏎",
    "⏎> ",
    "⏎RDY⏎",
    "⏎+CFUN: 1⏎",
    "⏎+CPIN: READY⏎",
    "⏎+CPIN: NOT INSERTED⏎",
    "⏎Call Ready⏎",
    "⏎SMS Ready⏎",
    "⏎NORMAL POWER DOWN⏎",
    "⏎+PDP: DEACT⏎",
    "⏎STATE: PDP DEACT⏎",
    "⏎STATE: IP INITIAL⏎",
    "⏎0, CONNECT OK⏎",
    "⏎0, CONNECT FAIL⏎",
    "⏎0, ALREADY CONNECT⏎",
    "⏎0, CLOSED⏎",
    "⏎CLOSED⏎",
    "⏎0, CLOSE OK⏎",
    "⏎0, SEND OK⏎",
    "⏎CONNECT⏎",
    "⏎0, REMOTE IP: 10.0.0.9⏎",
    "⏎SERVER OK⏎",
    "⏎+CIPRXGET: 1,0⏎",
    "⏎+CIPRXGET: 2,0,1400,5⏎",
    "⏎+CIPRXGET: 2,0,9999,5⏎",
    "⏎+CIPRX⏎",
    "⏎+RECEIVE,0,5:⏎hello",
    "⏎+RECEIVE,0,1400:⏎hel",
    "⏎+RECEIVE,9,99999:⏎hello",
    "⏎+RECEIVE,⏎",
    "+IPD,5:hello",
    "+IPD,99999:hello",
    '⏎+CMT: "1","",""⏎',
    '⏎+CUSD: 0,"⏎',
    "AT+CPIN?␍",
    "half a li",
    "\\xff\\x00\\xff",
]

const MODES: [string, Partial<ModemConfig>][] = [
    ["manual", {}],
    ["push", { reception: Reception.Push }],
    ["single push", { multi: false, reception: Reception.Push }],
    ["plain", { multi: false, reception: Reception.Plain }],
    ["lazy", { multi: false, lazy: true }],
    [
        "transparent",
        { multi: false, transparent: true, reception: Reception.Push },
    ],
]

/** How it has come to do nothing. */
const BEFORE: Record<string, (driver: Driver) => void> = {
    "not started": () => undefined,
    stopped: driver => {
        driver.play("! start")
        converse(driver, 20_000, answers({}))
        expect(driver.modem.bearer.phase).toBe(Phase.Ready)
        driver.play("! stop")
    },
    "stopped while a connection is made": driver => {
        driver.play("! start")
        converse(driver, 20_000, answers({}))
        driver.play("! open a 1")
        converse(driver, 500, answers({}))
        expect(driver.modem.links.inUse).toBe(true)
        driver.play("! stop")
    },
    "stopped on the way up": driver => {
        driver.play("! start")
        converse(driver, 20_000, answers({ "AT+CREG?": "⏎+CREG: 0,2⏎⏎OK⏎" }))
        driver.play("! stop")
    },
    "given up": driver => {
        driver.play("! start")
        converse(
            driver,
            20_000,
            answers({ "AT+CPIN?": "⏎+CPIN: SIM PUK⏎⏎OK⏎" })
        )
        expect(driver.modem.bearer.phase).toBe(Phase.Failed)
    },
    "given up, with a connection before": driver => {
        driver.play("! start")
        converse(driver, 20_000, answers({}))
        driver.play("! open a 1")
        converse(driver, 500, answers({}))
        driver.feed(bytes("⏎RDY⏎⏎RDY⏎"))
        converse(
            driver,
            20_000,
            answers({ "AT+CPIN?": "⏎+CPIN: SIM PUK⏎⏎OK⏎" })
        )
        expect(driver.modem.bearer.phase).toBe(Phase.Failed)
    },
}

test("a pin that was about to be pulled is left alone", () => {
    const driver = new Driver({ resetPin: true }).play("! start")
    converse(driver, 20_000, answers({}))
    const { modem } = driver
    modem.wishes.reset = true
    driver.settle()
    expect(modem.uart.resetWanted).toBe(true)
    driver.play("! stop")
    expect(modem.uart.resetWanted).toBe(false)
})

describe.each(MODES)("%s", (_, options) => {
    describe.each(Object.keys(BEFORE))("%s", before => {
        const driverThere = (): Driver => {
            const driver = new Driver(options)
            if (!options.transparent)
                new Sleep(driver.modem, SleepMode.Dtr, 2000)
            BEFORE[before](driver)
            driver.out = Buffer.alloc(0)
            return driver
        }

        /** Lets an hour pass, and looks whether anything was done. */
        const expectQuiet = (driver: Driver, phase: Phase): void => {
            const { modem } = driver
            driver.wait(HOUR)
            driver.silent()
            expect(modem.bearer.phase).toBe(phase)
            expect(modem.uart.dtr).toBe(true)
            expect(modem.uart.resetWanted || modem.uart.powerKeyWanted).toBe(
                false
            )
        }

        test.each(SAID)("%s", said => {
            const driver = driverThere()
            const { phase } = driver.modem.bearer
            for (let twice = 0; twice < 2; twice++) {
                driver.feed(bytes(said))
                driver.wait(7000)
            }
            expectQuiet(driver, phase)
        })

        test("bytes are lost, and somebody wishes something", () => {
            const driver = driverThere()
            const { modem } = driver
            const { phase } = modem.bearer
            modem.bytesLost()
            modem.wishes.audit = true
            driver.wait(1000)
            modem.wishes.shut = modem.wishes.reset = true
            expectQuiet(driver, phase)
        })
    })
})
