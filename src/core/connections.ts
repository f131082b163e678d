/**
 * The six connections of multi connection mode, or the one of single connection
 * mode (application note 2.1, 2.3, 3, 6, 7 and 9): what each one wants from the
 * modem, whose turn it is, and what the modem says about it.
 */
import { Command, Outcome, Stage } from "./channel"
import { Framing, isPushed, Reception } from "./config"
import {
    addUpTo,
    Audited,
    Connection,
    CONNECTIONS,
    DATAGRAM_HEADER,
    LinkState,
    SEGMENT,
    SendState,
    Trait,
    TRAITS,
} from "./connection"
import { Cme, Failure } from "./errors"
import { Preparation, type Told } from "./link/prepare"
import type { Modem } from "./modem"
import { Line } from "./results"

/** Most bytes that can come at a time: a datagram that fills an Ethernet frame, and some. */
export const PAYLOAD_MAX = 1500
/** Most bytes that AT+CIPRXGET=3 can carry. */
const HEX_SEGMENT = 730

const BACKSPACE = 0x08
const CTRL_Z = 0x1a
const ESC = 0x1b

const S = 1000
/** AT+CIPSTART has its result within 75 s (manual 8.2.2), and a margin; ms */
const CONNECT_TIMEOUT = 80 * S
/** … or 160 s if it brings the context up as well */
const LAZY_TIMEOUT = 165 * S
/** from +CME ERROR: 181 to the next try: the longest pause; ms */
const BUSY_PAUSE = 1 * S
/** between two questions for room while the modem has none; ms */
const ROOM_PAUSE = 200
/** no room for so long means that nothing gets through any more; ms */
const ROOM_TIMEOUT = 120 * S
/**
 * What comes with the data of one AT+CIPRXGET, `⏎+CIPRXGET: 2,0,13,1460⏎` and
 * `⏎OK⏎`, and one more line that may come with it: `⏎+CIPRXGET: 1,0⏎`,
 * `⏎+CMTI: "SM",10⏎`, `⏎0, CONNECT OK⏎`…
 */
const ANSWER_FRAME = 26 + 6
const NOTICE = 19
/** what is asked for when the modem does not know AT+CIPSEND? */
const ROOM_DEFAULT = 1024
/** UDP is connected whatever the network does: for so long data show that it is there; ms */
const PROOF = 300 * S
/** longest time without a look at what is to be done; ms */
const IDLE = 3600 * S

/** From the last byte of the data to DATA ACCEPT, ms. */
const ACCEPT = 10 * S
/** … and to SEND OK: the peer has to answer. */
const ACK = 65 * S

/**
 * Data of a length that is not announced may not hold what ends, cancels or
 * edits them (application note 2.1.1, 6.2).
 */
function hasEnd(source: Buffer, at: number, end: number): boolean {
    return (
        source.indexOf(CTRL_Z, at, end) >= 0 ||
        source.indexOf(ESC, at, end) >= 0 ||
        source.indexOf(BACKSPACE, at, end) >= 0
    )
}

/** @devsWhenUsed */
export class Connections {
    /**
     * by number; those whose numbers have not been used yet are missing at the
     * end, except that there is always the first
     */
    readonly list: Connection[]
    /** how many there can be */
    private readonly size: number
    /** connections with news for their owners, a bit each */
    news = 0
    /** there may be something to do */
    work = false
    /** when to look even if nothing happens */
    dueAt = 0
    /** how many are in use */
    private active = 0
    /** something can come from the network: one of them, or the server, is in use */
    inUse = false
    /** lines with a connection number that does not exist */
    badNumbers = 0

    /** what the modem has been told of all of them */
    readonly told: Told
    /** connections that came in and nobody has asked for yet, a bit each */
    incoming = 0
    /** those whose number a peer took while there was something to read, a bit each */
    unread = 0
    /** somebody wants incoming connections: the server is on */
    serving = false
    /** no connection is opened: the server comes first, or it is refused */
    hold = false
    /** attempts that failed since the last success: chapter 12 */
    failures = 0

    private readonly modem: Modem
    /** received data come when they are asked for */
    private readonly asks: boolean
    /** most bytes of a stream that are fetched at a time; 0: as many as can be */
    private readonly most: number
    private readonly header: Buffer
    /** the connection that had the last turn */
    private turn = 0
    /** RECV FROM: has been said, and `sender` holds it for the +IPD behind it */
    private senderKnown = false
    private readonly sender: Buffer
    private senderPort = 0
    /** most that AT+CIPSEND? has told */
    private usualRoom = 0
    private readonly preparation: Preparation

    constructor(modem: Modem) {
        this.modem = modem
        this.asks = !isPushed(modem.config.reception)
        let most = modem.config.largestBurst
        if (most > 0) {
            most -= ANSWER_FRAME + NOTICE
            if (modem.config.reception === Reception.Hex) most >>= 1
            if (most < 1) most = 1
        }
        this.most = most
        this.preparation = new Preparation(modem.channel, modem.config.multi)
        this.told = this.preparation.told
        this.header = Buffer.alloc(DATAGRAM_HEADER)
        this.sender = Buffer.alloc(4)
        this.size = modem.config.multi ? modem.config.connections : 1
        this.list = []
        this.make(0)
    }

