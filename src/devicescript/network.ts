/**
 * A modem as the network of the whole program: `connect()`, `fetch()` and the
 * MQTT client of `@devicescript/net`.
 *
 * That package opens, writes and closes its only socket by three functions of the
 * runtime, and gets its events by a fourth. These carry bytes, but cannot hold up a
 * sender, and the package does not always handle a lost connection correctly. So
 * `Socket._connect()`, which creates all its sockets, is replaced too, and gives each
 * of them its own `recv()` and `send()`.
 */
import * as ds from "@devicescript/core"
import { sleep, suspend, turn, wait } from "../ports/naps"
import { Socket as NetSocket, SocketConnectOptions } from "@devicescript/net"
import { Kind } from "../core/arguments"
import { SEGMENT } from "../core/link/connection"
import { Failure } from "../core/errors"
import { Ring } from "../core/ring"
import { bad, check, checkModem } from "./arguments"
import { failed, Sim800Error } from "./errors"
import type { ConnectOptions, Sim800 } from "./sim800"
import { Socket } from "./socket"

type NetEvent = "open" | "close" | "data" | "error"

/** The part of the runtime that `@devicescript/net` uses. */
interface Runtime {
    _socketOpen(host: string, port: number): number
    _socketWrite(data: Buffer | string): number
    _socketClose(): number
    _socketOnEvent(event: NetEvent, arg?: Buffer | string): void
}

interface NetSockets {
    _connect(options: SocketConnectOptions): Promise<NetSocket>
}

/** Hidden fields of its sockets. */
interface Insides {
    buffers: Buffer[]
    check(): void
}

/** For `https:`, `mqtts` and `proto: "tls"`. */
export interface NetworkOptions {
    /** see `ConnectOptions`; default true */
    verify?: boolean
    clientCertificate?: boolean
    /**
     * If data were sent and nothing came back for this many seconds, the connection is
     * taken for dead: it is closed, and the program is told. 10–7200; without it, only
     * the modem reports the end. For MQTT: 1.5 times the keep-alive time, since each
     * ping has an answer; otherwise a broker or NAT that has silently disappeared seems
     * to accept data for ever.
     */
    silence?: number
}

// return values of the runtime's functions beside 0
const TRY_AGAIN = -1
const NOT_CONNECTED = -2

/** the package's default timeout of a connection, ms */
const CONNECT_TIMEOUT = 30000
/** the modem's timeout is shorter by this, so that the error gives its reason, ms */
const MARGIN = 100
/** pause between two tries while all connections of the modem are in use, ms */
const PAUSE = 100
/** bytes that `send()` accepts before it waits; a power of two */
const SEND_BUFFER = 2048
/** parts of a body between two pauses */
const PARTS_PER_TURN = 32
/**
 * Most bytes delivered before the program waits for them. The MQTT client handles the
 * messages of one piece in nested calls, perhaps a hundred; an acknowledgement has four
 * bytes.
 */
const UNASKED = 256
/** such a piece waits for pending output: this many ms, this many times */
const SETTLE = 10
const SETTLE_TURNS = 50

/** Makes the part of a body that follows its first `at` bytes, one byte or more. */
export type BodyPart = (at: number) => Promise<Buffer | string>

/** See `bodyOf()`. */
interface Body {
    length: number
    part: BodyPart
}

/**
 * A body of any length for `fetch()`: it is made part by part while it is sent, so that
 * it need not fit into memory. Only over a modem, see `useAsNetwork()`.
 *
 * ```ts
 * const body = bodyOf(100000, async at => await readFromFlash(at, 1000))
 * await fetch(url, { method: "POST", body })
 * ```
 * @param length total of all parts, in bytes
 */
export function bodyOf(length: number, part: BodyPart): Buffer {
    check("length", Kind.Whole, length, 0, 0x7fffffff)
    if (typeof part !== "function")
        throw bad("part", "a function that makes the parts is expected")
    // fetch() takes strings and buffers, and only reads the length of a buffer
    const body: Body = { length, part }
    Object.setPrototypeOf(body, Buffer.prototype)
    return body as unknown as Buffer
}

function lengthOf(data: Buffer | string): number {
    if (!data) return 0
    return typeof data === "string" ? data.byteLength : data.length
}

const runtime = ds as unknown as Runtime

/**
 * The class of all the package's sockets. A constant would put it into every program.
 */
