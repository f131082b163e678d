/**
 * A model of one channel of an SC16IS7xx, register by register: FIFOs and their levels,
 * line errors, banks of registers, modem pins, automatic RTS and CTS, loopback,
 * software reset. It has no time: the caller, in place of the line, gives and takes
 * bytes at the line's pace.
 *
 * Runs in Node and in DeviceScript's VM.
 */
import {
    DLH,
    DLL,
    EFR,
    EFR_AUTO_CTS,
    EFR_AUTO_RTS,
    EFR_ENHANCED,
    FCR,
    FIFO,
    IER,
    IO_CONTROL,
    IO_DIR,
    IO_MODEM_A,
    IO_MODEM_B,
    IO_RESET,
    IO_STATE,
    LCR,
    LCR_DIVISOR,
    LCR_ENHANCED,
    LSR,
    LSR_IDLE,
    LSR_OVERRUN,
    MCR,
    MCR_DTR,
    MCR_LOOPBACK,
    MCR_RTS,
    MCR_TRIGGERS,
    MSR,
    RegisterBus,
    RHR,
    RXLVL,
    SPR,
    TCR,
    TLR,
    TXLVL,
} from "../../src/ports/sc16is7xx"
import { Ring } from "../../src/core/ring"

const LCR_AFTER_RESET = 0x1d
const DATA_READY = 0x01
const THR_EMPTY = 0x20

export class ChipModel implements RegisterBus {
    readonly device = 0
    /** received bytes, and bytes to send: 64 each */
    readonly rx = new Ring(FIFO)
    readonly tx = new Ring(FIFO)

    /** RTS, CTS, DTR, DCD, RI, DSR: true is low, "on" */
    rts = false
    cts = true
    dtr = false
    private dcd = false
    private ri = false
    private dsr = false

    /** number of next transactions that are not acknowledged */
    nacks = 0
    /** none is: the chip is not there */
    absent = false
    /** bits that are always set in bytes from the receive FIFO */
    stuckBits = 0
    /** value on the bus if nothing drives it; undefined while the chip does */
    floating: number | undefined
    /** transactions, and bytes on the bus with those of addresses */
    transactions = 0
    busBytes = 0
    /** bytes that were fetched from the receive FIFO */
    taken = 0
    /** told of each transaction */
    onAccess: ((text: string) => void) | undefined = undefined
    /** told of each byte of data before it is read or written: the bus takes its time */
    onByte: (() => void) | undefined = undefined
    /** told when a pin may have changed */
    onPins: (() => void) | undefined = undefined
    /** the UART's own clock counts from here */
    divisor = 0
    /** GPIO pins: direction, and what drives or is read */
    ioDir = 0
    ioState = 0
    /** bytes that found the FIFO full */
    lostBytes = 0

    private readonly channel: number
    private readonly hasPins: boolean
    private ier = 0
    private fifosOn = false
    private lcr = LCR_AFTER_RESET
    private mcr = 0
    private efr = 0
    private tcr = 0
    private tlr = 0
    private spr = 0xff
    private ioControl = 0
    private lineErrors = 0
    private deltas = 0
    private halted = false
    /** a byte is on its way out */
    private shifting = false

    /**
     * @param channel 0 or 1
     * @param hasPins false for a 740, which has no GPIOs
     */
    constructor(channel: number, hasPins: boolean) {
        this.channel = channel
        this.hasPins = hasPins
    }

    transfer(_device: number, write: Buffer, read: Buffer | null): number {
        const answered =
            read === null ? this.write(write) : this.read(write[0], read)
        return answered ? 0 : -1
    }

    read(address: number, into: Buffer): boolean {
        // chip's address, sub-address, chip's address again, data
        if (!this.begin(3 + into.length)) return false
        const register = address >> 3
        for (let i = 0; i < into.length; i++) {
            if (this.onByte) this.onByte()
            into[i] =
                this.floating === undefined
                    ? this.readRegister(address)
                    : this.floating
        }
        this.tell("read", register, into, 0)
        return true
    }

    write(frame: Buffer): boolean {
        if (!this.begin(1 + frame.length)) return false
        if (this.floating !== undefined) return true
        this.tell("write", frame[0] >> 3, frame, 1)
        for (let i = 1; i < frame.length; i++) {
            if (this.onByte) this.onByte()
            if (!this.writeRegister(frame[0], frame[i])) return false
        }
        this.update()
        return true
    }

