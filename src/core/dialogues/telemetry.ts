/** Telemetry of a device: battery, signal, identity, time. */
import { LF } from "../ascii"
import { readDate } from "./date"
import { LOCAL, type Dialogue, type Problem, type Talk } from "./talk"

/** AT+COPS? needs no network, but a busy module takes long (manual: 45 s), ms */
const OPERATOR_TIMEOUT = 45000
/** of AT+CSQ: unknown */
const UNKNOWN = 99
const QUARTER_HOUR = 900000
/** most quarter hours between local time and UTC */
const ZONES = 96

/**
 * AT+CBC, manual 3.2.52.
 * @devsWhenUsed
 */
export class AskBattery implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** 0: not charging, 1: charging, 2: full */
    charge = 0
    percent = 0
    millivolts = 0
    private asked = false

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            return talk.say("AT+CBC", LOCAL)
        }
        if (!talk.obeyed()) return false
        const fields = talk.fields
        if (!talk.seek("+CBC:")) return talk.again()
        this.charge = fields.whole(0, 2)
        this.percent = fields.whole(0, 100)
        this.millivolts = fields.whole(1000, 9999)
        return fields.wrong && talk.again()
    }
}

/**
 * AT+CSQ, manual 3.2.35.
 * @devsWhenUsed
 */
export class AskSignal implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** -113 to -51, 0: unknown */
    dbm = 0
    /** class of the bit error rate, 0–7, -1: unknown */
    errors = 0
    private asked = false

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            return talk.say("AT+CSQ", LOCAL)
        }
        if (!talk.obeyed()) return false
        const fields = talk.fields
        if (!talk.seek("+CSQ:")) return talk.again()
        const strength = fields.whole(0, UNKNOWN)
        const errors = fields.whole(0, UNKNOWN)
        if (strength > 31 && strength < UNKNOWN) fields.wrong = true
        if (errors > 7 && errors < UNKNOWN) fields.wrong = true
        this.dbm = strength === UNKNOWN ? 0 : 2 * strength - 113
        this.errors = errors === UNKNOWN ? -1 : errors
        return fields.wrong && talk.again()
    }
}

/**
 * AT+GSN, AT+CCID, AT+COPS?, manual 2.2.38, 6.2.23, 3.2.22.
 * @devsWhenUsed
 */
export class AskIdentity implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    imei = ""
    iccid = ""
    operator = ""
    private asked = false

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            return talk.say("AT+GSN;+CCID;+COPS?", OPERATOR_TIMEOUT)
        }
        if (!talk.obeyed()) return false
        const fields = talk.fields
        const bytes = talk.request.answer
        const length = talk.request.answerLength
        let right = false
        this.imei = ""
        this.iccid = ""
        this.operator = ""
        // `+COPS: 0` without a network
        if (talk.seek("+COPS:")) {
            fields.whole(0, 4)
            if (fields.more()) {
                fields.whole(0, 2)
                this.operator = fields.word()
            }
            right = !fields.wrong
        }
        if (talk.seek("+CCID:")) this.iccid = this.card(talk)
        // both are bare numbers on most modules
        for (let at = 0; at < length;) {
            const end = bytes.indexOf(LF, at, length)
            fields.begin(bytes, at, end)
            at = end + 1
            fields.next()
            if (fields.more()) continue
            if (this.imei === "" && fields.isDigits(1, true)) {
                if (fields.to - fields.from === 15) this.imei = fields.text()
            } else if (this.iccid === "" && this.imei !== "") {
                fields.begin(bytes, fields.from, end)
                this.iccid = this.card(talk)
            }
        }
        if (this.imei === "" || this.iccid === "") right = false
        return !right && talk.again()
    }

    /** The number of a SIM card: 18 to 20 digits, or hexadecimal ones, padded with F. */
    private card(talk: Talk): string {
        const fields = talk.fields
        fields.next()
        const n = fields.to - fields.from
        if (n < 8 || n > 22 || !fields.isDigits(1, false)) return ""
        const text = fields.text()
        return text[n - 1] === "F" ? text.slice(0, n - 1) : text
    }
}

/**
 * AT+CCLK?, after AT+CLTS=1 if the network may not set the clock yet; manual 3.2.43,
 * 6.2.12.
 * @devsWhenUsed
 */
export class AskTime implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** ms since 1970, -1: the clock is unset, or gives no zone */
    utc = -1
    /** local time minus UTC, in quarter hours */
    zone = 0
    private asked = false
    private set = false

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            return talk.say("AT+CLTS?;+CCLK?", LOCAL)
        }
        if (!talk.obeyed() || this.set) return false
        const fields = talk.fields
        if (!talk.seek("+CLTS:")) return talk.again()
        const allowed = fields.whole(0, 1)
        if (fields.wrong || !talk.seek("+CCLK:")) return talk.again()
        this.clock(talk)
        if (fields.wrong) return talk.again()
        if (allowed === 1) return false
        this.set = true
        return talk.say("AT+CLTS=1;&W", LOCAL)
    }

    /** `"yy/MM/dd,hh:mm:ss±zz"`, local time; some firmware omits the quotation marks. */
    private clock(talk: Talk) {
        const fields = talk.fields
        const bytes = talk.request.answer
        let from = 0
        let to = 0
        fields.next()
        from = fields.from
        if (fields.more()) fields.next()
        to = fields.to
        if (to - from < 17) {
            fields.wrong = true
            return
        }
        const local = readDate(bytes, from)
        this.utc = -1
        this.zone = 0
        if (isNaN(local)) fields.wrong = true
        if (fields.wrong || to - from === 17) return
        fields.begin(bytes, from + 17, to)
        this.zone = fields.whole(-ZONES, ZONES)
        if (local >= 0) this.utc = local - this.zone * QUARTER_HOUR
    }
}
