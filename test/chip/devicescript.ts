/**
 * What the driver needs of DeviceScript, for Node, on a virtual clock: fibers are
 * promises, and time passes between them only.
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

export class Fiber {
    suspended = false
    private end: () => void = () => undefined

    static self(): Fiber {
        return current.getStore() ?? main
    }

    resume(_value: unknown): void {
        this.end()
    }

    async suspend(ms: number): Promise<void> {
        this.suspended = true
        await new Promise<void>(done => {
            const timer = clock.after(ms, () => this.end())
            this.end = () => {
                if (!this.suspended) return
                this.suspended = false
                timer.cancel()
                resumptions++
                done()
            }
        })
        if (resumptionMs > 0) clock.advance(resumptionMs)
    }
}

const current = new AsyncLocalStorage<Fiber>()
/** where a program begins */
const main = new Fiber()

/** Runs a function in a fiber of its own: `fn.start()` of DeviceScript. */
export function start(fiber: () => Promise<void>): Promise<void> {
    resumptions++
    return current.run(new Fiber(), fiber)
}

/** @param ms without it, until the fiber is resumed */
export function suspend(ms = Infinity): Promise<void> {
    return Fiber.self().suspend(ms)
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

type Handler<T> = (value: T) => void

/** As in @devicescript/core, but that handlers are called at once. */
export class Emitter<T> {
    private readonly handlers: Handler<T>[] = []

    subscribe(handler: Handler<T>): () => void {
        this.handlers.push(handler)
        return () => this.handlers.splice(this.handlers.indexOf(handler), 1)
    }

    emit(value: T): void {
        for (const handler of [...this.handlers]) handler(value)
    }
}

export function emitter<T>(): Emitter<T> {
    return new Emitter<T>()
}

/** Suspends the fiber until something is emitted. */
export async function wait<T>(from: Emitter<T>, ms?: number): Promise<void> {
    const fiber = Fiber.self()
    const unsubscribe = from.subscribe(value => fiber.resume(value))
    await suspend(ms)
    unsubscribe()
}

type Transaction = (write: Buffer, read: Buffer | null) => number
let transaction: Transaction = () => -1

/** What is on the I2C bus from now on. */
export function useI2c(its: Transaction): void {
    transaction = its
}

/** @returns 0, or a negative number if nobody has answered */
export function _i2cTransaction(
    _address: number,
    write: Buffer,
    read: Buffer | null
): number {
    return transaction(write, read)
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
