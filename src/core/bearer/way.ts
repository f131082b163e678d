/**
 * Runs the script of the way up, one command after the other: when each is given, and
 * which file handles its response.
 */
import { Giver, Outcome } from "../channel"
import { Failure } from "../errors"
import { IpState } from "../ip-state"
import { beginAudit } from "../link/audit"
import { Line } from "../results"
import { auditEnded } from "./audit"
import type { Bearer } from "./bearer"
import { detour, searched, searching } from "./find"
import { reset, RESET_PAUSE } from "./ladder"
import { begin, lost } from "./loss"
import { Column, COMMANDS, Command, STRIDE, writeParameters } from "../commands"
import { Phase } from "../phase"
import { simEnded } from "./card"
import { contextEnded, networkEnded, setUpEnded } from "./steps"
import { before } from "../time"

/** Gives the next command of the script if it is due; the channel is free. */
export function proceed(bearer: Bearer, now: number) {
    const core = bearer.core
    if (before(now, bearer.dueAt)) return
    if (bearer.rests()) {
        if (core.recovery.resetDue()) reset(bearer, now)
        else begin(bearer, now)
        return
    }
    const step = bearer.step
    if (step === Command.At && searching(bearer, now)) return
    // the state that it tells may be that of the context that is selected
    if (core.links.told.context !== 0 && step === Command.Cipstatus) {
        core.links.preparation.selectFirst(now)
        return
    }
    core.channel.begin(step, Giver.Bearer, now)
    writeParameters(step, core.config, core.encoder)
    bearer.said.ask(step)
    switch (step) {
        case Command.Cpin:
            bearer.pin.enter()
            break
        case Command.CpinRead:
        case Command.Spic:
            bearer.pin.ask()
            break
        case Command.CipsslOff:
            core.links.told.tls = 0
            break
        case Command.Ciicr:
            core.ip.enter(IpState.IpConfig)
            break
        case Command.Cipstatus:
            beginAudit(core.links)
    }
}

/** Keeps an information response that the command in flight asked for. */
export function information(bearer: Bearer, line: Line) {
    const digest = bearer.core.digest
    const results = bearer.core.results
    const at = results.argAt
    bearer.said.keepAnswer()
    if (line === Line.Pin)
        bearer.pin.stateLine(digest.line, at, digest.lineLength)
    else if (line === Line.PinTries)
        bearer.pin.triesLine(digest.line, at, results.args[0])
    else bearer.said.information(line)
}

/** Handles the end of a command, and chooses the next step. */
function ended(bearer: Bearer, outcome: Outcome, now: number) {
    const ok = outcome === Outcome.Ok
    bearer.outcome = outcome
    if (bearer.diverted) {
        bearer.diverted = false
        bearer.go(Command.Csq, now)
        return
    }
    let decided = false
    switch (COMMANDS[bearer.step * STRIDE + Column.Phase] as Phase) {
        case Phase.Synchronising:
            // the reset goes on with or without OK
            if (bearer.step === Command.Cfun)
                lost(bearer, bearer.failure, RESET_PAUSE, now)
            else searched(bearer, outcome, now)
            return
        case Phase.Ready:
            auditEnded(bearer, ok, now)
            return
        case Phase.Sim:
            simEnded(bearer, outcome, now)
            return
        case Phase.Configuring:
            decided = setUpEnded(bearer, ok, now)
            break
        case Phase.Registering:
        case Phase.Attaching:
            decided = networkEnded(bearer, outcome, now)
            break
        case Phase.Activating:
            decided = contextEnded(bearer, outcome, now)
    }
    if (decided) return
    if (ok) bearer.go(bearer.step + 1, now)
    else if (outcome === Outcome.Timeout) {
        const failure = bearer.reported()
        bearer.fail(
            failure === Failure.None || failure === Failure.SetupRefused
                ? Failure.NoAnswer
                : failure,
            now
        )
    } else bearer.again(now)
}

/** The command of the script has ended. */
export function stepEnded(bearer: Bearer, outcome: Outcome, now: number) {
    ended(bearer, outcome, now)
    if (outcome === Outcome.Timeout) detour(bearer, now)
}
