/**
 * AT+CIPSTATUS after a doubt: compares the modem's state and connections with the
 * driver's.
 */
import { Failure } from "../errors"
import { hasAddress, IpState } from "../ip-state"
import { audited } from "../link/audit"
import { Audited } from "../link/connection"
import type { Bearer } from "./bearer"
import { resynchronise } from "./find"
import { reset } from "./ladder"
import { deactivated, lost, restarted } from "./loss"
import { Command } from "../commands"
import { Phase } from "../phase"

/** everything is built up anew after this many AT+CIPSTATUS without a usable response */
const TRIES = 3

/** Gives AT+CIPSTATUS, as soon as the channel is free, to check the driver's state. */
export function audit(bearer: Bearer, now: number) {
    if (bearer.phase !== Phase.Ready || bearer.step !== Command.None) return
    const core = bearer.core
    // CONNECT may come at any time: after it, a command would be data for the peer
    if (core.config.transparent && core.links.connecting()) return
    bearer.go(Command.Cipstatus, now)
}

/** The state of the single connection, from the IP state. */
function singleState(state: IpState): Audited {
    switch (state) {
        // AT+CIPSTART is bringing the context up
        case IpState.IpStart:
        case IpState.IpConfig:
        case IpState.IpGprsact:
        case IpState.TcpConnecting:
        case IpState.UdpConnecting:
            return Audited.Connecting
        case IpState.ConnectOk:
            return Audited.Connected
    }
    return Audited.None
}

/**
 * Compares the response with the driver's state.
 * @returns false if it could not be read
 */
function compare(bearer: Bearer, now: number): boolean {
    const core = bearer.core
    const state = bearer.said.audited
    const links = core.links
    if (state === IpState.Unknown) return false
    if (state === IpState.PdpDeact) {
        deactivated(bearer, now)
        // there was no context to lose
        if (bearer.step === Command.Cipstatus) bearer.go(Command.Csq, now)
        return true
    }
    // if AT+CIPSTART brings the context up, there may have been none
    const had = !core.config.lazy || hasAddress(core.ip.state)
    if (had && !hasAddress(state)) {
        restarted(bearer, now)
        return true
    }
    if (!core.config.multi) links.singleAudited(singleState(state))
    if (!audited(links, now)) return false
    bearer.auditTries = 0
    bearer.step = Command.None
    bearer.enter(Phase.Ready)
    return true
}

/** AT+CIPSTATUS has ended. */
export function auditEnded(bearer: Bearer, ok: boolean, now: number) {
    const recovery = bearer.core.recovery
    // lines are missing: a connection may exist though the response does not list it
    if (bearer.core.channel.torn) resynchronise(bearer, now)
    else if (ok && compare(bearer, now)) return
    else if (++bearer.auditTries < TRIES) resynchronise(bearer, now)
    else if (recovery.rebuilds()) lost(bearer, Failure.Desynchronised, 0, now)
    else {
        bearer.failure = Failure.Desynchronised
        reset(bearer, now)
    }
}
