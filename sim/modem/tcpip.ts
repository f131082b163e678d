/**
 * The TCP/IP application toolkit ([ATM] 8): PDP contexts, connections, name
 * queries, and what they report. The commands in `commands/tcpip-*.ts` read the
 * parameters and call this.
 */
import type { CommandRun } from "./command"
import { allowedIf } from "./command"
import { DataMode } from "./data-mode"
import { Delivery, type DeliveryMode } from "./delivery"
import type { Firmware } from "./firmware"
import { factoryKeepAlive, type KeepAliveSettings } from "./keep-alive"
import {
    factoryIpSettings,
    type AccessPoint,
    type IpSettings,
} from "./ip-settings"
import type { IpEvent, Protocol } from "./ip-state"
import { Link, type SendResult } from "./link"
import type { Endpoint, IncomingTcp } from "./network"
import { isIpAddress } from "./parameters"
import { PdpContext } from "./pdp-context"
import { RadioLink } from "./radio-link"
import { TcpServer } from "./tcp-server"
import type { TlsRequest, TlsSettings } from "./tls"
import { TcpTransport, type TcpOpening } from "./tcp-transport"
import type { TransportEvents } from "./transport"
import { UdpTransport } from "./udp-transport"

/** The PDP contexts, `<bearer>` 0 and 1, [AN] 4. */
export type Bearer = 0 | 1

/** Connections `<n>` 0–5, [AN] 3.1. The server takes the place of one, [AN] 3. */
export const LINK_COUNT = 6
const BEARERS: readonly Bearer[] = [0, 1]

/** `<dns error code>` of AT+CDNSGIP, [ATM] 8.2.14. */
const DNS_NETWORK_ERROR = 3
const DNS_COMMON_ERROR = 8

/** What AT+CIICR fails with: unspecified GPRS error. */
const REFUSED = 148

export class TcpIp {
    readonly settings: IpSettings
    /** AT+CIPTKA. */
    readonly keepAlive: KeepAliveSettings = { ...factoryKeepAlive }
    /** AT+CIPSSL, AT+SSLOPT. */
    readonly tls: TlsSettings
    /** AT+CDNSCFG: primary and secondary server. */
    nameServers: readonly [string, string] = ["0.0.0.0", "0.0.0.0"]
    readonly contexts: readonly PdpContext[]
    readonly links: readonly Link[]
    /** AT+CIPSERVER. */
    readonly server: TcpServer
    readonly radio: RadioLink
    readonly delivery: Delivery
    /** Transparent mode of the single connection. */
    readonly dataMode: DataMode
    /** AT+CIPSGTXT. */
    private selected: Bearer = 0
    /** Name queries without an answer yet. */
    private pending = 0

    constructor(private readonly dce: Firmware) {
        const { clock, hardware, registration } = dce
        const { options } = hardware
        this.settings = { ...(hardware.nvram.ipSettings ?? factoryIpSettings) }
        this.tls = {
            enabled: false,
            ignoreInvalid: options.firmware.ignoresCertificates,
            authenticate: false,
            root: undefined,
            client: undefined,
        }
        this.radio = new RadioLink(clock, options.radio)
        this.radio.suspend()
        this.contexts = BEARERS.map(
            number =>
                new PdpContext(
                    number,
                    clock,
                    options.operator,
                    () => registration.isAttached,
                    () => this.settings.accessPoints[number],
                    () => this.settings.multi,
                    (from, to) => {
                        hardware.report(number === 0 ? "ip" : "ip 1", from, to)
                        if (to === "IP CONFIG") hardware.hooks.activating()
                    }
                )
        )
        this.links = Array.from(
            { length: LINK_COUNT },
            (_, number) =>
                new Link(number, (link, from, to) => {
                    hardware.report(`link ${link.number}`, from, to)
                    this.dataMode.updateDcd()
                    dce.activityChanged()
                })
        )
        this.server = new TcpServer(
            {
                clock,
                network: dce.network,
                radio: this.radio,
                delayMs: options.delays.server,
            },
            {
                changed: (from, to) => {
                    hardware.report("server", from, to)
                    dce.activityChanged()
                },
                incoming: peer => this.accept(peer),
            }
        )
        this.delivery = new Delivery(
            this.links,
            dce.output,
            hardware.uart,
            options.firmware,
            clock,
            () => this.settings,
            () => this.deliveryMode()
        )
        this.dataMode = new DataMode(dce, this.links[0])
    }

