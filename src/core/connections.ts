/**
 * The six connections of multi connection mode (application note 3.1, 6, 7.2
 * and 9): what each one wants from the modem, whose turn it is, and what the
 * modem says about it.
 */
import { Command, Outcome } from "./channel"
import { Cme, Failure } from "./errors"
import type { Modem } from "./modem"
import { Line } from "./results"
import { Ring } from "./ring"

/** How many connections a SIM800 has. */
export const CONNECTIONS = 6
/** Most bytes that one AT+CIPSEND or AT+CIPRXGET can carry. */
export const SEGMENT = 1460

/** The states of AT+CIPSTATUS, and one that only the driver knows. */
export enum LinkState {
    /** never used, or free again */
    Initial,
    Connecting,
    Connected,
    /** closed by the peer; the modem may hold data that were not fetched yet */
    RemoteClosing,
    Closing,
    /** over; what has been received can still be read */
    Closed,
    /** given up, but a late result may still come: not to be used again yet */
    Quarantine,
}

/** SIMCom's names of the states, by number. */
export const LINK_STATES = [
    "INITIAL",
    "CONNECTING",
    "CONNECTED",
    "REMOTE CLOSING",
    "CLOSING",
    "CLOSED",
    "QUARANTINE",
]

/** How far the sending of a buffer has come. */
export enum SendState {
    Idle,
    /** waiting for its turn, also between two segments */
    Wanted,
    /** a segment is on its way */
    InFlight,
    Done,
    /** `sendFailure` says why */
    Failed,
}

const S = 1000
/** AT+CIPSTART has its result within 75 s (manual 8.2.2), and a margin; ms */
const CONNECT_TIMEOUT = 80 * S
/** from +CME ERROR: 181 to the next try; ms */
const BUSY_PAUSE = 1 * S
/** between two questions for room while the modem has none; ms */
const ROOM_PAUSE = 200
/** no room for so long means that nothing gets through any more; ms */
const ROOM_TIMEOUT = 120 * S
/** what is asked for when the modem does not know AT+CIPSEND? */
const ROOM_DEFAULT = 1024
/** longest time without a look at what is to be done; ms */
const IDLE = 60 * S

export class Connection {
    readonly id: number
    state = LinkState.Initial
    /** somebody looks after it; a closed one that nobody wants is free */
    owned = false
    /** counts its uses, so that an owner notices that it is no longer his */
    generation = 0
    host = ""
    port = 0
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
    /** how often the modem has had no room, without a success in between */
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
    /** what AT+CIPSTATUS says; Initial if it says nothing */
    audited = LinkState.Initial

    constructor(id: number, rxSize: number) {
        this.id = id
        this.rx = new Ring(rxSize)
    }
}

export class Connections {
    readonly list: Connection[]
    /** connections with news for their owners, a bit each */
    news = 0
    /** there may be something to do */
    work = false
    /** when to look even if nothing happens */
    dueAt = 0
    /** lines with a connection number that does not exist */
    badNumbers = 0

    private readonly modem: Modem
    /** the connection that had the last turn */
    private turn = 0
    /** what the AT+CIPSEND in flight sends, even if its connection is over */
    private segmentSource: Buffer
    private segmentAt = 0
    private segmentLength = 0

    constructor(modem: Modem) {
        this.modem = modem
        this.segmentSource = modem.ring.buf
        this.list = []
        for (let id = 0; id < modem.config.connections; id++)
            this.list.push(new Connection(id, modem.config.receiveBuffer))
    }

    /**
     * Takes a connection, and has it opened as soon as a context is up.
     * @param host name or dotted address, 1–255 ASCII characters
     * @returns its number, or -1 if none is free
     */
    open(host: string, port: number, now: number): number {
        const link = this.vacant()
        if (link === null) return -1
        link.state = LinkState.Connecting
        link.owned = true
        link.generation++
        link.host = host
        link.port = port
        link.rx.clear()
        link.readable = 0
        link.asked = false
        link.received = 0
        link.sent = 0
        link.failure = Failure.None
        link.refused = Command.None
        link.sendState = SendState.Idle
        link.source = null
        link.room = 0
        link.refusals = 0
        link.waiting = 0
        link.startWanted = true
        link.closeWanted = false
        link.closeConfirmed = false
        link.retried = false
        link.notBefore = now
        this.work = true
        return link.id
    }

