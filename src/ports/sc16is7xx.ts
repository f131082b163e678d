/**
 * NXP SC16IS740/750/760 (one UART) and 752/762 (two): a UART behind I2C or SPI.
 *
 * Written for a virtual machine on which a call takes as long as 2.5 bytes at 115200
 * baud: a full FIFO takes two bus transactions, and nothing is allocated after
 * construction.
 *
 * A transaction always reads or writes a whole buffer. So there is a buffer for each
 * length up to 16 and for each multiple of 4 up to 64, in all 1 kB for each direction.
 * At most 3 bytes are left over for the next transaction; with powers of two it could
 * be half of them, and every further transaction costs 4 bytes of line time.
 */
import type { Output } from "../core/encoder"
import { Ring } from "../core/ring"
import { divisorFor } from "./baud"

/**
 * Registers over I2C or SPI.
 *
 * The address byte is register << 3 | channel << 1; the bus adds SPI's bit for reading.
 */
export interface RegisterBus {
    /** the first argument of `transfer`: the chip's address on I2C */
    readonly device: number
    /**
     * number of bytes before the data that are read: on SPI one is received while the
     * address is sent. Default 0
     */
    readonly lead?: number
    /** transactions suspend the fiber until the firmware's main loop sees their end */
    readonly suspends?: boolean
    /**
     * One transaction. A field, so that it can be a native function, which costs no
     * call.
     * @param write the address byte, then the data
     * @param read filled from the register, but for the `lead` bytes; null: nothing is
     * read
     * @returns 0 if the chip has answered
     */
    transfer: (device: number, write: Buffer, read: Buffer | null) => number
}

export interface ChipOptions {
    /** channel of a 752 or 762: 0 is A, 1 is B */
    channel: number
    /** frequency of the crystal, Hz */
    crystal: number
    /** DTR, CD and RI are pins of the chip (not on the 740) */
    modemPins: boolean
    /** RTS and CTS are wired: the chip handles them by itself */
    flowControl: boolean
}

export const FIFO = 64

/** Registers; some share an address with others, see `LCR`. */
export const RHR = 0
export const THR = 0
export const IER = 1
export const FCR = 2
export const LCR = 3
export const MCR = 4
export const LSR = 5
export const MSR = 6
export const SPR = 7
export const TXLVL = 8
export const RXLVL = 9
export const IO_DIR = 10
export const IO_STATE = 11
export const IO_CONTROL = 14
/** with LCR_DIVISOR */
export const DLL = 0
export const DLH = 1
/** with LCR_ENHANCED */
export const EFR = 2
/** with EFR_ENHANCED and MCR_TRIGGERS */
export const TCR = 6
export const TLR = 7

/** 8 data bits, no parity, 1 stop bit */
export const LCR_8N1 = 0x03
/** anything but 8N1, with the general register set */
const LCR_UNFINISHED = 0x02
export const LCR_DIVISOR = 0x80
export const LCR_ENHANCED = 0xbf
export const MCR_DTR = 0x01
export const MCR_RTS = 0x02
export const MCR_TRIGGERS = 0x04
export const MCR_LOOPBACK = 0x10
export const EFR_ENHANCED = 0x10
export const EFR_AUTO_RTS = 0x40
export const EFR_AUTO_CTS = 0x80
export const FCR_ON = 0x01
export const FCR_RESET = 0x06
export const LSR_OVERRUN = 0x02
export const LSR_PARITY = 0x04
export const LSR_FRAMING = 0x08
export const LSR_BREAK = 0x10
const LSR_ERRORS = 0x1e
/** FIFO and shift register are empty */
export const LSR_IDLE = 0x40
export const MSR_RI_ENDED = 0x04
export const MSR_CTS = 0x10
export const MSR_RI = 0x40
export const MSR_CD = 0x80
const MSR_LINES = MSR_RI_ENDED | MSR_CTS | MSR_RI | MSR_CD
export const IO_MODEM_A = 0x02
export const IO_MODEM_B = 0x04
export const IO_RESET = 0x08

/**
 * RTS goes off at 56 bytes and on again at 48, in fours: 8 are left for bytes that the
 * modem sends before it reacts, and it goes on as soon as some are read.
 */
const LEVELS = 0xce
/** An overrun is possible only if the FIFO is found full, or nearly so. */
export const FULL = 62
/** Less room than this is not worth a transaction, unless the rest is shorter. */
export const WORTHWHILE = 16
/** Blocks sent at a time, without a turn for other fibers. */
const BLOCKS = 3
/** Without RTS: bytes sent at a time, and received bytes that make sending wait. */
const BLOCK_UNHELD = 32
const FLOOD = 16

