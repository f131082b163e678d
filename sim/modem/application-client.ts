/** TCP for the applications in the module, HTTP and FTP: a name, a bearer, and a connection over the radio. */
import type { ApplicationBearer } from "./application-bearers"
import type { Clock } from "./clock"
import type { KeepAliveSettings } from "./keep-alive"
import type { Endpoint, IncomingTcp, Network } from "./network"
import type { ResolvedOptions } from "./options"
import type { RadioLink } from "./radio-link"
import { TcpTransport, type TcpOpening } from "./tcp-transport"
import type { TlsRequest } from "./tls"

/** How a connection ends, or why there was none. */
export type ClientEnd =
    /** The bearer is not open, or has gone. */
    | "no bearer"
    | "no name"
    | "not reached"
    | "no handshake"
    /** The peer has closed it, or does not answer any more. */
    | "closed"

export interface ClientEvents {
    connected(): void
    received(bytes: Uint8Array): void
    /** It is over; nothing follows. */
    ended(reason: ClientEnd): void
}

export interface ClientModule {
    readonly clock: Clock
    readonly network: Network
    readonly options: Pick<ResolvedOptions, "firmware">
    readonly tcpip: {
        readonly state: {
            readonly radio: RadioLink
            readonly keepAlive: KeepAliveSettings
        }
        readonly names: {
            resolve(
                host: string,
                done: (addresses: readonly string[] | undefined) => void
            ): void
        }
    }
}

/** Delay of the peer's close; data that it still sends are not awaited, ms. */
const REMOTE_DELAY = 2000

export class ApplicationClient {
    private transport: TcpTransport | undefined
    private over = false
    private readonly forget: () => void

    constructor(
        private readonly module: ClientModule,
        private readonly bearer: ApplicationBearer,
        private readonly events: ClientEvents
    ) {
        this.forget = bearer.whenGone(() =>
            module.clock.after(0, () => this.end("no bearer"))
        )
    }

    /** Begins to connect; events come later. */
    dial(host: string, port: number, tls?: TlsRequest): this {
        const { clock, network, tcpip } = this.module
        if (this.bearer.status !== UP)
            clock.after(0, () => this.end("no bearer"))
        else
            tcpip.names.resolve(host, addresses => {
                const address = addresses?.[0]
                if (this.over) return
                if (address === undefined) {
                    this.end("no name")
                    return
                }
                const to = { address, port }
                const local = { address: this.bearer.address, port: 0 }
                this.connect(to, {
                    open: told => network.connectTcp(to, local, told, tls),
                    secure: tls !== undefined,
                    cancel: () => undefined,
                })
            })
        return this
    }

    /** Accepts a peer that has connected to a port of the module. */
    accept(peer: IncomingTcp): this {
        this.connect(peer.from, {
            open: told => peer.accept(told),
            secure: false,
            cancel: () => peer.refuse(),
        })
        return this
    }

    /** Bytes that the peer has acknowledged. */
    get acknowledged(): number {
        return this.transport?.acknowledged ?? 0
    }

    /** Bytes that the send buffer has room for. */
    get room(): number {
        return this.transport?.room ?? 0
    }

    send(bytes: Uint8Array): void {
        this.transport?.send(bytes)
    }

    /** Received bytes have been taken: the peer may send as many more. */
    consumed(bytes: number): void {
        this.transport?.consumed(bytes)
    }

    /** Closes it in good order; no event follows. @param done runs when it is closed */
    close(done: () => void = () => undefined): void {
        if (this.over) return
        this.finish()
        if (this.transport === undefined) done()
        else this.transport.close(done)
    }

    /** Ends it at once; no event follows. */
    abort(): void {
        if (this.over) return
        this.finish()
        this.transport?.abort()
    }

    private connect(to: Endpoint, opening: TcpOpening): void {
        const { clock, options, tcpip } = this.module
        this.transport = new TcpTransport(
            {
                clock,
                radio: tcpip.state.radio,
                firmware: options.firmware,
                keepAlive: tcpip.state.keepAlive,
                remoteDelayMs: REMOTE_DELAY,
            },
            to,
            opening,
            {
                connected: () => {
                    if (!this.over) this.events.connected()
                },
                failed: () => this.end("not reached"),
                insecure: () => this.end("no handshake"),
                received: bytes => {
                    if (!this.over) this.events.received(bytes)
                },
                confirmed: () => undefined,
                remoteClosing: () => undefined,
                closed: () => this.end("closed"),
            }
        )
    }

    private end(reason: ClientEnd): void {
        if (this.over) return
        this.finish()
        if (reason === "no bearer") this.transport?.abort()
        this.events.ended(reason)
    }

    private finish(): void {
        this.over = true
        this.forget()
    }
}

/** `<Status>` of a bearer that is open. */
const UP = 1
