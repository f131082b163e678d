/**
 * Waiting that ends.
 *
 * DeviceScript's firmware sets its timer for the next fiber that is due when it
 * has run those that were. If one is due already by then, because a fiber was at
 * work for longer than its or another one's nap, the timer is set for the present
 * moment. An RP2040 misses that alarm, and the board stands still for ever.
 *
 * So whoever waits lets the fiber `keep()` have the last turn: it begins with a
 * millisecond and is over long before the next one, so that nobody becomes due
 * in it. Everything in `src` waits through this module; a lint rule says so.
 */
import * as ds from "@devicescript/core"

/** Gives other fibers a turn, without touching the firmware's timer: `await turn(0)`. */
export const turn = ds.sleep
const park = ds.suspend

/**
 * So many turns of `keep()` in one millisecond, a third of those that fit in when
 * nobody else is at work. So the last one, which has seen it end, may be two
 * thirds of one old.
 */
const QUIET = 3

/** What fibers tell each other of their waiting. */
export const naps = {
    /** a fiber takes one turn after the other, and calls `settle()` in the end */
    turning: false,
    /** that of `keep()` */
    keeper: undefined as ds.Fiber | undefined,
    /**
     * when it had the last turn: a fiber that was suspended before, and due later
     * than that, has let the main loop have its turn
     */
    rested: 0,
}

/**
 * The fiber that has the last turn: it ends with one millisecond, and so begins with
 * the next.
 */
async function keep() {
    while (true) {
        let turns = 0
        while (turns < QUIET && !naps.turning) {
            const at = ds.millis()
            turns = 0
            while (ds.millis() === at) {
                await turn(0)
                turns++
            }
        }
        naps.rested = ds.millis()
        await park()
    }
}

/**
 * Call it right before what suspends a fiber: nothing may be awaited in between.
 */
export function settle() {
    if (naps.turning) return
    const keeper = naps.keeper
    if (!keeper) naps.keeper = keep.start()
    else if (keeper.suspended) keeper.resume(undefined)
}

/** As `ds.sleep()`. */
export async function sleep(ms: number): Promise<void> {
    settle()
    await turn(ms)
}

/** As `ds.suspend()`. */
export async function suspend<T>(ms?: number): Promise<T | undefined> {
    settle()
    return await park<T>(ms)
}

/** As `ds.wait()`. */
export async function wait<T>(
    from: ds.Subscriber<T>,
    ms?: number
): Promise<T | undefined> {
    settle()
    return await ds.wait(from, ms)
}

/**
 * A fiber that waits, and others that end its wait.
 * @devsWhenUsed
 */
export class Waiter {
    /** `wake()` was called; whoever waits sets it back */
    awake = false
    private fiber: ds.Fiber | undefined

    /** Ends the present wait, or the next one. */
    wake() {
        this.awake = true
        const fiber = this.fiber
        if (fiber && fiber.suspended) fiber.resume(true)
    }

    /**
     * Suspends the calling fiber until `wake()` is called, or the time is over.
     * If either is so already, others get a turn.
     * @param ms at most so many milliseconds
     */
    async wait(ms: number): Promise<void> {
        if (this.awake || ms <= 0) {
            await turn(0)
            return
        }
        this.fiber = ds.Fiber.self()
        settle()
        await park(ms)
        this.fiber = undefined
    }
}
