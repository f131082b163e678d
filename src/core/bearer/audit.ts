/**
 * AT+CIPSTATUS after a doubt: what the modem says of its state and its connections,
 * compared with what is believed.
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

/** after this many AT+CIPSTATUS without a usable answer everything is built up anew */
const TRIES = 3

/** Compares beliefs with AT+CIPSTATUS as soon as the channel is free. */
export function audit(bearer: Bearer, now: number) {
    if (bearer.phase !== Phase.Ready || bearer.step !== Command.None) return
    const core = bearer.core
    // CONNECT may come at any time: a command would be data for the peer then
    if (core.config.transparent && core.links.connecting()) return
    bearer.go(Command.Cipstatus, now)
}

/** What the state of the whole says of the single connection. */
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
 * Compares the answer with what was believed.
 * @returns false if it could not be read
 */
function compare(bearer: Bearer, now: number): boolean {
    const core = bearer.core
    const state = bearer.said.audited
    const links = core.links
    if (state === IpState.Unknown) return false
    if (state === IpState.PdpDeact) {
        deactivated(bearer, now)
        // there was no context that could be lost
        if (bearer.step === Command.Cipstatus) bearer.go(Command.Csq, now)
        return true
    }
    // where AT+CIPSTART brings the context up there may have been none
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
    // lines are missing: a connection that the answer does not list may be there
    if (bearer.core.channel.torn) resynchronise(bearer, now)
    else if (ok && compare(bearer, now)) return
    else if (++bearer.auditTries < TRIES) resynchronise(bearer, now)
    else if (recovery.rebuilds()) lost(bearer, Failure.Desynchronised, 0, now)
    else {
        bearer.failure = Failure.Desynchronised
        reset(bearer, now)
    }
}
