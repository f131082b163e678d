import type { Clock, Timer } from "./clock"

/** Single and repeated timers, one for each name. */
export class NamedTimers {
    private readonly timers = new Map<string, Timer>()

    constructor(private readonly clock: Clock) {}

    /** Runs `run` once, instead of what this name was to do. */
    after(name: string, ms: number, run: () => void): void {
        this.cancel(name)
        const timer = this.clock.after(ms, () => {
            this.timers.delete(name)
            run()
        })
        this.timers.set(name, timer)
    }

    /**
     * Runs `run` again and again.
     * @param ms from one to the next; undefined for not any more
     */
    every(name: string, ms: number | undefined, run: () => void): void {
        this.cancel(name)
        if (ms === undefined) return
        this.after(name, ms, () => {
            this.every(name, ms, run)
            run()
        })
    }

    /** @returns whether something was to happen */
    cancel(name: string): boolean {
        this.timers.get(name)?.cancel()
        return this.timers.delete(name)
    }
}
