import { CR, LF } from "../core/ascii"
import * as ds from "@devicescript/core"
import { sleep, suspend } from "../ports/naps"
import { Kind } from "../core/arguments"
import { commandText } from "../core/commands"
import {
    Connection,
    LinkState,
    refusedCme,
    refusedCommand,
    SendState,
    Trait,
    TRAITS,
} from "../core/link/connection"
import { Reception } from "../core/config"
import { describe, Failure, refusal } from "../core/errors"
import { bad, check } from "./arguments"
import { Sim800Error } from "./errors"
import type { ConnectOptions, Sim800 } from "./sim800"
import { release, send } from "../core/link/send"
import { datagram, nextLength, read } from "../core/link/receive"

/** Default timeout of `send()`, ms. */
const SEND_TIMEOUT = 120000
/** longest pause of `reconnect()`, ms */
const RECONNECT_PAUSE = 60000
/** bytes of a line, unless the caller gives another limit */
const LINE_LIMIT = 2048
const LARGEST_LIMIT = 32768
const NO_TIMEOUT = "say how long to try, in ms"
/** poll interval while another fiber is in `reconnect()`, ms */
const RECONNECT_LOOK = 50
/** Default timeout of `close()`, ms. */
const CLOSE_TIMEOUT = 30000
/** Further wait for the result of the last segment after the timeout, ms. */
const RESULT_PATIENCE = 20000
/** poll interval while a buffer is still needed, ms */
const BUFFER_LOOK = 20

/**
 * Whether data may be missing: the peer did not close the connection, or not all was
 * read.
 */
function isLoss(failure: Failure): boolean {
    return failure !== Failure.None && failure !== Failure.ClosedByPeer
}

/** A separate function, so that the tests see that sending a buffer allocates nothing. */
function bytes(text: string): Buffer {
    return Buffer.from(text)
}

/**
 * A connection, with the methods of the socket of `@devicescript/net` and one that
 * allocates nothing. One fiber may read while another one sends; different sockets may
 * be used by any number of fibers.
 * @devsWhenUsed
 */
export class Socket {
    /** there is something to read */
    readonly onmessage = ds.emitter<void>()
    /** the connection has been lost; `onclose` follows */
    readonly onerror = ds.emitter<Error>()
    /** the connection is over; received data can still be read */
    readonly onclose = ds.emitter<void>()
    /** the connection is up; it is up already when `connect()` returns */
    readonly onopen = ds.emitter<void>()

    /** e.g. `tcp://example.com:80` */
    readonly name: string

    /** @internal */
    protected readonly modem: Sim800
    /** @internal */
    protected link: Connection
    /** its options; undefined for a peer of the server */
    private readonly options: ConnectOptions
    /** this socket's use of `link` */
    private generation: number
    private reader: ds.Fiber
    protected writer: ds.Fiber
    /** bytes that `readLine()` has read beyond its line */
    private rest: Buffer
    private closed = false
    private told = false
    /** why the connection is over: by then `link` may belong to another socket */
    private failure = Failure.None
    /** counts this socket's connections, and calls of `reconnect()` */
    private uses = 0
    /** the value of `uses` for the `reconnect()` under way; 0: none */
    private reconnecting = 0

    /** @internal Use `Sim800.connect()` or `listen()`. */
    constructor(modem: Sim800, link: Connection, options?: ConnectOptions) {
        this.modem = modem
        this.options = options
        this.name = link.inbound
            ? `peer ${link.address[0]}.${link.address[1]}.${link.address[2]}.${link.address[3]}`
            : `${link.udp ? "udp" : link.tls ? "tls" : "tcp"}://${link.host}:${link.port}`
        this.renew(link)
    }

    /** @internal Goes on with another connection. */
    renew(link: Connection) {
        this.link = link
        this.generation = link.generation
        this.closed = false
        this.told = false
        this.failure = Failure.None
        this.rest = undefined
        this.writer = undefined
        this.uses++
    }

    /** Number `<n>` of the connection, as AT+CIPSTATUS shows it. */
    id(): number {
        return this.link.id
    }

