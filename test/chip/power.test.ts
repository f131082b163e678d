/** PWRKEY and RESET, on pins of either chip, with and without transistors. */
import { describe, expect, test } from "vitest"
import { Phase } from "../../src/core/phase"
import type { BridgeUartOptions } from "../../src/ports/bridge"
import type { ModemOptions } from "../../sim/modem/options"
import { GPIOMode } from "./devicescript"
import { BridgeCore } from "./bridge-core"

/** The pins of the bridge that PWRKEY and RESET are at. */
const POWER_KEY = 0
const RESET = 1

interface Wiring {
    /** whose pins */
    at: "bridge" | "microcontroller"
    transistors: boolean
    powerKey?: boolean
    reset?: boolean
}

/** Driver, port, and a modem with these pins wired; `log` tells of its power. */
function wired(
    wiring: Wiring,
    modem: ModemOptions = {}
): { bridged: BridgeCore; log: string[] } {
    const { at, transistors } = wiring
    const log: string[] = []
    let drive: (pin: number, level: number | undefined) => void = () =>
        undefined
    const pinAt = (pin: number) => ({
        value: 1,
        setMode: (mode: number) => {
            if (mode === GPIOMode.OutputHigh) drive(pin, 1)
            else drive(pin, mode === GPIOMode.OutputLow ? 0 : undefined)
        },
    })
    const line = (wanted: boolean | undefined, pin: number) => {
        if (!wanted) return undefined
        return at === "bridge" ? pin : pinAt(pin)
    }
    const options: Partial<BridgeUartOptions> = { transistors }
    const powerKey = line(wiring.powerKey, POWER_KEY)
    const reset = line(wiring.reset, RESET)
    if (powerKey !== undefined) options.powerKey = powerKey
    if (reset !== undefined) options.reset = reset
    const bridged = new BridgeCore({}, options, {
        delays: "realistic",
        ...modem,
    })
    const { model, sim } = bridged
    // a transistor conducts when it is driven high; else nothing holds the line low
    const low = transistors ? 1 : 0
    drive = (pin, level) => {
        if (pin === POWER_KEY) sim.dte.setPowerKey(level === low)
        else sim.dte.setReset(level === low)
    }
    const others = model.onPins
    let before = 0
    model.onPins = () => {
        others?.()
        const pulled =
            model.ioDir & (transistors ? model.ioState : ~model.ioState)
        const changed = pulled ^ before
        before = pulled
        for (const pin of [POWER_KEY, RESET])
            if (changed & (1 << pin))
                drive(pin, pulled & (1 << pin) ? low : undefined)
    }
    sim.onTransition = (subject, from, to) => {
        if (subject === "power") log.push(`${from} -> ${to}`)
    }
    return { bridged, log }
}

const WIRINGS: Wiring[] = [
    { at: "bridge", transistors: false },
    { at: "bridge", transistors: true },
    { at: "microcontroller", transistors: false },
    { at: "microcontroller", transistors: true },
]

describe.each(WIRINGS)("at the $at, transistors: $transistors", wiring => {
    test("PWRKEY: a modem that is off is switched on", async () => {
        const { bridged, log } = wired({ ...wiring, powerKey: true })
        await bridged.start(false)
        expect(log).toEqual(["off -> booting", "booting -> on"])
        // most of it is the network's
        expect(bridged.clock.now()).toBeLessThan(30_000)
    })

    test("PWRKEY: a modem that is on is left alone", async () => {
        const { bridged, log } = wired({
            ...wiring,
            powerKey: true,
            reset: true,
        })
        await bridged.start()
        await bridged.wait(60_000)
        expect(log).toEqual(["off -> booting", "booting -> on"])
    })

    test("RESET: a modem that is on is reset", async () => {
        const { bridged, log } = wired({
            ...wiring,
            reset: true,
            powerKey: true,
        })
        await bridged.start()
        log.length = 0
        const since = bridged.clock.now()
        bridged.core.wishes.reset = true
        bridged.port.wake()
        await bridged.until("reset", () => log.length > 0)
        expect(bridged.clock.now() - since).toBeLessThan(200)
        await bridged.until(
            "up",
            () => bridged.core.bearer.phase === Phase.Ready
        )
        expect(log).toEqual(["on -> booting", "booting -> on"])
    })

    test("PWRKEY alone: a reset takes 33 s", async () => {
        const { bridged, log } = wired({ ...wiring, powerKey: true })
        await bridged.start()
        log.length = 0
        bridged.core.wishes.reset = true
        bridged.port.wake()
        await bridged.until("off", () => log.length > 0)
        await bridged.until(
            "up",
            () => bridged.core.bearer.phase === Phase.Ready
        )
        expect(log).toEqual(["on -> off", "off -> booting", "booting -> on"])
    })

    test("RESET alone: a modem that is off stays off, and is looked for", async () => {
        const { bridged, log } = wired({ ...wiring, reset: true })
        void bridged.start(false).catch(() => undefined)
        await bridged.wait(100_000)
        expect(log).toEqual([])
        expect(bridged.core.bearer.resets).toBeGreaterThan(0)
        bridged.sim.powerOn()
        await bridged.until(
            "up",
            () => bridged.core.bearer.phase === Phase.Ready
        )
    })
})

test("a modem that dies is reset if it is on, and switched on if it is off", async () => {
    const { bridged, log } = wired({
        at: "bridge",
        transistors: true,
        powerKey: true,
        reset: true,
    })
    await bridged.start()
    bridged.network.echo("10.0.0.1", 7)
    await bridged.connect("10.0.0.1", 7)
    log.length = 0
    bridged.sim.powerOff()
    await bridged.until(
        "noticed",
        () => bridged.core.bearer.phase !== Phase.Ready
    )
    await bridged.until("up", () => bridged.core.bearer.phase === Phase.Ready)
    expect(log).toEqual(["on -> off", "off -> booting", "booting -> on"])
})

test("a modem at another rate is found, although PWRKEY is tried first", async () => {
    const { bridged, log } = wired(
        { at: "bridge", transistors: true, powerKey: true, reset: true },
        { stored: { baud: 9600 } }
    )
    await bridged.start()
    expect(log).toEqual(["off -> booting", "booting -> on"])
    expect(bridged.sim.baud).toBe(115200)
})

test("a modem whose PWRKEY switches off as fast as on, at another rate: it is found", async () => {
    const { bridged } = wired(
        { at: "bridge", transistors: true, powerKey: true, reset: true },
        { stored: { baud: 9600 }, firmware: { powerKeyOffMs: 1000 } }
    )
    await bridged.start()
    expect(bridged.sim.baud).toBe(115200)
})
