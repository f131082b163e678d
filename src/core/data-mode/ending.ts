/**
 * DCD is off, or the modem may have restarted: distinguishes the end of the connection
 * from a glitch, and from data that look like it.
 */
import { DataState, Doubt, type Mode } from "./mode"
import { QUIET } from "./escape"
import { hasRestarted, lastLine, tail } from "./texts"
import { before, difference } from "../time"

/** Longest wait for the last line of a connection, ms. */
const LAST_WORD = 500
/** Longest glitch of DCD while the connection lives, ms. */
const GLITCH = 12000
/** A line is the last one after this silence, ms. */
const SILENCE = 30

/**
 * A restarted modem keeps DCD on (AT&C0) and looks like one whose DCD had a glitch,
 * until it says RDY. A peer may send RDY, too.
 */
export function lookForRestart(mode: Mode, now: number) {
    if (mode.doubt !== Doubt.None || mode.state !== DataState.Data) return
    if (difference(now, mode.since) > GLITCH) mode.absences = 0
    else if (hasRestarted(mode.core.ring)) mode.doubts(Doubt.Mode, now)
}

/**
 * DCD is off: delivers the data that are still here. If the modem says after them that
 * the connection is over, it takes commands; but the peer may have sent that line, and
 * DCD may have a glitch: then a command would be data for the peer. So the driver
 * always leaves data mode by `+++` or DTR.
 */
export function ending(mode: Mode, now: number) {
    const core = mode.core
    const ring = core.ring
    if (mode.succeeds(now)) return
    const last = lastLine(ring)
    const waited = difference(now, mode.since)
    const serving = core.links.serving
    if (core.uart.dcd) {
        // a server may be about to announce the next peer
        if (last >= 0 && serving && waited < LAST_WORD) return
        if (mode.absences === 0) mode.absences = 1
        mode.enter(DataState.Data, now)
        lookForRestart(mode, now)
        return
    }
    if (last >= 0) {
        // the line may be data that were under way
        if (difference(now, mode.receivedAt) < SILENCE) return
        // a slow reader may take its time
        if (mode.deliver(last)) mode.doubts(Doubt.Carrier, now)
        return
    }
    mode.deliver(ring.used - tail(ring, ring.used))
    const sure = mode.leaving() || hasRestarted(ring)
    if (waited < (sure ? LAST_WORD : GLITCH)) return
    // the modem restarted, or its last line was lost, or DCD is wrong
    mode.doubts(Doubt.Carrier, now)
}

/** When `ending()` has work even if nothing is received. */
export function endingAt(mode: Mode, now: number): number {
    const quiet = mode.receivedAt + SILENCE
    if (before(now, quiet)) return quiet
    const end = mode.since + LAST_WORD
    if (before(now, end)) return end
    const doubt = mode.since + GLITCH
    return before(now, doubt) ? doubt : now + QUIET
}
