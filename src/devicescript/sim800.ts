import * as ds from "@devicescript/core"
import { sleep, turn, wait } from "../ports/naps"
import { Phase, phaseText } from "../core/phase"
import { ipStateText } from "../core/ip-state"
import { commandText, Command } from "../core/commands"
import { Kind } from "../core/arguments"
import type { Connection } from "../core/link/connection"
import { describe, Failure, refusal } from "../core/errors"
import { Modem } from "../core/modem"
import type { ModemObserver } from "../core/observer"
import { configure, GivenOptions, ModemOptions } from "../core/options"
import { ModemStatus } from "../core/status"
import { textOf } from "../core/text"
import { UartPort } from "../ports/uart"
import { ContextState } from "../core/second-context"
import type { SecondContext } from "../core/second-context"
import type { Talk } from "../core/dialogues/talk"
import type { Server } from "../core/server"
import { bad, check, checkWord } from "./arguments"
import { failed, Sim800Error } from "./errors"
import { Socket } from "./socket"
import { read } from "../core/link/receive"

export interface Sim800Options extends ModemOptions {
    /** the modem's UART */
    uart: UartPort
}

export interface ConnectOptions {
    /** name or dotted address */
    host: string
    /** 1–65535 */
    port: number
    /**
     * TCP by default; a UDP socket sends and receives whole datagrams. `tls` is
     * TLS over TCP, made by the module (AT+CIPSSL, SSL application note 3.4).
     * It does not compare the name in the certificate with the host.
     */
    proto?: "tcp" | "tls" | "udp"
    /**
     * TLS: the module checks the peer's certificate (AT+SSLOPT=0, SSL application note
     * 3.6). Default true; with false the peer is not authenticated.
     */
    verify?: boolean
    /** TLS: the module shows its client certificate (AT+SSLOPT=1,1) */
    clientCertificate?: boolean
    /** local port (AT+CLPORT), 0–65535; 0, the default, is any */
    localPort?: number
    /** PDP context: 0 (default), or 1 for the second one, see `Context` */
    context?: number
    /** @internal UDP extended mode, see `openUdp()` */
    extended?: boolean
    /** in ms, default 120000; includes the wait for the context */
    timeout?: number
}

export interface StartOptions {
    /** in ms, default 180000 */
    timeout?: number
}

const START_TIMEOUT = 180000
/** Default timeout of `connect()`, ms. */
export const CONNECT_TIMEOUT = 120000
/** for data that the modem still waits for, ms */
const PROMISE_TIMEOUT = 20000
/** pause after a failure of the port, ms */
const PORT_PAUSE = 1000
const GIVEN_UP = "; the driver has given up: start() makes it try again"
const PORT_TAKEN =
    "another modem has this port: stop() it first, or give this one its own"
/** smallest receive buffer that holds any datagram */
const DATAGRAM_BUFFER = 2048

/**
 * A SIM800 and the fiber that runs it.
 *
 * ```ts
 * const modem = new Sim800({ uart, apn: "internet" })
 * await modem.start()
 * const socket = await modem.connect({ host: "example.com", port: 80 })
 * ```
 * @devsWhenUsed
 */
export class Sim800 implements ModemObserver {
    /** phase or state has changed: see `status()` */
    readonly onchange = ds.emitter<void>()
    /**
     * Called with each URC that the driver does not use: its first 256 characters, or
     * 672 once a dialogue such as `command()` has been used. An emitter would keep only
     * the last of two URCs that come together. Handlers must not wait.
     */
    readonly urcHandlers: ((line: string) => void)[] = []

    /**
     * a pulse on RI is over, its length in ms: about 50 for a call in data
     * mode, 120 for a short message (2.2.5)
     */
    readonly onpulse = ds.emitter<number>()

    /** @internal */
    readonly core: Modem
    /** @internal */
    readonly port: UartPort
    /** @internal see `converse()` */
    talk: Talk
    /** @internal see `Context` */
    second: SecondContext
    /** @internal see `listen()` */
    server: Server
    private readonly sockets: Socket[]
    private running = false
    /** `stop()` has not released the port yet */
    private stopping = false
    /** the fiber of `pump()` is alive, or about to be */
    private pumping = false
    private baud = 0
    /** `act()` began a command */
    private begun = false
    private overruns = 0
    private dtr = true
    /** the last failure reported */
    private failure = Failure.None

