/**
 * Short messages in their form on the air (GSM 03.40, 9.2), which PDU mode shows and
 * takes in hexadecimal digits, with the references that join the parts of a long one.
 * Encodes SMS-SUBMIT; reads SMS-DELIVER and SMS-STATUS-REPORT.
 */
import { gsmCharacter, gsmCodes, numberOf, ucs2Text, utf16 } from "./alphabets"

/** Bits of the first octet: type and contents of the message. */
const TYPE = 3
const DELIVER = 0
const REPORT = 2
const SUBMIT = 0x11
const WANTS_REPORT = 0x20
const HAS_HEADER = 0x40
/** octets of the header before a part, with an 8-bit reference (9.2.3.24.1) */
const PART_HEADER = 6
const SHORT_REFERENCE = 0
const LONG_REFERENCE = 8
const INTERNATIONAL = 0x91
const UNKNOWN = 0x81
const NAME = 5
/** validity: 24 hours */
const VALIDITY = 167
const CLASS_0 = 0x10
const UCS2 = 8
/** septets of a message, and of a part; the same in octets */
const SEPTETS = 160
const PART_SEPTETS = 153
const OCTETS = 140
const PART_OCTETS = 134
const ESCAPE = 0x1b
const F = 15
/** most parts: TS 23.040 allows 255, few networks more than ten */
export const MOST_PARTS = 10

/** A text, encoded as octets or septets. */
export class Coded {
    /** UCS-2, two octets for each character; else each septet takes a byte */
    readonly ucs2: boolean
    readonly units: Buffer
    /** end of each part */
    readonly ends: number[]

    constructor(text: string) {
        const codes = gsmCodes(text)
        this.ends = []
        this.ucs2 = codes === null
        this.units = codes === null ? utf16(text) : codes
        const length = this.units.length
        if (length <= (this.ucs2 ? OCTETS : SEPTETS)) {
            this.ends.push(length)
            return
        }
        for (let at = 0; at < length;) {
            at += this.ucs2 ? PART_OCTETS : PART_SEPTETS
            if (at >= length) at = length
            // a part must not end with an escape, nor with half a pair
            else if (this.ucs2) {
                if ((this.units[at - 2] & 0xfc) === 0xd8) at -= 2
            } else if (this.units[at - 1] === ESCAPE) at--
            this.ends.push(at)
        }
    }
}

/**
 * SMS-SUBMIT in digits, after an empty address of the service centre.
 * @param number `+` and digits, or digits
 * @param part from 0 on
 * @param reference joins the parts, 0–255
 */
export function submit(
    number: string,
    text: Coded,
    part: number,
    reference: number,
    wantsReport: boolean,
    atOnce: boolean
): Buffer {
    const parts = text.ends.length
    const header = parts > 1 ? PART_HEADER : 0
    const from = part > 0 ? text.ends[part - 1] : 0
    const units = text.ends[part] - from
    const international = number.startsWith("+")
    const digits = international ? number.slice(1) : number
    const octets = Buffer.alloc(180)
    let at = 1
    octets[at++] =
        SUBMIT |
        (header > 0 ? HAS_HEADER : 0) |
        (wantsReport ? WANTS_REPORT : 0)
    at++
    octets[at++] = digits.length
    octets[at++] = international ? INTERNATIONAL : UNKNOWN
    for (let i = 0; i < digits.length; i += 2) {
        const low = digits.charCodeAt(i) - 48
        const high = i + 1 < digits.length ? digits.charCodeAt(i + 1) - 48 : F
        octets[at++] = low | (high << 4)
    }
    at++
    octets[at++] = (text.ucs2 ? UCS2 : 0) | (atOnce ? CLASS_0 : 0)
    octets[at++] = VALIDITY
    const headerUnits = text.ucs2 ? header : header > 0 ? 7 : 0
    octets[at++] = headerUnits + units
    const data = at
    if (header > 0) {
        octets[at++] = PART_HEADER - 1
        octets[at++] = SHORT_REFERENCE
        octets[at++] = 3
        octets[at++] = reference
        octets[at++] = parts
        octets[at++] = part + 1
    }
    for (let i = 0; i < units; i++) {
        const unit = text.units[from + i]
        if (text.ucs2) octets[at++] = unit
        else {
            const bit = 7 * (headerUnits + i)
            at = data + (bit >> 3)
            const value = unit << (bit & 7)
            octets[at] |= value & 0xff
            if (value > 0xff) octets[at + 1] = value >> 8
        }
    }
    if (!text.ucs2) at = data + ((7 * (headerUnits + units) + 7) >> 3)
    const result = Buffer.alloc(2 * at)
    for (let i = 0; i < at; i++) {
        for (let k = 0; k < 2; k++) {
            const digit = k === 0 ? octets[i] >> 4 : octets[i] & F
            result[2 * i + k] = digit + (digit < 10 ? 48 : 55)
        }
    }
    return result
}

/**
 * Reads a message of PDU mode.
 * @devsWhenUsed
 */
