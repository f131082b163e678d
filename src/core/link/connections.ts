/**
 * The six connections of multi connection mode, or the one of single connection mode
 * (application note 2.1, 2.3, 3 and 9): the owners of numbers, and the transitions of a
 * connection. The other files of this folder are functions on it.
 */
import { Stage, type Channel } from "../channel"
import { Command } from "../commands"
import { isPushed, Reception } from "../config"
import type { ModemConfig } from "../options"
import type { Digest } from "../digest"
import type { Encoder } from "../encoder"
import { Failure } from "../errors"
import type { IpMachine } from "../ip-state"
import type { Recovery } from "../recovery"
import type { Results } from "../results"
import { before, difference } from "../time"
import type { UartState } from "../uart-state"
import type { Wishes } from "../wishes"
import {
    addUpTo,
    type Audited,
    Connection,
    CLOSED_LAG,
    CONNECTIONS,
    DATAGRAM_HEADER,
    LinkState,
    ReadState,
    SEGMENT,
    SendState,
    Trait,
    TRAITS,
} from "./connection"
import { Preparation, type Told } from "./prepare"

/**
 * UDP is connected whatever the network does: received data prove the network for this
 * long, ms
 */
const PROOF = 300000
/** Most bytes that AT+CIPRXGET=3 can carry. */
const HEX_SEGMENT = 730
/**
 * Bytes that come with the data of one AT+CIPRXGET: `⏎+CIPRXGET: 2,0,13,1460⏎` and
 * `⏎OK⏎`, and one more line that may come with them: `⏎+CIPRXGET: 1,0⏎`, `⏎+CMTI:
 * "SM",10⏎`, `⏎0, CONNECT OK⏎`…
 */
const ANSWER_FRAME = 26 + 6
const NOTICE = 19

/** Most bytes of a stream to ask for with one AT+CIPRXGET; a datagram comes whole. */
function mostBytes(config: ModemConfig): number {
    const hex = config.reception === Reception.Hex
    const most = hex ? HEX_SEGMENT : SEGMENT
    if (config.largestBurst === 0) return most
    let fits = config.largestBurst - ANSWER_FRAME - NOTICE
    if (hex) fits >>= 1
    if (fits < 1) fits = 1
    return fits < most ? fits : most
}

/** The layers below connections. */
export interface Below {
    readonly config: ModemConfig
    readonly digest: Digest
    readonly results: Results
    readonly encoder: Encoder
    readonly channel: Channel
    readonly uart: UartState
    readonly wishes: Wishes
    readonly recovery: Recovery
    readonly ip: IpMachine
}

/** @devsWhenUsed */
export class Connections {
    readonly config: ModemConfig
    readonly digest: Digest
    readonly results: Results
    readonly encoder: Encoder
    readonly channel: Channel
    readonly uart: UartState
    readonly wishes: Wishes
    readonly recovery: Recovery
    private readonly ip: IpMachine
    /**
     * by number. The list ends with the highest number used so far; the first
     * connection always exists
     */
    readonly list: Connection[]
    /** how many there may be */
    readonly size: number
    /** connections with news for their owners, a bit each */
    news = 0
    /** there may be work */
    work = false
    /** how many are in use */
    active = 0
    /** the network may send something: a connection or the server is in use */
    inUse = false
    /** the state of a connection or of the server has changed */
    private moved = false
    /** lines with a connection number that does not exist */
    badNumbers = 0

    readonly preparation: Preparation
    /** states by AT+CIPSTATUS, by number: `Audited` */
    readonly audits: Buffer
    /** the modem's settings for all of them */
    readonly told: Told
    /** incoming connections not yet accepted, a bit each */
    incoming = 0
    /** connections to which an AT+CIPSEND was refused, a bit each */
    refusedSends = 0
    /** connections with unread data whose number a peer took, a bit each */
    unread = 0
    /** the server is on */
    serving = false
    /** … and is not to be closed: incoming connections are wanted */
    wanted = false
    /** no connection is opened: the server has to come first, or it is refused */
    hold = false

    // schedule.ts
    /** when to look for work even if nothing happens */
    dueAt = 0
    /** the connection that had the last turn */
    turn = 0

    // send.ts
    /**
     * number whose AT+CIPSEND timed out, as long as no other command was given; -1:
     * none
     */
    owed = -1
    /** the most room that AT+CIPSEND? has reported */
    usualRoom = 0