    /**
     * Opens a lost connection again, as often as necessary, with pauses of up to a
     * minute. Unread data of the old one are dropped. Throws a `Sim800Error` when the
     * time is over, when only a person can help, or when `close()` is called meanwhile.
     * A second fiber that calls it gets the result of the first call. `onclose` and
     * `onerror` do not report single tries.
     * @param timeout in ms
     */
    async reconnect(timeout: number): Promise<void> {
        const options = this.options
        if (!options) throw this.error("reconnect", Failure.BadArgument)
        if (timeout === undefined) throw bad("timeout", NO_TIMEOUT)
        check("timeout", Kind.Time, timeout)
        const end = ds.millis() + timeout
        if (this.reconnecting) return await this.reconnected(end)
        let pause = 1000
        const turn = ++this.uses
        this.drop()
        this.reconnecting = turn
        try {
            while (true) {
                try {
                    const link = await this.modem.open(options, end)
                    if (this.reconnecting !== turn) {
                        this.modem.core.links.close(link, ds.millis())
                        throw this.error("reconnect", Failure.ClosedHere)
                    }
                    this.renew(link)
                    await this.modem.opened(this, options, end)
                    return
                } catch (e) {
                    const left = end - ds.millis()
                    this.modem.check(`reconnect ${this.name}`)
                    if (left < pause || this.reconnecting !== turn) throw e
                }
                if (this.reconnecting === turn) await sleep(pause)
                if (this.reconnecting !== turn)
                    throw this.error("reconnect", Failure.ClosedHere)
                if (pause < RECONNECT_PAUSE) pause *= 2
            }
        } finally {
            if (this.reconnecting === turn) this.reconnecting = 0
        }
    }

    /** Waits for the `reconnect()` of another fiber. */
    private async reconnected(end: number): Promise<void> {
        while (this.reconnecting) {
            if (ds.millis() >= end)
                throw this.error("reconnect", Failure.Timeout)
            await sleep(RECONNECT_LOOK)
        }
        if (this.mine() && !this.over()) return
        throw this.error("reconnect", this.failure || Failure.ClosedHere)
    }

    /**
     * Sends all data, in as many segments as the modem needs (application note 6.1);
     * with UDP, as one datagram of 1–1460 bytes. Returns when the modem has accepted
     * the bytes or, with the option `quickSend: false`, when the peer has acknowledged
     * them.
     *
     * Throws a `Sim800Error` if that fails, also because another fiber closes the
     * socket; its `sent` is the number of bytes that the modem had accepted. With
     * `Failure.SendUnknown` more bytes may have arrived as well.
     * @param data must not change until this returns
     * @param timeout in ms; when it is over the socket is closed, because the stream
     * has a gap. A segment that was announced to the modem is completed first, which
     * takes 20 s at most.
     */
    async send(data: Buffer | string, timeout?: number): Promise<void> {
        const isText = typeof data === "string"
        // saves a call for a buffer
        if (!isText && !(data instanceof Buffer))
            check("data", Kind.Bytes, data)
        if (timeout !== undefined) check("timeout", Kind.Time, timeout)
        const buf = isText ? bytes(data as string) : (data as Buffer)
        await this.sendPart(buf, 0, buf.length, timeout)
    }

