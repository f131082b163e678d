/**
 * Dialogues: what to say to the modem about one subject, which of its answers
 * count, and what they mean. A dialogue never waits: it says one command after
 * the other, and looks at what came of the last one. A runtime puts a function
 * around each that waits until it is over.
 */
import { LF } from "../ascii"
import { Outcome } from "../channel"
import { Cme, Failure, refusal } from "../errors"
import type { Modem } from "../modem"
import { Request } from "../request"
import { Final, Line } from "../results"
import { textOf } from "../text"
import { Fields } from "./fields"

/** Why a dialogue has failed; what `describe()` and `explain()` want. */
export interface Problem {
    readonly failure: Failure
    /** what was to be done, or the command that failed */
    readonly subject: string
    /** what the modem said; "" if nothing */
    readonly answer: string
    /** what the failure means, if `describe()` does not know; else "" */
    readonly sentence: string
}

/** Its fields are those of `Talk`, which sets them when it begins with it. */
export interface Dialogue {
    /**
     * Says the next command with `talk.say()`, after a look at what came of the
     * last one: `talk.problem` is why it was not obeyed.
     * @returns false if the dialogue is over
     */
    next(talk: Talk): boolean
    /** it has ended, one way or the other */
    over: boolean
    /** why it has failed, null if it has not */
    problem: Problem | null
    /** the dialogue that waits behind this one */
    behind: Dialogue | null
}

/** what most commands end with */
export const OK = Final.Ok | Final.Error
/** Time for what the modem does by itself, ms. */
export const LOCAL = 5000
/** The character set of the modem as it comes, and as others expect it. */
export const IRA = 'AT+CSCS="IRA"'

const NOT_OBEYED =
    "the modem did not obey the command: look it up in the AT command manual"
const UNREADABLE =
    "the answer of the modem makes no sense, twice: check the wires, or look the command up in the AT command manual of its firmware"

/**
 * Runs dialogues, one at a time.
 * @devsWhenUsed
 */
export class Talk {
    readonly modem: Modem
    readonly request: Request
    /** parameters of the information response that `seek()` has found */
    readonly fields: Fields
    /** told when a dialogue is over */
    changed: (() => void) | null = null
    /** the command that was said last */
    command = ""
    /** how long it may take, ms */
    timeout = 0
    /** counts commands that have ended */
    steps = 0
    /** AT+CUSD: which character set has worked, see `ussd.ts` */
    ussdSet = 0
    /** the room for answers, unless a command wants more */
    private readonly answer: Buffer
    private first: Dialogue | null = null
    /** the command need not be obeyed */
    private optional = false
    /** it has been repeated because its answer made no sense */
    private repeated = false
    private ends = Final.No
    private follow = Line.Unknown

    constructor(modem: Modem) {
        this.modem = modem
        this.request = new Request(modem)
        this.answer = this.request.answer
        this.fields = new Fields(this.answer)
        this.request.owner = this
    }

    /** Runs a dialogue when those before it are over. */
    begin(dialogue: Dialogue) {
        dialogue.over = false
        dialogue.problem = null
        dialogue.behind = null
        let last = this.first
        if (last === null) {
            this.first = dialogue
            this.start()
            return
        }
        while (last.behind !== null) last = last.behind
        last.behind = dialogue
    }

    /** Forgets a dialogue. The modem may still obey what it has said already. */
    cancel(dialogue: Dialogue) {
        dialogue.over = true
        if (this.first === dialogue) {
            this.request.cancel()
            this.first = dialogue.behind
            this.start()
            return
        }
        let before = this.first
        while (before !== null && before.behind !== dialogue)
            before = before.behind
        if (before !== null) before.behind = dialogue.behind
    }

    /** Begins with the first one, and with the next if that has nothing to say. */
    private start() {
        while (this.first !== null) {
            this.repeated = false
            if (this.first.next(this)) return
            this.end(this.first)
        }
    }

    private end(dialogue: Dialogue) {
        this.request.answer = this.answer
        dialogue.over = true
        this.first = dialogue.behind
        if (this.changed !== null) this.changed()
    }