    /** Throws a `Sim800Error` for a wrong option. */
    constructor(options: Sim800Options) {
        check("options", Kind.Object, options)
        const port = options.uart
        if (!port || typeof port.open !== "function")
            throw bad("uart", "give the port of the modem")
        const given = new GivenOptions()
        const config = configure(options, given, port)
        if (given.wrong) throw bad(given.name, given.wrong)
        const sockets = config.connections
        this.port = port
        this.core = new Modem(config)
        this.sockets = []
        for (let i = 0; i < sockets; i++) this.sockets.push(undefined)
        this.core.reporter.observer = this
    }

    /**
     * Finds the modem, registers it in the network and brings up the PDP context. From
     * then on the driver keeps it up: after every loss it starts over by itself, with
     * pauses of up to a minute.
     *
     * Throws a `Sim800Error` when only a person can help (a missing or wrong PIN, a
     * PUK), or when the time is over; in the latter case the driver goes on trying,
     * also without a SIM card: `status().failure` has the reason.
     */
    async start(options?: StartOptions): Promise<void> {
        const core = this.core
        if (options !== undefined) {
            check("options", Kind.Object, options)
            check("timeout", Kind.Time, options.timeout)
        }
        const timeout = (options && options.timeout) || START_TIMEOUT
        const end = ds.millis() + timeout
        while (this.stopping) await sleep(1)
        if (!this.running) {
            if (this.port.owner && this.port.owner !== this)
                throw bad("uart", PORT_TAKEN)
            this.port.owner = this
            this.running = true
            // `stop()` waits for this as for the fiber
            this.pumping = true
            this.baud = core.uart.baud
            try {
                await this.port.open(core.ring, core.encoder, this.baud)
            } catch (e) {
                this.running = false
                this.pumping = false
                this.port.owner = undefined
                this.tell()
                throw e
            }
            if (!this.running) {
                this.pumping = false
                throw failed(Failure.Stopped, "start")
            }
            core.start(ds.millis())
            this.pump.start()
        } else if (core.bearer.phase === Phase.Failed) {
            core.start(ds.millis())
            this.wake()
        }
        while (core.bearer.phase !== Phase.Ready) {
            if (core.bearer.phase === Phase.Failed) throw this.error("start")
            if (!this.running) throw failed(Failure.Stopped, "start")
            const left = end - ds.millis()
            if (left <= 0) throw this.error("start")
            await wait(this.onchange, left)
        }
    }

    /**
     * Releases all sockets and the port; the modem stays as it is. First the modem gets
     * all bytes announced to it, which takes 20 s at most: otherwise it would take the
     * next command for data.
     */
    async stop(): Promise<void> {
        if (!this.running || this.stopping) return
        const core = this.core
        this.stopping = true
        try {
            if (this.server) this.server.close()
            if (core.channel.promised()) {
                const connections = core.links
                for (const link of connections.list)
                    connections.refuse(link, Failure.Stopped)
                const end = ds.millis() + PROMISE_TIMEOUT
                while (core.channel.promised() && ds.millis() < end)
                    await sleep(10)
            }
            this.running = false
            core.stop()
            this.deliver()
            this.tell()
            // only one fiber may run the core
            while (this.pumping) {
                this.wake()
                await sleep(1)
            }
            await this.port.close()
        } finally {
            this.port.owner = undefined
            this.stopping = false
        }
    }

    /**
     * Opens a connection (application note 2.1.1, 2.1.2, 2.3 and 3.1). Throws a
     * `Sim800Error`.
     */
    async connect(options: ConnectOptions): Promise<Socket> {
        check("options", Kind.Object, options)
        check("timeout", Kind.Time, options.timeout)
        const end = ds.millis() + (options.timeout || CONNECT_TIMEOUT)
        const link = await this.open(options, end)
        const socket = new Socket(this, link, options)
        await this.opened(socket, options, end)
        return socket
    }

    /** @internal Waits until a socket is connected. */
    async opened(socket: Socket, options: ConnectOptions, end: number) {
        while (true) {
            this.adopt(socket)
            try {
                await socket.opened(end - ds.millis())
                return
            } catch (e) {
                // a peer of the server has taken this number
                const taken = (e as Sim800Error).failure === Failure.NumberTaken
                if (!taken || ds.millis() >= end) throw e
                socket.renew(await this.open(options, end))
            }
        }
    }

