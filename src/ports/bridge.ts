/**
 * A UART behind an SC16IS7xx bridge on I2C or SPI. It gives a stock board, for which
 * DeviceScript has no UART, one with all modem lines.
 *
 * While bytes are received, sent or expected at once, the driver's fiber takes turns
 * and polls the chip in each. When nothing is expected it naps, for 20 ms at most.
 * Without RTS and CTS it goes on with its turns, unless the line is too slow to overrun
 * the chip's 64 bytes during a nap.
 */
import { PROMPT, LF } from "../core/ascii"
import * as ds from "@devicescript/core"
import { Kind } from "../core/arguments"
import type { Output } from "../core/encoder"
import { Wired } from "../core/options"
import { Ring } from "../core/ring"
import {
    FIFO,
    FULL,
    RECEIVED,
    RegisterBus,
    Sc16is7xx,
    SENT,
    WORTHWHILE,
} from "./sc16is7xx"
import { bad, check, checkWord } from "../devicescript/arguments"
import { naps, sleep, turn, Waiter } from "./naps"
import { UartPort } from "./uart"

/** The used part of a pin: natives, without @devicescript/gpio. */
interface Pin {
    value: number
    setMode(mode: number): void
}

/**
 * Transfers into and out of existing buffers; @devicescript/i2c and /spi allocate new
 * ones.
 */
interface Natives {
    _i2cTransaction(address: number, write: Buffer, read: Buffer | null): number
    /** both of the same length; suspends the fiber until the transfer is complete */
    spiXfer(write: Buffer, read: Buffer): void
}

const ADDRESS = 0x48
const LAST_ADDRESS = 0x57

export interface I2cOptions {
    /** 7 bits, 0x48–0x57: 0x48 (default) with A0 and A1 at VDD */
    address?: number
}

/**
 * The I2C bus of the board, at most 400 kHz (`configureHardware`).
 * @throws a `Sim800Error` for an address that is impossible for the bridge
 */
export function i2cBus(options?: I2cOptions): RegisterBus {
    const address = (options && options.address) || ADDRESS
    check("address", Kind.Whole, address, ADDRESS, LAST_ADDRESS)
    return {
        device: address,
        transfer: (ds as unknown as Natives)._i2cTransaction,
    }
}

export interface SpiOptions {
    /** the pin at CS of the bridge */
    cs: ds.OutputPin
}

/** Bit of the address byte that means reading. */
const SPI_READ = 0x80

/**
 * Each transaction is one transfer both ways, in place: on an RP2040 the firmware
 * receives only while it sends, and waits for the end of sending only if it receives.
 * @devsWhenUsed
 */
class SpiBus implements RegisterBus {
    readonly device = 0
    readonly lead = 1
    readonly suspends = true
    private readonly cs: Pin

    constructor(cs: Pin) {
        this.cs = cs
        cs.setMode(ds.GPIOMode.OutputHigh)
    }

    transfer(_device: number, write: Buffer, read: Buffer | null): number {
        const cs = this.cs
        const address = write[0]
        const frame = read === null ? write : read
        if (read !== null) read[0] = address | SPI_READ
        let done = 0
        cs.setMode(ds.GPIOMode.OutputLow)
        try {
            ;(ds as unknown as Natives).spiXfer(frame, frame)
        } catch (_e) {
            // another fiber uses the bus, or the bus is not configured
            done = -1
        }
        cs.setMode(ds.GPIOMode.OutputHigh)
        write[0] = address
        return done
    }
}

/**
 * The SPI bus, set up by `spi.configure()`: mode 0, at most 4 MHz. Nothing else may use
 * it, since transfers suspend the fiber. On an RP2040 it has to be SPI0 (pins 0–7 and
 * 16–23): DeviceScript's firmware cannot receive from SPI1.
 * @throws a `Sim800Error` without a pin
 */
export function spiBus(options: SpiOptions): RegisterBus {
    check("options", Kind.Object, options)
    check("cs", Kind.Object, options.cs)
    return new SpiBus(options.cs as unknown as Pin)
}

