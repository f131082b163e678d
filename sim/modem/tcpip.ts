/**
 * The TCP/IP application toolkit ([ATM] 8): PDP contexts go up and down,
 * connections are made and closed. The commands in `commands/tcpip-*.ts` read
 * the parameters and call this.
 */
import type { CommandEnd } from "./command-run"
import type { DataMode } from "./data-mode"
import type { Delivery } from "./delivery"
import { allowedIf } from "./errors"
import type { AccessPoint } from "./ip-settings"
import type { Protocol } from "./ip-state"
import type { Link } from "./link"
import { LinkTransports } from "./link-transports"
import { Listening } from "./listening"
import { NameQueries } from "./name-queries"
import { isIpAddress } from "./parameters"
import type { PdpContext } from "./pdp-context"
import {
    BEARERS,
    ToolkitState,
    type Bearer,
    type ToolkitModule,
} from "./toolkit-state"

/** Error of AT+CIICR: unspecified GPRS error. */
const REFUSED = 148

export class TcpIp {
    readonly state: ToolkitState
    readonly transports: LinkTransports
    readonly listening: Listening
    readonly names: NameQueries

    constructor(private readonly module: ToolkitModule) {
        this.state = new ToolkitState(
            module,
            () => this.dataMode.updateDcd(),
            peer => this.listening.accept(peer)
        )
        this.transports = new LinkTransports(module, this.state)
        this.listening = new Listening(module, this.state, this.transports)
        this.names = new NameQueries(module, this.state)
    }

    get delivery(): Delivery {
        return this.transports.delivery
    }

    get dataMode(): DataMode {
        return this.transports.dataMode
    }

    /** Whether nothing is under way that will report by itself. */
    get isSettled(): boolean {
        return (
            this.names.isSettled &&
            this.dataMode.isSettled &&
            this.state.isSettled
        )
    }

    /** AT+CSTT, [ATM] 8.2.9. */
    start(accessPoint: AccessPoint): void {
        const { context } = this.state
        allowedIf(context.machine.allows("CSTT"))
        this.state.setAccessPoint(accessPoint)
        context.start()
    }

    /** AT+CIICR, [ATM] 8.2.10. */
    activate(run: CommandEnd): void {
        const { context } = this.state
        allowedIf(context.machine.allows("CIICR"))
        const { options, output } = this.module
        context.activate(options.delays.activation, up => {
            if (up) {
                run.ok()
                return
            }
            if (options.firmware.refusalReportsDeact) output.urc("+PDP: DEACT")
            run.fail(REFUSED)
        })
    }

    /** AT+CIFSR, [ATM] 8.2.11. @returns the address of the module */
    address(): string {
        const { context } = this.state
        allowedIf(context.isActive)
        context.machine.apply("CIFSR")
        return context.localAddress
    }

    /** AT+CIPSTART, [ATM] 8.2.2. */
    connect(
        run: CommandEnd,
        link: Link,
        protocol: Protocol,
        host: string,
        port: number
    ): void {
        const { state } = this
        if (link.isBusy && (state.multi || link.state === "CONNECTED")) {
            this.alreadyConnected(run, link)
            return
        }
        allowedIf(state.busyLinks < state.connectionLimit)
        state.begin(run, `CIPSTART ${protocol}`, up => {
            if (up) this.open(link, protocol, host, port)
            else this.transports.reportFailure(link)
        })
    }

    private alreadyConnected(run: CommandEnd, link: Link): void {
        const { output, options } = this.module
        const text = this.state.indexed(link, "ALREADY CONNECT")
        if (options.firmware.alreadyConnect === "after-error") {
            output.result("ERROR")
            output.urc(text)
        } else output.result(text)
        run.done()
    }

