/**
 * NXP SC16IS740/750/760 (one UART) and 752/762 (two): a UART behind I2C or SPI.
 *
 * Written for a virtual machine on which a call takes as long as 2.5 bytes at
 * 115200 baud: a full FIFO is two bus transactions, and nothing is allocated
 * once the chip has been made.
 *
 * What a transaction reads or writes is as long as the buffer handed over, and
 * a buffer has no parts. So there is a buffer for each length up to 16 and for
 * each multiple of 4 up to 64, 1 kB in all for each direction. What is left
 * over, 3 bytes at most, comes with the next transaction; powers of two would
 * leave up to half, and every further transaction costs 4 bytes of line time.
 */
import type { Output } from "../core/encoder"
import { Ring } from "../core/ring"
import { divisorFor } from "./baud"

/**
 * Registers over I2C or SPI.
 *
 * The address byte is register << 3 | channel << 1; the bit by which SPI tells
 * reading from writing is the bus's to add.
 */
export interface RegisterBus {
    /** the first argument of `transfer`: the chip's address on I2C */
    readonly device: number
    /**
     * how many bytes stand in front of what is read: on SPI one comes in while the
     * address goes out. Left out: 0
     */
    readonly lead?: number
    /**
     * transactions suspend the fiber until the main loop of the firmware has seen
     * their end
     */
    readonly suspends?: boolean
    /**
     * One transaction. A field, so that it can be a native, which is no call.
     * @param write the address byte, then what is written
     * @param read all of it, but for what leads, is filled from the register; null:
     * nothing is read
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
    /** RTS and CTS are wired: the chip works them by itself */
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
 * RTS goes off at 56 bytes and on again at 48, in fours: 8 are left for what
 * the modem sends before it has noticed, and it goes on as soon as some are read.
 */
const LEVELS = 0xce
/** An overrun can only have happened where the FIFO is found full, or nearly so. */
export const FULL = 62
/** Less room than this is not worth a transaction while more is to be sent. */
export const WORTHWHILE = 16
/** Blocks that are sent at a time: the fiber does not yield meanwhile. */
const BLOCKS = 3
/** Without RTS: what is sent at a time, and received before that has to wait. */
const BLOCK_UNHELD = 32
const FLOOD = 16

/** What `exchange()` has done, a bit each. */
export const RECEIVED = 1
export const SENT = 2

/** @devsWhenUsed */
export class Sc16is7xx {
    /** DCD, RI and CTS as `lines()` has last found them: true is low, "on" */
    dcd = false
    ri = false
    cts = false
    /** a pulse on RI has ended; whoever reads this sets it back */
    riEnded = false
    /** room in the transmit FIFO, at least */
    room = 0
    /** the chip did not answer the last time */
    lost = false

    /** times that the FIFO overflowed, each at least a byte */
    overruns = 0
    /** times that such errors were found; one look may stand for several */
    framing = 0
    parity = 0
    breaks = 0
    /** transactions without an answer */
    busErrors = 0
    /** times that the chip had forgotten its settings */
    resets = 0

    private readonly bus: RegisterBus
    /** @internal of the bus */
    readonly lead: number
    private readonly options: ChipOptions
    /** RTS and CTS are wired */
    private readonly held: boolean
    /** @internal channel, as in the address byte */
    readonly channel: number
    /** what is said of a register, and of those of every turn, and what is read */
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
    /** by length: itself up to 16, then 12 + a quarter of it */
    /** @internal */
    readonly received: Buffer[] = []
    /** @internal */
    readonly frames: Buffer[] = []
    private divisor = 0
    /** the chip has all of its settings, unless it has forgotten them */
    private configured = false
    /** DTR, RTS and loopback */
    private mcr = MCR_DTR | MCR_RTS
    /** pins of the chip that are ours, which are outputs, and which are high */
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
     * @throws if the crystal can not make the rate
     */
    setup(baud: number): boolean {
        this.divisor = divisorFor(this.options.crystal, baud)
        this.lost = false
        this.configure()
        this.set(FCR, FCR_ON | FCR_RESET)
        this.room = 0
        return !this.lost
    }

    /** What is written to the scratchpad of a chip is read again. */
    private probe(pattern: number) {
        this.set(SPR, pattern)
        if (this.get(SPR) !== pattern) this.lost = true
    }

