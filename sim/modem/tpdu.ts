/**
 * Short messages in their form on the air: the TPDUs of GSM 03.40, after the address of
 * the service centre.
 */
import { hexadecimal, octetsOf, ucs2, ucs2Text } from "./character-sets"
import { pack, septetsOf, textOfSeptets, unpack } from "./gsm-alphabet"

/** A number, with `+` if it is international, or a name, and the octet that says which. */
export interface Address {
    readonly text: string
    readonly type: number
}

/** When the service centre had a message: UTC, ms since 1970, and its zone in quarter hours. */
export interface ServiceTime {
    readonly at: number
    readonly timeZone: number
}

/** TP-UD and what belongs to it. */
export interface UserData {
    readonly dcs: number
    /** Septets of the GSM alphabet, octets of anything else; a header counts. */
    readonly length: number
    readonly octets: Uint8Array
}

interface Headed {
    /** The first octet: TP-MTI and its flags, `<fo>`. */
    readonly first: number
}

/** A message to the module. */
export interface Deliver extends Headed {
    readonly kind: "deliver"
    readonly from: Address
    readonly pid: number
    readonly time: ServiceTime
    readonly data: UserData
}

/** A message of the module. */
export interface Submit extends Headed {
    readonly kind: "submit"
    readonly reference: number
    readonly to: Address
    readonly pid: number
    /** TP-VP: no octet, one, or seven. */
    readonly validity: Uint8Array
    readonly data: UserData
}

/** What became of a message of the module. */
export interface StatusReport extends Headed {
    readonly kind: "report"
    readonly reference: number
    readonly to: Address
    readonly time: ServiceTime
    readonly done: ServiceTime
    /** TP-ST: 0 is received, from 64 on it failed (GSM 03.40, 9.2.3.15). */
    readonly status: number
}

export type Tpdu = Deliver | Submit | StatusReport

export interface ShortMessage {
    /** The service centre, where there is one. */
    readonly centre: Address | undefined
    readonly tpdu: Tpdu
}

/** Bits of the first octet. */
const DELIVER = 0
const SUBMIT = 1
const REPORT = 2
export const STATUS_REPORT_REQUESTED = 0x20
export const HAS_HEADER = 0x40
/** An SMS-SUBMIT with a relative validity period. */
export const SUBMIT_DEFAULT = 17

export const INTERNATIONAL = 145
export const UNKNOWN = 129
const NAME = 0xd0

/** The type of a number that comes without one ([ATM] 4.2.3, `<toda>`). */
export function numberAddress(number: string, type?: number): Address {
    const digits = number.replace("+", "")
    if (type === undefined)
        return {
            text: number,
            type: number.startsWith("+") ? INTERNATIONAL : UNKNOWN,
        }
    return { text: isInternational(type) ? `+${digits}` : digits, type }
}

export function nameAddress(name: string): Address {
    return { text: name, type: NAME }
}

const isInternational = (type: number): boolean => (type & 0x70) === 0x10
const isName = (type: number): boolean => (type & 0x70) === 0x50

export type Alphabet = "GSM" | "UCS2" | "8-bit"

/** How the text is coded (GSM 03.38, 4); undefined if that is reserved. */
export function alphabetOf(dcs: number): Alphabet | undefined {
    const group = dcs >> 4
    if (group < 4 || group === 15) {
        const bits = group === 15 ? dcs & 4 : dcs & 12
        return bits === 0
            ? "GSM"
            : bits === 4
              ? "8-bit"
              : bits === 8
                ? "UCS2"
                : undefined
    }
    return group === 14 ? "UCS2" : "GSM"
}

/** The class of a message (GSM 03.38, 4): 0 is shown at once, 2 belongs on the card. */
export function classOf(dcs: number): 0 | 1 | 2 | 3 | undefined {
    const group = dcs >> 4
    const hasClass = group === 1 || group === 3 || group === 15
    return hasClass ? ((dcs & 3) as 0 | 1 | 2 | 3) : undefined
}

/** Codes a text after a header. */
export function userData(
    text: string,
    dcs: number,
    header: Uint8Array = new Uint8Array()
): UserData {
    if (alphabetOf(dcs) !== "GSM") {
        const octets = Buffer.concat([header, ucs2(text)])
        return { dcs, length: octets.length, octets }
    }
    const skipped = Math.ceil((header.length * 8) / 7)
    const septets = septetsOf(text) ?? []
    const octets = pack(septets, skipped)
    octets.set(header)
    return { dcs, length: skipped + septets.length, octets }
}

