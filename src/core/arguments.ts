/**
 * Checks of callers' arguments, in one place. Types do not exist at run time, nor for
 * callers in JavaScript, so a value of any type may come.
 */
import { QUOTE } from "./ascii"
import { rateAt } from "./config"
import { lineAt } from "./lines"

/** Expected kind of a value; `wrong()` has words for each, in this order. */
export enum Kind {
    /** from the least to the most */
    Whole,
    /** likewise */
    PowerOfTwo,
    /** one of the rates of AT+IPR */
    Rate,
    /** ms; or `undefined` */
    Time,
    /** or `undefined` */
    Flag,
    Object,
    /** a string or buffer that can be sent */
    Bytes,
    /** a quoted parameter; the range is that of its length */
    Text,
    /** likewise */
    Digits,
    Host,
}

/** Longest time, ms: times are compared in 32 bits. */
export const LONGEST_TIME = 0x7fffffff
/** Characters of a wrong text that an error shows. */
const SHOWN = 40

/** A value as an error shows it. */
function shown(value: unknown): string {
    if (typeof value === "string") return '"' + value.slice(0, SHOWN) + '"'
    if (typeof value === "object") return "an object"
    return "" + (value as number)
}

/** Whether all characters of a text lie between `first` and `last`, and none is `but`. */
function within(text: string, first: number, last: number, but: number) {
    for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i)
        if (c < first || c > last || c === but) return false
    }
    return true
}

function isText(kind: Kind, text: string): boolean {
    switch (kind) {
        case Kind.Text:
            return within(text, 32, 126, QUOTE)
        case Kind.Digits:
            return within(text, 48, 57, 0)
        case Kind.Host:
            return (
                within(text, 33, 126, QUOTE) &&
                text.indexOf("/") < 0 &&
                text.indexOf(":") < 0
            )
    }
    return kind === Kind.Bytes
}

function isRate(n: number): boolean {
    for (let i = 0; ; i++) {
        const rate = rateAt(i)
        if (rate === 0) return false
        if (rate === n) return true
    }
}

function isNumber(kind: Kind, n: number): boolean {
    switch (kind) {
        case Kind.Whole:
            return n === Math.floor(n)
        case Kind.PowerOfTwo:
            return (n & (n - 1)) === 0
        case Kind.Rate:
            return isRate(n)
    }
    return kind === Kind.Time
}

function isRight(kind: Kind, value: unknown, min: number, max: number) {
    switch (typeof value) {
        case "number":
            // the plus tells the optimiser that the argument is no object
            return value >= min && value <= max && isNumber(kind, +value)
        case "string":
            return (
                value.length >= min &&
                value.length <= max &&
                isText(kind, value)
            )
        case "boolean":
            return kind === Kind.Flag
        case "undefined":
            return kind === Kind.Flag || kind === Kind.Time
    }
    if (value instanceof Buffer) return kind === Kind.Bytes
    return (
        kind === Kind.Object &&
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value)
    )
}

/**
 * Checks a value.
 * @param min the least value, or the least length
 * @param max the greatest; with `LONGEST_TIME` the error names no range
 * @returns the end of the error's message; "" if the value is right
 */
export function wrong(
    kind: Kind,
    value: unknown,
    min: number,
    max: number
): string {
    if (isRight(kind, value, min, max)) return ""
    const wanted = lineAt(
        `a whole number
a power of two
a rate that the modem has
a number of ms
true or false
an object
a Buffer or a string
printable ASCII without quotation marks, characters:
digits, so many:
a name or a dotted address (without http:// and what follows it), characters:
`,
        kind
    )
    const text = shown(value) + " is not " + wanted
    return max < LONGEST_TIME ? text + " " + min + "–" + max : text
}

/** The same for a value that has to be one of these words. */
export function wrongWord(value: unknown, words: string[]): string {
    if (words.indexOf(value as string) >= 0) return ""
    let text = shown(value) + " is none of"
    for (let i = 0; i < words.length; i++)
        text += (i > 0 ? ", " : " ") + words[i]
    return text
}

/** The same for a dotted IPv4 address. */
export function wrongAddress(value: unknown): string {
    let bytes = 0
    let parts = 0
    if (typeof value === "string") {
        const words = value.split(".")
        parts = words.length
        for (let i = 0; i < parts; i++)
            if (!wrong(Kind.Digits, words[i], 1, 3) && parseInt(words[i]) < 256)
                bytes++
    }
    if (bytes === 4 && parts === 4) return ""
    return shown(value) + " is no dotted address"
}
