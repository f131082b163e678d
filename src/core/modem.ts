/**
 * The driver's core: bytes and the time in, bytes out.
 *
 *     UART → ring → digest → results → channel → bearer, connections → rx rings
 *     tasks → connections, bearer → channel → encoder → UART
 *
 * Whoever owns the UART puts what it receives into `ring`, calls `poll(now)`,
 * sends what `encoder` holds, and comes back when more bytes have come, when
 * a task wants something, or at `pollAt()`. Nothing in here waits, reads a
 * clock, or knows of a platform; nothing allocates once a Modem is made.
 *
 * Times are milliseconds of any clock that runs on steadily; it may wrap at
 * 32 bits.
 */
import { Bearer, Phase } from "./bearer"
import { Channel, Command, Outcome } from "./channel"
import { CONNECTIONS, Connections, LinkState, SEGMENT } from "./connections"
import { Digest, Digested } from "./digest"
import { Encoder } from "./encoder"
import { Cme, Failure } from "./errors"
import { Line, Results } from "./results"
import { Ring } from "./ring"

export interface ModemConfig {
    /** access point, user, password: at most 50 characters each */
    apn: string
    user: string
    password: string
    /** PIN of the SIM card, or "" */
    pin: string
    /** baud rate, one that AT+IPR knows */
    baud: number
    /** RTS and CTS are wired: AT+IFC=2,2 */
    flowControl: boolean
    /** received data come by themselves (+RECEIVE), not by AT+CIPRXGET */
    push: boolean
    /** AT+CIPQSEND=1: sent means taken by the modem, not acknowledged */
    quickSend: boolean
    /** AT+CIPTKA: probe an idle connection after so many s, 30–7200; 0: as the modem likes */
    keepAlive: number
    /** how many connections, 1–6 */
    connections: number
    /** size of the receive ring of the UART, a power of two ≥ 512 */
    ring: number
    /** size of the receive buffer of a connection, a power of two */
    receiveBuffer: number
    /** without a word from the modem, look for data every so many ms */
    receivePoll: number
    /** push: how long data may wait for their reader before they are lost, ms */
    stallTimeout: number
}

/** Who is told of what happens seldom. */
export interface ModemObserver {
    /** phase, IP state or failure of the bearer have changed */
    onChange(): void
    /** a line that is nothing to the driver: a URC of some other feature */
    onUrc(line: Buffer, length: number): void
}

/**
 * Lines that one poll deals with: DeviceScript ends a program that runs 131,072
 * instructions without a pause, and other fibers want to run too.
 */
const LINES_PER_POLL = 16
/** Longest pause between two polls, ms. */
const IDLE = 60000
/** How long a busy UART may hold up the data of one AT+CIPSEND, ms. */
const UART_GRACE = 10000
/** From the last byte of the data to DATA ACCEPT, ms. */
const ACCEPT_TIMEOUT = 10000
/** From the last byte of the data to SEND OK: the peer has to answer, ms. */
const SEND_TIMEOUT = 65000
/** What AT+CIPSEND still has to say once its connection is gone, ms. */
const GRACE = 3000

const QUOTE = 34

export class Modem {
    readonly config: ModemConfig
    readonly ring: Ring
    readonly digest: Digest
    readonly results: Results
    readonly encoder: Encoder
    readonly channel: Channel
    readonly bearer: Bearer
    readonly connections: Connections
    observer: ModemObserver | null = null

    /** the connection whose payload came last or is coming, -1 for none */
    private receiver = -1
    /** the last poll has left something in the ring that it could deal with */
    private more = false
    private stalled = false
    private stalledSince = 0
    /** the connection of the AT+CIPSEND in flight is gone */
    private orphaned = false
    /** the data of the AT+CIPSEND in flight have gone out */
    private dataOut = false

    constructor(config: ModemConfig) {
        this.config = config
        this.ring = new Ring(config.ring)
        this.digest = new Digest(this.ring)
        this.results = new Results()
        this.encoder = new Encoder()
        this.channel = new Channel(this.encoder)
        this.connections = new Connections(this)
        this.bearer = new Bearer(this)
    }

    /** Begins to look for the modem and to bring it up. */
    start(now: number) {
        this.abort()
        this.ring.clear()
        this.connections.dueAt = now
        this.bearer.start(now)
    }

    /** Lets go of everything; the modem itself is left as it is. */
    stop() {
        this.connections.stop(Failure.Stopped)
        this.abort()
        this.bearer.stop()
    }