    /**
     * The context that AT+CSTT, AT+CIICR, AT+CIFSR, AT+CIPSHUT act on, and in
     * which connections are made: the one selected by AT+CIPSGTXT.
     */
    get context(): PdpContext {
        return this.contexts[this.selected]
    }

    /** AT+CSTT of the selected context. */
    get accessPoint(): AccessPoint {
        return this.settings.accessPoints[this.selected]
    }

    /** AT+CIPMUX, [ATM] 8.2.1. A single connection is in context 0. */
    setMulti(multi: boolean): void {
        allowedIf(this.contexts.every(({ state }) => state === "IP INITIAL"))
        this.settings.multi = multi
        this.selected = 0
    }

    /** AT+CIPSGTXT, [ATM] 8.2.29: for several connections only ([AN] 4). */
    select(bearer: Bearer): void {
        allowedIf(this.multi)
        this.selected = bearer
    }

    /** Whether several numbered connections are in use, AT+CIPMUX=1. */
    get multi(): boolean {
        return this.settings.multi
    }

    /** AT+CIPMODE=1, which several connections leave without effect ([AN] 3). */
    get isTransparent(): boolean {
        return this.settings.transparent && !this.multi
    }

    private deliveryMode(): DeliveryMode {
        if (!this.isTransparent)
            return this.settings.manualReceive ? "announced" : "pushed"
        const { commandModeData } = this.dce.hardware.options.firmware
        return this.dataMode.isActive || commandModeData === "printed"
            ? "transparent"
            : "held"
    }

    /** Whether nothing is under way that will report by itself. */
    get isSettled(): boolean {
        return (
            this.pending === 0 &&
            this.dataMode.isSettled &&
            this.contexts.every(({ state }) => state !== "IP CONFIG") &&
            this.server.state !== "OPENING" &&
            this.server.state !== "CLOSING" &&
            this.links.every(
                ({ state }) =>
                    state === "INITIAL" ||
                    state === "CONNECTED" ||
                    state === "CLOSED"
            )
        )
    }

    /**
     * The connection that a command means: the single one, or number `n`.
     * @throws CommandError 3 if a number is given or missing against AT+CIPMUX
     */
    link(n: number | undefined): Link {
        allowedIf(this.multi === (n !== undefined))
        return this.links[n ?? 0]
    }

    /** `0, CONNECT OK`, or `CONNECT OK` of a single connection. */
    indexed(link: Link, text: string): string {
        if (!this.multi) return text
        const blank = this.dce.hardware.options.firmware.indexBlank ? " " : ""
        return `${link.number},${blank}${text}`
    }

    /** AT+CSTT, [ATM] 8.2.9. */
    start(accessPoint: AccessPoint): void {
        allowedIf(this.context.machine.allows("CSTT"))
        this.setAccessPoint(accessPoint)
        this.context.start()
    }

    /** AT+CIPCSGP, [ATM] 8.2.17. */
    setAccessPoint(accessPoint: AccessPoint): void {
        const [first, second] = this.settings.accessPoints
        this.settings.accessPoints =
            this.selected === 0 ? [accessPoint, second] : [first, accessPoint]
    }

    /** AT+CIICR, [ATM] 8.2.10. */
    activate(run: CommandRun): void {
        allowedIf(this.context.machine.allows("CIICR"))
        const { options } = this.dce.hardware
        this.context.activate(options.delays.activation, up => {
            if (up) {
                run.ok()
                return
            }
            if (options.firmware.refusalReportsDeact)
                this.dce.output.urc("+PDP: DEACT")
            run.fail(REFUSED)
        })
    }

    /** AT+CIFSR, [ATM] 8.2.11. @returns the address of the module */
    address(): string {
        allowedIf(this.context.isActive)
        this.context.machine.apply("CIFSR")
        return this.context.localAddress
    }

    /** Whether a connection exists, so that settings made before one are fixed. */
    get isConnected(): boolean {
        return this.links.some(link => link.isBusy)
    }

