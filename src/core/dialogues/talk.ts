/**
 * Dialogues: the commands of one subject, and the meaning of their responses. A
 * dialogue never waits: it gives one command after the other, after a look at the
 * result of the last one. A runtime wraps each in a function that waits for its end.
 */
import { LF } from "../ascii"
import { Outcome } from "../channel"
import { Cme, Failure, refusal } from "../errors"
import type { Modem } from "../modem"
import { LOST, Request } from "../request"
import { Final, Line } from "../results"
import { textOf } from "../text"
import { Fields } from "./fields"

/** Why a dialogue has failed: the arguments of `describe()` and `explain()`. */
export interface Problem {
    readonly failure: Failure
    /** the attempted action, or the command that failed */
    readonly subject: string
    /** the modem's words; "" if none */
    readonly answer: string
    /** meaning of the failure, if `describe()` does not know it; else "" */
    readonly sentence: string
}

/** The fields belong to `Talk`, which sets them when it begins the dialogue. */
export interface Dialogue {
    /**
     * Gives the next command with `talk.say()`, after a look at the result of the last
     * one: `problem` says why it failed.
     * @returns false if the dialogue is over
     */
    next(talk: Talk): boolean
    /** it has ended, with or without success */
    over: boolean
    /** why it has failed, null if it has not */
    problem: Problem | null
    /** the next dialogue, which waits for this one */
    behind: Dialogue | null
}

/** final result codes of most commands */
export const OK = Final.Ok | Final.Error
/** Timeout of commands that the modem carries out without the network, ms. */
export const LOCAL = 5000
/** The modem's default character set, which other programs expect. */
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
    /** parameters of the information response found by `seek()` */
    readonly fields: Fields
    /** called when a dialogue is over */
    changed: (() => void) | null = null
    /** the last command */
    command = ""
    /** its timeout, ms */
    timeout = 0
    /** number of commands that have ended */
    steps = 0
    /** AT+CUSD: the character set that has worked, see `ussd.ts` */
    ussdSet = 0
    /** buffer for responses, unless a command needs a larger one */
    private readonly answer: Buffer
    private first: Dialogue | null = null
    /** the command may fail */
    private optional = false
    /** it was repeated because its response made no sense */
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

    /** Runs a dialogue after those before it. */
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

    /** Cancels a dialogue. The modem may still carry out its last command. */
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

    /** Begins the first dialogue, or the next if it has no command to give. */
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
        if (dialogue.next(this)) {
            request.needs = this.modem.bearer.configured
            return
        }
        this.end(dialogue)
        this.start()
    }

    private failed(outcome: Outcome) {
        const command = this.command
        if (outcome === Outcome.Aborted)
            this.fail(
                this.modem.bearer.failure ||
                    (this.request.needs === LOST
                        ? Failure.Restarted
                        : Failure.Stopped),
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

    /** Fails the dialogue; the first reason counts. @returns false */
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

    /** The running dialogue. */
    current(): Dialogue {
        return this.first as Dialogue
    }

    /** Whether the last command and all before it succeeded. */
    obeyed(): boolean {
        return this.current().problem === null
    }

    /**
     * Gives a command. @returns true
     * @param timeout in ms
     */
    say(command: string, timeout: number): boolean {
        return this.give(command, timeout, OK, Line.Unknown, false)
    }

    /** Gives a command that may fail without failing the dialogue. @returns true */
    attempt(command: string): boolean {
        return this.give(command, LOCAL, OK, Line.Unknown, true)
    }

    /**
     * Gives a command. @returns true
     * @param ends its final result codes
     * @param follow the line after OK that is the real response
     * @param optional it may fail
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
     * The response makes no sense, perhaps for a damaged byte: repeats the command,
     * once only.
     * @returns whether it does
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
     * Finds the information response with a name, e.g. `+CBC:`, in the last response,
     * which may hold others.
     * @returns whether there is one; `fields` then hold its parameters
     */
    seek(name: string): boolean {
        return this.seekFrom(name, 0) >= 0
    }

    /**
     * The same from `at` of the response on.
     * @returns where the line after it begins, -1 if it is not found
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

    /** A line of the last response, as text. @param at where it begins */
    lineAt(at: number): string {
        const bytes = this.request.answer
        const end = bytes.indexOf(LF, at, this.request.answerLength)
        return end > at ? textOf(bytes, at, end - at) : ""
    }

    /** The response to the last command, for an error. */
    said(): string {
        const n = this.request.answerLength
        return n > 0 ? textOf(this.request.answer, 0, n - 1) : ""
    }
}
