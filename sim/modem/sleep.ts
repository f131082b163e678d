import type { Clock, Timer } from "./clock"
import type { CallState } from "./calls"
import type { Hooks } from "./hooks"
import type { ResolvedOptions } from "./options"
import type { SleepMode } from "./profile"
import type { DceSide } from "./uart"

/** DTR must be low for this long before the UART works again, ms ([HD], [AN] 11). */
const DTR_WAKE = 50
/** AT+CSCLK=2: silence on the UART that lets it sleep, and its time to wake, ms. */
const SILENCE = 5000
const WAKE_TIME = 100
/** How often it is tried again when something keeps the module awake, ms. */
const RETRY = 1000

/** The part of the module that sleep needs, and its listeners. */
export interface SleepModule {
    readonly clock: Clock
    readonly options: Pick<ResolvedOptions, "firmware">
    readonly profile: { readonly sleepMode: SleepMode }
    readonly uart: Pick<DceSide, "pending" | "dtr" | "isSynchronised">
    readonly hooks: Pick<Hooks, "sleepless">
    readonly calls: { readonly state: CallState }
    /** A command runs. */
    readonly isRunning: boolean
    /** Bytes from the DTE are data. */
    readonly takesData: boolean
    readonly isInDataMode: boolean
    /** Nothing is under way that will report by itself. */
    readonly isSettled: boolean
    report(subject: "sleep", from: string, to: string): void
    log(line: string): void
}

/**
 * Sleep ([AN] 11, [HD]): the module saves power, its connections live on, and
 * its UART hears nothing.
 *
 * With AT+CSCLK=1 events over the air wake it and are reported, but the UART listens
 * again only after DTR was low for 50 ms. With AT+CSCLK=2 the first character wakes it
 * and is lost, with all others of the next 100 ms.
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

    constructor(private readonly module: SleepModule) {
        this.activeAt = module.clock.now()
    }

    get isAsleep(): boolean {
        return this.asleep
    }

    /** A byte from the DTE has come. @returns whether it is received */
    hears(): boolean {
        const { sleepMode } = this.module.profile
        if (this.asleep && sleepMode === 2) {
            this.hearsFrom = this.module.clock.now() + WAKE_TIME
            this.wake()
        }
        const heard = !this.deaf && this.module.clock.now() >= this.hearsFrom
        if (heard) {
            this.reportLost()
            this.stir()
        } else this.lostBytes++
        return heard
    }

    /** Something has happened, over the air or on the UART: the module is awake. */
    stir(): void {
        this.activeAt = this.module.clock.now()
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
        this.waking = this.module.clock.after(DTR_WAKE, () => {
            this.waking = undefined
            this.deaf = false
            this.stir()
        })
    }

    /** Looks when the module may sleep; AT+CSCLK may have changed. */
    watch(): void {
        if (this.falling !== undefined || this.module.profile.sleepMode === 0)
            return
        const since = this.activeAt
        this.falling = this.module.clock.after(this.wait, () => {
            this.falling = undefined
            if (this.activeAt !== since) this.watch()
            else if (this.mayNotSleep) this.retry()
            else this.fall()
        })
    }

    private retry(): void {
        this.falling = this.module.clock.after(RETRY, () => {
            this.falling = undefined
            this.watch()
        })
    }

    private get delay(): number {
        const { sleepDelayMs } = this.module.options.firmware
        return this.module.profile.sleepMode === 2 ? SILENCE : sleepDelayMs
    }

    private get wait(): number {
        return this.activeAt + this.delay - this.module.clock.now()
    }

    private get mayNotSleep(): boolean {
        const { module } = this
        const { uart, profile } = module
        const { sleepsInDataMode } = module.options.firmware
        const isBusy =
            module.isRunning ||
            (module.takesData && !(sleepsInDataMode && module.isInDataMode)) ||
            module.calls.state !== "idle" ||
            !module.isSettled ||
            uart.pending > 0
        const isKeptAwake =
            profile.sleepMode === 1 ? uart.dtr : module.hooks.sleepless
        // [HD]: not before the rate is known
        return isBusy || isKeptAwake || !uart.isSynchronised
    }

    private fall(): void {
        if (this.module.profile.sleepMode === 0) return
        this.asleep = true
        this.deaf = this.module.profile.sleepMode === 1
        this.module.report("sleep", "awake", "asleep")
    }

    private wake(): void {
        this.asleep = false
        this.activeAt = this.module.clock.now()
        this.module.report("sleep", "asleep", "awake")
        this.watch()
    }

    private reportLost(): void {
        if (this.lostBytes > 0)
            this.module.log(
                `${this.lostBytes} bytes from the DTE were lost: the module slept (AT+CSCLK)`
            )
        this.lostBytes = 0
    }
}
