/** Short messages: sent, read, deleted (manual chapter 4). */
import { CTRL_Z, LF, ZERO } from "../ascii"
import { CMS, Failure, refusal } from "../errors"
import { Outcome } from "../channel"
import { lineAt, lineOf } from "../lines"
import { LOST } from "../request"
import { textOf } from "../text"
import { ucs2Digits, ucs2Length, ucs2Text, writeUcs2 } from "./alphabets"
import { readDate } from "./date"
import { IRA, type Dialogue, type Problem, type Talk } from "./talk"

export const TIMEOUT = 10000
/** AT+CMGS may take 60 s (manual 4.2.5), ms */
export const SEND_TIMEOUT = 65000
/** AT+CMGD of a whole card (manual: 25 s), ms */
const DELETE_TIMEOUT = 30000
/** characters of one message in the GSM alphabet, in UCS-2 */
export const GSM_LENGTH = 160
export const UCS2_LENGTH = 70
/** characters of a date */
const DATE = 17
/** most messages of one memory, for the driver's numbers of places */
export const PLACES = 256

const REFUSED = "the short message was not taken"
export const NO_MESSAGE = "there is no short message at this place"

/** Name of a memory, by its number in a place. */
function memoryName(memory: number): string {
    return lineAt("SM\nME\nMT\nSM_P\nME_P\n", memory)
}

/** Number of the memory with this name, -1 if there is none. */
export function memoryOf(bytes: Buffer, from: number, to: number): number {
    for (let memory = 0; memory < 5; memory++) {
        const name = memoryName(memory)
        let i = 0
        while (i < name.length && bytes[from + i] === name.charCodeAt(i)) i++
        if (i === name.length && to - from === i) return memory
    }
    return -1
}

/** AT+CPMS for the memory of a place: selects the memory to read from. */
export function memoryCommand(place: number): string {
    return `AT+CMGF=1;+CPMS="${memoryName(Math.floor(place / PLACES))}"`
}

/**
 * Meaning of a +CMS ERROR for a message to be sent (manual chapter 19, 3GPP 24.011 and
 * 27.005), and the remedy; "" if only its number can be given.
 */
export function notSent(cms: number): string {
    return lineOf(
        `=1=28=30=:the network does not know the number: check it
=8=:the operator does not let this SIM card send: ask there
=10=:sending is barred for this SIM card: ask the operator
=17=38=41=42=47=:the network can not take it now: try again later
=21=:the network rejects it: check credit and number
=27=:the phone of the number is out of service
=29=50=69=:the SIM card may not send short messages: ask the operator
=96=304=305=:the modem takes the message for malformed: check the number
=302=:the modem does not allow it in its present state: look at AT+CPIN? and AT+CFUN?
=303=:this firmware can not send short messages
=310=:there is no SIM card
=311=:the SIM card wants its PIN
=313=315=:the SIM card does not work: try it in a phone
=316=:the SIM card is locked: unlock it with its PUK in a phone
=314=512=515=:modem or SIM card are busy, or have just started: try again
=322=:the memory for messages is full: delete some
=330=:the number of the service centre is not known: set it with AT+CSCA
=331=:there is no network: check antenna and coverage
=332=:the network did not answer: whether the message was sent is not known
`,
        cms
    )
}

/**
 * Whether a text is ASCII and each character is also one of the GSM alphabet: not
 * `[\]^{|}~`, which take two codes, nor a grave accent, which has none.
 */
export function isGsm(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i)
        const letter = c < 91 || (c > 96 && c < 123) || c === 95
        if (c !== 10 && (c < 32 || !letter)) return false
    }
    return true
}

/**
 * Result of AT+CMGS.
 * @returns the message's reference from the network, 0–255; -1 if it was not sent and
 * the dialogue has failed
 */