function sockets(): NetSockets {
    return NetSocket as unknown as NetSockets
}

/*
 * The package's former functions: there is one network at a time. They are variables
 * because a function read from a field is bound to its object, and would give the
 * package that object.
 */
let connectBefore: NetSockets["_connect"]
let openBefore: Runtime["_socketOpen"]
let writeBefore: Runtime["_socketWrite"]
let closeBefore: Runtime["_socketClose"]

function resume(fiber: ds.Fiber) {
    if (fiber && fiber.suspended) fiber.resume(true)
}

/**
 * One connection of the package.
 * @devsWhenUsed
 */
class Conversation {
    /** the package's request that opened this */
    readonly request: SocketConnectOptions
    private readonly network: Network
    private readonly options: ConnectOptions
    private readonly name: string
    private socket: Socket
    /** the program's socket; undefined until it has one */
    private client: NetSocket
    /** a fiber of the program waits for data */
    private asked = false
    /** data to send; undefined while nothing can be sent */
    private out: Ring
    /** a fiber of the program is in `send()` */
    private sending = false
    /** `out` has room, or a fiber has left `send()` */
    private readonly sent = ds.emitter<void>()
    /** close the connection once `out` is sent */
    private closing = false
    /** nothing more is sent or received */
    private over = false
    /** why not */
    private reason = ""
    /** when the first data without an answer were sent; 0: none */
    private askedAt = 0
    private deliverer: ds.Fiber
    private writer: ds.Fiber

    constructor(network: Network, options: ConnectOptions) {
        this.network = network
        this.request = network.request
        this.options = options
        this.name = `${options.proto}://${options.host}:${options.port}`
    }

    /** The fiber that opens the connection and delivers received data until its end. */
    async run() {
        this.deliverer = ds.Fiber.self()
        try {
            await this.open()
            this.out = this.network.ring()
            this.write.start()
            this.tell("open")
            // an event right after this one would replace it
            while (!this.client && !this.over) await suspend()
            while (await this.deliver());
        } catch (e) {
            this.note(e as Error)
        }
        this.over = true
        this.deliverer = undefined
        resume(this.writer)
        this.end()
        if (this.socket) await this.socket.close()
    }

    private async open() {
        const modem = this.network.modem
        const end = ds.millis() + this.options.timeout
        while (!this.socket) {
            try {
                const link = await modem.open(this.options, end)
                this.socket = new Socket(modem, link, this.options)
            } catch (e) {
                const full =
                    (e as Sim800Error).failure === Failure.NoFreeConnection
                if (!full || ds.millis() >= end) throw e
                await sleep(PAUSE)
                // the program no longer waits for it
                if (this.over) throw e
            }
        }
        if (!this.over) await modem.opened(this.socket, this.options, end)
    }

    /**
     * Delivers the next piece. Meanwhile the rest stays in the modem, or with the peer
     * if the modem is full.
     * @returns whether there can be more
     */
    private async deliver(): Promise<boolean> {
        if (!(await this.heard())) return false
        await this.settle()
        if (this.over) return false
        this.askedAt = 0
        const data = this.socket.take(this.asked ? SEGMENT : UNASKED)
        if (!data) return false
        this.tell("data", data)
        // received data come before the end
        const { buffers } = this.client as unknown as Insides
        while (buffers.length > 0 && !this.over) await suspend()
        return true
    }

    /**
     * Waits for data or for the end.
     * @returns false if nothing has come back for too long
     */
    private async heard(): Promise<boolean> {
        const silence = this.network.silence
        if (silence === 0) {
            await this.socket.readable()
            return true
        }
        let left = silence
        while (!(await this.socket.readable(left))) {
            const at = this.askedAt
            left = at === 0 ? silence : Math.max(0, at + silence - ds.millis())
            if (left > 0) continue
            this.reason = `nothing has come back for ${silence / 1000} s: the connection is dead`
            return false
        }
        return true
    }

    /**
     * Waits until the program's output for the last piece is sent: the MQTT client
     * acknowledges each message in its own fiber, and lacks memory for hundreds of
     * them. If a fiber already waits for data, there is no such wait. A peer that
     * accepts no data before its own are read is read all the same, slowly.
     */
    private async settle() {
        let turns = 0
        while (!this.asked && !this.over && turns < SETTLE_TURNS) {
            if (turns > 0 && !(this.out && this.out.used > 0)) return
            await sleep(SETTLE)
            turns++
        }
    }

