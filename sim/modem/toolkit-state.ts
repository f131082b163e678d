/**
 * State of the TCP/IP toolkit: settings, PDP contexts, connections and server, and
 * their effects on each other.
 */
import { allowedIf } from "./errors"
import type { CommandEnd } from "./command-run"
import type { Gprs } from "./activation"
import type { Hooks } from "./hooks"
import {
    factoryIpSettings,
    type AccessPoint,
    type IpSettings,
} from "./ip-settings"
import { factoryKeepAlive, type KeepAliveSettings } from "./keep-alive"
import { Link, type LinkState } from "./link"
import type { Network } from "./network"
import type { ResolvedOptions } from "./options"
import type { Output } from "./output"
import type { DataModeModule } from "./data-mode"
import { PdpContext } from "./pdp-context"
import { RadioLink } from "./radio-link"
import { TcpServer, type TcpServerEvents } from "./tcp-server"
import type { TlsSettings } from "./tls"
import type { DceSide } from "./uart"
import type { TransitionSubject } from "./hardware"

/** The PDP contexts, `<bearer>` 0 and 1, [AN] 4. */
export type Bearer = 0 | 1
export const BEARERS: readonly Bearer[] = [0, 1]

/** Connections `<n>` 0–5, [AN] 3.1. The server takes the place of one, [AN] 3. */
export const LINK_COUNT = 6

/** The part of the module that the toolkit needs. */
export interface ToolkitModule extends DataModeModule {
    readonly options: ResolvedOptions
    readonly network: Network
    readonly output: Output
    readonly uart: DceSide
    readonly hooks: Pick<Hooks, "sending" | "activating">
    readonly hardware: {
        readonly nvram: { readonly ipSettings: IpSettings | undefined }
    }
    readonly registration: Gprs
    readonly sleep: { stir(): void }
    /** Runs `run` as soon as no command runs and no line is being typed. */
    whenIdle(run: () => void): void
    report(subject: TransitionSubject, from: string, to: string): void
}

export class ToolkitState {
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
    /** AT+CIPSGTXT. */
    private selected: Bearer = 0

    /**
     * @param linkChanged told of every change of a connection's state
     * @param incoming told of every peer that comes to the server
     */
    constructor(
        private readonly module: ToolkitModule,
        linkChanged: () => void,
        incoming: TcpServerEvents["incoming"]
    ) {
        const { clock, options, registration, hardware } = module
        this.settings = { ...(hardware.nvram.ipSettings ?? factoryIpSettings) }
        this.tls = {
            enabled: false,
            ignoreInvalid: options.firmware.ignoresCertificates,
            authenticate: false,
            root: undefined,
            client: undefined,
        }
        this.radio = new RadioLink(clock, options.radio)
        if (!registration.isAttached) this.radio.suspend()
        this.contexts = BEARERS.map(
            number =>
                new PdpContext(
                    number,
                    clock,
                    options.operator,
                    registration,
                    () => this.settings.accessPoints[number],
                    () => this.settings.multi,
                    (from, to) => {
                        module.report(number === 0 ? "ip" : "ip 1", from, to)
                        if (to === "IP CONFIG") module.hooks.activating()
                    }
                )
        )
        const changed = (link: Link, from: LinkState, to: LinkState): void => {
            module.report(`link ${link.number}`, from, to)
            linkChanged()
            module.activityChanged()
        }
        this.links = Array.from(
            { length: LINK_COUNT },
            (_, number) => new Link(number, changed)
        )
        this.server = new TcpServer(
            {
                clock,
                network: module.network,
                radio: this.radio,
                delayMs: options.delays.server,
            },
            {
                changed: (from, to) => {
                    module.report("server", from, to)
                    module.activityChanged()
                },
                incoming,
            }
        )
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

    /** AT+CIPCSGP, [ATM] 8.2.17. */
    setAccessPoint(accessPoint: AccessPoint): void {
        const [first, second] = this.settings.accessPoints
        this.settings.accessPoints =
            this.selected === 0 ? [accessPoint, second] : [first, accessPoint]
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

    /**
     * The connection that a command means: the single one, or number `n`.
     * @throws CommandError 3 if a number is given or missing against AT+CIPMUX
     */
    link(n: number | undefined): Link {
        allowedIf(this.multi === (n !== undefined))
        return this.links[n ?? 0]
    }

    linksOf(context: PdpContext): Link[] {
        return this.links.filter(link => link.bearer === context.number)
    }

    /** Whether a connection exists, so that settings made before one are fixed. */
    get isConnected(): boolean {
        return this.busyLinks > 0
    }

    get busyLinks(): number {
        return this.links.filter(link => link.isBusy).length
    }

    /** How many connections there may be: one less beside the server, [AN] 3. */
    get connectionLimit(): number {
        return this.server.state === "CLOSED" ? LINK_COUNT : LINK_COUNT - 1
    }

    /** Whether the server is open, or about to be. */
    get isServing(): boolean {
        const { state } = this.server
        return state === "OPENING" || state === "LISTENING"
    }

    /** Whether no context, no connection and no server is on its way up or down. */
    get isSettled(): boolean {
        const { state } = this.server
        return (
            this.contexts.every(context => context.state !== "IP CONFIG") &&
            state !== "OPENING" &&
            state !== "CLOSING" &&
            this.links.every(link => link.isSettled)
        )
    }

    /** `0, CONNECT OK`, or `CONNECT OK` of a single connection. */
    indexed(link: Link, text: string): string {
        if (!this.multi) return text
        const blank = this.module.options.firmware.indexBlank ? " " : ""
        return `${link.number},${blank}${text}`
    }

    linkEnded(link: Link): void {
        link.enter("CLOSED")
        const context = this.contexts[link.bearer]
        context.machine.apply(`ended ${link.protocol}`)
        this.settle(context)
    }

    /** What becomes of a context when a connection or the server has ended. */
    settle(context: PdpContext): void {
        const { machine } = context
        const serves =
            this.server.state !== "CLOSED" &&
            this.server.bearer === context.number
        if (serves && this.isServing) machine.apply("listening")
        if (!serves && !this.linksOf(context).some(link => link.isBusy))
            machine.apply("all ended")
    }

    abortServer(context: PdpContext): void {
        if (this.server.bearer === context.number) this.server.abort()
    }

    /**
     * Says OK to a command that is legal in the present state. A single
     * connection brings its context up first, if it is in IP INITIAL ([ATM]
     * 8.2.2).
     * @param done gets whether the context is up
     */
    begin(
        run: CommandEnd,
        event: "CIPSTART TCP" | "CIPSTART UDP" | "CIPSERVER",
        done: (up: boolean) => void
    ): void {
        const { machine } = this.context
        const bringUp = !this.multi && machine.allows("CSTT")
        allowedIf(bringUp || machine.allows(event))
        run.ok()
        if (bringUp) this.bringUp(done)
        else done(true)
    }

    /**
     * Brings the context up for AT+CIPSTART and AT+CIPSERVER from IP INITIAL: CSTT,
     * CIICR, CIFSR.
     */
    private bringUp(done: (up: boolean) => void): void {
        this.context.start()
        const { activation } = this.module.options.delays
        this.context.activate(activation, up => {
            if (up) this.context.machine.apply("CIFSR")
            done(up)
        })
    }
}
