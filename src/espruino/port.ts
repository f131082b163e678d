/**
 * The modem's UART and lines on pins of Espruino.
 *
 * Serial gives strings of up to 63 bytes. They are joined, and go to the ring once the
 * driver has a use for them: a call of JavaScript costs more than a byte. Output goes
 * to Serial at the pace of the line: its queue has room for 255 bytes, and sending more
 * would block.
 */
import type { Output } from "../core/encoder"
import { Wired, type PortAbilities } from "../core/options"
import type { Ring } from "../core/ring"
import type { Wires } from "./api"

/** most bytes for Serial at a time */
const PIECE = 240
/** … if the modem may hold them up (CTS): bytes given to Serial still go out */
const PIECE_CTS = 60
/** poll interval of CTS while it is off, ms */
const CTS_LOOK = 5
/** bits of a byte on the line: 8N1 */
const BITS = 10
/** most bytes kept while the driver does not run */
const MOST_PENDING = 4096

/** RESET has to be low for 105 ms; with a margin. */
const RESET_PULSE = 150
/** PWRKEY: to switch on, and to restart whether on or off; with a margin, ms */
const ON_PULSE = 1300
const RESTART_PULSE = 34000

/** The owner of a port. */
export interface PortOwner {
    /** there is work for the driver */
    pump(): void
    /** length of a pulse on RI, ms */
    pulsed(ms: number): void
}

export class Port implements PortAbilities {
    readonly wired: Wired
    readonly largestBurst: number
    /** times that bytes were lost */
    overruns = 0
    /** bytes were lost after those that `take()` will put into the ring */
    lost = false
    /** RESET or PWRKEY is being pulled: nothing is sent to the modem */
    held = false

    private readonly serial: Serial
    private readonly wires: Wires
    private readonly heard: (data: string) => void
    private owner: PortOwner | null = null
    private ring: Ring | null = null
    private output: Output | null = null
    /** received bytes not yet in the ring */
    unread = ""
    /** bytes that have to come before the driver runs */
    enough = 0
    private baud = 0
    private sending = false
    /** when the UART will have sent all its bytes, s */
    private idleAt = 0
    private watches: number[]

    constructor(serial: Serial, wires: Wires) {
        const rx = process.memory(false).rx
        this.serial = serial
        this.wires = wires
        let wired = wires.rts !== undefined ? Wired.RtsCts : Wired.None
        if (wires.dtr !== undefined) wired |= Wired.Dtr
        if (wires.dcd !== undefined) wired |= Wired.Dcd
        if (wires.reset !== undefined) wired |= Wired.Reset
        if (wires.powerKey !== undefined) wired |= Wired.Reset | Wired.PowerKey
        this.wired = wired
        let burst = wires.burst
        // an event of 63 bytes or fewer takes two bytes more; the queue holds other
        // events as well
        if (burst === undefined) burst = rx ? (rx.total * 3) >> 2 : 0
        this.largestBurst = (wired & Wired.RtsCts) !== 0 ? 0 : burst
        this.watches = []
        this.heard = (data: string) => {
            if ((this.unread += data).length < this.enough) return
            if (this.owner !== null) this.owner.pump()
        }
    }

    /** Opens the UART, 8N1, or opens it again at another rate. */
    open(owner: PortOwner, ring: Ring, output: Output, baud: number) {
        const wires = this.wires
        const first = this.owner === null
        const options: Record<string, unknown> = {}
        const given = wires.serial as Record<string, unknown>
        for (const name in given) options[name] = given[name]
        if (wires.rx !== undefined) options["rx"] = wires.rx
        if (wires.tx !== undefined) options["tx"] = wires.tx
        if (wires.rts !== undefined) options["cts"] = wires.rts
        this.owner = owner
        this.ring = ring
        this.output = output
        this.baud = baud
        this.serial.setup(baud, options)
        if (!first) return
        this.unread = ""
        this.serial.on("data", this.heard)
        if (wires.power !== undefined) digitalWrite(wires.power, 1)
        this.rest(wires.reset)
        this.rest(wires.powerKey)
        if (wires.cts !== undefined) pinMode(wires.cts, "input")
        if (wires.dcd !== undefined) {
            pinMode(wires.dcd, "input")
            this.watch(wires.dcd, () => this.told())
        }
        if (wires.ri !== undefined) {
            this.watch(wires.ri, e => {
                if (e.state) owner.pulsed((e.time - e.lastTime) * 1000)
            })
        }
    }

    private watch(pin: Pin, f: (e: WatchEvent) => void) {
        this.watches.push(setWatch(f, pin, { edge: "both", repeat: true }))
    }