    /** Does what is due: to be called with every batch of bytes. */
    poll(now: number) {
        const ring = this.ring
        const digest = this.digest
        const connections = this.connections
        const push = this.config.push
        let lines = LINES_PER_POLL
        this.more = false
        while (ring.used > 0) {
            const streams = push && digest.payloadLeft > 0
            const what = digest.next()
            if (streams && this.receiver >= 0) {
                const link = connections.list[this.receiver]
                link.readable = link.rx.used
                connections.news |= 1 << this.receiver
            }
            if (what === Digested.Line) {
                this.line(now)
                if (--lines > 0) continue
                this.more = true
                break
            } else if (what === Digested.PayloadEnd) this.payloadEnd()
            else if (what === Digested.Prompt) this.prompt(now)
            else if (what === Digested.Torn) connections.torn(this.receiver)
            else {
                this.more = what === Digested.Pause
                break
            }
        }
        // what is still in the ring may be the answer that is waited for
        if (this.more) return
        if (digest.stalled || this.stalled) {
            this.stall(now)
            if (digest.stalled) return
        }

        const channel = this.channel
        if (channel.command !== Command.None) {
            if (channel.sending && !this.dataOut && this.encoder.left === 0) {
                this.dataOut = true
                channel.deadline = now + this.resultTimeout()
            }
            if (((now - channel.deadline) | 0) < 0) return
            this.timeout(now)
        }
        const bearer = this.bearer
        if (bearer.busy()) bearer.run(now)
        else if (bearer.phase === Phase.Ready) {
            if (connections.work || ((now - connections.dueAt) | 0) >= 0)
                connections.run(now)
        }
    }

    /** When `poll()` has something to do even if nothing comes in. */
    pollAt(now: number): number {
        if (this.more) return now
        if (this.stalled) return this.stalledSince + this.config.stallTimeout
        if (this.channel.command !== Command.None) {
            const dataGone =
                this.channel.sending && !this.dataOut && this.encoder.left === 0
            return dataGone ? now : this.channel.deadline
        }
        if (this.bearer.busy()) return this.bearer.dueAt
        if (this.bearer.phase !== Phase.Ready) return now + IDLE
        return this.connections.work ? now : this.connections.dueAt
    }

    /** The UART has lost bytes of what the modem has said. */
    bytesLost() {
        this.connections.bytesLost()
    }

    /** Forgets the command in flight and all that is half received. */
    abort() {
        this.channel.finish()
        this.digest.reset()
        this.orphaned = false
        this.stalled = false
    }

    /** Phase, state or failure of the bearer have changed. */
    changed() {
        if (this.observer !== null) this.observer.onChange()
    }

    private line(now: number) {
        const digest = this.digest
        const results = this.results
        const channel = this.channel
        const line = results.classify(digest.line, digest.lineLength)
        const args = results.args
        let link = results.link

        switch (line) {
            case Line.RxGet:
                // mode 1 is always the notice, whatever has been asked for
                if (args[0] === 1 && results.argc === 2)
                    this.connections.notice(args[1])
                else if (args[0] === 2 && results.argc === 4)
                    this.payload(args[1], args[2], args[3])
                else if (args[0] === 4 && channel.asksFor(line))
                    this.connections.countLine(args[1], args[2])
                return
            case Line.Receive:
                if (results.argc >= 2) this.payload(args[0], args[1], 0)
                return
            case Line.ConnectOk:
            case Line.ConnectFail:
            case Line.AlreadyConnect:
            case Line.Closed:
                if (link < 0) return
                this.connections.event(line, link, now)
                if (line === Line.Closed && link === channel.link)
                    this.orphan(now)
                return
            case Line.PdpDeact:
                this.orphan(now)
                this.bearer.deactivated(now)
                return
            case Line.SendRoom:
                if (channel.asksFor(line))
                    this.connections.roomLine(args[0], args[1])
                return
            case Line.Started:
            case Line.CallReady:
            case Line.SmsReady:
                this.bearer.startLine(line, now)
                return
            case Line.Echo:
                this.bearer.echoLine(now)
                return
            case Line.PowerDown:
                this.bearer.poweredDown(now)
                return
            case Line.Pin:
                if (!channel.asksFor(line)) this.bearer.pinLine(now)
                break
            case Line.Registration:
            case Line.GprsRegistration:
                // the answer has <n> in front, the URC has not
                if (results.argc >= 2) break
                this.urc()
                return
            case Line.Warning:
            case Line.Unknown:
                this.urc()
                return
            case Line.Ok:
                // that of AT+CIPSTATUS comes first and ends nothing
                if (channel.command === Command.Cipstatus) return
                break
            case Line.LinkStatus:
                if (channel.command !== Command.Cipstatus) return
                this.connections.statusLine(args[0], this.linkState())
                if (args[0] !== CONNECTIONS - 1) return
                break
            case Line.DataAccept:
                if (results.argc === 2) link = args[0]
                break
            case Line.Error:
                channel.cme = results.argc > 0 ? args[0] : Cme.Plain
                break
        }
        if (channel.asksFor(line)) {
            this.bearer.information(line)
            return
        }
        if (channel.endsWith(line, link)) {
            let outcome = Outcome.Ok
            if (line === Line.Error) outcome = Outcome.Refused
            else if (line === Line.SendFail) outcome = Outcome.SendFail
            this.finish(outcome, now)
        }
        // late, but good to know
        else if (line === Line.CloseOk && link >= 0)
            this.connections.event(line, link, now)
    }

