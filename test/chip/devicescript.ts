/**
 * What the driver needs of DeviceScript, for Node, on a virtual clock: fibers are
 * promises, and time passes between them only.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { VirtualClock } from "../../sim/modem/clock"
import type { ChipModel } from "../../simulator/bridge/sc16is7xx"
import { Firmware, type FirmwareOptions, type Schedulable } from "./firmware"

// how a fiber tells what it has caught
Object.assign(Error.prototype, {
    print(this: Error): void {
        console.error(this.stack)
    },
})

// what only its Buffer has
Object.assign(Buffer.prototype, {
    concat(this: Buffer, other: Buffer): Buffer {
        return Buffer.concat([this, other])
    },
})

let clock = new VirtualClock()

let resumptionMs = 0
/** a turn takes at least so long, ms */
const TURN_MS = 0.05

/** the main loop of an RP2040, or undefined: naps are over when they should be */
let firmware: Firmware | undefined

/**
 * The time of all fibers from now on: each is resumed when its nap is over.
 * @param resumption how long it takes to resume one, ms
 */
export function useClock(its: VirtualClock, resumption = 0): void {
    clock = its
    resumptionMs = resumption
    present = its.now()
    firmware = undefined
}

/** Fibers run from now on as in the firmware of an RP2040. */
export function useFirmware(
    its: VirtualClock,
    options?: FirmwareOptions
): Firmware {
    useClock(its)
    firmware = new Firmware(its, options)
    return firmware
}

/** Work of the VM, in cycles, and by function: metered code says so. */
function vmCycles(cycles: number, name: string): void {
    firmware?.spend(cycles)
    spent.set(name, (spent.get(name) ?? 0) + cycles)
}
export const spent = new Map<string, number>()
Object.assign(globalThis, { vmCycles })

/** The driver says by itself what the VM takes for it: see meter.mjs. */
export function isMetered(): boolean {
    return "vmMetered" in globalThis
}

/**
 * What fibers take for the present: it stands still while one of them runs, and
 * naps count from it.
 */
let present = 0

/** A test is no fiber: its time goes on. */
function now(): number {
    if (current.getStore() === undefined) return clock.now()
    return firmware ? firmware.present : present
}

/** A fiber goes on. */
function resume(): void {
    present = clock.now()
    if (resumptionMs > 0) clock.advance(resumptionMs)
}

/** how often a fiber has been resumed */
let resumptions = 0

/**
 * Lets fibers that were resumed come to their next `await`, then time pass
 * until one is resumed.
 * @param over whether that has come of it which is waited for: no time passes then
 * @param limitMs at most so long
 */
export async function step(
    over: () => boolean = () => false,
    limitMs = 1000
): Promise<void> {
    await new Promise(done => setImmediate(done))
    firmware?.turnIsOver()
    if (over()) return
    const before = resumptions
    clock.runUntil(
        () => resumptions !== before || firmware?.stopped === true,
        limitMs
    )
    if (firmware?.stopped)
        throw new Error(
            "the board stands still: a fiber was due already when the firmware set its timer"
        )
}

export function millis(): number {
    return Math.floor(now())
}

export class Fiber implements Schedulable {
    suspended = false
    wakeAt = 0
    private end: () => void = () => undefined

    static self(): Fiber {
        return current.getStore() ?? main
    }

    resume(_value: unknown): void {
        if (!this.suspended) throw new RangeError("fiber not suspended")
        // it runs when it is its turn
        if (firmware) this.wakeAt = 1
        else this.end()
    }

    /** The firmware resumes it. */
    run(): void {
        this.end()
    }

