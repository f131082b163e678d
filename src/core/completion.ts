/** The end of the command in flight: its giver goes on, and doubts are resolved. */
import { resynchronise } from "./bearer/find"
import { stepEnded } from "./bearer/way"
import { Giver, Outcome } from "./channel"
import { Command } from "./commands"
import type { Core } from "./core"
import { Cme } from "./errors"
import { Text } from "./foreign-text"
import { resume } from "./link/receive"
import { done } from "./link/schedule"

/** The command in flight is one of the bearer's. */
export function scripted(core: Core): boolean {
    const channel = core.channel
    if (channel.running === Command.None) return false
    // if the context of a feature is gone, its command is left to the bearer
    return (
        channel.link === Giver.Bearer ||
        (channel.link === Giver.Feature && core.features.giver === null)
    )
}

/** The command in flight has ended. */
export function finish(core: Core, outcome: Outcome, now: number) {
    const channel = core.channel
    const link = channel.link
    const command = channel.running
    const doubtful = channel.doubtful
    const giver = link === Giver.Feature ? core.features.giver : null
    if (outcome === Outcome.Timeout) channel.refused(Cme.NoAnswer)
    if (link >= 0) done(core.links, link, command, outcome, now)
    channel.finish()
    if (core.foreign.kind === Text.Answer) core.foreign.leave()
    if (giver !== null) giver.done(command, outcome, now)
    else if (link < 0) stepEnded(core.bearer, outcome, now)
    if (!doubtful) return
    // a result that was not believed may have been true
    core.links.recheck(now)
    core.wishes.audit = true
}

/** The command in flight has timed out. */
export function timeout(core: Core, now: number) {
    const bearers = scripted(core)
    core.channel.expire()
    if (core.digest.payloadLeft > 0) resume(core.links)
    finish(core, Outcome.Timeout, now)
    // a late response must not be taken for that of the next command
    if (!bearers) resynchronise(core.bearer, now)
}
