/**
 * A UART behind the Jacdac service `Serial`: the virtual SIM800 in the
 * simulator, or any Jacdac serial module. RTS, CTS, DTR, DCD, RI and RESET need
 * the service of services/modem-lines.md beside it.
 *
 * Jacdac lets a program send 50 packets a second, of 236 bytes at most, so
 * this port transmits 11,800 byte/s; it receives as fast as the bus delivers.
 *
 * The port can only estimate when the module's UART is idle (`Output.drain`): from the
 * baud rate, the time that CTS is off, and 100 ms on the bus. It cannot see a module
 * that passes bytes on later, nor CTS without the service of the lines: then the
 * program has to wait before it leaves data mode.
 */
import * as ds from "@devicescript/core"
import { Kind } from "../core/arguments"
import { bad, check } from "../devicescript/arguments"
import { sleep, suspend, Waiter } from "./naps"
import type { Output } from "../core/encoder"
import { Wired } from "../core/options"
import { Ring } from "../core/ring"
import { UartPort } from "./uart"

/** Codes of the services `Serial` and `ModemLines`. */
enum Code {
    Data = 0x80,
    SetDteLines = 0x2080,
    DceLines = 0x180,
}

/** The event of `ModemLines`. */
const LINES_CHANGED = 0x80

enum DteLine {
    Dtr = 0x01,
    Rts = 0x02,
    Reset = 0x04,
    PowerKey = 0x08,
}

enum DceLine {
    Cts = 0x01,
    Dcd = 0x02,
    Ri = 0x04,
}

/** RESET has to be low for 105 ms, PWRKEY for 1.2 s; with a margin. */
const RESET_PULSE = 150
const ON_PULSE = 1300

/** Jacdac: command to read a register. */
const GET = 0x1000
/** Most bytes in a Jacdac packet. */
const PACKET = 236
/** Longest delay of bytes from the bus to the module's line, ms. */
const LAG = 100
/**
 * How long the VM may take to receive its own packet, ms; and how long a fiber sleeps
 * meanwhile, so that at some moment no fiber is due: `keep()` of naps.ts takes two of
 * these.
 */
const HEARING = 200
const HEARING_NAP = 4
/** How long to wait for a module on the bus, ms. */
const BIND_TIMEOUT = 10000
type Handler = (pkt: ds.Packet) => Promise<void>

export interface JacdacUartOptions {
    /** the role of the UART */
    serial: ds.Serial
    /** the role of its lines, `new ds.ModemLines()`, if the module has them */
    lines?: ds.Role
}

/** The lines of a module that has the service. */
const ALL_LINES =
    Wired.RtsCts |
    Wired.Dtr |
    Wired.Dcd |
    Wired.Ri |
    Wired.Reset |
    Wired.PowerKey

/** @devsWhenUsed */
export class JacdacUart implements UartPort {
    readonly wired: Wired
    readonly largestBurst = 0
    dcd = false
    riPulse = 0
    overruns = 0

    private readonly serial: ds.Serial
    private readonly lines: ds.Role
    private readonly lineBits: Buffer
    private ring: Ring
    private output: Output
    private rts = true
    private dtr = true
    private inReset = false
    private powerKey = false
    /** since when RI has been low, undefined while it is high */
    private ringing: number
    /** the latest state of the lines is not sent to the module yet */
    private linesDue = false
    private linesSender: ds.Fiber
    private readonly waiter = new Waiter()
    private sender: ds.Fiber
    /** a packet is being sent */
    private sending = false
    /** it is in the VM's queue */
    private queued = false
    /** time of a byte on the line, ms, and end of the last one */
    private byteTime = 0
    private outAt = 0
    private cts = true
    /** since when CTS has been off */
    private heldAt = 0

    /** @throws a `Sim800Error` without a role */
    constructor(options: JacdacUartOptions) {
        check("options", Kind.Object, options)
        if (!options.serial)
            throw bad("serial", "give the role of the UART, new ds.Serial()")
        this.serial = options.serial
        this.lines = options.lines
        this.wired = options.lines ? ALL_LINES : Wired.None
        this.lineBits = Buffer.alloc(1)
    }

    async open(ring: Ring, output: Output, baud: number): Promise<void> {
        const first = !this.ring
        this.ring = ring
        this.output = output
        this.byteTime = 10000 / baud
        if (first) {
            this.listen()
            this.sender = this.send.start()
            if (this.lines) {
                this.listenToLines()
                this.linesSender = this.sendLines.start()
            }
        }
        await this.bound(this.serial)
        await this.serial.baudRate.write(baud)
        await this.serial.enabled.write(true)
        if (this.lines) {
            await this.bound(this.lines)
            this.rts = true
            this.driveLines()
            await this.lines.sendCommand(GET | Code.DceLines)
        }
    }

    private async bound(role: ds.Role) {
        const start = ds.millis()
        while (!role.isBound) {
            if (ds.millis() - start > BIND_TIMEOUT)
                throw new Error(
                    `no Jacdac service for the role ${role.spec.name}: is the modem on the bus?`
                )
            await sleep(20)
        }
    }

