import { Kind, wrong } from "../core/arguments"
import { Failure, refusal } from "../core/errors"
import { RequestState } from "../core/request"
import { Final, Line } from "../core/results"
import { bad } from "./arguments"
import { commandsOf, information, IRA } from "./commands"
import { failed, Sim800Error } from "./errors"
import { ucs2Length, writeUcs2 } from "./hexadecimal"
import type { Sim800 } from "./sim800"

const OK = Final.Ok | Final.Error
const TIMEOUT = 10000
/** AT+CMGS may take 60 s (manual 4.2.5), ms */
const SEND_TIMEOUT = 65000
/** characters of one message: of the GSM alphabet, of UCS-2 */
const GSM_LENGTH = 160
const UCS2_LENGTH = 70
const CTRL_Z = 26
const REFUSED =
    "the short message was not taken: check number, credit and coverage"

/** `+` and 3 to 20 digits (GSM 03.40). */
function isNumber(number: string): boolean {
    if (typeof number !== "string") return false
    const digits = number.startsWith("+") ? number.slice(1) : number
    return !wrong(Kind.Digits, digits, 3, 20)
}

/**
 * Whether a text is ASCII, and each character one in the GSM alphabet too: not
 * `[\]^{|}~`, which are two, nor a grave accent, which is none.
 */
function isGsm(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i)
        const letter = c < 91 || (c > 96 && c < 123) || c === 95
        if (c !== 10 && (c < 32 || !letter)) return false
    }
    return true
}

/**
 * Sends a short message (AT+CMGS, manual 4.2.5). It is as good as sent when
 * this returns; it may take a minute, in which connections wait. Throws a
 * `Sim800Error`: `Failure.MessageRefused` if the network does not take it,
 * `Failure.SendUnknown` if nobody can tell.
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
    if (!isNumber(number))
        throw bad("number", `"${number}" is not a number of 3–20 digits`)
    if (typeof text !== "string") throw bad("text", "a string is expected")
    const gsm = isGsm(text)
    const length = gsm ? text.length : ucs2Length(text)
    if (length < 1 || length > (gsm ? GSM_LENGTH : UCS2_LENGTH))
        throw bad(
            "text",
            `${length} characters: a short message holds ${GSM_LENGTH}, or ${UCS2_LENGTH} if there is any that is not ASCII or one of []{}\\^|~\``
        )
    // in digits no text can end the message before its time
    const data = Buffer.alloc((gsm ? length : 4 * length) + 1)
    const address = Buffer.alloc(4 * number.length)
    if (gsm) data.blitAt(0, text, 0, length)
    else {
        writeUcs2(text, data)
        writeUcs2(number, address)
    }
    data[data.length - 1] = CTRL_Z
    const set = gsm ? "IRA" : "UCS2"
    const to = gsm ? number : address.toString()

    const what = `send message to ${number}`
    const commands = commandsOf(modem)
    await commands.claim(what)
    try {
        await commands.give(
            `AT+CMGF=1;+CSCS="${set}";+CSMP=17,167,0,${gsm ? 0 : 8}`,
            OK,
            TIMEOUT,
            Line.Unknown
        )
        const request = commands.request
        let lines: string[]
        let failure = Failure.None
        let answer = ""
        try {
            lines = await commands.give(
                `AT+CMGS="${to}"`,
                OK,
                SEND_TIMEOUT,
                Line.Unknown,
                data
            )
        } catch (e) {
            failure = (e as Sim800Error).failure
            if (failure === Failure.CommandRefused) {
                failure = Failure.MessageRefused
                answer = refusal("AT+CMGS", request.cme)
            } else if (
                request.data === data &&
                request.state !== RequestState.Idle
            )
                // it had its turn
                failure = Failure.SendUnknown
        }
        if (!gsm) await commands.attempt(IRA)
        if (failure !== Failure.None)
            throw failed(
                failure,
                what,
                answer,
                failure === Failure.MessageRefused ? REFUSED : ""
            )
        return parseInt(information(lines, "+CMGS:"))
    } finally {
        commands.release()
    }
}
