/**
 * A UART behind the Jacdac service `Serial`: the virtual SIM800 in the
 * simulator, or any Jacdac serial module. RTS needs the service of
 * services/modem-lines.md beside it.
 *
 * Jacdac lets a program send 50 packets a second, of 236 bytes at most, so
 * this port transmits 11,800 byte/s; it receives as fast as the bus delivers.
 */
import * as ds from "@devicescript/core"
import { Ring } from "../core/ring"
import { UartPort } from "./uart"

/** Codes of the services `Serial` and `ModemLines`. */
enum Code {
    Data = 0x80,
    SetDteLines = 0x2080,
}

enum DteLine {
    Rts = 0x02,
}

/** Most bytes in a Jacdac packet. */
const PACKET = 236
/** How long to wait for a module to turn up, ms. */
const BIND_TIMEOUT = 10000
type Handler = (pkt: ds.Packet) => Promise<void>

export interface JacdacUartOptions {
    /** the role of the UART */
    serial: ds.Serial
    /** the role of its lines, `new ds.ModemLines()`, if they are there */
    lines?: ds.Role
}

export class JacdacUart implements UartPort {
    readonly flowControl: boolean
    overruns = 0

    private readonly serial: ds.Serial
    private readonly lines: ds.Role
    private readonly lineBits: Buffer
    private ring: Ring
    private rts = true
    private waiter: ds.Fiber
    private awake = false
    private sender: ds.Fiber
    /** what is being sent, undefined when the port is free */
    private packet: Buffer

    constructor(options: JacdacUartOptions) {
        this.serial = options.serial
        this.lines = options.lines
        this.flowControl = !!options.lines
        this.lineBits = Buffer.alloc(1)
    }

    async open(ring: Ring, baud: number): Promise<void> {
        const first = !this.ring
        this.ring = ring
        if (first) {
            this.listen()
            this.sender = this.send.start()
        }
        await this.bound(this.serial)
        await this.serial.baudRate.write(baud)
        await this.serial.enabled.write(true)
        if (this.lines) {
            await this.bound(this.lines)
            await this.setRts(true)
        }
    }

    private async bound(role: ds.Role) {
        const start = ds.millis()
        while (!role.isBound) {
            if (ds.millis() - start > BIND_TIMEOUT)
                throw new Error(
                    `no Jacdac service for the role ${role.spec.name}: is the modem on the bus?`
                )
            await ds.sleep(20)
        }
    }

    /**
     * Packets are taken where they come in: the emitter behind
     * `serial.report()` keeps only the last of two that come together.
     */
    private listen() {
        const self = this
        const others = this.serial._onPacket as Handler
        this.serial._onPacket = async function (pkt: ds.Packet) {
            if (pkt && pkt.isReport && pkt.serviceCommand === Code.Data) {
                const data = pkt.payload
                const n = self.ring.put(data, 0, data.length)
                self.overruns += data.length - n
                self.wake()
            } else await others(pkt)
        }
    }

    receive() {
        if (!this.lines) return
        // RTS takes some ms to the other end: 3/8 of the ring are for what
        // comes in the meantime
        const size = this.ring.size
        const free = size - this.ring.used
        if (this.rts ? free < (size >> 3) * 3 : free > (size >> 3) * 5)
            this.setRts.start(!this.rts)
    }

    private async setRts(on: boolean) {
        this.rts = on
        this.lineBits[0] = on ? DteLine.Rts : 0
        await this.lines.sendCommand(Code.SetDteLines, this.lineBits)
    }

    transmit(buf: Buffer, at: number, len: number): number {
        if (this.packet) return 0
        if (len > PACKET) len = PACKET
        this.packet = Buffer.alloc(len)
        this.packet.blitAt(0, buf, at, len)
        if (this.sender.suspended) this.sender.resume(true)
        return len
    }

    private async send() {
        while (true) {
            if (!this.packet) await ds.suspend()
            else {
                await this.serial.sendCommand(Code.Data, this.packet)
                this.packet = undefined
                this.wake()
            }
        }
    }

    async wait(ms: number): Promise<void> {
        if (this.awake || ms <= 0) await ds.sleep(0)
        else {
            this.waiter = ds.Fiber.self()
            await ds.suspend(ms)
            this.waiter = undefined
        }
        this.awake = false
    }

    wake() {
        this.awake = true
        if (this.waiter && this.waiter.suspended) this.waiter.resume(true)
    }

    async close(): Promise<void> {
        await this.serial.enabled.write(false)
    }
}
