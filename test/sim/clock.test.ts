import { describe, expect, test } from "vitest"
import {
    RealClock,
    ScopedClock,
    TimedQueue,
    VirtualClock,
} from "../../sim/modem/clock"

describe("VirtualClock", () => {
    test("runs what falls due in order of time, equals in order of making", () => {
        const clock = new VirtualClock()
        const seen: string[] = []
        const note = (name: string) => () =>
            seen.push(`${name} at ${clock.now()}`)
        clock.after(20, note("c"))
        clock.after(10, note("a"))
        clock.after(10, note("b"))
        clock.after(30, note("d"))
        clock.advance(20)
        expect(seen).toEqual(["a at 10", "b at 10", "c at 20"])
        expect(clock.now()).toBe(20)
        expect(clock.nextAt()).toBe(30)
    })

    test("runs what is made meanwhile, if it falls due", () => {
        const clock = new VirtualClock()
        const seen: number[] = []
        clock.after(1, () => {
            clock.after(0, () => seen.push(clock.now()))
            clock.after(5, () => seen.push(clock.now()))
            clock.after(50, () => seen.push(clock.now()))
        })
        clock.advance(10)
        expect(seen).toEqual([1, 6])
    })

    test("does not run what was cancelled", () => {
        const clock = new VirtualClock()
        let ran = false
        const timer = clock.after(1, () => (ran = true))
        timer.cancel()
        clock.advance(10)
        expect(ran).toBe(false)
        expect(clock.nextAt()).toBeUndefined()
    })

    test("runs until something holds, or for so long", () => {
        const clock = new VirtualClock()
        let count = 0
        const tick = (): void => {
            count++
            clock.after(7, tick)
        }
        clock.after(7, tick)
        expect(clock.runUntil(() => count === 3, 1000)).toBe(true)
        expect(clock.now()).toBe(21)
        expect(clock.runUntil(() => count === 100, 10)).toBe(false)
        expect(clock.now()).toBe(31)
    })
})

test("ScopedClock ends all its timers at once, and only its own", () => {
    const clock = new VirtualClock()
    const scope = new ScopedClock(clock)
    const seen: string[] = []
    scope.after(1, () => seen.push("early"))
    scope.after(5, () => seen.push("scoped"))
    clock.after(5, () => seen.push("other"))
    clock.advance(2)
    scope.stop()
    scope.after(1, () => seen.push("too late"))
    clock.advance(10)
    expect(seen).toEqual(["early", "other"])
})

describe("TimedQueue", () => {
    test("keeps the order whatever the timers do", () => {
        const clock = new VirtualClock()
        const queue = new TimedQueue(clock)
        const seen: string[] = []
        queue.push(5, () => seen.push(`a ${clock.now()}`))
        queue.push(5, () => seen.push(`b ${clock.now()}`))
        queue.push(9, () => seen.push(`c ${clock.now()}`))
        clock.advance(20)
        expect(seen).toEqual(["a 5", "b 5", "c 9"])
    })

    test("what falls due while it is held runs when it is released", () => {
        const clock = new VirtualClock()
        const queue = new TimedQueue(clock)
        const seen: string[] = []
        queue.push(5, () => seen.push("a"))
        queue.push(50, () => seen.push("b"))
        queue.hold()
        clock.advance(20)
        expect(seen).toEqual([])
        queue.release()
        clock.advance(0)
        expect(seen).toEqual(["a"])
        clock.advance(30)
        expect(seen).toEqual(["a", "b"])
    })
})

test("RealClock runs later, not at once", async () => {
    const clock = new RealClock()
    const started = clock.now()
    const seen: string[] = []
    const cancelled = clock.after(1, () => seen.push("cancelled"))
    cancelled.cancel()
    clock.after(0, () => seen.push("soon"))
    expect(seen).toEqual([])
    await new Promise<void>(resolve => clock.after(20, resolve))
    expect(seen).toEqual(["soon"])
    expect(clock.now() - started).toBeGreaterThan(18)
})
