/**
 * An internet in memory, for tests on a virtual clock: servers are scripted,
 * nothing takes time by itself, everything happens in the same order each time.
 */
import { bytesOf, concatenate, textOf } from "./bytes"
import type { Clock } from "./clock"
import type {
    Endpoint,
    Network,
    TcpConnection,
    TcpEvents,
    TcpListener,
    TcpListenerEvents,
    UdpEvents,
    UdpSocket,
} from "./network"
import type { TlsRequest, TlsVersion } from "./tls"

/** A server that speaks TLS and nothing else. */
export interface MemoryTls {
    /** The earliest version that it accepts. */
    readonly version: TlsVersion
    /** Whether its certificate leads to a root that the firmware has. */
    readonly valid: boolean
    /** The root that it leads to otherwise, X.509 in DER. */
    readonly root?: Uint8Array
    /** Whether the module has to show a certificate. */
    readonly wantsClient?: boolean
}

function knows(module: TlsRequest, server: MemoryTls): boolean {
    const { root } = module
    return (
        root !== undefined &&
        server.root !== undefined &&
        Buffer.from(root).equals(server.root)
    )
}

function agree(module: TlsRequest, server: MemoryTls): boolean {
    return (
        (module.version === "TLSv1.2" || server.version === "TLSv1") &&
        (module.ignoreInvalid || server.valid || knows(module, server)) &&
        !(server.wantsClient && module.client === undefined)
    )
}

/** The far end of a TCP connection. */
export class MemoryPeer {
    /** Bytes that came from the module, all of them. */
    received = new Uint8Array()
    connected = false
    /** The module has answered with RST instead of a connection. */
    refused = false
    /** The module has sent FIN. */
    ended = false
    /** The connection is over: reset by either side, or closed by both. */
    closed = false
    onData: (bytes: Uint8Array) => void = () => undefined
    onEnd: () => void = () => undefined

    private paused = false
    private stalled = false
    private readonly outbox: Uint8Array[] = []
    private finSent = false
    private finTold = false
    private unacknowledged: (() => void)[] = []
    /** The module's side, once it has one. */
    private events: TcpEvents | undefined

    /** @param module where the module has its end of the connection */
    constructor(
        private readonly later: (run: () => void) => void,
        readonly module: Endpoint
    ) {}

    /** {@link received} as text. */
    get text(): string {
        return textOf(this.received)
    }

    send(data: string | Uint8Array): void {
        if (this.closed || this.finSent) return
        this.outbox.push(typeof data === "string" ? bytesOf(data) : data)
        this.flush()
    }

    /** Bytes that the module has not let out of here yet. */
    get unsent(): number {
        return this.outbox.reduce((sum, bytes) => sum + bytes.length, 0)
    }

    /** Sends FIN after all data; the other direction stays open. */
    end(): void {
        if (this.closed || this.finSent) return
        this.finSent = true
        this.flush()
    }

    reset(): void {
        if (this.closed) return
        this.closed = true
        const { connected } = this
        this.later(() => {
            if (connected) this.events?.reset()
            else this.events?.refused()
        })
    }

    /** Stops taking and acknowledging anything, as if it were gone. */
    stall(): void {
        this.stalled = true
    }

    /** Accepts and acknowledges data again, the held ones first. */
    unstall(): void {
        this.stalled = false
        const late = this.unacknowledged
        this.unacknowledged = []
        for (const take of late) take()
    }

    /** The module refuses the connection, or the port is closed. */
    refuse(): void {
        this.closed = true
        this.refused = true
    }

    /** Both ends know that there is a connection. */
    establish(): void {
        if (this.closed) return
        this.connected = true
        this.events?.connected()
        this.flush()
    }

