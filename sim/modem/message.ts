/** Short messages that come from the network, and what text mode shows of any. */
import { isNumber } from "./phone-number"
import {
    hexadecimal,
    shownString,
    shownText,
    type CharacterSet,
} from "./character-sets"
import { septetsOf } from "./gsm-alphabet"
import {
    alphabetOf,
    HAS_HEADER,
    hasHeader,
    headerOf,
    nameAddress,
    numberAddress,
    SEPTETS,
    textOf,
    timeOctets,
    userData,
    type Address,
    type ServiceTime,
    type ShortMessage,
    type Tpdu,
    type UserData,
} from "./tpdu"

/** Someone's short message to the module. */
export interface IncomingMessage {
    /** A number, with `+` if it is international, or a name of up to 11 characters. */
    readonly from: string
    /**
     * At most 160 characters of the GSM alphabet, `€[\]^{|}~` being two each, or 70
     * others; a longer text comes in parts.
     */
    readonly text: string
    /** When the service centre had it: UTC, ms since 1970. Default: now. */
    readonly at?: number
    /** 0: shown at once and not stored ("flash"), 2: for the card. Default: none. */
    readonly class?: 0 | 1 | 2 | 3
}

/** A warning or the like to everyone in the cell, AT+CSCB. */
export interface BroadcastMessage {
    /** The message identifier, 0–65535: its topic. */
    readonly id: number
    readonly text: string
    /** Tells one from its successor, 0–65535. Default 0. */
    readonly serial?: number
}

const UCS2_CHARACTERS = 70
const PART_SEPTETS = 153
const PART_UCS2_CHARACTERS = 67
const MOST_PARTS = 255
const NAME_SEPTETS = 11

/** `<dcs>`, before any class. */
const GSM_ALPHABET = 0
const UCS2 = 8
const HAS_CLASS = 0x10

/** An SMS-DELIVER without more messages waiting. */
const DELIVER = 0x04

/** @throws RangeError if it can be neither number nor name */
function senderAddress(from: string): Address {
    if (isNumber(from)) return numberAddress(from)
    const name = septetsOf(from)
    if (name === undefined || name.length > NAME_SEPTETS || from === "")
        throw new RangeError(
            `a message cannot come from "${from}": it takes a number, or a name of up to ${NAME_SEPTETS} characters of the GSM alphabet`
        )
    return nameAddress(from)
}

/** Cuts a text into pieces of limited length, without splitting a character. */
function pieces(
    text: string,
    most: number,
    units: (character: string) => number
): string[] {
    const found = [""]
    let filled = 0
    for (const character of text) {
        const size = units(character)
        if (filled + size > most) {
            found.push("")
            filled = 0
        }
        found[found.length - 1] += character
        filled += size
    }
    return found
}

const septetCount = (text: string): number => septetsOf(text)?.length ?? 0

/** A text in as many parts as it takes, with what joins them (GSM 03.40, 9.2.3.24.1). */
export function partsOf(
    text: string,
    dcs: number,
    reference: number
): UserData[] {
    const isUcs2 = alphabetOf(dcs) === "UCS2"
    const length = isUcs2 ? text.length : septetCount(text)
    if (length <= (isUcs2 ? UCS2_CHARACTERS : SEPTETS))
        return [userData(text, dcs)]
    const parts = isUcs2
        ? pieces(text, PART_UCS2_CHARACTERS, ({ length }) => length)
        : pieces(text, PART_SEPTETS, septetCount)
    return parts.map((part, i) =>
        userData(
            part,
            dcs,
            Uint8Array.of(5, 0, 3, reference, parts.length, i + 1)
        )
    )
}

/** How a message is joined to others; undefined if it is alone. */
export function partOf(
    first: number,
    data: UserData
): { reference: number; number: number; of: number } | undefined {
    const header = headerOf(first, data)
    for (let at = 1; at < header.length; at += 2 + header[at + 1])
        if (header[at] === 0 && header[at + 1] === 3) {
            const [reference, of, number] = header.subarray(at + 2)
            return { reference, number, of }
        }
    return undefined
}

