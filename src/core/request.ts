/**
 * A command of the application: its text is sent unchanged, then, after the prompt, its
 * data if any; its information responses are kept for the caller.
 */
import { LF } from "./ascii"
import { Outcome } from "./channel"
import { Command } from "./commands"
import { Framing, IDLE } from "./config"
import { LONG_LINE_SIZE, ZEROS } from "./digest"
import { Cme } from "./errors"
import type { Feature } from "./feature"
import { Text } from "./foreign-text"
import type { Modem } from "./modem"
import { Final, Line, Trait } from "./results"
import { before } from "./time"

export enum RequestState {
    Idle,
    /** waiting for its turn */
    Wanted,
    InFlight,
    /** OK has come, and a line after it is awaited */
    Following,
    Done,
}

/** Room for information responses, in bytes. */
export const ANSWER_SIZE = 1024
/** Timeout from the last byte of the data to the result, ms: the network has 60 s. */
const SEND_TIMEOUT = 65000

/** `Request.needs`: it was not given, since the modem has lost what it needs. */
export const LOST = -2

/** The owner of a request. */
export interface RequestOwner {
    ended(): void
}

/**
 * Whether a command selects UCS2, in quotation marks. It searches for one character,
 * since Espruino's search for several is wrong.
 */
function isUcs2(command: string): boolean {
    let at = command.indexOf('"')
    while (at >= 0) {
        if (command.startsWith("UCS2", at + 1)) return true
        at = command.indexOf('"', at + 1)
    }
    return false
}

/** @devsWhenUsed */
export class Request implements Feature {
    work = false
    dueAt = 0
    readonly offline = true
    state = RequestState.Idle
    outcome = Outcome.Ok
    cme: Cme = Cme.Plain
    /** information responses, each followed by LF */
    answer: Buffer
    answerLength = 0
    /** lines dropped for want of room */
    lost = 0
    /**
     * data to send after the prompt, with the Ctrl-Z that ends them; set it after
     * `begin()`, and leave it unchanged until the request is done
     */
    data: Buffer | null = null
    /** called when the request is done */
    changed: (() => void) | null = null
    /** called then as well, before anything else happens */
    owner: RequestOwner | null = null
    /**
     * @input behind `begin()`: `Bearer.configured` when an earlier command made settings
     * that this one needs; a modem that was set up anew since then has lost them (`LOST`).
     * -1: it needs none
     */
    needs = -1

    private readonly modem: Modem
    /** the caller of the command in flight no longer waits for it */
    private stale = false
    /** the text has begun, and more of its lines may come */
    private open = false
    private text = ""
    private ends = Final.No
    private timeout = 0
    private follow = Line.Unknown
    private followTimeout = 0
    /** of the lines that come unasked, the one that is its response */
    private own = Line.Unknown
    /** that line has come, before OK */
    private followed = false

    constructor(modem: Modem) {
        this.modem = modem
        this.answer = Buffer.alloc(ANSWER_SIZE)
        modem.digest.keepLinesIn(Buffer.alloc(LONG_LINE_SIZE + ZEROS))
        modem.features.list.push(this)
    }

    /**
     * @param text the command, without CR: at most 290 characters
     * @param ends its final result codes
     * @param timeout for its final result code, ms
     * @param follow the line after OK that is the real response; Unknown: none
     * @param followTimeout for that line, ms
     */
    begin(
        text: string,
        ends: Final,
        timeout: number,
        follow: Line,
        followTimeout: number
    ) {
        this.cancel()
        this.text = text
        this.ends = ends
        this.timeout = timeout
        this.follow = follow
        this.own = text.startsWith("AT+CUSD") ? Line.Ussd : follow
        this.followTimeout = followTimeout
        this.followed = false
        this.data = null
        this.needs = -1
        this.answerLength = 0
        this.lost = 0
        this.enter(RequestState.Wanted)
        this.work = true
    }

    /** Cancels the request; if it is in flight, its end is not reported. */
    cancel() {
        if (this.state === RequestState.InFlight) this.stale = true
        else this.enter(RequestState.Idle)
        this.open = false
    }