    /**
     * Writes all settings; the FIFOs keep their bytes. LCR comes last: it shows that a
     * chip is set up.
     */
    private configure() {
        const flow = this.options.flowControl ? EFR_AUTO_RTS | EFR_AUTO_CTS : 0
        const divisor = this.divisor
        // registers of other banks may be in the scratchpad's place before
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
            // the other channel has its bit in there
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
        // they may be the other channel's
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

    /** @internal It has not answered. */
    fail() {
        this.busErrors++
        this.lost = true
        this.room = 0
    }

    /**
     * Tries to find a chip again that did not answer. A chip that has kept its settings
     * has kept the bytes in its FIFOs, and goes on; another one gets its settings
     * again.
     * @returns whether it is back
     */
    recover(): boolean {
        this.lost = false
        const lcr = this.get(LCR)
        if (lcr < 0) return false
        if (lcr === LCR_8N1 && this.configured) {
            // what was to become of pins and lines in the meantime
            this.set(MCR, this.mcr)
            this.drivePins()
        } else {
            this.resets++
            this.configure()
        }
        return !this.lost
    }

    /**
     * Looks for line errors, and whether the chip still has its settings. A call now
     * and then is enough.
     * @returns whether the UART is idle: all that was sent is on the wire
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
     * Moves what has come in to a ring, and what is to be sent to the chip, as
     * far as there is room.
     *
     * A chip that does not answer has taken nothing: it does so at the start of
     * a transaction or not at all.
     * @returns what it has done: RECEIVED, SENT
     */
    exchange(ring: Ring, output: Output): number {
        if (this.lost && !this.recover()) return 0
        const bus = this.bus
        const device = bus.device
        const one = this.one
        const lead = this.lead
        const held = this.held
        let done = 0

        // more than fits: lines that nobody drives
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
                // what is left over of a payload can wait, the end of a line can not
                if (ring.enough > 0) break
            }
            // without RTS it may have become full since it was asked
            if (level >= FULL || !held) {
                // check() would be more calls
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
        // without RTS the line fills the FIFO while the bus is busy with this
        if (!held) {
            if (level >= FLOOD) return done
            if (left > BLOCK_UNHELD) left = BLOCK_UNHELD
        }
        let room = this.room
        // the line makes room while the bus is busy with a block
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
     * The FIFO was full when bytes were lost: what it held then is fetched, so
     * that they are missing right behind it.
     * @param fetched how many of its bytes have been fetched
     */
    private toTheGap(ring: Ring, fetched: number) {
        let rest = FIFO - fetched
        if (rest === 0) return
        // an error that is told late
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
     * @returns whether there is anything new
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
        // the end of a pulse is told once
        this.msr = msr & ~MSR_RI_ENDED
        this.cts = (msr & MSR_CTS) !== 0
        this.ri = (msr & MSR_RI) !== 0
        this.dcd = (msr & MSR_CD) !== 0
        if (msr & MSR_RI_ENDED) this.riEnded = true
    }

    /** Drives DTR. If the chip is lost it learns of it when it is back. */
    setDtr(low: boolean) {
        const rest = this.mcr & ~MCR_DTR
        this.mcr = low ? rest | MCR_DTR : rest
        this.set(MCR, this.mcr)
    }

    /**
     * Has the chip send to itself what is sent, for a test without wires, or
     * ends that.
     */
    setLoopback(on: boolean): boolean {
        const rest = this.mcr & ~MCR_LOOPBACK
        this.mcr = on ? rest | MCR_LOOPBACK : rest
        this.set(MCR, this.mcr)
        return !this.lost
    }

    /**
     * Drives a pin of the chip that is no modem pin, or lets go of it.
     * @param gpio 0–7
     * @param level 0, 1, or -1 for an input
     */
    setPin(gpio: number, level: number): boolean {
        const bit = 1 << gpio
        this.pins |= bit
        this.outputs = level < 0 ? this.outputs & ~bit : this.outputs | bit
        this.high = level > 0 ? this.high | bit : this.high & ~bit
        // one that has missed a transaction may be there again
        if (this.lost) this.recover()
        else this.drivePins()
        return !this.lost
    }
}
