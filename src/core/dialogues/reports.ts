/**
 * Status reports of sent messages (GSM 03.40, 9.2.2.3) by +CDS (manual 4.2.8): in text
 * mode one line, in PDU mode a line followed by digits.
 */
import { ZERO } from "../ascii"
import { Fields } from "./fields"
import { Pdu } from "./pdu"
import { ucs2Text } from "./alphabets"

const HEADER = "+CDS:"

/** The delivery of a message, or of a part of one. */
export interface StatusReport {
    /** reference of the message, given by the network when it was sent, 0–255 */
    reference: number
    /** its recipient */
    number: string
    /**
     * 0–31: delivered; 32–63: not yet, the network goes on trying; higher: not
     * delivered, for good (GSM 03.40, 9.2.3.15)
     */
    status: number
    /** when it was sent, `yy/MM/dd,hh:mm:ss±zz`, time of the service centre */
    at: string
}

/** @devsWhenUsed */
export class ReportReader {
    private readonly fields: Fields
    /** the digits are next */
    private announced = false

    constructor() {
        this.fields = new Fields(Buffer.alloc(0))
    }

    /**
     * Takes a URC; a line of text begins with a line feed.
     * @returns null if it completes no report, or a damaged one
     */
    hear(line: string): StatusReport | null {
        const announced = this.announced
        const bytes = Buffer.from(line)
        const fields = this.fields
        this.announced = false
        if (announced && line.startsWith("\n")) return this.digits(bytes)
        if (!line.startsWith(HEADER)) return null
        fields.begin(bytes, HEADER.length, bytes.length)
        fields.whole(0, 255)
        if (!fields.more()) {
            this.announced = !fields.wrong
            return null
        }
        const reference = fields.whole(0, 255)
        fields.next()
        let number = ""
        // AT+CSCS="UCS2" may be in force
        if (
            fields.isDigits(4, false) &&
            bytes[fields.from] === ZERO &&
            bytes[fields.from + 1] === ZERO
        )
            number = ucs2Text(bytes, fields.from, fields.to)
        else number = fields.text()
        fields.next()
        const at = fields.word()
        fields.next()
        const status = fields.whole(0, 255)
        return fields.wrong ? null : { reference, number, status, at }
    }

    private digits(bytes: Buffer): StatusReport | null {
        const fields = this.fields
        fields.begin(bytes, 1, bytes.length)
        fields.next()
        if (!fields.isDigits(2, false)) return null
        const pdu = new Pdu(bytes, fields.from, fields.to)
        if (pdu.wrong || !pdu.isReport) return null
        return {
            reference: pdu.reference,
            number: pdu.from,
            status: pdu.status,
            at: pdu.at,
        }
    }
}