    /** @internal Sends `len` bytes of a buffer from `at` on. */
    // eslint-disable-next-line complexity -- each call counts for each segment
    async sendPart(
        buf: Buffer,
        at: number,
        len: number,
        timeout?: number
    ): Promise<void> {
        const link = this.link
        if (this.writer) throw this.error("send", Failure.Busy)
        // not mine(), without a call
        if (link.generation !== this.generation || this.closed)
            throw this.error("send", this.failure || Failure.ClosedHere)
        const { data, links: connections } = this.modem.core
        const why = data ? data.forbids(buf, at, len) : ""
        if (why) throw bad("data", why)
        const refused = send(connections, link, buf, at, len)
        if (refused !== Failure.None) throw this.error("send", refused)
        const end = ds.millis() + (timeout > 0 ? timeout : SEND_TIMEOUT)
        const use = this.uses
        const generation = link.generation
        this.writer = ds.Fiber.self()
        this.modem.act()
        let late = false
        let seen = 0
        while (
            link.generation === generation &&
            (link.sendState === SendState.InFlight ||
                link.sendState === SendState.Wanted)
        ) {
            seen = link.accepted
            let left = end - ds.millis()
            late = late || left <= 0
            if (late) {
                if (this.uses === use && this.mine()) {
                    this.failure = Failure.SendFailed
                    this.drop()
                    continue
                }
                // its result tells how much the modem has accepted
                const waits = left > -RESULT_PATIENCE && !this.modem.core.data
                if (!waits && release(connections, link)) break
                left = BUFFER_LOOK
            } else if (this.uses !== use && left > BUFFER_LOOK)
                // the socket has another connection: no event wakes this fiber
                left = BUFFER_LOOK
            await suspend(left)
        }
        if (this.uses === use) {
            this.writer = undefined
            if (this.closed) this.modem.left(this)
        }
        let failure = Failure.None
        let sent = link.accepted
        if (link.sendState === SendState.Failed) failure = link.sendFailure
        else if (link.sendState === SendState.InFlight)
            failure = Failure.SendUnknown
        if (link.generation !== generation) {
            // another socket has the number: the result of this send stays there until
            // that socket sends
            const known = link.sendState === SendState.Idle
            failure = known ? link.sendFailure : Failure.SendUnknown
            if (!known) sent = seen
        }
        if (late && failure !== Failure.SendUnknown) failure = Failure.Timeout
        if (failure !== Failure.None) throw this.error("send", failure, sent)
    }

    /**
     * Reads received data, or one datagram, into the caller's buffer, without
     * allocation. A datagram that does not fit stays unread. Throws a `Sim800Error`
     * when the connection has been lost.
     * @param timeout in ms; without it, as long as the connection lives
     * @returns the number of bytes; 0 when the peer has closed the connection and all
     * data are read; -1 when the time is over
     */
    async recvInto(buf: Buffer, timeout?: number): Promise<number> {
        if (!(buf instanceof Buffer) || buf.length === 0)
            throw bad("buf", "a Buffer of one byte or more is expected")
        if (this.rest) return this.recvRest(buf)
        const link = this.link
        const ready = link.readable > 0 && link.generation === this.generation
        if (!ready && !(await this.readable(timeout))) return -1
        if (!this.mine()) {
            this.checkLoss()
            return 0
        }
        const connections = this.modem.core.links
        if (!link.udp || !this.datagrams()) {
            const n = read(connections, link, buf, 0, buf.length)
            if (connections.work) this.modem.act()
            return n
        }
        const length = nextLength(link)
        if (length < 0) return 0
        if (length > buf.length)
            throw this.error("receive", Failure.BadArgument)
        datagram(connections, link)
        return this.modem.read(link, buf, length)
    }

    /** If another fiber has ended it meanwhile, unread data may be lost: throws. */
    private checkLoss() {
        if (isLoss(this.failure)) throw this.error("receive", this.failure)
    }

    /** Reads the bytes that `readLine()` has left. */
    private recvRest(buf: Buffer): number {
        const rest = this.rest
        const n = rest.length < buf.length ? rest.length : buf.length
        buf.blitAt(0, rest, 0, n)
        this.rest = n < rest.length ? rest.slice(n) : undefined
        return n
    }

    /**
     * Reads received data, or one datagram. Throws a `Sim800Error` when the connection
     * has been lost.
     * @param timeout in ms; without it, as long as the connection lives
     * @returns the bytes; `undefined` when the time is over; `null` when the peer has
     * closed the connection and all data are read
     */
    async recv(timeout?: number): Promise<Buffer> {
        const rest = this.rest
        if (rest) {
            this.rest = undefined
            return rest
        }
        if (!(await this.readable(timeout))) return undefined
        return this.take()
    }

    /**
     * @internal Received data, `null` if there are none.
     * @param most bytes, unless it is a datagram
     */
    take(most?: number): Buffer {
        if (!this.mine()) this.checkLoss()
        if (!this.mine() || this.link.readable === 0) return null
        const link = this.link
        let length = link.readable
        if (this.datagrams()) length = datagram(this.modem.core.links, link)
        else if (most < length) length = most
        const buf = Buffer.alloc(length)
        this.modem.read(link, buf, length)
        return buf
    }

