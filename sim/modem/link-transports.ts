/**
 * Active connections: their transports, events of these, and the effects on the DTE.
 * Data mode and the delivery of received data are here too, since they live and die
 * with connections.
 */
import { DataMode } from "./data-mode"
import { Delivery, type DeliveryMode } from "./delivery"
import type { Link, SendResult } from "./link"
import type { Endpoint } from "./network"
import { TcpTransport, type TcpOpening } from "./tcp-transport"
import { tlsRequest, type TlsRequest } from "./tls"
import type { ToolkitModule, ToolkitState } from "./toolkit-state"
import type { TransportEvents } from "./transport"
import { UdpTransport } from "./udp-transport"

export class LinkTransports {
    readonly delivery: Delivery
    /** Transparent mode of the single connection. */
    readonly dataMode: DataMode

    constructor(
        private readonly module: ToolkitModule,
        private readonly state: ToolkitState
    ) {
        const { links, settings } = state
        this.delivery = new Delivery(
            links,
            module.output,
            module.uart,
            module.options.firmware,
            module.clock,
            () => settings,
            () => this.deliveryMode()
        )
        this.dataMode = new DataMode(
            module,
            {
                settings,
                isTransparent: () => state.isTransparent,
                pump: () => this.delivery.pump(),
                send: (link, bytes, done) => this.send(link, bytes, done),
                drop: link => this.drop(link),
            },
            links[0]
        )
    }

    private deliveryMode(): DeliveryMode {
        if (!this.state.isTransparent)
            return this.state.settings.manualReceive ? "announced" : "pushed"
        const { commandModeData } = this.module.options.firmware
        return this.dataMode.isActive || commandModeData === "printed"
            ? "transparent"
            : "held"
    }

    /** Encryption of a new connection: the present settings count. */
    tlsRequest(): TlsRequest | undefined {
        const { tlsVersion } = this.module.options.firmware
        const { tls } = this.state
        return tls.enabled && tlsVersion !== "none"
            ? tlsRequest(tls, tlsVersion)
            : undefined
    }

    /** Gives a connection to an address that is known its transport. */
    attach(link: Link): void {
        const { network, options } = this.module
        const { protocol, remote, tls } = link
        const local: Endpoint = {
            address: this.state.contexts[link.bearer].localAddress,
            port: link.localPort[protocol],
        }
        const events = this.events(link)
        if (protocol === "TCP") {
            const opening: TcpOpening = {
                open: told => network.connectTcp(remote, local, told, tls),
                secure: tls !== undefined,
                cancel: () => undefined,
            }
            this.attachTcp(link, opening, events)
        } else {
            link.transport = new UdpTransport(
                {
                    radio: this.state.radio,
                    network,
                    firmware: options.firmware,
                    extended: link.extendedUdp,
                    target: () => link.remote,
                    log: line => this.module.log(line),
                },
                local,
                events
            )
        }
    }

    /** Gives a peer that has come to the server its transport. */
    attachPeer(link: Link, opening: TcpOpening): void {
        this.attachTcp(link, opening, {
            ...this.events(link),
            connected: () => this.accepted(link),
            failed: () => this.state.linkEnded(link),
        })
    }

    private attachTcp(
        link: Link,
        opening: TcpOpening,
        events: TransportEvents
    ): void {
        const { clock, options } = this.module
        const { keepAlive, radio, multi, settings } = this.state
        const { multiRemoteDelay, singleRemoteDelay } = settings
        const remoteDelayMs = multi ? multiRemoteDelay : singleRemoteDelay
        link.transport = new TcpTransport(
            {
                clock,
                radio,
                firmware: options.firmware,
                remoteDelayMs,
                keepAlive,
            },
            link.remote,
            opening,
            events
        )
    }

    private events(link: Link): TransportEvents {
        return {
            connected: () => this.connected(link, "CONNECT OK"),
            failed: () => this.failed(link),
            insecure: () => this.handshakeFailed(link),
            received: (bytes, from) => {
                this.module.sleep.stir()
                if (link.state === "CONNECTED")
                    this.delivery.received(link, { bytes, from })
            },
            confirmed: () => link.confirmed(),
            remoteClosing: () => link.enter("REMOTE CLOSING"),
            closed: reason => this.remoteClosed(link, reason),
        }
    }

    /** @param text reported line, unless data mode begins */
    private connected(link: Link, text: string): void {
        link.enter("CONNECTED")
        this.state.contexts[link.bearer].machine.apply("connected")
        if (this.state.isTransparent) this.enterDataMode(link)
        else this.module.output.urc(this.state.indexed(link, text))
    }

    /** `CONNECT` and data mode, once no command is being typed or runs. */
    private enterDataMode(link: Link): void {
        const { attempt } = link
        this.module.whenIdle(() => {
            if (link.attempt === attempt && link.state === "CONNECTED")
                this.dataMode.enter()
        })
    }

    /**
     * A peer has connected to the server; `CONNECT` follows in transparent mode ([AN]
     * 2.2.3).
     */
    private accepted(link: Link): void {
        const { acceptShowsAddress } = this.module.options.firmware
        const text = `REMOTE IP: ${link.remote.address}`
        if (this.state.isTransparent && acceptShowsAddress)
            this.module.output.urc(text)
        this.connected(link, text)
    }

    /** It could not be connected. */
    failed(link: Link): void {
        this.state.linkEnded(link)
        this.reportFailure(link)
    }

    private handshakeFailed(link: Link): void {
        const { tlsFailure } = this.module.options.firmware
        this.state.linkEnded(link)
        if (tlsFailure === "CONNECT FAIL") this.reportFailure(link)
        else this.module.output.urc(this.state.indexed(link, tlsFailure))
    }

    reportFailure(link: Link): void {
        const { output } = this.module
        const { state } = this
        if (!state.multi) output.urc(`STATE: ${state.context.state}`)
        output.urc(state.indexed(link, "CONNECT FAIL"))
    }

    /** The peer has closed, or is lost. Data that it sent before still arrive. */
    private remoteClosed(
        link: Link,
        reason: "remote" | "unacknowledged"
    ): void {
        link.enter("REMOTE CLOSING")
        link.endSending(reason === "remote" ? "failed" : "closed")
        this.delivery.ended(link, () =>
            this.dataMode.leave(() => {
                this.state.linkEnded(link)
                this.module.output.urc(this.state.indexed(link, "CLOSED"))
            })
        )
    }

    /** AT&D2: DTR has ended the connection, and so data mode. */
    private drop(link: Link): void {
        const { dtrDropResult } = this.module.options.firmware
        link.transport?.abort()
        this.delivery.forget(link)
        this.dataMode.leave(() => {
            link.discard()
            this.state.linkEnded(link)
            this.module.output.result(dtrDropResult)
        })
    }

    /** The peer vanishes, without a sign on the wire or from the network. */
    lose(link: Link, reason: "remote" | "unacknowledged"): void {
        link.transport?.abort()
        this.remoteClosed(link, reason)
    }

    /** Sends for AT+CIPSEND. */
    send(
        link: Link,
        bytes: Uint8Array,
        done: (result: SendResult) => void
    ): void {
        const { hooks, clock, options } = this.module
        hooks.sending(link)
        if (link.state !== "CONNECTED") done("failed")
        else if (link.broken) {
            link.sent += bytes.length
            clock.after(options.radio.roundTripMs, () => done("failed"))
        } else link.send(bytes, done)
    }

    /** Ends it at once, without a report. */
    abort(link: Link): void {
        link.transport?.abort()
        this.delivery.forget(link)
    }
}