export class Pdu {
    /** it cannot be read */
    wrong = false
    /** it is a status report: `reference` and `status` count */
    isReport = false
    /** number or name */
    from = ""
    /** `yy/MM/dd,hh:mm:ss±zz`, zz in quarter hours */
    at = ""
    text = ""
    /** 0: to be shown at once; 1–3, -1: none */
    messageClass = -1
    /** the reference that joins its parts, and its part of how many; 1 of 1 if alone */
    reference = 0
    part = 1
    parts = 1
    /** of a report: 0–31 delivered, 32–63 still trying, else not delivered (9.2.3.15) */
    status = 0
    /** its octets, without the address of the service centre */
    readonly length: number
    private readonly digits: Buffer
    private readonly digitsAt: number
    private readonly octets: Buffer
    private next = 0

    /** @param from index of its first digit */
    constructor(digits: Buffer, from: number, to: number) {
        const length = (to - from) >> 1
        const octets = Buffer.alloc(length)
        for (let i = 0; i < length; i++)
            octets[i] = numberOf(digits, from + 2 * i, 2)
        this.octets = octets
        this.digits = digits
        this.digitsAt = from
        // the service centre
        this.next = 1 + octets[0]
        this.length = length - this.next
        const first = this.octet()
        this.isReport = (first & TYPE) === REPORT
        if (this.isReport) this.reference = this.octet()
        else if ((first & TYPE) !== DELIVER) this.wrong = true
        this.from = this.address()
        if (this.isReport) {
            this.at = this.time()
            this.time()
            this.status = this.octet()
            return
        }
        this.octet()
        const dcs = this.octet()
        this.at = this.time()
        // GSM 03.38, 4: groups 00xx and 1111 give a class
        if (dcs >= 0xf0 || (dcs & 0xd0) === CLASS_0) this.messageClass = dcs & 3
        this.data(first, dcs)
    }

    /** One octet; `wrong` if there is none. */
    private octet(): number {
        if (this.next >= this.octets.length) {
            this.wrong = true
            return 0
        }
        return this.octets[this.next++]
    }

    private address(): string {
        const count = this.octet()
        const type = this.octet()
        let text = type === INTERNATIONAL ? "+" : ""
        const at = this.next
        this.next += (count + 1) >> 1
        if (count > 20 || this.next > this.octets.length) {
            this.wrong = true
            return ""
        }
        if (((type >> 4) & 7) === NAME)
            return this.septets(at, 0, Math.floor((4 * count) / 7))
        for (let i = 0; i < count; i++) {
            const digit = (this.octets[at + (i >> 1)] >> ((i & 1) << 2)) & F
            text += "0123456789*#abc"[digit] || ""
        }
        return text
    }

    private time(): string {
        let text = ""
        for (let i = 0; i < 7; i++) {
            const octet = this.octet()
            if (i < 6) {
                text += `${octet & F}${octet >> 4}`
                text += "//,::"[i] || ""
            } else {
                text += octet & 8 ? "-" : "+"
                text += `${octet & 7}${octet >> 4}`
            }
        }
        return text
    }

    /** Decodes `count` septets of the GSM alphabet, from the `skip`th on. */
    private septets(at: number, skip: number, count: number): string {
        const octets = this.octets
        let text = ""
        let escaped = false
        for (let i = skip; i < count; i++) {
            const bit = 7 * i
            const place = at + (bit >> 3)
            const pair =
                octets[place] |
                ((place + 1 < octets.length ? octets[place + 1] : 0) << 8)
            const code = (pair >> (bit & 7)) & 127
            if (code === ESCAPE) escaped = true
            else {
                text += gsmCharacter(code, escaped)
                escaped = false
            }
        }
        return text
    }

    private data(first: number, dcs: number) {
        const octets = this.octets
        const length = this.octet()
        const at = this.next
        let header = 0
        if ((first & HAS_HEADER) !== 0) {
            header = 1 + this.octet()
            this.header(at + 1, at + header)
        }
        const group = dcs >> 4
        let alphabet = (dcs >> 2) & 3
        if (group >= 4)
            alphabet = group === 14 ? 2 : group === 15 ? alphabet & 1 : 0
        const end = at + (alphabet === 0 ? (7 * length + 7) >> 3 : length)
        if (end > octets.length || header > length) this.wrong = true
        if (this.wrong) return
        if (alphabet === 0) {
            const skip = header > 0 ? Math.floor((8 * header + 6) / 7) : 0
            this.text = this.septets(at, skip, length)
            return
        }
        if (alphabet === 2)
            this.text = ucs2Text(
                this.digits,
                this.digitsAt + 2 * (at + header),
                this.digitsAt + 2 * end
            )
        // plain octets
        else
            for (let i = at + header; i < end; i++)
                this.text += String.fromCharCode(octets[i])
    }

    /** Reads the elements of a header that join parts. */
    private header(from: number, to: number) {
        const octets = this.octets
        if (to > octets.length) this.wrong = true
        while (from + 1 < to && !this.wrong) {
            const element = octets[from]
            const at = from + 2
            from = at + octets[from + 1]
            const long = element === LONG_REFERENCE
            if ((!long && element !== SHORT_REFERENCE) || from > to) continue
            const behind = long ? at + 2 : at + 1
            this.reference = long
                ? 256 + ((octets[at] << 8) | octets[at + 1])
                : octets[at]
            this.parts = octets[behind]
            this.part = octets[behind + 1]
        }
        if (this.part < 1 || this.part > this.parts) {
            // a part with an impossible number is a message by itself
            this.part = 1
            this.parts = 1
        }
    }
}
