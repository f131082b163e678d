/**
 * A UART behind an SC16IS7xx bridge on I2C or SPI: what gives a stock board,
 * which has none that DeviceScript knows of, a UART with all of its lines.
 *
 * The fiber of the driver sleeps between two looks at the chip: as long as
 * about 36 bytes take while data flow, so that one transaction fetches them,
 * and up to 20 ms when nothing does. Without RTS and CTS nothing may overrun
 * the 64 bytes of the chip, so it is less then.
 */
import * as ds from "@devicescript/core"
import { Ring } from "../core/ring"
import { FIFO, RegisterBus, Sc16is7xx, WORTHWHILE } from "./sc16is7xx"
import { UartPort } from "./uart"

/** What of a pin is used: natives, without @devicescript/gpio. */
interface Pin {
    value: number
    setMode(mode: number): void
}

/** Transfers into and out of buffers of one's own; @devicescript/i2c and /spi make new ones. */
interface Natives {
    _i2cTransaction(address: number, write: Buffer, read: Buffer | null): number
    /** both of the same length; suspends the fiber until it is through */
    spiXfer(write: Buffer, read: Buffer): void
}

export interface I2cOptions {
    /** 7 bits, 0x48–0x57: 0x48 (default) with A0 and A1 at VDD */
    address?: number
}

class I2cBus implements RegisterBus {
    private readonly address: number
    private readonly register: Buffer

    constructor(address: number) {
        this.address = address
        this.register = Buffer.alloc(1)
    }

    read(address: number, into: Buffer): boolean {
        this.register[0] = address
        return (
            (ds as unknown as Natives)._i2cTransaction(
                this.address,
                this.register,
                into
            ) === 0
        )
    }

    write(frame: Buffer): boolean {
        return (
            (ds as unknown as Natives)._i2cTransaction(
                this.address,
                frame,
                null
            ) === 0
        )
    }
}

/** The I2C bus of the board, at most 400 kHz (`configureHardware`). */
export function i2cBus(options?: I2cOptions): RegisterBus {
    return new I2cBus((options && options.address) || 0x48)
}

export interface SpiOptions {
    /** the pin at CS of the bridge */
    cs: ds.OutputPin
}

/** To read, in the address byte. */
const SPI_READ = 0x80

/**
 * Each transaction is one transfer both ways: on an RP2040 the firmware clocks
 * nothing in without sending, and waits for what it sends only if it receives.
 */
class SpiBus implements RegisterBus {
    private readonly cs: Pin
    /** sent and received in; by length, as the buffers of the chip's driver */
    private readonly frames: Buffer[] = []

    constructor(cs: Pin) {
        this.cs = cs
        let length = 0
        while (length <= FIFO) {
            this.frames.push(Buffer.alloc(length + 1))
            length += length < 16 ? 1 : 4
        }
        cs.setMode(ds.GPIOMode.OutputHigh)
    }

    read(address: number, into: Buffer): boolean {
        const n = into.length
        const frame = this.frames[n <= 16 ? n : 12 + (n >> 2)]
        frame[0] = SPI_READ | address
        let done = true
        this.cs.setMode(ds.GPIOMode.OutputLow)
        try {
            ;(ds as unknown as Natives).spiXfer(frame, frame)
        } catch (_e) {
            // another fiber uses the bus, or it has not been configured
            done = false
        }
        this.cs.setMode(ds.GPIOMode.OutputHigh)
        into.blitAt(0, frame, 1, n)
        return done
    }

    write(bytes: Buffer): boolean {
        const n = bytes.length - 1
        const frame = this.frames[n <= 16 ? n : 12 + (n >> 2)]
        // what comes in meanwhile would overwrite the driver's
        frame.blitAt(0, bytes, 0, n + 1)
        let done = true
        this.cs.setMode(ds.GPIOMode.OutputLow)
        try {
            ;(ds as unknown as Natives).spiXfer(frame, frame)
        } catch (_e) {
            done = false
        }
        this.cs.setMode(ds.GPIOMode.OutputHigh)
        return done
    }
}

/**
 * The SPI bus, as `spi.configure()` has set it up: mode 0, at most 4 MHz. It is
 * the bridge's alone: transfers suspend the fiber. On an RP2040 it has to be
 * SPI0 (pins 0–7 and 16–23): DeviceScript's firmware receives from no other.
 */
