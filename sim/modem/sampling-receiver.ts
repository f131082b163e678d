import type { Clock, Timer } from "./clock"
import { BITS_PER_CHARACTER, type Reception } from "./serial-line"

/** Up to this difference of rates every sample still falls into its own bit. */
const TOLERANCE = 0.03

/** @param startedAt when the start bit of the first character began */
export type Deliver = (bytes: Uint8Array, startedAt: number) => void

/**
 * The receiving end of a UART, which samples the line at its own rate.
 *
 * At the sender's rate bytes arrive as they were sent. At another rate the receiver
 * samples the middle of supposed bits, from each falling edge for which it is ready,
 * and gets the same garbage as a real one: less than was sent if it is the slower end,
 * more if it is the faster one. A character without a stop bit is handed over all the
 * same.
 */
export class SamplingReceiver {
    private frame: Frame | undefined
    /** The line has been looked at up to this time. */
    private seenUntil = -Infinity
    private idle: Timer | undefined

    /**
     * @param rate the rate of the receiving end
     * @param chunkMs how long what crossed the line may be gathered before it is told
     * @param deliver takes the characters received, and when the first one began
     */
    constructor(
        private readonly clock: Clock,
        private rate: number,
        private readonly chunkMs: number,
        private readonly deliver: Deliver
    ) {}

    get baud(): number {
        return this.rate
    }

    setBaud(baud: number): void {
        this.rate = baud
        this.reset()
    }

    reset(): void {
        this.frame = undefined
        this.idle?.cancel()
    }

    receive(reception: Reception): void {
        if (Math.abs(reception.baud / this.rate - 1) <= TOLERANCE) {
            this.reset()
            this.deliver(reception.bytes, reception.startedAt)
        } else this.sample(reception)
    }

    private sample({ bytes, startedAt, baud }: Reception): void {
        this.idle?.cancel()
        const bitMs = 1000 / baud
        const received: number[] = []
        let start = startedAt
        for (const byte of bytes) {
            const end = start + BITS_PER_CHARACTER * bitMs
            this.watch({ byte, start, bitMs, end }, received)
            start = end
        }
        if (received.length > 0)
            this.deliver(Uint8Array.from(received), startedAt)
        if (this.frame === undefined) return
        // a character that began before the stop bit will have been told by then
        const toldAt =
            this.frame.stopAt + this.chunkMs + 2 * BITS_PER_CHARACTER * bitMs
        this.idle = this.clock.after(toldAt - this.clock.now(), () =>
            this.finishIdle()
        )
    }

    /** Looks at the line while one character of the sender crosses. */
    private watch(sent: SentCharacter, received: number[]): void {
        for (;;) {
            this.frame ??= this.nextFrame(sent)
            if (this.frame === undefined || !this.frame.run(sent)) break
            received.push(this.frame.character)
            this.seenUntil = this.frame.stopAt
            this.frame = undefined
        }
        this.seenUntil = Math.max(this.seenUntil, sent.end)
    }

    /** The first falling edge that the receiver is ready for starts a frame. */
    private nextFrame(sent: SentCharacter): Frame | undefined {
        for (let bit = 0; bit < BITS_PER_CHARACTER; bit++) {
            const at = sent.start + bit * sent.bitMs
            const falls =
                level(sent, at + sent.bitMs / 2) === 0 &&
                (bit === 0 || level(sent, at - sent.bitMs / 2) === 1)
            if (falls && at >= Math.max(this.seenUntil, sent.start))
                return new Frame(at, 1000 / this.rate)
        }
        return undefined
    }

    /** The line has stayed idle, which is high, for the rest of the frame. */
    private finishIdle(): void {
        const frame = this.frame
        if (frame === undefined) return
        this.frame = undefined
        frame.run(IDLE)
        this.seenUntil = frame.stopAt
        this.deliver(Uint8Array.of(frame.character), frame.edgeAt)
    }
}

/** A character on its way, in the time of the clock. */
interface SentCharacter {
    readonly byte: number
    readonly start: number
    readonly bitMs: number
    readonly end: number
}

const IDLE: SentCharacter = {
    byte: 0,
    start: Infinity,
    bitMs: 1,
    end: Infinity,
}

/** The line: idle high, start bit low, data bits from the lowest, stop bit high. */
function level(sent: SentCharacter, at: number): 0 | 1 {
    if (at < sent.start) return 1
    const bit = Math.floor((at - sent.start) / sent.bitMs)
    if (bit === 0) return 0
    if (bit > 8) return 1
    return ((sent.byte >> (bit - 1)) & 1) as 0 | 1
}

/** A character that the receiver is putting together. */
class Frame {
    character = 0
    private bit = 1

    constructor(
        readonly edgeAt: number,
        private readonly bitMs: number
    ) {}

    /** When the stop bit is sampled, which ends the frame. */
    get stopAt(): number {
        return this.edgeAt + (BITS_PER_CHARACTER - 0.5) * this.bitMs
    }

    /** Samples as far as the line is known. @returns whether the frame is complete */
    run(sent: SentCharacter): boolean {
        for (; this.bit <= 8; this.bit++) {
            const at = this.edgeAt + (this.bit + 0.5) * this.bitMs
            if (at >= sent.end) return false
            this.character |= level(sent, at) << (this.bit - 1)
        }
        return this.stopAt < sent.end
    }
}