    // receive.ts
    /** received data come on request only */
    readonly asks: boolean
    /** most bytes of a stream to fetch at a time */
    readonly most: number
    /** the connection whose payload came last or is being received, -1 for none */
    receiver = -1
    /** missing bytes of a pushed payload that stopped */
    missing = 0
    /** a reader is too slow for pushed data, and since when */
    stalled = false
    stalledSince = 0
    /** RECV FROM: has come, and `sender` holds it for the +IPD after it */
    senderKnown = false
    readonly sender: Buffer
    senderPort = 0
    /** header of a datagram, while it is made or read */
    readonly header: Buffer

    constructor(below: Below) {
        this.config = below.config
        this.digest = below.digest
        this.results = below.results
        this.encoder = below.encoder
        this.channel = below.channel
        this.uart = below.uart
        this.wishes = below.wishes
        this.recovery = below.recovery
        this.ip = below.ip
        this.preparation = new Preparation(below.channel, below.config)
        this.told = this.preparation.told
        this.asks = !isPushed(below.config.reception)
        this.most = mostBytes(below.config)
        this.header = Buffer.alloc(DATAGRAM_HEADER)
        this.sender = Buffer.alloc(4)
        this.size = below.config.multi ? below.config.connections : 1
        this.audits = Buffer.alloc(CONNECTIONS)
        this.list = []
        this.make(0)
    }

    /** Allocates a connection for the first use of its number. */
    make(id: number) {
        addUpTo(this.list, id, this.config.receiveBuffer)
    }

    /**
     * Takes a connection: fill in `udp`, `host` and its other settings, then `start()`
     * it.
     * @returns its number, or -1 if none is free
     */
    take(now: number): number {
        const link = this.vacant()
        if (link === null) return -1
        this.renew(link, now)
        link.owned = true
        return link.id
    }

    /** Opens a connection as soon as its context is up. */
    start(link: Connection) {
        this.enter(link, LinkState.Wanted)
    }

    /** Drops everything half received: the modem has restarted. */
    reset() {
        this.receiver = -1
        this.missing = 0
        this.stalled = false
    }

    /** Clears everything that the previous use left. */
    renew(link: Connection, now: number) {
        link.generation++
        link.udp = false
        link.host = ""
        link.port = 0
        link.localPort = 0
        link.address.fillAt(0, 4, 0)
        link.senderPort = 0
        link.extended = false
        link.context = 0
        link.tls = false
        link.verify = false
        link.authenticate = false
        link.inbound = false
        link.quickClose = false
        link.retarget = false
        link.rx.clear()
        link.readable = 0
        link.reading = ReadState.Idle
        link.received = 0
        link.receivedAt = now - PROOF
        link.sent = 0
        link.dropped = 0
        link.failure = Failure.None
        link.refused = 0
        link.sendState = SendState.Idle
        link.source = null
        link.room = 0
        link.refusals = 0
        link.waiting = 0
        link.retried = false
        link.notBefore = now
        if (link.closedDue) link.closedDoubtUntil = now + CLOSED_LAG
        link.closedDue = true
        this.incoming &= ~(1 << link.id)
        this.refusedSends &= ~(1 << link.id)
    }

    /** Changes the state of a connection, and tells its dependents. */
    enter(link: Connection, state: LinkState) {
        link.state = state
        this.work = true
        this.moved = true
        this.news |= 1 << link.id
        this.recount()
    }

    /** Derives the IP state from the states of the connections (chapter 8). */
    private recount() {
        const config = this.config
        let active = 0
        for (let id = 0; id < this.list.length; id++)
            if ((TRAITS[this.list[id].state] & Trait.Active) !== 0) active++
        this.active = active
        this.inUse = active > 0 || this.serving
        if (config.multi) {
            this.ip.processing(this.inUse)
            return
        }
        const link = this.list[0]
        if (link.state !== LinkState.Connected) this.digest.expectPlain(null)
        else if (config.reception === Reception.Plain)
            this.digest.expectPlain(link.rx)
        this.ip.single(link.state, link.udp, this.serving)
    }

    /** There may be work. */
    wake() {
        this.work = true
    }

    /** Whether a state has changed since the last call. */
    hasMoved(): boolean {
        const moved = this.moved
        this.moved = false
        return moved
    }

    /** State of the single connection by AT+CIPSTATUS. */
    singleAudited(state: Audited) {
        this.audits[0] = state
    }

