/** A SIM800 on Espruino; Serial's events and one timer run its core. */
import { Phase, phaseText } from "../core/phase"
import { ipStateText } from "../core/ip-state"
import { Command, commandText } from "../core/commands"
import { Failure, refusal } from "../core/errors"
import { Modem } from "../core/modem"
import type { ModemObserver } from "../core/observer"
import { configure, GivenOptions, has, Wired } from "../core/options"
import { textOf } from "../core/text"
import { difference } from "../core/time"
import type { Talk } from "../core/dialogues/talk"
import type { ConnectOptions, Options, Sim800Error, StartOptions } from "./api"
import { bad, checkObject, checkTime, errorOf, failed, message } from "./errors"
import { Port, type PortOwner } from "./port"
import { Socket } from "./socket"

export const START_TIMEOUT = 180000
/** receive ring of the UART: holds one response to AT+CIPRXGET */
const RING = 2048
/** bytes after the data of AT+CIPRXGET: ⏎OK⏎ */
const OK_LENGTH = 6
/** turns of the core before other code has a turn */
const TURNS = 20
/** longest time of a timer, ms */
const LONGEST_WAIT = 3600000
/** a larger jump means that the clock was set, ms */
const JUMP = 10000
const GIVEN_UP = "; the driver has given up: start() makes it try again"

/** A condition that is awaited. */
interface Wait {
    done: () => boolean
    over: (inTime: boolean) => void
    timer: number
}

export class Sim800 implements ModemObserver, PortOwner {
    /** @internal */
    readonly core: Modem
    /** @internal */
    readonly port: Port
    /** @internal the program has work for the core */
    again = false
    /** @internal see `talk.ts` */
    talk: Talk | null = null
    /** @internal whether the second context is open; see `context.ts` */
    second: (() => boolean) | null = null
    /** @internal sockets that have no number yet */
    readonly waiting: Socket[]
    /** @internal called when there is a change, with all its listeners */
    onIncoming: (() => void) | null = null

    /** @internal */
    running = false
    private readonly sockets: (Socket | undefined)[]
    private pumping = false
    private baud = 0
    private dtr = true
    private waits: Wait[]
    private changed = false
    private timer = 0
    /** when the timer is due; may be later than necessary */
    private timerAt = 0
    /** the last value of `getTime()`, and the driver's time then */
    private clockAt = 0
    private clock = 0
    private patience = 0

    constructor(serial: Serial, options: Options) {
        checkObject("options", options)
        if (!serial || typeof serial.setup !== "function")
            throw bad("serial", "give the Serial of the modem")
        this.port = new Port(serial, options)
        if (LEAN) {
            // options with only one value here
            const fixed: Record<string, unknown> = {
                connections: "multi",
                receive: "manual",
                framing: "length",
                lazy: false,
            }
            const all = options as unknown as Record<string, unknown>
            for (const name in fixed)
                if (all[name] !== undefined && all[name] !== fixed[name])
                    throw bad(name, "this module can not: take SIM800.min.js")
        }
        const given = new GivenOptions()
        const config = configure(options, given, this.port)
        if (given.wrong) throw bad(given.name, given.wrong)
        if (config.ring < RING) config.ring = RING
        this.core = new Modem(config)
        this.core.reporter.observer = this
        this.sockets = []
        this.waiting = []
        this.waits = []
        this.clockAt = getTime()
    }

    /** Monotonic time in ms, also when Espruino's clock is set. */
    elapsed(): number {
        const at = getTime()
        const passed = (at - this.clockAt) * 1000
        this.clockAt = at
        if (passed >= 0 && passed < this.patience + JUMP) this.clock += passed
        return this.clock | 0
    }

    /** Finds the modem, registers it in the network, and keeps it there. */
    start(options?: StartOptions): Promise<void> {
        const core = this.core
        if (options !== undefined) {
            checkObject("options", options)
            checkTime("timeout", options.timeout)
        }
        const timeout = (options && options.timeout) || START_TIMEOUT
        if (!this.running) {
            this.running = true
            this.open()
            core.start(this.elapsed())
        } else if (core.bearer.phase === Phase.Failed)
            core.start(this.elapsed())
        return this.until(
            () => core.bearer.phase === Phase.Ready || !this.tries(),
            timeout
        ).then(() => {
            if (core.bearer.phase === Phase.Ready) return
            throw this.running
                ? this.error("start")
                : failed(Failure.Stopped, "start", "", "")
        })
    }

    private open() {
        const core = this.core
        this.baud = core.uart.baud
        this.port.open(this, core.ring, core.encoder, this.baud)
        this.port.setDtr(core.uart.dtr)
    }

    /** Releases all sockets and the UART; the modem stays as it is. */
    stop() {
        if (!this.running) return
        this.running = false
        this.core.stop()
        this.deliver()
        this.changed = true
        this.look()
        if (this.timer) clearTimeout(this.timer)
        this.timer = 0
        this.port.close()
    }

    /** Opens a connection. */
    connect(
        options: ConnectOptions,
        connected?: (socket: Socket) => void
    ): Socket {
        const socket = new Socket(this, options, false)
        if (connected) socket.on("connect", connected as never)
        socket.open()
        return socket
    }

    /** @internal Registers the socket of a connection. */
    adopt(socket: Socket, id: number) {
        while (this.sockets.length <= id) this.sockets.push(undefined)
        const last = this.sockets[id]
        this.sockets[id] = socket
        // the last socket has lost its number, and all that it waited for
        if (last && last !== socket) last.finish()
        this.pump()
    }

