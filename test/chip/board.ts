/**
 * A board in Node: the driver as applications use it, with the fiber that runs
 * on the board, its port for I2C, model of the chip, virtual SIM800, on a
 * virtual clock.
 */
import "../../src/node/buffer"
import path from "node:path"
import type { Connection } from "../../src/core/connection"
import type { Modem } from "../../src/core/modem"
import { BridgeUart, i2cBus } from "../../src/ports/bridge"
import { VirtualClock } from "../../sim/modem/clock"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import { resumed, sleep, start, useBuses, useClock } from "./devicescript"
import { BUS_BYTE_MS, TRANSACTION_MS, TURN_MS, wire } from "./bridge-core"
import { ChipModel } from "../../sim/bridge/sc16is7xx"

/* The driver's own types are those of DeviceScript, and none of Node's. */

export interface BoardSocket {
    readonly link: Connection
    send(data: Buffer | string, timeout?: number): Promise<void>
    recvInto(buf: Buffer, timeout?: number): Promise<number>
    recv(timeout?: number): Promise<Buffer | null | undefined>
    reconnect(timeout: number): Promise<void>
    close(): Promise<void>
}

export interface Driver {
    readonly core: Modem
    pump: (() => Promise<void>) & { start?: () => void }
    tell(): void
    start(options?: { timeout: number }): Promise<void>
    stop(): Promise<void>
    shut(): Promise<void>
    reset(): Promise<void>
    connect(to: { host: string; port: number }): Promise<BoardSocket>
}

type DriverClass = new (options: object) => Driver

const folder = path.resolve(import.meta.dirname, "../../src/devicescript")
export const { Sim800 } = (await import(path.join(folder, "sim800.ts"))) as {
    Sim800: DriverClass
}
export const { Socket } = (await import(path.join(folder, "socket.ts"))) as {
    Socket: { prototype: object }
}

// what the driver says of its phases
console.debug = () => undefined

export const { Transparent } = (await import(
    path.join(folder, "transparent.ts")
)) as { Transparent: new (modem: Driver) => unknown }

/** @param options of `Sim800`, its port included */
export function makeDriver(options: object): Driver {
    const modem = new Sim800({ apn: "internet", ...options })
    // DeviceScript binds a method that is read
    const pump = modem.pump.bind(modem)
    modem.tell = modem.tell.bind(modem)
    modem.pump = Object.assign(pump, {
        start: () => {
            void start(pump)
        },
    })
    return modem
}

export class Board {
    readonly clock = new VirtualClock()
    readonly network = new MemoryNetwork(this.clock)
    readonly sim: VirtualSim800
    readonly model = new ChipModel(0, true)
    readonly port: BridgeUart
    readonly modem: Driver
    /** turns of the driver's fiber */
    turns = 0

    /** @param options of `Sim800` */
    constructor(options: object = {}) {
        const { clock, model } = this
        useClock(clock)
        this.sim = new VirtualSim800({
            clock,
            network: this.network,
            delays: "fast",
            chunks: { chunkMs: 0, chunkBytes: 1 },
        })
        wire(model, this.sim, clock)
        useBuses({
            i2c: (_, write, read) => {
                const bytes = write.length + (read ? 2 + read.length : 0)
                clock.advance(TRANSACTION_MS + bytes * BUS_BYTE_MS)
                return read ? model.read(write[0], read) : model.write(write)
            },
        })
        const port = new BridgeUart({
            bus: i2cBus(),
            dtr: "bridge",
            dcd: "bridge",
            ri: "bridge",
        })
        // each turn ends with this
        port.wait = async ms => {
            this.turns++
            clock.advance(TURN_MS)
            await BridgeUart.prototype.wait.call(port, ms)
        }
        this.port = port
        this.modem = makeDriver({ uart: port, ...options })
    }

    /** Lets time pass until something is over. */
    async over<T>(what: Promise<T>, ms = 300_000): Promise<T> {
        let pending = true
        const done = (): void => {
            pending = false
        }
        what.then(done, done)
        const end = this.clock.now() + ms
        for (;;) {
            await new Promise(next => setImmediate(next))
            if (!pending) return what
            if (this.clock.now() > end) throw new Error("not over in time")
            const before = resumed()
            this.clock.runUntil(() => resumed() !== before, 1000)
        }
    }

    async start(): Promise<this> {
        this.sim.powerOn()
        await this.over(this.modem.start())
        return this
    }

    /** A fiber that does nothing for so long. */
    wait(ms: number): Promise<void> {
        return sleep(ms)
    }

    connect(host: string, port: number): Promise<BoardSocket> {
        return this.over(this.modem.connect({ host, port }))
    }
}
