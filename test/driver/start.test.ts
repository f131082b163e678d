/** Driver and modem together: every modem that a driver may find. */
import { Reception } from "../../src/core/config"
import { describe, expect, test } from "vitest"
import { Phase } from "../../src/core/phase"
import { Failure } from "../../src/core/errors"
import { LinkState } from "../../src/core/link/connection"
import { peculiarities } from "./peculiarities"
import { noise, Rig } from "./rig"

/** The start fails for this reason, and goes on failing. */
function fails(rig: Rig, failure: Failure, phase: Phase, ms = 400_000): void {
    rig.sim.powerOn()
    rig.core.start(Math.floor(rig.clock.now()))
    rig.expect(
        `${Phase[phase]} for ${Failure[failure]}`,
        () =>
            rig.core.bearer.phase === phase &&
            rig.core.bearer.failure === failure,
        ms
    )
}

describe("a modem that is found", () => {
    test("off, and switched on at the same time: autobaud, garbage, echo", () => {
        const rig = new Rig({}, { delays: "realistic", stored: {} })
        rig.start()
        expect(rig.clock.now()).toBeLessThan(20_000)
        expect(rig.core.bearer.restarts).toBe(0)
        expect(rig.wire).toContain("> AT+IPR=115200␍")
        // its second start is at the fixed rate, and says so
        rig.wire = ""
        rig.sim.reset()
        rig.expect("again", () => rig.core.bearer.restarts === 1)
        rig.expect("ready", () => rig.ready)
        expect(rig.wire).toContain("⏎RDY⏎")
        expect(rig.wire).not.toContain("AT+IPR=")
    })

    test("running for long, registered and attached", () => {
        const rig = new Rig()
        rig.sim.powerOn()
        rig.clock.advance(60_000)
        const before = rig.clock.now()
        rig.start()
        expect(rig.clock.now() - before).toBeLessThan(2000)
    })

    test.each([1200, 9600, 57600, 460800])("at %i baud", baud => {
        const rig = new Rig({}, { stored: { baud } })
        rig.start()
        expect(rig.sim.baud).toBe(115200)
    })

    test.each([
        [
            "waiting for the rest of the data",
            "AT+CIPSEND=0,1000\r",
            "half of i",
        ],
        ["waiting for Ctrl-Z", "AT+CIPSEND=0\r", "half of it"],
    ])("%s, because the microcontroller was reset", (_, command, data) => {
        const before = new Rig().start()
        before.network.listen("10.0.0.1", 7)
        before.connect()
        before.sim.dte.write(Buffer.from(command))
        before.clock.advance(100)
        before.sim.dte.write(Buffer.from(data))
        before.clock.advance(100)
        expect(before.sim.activity).toBe("data")
        new Rig({}, before).start()
    })

    test("with echo and error texts stored, and without answers", () => {
        const rig = new Rig({}, { stored: { baud: 115200, errorReports: 2 } })
        rig.start()
    })
})

describe("a module that another program has used before", () => {
    /** Says something to the modem in place of the driver. */
    function told(rig: Rig, ...commands: string[]): void {
        for (const command of commands) {
            rig.sim.dte.write(Buffer.from(`${command}\r`))
            rig.clock.advance(10_000)
        }
    }

    test.each(["hello", "ATM: 50 EUR", "NORMAL POWER DOWN", "0, CLOSED"])(
        "its AT+CNMI=2,2 is saved: a message %j changes nothing",
        text => {
            const before = new Rig().start()
            told(before, "AT+CMGF=1;+CNMI=2,2,0,0,0", "AT&W")
            before.sim.reset()
            const rig = new Rig({}, before)
            rig.core.start(rig.now())
            rig.expect("ready", () => rig.ready)
            rig.network.echo("10.0.0.1", 7)
            const link = rig.connect()
            rig.sim.receiveMessage({ from: "+123", text })
            rig.wait(10_000)
            expect(rig.state(link)).toBe("CONNECTED")
            expect(rig.core.bearer.restarts).toBe(0)
            // stored, and not shown
            expect(rig.wire).toContain("+CMTI:")
            expect(rig.wire).not.toContain("+CMT:")
        }
    )

    test.each([0, 4])("AT+CFUN=%d is ended, in less than a minute", level => {
        const before = new Rig({}, { delays: "realistic" }).start()
        told(before, `AT+CFUN=${level}`)
        const rig = new Rig({}, before)
        const since = rig.clock.now()
        rig.core.start(rig.now())
        rig.expect("ready", () => rig.ready)
        expect(rig.clock.now() - since).toBeLessThan(60_000)
    })
})

