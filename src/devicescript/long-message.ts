/** Short messages of any length, in parts (GSM 03.40). */
import * as ds from "@devicescript/core"
import { Kind } from "../core/arguments"
import {
    Joiner,
    type LongMessage,
    ReadPart,
    SendParts,
} from "../core/dialogues/long-messages"
import { Coded, MOST_PARTS } from "../core/dialogues/pdu"
import { bad, check } from "./arguments"
import { converse } from "./dialogue"
import { checkNumber } from "./message"
import type { Phone } from "./phone"
import type { Sim800 } from "./sim800"

/** default of the most parts that may wait for others */
const PARTS = 16

export interface LongMessageOptions {
    /** it is shown at once, and not stored (class 0); default false */
    atOnce?: boolean
    /**
     * the network reports the delivery of each part: see `hearReports()`; default false
     */
    report?: boolean
}

/**
 * Sends a text in as many short messages as it needs, ten at most; phones show them as
 * one. Each costs as much as a short message, and may take a minute. Throws a
 * `Sim800Error` that names the part that was not sent.
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
    if (!options) options = {}
    check("options", Kind.Object, options)
    check("atOnce", Kind.Flag, options.atOnce)
    check("report", Kind.Flag, options.report)
    const coded = new Coded(text)
    const parts = coded.ends.length
    if (parts > MOST_PARTS)
        throw bad("text", `${parts} parts: at most ${MOST_PARTS} are sent`)
    const dialogue = new SendParts(
        number,
        coded,
        // the reference differs from that of the last text
        ds.millis() & 0xff,
        !!options.atOnce,
        !!options.report
    )
    await converse(modem, dialogue, `send message to ${number}`)
    return dialogue.references
}

/**
 * Received messages, long ones joined. Messages of class 0 are included: the modem is
 * set to store them (AT+SCLASS0).
 * @devsWhenUsed
 */
export class Inbox {
    /** parts that were dropped because too many waited */
    lost = 0
    private readonly modem: Sim800
    private readonly phone: Phone
    private readonly joiner: Joiner

    /**
     * @param phone to be started before or after this; nothing else may take its
     * messages
     * @param most most parts that may wait for others, 1–64, default 16
     */
    constructor(modem: Sim800, phone: Phone, most?: number) {
        if (most === undefined) most = PARTS
        check("most", Kind.Whole, most, 1, 64)
        this.modem = modem
        this.phone = phone
        this.joiner = new Joiner(most)
        phone.events.want("+SCLASS0=1")
    }

    /**
     * Waits for a complete message; status reports are deleted. Throws a `Sim800Error`
     * as `Phone.nextMessage()` does. A message stays on the card until `delete()`;
     * after a restart it is returned again.
     * @param timeout in ms, between two parts; without it, unlimited
     * @returns `undefined` when the time is over
     */
    async next(timeout?: number): Promise<LongMessage> {
        while (true) {
            const place = await this.phone.nextMessage(timeout)
            if (place === undefined) return undefined
            const dialogue = new ReadPart(place)
            await converse(this.modem, dialogue, `read message ${place}`)
            const pdu = dialogue.pdu
            if (pdu.isReport) {
                await this.phone.deleteMessage(place)
                continue
            }
            const message = this.joiner.add(pdu, place)
            if (message) return message
            const surplus = this.joiner.giveUp()
            if (surplus < 0) continue
            this.lost++
            await this.phone.deleteMessage(surplus)
        }
        return undefined
    }

    /** Deletes all parts of a message. */
    async delete(message: LongMessage): Promise<void> {
        for (const place of message.places)
            await this.phone.deleteMessage(place)
    }
}

export type { LongMessage }