    /** @returns the module's end of the connection */
    attach(events: TcpEvents): TcpConnection {
        this.events = events
        if (this.closed) this.later(() => events.refused())
        return {
            write: (bytes, accepted) =>
                this.take(() => {
                    this.received = Uint8Array.from(
                        concatenate(this.received, bytes)
                    )
                    this.later(accepted)
                    this.onData(bytes)
                }),
            end: acknowledged =>
                this.take(() => {
                    this.ended = true
                    this.later(acknowledged)
                    if (this.finSent) this.closed = true
                    this.onEnd()
                }),
            abort: () => {
                this.closed = true
            },
            pause: () => {
                this.paused = true
            },
            resume: () => {
                this.paused = false
                this.flush()
            },
        }
    }

    private take(run: () => void): void {
        if (this.closed) return
        if (this.stalled) this.unacknowledged.push(run)
        else run()
    }

    private flush(): void {
        this.later(() => {
            if (!this.connected) return
            while (!this.paused && !this.closed && this.outbox.length > 0)
                this.events?.received(this.outbox.shift() as Uint8Array)
            if (this.finSent && !this.finTold && this.outbox.length === 0) {
                this.finTold = true
                if (this.ended) this.closed = true
                this.events?.ended()
            }
        })
    }
}

/** A TCP server, and everyone who has connected to it. */
export class MemoryServer {
    readonly peers: MemoryPeer[] = []

    constructor(
        private readonly accept: (peer: MemoryPeer) => void,
        readonly tls?: MemoryTls
    ) {}

    /** The latest to connect. */
    get peer(): MemoryPeer {
        const peer = this.peers.at(-1)
        if (peer === undefined) throw new Error("nobody has connected yet")
        return peer
    }

    connected(peer: MemoryPeer): void {
        this.peers.push(peer)
        this.accept(peer)
    }
}

/** A UDP port of a server. */
export class MemoryUdpPort {
    readonly datagrams: { readonly text: string; readonly from: Endpoint }[] =
        []
    onDatagram: (bytes: Uint8Array) => void = () => undefined

    constructor(
        private readonly carry: (bytes: Uint8Array, to: Endpoint) => void
    ) {}

    arrive(bytes: Uint8Array, from: Endpoint): void {
        this.datagrams.push({ text: textOf(bytes), from })
        this.onDatagram(bytes)
    }

    /** Sends to a port of the module, whether anything came from there or not. */
    send(data: string | Uint8Array, to: Endpoint): void {
        this.carry(typeof data === "string" ? bytesOf(data) : data, to)
    }

    /** Sends to the last sender. */
    reply(data: string | Uint8Array): void {
        const last = this.datagrams.at(-1)
        if (last === undefined) throw new Error("nobody to reply to")
        this.send(data, last.from)
    }
}

/** First of the local ports that the network gives out. */
const FIRST_DYNAMIC_PORT = 49152

export class MemoryNetwork implements Network {
    onLog: (line: string) => void = () => undefined
    private readonly names = new Map<string, readonly string[]>()
    private readonly servers = new Map<string, MemoryServer | "refuses">()
    private readonly listeners = new Map<string, TcpListenerEvents>()
    private readonly udpPorts = new Map<string, MemoryUdpPort>()
    private readonly udpSockets = new Map<string, UdpEvents>()
    private nextPort = FIRST_DYNAMIC_PORT

    constructor(private readonly clock: Clock) {}

    /** Gives a name its addresses. */
    name(name: string, ...addresses: readonly string[]): void {
        this.names.set(name.toLowerCase(), addresses)
    }

    /** @param accept is told of every connection; by default it only accepts */
    listen(
        address: string,
        port: number,
        accept: (peer: MemoryPeer) => void = () => undefined,
        tls?: MemoryTls
    ): MemoryServer {
        const server = new MemoryServer(accept, tls)
        this.servers.set(`${address}:${port}`, server)
        return server
    }

    /** An echo server. */
    echo(address: string, port: number, tls?: MemoryTls): MemoryServer {
        const accept = (peer: MemoryPeer): void => {
            peer.onData = bytes => peer.send(bytes)
            peer.onEnd = () => peer.end()
        }
        return this.listen(address, port, accept, tls)
    }

