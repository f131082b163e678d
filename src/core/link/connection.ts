/** One connection: what it needs from the modem, and its progress. */
import type { Command } from "../commands"
import { Failure, type Cme } from "../errors"
import { Ring } from "../ring"

/** For this long after the end of a use, CLOSED may come for it, once or again, ms */
export const CLOSED_LAG = 10000

/** How many connections a SIM800 has. */
export const CONNECTIONS = 6
export { SEGMENT } from "../config"

/**
 * The driver's states of a numbered connection. AT+CIPSTATUS has fewer (manual 8.2.10):
 * the modem may still have a connection that is over for its owner, and its number is
 * not used again before that is resolved.
 */
export enum LinkState {
    /** free */
    Initial,
    /** over, for the modem too; received data can still be read */
    Closed,
    /** AT+CIPSTART is due */
    Wanted,
    /** the same, but AT+CIPCLOSE comes first: the modem has a connection there */
    Clearing,
    /** AT+CIPSTART was given, its result is due */
    Connecting,
    Connected,
    /** closed by the peer, or a send failed; the modem may still hold data */
    RemoteClosing,
    /** AT+CIPCLOSE is due, or in flight */
    Closing,
    /** the same; the result of an earlier command may come until `deadline` */
    Abandoned,
    /**
     * AT+CIPCLOSE succeeded; the late result of an earlier command may come until
     * `deadline`
     */
    Quarantine,
    /** AT+CIPSTART may have been refused; AT+CIPSTATUS tells */
    Doubtful,
}

/** Traits of states: bits, so that no order of states matters. */
export enum Trait {
    /** over for its owner: nothing more will be received */
    Over = 1,
    /** received data belong to the owner */
    Open = 2,
    /** the modem has, or may have, a connection */
    Active = 4,
    /** its number becomes free by itself */
    Freeing = 8,
    /** the modem has connected it on request, or is about to */
    Live = 16,
}

/** The traits of each state, by number. */
// prettier-ignore
export const TRAITS = Buffer.from([
    /* Initial       */ Trait.Over,
    /* Closed        */ Trait.Over,
    /* Wanted        */ 0,
    /* Clearing      */ 0,
    /* Connecting    */ Trait.Active | Trait.Live,
    /* Connected     */ Trait.Active | Trait.Live | Trait.Open,
    /* RemoteClosing */ Trait.Active | Trait.Open,
    /* Closing       */ Trait.Active | Trait.Over | Trait.Freeing,
    /* Abandoned     */ Trait.Active | Trait.Over | Trait.Freeing,
    /* Quarantine    */ Trait.Active | Trait.Over | Trait.Freeing,
    /* Doubtful      */ Trait.Active | Trait.Over | Trait.Freeing,
])

/** Progress of sending a buffer: under way in the last two states. */
export enum SendState {
    Idle,
    Done,
    /** `sendFailure` says why */
    Failed,
    /** waiting for its turn, also between two segments */
    Wanted,
    /** a segment is being sent */
    InFlight,
}

/**
 * State of reading with AT+CIPRXGET: one bit if the modem holds, or may hold, data, and
 * one if it was asked for some.
 */
export enum ReadState {
    Idle,
    /** the modem holds data */
    Held,
    /**
     * the header of a response is due: the modem may have handed over bytes that were
     * lost
     */
    Asked,
    /** the same, and the modem said that it holds data */
    Fetching,
}

/** State of a connection by AT+CIPSTATUS. */
export enum Audited {
    /** INITIAL, CLOSED, CLOSING, REMOTE CLOSING */
    None,
    Connecting,
    Connected,
    /** no readable state */
    Unread,
}

/**
 * Header of a datagram in its receive ring: length, port of the sender (u16 each),
 * address of the sender (4 bytes).
 */
export const DATAGRAM_HEADER = 8
/** Bits of a `Command`. */
const COMMAND_BITS = 8

