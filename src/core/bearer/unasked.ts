/**
 * URCs about the modem itself: it has started or switches itself off, its SIM card has
 * come or gone, its context is lost.
 */
import { Failure } from "../errors"
import { IpState } from "../ip-state"
import { LinkState } from "../link/connection"
import { Line } from "../results"
import { audit } from "./audit"
import type { Bearer } from "./bearer"
import { RESET_PAUSE } from "./ladder"
import { deactivated, lost, restarted } from "./loss"
import { Command } from "../commands"
import { Phase } from "../phase"

/** from NORMAL POWER DOWN until the search for the modem, ms */
const POWER_DOWN_PAUSE = 5000

/** Whether the SIM card may still be starting. */
function beforeNetwork(phase: Phase): boolean {
    switch (phase) {
        case Phase.Off:
        case Phase.Synchronising:
        case Phase.Configuring:
        case Phase.Sim:
            return true
    }
    return false
}

function hasNetwork(phase: Phase): boolean {
    switch (phase) {
        case Phase.Attaching:
        case Phase.Activating:
        case Phase.Ready:
            return true
    }
    return false
}

/** `STATE:` before CONNECT FAIL (manual 8.2.2) tells why there is no connection. */
export function stateLine(bearer: Bearer, now: number) {
    const link = bearer.core.links.list[0]
    if (link.state !== LinkState.Connecting) return
    if (bearer.said.ipState() === IpState.PdpDeact) deactivated(bearer, now)
}

/** A URC of a modem that starts or stops. */
export function startLine(bearer: Bearer, line: Line, now: number) {
    let again = bearer.said.callReady
    if (bearer.isOff()) return
    switch (line) {
        case Line.PowerDown:
            lost(bearer, Failure.PoweredDown, POWER_DOWN_PAUSE, now)
            return
        case Line.Pin:
            // the SIM card was inserted, removed, or restarted
            if (!again) audit(bearer, now)
            else if (!beforeNetwork(bearer.phase)) restarted(bearer, now)
            return
        case Line.Started:
        case Line.Functionality:
            // a modem that has a network has not just started
            if (hasNetwork(bearer.phase)) again = true
            break
        case Line.Echo:
            if (bearer.echoOff) restarted(bearer, now)
            return
        case Line.CallReady:
            // the first one is late, or comes from a restart
            if (!again) audit(bearer, now)
            bearer.said.ready(line)
            break
        case Line.SmsReady:
            again = bearer.said.ready(line)
            break
    }
    if (bearer.step === Command.Cfun) {
        // some firmware gives no OK to AT+CFUN=1,1
        lost(bearer, bearer.failure, RESET_PAUSE, now)
        return
    }
    // Until Call Ready they belong to the start under way: RDY may come seconds after
    // the first OK.
    if (again && bearer.echoOff) restarted(bearer, now)
    else if (bearer.step === Command.Ccalr) bearer.dueAt = now
}