describe("a SIM card", () => {
    const sim = { pin: "1234" }

    test("with a PIN", () => {
        new Rig({ pin: "1234" }, { sim, delays: "realistic" }).start()
    })

    test("with another PIN: tried once, never again", () => {
        const rig = new Rig({ pin: "9999" }, { sim })
        fails(rig, Failure.PinRefused, Phase.Failed)
        rig.core.start(Math.floor(rig.clock.now()))
        rig.wait(60_000)
        expect(rig.wire.split("> AT+CPIN=").length - 1).toBe(1)
    })

    test("with a PIN that nobody has given", () => {
        fails(new Rig({}, { sim }), Failure.PinRequired, Phase.Failed)
    })

    test("a board that starts for ever with a wrong PIN does not lock it", () => {
        const first = new Rig({ pin: "9999" }, { sim })
        let tries = 0
        for (let i = 0; i < 6; i++) {
            const rig = new Rig({ pin: "9999" }, first)
            fails(
                rig,
                i < 2 ? Failure.PinRefused : Failure.PinLastTry,
                Phase.Failed
            )
            tries += rig.wire.split("> AT+CPIN=").length - 1
        }
        expect(tries).toBe(2)
    })

    test("that is not there", () => {
        const rig = new Rig({}, { sim: { inserted: false } })
        fails(rig, Failure.SimMissing, Phase.Resting)
    })
})

describe("a network", () => {
    test("that takes its time, and is not at home", () => {
        const rig = new Rig(
            {},
            {
                registration: [
                    { afterMs: 0, status: 2 },
                    { afterMs: 50_000, status: 5 },
                ],
            }
        )
        rig.start()
        expect(rig.clock.now()).toBeGreaterThan(50_000)
    })

    test("that denies", () => {
        const rig = new Rig({}, { registration: [{ afterMs: 0, status: 3 }] })
        fails(rig, Failure.RegistrationDenied, Phase.Resting)
    })

    test("that is not there", () => {
        const rig = new Rig({}, { registration: [{ afterMs: 0, status: 2 }] })
        fails(rig, Failure.NotRegistered, Phase.Resting)
    })

    test("without GPRS", () => {
        const rig = new Rig({}, { operator: { gprs: "reject" } })
        fails(rig, Failure.NotAttached, Phase.Resting)
    })

    test("that does not know the APN, and then does", () => {
        let knows = false
        const rig = new Rig(
            { apn: "iot", user: "u", password: "p" },
            {
                operator: {
                    acceptsContext: (apn, user, password) =>
                        knows && apn + user + password === "iotup",
                },
            }
        )
        fails(rig, Failure.ActivationRefused, Phase.Resting)
        knows = true
        rig.expect("ready", () => rig.ready)
    })
})

describe.each([
    ["manual", Reception.Manual],
    ["hex", Reception.Hex],
    ["push", Reception.Push],
])("firmware with (%s)", (_, reception) => {
    test.each(peculiarities)("%s", (_, firmware, driver) => {
        const rig = new Rig({ reception, ...driver }, { firmware }).start()
        rig.network.echo("10.0.0.1", 7)
        const data = noise(9, 4000)
        const link = rig.connect()
        rig.send(link, data)
        let got = Buffer.alloc(0)
        rig.expect("echoed", () => {
            if (link.readable > 0) got = Buffer.concat([got, rig.read(link)])
            return got.length === data.length
        })
        expect(got.equals(data)).toBe(true)
        rig.close(link)
        rig.expect("closed", () => link.state === LinkState.Initial)
        // and all over again
        rig.sim.inject("pdp-deact")
        rig.expect("lost", () => !rig.ready)
        rig.expect("ready", () => rig.ready)
        expect(rig.core.bearer.restarts).toBe(0)
    })
})
