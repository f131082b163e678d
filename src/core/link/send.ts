/**
 * Sending (application note 6): one AT+CIPSEND after the other until the modem has all
 * of a buffer, and the handling of failures.
 */
import { BACKSPACE, CTRL_Z, ESC } from "../ascii"
import { Outcome, Stage } from "../channel"
import { Command } from "../commands"
import { Framing } from "../config"
import { Failure } from "../errors"
import { difference } from "../time"
import { Connection, LinkState, SEGMENT, SendState } from "./connection"
import type { Connections } from "./connections"

const S = 1000
/** between two AT+CIPSEND? while the modem has no room, ms */
const ROOM_PAUSE = 200
/** a connection is taken for dead when the modem has had no room for this long, ms */
const ROOM_TIMEOUT = 120 * S
/** bytes of a segment when the modem does not know AT+CIPSEND? */
const ROOM_DEFAULT = 1024
/** From the last byte of the data to DATA ACCEPT, ms. */
const ACCEPT = 10 * S
/** … and to SEND OK: the peer has to answer. */
const ACK = 65 * S

/**
 * Whether data contain a character that ends, cancels or edits them if their length is
 * not announced (application note 2.1.1, 6.2).
 */
function hasEnd(source: Buffer, at: number, end: number): boolean {
    return (
        source.indexOf(CTRL_Z, at, end) >= 0 ||
        source.indexOf(ESC, at, end) >= 0 ||
        source.indexOf(BACKSPACE, at, end) >= 0
    )
}

/**
 * Sends bytes without a copy. They must stay unchanged until `sendState` is Done or
 * Failed.
 */
export function send(
    links: Connections,
    link: Connection,
    source: Buffer,
    at: number,
    len: number
): Failure {
    if (link.state !== LinkState.Connected) {
        if (link.failure !== Failure.None) return link.failure
        return link.state === LinkState.RemoteClosing
            ? Failure.ClosedByPeer
            : Failure.ClosedHere
    }
    const datagram = link.udp && !links.config.transparent
    if (datagram && (len === 0 || len > SEGMENT)) return Failure.BadArgument
    if (
        link.sendState === SendState.Wanted ||
        link.sendState === SendState.InFlight
    )
        return Failure.Busy
    link.source = source
    link.sourceAt = at
    link.sourceLeft = len
    link.accepted = 0
    link.sendFailure = Failure.None
    link.refusals = 0
    link.sendState = len > 0 ? SendState.Wanted : SendState.Done
    links.work = true
    return Failure.None
}

/**
 * The owner of a connection that is being closed wants its buffer back.
 * @returns whether it may have it; if not, its bytes were announced to the modem
 */
export function release(links: Connections, link: Connection): boolean {
    if (link.sendState !== SendState.InFlight) return true
    if (links.config.transparent && links.halt(link)) {
        links.sendEnded(link, link.failure)
        return true
    }
    return !links.channel.reads(link.id)
}

/**
 * Closes a connection that no longer sends (chapter 12).
 * @param late the result may still come
 */
function dead(
    links: Connections,
    link: Connection,
    failure: Failure,
    late: boolean,
    now: number
) {
    links.sendEnded(link, failure)
    links.recovery.connectionFailed()
    if (late) link.deadline = now + (links.told.quick ? ACCEPT : ACK)
    if (link.state === LinkState.Connected) {
        if (late) links.end(link, LinkState.Abandoned, failure)
        else if (!links.asks || link.waiting === 0)
            links.end(link, LinkState.Closing, failure)
        else {
            // earlier data of the peer are read first: they may tell why it takes no
            // more
            link.failure = failure
            links.enter(link, LinkState.RemoteClosing)
        }
    } else if (late && link.state === LinkState.Closing)
        links.enter(link, LinkState.Abandoned)
    links.wishes.audit = true
}

/** The modem takes nothing now: ask again after a pause. */
function noRoom(links: Connections, link: Connection, now: number) {
    link.room = 0
    link.notBefore = now + ROOM_PAUSE
    if (link.refusals++ === 0) link.refusedSince = now
    else if (difference(now, link.refusedSince) > ROOM_TIMEOUT)
        dead(links, link, Failure.SendRefused, false, now)
}

/**
 * Gives the next command of sending: destination, query for room, or the next segment.
 * @returns whether a command was given
 */