    /**
     * Closes this port: RST at once. An address without any definition never answers.
     */
    refuse(address: string, port: number): void {
        this.servers.set(`${address}:${port}`, "refuses")
    }

    /** A peer connects to a port of the module on which AT+CIPSERVER listens. */
    dial(to: Endpoint, from: Endpoint): MemoryPeer {
        const peer = new MemoryPeer(run => this.later(run), to)
        this.later(() => {
            const listener = this.listeners.get(place(to))
            if (listener === undefined) peer.refuse()
            else
                listener.incoming({
                    from,
                    accept: events => {
                        const connection = peer.attach(events)
                        this.later(() => peer.establish())
                        return connection
                    },
                    refuse: () => peer.refuse(),
                })
        })
        return peer
    }

    udp(address: string, port: number): MemoryUdpPort {
        const from = { address, port }
        const udpPort = new MemoryUdpPort((bytes, to) =>
            this.later(() =>
                this.udpSockets.get(place(to))?.received(bytes, from)
            )
        )
        this.udpPorts.set(place(from), udpPort)
        return udpPort
    }

    resolve(name: string, done: (addresses: readonly string[]) => void): void {
        const addresses = this.names.get(name.toLowerCase()) ?? []
        this.later(() => done(addresses))
    }

    connectTcp(
        to: Endpoint,
        local: Endpoint,
        events: TcpEvents,
        tls?: TlsRequest
    ): TcpConnection {
        const server = this.servers.get(place(to))
        const peer = new MemoryPeer(run => this.later(run), this.bind(local))
        const connection = peer.attach(events)
        this.later(() => {
            if (peer.closed || server === undefined) return
            if (server === "refuses") {
                peer.closed = true
                events.refused()
                return
            }
            // a server without TLS makes nothing of a ClientHello
            if (tls && !(server.tls && agree(tls, server.tls))) {
                peer.closed = true
                events.insecure()
                return
            }
            peer.establish()
            // and one with TLS nothing of anything else
            if (server.tls && !tls) peer.onData = () => peer.end()
            else server.connected(peer)
        })
        return connection
    }

    listenTcp(local: Endpoint, events: TcpListenerEvents): TcpListener {
        const key = place(local)
        let open = true
        this.later(() => {
            if (!open) return
            if (this.listeners.has(key)) events.failed()
            else {
                this.listeners.set(key, events)
                events.listening()
            }
        })
        return {
            close: () => {
                open = false
                if (this.listeners.get(key) === events)
                    this.listeners.delete(key)
            },
        }
    }

    openUdp(local: Endpoint, events: UdpEvents): UdpSocket {
        const from = this.bind(local)
        const key = place(from)
        let open = true
        this.later(() => {
            if (!open) return
            if (this.udpSockets.has(key)) events.failed()
            else {
                this.udpSockets.set(key, events)
                events.bound()
            }
        })
        return {
            send: (bytes, to) =>
                this.later(() =>
                    this.udpPorts.get(place(to))?.arrive(bytes, from)
                ),
            close: () => {
                open = false
                if (this.udpSockets.get(key) === events)
                    this.udpSockets.delete(key)
            },
        }
    }

    /** A host with an open port answers pings too. */
    ping(address: string, _bytes: number, done: (ttl: number) => void): void {
        const lives = [...this.servers.keys(), ...this.udpPorts.keys()].some(
            key => key.startsWith(`${address}:`)
        )
        const TTL = 64
        if (lives) this.later(() => done(TTL))
    }

    private bind({ address, port }: Endpoint): Endpoint {
        return { address, port: port === 0 ? this.nextPort++ : port }
    }

    private later(run: () => void): void {
        this.clock.after(0, run)
    }
}

function place({ address, port }: Endpoint): string {
    return `${address}:${port}`
}
