/** One connection: what it wants from the modem, and how far that has come. */
import type { Command } from "../commands"
import { Failure, type Cme } from "../errors"
import { Ring } from "../ring"

/** So long behind the end of a use CLOSED may be said of it, once or again; ms */
export const CLOSED_LAG = 10000

/** How many connections a SIM800 has. */
export const CONNECTIONS = 6
export { SEGMENT } from "../config"

/**
 * What a numbered connection is to the driver. AT+CIPSTATUS knows fewer states
 * (manual 8.2.10): a connection that is over for its owner may not be so for
 * the modem, and its number is not used again before that is certain.
 */
export enum LinkState {
    /** free */
    Initial,
    /** over, for the modem too; what has been received can still be read */
    Closed,
    /** AT+CIPSTART is due */
    Wanted,
    /** the same, but AT+CIPCLOSE comes first: the modem has a connection there */
    Clearing,
    /** AT+CIPSTART was given, its result has not come */
    Connecting,
    Connected,
    /**
     * closed by the peer, or its sending has failed; the modem may hold data that were not
     * fetched yet
     */
    RemoteClosing,
    /** AT+CIPCLOSE is due, or in flight */
    Closing,
    /** the same; the result of an earlier command may come until `deadline` */
    Abandoned,
    /** AT+CIPCLOSE was obeyed; that late result may come until `deadline` */
    Quarantine,
    /** AT+CIPSTART was refused, perhaps; AT+CIPSTATUS says what there is */
    Doubtful,
}

/** What the states have in common: bits, so that no order of states matters. */
export enum Trait {
    /** over for its owner: nothing will be received any more */
    Over = 1,
    /** what the modem sends belongs to the owner */
    Open = 2,
    /** the modem is, or may be, busy with it */
    Active = 4,
    /** its number becomes free by itself */
    Freeing = 8,
    /** the modem has connected it, or is about to, as it was asked to */
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

/** How far the sending of a buffer has come: it is under way in the last two. */
export enum SendState {
    Idle,
    Done,
    /** `sendFailure` says why */
    Failed,
    /** waiting for its turn, also between two segments */
    Wanted,
    /** a segment is on its way */
    InFlight,
}

/**
 * Whether the modem holds data, with AT+CIPRXGET: one bit that it has said so, or may have
 * said so, and one that it was asked for some.
 */
export enum ReadState {
    Idle,
    /** it holds some that were not fetched */
    Held,
    /**
     * the header of an answer is due: the modem may have handed out bytes that nobody
     * has heard
     */
    Asked,
    /** the same, and it has said that there are some */
    Fetching,
}

/** What AT+CIPSTATUS says of a connection. */
export enum Audited {
    /** INITIAL, CLOSED, and what is on its way there */
    None,
    Connecting,
    Connected,
    /** nothing that could be read */
    Unread,
}

/**
 * What stands in front of a datagram in its receive ring: length, port of the
 * sender (u16 each), address of the sender (4 bytes).
 */
export const DATAGRAM_HEADER = 8
/** Bits of a `Command`. */
const COMMAND_BITS = 8

/** @devsWhenUsed */
export class Connection {
    readonly id: number
    state = LinkState.Initial
    /** somebody looks after it; a closed one that nobody wants is free */
    owned = false
    /** counts its uses, so that an owner notices that it has lost it */
    generation = 0
    /** UDP: `rx` holds datagrams, each behind its header */
    udp = false
    /** name or dotted address of the peer; "" if the peer has connected to the server */
    host = ""
    port = 0
    /** AT+CLPORT: the local port, 0 for any */
    localPort = 0
    /** UDP extended mode: datagrams from everybody, to everybody */
    extended = false
    /** the PDP context, 0 or 1 */
    context = 0
    /** TLS over TCP */
    tls = false
    /** TLS: a certificate that is not valid ends the handshake */
    verify = false
    /** TLS: the module shows its own certificate */
    authenticate = false
    /** the peer has connected to the server here */
    inbound = false
    /** address of a peer that was accepted, and of the sender of a datagram */
    readonly address: Buffer
    senderPort = 0
    /** what was received and has not been read */
    readonly rx: Ring
    /**
     * how much of it may be read: with AT+CIPRXGET a segment counts when the OK
     * behind it has shown that it is whole
     */
    readable = 0
    /** bytes that came from the modem, and bytes that it has accepted */
    received = 0
    sent = 0
    /** when data came last */
    receivedAt = 0
    /** datagrams for which there was no room */
    dropped = 0
    /** why it is over, None while it is not */
    failure = Failure.None
    /** the command that was not obeyed: `refusedCommand()`, `refusedCme()`; 0: none */
    refused = 0

    sendState = SendState.Idle
    sendFailure = Failure.None
    /** of the buffer that is being sent: how many bytes the modem has taken */
    accepted = 0
    /** what is left of that buffer: `sourceLeft` bytes from `sourceAt` on */
    source: Buffer | null = null
    sourceAt = 0
    sourceLeft = 0
    /**
     * most bytes that the modem takes at a time; 0: to be asked for; -1: AT+CIPSEND? was
     * given, and its answer has not listed this connection
     */
    room = 0
    /** how often the modem was busy, or had no room, without a success in between */
    refusals = 0
    /** when the first of these refusals came */
    refusedSince = 0

    reading = ReadState.Idle
    /** how many bytes the modem holds; SEGMENT if it has not said */
    waiting = 0
    /** reading had the last turn */
    hadRead = false
    /** `host` and `target`, its port, are to be the new destination of datagrams */
    retarget = false
    target = 0
    /** with AT+CIPCLOSE=n,1: without waiting for the peer */
    quickClose = false
    /** the modem has still to say CLOSED for this use */
    closedDue = false
    /** until then CLOSED may be that of an earlier use */
    closedDoubtUntil = 0
    /** ALREADY CONNECT was answered once: AT+CIPCLOSE, and one more try */
    retried = false
    /** nothing is done for it before this time */
    notBefore = 0
    /** Connecting, Abandoned, Quarantine: when the modem's time is over */
    deadline = 0
    /** when to look for data without having been told */
    pollAt = 0

    constructor(id: number, rxSize: number) {
        this.id = id
        this.rx = new Ring(rxSize)
        this.address = Buffer.alloc(4)
    }
}

/** What `Connection.refused` holds: a command, and the number of its +CME ERROR or a `Cme`. */
export function refusedFor(command: Command, cme: Cme): number {
    return (cme << COMMAND_BITS) | command
}

export function refusedCommand(refused: number): Command {
    return refused & ((1 << COMMAND_BITS) - 1)
}

export function refusedCme(refused: number): Cme {
    return refused >> COMMAND_BITS
}

/** Whether the header of an answer to AT+CIPRXGET is due. */
export function isAsked(link: Connection): boolean {
    return (link.reading & ReadState.Asked) !== 0
}

/** Adds connections to a list until there is one with this number. */
export function addUpTo(list: Connection[], id: number, rxSize: number) {
    while (list.length <= id) list.push(new Connection(list.length, rxSize))
}