/** Results of `exchange()`, a bit each. */
export const RECEIVED = 1
export const SENT = 2

/** @devsWhenUsed */
export class Sc16is7xx {
    /** DCD, RI and CTS by the last `lines()`: true is low, "on" */
    dcd = false
    ri = false
    cts = false
    /** a pulse on RI has ended; the reader clears it */
    riEnded = false
    /** least room in the transmit FIFO */
    room = 0
    /** the chip did not answer last time */
    lost = false

    /** overflows of the FIFO, each at least a byte */
    overruns = 0
    /** times that such errors were found; each may stand for several */
    framing = 0
    parity = 0
    breaks = 0
    /** transactions without an answer */
    busErrors = 0
    /** times that the chip had lost its settings */
    resets = 0

    private readonly bus: RegisterBus
    /** @internal of the bus */
    readonly lead: number
    private readonly options: ChipOptions
    /** RTS and CTS are wired */
    private readonly held: boolean
    /** @internal channel bits of the address byte */
    readonly channel: number
    /** address bytes of any register and of those of every turn, and the bytes read */
    private readonly register: Buffer
    /** @internal */
    readonly askLevel: Buffer
    /** @internal */
    readonly askData: Buffer
    private readonly askErrors: Buffer
    /** @internal */
    readonly askRoom: Buffer
    private readonly askLines: Buffer
    /** @internal */
    readonly one: Buffer
    private readonly two: Buffer
    private msr = 0
    /** by index: the length up to 16, then 12 + a quarter of the length */
    /** @internal */
    readonly received: Buffer[] = []
    /** @internal */
    readonly frames: Buffer[] = []
    private divisor = 0
    /** the chip was given all its settings, and may have lost them since */
    private configured = false
    /** DTR, RTS and loopback */
    private mcr = MCR_DTR | MCR_RTS
    /** the chip's pins that this port uses, its outputs, and those that are high */
    private pins = 0
    private outputs = 0
    private high = 0

    constructor(bus: RegisterBus, options: ChipOptions) {
        this.bus = bus
        const lead = bus.lead || 0
        this.lead = lead
        this.options = options
        this.channel = options.channel << 1
        this.held = options.flowControl
        this.register = Buffer.alloc(1)
        this.askLevel = Buffer.alloc(1)
        this.askData = Buffer.alloc(1)
        this.askErrors = Buffer.alloc(1)
        this.askRoom = Buffer.alloc(1)
        this.askLines = Buffer.alloc(1)
        this.askLevel[0] = (RXLVL << 3) | this.channel
        this.askData[0] = (RHR << 3) | this.channel
        this.askErrors[0] = (LSR << 3) | this.channel
        this.askRoom[0] = (TXLVL << 3) | this.channel
        this.askLines[0] = (MSR << 3) | this.channel
        this.one = Buffer.alloc(1 + lead)
        this.two = Buffer.alloc(2)
        let length = 0
        while (length <= FIFO) {
            this.received.push(Buffer.alloc(length + lead))
            const frame = Buffer.alloc(length + 1)
            frame[0] = (THR << 3) | this.channel
            this.frames.push(frame)
            length += length < 16 ? 1 : 4
        }
    }

    /**
     * Sets the chip up, 8N1, and empties its FIFOs.
     * @returns whether the chip is there
     * @throws if the rate is impossible with the crystal
     */
    setup(baud: number): boolean {
        this.divisor = divisorFor(this.options.crystal, baud)
        this.lost = false
        this.configure()
        this.set(FCR, FCR_ON | FCR_RESET)
        this.room = 0
        return !this.lost
    }

    /** Writes to the scratchpad of the chip, and reads it again. */
    private probe(pattern: number) {
        this.set(SPR, pattern)
        if (this.get(SPR) !== pattern) this.lost = true
    }

