import type { Clock, Timer } from "./clock"

/** PWRKEY low for this long switches the module on, ms ([HD] of SIM800L, C, H; 1.2 s for the SIM800). */
const ON_PULSE = 1000
/** PWRKEY low for this long restarts the module, ms ([HD]). */
const RESTART_PULSE = 33_000
/** From STATUS low until PWRKEY may be pulled low again, ms ([HD]). */
const REST = 800
/** RESET low for this long resets the module, ms ([HD] of the SIM800H). */
const RESET_PULSE = 105

/** The target of the pins. */
export interface PowerControl {
    isOff(): boolean
    /** When it was switched off last. */
    offSince(): number
    powerOn(): void
    /** In good order, with a word. Does nothing before the firmware runs. */
    powerDown(): void
    /** RESET has been low for long enough: nothing runs until it is released. */
    holdInReset(): void
    leaveReset(): void
    log(line: string): void
}

/** PWRKEY and RESET: pulses of real length, regardless of the modem's delays. */
export class PowerPins {
    private readonly powerKey: PulsePin
    private readonly reset: PulsePin
    private inReset = false

    /** Whether RESET is low, and has been for long enough: nothing runs. */
    get holdsReset(): boolean {
        return this.inReset
    }

    /** @param offPulse how long PWRKEY takes to switch off, ms */
    constructor(
        clock: Clock,
        private readonly control: PowerControl,
        private readonly offPulse: number
    ) {
        this.powerKey = new PulsePin(clock)
        this.reset = new PulsePin(clock)
    }

    setPowerKey(low: boolean): void {
        const { control } = this
        if (!low) {
            this.release("PWRKEY", this.powerKey)
            return
        }
        if (!control.isOff())
            this.powerKey.press([
                { ms: this.offPulse, run: () => control.powerDown() },
                { ms: RESTART_PULSE, run: () => control.powerOn() },
            ])
        else if (this.powerKey.now - control.offSince() >= REST)
            this.powerKey.press([
                { ms: ON_PULSE, run: () => control.powerOn() },
            ])
        else
            control.log(
                `PWRKEY low less than ${REST} ms after the module went off: ignored`
            )
    }

    setReset(low: boolean): void {
        const { control, reset } = this
        if (low) {
            reset.press([
                {
                    ms: RESET_PULSE,
                    run: () => {
                        this.inReset = true
                        control.holdInReset()
                    },
                },
            ])
            return
        }
        this.release("RESET", reset)
        if (!this.inReset) return
        this.inReset = false
        control.leaveReset()
    }

    /** Ends for good. */
    dispose(): void {
        this.powerKey.release()
        this.reset.release()
    }

    private release(name: string, pin: PulsePin): void {
        const missed = pin.release()
        if (missed !== undefined)
            this.control.log(
                `${name} low for ${missed.lowMs} ms: too short, it takes ${missed.neededMs} ms`
            )
    }
}

/** One thing that happens when a pin has been low for long enough. */
interface Deed {
    readonly ms: number
    readonly run: () => void
}

/** A pin that does something by being low. */
class PulsePin {
    private lowSince: number | undefined
    private timers: Timer[] = []
    /** Length of the shortest effective pulse, ms. */
    private neededMs = 0

    constructor(private readonly clock: Clock) {}

    get now(): number {
        return this.clock.now()
    }

    press(deeds: readonly Deed[]): void {
        this.lowSince = this.now
        this.neededMs = Math.min(...deeds.map(({ ms }) => ms))
        this.timers = deeds.map(({ ms, run }) => this.clock.after(ms, run))
    }

    /** @returns if the pulse was too short to do anything: how long it was and had to be */
    release(): { lowMs: number; neededMs: number } | undefined {
        const { lowSince, neededMs } = this
        for (const timer of this.timers) timer.cancel()
        this.timers = []
        this.lowSince = undefined
        if (lowSince === undefined) return undefined
        const lowMs = Math.floor(this.now - lowSince)
        return lowMs < neededMs ? { lowMs, neededMs } : undefined
    }
}
