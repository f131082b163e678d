/**
 * The grammar of the text after `=` in an extended command ([ATM] 1.4.3, V.25ter
 * 5.4.2): values separated by commas, strings in quotes, blanks ignored outside of
 * them.
 */
import { CommandError } from "./errors"

/** A value as written; an omitted one is an empty text without quotes. */
export interface RawValue {
    readonly text: string
    readonly quoted: boolean
}

/** Reads one value. A parameter beyond the last comma is undefined. */
export type Parameter<T> = (raw: RawValue | undefined) => T

/** The values read by a list of parameters. */
export type Values<P extends readonly Parameter<unknown>[]> = {
    -readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never
}

const MISSING = 791
const TOO_MANY = 792
const OUT_OF_RANGE = 793
const BAD_FORMAT = 795
const INVALID = 765

/**
 * Reads the values of a command, one by one.
 * @throws CommandError 791 too few, 792 too many, 793 out of range, 795 malformed,
 * 765 not one of the words
 */
export function readParameters<const P extends readonly Parameter<unknown>[]>(
    text: string,
    parameters: P
): Values<P> {
    const raw = splitValues(text)
    if (raw.length > parameters.length) throw new CommandError(TOO_MANY)
    return parameters.map((parameter, i) => parameter(raw[i])) as Values<P>
}

/** @throws CommandError 795: quotes that do not close, or stand inside a value */
export function splitValues(text: string): RawValue[] {
    const values: RawValue[] = []
    const pattern = /\s*(?:"([^"]*)"|([^",]*?))\s*(,|$)/y
    for (;;) {
        const match = pattern.exec(text)
        if (match === null) throw new CommandError(BAD_FORMAT)
        const [, quoted, bare, end] = match
        values.push(
            quoted === undefined
                ? { text: bare.replaceAll(" ", ""), quoted: false }
                : { text: quoted, quoted: true }
        )
        if (end === "") return values
    }
}

function present(raw: RawValue | undefined): RawValue {
    if (raw === undefined || (raw.text === "" && !raw.quoted))
        throw new CommandError(MISSING)
    return raw
}

function wholeNumber(text: string, lowest: number, highest: number): number {
    if (!/^\d+$/.test(text)) throw new CommandError(BAD_FORMAT)
    const value = Number(text)
    if (value < lowest || value > highest) throw new CommandError(OUT_OF_RANGE)
    return value
}

/** A decimal number without quotes. */
export function integer<T extends number = number>(
    lowest: number,
    highest: number
): Parameter<T> {
    return raw => {
        const { text, quoted } = present(raw)
        if (quoted) throw new CommandError(BAD_FORMAT)
        return wholeNumber(text, lowest, highest) as T
    }
}

/** One of a few numbers. */
export function oneOf<T extends number>(...values: readonly T[]): Parameter<T> {
    const read = integer(0, 0xffff_ffff)
    return raw => {
        const value = read(raw)
        const found = values.find(candidate => candidate === value)
        if (found === undefined) throw new CommandError(OUT_OF_RANGE)
        return found
    }
}

/** A port, with or without quotes: [AN] has both. */
export function port(lowest: number): Parameter<number> {
    return raw => wholeNumber(present(raw).text, lowest, 65535)
}

/** A string of at most `longest` characters, with or without quotes: real modules take either. */
export function text(longest: number): Parameter<string> {
    return raw => {
        const { text } = present(raw)
        if (text.length > longest) throw new CommandError(OUT_OF_RANGE)
        return text
    }
}

/** One of a few words, with or without quotes. */
export function word<T extends string>(...words: readonly T[]): Parameter<T> {
    const read = text(Infinity)
    return raw => {
        const value = read(raw)
        const found = words.find(candidate => candidate === value)
        if (found === undefined) throw new CommandError(INVALID)
        return found
    }
}

/** A PIN or PUK: digits, which modules take without quotes too. */
export function digits(shortest: number, longest: number): Parameter<string> {
    return raw => {
        const { text } = present(raw)
        if (!/^\d*$/.test(text)) throw new CommandError(BAD_FORMAT)
        if (text.length < shortest || text.length > longest)
            throw new CommandError(OUT_OF_RANGE)
        return text
    }
}

/** An IPv4 address. */
export function ipAddress(): Parameter<string> {
    const read = text(15)
    return raw => {
        const value = read(raw)
        if (!isIpAddress(value)) throw new CommandError(INVALID)
        return value
    }
}

/** Whether a text is an IPv4 address in dotted notation. */
export function isIpAddress(text: string): boolean {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
    return match !== null && match.slice(1).every(part => Number(part) <= 255)
}

/**
 * A parameter that may be omitted, at the end or between two commas.
 * @param omitted its value then, default undefined
 */
export function optional<T>(parameter: Parameter<T>): Parameter<T | undefined>
export function optional<T>(parameter: Parameter<T>, omitted: T): Parameter<T>
export function optional<T>(
    parameter: Parameter<T>,
    omitted?: T
): Parameter<T | undefined> {
    return raw => (isOmitted(raw) ? omitted : parameter(raw))
}

/** Whether a value is left out, at the end or between two commas. */
export function isOmitted(raw: RawValue | undefined): boolean {
    return raw === undefined || (raw.text === "" && !raw.quoted)
}
