/**
 * Waiting that ends.
 *
 * When DeviceScript's firmware has run all due fibers, it sets its timer for the next
 * one. If that one is already due, because a fiber worked for longer than its own or
 * another one's nap, the timer is set for the present moment. An RP2040 misses that
 * alarm, and the board hangs.
 *
 * So every wait gives the fiber `keep()` the last turn: it begins with a millisecond
 * and ends long before the next one, so that no fiber becomes due in it. Everything in
 * `src` waits through this module; a lint rule says so.
 */
import * as ds from "@devicescript/core"

/** Gives other fibers a turn, without touching the firmware's timer: `await turn(0)`. */
export const turn = ds.sleep
const park = ds.suspend

/**
 * Turns of `keep()` in one quiet millisecond: a third of those that fit in when no
 * other fiber works. So up to two thirds of the millisecond may have passed at the last
 * turn.
 */
const QUIET = 3

/** State of waiting, shared by all fibers. */
export const naps = {
    /** a fiber takes one turn after the other, and calls `settle()` in the end */
    turning: false,
    /** the fiber of `keep()` */
    keeper: undefined as ds.Fiber | undefined,
    /**
     * time of its last turn: a fiber that was suspended before it, and due after it,
     * gave the main loop a turn
     */
    rested: 0,
}

/**
 * The fiber with the last turn: it waits for the end of a millisecond, so that the
 * timer is set at the beginning of the next.
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

/** Call it right before a fiber is suspended, with no `await` in between. */
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
    /** `wake()` was called; the waiting fiber clears it */
    awake = false
    private fiber: ds.Fiber | undefined

    /** Ends the present wait, or the next one. */
    wake() {
        this.awake = true
        const fiber = this.fiber
        if (fiber && fiber.suspended) fiber.resume(true)
    }

    /**
     * Suspends the calling fiber until `wake()` is called or the time is over. If
     * either has happened already, other fibers get a turn.
     * @param ms longest wait
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