export function spiBus(options: SpiOptions): RegisterBus {
    return new SpiBus(options.cs as unknown as Pin)
}

export interface BridgeUartOptions {
    /** `i2cBus()`, `spiBus()`, or anything that reads and writes registers */
    bus: RegisterBus
    /** the UART of a 752 or 762 that the modem is wired to, "A" by default */
    channel?: "A" | "B"
    /** frequency of the crystal in Hz, 14745600 by default */
    crystal?: number
    /**
     * RTS and CTS are wired (default). The chip works them by itself, and the
     * modem is told to (AT+IFC=2,2).
     */
    flowControl?: boolean
    /**
     * Without RTS and CTS only: true promises that the program never keeps the
     * driver from running for more than 5 ms, so that received data may be
     * fetched as fast as they can be. Else 13 bytes are at a time.
     */
    neverStalls?: boolean
    /**
     * The lines, each at the bridge's own pin (750 and up), at a pin of the
     * microcontroller, or not wired
     */
    dtr?: "bridge" | ds.OutputPin
    dcd?: "bridge" | ds.InputPin
    ri?: "bridge" | ds.InputPin
    /**
     * RESET and PWRKEY of the modem, at a pin of the microcontroller or at a
     * GPIO of the bridge by its number. They are pulled low, else let go of.
     */
    reset?: ds.IOPin | number
    powerKey?: ds.IOPin | number
    /** RESET and PWRKEY are behind transistors: high on the pin pulls them low */
    transistors?: boolean
}

/** RESET has to be low for 105 ms; and a margin. */
const RESET_PULSE = 150
/** PWRKEY: switches on, and restarts whether on or off; with a margin, ms */
const ON_PULSE = 1300
const RESTART_PULSE = 34000

/** So many bytes are let come together while data flow, with RTS and without. */
const GATHER = 36
const GATHER_UNHELD = 8
/** No more than these may come unseen without RTS. */
const UNSEEN = 36
/** Without RTS: what is sent at a time, and received before that has to wait. */
const BLOCK_UNHELD = 32
const FLOOD = 16
/** between two looks at the chip, at most, ms */
const LONGEST_FLOW = 5
const LONGEST = 20
/** between two looks at DCD and RI, and while RI is low, ms */
const LINES = 20
const LINES_RINGING = 8
/** between two looks for line errors, ms */
const CHECK = 250

export class BridgeUart implements UartPort {
    readonly flowControl: boolean
    readonly largestBurst: number
    readonly hasDtr: boolean
    readonly hasDcd: boolean
    readonly hasRi: boolean
    readonly hasReset: boolean
    readonly hasPowerKey: boolean
    dcd = false
    riPulse = 0
    overruns = 0
    /** the chip, with its counters */
    readonly chip: Sc16is7xx

    /** @internal */
    readonly bus: RegisterBus
    /** DCD or RI is wired */
    private readonly wired: boolean
    /** pins of the microcontroller, undefined where the bridge has the line */
    private readonly dtrPin: Pin | undefined
    private readonly dcdPin: Pin | undefined
    private readonly riPin: Pin | undefined
    /** MSR has to be read */
    private readonly msr: boolean
    private readonly resetPin: ds.IOPin | number | undefined
    /** @internal */
    readonly powerKey: ds.IOPin | number | undefined
    private readonly transistors: boolean
    private ring: Ring
    /** between two looks at the chip: the shortest, the longest, now; ms */
    private shortest = 1
    private longest = 1
    private pause = 1
    /** how much `receive()` has found */
    private received = 0
    /** there was no room for what is to be sent */
    private blocked = false
    private awake = false
    private waiter: ds.Fiber | undefined
    /** it has been told that the chip does not answer */
    private silent = false
    private linesAt = 0
    /** DCD or RI may have changed */
    private linesNew = false
    private checkedAt = 0
    private ringing = false
    private ringingSince = 0