/**
 * A message as the service centre hands it over, in as many parts as it takes.
 * @param reference joins the parts
 * @throws RangeError for a sender that cannot be, or far too long a text
 */
export function delivered(
    { from, text, class: messageClass }: IncomingMessage,
    time: ServiceTime,
    centre: string,
    reference: number
): ShortMessage[] {
    const sender = senderAddress(from)
    const alphabet = septetsOf(text) === undefined ? UCS2 : GSM_ALPHABET
    const dcs =
        alphabet | (messageClass === undefined ? 0 : HAS_CLASS | messageClass)
    const parts = partsOf(text, dcs, reference & 0xff)
    if (parts.length > MOST_PARTS)
        throw new RangeError(
            `${text.length} characters do not fit into ${MOST_PARTS} messages`
        )
    return parts.map(data => ({
        centre: numberAddress(centre),
        tpdu: {
            kind: "deliver",
            first: DELIVER | (parts.length > 1 ? HAS_HEADER : 0),
            from: sender,
            pid: 0,
            time,
            data,
        },
    }))
}

/** Digits of semi-octets, two for each octet. */
const pairs = (octets: Iterable<number>): string[] =>
    Array.from(octets, octet => `${octet & 15}${octet >> 4}`)

/** `18/01/22,19:07:20+12` */
export function shownTime(time: ServiceTime): string {
    const [year, month, day, hour, minute, second] = pairs(timeOctets(time))
    const zone = String(Math.abs(time.timeZone)).padStart(2, "0")
    const sign = time.timeZone < 0 ? "-" : "+"
    return `${year}/${month}/${day},${hour}:${minute}:${second}${sign}${zone}`
}

/**
 * TP-UD in text mode ([ATM] 4.2.3): data that are no text, and by the manual all with a
 * header, are shown in hexadecimal.
 * @param partsAsText the text of a part is shown, without its header
 */
export function shownData(
    tpdu: Exclude<Tpdu, { kind: "report" }>,
    set: CharacterSet,
    partsAsText: boolean
): string {
    const { first, data } = tpdu
    const text = textOf(first, data)
    if (text === undefined || (hasHeader(tpdu) && !partsAsText))
        return hexadecimal(data.octets)
    return shownText(text, alphabetOf(data.dcs) === "UCS2" ? "UCS2" : set)
}

/** `<length>` of text mode: characters of text, or octets of other data. */
function shownLength({
    first,
    data,
}: {
    first: number
    data: UserData
}): number {
    return textOf(first, data)?.length ?? data.octets.length
}

/** What text mode needs to know. */
export interface TextMode {
    readonly characterSet: CharacterSet
    /** AT+CSDH. */
    readonly detailed: boolean
    readonly partsAsText: boolean
    /** The phone book's name for a number. */
    nameOf(number: string): string
}

/** `<sca>,<tosca>` */
function shownCentre(
    centre: Address | undefined,
    { characterSet }: TextMode
): string {
    const { text, type } = centre ?? numberAddress("")
    return `"${shownString(text, characterSet)}",${type}`
}

function shownValidity(validity: Uint8Array): string {
    if (validity.length === 0) return ""
    if (validity.length === 1) return `${validity[0]}`
    const [year, month, day, hour, minute, second, zone] = pairs(validity)
    return `"${year}/${month}/${day},${hour}:${minute}:${second}+${zone}"`
}

/**
 * A message in text mode ([ATM] 4.2.3, 4.2.4, 4.2.8): the fields after name, index and
 * status, and the line of text if any.
 * @param form its result code: AT+CSDH shows different fields in each
 */