export interface BridgeUartOptions {
    /** `i2cBus()`, `spiBus()`, or anything that reads and writes registers */
    bus: RegisterBus
    /** the modem's UART on a 752 or 762, "A" by default */
    channel?: "A" | "B"
    /** frequency of the crystal in Hz, 14745600 by default */
    crystal?: number
    /**
     * RTS and CTS are wired (default). The chip handles them by itself, and so does the
     * modem (AT+IFC=2,2).
     */
    flowControl?: boolean
    /**
     * The lines: each on the bridge's own pin (750 and up), on a pin of the
     * microcontroller, or not wired
     */
    dtr?: "bridge" | ds.OutputPin
    dcd?: "bridge" | ds.InputPin
    ri?: "bridge" | ds.InputPin
    /**
     * RESET and PWRKEY of the modem, on a pin of the microcontroller or on a GPIO of
     * the bridge, by its number. They are pulled low, or left floating.
     */
    reset?: ds.IOPin | number
    powerKey?: ds.IOPin | number
    /** RESET and PWRKEY are behind transistors: high on the pin pulls them low */
    transistors?: boolean
}

/** Crystal of most bridges, and the highest one allowed, Hz. */
const CRYSTAL = 14745600
const HIGHEST_CRYSTAL = 80000000

/** RESET has to be low for 105 ms; with a margin. */
const RESET_PULSE = 150
/** PWRKEY: to switch on, and to restart whether on or off; with a margin, ms */
const ON_PULSE = 1300
const RESTART_PULSE = 34000

/**
 * The fiber takes turns for this long after the last byte, either way, because more is
 * expected; after that, its longest nap; ms
 */
const EXPECTED = 30
const LONGEST = 20
/** shortest nap; below it the fiber takes turns, ms */
const SHORTEST = 3
/**
 * While the fiber takes turns, the main loop of the firmware (USB, the console) needs
 * one every 100 ms. After this many ms the port tries to give it one, with and without
 * RTS and CTS; not if transactions on the bus do so anyway.
 */
const SERVED = 60
const SERVED_UNHELD = 20
const NEVER = 0x7fffffff
/**
 * The FIFO is not read during that turn. It ends at the firmware's timer, which comes
 * every 10 ms, first a millisecond after it has woken the program: so it begins 4 or 3
 * ms earlier, else `keep()` is too late. An overdue turn may take longer: without RTS,
 * only as long as the FIFO can hold the received bytes; with RTS and CTS, as long as
 * necessary if it is urgent.
 */
const TICK = 10
const SHORT = 3
const LONG = 4
const LONGER = 6
const UNHELD = 5
const OVERDUE = 70
const URGENT = 80
/** Time for which the chip has enough to send, with RTS and CTS, ms. */
const REFILL = 3
/** If there is news, the chip is not polled again this soon after the last look, ms. */
const RECENT = 5
/** Bytes that may arrive without RTS in a nap that ends one timer late. */
const UNSEEN = 48
/** room in the ring for bytes that arrive before the main loop has its turn */
const ROOM = 128
/**
 * Without RTS the port polls the chip from the end of a command until its response, and
 * no other fiber has a turn: at most this many polls until the response begins, and
 * this many in a row without a byte. A poll takes half a millisecond. The third figure
 * is the most bytes to ask the modem for at a time
 */
const UNANSWERED = 80
const ANSWERED = 8
const ANSWER = 512
/** poll interval of DCD and RI, and the same while RI is low, ms */
const LINES_PAUSE = 20
const LINES_RINGING = 8
/** extra delay of that poll if there is news to report first, ms */
const LATE = 10
/** Bytes in the ring that are reported before their line ends. */
const HALF = 256
/** poll interval of line errors, ms */
const CHECK = 250

/** @devsWhenUsed */
export class BridgeUart implements UartPort {
    readonly wired: Wired
    readonly largestBurst: number
    dcd = false
    riPulse = 0
    overruns = 0
    /** @internal the chip, with its counters */
    readonly chip: Sc16is7xx

    /** @internal */
    readonly bus: RegisterBus
    /** pins of the microcontroller, undefined if the bridge has the line */
    private readonly dtrPin: Pin | undefined
    private readonly dcdPin: Pin | undefined
    private readonly riPin: Pin | undefined
    /** MSR has to be read */
    private readonly msr: boolean
    private readonly resetPin: ds.IOPin | number | undefined
    /** @internal */
    readonly powerKey: ds.IOPin | number | undefined
    private readonly transistors: boolean
    // from open() on
    private ring!: Ring
    private output!: Output
    private readonly waiter = new Waiter()
    /** the longest nap, ms */
    private longest = LONGEST
    /** ms of turns after which the main loop gets one */
    private serveAfter = SERVED
    /** when the chip was last polled, and when bytes were last received or sent */
    private lookedAt = 0
    private movedAt = 0
    /** end of the last nap */
    private nappedAt = 0
    /** until then only bytes need attention */
    private calmUntil = 0
    /** it was reported that the chip does not answer */
    private silent = false
    private linesAt = 0
    private checkedAt = 0
    private linesPause = LINES_PAUSE
    private ringing = false
    private ringingSince = 0