    /** @throws for pins that can not be */
    constructor(options: BridgeUartOptions) {
        const { dtr, dcd, ri } = options
        this.flowControl = options.flowControl !== false
        this.largestBurst = this.flowControl || options.neverStalls ? 0 : FIFO
        this.hasDtr = dtr !== undefined
        this.hasDcd = dcd !== undefined
        this.hasRi = ri !== undefined
        this.wired = this.hasDcd || this.hasRi
        this.bus = options.bus
        this.resetPin = options.reset
        this.powerKey = options.powerKey
        this.hasReset =
            this.resetPin !== undefined || this.powerKey !== undefined
        this.hasPowerKey = this.powerKey !== undefined
        this.transistors = !!options.transistors
        this.dtrPin = pinOf(dtr)
        this.dcdPin = pinOf(dcd)
        this.riPin = pinOf(ri)
        this.msr = dcd === "bridge" || ri === "bridge"
        const modemPins = this.msr || dtr === "bridge"
        const channel = options.channel === "B" ? 1 : 0
        if (modemPins) {
            refuseModemPin("reset", this.resetPin, channel)
            refuseModemPin("powerKey", this.powerKey, channel)
        }
        // replaced by open()
        this.ring = new Ring(2)
        this.chip = new Sc16is7xx(options.bus, {
            channel,
            crystal: options.crystal || 14745600,
            modemPins,
            flowControl: this.flowControl,
        })
    }

    async open(ring: Ring, baud: number): Promise<void> {
        this.ring = ring
        const byte = 10000 / baud
        const held = this.flowControl
        const gather = Math.floor((held ? GATHER : GATHER_UNHELD) * byte)
        this.shortest = Math.min(gather, LONGEST_FLOW)
        const most = held ? LONGEST : Math.floor(UNSEEN * byte)
        this.longest = Math.max(Math.min(most, LONGEST), 1)
        this.pause = this.shortest
        if (!this.chip.setup(baud))
            throw new Error(
                "no SC16IS7xx answers: check its address, SDA and SCL (or CS), supply, and that its reset is high"
            )
        if (this.dtrPin) this.dtrPin.setMode(ds.GPIOMode.OutputLow)
        if (this.dcdPin) this.dcdPin.setMode(ds.GPIOMode.InputPullUp)
        if (this.riPin) this.riPin.setMode(ds.GPIOMode.InputPullUp)
        this.pull(this.resetPin, false)
        this.pull(this.powerKey, false)
        this.linesAt = ds.millis()
        if (this.msr) this.chip.lines()
        this.look(this.linesAt, this.linesAt)
    }

    receive() {
        const chip = this.chip
        this.received = 0
        // wait() has just asked
        if (chip.waiting > 0) {
            this.received = chip.receive(this.ring)
            this.pause = this.shortest
        }
        // a chip that was reset has lost what it had
        this.overruns = chip.overruns + chip.resets
    }

    transmit(buf: Buffer, at: number, len: number): number {
        let n = 0
        if (this.flowControl) n = this.chip.transmit(buf, at, len)
        else if (this.received < FLOOD) {
            // the line fills the FIFO while the bus is busy with this
            n = this.chip.transmit(buf, at, Math.min(len, BLOCK_UNHELD))
            this.received = FLOOD
        }
        this.blocked = n === 0
        this.pause = this.shortest
        return n
    }

    async wait(ms: number): Promise<void> {
        const chip = this.chip
        const lost = chip.lost
        const start = ds.millis()
        let now = start
        let news = false
        while (!news) {
            let nap = ms - (now - start)
            if (nap > this.pause) nap = this.pause
            if (this.awake || nap <= 0) {
                await ds.sleep(0)
                if (this.awake || ms <= now - start) news = true
            } else {
                this.waiter = ds.Fiber.self()
                await ds.suspend(nap)
                this.waiter = undefined
                if (this.awake) news = true
            }
            now = ds.millis()
            const seen = this.linesAt
            if (
                this.wired &&
                now - seen >= (this.ringing ? LINES_RINGING : LINES)
            ) {
                this.linesAt = now
                if (this.msr && chip.lines()) this.linesNew = true
                if (
                    (this.dcdPin && (this.dcdPin.value === 0) !== this.dcd) ||
                    (this.riPin && (this.riPin.value === 0) !== this.ringing)
                )
                    this.linesNew = true
                if (this.linesNew && this.look(seen, now)) news = true
            }
            // as chip.level() does, which is a call
            if (
                !chip.lost &&
                this.bus.read(chip.levelAddress, chip.one) &&
                chip.one[0] <= FIFO
            )
                chip.waiting = chip.one[0]
            else chip.level()
            if (chip.waiting > 0) news = true
            else if (this.blocked && chip.space() >= WORTHWHILE) news = true
            else if (now - start >= ms) news = true
            else this.rest(now)
        }
        this.awake = false
        // one that has only missed a transaction is back by now
        if (chip.lost !== this.silent && chip.lost === lost) this.report()
    }