    /** The number is used for the first time: it takes its memory now. */
    private make(id: number) {
        addUpTo(this.list, id, this.modem.config.receiveBuffer)
    }

    /**
     * Takes a connection: fill in `udp`, `host` and what else it needs, then
     * `start()` it.
     * @returns its number, or -1 if none is free
     */
    take(now: number): number {
        const link = this.vacant()
        if (link === null) return -1
        this.renew(link, now)
        link.owned = true
        return link.id
    }

    /**
     * Takes a connection for a TCP client, and has it opened.
     * @param host name or dotted address, 1–255 ASCII characters
     * @returns its number, or -1 if none is free
     */
    open(host: string, port: number, now: number): number {
        const id = this.take(now)
        if (id < 0) return id
        const link = this.list[id]
        link.host = host
        link.port = port
        this.start(link)
        return id
    }

    /** Nothing of the use before is left. */
    private renew(link: Connection, now: number) {
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
        link.asked = false
        link.received = 0
        link.receivedAt = now - PROOF
        link.sent = 0
        link.dropped = 0
        link.failure = Failure.None
        link.refused = Command.None
        link.sendState = SendState.Idle
        link.source = null
        link.room = 0
        link.refusals = 0
        link.waiting = 0
        link.held = false
        link.retried = false
        link.notBefore = now
        this.incoming &= ~(1 << link.id)
    }

    /** Has a connection opened as soon as its context is up. */
    start(link: Connection) {
        this.enter(link, LinkState.Wanted)
    }

    /** A connection is in another state now: everybody who cares learns it. */
    private enter(link: Connection, state: LinkState) {
        link.state = state
        this.work = true
        this.news |= 1 << link.id
        this.recount()
    }

    /**
     * The modem has connected a peer of the server, `REMOTE IP:`.
     * @param args the numbers of its address
     */
    accept(id: number, args: number[], now: number) {
        if (id >= this.size) {
            this.badNumbers++
            return
        }
        this.make(id)
        const link = this.list[id]
        // whoever uses this number, or was about to, has to take another one
        if (link.state !== LinkState.Initial && link.state !== LinkState.Closed)
            this.end(link, LinkState.Closed, Failure.NumberTaken)
        const channel = this.modem.channel
        if (channel.link === id) channel.orphan(now)
        if (link.readable > 0) this.unread |= 1 << id
        else this.unread &= ~(1 << id)
        this.renew(link, now)
        for (let i = 0; i < 4; i++) link.address[i] = args[i]
        link.inbound = true
        link.owned = this.serving
        if (this.serving) {
            this.incoming |= 1 << id
            this.connected(link, now)
        } else this.end(link, LinkState.Closing, Failure.ClosedHere)
    }

    /** The number of a connection that has come in, -1 if there is none; asked once. */
    accepted(): number {
        for (let id = 0; id < this.list.length; id++) {
            if ((this.incoming & (1 << id)) === 0) continue
            this.incoming &= ~(1 << id)
            return id
        }
        return -1
    }

    /**
     * A free connection; else one that is over, with nothing left to read. With
     * a server there are five, and the modem numbers its own from below.
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
        if (this.serving && this.modem.config.multi && used >= CONNECTIONS - 1)
            return null
        if (free === null && n < this.size) {
            this.make(n)
            free = this.list[n]
        }
        return free === null ? over : free
    }

    /**
     * Has bytes sent from where they lie. They must stay there, unchanged,
     * until `sendState` is Done or Failed.
     */
    send(link: Connection, source: Buffer, at: number, len: number): Failure {
        if (link.state === LinkState.RemoteClosing) return Failure.ClosedByPeer
        if (link.state !== LinkState.Connected)
            return link.failure === Failure.None
                ? Failure.ClosedHere
                : link.failure
        const datagram = link.udp && !this.modem.config.transparent
        if (datagram && (len === 0 || len > SEGMENT)) return Failure.BadArgument
        if (link.sendState >= SendState.Wanted) return Failure.Busy
        link.source = source
        link.sourceAt = at
        link.sourceLeft = len
        link.accepted = 0
        link.sendFailure = Failure.None
        link.refusals = 0
        link.sendState = len > 0 ? SendState.Wanted : SendState.Done
        this.work = true
        return Failure.None
    }

    /**
     * Moves up to `len` received bytes to `buf` at `at`.
     * @returns how many
     */
    read(link: Connection, buf: Buffer, at: number, len: number): number {
        if (len > link.readable) len = link.readable
        const n = link.rx.pull(buf, at, len)
        link.readable -= n
        // there is room again
        if (link.waiting > 0 || this.modem.digest.stalled) this.work = true
        return n
    }

    /**
     * Takes the header of the next datagram: its sender goes to `address` and
     * `senderPort` of the connection, zeros if the modem has not told him.
     * @returns its length; `read()` has to take just as much
     */
    datagram(link: Connection): number {
        this.read(link, this.header, 0, DATAGRAM_HEADER)
        link.address.blitAt(0, this.header, 4, 4)
        link.senderPort = this.header.getAt(2, "u16")
        return this.header.getAt(0, "u16")
    }

