/**
 * The whole simulator: a program in DeviceScript's VM, a virtual SIM800, and
 * the Jacdac bus between them.
 */
import { JacdacHub, type HubOptions } from "./jacdac/hub"
import { ModemDevice } from "./jacdac/modem-device"
import { RealClock } from "../sim/modem/clock"
import { VirtualSim800 } from "../sim/modem/modem"
import type { FaultName } from "../sim/modem/faults"
import type { ModemOptions } from "../sim/modem/options"
import { Station } from "../sim/control/station"
import type { DteSide } from "../sim/modem/uart"
import { Wiring, type WiringFault } from "../sim/modem/wiring"
import { startVm, type ConsoleLine, type Running } from "./vm/firmware"

/** A fault of a modem, its wires, its SIM card or its network. */
export interface ModemFault {
    readonly modem?: ModemOptions
    /** faults of the modem that are injected before it is switched on */
    readonly inject?: readonly FaultName[]
    readonly wiring?: WiringFault
}

export class Simulator {
    private vm: Running | undefined

    private constructor(
        readonly hub: JacdacHub,
        private readonly virtual: VirtualSim800 | undefined,
        /** observation of the modem, and actions on it */
        readonly station: Station,
        private readonly device: ModemDevice
    ) {}

    /**
     * A bus with a modem on it that is switched off.
     * @param fault of the modem
     * @param name the connection's name for programs
     * @param bus where the bus is; by default a private one
     * @throws BusPortError if it cannot be there
     */
    static async open(
        options: ModemOptions,
        fault: ModemFault = {},
        name?: string,
        bus?: HubOptions
    ): Promise<Simulator> {
        const clock = new RealClock()
        const modem = new VirtualSim800({ ...options, ...fault.modem, clock })
        for (const each of fault.inject ?? []) modem.inject(each)
        const { wiring } = fault
        const dte = wiring ? new Wiring(modem.dte, wiring) : modem.dte
        const station = Station.of(modem, clock, dte)
        return Simulator.plugIn(station, modem, name, bus)
    }

    /**
     * A bus with a modem on it that is not virtual, or not in this process.
     * @param dte its UART; its owner closes it
     * @throws BusPortError if the bus cannot be there
     */
    static async around(
        dte: DteSide,
        name?: string,
        bus?: HubOptions
    ): Promise<Simulator> {
        const station = new Station(dte, new RealClock())
        return Simulator.plugIn(station, undefined, name, bus)
    }

    private static async plugIn(
        station: Station,
        virtual: VirtualSim800 | undefined,
        name?: string,
        bus?: HubOptions
    ): Promise<Simulator> {
        const hub = await JacdacHub.open(bus)
        const device = new ModemDevice(station.probe, station.probe, name)
        hub.bus.addServiceProvider(device)
        const simulator = new Simulator(hub, virtual, station, device)
        try {
            await hub.probe()
        } catch (error) {
            await simulator.close()
            throw error
        }
        return simulator
    }

    /**
     * The virtual modem.
     * @throws Error if the modem is another one
     */
    get modem(): VirtualSim800 {
        if (this.virtual === undefined)
            throw new Error("the modem of this simulator is not virtual")
        return this.virtual
    }

    /**
     * Runs a program, which finds the modem on its bus.
     * @param program result of `build()`
     * @param onLine gets its output
     * @param onDeath gets the reason of an unexpected end
     * @param start the VM
     */
    run(
        program: string,
        onLine: (line: ConsoleLine) => void,
        onDeath: (reason: string) => void,
        start = startVm
    ): void {
        this.vm = start(program, this.hub, onLine, onDeath)
    }

    async close(): Promise<void> {
        await this.vm?.stop()
        this.device.unplug()
        this.virtual?.dispose()
        await this.hub.close()
    }
}
