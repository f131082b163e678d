/**
 * Reads the parameters of an information response from its bytes: numbers, words, texts
 * between quotation marks, with or without blanks, since firmware varies. A missing or
 * senseless parameter sets `wrong`.
 */
import {
    COMMA,
    DOT,
    MINUS,
    NINE,
    PLUS,
    QUOTE,
    SPACE,
    UPPER_A,
    UPPER_F,
    ZERO,
} from "../ascii"
import { textOf } from "../text"

const LAST = 126
/** most digits of a number */
const DIGITS = 10

/** @devsWhenUsed */
export class Fields {
    /** a parameter was missing, or not as required */
    wrong = false
    /** the last parameter, without quotation marks */
    from = 0
    to = 0
    private bytes: Buffer
    private at = 0
    private end = 0

    constructor(bytes: Buffer) {
        this.bytes = bytes
    }

    /** Begins with the parameters from `at` to `end`. */
    begin(bytes: Buffer, at: number, end: number) {
        this.bytes = bytes
        this.at = at
        // an empty list of parameters has no comma before it
        this.end = end
        this.wrong = false
    }

    /** Whether there is another parameter. */
    more(): boolean {
        return this.at <= this.end
    }

    /** Goes to the next parameter, which must exist. */
    next() {
        const bytes = this.bytes
        let at = this.at
        let end = this.end
        if (at > end) this.wrong = true
        while (at < end && bytes[at] === SPACE) at++
        if (at < end && bytes[at] === QUOTE) {
            this.from = at + 1
            at = bytes.indexOf(QUOTE, at + 1, end)
            // the closing quotation mark is missing
            if (at < 0) {
                this.wrong = true
                at = end
            }
            this.to = at++
            while (at < end && bytes[at] === SPACE) at++
            if (at < end && bytes[at] !== COMMA) this.wrong = true
            while (at < end && bytes[at] !== COMMA) at++
        } else {
            this.from = at
            while (at < end && bytes[at] !== COMMA) at++
            end = at
            while (end > this.from && bytes[end - 1] === SPACE) end--
            this.to = end
        }
        this.at = at + 1
    }

    skip(count: number) {
        for (let i = 0; i < count; i++) this.next()
    }

    /** Reads a whole number from `min` to `max`, which may be negative. */
    whole(min: number, max: number): number {
        const bytes = this.bytes
        this.next()
        let at = this.from
        const sign = at < this.to ? bytes[at] : 0
        if (sign === MINUS || (sign === PLUS && min < 0)) at++
        let value = 0
        let right = at < this.to && this.to - at <= DIGITS
        for (; right && at < this.to; at++) {
            const c = bytes[at]
            right = c >= ZERO && c <= NINE
            value = value * 10 + c - ZERO
        }
        if (sign === MINUS) value = -value
        if (!right || value < min || value > max) this.wrong = true
        return value
    }

    /** Reads a number with a fraction, from `min` to `max`. */
    decimal(min: number, max: number): number {
        const bytes = this.bytes
        this.next()
        let dots = 0
        let digits = 0
        for (let at = this.from; at < this.to; at++) {
            const c = bytes[at]
            if (c === DOT) dots++
            else if (c >= ZERO && c <= NINE) digits++
            else if (c !== MINUS || at > this.from) this.wrong = true
        }
        const value = parseFloat(this.text())
        if (dots > 1 || digits < 1) this.wrong = true
        if (!(value >= min && value <= max)) this.wrong = true
        return value
    }

    /** The last parameter as text, which must be printable ASCII. */
    text(): string {
        for (let at = this.from; at < this.to; at++) {
            const c = this.bytes[at]
            if (c < SPACE || c > LAST) this.wrong = true
        }
        return this.wrong
            ? ""
            : textOf(this.bytes, this.from, this.to - this.from)
    }

    /** Reads the next parameter as text. */
    word(): string {
        this.next()
        return this.text()
    }

    /**
     * Whether the last parameter consists of digits, `each` of them per character:
     * hexadecimal unless `decimalOnly`.
     */
    isDigits(each: number, decimalOnly: boolean): boolean {
        const length = this.to - this.from
        if (length === 0 || length % each !== 0) return false
        for (let at = this.from; at < this.to; at++) {
            const c = this.bytes[at]
            if (c >= ZERO && c <= NINE) continue
            if (decimalOnly || c < UPPER_A || c > UPPER_F) return false
        }
        return true
    }
}
