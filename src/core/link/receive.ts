/**
 * Receiving (application note 7): headers and destination of payload, requests for data
 * that wait in the modem, and reading by the owner.
 */
import { Outcome } from "../channel"
import { Command } from "../commands"
import { Reception } from "../config"
import { Failure } from "../errors"
import { Line } from "../results"
import { before, difference } from "../time"
import {
    Connection,
    CONNECTIONS,
    DATAGRAM_HEADER,
    isAsked,
    LinkState,
    ReadState,
    SEGMENT,
    SendState,
    Trait,
    TRAITS,
} from "./connection"
import type { Connections } from "./connections"

/** Most bytes of one payload: a datagram that fills an Ethernet frame, and a margin. */
const PAYLOAD_MAX = 1500
/** `⏎OK⏎` */
export const ANSWER = 6
/** Most bytes of a datagram in hexadecimal digits. */
const HEX_SEGMENT = 730

/** Turns the hexadecimal digits of AT+CIPRXGET=3 into bytes. */
function decode(link: Connection) {
    const rx = link.rx
    const mask = rx.size - 1
    let from = link.readable
    if (link.udp) from += DATAGRAM_HEADER
    const start = rx.tail + from
    const n = (rx.used - from) >> 1
    for (let i = 0; i < n; i++) {
        const high = rx.buf[(start + 2 * i) & mask]
        const low = rx.buf[(start + 2 * i + 1) & mask]
        rx.buf[(start + i) & mask] =
            ((high >= 0x41 ? high - 0x37 : high - 0x30) << 4) |
            (low >= 0x41 ? low - 0x37 : low - 0x30)
    }
    rx.used = from + n
}

/** Lets the owner read the received part of a payload. */
export function commit(links: Connections, link: Connection) {
    if (link.readable === link.rx.used) return
    if (links.config.reception === Reception.Hex) decode(link)
    link.readable = link.rx.used
    links.news |= 1 << link.id
}

/** Bare data were received. */
export function plain(links: Connections) {
    const link = links.list[0]
    link.received += link.rx.used - link.readable
    commit(links, link)
}

/** Bytes were lost: the last payload is not what the peer sent. */
export function torn(links: Connections, id: number) {
    if (id < 0) return
    const link = links.list[id]
    if ((TRAITS[link.state] & (Trait.Open | Trait.Live)) === 0) return
    link.reading &= ReadState.Held
    link.rx.used = link.readable
    // a lost datagram is no error
    if (link.udp && links.asks) {
        link.dropped++
        return
    }
    links.refuse(link, Failure.ReceiveTorn)
}

/** The UART has lost bytes: pushed payload of any connection, perhaps. */
export function bytesLost(links: Connections) {
    if (links.asks) return
    links.digest.discard()
    for (let id = 0; id < links.list.length; id++) torn(links, id)
}

/** The rest of a payload does not come: bytes of it, or of its length, were lost. */
export function cutOff(links: Connections) {
    torn(links, links.receiver)
    links.digest.reset()
}

/**
 * The rest of a payload does not come. It is lost or late, and looks like
 * anything: until a command shows which, received bytes are dropped and counted.
 */
export function suspend(links: Connections) {
    torn(links, links.receiver)
    links.digest.discard()
    links.missing = links.digest.payloadLeft
}

/** Whether a payload is suspended, and nothing has come since. */
export function suspended(links: Connections): boolean {
    return links.missing > 0 && links.missing === links.digest.payloadLeft
}

/**
 * As many bytes have come as were missing: they may belong to any connection all the
 * same.
 */
export function late(links: Connections) {
    links.missing = 0
    bytesLost(links)
}

/**
 * A command timed out: the bytes that came instead of its response were no rest of a
 * payload.
 */
export function resume(links: Connections) {
    if (suspended(links)) return
    // all but the response may have been data of any connection
    const came = links.missing - links.digest.payloadLeft
    if (links.missing > 0 && came !== ANSWER) bytesLost(links)
    links.missing = 0
    cutOff(links)
}

/** Sender of the next payload: four numbers of the address, and the port. */
function sentBy(links: Connections, args: number[], from: number) {
    for (let i = 0; i < 4; i++) links.sender[i] = args[from + i]
    links.senderPort = args[from + 4]
    links.senderKnown = true
}

function pushHeader(links: Connections, link: Connection, len: number) {
    const header = links.header
    header.setAt(0, "u16", len)
    if (links.senderKnown) {
        header.setAt(2, "u16", links.senderPort)
        header.blitAt(4, links.sender, 0, 4)
    } else {
        header.setAt(2, "u16", 0)
        header.setAt(4, "u32", 0)
    }
    link.rx.put(header, 0, DATAGRAM_HEADER)
}

/** AT+CIPRXGET=2 or 3 is in flight. */
export function fetching(links: Connections): boolean {
    const command = links.channel.running
    return command === Command.CiprxgetRead || command === Command.CiprxgetHex
}

/** … for this number */
function takesNow(links: Connections, id: number): boolean {
    return fetching(links) && links.channel.link === id
}

