import type { Clock, Timer } from "./clock"
import { EscapeSequence } from "./escape-sequence"
import type { IpSettings } from "./ip-settings"
import type { Link } from "./link"
import type { ResolvedOptions } from "./options"
import type { Output } from "./output"
import type { DtrMode } from "./profile"
import type { DceSide } from "./uart"

/** How long DTR must have been low for its rise to mean something, ms ([AN] 2.2.4). */
const DTR_PULSE = 1000
/** Bytes that a DTE may still send until it sees CTS off. */
const CTS_RESERVE = 256

const BUFFER_FULL = "the send buffer was full"

/** What data mode needs of the module. */
export interface DataModeModule {
    readonly clock: Clock
    readonly options: Pick<ResolvedOptions, "firmware">
    readonly output: Pick<Output, "result" | "beginData" | "endData">
    readonly profile: {
        readonly dtrMode: DtrMode
        readonly dcdFollowsLink: boolean
    }
    readonly uart: Pick<DceSide, "setDcd" | "setReady">
    /** When the DTE sent its last byte. */
    readonly lastByteAt: number
    /** Runs `run` once the line under way has ended and its result is queued. */
    whenLineEnded(run: () => void): void
    /** Command mode, or data mode, has begun. */
    modeChanged(): void
    releaseOutput(): void
    activityChanged(): void
    report(subject: "mode", from: string, to: string): void
    log(line: string): void
}

/** What data mode needs of the TCP/IP toolkit. */
export interface DataModeToolkit {
    readonly settings: Pick<IpSettings, "escape" | "waitTime" | "sendSize">
    isTransparent(): boolean
    /** Gives received data to the DTE. */
    pump(): void
    send(link: Link, bytes: Uint8Array, done: () => void): void
    /** Ends the connection, and data mode with it. */
    drop(link: Link): void
}

/**
 * Transparent mode ([AN] 2.2): the UART and the single connection are one.
 *
 * In data mode all bytes of the DTE are gathered into packets for the peer
 * (AT+CIPCCFG), and the DTE gets only the peer's bytes. `+++`, a pulse of DTR, and the
 * end of the connection lead back to command mode, ATO leads to data mode again.
 */
export class DataMode {
    private active = false
    private readonly gathered: number[] = []
    private idle: Timer | undefined
    private readonly escape: EscapeSequence
    /** Whether CTS shows room in the send buffer. */
    private ready = true
    private lostBytes = 0

    constructor(
        private readonly module: DataModeModule,
        private readonly toolkit: DataModeToolkit,
        private readonly link: Link
    ) {
        this.escape = new EscapeSequence(module.clock, {
            payload: byte => this.gather(byte),
            escaped: () => this.suspend(),
        })
    }

    get isActive(): boolean {
        return this.active
    }

    /** Whether nothing from the DTE waits to be sent, or to become an escape. */
    get isSettled(): boolean {
        return this.gathered.length === 0 && !this.escape.isPending
    }

    /** Whether there is a transparent connection, in data mode or not. */
    get isConnected(): boolean {
        return (
            this.toolkit.isTransparent() &&
            this.link.isBusy &&
            this.link.state !== "CONNECTING"
        )
    }

    /** Says `CONNECT`; from the next byte on everything is data. */
    enter(): void {
        const { output } = this.module
        output.result("CONNECT")
        output.beginData()
        this.active = true
        this.module.report("mode", "command", "data")
        this.updateDcd()
        this.module.modeChanged()
        this.toolkit.pump()
    }

    /** ATO ([ATM] 2.2.11): back to data mode. @returns whether there is a connection */
    resume(): boolean {
        if (!this.isConnected || this.link.state !== "CONNECTED") return false
        this.module.whenLineEnded(() => this.enter())
        return true
    }

