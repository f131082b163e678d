import type { Timer } from "./clock"
import { EscapeSequence } from "./escape-sequence"
import type { Firmware } from "./firmware"
import type { Link } from "./link"

/** How long DTR must have been low for its rise to mean something, ms ([AN] 2.2.4). */
const DTR_PULSE = 1000
/** What a DTE may still send until it has seen that CTS is off, bytes. */
const CTS_RESERVE = 256

const BUFFER_FULL = "the send buffer was full"

/** AT&D ([ATM] 2.2.29): what a pulse of DTR in data mode does. */
export type DtrMode =
    /** Nothing. */
    | 0
    /** To command mode, the connection stays. */
    | 1
    /** The connection is dropped. */
    | 2

/**
 * Transparent mode ([AN] 2.2): the UART and the single connection are one.
 *
 * In data mode whatever the DTE sends is gathered into packets for the peer
 * (AT+CIPCCFG), and nothing but the peer's bytes goes to the DTE. `+++`, a pulse
 * of DTR, and the end of the connection lead back to command mode, ATO leads to
 * data mode again.
 */
export class DataMode {
    private active = false
    private readonly gathered: number[] = []
    private idle: Timer | undefined
    private readonly escape: EscapeSequence
    private dtrLowAt: number
    /** What the DTE has been told about the send buffer. */
    private ready = true
    private lostBytes = 0

    constructor(
        private readonly dce: Firmware,
        private readonly link: Link
    ) {
        this.escape = new EscapeSequence(dce.clock, {
            payload: byte => this.gather(byte),
            escaped: () => this.suspend(),
        })
        this.dtrLowAt = dce.hardware.uart.dtr ? dce.clock.now() : Infinity
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
            this.dce.tcpip.isTransparent &&
            this.link.isBusy &&
            this.link.state !== "CONNECTING"
        )
    }

    /** Says `CONNECT`; from the next byte on everything is data. */
    enter(): void {
        const { output, tcpip, hardware } = this.dce
        output.result("CONNECT")
        output.beginData()
        this.active = true
        hardware.report("mode", "command", "data")
        this.updateDcd()
        this.dce.modeChanged()
        tcpip.delivery.pump()
    }

    /** ATO ([ATM] 2.2.11): back to data mode. @returns whether there is a connection */
    resume(): boolean {
        if (!this.isConnected || this.link.state !== "CONNECTED") return false
        this.dce.interpreter.whenEnded(() => this.enter())
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
        const { output, hardware } = this.dce
        this.active = false
        this.idle?.cancel()
        this.idle = undefined
        this.reportLost(BUFFER_FULL)
        this.lostBytes = this.gathered.length + this.escape.forget()
        this.gathered.length = 0
        this.reportLost("the connection ended")
        this.setReady(true)
        hardware.report("mode", "data", "command")
        output.endData(say)
        this.updateDcd()
        this.dce.modeChanged()
        this.dce.releaseOutput()
    }

    /** To command mode with `OK`; the connection stays ([AN] 2.2.4). */
    private suspend(): void {
        this.escape.giveUp()
        this.flush()
        this.leave(() => this.dce.output.result("OK"))
    }

    /**
     * Takes one byte in data mode.
     * @param silence how long the DTE had been silent before it, ms
     */
    receive(byte: number, silence: number): void {
        if (this.dce.tcpip.settings.escape) this.escape.receive(byte, silence)
        else this.gather(byte)
    }

    /** What DTR did: its rise after a second of low is the signal. */
    dtrChanged(low: boolean): void {
        const now = this.dce.clock.now()
        const pulsed = !low && now - this.dtrLowAt >= DTR_PULSE
        this.dtrLowAt = low ? now : Infinity
        if (!pulsed || !this.active) return
        const { dtrMode } = this.dce.profile
        if (dtrMode === 1) this.suspend()
        else if (dtrMode === 2) this.dce.tcpip.dropLink(this.link)
    }

    /**
     * DCD ([AN] 2.2.3, 10): low as long as there is a transparent connection, or
     * always (AT&C0).
     */
    updateDcd(): void {
        const { hardware, profile } = this.dce
        const isShown =
            this.active || !hardware.options.firmware.escapeRaisesDcd
        hardware.uart.setDcd(
            !profile.dcdFollowsLink || (this.isConnected && isShown)
        )
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
        if (this.gathered.length >= this.dce.tcpip.settings.sendSize)
            this.flush()
        else this.watchIdle()
        this.updateReady()
    }

    /** Sends what there is when the DTE has been silent for WaitTm. */
    private watchIdle(): void {
        if (this.idle !== undefined) return
        const { clock, tcpip, hardware } = this.dce
        const { waitUnitMs } = hardware.options.firmware
        const wait = tcpip.settings.waitTime * waitUnitMs
        const since = this.dce.lastByteAt
        const sendAt = since + wait
        this.idle = clock.after(sendAt - clock.now(), () => {
            this.idle = undefined
            if (this.dce.lastByteAt === since) this.flush()
            else this.watchIdle()
        })
    }

    /** Sends what has been gathered as one packet. */
    private flush(): void {
        this.idle?.cancel()
        this.idle = undefined
        if (this.gathered.length === 0) return
        const packet = Uint8Array.from(this.gathered)
        this.gathered.length = 0
        this.dce.tcpip.send(this.link, packet, () => {
            if (!this.active) return
            this.reportLost(BUFFER_FULL)
            this.updateReady()
        })
        this.dce.activityChanged()
    }

    /** Stops the DTE in time, lets it go on with some room in hand. */
    private updateReady(): void {
        const { sendBuffer } = this.dce.hardware.options.firmware
        const reserve = Math.min(CTS_RESERVE, sendBuffer / 4)
        if (this.room <= reserve) this.setReady(false)
        else if (this.room >= 2 * reserve) this.setReady(true)
    }

    private setReady(ready: boolean): void {
        if (ready === this.ready) return
        this.ready = ready
        this.dce.hardware.uart.setReady(ready)
    }

    private reportLost(reason: string): void {
        if (this.lostBytes === 0) return
        this.dce.hardware.log(
            `${this.lostBytes} bytes from the DTE were lost: ${reason}`
        )
        this.lostBytes = 0
    }
}
