import { Kind, wrong } from "../core/arguments"
import {
    GSM_LENGTH,
    isGsm,
    SendMessage,
    UCS2_LENGTH,
} from "../core/dialogues/messages"
import { ucs2Length } from "../core/dialogues/alphabets"
import { bad } from "./arguments"
import { converse } from "./dialogue"
import type { Sim800 } from "./sim800"

/** @internal Throws unless it is `+` and 3 to 20 digits (GSM 03.40). */
export function checkNumber(number: string) {
    const isText = typeof number === "string"
    const digits = isText && number.startsWith("+") ? number.slice(1) : number
    if (!isText || wrong(Kind.Digits, digits, 3, 20))
        throw bad("number", `"${number}" is not a number of 3–20 digits`)
}

/**
 * Sends a short message (AT+CMGS, manual 4.2.5). The network has the message when this
 * returns, which may take a minute, in which connections wait. Throws a `Sim800Error`:
 * `Failure.MessageRefused` if the network refuses it, `Failure.SendUnknown` if it may
 * or may not be sent.
 * @param number with `+` if it is international
 * @param text at most 160 characters, or 70 if there is any that is not ASCII or
 * one of `` []{}\^|~` ``
 * @returns its reference, 0–255
 */
export async function sendMessage(
    modem: Sim800,
    number: string,
    text: string
): Promise<number> {
    checkNumber(number)
    if (typeof text !== "string") throw bad("text", "a string is expected")
    const gsm = isGsm(text)
    const length = gsm ? text.length : ucs2Length(text)
    if (length < 1 || length > (gsm ? GSM_LENGTH : UCS2_LENGTH))
        throw bad(
            "text",
            `${length} characters: a short message holds ${GSM_LENGTH}, or ${UCS2_LENGTH} if there is any that is not ASCII or one of []{}\\^|~\``
        )
    const dialogue = new SendMessage(number, text)
    await converse(modem, dialogue, `send message to ${number}`)
    return dialogue.reference
}
