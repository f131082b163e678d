/**
 * The core wired to the virtual SIM800, on a virtual clock, with an internet in
 * memory: what takes a minute on a board takes milliseconds here, and is the
 * same every time.
 */
import "../../src/node/buffer"
import { configWith } from "../config"
import { Phase } from "../../src/core/phase"
import { ipStateText } from "../../src/core/ip-state"
import {
    LinkState,
    SendState,
    type Connection,
} from "../../src/core/link/connection"
import { LINK_STATES } from "../machines"
import { Failure } from "../../src/core/errors"
import { Modem } from "../../src/core/modem"
import type { ModemConfig } from "../../src/core/options"
import { VirtualClock } from "../../sim/modem/clock"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import type { FirmwareOptions, ModemOptions } from "../../sim/modem/options"
import { spell } from "../../sim/modem/trace"
import { datagram, nextLength, read } from "../../src/core/link/receive"
import { send } from "../../src/core/link/send"
import { open } from "../open"

const config = configWith({
    ring: 4096,
})

/** Octets of the ring that may still come after RTS has gone off. */
const RTS_MARGIN = 1024

/** So often at most the driver may want to be polled again at once. */
const TURNS = 10_000
/** As much of the wire is kept, characters. */
const WIRE_KEPT = 1_000_000

export class Rig {
    /** what modem and driver of the rigs to come are like, where they do not say it themselves */
    static firmware: Partial<FirmwareOptions> = {}
    static driver: Partial<ModemConfig> = {}
    /** what the driver's clock shows at the start, ms; it wraps at 32 bits */
    static epoch = 0
    readonly clock: VirtualClock
    readonly network: MemoryNetwork
    readonly sim: VirtualSim800
    readonly core: Modem
    /** phases, IP states and failures of the bearer, as they come */
    readonly log: string[] = []
    /** lines that the driver has no use for */
    readonly urcs: string[] = []
    /** lengths of the pulses on RI, ms */
    readonly pulses: number[] = []
    /** bytes that found no room in the ring */
    overruns = 0
    /** told of everything that the driver sends, before it does */
    onSend: (text: string) => void = () => undefined
    /** what the wire makes of the bytes that the modem sends */
    onReceive: (bytes: Buffer) => Buffer = bytes => bytes
    /** the wire, spelt: to be looked at when a test fails */
    wire = ""
    private baud: number
    private polling = false

    /**
     * @param modem a modem to be made, or the rig whose modem is taken over by
     * a microcontroller that has just been reset
     */
    constructor(
        driver: Partial<ModemConfig> = {},
        modem: ModemOptions | Rig = {}
    ) {
        if (modem instanceof Rig) {
            this.clock = modem.clock
            this.network = modem.network
            this.sim = modem.sim
        } else {
            this.clock = new VirtualClock()
            this.network = new MemoryNetwork(this.clock)
            this.sim = new VirtualSim800({
                clock: this.clock,
                network: this.network,
                delays: "fast",
                ...modem,
                firmware: { ...Rig.firmware, ...modem.firmware },
            })
        }
        this.core = new Modem({ ...config, ...Rig.driver, ...driver })
        this.baud = this.core.uart.baud
        this.core.reporter.observer = {
            onChange: () => {
                const { phase, failure } = this.core.bearer
                const { state } = this.core.ip
                const line = [
                    Phase[phase],
                    ipStateText(state),
                    Failure[failure],
                ]
                    .filter(word => word && word !== "None")
                    .join(" ")
                if (this.log.at(-1) !== line) this.log.push(line)
            },
            onUrc: (line, length) => {
                this.urcs.push(line.toString("latin1", 0, length))
            },
        }
        this.sim.dte.onDcd = () => this.poll()
        let low = 0
        this.sim.dte.onRi = isLow => {
            if (isLow) low = this.clock.now()
            else this.pulses.push(this.clock.now() - low)
        }
        this.sim.dte.onData = bytes =>
            this.receive(this.onReceive(Buffer.from(bytes)))
    }

    /** Bytes come from the modem, or from wherever. */
    receive(data: Buffer): void {
        this.note("<", data)
        const { ring } = this.core
        const lost = data.length - ring.put(data, 0, data.length)
        this.overruns += lost
        if (lost > 0) this.core.bytesLost()
        this.poll()
    }

    private note(direction: string, bytes: Uint8Array): void {
        if (this.wire.length > WIRE_KEPT)
            this.wire = this.wire.slice(-WIRE_KEPT / 2)
        this.wire += `${direction} ${spell(bytes)}\n`
    }

    now(): number {
        return (Math.floor(this.clock.now()) + Rig.epoch) | 0
    }