    /** Nothing has happened: the next look may be later. */
    private rest(now: number) {
        if (now - this.checkedAt >= CHECK) {
            this.checkedAt = now
            this.chip.check()
        }
        let most = this.longest
        if (this.ringing && most > LINES_RINGING) most = LINES_RINGING
        else if (this.hasRi && most > LINES) most = LINES
        this.pause = Math.min(this.pause * 2 || 1, most)
    }

    private report() {
        this.silent = this.chip.lost
        if (this.silent) console.warn("sim800: the UART bridge does not answer")
        else console.warn("sim800: the UART bridge answers again")
    }

    /**
     * Takes in what DCD and RI have become. An edge is taken to have been half
     * way between two looks.
     * @param seen when they were looked at before
     * @returns whether there is anything new
     */
    private look(seen: number, now: number): boolean {
        const chip = this.chip
        const edge = (seen + now) / 2
        this.linesNew = false
        let news = false
        if (this.hasDcd) {
            const dcd = this.dcdPin ? this.dcdPin.value === 0 : chip.dcd
            news = dcd !== this.dcd
            this.dcd = dcd
        }
        if (!this.hasRi) return news
        const low = this.riPin ? this.riPin.value === 0 : chip.ri
        if (chip.riEnded || (this.ringing && !low)) {
            // one that was never seen is shorter than from look to look
            const since = this.ringing ? this.ringingSince : seen
            this.riPulse = Math.max(Math.round(edge - since), 1)
            this.ringing = false
            chip.riEnded = false
            news = true
        }
        if (low && !this.ringing) {
            this.ringing = true
            this.ringingSince = edge
            if (this.pause > LINES_RINGING) this.pause = LINES_RINGING
        }
        return news
    }

    wake() {
        this.awake = true
        if (this.waiter && this.waiter.suspended) this.waiter.resume(true)
    }

    setDtr(low: boolean) {
        if (this.dtrPin)
            this.dtrPin.setMode(
                low ? ds.GPIOMode.OutputLow : ds.GPIOMode.OutputHigh
            )
        else if (this.hasDtr) this.chip.setDtr(low)
    }

    /**
     * By RESET, or else by PWRKEY, which takes 34 s and switches the modem on
     * if it was off.
     */
    async reset(): Promise<void> {
        if (this.resetPin !== undefined)
            await this.pulse(this.resetPin, RESET_PULSE)
        else await this.pulse(this.powerKey, RESTART_PULSE)
    }

    /** Switches on a modem that is off; a SIM800C that is on goes off. */
    async pressPowerKey(): Promise<void> {
        await this.pulse(this.powerKey, ON_PULSE)
    }

    private async pulse(pin: ds.IOPin | number | undefined, ms: number) {
        this.pull(pin, true)
        await ds.sleep(ms)
        this.pull(pin, false)
    }

    private pull(pin: ds.IOPin | number | undefined, low: boolean) {
        const high = this.transistors
        if (typeof pin === "number") {
            const rest = high ? 0 : -1
            this.chip.setPin(pin, low ? (high ? 1 : 0) : rest)
        } else if (pin) {
            const rest = high ? ds.GPIOMode.OutputLow : ds.GPIOMode.Input
            const pulled = high ? ds.GPIOMode.OutputHigh : ds.GPIOMode.OutputLow
            ;(pin as unknown as Pin).setMode(low ? pulled : rest)
        }
    }

    async close(): Promise<void> {}
}

function pinOf(line: unknown): Pin | undefined {
    return line === "bridge" ? undefined : (line as Pin)
}

/** The lines of a modem take four of the bridge's pins. */
function refuseModemPin(option: string, pin: unknown, channel: number) {
    const first = channel ? 0 : 4
    if (typeof pin === "number" && pin >= first && pin < first + 4)
        throw new Error(
            `option "${option}": GPIO${pin} of the bridge is a modem line`
        )
}