    /** Length of the next datagram, -1 if there is none. */
    nextLength(link: Connection): number {
        if (link.readable < DATAGRAM_HEADER) return -1
        const rx = link.rx
        const mask = rx.size - 1
        return rx.buf[rx.tail] | (rx.buf[(rx.tail + 1) & mask] << 8)
    }

    /** Turns what AT+CIPRXGET=3 has sent into what it means. */
    private decode(link: Connection) {
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

    /** What has come of a payload may be read. */
    commit(link: Connection) {
        if (link.readable === link.rx.used) return
        if (this.modem.config.reception === Reception.Hex) this.decode(link)
        link.readable = link.rx.used
        this.news |= 1 << link.id
    }

    /** Closes a connection and gives it back; unread bytes are forgotten. */
    close(link: Connection, now: number) {
        link.owned = false
        link.notBefore = now
        if (link.state === LinkState.Wanted)
            this.end(link, LinkState.Initial, Failure.ClosedHere)
        else if (link.state === LinkState.Clearing)
            this.end(link, LinkState.Closing, Failure.ClosedHere)
        else if (link.state === LinkState.RemoteClosing)
            this.end(link, LinkState.Closed, Failure.ClosedHere)
        else this.refuse(link, Failure.ClosedHere)
        link.rx.clear()
        link.readable = 0
        if (this.modem.digest.sink === link.rx) this.modem.digest.sink = null
        this.work = true
    }

    /** Whether no number is free, but one becomes so without anybody's doing. */
    freeing(): boolean {
        if (this.vacant() !== null) return false
        for (let id = 0; id < this.list.length; id++)
            if ((TRAITS[this.list[id].state] & Trait.Freeing) !== 0) return true
        return false
    }

    /**
     * The owner of a connection that is being closed wants his buffer back.
     * @returns whether he has it; if not, the modem was promised its bytes
     */
    release(link: Connection): boolean {
        if (link.sendState !== SendState.InFlight) return true
        const data = this.modem.data
        if (data !== null && data.halt()) {
            this.sendEnded(link, link.failure)
            return true
        }
        return !this.modem.channel.reads(link.id)
    }

    /** All connections are dead, whatever they were doing. */
    lost(failure: Failure) {
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            this.failSend(link, LinkState.Closed, failure)
            // what has not been started waits for the next context
            const traits = TRAITS[link.state]
            if (link.state === LinkState.Clearing)
                this.enter(link, LinkState.Wanted)
            else if ((traits & Trait.Active) !== 0) {
                if ((traits & Trait.Over) === 0)
                    this.end(link, LinkState.Closed, failure)
                // a number in doubt stays so until the modem has forgotten it
                else if (link.state === LinkState.Closing) this.free(link)
            }
        }
    }

    /** The connections of one context are dead, those of the other are not. */
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

