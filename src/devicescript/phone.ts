import * as ds from "@devicescript/core"
import { wait } from "../ports/naps"
import { Kind } from "../core/arguments"
import {
    AskStorage,
    DeleteMessages,
    ListMessages,
    type Place,
    PLACES,
    ReadMessage,
} from "../core/dialogues/messages"
import { CallCommand, Phone as Events } from "../core/dialogues/phone"
import { Failure } from "../core/errors"
import { textOf } from "../core/text"
import { check, checkWord } from "./arguments"
import { converse, outcome, talkOf } from "./dialogue"
import { failed } from "./errors"
import type { Sim800 } from "./sim800"

/**
 * limit between the pulses on RI of a call, 50 ms, and a short message, 120 ms (2.2.5)
 */
const PULSE_LIMIT = 85
/** no pulse is longer */
const PULSE_MAX = 200
/** number of memories */
const MEMORIES = 5

export interface ShortMessage {
    /** number or name of the sender */
    from: string
    /**
     * time of the service centre, `yy/MM/dd,hh:mm:ss±zz`, zz in quarter hours; ""
     * if it is not known
     */
    at: string
    text: string
}

/** Number of short messages on the SIM card, and its capacity. */
export interface MessageStorage {
    used: number
    total: number
}

/**
 * Calls and short messages (application note 2.2.5). In data mode the modem reports
 * them only by pulses on RI, in command mode by URCs.
 *
 * A SIM card has room for 10 to 50 messages; when it is full, the network keeps new
 * ones without notice: delete the messages that you have read.
 * @devsWhenUsed
 */
export class Phone {
    /** an incoming call; its number, or "" if not known (yet) */
    readonly onring = ds.emitter<string>()
    /** short messages have come: see `nextMessage()` */
    readonly onmessage = ds.emitter<void>()
    /**
     * in data mode: a call or a short message; the modem reports it after
     * `Transparent.commandMode()`
     */
    readonly onpulse = ds.emitter<"call" | "message">()

    /** @internal */
    readonly modem: Sim800
    /** @internal */
    readonly events: Events
    private rings = 0
    private arrivals = 0

    constructor(modem: Sim800) {
        const talk = talkOf(modem)
        this.modem = modem
        this.events = new Events(modem.core, talk)
        this.events.changed = this.told
        const onpulse = this.onpulse
        modem.onpulse.subscribe(ms => {
            if (ms <= PULSE_MAX)
                onpulse.emit(ms < PULSE_LIMIT ? "call" : "message")
        })
    }

    /**
     * Makes the modem report callers and messages (AT+CLIP, AT+CMGF, AT+CNMI, AT+CPMS),
     * also after each restart. `nextMessage()` also returns messages already on the SIM
     * card. Throws a `Sim800Error`; then the driver goes on trying.
     */
    async start(): Promise<void> {
        const { modem, events } = this
        modem.check("listen for calls and messages")
        events.start()
        await outcome(modem, events, "listen for calls and messages")
    }

    private told() {
        const events = this.events
        if (events.rings !== this.rings) {
            this.rings = events.rings
            this.onring.emit(textOf(events.caller, 0, events.callerLength))
        }
        if (events.arrivals !== this.arrivals) {
            this.arrivals = events.arrivals
            this.onmessage.emit(undefined)
        }
    }

    /**
     * Waits for a short message. Throws a `Sim800Error`, `Failure.MemoryFull`, if
     * none can come because the SIM card is full.
     * @param timeout in ms; without it, unlimited
     * @returns its place; `undefined` when the time is over
     */
    async nextMessage(timeout?: number): Promise<number> {
        check("timeout", Kind.Time, timeout)
        const events = this.events
        const end = ds.millis() + timeout
        while (true) {
            const place = events.take()
            if (place >= 0) return place
            if (events.isFull())
                throw failed(
                    Failure.MemoryFull,
                    "next message",
                    "",
                    `all ${events.total} places of the SIM card are taken, so that no message can come: delete some`
                )
            const left = timeout === undefined ? undefined : end - ds.millis()
            if (left <= 0) return undefined
            await wait(this.onmessage, left)
        }
        return undefined
    }

    /** Answers the ringing call. Throws a `Sim800Error` if it has ended. */
    async answer(): Promise<void> {
        await converse(this.modem, new CallCommand(true), "answer")
    }

    /** Rejects or ends the call. */
    async hangUp(): Promise<void> {
        await converse(this.modem, new CallCommand(false), "hang up")
    }

    /**
     * Reads a short message, in hexadecimal digits, so that no text can be taken for a
     * response of the modem. Throws a `Sim800Error`: `Failure.NoMessage` if there is
     * none.
     * @param index from `nextMessage()`: 0–255 on the SIM card, higher in another
     * memory
     */
    async readMessage(index: number): Promise<ShortMessage> {
        check("index", Kind.Whole, index, 0, MEMORIES * PLACES - 1)
        const dialogue = new ReadMessage(index)
        await converse(this.modem, dialogue, `read message ${index}`)
        return { from: dialogue.from, at: dialogue.at, text: dialogue.text }
    }

    /** Deletes a short message. Throws a `Sim800Error`. */
    async deleteMessage(index: number): Promise<void> {
        check("index", Kind.Whole, index, 0, MEMORIES * PLACES - 1)
        await converse(
            this.modem,
            new DeleteMessages(index, 0),
            `delete message ${index}`
        )
        this.events.freed(index)
    }

    /**
     * Deletes all read short messages on the SIM card, or `all` (AT+CMGD). Throws a
     * `Sim800Error`.
     */
    async deleteMessages(which: "read" | "all"): Promise<void> {
        checkWord("which", which, ["read", "all"])
        const all = which === "all"
        await converse(
            this.modem,
            new DeleteMessages(0, all ? 4 : 1),
            "delete messages"
        )
        if (all) this.events.freed(-1)
        else await this.storage()
    }

    /**
     * All messages on the SIM card: received ones, also from before the start, and
     * those written here. Throws a `Sim800Error`.
     */
    async listMessages(): Promise<Place[]> {
        const dialogue = new ListMessages()
        await converse(this.modem, dialogue, "list messages")
        return dialogue.places
    }

    /**
     * Deletes the oldest read message on the SIM card, e.g. after `nextMessage()` has
     * thrown `Failure.MemoryFull`. Throws a `Sim800Error`.
     * @returns its place; `undefined` if there is no read message
     */
    async deleteOldest(): Promise<number> {
        let oldest: Place
        for (const each of await this.listMessages())
            if (each.isRead && (!oldest || each.time < oldest.time))
                oldest = each
        if (!oldest) return undefined
        await this.deleteMessage(oldest.index)
        return oldest.index
    }

    /** Messages on the SIM card, and its capacity (AT+CPMS). Throws a `Sim800Error`. */
    async storage(): Promise<MessageStorage> {
        const dialogue = new AskStorage()
        await converse(this.modem, dialogue, "message storage")
        const { used, total } = dialogue
        this.events.used = used
        this.events.total = total
        return { used, total }
    }
}

export type { Place }
