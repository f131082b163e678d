/**
 * The modem's UART and lines at pins of Espruino.
 *
 * Serial gives strings of up to 63 bytes. They are put together, and go to the
 * ring when so many have come that the driver can do something with them: a call
 * of JavaScript is dearer than a byte. What is sent goes to Serial at the pace of
 * the line: its queue has room for 255 bytes, and whoever sends more waits in it.
 */
import type { Output } from "../core/encoder"
import { Wired, type PortAbilities } from "../core/options"
import type { Ring } from "../core/ring"
import type { Wires } from "./api"

/** most bytes that Serial is given at a time */
const PIECE = 240
/** … where the modem may hold them up (CTS): what is on its way still comes */
const PIECE_CTS = 60
/** between two looks at CTS while it is off, ms */
const CTS_LOOK = 5
/** bits of a byte on the line: 8N1 */
const BITS = 10
/** bytes that are kept for a driver that does not look */
const MOST_PENDING = 4096

/** RESET has to be low for 105 ms; and a margin. */
const RESET_PULSE = 150
/** PWRKEY: switches on, and restarts whether on or off; with a margin, ms */
const ON_PULSE = 1300
const RESTART_PULSE = 34000

/** Who is told by a port. */
export interface PortOwner {
    /** there is something to look at */
    pump(): void
    /** a pulse on RI was so long, ms */
    pulsed(ms: number): void
}

export class Port implements PortAbilities {
    readonly wired: Wired
    readonly largestBurst: number
    /** times that bytes were lost */
    overruns = 0
    /** bytes were lost behind those that `take()` will put into the ring */
    lost = false
    /** RESET or PWRKEY is being pulled: nobody talks to the modem */
    held = false

    private readonly serial: Serial
    private readonly wires: Wires
    private readonly heard: (data: string) => void
    private owner: PortOwner | null = null
    private ring: Ring | null = null
    private output: Output | null = null
    /** what has come and is not in the ring */
    unread = ""
    /** bytes that have to come before the driver looks */
    enough = 0
    private baud = 0
    private sending = false
    /** when the UART will have sent all that it was given, s */
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
        // an event has two bytes more, for 63 at most; others are in the queue as well
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

    /** A pin that pulls low only: RESET and PWRKEY have pull-ups of their own. */
    private rest(pin: Pin | undefined) {
        if (pin === undefined) return
        pinMode(pin, this.wires.inverted ? "output" : "opendrain")
        digitalWrite(pin, this.wires.inverted ? 0 : 1)
    }

    /** Lets go of the UART. */
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

    /** Puts what has come into the ring. */
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

    /** Puts what reaches beyond the end of the ring, or does not fit. */
    private wrap(ring: Ring, data: string) {
        const taken = ring.put(data as unknown as Buffer, 0, data.length)
        this.unread = data.substr(taken)
        if (this.unread.length <= MOST_PENDING) return
        this.unread = ""
        this.lost = true
    }

    /** Whether one of Espruino's flags says that bytes were lost. */
    private flagged(flags: string[]) {
        for (let i = 0; i < flags.length; i++)
            if (
                flags[i] === "FIFO_FULL" ||
                flags[i] === "BUFFER_FULL" ||
                flags[i] === "UART_OVERFLOW"
            )
                this.lost = true
    }

    /** Sends what is to be sent, unless that is under way. */
    send() {
        if (this.sending) return
        const busy = this.busy()
        if (busy > 0) this.later(busy)
        else this.piece()
    }

    /** ms until all that Serial was given is on the wire; a clock that was set tells nothing. */
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

    /** All has been taken: tells the owner if it waits for that, or for an idle wire. */
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

    /** Switches a modem on that is off. */
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
