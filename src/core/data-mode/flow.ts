/** The data of transparent mode, both ways, and the poll of each of its states. */
import { Failure } from "../errors"
import { IDLE } from "../config"
import { before, difference } from "../time"
import { SendState } from "../link/connection"
import { rawSend, rawSent } from "../link/raw"
import { ending, endingAt, lookForRestart } from "./ending"
import { escape, escaping, QUIET, silenceAt } from "./escape"
import { DataState, DCD_ON, Doubt, type Mode } from "./mode"
import { CLOSED, isLastLine, lastLine, lastWord, tail } from "./texts"

/** Longest delay of DCD after a possible last line of a connection, ms. */
const DCD_LAG = 100
/** … and of the rest of a line that may become it. */
const PIECE_LAG = 20

/** Longest wait before `word` bytes of that line are judged, ms. */
function lag(word: number): number {
    return word < CLOSED.length ? PIECE_LAG : DCD_LAG
}

/** Whether data of the application are being sent. */
function isSending(mode: Mode): boolean {
    const state = mode.link.sendState
    return state === SendState.Wanted || state === SendState.InFlight
}

/** After the clock wraps, times long past must not seem to lie ahead. */
function age(mode: Mode, now: number) {
    if (difference(now, mode.receivedAt) > IDLE) mode.receivedAt = now - IDLE
    if (difference(now, mode.since) > IDLE) mode.since = now - IDLE
    if (difference(now, mode.lowSince) > IDLE) mode.lowSince = now - IDLE
}

/** Sends data, or prepares to leave data mode. */
function send(mode: Mode, now: number) {
    const core = mode.core
    const link = mode.link
    const left = core.encoder.left
    // it was a glitch
    if (
        mode.doubt !== Doubt.None &&
        mode.state === DataState.Silence &&
        mode.tries === 0 &&
        !mode.suspicious()
    )
        mode.certain()
    const leaving = mode.leaving()
    if (mode.state === DataState.Silence && !leaving)
        mode.enter(DataState.Data, now)
    if (left === 0 && link.sendState === SendState.InFlight)
        rawSent(core.links, link)
    if (mode.state !== DataState.Data) escape(mode, now)
    else if (!leaving) rawSend(core.links, link)
    else {
        mode.enter(DataState.Silence, now)
        mode.drain(now)
    }
}

/**
 * Whether the data are followed by another peer of a server, or may be: DCD shows no
 * connection, or has not shown one.
 */
function succeeded(mode: Mode, now: number): boolean {
    const core = mode.core
    const dcd = core.uart.dcd
    // a short connection may be over before DCD is read
    const doubtful =
        mode.absences > 0 || mode.doubt !== Doubt.None || !(dcd || mode.carrier)
    // an escape may have been obeyed
    if (mode.tries > 0) return false
    if (doubtful && mode.succeeds(now)) return true
    if (mode.doubt !== Doubt.Carrier || !dcd) return false
    if (!core.links.serving || lastLine(core.ring) < 0) return false
    // DCD is back: a glitch, or the next peer, who is announced soon
    mode.certain()
    mode.enter(DataState.Ending, now)
    return true
}

/** Data both ways: all bytes received before DCD went off are certainly data. */
function flow(mode: Mode, now: number) {
    const core = mode.core
    const ring = core.ring
    if (core.uart.dcd) mode.carrier = true
    else if (!mode.carrier && difference(now, mode.since) >= DCD_ON) {
        // without DCD the end of the connection could not be recognised
        mode.carrier = true
        core.links.refuse(mode.link, Failure.NoCarrier)
    }
    const glitched = mode.absences > 0
    if (glitched) lookForRestart(mode, now)
    if (succeeded(mode, now)) return
    const word = lastWord(ring, glitched)
    const waited = difference(now, mode.receivedAt) >= lag(word)
    // a short connection may be over before DCD is read
    const closed = waited && isLastLine(ring, word)
    const off = !core.uart.dcd && (mode.carrier || closed)
    const on = !off || mode.leaving()
    // a glitch, or the end, and then the next peer may come
    if (off && on && mode.doubt === Doubt.None && lastLine(ring) >= 0)
        mode.doubt = Doubt.Carrier
    let keep = 0
    if (off || mode.tries > 0 || mode.suspicious())
        keep = tail(ring, mode.tries > 0 ? mode.old : ring.used)
    else if (!waited) keep = word
    // DCD has not been on: responses may follow that line
    const last = mode.carrier ? -1 : lastLine(ring)
    if (on && last >= 0) keep = ring.used - last
    mode.deliver(ring.used - keep)
    if (on) {
        send(mode, now)
        return
    }
    // so short a connection does not prove that DCD is unwired
    mode.carrier = true
    mode.halt()
    mode.enter(DataState.Ending, now)
    ending(mode, now)
}

/**
 * Does the due work of data mode.
 * @returns whether the modem has said that it takes commands
 */
export function pollData(mode: Mode, now: number): boolean {
    const ring = mode.core.ring
    const dcd = mode.core.uart.dcd
    if (mode.carried && !dcd) mode.absences++
    mode.carried = dcd
    let commands = false
    if (ring.used !== mode.seen) mode.receivedAt = now
    age(mode, now)
    switch (mode.state) {
        case DataState.Ending:
            ending(mode, now)
            break
        case DataState.Escaping:
            commands = escaping(mode, now)
            break
        default:
            flow(mode, now)
    }
    mode.seen = ring.used
    return commands
}

/** When `pollData()` has work even if nothing is received. */
export function dataAt(mode: Mode, now: number): number {
    if (mode.watching) return mode.watchedAt + DCD_ON
    let at = now + IDLE
    switch (mode.state) {
        case DataState.Ending:
            return endingAt(mode, now)
        case DataState.Escaping:
            return now + QUIET
        case DataState.Silence:
            at = silenceAt(mode)
            // due work waits for a slow reader
            if (!before(now, at)) at = now + QUIET
            break
        default:
            if (mode.leaving()) return now
            if (mode.core.encoder.left === 0 && isSending(mode)) return now
            if (!mode.carrier) at = mode.since + DCD_ON
    }
    const glitched = mode.absences > 0
    const word = mode.seen > 0 ? lastWord(mode.core.ring, glitched) : 0
    const heard = mode.receivedAt + lag(word)
    if (word === 0 || !before(now, heard)) return at
    return before(heard, at) ? heard : at
}