    /** @internal Registers the socket of a connection. */
    adopt(socket: Socket) {
        this.sockets[socket.id()] = socket
        this.wake()
    }

    /**
     * @internal Opens a connection, as soon as a number is free.
     * @param end when to stop waiting for one
     */
    async open(options: ConnectOptions, end: number): Promise<Connection> {
        check("options", Kind.Object, options)
        const { host, port } = options
        check("host", Kind.Host, host, 1, 255)
        check("port", Kind.Whole, port, 1, 65535)
        const proto = options.proto === undefined ? "tcp" : options.proto
        checkWord("proto", proto, ["tcp", "tls", "udp"])
        const localPort =
            options.localPort === undefined ? 0 : options.localPort
        check("localPort", Kind.Whole, localPort, 0, 65535)
        check("verify", Kind.Flag, options.verify)
        check("clientCertificate", Kind.Flag, options.clientCertificate)
        check("timeout", Kind.Time, options.timeout)
        const context = options.context || 0
        const second = this.second
        const open = second && second.state === ContextState.Open
        if (context !== 0 && (context !== 1 || !open))
            throw bad("context", `${context} is not open: see Context.open()`)
        const connections = this.core.links
        const udp = proto === "udp"
        if (udp && this.core.config.receiveBuffer < DATAGRAM_BUFFER)
            throw bad(
                "receiveBuffer",
                `UDP needs ${DATAGRAM_BUFFER} bytes or more`
            )
        const what = `connect ${proto}://${host}:${port}`
        this.check(what)
        let id = connections.take(ds.millis())
        while (id < 0) {
            // wait for a number that is becoming free, but not for one in use
            if (!connections.freeing() || ds.millis() >= end)
                throw failed(Failure.NoFreeConnection, what)
            await this.until(() => !connections.freeing(), end - ds.millis())
            this.check(what)
            id = connections.take(ds.millis())
        }
        const link = connections.list[id]
        // first the fields that every program sets: after them the optimiser knows that
        // `link` exists
        link.host = host
        link.port = port
        link.udp = udp
        link.tls = proto === "tls"
        link.verify = options.verify !== false
        link.authenticate = !!options.clientCertificate
        link.localPort = localPort
        link.context = context
        link.extended = !!options.extended
        connections.start(link)
        return link
    }

    /**
     * @internal Whether the driver is running; false if it was not started, or has
     * given up.
     */
    tries(): boolean {
        return this.running && this.core.bearer.phase !== Phase.Failed
    }

    /** @internal Throws if the driver is not running. */
    check(what: string) {
        const phase = this.core.bearer.phase
        if (!this.running || this.stopping || phase === Phase.Off)
            throw failed(Failure.NotStarted, what)
        if (phase === Phase.Failed)
            throw new Sim800Error(
                this.reason(what) + GIVEN_UP,
                this.core.bearer.failure
            )
    }

    /**
     * @internal Waits until a feature of the core has done its work.
     * @returns false if the time is over before
     */
    async until(done: () => boolean, timeout: number): Promise<boolean> {
        const end = ds.millis() + timeout
        this.wake()
        while (!done()) {
            const left = end - ds.millis()
            if (left <= 0 || !this.running) return false
            await wait(this.onchange, left)
        }
        return true
    }

    /**
     * Shuts the PDP context, and all connections with it (AT+CIPSHUT, chapter
     * 9), and brings it up again. Throws a `Sim800Error` as `start()` does.
     */
    async shut(): Promise<void> {
        this.check("shut")
        this.core.wishes.shut = true
        await this.again("shut")
    }

    /**
     * Resets the modem, by its pin if wired, else by AT+CFUN=1,1 (chapter 12), and
     * brings it up again. Throws a `Sim800Error` as `start()` does.
     */
    async reset(): Promise<void> {
        this.check("reset")
        this.core.wishes.reset = true
        await this.again("reset")
    }

    private async again(what: string): Promise<void> {
        const wishes = this.core.wishes
        const data = this.core.data
        // this leaves data mode, if the modem permits
        if (data) data.mode.failure = Failure.None
        this.wake()
        while (wishes.shut || wishes.reset) {
            if (data && data.mode.failure !== Failure.None) {
                wishes.shut = false
                wishes.reset = false
                throw failed(data.mode.failure, what)
            }
            await sleep(10)
        }
        if (!this.running) throw failed(Failure.Stopped, what)
        await this.start()
    }

