/**
 * A modem as the network of the whole program: `connect()`, `fetch()` and the
 * MQTT client of `@devicescript/net`.
 *
 * That package opens, writes and closes its only socket by three functions of
 * the runtime, and is told by a fourth what becomes of it. These carry bytes,
 * but cannot hold anybody up, and what the package makes of a lost connection is
 * not always right. So `Socket._connect()`, from which all its sockets come, is
 * replaced too, and gives each of them a `recv()` and a `send()` of its own.
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

/** What `@devicescript/net` uses of the runtime. */
interface Runtime {
    _socketOpen(host: string, port: number): number
    _socketWrite(data: Buffer | string): number
    _socketClose(): number
    _socketOnEvent(event: NetEvent, arg?: Buffer | string): void
}

interface NetSockets {
    _connect(options: SocketConnectOptions): Promise<NetSocket>
}

/** What its sockets have and do not show. */
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
     * After so many seconds in which something was sent and nothing came back the
     * connection is dead: it is closed, and the program is told. 10–7200; without
     * it, only the modem tells. For MQTT: 1.5 times the keep-alive time, since
     * each ping has an answer; a broker or a NAT that is gone without a word takes
     * everything otherwise, for ever.
     */
    silence?: number
}

// what the functions of the runtime return beside 0
const TRY_AGAIN = -1
const NOT_CONNECTED = -2

/** what the package waits for a connection unless it is told, ms */
const CONNECT_TIMEOUT = 30000
/** how much earlier the modem gives up, so that it can say why; ms */
const MARGIN = 100
/** between two tries while all connections of the modem are in use, ms */
const PAUSE = 100
/** bytes that `send()` takes before it waits; a power of two */
const SEND_BUFFER = 2048
/** parts of a body between two pauses */
const PARTS_PER_TURN = 32
/**
 * Most bytes that are handed over before somebody waits for them. The MQTT
 * client handles the messages of one piece in nested calls, of which there can
 * be a hundred; an acknowledgement has four bytes.
 */
const UNASKED = 256
/** how long such a piece waits for what is to be sent: this many ms, this many times */
const SETTLE = 10
const SETTLE_TURNS = 50

/** Makes a part of a body: what comes behind its first `at` bytes, one byte or more. */
export type BodyPart = (at: number) => Promise<Buffer | string>

/** See `bodyOf()`. */
interface Body {
    length: number
    part: BodyPart
}

/**
 * A body for `fetch()` of any length: it is made part by part while it is sent,
 * so that it does not have to fit into memory. Only over a modem, see
 * `useAsNetwork()`.
 *
 * ```ts
 * const body = bodyOf(100000, async at => await readFromFlash(at, 1000))
 * await fetch(url, { method: "POST", body })
 * ```
 * @param length of all parts together, in bytes
 */
