/** Short messages of any length, and status reports of sent ones. */
import {
    Joiner,
    type LongMessage,
    ReadPart,
    SendParts,
} from "../core/dialogues/long-messages"
import { ListMessages, type Place } from "../core/dialogues/messages"
import { Coded, MOST_PARTS } from "../core/dialogues/pdu"
import { ReportReader } from "../core/dialogues/reports"
import type { LongMessageOptions } from "./api"
import { bad, checkFlag, checkObject } from "./errors"
import { Sim800 } from "./modem"
import { checkNumber } from "./phone"
import { converse } from "./talk"

/** most parts that wait for others */
const PARTS = 16

declare module "./modem" {
    interface Sim800 {
        /** @internal */
        joiner: Joiner
        sendLong(
            number: string,
            text: string,
            options?: LongMessageOptions
        ): Promise<number[]>
        nextLong(): Promise<LongMessage | undefined>
        reports(): void
        listMessages(): Promise<Place[]>
        removeOldest(): Promise<number | undefined>
    }
}

Sim800.prototype.sendLong = function (
    this: Sim800,
    number: string,
    text: string,
    options?: LongMessageOptions
) {
    checkNumber(number)
    if (typeof text !== "string" || text === "")
        throw bad("text", "a text of one character or more is expected")
    if (options !== undefined) checkObject("options", options)
    const atOnce = options && options.atOnce
    const report = options && options.report
    checkFlag("atOnce", atOnce)
    checkFlag("report", report)
    const coded = new Coded(text)
    const parts = coded.ends.length
    if (parts > MOST_PARTS)
        throw bad("text", parts + " parts: at most " + MOST_PARTS + " are sent")
    const dialogue = new SendParts(
        number,
        coded,
        // the reference differs from that of the last text
        this.elapsed() & 0xff,
        !!atOnce,
        !!report
    )
    const what = "send message to " + number
    return converse(this, dialogue, what).then(() => dialogue.references)
}

Sim800.prototype.nextLong = function (this: Sim800) {
    if (!this.joiner) {
        this.joiner = new Joiner(PARTS)
        this.sms()
        this.box.want("+SCLASS0=1")
    }
    const self = this
    const joiner = this.joiner
    const box = this.sms()
    const place = box.next()
    if (place === undefined) return Promise.resolve(undefined)
    const dialogue = new ReadPart(place)
    return converse(this, dialogue, "read message " + place).then(() => {
        const pdu = dialogue.pdu
        if (pdu === null) return undefined
        if (pdu.isReport) return box.remove(place).then(() => self.nextLong())
        const message = joiner.add(pdu, place)
        if (message !== null) return message
        const surplus = joiner.giveUp()
        if (surplus < 0) return self.nextLong()
        return box.remove(surplus).then(() => self.nextLong())
    })
}

Sim800.prototype.reports = function (this: Sim800) {
    const reader = new ReportReader()
    const emitter = this as unknown as Emitter
    this.sms()
    this.box.want("+CNMI=2,1,0,1,0")
    emitter.on("urc", (line: string) => {
        const report = reader.hear(line)
        if (report !== null) emitter.emit("report", report)
    })
}

Sim800.prototype.listMessages = function (this: Sim800) {
    const dialogue = new ListMessages()
    return converse(this, dialogue, "list messages").then(() => dialogue.places)
}

Sim800.prototype.removeOldest = function (this: Sim800) {
    const box = this.sms()
    return this.listMessages().then(places => {
        let oldest: Place | undefined
        for (let i = 0; i < places.length; i++) {
            const each = places[i]
            if (each.isRead && (!oldest || each.time < oldest.time))
                oldest = each
        }
        if (!oldest) return undefined
        const index = oldest.index
        return box.remove(index).then(() => index)
    })
}