    /** What the pump of a platform does once it is woken. */
    poll(): void {
        if (this.polling) return
        this.polling = true
        const { core, sim } = this
        for (let turns = 0; ; turns++) {
            if (turns > TURNS) throw new Error("the driver does not settle")
            if (core.uart.baud !== this.baud) {
                this.baud = core.uart.baud
                sim.dte.setBaud(this.baud)
            }
            core.uart.dcd = sim.dte.dcd
            core.poll(this.now())
            sim.dte.setDtr(core.uart.dtr)
            const { encoder, ring } = core
            if (encoder.left > 0) {
                const bytes = new Uint8Array(
                    encoder.source.subarray(
                        encoder.at,
                        encoder.at + encoder.left
                    )
                )
                this.note(">", bytes)
                this.onSend(Buffer.from(bytes).toString("latin1"))
                sim.dte.write(bytes)
                encoder.at += encoder.left
                encoder.left = 0
            } else if (encoder.drain && sim.dte.pending === 0)
                encoder.drain = false
            else if (((core.pollAt(this.now()) - this.now()) | 0) > 0) {
                sim.dte.setRts(ring.size - ring.used > RTS_MARGIN)
                break
            }
        }
        this.polling = false
    }

    /**
     * Lets time pass until something holds.
     * @returns whether it does before the time is over
     */
    until(condition: () => boolean, ms = 200_000): boolean {
        const end = this.clock.now() + ms
        this.poll()
        while (!condition()) {
            if (this.clock.now() >= end) return false
            // what is left of this millisecond does not count
            const rest =
                ((this.core.pollAt(this.now()) - this.now()) | 0) -
                (this.clock.now() % 1)
            const due = this.core.encoder.drain ? 0.1 : Math.max(rest, 0.1)
            this.clock.runUntil(
                condition,
                Math.min(due, 1000, end - this.clock.now())
            )
            this.poll()
        }
        return true
    }

    wait(ms: number): void {
        this.until(() => false, ms)
    }

    /** Fails with the wire if something does not come to hold. */
    expect(what: string, condition: () => boolean, ms?: number): void {
        if (!this.until(condition, ms))
            throw new Error(
                `not ${what} in time\n${this.log.join("\n")}\n${this.wire.slice(-3000)}`
            )
    }

    get ready(): boolean {
        return this.core.bearer.phase === Phase.Ready
    }

    /** Switches the modem on and brings it up. */
    start(): this {
        this.sim.powerOn()
        this.core.start(this.now())
        this.expect("ready", () => this.ready)
        return this
    }

    open(host: string, port: number): Connection {
        const id = open(this.core.links, host, port, this.now())
        if (id < 0) throw new Error("no connection is free")
        this.poll()
        return this.core.links.list[id]
    }

    connect(host = "10.0.0.1", port = 7): Connection {
        const link = this.open(host, port)
        this.expect("connected", () => link.state === LinkState.Connected)
        return link
    }

    /** A UDP connection; in extended mode if a local port is given. */
    udp(host: string, port: number, localPort = 0): Connection {
        const { links: connections } = this.core
        const link = connections.list[connections.take(this.now())]
        link.udp = true
        link.host = host
        link.port = port
        link.localPort = localPort
        link.extended = localPort > 0
        connections.start(link)
        this.expect("connected", () => link.state === LinkState.Connected)
        return link
    }

    /** The next datagram, with its sender if the modem has said who that is. */
    datagram(link: Connection): { data: string; from: string } {
        const { links: connections } = this.core
        this.expect("a datagram", () => nextLength(link) >= 0)
        const data = Buffer.alloc(datagram(connections, link))
        read(connections, link, data, 0, data.length)
        this.poll()
        const from = `${[...link.address].join(".")}:${link.senderPort}`
        return { data: data.toString("latin1"), from }
    }

    close(link: Connection): void {
        this.core.links.close(link, this.now())
        this.poll()
    }

    /** Begins to send; `sent()` says when it is through. */
    send(link: Connection, data: string | Uint8Array): Failure {
        const bytes = Buffer.from(data as string)
        const failure = send(this.core.links, link, bytes, 0, bytes.length)
        this.poll()
        return failure
    }

    sent(link: Connection): boolean {
        return (
            link.sendState === SendState.Done ||
            link.sendState === SendState.Failed
        )
    }

    /** Takes what has been received. */
    read(link: Connection): Buffer {
        const data = Buffer.alloc(link.readable)
        read(this.core.links, link, data, 0, data.length)
        this.poll()
        return data
    }

    state(link: Connection): string {
        return LINK_STATES[link.state]
    }
}

/** What comes over a connection, taken as it comes: put together once, at the end. */
export class Taken {
    private readonly rig: Rig
    private readonly link: Connection
    private readonly pieces: Buffer[] = []
    private count = 0

    constructor(rig: Rig, link: Connection) {
        this.rig = rig
        this.link = link
    }

    /** @returns how much there is of all */
    take(): number {
        if (this.link.readable > 0) {
            const piece = this.rig.read(this.link)
            this.pieces.push(piece)
            this.count += piece.length
        }
        return this.count
    }

    get bytes(): Buffer {
        return Buffer.concat(this.pieces)
    }
}

/** Bytes that look random and are the same for the same seed. */
export function noise(seed: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    let x = seed | 1
    for (let i = 0; i < length; i++) {
        x ^= x << 13
        x ^= x >>> 17
        x ^= x << 5
        bytes[i] = x
    }
    return bytes
}