export function sendNext(
    links: Connections,
    link: Connection,
    now: number
): boolean {
    const config = links.config
    const channel = links.channel
    if (link.retarget) {
        links.preparation.retarget(link, now)
        return true
    }
    if (link.room <= 0) {
        link.room = -1
        channel.begin(Command.CipsendRead, link.id, now)
        return true
    }
    let segment = link.sourceLeft
    if (segment > link.room) {
        // a datagram is sent whole
        if (link.udp) {
            noRoom(links, link, now)
            links.due(link.notBefore)
            return false
        }
        segment = link.room
    }
    link.sendState = SendState.InFlight
    const source = link.source as Buffer
    const at = link.sourceAt
    let framing = config.framing
    if (framing !== Framing.Length && hasEnd(source, at, at + segment))
        framing = Framing.Length
    const length = framing === Framing.Length ? segment : -1
    channel.begin(Command.Cipsend, link.id, now)
    if (config.multi) links.encoder.numbers(link.id, length)
    else if (length >= 0) links.encoder.numbers(length, -1)
    // bytes that the UART has taken are not on the wire yet
    channel.send(
        source,
        at,
        segment,
        framing,
        links.uart.segmentTime +
            config.sendTimer * S +
            (links.told.quick ? ACCEPT : ACK)
    )
    return true
}

/** +CIPSEND: n,size */
export function roomLine(links: Connections, id: number, size: number) {
    if (id >= links.list.length) return
    const link = links.list[id]
    link.room = size < SEGMENT ? size : SEGMENT
    if (link.room > links.usualRoom) links.usualRoom = link.room
}

/** AT+CIPSEND? has ended. */
export function roomAnswered(
    links: Connections,
    link: Connection,
    outcome: Outcome,
    now: number
) {
    if (link.sendState !== SendState.Wanted) return
    if (outcome === Outcome.Refused) link.room = ROOM_DEFAULT
    // the response lists the connections that are up
    else if (outcome === Outcome.Ok && link.room < 0) links.wishes.audit = true
    if (link.room <= 0) noRoom(links, link, now)
}

/** The modem has not taken a segment. */
function failed(
    links: Connections,
    link: Connection,
    outcome: Outcome,
    now: number
) {
    const stage = links.channel.stage
    if (outcome === Outcome.Refused && stage === Stage.Given) {
        // no prompt, so nothing was sent
        if (link.state !== LinkState.Connected) {
            links.sendEnded(link, link.failure)
            return
        }
        link.sendState = SendState.Wanted
        links.refusedSends |= 1 << link.id
        noRoom(links, link, now)
        // no room, or closed without notice?
        if (link.refusals === 2) links.wishes.audit = true
        return
    }
    // SEND FAIL, or data cancelled before their beginning
    const certain = outcome === Outcome.SendFail || stage === Stage.Cancelled
    dead(
        links,
        link,
        certain ? Failure.SendFailed : Failure.SendUnknown,
        outcome === Outcome.Timeout && !certain,
        now
    )
}

/**
 * The modem has sent data that the driver did not give. If it refused a send before, that
 * refusal was none, and it took commands for data: the stream is spoilt. Else it says a
 * result twice.
 */
export function sentUnasked(links: Connections, id: number) {
    if (id < 0 || id >= links.list.length) return
    const link = links.list[id]
    // the result of a send under way is only early
    if (
        (links.refusedSends & (1 << id)) !== 0 &&
        link.state === LinkState.Connected &&
        link.sendState !== SendState.InFlight
    )
        links.refuse(link, Failure.SendUnknown)
}

/** AT+CIPSEND= has ended. */
export function sent(
    links: Connections,
    link: Connection,
    outcome: Outcome,
    now: number
) {
    if (link.sendState !== SendState.InFlight) return
    if (outcome !== Outcome.Ok) {
        failed(links, link, outcome, now)
        return
    }
    const n = links.channel.length
    const results = links.results
    if (results.argc > 0 && results.args[results.argc - 1] !== n) {
        // DATA ACCEPT of other bytes than were given: the command came damaged
        dead(links, link, Failure.SendUnknown, false, now)
        return
    }
    link.sent += n
    link.accepted += n
    link.sourceAt += n
    link.sourceLeft -= n
    link.refusals = 0
    // less room than usual: ask how much there is now
    if (n === link.room && n < links.usualRoom) link.room = 0
    if (link.sourceLeft === 0) {
        link.sendState = SendState.Done
        link.source = null
        links.news |= 1 << link.id
    } else if (link.state === LinkState.Connected)
        link.sendState = SendState.Wanted
    else links.sendEnded(link, link.failure)
}
