/**
 * The losses when the modem restarts or the network deactivates the context, and where
 * the way up begins again.
 */
import { Failure } from "../errors"
import { hasContext, IpState } from "../ip-state"
import type { Bearer, BelowBearer } from "./bearer"
import { Command } from "../commands"
import { Phase } from "../phase"

/** from a restart until the search for the modem, ms */
const RESTART_PAUSE = 1000

/** Drops the command in flight and everything half received. */
export function abort(core: BelowBearer) {
    core.channel.finish()
    core.digest.reset()
    core.foreign.reset()
    core.links.reset()
}

/** Forgets the state of the modem: it is set up from the beginning. */
export function forget(bearer: Bearer) {
    bearer.core.ip.enter(IpState.Unknown)
    bearer.said.reset()
    bearer.next = Command.Ate0
    bearer.aside = false
    bearer.echoOff = false
    bearer.rateSet = false
    bearer.messagesSet = false
    bearer.auditTries = 0
    bearer.diverted = false
}

/** Searches for a modem in an unknown state. */
export function begin(bearer: Bearer, now: number) {
    const core = bearer.core
    forget(bearer)
    core.links.told.quick = core.config.quickSend
    bearer.go(Command.At, now)
}

/** The driver starts: all attempts begin anew. */
export function start(bearer: Bearer, now: number) {
    bearer.core.recovery.start()
    bearer.pin.start()
    bearer.failure = Failure.None
    begin(bearer, now)
}

/** … and stops. */
export function stop(bearer: Bearer) {
    const core = bearer.core
    bearer.step = Command.None
    core.wishes.shut = false
    core.wishes.reset = false
    core.uart.resetWanted = false
    core.uart.powerKeyWanted = false
    core.ip.enter(IpState.Unknown)
    bearer.enter(Phase.Off)
}

/**
 * The modem has lost its state.
 * @param pause until the search for it, ms
 */
export function lost(
    bearer: Bearer,
    failure: Failure,
    pause: number,
    now: number
) {
    const core = bearer.core
    bearer.noteLoss(failure)
    // a requested reset is no failure, but it ends all sockets
    core.links.shut(failure === Failure.None ? Failure.ClosedHere : failure)
    core.links.told.reset()
    core.features.down(now)
    abort(core)
    begin(bearer, now)
    bearer.dueAt = now + pause
}

/** The modem has restarted by itself. */
export function restarted(bearer: Bearer, now: number) {
    bearer.restarts++
    lost(bearer, Failure.Restarted, RESTART_PAUSE, now)
}

/** +PDP: DEACT: the network has deactivated the context. */
export function deactivated(bearer: Bearer, now: number) {
    const core = bearer.core
    const state = core.ip.state
    if (state === IpState.PdpDeact) return
    // a context that is not up yet cannot be lost
    const lazy = core.config.lazy && bearer.phase === Phase.Ready
    if (!hasContext(state) && !lazy) return
    bearer.deactivations++
    core.features.down(now)
    bearer.noteLoss(Failure.PdpDeactivated)
    core.ip.enter(IpState.PdpDeact)
    core.links.lost(Failure.PdpDeactivated)
    // a command of the script runs to its end first
    const channel = core.channel
    if (channel.running !== Command.None && channel.link < 0)
        bearer.diverted = true
    else bearer.go(Command.Csq, now)
}
