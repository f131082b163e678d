/** Wiring mistakes between the two UARTs, by name. */
import type { DteSide } from "./uart"

export type WiringFault =
    | "tx-cut"
    | "rx-cut"
    | "tx-rx-swapped"
    | "rts-cut"
    | "cts-cut"
    | "dtr-cut"
    | "dcd-cut"
    | "ri-cut"
    | "wrong-crystal"

/** Factor of rates for a crystal of 14.7456 MHz on one of 12 MHz. */
const CRYSTALS = 12 / 14.7456

const ignore = (): void => undefined

/**
 * The DTE's side of the interface, behind wires with a fault. Wires are named by the
 * DTE's pins. A cut line rests high, which is off; the modem takes an open RTS for on.
 */
export class Wiring implements DteSide {
    onCts: (ready: boolean) => void = ignore
    onDcd: (low: boolean) => void = ignore
    onRi: (low: boolean) => void = ignore
    onData: (bytes: Uint8Array) => void = ignore
    onStatus: (high: boolean) => void = ignore

    constructor(
        private readonly dte: DteSide,
        private readonly fault: WiringFault
    ) {
        const whole = (cut: WiringFault): boolean => fault !== cut
        dte.onCts = ready => whole("cts-cut") && this.onCts(ready)
        dte.onDcd = low => whole("dcd-cut") && this.onDcd(low)
        dte.onRi = low => whole("ri-cut") && this.onRi(low)
        dte.onStatus = high => this.onStatus(high)
        dte.onData = bytes =>
            whole("rx-cut") && whole("tx-rx-swapped") && this.onData(bytes)
        this.setBaud(dte.baud)
    }

    write(bytes: Uint8Array): void {
        if (this.fault !== "tx-cut" && this.fault !== "tx-rx-swapped")
            this.dte.write(bytes)
    }

    get pending(): number {
        return this.dte.pending
    }

    setBaud(baud: number): void {
        const wrong = this.fault === "wrong-crystal"
        this.dte.setBaud(Math.round(wrong ? baud * CRYSTALS : baud))
    }

    get baud(): number {
        return this.dte.baud
    }

    setRts(ready: boolean): void {
        if (this.fault !== "rts-cut") this.dte.setRts(ready)
    }

    setAutoCts(on: boolean): void {
        this.dte.setAutoCts(on)
    }

    get cts(): boolean {
        return this.fault !== "cts-cut" && this.dte.cts
    }

    setDtr(low: boolean): void {
        if (this.fault !== "dtr-cut") this.dte.setDtr(low)
    }

    get dcd(): boolean {
        return this.fault !== "dcd-cut" && this.dte.dcd
    }

    get ri(): boolean {
        return this.fault !== "ri-cut" && this.dte.ri
    }

    setPowerKey(low: boolean): void {
        this.dte.setPowerKey(low)
    }

    setReset(low: boolean): void {
        this.dte.setReset(low)
    }

    get status(): boolean {
        return this.dte.status
    }
}
