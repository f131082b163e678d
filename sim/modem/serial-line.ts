import { ByteQueue } from "./bytes"
import type { Clock, Timer } from "./clock"

/** How bytes that crossed the line are handed over. */
export interface ChunkOptions {
    /**
     * Bytes are handed over in groups of what crossed the line in this time,
     * ms. 0 hands over every byte at its own time.
     */
    readonly chunkMs: number
    /** No group is larger than this. */
    readonly chunkBytes: number
}

/** Bit times of one character on the line: start bit, 8 data bits, stop bit. */
export const BITS_PER_CHARACTER = 10

/** Bytes that crossed the line, and when. */
export interface Reception {
    readonly bytes: Uint8Array
    /** When the start bit of the first byte began; the rest followed without a gap. */
    readonly startedAt: number
    /** The rate at which they were sent. */
    readonly baud: number
}

/**
 * One direction of a UART: an unlimited transmit queue that empties at the baud
 * rate.
 *
 * When each byte crosses is computed from the clock, so a timer that comes late
 * makes a larger group, never a slower line.
 */
export class SerialLine {
    private readonly queue = new ByteQueue()
    private timer: Timer | undefined
    /** When the first byte of the queue starts to cross, or started. */
    private startAt = 0
    /** While held: how many bytes may still cross, since they had begun to. */
    private allowed = Infinity
    /** Bytes that have crossed so far. */
    private total = 0
    private readonly waiting: { isOver: () => boolean; run: () => void }[] = []

    /**
     * @param baud the rate of the sending end
     * @param deliver takes what crossed
     */
    constructor(
        private readonly clock: Clock,
        private rate: number,
        private readonly chunks: ChunkOptions,
        private readonly deliver: (reception: Reception) => void
    ) {}

    get baud(): number {
        return this.rate
    }

    /** Bytes that have not crossed yet. */
    get pending(): number {
        return this.queue.length
    }

    write(bytes: Uint8Array): void {
        if (this.queue.length === 0)
            this.startAt = Math.max(this.startAt, this.clock.now())
        this.queue.push(bytes)
        this.arm()
    }

    /** Sends ahead of all that waits. */
    writeFirst(bytes: Uint8Array): void {
        if (this.queue.length === 0) this.write(bytes)
        else this.queue.pushFront(bytes)
    }

    /** Runs `run` as soon as at most `atMost` bytes have yet to cross, at once if so. */
    whenPending(atMost: number, run: () => void): void {
        this.when(() => this.queue.length <= atMost, run)
    }

    /** Runs `run` as soon as all that has been written by now has crossed, at once if so. */
    whenCrossed(run: () => void): void {
        const end = this.total + this.queue.length
        this.when(() => this.total >= end, run)
    }

    private when(isOver: () => boolean, run: () => void): void {
        if (isOver()) run()
        else this.waiting.push({ isOver, run })
    }

    /** Changes the rate of the sending end, for bytes that have not crossed yet. */
    setBaud(baud: number): void {
        if (baud === this.rate) return
        this.settle()
        this.rate = baud
        this.rearm()
    }

    /** Stops sending; a byte whose start bit is out still goes (flow control). */
    hold(): void {
        if (this.allowed !== Infinity) return
        this.settle()
        const elapsed = this.clock.now() - this.startAt
        const underWay =
            this.queue.length > 0 && elapsed > this.byteMs * ROUNDING
        this.allowed = underWay ? 1 : 0
        this.rearm()
    }

    release(): void {
        if (this.allowed === Infinity) return
        this.settle()
        if (this.allowed === 0)
            this.startAt = Math.max(this.startAt, this.clock.now())
        this.allowed = Infinity
        this.rearm()
    }

    /** Drops all bytes that have not crossed, and their callbacks: the power is gone. */
    discard(): void {
        this.queue.clear()
        this.waiting.length = 0
        this.rearm()
    }

    private get byteMs(): number {
        return (BITS_PER_CHARACTER * 1000) / this.rate
    }

    /** How many bytes of the queue have crossed by now. */
    private crossed(): number {
        const elapsed = this.clock.now() - this.startAt
        const count = Math.floor(elapsed / this.byteMs + ROUNDING)
        return Math.min(count, this.queue.length, this.allowed)
    }

    /**
     * Delivers bytes that have crossed. The receiver may write, hold or discard
     * meanwhile.
     */
    private settle(): void {
        for (let count = this.crossed(); count > 0; count = this.crossed()) {
            const bytes = this.queue.take(
                Math.min(count, this.chunks.chunkBytes)
            )
            const startedAt = this.startAt
            this.startAt += bytes.length * this.byteMs
            this.allowed -= bytes.length
            this.total += bytes.length
            this.deliver({ bytes, startedAt, baud: this.rate })
        }
        this.notify()
    }

    private notify(): void {
        for (const waiter of [...this.waiting]) {
            const index = this.waiting.indexOf(waiter)
            if (index < 0 || !waiter.isOver()) continue
            this.waiting.splice(index, 1)
            waiter.run()
        }
    }

    private rearm(): void {
        this.timer?.cancel()
        this.timer = undefined
        this.arm()
    }

    private arm(): void {
        const sendable = Math.min(this.queue.length, this.allowed)
        if (this.timer !== undefined || sendable === 0) return
        const group = Math.max(1, Math.ceil(this.chunks.chunkMs / this.byteMs))
        const count = Math.min(sendable, group, this.chunks.chunkBytes)
        const at = this.startAt + count * this.byteMs
        this.timer = this.clock.after(at - this.clock.now(), () => {
            this.timer = undefined
            this.settle()
            this.arm()
        })
    }
}

/**
 * Keeps a byte that is due from waiting for another turn because of rounding, in
 * characters. After a year on a clock in ms, a double is exact to 4e-6 ms.
 */
const ROUNDING = 1e-3