export function hasHeader({ first }: Headed): boolean {
    return (first & HAS_HEADER) !== 0
}

/** The octets of the header, its length first; none if there is none. */
export function headerOf(first: number, { octets }: UserData): Uint8Array {
    return (first & HAS_HEADER) === 0
        ? new Uint8Array()
        : octets.subarray(0, 1 + octets[0])
}

/** The text after the header; undefined if the data are octets. */
export function textOf(first: number, data: UserData): string | undefined {
    const header = headerOf(first, data).length
    const alphabet = alphabetOf(data.dcs)
    if (alphabet === "UCS2") return ucs2Text(data.octets.subarray(header))
    if (alphabet !== "GSM") return undefined
    const skipped = Math.ceil((header * 8) / 7)
    return textOfSeptets(unpack(data.octets, data.length - skipped, skipped))
}

/** A message in PDU mode: hexadecimal digits, and octets without the service centre's address. */
export function encode({ centre, tpdu }: ShortMessage): {
    pdu: string
    length: number
} {
    const octets = octetsOfTpdu(tpdu)
    const address = centre === undefined ? [0] : centreOctets(centre)
    const pdu = hexadecimal(Uint8Array.from([...address, ...octets]))
    return { pdu, length: octets.length }
}

function octetsOfTpdu(tpdu: Tpdu): number[] {
    const { first } = tpdu
    switch (tpdu.kind) {
        case "deliver":
            return [
                first,
                ...addressOctets(tpdu.from),
                tpdu.pid,
                tpdu.data.dcs,
                ...timeOctets(tpdu.time),
                tpdu.data.length,
                ...tpdu.data.octets,
            ]
        case "submit":
            return [
                first,
                tpdu.reference,
                ...addressOctets(tpdu.to),
                tpdu.pid,
                tpdu.data.dcs,
                ...tpdu.validity,
                tpdu.data.length,
                ...tpdu.data.octets,
            ]
        case "report":
            return [
                first,
                tpdu.reference,
                ...addressOctets(tpdu.to),
                ...timeOctets(tpdu.time),
                ...timeOctets(tpdu.done),
                tpdu.status,
            ]
    }
}

/** Length in octets and type of the service centre's address, unlike that of other addresses. */
function centreOctets({ text, type }: Address): number[] {
    const digits = semiOctets(text.replace("+", ""))
    return [1 + digits.length, type, ...digits]
}

function addressOctets({ text, type }: Address): number[] {
    if (isName(type)) {
        const septets = septetsOf(text) ?? []
        // counted in half octets, as digits are
        const length = Math.ceil((septets.length * 7) / 4)
        return [length, type, ...pack(septets)]
    }
    const digits = text.replace("+", "")
    return [digits.length, type, ...semiOctets(digits)]
}

const DIGITS = "0123456789*#abc"
const FILLER = 15

/** Digits in swapped pairs, filled up with F. */
function semiOctets(digits: string): number[] {
    const codes = [...digits].map(digit => DIGITS.indexOf(digit))
    const octets: number[] = []
    for (let i = 0; i < codes.length; i += 2)
        octets.push(codes[i] | ((codes[i + 1] ?? FILLER) << 4))
    return octets
}

function digitsOf(octets: Uint8Array): string {
    return [...octets]
        .flatMap(octet => [octet & 15, octet >> 4])
        .map(code => DIGITS[code] ?? "")
        .join("")
}

const QUARTER = 15 * 60_000
/** The top bit of the zone's first digit, which is swapped too. */
const NEGATIVE = 8

const decimal = (value: number): number =>
    (Math.floor(value / 10) % 10) | ((value % 10) << 4)

/** TP-SCTS: two digits each, swapped, the zone last. */
export function timeOctets({ at, timeZone }: ServiceTime): number[] {
    const local = new Date(at + timeZone * QUARTER)
    const parts = [
        local.getUTCFullYear(),
        local.getUTCMonth() + 1,
        local.getUTCDate(),
        local.getUTCHours(),
        local.getUTCMinutes(),
        local.getUTCSeconds(),
    ]
    const zone = decimal(Math.abs(timeZone)) | (timeZone < 0 ? NEGATIVE : 0)
    return [...parts.map(decimal), zone]
}

