/** Short messages that the module sends. */
import { isNumber } from "./phone-number"
import {
    hexadecimal,
    octetsOf,
    typedString,
    typedText,
    ucs2Text,
    type CharacterSet,
} from "./character-sets"
import { septetsOf } from "./gsm-alphabet"
import { partOf, partsOf } from "./message"
import type { DataEntry } from "./send-entry"
import {
    alphabetOf,
    HAS_HEADER,
    OCTETS,
    STATUS_REPORT_REQUESTED,
    textOf,
    validityFormat,
    type Address,
    type Alphabet,
    type Submit,
    type UserData,
} from "./tpdu"

/** A message that the network has accepted from the module. */
export interface SentMessage {
    /** The number, with `+` if it is international. */
    readonly to: string
    /** The sent text; 8-bit data in hexadecimal. */
    readonly text: string
    /** How it goes over the air. */
    readonly alphabet: Alphabet
    /** The service centre that was to carry it, as AT+CSCA or the PDU says. */
    readonly centre: string
    /** `<mr>`, which a status report repeats. */
    readonly reference: number
    /** Whether a status report was asked for. */
    readonly wantsReport: boolean
    /** A message of several: which of how many, and what joins them. */
    readonly part?: {
        readonly reference: number
        readonly number: number
        readonly of: number
    }
}

/** @returns the message for observers of the network */
export function sentMessage(submit: Submit, centre: string): SentMessage {
    const { first, data, to, reference } = submit
    const part = partOf(first, data)
    return {
        to: to.text,
        text: textOf(first, data) ?? hexadecimal(data.octets),
        alphabet: alphabetOf(data.dcs) ?? "8-bit",
        centre,
        reference,
        wantsReport: (first & STATUS_REPORT_REQUESTED) !== 0,
        ...(part && { part }),
    }
}

/** AT+CSMP: `<fo>,<vp>,<pid>,<dcs>` of text mode, [ATM] 4.2.15. */
export type TextParameters = readonly [
    fo: number,
    vp: number | string,
    pid: number,
    dcs: number,
]

/** Most septets in text mode; a longer text is sent in several messages ([ATM] 4.2.5). */
const TEXT_SEPTETS = 1024
const UCS2_CHARACTERS = 70

/** The number of AT+CMGS, in the character set of the DTE; undefined if it is none. */
export function typedNumber(
    text: string,
    set: CharacterSet
): string | undefined {
    const number = typedString(text, set)
    return number !== undefined && isNumber(number) ? number : undefined
}

/** The typed text, coded; undefined if it does not fit `dcs`, or is too long. */
function typedData(
    bytes: Uint8Array,
    set: CharacterSet,
    [fo, , , dcs]: TextParameters,
    reference: number
): UserData[] | undefined {
    const alphabet = alphabetOf(dcs)
    const typed = Buffer.from(bytes).toString("latin1")
    // data other than pure text of the GSM alphabet are always given in octets (27.005)
    const isOctets = alphabet === "8-bit" || (fo & HAS_HEADER) !== 0
    if (isOctets || alphabet === "UCS2") {
        const octets = octetsOf(typed)
        if (octets === undefined || octets.length > OCTETS) return undefined
        const text = alphabet === "UCS2" ? ucs2Text(octets) : ""
        if (text === undefined || text.length > UCS2_CHARACTERS)
            return undefined
        const length =
            alphabet === "GSM"
                ? Math.floor((octets.length * 8) / 7)
                : octets.length
        return [{ dcs, length, octets }]
    }
    const text = typedText(typed, set)
    if (text === undefined || alphabet === undefined) return undefined
    const known = [...text]
        .map(character => (septetsOf(character) ? character : "?"))
        .join("")
    const { length } = septetsOf(known) ?? []
    return length > TEXT_SEPTETS ? undefined : partsOf(known, dcs, reference)
}

/** `yy/MM/dd,hh:mm:ss±zz` in swapped digits; undefined if it is no time. */
function absoluteValidity(time: string): Uint8Array | undefined {
    const form = /^(\d\d)\/(\d\d)\/(\d\d),(\d\d):(\d\d):(\d\d)[+-](\d\d)$/
    const parts = form.exec(time)?.slice(1)
    return (
        parts &&
        Uint8Array.from(parts, ([tens, units]) => +tens | (+units << 4))
    )
}

function typedValidity(
    fo: number,
    vp: number | string
): Uint8Array | undefined {
    const NONE = 0
    const RELATIVE = 2
    const ABSOLUTE = 3
    const format = validityFormat(fo)
    if (format === NONE) return new Uint8Array()
    if (format === RELATIVE)
        return typeof vp === "number" ? Uint8Array.of(vp) : undefined
    return format === ABSOLUTE && typeof vp === "string"
        ? absoluteValidity(vp)
        : undefined
}

/**
 * A message of text mode ([ATM] 4.2.5), in as many parts as it takes; numbers
 * in place of references.
 * @returns undefined if text, character set and AT+CSMP do not fit together, or
 * the text is too long
 */
export function typedMessage(
    to: Address,
    bytes: Uint8Array,
    set: CharacterSet,
    parameters: TextParameters,
    reference: number
): Submit[] | undefined {
    const [fo, vp, pid] = parameters
    const SUBMIT = 1
    const data = typedData(bytes, set, parameters, reference)
    const validity = typedValidity(fo, vp)
    if ((fo & 3) !== SUBMIT || data === undefined || validity === undefined)
        return undefined
    return data.map(part => ({
        kind: "submit",
        first: fo | (data.length > 1 ? HAS_HEADER : 0),
        reference: 0,
        to,
        pid,
        validity,
        data: part,
    }))
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
    /** A line has ended: the next one has its own prompt (27.005). */
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
