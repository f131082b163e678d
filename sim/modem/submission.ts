/** Short messages that the module sends: SMS-SUBMIT of GSM 03.40. */
import { isNumber, numberType } from "./phone-number"
import { septetsOf, textOfSeptets, unpack } from "./gsm-alphabet"
import type { CharacterSet } from "./message"
import type { DataEntry } from "./send-entry"

/** What the network has taken from the module. */
export interface SentMessage {
    /** The number, with `+` if it is international. */
    readonly to: string
    readonly text: string
    /** How it goes over the air: characters of the GSM alphabet, or of UCS-2. */
    readonly alphabet: "GSM" | "UCS2"
}

/** Septets of one message; text mode takes more, and sends several ([ATM] 4.2.5). */
const SEPTETS = 160
const TEXT_SEPTETS = 1024
const UCS2_CHARACTERS = 70

/** `<dcs>` as far as it says how the text is coded (GSM 03.38, 4): undefined is 8-bit data. */
function alphabetOf(dcs: number): "GSM" | "UCS2" | undefined {
    const general = (dcs & 0xc0) === 0
    const bits = general ? dcs & 0x0c : (dcs & 0xf0) === 0xf0 ? dcs & 0x04 : 0
    return bits === 0 ? "GSM" : bits === 8 ? "UCS2" : undefined
}

function octetsOf(digits: string): Uint8Array | undefined {
    return digits.length % 2 === 0 && /^[0-9A-Fa-f]*$/.test(digits)
        ? Uint8Array.from(Buffer.from(digits, "hex"))
        : undefined
}

function ucs2Text(octets: Uint8Array): string | undefined {
    return octets.length % 2 === 0
        ? Buffer.from(octets).swap16().toString("utf16le")
        : undefined
}

/** A text that the DTE has typed, in its character set. */
function typedText(
    bytes: Uint8Array,
    set: CharacterSet,
    alphabet: "GSM" | "UCS2"
): string | undefined {
    const typed = Buffer.from(bytes).toString("latin1")
    // a text that is not of the GSM alphabet is always given in octets (27.005)
    if (set === "UCS2" || alphabet === "UCS2") {
        const octets = octetsOf(typed)
        return octets && ucs2Text(octets)
    }
    if (set === "HEX") {
        const octets = octetsOf(typed)
        return octets && textOfSeptets([...octets])
    }
    if (set === "GSM") return textOfSeptets([...bytes])
    return typed
}

/** The code of AT+CUSD, in the character set of the DTE; undefined if it is none. */
export function typedCode(text: string, set: CharacterSet): string | undefined {
    const octets = set === "UCS2" ? octetsOf(text) : undefined
    return set === "UCS2" ? octets && ucs2Text(octets) : text
}

/** The number of AT+CMGS, in the character set of the DTE; undefined if it is none. */
export function typedNumber(
    text: string,
    set: CharacterSet
): string | undefined {
    const number = typedCode(text, set)
    return number !== undefined && isNumber(number) ? number : undefined
}

/**
 * A message of text mode ([ATM] 4.2.5).
 * @returns undefined if text, character set and AT+CSMP do not fit together, or
 * the text is too long
 */
export function typedMessage(
    to: string,
    bytes: Uint8Array,
    set: CharacterSet,
    dcs: number
): SentMessage | undefined {
    const alphabet = alphabetOf(dcs)
    if (alphabet === undefined) return undefined
    const text = typedText(bytes, set, alphabet)
    if (text === undefined) return undefined
    if (alphabet === "UCS2")
        return text.length > UCS2_CHARACTERS
            ? undefined
            : { to, text, alphabet }
    const known = [...text]
        .map(character => (septetsOf(character) ? character : "?"))
        .join("")
    const { length } = septetsOf(known) ?? []
    return length > TEXT_SEPTETS ? undefined : { to, text: known, alphabet }
}

/** Octets of a TP-VP by TP-VPF: none, enhanced, relative, absolute. */
const validityOctets = [0, 7, 1, 7]

/**
 * A message of PDU mode: the address of the service centre and an SMS-SUBMIT.
 * @param length octets without that address, as AT+CMGS has announced them
 * @returns undefined if it is none
 */
export function submittedPdu(
    digits: string,
    length: number
): SentMessage | undefined {
    const octets = octetsOf(digits)
    if (octets === undefined || octets.length === 0) return undefined
    const pdu = octets.subarray(1 + octets[0])
    const [first, , count, type] = pdu
    const SUBMIT = 1
    if (pdu.length !== length || length < 7 || (first & 3) !== SUBMIT)
        return undefined
    let at = 4 + Math.ceil(count / 2)
    const swapped = Buffer.from(pdu.subarray(4, at))
        .toString("hex")
        .replace(/(.)(.)/g, "$2$1")
        .slice(0, count)
    const to = (type === numberType("+") ? "+" : "") + swapped
    const alphabet = alphabetOf(pdu[at + 1])
    at += 2 + validityOctets[(first >> 3) & 3]
    const size = pdu[at]
    const data = pdu.subarray(at + 1)
    if (!isNumber(to) || size === undefined || alphabet === undefined)
        return undefined
    const HEADER = 0x40
    const header = (first & HEADER) === 0 ? 0 : 1 + data[0]
    if (alphabet === "UCS2") {
        const text = ucs2Text(data.subarray(header))
        const fits = data.length === size && size <= 2 * UCS2_CHARACTERS
        return text !== undefined && fits ? { to, text, alphabet } : undefined
    }
    const skipped = Math.ceil((header * 8) / 7)
    if (size > SEPTETS || data.length !== Math.ceil((size * 7) / 8))
        return undefined
    const text = textOfSeptets(unpack(data, size - skipped, skipped))
    return { to, text, alphabet }
}

const CTRL_Z = 0x1a
const ESC = 0x1b
const BACKSPACE = 8
const CR = 13
/** Bytes that an entry may have; more are dropped. */
const LIMIT = 4096

export interface MessageEntryEvents {
    complete(bytes: Uint8Array): void
    cancelled(): void
    /** A line has ended: the next one has a prompt of its own (27.005). */
    line(): void
}

/** The text of AT+CMGS ([ATM] 4.2.5): Ctrl-Z sends, ESC cancels, backspace deletes. */
export class MessageEntry implements DataEntry {
    readonly remaining = undefined
    private readonly bytes: number[] = []

    constructor(private readonly events: MessageEntryEvents) {}

    receive(byte: number): void {
        if (byte === CTRL_Z) this.events.complete(Uint8Array.from(this.bytes))
        else if (byte === ESC) this.events.cancelled()
        else if (byte === BACKSPACE) this.bytes.pop()
        else {
            if (this.bytes.length < LIMIT) this.bytes.push(byte)
            if (byte === CR) this.events.line()
        }
    }

    abandon(): void {
        this.events.cancelled()
    }
}