    /**
     * Writes all settings; the FIFOs keep their bytes. LCR comes last: it marks a chip
     * that is set up.
     */
    private configure() {
        const flow = this.options.flowControl ? EFR_AUTO_RTS | EFR_AUTO_CTS : 0
        const divisor = this.divisor
        // before that, registers of other banks may be at the scratchpad's address
        this.set(LCR, LCR_UNFINISHED)
        this.set(MCR, this.mcr)
        this.probe(0x5a)
        this.probe(0xa5)
        this.set(LCR, LCR_DIVISOR)
        this.set(DLL, divisor & 0xff)
        this.set(DLH, divisor >> 8)
        this.set(LCR, LCR_ENHANCED)
        this.set(EFR, EFR_ENHANCED | flow)
        this.set(LCR, LCR_UNFINISHED)
        this.set(MCR, this.mcr | MCR_TRIGGERS)
        this.set(TCR, LEVELS)
        this.set(MCR, this.mcr)
        this.set(IER, 0)
        this.set(FCR, FCR_ON)
        if (this.options.modemPins) {
            // the register also holds the other channel's bit
            const bit = this.channel ? IO_MODEM_B : IO_MODEM_A
            this.set(IO_CONTROL, this.get(IO_CONTROL) | bit)
        }
        this.drivePins()
        this.set(LCR, LCR_8N1)
        this.configured = !this.lost
    }

    private drivePins() {
        const others = ~this.pins
        if (others === -1) return
        // the other pins may be the other channel's
        this.set(IO_STATE, (this.get(IO_STATE) & others) | this.high)
        this.set(IO_DIR, (this.get(IO_DIR) & others) | this.outputs)
    }

    /** Writes a register, unless the chip is lost. */
    private set(register: number, value: number) {
        if (this.lost) return
        const two = this.two
        two[0] = (register << 3) | this.channel
        two[1] = value
        const bus = this.bus
        if (bus.transfer(bus.device, two, null) !== 0) this.fail()
    }

    /** Reads a register; -1 if the chip is lost. */
    private get(register: number): number {
        if (this.lost) return -1
        const bus = this.bus
        this.register[0] = (register << 3) | this.channel
        if (bus.transfer(bus.device, this.register, this.one) === 0)
            return this.one[this.lead]
        this.fail()
        return -1
    }

    /** @internal The chip did not answer. */
    fail() {
        this.busErrors++
        this.lost = true
        this.room = 0
    }

    /**
     * Tries to reach a chip that did not answer. If it kept its settings it also kept
     * the bytes in its FIFOs, and goes on; otherwise it gets its settings again.
     * @returns whether it is back
     */
    recover(): boolean {
        this.lost = false
        const lcr = this.get(LCR)
        if (lcr < 0) return false
        if (lcr === LCR_8N1 && this.configured) {
            // pins and lines may have been set meanwhile
            this.set(MCR, this.mcr)
            this.drivePins()
        } else {
            this.resets++
            this.configure()
        }
        return !this.lost
    }

    /**
     * Checks for line errors, and that the chip still has its settings. A call now and
     * then is enough.
     * @returns whether the UART is idle: all sent bytes are on the wire
     */
    check(): boolean {
        if (this.lost) return false
        const lcr = this.get(LCR)
        if (lcr < 0) return false
        if (lcr !== LCR_8N1) {
            this.recover()
            return false
        }
        const lsr = this.get(LSR)
        if (lsr < 0) return false
        if (lsr & LSR_ERRORS) this.count(lsr)
        return (lsr & LSR_IDLE) !== 0
    }

    private count(lsr: number) {
        if (lsr & LSR_OVERRUN) this.overruns++
        if (lsr & LSR_PARITY) this.parity++
        if (lsr & LSR_BREAK) this.breaks++
        else if (lsr & LSR_FRAMING) this.framing++
    }

