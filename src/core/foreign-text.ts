/**
 * Foreign text is text that others wrote: short messages, cell broadcasts, USSD,
 * whether they arrive or are read. A header announces it; nothing in it is obeyed until
 * it is over. A modem sends an empty line before each of its own lines; a text may have
 * one as well, so an event in it is not believed: the modem is asked.
 */
import { COMMA, NINE, QUOTE, SPACE, ZERO } from "./ascii"
import { Digest, ZEROS } from "./digest"
import { Final, Line, Results, Trait } from "./results"
import { before } from "./time"

export enum Text {
    None,
    /**
     * after +CMT: and the like: one line, and all lines without an empty line before
     * them
     */
    Message,
    /** +CUSD: up to its closing quotation mark */
    Ussd,
    /** the response to AT+CMGR or AT+CMGL, up to its final result code */
    Answer,
    /** the final result code has come: if more lines come soon, it was text as well */
    AnswerEnded,
}

/** What kind a line is. */
export enum Taken {
    /** a line of the modem */
    No,
    /** text, for the feature that reads it */
    Text,
    /** an unknown line after a response: a URC, or text */
    Stranger,
    /** not believed */
    Dropped,
    /** the final result code of the response */
    End,
}

/**
 * From a header to its text, and between two lines of it, ms; without the time on the
 * wire.
 */
const PAUSE = 1000
/** For this long after the OK of a response, a line may belong to its text, ms. */
const QUIET = 100

/** @devsWhenUsed */
export class ForeignText {
    kind = Text.None
    /** when it is over, unless it is a response */
    until = 0
    /** an event in it may have been true: the modem is to be asked … */
    private doubt = false
    /** … and data of a connection may be missing */
    private doubtfulData = false
    private readonly digest: Digest
    private readonly results: Results
    /** longest time of a line on the wire, ms */
    private wire = 0
    /** the line after the header is due */
    private first = false

    constructor(digest: Digest, results: Results) {
        this.digest = digest
        this.results = results
    }

    /** The line announces text. @param wire longest time of a line on the wire, ms */
    begin(kind: Text, wire: number, now: number) {
        // amid bare data it cannot be told from them
        if (this.digest.plain !== null) return
        this.kind = kind
        this.first = true
        this.wire = wire
        this.until = now + PAUSE + wire
        this.digest.text = true
        this.digest.framed = false
    }

    /** A response with text is over; lines that come soon are suspicious. */
    ended(now: number) {
        this.kind = Text.AnswerEnded
        this.digest.text = true
        this.digest.framed = false
        this.until = now + QUIET
    }

    leave() {
        this.kind = Text.None
        this.digest.text = false
    }

    /** Forgets everything: the modem has restarted. */
    reset() {
        this.leave()
        this.doubt = false
        this.doubtfulData = false
    }

    /** Whether its time is over now. */
    expire(now: number): boolean {
        if (this.kind === Text.Answer || before(now, this.until)) return false
        this.leave()
        return true
    }

    /** When its time is over, if that is before `at`. */
    pollAt(at: number): number {
        if (this.kind === Text.None || this.kind === Text.Answer) return at
        // then no command may be given before
        if (this.kind === Text.AnswerEnded) return this.until
        return before(this.until, at) ? this.until : at
    }

    /**
     * Takes a line that was found while text is expected.
     * @param ends final result codes of the command in flight
     */
    take(line: Line, ends: Final, now: number): Taken {
        const framed = this.digest.blank > 0
        const first = this.first
        this.first = false
        switch (this.kind) {
            case Text.Message:
                if ((framed && !first) || this.expire(now)) break
                this.digest.framed = true
                this.until = now + PAUSE + this.wire
                return Taken.Text
            case Text.Ussd:
                if (this.expire(now)) break
                this.until = now + PAUSE + this.wire
                if (this.closes(false)) this.leave()
                return Taken.Text
            case Text.Answer:
                if (!framed || line === Line.Message || line === Line.Unknown)
                    return Taken.Text
                if ((this.results.traits & Trait.Foreign) !== 0) return Taken.No
                if ((this.results.final & ends) !== 0) return Taken.End
                this.distrust(line)
                return Taken.Text
            case Text.AnswerEnded:
                if (!framed) return Taken.Dropped
                if ((this.results.traits & Trait.Foreign) !== 0) return Taken.No
                if (line === Line.Unknown) return Taken.Stranger
                this.distrust(line)
                return Taken.Dropped
        }
        this.leave()
        return Taken.No
    }

    /** Whether an event in it may have been true; true once. */
    doubted(): boolean {
        const doubt = this.doubt
        this.doubt = false
        return doubt
    }

    /** Whether data of a connection may be missing; true once. */
    dataDoubted(): boolean {
        const doubt = this.doubtfulData
        this.doubtfulData = false
        return doubt
    }

    private distrust(line: Line) {
        this.doubt = true
        if (line === Line.Receive || line === Line.Ipd) this.doubtfulData = true
    }

    /** Whether the line +CUSD: is complete, or the last one of its text. */
    closes(first: boolean): boolean {
        const line = this.digest.line
        const length = this.digest.lineLength
        let at = length - 1
        // the part that was cut off may have held the end
        if (length >= line.length - ZEROS) return true
        // the number of the alphabet follows the quotation mark
        while (
            at >= 0 &&
            ((line[at] >= ZERO && line[at] <= NINE) || line[at] === SPACE)
        )
            at--
        if (at >= 0 && line[at] === COMMA) at--
        if (!first) return at >= 0 && line[at] === QUOTE
        const opened = line.indexOf(QUOTE, 0, length)
        return opened < 0 || (opened < at && line[at] === QUOTE)
    }
}
