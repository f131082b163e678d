/**
 * The rungs of chapter 12 above a new connection: a new context and a reset of the
 * modem, after failures or on request.
 */
import { Failure } from "../errors"
import type { Bearer } from "./bearer"
import { lost } from "./loss"
import { Command } from "../commands"
import { Phase } from "../phase"

/** from a reset until the search for the modem, ms */
export const RESET_PAUSE = 3000

/** Goes to AT+CIPSHUT and the steps after it. */
function rebuild(bearer: Bearer, failure: Failure, now: number) {
    bearer.core.links.lost(failure)
    bearer.core.features.down(now)
    bearer.go(Command.CipsgtxtSecond, now)
}

/** Resets the modem, the last resort: by its pin if wired, else by AT+CFUN=1,1. */
export function reset(bearer: Bearer, now: number) {
    const core = bearer.core
    bearer.resets++
    core.recovery.reset()
    if (!core.config.resetPin) {
        bearer.go(Command.Cfun, now)
        return
    }
    core.uart.resetWanted = true
    lost(bearer, bearer.failure, RESET_PAUSE, now)
}

/**
 * One connection after the other has failed. A new connection did not help, so the
 * context is brought up anew; if that does not help either, the modem is reset. A
 * server that is down looks the same, so each rung needs more failures than the last,
 * and waits for connections that are up.
 */
export function troubled(bearer: Bearer, now: number) {
    const core = bearer.core
    const recovery = core.recovery
    recovery.forgetFailures()
    if (bearer.phase !== Phase.Ready || core.links.anyConnected(now)) return
    recovery.losePatience()
    if (recovery.rebuilds()) {
        bearer.rebuilds++
        rebuild(bearer, Failure.PdpDeactivated, now)
    } else reset(bearer, now)
}

/** Carries out the application's wishes (`Wishes`); the channel is free. */
export function attend(bearer: Bearer, now: number) {
    const wishes = bearer.core.wishes
    const shut = wishes.shut
    const wanted = wishes.reset
    wishes.shut = false
    wishes.reset = false
    if (bearer.isOff()) return
    if (wanted) reset(bearer, now)
    // without a context one is being brought up anyway
    else if (shut && bearer.phase === Phase.Ready)
        rebuild(bearer, Failure.ClosedHere, now)
}
