/**
 * Sleep (application note 11): the modem may sleep whenever there is no work;
 * connections live on, and data from the network wake it. The driver wakes it before a
 * command.
 */
import { CR } from "./ascii"
import { Phase } from "./phase"
import { IDLE } from "./config"
import { Giver, Outcome } from "./channel"
import { Command } from "./commands"
import type { Feature, Gate } from "./feature"
import type { Modem } from "./modem"
import { before, difference } from "./time"

export enum SleepMode {
    /** AT+CSCLK=1: while DTR is high */
    Dtr = 1,
    /** AT+CSCLK=2: after 5 s without a byte on the UART; the next one wakes it */
    Serial = 2,
}

export enum SleepState {
    Awake,
    /** DTR is low again, or a byte was sent; it is too early for a command */
    Waking,
    Asleep,
}

/** From DTR low to the first command: 50 ms (chapter 11), plus a margin. */
const WAKE_DTR = 80
/** From the waking byte to the first command: 100 ms, plus a margin. */
const WAKE_SERIAL = 200
/** With AT+CSCLK=2, the modem may be asleep after this, ms; it waits for 5 s. */
const SERIAL_IDLE = 4000
const RETRY = 5000

/** @devsWhenUsed */
export class Sleep implements Feature, Gate {
    work = true
    dueAt = 0
    readonly offline = false
    /** how often the modem was allowed to sleep, and was woken */
    sleeps = 0
    wakes = 0

    private readonly modem: Modem
    private readonly mode: SleepMode
    private readonly idle: number
    state = SleepState.Awake
    /** AT+CSCLK is due */
    private due = true
    /** it has succeeded; a modem that was set up anew may have lost it */
    private set = false
    private busyAt = 0
    private wakeAt = 0

    /**
     * @param idle time without work before the modem may sleep, ms; with
     * SleepMode.Serial the modem itself decides
     */
    constructor(modem: Modem, mode: SleepMode, idle: number) {
        this.modem = modem
        this.mode = mode
        this.idle = idle
        modem.features.list.push(this)
        modem.useGate(this)
    }

    /**
     * Call it before each command.
     * @param needed there is a command to give
     * @returns whether it can be given now
     */
    ready(needed: boolean, now: number): boolean {
        if (this.state === SleepState.Waking) {
            if (before(now, this.wakeAt)) return false
            this.enter(SleepState.Awake)
            this.busyAt = now
        }
        // a program before this one may have let it sleep, too
        if (this.mode === SleepMode.Serial) {
            const channel = this.modem.channel
            const idle = difference(now, channel.sentAt)
            const encoder = this.modem.encoder
            // the bytes being sent wake it as well
            if (!needed || idle < SERIAL_IDLE || encoder.left > 0) return true
            this.wake(now)
            encoder.fill(CR, 1)
            channel.wakes(now)
            return false
        }
        if (!this.set) return true
        if (this.state === SleepState.Asleep) {
            if (!needed) return false
            this.modem.uart.dtr = true
            this.wake(now)
            return false
        }
        if (needed || this.modem.bearer.phase !== Phase.Ready) this.busyAt = now
        else if (difference(now, this.busyAt) >= this.idle) {
            this.modem.uart.dtr = false
            this.sleeps++
            this.enter(SleepState.Asleep)
        }
        return true
    }

    private wake(now: number) {
        this.wakes++
        this.wakeAt =
            now + (this.mode === SleepMode.Dtr ? WAKE_DTR : WAKE_SERIAL)
        this.enter(SleepState.Waking)
    }

    /** When to call `ready()` again. @param at when there is a command to give */
    pollAt(at: number): number {
        if (this.state === SleepState.Waking) return this.wakeAt
        if (
            this.state === SleepState.Awake &&
            this.set &&
            this.mode === SleepMode.Dtr
        ) {
            const sleepAt = this.busyAt + this.idle
            if (before(sleepAt, at)) return sleepAt
        }
        return at
    }

    line(): boolean {
        return false
    }

    run(now: number): boolean {
        this.work = false
        this.dueAt = now + IDLE
        if (!this.due) return false
        this.modem.channel.begin(Command.Csclk, Giver.Feature, now)
        this.modem.encoder.numbers(this.mode, -1)
        return true
    }

    done(_: Command, outcome: Outcome, now: number) {
        this.set = outcome === Outcome.Ok
        this.due = !this.set
        this.busyAt = now
        if (this.due) this.dueAt = now + RETRY
    }

    down(now: number) {
        this.due = true
        this.work = true
        this.modem.uart.dtr = true
        // without its context it sleeps all the same
        if (this.state === SleepState.Asleep) this.wake(now)
    }

    private enter(state: SleepState) {
        this.state = state
    }
}
