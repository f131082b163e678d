/**
 * A connection in the form of Espruino's own sockets: events, `write()` with `drain`,
 * `read()` for pipes. Received data stay in the modem until there is a listener for
 * `data`, or a `read()`.
 */
import { Kind } from "../core/arguments"
import { commandText } from "../core/commands"
import { Framing, Reception } from "../core/config"
import {
    type Connection,
    LinkState,
    refusedCme,
    refusedCommand,
    SEGMENT,
    SendState,
    Trait,
    TRAITS,
} from "../core/link/connection"
import { Failure, refusal } from "../core/errors"
import type { ConnectOptions, Sim800Error } from "./api"
import {
    bad,
    check,
    checkFlag,
    checkObject,
    checkTime,
    checkWord,
    errorOf,
    message,
} from "./errors"
import type { Sim800 } from "./modem"
import { textOf } from "../core/text"
import { datagram } from "../core/link/receive"
import { send } from "../core/link/send"

/** ms */
const CONNECT_TIMEOUT = 120000
/** most bytes of a `data` event */
const PIECE = 512
/** `write()` returns false from this many waiting bytes on */
const HIGH = SEGMENT
/** … and this many may wait */
const LIMIT = 8192
/** smallest receive buffer that holds any datagram */
const DATAGRAM_BUFFER = 2048
const FULL = '8192 bytes wait already: wait for "drain" when write() says false'

interface FileSystem {
    pipe(source: object, destination: object, options?: object): void
}

type Listener = Parameters<Emitter["on"]>[1]
type Data = string | Uint8Array | ArrayBuffer

/**
 * Whether data may be missing: the peer did not close the connection, or not all was
 * read.
 */
function isLoss(failure: Failure): boolean {
    return (
        failure !== Failure.None &&
        failure !== Failure.ClosedByPeer &&
        failure !== Failure.ClosedHere
    )
}

export class Socket {
    /** e.g. `tcp://example.com:80` */
    readonly name: string
    /** bytes that wait to be sent */
    bufferSize = 0
    /** @internal the connection is up, or was up */
    up = false
    /** @internal the last event has been emitted */
    over = false
    /** @internal why it is over */
    failure = Failure.None

    private readonly modem: Sim800
    private readonly options: ConnectOptions
    /** UDP: datagrams, not a stream */
    private readonly datagrams: boolean
    /** UDP to any address, see `dgram.ts` */
    private readonly extended: boolean
    private link: Connection | null = null
    /** this socket's use of `link` */
    private generation = 0
    private readonly queue: string[]
    private writing = false
    private full = false
    /** `end()`: close when all is sent */
    private ending = false
    private closed = false
    private timer = 0
    /** every object of Espruino has it; listeners are called later */
    declare private readonly emit: Emitter["emit"]

    /** @param extended UDP to any address, see `dgram.ts` */
    constructor(modem: Sim800, options: ConnectOptions, extended: boolean) {
        checkObject("options", options)
        const proto = options.proto || "tcp"
        check("host", Kind.Host, options.host, 1, 255)
        check("port", Kind.Whole, options.port, 1, 65535)
        checkWord("proto", proto, LEAN ? ["tcp", "tls"] : ["tcp", "tls", "udp"])
        if (LEAN && options.localPort)
            throw bad("localPort", "this module has none")
        if (!LEAN && options.localPort !== undefined)
            check("localPort", Kind.Whole, options.localPort, 0, 65535)
        checkFlag("verify", options.verify)
        checkFlag("clientCertificate", options.clientCertificate)
        checkTime("timeout", options.timeout)
        const context = options.context || 0
        const open = modem.second !== null && modem.second()
        if (context !== 0 && (context !== 1 || !open))
            throw bad("context", context + " is not open: open it first")
        const config = modem.core.config
        const udp = !LEAN && proto === "udp"
        if (udp && config.receiveBuffer < DATAGRAM_BUFFER)
            throw bad(
                "receiveBuffer",
                "UDP needs " + DATAGRAM_BUFFER + " bytes or more"
            )
        this.modem = modem
        this.options = options
        this.name = proto + "://" + options.host + ":" + options.port
        this.extended = extended
        this.datagrams =
            !LEAN &&
            udp &&
            !config.transparent &&
            config.reception !== Reception.Plain
        this.queue = []
        modem.check("connect " + this.name)
    }

