/** Incoming calls and short messages (application note 2.2.5). */
import { QUOTE } from "../ascii"
import type { Feature } from "../feature"
import { IDLE } from "../config"
import type { Modem } from "../modem"
import { Final, Line } from "../results"
import { memoryOf, PLACES } from "./messages"
import { IRA, OK, type Dialogue, type Problem, type Talk } from "./talk"

/** ATA and ATH may take 20 s (manual), ms */
const CALL_TIMEOUT = 25000
const TIMEOUT = 10000
/** pauses while a modem that has just started refuses commands, ms */
const RETRY_MIN = 1000
const RETRY_MAX = 60000
/** most places of messages that wait for the application */
const ARRIVALS = 64
/** characters of a caller's number */
const CALLER = 24

enum Step {
    Tell,
    Wish,
    Store,
    Count,
    Look,
    Done,
}

/**
 * ATA, ATH.
 * @devsWhenUsed
 */
export class CallCommand implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private readonly answers: boolean
    private said = false

    /** @param answers ATA, else ATH */
    constructor(answers: boolean) {
        this.answers = answers
    }

    next(talk: Talk): boolean {
        if (this.said) return false
        this.said = true
        return talk.give(
            this.answers ? "ATA" : "ATH",
            CALL_TIMEOUT,
            this.answers ? OK | Final.Connect : OK,
            Line.Unknown,
            false
        )
    }
}

/**
 * Callers, and places of messages. Once started, it makes the modem report them
 * (AT+CLIP, AT+CNMI, AT+CPMS), also after each restart, and looks for messages not
 * reported yet.
 * @devsWhenUsed
 */
export class Phone implements Feature, Dialogue {
    work = false
    dueAt = 0
    readonly offline = false
    over = true
    problem!: Problem | null
    behind!: Dialogue | null
    /** called at a call, at a message, and at the end of a look at the card */
    changed: (() => void) | null = null
    /** calls reported, by RING or +CLIP */
    rings = 0
    /** number of the last caller, `callerLength` bytes; 0: unknown */
    readonly caller: Buffer
    callerLength = 0
    /** messages received */
    arrivals = 0
    /** messages on the card and room for them, 0 before the first look */
    used = 0
    total = 0

    private readonly modem: Modem
    private readonly talk: Talk
    private started = false
    private step = Step.Tell
    /** one more command for the modem, which may fail */
    private wish = ""
    /** value of `Bearer.configured` when the modem was set */
    private configured = 0
    private asked = 0
    private pause = RETRY_MIN
    /** the next place to look at, and the number of messages still to be found */
    private place = 0
    private left = 0
    private rounds = 0
    /** `waiting` places from `head` on, two bytes each */
    private readonly places: Buffer
    private head = 0
    private waiting = 0
    /** a bit for each place of the card that was reported */
    private readonly known: Buffer

    constructor(modem: Modem, talk: Talk) {
        this.modem = modem
        this.talk = talk
        this.caller = Buffer.alloc(CALLER)
        this.places = Buffer.alloc(2 * ARRIVALS)
        this.known = Buffer.alloc(PLACES / 8)
        modem.features.list.push(this)
    }

    /** Makes the modem report calls and messages from now on. */
    start() {
        this.started = true
        this.begin()
    }

    /** Gives the modem one more command, e.g. `+SCLASS0=1`, which may fail. */
    want(command: string) {
        this.wish += (this.wish === "" ? "AT" : ";") + command
        this.asked = -1
        this.configured = -1
        this.work = true
    }

    private begin() {
        if (!this.over) return
        this.asked = this.modem.bearer.configured
        this.step = Step.Tell
        this.talk.begin(this)
    }

    line(line: Line): boolean {
        const results = this.modem.results
        const bytes = this.modem.digest.line
        const end = this.modem.digest.lineLength
        if (line === Line.Ring) {
            this.callerLength = 0
            this.rings++
        } else if (line === Line.Caller && bytes[results.argAt] === QUOTE) {
            const from = results.argAt + 1
            const to = bytes.indexOf(QUOTE, from, end)
            if (to < 0) return false
            const n = to - from < CALLER ? to - from : CALLER
            this.caller.blitAt(0, bytes, from, n)
            this.callerLength = n
            this.rings++
        } else if (line === Line.NewMessage) {
            this.stored(bytes, results.argAt, end)
        } else return false
        if (this.changed !== null) this.changed()
        return false
    }

