/** What follows the end of a step: of the set-up, the network and the context. */
import { Outcome } from "../channel"
import { Failure } from "../errors"
import { IpState } from "../ip-state"
import type { Bearer } from "./bearer"
import { Command } from "../commands"
import { Phase } from "../phase"
import { difference } from "../time"

/** from the OK of AT+IPR until the modem has the new rate, ms */
const RATE_PAUSE = 200
/** "Denied" often means "not yet": the driver asks again for this long, ms. */
const DENIED_PATIENCE = 20000

/** A step of the set-up has ended. @returns whether the next step is decided */
export function setUpEnded(bearer: Bearer, ok: boolean, now: number): boolean {
    const uart = bearer.core.uart
    const baud = bearer.core.config.baud
    switch (bearer.step) {
        case Command.Ate0:
            if (!ok) break
            bearer.echoOff = true
            bearer.configured++
            break
        case Command.IprRead:
            if (!ok) break
            if (bearer.said.rate !== baud || uart.baud !== baud)
                bearer.go(Command.Ipr, now)
            else bearer.go(bearer.rateSet ? Command.Save : Command.Ifc, now)
            return true
        case Command.Ipr:
            bearer.rateSet = bearer.rateSet || ok
            if (!ok) bearer.go(Command.Ifc, now)
            else if (uart.baud === baud) bearer.go(Command.Save, now)
            else {
                // OK came at the old rate, the next response has the new one
                uart.setBaud(baud)
                bearer.go(Command.At, now)
                bearer.dueAt = now + RATE_PAUSE
            }
            return true
    }
    return false
}

/** Neither AT+CREG? nor AT+CGREG? is good: both are asked again. */
function unregistered(bearer: Bearer, now: number) {
    if (
        bearer.said.isDenied() &&
        difference(now, bearer.since) >= DENIED_PATIENCE
    ) {
        bearer.fail(Failure.RegistrationDenied, now)
        return
    }
    bearer.step = Command.Creg
    bearer.enter(Phase.Registering)
    bearer.again(now)
}

/** A step of the network has ended. @returns whether the next step is decided */
export function networkEnded(
    bearer: Bearer,
    outcome: Outcome,
    now: number
): boolean {
    const said = bearer.said
    const ok = outcome === Outcome.Ok
    switch (bearer.step) {
        case Command.Csq:
            if (ok && said.signal === 99) bearer.again(now)
            else bearer.go(Command.Creg, now)
            return true
        case Command.Creg:
            if (said.hasVoice()) return false
            if (outcome === Outcome.Timeout) bearer.again(now)
            // a card without voice: GPRS is enough
            else bearer.step = Command.Cgreg
            return true
        case Command.Cgreg:
            if (said.hasGprs()) return false
            if (said.hasVoice()) bearer.again(now)
            else if (difference(now, bearer.since) < DENIED_PATIENCE)
                unregistered(bearer, now)
            else bearer.step = Command.CgattRead
            return true
        case Command.CgattRead:
            if (said.attached === 1) bearer.go(Command.Cnmi, now)
            else if (said.hasVoice() || said.hasGprs()) bearer.again(now)
            else unregistered(bearer, now)
            return true
        case Command.Cnmi:
            bearer.messagesSet = ok
    }
    return false
}

/** The line is the address. */
function hasAddress(bearer: Bearer) {
    const digest = bearer.core.digest
    bearer.core.ip.enter(IpState.IpStatus)
    bearer.addressLength = digest.lineLength
    bearer.address.blitAt(0, digest.line, 0, bearer.addressLength)
    bearer.up()
}

function noAddress(bearer: Bearer, now: number) {
    const outcome = bearer.outcome
    if (outcome === Outcome.Ok) bearer.said.keepAnswer()
    if (outcome === Outcome.Timeout) bearer.fail(Failure.NoAddress, now)
    else bearer.again(now)
}

/** A step of the context has ended. @returns whether the next step is decided */
export function contextEnded(
    bearer: Bearer,
    outcome: Outcome,
    now: number
): boolean {
    const core = bearer.core
    const ok = outcome === Outcome.Ok
    switch (bearer.step) {
        case Command.Cipqsend:
            if (outcome !== Outcome.Refused) return false
            core.links.told.quick = false
            bearer.go(Command.Ciprxget, now)
            return true
        case Command.Cifsr:
            if (ok && core.digest.isAddress()) hasAddress(bearer)
            else noAddress(bearer, now)
            return true
    }
    if (!ok) return false
    switch (bearer.step) {
        case Command.Cipshut:
            core.ip.enter(IpState.IpInitial)
            core.links.shut(Failure.PdpDeactivated)
            core.features.down(now)
            break
        case Command.Cipcsgp:
            bearer.up()
            return true
        case Command.Cstt:
            core.ip.enter(IpState.IpStart)
            break
        case Command.Ciicr:
            core.ip.enter(IpState.IpGprsact)
    }
    return false
}