    /** Releases a pin that only pulls low: RESET and PWRKEY have their own pull-ups. */
    private rest(pin: Pin | undefined) {
        if (pin === undefined) return
        pinMode(pin, this.wires.inverted ? "output" : "opendrain")
        digitalWrite(pin, this.wires.inverted ? 0 : 1)
    }

    /** Releases the UART. */
    close() {
        for (let i = 0; i < this.watches.length; i++)
            clearWatch(this.watches[i])
        this.watches = []
        this.serial.removeListener("data", this.heard)
        this.owner = null
        this.ring = null
        this.output = null
    }

    private told() {
        if (this.owner !== null) this.owner.pump()
    }

    /** Puts received bytes into the ring. */
    take() {
        const data = this.unread
        const ring = this.ring
        if (!data || ring === null) return
        const n = data.length
        const size = ring.size
        const head = (ring.tail + ring.used) & (size - 1)
        const room = size - ring.used
        if (n <= room && head + n <= size) {
            const bytes = ring.buf as unknown as Uint8Array
            bytes.set(data, head)
            ring.used += n
            this.unread = ""
        } else this.wrap(ring, data)
        const flags = E.getErrorFlags()
        if (flags[0]) this.flagged(flags)
    }

    /** Puts bytes that wrap around the end of the ring, or do not fit. */
    private wrap(ring: Ring, data: string) {
        const taken = ring.put(data as unknown as Buffer, 0, data.length)
        this.unread = data.substr(taken)
        if (this.unread.length <= MOST_PENDING) return
        this.unread = ""
        this.lost = true
    }

    /** Whether one of Espruino's flags reports a loss of bytes. */
    private flagged(flags: string[]) {
        for (let i = 0; i < flags.length; i++)
            if (
                flags[i] === "FIFO_FULL" ||
                flags[i] === "BUFFER_FULL" ||
                flags[i] === "UART_OVERFLOW"
            )
                this.lost = true
    }

    /** Begins to send the output, unless that is under way. */
    send() {
        if (this.sending) return
        const busy = this.busy()
        if (busy > 0) this.later(busy)
        else this.piece()
    }

    /**
     * ms until all of Serial's bytes are on the wire; meaningless after the clock was
     * set.
     */
    private busy(): number {
        const left = (this.idleAt - getTime()) * 1000
        return left <= (PIECE * BITS * 1000) / this.baud ? left : 0
    }

    private piece() {
        const output = this.output
        this.sending = false
        if (output === null) return
        if (output.left <= 0) {
            this.drained(output)
            return
        }
        const cts = this.wires.cts
        let pause = CTS_LOOK
        if (cts === undefined || !digitalRead(cts)) {
            const most = cts === undefined ? PIECE : PIECE_CTS
            const n = output.left < most ? output.left : most
            const at = output.at
            const source = output.source as unknown
            this.serial.write(
                typeof source === "string"
                    ? source.substr(at, n)
                    : (source as Uint8Array).subarray(at, at + n)
            )
            output.at = at + n
            output.left -= n
            pause = (n * BITS * 1000) / this.baud
            this.idleAt = getTime() + pause / 1000
        }
        if (output.left > 0) this.later(pause)
        else this.drained(output)
    }

    private later(ms: number) {
        this.sending = true
        setTimeout(() => this.piece(), ms)
    }

    /** All output is taken: tells the owner if it waits for that, or for an idle wire. */
    private drained(output: Output) {
        if (output.drain) {
            const busy = this.busy()
            if (busy > 0) {
                this.later(busy + 1)
                return
            }
            output.drain = false
            this.told()
        } else if (output.tell) {
            output.tell = false
            this.told()
        }
    }

    /** DCD is low: there is a connection (application note 10). */
    hasCarrier(): boolean {
        const pin = this.wires.dcd
        return pin !== undefined && !digitalRead(pin)
    }

    setDtr(low: boolean) {
        if (this.wires.dtr !== undefined) digitalWrite(this.wires.dtr, !low)
    }

    /** Resets the modem, by RESET, else by PWRKEY. */
    reset() {
        const pin = this.wires.reset
        if (pin !== undefined) this.pull(pin, RESET_PULSE)
        else this.pull(this.wires.powerKey, RESTART_PULSE)
    }

    /** Switches on a modem that is off. */
    pressPowerKey() {
        this.pull(this.wires.powerKey, ON_PULSE)
    }

    private pull(pin: Pin | undefined, ms: number) {
        if (pin === undefined) return
        const low = this.wires.inverted ? 1 : 0
        this.held = true
        digitalWrite(pin, low)
        setTimeout(() => {
            digitalWrite(pin, 1 - low)
            this.held = false
            this.told()
        }, ms)
    }
}
