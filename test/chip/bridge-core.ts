/**
 * Core, port, model of the chip and virtual SIM800 on a virtual clock, on which
 * transactions on the bus and the work of the VM take their time.
 */
import "../../src/node/buffer"
import { configWith } from "../config"
import { Phase } from "../../src/core/phase"
import type { ModemConfig } from "../../src/core/options"
import { Failure } from "../../src/core/errors"
import { LinkState, type Connection } from "../../src/core/link/connection"
import { Modem } from "../../src/core/modem"
import { BridgeUart, type BridgeUartOptions } from "../../src/ports/bridge"
import type { RegisterBus } from "../../src/ports/sc16is7xx"
import { naps } from "../../src/ports/naps"
import type { Firmware, FirmwareOptions } from "./firmware"
import { VirtualClock } from "../../sim/modem/clock"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { VirtualSim800 } from "../../sim/modem/modem"
import { onI2c, isMetered, start, step, useFirmware } from "./devicescript"
import { ChipModel } from "../../simulator/bridge/sc16is7xx"
import { send } from "../../src/core/link/send"
import { read } from "../../src/core/link/receive"
import { has, Wired } from "../../src/core/options"

const BAUD = 115200
const CRYSTAL = 14_745_600
/** what the VM takes for a turn of the driver's fiber, where that is not metered */
const TURN_MS = 1.5

/** Main loop and fibers of a board that has just been switched on. */
export function bootFirmware(
    clock: VirtualClock,
    options?: FirmwareOptions
): Firmware {
    naps.turning = false
    naps.keeper = undefined
    return useFirmware(clock, options)
}

/** A turn of the driver's fiber takes its time. */
export function turnTakes(clock: VirtualClock): void {
    if (!isMetered()) clock.advance(TURN_MS)
}

const config = configWith({
    baud: BAUD,
    ring: 512,
})

/** The wires between the model of a chip and a virtual modem. */
export function wire(
    model: ChipModel,
    sim: VirtualSim800,
    clock: VirtualClock
): void {
    const { dte } = sim
    dte.onData = bytes => {
        for (const byte of bytes) model.arrive(byte, 0)
    }
    model.onPins = () => {
        dte.setRts(model.rts)
        dte.setDtr(model.dtr)
    }
    dte.onCts = ready => model.setCts(ready)
    dte.onDcd = low => model.setDcd(low)
    dte.onRi = low => model.setRi(low)
    const sendNext = (): void => {
        const baud = CRYSTAL / 16 / (model.divisor || 8)
        if (dte.baud !== baud) dte.setBaud(baud)
        const byte = model.depart()
        if (byte >= 0) dte.write(Uint8Array.of(byte))
        clock.after(10_000 / baud, sendNext)
    }
    sendNext()
}

export class BridgeCore {
    readonly clock = new VirtualClock()
    readonly network = new MemoryNetwork(this.clock)
    readonly sim: VirtualSim800
    readonly model = new ChipModel(0, true)
    readonly port: BridgeUart
    readonly core: Modem
    readonly firmware: Firmware
    /** called with each turn of the driver's fiber, before it */
    onTurn: (turn: number) => void = () => undefined
    /** called before each transaction on the bus */
    onTransaction: () => void = () => undefined
    private turns = 0
    private baud = BAUD
    private frozen = false
    private bytesLost = 0
    private failure: unknown

    constructor(
        driver: Partial<ModemConfig> = {},
        options: Partial<BridgeUartOptions> = {},
        modem: ModemOptions = {}
    ) {
        this.firmware = bootFirmware(this.clock)
        this.sim = new VirtualSim800({
            clock: this.clock,
            network: this.network,
            delays: "fast",
            chunks: { chunkMs: 0, chunkBytes: 1 },
            ...modem,
        })
        wire(this.model, this.sim, this.clock)
        const { model } = this
        const bus: RegisterBus = {
            device: 0,
            transfer: (_device, write, read) => {
                this.onTransaction()
                return onI2c(model, write, read) ? 0 : -1
            },
        }
        this.port = new BridgeUart({
            bus,
            dtr: "bridge",
            dcd: "bridge",
            ri: "bridge",
            ...options,
        })
        this.core = new Modem({
            ...config,
            flowControl: has(this.port, Wired.RtsCts),
            largestBurst: this.port.largestBurst,
            resetPin: has(this.port, Wired.Reset),
            powerKey: has(this.port, Wired.PowerKey),
            ...driver,
        })
    }

    private now(): number {
        return Math.floor(this.clock.now())
    }

    /** The fiber of the driver. */
    private async pump(): Promise<void> {
        const { core, port } = this
        const { encoder } = core
        await port.open(core.ring, encoder, this.baud)
        core.start(this.now())
        let dtr = true
        while (!this.frozen) {
            if (this.baud !== core.uart.baud) {
                this.baud = core.uart.baud
                await port.open(core.ring, encoder, this.baud)
            }
            this.onTurn(this.turns++)
            core.uart.dcd = port.dcd
            if (port.overruns !== this.bytesLost) {
                this.bytesLost = port.overruns
                core.bytesLost()
            }
            turnTakes(this.clock)
            core.poll(this.now())
            if (core.uart.dtr !== dtr) {
                dtr = core.uart.dtr
                port.setDtr(dtr)
            }
            if (core.uart.resetWanted) {
                core.uart.resetWanted = false
                await port.reset()
            }
            if (core.uart.powerKeyWanted) {
                core.uart.powerKeyWanted = false
                await port.pressPowerKey()
            }
            await port.wait(core.pollAt(this.now()) - this.now())
        }
    }

    /** Lets time pass until something holds; throws if it does not in time. */
    async until(what: string, condition: () => boolean, ms = 300_000) {
        const end = this.clock.now() + ms
        while (!condition()) {
            if (this.failure) throw this.failure
            if (this.clock.now() > end) throw new Error(`not ${what} in time`)
            await step()
        }
    }

    /** The fiber of the driver stops; the port is somebody else's to use. */
    freeze(): void {
        this.frozen = true
        this.port.wake()
    }

    /** Lets time pass. */
    async wait(ms: number): Promise<void> {
        const end = this.clock.now() + ms
        await this.until("over", () => this.clock.now() >= end)
    }

    /** @param on the modem has been switched on */
    async start(on = true): Promise<this> {
        if (on) this.sim.powerOn()
        start(() => this.pump()).catch(error => (this.failure = error))
        await this.until("ready", () => this.core.bearer.phase === Phase.Ready)
        return this
    }

    async connect(
        host: string,
        port: number,
        udp = false
    ): Promise<Connection> {
        const { links: connections } = this.core
        const id = connections.take(this.now())
        if (id < 0) throw new Error("no connection is free")
        const link = connections.list[id]
        link.host = host
        link.port = port
        link.udp = udp
        connections.start(link)
        this.port.wake()
        await this.until("connected", () => link.state === LinkState.Connected)
        return link
    }

    send(link: Connection, data: Buffer): Failure {
        const failure = send(this.core.links, link, data, 0, data.length)
        this.port.wake()
        return failure
    }

    read(link: Connection): Buffer {
        const data = Buffer.alloc(link.readable)
        read(this.core.links, link, data, 0, data.length)
        this.port.wake()
        return data
    }
}
