/**
 * A board in Node: the driver as applications use it, with the fiber that runs
 * on the board, its port for I2C, model of the chip, virtual SIM800, on a
 * virtual clock.
 */
import "../../src/node/buffer"
import path from "node:path"
import type { Connection } from "../../src/core/link/connection"
import type { Modem } from "../../src/core/modem"
import {
    BridgeUart,
    i2cBus,
    spiBus,
    type BridgeUartOptions,
} from "../../src/ports/bridge"
import type { UartPort } from "../../src/ports/uart"
import { VirtualClock } from "../../sim/modem/clock"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import {
    GPIOMode,
    onI2c,
    sleep,
    spiTakes,
    start,
    step,
    useBuses,
} from "./devicescript"
import type { Firmware, FirmwareOptions } from "./firmware"
import { bootFirmware, turnTakes, wire } from "./bridge-core"
import { ChipModel } from "../../simulator/bridge/sc16is7xx"

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

export interface BoardOptions {
    /** of `BridgeUart` */
    readonly port?: Partial<BridgeUartOptions>
    readonly bus?: "i2c" | "spi"
    readonly firmware?: FirmwareOptions
}

/** A chip on SPI: what is clocked out and in while CS is low. */
export function onSpi(model: ChipModel): {
    transfer(write: Buffer, read: Buffer): void
    cs: { setMode(mode: number): void }
} {
    let selected = false
    return {
        cs: {
            setMode: mode => (selected = mode === GPIOMode.OutputLow),
        },
        transfer: (write, read) => {
            const sent = Buffer.from(write)
            spiTakes(sent.length)
            if (!selected) throw new Error("CS is high")
            if (sent[0] & 0x80) {
                const data = Buffer.alloc(sent.length - 1)
                model.read(sent[0] & 0x7f, data)
                data.copy(read, 1)
            } else model.write(sent)
        },
    }
}

export class Board {
    readonly clock = new VirtualClock()
    readonly network = new MemoryNetwork(this.clock)
    readonly sim: VirtualSim800
    readonly model = new ChipModel(0, true)
    readonly firmware: Firmware
    readonly port: BridgeUart
    readonly modem: Driver
    /** turns of the driver's fiber */
    turns = 0

    /**
     * @param options of `Sim800`
     * @param around a port around that of the bridge
     */
    constructor(
        options: object = {},
        its: BoardOptions = {},
        around: (port: UartPort) => UartPort = port => port
    ) {
        const { clock, model } = this
        this.firmware = bootFirmware(clock, its.firmware)
        this.sim = new VirtualSim800({
            clock,
            network: this.network,
            delays: "fast",
            chunks: { chunkMs: 0, chunkBytes: 1 },
        })
        wire(model, this.sim, clock)
        const spi = onSpi(model)
        useBuses({
            i2c: (_, write, read) => onI2c(model, write, read),
            spi: spi.transfer,
        })
        const port = new BridgeUart({
            bus: its.bus === "spi" ? spiBus({ cs: spi.cs as never }) : i2cBus(),
            dtr: "bridge",
            dcd: "bridge",
            ri: "bridge",
            ...its.port,
        })
        // each turn ends with this
        port.wait = async ms => {
            this.turns++
            turnTakes(clock)
            await BridgeUart.prototype.wait.call(port, ms)
        }
        this.port = port
        this.modem = makeDriver({ uart: around(port), ...options })
    }

    /** Runs a task in a fiber of its own until it is through. */
    async run<T>(task: () => Promise<T>, ms?: number): Promise<T> {
        let result: T | undefined
        await this.over(
            start(async () => {
                result = await task()
            }),
            ms
        )
        return result as T
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
            await step(() => !pending)
            if (!pending) return what
            if (this.clock.now() > end) throw new Error("not over in time")
        }
    }

    async start(): Promise<this> {
        this.sim.powerOn()
        await this.run(() => this.modem.start())
        return this
    }

    /** A fiber that does nothing for so long. */
    wait(ms: number): Promise<void> {
        return sleep(ms)
    }

    connect(host: string, port: number): Promise<BoardSocket> {
        return this.run(() => this.modem.connect({ host, port }))
    }
}