    private begin(bytes: number): boolean {
        this.transactions++
        if (this.absent || this.nacks > 0) {
            if (!this.absent) this.nacks--
            this.busBytes++
            if (this.onAccess) this.onAccess("no answer")
            return false
        }
        this.busBytes += bytes
        return true
    }

    private tell(verb: string, register: number, data: Buffer, from: number) {
        if (!this.onAccess) return
        let text = verb + " " + this.registerName(register, verb === "write")
        for (let i = from; i < data.length; i++) text += " " + hex(data[i])
        this.onAccess(text)
    }

    private registerName(register: number, writing: boolean): string {
        if (this.lcr === LCR_ENHANCED && register === EFR) return "EFR"
        if ((this.lcr & LCR_DIVISOR) !== 0) {
            if (register === DLL) return "DLL"
            if (register === DLH) return "DLH"
        }
        if (this.triggers()) {
            if (register === TCR) return "TCR"
            if (register === TLR) return "TLR"
        }
        if (register === RHR) return writing ? "THR" : "RHR"
        if (register === FCR) return writing ? "FCR" : "IIR"
        return NAMES[register]
    }

    /** TCR and TLR take the places of MSR and SPR */
    private triggers(): boolean {
        return (
            (this.mcr & MCR_TRIGGERS) !== 0 && (this.efr & EFR_ENHANCED) !== 0
        )
    }

    private readRegister(address: number): number {
        const register = address >> 3
        // these are the chip's, not a channel's
        if (register === IO_DIR) return this.ioDir
        if (register === IO_STATE) return this.ioState
        if (register === IO_CONTROL) return this.ioControl
        if (((address >> 1) & 3) !== this.channel) return 0
        const special = (this.lcr & LCR_DIVISOR) !== 0
        if (register === LCR) return this.lcr
        if (this.lcr === LCR_ENHANCED && register === EFR) return this.efr
        if (special && register === DLL) return this.divisor & 0xff
        if (special && register === DLH) return this.divisor >> 8
        if (register === RHR) return this.take()
        if (register === IER) return this.ier
        if (register === FCR) return this.fifosOn ? 0xc1 : 0x01
        if (register === MCR) return this.mcr
        if (register === LSR) return this.readLsr()
        if (this.triggers() && register === TCR) return this.tcr
        if (this.triggers() && register === TLR) return this.tlr
        if (register === MSR) return this.readMsr()
        if (register === SPR) return this.spr
        if (register === TXLVL) return this.tx.size - this.tx.used
        if (register === RXLVL) return this.rx.used
        return 0
    }

    /** @returns whether the chip acknowledges */
    private writeRegister(address: number, value: number): boolean {
        const register = address >> 3
        // these are the chip's, not a channel's
        if (register === IO_CONTROL) {
            if (value & IO_RESET) {
                this.reset()
                return false
            }
            if (this.hasPins) this.ioControl = value
            return true
        }
        if (register === IO_DIR || register === IO_STATE) {
            const pins = this.hasPins ? value : 0
            if (register === IO_DIR) this.ioDir = pins
            else this.ioState = pins
            if (this.onPins) this.onPins()
        }
        if (((address >> 1) & 3) !== this.channel) return true
        const special = (this.lcr & LCR_DIVISOR) !== 0
        if (register === LCR) this.lcr = value
        else if (this.lcr === LCR_ENHANCED) {
            if (register === EFR) this.efr = value
        } else if (special && register === DLL)
            this.divisor = (this.divisor & 0xff00) | value
        else if (special && register === DLH)
            this.divisor = (this.divisor & 0xff) | (value << 8)
        else if (register === RHR) this.send(value)
        else if (register === IER) this.ier = value
        else if (register === FCR) {
            this.fifosOn = (value & 1) !== 0
            if (value & 2) this.rx.clear()
            if (value & 4) this.tx.clear()
        } else if (register === MCR) {
            // the upper bits and the trigger bit need the enhanced functions
            const most = this.efr & EFR_ENHANCED ? 0xff : 0x1b
            this.mcr = value & most
        } else if (register === TCR && this.triggers()) this.tcr = value
        else if (register === TLR && this.triggers()) this.tlr = value
        else if (register === SPR) this.spr = value
        return true
    }

