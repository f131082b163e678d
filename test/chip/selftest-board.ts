/**
 * The self-test on a board in Node: routine, port, model of the chip and
 * virtual SIM800 on a virtual clock.
 */
import "../../src/node/buffer"
import { BridgeUart, type BridgeUartOptions } from "../../src/ports/bridge"
import type { RegisterBus } from "../../src/ports/sc16is7xx"
import { Arrival } from "../../simulator/bridge/arrival"
import { ChipModel } from "../../simulator/bridge/sc16is7xx"
import { VirtualClock } from "../../sim/modem/clock"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import type { DteSide } from "../../sim/modem/uart"
import { Wiring } from "../../sim/modem/wiring"
import { corrupt, type SelfTestFault } from "../../simulator/selftest-faults"
import { bootFirmware } from "./bridge-core"
import { onI2c, start, step } from "./devicescript"

// of src/selftest.ts, which DeviceScript's compiler takes and Node's does not
export interface Step {
    readonly number: number
    readonly name: string
    readonly verdict: "PASS" | "FAIL" | "SKIP"
    readonly seen: string
    readonly hint: string
    readonly ms: number
}
export interface Result {
    readonly passed: boolean
    readonly steps: readonly Step[]
    readonly ms: number
}
const file = new URL("../../src/selftest.ts", import.meta.url).href
const { selfTest } = (await import(/* @vite-ignore */ file)) as {
    selfTest: (options: object) => Promise<Result>
}

const CRYSTAL = 14_745_600
const ADDRESS = "198.18.0.7"

/** Between two looks of the VM for what has come, ms. */
const TURN = 1

/** What the modem says comes through the simulator's way into the chip. */
function passThrough(
    arrival: Arrival,
    model: ChipModel,
    dte: DteSide,
    clock: VirtualClock
): void {
    dte.onData = bytes => arrival.put(Buffer.from(bytes))
    const pass = (): void => {
        const baud = model.divisor > 0 ? CRYSTAL / 16 / model.divisor : 0
        arrival.pass(TURN, baud)
        clock.after(TURN, pass)
    }
    pass()
}

/** The wires between the model of a chip and a modem. */
function wire(
    model: ChipModel,
    dte: DteSide,
    clock: VirtualClock,
    arrival: Arrival | undefined
): void {
    if (arrival) passThrough(arrival, model, dte, clock)
    else
        dte.onData = bytes => {
            for (const byte of bytes) model.arrive(byte, 0)
        }
    model.onPins = () => {
        dte.setRts(model.rts)
        dte.setDtr(model.dtr)
    }
    model.setCts(dte.cts)
    dte.onCts = ready => model.setCts(ready)
    dte.onDcd = low => model.setDcd(low)
    dte.onRi = low => model.setRi(low)
    let divisor = 0
    const sendNext = (): void => {
        if (model.divisor !== divisor && model.divisor > 0) {
            divisor = model.divisor
            dte.setBaud(CRYSTAL / 16 / divisor)
        }
        const byte = model.depart()
        if (byte >= 0) dte.write(Uint8Array.of(byte))
        clock.after((160 * 1000 * (divisor || 8)) / CRYSTAL, sendNext)
    }
    sendNext()
}

/** The server at port 7: `server` of a fault. */
function serve(network: MemoryNetwork, kind: SelfTestFault["server"]): void {
    if (kind === "refuse") network.refuse(ADDRESS, 7)
    else if (kind === undefined) network.echo(ADDRESS, 7)
    else
        network.listen(ADDRESS, 7, peer => {
            let before = 0
            peer.onData = bytes => {
                peer.send(corrupt(bytes, before))
                before += bytes.length
            }
            peer.onEnd = () => peer.end()
        })
}

export interface Outcome {
    readonly result: Result
    /** what was printed */
    readonly lines: readonly string[]
    /** what the light has shown */
    readonly light: readonly string[]
    readonly sim: VirtualSim800
}

/** The program runs in a VM whose computer is busy, with the simulator's wires. */
export interface BusyComputer {
    /** what is full holds back what comes */
    readonly holdsBack: boolean
    /** from time to time the program stands still for so long, ms */
    readonly pauseMs: number
}
/** Transactions on the bus from one such time to the next. */
const BETWEEN_PAUSES = 100

/**
 * @param fault what is wrong
 * @param options of `selfTest()`
 * @param port of `BridgeUart`
 */
export async function selfTestOnBoard(
    fault: Partial<SelfTestFault> = {},
    options: object = {},
    port: Partial<BridgeUartOptions> = {},
    computer?: BusyComputer
): Promise<Outcome> {
    const clock = new VirtualClock()
    bootFirmware(clock)
    const network = new MemoryNetwork(clock)
    if (!fault.nameless) network.name("echo.example", ADDRESS)
    serve(network, fault.server)
    const sim = new VirtualSim800({
        clock,
        network,
        delays: "fast",
        chunks: { chunkMs: 0, chunkBytes: 1 },
        ...fault.modem,
    })
    for (const name of fault.inject ?? []) sim.inject(name)
    const model = new ChipModel(0, true)
    model.absent = fault.program === "no-bridge"
    model.stuckBits = fault.program === "stuck-bit" ? 0x08 : 0
    const arrival = computer && new Arrival(model)
    if (arrival) arrival.holdsBack = computer.holdsBack
    wire(
        model,
        fault.wiring ? new Wiring(sim.dte, fault.wiring) : sim.dte,
        clock,
        arrival
    )
    let transactions = 0
    const bus: RegisterBus = {
        device: 0,
        transfer: (_device, write, read) => {
            if (computer && ++transactions % BETWEEN_PAUSES === 0)
                clock.advance(computer.pauseMs)
            return onI2c(model, write, read) ? 0 : -1
        },
    }
    if (!fault.off) sim.powerOn()
    const lines: string[] = []
    const light: string[] = []
    let result: Result | undefined
    let failure: unknown
    const run = (): Promise<Result> =>
        selfTest({
            uart: new BridgeUart({
                bus,
                dtr: "bridge",
                dcd: "bridge",
                ri: "bridge",
                ...port,
            }),
            apn: "internet",
            echo: { host: "echo.example", port: 7 },
            limit: 120,
            print: (line: string) => lines.push(line),
            light: (state: string) => light.push(state),
            ...options,
        })
    start(async () => {
        result = await run()
    }).catch(error => (failure = error ?? "rejected"))
    while (result === undefined) {
        if (failure !== undefined) throw failure
        if (clock.now() > 1_800_000)
            throw new Error(`it hangs\n${lines.join("\n")}`)
        await step(() => result !== undefined || failure !== undefined)
    }
    return { result, lines, light, sim }
}