/**
 * A payload begins.
 * @param id its connection, by the modem's number
 * @param left bytes that stay in the modem, 0 in push mode
 */
function payload(
    links: Connections,
    id: number,
    len: number,
    left: number,
    now: number
) {
    const digest = links.digest
    if (id >= links.list.length) {
        links.badNumbers++
        links.receiver = -1
        digest.expectPayload(len, null)
        // an impossible number: a digit was lost or added
        if (id >= CONNECTIONS) bytesLost(links)
        return
    }
    const link = links.list[id]
    const reception = links.config.reception
    // data that were not asked for only look like a response
    const traits = TRAITS[link.state]
    const open =
        reception === Reception.Push
            ? // a peer's first data may come before CONNECT OK
              (traits & (Trait.Open | Trait.Live)) !== 0 &&
              // … but not before the OK of AT+CIPSTART: those belong to another
              // connection
              !(
                  link.state === LinkState.Connecting &&
                  links.channel.running === Command.Cipstart &&
                  links.channel.link === id
              )
            : (link.reading & ReadState.Asked) !== 0 &&
              (traits & Trait.Open) !== 0
    link.reading &= ReadState.Held
    links.missing = 0
    const bytes = reception === Reception.Hex ? len << 1 : len
    let sink = null
    links.receiver = -1
    // they were asked for the number's last use, and a peer has taken it meanwhile:
    // they may be the peer's, and are dropped
    if (!open && link.inbound && len > 0 && takesNow(links, id)) torn(links, id)
    if (open) {
        sink = link.rx
        links.receiver = id
        link.reading = left > 0 ? ReadState.Held : ReadState.Idle
        if (left > 0) link.waiting = left
        if (link.udp && len > 0) {
            // a datagram without room is dropped, as UDP permits
            const free = link.rx.size - link.rx.used
            if (free < bytes + DATAGRAM_HEADER) {
                link.dropped++
                sink = null
            } else pushHeader(links, link, len)
        }
        link.received += len
        link.receivedAt = now
        if (links.recovery.troubled) links.recovery.proved()
    }
    links.senderKnown = false
    digest.expectPayload(bytes, sink)
}

/** +CIPRXGET: 1,n */
function notice(links: Connections, id: number) {
    if (id >= links.list.length) {
        links.badNumbers++
        return
    }
    const link = links.list[id]
    if (link.waiting === 0) link.waiting = SEGMENT
    link.reading |= ReadState.Held
    links.work = true
}

/** +CIPRXGET: 4,n,count */
function countLine(links: Connections, id: number, count: number) {
    if (id >= links.list.length) return
    const link = links.list[id]
    // after CLOSED, reading tells the end: this may be older
    if (link.state !== LinkState.Connected) return
    link.waiting = count
    const asked = link.reading & ReadState.Asked
    link.reading = count > 0 ? asked | ReadState.Held : asked
}

/**
 * +CIPRXGET: 1,n · 2,n,len,left · 4,n,count; n only with several connections
 * @returns false for any other line
 */
function rxGet(links: Connections, argc: number, now: number): boolean {
    const args = links.results.args
    const mode = args[0]
    const first = +links.config.multi
    const id = first === 1 ? args[1] : 0
    // mode 1 is always the notice, whatever command is in flight; some firmware adds
    // the sender
    if (mode === 1 && argc > first && argc !== first + 3) {
        notice(links, id)
        return true
    }
    if (!links.results.exact) return false
    if (argc === first + 2) {
        if (mode !== 4) return false
        if (links.channel.information === Line.RxGet)
            countLine(links, id, args[first + 1])
        return true
    }
    if ((mode !== 2 && mode !== 3) || argc !== first + 3) return false
    const one = args[first + 1]
    const other = args[first + 2]
    if (one > PAYLOAD_MAX) return false
    if (!links.config.confirmedNumbers) payload(links, id, one, other, now)
    // the full length asked for: there may be more
    else payload(links, id, other, one === other ? SEGMENT : 0, now)
    return true
}

/**
 * A line that announces data, or names their sender.
 * @returns false if it was not understood
 */
export function header(links: Connections, line: Line, now: number): boolean {
    const results = links.results
    const args = results.args
    const argc = results.argc
    // data mode was left in doubt: a line like this was data
    if (links.config.transparent) return true
    switch (line) {
        case Line.RxGet:
            return rxGet(links, argc, now)
        case Line.Receive:
            if (argc < 2 || !results.exact || args[1] > PAYLOAD_MAX)
                return false
            if (argc === 7) sentBy(links, args, 2)
            payload(links, args[0], args[1], 0, now)
            return true
        case Line.Ipd:
            if (argc === 0 || args[0] > PAYLOAD_MAX) return false
            payload(links, 0, args[0], 0, now)
            return true
    }
    if (argc === 5) sentBy(links, args, 0)
    return true
}

/** AT+CIPRXGET=2 or 3 is in flight, and the header of its response is due. */
export function reading(links: Connections): boolean {
    return fetching(links) && isAsked(links.list[links.channel.link])
}

/**
 * The payload of a response is complete: it may be read once its OK comes, or at once
 * if the response is late and no OK is awaited.
 */
