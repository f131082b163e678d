/** Where the doors of one modem meet at its one UART. */
import type { DteSide } from "../modem/uart"

/** A modem with a baud rate that a door may follow. */
export interface RatedModem {
    /** The rate at which the modem sends. */
    readonly baud: number
    /** Told when it may have changed. */
    onActivity: () => void
}

/** A plug: the DTE's side as one of several sees it. */
export interface Plug extends DteSide {
    /** Follows the modem's rate again. */
    followBaud(): void
}

const ignore = (): void => undefined

/**
 * Gives each door its own DTE's side. All get the modem's bytes and lines; bytes that
 * they write go to the modem in order of arrival. A line is asserted if one of them
 * asserts it; RTS is off as long as one of them is not ready. The rate follows the
 * modem's, until a plug sets one.
 */
export class Junction {
    private readonly plugs = new Set<JunctionPlug>()
    private fixedBy: Plug | undefined

    constructor(
        readonly dte: DteSide,
        private readonly modem: RatedModem
    ) {
        dte.onData = bytes => this.each(plug => plug.onData(bytes))
        dte.onCts = ready => this.each(plug => plug.onCts(ready))
        dte.onDcd = low => this.each(plug => plug.onDcd(low))
        dte.onRi = low => this.each(plug => plug.onRi(low))
        dte.onStatus = high => this.each(plug => plug.onStatus(high))
        modem.onActivity = () => this.follow()
    }

    plug(): Plug {
        const plug = new JunctionPlug(this)
        this.plugs.add(plug)
        return plug
    }

    setBaud(plug: Plug, baud: number | undefined): void {
        if (baud !== undefined) {
            this.fixedBy = plug
            this.dte.setBaud(baud)
        } else if (this.fixedBy === plug) {
            this.fixedBy = undefined
            this.follow()
        }
    }

    /** A plug drives a line. */
    drive(): void {
        const all = [...this.plugs]
        this.dte.setRts(all.every(({ driven }) => driven.rts))
        this.dte.setDtr(all.some(({ driven }) => driven.dtr))
        this.dte.setPowerKey(all.some(({ driven }) => driven.powerKey))
        this.dte.setReset(all.some(({ driven }) => driven.reset))
        this.dte.setAutoCts(all.some(({ driven }) => driven.autoCts))
    }

    private follow(): void {
        const { dte, modem } = this
        if (this.fixedBy === undefined && dte.baud !== modem.baud)
            dte.setBaud(modem.baud)
    }

    private each(tell: (plug: Plug) => void): void {
        for (const plug of this.plugs) tell(plug)
    }
}

class JunctionPlug implements Plug {
    onData: (bytes: Uint8Array) => void = ignore
    onCts: (ready: boolean) => void = ignore
    onDcd: (low: boolean) => void = ignore
    onRi: (low: boolean) => void = ignore
    onStatus: (high: boolean) => void = ignore
    readonly driven = {
        rts: true,
        dtr: false,
        powerKey: false,
        reset: false,
        autoCts: false,
    }

    constructor(private readonly junction: Junction) {}

    write(bytes: Uint8Array): void {
        this.junction.dte.write(bytes)
    }

    get pending(): number {
        return this.junction.dte.pending
    }

    setBaud(baud: number): void {
        this.junction.setBaud(this, baud)
    }

    followBaud(): void {
        this.junction.setBaud(this, undefined)
    }

    get baud(): number {
        return this.junction.dte.baud
    }

    setRts(ready: boolean): void {
        this.drive("rts", ready)
    }

    setAutoCts(on: boolean): void {
        this.drive("autoCts", on)
    }

    setDtr(low: boolean): void {
        this.drive("dtr", low)
    }

    setPowerKey(low: boolean): void {
        this.drive("powerKey", low)
    }

    setReset(low: boolean): void {
        this.drive("reset", low)
    }

    private drive(line: keyof JunctionPlug["driven"], on: boolean): void {
        if (this.driven[line] === on) return
        this.driven[line] = on
        this.junction.drive()
    }

    get cts(): boolean {
        return this.junction.dte.cts
    }

    get dcd(): boolean {
        return this.junction.dte.dcd
    }

    get ri(): boolean {
        return this.junction.dte.ri
    }

    get status(): boolean {
        return this.junction.dte.status
    }
}