    /** Whether the socket receives datagrams, not a stream. */
    private datagrams(): boolean {
        const config = this.modem.core.config
        return (
            this.link.udp &&
            !config.transparent &&
            config.reception !== Reception.Plain
        )
    }

    /**
     * Reads a line, without its LF or CR LF. Throws a `Sim800Error` when the connection
     * has been lost, and `Failure.TooLong` for a line longer than `limit`: its received
     * part can be read with `recv()`.
     * @param timeout in ms, for the whole line
     * @param limit most bytes of a line, default 2048: the peer decides how much memory
     * it takes
     * @returns the line; `undefined` when the time is over; then the received part of
     * the line is kept; `null` when the peer has closed the connection and all data are
     * read
     */
    async readLine(timeout?: number, limit?: number): Promise<string> {
        if (timeout !== undefined) check("timeout", Kind.Time, timeout)
        if (limit === undefined) limit = LINE_LIMIT
        else check("limit", Kind.Whole, limit, 1, LARGEST_LIMIT)
        // with its line end
        const most = limit + 2
        const end = timeout === undefined ? undefined : ds.millis() + timeout
        let from = 0
        while (true) {
            const rest = this.rest
            const at = rest ? rest.indexOf(LF, from) : -1
            if (at >= 0) {
                const len = at > 0 && rest[at - 1] === CR ? at - 1 : at
                if (len > limit) break
                this.rest =
                    at + 1 < rest.length ? rest.slice(at + 1) : undefined
                return rest.slice(0, len).toString()
            }
            from = rest ? rest.length : 0
            if (from >= most) break
            const left =
                end === undefined ? undefined : Math.max(0, end - ds.millis())
            if (!(await this.readable(left))) return undefined
            const more = this.take(most - from)
            if (more) this.rest = rest ? rest.concat(more) : more
            else {
                if (from > limit) break
                this.rest = undefined
                return rest ? rest.toString() : null
            }
        }
        throw this.error("read line", Failure.TooLong)
    }

    /**
     * @internal Waits for data or for the end.
     * @returns false if the time is over before
     */
    async readable(timeout?: number): Promise<boolean> {
        const link = this.link
        if (this.reader) throw this.error("receive", Failure.Busy)
        if (timeout !== undefined) check("timeout", Kind.Time, timeout)
        const end = timeout === undefined ? 0 : ds.millis() + timeout
        const use = this.uses
        this.reader = ds.Fiber.self()
        let over = false
        while (
            link.readable === 0 &&
            this.uses === use &&
            this.mine() &&
            (link.state === LinkState.Connected || !this.over())
        ) {
            if (timeout === undefined) await suspend()
            else {
                const left = end - ds.millis()
                over = left <= 0
                if (over) break
                await suspend(left)
            }
        }
        // another fiber has opened it again
        if (this.uses !== use) throw this.error("receive", Failure.ClosedHere)
        this.reader = undefined
        // as mine(), without a call
        const mine = link.generation === this.generation && !this.closed
        if (mine && link.readable > 0) return true
        const failure = mine && this.over() ? link.failure : this.failure
        if (isLoss(failure)) throw this.error("receive", failure)
        return !over
    }

    /**
     * Closes the connection; unread data are dropped. Returns when the modem has closed
     * it. Its number can then be used again, at once or as soon as no late result for
     * this connection can come.
     * @param quick without waiting for the peer to agree (application note 9)
     * @param timeout in ms, default 30000: then this returns, and the modem closes the
     * connection later
     */
    async close(quick?: boolean, timeout?: number): Promise<void> {
        if (timeout !== undefined) check("timeout", Kind.Time, timeout)
        this.reconnecting = 0
        const link = this.link
        const generation = this.generation
        this.drop(quick)
        await this.modem.until(
            () =>
                link.generation !== generation ||
                link.state === LinkState.Initial ||
                link.state === LinkState.Closed ||
                link.state === LinkState.Quarantine,
            timeout > 0 ? timeout : CLOSE_TIMEOUT
        )
    }

