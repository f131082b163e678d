/**
 * The steps of the SIM card: what follows its responses, and a card that wants its PUK.
 */
import { Outcome } from "../channel"
import { Failure } from "../errors"
import type { Bearer } from "./bearer"
import { Command } from "../commands"
import { Phase } from "../phase"
import { Verdict } from "./sim-pin"

/** from AT+CPIN= to AT+CPIN?, ms */
const PIN_PAUSE = 1000

/** Ends all attempts: another one could only do harm. */
function giveUp(bearer: Bearer, failure: Failure) {
    bearer.note(failure)
    bearer.core.links.stop(failure)
    bearer.step = Command.None
    bearer.enter(Phase.Failed)
}

/** Carries out the verdict on the card. */
function follow(bearer: Bearer, verdict: Verdict, now: number) {
    const failure = bearer.pin.failure
    switch (verdict) {
        case Verdict.Again:
            // ends all attempts if it is reported again
            bearer.doubted = failure !== Failure.None
            if (bearer.doubted) bearer.note(failure)
            bearer.again(now)
            break
        case Verdict.Ready:
            if (bearer.doubted) bearer.failure = Failure.None
            bearer.doubted = false
            bearer.go(Command.Ccalr, now)
            break
        case Verdict.ReadState:
            bearer.go(Command.CpinRead, now)
            bearer.dueAt = now + PIN_PAUSE
            break
        case Verdict.ReadTries:
            bearer.go(Command.Spic, now)
            break
        case Verdict.Enter:
            bearer.go(Command.Cpin, now)
            break
        case Verdict.Fail:
            bearer.fail(failure, now)
            break
        case Verdict.GiveUp:
            giveUp(bearer, failure)
    }
}

/** A step of the card has ended. */
export function simEnded(bearer: Bearer, outcome: Outcome, now: number) {
    const pin = bearer.pin
    const core = bearer.core
    const cme = core.channel.cme
    switch (bearer.step) {
        case Command.CpinRead:
            follow(bearer, pin.stateEnded(outcome, cme, core.config.pin), now)
            break
        case Command.Spic:
            follow(bearer, pin.triesEnded(outcome), now)
            break
        case Command.Cpin:
            follow(bearer, pin.entered(outcome, cme), now)
            break
        default:
            if (outcome === Outcome.Ok && !bearer.said.callReady)
                bearer.again(now)
            else bearer.go(Command.Csq, now)
    }
}

/**
 * The driver has given up because the card wants its PUK. For some time it gives
 * commands that need no network, as it does between two attempts.
 * @param pause how long it lasts at most, ms
 * @returns whether the driver gave up for that reason; `giveUpAgain()` ends the pause
 */
export function pauseForPuk(
    bearer: Bearer,
    pause: number,
    now: number
): boolean {
    if (bearer.phase !== Phase.Failed || bearer.failure !== Failure.PukRequired)
        return false
    bearer.step = Command.At
    bearer.dueAt = now + pause
    bearer.enter(Phase.Resting)
    return true
}

/** Ends that pause: the next start of the driver reads the card anew. */
export function giveUpAgain(bearer: Bearer) {
    if (bearer.phase !== Phase.Resting) return
    bearer.step = Command.None
    bearer.enter(Phase.Failed)
}