export function answered(links: Connections) {
    const id = links.receiver
    if (takesNow(links, id)) return
    if (id >= 0) commit(links, links.list[id])
}

/** The reader of a connection is too slow for pushed data. */
export function stall(links: Connections, now: number) {
    const digest = links.digest
    if (!links.stalled) {
        links.stalled = true
        links.stalledSince = now
    }
    if (
        digest.stalled &&
        difference(now, links.stalledSince) >= links.config.stallTimeout
    ) {
        // the reader took too long: drop the rest of the payload
        digest.discard()
        const id = digest.plain === null ? links.receiver : 0
        if (id >= 0) links.refuse(links.list[id], Failure.ReceiveOverrun)
    }
    if (!digest.stalled) {
        // responses were held up behind the payload
        const channel = links.channel
        const given = difference(channel.sentAt, links.stalledSince)
        channel.extend(now - (given > 0 ? channel.sentAt : links.stalledSince))
        links.stalled = false
    }
}

/**
 * Asks for data of a connection, or whether there are any.
 * @returns whether a command was given
 */
export function ask(
    links: Connections,
    link: Connection,
    now: number
): boolean {
    const config = links.config
    const channel = links.channel
    let command = Command.CiprxgetCount
    let value = -1
    if (link.waiting === 0) {
        if (before(now, link.pollAt)) {
            links.due(link.pollAt)
            link.hadRead = false
            return false
        }
        link.pollAt = now + config.receivePoll * links.active
    } else {
        const hex = config.reception === Reception.Hex
        const size = link.rx.size
        let free = size - link.rx.used
        let most = links.most
        let wants = link.waiting <= free || free >= size >> 1
        if (hex) free >>= 1
        // a datagram comes whole or not at all
        if (link.udp) {
            free -= DATAGRAM_HEADER
            most = hex ? HEX_SEGMENT : SEGMENT
            wants = free >= most
        }
        // reading and sending take turns
        if (link.hadRead && link.sendState === SendState.Wanted) wants = false
        link.hadRead = wants
        if (!wants) return false
        command = hex ? Command.CiprxgetHex : Command.CiprxgetRead
        value = free > most ? most : free
        // unless the response says how much is left
        link.waiting = 0
        link.reading |= ReadState.Asked
        link.pollAt = now + config.receivePoll
    }
    channel.begin(command, link.id, now)
    if (config.multi) links.encoder.numbers(link.id, value)
    else if (value >= 0) links.encoder.numbers(value, -1)
    return true
}

/** AT+CIPRXGET=2 or 3 has ended. */
export function asked(links: Connections, link: Connection, outcome: Outcome) {
    const due = (link.reading & ReadState.Asked) !== 0
    if (outcome === Outcome.Refused) {
        link.reading &= ReadState.Held
        link.waiting = 0
        // the modem said that it holds data, and may have handed them over
        if (link.reading !== ReadState.Idle) torn(links, link.id)
        // one ERROR is no verdict: the command may have come damaged
        else if (
            link.state === LinkState.RemoteClosing &&
            link.refusals++ === 0
        )
            link.waiting = SEGMENT
    } else if (outcome === Outcome.Ok && !due) commit(links, link)
    // OK without a header before it: the header was damaged. A header without OK after
    // it: the payload has swallowed the OK
    else if (outcome === Outcome.Ok || !due) torn(links, link.id)
    // the response may come late: AT+CIPSTATUS decides
    if (
        link.state === LinkState.RemoteClosing &&
        link.waiting === 0 &&
        !isAsked(link)
    )
        links.finish(link, Failure.ClosedByPeer)
}

/** AT+CIPRXGET=4 has ended. */
export function counted(
    links: Connections,
    link: Connection,
    outcome: Outcome
) {
    if (outcome !== Outcome.Refused || link.state !== LinkState.Connected)
        return
    link.waiting = 0
    links.wishes.audit = true
}

/**
 * Moves up to `len` received bytes to `buf` at `at`.
 * @returns how many
 */
export function read(
    links: Connections,
    link: Connection,
    buf: Buffer,
    at: number,
    len: number
): number {
    if (len > link.readable) len = link.readable
    const n = link.rx.pull(buf, at, len)
    link.readable -= n
    // there is room again
    if (link.waiting > 0 || links.digest.stalled) links.work = true
    return n
}

/**
 * Takes the header of the next datagram: its sender goes to `address` and `senderPort`
 * of the connection, zeros if the modem did not report it.
 * @returns its length; `read()` has to take exactly as much
 */
export function datagram(links: Connections, link: Connection): number {
    read(links, link, links.header, 0, DATAGRAM_HEADER)
    link.address.blitAt(0, links.header, 4, 4)
    link.senderPort = links.header.getAt(2, "u16")
    return links.header.getAt(0, "u16")
}

/** Length of the next datagram, -1 if there is none. */
export function nextLength(link: Connection): number {
    if (link.readable < DATAGRAM_HEADER) return -1
    const rx = link.rx
    const mask = rx.size - 1
    return rx.buf[rx.tail] | (rx.buf[(rx.tail + 1) & mask] << 8)
}