    /**
     * Moves received bytes to a ring, and bytes to be sent to the chip, as far as there
     * is room.
     *
     * A chip that does not answer has taken no byte: it answers at the start of a
     * transaction or not at all.
     * @returns RECEIVED, SENT, both or 0
     */
    exchange(ring: Ring, output: Output): number {
        if (this.lost && !this.recover()) return 0
        const bus = this.bus
        const device = bus.device
        const one = this.one
        const lead = this.lead
        const held = this.held
        let done = 0

        // more than fits: the bus is not driven
        if (
            bus.transfer(device, this.askLevel, one) !== 0 ||
            one[lead] > FIFO
        ) {
            this.fail()
            return 0
        }
        const level = one[lead]
        if (level > 0) {
            const size = ring.size
            const before = ring.used
            let rest = size - before
            if (rest > level) rest = level
            if (rest > 0) done = RECEIVED
            while (rest > 0) {
                const block =
                    this.received[rest <= 16 ? rest : 12 + (rest >> 2)]
                const n = block.length - lead
                if (bus.transfer(device, this.askData, block) !== 0) {
                    this.fail()
                    return done
                }
                const head = (ring.tail + ring.used) & (size - 1)
                const linear = size - head
                if (n <= linear) ring.buf.blitAt(head, block, lead, n)
                else {
                    ring.buf.blitAt(head, block, lead, linear)
                    ring.buf.blitAt(0, block, lead + linear, n - linear)
                }
                ring.used += n
                rest -= n
                // the last bytes of a payload can wait, the end of a line cannot
                if (ring.enough > 0) break
            }
            // without RTS it may have filled up since it was read
            if (level >= FULL || !held) {
                // check() would cost more calls
                if (bus.transfer(device, this.askErrors, one) !== 0) this.fail()
                else if (one[lead] & LSR_ERRORS) {
                    this.count(one[lead])
                    if (one[lead] & LSR_OVERRUN)
                        this.toTheGap(ring, ring.used - before)
                }
            }
        }

        let left = output.left
        if (left === 0) return done
        // without RTS the FIFO fills while the bus is busy with sending
        if (!held) {
            if (level >= FLOOD) return done
            if (left > BLOCK_UNHELD) left = BLOCK_UNHELD
        }
        let room = this.room
        // the line empties the FIFO while the bus is busy with a block
        for (let block = 0; block < BLOCKS && left > 0; block++) {
            if (room < left) {
                if (
                    bus.transfer(device, this.askRoom, one) !== 0 ||
                    one[lead] > FIFO
                ) {
                    this.fail()
                    return done
                }
                room = one[lead]
                if (room < left && room < WORTHWHILE) break
            }
            const most = left < room ? left : room
            const frame = this.frames[most <= 16 ? most : 12 + (most >> 2)]
            const n = frame.length - 1
            frame.blitAt(1, output.source, output.at, n)
            if (bus.transfer(device, frame, null) !== 0) {
                this.fail()
                return done
            }
            output.at += n
            output.left -= n
            room -= n
            left = held ? left - n : 0
            done |= SENT
        }
        this.room = room
        return done
    }

    /**
     * The FIFO was full when bytes were lost: fetches its contents of that moment, so
     * that the gap follows them directly.
     * @param fetched number of its bytes already fetched
     */
    private toTheGap(ring: Ring, fetched: number) {
        let rest = FIFO - fetched
        if (rest === 0) return
        // the error was reported late
        const level = this.get(RXLVL)
        if (rest > level) rest = level
        if (rest > ring.size - ring.used) rest = ring.size - ring.used
        while (rest > 0) {
            const block = this.received[rest <= 16 ? rest : 12 + (rest >> 2)]
            if (this.bus.transfer(this.bus.device, this.askData, block) !== 0) {
                this.fail()
                return
            }
            const n = block.length - this.lead
            ring.put(block, this.lead, n)
            rest -= n
        }
    }

    /**
     * Reads DCD, RI and CTS.
     * @returns whether anything has changed
     */
    lines(): boolean {
        if (this.lost) return false
        const one = this.one
        if (this.bus.transfer(this.bus.device, this.askLines, one) !== 0) {
            this.fail()
            return false
        }
        const lines = one[this.lead] & MSR_LINES
        if (lines === this.msr) return false
        this.takeLines(lines)
        return true
    }

    private takeLines(msr: number) {
        // the end of a pulse is reported once
        this.msr = msr & ~MSR_RI_ENDED
        this.cts = (msr & MSR_CTS) !== 0
        this.ri = (msr & MSR_RI) !== 0
        this.dcd = (msr & MSR_CD) !== 0
        if (msr & MSR_RI_ENDED) this.riEnded = true
    }

    /** Drives DTR. A lost chip gets the state when it is back. */
    setDtr(low: boolean) {
        const rest = this.mcr & ~MCR_DTR
        this.mcr = low ? rest | MCR_DTR : rest
        this.set(MCR, this.mcr)
    }

    /** Switches the chip's loopback on, for a test without wires, or off. */
    setLoopback(on: boolean): boolean {
        const rest = this.mcr & ~MCR_LOOPBACK
        this.mcr = on ? rest | MCR_LOOPBACK : rest
        this.set(MCR, this.mcr)
        return !this.lost
    }

    /**
     * Drives a pin of the chip that is no modem pin, or makes it an input.
     * @param gpio 0–7
     * @param level 0, 1, or -1 for an input
     */
    setPin(gpio: number, level: number): boolean {
        const bit = 1 << gpio
        this.pins |= bit
        this.outputs = level < 0 ? this.outputs & ~bit : this.outputs | bit
        this.high = level > 0 ? this.high | bit : this.high & ~bit
        // a chip that missed a transaction may be back
        if (this.lost) this.recover()
        else this.drivePins()
        return !this.lost
    }
}
