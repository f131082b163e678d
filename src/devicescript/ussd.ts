import { Kind } from "../core/arguments"
import { AskUssd, CancelUssd } from "../core/dialogues/ussd"
import { check } from "./arguments"
import { converse } from "./dialogue"
import type { Sim800 } from "./sim800"

const TIMEOUT = 60000
/** characters of a request (GSM 03.90) */
const LONGEST = 182

export interface UssdAnswer {
    text: string
    /** it is a menu: go on with `ussd()` and a choice */
    more: boolean
}

/**
 * Sends a USSD code, e.g. `*100#` for the balance (AT+CUSD, manual 3.2.53), in HEX, or,
 * if the firmware refuses that, in UCS2, then in IRA. Throws a `Sim800Error`:
 * `Failure.UssdRefused` if the network refuses, `Failure.Timeout` if no answer comes;
 * then the request is cancelled.
 * @param code a code, or a choice if the last answer was a menu
 * @param timeout in ms, default 60000
 */
export async function ussd(
    modem: Sim800,
    code: string,
    timeout?: number
): Promise<UssdAnswer> {
    check("code", Kind.Text, code, 1, LONGEST)
    check("timeout", Kind.Time, timeout)
    const dialogue = new AskUssd(code, timeout || TIMEOUT)
    await converse(modem, dialogue, `ussd ${code}`)
    return { text: dialogue.text, more: dialogue.more }
}

/** Ends a menu without a choice (AT+CUSD=2). */
export async function cancelUssd(modem: Sim800): Promise<void> {
    await converse(modem, new CancelUssd(), "cancel ussd")
}
