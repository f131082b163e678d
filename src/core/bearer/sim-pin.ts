/**
 * The SIM card and its PIN (manual 3.2.28, 6.2.22): what AT+CPIN? and AT+SPIC say, and
 * what follows. Two rules: what only a person can change counts when it was read in
 * full, and twice; and a PIN is given once, whatever becomes of its answer.
 */
import { NINE, ZERO } from "../ascii"
import { Outcome } from "../channel"
import { Cme, Failure } from "../errors"
import { words } from "../table"
import { wordsAt } from "./words"

/** What AT+CPIN? can say. */
enum Pin {
    /** not read, or not in full */
    Unknown,
    Ready,
    Wanted,
    Locked,
    NotReady,
    Missing,
    Broken,
}

/** The words behind `+CPIN:`; the second PIN is for nothing here. */
// prettier-ignore
const WORDS = words([
    "READY",        "SIM PIN",      "SIM PUK",      "PH_SIM PIN",
    "NOT READY",    "NOT INSERTED", "SIM PIN2",     "SIM PUK2",
])
// prettier-ignore
const MEANINGS = Buffer.from([
    Pin.Ready,      Pin.Wanted,     Pin.Locked,     Pin.Locked,
    Pin.NotReady,   Pin.Missing,    Pin.Ready,      Pin.Ready,
])

/** What follows an answer. */
export enum Verdict {
    /** the same command again, after its pause */
    Again,
    /** the card is ready */
    Ready,
    /** AT+CPIN? tells more */
    ReadState,
    /** AT+SPIC: does the card take a PIN? */
    ReadTries,
    /** AT+CPIN= */
    Enter,
    /** `failure` ends this attempt … */
    Fail,
    /** … or all attempts */
    GiveUp,
}

/**
 * Tries that are left to a person: a board that starts again and again must not lock
 * the card.
 */
const RESERVE = 1
/** tries that are left: not read, or not counted */
const UNREAD = -1
const UNCOUNTED = -2
/** how often in a row the card has to say what ends all attempts */
const SURE = 2

/** @devsWhenUsed */
export class SimPin {
    /** why the last verdict was Fail or GiveUp, or may become so */
    failure = Failure.None

    /** what AT+CPIN? has said, and how often in a row */
    private state = Pin.Unknown
    private times = 0
    private read = Pin.Unknown
    /** tries for the PIN that the card has left, as read last, and before */
    private tries = UNREAD
    private triesBefore = UNREAD
    /** the PIN has been sent, and what the card thought of it is not known */
    private sent = false
    /** the tries that were left then */
    private triesThen = UNREAD
    /** how often it was refused in words that mean the PIN itself */
    private refusals = 0
    /** the PIN that is known to be wrong, however often the driver is started */
    private refused = ""
    private pin = ""

    /** All attempts begin anew: the card has to say twice again what ends them. */
    start() {
        this.times = 0
    }

    /** AT+CPIN? or AT+SPIC is given: nothing has been read. */
    ask() {
        this.read = Pin.Unknown
        this.tries = UNREAD
    }

    /** +CPIN: words */
    stateLine(line: Buffer, at: number, length: number) {
        const i = wordsAt(WORDS, line, at, length)
        this.read = i < 0 ? Pin.Unknown : (MEANINGS[i] as Pin)
    }

    /** +SPIC: tries, …; half a line says nothing. */
    triesLine(line: Buffer, at: number, tries: number) {
        const whole = line[at] >= ZERO && line[at] <= NINE && tries <= 9
        this.tries = whole ? tries : UNREAD
    }

    /** Whether there is no card, as far as anybody knows. */
    missing(): boolean {
        return this.state === Pin.Missing
    }

    /** AT+CPIN? has ended. @param pin what the application has given, "" if nothing */
    stateEnded(outcome: Outcome, cme: Cme, pin: string): Verdict {
        let state = this.read
        // ERROR during the first seconds of boot means: ask again
        if (outcome !== Outcome.Ok) {
            state = Pin.NotReady
            if (cme === Cme.SimMissing) state = Pin.Missing
            else if (cme === Cme.PinRequired) state = Pin.Wanted
            else if (cme === Cme.PukRequired) state = Pin.Locked
            else if (cme === Cme.SimFailure) state = Pin.Broken
        }
        const refused = pin !== "" && pin === this.refused
        this.pin = pin
        this.times = state === this.state ? this.times + 1 : 1
        this.failure = Failure.None
        this.state = state
        switch (state) {
            case Pin.Ready:
                this.sent = false
                this.refusals = 0
                return Verdict.Ready
            case Pin.Broken:
                this.failure = Failure.SimFailure
                return Verdict.Fail
            case Pin.Locked:
                this.failure = Failure.PukRequired
                break
            case Pin.Wanted:
                if (pin !== "" && !refused) {
                    this.triesBefore = UNREAD
                    return Verdict.ReadTries
                }
                this.failure = refused
                    ? Failure.PinRefused
                    : Failure.PinRequired
                break
            default:
                return Verdict.Again
        }
        return this.times < SURE ? Verdict.Again : Verdict.GiveUp
    }

    /** AT+SPIC has ended. How many tries are left counts when read twice in a row. */
    triesEnded(outcome: Outcome): Verdict {
        if (outcome === Outcome.Refused) this.tries = UNCOUNTED
        const tries = this.tries
        const sure = tries !== UNREAD && tries === this.triesBefore
        this.triesBefore = tries
        this.failure = Failure.None
        if (!sure) return Verdict.Again
        // a PIN that was sent has cost a try, or nobody knows whether it has
        const spent =
            this.sent &&
            (tries < this.triesThen || this.triesThen === UNCOUNTED)
        if (spent || this.refusals >= SURE) {
            this.refused = this.pin
            this.failure = Failure.PinRefused
            return Verdict.GiveUp
        }
        if (tries === UNCOUNTED || tries > RESERVE) return Verdict.Enter
        this.failure = Failure.PinLastTry
        return Verdict.GiveUp
    }

    /** AT+CPIN= is given: from now on the card may have counted it. */
    enter() {
        this.sent = true
        this.triesThen = this.triesBefore
    }

    /**
     * AT+CPIN= has ended. An error that is not about the PIN itself may be over soon.
     * One that is about the PIN is checked: the card has one try less then.
     */
    entered(outcome: Outcome, cme: Cme): Verdict {
        if (outcome !== Outcome.Refused) return Verdict.ReadState
        if (cme === Cme.Plain || cme === Cme.WrongPassword) {
            this.refusals++
            return Verdict.ReadState
        }
        this.failure = Failure.SimNotReady
        if (cme === Cme.SimMissing) this.failure = Failure.SimMissing
        else if (cme === Cme.SimFailure) this.failure = Failure.SimFailure
        return Verdict.Fail
    }
}