    /** A free connection; else one that is over, with nothing left to read. */
    private vacant(): Connection | null {
        let over: Connection | null = null
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if (link.state === LinkState.Initial) return link
            if (link.state !== LinkState.Closed) continue
            if (!link.owned) return link
            if (link.readable === 0) over = link
        }
        return over
    }

    /**
     * Has bytes sent from where they lie. They must stay there, unchanged,
     * until `sendState` is Done or Failed.
     */
    send(link: Connection, source: Buffer, at: number, len: number): Failure {
        if (link.state !== LinkState.Connected)
            return link.failure === Failure.None
                ? Failure.ClosedHere
                : link.failure
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
        link.sendState = len > 0 ? SendState.Wanted : SendState.Done
        this.work = true
        return Failure.None
    }

    /**
     * Moves up to `len` received bytes to `buf` at `at`.
     * @returns how many
     */
    read(link: Connection, buf: Buffer, at: number, len: number): number {
        const n = link.rx.pull(
            buf,
            at,
            len < link.readable ? len : link.readable
        )
        link.readable -= n
        // there is room again
        if (link.waiting > 0 || this.modem.digest.stalled) this.work = true
        return n
    }

    /** What has come of a payload may be read. */
    commit(link: Connection) {
        if (link.readable === link.rx.used) return
        link.readable = link.rx.used
        this.news |= 1 << link.id
    }

    /** Closes a connection and gives it back; unread bytes are forgotten. */
    close(link: Connection, now: number) {
        link.owned = false
        link.notBefore = now
        if (link.state === LinkState.Connecting) {
            if (link.startWanted)
                this.end(link, LinkState.Initial, Failure.ClosedHere)
            else {
                this.end(link, LinkState.Quarantine, Failure.ClosedHere)
                link.closeWanted = true
            }
        } else if (link.state === LinkState.Connected) {
            this.end(link, LinkState.Closing, Failure.ClosedHere)
            link.closeWanted = true
        } else if (link.state === LinkState.RemoteClosing)
            this.end(link, LinkState.Closed, Failure.ClosedHere)
        link.rx.clear()
        link.readable = 0
        if (this.modem.digest.sink === link.rx) this.modem.digest.sink = null
        this.work = true
    }

    /** All connections are dead, whatever they were doing. */
    lost(failure: Failure) {
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if (
                link.state === LinkState.Initial ||
                link.state === LinkState.Closed ||
                link.state === LinkState.Quarantine
            )
                continue
            // what has not been started waits for the next context
            if (link.startWanted) continue
            this.end(link, LinkState.Closed, failure)
        }
    }

    /** SHUT OK or a restart: the modem has forgotten all connections. */
    shut(failure: Failure) {
        this.lost(failure)
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if (link.state === LinkState.Quarantine)
                link.state = LinkState.Initial
        }
    }

    /** Nothing goes on, for nobody. */
    stop(failure: Failure) {
        for (let id = 0; id < this.list.length; id++)
            this.list[id].startWanted = false
        this.shut(failure)
    }

    private end(link: Connection, state: LinkState, failure: Failure) {
        link.state = state
        link.startWanted = false
        link.closeWanted = false
        link.waiting = 0
        if (link.failure === Failure.None) link.failure = failure
        this.failSend(link, failure)
        this.news |= 1 << link.id
        this.work = true
        this.recount()
    }

    /** IP PROCESSING lasts as long as the modem has connections (chapter 8). */
    private recount() {
        let active = false
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            if (
                link.state !== LinkState.Initial &&
                link.state !== LinkState.Closed &&
                !link.startWanted
            )
                active = true
        }
        this.modem.bearer.processing(active)
    }

    private failSend(link: Connection, failure: Failure) {
        if (link.sendState === SendState.InFlight) {
            // behind the prompt nobody knows how much the modem has passed on
            const channel = this.modem.channel
            if (channel.sending && channel.link === link.id)
                failure = Failure.SendUnknown
        } else if (link.sendState !== SendState.Wanted) return
        link.sendState = SendState.Failed
        link.sendFailure = failure
        this.news |= 1 << link.id
    }

    /** Gives a command for the connection whose turn it is; the channel is free. */
    run(now: number) {
        this.work = false
        this.dueAt = now + IDLE
        const list = this.list
        const n = list.length
        for (let i = 1; i <= n; i++) {
            let id = this.turn + i
            if (id >= n) id -= n
            const link = list[id]
            const state = link.state
            if (state === LinkState.Initial || state === LinkState.Closed)
                continue
            if (this.serve(link, now)) {
                this.turn = id
                this.work = true
                return
            }
        }
    }

    private due(at: number) {
        if (((at - this.dueAt) | 0) < 0) this.dueAt = at
    }

    /** @returns whether a command was given */
    private serve(link: Connection, now: number): boolean {
        if (((link.notBefore - now) | 0) > 0) {
            this.due(link.notBefore)
            return false
        }
        if (link.closeWanted) {
            this.begin(Command.Cipclose, link)
            this.modem.channel.send(now)
            return true
        }
        if (link.startWanted) {
            this.begin(Command.Cipstart, link)
            const encoder = this.modem.encoder
            encoder.comma()
            encoder.quoted("TCP")
            encoder.comma()
            encoder.quoted(link.host)
            encoder.comma()
            encoder.number(link.port)
            link.startWanted = false
            link.deadline = now + CONNECT_TIMEOUT
            this.modem.channel.send(now)
            this.recount()
            return true
        }
        switch (link.state) {
            case LinkState.Connecting:
                if (((link.deadline - now) | 0) > 0) this.due(link.deadline)
                else {
                    this.end(link, LinkState.Quarantine, Failure.ConnectTimeout)
                    link.closeWanted = true
                }
                return false
            case LinkState.Quarantine:
                if (((link.deadline - now) | 0) > 0) this.due(link.deadline)
                else if (link.closeConfirmed) this.free(link)
                else link.closeWanted = true
                return false
            case LinkState.Connected:
            case LinkState.RemoteClosing:
                return this.exchange(link, now)
        }
        return false
    }

    /** Reads and sends in turns. */
    private exchange(link: Connection, now: number): boolean {
        if (!this.modem.config.push) {
            if (link.waiting === 0) {
                if (((link.pollAt - now) | 0) <= 0) {
                    link.pollAt = now + this.modem.config.receivePoll
                    this.begin(Command.CiprxgetCount, link)
                    this.modem.channel.send(now)
                    return true
                }
                this.due(link.pollAt)
            } else {
                const size = link.rx.size
                let free = size - link.rx.used
                const wants = link.waiting <= free || free >= size >> 1
                const sends = link.sendState === SendState.Wanted
                if (wants && !(sends && link.hadRead)) {
                    if (free > SEGMENT) free = SEGMENT
                    this.begin(Command.CiprxgetRead, link)
                    this.modem.encoder.comma()
                    this.modem.encoder.number(free)
                    this.modem.channel.send(now)
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
        if (link.room === 0) {
            link.roomSeen = false
            this.begin(Command.CipsendRead, link)
            this.modem.channel.send(now)
            return true
        }
        let segment = link.sourceLeft
        if (segment > link.room) segment = link.room
        link.sendState = SendState.InFlight
        this.segmentSource = link.source as Buffer
        this.segmentAt = link.sourceAt
        this.segmentLength = segment
        this.begin(Command.Cipsend, link)
        this.modem.encoder.comma()
        this.modem.encoder.number(segment)
        this.modem.digest.awaitPrompt = true
        this.modem.channel.send(now)
        return true
    }

    private begin(command: Command, link: Connection) {
        this.modem.channel.begin(command, link.id)
        if (command !== Command.CipsendRead) this.modem.encoder.number(link.id)
    }

    /** The prompt has come: the segment follows. */
    prompted() {
        this.modem.encoder.payload(
            this.segmentSource,
            this.segmentAt,
            this.segmentLength
        )
    }

    /** A command for a connection has ended. */
    done(id: number, command: Command, outcome: Outcome, now: number) {
        const link = this.list[id]
        this.work = true
        if (outcome === Outcome.Refused || outcome === Outcome.Timeout) {
            link.refused = command
            link.cme =
                outcome === Outcome.Timeout
                    ? Cme.NoAnswer
                    : this.modem.channel.cme
        }
        switch (command) {
            case Command.Cipstart:
                if (outcome === Outcome.Refused) this.startRefused(link, now)
                break
            case Command.CipsendRead:
                this.roomAnswered(link, outcome, now)
                break
            case Command.Cipsend:
                this.sendEnded(link, outcome, now)
                break
            case Command.CiprxgetRead:
                this.readEnded(link, outcome, now)
                break
            case Command.CiprxgetCount:
                if (
                    outcome === Outcome.Refused &&
                    link.state === LinkState.Connected
                )
                    this.modem.bearer.audit(now)
                break
            case Command.Cipclose:
                this.closeEnded(link, outcome)
                break
        }
    }

    private startRefused(link: Connection, now: number) {
        if (link.state === LinkState.Quarantine) {
            this.free(link)
            return
        }
        if (link.state !== LinkState.Connecting) return
        if (link.cme === Cme.StackBusy && ((link.deadline - now) | 0) > 0) {
            link.startWanted = true
            link.notBefore = now + BUSY_PAUSE
            return
        }
        this.end(link, LinkState.Closed, Failure.ConnectRefused)
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
            this.sendDead(link, Failure.SendRefused, now)
    }

    private sendEnded(link: Connection, outcome: Outcome, now: number) {
        if (link.sendState !== SendState.InFlight) return
        const sending = this.modem.channel.sending
        if (outcome === Outcome.Ok) {
            const n = this.segmentLength
            link.sent += n
            link.accepted += n
            link.sourceAt += n
            link.sourceLeft -= n
            link.refusals = 0
            if (link.sourceLeft > 0) link.sendState = SendState.Wanted
            else {
                link.sendState = SendState.Done
                link.source = null
                this.news |= 1 << link.id
            }
            return
        }
        if (outcome === Outcome.Refused && !sending) {
            // no prompt, so nothing was sent
            link.sendState = SendState.Wanted
            this.noRoom(link, now)
            // full, or gone without a word?
            if (link.refusals === 2) this.modem.bearer.audit(now)
            return
        }
        this.sendDead(
            link,
            outcome === Outcome.SendFail || !sending
                ? Failure.SendFailed
                : Failure.SendUnknown,
            now
        )
    }

    /** A connection that does not send any more is closed (chapter 12). */
    private sendDead(link: Connection, failure: Failure, now: number) {
        link.sendState = SendState.Failed
        link.sendFailure = failure
        if (link.state === LinkState.Connected) {
            this.end(link, LinkState.Closing, failure)
            link.closeWanted = true
        }
        this.news |= 1 << link.id
        this.modem.bearer.audit(now)
    }

    private readEnded(link: Connection, outcome: Outcome, now: number) {
        if (outcome === Outcome.Refused) {
            link.asked = false
            link.waiting = 0
            if (link.state === LinkState.Connected) this.modem.bearer.audit(now)
        } else if (outcome === Outcome.Ok) {
            // OK without a header in front: it was not understood
            if (link.asked) this.torn(link.id)
            else this.commit(link)
        } else if (!link.asked) {
            // a header without OK behind it: the payload has swallowed it
            this.torn(link.id)
        }
        if (link.state === LinkState.RemoteClosing && link.waiting === 0)
            this.end(link, LinkState.Closed, Failure.ClosedByPeer)
    }

    private closeEnded(link: Connection, outcome: Outcome) {
        link.closeWanted = false
        const gone = outcome === Outcome.Ok || outcome === Outcome.Refused
        if (link.state === LinkState.Quarantine) link.closeConfirmed = gone
        else if (link.state === LinkState.Closing) {
            if (gone) this.free(link)
            else link.state = LinkState.Quarantine
        }
    }

    /** The modem is through with a connection. */
    private free(link: Connection) {
        link.state = link.owned ? LinkState.Closed : LinkState.Initial
        this.news |= 1 << link.id
        this.work = true
        this.recount()
    }

    /** A line that says what has become of a connection. */
    event(line: Line, id: number, now: number) {
        if (id >= this.list.length) {
            this.badNumbers++
            return
        }
        const link = this.list[id]
        this.work = true
        switch (line) {
            case Line.ConnectOk:
                if (link.state === LinkState.Connecting) {
                    link.state = LinkState.Connected
                    link.pollAt = now + this.modem.config.receivePoll
                    this.news |= 1 << id
                } else if (link.state === LinkState.Quarantine)
                    link.closeWanted = true
                break
            case Line.ConnectFail:
                if (link.state === LinkState.Connecting)
                    this.end(link, LinkState.Closed, Failure.ConnectFailed)
                else if (link.state === LinkState.Quarantine) this.free(link)
                break
            case Line.AlreadyConnect:
                if (link.state !== LinkState.Connecting) break
                if (link.retried)
                    this.end(link, LinkState.Closed, Failure.ConnectRefused)
                else {
                    link.retried = true
                    link.startWanted = true
                    link.closeWanted = true
                }
                break
            case Line.Closed:
            case Line.CloseOk:
                this.gone(link)
                break
        }
    }

    /** The modem says that a connection does not exist any more. */
    private gone(link: Connection) {
        switch (link.state) {
            case LinkState.Connecting:
                if (!link.startWanted)
                    this.end(link, LinkState.Closed, Failure.ConnectFailed)
                break
            case LinkState.Connected:
                if (this.modem.config.push)
                    this.end(link, LinkState.Closed, Failure.ClosedByPeer)
                else {
                    this.end(
                        link,
                        LinkState.RemoteClosing,
                        Failure.ClosedByPeer
                    )
                    // the modem may hold data that it has not mentioned
                    link.waiting = SEGMENT
                }
                break
            case LinkState.Closing:
            case LinkState.Quarantine:
                link.closeWanted = false
                this.free(link)
                break
        }
    }

    /** +CIPRXGET: 4,n,count */
    countLine(id: number, count: number) {
        if (id < this.list.length) this.list[id].waiting = count
    }

    /** +CIPRXGET: 1,n */
    notice(id: number) {
        if (id >= this.list.length) {
            this.badNumbers++
            return
        }
        const link = this.list[id]
        if (link.waiting === 0) link.waiting = SEGMENT
        this.work = true
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
            return -1
        }
        const link = this.list[id]
        link.asked = false
        const open =
            link.state === LinkState.Connected ||
            link.state === LinkState.RemoteClosing
        if (left > 0 && open) link.waiting = left
        if (open) link.received += len
        digest.expectPayload(len, open ? link.rx : null)
        return open ? id : -1
    }

    /** +CIPSEND: n,size */
    roomLine(id: number, size: number) {
        if (id >= this.list.length) return
        const link = this.list[id]
        link.roomSeen = true
        link.room = size < SEGMENT ? size : SEGMENT
    }

    /** Bytes were lost: the last payload is not what the peer has sent. */
    torn(id: number) {
        if (id < 0) return
        const link = this.list[id]
        if (
            link.state !== LinkState.Connected &&
            link.state !== LinkState.RemoteClosing
        )
            return
        link.asked = false
        link.rx.used = link.readable
        this.end(link, LinkState.Closing, Failure.ReceiveTorn)
        link.closeWanted = true
    }

    /**
     * The UART has lost bytes. With AT+CIPRXGET it shows in the answer if they
     * were payload; pushed payload may have been anybody's.
     */
    bytesLost() {
        if (!this.modem.config.push) return
        for (let id = 0; id < this.list.length; id++) this.torn(id)
    }

    /** Nobody has read in time: the rest of the payload is thrown away. */
    overrun(id: number) {
        if (id < 0) return
        const link = this.list[id]
        if (link.state !== LinkState.Connected) return
        this.end(link, LinkState.Closing, Failure.ReceiveOverrun)
        link.closeWanted = true
    }

    /** One connection's line of AT+CIPSTATUS. */
    statusLine(id: number, state: LinkState) {
        if (id < this.list.length) this.list[id].audited = state
    }

    /** AT+CIPSTATUS is complete: whoever believed something else learns it. */
    audited(now: number) {
        for (let id = 0; id < this.list.length; id++) {
            const link = this.list[id]
            // its answer would have come by now
            if (link.asked) this.torn(id)
            const there =
                link.audited === LinkState.Connected ||
                link.audited === LinkState.Connecting
            switch (link.state) {
                case LinkState.Connecting:
                    if (link.startWanted) break
                    if (link.audited === LinkState.Connected)
                        this.event(Line.ConnectOk, id, now)
                    else if (!there) this.gone(link)
                    break
                case LinkState.Connected:
                case LinkState.Closing:
                    if (!there) this.gone(link)
                    break
                case LinkState.Initial:
                case LinkState.Closed:
                    if (!there) break
                    link.state = LinkState.Quarantine
                    link.closeWanted = true
                    link.deadline = now
                    break
            }
        }
        this.work = true
    }
}
