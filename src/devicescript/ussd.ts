import { Kind } from "../core/arguments"
import { Failure } from "../core/errors"
import { Final, Line } from "../core/results"
import { check } from "./arguments"
import { commandsOf, information, IRA } from "./commands"
import { failed, Sim800Error } from "./errors"
import { isHexadecimal, number, ucs2Text } from "./hexadecimal"
import type { Sim800 } from "./sim800"

const OK = Final.Ok | Final.Error
const TIMEOUT = 60000
const CANCEL_TIMEOUT = 5000
const REFUSED =
    "the network knows no such code, or does not answer it now: ask the operator"
/** characters of a request (GSM 03.90) */
const LONGEST = 182

/** GSM 03.38, without what its escape stands for */
const ALPHABET =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
const ESCAPE = 0x1b
/** what stands behind the escape, each character behind its code */
const EXTENSION = "\n\f\u0014^({)}/\\<[=~>]@|e€"

export interface UssdAnswer {
    text: string
    /** it is a menu: `ussd()` with a choice goes on with it */
    more: boolean
}

/** Reads two digits for each character of the GSM alphabet. */
function gsmText(digits: string): string {
    let result = ""
    for (let i = 0; i < digits.length; i += 2) {
        const code = number(digits, i, 2) & 127
        if (code !== ESCAPE) result += ALPHABET[code]
        else if ((i += 2) < digits.length) {
            const follows = String.fromCharCode(number(digits, i, 2))
            for (let k = 0; k < EXTENSION.length; k += 2)
                if (EXTENSION[k] === follows) result += EXTENSION[k + 1]
        }
    }
    return result
}

/**
 * Asks the network by code, e.g. `*100#` for the balance (AT+CUSD, manual
 * 3.2.53). Throws a `Sim800Error`: `Failure.UssdRefused` if it has no answer,
 * `Failure.Timeout` if none comes; then it is cancelled.
 * @param code or a choice, if the last answer was a menu
 * @param timeout in ms, default 60000
 */
export async function ussd(
    modem: Sim800,
    code: string,
    timeout?: number
): Promise<UssdAnswer> {
    check("code", Kind.Text, code, 1, LONGEST)
    check("timeout", Kind.Time, timeout)
    const what = `ussd ${code}`
    const commands = commandsOf(modem)
    let lines: string[]
    await commands.claim(what)
    try {
        // in digits no answer can be taken for one of the modem
        lines = await commands.give(
            `AT+CSCS="HEX";+CUSD=1,"${code}",15`,
            OK,
            timeout || TIMEOUT,
            Line.Ussd
        )
    } catch (e) {
        if ((e as Sim800Error).failure === Failure.Timeout)
            await commands.attempt("AT+CUSD=2")
        throw e
    } finally {
        await commands.attempt(IRA)
        commands.release()
    }
    const answer = information(lines, "+CUSD:")
    const outcome = parseInt(answer.slice(0, 1))
    const digits = answer.split('"')[1]
    if (outcome > 2 || digits === undefined)
        throw failed(Failure.UssdRefused, what, `+CUSD: ${answer}`, REFUSED)
    const dcs = parseInt(answer.slice(answer.lastIndexOf(",") + 1).trim())
    // GSM 03.38, 5: UCS-2, and UCS-2 behind the name of a language
    const ucs2 = (dcs & 0xcc) === 0x48 || dcs === 17
    let text = digits
    if (ucs2 && isHexadecimal(digits, 4)) text = ucs2Text(digits)
    else if (!ucs2 && isHexadecimal(digits, 2)) text = gsmText(digits)
    return { text, more: outcome === 1 }
}

/** Ends a menu without a choice (AT+CUSD=2). */
export async function cancelUssd(modem: Sim800): Promise<void> {
    await commandsOf(modem).run("AT+CUSD=2", OK, CANCEL_TIMEOUT, Line.Unknown)
}
