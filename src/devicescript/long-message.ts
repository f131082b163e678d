/** Short messages of any length, in parts (GSM 03.40). */
import * as ds from "@devicescript/core"
import { Kind } from "../core/arguments"
import { ReadPart, SendParts } from "../core/dialogues/long-messages"
import { Coded, MOST_PARTS, type Pdu } from "../core/dialogues/pdu"
import { bad, check } from "./arguments"
import { converse } from "./dialogue"
import { checkNumber } from "./message"
import type { Phone } from "./phone"
import type { Sim800 } from "./sim800"

/** parts that wait for others, unless the program says how many */
const PARTS = 16

export interface LongMessage {
    /** number or name of the sender */
    from: string
    /** time of the service centre, of the first part: see `ShortMessage` */
    at: string
    text: string
    /** 0: to be shown at once, 1–3; -1: none */
    messageClass: number
    /** where its parts are: for `Phone.deleteMessage()` */
    places: number[]
}

export interface LongMessageOptions {
    /** it is shown, and not kept (class 0); default false */
    atOnce?: boolean
}

/**
 * Sends a text in as many short messages as it takes, ten at most; phones show
 * them as one. Each costs what a short message costs, and may take a minute. Throws a
 * `Sim800Error`, which says the part that was not sent.
 * @param text up to 1530 characters of the GSM alphabet, or 670 others
 * @returns the references of the parts
 */
export async function sendLongMessage(
    modem: Sim800,
    number: string,
    text: string,
    options?: LongMessageOptions
): Promise<number[]> {
    checkNumber(number)
    if (typeof text !== "string" || text === "")
        throw bad("text", "a text of one character or more is expected")
    const coded = new Coded(text)
    const parts = coded.ends.length
    if (parts > MOST_PARTS)
        throw bad("text", `${parts} parts: at most ${MOST_PARTS} are sent`)
    const dialogue = new SendParts(
        number,
        coded,
        // another one than that of the text before
        ds.millis() & 0xff,
        !!options && !!options.atOnce
    )
    await converse(modem, dialogue, `send message to ${number}`)
    return dialogue.references
}

interface Waiting {
    pdu: Pdu
    place: number
}

/**
 * Messages that come, long ones in one piece.
 * @devsWhenUsed
 */
export class Inbox {
    /** parts that were given up, because too many others waited for theirs */
    lost = 0
    private readonly modem: Sim800
    private readonly phone: Phone
    private readonly most: number
    private waiting: Waiting[] = []

    /**
     * @param phone that has been, or will be, started; nobody else takes its messages
     * @param most parts that wait for others, 1–64, default 16
     */
    constructor(modem: Sim800, phone: Phone, most?: number) {
        if (most === undefined) most = PARTS
        check("most", Kind.Whole, most, 1, 64)
        this.modem = modem
        this.phone = phone
        this.most = most
    }

    /**
     * Waits for a message, whole; status reports are deleted. Throws a
     * `Sim800Error` as `Phone.nextMessage()` does. A message is on the card until
     * `delete()`; after a restart it comes again.
     * @param timeout in ms, between two parts; without it, as long as it takes
     * @returns `undefined` when the time is over
     */
    async next(timeout?: number): Promise<LongMessage> {
        while (true) {
            const place = await this.phone.nextMessage(timeout)
            if (place === undefined) return undefined
            const dialogue = new ReadPart(place)
            await converse(this.modem, dialogue, `read message ${place}`)
            const pdu = dialogue.pdu
            if (pdu.isReport) await this.phone.deleteMessage(place)
            else {
                const message = await this.join({ pdu, place })
                if (message) return message
            }
        }
        return undefined
    }

    /** @returns the message that a part makes whole */
    private async join(last: Waiting): Promise<LongMessage> {
        const { pdu } = last
        const places: number[] = []
        let text = ""
        this.waiting.push(last)
        for (let part = 1; part <= pdu.parts; part++)
            for (const each of this.waiting)
                if (each.pdu.part === part && belongs(each.pdu, pdu)) {
                    text += each.pdu.text
                    places.push(each.place)
                    break
                }
        if (places.length < pdu.parts) {
            if (this.waiting.length <= this.most) return undefined
            this.lost++
            const first = this.waiting[0]
            this.waiting = this.waiting.slice(1)
            await this.phone.deleteMessage(first.place)
            return undefined
        }
        this.waiting = this.waiting.filter(each => !belongs(each.pdu, pdu))
        const { from, at, messageClass } = pdu
        return { from, at, text, messageClass, places }
    }

    /** Deletes all parts of a message. */
    async delete(message: LongMessage): Promise<void> {
        for (const place of message.places)
            await this.phone.deleteMessage(place)
    }
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