    /** @internal */
    left(socket: Socket, id: number) {
        if (this.sockets[id] === socket) this.sockets[id] = undefined
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
        if (!this.running || phase === Phase.Off)
            throw failed(Failure.NotStarted, what, "", "")
        if (phase === Phase.Failed)
            throw errorOf(
                this.reason(what) + GIVEN_UP,
                this.core.bearer.failure,
                0
            )
    }

    /** @internal Waits. @returns false if the time is over before */
    until(done: () => boolean, timeout: number): Promise<boolean> {
        return new Promise<boolean>(resolve => {
            const wait: Wait = { done, over: resolve, timer: 0 }
            wait.timer = setTimeout(() => {
                wait.timer = 0
                this.changed = true
                this.look()
            }, timeout)
            this.waits.push(wait)
            this.changed = true
            this.pump()
        })
    }

    /** @internal Marks a change that may end waits. */
    tell() {
        this.changed = true
        this.again = true
    }

    /** Ends the waits that are over. */
    private look() {
        if (!this.changed) return
        this.changed = false
        if (!this.waits[0]) return
        const left: Wait[] = []
        const waits = this.waits
        this.waits = left
        for (let i = 0; i < waits.length; i++) {
            const wait = waits[i]
            const done = wait.done()
            if (!done && wait.timer !== 0 && this.running) {
                left.push(wait)
                continue
            }
            if (wait.timer) clearTimeout(wait.timer)
            wait.over(done)
        }
    }

    /** @internal Runs the core as long as there is work. */
    pump() {
        const core = this.core
        const port = this.port
        this.again = true
        if (this.pumping || !this.running || port.held) return
        this.pumping = true
        let turns = TURNS
        let wait = 0
        do {
            this.again = false
            port.take()
            if (port.lost) {
                port.lost = false
                port.overruns++
                core.bytesLost()
            }
            const now = this.elapsed()
            if (core.data !== null && has(port, Wired.Dcd))
                core.uart.dcd = port.hasCarrier()
            core.poll(now)
            if (core.links.news !== 0) this.deliver()
            if (this.waiting[0]) this.assign()
            // while the modem is ready, only these two use its lines
            if (
                this.changed ||
                core.bearer.phase !== Phase.Ready ||
                core.gate !== null ||
                core.data !== null
            ) {
                const uart = core.uart
                if (uart.dtr !== this.dtr) {
                    this.dtr = uart.dtr
                    port.setDtr(uart.dtr)
                }
                if (uart.resetWanted) {
                    uart.resetWanted = false
                    port.reset()
                }
                if (uart.powerKeyWanted) {
                    uart.powerKeyWanted = false
                    port.pressPowerKey()
                }
                if (uart.baud !== this.baud) this.open()
                if (this.changed) this.look()
            }
            const output = core.encoder
            if (output.left > 0 || output.drain) port.send()
            // more bytes than the ring had room for
            if (port.unread) this.again = true
            wait = difference(core.pollAt(now), now)
        } while (--turns > 0 && (wait <= 0 || this.again))
        const left = core.digest.payloadLeft
        // the core need not run before this many bytes have come
        port.enough = left > 0 && left < core.ring.size ? left + OK_LENGTH : 0
        this.pumping = false
        if (this.running && !port.held) this.wake(wait)
    }

    /** Runs the core again in `ms` at the latest. */
    private wake(ms: number) {
        if (ms < 0 || this.again) ms = 0
        if (ms > LONGEST_WAIT) ms = LONGEST_WAIT
        const at = this.clock + ms
        // an earlier timer checks the time, and waits for the rest
        if (this.timer !== 0) {
            if (this.timerAt <= at) return
            clearTimeout(this.timer)
        }
        this.timerAt = at
        this.patience = ms
        this.timer = setTimeout(() => {
            this.timer = 0
            this.pump()
        }, ms)
    }

    private deliver() {
        const connections = this.core.links
        let news = connections.news
        connections.news = 0
        if (connections.incoming !== 0 && this.onIncoming !== null)
            this.onIncoming()
        for (let id = 0; news !== 0; id++) {
            if (news & 1) {
                const socket = this.sockets[id]
                if (socket) socket.notify()
            }
            news >>= 1
        }
        if (this.waits[0]) this.changed = true
    }

    /** Gives free numbers to sockets that wait for one. */
    private assign() {
        const waiting = this.waiting
        for (let i = waiting.length; i > 0; i--) {
            const socket = waiting.shift() as Socket
            socket.open()
        }
    }

    onChange() {
        const bearer = this.core.bearer
        const self = this as unknown as Emitter
        this.changed = true
        self.emit(
            "state",
            phaseText(bearer.phase),
            ipStateText(this.core.ip.state),
            bearer.failure
        )
    }

    onUrc(line: Buffer, length: number) {
        const self = this as unknown as Emitter & Record<string, unknown>
        // a text takes time, and mostly there is no listener
        if (self["#onurc"] !== undefined)
            self.emit("urc", textOf(line, 0, length))
    }

    pulsed(ms: number) {
        const self = this as unknown as Emitter
        self.emit("pulse", ms)
    }

    /** Why the modem is not ready; if it is, the error is the timeout. */
    private reason(subject: string): string {
        const bearer = this.core.bearer
        const answer =
            bearer.refused === Command.None
                ? textOf(bearer.said.answer, 0, bearer.said.answerLength)
                : refusal(commandText(bearer.refused), bearer.cme)
        return message(bearer.failure || Failure.Timeout, subject, answer)
    }

    private error(subject: string): Sim800Error {
        return errorOf(
            this.reason(subject),
            this.core.bearer.failure || Failure.Timeout,
            0
        )
    }
}