    /** @internal Opens it, as soon as a number is free. */
    open() {
        const modem = this.modem
        const connections = modem.core.links
        const options = this.options
        if (this.closed || this.over) return
        if (this.timer === 0)
            this.timer = setTimeout(() => {
                this.timer = 0
                this.late()
            }, options.timeout || CONNECT_TIMEOUT)
        const id = connections.take(modem.elapsed())
        if (id < 0) {
            if (connections.freeing()) modem.waiting.push(this)
            else this.ended(Failure.NoFreeConnection)
            return
        }
        const link = connections.list[id]
        const proto = options.proto
        link.udp = proto === "udp"
        link.tls = proto === "tls"
        link.verify = options.verify !== false
        link.authenticate = !!options.clientCertificate
        link.host = options.host
        link.port = options.port
        link.localPort = options.localPort || 0
        link.context = options.context || 0
        link.extended = this.extended
        connections.start(link)
        this.use(link)
    }

    /** @internal Uses this connection from now on. */
    use(link: Connection) {
        this.link = link
        this.generation = link.generation
        this.modem.adopt(this, link.id)
    }

    /** The connection was not made in time. */
    private late() {
        if (this.up || this.over) return
        const failure = this.modem.core.bearer.failure || Failure.ConnectTimeout
        this.drop()
        this.ended(failure)
    }

    /**
     * As on every object of Espruino; a late listener still gets data that came before.
     */
    on(event: string, heard: Listener) {
        const emitter = Object.prototype as Emitter
        emitter.on.call(this, event, heard)
        const link = this.link
        if (link === null || this.readable() === 0) return
        this.modem.core.links.news |= 1 << link.id
        this.modem.pump()
    }

    /** @internal The core reports a change of this connection. */
    notify() {
        const link = this.link
        if (link === null || this.over) return
        if (this.closed) {
            if (
                link.generation !== this.generation ||
                link.state === LinkState.Initial ||
                link.state === LinkState.Closed ||
                link.state === LinkState.Quarantine
            )
                this.finish()
            return
        }
        if (link.generation !== this.generation) {
            this.taken()
            return
        }
        const traits = TRAITS[link.state]
        if (!this.up) {
            if ((traits & Trait.Open) === 0) {
                if ((traits & Trait.Over) === 0) return
                // a peer of the server has taken this number
                if (link.failure === Failure.NumberTaken) {
                    this.taken()
                    return
                }
                if (link.failure !== Failure.ClosedByPeer) {
                    this.ended(link.failure)
                    return
                }
            }
            this.up = true
            if (this.timer) clearTimeout(this.timer)
            this.timer = 0
            this.emit("connect", this)
        }
        if (link.readable > 0) this.tell()
        if (this.writing || this.queue[0] || this.ending) this.flush()
        if ((traits & Trait.Over) !== 0 && !this.closed && link.readable === 0)
            this.ended(link.failure)
    }

    /** A peer of the server has taken the number. */
    private taken() {
        this.link = null
        if (this.up || this.closed) this.ended(Failure.NumberTaken)
        else this.open()
    }

    /** Emits readable data, if there is a listener. */
    private tell() {
        const self = this as unknown as Record<string, unknown>
        const event = this.datagrams ? "message" : "data"
        if (self["#on" + event] === undefined) return
        while (this.readable() > 0) {
            const data = this.read(PIECE)
            if (data === undefined) return
            if (this.datagrams) this.emit(event, data, this.sender(data.length))
            else this.emit(event, data)
        }
    }

    private readable(): number {
        const link = this.link
        return link === null || link.generation !== this.generation
            ? 0
            : link.readable
    }

    private sender(size: number) {
        const link = this.link as Connection
        const a = link.address
        return link.senderPort > 0
            ? {
                  address: a[0] + "." + a[1] + "." + a[2] + "." + a[3],
                  port: link.senderPort,
                  size,
              }
            : undefined
    }

    read(max?: number): string | undefined {
        const link = this.link
        let n = this.readable()
        if (n <= 0 || link === null) return this.over ? undefined : ""
        const modem = this.modem
        const connections = modem.core.links
        if (this.datagrams) n = datagram(connections, link)
        else if (max !== undefined && n > max) n = max
        const rx = link.rx
        const linear = rx.size - rx.tail
        const size = rx.size
        let data
        if (n <= linear) data = textOf(rx.buf, rx.tail, n)
        else
            data =
                textOf(rx.buf, rx.tail, linear) + textOf(rx.buf, 0, n - linear)
        rx.tail = (rx.tail + n) & (size - 1)
        rx.used -= n
        link.readable -= n
        if (link.waiting > 0 || modem.core.digest.stalled)
            connections.work = true
        // the end comes after the last byte
        if (link.readable === 0 && link.state !== LinkState.Connected)
            connections.news |= 1 << link.id
        if (connections.work || connections.news !== 0) modem.pump()
        return data
    }