    line(line: Line): boolean {
        const text = line === Line.Text && this.open
        const following =
            this.state === RequestState.Following &&
            (text || line === this.follow)
        if (!following) {
            if (this.state !== RequestState.InFlight && !this.stale)
                return false
            // a line that may come at any time is no response
            const traits = line === Line.Text ? 0 : this.modem.results.traits
            if ((traits & Trait.NoAnswer) !== 0 && line !== this.own)
                return false
            if (this.stale) return true
            if (line === Line.Text && !text) return false
            if (line === Line.Echo && this.echoed()) return false
            // the responses to AT+CLIP? and AT+CMTE? begin with two numbers
            if (
                (line === Line.Caller || line === Line.Notice) &&
                this.modem.results.argc < 2
            )
                return false
            if (line === this.follow) this.followed = true
        }
        const digest = this.modem.digest
        const n = digest.lineLength
        if (this.answerLength + n + 1 > this.answer.length) this.lost++
        else {
            this.answer.blitAt(this.answerLength, digest.line, 0, n)
            this.answerLength += n
            this.answer[this.answerLength++] = LF
        }
        this.open = this.modem.foreign.kind !== Text.None
        if (following && !this.open) this.end(Outcome.Ok)
        return true
    }

    /** Whether a line is the echo of the command, not another that begins with AT. */
    private echoed(): boolean {
        const digest = this.modem.digest
        const text = this.text
        let n = digest.lineLength
        if (n !== text.length) return false
        while (n > 0 && digest.line[n - 1] === text.charCodeAt(n - 1)) n--
        return n === 0
    }

    run(now: number): boolean {
        this.work = false
        if (this.state === RequestState.Following) {
            if (!before(now, this.dueAt)) this.end(Outcome.Timeout)
            return false
        }
        this.dueAt = now + IDLE
        if (this.state !== RequestState.Wanted) return false
        if (this.needs >= 0 && this.needs !== this.modem.bearer.configured) {
            this.needs = LOST
            this.end(Outcome.Aborted)
            return false
        }
        const channel = this.modem.channel
        let ends = this.ends
        // the end of the call is the response (manual 2.2.2)
        if (this.text.startsWith("ATD") || this.text.startsWith("ATA"))
            ends |= Final.Connect | Final.Call
        // text in digits cannot be taken for anything else
        const holdsText = !isUcs2(this.text)
        channel.beginCustom(this.text, ends, this.timeout, holdsText, now)
        const data = this.data
        // the Ctrl-Z that ends it is in it
        if (data !== null)
            channel.send(data, 0, data.length, Framing.Timer, SEND_TIMEOUT)
        this.enter(RequestState.InFlight)
        return true
    }

    done(_: Command, outcome: Outcome, now: number) {
        if (this.stale) {
            this.stale = false
            if (this.state === RequestState.InFlight)
                this.enter(RequestState.Idle)
            else this.work = this.state === RequestState.Wanted
            return
        }
        // an incomplete response is none
        if (outcome === Outcome.Ok && this.modem.channel.torn)
            outcome = Outcome.Timeout
        const follows = this.follow !== Line.Unknown && !this.followed
        if (outcome === Outcome.Ok && follows) {
            this.enter(RequestState.Following)
            this.dueAt = now + this.followTimeout
            return
        }
        this.end(outcome)
    }

    down() {
        const stale = this.stale
        this.stale = false
        if (stale && this.state === RequestState.InFlight)
            this.enter(RequestState.Idle)
        else if (
            this.state === RequestState.InFlight ||
            this.state === RequestState.Following
        )
            this.end(Outcome.Aborted)
    }

    private end(outcome: Outcome) {
        this.open = false
        this.outcome = outcome
        this.cme =
            outcome === Outcome.Timeout ? Cme.NoAnswer : this.modem.channel.cme
        this.enter(RequestState.Done)
        if (this.owner !== null) this.owner.ended()
        if (this.changed !== null) this.changed()
    }
    private enter(state: RequestState) {
        this.state = state
    }
}
