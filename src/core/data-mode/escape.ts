/**
 * Leaving data mode (2.2.4): all data go out, then an edge of DTR or `+++` with guard
 * times, then the driver looks for the OK after it.
 */
import { CR, LF, PLUS } from "../ascii"
import { ESCAPE_GUARD } from "../config"
import { Failure } from "../errors"
import { before, difference } from "../time"
import { LinkState } from "../link/connection"
import { rawLost } from "../link/raw"
import { DataState, type Mode } from "./mode"
import {
    behind,
    findOk,
    hasLines,
    isDoubtful,
    lastLine,
    OK,
    okBefore,
    succession,
    successor,
    tail,
} from "./texts"

/** DTR has to be low for 1 s before it goes high; with a margin, ms. */
const DTR_LOW = 1100
/** Timeout of the OK after that, ms. */
const ESCAPE_TIMEOUT = 3000
/** … if the connection seems to be over, when no OK comes, ms. */
const OVER_TIMEOUT = 1000
/** Longest time for which CTS may hold up the data before it, ms. */
const UART_GRACE = 10000
/** An OK followed by this silence is the modem's, not the peer's, ms. */
export const QUIET = 200
/** `left` when all is on the wire */
const OUT = -1

/** When to leave data mode, once all data are out. */
function escapeAt(mode: Mode): number {
    return mode.core.config.dtr
        ? mode.lowSince + DTR_LOW
        : mode.sentAt + ESCAPE_GUARD
}

/** When to check again: all data are out, or CTS has held them up for too long. */
export function silenceAt(mode: Mode): number {
    return mode.core.encoder.drain ? mode.sentAt + UART_GRACE : escapeAt(mode)
}

/** Data mode could not be left: it stays, and the wish for command mode is dropped. */
function stay(mode: Mode, now: number) {
    if (mode.suspicious()) {
        // a modem in data mode does not hold up data for so long
        mode.over(DataState.Command, now)
        return
    }
    mode.certain()
    mode.failure = Failure.NotEscaped
    mode.commandWanted = false
    let state = DataState.Data
    if (!mode.core.uart.dcd) state = DataState.Ending
    // `+++` may still go out and take effect
    else if (mode.state === DataState.Escaping && mode.left !== OUT)
        state = DataState.Escaping
    mode.enter(state, now)
}

/** Whether all data are on the wire, since `sentAt`. */
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

/** Makes the modem leave data mode, as soon as the guard time is over. */
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

/** OK is at `at`: the modem takes commands. @returns whether data mode is over */
function escaped(mode: Mode, at: number, now: number): boolean {
    const core = mode.core
    const ring = core.ring
    const last = lastLine(ring)
    const over = !core.uart.dcd && last >= 0
    // the peer has said that end, or OK is the text of a message behind it
    const doubtful = over && last < at && hasLines(ring, last, at)
    // another peer has connected: it is unknown whose the data were
    let other = core.links.serving && mode.absences > 0 ? succession(ring) : -1
    // what follows OK is said in command mode
    if (other > at) other = -1
    const end = other < 0 && doubtful ? last : other
    if (!mode.deliver(end < 0 ? at : end)) return false
    if (other >= 0) {
        core.links.refuse(mode.link, Failure.NumberTaken)
        mode.deliver(at - other)
    } else if (doubtful) {
        core.links.refuse(mode.link, Failure.ReceiveTorn)
        ring.drop(at - last)
    }
    // the bytes between OK and the end may be data, and so may OK
    else if (over && last > at + OK.length) rawLost(mode.link)
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
 * Data mode was left by the rules, and no OK came. The modem takes commands in any
 * case. If the connection still exists, it is ended: data may be lost instead of OK.
 */
function unanswered(mode: Mode, now: number) {
    const core = mode.core
    const ring = core.ring
    const link = mode.link
    if (mode.absences > 0 && mode.succeeds(now)) return
    const last = core.uart.dcd ? -1 : lastLine(ring)
    // a slow reader has all the time it wants
    if (last >= 0 && !mode.deliver(last)) return
    // too many bytes follow the line: the peer has sent it
    if (last >= 0 && ring.used > tail(ring, ring.used)) return
    mode.unproven = true
    // it may have been data: AT+CIPSTATUS tells
    if (last >= 0) {
        if (isDoubtful(ring, 0)) rawLost(link)
        ring.drop(behind(ring, 0))
    } else {
        // data may be lost with the line that ends the connection
        rawLost(link)
        ring.clear()
    }
    // AT may be data for the peer
    if (!mode.suspicious() && last < 0) {
        mode.failure = Failure.NotEscaped
        core.links.refuse(link, Failure.NotEscaped)
    }
    mode.over(DataState.Command, now)
}

/**
 * Offset of the end of the connection if a peer of a server has come since the escape,
 * and DCD has been off: data mode is his. Otherwise -1.
 */
function overtaken(mode: Mode): number {
    const ring = mode.core.ring
    if (!mode.core.links.serving || mode.absences === 0 || mode.tries > 0)
        return -1
    const last = succession(ring)
    return last >= 0 && successor(ring, last) >= mode.old ? last : -1
}

/** @returns whether the modem had said that it takes commands */
function overtake(mode: Mode, end: number, now: number): boolean {
    // what follows OK is said in command mode
    const ok = okBefore(mode.core.ring, mode.old, end)
    if (ok >= 0) return escaped(mode, ok, now)
    mode.succeeds(now)
    return false
}

/**
 * Waits for the OK with which the modem leaves data mode.
 * @returns whether it has come
 */
export function escaping(mode: Mode, now: number): boolean {
    const core = mode.core
    const ring = core.ring
    const dtr = core.config.dtr
    const end = overtaken(mode)
    if (end >= 0) return overtake(mode, end, now)
    const guard = dtr ? 0 : ESCAPE_GUARD
    // as long as that is too short for an escape, what looks like OK is the peer's
    const early =
        core.encoder.drain || difference(now, mode.sentAt) < guard - 2 * QUIET
    mode.deliver(ring.used - tail(ring, early ? ring.used : mode.old))
    // RTS held the modem up: this was no silence of the modem's
    if (mode.seen === ring.size && ring.used < ring.size) mode.receivedAt = now
    const quiet = difference(now, mode.receivedAt) >= QUIET
    if (!drained(mode, now)) return false
    const waited = difference(now, dtr ? mode.since : mode.sentAt)
    if (!quiet || waited < guard) return false
    // while RTS holds the modem up, more bytes will follow those in the ring
    const at = ring.used < ring.size ? findOk(ring, mode.old) : -1
    // lines follow OK, perhaps after a blank, or nothing does
    const next = at + OK.length
    const byte = ring.buf[(ring.tail + next) & (ring.size - 1)]
    if (
        at >= 0 &&
        (next === ring.used || byte === CR || byte === LF || byte === 0)
    )
        return escaped(mode, at, now)
    // DCD may go off with data mode, or with the connection
    const over = !core.uart.dcd && lastLine(ring) >= 0
    if (waited < (over ? guard + OVER_TIMEOUT : ESCAPE_TIMEOUT)) return false
    mode.lower(now)
    if (over || mode.suspicious() || mode.tries > 0) unanswered(mode, now)
    else {
        // the escape was ignored, or its OK was lost: the next one tells
        mode.tries++
        mode.enter(DataState.Silence, now)
        mode.drain(now)
    }
    return false
}