    /** AT+CIPSTART, [ATM] 8.2.2. */
    connect(
        run: CommandRun,
        link: Link,
        protocol: Protocol,
        host: string,
        port: number
    ): void {
        if (link.isBusy && (this.multi || link.state === "CONNECTED")) {
            this.alreadyConnected(run, link)
            return
        }
        allowedIf(this.busyLinks < this.connectionLimit)
        this.begin(run, `CIPSTART ${protocol}`, up => {
            if (up) this.open(link, protocol, host, port)
            else this.reportFailure(link)
        })
    }

    /** AT+CIPSERVER=1, [ATM] 8.2.18. */
    listen(run: CommandRun, port: number): void {
        const { context, server } = this
        allowedIf(server.state === "CLOSED" && this.busyLinks < LINK_COUNT)
        const { serverFailure } = this.dce.hardware.options.firmware
        this.begin(run, "CIPSERVER", up => {
            if (!up) {
                this.dce.output.urc(serverFailure)
                return
            }
            context.machine.apply("CIPSERVER")
            const local = { address: context.localAddress, port }
            server.open(context.number, local, listening => {
                if (!listening) this.settle(context)
                this.dce.output.urc(listening ? "SERVER OK" : serverFailure)
            })
        })
    }

    /** AT+CIPSERVER=0: the peers that have been accepted stay, [AN] 2.1.3. */
    endListening(run: CommandRun): void {
        allowedIf(this.isServing)
        const context = this.contexts[this.server.bearer]
        run.ok()
        this.server.close(() => {
            this.settle(context)
            this.dce.output.urc("SERVER CLOSE")
        })
    }

    /** Whether the server is open, or about to be. */
    private get isServing(): boolean {
        const { state } = this.server
        return state === "OPENING" || state === "LISTENING"
    }

    private get busyLinks(): number {
        return this.links.filter(link => link.isBusy).length
    }

    /** How many connections there may be: one less beside the server, [AN] 3. */
    private get connectionLimit(): number {
        return this.server.state === "CLOSED" ? LINK_COUNT : LINK_COUNT - 1
    }

    /** A peer asks for a connection to the server; without a free one it gets RST. */
    private accept(peer: IncomingTcp): void {
        const link = this.freeLink()
        if (link === undefined) {
            peer.refuse()
            return
        }
        link.open(this.server.bearer, "TCP", peer.from)
        const opening: TcpOpening = {
            open: events => peer.accept(events),
            secure: false,
            cancel: () => peer.refuse(),
        }
        this.attachTcp(link, opening, {
            ...this.transportEvents(link),
            connected: () => this.accepted(link),
            failed: () => this.linkEnded(link),
        })
    }

    /**
     * The lowest number that is free; one with data that the DTE has not
     * fetched only if there is no other.
     */
    private freeLink(): Link | undefined {
        if (this.multi && this.busyLinks >= this.connectionLimit)
            return undefined
        const usable = this.multi ? this.links : this.links.slice(0, 1)
        const free = usable.filter(link => !link.isBusy)
        return free.find(link => link.unread === 0) ?? free.at(0)
    }

    /**
     * Says OK to a command that is legal in the present state. A single
     * connection brings its context up first, if it is in IP INITIAL ([ATM]
     * 8.2.2).
     */
    private begin(
        run: CommandRun,
        event: IpEvent,
        done: (up: boolean) => void
    ): void {
        const { machine } = this.context
        const bringUp = !this.multi && machine.allows("CSTT")
        allowedIf(bringUp || machine.allows(event))
        run.ok()
        if (bringUp) this.bringUp(done)
        else done(true)
    }

    private alreadyConnected(run: CommandRun, link: Link): void {
        const text = this.indexed(link, "ALREADY CONNECT")
        if (
            this.dce.hardware.options.firmware.alreadyConnect === "after-error"
        ) {
            this.dce.output.result("ERROR")
            this.dce.output.urc(text)
        } else this.dce.output.result(text)
        run.done()
    }

    /** What AT+CIPSTART and AT+CIPSERVER do by themselves from IP INITIAL: CSTT, CIICR, CIFSR. */
    private bringUp(done: (up: boolean) => void): void {
        this.context.start()
        const { activation } = this.dce.hardware.options.delays
        this.context.activate(activation, up => {
            if (up) this.context.machine.apply("CIFSR")
            done(up)
        })
    }

