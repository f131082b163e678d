/**
 * The serial interface of the SIM800: two lines of data, RTS/CTS, DTR, DCD and
 * RI, with the DTE on one side and the DCE, the modem, on the other. PWRKEY,
 * RESET and STATUS, which a host is wired to as well, are beside them.
 *
 * Pins are booleans that say whether the pin is low, which is "ON" for all of
 * the serial interface ([HD]). STATUS alone says whether it is high.
 */
import type { Clock } from "./clock"
import { SamplingReceiver, type Deliver } from "./sampling-receiver"
import {
    BITS_PER_CHARACTER,
    SerialLine,
    type ChunkOptions,
    type Reception,
} from "./serial-line"

/** Anything that takes bytes and gives bytes, this UART or a real one. */
export interface BytePipe {
    write(bytes: Uint8Array): void
    onData: (bytes: Uint8Array) => void
}

/** The DTE's side, for a program or a microcontroller. */
export interface DteSide extends BytePipe {
    /** DTE to DCE. Queued without limit, sent at the DTE's rate. */
    write(bytes: Uint8Array): void
    /** DCE to DTE. Assign it; bytes that arrive before are lost. */
    onData: (bytes: Uint8Array) => void
    /** Bytes written that have not crossed the line yet. */
    readonly pending: number
    /** The rate that the DTE's own UART is set to, both ways. */
    setBaud(baud: number): void
    readonly baud: number
    /**
     * RTS. Not ready stops the DCE after the character under way if
     * AT+IFC=2,… says that the DTE controls it so; else it is ignored.
     */
    setRts(ready: boolean): void
    /**
     * With automatic CTS the queue of {@link write} waits while CTS is off, as
     * in a UART with hardware flow control. Off by default: three wires.
     */
    setAutoCts(on: boolean): void
    /** CTS: whether the DCE takes characters. */
    readonly cts: boolean
    onCts: (ready: boolean) => void
    /** Drives DTR. High, that is OFF, until set. */
    setDtr(low: boolean): void
    readonly dcd: boolean
    onDcd: (low: boolean) => void
    readonly ri: boolean
    onRi: (low: boolean) => void
    /**
     * Drives PWRKEY, high until set. Low for 1 s switches the module on, low for
     * `powerKeyOffMs` off, low for 33 s restarts it ([HD]).
     */
    setPowerKey(low: boolean): void
    /** Drives RESET, high until set. Low for 105 ms resets the module ([HD]). */
    setReset(low: boolean): void
    /** STATUS: high while the module is on. */
    readonly status: boolean
    onStatus: (high: boolean) => void
}

/** Flow control of one direction, by the numbers of AT+IFC: none, XON/XOFF, RTS/CTS. */
export type FlowControl = 0 | 1 | 2
const NO_FLOW_CONTROL = 0
const SOFTWARE_FLOW_CONTROL = 1
const HARDWARE_FLOW_CONTROL = 2

const A = 0x41
const T = 0x54
const XON = 0x11
const XOFF = 0x13

/** The modem's own side. */
export interface DceSide {
    write(bytes: Uint8Array): void
    /** DTE to DCE. */
    onData: Deliver
    /** Bytes written that have not crossed the line yet. */
    readonly pending: number
    /** Runs `run` as soon as at most `atMost` bytes have yet to cross, at once if so. */
    whenPending(atMost: number, run: () => void): void
    /** Runs `run` as soon as all that has been written by now has crossed, at once if so. */
    whenCrossed(run: () => void): void
    /** The rate in use for sending. */
    readonly baud: number
    /** Uses this rate both ways from now on, also for queued bytes. */
    setBaud(baud: number): void
    /**
     * Finds the rate of the DTE by its next `AT` and uses that from then on
     * ([ATM] 2.2.41.1). Until then nothing is received.
     */
    detectBaud(range: BaudRange, found: (baud: number) => void): void
    /** Whether the rate of the DTE is known, or not looked for. */
    readonly isSynchronised: boolean
    /**
     * How each side may stop the other: the numbers of AT+IFC, [ATM] 2.2.40.
     * @param dceByDte how the DTE stops the DCE
     * @param dteByDce how the DCE stops the DTE, see {@link setReady}
     */
    setFlowControl(dceByDte: FlowControl, dteByDce: FlowControl): void
    /** Whether the DCE has room for more; the DTE hears of it by CTS or XOFF, or not at all. */
    setReady(ready: boolean): void
    setDcd(low: boolean): void
    /** Forces DCD high. @returns a function that ends this */
    glitchDcd(): () => void
    setRi(low: boolean): void
    setStatus(high: boolean): void
    onPowerKey: (low: boolean) => void
    onReset: (low: boolean) => void
    readonly dtr: boolean
    onDtr: (low: boolean) => void
    /** No power: nothing is received, queued bytes are lost, all pins rest. */
    switchOff(): void
    switchOn(): void
}

/** Rates that autobaud can find. */
export interface BaudRange {
    readonly lowest: number
    readonly highest: number
}