    status(): ModemStatus {
        return new ModemStatus(this.core, this.port.overruns)
    }

    /** The fiber that runs the core. */
    private async pump() {
        const core = this.core
        const port = this.port
        this.pumping = true
        while (this.running) {
            try {
                if (this.baud !== core.uart.baud) {
                    this.baud = core.uart.baud
                    await port.open(core.ring, core.encoder, this.baud)
                }
                core.uart.dcd = port.dcd
                if (port.riPulse) this.pulse()
                if (port.overruns !== this.overruns) {
                    this.overruns = port.overruns
                    core.bytesLost()
                }
                const now = ds.millis()
                // a command that was just begun only has to be sent
                if (!this.begun || core.ring.used > 0) core.poll(now)
                this.begun = false
                // before any `await`: during one, a number may be taken anew
                if (core.links.news !== 0) {
                    this.deliver()
                    // the fibers that were told may have work: it goes first
                    if (core.config.flowControl) await turn(0)
                }
                if (core.uart.dtr !== this.dtr) {
                    this.dtr = core.uart.dtr
                    port.setDtr(this.dtr)
                }
                if (core.uart.resetWanted) {
                    core.uart.resetWanted = false
                    await port.reset()
                }
                if (core.uart.powerKeyWanted) {
                    core.uart.powerKeyWanted = false
                    await port.pressPowerKey()
                }
                await port.wait(core.pollAt(now) - now)
            } catch (e) {
                ;(e as Error).print()
                await sleep(PORT_PAUSE)
            }
        }
        this.pumping = false
    }

    private pulse() {
        const ms = this.port.riPulse
        this.port.riPulse = 0
        this.onpulse.emit(ms)
    }

    private deliver() {
        const connections = this.core.links
        if (connections.incoming !== 0) this.tell()
        let news = connections.news
        connections.news = 0
        for (let id = 0; news !== 0; id++) {
            if (news & 1) {
                const socket = this.sockets[id]
                if (socket) socket.notify()
                // another fiber may wait for its number
                else this.tell()
            }
            news >>= 1
        }
    }

    /** @internal Wakes the fibers that wait for a change. */
    tell() {
        this.onchange.emit(undefined)
    }

    /** @internal */
    wake() {
        this.port.wake()
    }

    /**
     * @internal There is work for the modem. If it is free, it gets the command at
     * once, before the next turn of the driver's fiber.
     */
    act() {
        const core = this.core
        if (
            core.channel.running === Command.None &&
            core.ring.used === 0 &&
            core.data === null
        ) {
            core.poll(ds.millis())
            this.begun = core.encoder.left > 0
        }
        this.port.wake()
    }

    /** @internal Fills a buffer with received data of a connection. */
    read(link: Connection, buf: Buffer, length?: number): number {
        const connections = this.core.links
        const n = read(connections, link, buf, 0, length || buf.length)
        if (connections.work) this.act()
        return n
    }

    /** @internal A socket no longer has a connection. */
    left(socket: Socket) {
        const id = socket.id()
        if (this.sockets[id] === socket) this.sockets[id] = undefined
    }

    /** @internal */
    onChange() {
        const bearer = this.core.bearer
        let state = phaseText(bearer.phase)
        const ip = this.core.ip.state
        if (ip) state += `, ${ipStateText(ip)}`
        if (bearer.failure !== this.failure) {
            this.failure = bearer.failure
            if (this.failure !== Failure.None)
                console.warn(`sim800: ${this.reason("")}`)
        }
        console.debug(`sim800: ${state}`)
        this.tell()
    }

    /** @internal */
    onUrc(line: Buffer, length: number) {
        if (this.urcHandlers.length === 0) return
        const urc = textOf(line, 0, length)
        for (const handler of this.urcHandlers) handler(urc)
    }

    /** Why the modem is not ready; if it is, the error is the timeout. */
    private reason(subject: string): string {
        const bearer = this.core.bearer
        const answer =
            bearer.refused === Command.None
                ? textOf(bearer.said.answer, 0, bearer.said.answerLength)
                : refusal(commandText(bearer.refused), bearer.cme)
        return describe(bearer.failure || Failure.Timeout, subject, answer)
    }

    private error(subject: string): Sim800Error {
        return new Sim800Error(
            this.reason(subject),
            this.core.bearer.failure || Failure.Timeout
        )
    }
}
