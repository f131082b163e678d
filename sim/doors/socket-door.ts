/**
 * A TCP port of this machine for a modem's UART: the common part of all doors over TCP.
 */
import net from "node:net"
import type { Junction, Plug } from "./junction"
import { LineFeeder, type PacedModem } from "./line-feeder"

export interface SocketDoorOptions {
    readonly modem: PacedModem
    /** Where its UART is. */
    readonly junction: Junction
    /** Port of 127.0.0.1; 0 for any that is free. */
    readonly port: number
    /**
     * Passes bytes on at once, so bytes that come while a command runs are lost.
     * Default false: see `LineFeeder`.
     */
    readonly raw?: boolean
    /** Called when a client comes or leaves, and when bytes are lost. */
    readonly onLog?: (line: string) => void
    /**
     * When a client has closed its side, how long the modem must be silent
     * until the connection is closed, ms. Default 2000.
     */
    readonly lingerMs?: number
}

/** The coding of a client's and of the modem's bytes by a protocol. */
export interface Session {
    /** @returns the part for the modem */
    decode(bytes: Uint8Array): Uint8Array
    encode(bytes: Uint8Array): Uint8Array
    /** The client has gone. */
    end(): void
}

const LOOPBACK = "127.0.0.1"
/** How often waiting bytes and silence are looked at, ms. */
const POLL_MS = 5
/** How long a client has to take its last bytes and close, ms. */
const CLOSE_MS = 1000
/** Silence that ends a connection whose client has closed its side, while another one waits, ms. */
const HAND_OVER_MS = 100
/** Connections at the same time, including those about to be refused. */
const MOST_CONNECTIONS = 32
/** Bytes for the modem above which the client has to wait, and at which it may go on. */
const CLIENT_WAITS = 65536
const CLIENT_GOES_ON = 16384
/** Bytes that the client has not taken at which RTS goes off, and on; more than the last are lost. */
const MODEM_WAITS = 65536
const MODEM_GOES_ON = 16384
const MODEM_LOSES = 1048576

const IN_USE = "This modem is in use by another connection.\r\n"
const NOT_HTTP =
    "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nThis port is a modem's serial line. No page of a browser may use it.\n"
/** How the request of a browser begins. */
const METHODS = ["GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS "]
const LONGEST_METHOD = 8

/** The part of a client that a door serves. */
class Client {
    /** when the client or the modem said something last */
    lastByteAt = performance.now()
    /** it sends nothing any more */
    ended = false
    /** its first bytes, until it is clear that they are no HTTP */
    first: Buffer | undefined = Buffer.alloc(0)
    lost = 0

    constructor(
        readonly socket: net.Socket,
        readonly session: Session
    ) {}
}

/**
 * One client at a time; the modem lives on between clients, and its bytes are lost
 * then, as on an unplugged cable. A second client gets a message; one that comes while
 * the first is leaving waits for the last response to it.
 *
 * A client that sends faster than the modem takes bytes has to wait; if it does not
 * read, RTS goes off, and after that bytes are lost, as on a wire. A browser is
 * refused: a page must not send messages.
 */
export class SocketDoor {
    private client: Client | undefined
    private waiting: net.Socket | undefined
    private timer: NodeJS.Timeout | undefined
    private readonly plug: Plug
    private readonly feeder: LineFeeder

    protected constructor(
        private readonly server: net.Server,
        private readonly options: SocketDoorOptions,
        private readonly makeSession: (socket: net.Socket) => Session,
        /** it is a wire: bytes that come while a command runs are lost */
        isWire = false
    ) {
        this.plug = options.junction.plug()
        this.feeder = new LineFeeder(
            options.modem,
            this.plug,
            undefined,
            !options.raw && !isWire
        )
        this.plug.onData = bytes => this.send(bytes)
        server.maxConnections = MOST_CONNECTIONS
        server.on("connection", socket => this.arrive(socket))
    }

    /** Rejects with the error of `listen` if the port cannot be had. */
    protected static listen(port: number): Promise<net.Server> {
        const server = net.createServer({ allowHalfOpen: true, noDelay: true })
        return new Promise((resolve, reject) => {
            server.once("error", reject)
            server.listen(port, LOOPBACK, () => {
                server.off("error", reject)
                resolve(server)
            })
        })
    }

    get port(): number {
        return (this.server.address() as net.AddressInfo).port
    }

    close(): Promise<void> {
        this.waiting?.destroy()
        this.waiting = undefined
        this.leave()
        return new Promise(resolve => this.server.close(() => resolve()))
    }

    private arrive(socket: net.Socket): void {
        socket.on("error", () => undefined)
        if (this.client === undefined) this.enter(socket)
        else if (this.client.ended && this.waiting === undefined) {
            // the one that is here is about to leave
            this.waiting = socket
            socket.on("close", () => {
                if (this.waiting === socket) this.waiting = undefined
            })
        } else refuse(socket, IN_USE)
    }

