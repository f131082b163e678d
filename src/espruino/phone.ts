/** Calls and short messages (application note 2.2.5). */
import { Kind, wrong } from "../core/arguments"
import { ucs2Length } from "../core/dialogues/alphabets"
import {
    AskStorage,
    DeleteMessages,
    GSM_LENGTH,
    isGsm,
    PLACES,
    ReadMessage,
    SendMessage,
    UCS2_LENGTH,
} from "../core/dialogues/messages"
import { CallCommand, Phone } from "../core/dialogues/phone"
import { Failure } from "../core/errors"
import { textOf } from "../core/text"
import type { MessageStorage, ShortMessage, Sms } from "./api"
import { bad, check, checkWord, failed } from "./errors"
import { Sim800 } from "./modem"
import { converse, outcome, talkOf } from "./talk"

/** number of memories */
const MEMORIES = 5
const LISTEN = "listen for calls and messages"

/** Throws unless it is `+` and 3 to 20 digits (GSM 03.40). */
export function checkNumber(number: unknown) {
    const isText = typeof number === "string"
    const text = isText ? (number as string) : ""
    const digits = text.startsWith("+") ? text.slice(1) : text
    if (wrong(Kind.Digits, digits, 3, 20))
        throw bad(
            "number",
            '"' + (number as string) + '" is not a number of 3–20 digits'
        )
}

export class Messages implements Sms {
    /** @internal */
    readonly modem: Sim800
    /** @internal */
    readonly events: Phone
    private rings = 0
    private arrivals = 0

    constructor(modem: Sim800) {
        const talk = talkOf(modem)
        this.modem = modem
        this.events = new Phone(modem.core, talk)
        this.events.changed = () => this.told()
    }

    start(): Promise<void> {
        this.modem.check(LISTEN)
        this.events.start()
        return outcome(this.modem, this.events, LISTEN)
    }

    /** Gives the modem one more command, which may fail. */
    want(command: string) {
        this.events.want(command)
        this.modem.pump()
    }

    private told() {
        const events = this.events
        const emitter = this.modem as unknown as Emitter
        if (events.rings !== this.rings) {
            this.rings = events.rings
            emitter.emit("ring", textOf(events.caller, 0, events.callerLength))
        }
        if (events.arrivals !== this.arrivals) {
            this.arrivals = events.arrivals
            emitter.emit("message")
        }
        this.modem.tell()
    }

    next(): number | undefined {
        const events = this.events
        const place = events.take()
        if (place >= 0) return place
        if (events.isFull())
            throw failed(
                Failure.MemoryFull,
                "next message",
                "",
                "all " +
                    events.total +
                    " places of the SIM card are taken, so that no message can come: delete some"
            )
        return undefined
    }

    read(index: number): Promise<ShortMessage> {
        check("index", Kind.Whole, index, 0, MEMORIES * PLACES - 1)
        const dialogue = new ReadMessage(index)
        return converse(this.modem, dialogue, "read message " + index).then(
            () => ({
                from: dialogue.from,
                at: dialogue.at,
                text: dialogue.text,
            })
        )
    }

    remove(index: number): Promise<void> {
        check("index", Kind.Whole, index, 0, MEMORIES * PLACES - 1)
        return converse(
            this.modem,
            new DeleteMessages(index, 0),
            "delete message " + index
        ).then(() => this.events.freed(index))
    }

    removeAll(which: "read" | "all"): Promise<void> {
        checkWord("which", which, ["read", "all"])
        const all = which === "all"
        return converse(
            this.modem,
            new DeleteMessages(0, all ? 4 : 1),
            "delete messages"
        ).then(() => {
            if (!all) return this.storage().then(() => undefined)
            this.events.freed(-1)
        })
    }

    storage(): Promise<MessageStorage> {
        const dialogue = new AskStorage()
        return converse(this.modem, dialogue, "message storage").then(() => {
            this.events.used = dialogue.used
            this.events.total = dialogue.total
            return { used: dialogue.used, total: dialogue.total }
        })
    }

    send(number: string, text: string): Promise<number> {
        checkNumber(number)
        if (typeof text !== "string") throw bad("text", "a string is expected")
        const gsm = isGsm(text)
        const length = gsm ? text.length : ucs2Length(text)
        const most = gsm ? GSM_LENGTH : UCS2_LENGTH
        if (length < 1 || length > most)
            throw bad(
                "text",
                length +
                    " characters: a short message holds " +
                    GSM_LENGTH +
                    ", or " +
                    UCS2_LENGTH +
                    " if there is any that is not ASCII or one of []{}\\^|~`"
            )
        const dialogue = new SendMessage(number, text)
        return converse(this.modem, dialogue, "send message to " + number).then(
            () => dialogue.reference
        )
    }
}

declare module "./modem" {
    interface Sim800 {
        /** @internal */
        box: Messages
        sms(): Sms
        answer(): Promise<void>
        hangUp(): Promise<void>
    }
}

Sim800.prototype.sms = function (this: Sim800) {
    if (!this.box) this.box = new Messages(this)
    return this.box
}

Sim800.prototype.answer = function (this: Sim800) {
    return converse(this, new CallCommand(true), "answer")
}

Sim800.prototype.hangUp = function (this: Sim800) {
    return converse(this, new CallCommand(false), "hang up")
}
