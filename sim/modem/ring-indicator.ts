import type { Clock, Timer } from "./clock"
import { rangeOrZero, type SettingData } from "./setting"

/** AT+DLYRI ([ATM12] 6.2.82): how much later than an unsolicited result code RI goes low, ms. */
export const ringDelay: SettingData = {
    name: "+DLYRI",
    values: [rangeOrZero(10, 1000, 0)],
    saved: "no",
}

/** Pulse for a received message, and for a URC (AT+CFGRI), ms. */
export const MESSAGE_PULSE = 120
/** Low for a call in data mode, ms ([AN] 2.2.5). */
export const CALL_PULSE = 50

/** RI: high at rest, low for as long as something asks for it ([HD], [AN] 2.2.5). */
export class RingIndicator {
    private ringing = false
    private pulse: Timer | undefined
    private pulseEndsAt = -Infinity

    /** @param drive drives the pin */
    constructor(
        private readonly clock: Clock,
        private readonly drive: (low: boolean) => void
    ) {}

    /** A call in command mode holds RI low. */
    setRinging(ringing: boolean): void {
        this.ringing = ringing
        this.update()
    }

    /** Low for `ms` from now on, at least. */
    pulseFor(ms: number): void {
        const endsAt = this.clock.now() + ms
        if (endsAt <= this.pulseEndsAt) return
        this.pulseEndsAt = endsAt
        this.pulse?.cancel()
        this.pulse = this.clock.after(ms, () => {
            this.pulse = undefined
            this.update()
        })
        this.update()
    }

    private update(): void {
        this.drive(this.ringing || this.pulse !== undefined)
    }
}