    /** Begins to count time: earlier times belong to another clock. */
    begin(now: number) {
        this.dueAt = now
    }

    /** There is work at this time. */
    due(at: number) {
        if (before(at, this.dueAt)) this.dueAt = at
    }

    /**
     * The number of an incoming connection, -1 if there is none; each is returned once.
     */
    accepted(): number {
        for (let id = 0; id < this.list.length; id++) {
            if ((this.incoming & (1 << id)) === 0) continue
            this.incoming &= ~(1 << id)
            return id
        }
        return -1
    }

    /** The server is on, or off: while it is off, a peer that connects is closed. */
    serve(on: boolean) {
        this.serving = on
        this.moved = true
        this.recount()
    }

    /**
     * @param on AT+CIPSERVER has to come first: no connection is opened before it
     * @param wanted incoming connections are: the server is not to be closed
     */
    holdBack(on: boolean, wanted: boolean) {
        this.hold = on
        this.wanted = wanted
        this.work = true
    }

    /**
     * A free connection, else one that is over and read to its end. With a server there
     * are five, and the modem numbers its own from 0 up.
     */
    private vacant(): Connection | null {
        let over: Connection | null = null
        let free: Connection | null = null
        let used = 0
        if (this.serving) this.make(this.size - 1)
        const n = this.list.length
        for (let i = 0; i < n; i++) {
            const link = this.list[this.serving ? i : n - 1 - i]
            if (link.state === LinkState.Initial) free = link
            else if (link.state !== LinkState.Closed) used++
            else if (!link.owned) free = link
            else if (link.readable === 0) over = link
        }
        if (this.serving && this.config.multi && used >= CONNECTIONS - 1)
            return null
        if (free === null && n < this.size) {
            this.make(n)
            free = this.list[n]
        }
        return free === null ? over : free
    }

    /** Whether no number is free, but one will become free. */
    freeing(): boolean {
        if (this.vacant() !== null) return false
        for (let id = 0; id < this.list.length; id++)
            if ((TRAITS[this.list[id].state] & Trait.Freeing) !== 0) return true
        return false
    }

    /** Whether the result of an AT+CIPSTART is due. */
    connecting(): boolean {
        for (let id = 0; id < this.list.length; id++)
            if (this.list[id].state === LinkState.Connecting) return true
        return false
    }