export function messageSent(talk: Talk, what: string): number {
    const request = talk.request
    const cme = request.cme as number
    // it is sent, even if the number is unreadable
    if (talk.obeyed())
        return talk.seek("+CMGS:") ? talk.fields.whole(0, 255) : 0
    // it was not even given
    if (request.needs === LOST) return -1
    talk.current().problem = null
    if (request.outcome !== Outcome.Refused)
        talk.fail(Failure.SendUnknown, what, "", "")
    else
        talk.fail(
            Failure.MessageRefused,
            what,
            refusal("AT+CMGS", cme),
            (cme >= CMS ? notSent(cme - CMS) : "") || REFUSED
        )
    return -1
}

enum SendStep {
    Prepare,
    Send,
    Restore,
    Done,
}

/**
 * AT+CMGS, manual 4.2.5. All but ASCII is sent as digits of UCS-2, so no text can end
 * the message early.
 * @devsWhenUsed
 */
export class SendMessage implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** 0–255, from the network */
    reference = 0
    private readonly number: string
    private readonly text: string
    private readonly gsm: boolean
    private step = SendStep.Prepare

    /** @param number `+` and digits, or digits @param text of one message */
    constructor(number: string, text: string) {
        this.number = number
        this.text = text
        this.gsm = isGsm(text)
    }

    next(talk: Talk): boolean {
        const gsm = this.gsm
        const what = `send message to ${this.number}`
        switch (this.step++) {
            case SendStep.Prepare:
                return talk.say(
                    `AT+CMGF=1;+CSCS="${gsm ? "IRA" : "UCS2"}";+CSMP=17,167,0,${gsm ? 0 : 8}`,
                    TIMEOUT
                )
            case SendStep.Send:
                if (!talk.obeyed()) break
                talk.say(
                    `AT+CMGS="${gsm ? this.number : ucs2Digits(this.number)}"`,
                    SEND_TIMEOUT
                )
                talk.request.data = this.data()
                return true
            case SendStep.Restore:
                this.reference = messageSent(talk, what)
                if (!gsm) return talk.attempt(IRA)
        }
        return false
    }

    private data(): Buffer {
        const text = this.text
        const gsm = this.gsm
        const length = gsm ? text.length : 4 * ucs2Length(text)
        const data = Buffer.alloc(length + 1)
        if (gsm) data.blitAt(0, text, 0, length)
        else writeUcs2(text, data)
        data[length] = CTRL_Z
        return data
    }
}

/**
 * AT+CMGR, manual 4.2.4, in digits of UCS-2: no text can be taken for a response of the
 * modem.
 * @devsWhenUsed
 */
export class ReadMessage implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** number or name of the sender */
    from = ""
    /** time of the service centre, `yy/MM/dd,hh:mm:ss±zz`; "" if there is none */
    at = ""
    text = ""
    private readonly place: number
    private asked = false
    private restored = false

    constructor(place: number) {
        this.place = place
    }

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            const memory = memoryCommand(this.place)
            return talk.say(
                `${memory};+CSCS="UCS2";+CMGR=${this.place % PLACES}`,
                TIMEOUT
            )
        }
        if (this.restored) return false
        if (talk.obeyed() && !this.read(talk) && talk.again()) return true
        this.restored = true
        return talk.attempt(IRA)
    }

    /** @returns false if the response makes no sense */
    private read(talk: Talk): boolean {
        const fields = talk.fields
        const bytes = talk.request.answer
        const behind = talk.seekFrom("+CMGR:", 0)
        if (behind < 0) {
            talk.fail(
                Failure.NoMessage,
                `read message ${this.place}`,
                "",
                NO_MESSAGE
            )
            return true
        }
        fields.next()
        fields.next()
        // a number in decimal digits looks the same, but for the zeros
        const digits =
            fields.isDigits(4, false) &&
            bytes[fields.from] === ZERO &&
            bytes[fields.from + 1] === ZERO
        this.from = digits
            ? ucs2Text(bytes, fields.from, fields.to)
            : fields.text()
        fields.next()
        this.at = ""
        if (fields.more()) {
            fields.next()
            const from = fields.from
            const utc = readDate(bytes, from)
            if (fields.to - from < DATE || isNaN(utc)) return false
            if (utc >= 0) this.at = fields.text()
        }
        const end = bytes.indexOf(LF, behind, talk.request.answerLength)
        this.text = ""
        if (fields.wrong) return false
        if (end <= behind) return true
        fields.begin(bytes, behind, end)
        fields.from = behind
        fields.to = end
        const inDigits = fields.isDigits(4, false)
        if (digits && !inDigits) return false
        this.text = inDigits
            ? ucs2Text(bytes, behind, end)
            : textOf(bytes, behind, end - behind)
        return true
    }
}

