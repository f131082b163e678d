/**
 * The beginning of data mode: CONNECT, expected or not, damaged, or shown by DCD alone.
 */
import { Phase } from "../phase"
import { Command } from "../commands"
import { Failure } from "../errors"
import { difference } from "../time"
import { LinkState } from "../link/connection"
import { transparent } from "../link/events"
import { DataState, DCD_ON, NO_RUN, type Mode } from "./mode"
import { connectBegins } from "./texts"

/** CONNECT has come: the next byte is data. */
export function begin(mode: Mode, now: number) {
    mode.generation = mode.link.generation
    mode.commandWanted = false
    mode.failure = Failure.None
    mode.receivedAt = now
    mode.seen = 0
    // DCD may have been off once more
    if (!mode.succeeded) mode.absences = 0
    mode.carried = mode.core.uart.dcd
    mode.runs = NO_RUN
    mode.unproven = false
    mode.watching = mode.succeeded = false
    mode.certain()
    mode.lower(now)
    // poll again at once: the ring may hold more
    mode.core.links.wake()
    mode.enter(DataState.Data, now)
}

function connected(mode: Mode, now: number) {
    const again = mode.generation === mode.link.generation
    transparent(mode.core.links, again, now)
    begin(mode, now)
}

function expected(mode: Mode): boolean {
    return mode.link.state === LinkState.Connecting || mode.core.links.serving
}

/** CONNECT has come unsolicited. */
export function connect(mode: Mode, now: number) {
    const core = mode.core
    const serving = core.links.serving
    // an unexpected CONNECT may be late, or data: DCD tells
    const dcd = core.uart.dcd
    if (mode.unproven && !(serving && dcd && mode.absences > 0)) return
    if (!dcd && !expected(mode)) return
    // bytes under way to the modem have become data for this peer of the server
    const spilt = serving && core.channel.running !== Command.None
    connected(mode, now)
    if (spilt) core.links.refuse(mode.link, Failure.Desynchronised)
}

/**
 * DCD is on, and CONNECT has not come. Until it comes, no command is given and no line
 * is believed. If it does not come, it was damaged: data may be missing, so the
 * connection is useless, and data mode is left without sending to the peer.
 */
export function watch(mode: Mode, now: number) {
    const core = mode.core
    const ring = core.ring
    if (ring.used === 0) {
        mode.succeeded = false
        // CONNECT has not followed: it was that of the last connection, or a glitch
        if (!core.uart.dcd) mode.carrier = false
    }
    if (
        !core.uart.dcd ||
        mode.succeeded ||
        mode.state !== DataState.Off ||
        core.bearer.phase !== Phase.Ready ||
        !(
            expected(mode) ||
            mode.link.state === LinkState.Abandoned ||
            mode.link.state === LinkState.Quarantine
        ) ||
        core.channel.running !== Command.None ||
        connectBegins(ring, core.links.serving)
    ) {
        mode.watching = false
        return
    }
    if (!mode.watching) {
        mode.watching = true
        mode.watchedAt = now
        // it may be off again when CONNECT is handled
        mode.carrier = true
    }
    if (difference(now, mode.watchedAt) < DCD_ON && ring.used < ring.size)
        return
    connected(mode, now)
    core.links.refuse(mode.link, Failure.Desynchronised)
}
