/**
 * A board that runs the whole driver, `Sim800` and `Socket` included, against
 * the virtual SIM800, on a virtual clock on which the work of DeviceScript's VM
 * takes the time that it takes on an RP2040. The same every time, in
 * milliseconds instead of minutes.
 */
import { Wired } from "../../src/core/options"
import "../../src/node/buffer"
import { Bearer } from "../../src/core/bearer/bearer"
import { Channel } from "../../src/core/channel"
import { Connections } from "../../src/core/link/connections"
import { Digest } from "../../src/core/digest"
import { Encoder, type Output } from "../../src/core/encoder"
import { Modem } from "../../src/core/modem"
import { Results } from "../../src/core/results"
import { Ring } from "../../src/core/ring"
import { BridgeUart } from "../../src/ports/bridge"
import { Sc16is7xx } from "../../src/ports/sc16is7xx"
import type { UartPort } from "../../src/ports/uart"
import { VirtualClock } from "../../sim/modem/clock"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import type { ModemOptions } from "../../sim/modem/options"
import type { DteSide } from "../../sim/modem/uart"
import {
    makeDriver,
    Sim800,
    Socket,
    type BoardSocket,
    type Driver,
} from "../chip/board"
import * as vm from "../chip/devicescript"

const HERTZ = 125_000_000

/** What the VM takes its time for, cycles of an RP2040 at 125 MHz: measured. */
export const costs = {
    /** calling a method */
    call: 22_000,
    /** resuming a fiber */
    resumption: 7_600,
    /** looking at a byte of a line that the modem has said */
    lineByte: 4_700,
    /** a digit of a number in a command: two turns of a loop */
    digit: 10_000,
}

function ms(cycles: number): number {
    return (cycles * 1000) / HERTZ
}

/** the clock of the board that runs, while its driver's time is to count */
let meter: VirtualClock | undefined

type Method = (...args: unknown[]) => unknown
type Methods = Record<string, Method>

/** Has each call of a method take its time. */
function charge(type: { prototype: object }): void {
    const methods = type.prototype as Methods
    for (const name of Object.getOwnPropertyNames(methods)) {
        if (name === "constructor") continue
        const method = methods[name]
        methods[name] = function (this: unknown, ...args) {
            meter?.advance(ms(costs.call))
            return method.apply(this, args)
        }
    }
}

/** Has a method take time for what it loops over. */
function chargeLoop(
    type: { prototype: object },
    name: string,
    cycles: (...args: unknown[]) => number
): void {
    const methods = type.prototype as Methods
    const method = methods[name]
    methods[name] = function (this: unknown, ...args) {
        meter?.advance(ms(cycles(...args)))
        return method.apply(this, args)
    }
}

for (const type of [Bearer, Channel, Connections, Digest, Encoder, Modem])
    charge(type)
for (const type of [Results, Ring, BridgeUart, Sc16is7xx, Sim800, Socket])
    charge(type)
chargeLoop(
    Results,
    "classify",
    (_line, length) => (length as number) * costs.lineByte
)
chargeLoop(Encoder, "numbers", (first, second) => {
    const digits = String(first as number) + String(second as number)
    return digits.replace("-1", "").length * costs.digit
})

/** Octets that wait in the UART before RTS goes off, and goes on again. */
const RTS_OFF = 256
const RTS_ON = 64

/**
 * A UART of the board's own: it moves bytes by itself, both ways, and holds the
 * modem up by RTS when the driver is late.
 */
export class BoardUart implements UartPort {
    readonly wired = Wired.RtsCts | Wired.Dtr | Wired.Dcd
    readonly largestBurst = 0
    dcd = false
    riPulse = 0
    overruns = 0
    /** how often the driver has begun to send something */
    turns = 0
    /** bytes of commands, that is without the application's */
    commandBytes = 0
    /** where the driver writes its commands */
    commands: Buffer | undefined
    private ring = new Ring(2)
    private output: Output = new Encoder()
    private queue: Buffer[] = []
    private queued = 0
    private awake = false
    private waiter: vm.Fiber | undefined

    constructor(private readonly dte: DteSide) {
        dte.onDcd = low => {
            this.dcd = low
            this.rouse()
        }
    }

    private charged(): void {
        meter?.advance(ms(costs.call))
    }

    open(ring: Ring, output: Output, baud: number): Promise<void> {
        this.ring = ring
        this.output = output
        this.dte.setBaud(baud)
        this.dte.setAutoCts(true)
        this.dte.setRts(true)
        this.dte.setDtr(true)
        return Promise.resolve()
    }

    /** The line has brought something. */
    arrive(bytes: Uint8Array): void {
        this.queue.push(Buffer.from(bytes))
        this.queued += bytes.length
        if (this.queued >= RTS_OFF) this.dte.setRts(false)
        // the ring is the driver's while that runs
        if (this.waiter?.suspended && this.receive()) this.rouse()
    }