    /** @throws a `Sim800Error` for wrong options */
    constructor(options: BridgeUartOptions) {
        check("options", Kind.Object, options)
        const { bus, dtr, dcd, ri, channel, crystal } = options
        if (!bus || typeof bus.transfer !== "function")
            throw bad("bus", "give i2cBus() or spiBus()")
        if (channel !== undefined) checkWord("channel", channel, ["A", "B"])
        if (crystal !== undefined)
            check("crystal", Kind.Whole, crystal, 1, HIGHEST_CRYSTAL)
        check("flowControl", Kind.Flag, options.flowControl)
        check("transistors", Kind.Flag, options.transistors)
        this.bus = bus
        this.resetPin = options.reset
        this.powerKey = options.powerKey
        const held = options.flowControl !== false
        this.largestBurst = held ? 0 : ANSWER
        let wired = held ? Wired.RtsCts : Wired.None
        if (dtr !== undefined) wired |= Wired.Dtr
        if (dcd !== undefined) wired |= Wired.Dcd
        if (ri !== undefined) wired |= Wired.Ri
        if (this.resetPin !== undefined) wired |= Wired.Reset
        if (this.powerKey !== undefined) wired |= Wired.Reset | Wired.PowerKey
        this.wired = wired
        this.transistors = !!options.transistors
        this.dtrPin = pinOf(dtr)
        this.dcdPin = pinOf(dcd)
        this.riPin = pinOf(ri)
        this.msr = dcd === "bridge" || ri === "bridge"
        const modemPins = this.msr || dtr === "bridge"
        const second = channel === "B" ? 1 : 0
        const first = modemPins ? (second ? 0 : 4) : -4
        checkLine("dtr", dtr)
        checkLine("dcd", dcd)
        checkLine("ri", ri)
        checkPin("reset", this.resetPin, first)
        checkPin("powerKey", this.powerKey, first)
        this.chip = new Sc16is7xx(bus, {
            channel: second,
            crystal: crystal || CRYSTAL,
            modemPins,
            flowControl: held,
        })
    }