    /** The fiber that sends the contents of `out`. */
    private async write() {
        const out = this.out
        this.writer = ds.Fiber.self()
        try {
            while (!this.over && !(this.closing && out.used === 0)) {
                const linear = out.size - out.tail
                const n = Math.min(Math.min(linear, out.used), SEGMENT)
                if (n === 0) await suspend()
                else {
                    if (this.askedAt === 0) this.askedAt = ds.millis()
                    await this.socket.sendPart(out.buf, out.tail, n)
                    out.tail = (out.tail + n) & (out.size - 1)
                    out.used -= n
                    this.sent.emit(undefined)
                }
            }
        } catch (e) {
            // data that a peer sent before it closed can still be read
            if ((e as Sim800Error).failure !== Failure.ClosedByPeer)
                this.note(e as Error)
        }
        this.writer = undefined
        this.out = undefined
        this.network.spare = out
        this.sent.emit(undefined)
        if (this.closing) this.quit(false)
    }

    /** The program has its socket. */
    adopt(client: NetSocket) {
        const self = this
        const insides = client as unknown as Insides
        const recv = client.recv
        this.client = client
        client.recv = async (timeout?: number) => {
            self.asked = insides.buffers.length === 0
            const data = await recv(timeout)
            self.asked = false
            if (insides.buffers.length === 0) resume(self.deliverer)
            return data
        }
        client.send = async (data: Buffer | string) => {
            insides.check()
            const body = data as unknown as Body
            if (body.part) await self.sendBody(body)
            else await self.send(data)
        }
        resume(this.deliverer)
    }

    /**
     * Returns when all data are in `out`. If the connection breaks before, its end
     * shows it. Only data that did not fit cause an error here, since the MQTT client
     * does not expect one.
     */
    private async send(data: Buffer | string) {
        const length = lengthOf(data)
        while (this.sending) await wait(this.sent)
        this.sending = true
        let at = 0
        while (this.out && at < length) {
            at += this.out.put(data as Buffer, at, length - at)
            resume(this.writer)
            if (at < length) await wait(this.sent)
        }
        this.sending = false
        this.sent.emit(undefined)
        if (at < length && length > SEND_BUFFER) throw this.sendFailed()
    }

    private async sendBody(body: Body) {
        let at = 0
        let parts = 0
        while (at < body.length) {
            const data = await body.part(at)
            const length = lengthOf(data)
            if (length < 1 || length > body.length - at)
                throw bad(
                    "body",
                    `${length} bytes behind ${at} of ${body.length}`
                )
            if (!this.out) throw this.sendFailed()
            await this.send(data)
            at += length
            // the VM ends a program that never pauses, and small parts fill `out`
            if (++parts % PARTS_PER_TURN === 0) await turn(0)
        }
    }

    private sendFailed(): Sim800Error {
        return failed(Failure.SendFailed, `send ${this.name}`)
    }

    /** @returns 0 if all of it has been taken */
    put(data: Buffer | string): number {
        const out = this.out
        if (!out) return NOT_CONNECTED
        const length = lengthOf(data)
        if (this.sending || length > out.size - out.used) return TRY_AGAIN
        out.put(data as Buffer, 0, length)
        resume(this.writer)
        return 0
    }

    /** Closes the connection when all is sent. */
    close() {
        this.closing = true
        if (this.out) resume(this.writer)
        else this.quit(false)
    }

    /** Ends the connection at once; the program gets the reason. */
    abort(reason: string) {
        this.reason = reason
        this.end()
        this.quit(true)
    }

    /** Ends the connection at once; the package knows, but has not told the program. */
    replace() {
        this.tellClosed()
        this.quit(true)
    }

    /** Only this event makes the MQTT client reconnect. */
    private tellClosed() {
        if (this.client) this.client.onclose.emit(undefined)
    }

    /** Ends the use of the connection. */
    private quit(quick: boolean) {
        this.over = true
        resume(this.deliverer)
        resume(this.writer)
        const socket = this.socket
        if (socket) socket.close.start(quick)
    }

    /** Tells the program about the end, unless it knows. */
    private end() {
        if (this.network.current !== this) return
        if (!this.reason) this.tell("close")
        else {
            this.tell("error", this.reason)
            this.tellClosed()
        }
        this.network.current = undefined
    }

