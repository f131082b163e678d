/** A modem that is not virtual, or not in this process, as a UART with its lines. */
import type { DteSide } from "../modem/uart"
import {
    NO_LINES,
    parseAddress,
    type CarriedLines,
    type Carrier,
    type Connect,
} from "./carrier"
import { rfc2217, tcp } from "./network"
import { serial, type RingInput } from "./serial"

const RETRY_MS = 1000
/** The rate that it begins with. */
const BAUD = 115200

const ignore = (): void => undefined

export interface RealModemOptions {
    /** Where RI is wired to at a USB adapter. Default `none`. */
    readonly ring?: RingInput
    /** Told what becomes of the connection. */
    readonly onLog?: (line: string) => void
}

/**
 * The modem at an {@link parseAddress address}. Until it is closed, a lost connection
 * is made again. Bytes written meanwhile are lost, as on an unplugged cable.
 */
export class RealModem implements DteSide {
    onData: (bytes: Uint8Array) => void = ignore
    onCts: (ready: boolean) => void = ignore
    onDcd: (low: boolean) => void = ignore
    onRi: (low: boolean) => void = ignore
    onStatus: (high: boolean) => void = ignore
    readonly status = true
    private carrier: Carrier | undefined
    private retry: NodeJS.Timeout | undefined
    private closed = false
    private complaint = ""
    private rate = BAUD
    private driven = { dtr: false, rts: true }
    private readonly lines = { cts: true, dcd: false, ri: false }

    private constructor(
        private readonly connect: Connect,
        private readonly options: RealModemOptions
    ) {}

    /**
     * @param address e.g. `/dev/ttyUSB0`, `COM5`, `tcp://127.0.0.1:2000`
     * @throws CarrierError if it cannot be had now
     */
    static async open(
        address: string,
        options: RealModemOptions = {}
    ): Promise<RealModem> {
        const { kind, host, port, path } = parseAddress(address)
        const connect =
            kind === "tcp"
                ? tcp(host, port)
                : kind === "rfc2217"
                  ? rfc2217(host, port)
                  : serial(path, options.ring ?? "none")
        const modem = new RealModem(connect, options)
        await modem.begin()
        return modem
    }

    /** Which lines there are; none while the connection is lost. */
    get carries(): CarriedLines {
        return this.carrier?.carries ?? NO_LINES
    }

    /** Which lines there are, in words. */
    get description(): string {
        const { dtr, rts, dcd, ri } = this.carries
        const names = [
            dtr && "DTR",
            rts && "RTS and CTS",
            dcd && "DCD",
            ri && "RI",
        ].filter(Boolean)
        return names.length === 0 ? "data only" : `with ${names.join(", ")}`
    }

    close(): void {
        this.closed = true
        clearTimeout(this.retry)
        this.carrier?.close()
        this.carrier = undefined
    }

    private async begin(): Promise<void> {
        const carrier = await this.connect(this.rate, {
            data: bytes => this.onData(bytes),
            lines: lines => this.changed(lines),
            gone: reason => this.lost(reason),
        })
        if (this.closed) {
            carrier.close()
            return
        }
        this.carrier = carrier
        carrier.setDtr(this.driven.dtr)
        carrier.setRts(this.driven.rts)
        if (this.complaint) this.options.onLog?.("the modem is back")
        this.complaint = ""
    }

    private lost(reason: string): void {
        this.carrier?.close()
        this.carrier = undefined
        this.changed({ cts: true, dcd: false, ri: false })
        this.complain(reason)
        this.retry = setTimeout(() => {
            this.begin().catch((error: Error) => this.lost(error.message))
        }, RETRY_MS)
    }

    /** Once, however often it is tried. */
    private complain(reason: string): void {
        if (reason !== this.complaint) this.options.onLog?.(reason)
        this.complaint = reason
    }

    private changed(lines: {
        cts?: boolean
        dcd?: boolean
        ri?: boolean
    }): void {
        const { cts = this.lines.cts, dcd = false, ri = false } = lines
        if (cts !== this.lines.cts) this.onCts((this.lines.cts = cts))
        if (dcd !== this.lines.dcd) this.onDcd((this.lines.dcd = dcd))
        if (ri !== this.lines.ri) this.onRi((this.lines.ri = ri))
    }

    write(bytes: Uint8Array): void {
        this.carrier?.write(bytes)
    }

    get pending(): number {
        return this.carrier?.pending ?? 0
    }

    setBaud(baud: number): void {
        if (baud === this.rate) return
        this.rate = baud
        this.carrier?.setBaud(baud)
    }

    get baud(): number {
        return this.rate
    }

    setRts(ready: boolean): void {
        if (this.driven.rts === ready) return
        this.driven.rts = ready
        this.carrier?.setRts(ready)
    }

    setDtr(low: boolean): void {
        if (this.driven.dtr === low) return
        this.driven.dtr = low
        this.carrier?.setDtr(low)
    }

    /** No adapter has it. */
    setAutoCts(_: boolean): void {}
    setPowerKey(_: boolean): void {}
    setReset(_: boolean): void {}

    get cts(): boolean {
        return this.lines.cts
    }

    get dcd(): boolean {
        return this.lines.dcd
    }

    get ri(): boolean {
        return this.lines.ri
    }
}
