/**
 * Commands that only set values: allowed values, initial values, and how they are
 * saved, as data. The module keeps the values and returns them.
 */
import { CommandError } from "./errors"
import {
    integer,
    isOmitted,
    oneOf,
    splitValues,
    text,
    type Parameter,
} from "./parameters"

/** One value of a setting, as kept. */
export type Value = number | string

/** Parameter saving mode, [ATM12] 1.7.1. */
export type Saved =
    /** NO_SAVE: a restart forgets it. */
    | "no"
    /** AT&W_SAVE: part of the profile. */
    | "AT&W"
    /** AUTO_SAVE: kept without power. */
    | "by itself"

/** Range of one value. */
export interface ValueRange<T extends Value = Value> {
    /** As `AT+X=?` shows it: `(0-2)`. */
    readonly shown: string
    readonly initial: T
    /** It may be omitted: then it stays unchanged. */
    readonly optional: boolean
    /** Texts are read in quotation marks. */
    readonly quoted: boolean
    /** @throws CommandError if the value is no good */
    readonly read: Parameter<T>
}

/** A number of a range. */
export function range(
    low: number,
    high: number,
    initial: number
): ValueRange<number> {
    return {
        shown: low === high ? `(${low})` : `(${low}-${high})`,
        initial,
        optional: false,
        quoted: false,
        read: integer(low, high),
    }
}

/** A number of a range, or 0. */
export function rangeOrZero(
    low: number,
    high: number,
    initial: number
): ValueRange<number> {
    const any = integer(0, high)
    return {
        ...range(low, high, initial),
        shown: `(0,${low}-${high})`,
        read: raw => {
            const value = any(raw)
            if (value !== 0 && value < low) throw new CommandError(OUT_OF_RANGE)
            return value
        },
    }
}

/** One of a few numbers; the first is the initial one unless `initial` says so. */
export function choice(
    values: readonly number[],
    initial: number = values[0]
): ValueRange {
    return {
        shown: `(${values.join(",")})`,
        initial,
        optional: false,
        quoted: false,
        read: oneOf(...values),
    }
}

/** A text of at most `longest` characters. */
export function string(longest: number, initial = ""): ValueRange {
    return {
        shown: `${longest}`,
        initial,
        optional: false,
        quoted: true,
        read: text(longest),
    }
}

/** One of a few words in quotation marks. */
export function words(
    values: readonly string[],
    initial: string = values[0]
): ValueRange {
    const read = text(Infinity)
    return {
        shown: `(${values.map(value => `"${value}"`).join(",")})`,
        initial,
        optional: false,
        quoted: true,
        read: raw => {
            const value = read(raw)
            if (!values.includes(value)) throw new CommandError(INVALID)
            return value
        },
    }
}

/** A value that may be left out. */
export function maybe(value: ValueRange): ValueRange {
    return { ...value, optional: true }
}

const INVALID = 765
const TOO_MANY = 792
const OUT_OF_RANGE = 793

export interface SettingData {
    /** In capitals, without `AT`. */
    readonly name: string
    readonly values: readonly ValueRange[]
    readonly saved: Saved
    /** How many of the values are saved so, from the first on; a restart forgets the others. Default: all. */
    readonly savedCount?: number
}

export type SettingRecord = Record<string, readonly Value[]>

/** The present settings; a setting never made has its initial value. */
export class SettingStore {
    private readonly volatile: SettingRecord = {}

    /**
     * @param lasting settings kept without power
     * @param profile the active profile, whose record is replaced, never changed
     */
    constructor(
        private readonly lasting: SettingRecord,
        private readonly profile: () => { settings: SettingRecord }
    ) {}

    /** The values of a setting as they are. */
    valuesOf(data: SettingData): readonly Value[] {
        const { name, values, saved, savedCount = values.length } = data
        const kept = this.record(saved)[name]
        const initial = values.map(value => value.initial)
        if (savedCount === values.length) return kept ?? initial
        return [
            ...(kept ?? initial.slice(0, savedCount)),
            ...(this.volatile[name] ?? initial.slice(savedCount)),
        ]
    }

    /** Keeps the values of a setting. */
    keep(data: SettingData, values: readonly Value[]): void {
        const { name, saved, savedCount = values.length } = data
        const lasting = values.slice(0, savedCount)
        if (savedCount < values.length)
            this.volatile[name] = values.slice(savedCount)
        const profile = this.profile()
        if (saved === "AT&W")
            profile.settings = { ...profile.settings, [name]: lasting }
        else this.record(saved)[name] = lasting
    }

    private record(saved: Saved): SettingRecord {
        if (saved === "AT&W") return this.profile().settings
        return saved === "no" ? this.volatile : this.lasting
    }
}

/**
 * Reads the text after `=`.
 * @param now values of omitted ones
 * @throws CommandError if it does not fit
 */
export function readValues(
    given: string,
    { values }: SettingData,
    now: readonly Value[]
): readonly Value[] {
    const raw = splitValues(given)
    if (raw.length > values.length) throw new CommandError(TOO_MANY)
    return values.map((value, i) =>
        value.optional && isOmitted(raw[i]) ? now[i] : value.read(raw[i])
    )
}

/** `+X: (0-2),(0,1)` */
export function testAnswer({ name, values }: SettingData): string {
    return `${name}: ${values.map(({ shown }) => shown).join(",")}`
}

/** `+X: 1,0` */
export function readAnswer(
    { name, values }: SettingData,
    now: readonly Value[]
): string {
    const shown = now.map((value, i) =>
        values[i].quoted ? `"${value}"` : `${value}`
    )
    return `${name}: ${shown.join(",")}`
}
