/**
 * URCs about a connection (application note 2.1 and 3): it is made, fails, is closed; a
 * peer has connected to the server.
 */
import { Command } from "../commands"
import { Failure } from "../errors"
import { Line } from "../results"
import { before } from "../time"
import {
    CLOSED_LAG,
    Connection,
    LinkState,
    ReadState,
    SEGMENT,
    Trait,
    TRAITS,
} from "./connection"
import type { Connections } from "./connections"

/** AT+CIPSTART has its result within 75 s (manual 8.2.2), plus a margin, ms */
export const CONNECT_TIMEOUT = 80000

/** The modem has an unwanted connection. */
export function surprise(
    links: Connections,
    link: Connection,
    up: boolean,
    now: number
) {
    link.deadline = up ? now : now + CONNECT_TIMEOUT
    links.enter(link, up ? LinkState.Closing : LinkState.Abandoned)
}

/** The modem reports that a connection no longer exists. */
export function gone(links: Connections, link: Connection) {
    switch (link.state) {
        case LinkState.Connecting:
            links.end(
                link,
                LinkState.Closed,
                link.tls ? Failure.TlsRefused : Failure.ConnectFailed
            )
            break
        case LinkState.Connected:
            if (links.asks) {
                links.failSend(
                    link,
                    LinkState.RemoteClosing,
                    Failure.ClosedByPeer
                )
                links.enter(link, LinkState.RemoteClosing)
                // the modem may hold data that it has not announced
                link.waiting = SEGMENT
                link.refusals = 0
            } else
                links.end(
                    link,
                    LinkState.Closed,
                    link.reading !== ReadState.Idle
                        ? Failure.ReceiveTorn
                        : Failure.ClosedByPeer
                )
            break
        case LinkState.Closing:
        case LinkState.Abandoned:
        case LinkState.Quarantine:
        case LinkState.Doubtful:
            links.free(link)
            break
    }
}

/** CONNECT OK, or CONNECTED in AT+CIPSTATUS. */
export function connectOk(links: Connections, link: Connection, now: number) {
    if (link.state === LinkState.Connecting) {
        if (!link.udp) links.recovery.connectionMade()
        links.connected(link, now)
    } else if (
        link.state === LinkState.Abandoned ||
        link.state === LinkState.Quarantine
    ) {
        // the awaited result has come
        link.deadline = now
        links.enter(link, LinkState.Abandoned)
    } else if (
        link.state === LinkState.Initial ||
        link.state === LinkState.Closed
    )
        // an abandoned attempt has succeeded: the connection is unwanted
        links.wishes.audit = true
    // the peer who took the number is gone, and AT+CIPSTART has connected it
    else if (link.inbound) links.refuse(link, Failure.Desynchronised)
}

/** CONNECT FAIL */
function connectFail(links: Connections, link: Connection) {
    if (link.state === LinkState.Connecting)
        links.end(link, LinkState.Closed, Failure.ConnectFailed)
    else if (
        link.state === LinkState.Abandoned ||
        link.state === LinkState.Quarantine
    )
        links.free(link)
}

/** ALREADY CONNECT: only AT+CIPSTART is answered with it. */
function alreadyConnect(links: Connections, link: Connection) {
    const channel = links.channel
    if (
        link.state === LinkState.Connected &&
        channel.running === Command.Cipstart &&
        channel.link === link.id
    )
        // CONNECT OK belonged to an earlier connection, which the modem still has
        links.refuse(link, Failure.Desynchronised)
    if (link.state !== LinkState.Connecting) return
    if (link.retried) links.end(link, LinkState.Closing, Failure.ConnectRefused)
    else {
        link.retried = true
        links.enter(link, LinkState.Clearing)
    }
}

/**
 * A line about the state of a connection.
 * @returns whether it is believed
 */
export function event(
    links: Connections,
    line: Line,
    id: number,
    now: number
): boolean {
    if (id >= links.list.length) {
        links.badNumbers++
        return false
    }
    const link = links.list[id]
    const traits = TRAITS[link.state]
    links.work = true
    switch (line) {
        case Line.ConnectOk:
            connectOk(links, link, now)
            // it exists, but not in data mode
            if (links.config.transparent)
                links.refuse(link, Failure.SetupRefused)
            return true
        case Line.ConnectFail:
            connectFail(links, link)
            return true
        case Line.AlreadyConnect:
            alreadyConnect(links, link)
            return true
        case Line.Closed: {
            // of this use, or of an earlier one?
            const doubt = before(now, link.closedDoubtUntil)
            link.closedDoubtUntil = now + CLOSED_LAG
            if (doubt && (traits & (Trait.Live | Trait.Freeing)) !== 0) {
                links.wishes.audit = true
                return false
            }
            link.closedDue = false
            break
        }
        case Line.CloseOk:
            // late, unless a handshake has failed
            if (
                (traits & Trait.Over) === 0 &&
                !(link.state === LinkState.Connecting && link.tls)
            ) {
                links.wishes.audit = true
                return false
            }
            break
    }
    gone(links, link)
    return true
}

/**
 * `REMOTE IP:`: a peer has connected to the server.
 * @param args the numbers of its address
 */
export function accept(
    links: Connections,
    id: number,
    args: number[],
    now: number
) {
    if (id >= links.size) {
        links.badNumbers++
        return
    }
    links.make(id)
    const link = links.list[id]
    // the present user of this number, if any, has lost it
    if (link.state !== LinkState.Initial && link.state !== LinkState.Closed)
        links.end(link, LinkState.Closed, Failure.NumberTaken)
    // the modem may send this peer the data announced for the last one
    const served = links.serving && links.wanted && !links.owes(id)
    if (links.channel.link === id) links.channel.orphan(now)
    if (link.readable > 0) links.unread |= 1 << id
    else links.unread &= ~(1 << id)
    links.renew(link, now)
    for (let i = 0; i < 4; i++) link.address[i] = args[i]
    link.inbound = true
    link.owned = served
    if (served) {
        links.incoming |= 1 << id
        links.connected(link, now)
    } else links.end(link, LinkState.Closing, Failure.ClosedHere)
}

/**
 * CONNECT: the single connection is in data mode.
 * @param again this use of it has been before: a server's next peer has come, and that
 * the last one has gone was not believed
 */
export function transparent(links: Connections, again: boolean, now: number) {
    const link = links.list[0]
    const next = again && links.serving && link.inbound
    if (link.state === LinkState.Connected && !next) return
    if (
        link.state === LinkState.Connecting ||
        (TRAITS[link.state] & Trait.Freeing) !== 0
    ) {
        links.work = true
        connectOk(links, link, now)
    }
    // an unwanted connection is closed
    else if (!links.serving) {
        if (link.state === LinkState.Wanted)
            links.end(link, LinkState.Closed, Failure.Desynchronised)
        surprise(links, link, true, now)
    } else {
        // a peer of the server; the modem does not report its address
        const args = links.results.args
        for (let i = 0; i < 4; i++) args[i] = 0
        accept(links, 0, args, now)
    }
}