function timeOf(octets: Uint8Array): ServiceTime {
    const value = (octet: number): number => (octet & 15) * 10 + (octet >> 4)
    const zone = octets[6]
    const timeZone =
        value(zone & ~NEGATIVE) * ((zone & NEGATIVE) === 0 ? 1 : -1)
    const [year, month, day, hour, minute, second] = [...octets].map(value)
    const local = Date.UTC(2000 + year, month - 1, day, hour, minute, second)
    return { at: local - timeZone * QUARTER, timeZone }
}

/** Octets of a TP-VP by TP-VPF: none, enhanced, relative, absolute. */
export const validityOctets = [0, 7, 1, 7] as const

/** Bits 3 and 4 of an SMS-SUBMIT. */
export function validityFormat(first: number): 0 | 1 | 2 | 3 {
    return ((first >> 3) & 3) as 0 | 1 | 2 | 3
}

/** Takes octets one after the other; short ones become undefined at the end. */
class Reader {
    at = 0

    constructor(readonly octets: Uint8Array) {}

    take(count: number): Uint8Array {
        const taken = this.octets.subarray(this.at, this.at + count)
        this.at += count
        return taken
    }

    octet(): number {
        return this.take(1)[0] ?? 0
    }

    address(): Address {
        const length = this.octet()
        const type = this.octet()
        const octets = this.take(Math.ceil(length / 2))
        if (isName(type)) {
            const count = Math.floor((length * 4) / 7)
            return { text: textOfSeptets(unpack(octets, count)), type }
        }
        return numberAddress(digitsOf(octets).slice(0, length), type)
    }

    data(dcs: number): UserData {
        const length = this.octet()
        const isPacked = alphabetOf(dcs) === "GSM"
        const octets = this.take(
            isPacked ? Math.ceil((length * 7) / 8) : length
        )
        return { dcs, length, octets }
    }

    /** Whether everything was there, and nothing is left. */
    get isExact(): boolean {
        return this.at === this.octets.length
    }
}

/**
 * Reads a PDU of the DTE.
 * @param length octets without the address of the service centre, as announced
 * @returns undefined if it is no message that can be stored or sent
 */
export function decode(
    digits: string,
    length: number
): ShortMessage | undefined {
    const octets = octetsOf(digits)
    if (octets === undefined || octets.length === 0) return undefined
    const centre = octets.subarray(1, 1 + octets[0])
    const reader = new Reader(octets.subarray(1 + octets[0]))
    if (reader.octets.length !== length) return undefined
    const tpdu = readTpdu(reader)
    if (tpdu === undefined || !reader.isExact || !isSound(tpdu))
        return undefined
    return {
        centre:
            centre.length < 2
                ? undefined
                : numberAddress(digitsOf(centre.subarray(1)), centre[0]),
        tpdu,
    }
}

function readTpdu(reader: Reader): Tpdu | undefined {
    const first = reader.octet()
    const kind = first & 3
    if (kind === DELIVER) {
        const from = reader.address()
        const pid = reader.octet()
        const dcs = reader.octet()
        const time = timeOf(reader.take(7))
        return {
            kind: "deliver",
            first,
            from,
            pid,
            time,
            data: reader.data(dcs),
        }
    }
    if (kind !== SUBMIT) return undefined
    const reference = reader.octet()
    const to = reader.address()
    const pid = reader.octet()
    const dcs = reader.octet()
    const validity = reader.take(validityOctets[validityFormat(first)])
    const data = reader.data(dcs)
    return { kind: "submit", first, reference, to, pid, validity, data }
}

/** Most septets, and octets, of one message. */
export const SEPTETS = 160
export const OCTETS = 140

function isSound(tpdu: Tpdu): boolean {
    if (tpdu.kind === "report") return true
    const { first, data } = tpdu
    const alphabet = alphabetOf(data.dcs)
    return (
        alphabet !== undefined &&
        data.length <= (alphabet === "GSM" ? SEPTETS : OCTETS) &&
        headerOf(first, data).length <= data.octets.length &&
        !(alphabet === "UCS2" && textOf(first, data) === undefined)
    )
}

/** What became of a message, as the service centre tells it. */
export function statusReport(
    { reference, to }: Submit,
    time: ServiceTime,
    done: ServiceTime,
    status: number
): StatusReport {
    const NO_MORE_MESSAGES = 4
    const first = REPORT | NO_MORE_MESSAGES
    return { kind: "report", first, reference, to, time, done, status }
}