    async open(ring: Ring, output: Output, baud: number): Promise<void> {
        this.ring = ring
        this.output = output
        this.longest = LONGEST
        this.serveAfter = this.bus.suspends ? NEVER : SERVED
        if ((this.wired & Wired.RtsCts) === 0) {
            // a nap may end at the timer after its end
            const unseen = Math.floor((UNSEEN * 10000) / baud) - TICK
            if (unseen < LONGEST) this.longest = unseen
            if (!this.bus.suspends) this.serveAfter = SERVED_UNHELD
        }
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

    async wait(ms: number): Promise<void> {
        const chip = this.chip
        const ring = this.ring
        const output = this.output
        // not before `open()`
        if (!output) return
        const waiter = this.waiter
        const held = (this.wired & Wired.RtsCts) !== 0
        const watched = (this.wired & (Wired.Dcd | Wired.Ri)) !== 0
        const longest = this.longest
        const bus = this.bus
        const device = bus.device
        const askLevel = chip.askLevel
        const askData = chip.askData
        const one = chip.one
        const lead = chip.lead
        const blocks = chip.received
        const mask = ring.size - 1
        const lost = chip.lost
        const overruns = chip.overruns
        let now = ds.millis()
        const end = now + ms
        let moved = this.movedAt
        let looked = this.lookedAt
        let calm = this.calmUntil
        let sendAt = 0
        let news = false
        let half = false
        let due = false
        // the driver may have worked for as long as the FIFO can hold out
        let yielded = output.left === 0 && now - moved > EXPECTED
        while (true) {
            if (!yielded) {
                // other fibers have their turn after the first look
            } else if (
                news ||
                waiter.awake ||
                now - moved < EXPECTED ||
                end - now < SHORTEST ||
                longest < SHORTEST
            ) {
                naps.turning = true
                await turn(0)
                const since = ds.millis() - this.nappedAt
                due = since >= this.serveAfter
                if (due) {
                    // the chip has enough to send meanwhile
                    sendAt = 0
                    // ms until the firmware's next timer
                    let rest = TICK - ((since - 1) % TICK)
                    let most = LONG
                    if (held && since >= URGENT) {
                        most = TICK + SHORT
                        if (rest < LONG) rest += TICK
                    } else if (since >= OVERDUE) most = held ? LONGER : UNHELD
                    if (rest >= SHORT && rest <= most) {
                        await this.serve(rest)
                        due = false
                    }
                }
            } else {
                naps.turning = false
                const rest = end - now
                await waiter.wait(rest < longest ? rest : longest)
                const rested = naps.rested
                if (rested >= now && rested < ds.millis() && !waiter.awake)
                    this.nappedAt = ds.millis()
            }
            now = ds.millis()
            // the chip was polled just now, and there is nothing to send
            if (
                yielded &&
                output.left === 0 &&
                now - looked < RECENT &&
                (news || waiter.awake) &&
                (held || !due)
            )
                break

            looked = now
            // the frequent work is inlined, without a call
            let done = 0
            if (!held || chip.lost) done = chip.exchange(ring, output)
            else {
                let left = output.left
                if (left > 0 && now >= sendAt) {
                    if (
                        bus.transfer(device, chip.askRoom, one) !== 0 ||
                        one[lead] > FIFO
                    )
                        chip.fail()
                    else {
                        const room = one[lead]
                        let most = left < room ? left : room
                        // the last few bytes make a frame of their own
                        while (most === left ? left > 0 : most >= WORTHWHILE) {
                            const frame =
                                chip.frames[
                                    most <= 16 ? most : 12 + (most >> 2)
                                ]
                            const n = frame.length - 1
                            frame.blitAt(1, output.source, output.at, n)
                            if (bus.transfer(device, frame, null) !== 0) {
                                chip.fail()
                                break
                            }
                            done = SENT
                            output.at += n
                            left -= n
                            output.left = left
                            most = left <= room - n ? left : 0
                        }
                        if (left >= WORTHWHILE) sendAt = now + REFILL
                    }
                    chip.room = 0
                }
                if (
                    bus.transfer(device, askLevel, one) !== 0 ||
                    one[lead] > FIFO
                )
                    chip.fail()
                else if (one[lead] > 0) {
                    const level = one[lead]
                    const n = level <= 16 ? level : level & 0x7c
                    const head = (ring.tail + ring.used) & mask
                    if (
                        level >= FULL ||
                        n > ring.size - ring.used ||
                        n > ring.size - head
                    )
                        done |= chip.exchange(ring, output)
                    else {
                        const block = blocks[n <= 16 ? n : 12 + (n >> 2)]
                        if (bus.transfer(device, askData, block) !== 0)
                            chip.fail()
                        else {
                            ring.buf.blitAt(head, block, lead, n)
                            ring.used += n
                            done |= RECEIVED
                        }
                    }
                }
            }
            // the driver has to know after which bytes some are missing
            if (!held && chip.overruns !== overruns) {
                moved = now
                break
            }
            if (done !== 0) {
                moved = now
                if (done & RECEIVED) {
                    if (ring.used < ring.enough) {
                        // a payload, and more of it is due
                        if (yielded && now < calm && done === RECEIVED) continue
                    } else if (ring.enough > 0 || ring.used > HALF) news = true
                    else {
                        const last =
                            ring.buf[(ring.tail + ring.used - 1) & mask]
                        // a line end before a line is no news; nor is half a line,
                        // unless the rest does not come or it is a prompt, whose blank
                        // need not be awaited
                        if (last === LF ? ring.used > 2 : last === PROMPT)
                            news = true
                        else half = true
                    }
                }
                if (done & SENT && output.left === 0) {
                    if (output.tell) news = true
                    if (!held) {
                        if (this.answered()) news = true
                        if (chip.overruns !== overruns) break
                    }
                }
            } else if (half) news = true
            if (output.drain && output.left === 0 && chip.check()) {
                output.drain = false
                news = true
            }
            if (
                now >= calm &&
                (now >= calm + LATE || !(news || waiter.awake))
            ) {
                if (watched && this.readLines(now)) news = true
                if (done === 0 && now - this.checkedAt >= CHECK) {
                    this.checkedAt = now
                    chip.check()
                }
                calm = now + this.linesPause
                this.calmUntil = calm
            }
            if (
                yielded &&
                (news || waiter.awake || now >= end) &&
                // the modem's next bytes may be more than the chip can hold
                (held || !due || ring.size - ring.used < ROOM)
            )
                break
            yielded = true
        }
        waiter.awake = false
        this.movedAt = moved
        this.lookedAt = looked
        // a chip that was reset has lost its bytes
        this.overruns = chip.overruns + chip.resets
        // a chip that only missed a transaction is back by now
        if (chip.lost !== this.silent && chip.lost === lost) this.report()
    }

    /**
     * All of an output has been taken, and there is no RTS: fetches the modem's
     * response before any other fiber has a turn.
     * @returns whether it has answered
     */
    private answered(): boolean {
        const chip = this.chip
        const ring = this.ring
        const overruns = chip.overruns
        let looks = UNANSWERED
        let answered = false
        while (
            looks > 0 &&
            ring.size - ring.used > FIFO &&
            chip.overruns === overruns
        ) {
            if (chip.exchange(ring, this.output) & RECEIVED) {
                answered = true
                looks = ANSWERED
            } else looks--
        }
        return answered
    }

    /** Gives the main loop of the firmware its turn, for `ms`. */
    private async serve(ms: number): Promise<void> {
        const waiter = this.waiter
        const since = ds.millis()
        const awake = waiter.awake
        waiter.awake = false
        naps.turning = false
        await waiter.wait(ms)
        // it had none if this fiber was woken, or `keep()` was too late
        const rested = naps.rested
        const now = ds.millis()
        if (rested >= since && rested < now && !waiter.awake)
            this.nappedAt = now
        if (awake) waiter.awake = true
    }

    /** @returns whether DCD or RI have changed */
    private readLines(now: number): boolean {
        const seen = this.linesAt
        if (now - seen < this.linesPause) return false
        this.linesAt = now
        const changed = this.msr && this.chip.lines()
        if (
            !changed &&
            !(this.dcdPin && (this.dcdPin.value === 0) !== this.dcd) &&
            !(this.riPin && (this.riPin.value === 0) !== this.ringing)
        )
            return false
        return this.look(seen, now)
    }

    private report() {
        this.silent = this.chip.lost
        if (this.silent) console.warn("sim800: the UART bridge does not answer")
        else console.warn("sim800: the UART bridge answers again")
    }

    /**
     * Reads DCD and RI. The time of an edge is taken as half way between two looks.
     * @param seen time of the look before
     * @returns whether there is anything new
     */
    private look(seen: number, now: number): boolean {
        const chip = this.chip
        const edge = (seen + now) / 2
        let news = false
        if ((this.wired & Wired.Dcd) !== 0) {
            const dcd = this.dcdPin ? this.dcdPin.value === 0 : chip.dcd
            news = dcd !== this.dcd
            this.dcd = dcd
        }
        if ((this.wired & Wired.Ri) === 0) return news
        const low = this.riPin ? this.riPin.value === 0 : chip.ri
        if (chip.riEnded || (this.ringing && !low)) {
            // an unseen pulse is shorter than the interval of looks
            const since = this.ringing ? this.ringingSince : seen
            this.riPulse = Math.max(Math.round(edge - since), 1)
            this.ringing = false
            chip.riEnded = false
            news = true
        }
        if (low && !this.ringing) {
            this.ringing = true
            this.ringingSince = edge
        }
        this.linesPause = this.ringing ? LINES_RINGING : LINES_PAUSE
        this.calmUntil = now
        return news
    }

    wake() {
        this.waiter.wake()
    }

    setDtr(low: boolean) {
        if (this.dtrPin)
            this.dtrPin.setMode(
                low ? ds.GPIOMode.OutputLow : ds.GPIOMode.OutputHigh
            )
        else if ((this.wired & Wired.Dtr) !== 0) this.chip.setDtr(low)
    }

    /**
     * Resets by RESET, else by PWRKEY, which takes 34 s and switches the modem on if it
     * was off.
     */
    async reset(): Promise<void> {
        if (this.resetPin !== undefined)
            await this.pulse(this.resetPin, RESET_PULSE)
        else await this.pulse(this.powerKey, RESTART_PULSE)
    }

    /** Switches on a modem that is off; it switches off a SIM800C that is on. */
    async pressPowerKey(): Promise<void> {
        await this.pulse(this.powerKey, ON_PULSE)
    }

    private async pulse(pin: ds.IOPin | number | undefined, ms: number) {
        this.pull(pin, true)
        await sleep(ms)
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

function checkLine(name: string, line: unknown) {
    if (line !== undefined && line !== "bridge" && typeof line !== "object")
        throw bad(name, 'give a pin, or "bridge"')
}

/** @param first the first of the bridge's four pins for the modem's lines */
function checkPin(name: string, pin: unknown, first: number) {
    if (typeof pin === "number") {
        check(name, Kind.Whole, pin, 0, 7)
        if (pin >= first && pin < first + 4)
            throw bad(name, `GPIO${pin} of the bridge is a modem line`)
    } else if (pin !== undefined) check(name, Kind.Object, pin)
}
