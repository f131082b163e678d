/** The data of transparent mode, both ways, and what a poll does in each of its states. */
import { Failure } from "../errors"
import { IDLE } from "../config"
import { before, difference } from "../time"
import { SendState } from "../link/connection"
import { rawSend, rawSent } from "../link/raw"
import { ending, endingAt, lookForRestart } from "./ending"
import { escape, escaping, QUIET, silenceAt } from "./escape"
import { DataState, DCD_ON, Doubt, type Mode } from "./mode"
import { CLOSED, lastLine, lastWord, tail } from "./texts"

/** How long DCD may come behind what looks like the last line of a connection, ms. */
const DCD_LAG = 100
/** … and how long the rest of what may become that line can take. */
const PIECE_LAG = 20

/** How long `word` bytes of that line may be a coincidence, ms. */
function lag(word: number): number {
    return word < CLOSED.length ? PIECE_LAG : DCD_LAG
}

/** Whether data of the application are on their way. */
function isSending(mode: Mode): boolean {
    const state = mode.link.sendState
    return state === SendState.Wanted || state === SendState.InFlight
}

/** Times long past must not seem to come when the clock has wrapped. */
function age(mode: Mode, now: number) {
    if (difference(now, mode.receivedAt) > IDLE) mode.receivedAt = now - IDLE
    if (difference(now, mode.since) > IDLE) mode.since = now - IDLE
    if (difference(now, mode.lowSince) > IDLE) mode.lowSince = now - IDLE
}

/** Data go out, or data mode is about to be left. */
function send(mode: Mode, now: number) {
    const core = mode.core
    const link = mode.link
    const left = core.encoder.left
    // it was a glitch
    if (
        mode.doubt !== Doubt.None &&
        mode.state === DataState.Silence &&
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

/** Data come and go: all that came before DCD went off is data beyond doubt. */
function flow(mode: Mode, now: number) {
    const core = mode.core
    const ring = core.ring
    if (core.uart.dcd) mode.carrier = true
    else if (!mode.carrier && difference(now, mode.since) >= DCD_ON) {
        // without DCD nobody could tell the end of the connection
        mode.carrier = true
        core.links.refuse(mode.link, Failure.NoCarrier)
    }
    if (mode.glitched) lookForRestart(mode, now)
    if (mode.suspicious() && mode.succeeded(now)) return
    const word = lastWord(ring, mode.glitched)
    const waited = difference(now, mode.receivedAt) >= lag(word)
    // a short connection may be over before DCD was looked at
    const closed = word >= CLOSED.length && waited
    const on = core.uart.dcd || mode.leaving() || !(mode.carrier || closed)
    let keep = 0
    if (!on || mode.tries > 0 || mode.suspicious()) keep = tail(ring)
    else if (!waited) keep = word
    // DCD has not been on: behind that line there may be answers
    const last = mode.carrier ? -1 : lastLine(ring)
    if (on && last >= 0) keep = ring.used - last
    mode.deliver(ring.used - keep)
    if (on) {
        send(mode, now)
        return
    }
    // a connection that short says nothing about the wire
    mode.carrier = true
    mode.halt()
    mode.enter(DataState.Ending, now)
    ending(mode, now)
}

/**
 * Does what is due in data mode.
 * @returns whether the modem has said that it takes commands
 */
export function pollData(mode: Mode, now: number): boolean {
    const ring = mode.core.ring
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

/** When that has something to do even if nothing comes in. */
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
            // what is due waits for a slow reader
            if (!before(now, at)) at = now + QUIET
            break
        default:
            if (mode.leaving()) return now
            if (mode.core.encoder.left === 0 && isSending(mode)) return now
            if (!mode.carrier) at = mode.since + DCD_ON
    }
    const word = mode.seen > 0 ? lastWord(mode.core.ring, mode.glitched) : 0
    const heard = mode.receivedAt + lag(word)
    if (word === 0 || !before(now, heard)) return at
    return before(heard, at) ? heard : at
}
