/**
 * Searches for the modem: at the start, after a command that timed out, and amid the
 * script, which then goes on.
 */
import { Outcome } from "../channel"
import { Failure } from "../errors"
import type { Bearer } from "./bearer"
import { reset } from "./ladder"
import { forget } from "./loss"
import { Command } from "../commands"
import { Phase } from "../phase"
import { Turn } from "./search"

/** from PWRKEY low until the search for the modem, ms */
const POWER_ON_PAUSE = 4000

/**
 * A command timed out: finds the modem again, then compares its connections with the
 * driver's.
 */
export function resynchronise(bearer: Bearer, now: number) {
    if (bearer.step === Command.At || bearer.isOff()) return
    bearer.next =
        bearer.phase === Phase.Ready ? Command.Cipstatus : Command.Ate0
    bearer.go(Command.At, now)
}

/**
 * A command of the script timed out. Its late response must not be taken for that of
 * the next command, so AT goes first.
 */
export function detour(bearer: Bearer, now: number) {
    switch (bearer.step) {
        case Command.None:
        case Command.At:
        case Command.Cfun:
            return
    }
    bearer.aside = true
    bearer.next = bearer.step
    bearer.nextAt = bearer.dueAt
    bearer.step = Command.At
    bearer.dueAt = now
    bearer.finder.begin(bearer.core.uart.baud, now)
}

/** The modem takes commands. */
function found(bearer: Bearer, now: number) {
    const next = bearer.next
    bearer.next = Command.Ate0
    if (!bearer.aside) {
        bearer.go(next, now)
        return
    }
    bearer.aside = false
    bearer.step = next
    bearer.dueAt = bearer.nextAt
}

/**
 * The part of synchronising without AT.
 * @returns whether AT has to wait
 */
export function searching(bearer: Bearer, now: number): boolean {
    const core = bearer.core
    const turn = bearer.finder.next(core.channel.strays, now)
    core.uart.dtr = bearer.finder.dtr
    bearer.dueAt = bearer.finder.dueAt
    if (turn === Turn.Found) found(bearer, now)
    return turn !== Turn.Ask
}

/**
 * No modem answers at the expected rate. PWRKEY is pulled first, because most modules
 * are off after power-up; RESET after no other rate was answered either.
 * @returns whether a pin is pulled
 */
function pull(bearer: Bearer, now: number): boolean {
    const core = bearer.core
    const config = core.config
    if (!config.resetPin) return false
    const fails = core.recovery.unanswered()
    if (config.powerKey && fails === 0) {
        core.uart.powerKeyWanted = true
        bearer.finder.again(POWER_ON_PAUSE, now)
        bearer.dueAt = bearer.finder.dueAt
    } else if (fails > +config.powerKey) reset(bearer, now)
    else return false
    return true
}

/** AT has ended. */
export function searched(bearer: Bearer, outcome: Outcome, now: number) {
    const core = bearer.core
    const search = bearer.finder
    const channel = core.channel
    if (outcome === Outcome.Ok) search.answered(channel.strays, now)
    else if (outcome !== Outcome.Timeout) search.refused(now)
    else {
        const escapes =
            core.config.transparent || bearer.next !== Command.Cipstatus
        const turn = search.unanswered(channel.sentAt, escapes, now)
        if (turn === Turn.Nobody) {
            if (pull(bearer, now)) return
            bearer.noteLoss(Failure.NoAnswer)
            core.links.lost(Failure.NoAnswer)
            core.links.told.reset()
            // it may have restarted without an echo to show it
            forget(bearer)
            bearer.enter(Phase.Synchronising)
            search.otherRate(now)
            core.reporter.changed()
        }
        if (search.rate !== core.uart.baud) core.uart.setBaud(search.rate)
    }
    bearer.dueAt = search.dueAt
}
