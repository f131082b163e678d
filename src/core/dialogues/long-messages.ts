/**
 * Short messages in PDU mode (AT+CMGF=0, manual chapter 4): what is longer than one
 * goes and comes in parts.
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

/** Everything else is said in text mode. */
const TEXT_MODE = "AT+CMGF=1"

/**
 * Sends all parts of a text.
 * @devsWhenUsed
 */
export class SendParts implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** the numbers that the network has given them, 0–255 */
    readonly references: number[]
    private readonly number: string
    private readonly text: Coded
    private readonly reference: number
    private readonly atOnce: boolean
    private readonly wantsReport: boolean
    /** the part that is being sent, -1: none yet; behind the last: all are */
    private part = -1

    /**
     * @param number `+` and digits, or digits
     * @param reference that joins the parts, 0–255: another one each time
     * @param atOnce it is shown, and not kept (class 0)
     * @param wantsReport the network tells what has become of each part
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
        // the address of the service centre does not count
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

    /** @returns false if the answer makes no sense */
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

/** A message that has come, whole. */
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
    /** where its parts are */
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
 * Puts the parts of messages together, in whatever order they come.
 * @devsWhenUsed
 */
export class Joiner {
    private waiting: Part[]
    private readonly most: number

    /** @param most parts that wait for others */
    constructor(most: number) {
        this.most = most
        this.waiting = []
    }

    /** Adds a part. @returns the message that it makes whole, null if others are missing */
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
            // a part that has come twice is at two places
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

    /** Gives up the oldest part if too many wait. @returns its place, -1: there is room */
    giveUp(): number {
        const waiting = this.waiting
        if (waiting.length <= this.most) return -1
        const place = waiting[0].place
        for (let i = 1; i < waiting.length; i++) waiting[i - 1] = waiting[i]
        waiting.pop()
        return place
    }
}