export function shownMessage(
    { centre, tpdu }: ShortMessage,
    form: "+CMGR" | "+CMGL" | "+CMT",
    mode: TextMode
): readonly string[] {
    if (tpdu.kind === "report") return [shownReport(tpdu, mode)]
    const { first, pid, data } = tpdu
    const other = tpdu.kind === "deliver" ? tpdu.from : tpdu.to
    const fields = [
        `"${shownString(other.text, mode.characterSet)}"`,
        `"${shownText(mode.nameOf(other.text), mode.characterSet)}"`,
    ]
    if (tpdu.kind === "deliver") fields.push(`"${shownTime(tpdu.time)}"`)
    if (mode.detailed) {
        if (form === "+CMGL") {
            if (tpdu.kind === "submit") fields.push("")
            fields.push(`${other.type}`)
        } else {
            fields.push(`${other.type}`, `${first}`, `${pid}`, `${data.dcs}`)
            if (tpdu.kind === "submit")
                fields.push(shownValidity(tpdu.validity))
            fields.push(shownCentre(centre, mode))
        }
        fields.push(`${shownLength(tpdu)}`)
    }
    return [
        fields.join(","),
        shownData(tpdu, mode.characterSet, mode.partsAsText),
    ]
}

/** `<fo>,<mr>,<ra>,<tora>,<scts>,<dt>,<st>` */
function shownReport(
    report: Extract<Tpdu, { kind: "report" }>,
    { characterSet }: TextMode
): string {
    const { first, reference, to, time, done, status } = report
    return [
        first,
        reference,
        `"${shownString(to.text, characterSet)}"`,
        to.type,
        `"${shownTime(time)}"`,
        `"${shownTime(done)}"`,
        status,
    ].join(",")
}

/** A page of a cell broadcast, GSM 03.41: 88 octets, 82 of them text. */
export interface BroadcastPage {
    readonly serial: number
    readonly id: number
    readonly dcs: number
    readonly page: number
    readonly pages: number
    readonly text: string
}

const PAGE_SEPTETS = 93
const PAGE_UCS2_CHARACTERS = 41
const PAGE_OCTETS = 82
/** No language is said; and UCS-2. */
const ANY_LANGUAGE = 15
const BROADCAST_UCS2 = 72
const MOST_PAGES = 15

/** @throws RangeError for an identifier that cannot be, or far too long a text */
export function broadcastPages({
    id,
    text,
    serial = 0,
}: BroadcastMessage): BroadcastPage[] {
    for (const value of [id, serial])
        if (!Number.isInteger(value) || value < 0 || value > 0xffff)
            throw new RangeError(
                `a broadcast cannot have the identifier or serial number ${value}: it is 0 to 65535`
            )
    const isUcs2 = septetsOf(text) === undefined
    const texts = isUcs2
        ? pieces(text, PAGE_UCS2_CHARACTERS, ({ length }) => length)
        : pieces(text, PAGE_SEPTETS, septetCount)
    if (texts.length > MOST_PAGES)
        throw new RangeError(
            `${text.length} characters do not fit into ${MOST_PAGES} pages of a broadcast`
        )
    const dcs = isUcs2 ? BROADCAST_UCS2 : ANY_LANGUAGE
    return texts.map((part, i) => ({
        serial,
        id,
        dcs,
        page: i + 1,
        pages: texts.length,
        text: part,
    }))
}

/** `<length>` and hexadecimal digits; the page is filled up with CR. */
export function encodePage(page: BroadcastPage): [length: number, pdu: string] {
    const { serial, id, dcs, text } = page
    const isUcs2 = dcs === BROADCAST_UCS2
    const missing = isUcs2
        ? PAGE_UCS2_CHARACTERS - text.length
        : PAGE_SEPTETS - septetCount(text)
    const { octets } = userData(
        text + "\r".repeat(missing),
        isUcs2 ? UCS2 : GSM_ALPHABET
    )
    const head = [serial >> 8, serial, id >> 8, id, dcs]
    const pages = (page.page << 4) | page.pages
    const content = new Uint8Array(PAGE_OCTETS)
    content.set(octets.subarray(0, PAGE_OCTETS))
    const all = Uint8Array.from([...head, pages, ...content])
    return [all.length, hexadecimal(all)]
}

/** `<sn>,<mid>,<dcs>,<page>,<pages>` and the text. */
export function shownPage(
    { serial, id, dcs, page, pages, text }: BroadcastPage,
    set: CharacterSet
): [head: string, body: string] {
    return [`${serial},${id},${dcs},${page},${pages}`, shownText(text, set)]
}