/** May drop, change or add bytes on their way to the DTE. */
export type ByteFilter = (bytes: Uint8Array) => Uint8Array

const ignore = (): void => undefined

/** Both ends and the two lines between them. */
export class Uart {
    readonly dte: DteSide
    readonly dce: DceSide
    /** What bytes pass through on their way from the DCE to the DTE. */
    readonly filters: ByteFilter[] = []

    /** @param baud the rate of both ends to begin with */
    constructor(clock: Clock, baud: number, chunks: ChunkOptions) {
        const toDce = new SerialLine(clock, baud, chunks, reception =>
            dce.receive(reception)
        )
        const toDte = new SerialLine(clock, baud, chunks, reception => {
            let bytes = reception.bytes
            for (const filter of [...this.filters]) bytes = filter(bytes)
            if (bytes.length > 0) dte.receive({ ...reception, bytes })
        })
        const sampler = (deliver: Deliver) =>
            new SamplingReceiver(clock, baud, chunks.chunkMs, deliver)
        const dte = new Dte(toDce, sampler)
        const dce = new Dce(toDte, sampler, dte)
        dte.connect(dce)
        this.dte = dte
        this.dce = dce
    }
}

type MakeSampler = (deliver: Deliver) => SamplingReceiver

class Dte implements DteSide {
    onData: (bytes: Uint8Array) => void = ignore
    onCts: (ready: boolean) => void = ignore
    onDcd: (low: boolean) => void = ignore
    onRi: (low: boolean) => void = ignore
    onStatus: (high: boolean) => void = ignore
    private readonly sampler: SamplingReceiver
    private dce: Dce | undefined
    private readonly pins = { cts: false, dcd: false, ri: false }
    private readonly driven = { powerKey: false, reset: false }
    private statusIsHigh = false
    private autoCts = false

    constructor(
        private readonly line: SerialLine,
        makeSampler: MakeSampler
    ) {
        this.sampler = makeSampler(bytes => this.onData(bytes))
    }

    /** Lays the wires from here to the DCE. */
    connect(dce: Dce): void {
        this.dce = dce
    }

    receive(reception: Reception): void {
        this.sampler.receive(reception)
    }

    write(bytes: Uint8Array): void {
        this.line.write(bytes.slice())
    }

    get pending(): number {
        return this.line.pending
    }

    setBaud(baud: number): void {
        this.line.setBaud(baud)
        this.sampler.setBaud(baud)
    }

    get baud(): number {
        return this.sampler.baud
    }

    setRts(ready: boolean): void {
        this.dce?.rtsChanged(ready)
    }

    setDtr(low: boolean): void {
        this.dce?.dtrChanged(low)
    }

    setAutoCts(on: boolean): void {
        this.autoCts = on
        this.obeyCts()
    }

    get cts(): boolean {
        return this.pins.cts
    }

    get dcd(): boolean {
        return this.pins.dcd
    }

    get ri(): boolean {
        return this.pins.ri
    }

    setPowerKey(low: boolean): void {
        if (low === this.driven.powerKey) return
        this.driven.powerKey = low
        this.dce?.onPowerKey(low)
    }

    setReset(low: boolean): void {
        if (low === this.driven.reset) return
        this.driven.reset = low
        this.dce?.onReset(low)
    }

    get status(): boolean {
        return this.statusIsHigh
    }

    statusDriven(high: boolean): void {
        if (high === this.statusIsHigh) return
        this.statusIsHigh = high
        this.onStatus(high)
    }

    /** The DCE drives one of its pins. */
    pinDriven(pin: "cts" | "dcd" | "ri", low: boolean): void {
        if (this.pins[pin] === low) return
        this.pins[pin] = low
        if (pin === "cts") {
            this.obeyCts()
            this.onCts(low)
        } else if (pin === "dcd") this.onDcd(low)
        else this.onRi(low)
    }

    private obeyCts(): void {
        if (this.autoCts && !this.pins.cts) this.line.hold()
        else this.line.release()
    }
}

class Dce implements DceSide {
    private dcd = false
    private dcdGlitches = false
    onData: Deliver = ignore
    onDtr: (low: boolean) => void = ignore
    onPowerKey: (low: boolean) => void = ignore
    onReset: (low: boolean) => void = ignore
    private readonly sampler: SamplingReceiver
    private detector: BaudDetector | undefined
    private powered = false
    private dtrIsLow = false
    private dceByDte: FlowControl = NO_FLOW_CONTROL
    private dteByDce: FlowControl = NO_FLOW_CONTROL
    private ready = true
    /** The DTE has been sent an XOFF. */
    private xoffSent = false
    private stoppedByRts = false
    private stoppedByXoff = false

    constructor(
        private readonly line: SerialLine,
        makeSampler: MakeSampler,
        private readonly dte: Dte
    ) {
        this.sampler = makeSampler((bytes, at) => this.received(bytes, at))
    }

    receive(reception: Reception): void {
        if (!this.powered) return
        if (this.detector === undefined) this.sampler.receive(reception)
        else this.detector.receive(reception)
    }