    /** @internal As `close()`, without waiting for the modem. */
    drop(quick?: boolean) {
        if (!this.mine()) return
        this.link.quickClose = !!quick
        this.modem.core.links.close(this.link, ds.millis())
        this.closed = true
        this.rest = undefined
        // a send under way still has a result to come
        if (!this.writer) this.modem.left(this)
        this.modem.wake()
        if (this.reader && this.reader.suspended) this.reader.resume(true)
        if (this.writer && this.writer.suspended) this.writer.resume(true)
        this.reader = undefined
        // `reconnect()` reports to its caller
        if (this.told || this.reconnecting !== 0) return
        this.told = true
        this.onclose.emit(undefined)
    }

    /** @internal Waits for the connection. */
    async opened(timeout: number): Promise<void> {
        const link = this.link
        const end = ds.millis() + timeout
        const use = this.uses
        this.writer = ds.Fiber.self()
        while (
            this.mine() &&
            (TRAITS[link.state] & (Trait.Open | Trait.Over)) === 0
        ) {
            const left = end - ds.millis()
            if (left <= 0) break
            await suspend(left)
            if (this.uses !== use)
                throw this.error("connect", Failure.ClosedHere)
        }
        this.writer = undefined
        // a peer may have closed it already, after sending data
        const up =
            (TRAITS[link.state] & Trait.Open) !== 0 ||
            link.failure === Failure.ClosedByPeer
        if (up && this.mine()) {
            this.onopen.emit(undefined)
            return
        }
        let failure = this.mine() ? link.failure : Failure.NumberTaken
        if (this.closed) failure = Failure.ClosedHere
        if (failure === Failure.None) {
            // the bearer's failure is of more use than "late"
            const bearer = this.modem.core.bearer
            failure = bearer.failure
            if (failure === Failure.None) failure = Failure.ConnectTimeout
        }
        const error = this.error("connect", failure)
        this.drop()
        throw error
    }

    /** @internal The core reports a change of this connection. */
    notify() {
        const link = this.link
        if (this.closed) this.modem.tell()
        if (this.reader && this.reader.suspended) this.reader.resume(true)
        if (this.writer && this.writer.suspended) this.writer.resume(true)
        if (link.generation !== this.generation) {
            // a peer of the server has taken its number
            this.end(Failure.NumberTaken)
            if (this.modem.core.links.unread & (1 << link.id))
                this.failure = Failure.NumberTaken
        } else if (link.readable > 0) this.onmessage.emit(undefined)
        // mostly, the connection goes on
        if (link.state !== LinkState.Connected && this.over())
            this.end(link.failure)
    }

    /** The connection is over: tells all listeners, once. */
    private end(failure: Failure) {
        if (this.told || this.reconnecting !== 0) return
        this.told = true
        this.failure = failure
        if (isLoss(failure)) this.onerror.emit(this.error("receive", failure))
        this.onclose.emit(undefined)
    }

    /** @internal Whether the connection is up without unread data. */
    isIdle(): boolean {
        const link = this.link
        return (
            this.mine() &&
            link.state === LinkState.Connected &&
            link.readable === 0
        )
    }

    /** @internal Whether it is a socket of this modem. */
    isOf(modem: Sim800): boolean {
        return this.modem === modem
    }

    /** @internal Throws if the connection no longer belongs to this socket. */
    check(what: string) {
        if (!this.mine())
            throw this.error(what, this.failure || Failure.ClosedHere)
    }

    /** Whether the connection still belongs to this socket. */
    protected mine(): boolean {
        return !this.closed && this.link.generation === this.generation
    }

    /** Whether nothing more will be received. */
    private over(): boolean {
        return (TRAITS[this.link.state] & Trait.Over) !== 0
    }

    protected error(
        what: string,
        failure: Failure,
        sent?: number
    ): Sim800Error {
        const link = this.link
        let answer = ""
        const refused = link.refused
        if (this.mine() && refused !== 0)
            answer = refusal(
                commandText(refusedCommand(refused)),
                refusedCme(refused)
            )
        return new Sim800Error(
            describe(failure, `${what} ${this.name}`, answer),
            failure,
            sent > 0 ? sent : 0
        )
    }
}