    private enter(socket: net.Socket): void {
        const client = new Client(socket, this.makeSession(socket))
        this.client = client
        this.options.onLog?.("connected")
        socket.on("data", bytes => this.receive(client, bytes))
        socket.on("end", () => {
            client.ended = true
            if (client.first?.length) this.receive(client, Buffer.alloc(0))
            this.keepPolling()
        })
        socket.on("drain", () => this.relieve(client))
        const left = (): void => {
            // the next one may be here already
            if (this.client === client) this.leave()
        }
        socket.on("error", left)
        socket.on("close", left)
    }

    private leave(farewell?: string): void {
        const { client } = this
        if (client === undefined) return
        this.client = undefined
        clearTimeout(this.timer)
        this.timer = undefined
        this.feeder.clear()
        client.session.end()
        this.plug.setRts(true)
        refuse(client.socket, farewell)
        this.options.onLog?.("disconnected")
        const next = this.waiting
        this.waiting = undefined
        if (next) this.enter(next)
    }

    private receive(client: Client, bytes: Uint8Array): void {
        if (this.client !== client) return
        client.lastByteAt = performance.now()
        const known = this.withoutHttp(client, bytes)
        if (known === undefined) return
        const data = client.session.decode(known)
        if (data.length === 0) return
        this.feeder.push(data)
        if (this.backlog > CLIENT_WAITS) client.socket.pause()
        this.keepPolling()
    }

    /** @returns bytes that are no HTTP; none as long as they may become HTTP */
    private withoutHttp(
        client: Client,
        bytes: Uint8Array
    ): Uint8Array | undefined {
        if (client.first === undefined) return bytes
        const first = Buffer.concat([client.first, bytes])
        const text = first.toString("latin1", 0, LONGEST_METHOD)
        if (METHODS.some(method => text.startsWith(method))) {
            this.options.onLog?.("a browser was refused")
            this.leave(NOT_HTTP)
            return undefined
        }
        const couldBe = METHODS.some(method => method.startsWith(text))
        client.first = couldBe && !client.ended ? first : undefined
        return client.first ? undefined : first
    }

    /** Bytes of the client that the modem has not taken. */
    private get backlog(): number {
        return this.feeder.waiting + this.plug.pending
    }

    private send(bytes: Uint8Array): void {
        const { client } = this
        if (client === undefined) return
        client.lastByteAt = performance.now()
        const { socket } = client
        if (socket.writableLength > MODEM_LOSES) {
            if (client.lost === 0)
                this.options.onLog?.(
                    "the client does not read: what the modem says is lost"
                )
            client.lost += bytes.length
            return
        }
        socket.write(client.session.encode(bytes))
        if (socket.writableLength > MODEM_WAITS) this.plug.setRts(false)
    }

    /** The client has taken what waited for it. */
    private relieve(client: Client): void {
        if (client.socket.writableLength > MODEM_GOES_ON) return
        this.plug.setRts(true)
        if (client.lost > 0)
            this.options.onLog?.(
                `the client reads again: ${client.lost} bytes were lost`
            )
        client.lost = 0
    }

    /** Looks again and again, as long as there is something to wait for. */
    private keepPolling(): void {
        const { client } = this
        const isNeeded =
            client !== undefined &&
            (client.ended || this.backlog > 0 || client.socket.isPaused())
        if (!isNeeded || this.timer !== undefined) return
        this.timer = setTimeout(() => {
            this.timer = undefined
            this.poll()
            this.keepPolling()
        }, POLL_MS)
    }

    private poll(): void {
        const { modem, lingerMs = 2000 } = this.options
        const { client } = this
        this.feeder.feed()
        if (client === undefined) return
        if (client.socket.isPaused() && this.backlog < CLIENT_GOES_ON)
            client.socket.resume()
        if (!client.ended || this.feeder.waiting > 0) return
        const isBusy =
            this.plug.pending > 0 ||
            modem.activity === "busy" ||
            modem.activity === "booting" ||
            !modem.isSettled
        if (isBusy) client.lastByteAt = performance.now()
        const silence = this.waiting ? HAND_OVER_MS : lingerMs
        if (performance.now() - client.lastByteAt > silence) this.leave()
    }
}

/** Ends a connection; a client that does not close its side is cut off. */
function refuse(socket: net.Socket, farewell?: string): void {
    socket.on("error", () => undefined)
    socket.resume()
    if (farewell === undefined) socket.end()
    else socket.end(farewell)
    setTimeout(() => {
        if (!socket.closed) socket.resetAndDestroy()
    }, CLOSE_MS).unref()
}