    /** SHUT OK or a restart: the modem has forgotten all connections. */
    shut(failure: Failure) {
        this.lost(failure)
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            link.suspect = false
            link.closedDue = false
            if ((TRAITS[link.state] & Trait.Freeing) !== 0) this.free(link)
        }
    }

    /** Nothing goes on, for nobody. */
    stop(failure: Failure) {
        this.shut(failure)
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if (link.state === LinkState.Wanted)
                this.end(link, LinkState.Closed, failure)
        }
    }

    /** A connection is over for its owner, who learns why. */
    private end(link: Connection, state: LinkState, failure: Failure) {
        link.waiting = 0
        if (link.failure === Failure.None) link.failure = failure
        if (
            failure === Failure.SetupRefused ||
            failure === Failure.ConnectRefused ||
            failure === Failure.ConnectFailed ||
            failure === Failure.ConnectTimeout
        )
            this.failures++
        this.failSend(link, state, failure)
        this.enter(link, state)
    }

    /** The state of the whole follows from those of its connections (chapter 8). */
    recount() {
        if (!this.modem.config.multi) {
            const single = this.list[0]
            const digest = this.modem.digest
            const data = this.modem.data
            if (data !== null) data.work = true
            if (single.state !== LinkState.Connected) digest.expectPlain(null)
            else if (this.modem.config.reception === Reception.Plain)
                digest.expectPlain(single.rx)
        }
        let active = 0
        for (let id = 0; id < this.list.length; id++)
            if ((TRAITS[this.list[id].state] & Trait.Active) !== 0) active++
        this.active = active
        this.inUse = active > 0 || this.serving
        const bearer = this.modem.bearer
        if (this.modem.config.multi) bearer.processing(this.inUse)
        else {
            const link = this.list[0]
            bearer.single(link.state, link.udp, this.serving)
        }
    }

    private failSend(link: Connection, state: LinkState, failure: Failure) {
        const channel = this.modem.channel
        if (link.sendState === SendState.InFlight) {
            const data = this.modem.data
            const flies =
                channel.command === Command.Cipsend && channel.link === link.id
            if (data !== null && (TRAITS[state] & Trait.Freeing) !== 0) return
            // the modem has it all the same, and says so: `done` waits for that
            if (flies && (TRAITS[state] & Trait.Freeing) !== 0) return
            // behind the prompt nobody knows how much the modem has passed on; in
            // front of it, whether it will take the next command for the data
            if (
                flies &&
                (channel.stage !== Stage.Given ||
                    failure === Failure.Stopped ||
                    failure === Failure.Restarted)
            )
                failure = Failure.SendUnknown
            if (data !== null) data.halt()
        } else if (link.sendState !== SendState.Wanted) return
        this.sendEnded(link, failure)
    }

    /** The owner of a buffer may use it again: the modem takes no more of it. */
    private sendEnded(link: Connection, failure: Failure) {
        link.sendState = SendState.Failed
        link.sendFailure = failure
        link.source = null
        this.news |= 1 << link.id
    }

    /** Gives a command for the connection whose turn it is; the channel is free. */
    run(now: number) {
        this.work = false
        this.dueAt = now + IDLE
        const list = this.list
        const n = list.length
        if (this.told.context !== 0 && this.select(now)) return
        for (let i = 1; i <= n; i++) {
            let id = this.turn + i
            if (id >= n) id -= n
            const link = list[id]
            const state = link.state
            if (state === LinkState.Initial || state === LinkState.Closed)
                continue
            const pause = (link.notBefore - now) | 0
            // what is further ahead is long past: 32 bits are 50 days
            if (pause > 0 && pause <= BUSY_PAUSE) {
                this.due(link.notBefore)
                continue
            }
            if (
                state === LinkState.Connected
                    ? this.exchange(link, now)
                    : this.serve(link, now)
            ) {
                // what was set for its AT+CIPSTART must not be set otherwise
                this.turn = link.state === LinkState.Wanted ? id - 1 : id
                this.work = true
                return
            }
        }
    }

    /**
     * The first context is the one that is selected, but for AT+CIPSTART.
     * @returns whether a command was given
     */
    private select(now: number): boolean {
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if (
                !this.hold &&
                link.state === LinkState.Wanted &&
                link.context === this.told.context
            )
                return false
        }
        this.preparation.selectFirst(now)
        this.work = true
        return true
    }

    private due(at: number) {
        if (((at - this.dueAt) | 0) < 0) this.dueAt = at
    }

    /** @returns whether a command was given */
    private serve(link: Connection, now: number): boolean {
        switch (link.state) {
            case LinkState.Wanted:
                if (this.hold) return false
                if (!this.preparation.next(link, now)) this.connect(link, now)
                return true
            case LinkState.Clearing:
            case LinkState.Closing:
            case LinkState.Abandoned:
                this.give(Command.Cipclose, link, link.quickClose ? 1 : -1, now)
                return true
            case LinkState.Connecting:
                if (((link.deadline - now) | 0) > 0) this.due(link.deadline)
                else this.refuse(link, Failure.ConnectTimeout)
                return false
            case LinkState.Quarantine:
                if (((link.deadline - now) | 0) > 0) this.due(link.deadline)
                else this.free(link)
                return false
            case LinkState.Doubtful:
                this.modem.bearer.audit(now)
                return false
            case LinkState.RemoteClosing:
                return this.exchange(link, now)
        }
        return false
    }

    /** AT+CIPSTART: all that it takes as it finds it has been set. */
    private connect(link: Connection, now: number) {
        this.begin(Command.Cipstart, link, now)
        const encoder = this.modem.encoder
        encoder.quoted(link.udp ? "UDP" : "TCP")
        encoder.quoted(link.host)
        encoder.numbers(link.port, -1)
        link.deadline =
            now + (this.modem.config.lazy ? LAZY_TIMEOUT : CONNECT_TIMEOUT)
        this.enter(link, LinkState.Connecting)
    }

    /** What was to be set for a connection was not obeyed. */
    private unprepared(link: Connection, outcome: Outcome, now: number) {
        if (link.state === LinkState.Wanted) {
            if (outcome === Outcome.Refused)
                this.end(link, LinkState.Closed, Failure.SetupRefused)
        } else if (link.sendState === SendState.Wanted)
            this.sendEnded(link, Failure.SendRefused)
        link.notBefore = now
    }

    /** CONNECT: the single connection is in data mode. */
    transparent(now: number) {
        const link = this.list[0]
        if (link.state === LinkState.Connected) return
        if (
            link.state === LinkState.Connecting ||
            (TRAITS[link.state] & Trait.Freeing) !== 0
        )
            this.event(Line.ConnectOk, 0, now)
        // nobody has asked for it: it is closed
        else if (!this.serving) {
            if (link.state === LinkState.Wanted)
                this.end(link, LinkState.Closed, Failure.Desynchronised)
            this.surprise(link, true, now)
        } else {
            // a peer of the server whose address the modem does not show
            const args = this.modem.results.args
            for (let i = 0; i < 4; i++) args[i] = 0
            this.accept(0, args, now)
        }
    }

    /** Bare data have come. */
    plain() {
        const link = this.list[0]
        link.received += link.rx.used - link.readable
        this.commit(link)
    }

    /** A connection that is not what was asked for, or can not go on, is closed. */
    refuse(link: Connection, failure: Failure) {
        // what it was asked for may still come
        if (link.state === LinkState.Connecting)
            this.end(link, LinkState.Abandoned, failure)
        else if (link.state === LinkState.Connected)
            this.end(link, LinkState.Closing, failure)
    }

    /** Reads and sends in turns. */
    private exchange(link: Connection, now: number): boolean {
        const config = this.modem.config
        if (config.transparent) return false
        if (this.asks) {
            if (link.waiting === 0) {
                if (((link.pollAt - now) | 0) <= 0) {
                    link.pollAt = now + config.receivePoll * this.active
                    this.give(Command.CiprxgetCount, link, -1, now)
                    return true
                }
                this.due(link.pollAt)
            } else {
                const hex = config.reception === Reception.Hex
                let most = hex ? HEX_SEGMENT : SEGMENT
                const size = link.rx.size
                let free = size - link.rx.used
                let wants = link.waiting <= free || free >= size >> 1
                if (hex) free >>= 1
                // a datagram comes whole or not at all
                if (link.udp) {
                    free -= DATAGRAM_HEADER
                    wants = free >= most
                } else if (this.most > 0 && this.most < most) most = this.most
                const sends = link.sendState === SendState.Wanted
                if (wants && !(sends && link.hadRead)) {
                    if (free > most) free = most
                    this.give(
                        hex ? Command.CiprxgetHex : Command.CiprxgetRead,
                        link,
                        free,
                        now
                    )
                    this.modem.channel.deadline += this.modem.bearer.segmentTime
                    // unless the answer says how much is left
                    link.waiting = 0
                    link.asked = true
                    link.hadRead = true
                    link.pollAt = now + this.modem.config.receivePoll
                    return true
                }
            }
        }
        link.hadRead = false
        if (link.sendState !== SendState.Wanted) return false
        if (link.retarget) {
            this.preparation.retarget(link, now)
            return true
        }
        if (link.room === 0) {
            link.roomSeen = false
            this.modem.channel.begin(Command.CipsendRead, link.id, now)
            return true
        }
        let segment = link.sourceLeft
        if (segment > link.room) {
            // a datagram is sent whole
            if (link.udp) {
                this.noRoom(link, now)
                this.due(link.notBefore)
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
        const modem = this.modem
        const length = framing === Framing.Length ? segment : -1
        this.give(Command.Cipsend, link, length, now)
        // what the UART has taken is not on the wire yet
        const wire = modem.bearer.segmentTime
        modem.channel.send(
            source,
            at,
            segment,
            framing,
            wire,
            wire + config.sendTimer * S + (modem.bearer.quick ? ACCEPT : ACK)
        )
        return true
    }

    /** Begins a command for a connection. */
    private begin(command: Command, link: Connection, now: number) {
        const modem = this.modem
        modem.channel.begin(command, link.id, now)
        if (modem.config.multi) modem.encoder.numbers(link.id, -1)
    }

    /** Gives one that has a single parameter, or none if that is negative. */
    private give(
        command: Command,
        link: Connection,
        value: number,
        now: number
    ) {
        const modem = this.modem
        modem.channel.begin(command, link.id, now)
        if (modem.config.multi) modem.encoder.numbers(link.id, value)
        else if (value >= 0) modem.encoder.numbers(value, -1)
    }

    /** A command for a connection has ended. */
    done(id: number, command: Command, outcome: Outcome, now: number) {
        const link = this.list[id]
        this.work = true
        if (outcome === Outcome.Refused || outcome === Outcome.Timeout) {
            link.refused = command
            link.cme = this.modem.channel.cme
        }
        switch (command) {
            case Command.Cipsgtxt:
            case Command.Clport:
            case Command.Cipsrip:
            case Command.Cipudpmode:
            case Command.Cipssl:
            case Command.Sslopt:
                if (this.preparation.ended(link, command, outcome))
                    this.unprepared(link, outcome, now)
                break
            case Command.Cipstart:
                if (outcome === Outcome.Refused) this.startRefused(link, now)
                break
            case Command.CipsendRead:
                this.roomAnswered(link, outcome, now)
                break
            case Command.Cipsend:
                if (link.sendState !== SendState.InFlight) break
                if (outcome !== Outcome.Ok) {
                    this.sendFailed(link, outcome, now)
                    break
                }
                const n = this.modem.channel.length
                link.sent += n
                link.accepted += n
                link.sourceAt += n
                link.sourceLeft -= n
                link.refusals = 0
                // that was less than usual: how much is there now?
                if (n === link.room && n < this.usualRoom) link.room = 0
                if (link.sourceLeft === 0) {
                    link.sendState = SendState.Done
                    link.source = null
                    this.news |= 1 << id
                } else if (link.state === LinkState.Connected)
                    link.sendState = SendState.Wanted
                else this.sendEnded(link, link.failure)
                break
            case Command.CiprxgetRead:
                if (
                    outcome === Outcome.Ok &&
                    !link.asked &&
                    link.state === LinkState.Connected
                ) {
                    if (link.readable === link.rx.used) break
                    link.readable = link.rx.used
                    this.news |= 1 << id
                    break
                }
                this.readEnded(link, outcome)
                break
            case Command.CiprxgetHex:
                this.readEnded(link, outcome)
                break
            case Command.CiprxgetCount:
                if (outcome !== Outcome.Refused) break
                if (link.state !== LinkState.Connected) break
                link.waiting = 0
                this.modem.bearer.audit(now)
                break
            case Command.Cipclose:
                this.closeEnded(link, outcome, now)
                break
        }
    }

    /** ERROR may be the late answer to something else: nobody knows what is there. */
    private startRefused(link: Connection, now: number) {
        if (link.state === LinkState.Abandoned) {
            this.enter(link, LinkState.Doubtful)
            this.modem.bearer.audit(now)
        }
        if (link.state !== LinkState.Connecting) return
        if (link.cme === Cme.StackBusy) {
            if (link.refusals++ === 0) link.refusedSince = now
            if (((now - link.refusedSince) | 0) < CONNECT_TIMEOUT) {
                link.notBefore = now + BUSY_PAUSE
                this.enter(link, LinkState.Wanted)
                return
            }
        }
        this.end(link, LinkState.Doubtful, Failure.ConnectRefused)
        this.modem.bearer.audit(now)
    }

    private roomAnswered(link: Connection, outcome: Outcome, now: number) {
        if (link.sendState !== SendState.Wanted) return
        if (outcome === Outcome.Refused) link.room = ROOM_DEFAULT
        // the answer lists the connections that are up
        else if (outcome === Outcome.Ok && !link.roomSeen)
            this.modem.bearer.audit(now)
        if (link.room === 0) this.noRoom(link, now)
    }

    /** The modem takes nothing at present: ask again after a pause. */
    private noRoom(link: Connection, now: number) {
        link.room = 0
        link.notBefore = now + ROOM_PAUSE
        if (link.refusals++ === 0) link.refusedSince = now
        else if (((now - link.refusedSince) | 0) > ROOM_TIMEOUT)
            this.sendDead(link, Failure.SendRefused, false, now)
    }

    private sendFailed(link: Connection, outcome: Outcome, now: number) {
        const prompted = this.modem.channel.stage !== Stage.Given
        if (outcome === Outcome.Refused && !prompted) {
            // no prompt, so nothing was sent
            if (link.state !== LinkState.Connected) {
                this.sendEnded(link, link.failure)
                return
            }
            link.sendState = SendState.Wanted
            this.noRoom(link, now)
            // full, or gone without a word?
            if (link.refusals === 2) this.modem.bearer.audit(now)
            return
        }
        // SEND FAIL, or data that were cancelled before they began
        const certain =
            outcome === Outcome.SendFail ||
            this.modem.channel.stage === Stage.Cancelled
        this.sendDead(
            link,
            certain ? Failure.SendFailed : Failure.SendUnknown,
            outcome === Outcome.Timeout && !certain,
            now
        )
    }

    /**
     * A connection that does not send any more is closed (chapter 12).
     * @param late the result may still come
     */
    private sendDead(
        link: Connection,
        failure: Failure,
        late: boolean,
        now: number
    ) {
        this.sendEnded(link, failure)
        this.failures++
        if (late) link.deadline = now + (this.modem.bearer.quick ? ACCEPT : ACK)
        if (link.state === LinkState.Connected)
            this.end(
                link,
                late ? LinkState.Abandoned : LinkState.Closing,
                failure
            )
        else if (late && link.state === LinkState.Closing)
            this.enter(link, LinkState.Abandoned)
        this.modem.bearer.audit(now)
    }

    private readEnded(link: Connection, outcome: Outcome) {
        if (outcome === Outcome.Refused) {
            link.asked = false
            link.waiting = 0
            // it has said that there are some, and may have given them away
            if (link.held) this.torn(link.id)
        } else if (outcome === Outcome.Ok) {
            // OK without a header in front: it was not understood
            if (link.asked) this.torn(link.id)
            else this.commit(link)
        } else if (!link.asked) {
            // a header without OK behind it: the payload has swallowed it
            this.torn(link.id)
        }
        // what was asked for and not heard may come late: the audit decides
        if (
            link.state === LinkState.RemoteClosing &&
            link.waiting === 0 &&
            !link.asked
        )
            this.end(link, LinkState.Closed, Failure.ClosedByPeer)
    }

    private closeEnded(link: Connection, outcome: Outcome, now: number) {
        const gone = outcome === Outcome.Ok || outcome === Outcome.Refused
        // CONNECT OK in place of CONNECT: AT+CIPMODE=1 is lost, the context anew
        if (
            this.modem.config.transparent &&
            link.failure === Failure.SetupRefused
        )
            this.failures = this.modem.bearer.recovery.patience
        // CLOSED does not follow CLOSE OK; behind ERROR it may be on its way
        if (outcome === Outcome.Ok) link.closedDue = false
        if (link.state === LinkState.Clearing)
            this.enter(link, LinkState.Wanted)
        else if (!gone) link.notBefore = now
        else if (link.state === LinkState.Closing) this.free(link)
        else if (link.state === LinkState.Abandoned)
            this.enter(link, LinkState.Quarantine)
        // it has met a peer of the server, who has come with this number meanwhile
        else if (outcome === Outcome.Ok)
            this.refuse(link, Failure.Desynchronised)
    }

    /** The modem is through with a connection. */
    private free(link: Connection) {
        const state = link.owned ? LinkState.Closed : LinkState.Initial
        this.failSend(link, state, link.failure)
        this.enter(link, state)
    }

    /**
     * A line that says what has become of a connection.
     * @returns whether it is believed
     */
    event(line: Line, id: number, now: number): boolean {
        if (id >= this.list.length) {
            this.badNumbers++
            return false
        }
        const link = this.list[id]
        const channel = this.modem.channel
        const starting =
            channel.command === Command.Cipstart && channel.link === id
        this.work = true
        switch (line) {
            case Line.ConnectOk:
                if (link.state === LinkState.Connecting) {
                    if (!link.udp && this.failures > 0) this.failures--
                    this.connected(link, now)
                } else if (
                    link.state === LinkState.Abandoned ||
                    link.state === LinkState.Quarantine
                ) {
                    // that is what has been waited for
                    link.deadline = now
                    this.enter(link, LinkState.Abandoned)
                }
                break
            case Line.ConnectFail:
                if (link.state === LinkState.Connecting)
                    this.end(link, LinkState.Closed, Failure.ConnectFailed)
                else if (
                    link.state === LinkState.Abandoned ||
                    link.state === LinkState.Quarantine
                )
                    this.free(link)
                break
            case Line.AlreadyConnect:
                // it answers AT+CIPSTART, and nothing else
                if (link.state === LinkState.Connected && starting)
                    // CONNECT OK was for an earlier one, which this one is
                    this.refuse(link, Failure.Desynchronised)
                if (link.state !== LinkState.Connecting) break
                if (link.retried)
                    this.end(link, LinkState.Closing, Failure.ConnectRefused)
                else {
                    link.retried = true
                    this.enter(link, LinkState.Clearing)
                }
                break
            case Line.Closed:
                link.closedDue = false
                if (
                    link.suspect &&
                    (TRAITS[link.state] & (Trait.Live | Trait.Open)) !== 0
                ) {
                    // of this use, or of the one before?
                    link.suspect = false
                    this.modem.bearer.audit(now)
                    return false
                }
                this.gone(link)
                break
            case Line.CloseOk:
                // late, unless it is what becomes of a handshake that fails
                if (
                    (TRAITS[link.state] & Trait.Over) === 0 &&
                    !(link.state === LinkState.Connecting && link.tls)
                ) {
                    this.modem.bearer.audit(now)
                    return false
                }
                this.gone(link)
                break
        }
        return true
    }

    /** The modem has connected it. */
    private connected(link: Connection, now: number) {
        link.suspect = link.closedDue
        link.closedDue = true
        link.refusals = 0
        link.pollAt = now + this.modem.config.receivePoll
        this.enter(link, LinkState.Connected)
    }

    /** The modem says that a connection does not exist any more. */
    private gone(link: Connection) {
        switch (link.state) {
            case LinkState.Connecting:
                this.end(
                    link,
                    LinkState.Closed,
                    link.tls ? Failure.TlsRefused : Failure.ConnectFailed
                )
                break
            case LinkState.Connected:
                if (this.pushed())
                    this.end(
                        link,
                        LinkState.Closed,
                        link.held ? Failure.ReceiveTorn : Failure.ClosedByPeer
                    )
                else {
                    this.failSend(
                        link,
                        LinkState.RemoteClosing,
                        Failure.ClosedByPeer
                    )
                    this.enter(link, LinkState.RemoteClosing)
                    // the modem may hold data that it has not mentioned
                    link.waiting = SEGMENT
                }
                break
            case LinkState.Closing:
            case LinkState.Abandoned:
            case LinkState.Quarantine:
            case LinkState.Doubtful:
                this.free(link)
                break
        }
    }

    /** Received data come without being asked for. */
    pushed(): boolean {
        return !this.asks
    }

    /** +CIPRXGET: 1,n */
    notice(id: number) {
        if (id >= this.list.length) {
            this.badNumbers++
            return
        }
        const link = this.list[id]
        if (link.waiting === 0) link.waiting = SEGMENT
        link.held = true
        this.work = true
    }

    /** +CIPRXGET: 4,n,count */
    countLine(id: number, count: number) {
        if (id >= this.list.length) return
        const link = this.list[id]
        // behind CLOSED, reading tells the end: this may be older
        if (link.state !== LinkState.Connected) return
        link.waiting = count
        link.held = count > 0
    }

    /**
     * The header of a payload: whose it is, how long, how much more there is.
     * @param left bytes that stay in the modem, 0 in push mode
     * @returns whose it is, -1 if nobody's
     */
    payload(id: number, len: number, left: number): number {
        const digest = this.modem.digest
        if (id >= this.list.length) {
            this.badNumbers++
            digest.expectPayload(len, null)
            // that can not be: a digit was lost, or has come in addition
            if (id >= CONNECTIONS) this.bytesLost()
            return -1
        }
        const link = this.list[id]
        const reception = this.modem.config.reception
        // data that nobody has asked for only look like an answer
        const traits = TRAITS[link.state]
        const open =
            reception === Reception.Push
                ? // what a peer says at once may come in front of CONNECT OK
                  (traits & (Trait.Open | Trait.Live)) !== 0
                : link.asked && (traits & Trait.Open) !== 0
        link.asked = false
        if (open) {
            link.held = left > 0
            if (left > 0) link.waiting = left
        }
        const bytes = reception === Reception.Hex ? len << 1 : len
        let sink = open ? link.rx : null
        if (open && link.udp && len > 0) {
            // a datagram for which there is no room is lost, as it may be
            const free = link.rx.size - link.rx.used
            if (free < bytes + DATAGRAM_HEADER) {
                link.dropped++
                sink = null
            } else this.pushHeader(link, len)
        }
        this.senderKnown = false
        if (open) {
            link.received += len
            link.receivedAt = this.modem.heardAt
            this.failures = 0
            this.modem.bearer.recovery.proved()
        }
        digest.expectPayload(bytes, sink)
        return open ? id : -1
    }

    private pushHeader(link: Connection, len: number) {
        const header = this.header
        header.setAt(0, "u16", len)
        if (this.senderKnown) {
            header.setAt(2, "u16", this.senderPort)
            header.blitAt(4, this.sender, 0, 4)
        } else {
            header.setAt(2, "u16", 0)
            header.setAt(4, "u32", 0)
        }
        link.rx.put(header, 0, DATAGRAM_HEADER)
    }

    /** Whom the next payload is from: four numbers of the address and the port. */
    sentBy(args: number[], from: number) {
        for (let i = 0; i < 4; i++) this.sender[i] = args[from + i]
        this.senderPort = args[from + 4]
        this.senderKnown = true
    }

    /** +CIPSEND: n,size */
    roomLine(id: number, size: number) {
        if (id >= this.list.length) return
        const link = this.list[id]
        link.roomSeen = true
        link.room = size < SEGMENT ? size : SEGMENT
        if (link.room > this.usualRoom) this.usualRoom = link.room
    }

    /** Whether the result of an AT+CIPSTART is awaited. */
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
            const age = (now - link.receivedAt) | 0
            if (!link.udp || (age >= 0 && age < PROOF)) return true
        }
        return false
    }

    /** Bytes were lost: the last payload is not what the peer has sent. */
    torn(id: number) {
        if (id < 0) return
        const link = this.list[id]
        if ((TRAITS[link.state] & (Trait.Open | Trait.Live)) === 0) return
        link.asked = false
        link.rx.used = link.readable
        // a datagram may get lost anywhere
        if (link.udp && !this.pushed()) {
            link.dropped++
            return
        }
        if (link.state === LinkState.RemoteClosing)
            this.end(link, LinkState.Closing, Failure.ReceiveTorn)
        else this.refuse(link, Failure.ReceiveTorn)
    }

    /** The UART has lost bytes: pushed payload, which may have been anybody's. */
    bytesLost() {
        if (!this.pushed()) return
        this.modem.digest.sink = null
        for (let id = 0; id < this.list.length; id++) this.torn(id)
    }

    /** What the modem has mentioned once may have been lost: it is asked. */
    recheck(now: number) {
        for (let id = 0; id < this.list.length; id++) this.list[id].pollAt = now
        this.work = true
    }

    /** AT+CIPSTATUS is given: what it has said before does not count. */
    beginAudit() {
        for (let id = 0; id < this.list.length; id++)
            this.list[id].audited = Audited.Unread
    }

    /** One connection's line of AT+CIPSTATUS. */
    statusLine(id: number, state: Audited) {
        // one that the driver has not opened it has to close
        const there =
            state === Audited.Connecting || state === Audited.Connected
        if (id < this.size && there) this.make(id)
        if (id < this.list.length) this.list[id].audited = state
    }

    /**
     * AT+CIPSTATUS is complete: whoever believed something else learns it.
     * @returns false if it could not be read
     */
    audited(now: number): boolean {
        const list = this.list
        for (let id = 0; id < list.length; id++)
            if (list[id].audited === Audited.Unread) return false
        for (let id = 0; id < list.length; id++) {
            const link = list[id]
            // its answer would have come by now
            if (link.asked) this.torn(id)
            const up = link.audited === Audited.Connected
            const there = up || link.audited === Audited.Connecting
            switch (link.state) {
                case LinkState.Connecting:
                    if (up) this.event(Line.ConnectOk, id, now)
                    else if (!there) this.gone(link)
                    break
                case LinkState.Connected:
                case LinkState.Closing:
                    if (!there) this.gone(link)
                    break
                case LinkState.RemoteClosing:
                    // CLOSED was that of an earlier use
                    if (up) this.enter(link, LinkState.Connected)
                    // a datagram that was not heard: nothing is left to be read
                    else if (link.waiting === 0)
                        this.end(link, LinkState.Closed, Failure.ClosedByPeer)
                    break
                case LinkState.Doubtful:
                    if (there) this.surprise(link, up, now)
                    else this.free(link)
                    break
                case LinkState.Initial:
                case LinkState.Closed:
                    if (there) this.surprise(link, up, now)
                    break
            }
        }
        this.work = true
        return true
    }

    /** The modem has a connection that nobody wants. */
    private surprise(link: Connection, up: boolean, now: number) {
        link.deadline = up ? now : now + CONNECT_TIMEOUT
        this.enter(link, up ? LinkState.Closing : LinkState.Abandoned)
    }
}