    write(bytes: Uint8Array): void {
        this.line.write(bytes)
    }

    get pending(): number {
        return this.line.pending
    }

    whenPending(atMost: number, run: () => void): void {
        this.line.whenPending(atMost, run)
    }

    whenCrossed(run: () => void): void {
        this.line.whenCrossed(run)
    }

    get baud(): number {
        return this.line.baud
    }

    setBaud(baud: number): void {
        this.detector = undefined
        this.line.setBaud(baud)
        this.sampler.setBaud(baud)
    }

    detectBaud(range: BaudRange, found: (baud: number) => void): void {
        this.detector = new BaudDetector(range, (baud, bytes, at) => {
            this.setBaud(baud)
            found(baud)
            this.received(bytes, at)
        })
    }

    get isSynchronised(): boolean {
        return this.detector === undefined
    }

    setFlowControl(dceByDte: FlowControl, dteByDce: FlowControl): void {
        this.dceByDte = dceByDte
        this.dteByDce = dteByDce
        this.stoppedByXoff = false
        this.obeyDte()
        this.tellReady()
    }

    setReady(ready: boolean): void {
        this.ready = ready
        this.tellReady()
    }

    private tellReady(): void {
        const stopped = !this.ready
        this.dte.pinDriven(
            "cts",
            this.powered &&
                !(stopped && this.dteByDce === HARDWARE_FLOW_CONTROL)
        )
        const xoff = stopped && this.dteByDce === SOFTWARE_FLOW_CONTROL
        if (xoff !== this.xoffSent && this.powered)
            this.line.writeFirst(Uint8Array.of(xoff ? XOFF : XON))
        this.xoffSent = xoff
    }

    rtsChanged(ready: boolean): void {
        this.stoppedByRts = !ready
        this.obeyDte()
    }

    get dtr(): boolean {
        return this.dtrIsLow
    }

    dtrChanged(low: boolean): void {
        if (low === this.dtrIsLow) return
        this.dtrIsLow = low
        this.onDtr(low)
    }

    setDcd(low: boolean): void {
        this.dcd = low
        if (!this.dcdGlitches) this.dte.pinDriven("dcd", low)
    }

    glitchDcd(): () => void {
        this.dcdGlitches = true
        this.dte.pinDriven("dcd", false)
        return () => {
            this.dcdGlitches = false
            this.dte.pinDriven("dcd", this.dcd)
        }
    }

    setRi(low: boolean): void {
        this.dte.pinDriven("ri", low)
    }

    setStatus(high: boolean): void {
        this.dte.statusDriven(high)
    }

    switchOn(): void {
        this.powered = true
        this.tellReady()
    }

    switchOff(): void {
        this.powered = false
        this.line.discard()
        this.sampler.reset()
        this.ready = true
        this.setFlowControl(NO_FLOW_CONTROL, NO_FLOW_CONTROL)
        for (const pin of ["dcd", "ri"] as const) this.dte.pinDriven(pin, false)
    }

    private received(bytes: Uint8Array, startedAt: number): void {
        const data =
            this.dceByDte === SOFTWARE_FLOW_CONTROL
                ? this.takeFlowControl(bytes)
                : bytes
        if (data.length > 0) this.onData(data, startedAt)
    }

    /** XON and XOFF are no data. */
    private takeFlowControl(bytes: Uint8Array): Uint8Array {
        for (const byte of bytes) {
            if (byte === XOFF) this.stoppedByXoff = true
            else if (byte === XON) this.stoppedByXoff = false
        }
        this.obeyDte()
        return bytes.filter(byte => byte !== XOFF && byte !== XON)
    }

    private obeyDte(): void {
        const stopped =
            (this.dceByDte === HARDWARE_FLOW_CONTROL && this.stoppedByRts) ||
            (this.dceByDte === SOFTWARE_FLOW_CONTROL && this.stoppedByXoff)
        if (stopped) this.line.hold()
        else this.line.release()
    }
}

/**
 * Finds the rate of the DTE by the characters `A` and `T`, in either case
 * ([ATM] 2.2.41.1 names AT and at, [HD] At and aT as well).
 */
class BaudDetector {
    private afterA: number | undefined

    constructor(
        private readonly range: BaudRange,
        private readonly found: (
            baud: number,
            bytes: Uint8Array,
            startedAt: number
        ) => void
    ) {}

    receive({ bytes, baud, startedAt }: Reception): void {
        if (baud < this.range.lowest || baud > this.range.highest) return
        for (let i = 0; i < bytes.length; i++) {
            const upper = bytes[i] & ~0x20
            if (upper === T && this.afterA !== undefined) {
                this.found(
                    baud,
                    Uint8Array.of(this.afterA, ...bytes.subarray(i)),
                    startedAt + ((i - 1) * BITS_PER_CHARACTER * 1000) / baud
                )
                return
            }
            this.afterA = upper === A ? bytes[i] : undefined
        }
    }
}