    /**
     * Takes packets as they arrive: the emitter of `serial.report()` keeps only the
     * last of two that arrive together.
     */
    private listen() {
        const self = this
        const others = this.serial._onPacket as Handler
        this.serial._onPacket = async function (pkt: ds.Packet) {
            if (!pkt || pkt.serviceCommand !== Code.Data) await others(pkt)
            else if (!pkt.isReport) {
                self.queued = false
                if (self.sender.suspended) self.sender.resume(true)
            } else {
                const data = pkt.payload
                const n = self.ring.put(data, 0, data.length)
                self.overruns += data.length - n
                if (self.ring.used >= self.ring.enough) self.wake()
            }
        }
    }

    setDtr(low: boolean) {
        this.dtr = low
        if (this.lines) this.driveLines()
    }

    async reset(): Promise<void> {
        this.inReset = true
        this.driveLines()
        await sleep(RESET_PULSE)
        this.inReset = false
        this.driveLines()
    }

    async pressPowerKey(): Promise<void> {
        this.powerKey = true
        this.driveLines()
        await sleep(ON_PULSE)
        this.powerKey = false
        this.driveLines()
    }

    private driveLines() {
        this.linesDue = true
        if (this.linesSender.suspended) this.linesSender.resume(true)
    }

    /** The fiber that sends the latest state of the lines, one packet at a time. */
    private async sendLines() {
        while (true) {
            if (!this.linesDue) await suspend()
            else {
                this.linesDue = false
                this.lineBits[0] =
                    (this.dtr ? DteLine.Dtr : 0) |
                    (this.rts ? DteLine.Rts : 0) |
                    (this.inReset ? DteLine.Reset : 0) |
                    (this.powerKey ? DteLine.PowerKey : 0)
                await this.lines.sendCommand(Code.SetDteLines, this.lineBits)
            }
        }
    }

    /** Takes edges as they arrive: a pulse on RI can be as short as 50 ms. */
    private listenToLines() {
        const self = this
        const others = this.lines._onPacket as Handler
        this.lines._onPacket = async function (pkt: ds.Packet) {
            if (pkt && pkt.isReport && pkt.payload.length > 0) {
                const event = pkt.isEvent && pkt.eventCode === LINES_CHANGED
                if (event || pkt.serviceCommand === (GET | Code.DceLines))
                    self.linesChanged(pkt.payload[0])
            }
            await others(pkt)
        }
    }

    private linesChanged(bits: number) {
        this.dcd = (bits & DceLine.Dcd) !== 0
        const cts = (bits & DceLine.Cts) !== 0
        const now = ds.millis()
        if (!cts && this.cts) this.heldAt = now
        // the bytes not sent by then are delayed by the time CTS was off
        else if (cts && !this.cts && this.outAt > this.heldAt)
            this.outAt += now - this.heldAt
        this.cts = cts
        const low = (bits & DceLine.Ri) !== 0
        if (low && this.ringing === undefined) this.ringing = now
        else if (!low && this.ringing !== undefined) {
            this.riPulse = now - this.ringing
            this.ringing = undefined
        }
        this.wake()
    }

    /**
     * The fiber that sends, one packet at a time. The VM of the simulator passes a
     * packet to the bus, then queues it; if the queue is full it repeats both later,
     * and the packet is on the bus twice. It empties the queue only when no fiber is
     * due, and then receives the packet itself: that is the time for the next one.
     */
    private async send() {
        while (true) {
            const output = this.output
            let n = output.left
            if (n === 0) await suspend()
            else {
                if (n > PACKET) n = PACKET
                const packet = Buffer.alloc(n)
                packet.blitAt(0, output.source, output.at, n)
                output.at += n
                output.left -= n
                this.sending = true
                await this.serial.sendCommand(Code.Data, packet)
                this.queued = true
                const end = ds.millis() + HEARING
                while (this.queued && ds.millis() < end)
                    await suspend(HEARING_NAP)
                this.sending = false
                // bytes held up by CTS count from the time it went off
                const from = this.cts ? ds.millis() : this.heldAt
                this.outAt =
                    Math.max(this.outAt, from + LAG) + n * this.byteTime
                if (output.left === 0 && (output.tell || output.drain))
                    this.wake()
            }
        }
    }

    async wait(ms: number): Promise<void> {
        if (this.lines) {
            // RTS takes some ms to the other end: 3/8 of the ring are for bytes that
            // arrive meanwhile
            const size = this.ring.size
            const free = size - this.ring.used
            const rts = free > (size >> 3) * (this.rts ? 3 : 5)
            if (rts !== this.rts) {
                this.rts = rts
                this.driveLines()
            }
        }
        const output = this.output
        if (output.left > 0 && !this.sending && this.sender.suspended)
            this.sender.resume(true)
        else if (
            output.drain &&
            output.left === 0 &&
            !this.sending &&
            this.cts
        ) {
            const rest = this.outAt - ds.millis()
            if (rest <= 0) output.drain = false
            if (rest < ms) ms = rest
        }
        await this.waiter.wait(ms)
        this.waiter.awake = false
    }

    wake() {
        this.waiter.wake()
    }

    async close(): Promise<void> {
        await this.serial.enabled.write(false)
    }
}
