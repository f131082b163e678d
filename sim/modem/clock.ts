/**
 * Time as the virtual SIM800 sees it: milliseconds on a monotonic scale whose
 * zero means nothing. Everything that waits, waits through a {@link Clock}, so
 * a test can let a day pass in a millisecond.
 */

/** A callback that has yet to run. */
export interface Timer {
    /** Does nothing once the callback has run. */
    cancel(): void
}

export interface Clock {
    /** Milliseconds, fractions included; never goes back. */
    now(): number
    /**
     * Runs `run` once, `ms` milliseconds from now and never within this call.
     * @param ms at most 2^31 - 1; zero and less mean "as soon as possible"
     */
    after(ms: number, run: () => void): Timer
}

/** The time of this machine. Callbacks come late by a millisecond or two, as timers do. */
export class RealClock implements Clock {
    now(): number {
        return performance.now()
    }

    after(ms: number, run: () => void): Timer {
        if (ms <= 0) {
            const immediate = setImmediate(run)
            return { cancel: () => clearImmediate(immediate) }
        }
        const timeout = setTimeout(run, ms)
        return { cancel: () => clearTimeout(timeout) }
    }
}

interface Appointment {
    readonly at: number
    readonly run: () => void
}

/** Time that passes only when told to, then runs what falls due in order. */
export class VirtualClock implements Clock {
    private time = 0
    /** Sorted by time; among equals, the one made first comes first. */
    private readonly appointments: Appointment[] = []

    now(): number {
        return this.time
    }

    after(ms: number, run: () => void): Timer {
        const appointment = { at: this.time + Math.max(0, ms), run }
        let low = 0
        let high = this.appointments.length
        while (low < high) {
            const middle = (low + high) >>> 1
            if (this.appointments[middle].at <= appointment.at) low = middle + 1
            else high = middle
        }
        this.appointments.splice(low, 0, appointment)
        return {
            cancel: () => {
                const index = this.appointments.indexOf(appointment)
                if (index >= 0) this.appointments.splice(index, 1)
            },
        }
    }

    /** The time of the next callback, or undefined if nothing is waiting. */
    nextAt(): number | undefined {
        return this.appointments[0]?.at
    }

    /** Lets `ms` milliseconds pass and runs everything that falls due in them. */
    advance(ms: number): void {
        this.runUntil(() => false, ms)
    }

    /**
     * Lets time pass, callback by callback, until `condition` holds.
     * @param limitMs gives up after this much time, all of which has then passed
     * @returns whether the condition holds
     */
    runUntil(condition: () => boolean, limitMs: number): boolean {
        const end = this.time + limitMs
        while (!condition()) {
            const next = this.appointments[0]
            if (next === undefined || next.at > end) {
                this.time = end
                return condition()
            }
            this.appointments.shift()
            this.time = Math.max(this.time, next.at)
            next.run()
        }
        return true
    }
}

/**
 * A clock whose timers belong to one power domain: with its power all of them are lost
 * at once, and no new ones start.
 */
export class ScopedClock implements Clock {
    private readonly timers = new Set<Timer>()
    private stopped = false

    constructor(private readonly clock: Clock) {}

    now(): number {
        return this.clock.now()
    }

    after(ms: number, run: () => void): Timer {
        if (this.stopped) return { cancel: () => undefined }
        const inner = this.clock.after(ms, () => {
            this.timers.delete(timer)
            run()
        })
        const timer = {
            cancel: () => {
                this.timers.delete(timer)
                inner.cancel()
            },
        }
        this.timers.add(timer)
        return timer
    }

    /** Cancels every timer; none that is asked for later will run. */
    stop(): void {
        this.stopped = true
        for (const timer of [...this.timers]) timer.cancel()
    }
}

/**
 * Callbacks that run in the order in which they were queued, each not before
 * its time. Two timers of a real clock that fall due within the same
 * millisecond may swap places; what travels along one path may not.
 */
export class TimedQueue {
    private readonly queue: Appointment[] = []
    private timer: Timer | undefined
    private held = false

    constructor(private readonly clock: Clock) {}

    /** @param at a time of the clock, not less than that of the last one queued */
    push(at: number, run: () => void): void {
        this.queue.push({ at, run })
        this.arm()
    }

    /** No timer runs from now on until {@link release}. */
    hold(): void {
        this.held = true
        this.timer?.cancel()
        this.timer = undefined
    }

    release(): void {
        this.held = false
        this.arm()
    }

    private arm(): void {
        if (this.held || this.timer !== undefined || this.queue.length === 0)
            return
        this.timer = this.clock.after(
            this.queue[0].at - this.clock.now(),
            () => {
                this.timer = undefined
                this.runDue()
                this.arm()
            }
        )
    }

    private runDue(): void {
        while (!this.held && this.queue.length > 0) {
            if (this.queue[0].at > this.clock.now() + ROUNDING) return
            this.queue.shift()?.run()
        }
    }
}

/** Sums of fractions of a millisecond may miss their mark by this much. */
const ROUNDING = 1e-3