    /** Whether a connection shows that the network is there. */
    anyConnected(now: number): boolean {
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if (link.state !== LinkState.Connected) continue
            const age = difference(now, link.receivedAt)
            if (!link.udp || (age >= 0 && age < PROOF)) return true
        }
        return false
    }

    /**
     * Asks the modem again for all that it announces only once: it may have been lost.
     */
    recheck(now: number) {
        for (let id = 0; id < this.list.length; id++)
            this.doubt(this.list[id], now)
        this.work = true
    }

    /**
     * Asks the modem for data of a connection: there may be some until it says how
     * many.
     */
    doubt(link: Connection, now: number) {
        link.pollAt = now
        if (this.asks && link.state === LinkState.Connected)
            link.reading |= ReadState.Held
    }

    /** Whether the modem may still wait for data of the number's last use. */
    owes(id: number): boolean {
        const channel = this.channel
        return (
            this.owed === id ||
            (channel.running === Command.Cipsend && channel.link === id)
        )
    }

    /** Closes a connection and gives it back; unread bytes are dropped. */
    close(link: Connection, now: number) {
        link.owned = false
        link.notBefore = now
        if (link.state === LinkState.Wanted)
            this.end(link, LinkState.Initial, Failure.ClosedHere)
        else if (link.state === LinkState.Clearing)
            this.end(link, LinkState.Closing, Failure.ClosedHere)
        else if (link.state === LinkState.RemoteClosing)
            this.finish(link, Failure.ClosedHere)
        else this.refuse(link, Failure.ClosedHere)
        link.rx.clear()
        link.readable = 0
        this.digest.leave(link.rx)
        this.work = true
    }

    /** Closes a connection that is not the requested one, or cannot go on. */
    refuse(link: Connection, failure: Failure) {
        // the result of AT+CIPSTART may still come
        if (link.state === LinkState.Connecting)
            this.end(link, LinkState.Abandoned, failure)
        else if ((TRAITS[link.state] & Trait.Open) !== 0)
            this.end(link, LinkState.Closing, failure)
    }

    /** Ends a connection for its owner, and tells why. */
    end(link: Connection, state: LinkState, failure: Failure) {
        link.waiting = 0
        if (link.failure === Failure.None) link.failure = failure
        if (
            failure === Failure.SetupRefused ||
            failure === Failure.ConnectRefused ||
            failure === Failure.ConnectFailed ||
            failure === Failure.ConnectTimeout
        )
            this.recovery.connectionFailed()
        this.failSend(link, state, failure)
        this.enter(link, state)
    }

    /**
     * Ends the reading of a connection that is over: the peer closed it, or a send
     * failed, and the modem may still have it.
     */
    finish(link: Connection, failure: Failure) {
        const closed = link.failure === Failure.None
        this.end(link, closed ? LinkState.Closed : LinkState.Closing, failure)
    }

    /** The modem no longer has the connection. */
    free(link: Connection) {
        const state = link.owned ? LinkState.Closed : LinkState.Initial
        this.failSend(link, state, link.failure)
        this.enter(link, state)
    }

    /** A connection leaves its state: its send fails. */
    failSend(link: Connection, state: LinkState, failure: Failure) {
        const channel = this.channel
        if (link.sendState === SendState.InFlight) {
            const freeing = (TRAITS[state] & Trait.Freeing) !== 0
            const flies =
                channel.running === Command.Cipsend && channel.link === link.id
            // the modem has the data and will give a result: wait for it
            if (freeing && (this.config.transparent || flies)) return
            // after the prompt, it is unknown how much the modem has sent on; before
            // it, whether the modem will take the next command for data
            if (
                flies &&
                (channel.stage !== Stage.Given ||
                    failure !== Failure.ClosedByPeer)
            )
                failure = Failure.SendUnknown
            if (this.config.transparent) this.halt(link)
        } else if (link.sendState !== SendState.Wanted) return
        this.sendEnded(link, failure)
    }

    /** Releases the owner's buffer: the modem takes no more of it. */
    sendEnded(link: Connection, failure: Failure) {
        link.sendState = SendState.Failed
        link.sendFailure = failure
        link.source = null
        this.news |= 1 << link.id
    }

    /**
     * Transparent mode: stops sending for now; bytes that the UART has taken count as
     * sent.
     * @returns whether data were being sent
     */
    halt(link: Connection): boolean {
        const encoder = this.encoder
        if (link.sendState !== SendState.InFlight) return false
        if (encoder.source !== link.source) return false
        const n = link.sourceLeft - encoder.left
        link.sent += n
        link.accepted += n
        link.sourceAt += n
        link.sourceLeft -= n
        encoder.left = 0
        link.sendState = SendState.Wanted
        return true
    }

    /** All connections are lost, whatever their state. */
    lost(failure: Failure) {
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            this.failSend(link, LinkState.Closed, failure)
            // a connection not yet started waits for the next context
            const traits = TRAITS[link.state]
            if (link.state === LinkState.Clearing)
                this.enter(link, LinkState.Wanted)
            else if ((traits & Trait.Active) !== 0) {
                if ((traits & Trait.Over) === 0)
                    this.end(link, LinkState.Closed, failure)
                // a number in doubt stays so until the modem has dropped it
                else if (link.state === LinkState.Closing) this.free(link)
            }
        }
    }

    /** The connections of one context are lost, those of the other live on. */
    lostContext(context: number, failure: Failure) {
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if (link.context !== context || link.state === LinkState.Initial)
                continue
            if (link.state === LinkState.Closed) continue
            if ((TRAITS[link.state] & Trait.Over) !== 0) this.free(link)
            else this.end(link, LinkState.Closed, failure)
        }
    }

    /** SHUT OK or a restart: the modem has dropped all connections. */
    shut(failure: Failure) {
        this.owed = -1
        this.lost(failure)
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if ((TRAITS[link.state] & Trait.Freeing) !== 0) this.free(link)
        }
    }

    /** Ends all connections, also those not yet started. */
    stop(failure: Failure) {
        this.shut(failure)
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if (link.state === LinkState.Wanted)
                this.end(link, LinkState.Closed, failure)
        }
    }

    /** The modem has made the connection. */
    connected(link: Connection, now: number) {
        link.refusals = 0
        link.pollAt = now + this.config.receivePoll
        this.enter(link, LinkState.Connected)
    }
}
