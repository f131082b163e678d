/**
 * The self-test: the steps of `src/selftest`, at a Serial of Espruino. It is a separate
 * module, for Storage under the name SIM800test.
 */
import { Wired } from "../core/options"
import type { Output } from "../core/encoder"
import type { Ring } from "../core/ring"
import { selfTest as steps } from "selftest"
import type { SelfTestOptions, SelfTestResult, Wires } from "./api"
import { checkObject } from "./errors"
import { Port, type PortOwner } from "./port"

/** poll interval until RESET or PWRKEY is released, ms */
const LOOK = 20

/** The port in the form that the steps need: with promises. */
class TestPort implements PortOwner {
    /** RTS cannot be tested: Espruino handles it by itself, and accepts all bytes */
    readonly wired: Wired
    readonly largestBurst: number
    dcd = false
    riPulse = 0
    overruns = 0

    private readonly port: Port
    private output: Output | null = null
    private awake = false
    /** ends the present wait */
    private resume: (() => void) | null = null

    constructor(serial: Serial, wires: Wires) {
        const port = new Port(serial, wires)
        this.port = port
        this.largestBurst = port.largestBurst
        this.wired = port.wired & ~Wired.RtsCts
        if (wires.ri !== undefined) this.wired |= Wired.Ri
    }

    open(ring: Ring, output: Output, baud: number): Promise<void> {
        this.output = output
        this.port.open(this, ring, output, baud)
        return Promise.resolve()
    }

    wait(ms: number): Promise<void> {
        const output = this.output
        this.port.take()
        if (output !== null && output.left > 0) this.port.send()
        return new Promise(resolve => {
            const timer = setTimeout(() => this.wake(), this.awake ? 0 : ms)
            this.awake = false
            this.resume = () => {
                clearTimeout(timer)
                this.resume = null
                this.port.take()
                this.dcd = this.port.hasCarrier()
                resolve()
            }
        })
    }

    wake() {
        const resume = this.resume
        if (resume === null) this.awake = true
        else resume()
    }

    pump() {
        this.wake()
    }

    pulsed(ms: number) {
        this.riPulse = Math.round(ms)
        this.wake()
    }

    setDtr(low: boolean) {
        this.port.setDtr(low)
    }

    reset(): Promise<void> {
        this.port.reset()
        return this.released()
    }

    pressPowerKey(): Promise<void> {
        this.port.pressPowerKey()
        return this.released()
    }

    private released(): Promise<void> {
        return this.wait(LOOK).then(() =>
            this.port.held ? this.released() : undefined
        )
    }

    close(): Promise<void> {
        this.port.close()
        return Promise.resolve()
    }
}

/**
 * Tests wiring, supply, SIM card, network and data. Nothing else may use the modem
 * meanwhile.
 */
export function selfTest(
    serial: Serial,
    options: SelfTestOptions
): Promise<SelfTestResult> {
    checkObject("options", options)
    const given: Record<string, unknown> = {}
    const all = options as unknown as Record<string, unknown>
    for (const name in all) given[name] = all[name]
    given["uart"] = new TestPort(serial, options)
    // boards have no common light
    if (!options.light) given["light"] = () => undefined
    return steps(given as never) as never
}