/** @devsWhenUsed */
export class Connection {
    readonly id: number
    state = LinkState.Initial
    /** it has an owner; a closed one without an owner is free */
    owned = false
    /** counts the uses of the number, so that an earlier owner notices the change */
    generation = 0
    /** UDP: `rx` holds datagrams, each after its header */
    udp = false
    /** name or dotted address of the peer; "" if the peer has connected to the server */
    host = ""
    port = 0
    /** AT+CLPORT: the local port, 0 for any */
    localPort = 0
    /** UDP extended mode: datagrams from and to any address */
    extended = false
    /** the PDP context, 0 or 1 */
    context = 0
    /** TLS over TCP */
    tls = false
    /** TLS: an invalid certificate ends the handshake */
    verify = false
    /** TLS: the module shows its own certificate */
    authenticate = false
    /** the peer has connected to the server here */
    inbound = false
    /** address of an accepted peer, or of the sender of a datagram */
    readonly address: Buffer
    senderPort = 0
    /** data received and not yet read */
    readonly rx: Ring
    /**
     * readable bytes of `rx`: with AT+CIPRXGET a segment counts once the OK after it
     * shows that it is whole
     */
    readable = 0
    /** bytes that came from the modem, and bytes that it has accepted */
    received = 0
    sent = 0
    /** when data came last */
    receivedAt = 0
    /** datagrams dropped for want of room */
    dropped = 0
    /** why it is over, None before that */
    failure = Failure.None
    /** the command that failed: `refusedCommand()`, `refusedCme()`; 0: none */
    refused = 0

    sendState = SendState.Idle
    sendFailure = Failure.None
    /** bytes of the buffer being sent that the modem has accepted */
    accepted = 0
    /** the rest of that buffer: `sourceLeft` bytes from `sourceAt` on */
    source: Buffer | null = null
    sourceAt = 0
    sourceLeft = 0
    /**
     * most bytes that the modem takes at a time; 0: unknown; -1: AT+CIPSEND? was given,
     * and its response has not listed this connection
     */
    room = 0
    /**
     * times in a row that the modem was busy or had no room; behind CLOSED, that it has
     * refused to be read
     */
    refusals = 0
    /** when the first of them came */
    refusedSince = 0

    reading = ReadState.Idle
    /** bytes that the modem holds; SEGMENT if unknown */
    waiting = 0
    /** reading had the last turn */
    hadRead = false
    /** `host` and its port `target` become the new destination of datagrams */
    retarget = false
    target = 0
    /** AT+CIPCLOSE=n,1: do not wait for the peer */
    quickClose = false
    /** CLOSED is still due for this use */
    closedDue = false
    /** until then CLOSED may belong to an earlier use */
    closedDoubtUntil = 0
    /** ALREADY CONNECT was answered once: AT+CIPCLOSE, and one more try */
    retried = false
    /** no command for it before this time */
    notBefore = 0
    /** Connecting, Abandoned, Quarantine: timeout of the modem's result */
    deadline = 0
    /** when to ask for data without a notice */
    pollAt = 0

    constructor(id: number, rxSize: number) {
        this.id = id
        this.rx = new Ring(rxSize)
        this.address = Buffer.alloc(4)
    }
}

/**
 * The value of `Connection.refused`: a command, and the number of its +CME ERROR or a
 * `Cme`.
 */
export function refusedFor(command: Command, cme: Cme): number {
    return (cme << COMMAND_BITS) | command
}

export function refusedCommand(refused: number): Command {
    return refused & ((1 << COMMAND_BITS) - 1)
}

export function refusedCme(refused: number): Cme {
    return refused >> COMMAND_BITS
}

/** Whether the header of a response to AT+CIPRXGET is due. */
export function isAsked(link: Connection): boolean {
    return (link.reading & ReadState.Asked) !== 0
}

/** Adds connections to a list until it has one with this number. */
export function addUpTo(list: Connection[], id: number, rxSize: number) {
    while (list.length <= id) list.push(new Connection(list.length, rxSize))
}
