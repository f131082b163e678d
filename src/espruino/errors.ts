/** Errors, with their failure as a field, and checks of arguments. */
import {
    Kind,
    LONGEST_TIME,
    wrong,
    wrongAddress,
    wrongWord,
} from "../core/arguments"
import { explain, Failure } from "../core/errors"
import type { Sim800Error } from "./api"

/** Makes an Error without a class: `extends Error` is broken on Espruino. */
export function errorOf(
    message: string,
    failure: Failure,
    sent: number
): Sim800Error {
    const error = new Error(message) as Sim800Error
    error.failure = failure
    error.sent = sent
    return error
}

/** Meaning of a failure; see `sentences.ts`. */
let meaning = (failure: Failure): string => "failure " + failure

/** Sets the function that explains failures. */
export function explained(by: (failure: Failure) => string) {
    meaning = by
}

/**
 * An error's message.
 * @param what the attempted action
 * @param answer the modem's words; "" if none
 */
export function message(
    failure: Failure,
    what: string,
    answer: string
): string {
    return explain(meaning(failure), what, answer)
}

/**
 * @param what the attempted action
 * @param answer the modem's words; "" if none
 * @param sentence meaning of the failure, if only a feature knows it; else ""
 */
export function failed(
    failure: Failure,
    what: string,
    answer: string,
    sentence: string
): Sim800Error {
    return errorOf(
        sentence
            ? explain(sentence, what, answer)
            : message(failure, what, answer),
        failure,
        0
    )
}

export function bad(name: string, why: string): Sim800Error {
    return errorOf('argument "' + name + '": ' + why, Failure.BadArgument, 0)
}

/**
 * Throws unless a value is of the expected kind.
 * @param min the least value, or the least length; without it there is no range
 * @param max the greatest
 */
export function check(
    name: string,
    kind: Kind,
    value: unknown,
    min?: number,
    max?: number
) {
    const why = wrong(kind, value, min || 0, max || LONGEST_TIME)
    if (why) throw bad(name, why)
}

export function checkObject(name: string, value: unknown) {
    check(name, Kind.Object, value)
}

export function checkTime(name: string, value: unknown) {
    check(name, Kind.Time, value)
}

export function checkFlag(name: string, value: unknown) {
    check(name, Kind.Flag, value)
}

/** Throws unless a value is one of these words. */
export function checkWord(name: string, value: unknown, words: string[]) {
    const why = wrongWord(value, words)
    if (why) throw bad(name, why)
}

/** Throws unless a value is a dotted address. */
export function checkAddress(name: string, value: unknown) {
    const why = wrongAddress(value)
    if (why) throw bad(name, why)
}
