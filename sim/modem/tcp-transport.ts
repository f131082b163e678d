import type { Clock, Timer } from "./clock"
import { KeepAlive, type KeepAliveSettings } from "./keep-alive"
import type { Endpoint, TcpConnection, TcpEvents } from "./network"
import type { FirmwareOptions } from "./options"
import type { RadioLink } from "./radio-link"
import { HANDSHAKE } from "./tls"
import { SEGMENT, type Transport, type TransportEvents } from "./transport"

export interface TcpTransportOptions {
    readonly clock: Clock
    readonly radio: RadioLink
    readonly firmware: FirmwareOptions
    readonly keepAlive: KeepAliveSettings
    /** AT+CIPRDTIMER: closing after the peer takes no longer than this, ms. */
    readonly remoteDelayMs: number
}

/** How a connection comes about: the module dials, or has been dialled. */
export interface TcpOpening {
    open(events: TcpEvents): TcpConnection
    /** It is encrypted: a handshake comes first. */
    readonly secure: boolean
    /** It will not be opened. */
    cancel(): void
}

/**
 * A TCP connection as the module has it: segments and acknowledgements take the
 * radio's time, and both directions have a window. The peer may have as many
 * bytes on their way as the receive buffer has room for; the DTE as many as the
 * send buffer.
 */
export class TcpTransport implements Transport {
    private connection: TcpConnection | undefined
    /** Nothing more is told. */
    private over = false
    /** Nothing is received before. */
    private open = false
    private sent = 0
    private acked = 0
    /** The peer's bytes that the radio has not taken yet. */
    private readonly waiting: Uint8Array[] = []
    /** Bytes that may still be put on the way to the module. */
    private window: number
    private paused = false
    private finWaiting = false
    /** Ends an orderly close by the module, if one is under way. */
    private finishClosing: (() => void) | undefined
    private connectTimer: Timer | undefined
    private ackTimer: Timer | undefined
    private readonly keepAlive: KeepAlive

    constructor(
        private readonly environment: TcpTransportOptions,
        private readonly remote: Endpoint,
        private readonly opening: TcpOpening,
        private readonly events: TransportEvents
    ) {
        this.window = environment.firmware.receiveBuffer
        this.keepAlive = new KeepAlive(
            environment.clock,
            { ...environment.keepAlive },
            () => this.probe(),
            () => this.lost("unacknowledged")
        )
        this.connectTimer = environment.clock.after(
            environment.firmware.connectTimeoutMs,
            () => this.failed()
        )
        this.uplink(0, () => {
            this.connection = opening.open({
                connected: () =>
                    this.handshake(HANDSHAKE.length, () => this.connected()),
                insecure: () => this.handshake(1, () => this.insecure()),
                refused: () => this.downlink(0, () => this.failed()),
                received: bytes => this.arrive(bytes),
                ended: () => {
                    this.finWaiting = true
                    this.pump()
                },
                reset: () => {
                    this.waiting.length = 0
                    this.downlink(0, () => this.lost("remote"))
                },
            })
        })
    }

    get room(): number {
        return this.environment.firmware.sendBuffer - (this.sent - this.acked)
    }

    get acknowledged(): number {
        return this.acked
    }

    get confirmed(): number {
        return this.acked
    }

    send(bytes: Uint8Array): void {
        if (this.sent === this.acked) this.watchAcknowledgement()
        this.sent += bytes.length
        for (let at = 0; at < bytes.length; at += SEGMENT) {
            const segment = bytes.subarray(at, at + SEGMENT)
            this.uplink(segment.length, () =>
                this.connection?.write(segment, () =>
                    this.downlink(0, () => this.acknowledge(segment.length))
                )
            )
        }
    }

    consumed(bytes: number): void {
        // the window opens for the peer when it hears of it
        this.uplink(0, () => {
            this.window += bytes
            this.pump()
        })
    }

    close(done: () => void): void {
        this.waiting.length = 0
        this.stopTimers()
        this.finishClosing = () => {
            this.over = true
            done()
        }
        this.sendFin(this.environment.firmware.closeTimeoutMs, () =>
            this.finishClosing?.()
        )
    }

    abort(): void {
        this.over = true
        this.stopTimers()
        if (this.connection === undefined) this.opening.cancel()
        else this.connection.abort()
    }