/**
 * AT+CMGD, manual 4.2.1: one message, all read ones, or all.
 * @devsWhenUsed
 */
export class DeleteMessages implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private readonly place: number
    private readonly flag: number
    private said = false

    /** @param flag 0: the one at `place`, 1: all read ones, 4: all */
    constructor(place: number, flag: number) {
        this.place = place
        this.flag = flag
    }

    next(talk: Talk): boolean {
        if (this.said) return false
        this.said = true
        const memory = memoryCommand(this.place)
        const index = this.flag === 0 ? this.place % PLACES : 1
        const flag = this.flag === 0 ? "" : `,${this.flag}`
        return talk.say(`${memory};+CMGD=${index}${flag}`, DELETE_TIMEOUT)
    }
}

/**
 * AT+CPMS?: number of messages, and room for them.
 * @devsWhenUsed
 */
export class AskStorage implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    used = 0
    total = 0
    private asked = false

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            return talk.say('AT+CPMS="SM","SM","SM"', TIMEOUT)
        }
        if (!talk.obeyed()) return false
        const fields = talk.fields
        if (!talk.seek("+CPMS:")) return talk.again()
        this.used = fields.whole(0, PLACES)
        this.total = fields.whole(0, PLACES)
        if (this.used > this.total) fields.wrong = true
        return fields.wrong && talk.again()
    }
}

/** Where a message is, and of what kind. */
export interface Place {
    /** 1–255 */
    index: number
    /** received and read; else unread, or written here */
    isRead: boolean
    /** time of the service centre, ms since 1970, local time; -1: not known */
    time: number
}

enum ListStep {
    Ask,
    Count,
    Look,
    Done,
}

/**
 * Reads each place of the SIM card, in digits of UCS-2. Unread messages stay unread
 * (AT+CMGR in its mode 1).
 * @devsWhenUsed
 */
export class ListMessages implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    readonly places: Place[]
    private step = ListStep.Ask
    private place = 0
    private used = 0
    private total = 0

    constructor() {
        this.places = []
    }

    next(talk: Talk): boolean {
        switch (this.step) {
            case ListStep.Ask:
                this.step = ListStep.Count
                return talk.say('AT+CMGF=1;+CPMS="SM","SM","SM"', TIMEOUT)
            case ListStep.Count:
                if (!talk.obeyed()) return false
                if (!this.counted(talk)) return talk.again()
                this.step = ListStep.Look
                break
            case ListStep.Look:
                if (!this.looked(talk) && talk.again()) return true
        }
        if (this.step === ListStep.Done) return false
        const isLast =
            this.place === this.total || this.places.length === this.used
        if (!isLast && talk.obeyed()) {
            this.place++
            return talk.attempt(`AT+CSCS="UCS2";+CMGR=${this.place},1`)
        }
        this.step = ListStep.Done
        return talk.attempt(IRA)
    }

    private counted(talk: Talk): boolean {
        const fields = talk.fields
        if (!talk.seek("+CPMS:")) return false
        this.used = fields.whole(0, PLACES - 1)
        this.total = fields.whole(0, PLACES - 1)
        return !fields.wrong && this.used <= this.total
    }

    /** `+CMGR: "REC READ",…`, or nothing. @returns false if it makes no sense */
    private looked(talk: Talk): boolean {
        const fields = talk.fields
        if (!talk.seek("+CMGR:")) return true
        const status = fields.word()
        fields.skip(2)
        let time = -1
        if (fields.more()) {
            fields.next()
            if (fields.to - fields.from < DATE) return false
            time = readDate(talk.request.answer, fields.from)
        }
        if (fields.wrong || isNaN(time)) return false
        this.places.push({
            index: this.place,
            isRead: status === "REC READ",
            time,
        })
        return true
    }
}
