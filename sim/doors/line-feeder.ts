import { ByteQueue } from "../modem/bytes"
import type { BytePipe } from "../modem/uart"
import { LineEnds } from "./line-ends"

const CR = 0x0d
const LF = 0x0a
const CTRL_Z = 0x1a
const ESC = 0x1b

/** The part of a modem that a `LineFeeder` uses. */
export interface PacedModem {
    readonly activity: "off" | "booting" | "command" | "busy" | "data"
    /** how many bytes of data are still to come; undefined: a Ctrl-Z ends them, or nothing */
    readonly dataExpected: number | undefined
    /** nothing that a command started is still to come */
    readonly isSettled: boolean
    readonly dte: { readonly pending: number }
}

/**
 * Gives a modem a client's bytes at the modem's pace, like the line pacing of a
 * terminal program: a command line when the last one has ended, data after the prompt.
 *
 * This is for clients that cannot wait for responses, such as `printf … | nc`. A line
 * also waits for the end of a connection attempt, and until all the modem's bytes have
 * crossed the wire. A bare LF ends a line too and is sent as CR, as a terminal does for
 * the Enter key. A LF after the CR of a line is dropped, see {@link LineEnds}.
 *
 * Unpaced, it passes everything on at once, but for a CR whose LF may follow.
 */
export class LineFeeder {
    private readonly bytes = new ByteQueue()
    private readonly lineEnds = new LineEnds()
    private lastPushAt = 0

    constructor(
        private readonly modem: PacedModem,
        private readonly pipe: BytePipe,
        private readonly now: () => number = () => performance.now(),
        private readonly isPaced = true
    ) {}

    /** Bytes that wait for their turn. */
    get waiting(): number {
        return this.bytes.length
    }

    push(bytes: Uint8Array): void {
        this.bytes.push(bytes.slice())
        this.lastPushAt = this.now()
        this.feed()
    }

    clear(): void {
        this.bytes.clear()
        this.lineEnds.forget()
    }

    /** Passes on as much as the modem takes now; call it again while bytes wait. */
    feed(): void {
        const { activity, dte } = this.modem
        const first = this.bytes.at(0)
        if (first === undefined) return
        if (this.lineEnds.ends(first, activity === "data")) this.bytes.take(1)
        if (!this.isPaced) this.giveAll()
        else if (dte.pending > 0) return
        else if (activity === "data") this.give(this.dataLength())
        else if (activity === "command") {
            if (this.modem.isSettled) this.giveLine()
        } else if (activity === "off") {
            // the modem will never take them: lost, as on a wire
            this.give(this.bytes.length)
        }
    }

    /** Whether a CR at the end must wait for its LF. */
    private get holdsCr(): boolean {
        return this.now() - this.lastPushAt < this.lineEnds.patience
    }

    private giveLine(): void {
        const end = this.bytes.indexWhere(byte => byte === CR || byte === LF)
        if (end < 0) {
            this.give(this.bytes.length)
            return
        }
        const isCr = this.bytes.at(end) === CR
        const next = this.bytes.at(end + 1)
        if (isCr && next === undefined && this.holdsCr) return
        const line = this.bytes.take(end + 1)
        line[end] = CR
        if (isCr) {
            this.lineEnds.lineGiven(next)
            if (next === LF) this.bytes.take(1)
        }
        this.pipe.write(line)
    }

    private giveAll(): void {
        const last = this.bytes.length - 1
        const isLine = this.modem.activity !== "data"
        if (isLine && this.bytes.at(last) === CR) {
            if (this.holdsCr) {
                this.give(last)
                return
            }
            this.lineEnds.lineGiven(undefined)
        } else if (isLine) {
            const end = this.bytes.indexWhere(byte => byte === CR)
            if (end >= 0) this.lineEnds.lineGiven(this.bytes.at(end + 1))
        }
        this.give(this.bytes.length)
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
        if (count > 0 && this.bytes.length > 0)
            this.pipe.write(this.bytes.take(count))
    }
}
