/**
 * The SIM card and its PIN (manual 3.2.28, 6.2.22): the responses to AT+CPIN? and
 * AT+SPIC, and what follows. Two rules: a state that only a person can change counts
 * when it was read in full, and twice; and a PIN is given once, whatever the response.
 */
import { NINE, ZERO } from "../ascii"
import { Outcome } from "../channel"
import { Cme, Failure } from "../errors"
import { words } from "../table"
import { wordsAt } from "./words"

/** The states of AT+CPIN? */
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

/** The words after `+CPIN:`; the second PIN is not needed here. */
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

/** What follows a response. */
export enum Verdict {
    /** the same command again, after its pause */
    Again,
    /** the card is ready */
    Ready,
    /** AT+CPIN? */
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
 * Tries that the driver leaves to a person: a board that restarts again and again must
 * not lock the card.
 */
const RESERVE = 1
/** tries left: not read, or not counted by the card */
const UNREAD = -1
const UNCOUNTED = -2
/** a state that ends all attempts counts after this many reports in a row */
const SURE = 2

/** @devsWhenUsed */
export class SimPin {
    /** reason of the verdict Fail or GiveUp, perhaps not yet certain */
    failure = Failure.None

    /** state by AT+CPIN?, and how often it was reported in a row */
    private state = Pin.Unknown
    private times = 0
    private read = Pin.Unknown
    /** tries left for the PIN, by the last reading and by the one before */
    private tries = UNREAD
    private triesBefore = UNREAD
    /** the PIN was sent, and its result is unknown */
    private sent = false
    /** the tries left then */
    private triesThen = UNREAD
    /** refusals that concern the PIN itself */
    private refusals = 0
    /** a PIN known to be wrong; it survives a restart of the driver */
    private refused = ""
    private pin = ""

    /** All attempts begin anew: the card must again report twice what ends them. */
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

    /** +SPIC: tries, …; an incomplete line is ignored. */
    triesLine(line: Buffer, at: number, tries: number) {
        const whole = line[at] >= ZERO && line[at] <= NINE && tries <= 9
        this.tries = whole ? tries : UNREAD
    }

    /** Whether the card was last reported as missing. */
    missing(): boolean {
        return this.state === Pin.Missing
    }

    /** AT+CPIN? has ended. @param pin of the application, "" if none */
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

    /** AT+SPIC has ended. The number of tries left counts when read twice in a row. */
    triesEnded(outcome: Outcome): Verdict {
        if (outcome === Outcome.Refused) this.tries = UNCOUNTED
        const tries = this.tries
        const sure = tries !== UNREAD && tries === this.triesBefore
        this.triesBefore = tries
        this.failure = Failure.None
        if (!sure) return Verdict.Again
        // the PIN that was sent has cost a try, or may have
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

    /** AT+CPIN= is given: the card may count it from now on. */
    enter() {
        this.sent = true
        this.triesThen = this.triesBefore
    }

    /**
     * AT+CPIN= has ended. Only an error about the PIN itself counts, and it is checked:
     * the card must have one try less. Any other error may be over soon.
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