    /** Sends bytes written to THR; those without room are dropped. */
    private send(byte: number) {
        if (this.mcr & MCR_LOOPBACK) {
            this.accept(byte, 0)
            return
        }
        put(this.tx, byte)
    }

    private take(): number {
        if (this.rx.used === 0) return 0
        const byte = pull(this.rx) | this.stuckBits
        this.taken++
        this.update()
        return byte
    }

    private readLsr(): number {
        let lsr = this.lineErrors
        this.lineErrors = 0
        if (this.rx.used > 0) lsr |= DATA_READY
        if (this.tx.used === 0) {
            lsr |= THR_EMPTY
            if (!this.shifting) lsr |= LSR_IDLE
        }
        return lsr
    }

    private modemPins(): boolean {
        const bit = this.channel === 0 ? IO_MODEM_A : IO_MODEM_B
        return (this.ioControl & bit) !== 0
    }

    private readMsr(): number {
        let msr = this.deltas
        this.deltas = 0
        if (this.cts) msr |= 0x10
        if (!this.modemPins()) return msr
        if (this.dsr) msr |= 0x20
        if (this.ri) msr |= 0x40
        if (this.dcd) msr |= 0x80
        return msr
    }

    /** Brings RTS and DTR to what registers and FIFO say. */
    private update() {
        if (this.efr & EFR_AUTO_RTS) {
            const halt = (this.tcr & 0x0f) * 4
            const resume = (this.tcr >> 4) * 4
            if (this.rx.used >= halt) this.halted = true
            else if (this.rx.used <= resume) this.halted = false
        } else this.halted = false
        const rts = (this.mcr & MCR_RTS) !== 0 && !this.halted
        const dtr = (this.mcr & MCR_DTR) !== 0 && this.modemPins()
        const changed = rts !== this.rts || dtr !== this.dtr
        this.rts = rts
        this.dtr = dtr
        if (changed && this.onPins) this.onPins()
    }

    private accept(byte: number, errors: number) {
        this.lineErrors |= errors
        const depth = this.fifosOn ? FIFO : 1
        if (this.rx.used >= depth) {
            this.lineErrors |= LSR_OVERRUN
            this.lostBytes++
        } else put(this.rx, byte)
        this.update()
    }

    // the other side: line and pins

    /** A byte arrives, with line errors if there are any, as in LSR. */
    arrive(byte: number, errors: number) {
        if (!(this.mcr & MCR_LOOPBACK)) this.accept(byte, errors)
    }

    /**
     * The last byte is out, the next one begins to go out: -1 if there is none,
     * or CTS holds it.
     */
    depart(): number {
        const held = !this.cts && (this.efr & EFR_AUTO_CTS) !== 0
        this.shifting = this.tx.used > 0 && !held
        return this.shifting ? pull(this.tx) : -1
    }

    setCts(low: boolean) {
        if (low !== this.cts) this.deltas |= 0x01
        this.cts = low
    }

    setDcd(low: boolean) {
        if (low !== this.dcd) this.deltas |= 0x08
        this.dcd = low
    }

    /** The end of a low pulse is latched until MSR is read. */
    setRi(low: boolean) {
        if (this.ri && !low) this.deltas |= 0x04
        this.ri = low
    }

    /** A brown-out or a software reset; divisor and scratchpad are kept. */
    reset() {
        this.ier = 0
        this.fifosOn = false
        this.lcr = LCR_AFTER_RESET
        this.mcr = 0
        this.efr = 0
        this.tcr = 0
        this.tlr = 0
        this.ioControl = 0
        this.ioDir = 0
        this.lineErrors = 0
        this.deltas = 0
        this.rx.clear()
        this.tx.clear()
        this.shifting = false
        this.update()
    }
}

const NAMES =
    "RHR IER FCR LCR MCR LSR MSR SPR TXLVL RXLVL IODir IOState IOIntEna - IOControl EFCR".split(
        " "
    )

const DIGITS = "0123456789abcdef"

function hex(byte: number): string {
    return DIGITS[byte >> 4] + DIGITS[byte & 15]
}

function put(ring: Ring, byte: number) {
    if (ring.used === ring.size) return
    ring.buf[(ring.tail + ring.used) & (ring.size - 1)] = byte
    ring.used++
}

function pull(ring: Ring): number {
    const byte = ring.buf[ring.tail]
    ring.tail = (ring.tail + 1) & (ring.size - 1)
    ring.used--
    return byte
}