    /** The command has ended: the dialogue goes on. */
    ended() {
        const dialogue = this.first
        this.steps++
        if (dialogue === null) return
        const request = this.request
        const outcome = request.outcome
        if (!this.optional) {
            if (outcome !== Outcome.Ok) this.failed(outcome)
            else if (request.lost > 0)
                this.fail(
                    Failure.TooLong,
                    this.command,
                    request.lost + " lines are missing",
                    ""
                )
        }
        if (dialogue.next(this)) return
        this.end(dialogue)
        this.start()
    }

    private failed(outcome: Outcome) {
        const command = this.command
        if (outcome === Outcome.Aborted)
            this.fail(
                this.modem.bearer.failure || Failure.Stopped,
                command,
                "",
                ""
            )
        else if (outcome === Outcome.Timeout)
            this.fail(
                Failure.Timeout,
                command,
                refusal(command, Cme.NoAnswer),
                ""
            )
        else
            this.fail(
                Failure.CommandRefused,
                command,
                refusal(command, this.request.cme),
                NOT_OBEYED
            )
    }

    /** The dialogue has failed; the first reason counts. @returns false */
    fail(
        failure: Failure,
        subject: string,
        answer: string,
        sentence: string
    ): boolean {
        const dialogue = this.current()
        if (dialogue.problem === null)
            dialogue.problem = { failure, subject, answer, sentence }
        return false
    }

    /** The dialogue that is running. */
    current(): Dialogue {
        return this.first as Dialogue
    }

    /** Whether the last command was obeyed, and all before it. */
    obeyed(): boolean {
        return this.current().problem === null
    }

    /**
     * Says a command. @returns true
     * @param timeout in ms
     */
    say(command: string, timeout: number): boolean {
        return this.give(command, timeout, OK, Line.Unknown, false)
    }

    /** Says a command that may fail: what went before it counts. @returns true */
    attempt(command: string): boolean {
        return this.give(command, LOCAL, OK, Line.Unknown, true)
    }

    /**
     * Says a command. @returns true
     * @param ends which results end it
     * @param follow the line behind OK that is the real answer
     * @param optional it need not be obeyed
     */
    give(
        command: string,
        timeout: number,
        ends: Final,
        follow: Line,
        optional: boolean
    ): boolean {
        this.command = command
        this.timeout = timeout
        this.ends = ends
        this.follow = follow
        this.optional = optional
        this.request.begin(command, ends, timeout, follow, timeout)
        return true
    }

    /**
     * The answer makes no sense: a byte of it may be damaged. The command is
     * repeated once.
     * @returns whether it is
     */
    again(): boolean {
        if (this.repeated) {
            const said = this.said()
            return this.fail(Failure.Unreadable, this.command, said, UNREADABLE)
        }
        this.repeated = true
        return this.give(
            this.command,
            this.timeout,
            this.ends,
            this.follow,
            this.optional
        )
    }

    /**
     * Looks for the information response of a name, e.g. `+CBC:`, among those
     * of the last answer, where others may be as well.
     * @returns whether there is one; `fields` are its parameters
     */
    seek(name: string): boolean {
        return this.seekFrom(name, 0) >= 0
    }

    /**
     * The same from the place `at` of the answer on.
     * @returns where the line behind it begins, -1 if there is none
     */
    seekFrom(name: string, at: number): number {
        const bytes = this.request.answer
        const length = this.request.answerLength
        const size = name.length
        while (at < length) {
            const end = bytes.indexOf(LF, at, length)
            let i = 0
            if (end - at >= size)
                while (i < size && bytes[at + i] === name.charCodeAt(i)) i++
            if (i === size) {
                this.fields.begin(bytes, at + size, end)
                return end + 1
            }
            at = end + 1
        }
        return -1
    }

    /** A line of the last answer, as text. @param at where it begins */
    lineAt(at: number): string {
        const bytes = this.request.answer
        const end = bytes.indexOf(LF, at, this.request.answerLength)
        return end > at ? textOf(bytes, at, end - at) : ""
    }

    /** What the last command said, for an error. */
    said(): string {
        const n = this.request.answerLength
        return n > 0 ? textOf(this.request.answer, 0, n - 1) : ""
    }
}