    private tell(event: NetEvent, arg?: Buffer | string) {
        if (this.network.current === this) runtime._socketOnEvent(event, arg)
    }

    /** Keeps the reason of the end; the package itself adds the subject. */
    private note(e: Error) {
        const subject = this.name + ": "
        const at = e.message.indexOf(subject)
        if (!this.reason)
            this.reason =
                at < 0 ? e.message : e.message.slice(at + subject.length)
    }
}

/**
 * The network installed by `useAsNetwork()`.
 * @devsWhenUsed
 */
export class Network {
    /** @internal */
    readonly modem: Sim800
    /** @internal the package's connection, if any */
    current: Conversation
    /** @internal the package's present request */
    request: SocketConnectOptions
    /** @internal the send buffer of an ended connection, for reuse */
    spare: Ring
    /** @internal ms, 0: unlimited */
    readonly silence: number
    private readonly options: NetworkOptions
    private stopped = false

    /** Use `useAsNetwork()`. */
    constructor(modem: Sim800, options: NetworkOptions) {
        const self = this
        this.modem = modem
        this.options = options
        this.silence = options.silence ? 1000 * options.silence : 0
        connectBefore = sockets()._connect
        openBefore = runtime._socketOpen
        writeBefore = runtime._socketWrite
        closeBefore = runtime._socketClose
        runtime._socketOpen = (host, port) => self.open(host, port)
        runtime._socketWrite = data =>
            self.current ? self.current.put(data) : NOT_CONNECTED
        runtime._socketClose = () => self.close()
        sockets()._connect = async request => await self.connected(request)
    }

    /** Ends the present connection, and restores the functions. */
    stop() {
        if (this.stopped) return
        this.stopped = true
        if (this.current)
            this.current.abort("the modem is not the network any more")
        runtime._socketOpen = openBefore
        runtime._socketWrite = writeBefore
        runtime._socketClose = closeBefore
        sockets()._connect = connectBefore
        if (active === this) active = undefined
    }

    private async connected(request: SocketConnectOptions) {
        // the MQTT client waits that long for the broker; without a timeout, for ever
        if (!request.timeout) request.timeout = CONNECT_TIMEOUT
        this.request = request
        try {
            const client = await connectBefore(request)
            const conversation = this.current
            if (conversation && conversation.request === request)
                conversation.adopt(client)
            return client
        } catch (e) {
            if (this.current && this.current.request === request) this.close()
            throw e
        }
    }

    private open(host: string, port: number): number {
        const last = this.current
        this.current = undefined
        if (last) last.replace()
        this.current = new Conversation(this, {
            host,
            port: Math.abs(port),
            proto: port < 0 ? "tls" : "tcp",
            verify: this.options.verify,
            clientCertificate: this.options.clientCertificate,
            timeout: Math.max(1, this.request.timeout - MARGIN),
        })
        this.current.run.start()
        return 0
    }

    private close(): number {
        const conversation = this.current
        if (!conversation) return NOT_CONNECTED
        this.current = undefined
        conversation.close()
        return 0
    }

    /** @internal A send buffer. */
    ring(): Ring {
        const ring = this.spare || new Ring(SEND_BUFFER)
        this.spare = undefined
        ring.clear()
        return ring
    }
}

let active: Network

/**
 * Makes a modem the network of the whole program: from now on `connect()`, `fetch()`
 * and the MQTT client of `@devicescript/net` use it. The package has one connection at
 * a time; the modem's own sockets exist beside it.
 *
 * ```ts
 * await modem.start()
 * useAsNetwork(modem)
 * const response = await fetch("http://example.com/")
 * ```
 *
 * If the PDP context is lost, a new connection waits for it until its timeout; it fails
 * at once if the modem was not started.
 * @returns the network, whose `stop()` ends this
 */
export function useAsNetwork(modem: Sim800, options?: NetworkOptions): Network {
    checkModem(modem)
    const given = options === undefined ? {} : options
    check("options", Kind.Object, given)
    check("verify", Kind.Flag, given.verify)
    check("clientCertificate", Kind.Flag, given.clientCertificate)
    if (given.silence !== undefined)
        check("silence", Kind.Whole, given.silence, 10, 7200)
    if (active) active.stop()
    active = new Network(modem, given)
    return active
}
