/**
 * A UART behind an SC16IS7xx bridge on I2C or SPI. It gives a stock board, which has no
 * UART that DeviceScript knows of, one with all of its lines.
 *
 * While bytes come, go or may come at once, the fiber of the driver takes turns
 * and looks at the chip in each. It naps, for 20 ms at most, when nothing is
 * expected. Without RTS and CTS it goes on with its turns, unless the line is so
 * slow that nothing overruns the chip's 64 bytes during a nap.
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

/** What of a pin is used: natives, without @devicescript/gpio. */
interface Pin {
    value: number
    setMode(mode: number): void
}

/**
 * Transfers into and out of buffers that exist already; @devicescript/i2c and /spi make
 * new ones.
 */
interface Natives {
    _i2cTransaction(address: number, write: Buffer, read: Buffer | null): number
    /** both of the same length; suspends the fiber until it is through */
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
 * @throws a `Sim800Error` for an address that the bridge can not have
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

/** To read, in the address byte. */
const SPI_READ = 0x80

/**
 * Each transaction is one transfer both ways, in place: on an RP2040 the firmware
 * clocks nothing in without sending, and waits for what it sends only if it
 * receives.
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
            // another fiber uses the bus, or it has not been configured
            done = -1
        }
        cs.setMode(ds.GPIOMode.OutputHigh)
        write[0] = address
        return done
    }
}

/**
 * The SPI bus, as `spi.configure()` has set it up: mode 0, at most 4 MHz. It is
 * the bridge's alone: transfers suspend the fiber. On an RP2040 it has to be
 * SPI0 (pins 0–7 and 16–23): DeviceScript's firmware receives from no other.
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

/** What most bridges have, and the most that any may have, Hz. */
const CRYSTAL = 14745600
const HIGHEST_CRYSTAL = 80000000

/** RESET has to be low for 105 ms; and a margin. */
const RESET_PULSE = 150
/** PWRKEY: switches on, and restarts whether on or off; with a margin, ms */
const ON_PULSE = 1300
const RESTART_PULSE = 34000

/**
 * How long after the last byte, either way, more is expected, so that the fiber takes
 * turns; and how long the naps behind that are at most; ms
 */
const EXPECTED = 30
const LONGEST = 20
/** a nap that is shorter is taken as turns, ms */
const SHORTEST = 3
/**
 * While the fiber takes turns, the main loop of the firmware (USB, the console) has to
 * get its own every 100 ms. The port tries to give it one from this many ms on, with
 * and without RTS and CTS; never where transactions on the bus let it have its turn.
 */
const SERVED = 60
const SERVED_UNHELD = 20
const NEVER = 0x7fffffff
/**
 * Nothing comes out of the FIFO meanwhile. It ends with the firmware's timer,
 * which comes every 10 ms, the first time a millisecond after it has woken the
 * program: so it begins 4 or 3 ms before, else `keep()` is too late. If it is overdue
 * it may take longer, without RTS no longer than the FIFO holds what comes; with RTS
 * and CTS it takes as long as it has to if it is urgent.
 */
const TICK = 10
const SHORT = 3
const LONG = 4
const LONGER = 6
const UNHELD = 5
const OVERDUE = 70
const URGENT = 80
/** How long the chip has enough to send, with RTS and CTS, ms. */
const REFILL = 3
/** If there is news, there is no second look this soon after the last one, ms. */
const RECENT = 5
/** Bytes that may come unseen without RTS, in a nap that ends one timer late. */
const UNSEEN = 48
/** room in the ring for what comes in while the main loop's turn is waited for */
const ROOM = 128
/**
 * Without RTS the port looks again and again from the end of a command on until it is
 * answered, and nobody else has a turn: this many looks until the answer begins, this
 * many while nothing comes any more. A look takes half a millisecond. The third figure
 * is the most bytes that the modem is asked for at a time
 */
const UNANSWERED = 80
const ANSWERED = 8
const ANSWER = 512
/** between two looks at DCD and RI, and while RI is low, ms */
const LINES_PAUSE = 20
const LINES_RINGING = 8
/** how much later the lines are looked at if there is news that can be told first */
const LATE = 10
/** Bytes in the ring that are worth a look before their line ends. */
const HALF = 256
/** between two looks for line errors, ms */
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
    // from open() on
    private ring!: Ring
    private output!: Output
    private readonly waiter = new Waiter()
    /** the longest nap, ms */
    private longest = LONGEST
    /** ms of turns after which the main loop gets its own */
    private serveAfter = SERVED
    /** when the chip was looked at, and when bytes came or went */
    private lookedAt = 0
    private movedAt = 0
    /** when the last nap was over */
    private nappedAt = 0
    /** until then there is nothing but bytes */
    private calmUntil = 0
    /** it has been told that the chip does not answer */
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
            // a nap may end with the timer behind its end
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
        // the driver may have been at work for as long as the FIFO holds
        let yielded = output.left === 0 && now - moved > EXPECTED
        while (true) {
            if (!yielded) {
                // others have their turn behind the first look
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
                    // the firmware's next timer is so many ms away
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
            // it has been looked at just now, and there is nothing to send
            if (
                yielded &&
                output.left === 0 &&
                now - looked < RECENT &&
                (news || waiter.awake) &&
                (held || !due)
            )
                break

            looked = now
            // what is needed all the time is here, without a call
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
                        // a few bytes at its end are a frame of their own
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
            // it has to be known behind which bytes some are missing
            if (!held && chip.overruns !== overruns) {
                moved = now
                break
            }
            if (done !== 0) {
                moved = now
                if (done & RECEIVED) {
                    if (ring.used < ring.enough) {
                        // a payload, and more of it
                        if (yielded && now < calm && done === RECEIVED) continue
                    } else if (ring.enough > 0 || ring.used > HALF) news = true
                    else {
                        const last =
                            ring.buf[(ring.tail + ring.used - 1) & mask]
                        // a line end in front of a line is no news; nor is half a line,
                        // unless it stays half or is a prompt, whose blank nobody waits for
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
                // what the modem says next may be more than the chip can hold
                (held || !due || ring.size - ring.used < ROOM)
            )
                break
            yielded = true
        }
        waiter.awake = false
        this.movedAt = moved
        this.lookedAt = looked
        // a chip that was reset has lost what it had
        this.overruns = chip.overruns + chip.resets
        // one that has only missed a transaction is back by now
        if (chip.lost !== this.silent && chip.lost === lost) this.report()
    }

    /**
     * All of an output has been taken, and there is no RTS: what the modem answers
     * is fetched before anybody else has a turn.
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
        // there was none if somebody has woken this fiber, or `keep()` was too late
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
     * Takes in what DCD and RI have become. An edge is taken to have been half
     * way between two looks.
     * @param seen when they were looked at before
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

/** @param first of the four of the bridge's pins that the lines of a modem take */
function checkPin(name: string, pin: unknown, first: number) {
    if (typeof pin === "number") {
        check(name, Kind.Whole, pin, 0, 7)
        if (pin >= first && pin < first + 4)
            throw bad(name, `GPIO${pin} of the bridge is a modem line`)
    } else if (pin !== undefined) check(name, Kind.Object, pin)
}
