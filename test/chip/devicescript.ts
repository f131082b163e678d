/**
 * What driver and ports need of DeviceScript, for Node, on a virtual clock:
 * fibers are promises, and time passes between them only, or when somebody says
 * what something costs.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { VirtualClock } from "../../sim/modem/clock"

let clock = new VirtualClock()
let resumptionMs = 0

/**
 * The time of all fibers from now on.
 * @param resumption how long it takes to resume one, ms
 */
export function useClock(its: VirtualClock, resumption = 0): void {
    clock = its
    resumptionMs = resumption
}

let resumptions = 0

/** How often a fiber has been resumed. */
export function resumed(): number {
    return resumptions
}

export function millis(): number {
    return Math.floor(clock.now())
}

const fibers = new AsyncLocalStorage<Fiber>()

export class Fiber {
    suspended = false
    private end: () => void = () => undefined

    static self(): Fiber {
        return fibers.getStore() ?? root
    }

    resume(_value?: unknown): void {
        this.end()
    }

    /** @param ms for ever, if it is undefined */
    async wait(ms?: number): Promise<void> {
        this.suspended = true
        await new Promise<void>(done => {
            const timer =
                ms === undefined ? undefined : clock.after(ms, () => this.end())
            this.end = () => {
                if (!this.suspended) return
                this.suspended = false
                timer?.cancel()
                resumptions++
                done()
            }
        })
        if (resumptionMs > 0) clock.advance(resumptionMs)
    }
}

/** whoever is in no fiber of its own */
const root = new Fiber()

export function suspend(ms?: number): Promise<void> {
    return Fiber.self().wait(ms)
}

export async function sleep(ms: number): Promise<void> {
    await new Promise<void>(done =>
        clock.after(ms, () => {
            resumptions++
            done()
        })
    )
    if (resumptionMs > 0) clock.advance(resumptionMs)
}

type Handler<T> = (value: T) => unknown

/** Of those that emit together only the last is heard, as in DeviceScript. */
class Emitter<T> {
    private readonly handlers: Handler<T>[] = []
    private waiters: Fiber[] = []
    private pending = false
    private value: T | undefined

    subscribe(handler: Handler<T>): void {
        this.handlers.push(handler)
    }

    emit(value: T): void {
        const waiters = this.waiters
        this.waiters = []
        for (const fiber of waiters) fiber.resume()
        this.value = value
        if (this.pending || this.handlers.length === 0) return
        this.pending = true
        begin(() => {
            this.pending = false
            for (const handler of this.handlers) handler(this.value as T)
        })
    }

    wait(ms?: number): Promise<void> {
        const fiber = Fiber.self()
        this.waiters.push(fiber)
        return fiber.wait(ms)
    }
}

export function emitter<T>(): Emitter<T> {
    return new Emitter<T>()
}

export function wait<T>(emitter: Emitter<T>, ms?: number): Promise<void> {
    return emitter.wait(ms)
}

/** Runs something in a fiber of its own, not before the present one waits. */
export function begin(run: () => unknown): Fiber {
    const fiber = new Fiber()
    resumptions++
    fibers.run(fiber, () => void Promise.resolve().then(run))
    return fiber
}

declare global {
    interface Function {
        /** DeviceScript's way to start a fiber; a method has to be bound first. */
        start(...args: unknown[]): Fiber
    }
    interface Error {
        print(): void
    }
}

Function.prototype.start = function (...args: unknown[]) {
    return begin(() => this(...args) as unknown)
}

Error.prototype.print = function () {
    console.error(this)
}

export enum GPIOMode {
    Input = 0x01,
    InputPullUp = 0x11,
    OutputHigh = 0x12,
    OutputLow = 0x22,
}

export type InputPin = { value: number }
export type OutputPin = { setMode(mode: GPIOMode): void }
export type IOPin = InputPin & OutputPin