    write(data: Data): boolean {
        const text =
            typeof data === "string" ? data : E.toString(data as Uint8Array)
        const n = text.length
        if (this.closed || this.over || this.ending)
            throw this.error("send", this.failure || Failure.ClosedHere, 0)
        if (this.datagrams && (n < 1 || n > SEGMENT))
            throw bad("data", "a datagram has 1–1460 bytes")
        const mode = this.modem.core.data
        const why = mode ? mode.forbids(Buffer.from(text), 0, n) : ""
        if (why) throw bad("data", why)
        if (this.bufferSize > 0 && this.bufferSize + n > LIMIT)
            throw bad("data", FULL)
        const queue = this.queue
        const last = queue.length - 1
        if (n > 0) {
            this.bufferSize += n
            if (
                !this.datagrams &&
                last >= 0 &&
                queue[last].length + n <= SEGMENT
            )
                queue[last] += text
            else queue.push(text)
        }
        this.flush()
        this.full = this.bufferSize >= HIGH
        return !this.full
    }

    /** Sends the next piece, or handles the result of the last one. */
    private flush() {
        const link = this.link
        const modem = this.modem
        if (link === null || !this.up || this.closed) return
        if (this.writing) {
            if (
                link.sendState === SendState.Wanted ||
                link.sendState === SendState.InFlight
            )
                return
            this.writing = false
            if (link.sendState === SendState.Failed) {
                this.lost(link.sendFailure, link.accepted)
                return
            }
            this.bufferSize -= link.accepted
        }
        const queue = this.queue
        if (queue[0]) {
            const next = queue.shift() as string
            const config = modem.core.config
            // the data are searched as bytes
            const plain =
                config.framing === Framing.Length && !config.transparent
            const source = plain ? next : Buffer.from(next)
            const refused = send(
                modem.core.links,
                link,
                source as unknown as Buffer,
                0,
                next.length
            )
            if (refused !== Failure.None) {
                this.lost(refused, 0)
                return
            }
            this.writing = true
            modem.pump()
        } else if (this.ending) this.drop()
        if (this.full && this.bufferSize < HIGH) {
            this.full = false
            this.emit("drain")
        }
    }

    /** Written data are lost. */
    private lost(failure: Failure, sent: number) {
        const error = this.error("send", failure, sent)
        this.queue.splice(0, this.queue.length)
        this.bufferSize = 0
        // data that a peer sent before it closed can still be read
        if (failure === Failure.ClosedByPeer && this.readable() > 0) {
            this.emit("error", error)
            return
        }
        this.drop()
        this.failure = failure
        this.fail(error)
    }

    end(data?: Data) {
        if (this.closed || this.over) return
        if (data !== undefined) this.write(data)
        this.ending = true
        this.flush()
        // a socket without a number is given up
        if (!this.up && this.queue.length === 0) this.destroy()
    }

    destroy() {
        if (this.closed || this.over) return
        const link = this.link
        this.drop()
        if (link === null) this.finish()
    }

    /** Makes the modem close the connection. */
    private drop() {
        const link = this.link
        if (this.closed) return
        this.tell()
        this.closed = true
        this.queue.splice(0, this.queue.length)
        if (link === null || link.generation !== this.generation) return
        this.modem.core.links.close(link, this.modem.elapsed())
        this.modem.pump()
    }

    pipe(destination: object, options?: object) {
        const fs = requireModule("fs") as unknown as FileSystem
        fs.pipe(this, destination, options)
    }

    /** The connection has ended, not by `destroy()`. */
    private ended(failure: Failure) {
        if (this.over) return
        this.failure = failure
        const what = this.up ? "receive" : "connect"
        const error = isLoss(failure) ? this.error(what, failure, 0) : undefined
        const link = this.link
        this.closed = true
        if (link !== null && link.generation === this.generation)
            this.modem.core.links.close(link, this.modem.elapsed())
        this.fail(error)
        this.finish()
    }

    private fail(error: Sim800Error | undefined) {
        if (error) this.emit("error", error)
    }

    /** @internal Nothing more will happen. */
    finish() {
        const link = this.link
        if (this.over) return
        this.over = true
        this.closed = true
        if (this.timer) clearTimeout(this.timer)
        if (link !== null) this.modem.left(this, link.id)
        this.emit("close", isLoss(this.failure))
    }

    private error(what: string, failure: Failure, sent: number): Sim800Error {
        const link = this.link
        const mine = link !== null && link.generation === this.generation
        const answer =
            mine && link.refused !== 0
                ? refusal(
                      commandText(refusedCommand(link.refused)),
                      refusedCme(link.refused)
                  )
                : ""
        return errorOf(
            message(failure, what + " " + this.name, answer),
            failure,
            sent
        )
    }
}