    private prompt(now: number) {
        const channel = this.channel
        channel.sending = true
        channel.deadline =
            now +
            UART_GRACE +
            Math.floor((SEGMENT * 20000) / this.bearer.lineBaud)
        this.dataOut = false
        this.connections.prompted()
    }

    private resultTimeout(): number {
        if (this.orphaned) return GRACE
        return this.bearer.quick ? ACCEPT_TIMEOUT : SEND_TIMEOUT
    }

    /** The connection that data are being sent on is gone. */
    private orphan(now: number) {
        const channel = this.channel
        if (channel.command !== Command.Cipsend) return
        this.orphaned = true
        // what the modem was promised it gets, else it takes commands for data
        if (channel.sending && !this.dataOut) return
        if (((channel.deadline - now - GRACE) | 0) > 0)
            channel.deadline = now + GRACE
    }

    /** The command in flight has ended: whoever gave it goes on. */
    private finish(outcome: Outcome, now: number) {
        const channel = this.channel
        const link = channel.link
        const command = channel.command
        this.digest.awaitPrompt = false
        if (link >= 0) this.connections.done(link, command, outcome, now)
        channel.finish()
        this.orphaned = false
        if (link < 0) this.bearer.done(outcome, now)
    }

    private timeout(now: number) {
        const link = this.channel.link
        this.channel.timeouts++
        if (this.digest.payloadLeft > 0) {
            this.connections.torn(this.receiver)
            this.digest.reset()
        }
        this.finish(Outcome.Timeout, now)
        // a late answer must not be taken for that of the next command
        if (link >= 0) this.bearer.resynchronise(now)
    }

    private payload(id: number, len: number, left: number) {
        this.receiver = this.connections.payload(id, len, left)
    }

    /** A payload that was not asked for, or not any more, has no OK behind it. */
    private payloadEnd() {
        const channel = this.channel
        const id = this.receiver
        if (
            id >= 0 &&
            (channel.command !== Command.CiprxgetRead || channel.link !== id)
        )
            this.connections.commit(this.connections.list[id])
    }

    /** The reader of a connection is too slow for what is pushed at it. */
    private stall(now: number) {
        if (!this.stalled) {
            this.stalled = true
            this.stalledSince = now
        }
        if (!this.digest.stalled) {
            // answers were held up behind the payload
            this.channel.deadline += now - this.stalledSince
            this.stalled = false
        } else if (
            ((now - this.stalledSince) | 0) >=
            this.config.stallTimeout
        ) {
            this.digest.sink = null
            this.digest.stalled = false
            this.connections.overrun(this.receiver)
        }
    }

    private urc() {
        if (this.observer !== null)
            this.observer.onUrc(this.digest.line, this.digest.lineLength)
    }

    /** Reads the last word of a `C:` line. */
    private linkState(): LinkState {
        const line = this.digest.line
        let at = this.digest.lineLength - 2
        while (at > 0 && line[at] !== QUOTE) at--
        switch (line[at + 1]) {
            case 0x52: // REMOTE CLOSING
                return LinkState.RemoteClosing
            case 0x43: // CONNECTING, CONNECTED, CLOSING, CLOSED
                if (line[at + 2] === 0x4c)
                    return line[at + 5] === 0x45
                        ? LinkState.Closed
                        : LinkState.Closing
                return line[at + 8] === 0x45
                    ? LinkState.Connected
                    : LinkState.Connecting
        }
        return LinkState.Initial
    }
}
