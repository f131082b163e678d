/** One connection: what it wants from the modem, and how far that has come. */
import { Command } from "./channel"
import { Cme, Failure } from "./errors"
import { Ring } from "./ring"

/** How many connections a SIM800 has. */
export const CONNECTIONS = 6
/** Most bytes that one AT+CIPSEND or AT+CIPRXGET can carry. */
export const SEGMENT = 1460

/**
 * The states of AT+CIPSTATUS, and one that only the driver knows. The modem has
 * nothing to do with the first two, may send data in the last two.
 */
export enum LinkState {
    /** never used, or free again */
    Initial,
    /** over; what has been received can still be read */
    Closed,
    /** given up, but a late result may still come: not to be used again yet */
    Quarantine,
    Closing,
    Connecting,
    Connected,
    /** closed by the peer; the modem may hold data that were not fetched yet */
    RemoteClosing,
}

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
 * What stands in front of a datagram in its receive ring: length, port of the
 * sender (u16 each), address of the sender (4 bytes).
 */
export const DATAGRAM_HEADER = 8
/** @devsWhenUsed */
export class Connection {
    readonly id: number
    state = LinkState.Initial
    /** somebody looks after it; a closed one that nobody wants is free */
    owned = false
    /** counts its uses, so that an owner notices that it is no longer his */
    generation = 0
    /** UDP: `rx` holds datagrams, each behind its header */
    udp = false
    /** name or dotted address of the peer; "" if he has come by himself */
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
    /** the command that was not obeyed, and the number of its +CME ERROR, or a `Cme` */
    refused = Command.None
    cme: Cme = Cme.Plain

    sendState = SendState.Idle
    sendFailure = Failure.None
    /** of the buffer that is being sent: how many bytes the modem has taken */
    accepted = 0
    /** what is left of that buffer: `sourceLeft` bytes from `sourceAt` on */
    source: Buffer | null = null
    sourceAt = 0
    sourceLeft = 0
    /** most bytes that the modem takes at a time; 0: to be asked for */
    room = 0
    /** the modem has listed this connection in its answer to AT+CIPSEND? */
    roomSeen = false
    /** how often the modem was busy, or had no room, without a success in between */
    refusals = 0
    /** since when that has been so */
    refusedSince = 0

    /**
     * AT+CIPRXGET=2 has been given and the header of its answer has not come:
     * the modem may have handed out bytes that nobody has heard
     */
    asked = false
    /** how many bytes the modem holds; SEGMENT if it has not said */
    waiting = 0
    /** reading had the last turn */
    hadRead = false
    startWanted = false
    closeWanted = false
    /** `host` and `target`, its port, are to be the new destination of datagrams */
    retarget = false
    target = 0
    /** what AT+CLPORT has been told for TCP and UDP */
    portSetTcp = 0
    portSetUdp = 0
    /** what AT+CIPUDPMODE has been told */
    extendedSet = false
    /** with AT+CIPCLOSE=n,1: without waiting for the peer */
    quickClose = false
    /** AT+CIPCLOSE has confirmed that what was given up is gone */
    closeConfirmed = false
    /** there was a connection in the way already */
    retried = false
    /** nothing is done before that */
    notBefore = 0
    /** Connecting, Quarantine: when the modem's time is over */
    deadline = 0
    /** when to look for data without having been told */
    pollAt = 0
    /** what AT+CIPSTATUS says: Connected, Connecting, or Initial for all else */
    audited = LinkState.Initial

    constructor(id: number, rxSize: number) {
        this.id = id
        this.rx = new Ring(rxSize)
        this.address = Buffer.alloc(4)
    }
}

/** Adds connections to a list until there is one with this number. */
export function addUpTo(list: Connection[], id: number, rxSize: number) {
    while (list.length <= id) list.push(new Connection(list.length, rxSize))
}
