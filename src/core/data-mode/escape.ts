/**
 * How data mode is left (2.2.4): all that was sent goes out, then an edge of DTR or `+++`
 * with their guard times, then the OK behind it is looked for.
 */
import { CR, LF, PLUS } from "../ascii"
import { ESCAPE_GUARD } from "../config"
import { Failure } from "../errors"
import { before, difference } from "../time"
import { LinkState } from "../link/connection"
import { rawLost } from "../link/raw"
import { DataState, type Mode } from "./mode"
import { find, hasSuccessor, lastLine, OK, tail } from "./texts"

/** DTR has to be low for 1 s before it goes high; and a margin, ms. */
const DTR_LOW = 1100
/** How long OK may take behind that, ms. */
const ESCAPE_TIMEOUT = 3000
/** … if the connection seems to be over: then no OK comes, ms. */
const OVER_TIMEOUT = 1000
/** How long CTS may hold up what is to go out first, ms. */
const UART_GRACE = 10000
/** Silence behind OK that shows that the modem has said it, not the peer, ms. */
export const QUIET = 200
/** `left` when all is on the wire */
const OUT = -1

/** When data mode can be left, once all is out. */
function escapeAt(mode: Mode): number {
    return mode.core.config.dtr
        ? mode.lowSince + DTR_LOW
        : mode.sentAt + ESCAPE_GUARD
}

/** When to look at that again: all is out, or CTS holds it up for too long. */
export function silenceAt(mode: Mode): number {
    return mode.core.encoder.drain ? mode.sentAt + UART_GRACE : escapeAt(mode)
}

/** Data mode could not be left, and stays: the wish for command mode is dropped. */
function stay(mode: Mode, now: number) {
    if (mode.suspicious()) {
        // a modem that is in data mode does not do that
        mode.over(DataState.Command, now)
        return
    }
    mode.certain()
    mode.failure = Failure.NotEscaped
    mode.commandWanted = false
    let state = DataState.Data
    if (!mode.core.uart.dcd) state = DataState.Ending
    // `+++` may still go out, and be obeyed
    else if (mode.state === DataState.Escaping && mode.left !== OUT)
        state = DataState.Escaping
    mode.enter(state, now)
}

/** Whether all is on the wire: since `sentAt`. */
function drained(mode: Mode, now: number): boolean {
    const encoder = mode.core.encoder
    const left = encoder.drain ? encoder.left : OUT
    if (left !== mode.left) {
        mode.left = left
        mode.sentAt = now
    } else if (left !== OUT && difference(now, mode.sentAt) >= UART_GRACE) {
        mode.sentAt = now
        stay(mode, now)
    }
    return left === OUT
}

/** Says to the modem that it is to leave data mode, as soon as it would obey. */
export function escape(mode: Mode, now: number) {
    const core = mode.core
    if (!drained(mode, now)) return
    if (before(now, escapeAt(mode))) return
    if (mode.tries === 0) mode.old = core.ring.used
    mode.enter(DataState.Escaping, now)
    if (core.config.dtr) core.uart.dtr = false
    else {
        core.encoder.fill(PLUS, 3)
        mode.drain(now)
    }
}

/** OK stands at `at`: the modem takes commands. @returns whether that is so */
function escaped(mode: Mode, at: number, now: number): boolean {
    const core = mode.core
    const ring = core.ring
    const last = lastLine(ring)
    // another peer has come in: nobody can tell whose the data were
    const other = last >= 0 && core.links.serving && hasSuccessor(ring, last)
    if (!mode.deliver(other ? last : at)) return false
    if (other) {
        core.links.refuse(mode.link, Failure.ClosedByPeer)
        mode.deliver(at - last)
    }
    // what stands between OK and the end may be data, and OK too
    else if (!core.uart.dcd && last > at + OK.length) rawLost(mode.link)
    ring.drop(OK.length)
    mode.lower(now)
    mode.certain()
    core.digest.reset()
    if (core.config.printedData && mode.link.state === LinkState.Connected)
        core.digest.expectPlain(mode.link.rx)
    mode.enter(DataState.Command, now)
    return true
}

/**
 * Data mode was left by the rules, and no OK has come. Whatever is there now takes
 * commands. If that is the connection, it ends: nobody knows whether data or OK
 * were lost.
 */
function unanswered(mode: Mode, now: number) {
    const core = mode.core
    const ring = core.ring
    const link = mode.link
    const last = core.uart.dcd ? -1 : lastLine(ring)
    // a slow reader has all the time it wants
    if (last >= 0 && !mode.deliver(last)) return
    // too much stands behind the line: the peer has sent it
    if (last >= 0 && ring.used > tail(ring)) return
    mode.unproven = true
    if (last < 0 && ring.used > 0) rawLost(link)
    // it may have been data: AT+CIPSTATUS tells
    ring.clear()
    // AT may be data for the peer
    if (!mode.suspicious() && last < 0) {
        mode.failure = Failure.NotEscaped
        core.links.refuse(link, Failure.NotEscaped)
    }
    mode.over(DataState.Command, now)
}

/**
 * Waits for the OK that the modem says when it has left data mode.
 * @returns whether it has come
 */
export function escaping(mode: Mode, now: number): boolean {
    const core = mode.core
    const ring = core.ring
    const dtr = core.config.dtr
    mode.deliver(ring.used - tail(ring))
    // RTS has held the modem up: that was no silence of its own
    if (mode.seen === ring.size && ring.used < ring.size) mode.receivedAt = now
    const quiet = difference(now, mode.receivedAt) >= QUIET
    if (!drained(mode, now)) return false
    const guard = dtr ? 0 : ESCAPE_GUARD
    const waited = difference(now, dtr ? mode.since : mode.sentAt)
    if (!quiet || waited < guard) return false
    // while RTS holds the modem up, more will follow what is last in the ring
    const at = ring.used < ring.size ? find(ring, OK) : -1
    // behind OK there are lines, maybe with a blank in front, or nothing
    const next = at + OK.length
    const byte = ring.buf[(ring.tail + next) & (ring.size - 1)]
    if (
        at >= 0 &&
        at >= mode.old &&
        (next === ring.used || byte === CR || byte === LF || byte === 0)
    )
        return escaped(mode, at, now)
    // DCD may go off with data mode, or with the connection
    const over = !core.uart.dcd && lastLine(ring) >= 0
    if (waited < (over ? guard + OVER_TIMEOUT : ESCAPE_TIMEOUT)) return false
    mode.lower(now)
    if (over || mode.suspicious() || mode.tries > 0) unanswered(mode, now)
    else {
        // was it not obeyed, or its OK lost? The next one tells
        mode.tries++
        mode.enter(DataState.Silence, now)
        mode.drain(now)
    }
    return false
}
