import { ByteQueue } from "../modem/bytes"
import type { BytePipe } from "../modem/uart"

const CR = 0x0d
const LF = 0x0a
const CTRL_Z = 0x1a
const ESC = 0x1b

/**
 * How long behind a CR a LF that comes alone still belongs to it, ms: the two
 * may be in two segments of TCP, and nobody answers a prompt with a bare LF so
 * soon.
 */
const LINE_END = 20

/** What of a modem a {@link LineFeeder} looks at. */
export interface PacedModem {
    readonly activity: "off" | "booting" | "command" | "busy" | "data"
    /** how many bytes of data are still to come; undefined: a Ctrl-Z ends them, or nothing */
    readonly dataExpected: number | undefined
    /** nothing that a command started is still to come */
    readonly isSettled: boolean
    readonly dte: { readonly pending: number }
}

/**
 * Gives a modem no more than it takes, as the line pacing of a terminal program
 * does: a command line when the last one has ended, data after the prompt.
 *
 * It is for those who cannot wait for answers, such as `printf … | nc`. A line
 * also waits until a connection that is being made is made, and until all that
 * the modem has said has crossed the wire. A bare LF ends a line too and is
 * sent as CR, since that is what a terminal sends for the Enter key. A LF behind
 * the CR of a line is dropped: on a wire it would arrive before any prompt, here
 * it would be taken for the first byte of the data.
 */
export class LineFeeder {
    private readonly bytes = new ByteQueue()
    /** until when a LF would belong to the line that was given last */
    private lineEndUntil = -Infinity

    constructor(
        private readonly modem: PacedModem,
        private readonly pipe: BytePipe,
        private readonly now: () => number = () => performance.now()
    ) {}

    /** Bytes that wait for their turn. */
    get waiting(): number {
        return this.bytes.length
    }

    push(bytes: Uint8Array): void {
        if (this.bytes.length === 0) bytes = this.withoutLineEnd(bytes)
        this.bytes.push(bytes.slice())
        this.feed()
    }

    clear(): void {
        this.bytes.clear()
        this.lineEndUntil = -Infinity
    }

    /** Gives what the modem takes now; to be called again while bytes wait. */
    feed(): void {
        if (this.bytes.length === 0 || this.modem.dte.pending > 0) return
        switch (this.modem.activity) {
            case "booting":
            case "busy":
                return
            case "data":
                this.give(this.dataLength())
                return
            case "command":
                if (this.modem.isSettled) this.giveLine()
                return
            case "off":
                // nobody will ever take them: lost, as on a wire
                this.give(this.bytes.length)
        }
    }

    private withoutLineEnd(bytes: Uint8Array): Uint8Array {
        const isLineEnd =
            bytes[0] === LF &&
            (this.modem.activity === "data"
                ? bytes.length === 1 && this.now() < this.lineEndUntil
                : this.lineEndUntil > -Infinity)
        this.lineEndUntil = -Infinity
        return isLineEnd ? bytes.subarray(1) : bytes
    }

    private giveLine(): void {
        const end = this.bytes.indexWhere(byte => byte === CR || byte === LF)
        if (end < 0) {
            this.give(this.bytes.length)
            return
        }
        const line = this.bytes.take(end + 1)
        const isCr = line[end] === CR
        line[end] = CR
        if (isCr && this.bytes.at(0) === LF) this.bytes.take(1)
        else if (isCr) this.lineEndUntil = this.now() + LINE_END
        this.pipe.write(line)
    }

    private dataLength(): number {
        const expected = this.modem.dataExpected
        if (expected !== undefined) return expected
        const end = this.bytes.indexWhere(
            byte => byte === CTRL_Z || byte === ESC
        )
        return end < 0 ? this.bytes.length : end + 1
    }

    private give(count: number): void {
        this.pipe.write(this.bytes.take(count))
    }
}