    /**
     * Back to command mode, if data mode is on.
     * @param say says why; what could not be said in data mode follows
     */
    leave(say: () => void): void {
        if (!this.active) {
            say()
            return
        }
        const { module } = this
        this.active = false
        this.idle?.cancel()
        this.idle = undefined
        this.reportLost(BUFFER_FULL)
        this.lostBytes = this.gathered.length + this.escape.forget()
        this.gathered.length = 0
        this.reportLost("the connection ended")
        this.setReady(true)
        module.report("mode", "data", "command")
        module.output.endData(say)
        this.updateDcd()
        this.module.modeChanged()
        this.module.releaseOutput()
    }

    /** To command mode with `OK`; the connection stays ([AN] 2.2.4). */
    private suspend(): void {
        this.escape.giveUp()
        this.flush()
        this.leave(() => this.module.output.result("OK"))
    }

    /**
     * Takes one byte in data mode.
     * @param silence how long the DTE had been silent before it, ms
     */
    receive(byte: number, silence: number): void {
        if (this.toolkit.settings.escape) this.escape.receive(byte, silence)
        else this.gather(byte)
    }

    /**
     * DTR has risen: the signal, if it had been low for a second.
     * @param lowMs for how long it had been low
     */
    dtrRose(lowMs: number): void {
        if (lowMs < DTR_PULSE || !this.active) return
        const { dtrMode } = this.module.profile
        if (dtrMode === 1) this.suspend()
        else if (dtrMode === 2) this.toolkit.drop(this.link)
    }

    /**
     * DCD ([AN] 2.2.3, 10): low as long as there is a transparent connection, or
     * always (AT&C0).
     */
    updateDcd(): void {
        const { uart, profile, options } = this.module
        const isShown = this.active || !options.firmware.escapeRaisesDcd
        uart.setDcd(!profile.dcdFollowsLink || (this.isConnected && isShown))
    }

    private get room(): number {
        return (this.link.transport?.room ?? 0) - this.gathered.length
    }

    private gather(byte: number): void {
        if (this.room <= 0) {
            this.lostBytes++
            return
        }
        this.gathered.push(byte)
        if (this.gathered.length >= this.toolkit.settings.sendSize) this.flush()
        else this.watchIdle()
        this.updateReady()
    }

    /** Sends the gathered bytes when the DTE has been silent for WaitTm. */
    private watchIdle(): void {
        if (this.idle !== undefined) return
        const { clock, options } = this.module
        const { waitUnitMs } = options.firmware
        const wait = this.toolkit.settings.waitTime * waitUnitMs
        const since = this.module.lastByteAt
        const sendAt = since + wait
        this.idle = clock.after(sendAt - clock.now(), () => {
            this.idle = undefined
            if (this.module.lastByteAt === since) this.flush()
            else this.watchIdle()
        })
    }

    /** Sends the gathered bytes as one packet. */
    private flush(): void {
        this.idle?.cancel()
        this.idle = undefined
        if (this.gathered.length === 0) return
        const packet = Uint8Array.from(this.gathered)
        this.gathered.length = 0
        this.toolkit.send(this.link, packet, () => {
            if (!this.active) return
            this.reportLost(BUFFER_FULL)
            this.updateReady()
        })
        this.module.activityChanged()
    }

    /** Stops the DTE in time, lets it go on with some room in hand. */
    private updateReady(): void {
        const { sendBuffer } = this.module.options.firmware
        const reserve = Math.min(CTS_RESERVE, sendBuffer / 4)
        if (this.room <= reserve) this.setReady(false)
        else if (this.room >= 2 * reserve) this.setReady(true)
    }

    private setReady(ready: boolean): void {
        if (ready === this.ready) return
        this.ready = ready
        this.module.uart.setReady(ready)
    }

    private reportLost(reason: string): void {
        if (this.lostBytes === 0) return
        this.module.log(
            `${this.lostBytes} bytes from the DTE were lost: ${reason}`
        )
        this.lostBytes = 0
    }
}