    async suspend(ms: number): Promise<void> {
        this.suspended = true
        if (firmware) {
            await this.park(firmware, ms)
            return
        }
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

    /** @param ms Infinity: until somebody resumes it */
    async park(its: Firmware, ms: number): Promise<void> {
        its.add(this)
        await new Promise<void>(done => {
            this.end = () => {
                this.suspended = false
                resumptions++
                done()
            }
            // whole milliseconds, and 0 is never
            if (ms === Infinity) this.wakeAt = 0
            else
                this.wakeAt = Math.max(
                    Math.floor(now()) + Math.max(Math.trunc(ms), 0),
                    1
                )
        })
    }
}

const current = new AsyncLocalStorage<Fiber>()
/** where a program begins */
const main = new Fiber()

/** Runs a function in a fiber of its own: `fn.start()` of DeviceScript. */
export function start(
    run: () => Promise<void>,
    fiber = new Fiber()
): Promise<void> {
    if (!firmware) {
        resumptions++
        present = clock.now()
        return current.run(fiber, run)
    }
    const its = firmware
    return current.run(fiber, async () => {
        await fiber.park(its, 0)
        try {
            await run()
        } finally {
            its.remove(fiber)
        }
    })
}

declare global {
    interface Function {
        start(...args: unknown[]): Fiber
    }
}

/** Functions start fibers, as in DeviceScript; a method has to be bound. */
Object.assign(Function.prototype, {
    start(this: (...args: unknown[]) => Promise<void>, ...args: unknown[]) {
        const fiber = new Fiber()
        void start(() => this(...args), fiber)
        return fiber
    },
})

/** @param ms without it, until the fiber is resumed */
export async function suspend<T>(ms = Infinity): Promise<T | undefined> {
    await Fiber.self().suspend(ms)
    return undefined
}

export async function sleep(ms: number): Promise<void> {
    if (firmware) {
        // what is no fiber may sleep several times at once
        const fiber = current.getStore() ?? new Fiber()
        await fiber.park(firmware, ms)
        if (fiber !== current.getStore()) firmware.remove(fiber)
        return
    }
    // whoever waits for time to pass by taking turns would wait for ever
    const least = resumptionMs > 0 ? 0 : TURN_MS
    await new Promise<void>(done =>
        clock.after(Math.max(now() + ms - clock.now(), least), () => {
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

export const delay = sleep

export type Subscriber<T> = Emitter<T>

export function emitter<T>(): Emitter<T> {
    return new Emitter<T>()
}

/** Suspends the fiber until something is emitted. */
export async function wait<T>(
    from: Emitter<T>,
    ms?: number
): Promise<T | undefined> {
    const fiber = Fiber.self()
    const unsubscribe = from.subscribe(value => {
        if (fiber.suspended) fiber.resume(value)
    })
    await suspend(ms)
    unsubscribe()
    return undefined
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

/** I2C runs at 381 kHz when 400 are asked for; SPI at 4 MHz. */
const I2C_KHZ = 381
const SPI_KHZ = 4000
/** a transaction of I2C beside its bits, cycles */
const TRANSACTION = 12_000
/** the same for code that is not metered, the VM's work for it included, ms */
const TRANSACTION_MS = 0.24

/**
 * A transaction on I2C: what comes before the first byte of data takes its time,
 * and each of those does.
 */
export function onI2c(model: ChipModel, write: Buffer, read: Buffer | null) {
    const own = isMetered() ? (TRANSACTION * 1000) / 125e6 : TRANSACTION_MS
    firmware?.settle()
    // start, address, register; again start and address to read; stop
    const bits = 9 * (read ? 3 : 2) + (read ? 3 : 2)
    clock.advance(own + bits / I2C_KHZ)
    model.onByte = () => clock.advance(9 / I2C_KHZ)
    const answered = read ? model.read(write[0], read) : model.write(write)
    model.onByte = undefined
    return answered
}

/** A transfer on SPI takes its time, and the firmware's to see that it is over. */
export function spiTakes(bytes: number): void {
    if (!isMetered()) clock.advance(TRANSACTION_MS)
    if (firmware) firmware.transfer((bytes * 8) / SPI_KHZ)
    else clock.advance((bytes * 8) / SPI_KHZ)
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