    private open(
        link: Link,
        protocol: Protocol,
        host: string,
        port: number
    ): void {
        link.open(this.context.number, protocol, { address: host, port })
        link.tls = protocol === "TCP" ? this.tlsRequest() : undefined
        this.context.machine.apply(`CIPSTART ${protocol}`)
        if (isIpAddress(host)) {
            this.attachTransport(link)
            return
        }
        const { attempt } = link
        this.resolve(host, addresses => {
            if (link.attempt !== attempt || link.state !== "CONNECTING") return
            const address = addresses?.at(0)
            if (address === undefined) this.connectFailed(link)
            else {
                link.remote = { address, port }
                this.attachTransport(link)
            }
        })
    }

    private attachTransport(link: Link): void {
        const { network, hardware } = this.dce
        const { firmware } = hardware.options
        const { protocol, remote, tls } = link
        const local: Endpoint = {
            address: this.contexts[link.bearer].localAddress,
            port: link.localPort[protocol],
        }
        const events = this.transportEvents(link)
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
                    radio: this.radio,
                    network,
                    firmware,
                    extended: link.extendedUdp,
                    target: () => link.remote,
                    log: line => hardware.log(line),
                },
                local,
                events
            )
        }
    }

    private attachTcp(
        link: Link,
        opening: TcpOpening,
        events: TransportEvents
    ): void {
        const { clock, hardware } = this.dce
        const { firmware } = hardware.options
        const { multiRemoteDelay, singleRemoteDelay } = this.settings
        const remoteDelayMs = this.multi ? multiRemoteDelay : singleRemoteDelay
        const { keepAlive, radio } = this
        link.transport = new TcpTransport(
            { clock, radio, firmware, remoteDelayMs, keepAlive },
            link.remote,
            opening,
            events
        )
    }

    private transportEvents(link: Link): TransportEvents {
        return {
            connected: () => this.connected(link, "CONNECT OK"),
            failed: () => this.connectFailed(link),
            insecure: () => this.handshakeFailed(link),
            received: (bytes, from) => {
                this.dce.sleep.stir()
                if (link.state === "CONNECTED")
                    this.delivery.received(link, { bytes, from })
            },
            confirmed: () => link.confirmed(),
            remoteClosing: () => link.enter("REMOTE CLOSING"),
            closed: reason => this.remoteClosed(link, reason),
        }
    }

    /** @param text what is said of it, unless data mode begins */
    private connected(link: Link, text: string): void {
        link.enter("CONNECTED")
        this.contexts[link.bearer].machine.apply("connected")
        if (this.isTransparent) this.enterDataMode(link)
        else this.dce.output.urc(this.indexed(link, text))
    }

    /** `CONNECT` and data mode, once no command is being typed or runs. */
    private enterDataMode(link: Link): void {
        const { attempt } = link
        this.dce.whenIdle(() => {
            if (link.attempt === attempt && link.state === "CONNECTED")
                this.dataMode.enter()
        })
    }

    /** A peer has come to the server; `CONNECT` follows in transparent mode ([AN] 2.2.3). */
    private accepted(link: Link): void {
        const { acceptShowsAddress } = this.dce.hardware.options.firmware
        const text = `REMOTE IP: ${link.remote.address}`
        if (this.isTransparent && acceptShowsAddress) this.dce.output.urc(text)
        this.connected(link, text)
    }

    private connectFailed(link: Link): void {
        this.linkEnded(link)
        this.reportFailure(link)
    }

    /** What AT+CIPSTART finds set is what the connection goes by. */
    private tlsRequest(): TlsRequest | undefined {
        const { tlsVersion: version } = this.dce.hardware.options.firmware
        const { enabled, ignoreInvalid, authenticate, root, client } = this.tls
        return enabled && version !== "none"
            ? {
                  version,
                  ignoreInvalid,
                  root,
                  client: authenticate ? client : undefined,
              }
            : undefined
    }

    private handshakeFailed(link: Link): void {
        const { tlsFailure } = this.dce.hardware.options.firmware
        this.linkEnded(link)
        if (tlsFailure === "CONNECT FAIL") this.reportFailure(link)
        else this.dce.output.urc(this.indexed(link, tlsFailure))
    }

    private reportFailure(link: Link): void {
        const { output } = this.dce
        if (!this.multi) output.urc(`STATE: ${this.context.state}`)
        output.urc(this.indexed(link, "CONNECT FAIL"))
    }

    /** The peer has closed, or is lost. What it sent before still arrives. */
    private remoteClosed(
        link: Link,
        reason: "remote" | "unacknowledged"
    ): void {
        link.enter("REMOTE CLOSING")
        link.endSending(reason === "remote" ? "failed" : "closed")
        this.delivery.ended(link, () =>
            this.dataMode.leave(() => {
                this.linkEnded(link)
                this.dce.output.urc(this.indexed(link, "CLOSED"))
            })
        )
    }

    /** AT&D2: DTR has ended the connection, and so data mode. */
    dropLink(link: Link): void {
        const { dtrDropResult } = this.dce.hardware.options.firmware
        link.transport?.abort()
        this.delivery.forget(link)
        this.dataMode.leave(() => {
            link.discard()
            this.linkEnded(link)
            this.dce.output.result(dtrDropResult)
        })
    }

    /** The peer vanishes, whatever the wire or the network say. */
    loseLink(link: Link, reason: "remote" | "unacknowledged"): void {
        link.transport?.abort()
        this.remoteClosed(link, reason)
    }

    /** Sends for AT+CIPSEND. */
    send(
        link: Link,
        bytes: Uint8Array,
        done: (result: SendResult) => void
    ): void {
        this.dce.hardware.hooks.sending(link)
        if (link.state !== "CONNECTED") done("failed")
        else if (link.broken) {
            link.sent += bytes.length
            const { roundTripMs } = this.dce.hardware.options.radio
            this.dce.clock.after(roundTripMs, () => done("failed"))
        } else link.send(bytes, done)
    }

    /** AT+CIPCLOSE, [ATM] 8.2.6. */
    close(run: CommandRun, link: Link, quick: boolean): void {
        if (this.context.state === "SERVER LISTENING") {
            this.closeServer(run, link)
            return
        }
        allowedIf(link.state === "CONNECTED" || link.state === "CONNECTING")
        const closed = (): void => {
            link.discard()
            this.linkEnded(link)
            this.dce.output.result(this.indexed(link, "CLOSE OK"))
            run.done()
        }
        const { transport } = link
        if (quick || link.state === "CONNECTING" || transport === undefined) {
            transport?.abort()
            closed()
            return
        }
        link.enter("CLOSING")
        this.contexts[link.bearer].machine.apply(`CIPCLOSE ${link.protocol}`)
        link.whenAborted = closed
        transport.close(() => {
            link.whenAborted = undefined
            closed()
        })
    }

    /** AT+CIPCLOSE in SERVER LISTENING; a peer that is just coming in is sent away. */
    private closeServer(run: CommandRun, link: Link): void {
        const { machine } = this.context
        allowedIf(this.isServing)
        machine.apply("CIPCLOSE TCP")
        if (link.isBusy) {
            link.transport?.abort()
            link.enter("CLOSED")
        }
        this.server.close(() => {
            machine.apply("ended TCP")
            this.dce.output.result(this.indexed(link, "CLOSE OK"))
            run.done()
        })
    }

    /** AT+CIPSHUT, [ATM] 8.2.7: done in every state, [REAL:TGsrc]. */
    shut(run: CommandRun): void {
        const { output, hardware, clock } = this.dce
        const { context } = this
        const wasActive = context.isActive
        this.abortServer(context)
        for (const link of this.linksOf(context)) {
            if (link.isBusy && hardware.options.firmware.shutReportsClosed)
                output.urc(this.indexed(link, "CLOSED"))
            link.transport?.abort()
            this.delivery.forget(link)
            link.clear()
        }
        clock.after(
            wasActive ? hardware.options.delays.deactivation : 0,
            () => {
                context.shut()
                output.result("SHUT OK")
                run.done()
            }
        )
    }

    /** Ends every connection without a word. */
    abortAll(): void {
        for (const context of this.contexts) this.abortLinks(context)
    }

    /** AT+CGATT=0 or AT+CFUN has ended every PDP context. */
    deactivateAll(): void {
        for (const bearer of BEARERS) this.deactivate(bearer)
    }

    /** A PDP context has gone; nothing happens if it is not up. */
    deactivate(bearer: Bearer): void {
        const context = this.contexts[bearer]
        const { state } = context
        if (!context.isActive && state !== "IP CONFIG") return
        const connecting = this.linksOf(context).filter(
            link => link.state === "CONNECTING"
        )
        if (state !== "IP CONFIG")
            this.dataMode.leave(() => this.dce.output.urc("+PDP: DEACT"))
        this.abortLinks(context)
        context.deactivate()
        for (const link of connecting) this.reportFailure(link)
    }

    private abortLinks(context: PdpContext): void {
        this.abortServer(context)
        for (const link of this.linksOf(context)) {
            if (link.isBusy) {
                link.transport?.abort()
                this.delivery.forget(link)
                link.enter("CLOSED")
                link.endSending("deactivated")
            }
            const { whenAborted } = link
            link.whenAborted = undefined
            whenAborted?.()
        }
    }

    private abortServer(context: PdpContext): void {
        if (this.server.bearer === context.number) this.server.abort()
    }

    /** AT+CDNSGIP, [ATM] 8.2.14. */
    query(run: CommandRun, host: string): void {
        allowedIf(this.context.isActive)
        run.ok()
        if (!this.dce.registration.isAttached) {
            this.reportDnsFailure(DNS_NETWORK_ERROR)
            return
        }
        this.resolve(host, addresses => {
            if (addresses === undefined)
                this.reportDnsFailure(DNS_NETWORK_ERROR)
            else if (addresses.length === 0)
                this.reportDnsFailure(DNS_COMMON_ERROR)
            else {
                const quoted = [host, ...addresses.slice(0, 2)].map(
                    text => `"${text}"`
                )
                this.dce.output.urc(`+CDNSGIP: 1,${quoted.join(",")}`)
            }
        })
    }

    private reportDnsFailure(code: number): void {
        const blank = this.dce.hardware.options.firmware.dnsFailureBlank
            ? " "
            : ""
        this.dce.output.urc(`+CDNSGIP:${blank}0,${code}`)
    }

    /** @param done gets the addresses of a name, or undefined if nothing came back */
    private resolve(
        host: string,
        done: (addresses: readonly string[] | undefined) => void
    ): void {
        const { uplink, downlink } = this.radio
        const { clock, network, hardware } = this.dce
        let waiting = true
        this.pending++
        const answer = (addresses?: readonly string[]): void => {
            if (!waiting) return
            waiting = false
            timer.cancel()
            this.pending--
            done(addresses)
            this.dce.activityChanged()
        }
        const timer = clock.after(hardware.options.firmware.dnsTimeoutMs, () =>
            answer()
        )
        uplink.carry(0, () => {
            if (isIpAddress(host)) downlink.carry(0, () => answer([host]))
            else
                network.resolve(host, addresses =>
                    downlink.carry(0, () => answer(addresses))
                )
        })
    }

    /** GPRS came or went. Without it nothing passes, AT+CIPDPDP counts. */
    attachChanged(attached: boolean): void {
        if (attached) this.radio.resume()
        else this.radio.suspend()
        const { watchAttach, watchIntervalSeconds, watchCount } = this.settings
        for (const bearer of BEARERS) {
            const context = this.contexts[bearer]
            if (attached) context.endWatch()
            else if (watchAttach && context.isActive)
                context.watch(watchIntervalSeconds * watchCount * 1000, () =>
                    this.deactivate(bearer)
                )
        }
    }

    private linkEnded(link: Link): void {
        link.enter("CLOSED")
        const context = this.contexts[link.bearer]
        context.machine.apply(`ended ${link.protocol}`)
        this.settle(context)
    }

    /** What becomes of a context when a connection or the server has ended. */
    private settle(context: PdpContext): void {
        const { machine } = context
        const serves =
            this.server.state !== "CLOSED" &&
            this.server.bearer === context.number
        if (serves && this.isServing) machine.apply("listening")
        if (!serves && !this.linksOf(context).some(link => link.isBusy))
            machine.apply("all ended")
    }

    private linksOf(context: PdpContext): Link[] {
        return this.links.filter(link => link.bearer === context.number)
    }
}
