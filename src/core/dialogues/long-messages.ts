/**
 * Short messages in PDU mode (AT+CMGF=0, manual chapter 4): a text longer than one
 * message is sent and received in parts.
 */
import { CTRL_Z, LF } from "../ascii"
import { Failure } from "../errors"
import {
    memoryCommand,
    messageSent,
    NO_MESSAGE,
    PLACES,
    SEND_TIMEOUT,
    TIMEOUT,
} from "./messages"
import { Pdu, submit, type Coded } from "./pdu"
import { type Dialogue, type Problem, type Talk } from "./talk"

/** All other commands need text mode. */
const TEXT_MODE = "AT+CMGF=1"

/**
 * Sends all parts of a text.
 * @devsWhenUsed
 */
export class SendParts implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** the parts' references from the network, 0–255 */
    readonly references: number[]
    private readonly number: string
    private readonly text: Coded
    private readonly reference: number
    private readonly atOnce: boolean
    private readonly wantsReport: boolean
    /** the part being sent; -1: none yet; beyond the last: all are sent */
    private part = -1

    /**
     * @param number `+` and digits, or digits
     * @param reference joins the parts, 0–255: a new one each time
     * @param atOnce shown at once and not stored (class 0)
     * @param wantsReport the network reports the delivery of each part
     */
    constructor(
        number: string,
        text: Coded,
        reference: number,
        atOnce: boolean,
        wantsReport: boolean
    ) {
        this.references = []
        this.number = number
        this.text = text
        this.reference = reference
        this.atOnce = atOnce
        this.wantsReport = wantsReport
    }

    next(talk: Talk): boolean {
        const parts = this.text.ends.length
        const part = this.part
        if (part > parts) return false
        if (part < 0) {
            this.part = 0
            return talk.say("AT+CMGF=0", TIMEOUT)
        }
        const what = `send message to ${this.number}, part ${part} of ${parts}`
        if (part > 0) {
            const reference = messageSent(talk, what)
            if (reference >= 0) this.references.push(reference)
        }
        if (part === parts || !talk.obeyed()) {
            this.part = parts + 1
            return talk.attempt(TEXT_MODE)
        }
        this.part = part + 1
        const digits = submit(
            this.number,
            this.text,
            part,
            this.reference,
            this.wantsReport,
            this.atOnce
        )
        const length = digits.length
        const data = Buffer.alloc(length + 1)
        data.blitAt(0, digits, 0, length)
        data[length] = CTRL_Z
        // the length excludes the address of the service centre
        talk.say(`AT+CMGS=${length / 2 - 1}`, SEND_TIMEOUT)
        talk.request.data = data
        return true
    }
}

/**
 * Reads a message, or a part of one.
 * @devsWhenUsed
 */
export class ReadPart implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** null if there is none */
    pdu: Pdu | null = null
    private readonly place: number
    private asked = false
    private restored = false

    constructor(place: number) {
        this.place = place
    }

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            const memory = memoryCommand(this.place).slice(TEXT_MODE.length)
            return talk.say(
                `AT+CMGF=0${memory};+CMGR=${this.place % PLACES}`,
                TIMEOUT
            )
        }
        if (this.restored) return false
        if (talk.obeyed() && !this.read(talk) && talk.again()) return true
        this.restored = true
        return talk.attempt(TEXT_MODE)
    }

    /** @returns false if the response makes no sense */
    private read(talk: Talk): boolean {
        const fields = talk.fields
        const bytes = talk.request.answer
        const behind = talk.seekFrom("+CMGR:", 0)
        if (behind < 0)
            return !talk.fail(
                Failure.NoMessage,
                `read message ${this.place}`,
                "",
                NO_MESSAGE
            )
        fields.next()
        fields.next()
        const length = fields.whole(1, PLACES)
        const end = bytes.indexOf(LF, behind, talk.request.answerLength)
        if (fields.wrong || end < behind) return false
        fields.from = behind
        fields.to = end
        if (!fields.isDigits(2, false)) return false
        const pdu = new Pdu(bytes, behind, end)
        if (pdu.wrong || pdu.length !== length) return false
        this.pdu = pdu
        return true
    }
}

/** A complete received message. */
export interface LongMessage {
    /** number or name of the sender */
    from: string
    /**
     * time of the service centre, of the first part: `yy/MM/dd,hh:mm:ss±zz`, zz in quarter
     * hours
     */
    at: string
    text: string
    /** 0: to be shown at once, 1–3; -1: none */
    messageClass: number
    /** places of its parts */
    places: number[]
}

interface Part {
    pdu: Pdu
    place: number
}

function belongs(a: Pdu, b: Pdu): boolean {
    return (
        a === b ||
        (a.parts === b.parts &&
            a.parts > 1 &&
            a.reference === b.reference &&
            a.from === b.from)
    )
}

/**
 * Joins the parts of messages, in any order.
 * @devsWhenUsed
 */
export class Joiner {
    private waiting: Part[]
    private readonly most: number

    /** @param most most parts that may wait for others */
    constructor(most: number) {
        this.most = most
        this.waiting = []
    }

    /** Adds a part. @returns the message that it completes, null if parts are missing */
    add(pdu: Pdu, place: number): LongMessage | null {
        const waiting = this.waiting
        const places: number[] = []
        let text = ""
        let found = 0
        waiting.push({ pdu, place })
        for (let part = 1; part <= pdu.parts; part++)
            for (let i = 0; i < waiting.length; i++) {
                const each = waiting[i]
                if (each.pdu.part !== part || !belongs(each.pdu, pdu)) continue
                text += each.pdu.text
                found++
                break
            }
        if (found < pdu.parts) return null
        const others: Part[] = []
        for (let i = 0; i < waiting.length; i++)
            // a part that came twice has two places
            if (belongs(waiting[i].pdu, pdu)) places.push(waiting[i].place)
            else others.push(waiting[i])
        this.waiting = others
        return {
            from: pdu.from,
            at: pdu.at,
            text,
            messageClass: pdu.messageClass,
            places,
        }
    }

    /** Drops the oldest part if too many wait. @returns its place, -1 if there is room */
    giveUp(): number {
        const waiting = this.waiting
        if (waiting.length <= this.most) return -1
        const place = waiting[0].place
        for (let i = 1; i < waiting.length; i++) waiting[i - 1] = waiting[i]
        waiting.pop()
        return place
    }
}