    /** @returns whether enough has come */
    private receive(): boolean {
        const { used } = this.ring
        while (this.queue.length > 0) {
            const bytes = this.queue[0]
            const room = this.ring.size - this.ring.used
            const n = Math.min(bytes.length, room)
            if (n === 0) break
            const { ring } = this
            const head = (ring.tail + ring.used) & (ring.size - 1)
            for (let i = 0; i < n; i++)
                ring.buf[(head + i) & (ring.size - 1)] = bytes[i]
            ring.used += n
            this.queued -= n
            if (n === bytes.length) this.queue.shift()
            else this.queue[0] = bytes.subarray(n)
        }
        if (this.queued <= RTS_ON) this.dte.setRts(true)
        return this.ring.used > used && this.ring.used >= this.ring.enough
    }

    private transmit(): void {
        const { output } = this
        const { source, at, left } = output
        if (left === 0) return
        this.turns++
        if (source === this.commands) this.commandBytes += left
        this.dte.write(Uint8Array.from(source.subarray(at, at + left)))
        output.at += left
        output.left = 0
        if (output.tell) this.awake = true
    }

    async wait(ms: number): Promise<void> {
        this.charged()
        this.transmit()
        if (this.receive()) this.awake = true
        const { output } = this
        if (output.drain && this.dte.pending > 0) ms = Math.min(ms, 1)
        else if (output.drain) {
            output.drain = false
            this.awake = true
        }
        if (this.awake || ms <= 0) await vm.sleep(0)
        else {
            this.waiter = vm.Fiber.self()
            await vm.suspend(ms)
            this.waiter = undefined
        }
        this.awake = false
    }

    wake(): void {
        this.charged()
        this.rouse()
    }

    private rouse(): void {
        this.awake = true
        if (this.waiter?.suspended) this.waiter.resume(undefined)
    }

    setDtr(low: boolean): void {
        this.dte.setDtr(low)
    }

    reset(): Promise<void> {
        return Promise.resolve()
    }

    pressPowerKey(): Promise<void> {
        return Promise.resolve()
    }

    close(): Promise<void> {
        return Promise.resolve()
    }
}

export interface BoardOptions {
    /** of `Sim800`, but for its port */
    readonly driver?: object
    readonly modem?: ModemOptions
    /** false: the VM takes no time at all */
    readonly costs?: boolean
}

export class Board {
    readonly clock = new VirtualClock()
    readonly network = new MemoryNetwork(this.clock)
    readonly sim: VirtualSim800
    readonly port: BoardUart
    readonly modem: Driver
    /** told of all that the modem says, as it crosses the line */
    onLine: (bytes: Uint8Array) => void = () => undefined
    private readonly withCosts: boolean
    private failure: unknown

    constructor(options: BoardOptions = {}) {
        this.withCosts = options.costs ?? true
        vm.useClock(this.clock, this.withCosts ? ms(costs.resumption) : 0)
        this.sim = new VirtualSim800({
            clock: this.clock,
            network: this.network,
            delays: "fast",
            ...options.modem,
        })
        const { dte } = this.sim
        this.port = new BoardUart(dte)
        dte.onData = bytes => {
            this.onLine(bytes)
            this.port.arrive(bytes)
        }
        this.modem = makeDriver({ uart: this.port, ...options.driver })
        this.port.commands = this.modem.core.encoder.source
    }

    get core(): Modem {
        return this.modem.core
    }

    now(): number {
        return this.clock.now()
    }

    /** Runs a task in a fiber of its own; what it throws, `until()` throws. */
    task(run: () => Promise<void>): void {
        void vm.start(() =>
            run().catch((error: unknown) => {
                this.failure = error
            })
        )
    }

    /** Runs a task, and lets time pass until it is through. */
    async run(what: string, task: () => Promise<void>): Promise<void> {
        let over = false
        this.task(async () => {
            await task()
            over = true
        })
        await this.until(what, () => over)
    }

    /** Lets time pass until something holds; throws if it does not in time. */
    async until(what: string, condition: () => boolean, limit = 3_600_000) {
        const end = this.clock.now() + limit
        meter = this.withCosts ? this.clock : undefined
        try {
            for (;;) {
                const over = (): boolean =>
                    this.failure !== undefined || condition()
                await vm.step(over)
                if (this.failure) throw this.failure as Error
                if (condition()) return
                if (this.clock.now() > end)
                    throw new Error(`not ${what} in time`)
            }
        } finally {
            meter = undefined
        }
    }

    /** Switches the modem on and brings it up. */
    async start(): Promise<this> {
        this.sim.powerOn()
        await this.run("ready", () => this.modem.start())
        return this
    }

    async connect(host: string, port: number): Promise<BoardSocket> {
        let socket: BoardSocket | undefined
        await this.run("connected", async () => {
            socket = await this.modem.connect({ host, port })
        })
        return socket as BoardSocket
    }
}
