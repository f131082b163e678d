/**
 * Short messages in PDU mode (AT+CMGF=0, manual chapter 4): what is longer than one
 * goes and comes in parts.
 */
import { Failure } from "../errors"
import {
    CTRL_Z,
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
const LF = 10

/**
 * Sends all parts of a text.
 * @devsWhenUsed
 */
export class SendParts implements Dialogue {
    over = false
    problem: Problem | null = null
    behind: Dialogue | null = null
    /** the numbers that the network has given them, 0–255 */
    readonly references: number[]
    private readonly number: string
    private readonly text: Coded
    private readonly reference: number
    private readonly atOnce: boolean
    /** the part that is being sent, -1: none yet; behind the last: all are */
    private part = -1

    /**
     * @param number `+` and digits, or digits
     * @param reference that joins the parts, 0–255: another one each time
     * @param atOnce it is shown, and not kept (class 0)
     */
    constructor(
        number: string,
        text: Coded,
        reference: number,
        atOnce: boolean
    ) {
        this.references = []
        this.number = number
        this.text = text
        this.reference = reference
        this.atOnce = atOnce
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
            false,
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
    over = false
    problem: Problem | null = null
    behind: Dialogue | null = null
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
