import type { Timer } from "./clock"
import type { CommandRun } from "./command"
import type { Firmware } from "./firmware"
import { CALL_PULSE } from "./ring-indicator"

export type CallState = "idle" | "ringing" | "active"

/** `<type>` of a number: international, or unknown ([ATM] 2.2.47). */
export function numberType(number: string): 145 | 129 {
    return number.startsWith("+") ? 145 : 129
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

    constructor(private readonly dce: Firmware) {}

    get state(): CallState {
        return this.current
    }

    /** Someone calls. @returns whether it rings, or else the network says why not */
    arrive(number: string): boolean {
        if (this.current !== "idle" || !this.dce.registration.isRegistered)
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
        else if (heard) this.dce.output.notice("NO CARRIER")
    }

    /** ATA: `OK`, or `NO CARRIER` if nobody is there, or not any more. */
    answer(run: CommandRun): void {
        const noCarrier = (): void => {
            this.dce.output.result("NO CARRIER")
            run.done()
        }
        if (this.current !== "ringing") {
            noCarrier()
            return
        }
        const { clock, hardware } = this.dce
        const timer = clock.after(hardware.options.delays.answer, () => {
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
        if (this.isInDataMode) {
            this.dce.ringIndicator.setRinging(false)
            this.scheduleRing()
        } else this.ringOnce()
    }

    private get isInDataMode(): boolean {
        return this.dce.tcpip.dataMode.isActive
    }

    private ringOnce(): void {
        const { output, profile, ringIndicator, hardware, sleep } = this.dce
        sleep.stir()
        if (this.isInDataMode) {
            const { dataModeRings } = hardware.options.firmware
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
        const { ringIntervalMs } = this.dce.hardware.options.firmware
        this.ring = this.dce.clock.after(ringIntervalMs, () => this.ringOnce())
    }

    private end(): void {
        this.answering?.timer.cancel()
        this.answering = undefined
        this.stopRinging()
        this.enter("idle")
    }

    private stopRinging(): void {
        this.ring?.cancel()
        this.dce.ringIndicator.setRinging(false)
    }

    private enter(state: CallState): void {
        const from = this.current
        this.current = state
        this.dce.hardware.report("call", from, state)
    }
}

/** Whether the text can be the number of a caller or sender. */
export function isNumber(text: string): boolean {
    return /^\+?\d{1,20}$/.test(text)
}
