/** A logic analyser's clip on the whole serial interface. */
import type { Clock } from "../modem/clock"
import { Tap } from "../modem/trace"
import type { DteSide } from "../modem/uart"

/** Pins that the DTE drives, and pins that the DCE drives. */
export const DTE_PINS = ["dtr", "rts", "pwrkey", "reset"] as const
export const DCE_PINS = ["cts", "dcd", "ri", "status"] as const
export const PINS = [...DTE_PINS, ...DCE_PINS]
export type Pin = (typeof PINS)[number]

export interface PinEvent {
    /** The time of the clock, ms. */
    readonly time: number
    readonly pin: Pin
    /** whether the pin is low, which is ON for the serial interface */
    readonly low: boolean
}

const ignore = (): void => undefined

/**
 * A tap that also watches the lines. Use it instead of the DTE's side that it taps, of
 * a virtual modem or of a real one.
 */
export class Probe extends Tap implements DteSide {
    onCts: (ready: boolean) => void = ignore
    onDcd: (low: boolean) => void = ignore
    onRi: (low: boolean) => void = ignore
    onStatus: (high: boolean) => void = ignore
    private readonly watchers = new Set<(event: PinEvent) => void>()
    private readonly low: Record<Pin, boolean>

    constructor(
        private readonly dte: DteSide,
        private readonly time: Clock
    ) {
        super(dte, time)
        this.low = {
            dtr: false,
            rts: true,
            pwrkey: false,
            reset: false,
            cts: dte.cts,
            dcd: dte.dcd,
            ri: dte.ri,
            status: !dte.status,
        }
        dte.onCts = ready => {
            this.see("cts", ready)
            this.onCts(ready)
        }
        dte.onDcd = low => {
            this.see("dcd", low)
            this.onDcd(low)
        }
        dte.onRi = low => {
            this.see("ri", low)
            this.onRi(low)
        }
        dte.onStatus = high => {
            this.see("status", !high)
            this.onStatus(high)
        }
    }

    /** @returns a function that ends the watching */
    watch(watcher: (event: PinEvent) => void): () => void {
        this.watchers.add(watcher)
        return () => this.watchers.delete(watcher)
    }

    /** Which pins are low now. */
    get levels(): Readonly<Record<Pin, boolean>> {
        return { ...this.low }
    }

    private see(pin: Pin, low: boolean): void {
        if (this.low[pin] === low) return
        this.low[pin] = low
        const event = { time: this.time.now(), pin, low }
        for (const watcher of this.watchers) watcher(event)
    }

    get pending(): number {
        return this.dte.pending
    }

    setBaud(baud: number): void {
        this.dte.setBaud(baud)
    }

    get baud(): number {
        return this.dte.baud
    }

    setRts(ready: boolean): void {
        this.see("rts", ready)
        this.dte.setRts(ready)
    }

    setAutoCts(on: boolean): void {
        this.dte.setAutoCts(on)
    }

    get cts(): boolean {
        return this.dte.cts
    }

    setDtr(low: boolean): void {
        this.see("dtr", low)
        this.dte.setDtr(low)
    }

    get dcd(): boolean {
        return this.dte.dcd
    }

    get ri(): boolean {
        return this.dte.ri
    }

    setPowerKey(low: boolean): void {
        this.see("pwrkey", low)
        this.dte.setPowerKey(low)
    }

    setReset(low: boolean): void {
        this.see("reset", low)
        this.dte.setReset(low)
    }

    get status(): boolean {
        return this.dte.status
    }
}