    private stopTimers(): void {
        this.connectTimer?.cancel()
        this.ackTimer?.cancel()
        this.keepAlive.stop()
    }

    /** An empty write is acknowledged by a peer that is there. */
    private probe(): void {
        this.uplink(0, () =>
            this.connection?.write(new Uint8Array(), () =>
                this.downlink(0, () => this.keepAlive.heard())
            )
        )
    }

    /**
     * Sends FIN after all that was sent before. The peer has a while to send
     * its own, then the connection is dropped.
     * @param closed runs when the FIN has been acknowledged, or after `limitMs`
     */
    private sendFin(limitMs: number, closed: () => void): void {
        const { clock, firmware } = this.environment
        const connection = this.connection
        const timer = clock.after(limitMs, () => finish())
        let finished = false
        const finish = (): void => {
            if (finished || this.over) return
            finished = true
            timer.cancel()
            closed()
            clock.after(firmware.closeTimeoutMs, () => connection?.abort())
        }
        this.uplink(0, () =>
            connection?.end(() => this.downlink(0, () => finish()))
        )
    }

    /** The traffic of TLS on the radio after the SYN. */
    private handshake(rounds: number, done: () => void): void {
        let next = this.opening.secure ? 0 : rounds
        const round = (): void => {
            if (next === rounds) {
                done()
                return
            }
            const { up, down } = HANDSHAKE[next++]
            this.uplink(up, () => this.downlink(down, round))
        }
        this.downlink(0, round)
    }

    private connected(): void {
        this.connectTimer?.cancel()
        this.keepAlive.heard()
        this.open = true
        this.events.connected()
        this.pump()
    }

    private insecure(): void {
        this.abort()
        this.events.insecure()
    }

    private failed(): void {
        if (this.over) return
        this.abort()
        this.events.failed()
    }

    private lost(reason: "remote" | "unacknowledged"): void {
        if (this.over) return
        this.abort()
        if (this.finishClosing === undefined) this.events.closed(reason)
        else this.finishClosing()
    }

    private acknowledge(bytes: number): void {
        this.acked += bytes
        this.ackTimer?.cancel()
        if (this.acked < this.sent) this.watchAcknowledgement()
        this.keepAlive.heard()
        this.events.confirmed()
    }

    private watchAcknowledgement(): void {
        this.ackTimer = this.environment.clock.after(
            this.environment.firmware.unacknowledgedTimeoutMs,
            () => this.lost("unacknowledged")
        )
    }

    private arrive(bytes: Uint8Array): void {
        // a segment must fit into the window
        const size = Math.min(SEGMENT, this.environment.firmware.receiveBuffer)
        for (let at = 0; at < bytes.length; at += size)
            this.waiting.push(bytes.slice(at, at + size))
        this.pump()
    }

    /** Sends as much as the window allows, segment by segment. */
    private pump(): void {
        if (!this.open) return
        while (
            this.waiting.length > 0 &&
            this.waiting[0].length <= this.window
        ) {
            const segment = this.waiting[0]
            this.waiting.shift()
            this.window -= segment.length
            this.downlink(segment.length, () => {
                this.keepAlive.heard()
                this.events.received(segment, this.remote)
            })
        }
        this.setPaused(this.waiting.length > 0)
        if (this.finWaiting && this.waiting.length === 0) {
            this.finWaiting = false
            this.downlink(0, () => this.remoteEnded())
        }
    }

    private remoteEnded(): void {
        if (this.finishClosing !== undefined) return
        this.events.remoteClosing()
        this.sendFin(this.environment.remoteDelayMs, () => {
            this.over = true
            this.stopTimers()
            this.events.closed("remote")
        })
    }

    private setPaused(paused: boolean): void {
        if (paused === this.paused) return
        this.paused = paused
        if (paused) this.connection?.pause()
        else this.connection?.resume()
    }

    private uplink(bytes: number, arrived: () => void): void {
        this.environment.radio.uplink.carry(bytes, () => {
            if (!this.over) arrived()
        })
    }

    private downlink(bytes: number, arrived: () => void): void {
        this.environment.radio.downlink.carry(bytes, () => {
            if (!this.over) arrived()
        })
    }
}
