import type { Clock, Timer } from "./clock"
import type { CommandEnd } from "./command-run"
import type { ResolvedOptions } from "./options"
import type { Output } from "./output"
import { numberType } from "./phone-number"
import { CALL_PULSE, type RingIndicator } from "./ring-indicator"

export type CallState = "idle" | "ringing" | "active"

/** What calls need of the module. */
export interface CallModule {
    readonly clock: Clock
    readonly options: Pick<ResolvedOptions, "delays" | "firmware">
    readonly output: Pick<Output, "notice" | "result">
    readonly profile: { readonly extendedRing: boolean }
    readonly registration: { readonly isRegistered: boolean }
    readonly ringIndicator: Pick<RingIndicator, "pulseFor" | "setRinging">
    readonly sleep: { stir(): void }
    readonly isInDataMode: boolean
    report(subject: "call", from: string, to: string): void
}

/**
 * Voice calls to the module ([ATM] 2.2.2, 2.2.8, 3.2.19, 4.2.9): it rings, is
 * answered or rejected, and someone hangs up. One at a time.
 */
export class Calls {
    /** AT+CLIP. */
    showsNumber = false
    private current: CallState = "idle"
    private number = ""
    private ring: Timer | undefined
    /** An ATA that is under way, and what to do if there is nobody any more. */
    private answering: { timer: Timer; gone: () => void } | undefined
    /** The DTE knows of this call: by RI in data mode, by RING in command mode. */
    private indicated = false
    private heard = false

    constructor(private readonly module: CallModule) {}

    get state(): CallState {
        return this.current
    }

    /** Someone calls. @returns whether it rings, or else the network says why not */
    arrive(number: string): boolean {
        if (this.current !== "idle" || !this.module.registration.isRegistered)
            return false
        this.number = number
        this.indicated = false
        this.heard = false
        this.enter("ringing")
        this.ringOnce()
        return true
    }

    /** The other side gives up, or hangs up. */
    endRemotely(): void {
        const { answering, heard } = this
        if (this.current === "idle") return
        this.end()
        if (answering !== undefined) answering.gone()
        else if (heard) this.module.output.notice("NO CARRIER")
    }

    /** ATA: `OK`, or `NO CARRIER` if nobody is there, or not any more. */
    answer(run: CommandEnd): void {
        const noCarrier = (): void => {
            this.module.output.result("NO CARRIER")
            run.done()
        }
        if (this.current !== "ringing") {
            noCarrier()
            return
        }
        const { clock, options } = this.module
        const timer = clock.after(options.delays.answer, () => {
            this.answering = undefined
            this.stopRinging()
            this.enter("active")
            run.ok()
        })
        this.answering = { timer, gone: noCarrier }
    }

    /** ATH: rejects or ends a call; the TCP/IP connections stay. */
    hangUp(): void {
        if (this.current !== "idle") this.end()
    }

    /** Command mode tells of a ringing call in words, data mode by RI alone. */
    modeChanged(): void {
        if (this.current !== "ringing") return
        this.ring?.cancel()
        if (this.module.isInDataMode) {
            this.module.ringIndicator.setRinging(false)
            this.scheduleRing()
        } else this.ringOnce()
    }

    private ringOnce(): void {
        const { output, profile, ringIndicator, options, sleep } = this.module
        sleep.stir()
        if (this.module.isInDataMode) {
            const { dataModeRings } = options.firmware
            if (dataModeRings === "each" || !this.indicated)
                ringIndicator.pulseFor(CALL_PULSE)
            this.indicated = true
        } else {
            this.heard = true
            ringIndicator.setRinging(true)
            output.notice(profile.extendedRing ? "+CRING: VOICE" : "RING")
            if (this.showsNumber)
                output.notice(
                    `+CLIP: "${this.number}",${numberType(this.number)},"",0,"",0`
                )
        }
        this.scheduleRing()
    }

    private scheduleRing(): void {
        const { ringIntervalMs } = this.module.options.firmware
        this.ring = this.module.clock.after(ringIntervalMs, () =>
            this.ringOnce()
        )
    }

    private end(): void {
        this.answering?.timer.cancel()
        this.answering = undefined
        this.stopRinging()
        this.enter("idle")
    }

    private stopRinging(): void {
        this.ring?.cancel()
        this.module.ringIndicator.setRinging(false)
    }

    private enter(state: CallState): void {
        const from = this.current
        this.current = state
        this.module.report("call", from, state)
    }
}
