/**
 * What the driver needs of DeviceScript, for Node, on a virtual clock: fibers are
 * promises, and time passes between them only.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { VirtualClock } from "../../sim/modem/clock"

// how a fiber tells what it has caught
Object.assign(Error.prototype, {
    print(this: Error): void {
        console.error(this.stack)
    },
})

let clock = new VirtualClock()

let resumptionMs = 0

/**
 * The time of all fibers from now on.
 * @param resumption how long it takes to resume one, ms
 */
export function useClock(its: VirtualClock, resumption = 0): void {
    clock = its
    resumptionMs = resumption
    present = its.now()
}

/**
 * What fibers take for the present: it stands still while one of them runs, and
 * naps count from it.
 */
let present = 0

/** A test is no fiber: its time goes on. */
function now(): number {
    return current.getStore() === undefined ? clock.now() : present
}

/** A fiber goes on. */
function resume(): void {
    present = clock.now()
    if (resumptionMs > 0) clock.advance(resumptionMs)
}

let resumptions = 0

/** How often a fiber has been resumed. */
export function resumed(): number {
    return resumptions
}

export function millis(): number {
    return Math.floor(now())
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
            const left = now() + ms - clock.now()
            const timer = clock.after(left, () => this.end())
            this.end = () => {
                if (!this.suspended) return
                this.suspended = false
                timer.cancel()
                resumptions++
                done()
            }
        })
        resume()
    }
}

const current = new AsyncLocalStorage<Fiber>()
/** where a program begins */
const main = new Fiber()

/** Runs a function in a fiber of its own: `fn.start()` of DeviceScript. */
export function start(fiber: () => Promise<void>): Promise<void> {
    resumptions++
    present = clock.now()
    return current.run(new Fiber(), fiber)
}

/** @param ms without it, until the fiber is resumed */
export function suspend(ms = Infinity): Promise<void> {
    return Fiber.self().suspend(ms)
}

export async function sleep(ms: number): Promise<void> {
    await new Promise<void>(done =>
        clock.after(now() + ms - clock.now(), () => {
            resumptions++
            done()
        })
    )
    resume()
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

export enum GPIOMode {
    Input = 0x01,
    InputPullUp = 0x11,
    OutputHigh = 0x12,
    OutputLow = 0x22,
}

export type InputPin = { value: number }
export type OutputPin = { setMode(mode: GPIOMode): void }
export type IOPin = InputPin & OutputPin

/** What is on the buses; a test puts it there. */
export interface Buses {
    i2c?: (address: number, write: Buffer, read: Buffer | null) => boolean
    spi?: (write: Buffer, read: Buffer) => void
}

let buses: Buses = {}

export function useBuses(its: Buses): void {
    buses = its
}

/** As runtime/devicescript/impl_dsi2c.c of DeviceScript: 0, or less than that. */
export function _i2cTransaction(
    address: number,
    write: Buffer,
    read: Buffer | null
): number {
    if (address <= 0 || address > 0x7f)
        throw new TypeError(`invalid I2C address: ${address}`)
    return buses.i2c?.(address, write, read) ? 0 : -1
}

/**
 * As impl_dsspi.c and, of devicescript-pico, src/spi.c: what is only received
 * is never clocked in, and what is only sent leaves its echo in the FIFO.
 */
export function spiXfer(write: Buffer | null, read: Buffer | null): void {
    if (!buses.spi) throw new RangeError("SPI busy")
    if (!write || !read) throw new Error("does not work on an RP2040")
    if (write.length !== read.length)
        throw new TypeError("same size TX/RX buffers expected")
    buses.spi(write, read)
}
