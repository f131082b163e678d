import type { Timer } from "./clock"
import type { Firmware } from "./firmware"

/** AT+CSCLK ([ATM] 6.2.19): never, while DTR is high, or by itself. */
export type SleepMode = 0 | 1 | 2

/** DTR must be low for this long before the UART works again, ms ([HD], [AN] 11). */
const DTR_WAKE = 50
/** AT+CSCLK=2: silence on the UART that lets it sleep, and its time to wake, ms. */
const SILENCE = 5000
const WAKE_TIME = 100
/** How often it is tried again when something keeps the module awake, ms. */
const RETRY = 1000

/**
 * Sleep ([AN] 11, [HD]): the module saves power, its connections live on, and
 * its UART hears nothing.
 *
 * With AT+CSCLK=1 what comes over the air wakes it and is told, but the UART
 * hears again only after DTR was low for 50 ms. With AT+CSCLK=2 the first
 * character wakes it and is lost, with all that comes in the next 100 ms.
 */
export class Sleep {
    private asleep = false
    /** AT+CSCLK=1: the UART hears nothing until DTR asks for it. */
    private deaf = false
    /** AT+CSCLK=2: the UART hears nothing before. */
    private hearsFrom = -Infinity
    private activeAt: number
    private falling: Timer | undefined
    private waking: Timer | undefined
    private lostBytes = 0

    constructor(private readonly dce: Firmware) {
        this.activeAt = dce.clock.now()
    }

    get isAsleep(): boolean {
        return this.asleep
    }

    /** A byte from the DTE has come. @returns whether it is heard */
    hears(): boolean {
        const { sleepMode } = this.dce.profile
        if (this.asleep && sleepMode === 2) {
            this.hearsFrom = this.dce.clock.now() + WAKE_TIME
            this.wake()
        }
        const heard = !this.deaf && this.dce.clock.now() >= this.hearsFrom
        if (heard) {
            this.reportLost()
            this.stir()
        } else this.lostBytes++
        return heard
    }

    /** Something has happened, over the air or on the UART: the module is awake. */
    stir(): void {
        this.activeAt = this.dce.clock.now()
        if (this.asleep) this.wake()
        else this.watch()
    }

    dtrChanged(low: boolean): void {
        this.waking?.cancel()
        this.waking = undefined
        if (!low) {
            // a pulse that is too short does not wake it
            if (!this.asleep) this.stir()
            return
        }
        this.waking = this.dce.clock.after(DTR_WAKE, () => {
            this.waking = undefined
            this.deaf = false
            this.stir()
        })
    }

    /** Looks when the module may sleep; AT+CSCLK may have changed. */
    watch(): void {
        if (this.falling !== undefined || this.dce.profile.sleepMode === 0)
            return
        const since = this.activeAt
        this.falling = this.dce.clock.after(this.wait, () => {
            this.falling = undefined
            if (this.activeAt !== since) this.watch()
            else if (this.mayNotSleep) this.retry()
            else this.fall()
        })
    }

    private retry(): void {
        this.falling = this.dce.clock.after(RETRY, () => {
            this.falling = undefined
            this.watch()
        })
    }

    private get delay(): number {
        const { sleepDelayMs } = this.dce.hardware.options.firmware
        return this.dce.profile.sleepMode === 2 ? SILENCE : sleepDelayMs
    }

    private get wait(): number {
        return this.activeAt + this.delay - this.dce.clock.now()
    }

    private get mayNotSleep(): boolean {
        const { hardware, calls, interpreter, profile, takesData, tcpip } =
            this.dce
        const { sleepsInDataMode } = hardware.options.firmware
        const isBusy =
            interpreter.running !== undefined ||
            (takesData && !(sleepsInDataMode && tcpip.dataMode.isActive)) ||
            calls.state !== "idle" ||
            !tcpip.isSettled ||
            hardware.uart.pending > 0
        const isKeptAwake =
            profile.sleepMode === 1
                ? hardware.uart.dtr
                : hardware.hooks.sleepless
        // [HD]: not before the rate is known
        return isBusy || isKeptAwake || !hardware.uart.isSynchronised
    }

    private fall(): void {
        if (this.dce.profile.sleepMode === 0) return
        this.asleep = true
        this.deaf = this.dce.profile.sleepMode === 1
        this.dce.hardware.report("sleep", "awake", "asleep")
    }

    private wake(): void {
        this.asleep = false
        this.activeAt = this.dce.clock.now()
        this.dce.hardware.report("sleep", "asleep", "awake")
        this.watch()
    }

    private reportLost(): void {
        if (this.lostBytes > 0)
            this.dce.hardware.log(
                `${this.lostBytes} bytes from the DTE were lost: the module slept (AT+CSCLK)`
            )
        this.lostBytes = 0
    }
}