export function bodyOf(length: number, part: BodyPart): Buffer {
    check("length", Kind.Whole, length, 0, 0x7fffffff)
    if (typeof part !== "function")
        throw bad("part", "a function that makes the parts is expected")
    // fetch() takes strings and buffers, and looks at the length of a buffer only
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
 * The class that all of the package's sockets come from. A constant would put it into
 * every program.
 */
function sockets(): NetSockets {
    return NetSocket as unknown as NetSockets
}

/*
 * What the package used before: there is one network at a time. These are variables
 * because a function that is read of a field is bound to its object, and the package
 * would get hold of that.
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
    /** what the package was asked for when it opened this */
    readonly request: SocketConnectOptions
    private readonly network: Network
    private readonly options: ConnectOptions
    private readonly name: string
    private socket: Socket
    /** the socket that the program has; undefined until it has it */
    private client: NetSocket
    /** a fiber of the program waits for data */
    private asked = false
    /** what is to be sent; undefined while nothing can be */
    private out: Ring
    /** a fiber of the program is in `send()` */
    private sending = false
    /** there is room in `out`, or a fiber has left `send()` */
    private readonly sent = ds.emitter<void>()
    /** what is in `out` is sent, then the connection is closed */
    private closing = false
    /** nothing is sent or received any more */
    private over = false
    /** why not */
    private reason = ""
    /** when the first thing was sent that nothing has come back to; 0: none */
    private askedAt = 0
    private deliverer: ds.Fiber
    private writer: ds.Fiber

    constructor(network: Network, options: ConnectOptions) {
        this.network = network
        this.request = network.request
        this.options = options
        this.name = `${options.proto}://${options.host}:${options.port}`
    }

    /** The fiber that opens it and hands over what comes, until the end. */
    async run() {
        this.deliverer = ds.Fiber.self()
        try {
            await this.open()
            this.out = this.network.ring()
            this.write.start()
            this.tell("open")
            // an event on the heels of this one would replace it
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
                // whoever wanted it has gone on
                if (this.over) throw e
            }
        }
        if (!this.over) await modem.opened(this.socket, this.options, end)
    }

    /**
     * Hands over the next piece. Meanwhile the rest stays in the modem, and what
     * the modem has no room for with the peer.
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
        // the end, too, comes behind what has been received
        const { buffers } = this.client as unknown as Insides
        while (buffers.length > 0 && !this.over) await suspend()
        return true
    }

    /**
     * Waits until there is something to read, or nothing can come any more.
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
     * What the last piece has made the program send goes first: the MQTT client
     * acknowledges each message in a fiber of its own, and has no memory for hundreds
     * of them. A fiber that waits for data does not wait for that. A peer that takes
     * nothing before it is read is read all the same, slowly.
     */
    private async settle() {
        let turns = 0
        while (!this.asked && !this.over && turns < SETTLE_TURNS) {
            if (turns > 0 && !(this.out && this.out.used > 0)) return
            await sleep(SETTLE)
            turns++
        }
    }

    /** The fiber that sends what is in `out`. */
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
            // what a peer has sent before it closed can still be read
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
     * Returns when all of it is in `out`. If the connection breaks before that, the end
     * of the connection tells. Only data that would not have fitted are an error here,
     * since the MQTT client does not expect one.
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

    /** Ends it when all has been sent. */
    close() {
        this.closing = true
        if (this.out) resume(this.writer)
        else this.quit(false)
    }

    /** Ends it at once, for a reason that the program is told. */
    abort(reason: string) {
        this.reason = reason
        this.end()
        this.quit(true)
    }

    /** Ends it at once; the package knows, but has told nobody. */
    replace() {
        this.tellClosed()
        this.quit(true)
    }

    /** The MQTT client connects again behind this event only. */
    private tellClosed() {
        if (this.client) this.client.onclose.emit(undefined)
    }

    /** Nobody wants it any more. */
    private quit(quick: boolean) {
        this.over = true
        resume(this.deliverer)
        resume(this.writer)
        const socket = this.socket
        if (socket) socket.close.start(quick)
    }

    /** Tells the program that it is over, unless it knows. */
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

    /** Keeps why it is over; the package itself says what it was about. */
    private note(e: Error) {
        const subject = this.name + ": "
        const at = e.message.indexOf(subject)
        if (!this.reason)
            this.reason =
                at < 0 ? e.message : e.message.slice(at + subject.length)
    }
}

/**
 * What the package gets from `useAsNetwork()`.
 * @devsWhenUsed
 */
export class Network {
    /** @internal */
    readonly modem: Sim800
    /** @internal the connection that the package has, if it has one */
    current: Conversation
    /** @internal what is being asked of the package */
    request: SocketConnectOptions
    /** @internal the send buffer of a connection that is over */
    spare: Ring
    /** @internal ms, 0: as long as it takes */
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

    /** Ends the connection that there is, and gives the functions back. */
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
        // the MQTT client waits for the broker as long, and without it for ever
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
 * Makes a modem the network of the whole program: from now on `connect()`,
 * `fetch()` and the MQTT client of `@devicescript/net` go over it. The package
 * has one connection at a time; the modem's own sockets exist beside it.
 *
 * ```ts
 * await modem.start()
 * useAsNetwork(modem)
 * const response = await fetch("http://example.com/")
 * ```
 *
 * A connection waits for a PDP context that has been lost, as long as its
 * timeout lets it, and fails at once if the modem has not been started.
 * @returns what `stop()` ends it with
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
