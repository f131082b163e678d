/**
 * A command of the application: its text goes out as it is, its data behind the prompt
 * if there are any, and its information responses are kept for the caller.
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
    /** OK has come, and a line that follows it is awaited */
    Following,
    Done,
}

/** Room for information responses, in bytes. */
export const ANSWER_SIZE = 1024
/** From the last byte of its data to the result: the network has 60 s, ms. */
const SEND_TIMEOUT = 65000

/** Whoever has a command given. */
export interface RequestOwner {
    ended(): void
}

/**
 * Whether a command selects UCS2, in quotation marks. One character is looked for,
 * since Espruino finds several where they are not.
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
    /** information responses, each with LF behind it */
    answer: Buffer
    answerLength = 0
    /** lines for which there was no room */
    lost = 0
    /**
     * what is to go out behind the prompt, the Ctrl-Z that ends it included; to be
     * set behind `begin()`, and left alone until it is done
     */
    data: Buffer | null = null
    /** told when it is done */
    changed: (() => void) | null = null
    /** told likewise, before anything else happens */
    owner: RequestOwner | null = null

    private readonly modem: Modem
    /** the caller of the command in flight does not wait for it any more */
    private stale = false
    /** the text has begun, and more lines of it come */
    private open = false
    private text = ""
    private ends = Final.No
    private timeout = 0
    private follow = Line.Unknown
    private followTimeout = 0
    /** that line has come, in front of OK */
    private followed = false

    constructor(modem: Modem) {
        this.modem = modem
        this.answer = Buffer.alloc(ANSWER_SIZE)
        modem.digest.keepLinesIn(Buffer.alloc(LONG_LINE_SIZE + ZEROS))
        modem.features.list.push(this)
    }

    /**
     * @param text the command, without CR: at most 290 characters
     * @param ends which results end it
     * @param timeout how long they may take, ms
     * @param follow the line that is the real answer, behind OK; Unknown: none
     * @param followTimeout how long it may take, ms
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
        this.followTimeout = followTimeout
        this.followed = false
        this.data = null
        this.answerLength = 0
        this.lost = 0
        this.enter(RequestState.Wanted)
        this.work = true
    }

    /** Forgets it; if it is in flight, nobody hears of its end. */
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
            // what may come at any time is not an answer
            const traits = line === Line.Text ? 0 : this.modem.results.traits
            if ((traits & Trait.NoAnswer) !== 0) return false
            if (this.stale) return true
            if (line === Line.Text && !text) return false
            if (line === Line.Echo && this.echoed()) return false
            // the answer to AT+CLIP? begins with a number
            if (line === Line.Caller && this.modem.results.argc === 0)
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

    /** Whether a line is the command itself, not one that begins with AT as well. */
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
        const channel = this.modem.channel
        let ends = this.ends
        // what became of the call is the answer (manual 2.2.2)
        if (this.text.startsWith("ATD") || this.text.startsWith("ATA"))
            ends |= Final.Connect | Final.Call
        // text in digits is told from all else
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
        // half an answer is no answer
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
