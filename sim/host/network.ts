import { execFile } from "node:child_process"
import { X509Certificate } from "node:crypto"
import dgram from "node:dgram"
import dns from "node:dns"
import net from "node:net"
import tls from "node:tls"
import type {
    Endpoint,
    Network,
    TcpConnection,
    TcpEvents,
    TcpListener,
    TcpListenerEvents,
    UdpEvents,
    UdpSocket,
} from "../modem/network"
import { LEGACY_CIPHERS, type TlsRequest } from "../modem/tls"
import { AddressMap } from "./address-map"
import { PortMap } from "./port-map"

export interface HostNetworkOptions {
    /** Entries of an `AddressMap`. */
    readonly map?: readonly string[]
    /**
     * Entries of a `PortMap`: for ports that the modem opens, AT+CIPSERVER, AT+CLPORT.
     */
    readonly listen?: readonly string[]
    /**
     * Lets the modem reach any address and ask any name. Default false: only this
     * machine (127.0.0.0/8) and targets of the map.
     */
    readonly internet?: boolean
    /** Root certificates of the module, PEM, beside those of Node. */
    readonly roots?: readonly string[]
}

/** A port that the modem has opened, AT+CIPSERVER or AT+CLPORT, and where it is. */
export interface OpenedPort {
    readonly protocol: "TCP" | "UDP"
    /** as the modem counts */
    readonly port: number
    /** on this machine */
    readonly local: Endpoint
}

/** For a person. */
export function whereIs({ protocol, port, local }: OpenedPort): string {
    return `${protocol} port ${port} of the modem is ${local.address}:${local.port}`
}

const LOOPBACK = "127.0.0.1"

function isLoopback(address: string): boolean {
    return address.startsWith("127.")
}

/** How many of the addresses that a UDP socket has sent to are remembered. */
const KNOWN_SENDERS = 64

/** A certificate as Node wants it. */
function pemOf(der: Uint8Array): string {
    return new X509Certificate(der).toString()
}

const ignore = (): void => undefined

/**
 * The network of this machine, real sockets, behind the modem's PDP context.
 *
 * A blocked destination behaves like one without a route, and a line in the log says
 * how to permit it.
 */
export class HostNetwork implements Network {
    onLog: (line: string) => void = ignore
    /** Told where something waits for peers or datagrams of this machine. */
    onOpened: (opened: OpenedPort) => void = ignore
    private readonly map: AddressMap
    private readonly ports: PortMap
    private readonly internet: boolean
    private readonly roots: readonly string[]

    /** @throws Error if an entry of a map is malformed, or leads off this machine */
    constructor(options: HostNetworkOptions = {}) {
        this.internet = options.internet ?? false
        this.map = new AddressMap(options.map ?? [], address =>
            this.allows(address)
        )
        this.ports = new PortMap(options.listen ?? [])
        this.roots = options.roots ?? []
    }

    /** The entries of `map` and `listen` that nothing has used so far. */
    unused(): { map: string[]; listen: string[] } {
        return { map: this.map.unused(), listen: this.ports.unused() }
    }

    resolve(name: string, done: (addresses: readonly string[]) => void): void {
        const known = name === "localhost" ? LOOPBACK : this.map.resolve(name)
        if (known !== undefined) setImmediate(() => done([known]))
        else if (this.internet)
            dns.lookup(name, { family: 4, all: true }, (error, found) =>
                done(error ? [] : found.map(({ address }) => address))
            )
        else {
            this.onLog(
                `${name} was not resolved: map it (--map ${name}=localhost:8080) or open the internet (--internet)`
            )
            setImmediate(() => done([]))
        }
    }

    connectTcp(
        to: Endpoint,
        local: Endpoint,
        events: TcpEvents,
        secure?: TlsRequest
    ): TcpConnection {
        const target = this.route(to)
        if (target === undefined) {
            const refusal = setImmediate(() => events.refused())
            return {
                write: ignore,
                end: ignore,
                pause: ignore,
                resume: ignore,
                abort: () => clearImmediate(refusal),
            }
        }
        const localPort = this.ports.target(local.port)
        const options: net.TcpNetConnectOpts = {
            host: target.address,
            port: target.port,
            family: 4,
            localPort: localPort === 0 ? undefined : localPort,
            allowHalfOpen: true,
            noDelay: true,
        }
        if (secure === undefined)
            return new HostConnection(net.connect(options), events)
        const { version, ignoreInvalid, root, client } = secure
        const own = root && [pemOf(root)]
        const socket = tls.connect({
            ...options,
            minVersion: "TLSv1",
            maxVersion: version,
            ciphers: LEGACY_CIPHERS,
            rejectUnauthorized: !ignoreInvalid,
            checkServerIdentity: () => undefined,
            ca: [...tls.rootCertificates, ...this.roots, ...(own ?? [])],
            pfx: client && Buffer.from(client.pkcs12),
            passphrase: client?.password,
        })
        return new HostConnection(socket, events, reason =>
            this.onLog(
                `no TLS with ${this.map.nameOf(to.address)}:${to.port}: ${reason}`
            )
        )
    }