    private open(
        link: Link,
        protocol: Protocol,
        host: string,
        port: number
    ): void {
        const { transports } = this
        const { context } = this.state
        link.open(context.number, protocol, { address: host, port })
        link.tls = protocol === "TCP" ? transports.tlsRequest() : undefined
        context.machine.apply(`CIPSTART ${protocol}`)
        if (isIpAddress(host)) {
            transports.attach(link)
            return
        }
        const { attempt } = link
        this.names.resolve(host, addresses => {
            if (link.attempt !== attempt || link.state !== "CONNECTING") return
            const address = addresses?.at(0)
            if (address === undefined) transports.failed(link)
            else {
                link.remote = { address, port }
                transports.attach(link)
            }
        })
    }

    /** AT+CIPCLOSE, [ATM] 8.2.6. */
    close(run: CommandEnd, link: Link, quick: boolean): void {
        const { state } = this
        if (state.context.state === "SERVER LISTENING") {
            this.listening.closeByLink(run, link)
            return
        }
        allowedIf(link.state === "CONNECTED" || link.state === "CONNECTING")
        const closed = (): void => {
            link.discard()
            state.linkEnded(link)
            this.module.output.result(state.indexed(link, "CLOSE OK"))
            run.done()
        }
        const { transport } = link
        if (quick || link.state === "CONNECTING" || transport === undefined) {
            transport?.abort()
            closed()
            return
        }
        link.enter("CLOSING")
        state.contexts[link.bearer].machine.apply(`CIPCLOSE ${link.protocol}`)
        link.whenAborted = closed
        transport.close(() => {
            link.whenAborted = undefined
            closed()
        })
    }

    /** AT+CIPSHUT, [ATM] 8.2.7: done in every state, [REAL:TGsrc]. */
    shut(run: CommandEnd): void {
        const { output, options, clock } = this.module
        const { context } = this.state
        const wasActive = context.isActive
        this.state.abortServer(context)
        for (const link of this.state.linksOf(context)) {
            if (link.isBusy && options.firmware.shutReportsClosed)
                output.urc(this.state.indexed(link, "CLOSED"))
            this.transports.abort(link)
            link.clear()
        }
        clock.after(wasActive ? options.delays.deactivation : 0, () => {
            context.shut()
            output.result("SHUT OK")
            run.done()
        })
    }

    /** Ends every connection without a word. */
    abortAll(): void {
        for (const context of this.state.contexts) this.abortLinks(context)
    }

    /** AT+CGATT=0 or AT+CFUN has ended every PDP context. */
    deactivateAll(): void {
        for (const bearer of BEARERS) this.deactivate(bearer)
    }

    /** A PDP context has gone; nothing happens if it is not up. */
    deactivate(bearer: Bearer): void {
        const context = this.state.contexts[bearer]
        const { state } = context
        if (!context.isActive && state !== "IP CONFIG") return
        const connecting = this.state
            .linksOf(context)
            .filter(link => link.state === "CONNECTING")
        if (state !== "IP CONFIG")
            this.dataMode.leave(() => this.module.output.urc("+PDP: DEACT"))
        this.abortLinks(context)
        context.deactivate()
        for (const link of connecting) this.transports.reportFailure(link)
    }

    private abortLinks(context: PdpContext): void {
        this.state.abortServer(context)
        for (const link of this.state.linksOf(context)) {
            if (link.isBusy) {
                this.transports.abort(link)
                link.enter("CLOSED")
                link.endSending("deactivated")
            }
            const { whenAborted } = link
            link.whenAborted = undefined
            whenAborted?.()
        }
    }

    /** GPRS came or went. Without it nothing passes, AT+CIPDPDP counts. */
    attachChanged(attached: boolean): void {
        const { radio, contexts, settings } = this.state
        if (attached) radio.resume()
        else radio.suspend()
        const { watchAttach, watchIntervalSeconds, watchCount } = settings
        for (const bearer of BEARERS) {
            const context = contexts[bearer]
            if (attached) context.endWatch()
            else if (watchAttach && context.isActive)
                context.watch(watchIntervalSeconds * watchCount * 1000, () =>
                    this.deactivate(bearer)
                )
        }
    }
}
