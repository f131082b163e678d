/** Arguments of public calls: a wrong one throws a `Sim800Error` at once. */
import {
    Kind,
    LONGEST_TIME,
    wrong,
    wrongAddress,
    wrongWord,
} from "../core/arguments"
import { Failure } from "../core/errors"
import { Modem } from "../core/modem"
import { Sim800Error } from "./errors"

/** @internal */
export function bad(name: string, why: string): Sim800Error {
    return new Sim800Error(`argument "${name}": ${why}`, Failure.BadArgument)
}

/**
 * @internal Throws unless a value is of the expected kind.
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

/** @internal Throws unless a value is one of these words. */
export function checkWord(name: string, value: unknown, words: string[]) {
    const why = wrongWord(value, words)
    if (why) throw bad(name, why)
}

/** @internal Throws unless a value is a dotted address. */
export function checkAddress(name: string, value: unknown) {
    const why = wrongAddress(value)
    if (why) throw bad(name, why)
}

/** @internal Throws unless a value is a modem. */
export function checkModem(modem: { readonly core: Modem }) {
    check("modem", Kind.Object, modem)
    if (!(modem.core instanceof Modem))
        throw bad("modem", "a Sim800 is expected")
}