    listenTcp(local: Endpoint, events: TcpListenerEvents): TcpListener {
        const server = net.createServer({
            allowHalfOpen: true,
            noDelay: true,
            pauseOnConnect: true,
        })
        let open = true
        server.on("listening", () => {
            const { port } = server.address() as net.AddressInfo
            const at = { address: LOOPBACK, port }
            this.onOpened({ protocol: "TCP", port: local.port, local: at })
            if (open) events.listening()
        })
        server.on("error", (error: NodeJS.ErrnoException) => {
            if (!open) return
            open = false
            this.reportPort(local.port, error)
            events.failed()
        })
        server.on("connection", socket => {
            const { remoteAddress: address = "", remotePort = 0 } = socket
            // until it is accepted, its errors have no other listener
            socket.on("error", ignore)
            const refuse = (): void => void socket.resetAndDestroy()
            if (!open) refuse()
            else
                events.incoming({
                    from: { address, port: remotePort },
                    accept: accepted => new HostConnection(socket, accepted),
                    refuse,
                })
        })
        server.listen(this.ports.target(local.port), LOOPBACK)
        return {
            close: () => {
                open = false
                server.close()
            },
        }
    }

    openUdp(local: Endpoint, events: UdpEvents): UdpSocket {
        const socket = dgram.createSocket("udp4")
        const port = this.ports.target(local.port)
        /** Senders of datagrams, by the modem's addresses. */
        const known = new Map<string, Endpoint>()
        let open = true
        let bound = false
        socket.on("listening", () => {
            bound = true
            if (local.port !== 0) {
                const at = socket.address()
                this.onOpened({ protocol: "UDP", port: local.port, local: at })
            }
            if (open) events.bound()
        })
        socket.on("message", (bytes, { address, port }) => {
            const from =
                known.get(`${address}:${port}`) ??
                this.map.origin({ address, port })
            events.received(Uint8Array.from(bytes), from)
        })
        socket.on("error", (error: NodeJS.ErrnoException) => {
            if (bound || !open) {
                this.onLog(`UDP: ${error.message}`)
                return
            }
            open = false
            socket.close()
            this.reportPort(local.port, error)
            events.failed()
        })
        socket.bind(port, this.internet ? undefined : LOOPBACK)
        return {
            send: (bytes, to) => {
                const target = this.route(to)
                if (target === undefined || !open) return
                const key = `${target.address}:${target.port}`
                known.delete(key)
                known.set(key, to)
                if (known.size > KNOWN_SENDERS)
                    known.delete(known.keys().next().value ?? "")
                // an undelivered datagram is not reported
                socket.send(bytes, target.port, target.address, ignore)
            },
            close: () => {
                if (!open) return
                open = false
                socket.close()
            },
        }
    }

    /**
     * This machine answers for itself, and for all that the map leads to it; for
     * the internet the `ping` of the system asks.
     */
    ping(address: string, bytes: number, done: (ttl: number) => void): void {
        const TTL = 64
        if (this.map.knows(address) || isLoopback(address))
            setImmediate(() => done(TTL))
        else if (this.internet)
            execFile(
                "ping",
                ["-c", "1", "-s", String(bytes), address],
                (_, output) => {
                    const ttl = /ttl=(\d+)/i.exec(output)?.[1]
                    if (ttl !== undefined) done(Number(ttl))
                }
            )
        else
            this.onLog(
                `${this.map.nameOf(address)} was not pinged: map it (--map ${this.map.nameOf(address)}=localhost) or open the internet (--internet)`
            )
    }

    private reportPort(port: number, error: NodeJS.ErrnoException): void {
        const target = this.ports.target(port)
        this.onLog(
            `port ${target} of this machine cannot be opened (${error.code}): choose another one (--listen ${port}=8080)`
        )
    }

    private allows(address: string): boolean {
        return this.internet || isLoopback(address)
    }

    private route(to: Endpoint): Endpoint | undefined {
        const target = this.map.target(to)
        if (target !== undefined) return target
        if (this.allows(to.address)) return to
        const place = `${this.map.nameOf(to.address)}:${to.port}`
        this.onLog(
            `${place} was not reached: map it (--map ${place}=localhost:8080) or open the internet (--internet)`
        )
        return undefined
    }
}

/** A TCP connection of this machine. */
class HostConnection implements TcpConnection {
    private reached = false
    private connected = false
    private over = false

    /**
     * @param socket being connected, or accepted and paused
     * @param insecure with TLS: told why the handshake has failed
     */
    constructor(
        private readonly socket: net.Socket,
        events: TcpEvents,
        insecure?: (reason: string) => void
    ) {
        const connected = (): void => {
            this.connected = true
            this.tell(() => events.connected())
            socket.resume()
        }
        socket.on("connect", () => (this.reached = true))
        if (insecure) socket.on("secureConnect", connected)
        else if (socket.connecting) socket.on("connect", connected)
        else setImmediate(connected)
        socket.on("data", bytes =>
            this.tell(() => events.received(Uint8Array.from(bytes)))
        )
        socket.on("end", () => this.tell(() => events.ended()))
        socket.on("error", ({ message }) =>
            this.tell(() => {
                this.over = true
                if (this.connected) events.reset()
                else if (insecure && this.reached) {
                    insecure(message)
                    events.insecure()
                } else events.refused()
            })
        )
    }

    write(bytes: Uint8Array, accepted: () => void): void {
        this.socket.write(bytes, error => {
            if (!error) accepted()
        })
    }

    end(acknowledged: () => void): void {
        this.socket.end(acknowledged)
    }

    abort(): void {
        this.over = true
        // RST is for plain sockets only
        if (this.connected && !(this.socket instanceof tls.TLSSocket))
            this.socket.resetAndDestroy()
        else this.socket.destroy()
    }

    pause(): void {
        this.socket.pause()
    }

    resume(): void {
        this.socket.resume()
    }

    private tell(event: () => void): void {
        if (!this.over) event()
    }
}