    /** `"SM",10`. If it is unreadable, a look at the card finds the message. */
    private stored(bytes: Buffer, from: number, end: number) {
        // safe: no dialogue keeps the fields until its next turn
        const fields = this.talk.fields
        fields.begin(bytes, from, end)
        fields.next()
        const memory = memoryOf(bytes, fields.from, fields.to)
        const index = fields.whole(0, PLACES - 1)
        if (fields.wrong || memory < 0) {
            this.configured = -1
            this.work = true
        } else {
            if (memory === 0) this.used++
            this.arrived(memory * PLACES + index)
        }
    }

    private arrived(place: number) {
        if (this.waiting === ARRIVALS) {
            // look at the card again when there is room
            this.configured = -1
            return
        }
        const at = 2 * ((this.head + this.waiting++) % ARRIVALS)
        this.places[at] = place & 0xff
        this.places[at + 1] = place >> 8
        if (place < PLACES) this.known[place >> 3] |= 1 << (place & 7)
        this.arrivals++
    }

    /** Takes the next place of a message, -1 if there is none. */
    take(): number {
        if (this.waiting === 0) return -1
        const at = 2 * this.head
        this.head = (this.head + 1) % ARRIVALS
        this.waiting--
        if (this.configured < 0) this.work = true
        return this.places[at] + (this.places[at + 1] << 8)
    }

    /** A place is free again; -1: all are. */
    freed(place: number) {
        if (place < 0) {
            this.known.fillAt(0, this.known.length, 0)
            this.used = 0
        } else if (place < PLACES) {
            this.known[place >> 3] &= ~(1 << (place & 7))
            if (this.used > 0) this.used--
        }
    }

    /** There is no room for another message. */
    isFull(): boolean {
        return this.total > 0 && this.used >= this.total
    }

    /** A modem that was set up anew may have lost these settings. */
    run(now: number): boolean {
        this.work = false
        this.dueAt = now + IDLE
        if (!this.started) return false
        if (!this.over) this.dueAt = now + this.pause
        else if (this.configured !== this.modem.bearer.configured) {
            this.dueAt = now + this.pause
            if (this.pause < RETRY_MAX) this.pause *= 2
            this.begin()
        } else this.pause = RETRY_MIN
        return false
    }

    done() {}

    down() {
        this.work = this.started
    }

    /** The dialogue: makes the modem report, and looks for messages. */
    next(talk: Talk): boolean {
        switch (this.step) {
            case Step.Tell:
                this.step = this.wish === "" ? Step.Store : Step.Wish
                return talk.say("AT+CLIP=1;+CMGF=1;+CNMI=2,1,0,0,0", TIMEOUT)
            case Step.Wish:
                if (!talk.obeyed()) return false
                this.step = Step.Store
                return talk.attempt(this.wish)
            case Step.Store:
                if (!talk.obeyed()) return false
                this.step = Step.Count
                return talk.say('AT+CPMS="SM","SM","SM"', TIMEOUT)
            case Step.Count:
                if (!talk.obeyed()) return false
                if (!this.counted(talk)) return talk.again()
                this.configured = this.asked
                if (this.used === 0) return false
                this.step = Step.Look
                this.rounds = 0
                this.place = this.total
                this.left = this.used
                break
            case Step.Look:
                this.looked(talk)
        }
        if (this.step !== Step.Look) return false
        // a second look finds messages that a damaged response hid
        if (this.left > 0 && this.place === this.total && this.rounds < 2) {
            this.rounds++
            this.place = 0
            this.left = this.used
        }
        if (this.left > 0 && this.place < this.total) {
            this.place++
            return talk.attempt(`AT+CSCS="UCS2";+CMGR=${this.place},1`)
        }
        this.step = Step.Done
        return talk.attempt(IRA)
    }

    private counted(talk: Talk): boolean {
        const fields = talk.fields
        if (!talk.seek("+CPMS:")) return false
        const used = fields.whole(0, PLACES - 1)
        const total = fields.whole(0, PLACES - 1)
        if (fields.wrong || used > total) return false
        this.used = used
        this.total = total
        return true
    }

    /** The contents of the place: `+CMGR: "REC READ",…`, or nothing. */
    private looked(talk: Talk) {
        const place = this.place
        if (!talk.seek("+CMGR:")) return
        this.left--
        // a message written here was not received
        if (talk.fields.word().startsWith("STO")) return
        if ((this.known[place >> 3] & (1 << (place & 7))) === 0)
            this.arrived(place)
    }
}
