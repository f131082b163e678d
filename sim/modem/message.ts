/** Short messages as they come from the network: SMS-DELIVER of GSM 03.40. */
import { isNumber, numberType } from "./phone-number"
import { pack, septetsOf } from "./gsm-alphabet"

/** Someone's short message to the module. */
export interface IncomingMessage {
    /** A number, with `+` if it is international, or a name of up to 11 characters. */
    readonly from: string
    /** At most 160 characters of the GSM alphabet, `€[\]^{|}~` being two each, or 70 others. */
    readonly text: string
    /** When the service centre had it: UTC, ms since 1970. Default: now. */
    readonly at?: number
}

/** A short message, ready to be stored. */
export interface Message extends IncomingMessage {
    readonly at: number
    /** Of the service centre's clock, in quarter hours. */
    readonly timeZone: number
}

const SEPTETS = 160
const UCS2_CHARACTERS = 70
const NAME_SEPTETS = 11

/** @throws RangeError saying what does not fit into one message */
export function checkMessage({ from, text }: IncomingMessage): void {
    const name = septetsOf(from)
    const isName = name !== undefined && name.length <= NAME_SEPTETS
    if (!isNumber(from) && (!isName || from === ""))
        throw new RangeError(
            `a message cannot come from "${from}": it takes a number, or a name of up to ${NAME_SEPTETS} characters of the GSM alphabet`
        )
    const septets = septetsOf(text)
    if (septets !== undefined && septets.length > SEPTETS)
        throw new RangeError(
            `${septets.length} characters do not fit into one message of ${SEPTETS}`
        )
    if (septets === undefined && text.length > UCS2_CHARACTERS)
        throw new RangeError(
            `${text.length} characters do not fit into one message of ${UCS2_CHARACTERS} (not all are in the GSM alphabet)`
        )
}

const hexadecimal = (bytes: Uint8Array): string =>
    Buffer.from(bytes).toString("hex").toUpperCase()

/** UCS-2, big endian. */
const ucs2 = (text: string): Uint8Array => Buffer.from(text, "utf16le").swap16()

/** AT+CSCS ([ATM] 3.2.12), as far as the virtual module has them. */
export const characterSets = ["GSM", "IRA", "HEX", "UCS2"] as const
export type CharacterSet = (typeof characterSets)[number]

/**
 * What text mode shows. With IRA and GSM, what is not ASCII is `?`, and a
 * message in UCS-2 is shown in hexadecimal all the same.
 */
export function shownText({ text }: Message, set: CharacterSet): string {
    const septets = septetsOf(text)
    if (septets === undefined || set === "UCS2") return hexadecimal(ucs2(text))
    if (set === "HEX") return hexadecimal(Uint8Array.from(septets))
    return text.replace(/[^\0-\x7f]/g, "?")
}

/** The sender's number or name; UCS2 holds for it too. */
export function shownSender({ from }: Message, set: CharacterSet): string {
    return set === "UCS2" ? hexadecimal(ucs2(from)) : from
}

function serviceTime({ at, timeZone }: Message): string[] {
    const local = new Date(at + timeZone * 15 * 60_000)
    const digits = local.toISOString().slice(2, 19)
    return [...digits.split(/\D/), String(Math.abs(timeZone)).padStart(2, "0")]
}

/** `18/01/22,19:07:20+12` */
export function shownTime(message: Message): string {
    const [year, month, day, hour, minute, second, zone] = serviceTime(message)
    const sign = message.timeZone < 0 ? "-" : "+"
    return `${year}/${month}/${day},${hour}:${minute}:${second}${sign}${zone}`
}

/** Digits in swapped pairs, filled up with F. */
function semiOctets(digits: string): string {
    const even = digits.length % 2 === 0 ? digits : `${digits}F`
    return even.replace(/(.)(.)/g, "$2$1")
}

const octet = (value: number): string =>
    value.toString(16).toUpperCase().padStart(2, "0")

const NAME_TYPE = 0xd0

function address(from: string): string {
    if (isNumber(from)) {
        const digits = from.replace("+", "")
        const type = octet(numberType(from))
        return octet(digits.length) + type + semiOctets(digits)
    }
    const septets = septetsOf(from) ?? []
    // counted in half octets, as digits are
    const length = Math.ceil((septets.length * 7) / 4)
    return octet(length) + octet(NAME_TYPE) + hexadecimal(pack(septets))
}

const SMS_DELIVER_NO_MORE = "04"
const PID = "00"
const GSM_ALPHABET = "00"
const UCS2 = "08"
/** The top bit of the first digit of the zone, which is swapped too. */
const NEGATIVE_ZONE = 8

/**
 * The message in PDU mode, in hexadecimal, the address of the service centre
 * left empty.
 * @returns the PDU, and its octets without that address
 */
export function pduOf(message: Message): { pdu: string; length: number } {
    const times = serviceTime(message)
    if (message.timeZone < 0) {
        const [tens, units] = times[6]
        times[6] = (Number(tens) | NEGATIVE_ZONE).toString(16) + units
    }
    const time = times.map(semiOctets).join("").toUpperCase()
    const septets = septetsOf(message.text)
    const data = septets === undefined ? ucs2(message.text) : pack(septets)
    const tpdu =
        SMS_DELIVER_NO_MORE +
        address(message.from) +
        PID +
        (septets === undefined ? UCS2 : GSM_ALPHABET) +
        time +
        octet(septets?.length ?? data.length) +
        hexadecimal(data)
    return { pdu: `00${tpdu}`, length: tpdu.length / 2 }
}
