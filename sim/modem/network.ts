/**
 * The IP network behind the PDP context, as the module's TCP/IP stack uses it: IPv4,
 * callbacks, no delays (the radio has those).
 */

import type { TlsRequest } from "./tls"

/** A port of an IPv4 address in dotted notation. */
export interface Endpoint {
    readonly address: string
    readonly port: number
}

/** Events of a TCP connection. Never called within the call that causes them. */
export interface TcpEvents {
    connected(): void
    /** The port is closed, or there is no route; the connection is over. */
    refused(): void
    received(bytes: Uint8Array): void
    /** The peer has sent its FIN: no more data will come. */
    ended(): void
    /** The peer has sent RST, or is lost: the connection is over. */
    reset(): void
    /** TLS: there was a TCP connection, and the handshake failed; it is over. */
    insecure(): void
}

/** A TCP connection, possibly still being made. */
export interface TcpConnection {
    /** @param accepted runs when the peer's TCP has acknowledged all of the bytes */
    write(bytes: Uint8Array, accepted: () => void): void
    /** Sends FIN. @param acknowledged runs when the peer has acknowledged it */
    end(acknowledged: () => void): void
    /** Sends RST and ends the connection; no event follows. */
    abort(): void
    /** Stops the peer from sending: the window is closed. */
    pause(): void
    resume(): void
}

/** A peer that asks for a connection to a port that listens: its SYN. */
export interface IncomingTcp {
    readonly from: Endpoint
    /** Lets it in; `connected` or `refused` follows. */
    accept(events: TcpEvents): TcpConnection
    /** Sends RST. */
    refuse(): void
}

/** Events of a listening port. Never called within the call that causes them. */
export interface TcpListenerEvents {
    listening(): void
    /** The port cannot be listened on; it is over. */
    failed(): void
    incoming(peer: IncomingTcp): void
}

export interface TcpListener {
    /** Stops listening; connections that were accepted live on. */
    close(): void
}

/** Events of a UDP socket. Never called within the call that causes them. */
export interface UdpEvents {
    /** It has its port: datagrams to it arrive. */
    bound(): void
    /** The port is in use; it is over. */
    failed(): void
    received(bytes: Uint8Array, from: Endpoint): void
}

export interface UdpSocket {
    send(bytes: Uint8Array, to: Endpoint): void
    close(): void
}

export interface Network {
    /** @param done gets the addresses of the name, none if it has none */
    resolve(name: string, done: (addresses: readonly string[]) => void): void
    /**
     * @param local the address of the PDP context; port 0 for any
     * @param tls `connected` comes when the handshake has succeeded
     */
    connectTcp(
        to: Endpoint,
        local: Endpoint,
        events: TcpEvents,
        tls?: TlsRequest
    ): TcpConnection
    /** @param local the address of the PDP context, and the port */
    listenTcp(local: Endpoint, events: TcpListenerEvents): TcpListener
    /** @param local the address of the PDP context; port 0 for any */
    openUdp(local: Endpoint, events: UdpEvents): UdpSocket
    /**
     * ICMP echo.
     * @param done gets the time to live of the reply; not called without one
     */
    ping(address: string, bytes: number, done: (ttl: number) => void): void
    /** Log lines for a person: an unreachable destination, and how to permit it. */
    onLog: (line: string) => void
}

/** A network of which one user's connections can be torn down all at once. */
export class NetworkScope implements Network {
    onLog: (line: string) => void = () => undefined
    private readonly tcp = new Set<TcpConnection>()
    private readonly incoming = new Set<IncomingTcp>()
    private readonly listeners = new Set<TcpListener>()
    private readonly udp = new Set<UdpSocket>()
    private closed = false

    constructor(private readonly network: Network) {}

    resolve(name: string, done: (addresses: readonly string[]) => void): void {
        this.network.resolve(name, addresses => {
            if (!this.closed) done(addresses)
        })
    }

    connectTcp(
        to: Endpoint,
        local: Endpoint,
        events: TcpEvents,
        tls?: TlsRequest
    ): TcpConnection {
        return this.track(events, tracked =>
            this.network.connectTcp(to, local, tracked, tls)
        )
    }

    listenTcp(local: Endpoint, events: TcpListenerEvents): TcpListener {
        const listener = this.network.listenTcp(local, {
            listening: () => events.listening(),
            failed: () => {
                this.listeners.delete(listener)
                events.failed()
            },
            incoming: peer => {
                this.incoming.add(peer)
                events.incoming({
                    from: peer.from,
                    accept: accepted => {
                        this.incoming.delete(peer)
                        return this.track(accepted, tracked =>
                            peer.accept(tracked)
                        )
                    },
                    refuse: () => {
                        this.incoming.delete(peer)
                        peer.refuse()
                    },
                })
            },
        })
        this.listeners.add(listener)
        return {
            close: () => {
                this.listeners.delete(listener)
                listener.close()
            },
        }
    }

    openUdp(local: Endpoint, events: UdpEvents): UdpSocket {
        const socket = this.network.openUdp(local, {
            bound: () => events.bound(),
            received: (bytes, from) => events.received(bytes, from),
            failed: () => {
                this.udp.delete(socket)
                events.failed()
            },
        })
        this.udp.add(socket)
        return {
            send: (bytes, to) => socket.send(bytes, to),
            close: () => {
                this.udp.delete(socket)
                socket.close()
            },
        }
    }

    ping(address: string, bytes: number, done: (ttl: number) => void): void {
        this.network.ping(address, bytes, ttl => {
            if (!this.closed) done(ttl)
        })
    }

    closeAll(): void {
        this.closed = true
        for (const listener of this.listeners) listener.close()
        for (const peer of this.incoming) peer.refuse()
        for (const connection of this.tcp) connection.abort()
        for (const socket of this.udp) socket.close()
        this.listeners.clear()
        this.incoming.clear()
        this.tcp.clear()
        this.udp.clear()
    }

    /** Remembers a connection for as long as it lasts. */
    private track(
        events: TcpEvents,
        open: (events: TcpEvents) => TcpConnection
    ): TcpConnection {
        const forget = (): void => void this.tcp.delete(connection)
        const connection = open({
            connected: () => events.connected(),
            received: bytes => events.received(bytes),
            ended: () => events.ended(),
            refused: () => {
                forget()
                events.refused()
            },
            reset: () => {
                forget()
                events.reset()
            },
            insecure: () => {
                forget()
                events.insecure()
            },
        })
        this.tcp.add(connection)
        return {
            write: (bytes, accepted) => connection.write(bytes, accepted),
            end: acknowledged => connection.end(acknowledged),
            abort: () => {
                forget()
                connection.abort()
            },
            pause: () => connection.pause(),
            resume: () => connection.resume(),
        }
    }
}
