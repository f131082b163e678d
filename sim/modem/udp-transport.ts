import type { Endpoint, Network, UdpSocket } from "./network"
import type { FirmwareOptions } from "./options"
import type { RadioLink } from "./radio-link"
import { SEGMENT, type Transport, type TransportEvents } from "./transport"

export interface UdpTransportOptions {
    readonly radio: RadioLink
    readonly network: Network
    readonly firmware: FirmwareOptions
}

/**
 * Datagrams to and from one remote address; those from elsewhere are dropped,
 * and so are those for which the receive buffer has no room. A datagram longer
 * than a segment arrives in several pieces.
 */
export class UdpTransport implements Transport {
    private readonly socket: UdpSocket
    private over = false
    private handedOver = 0
    private queued = 0
    private free: number

    constructor(
        private readonly environment: UdpTransportOptions,
        private readonly remote: Endpoint,
        local: Endpoint,
        private readonly events: TransportEvents
    ) {
        this.free = environment.firmware.receiveBuffer
        this.socket = environment.network.openUdp(local, {
            received: (bytes, from) => this.arrive(bytes, from),
        })
    }

    get room(): number {
        return this.environment.firmware.sendBuffer - this.queued
    }

    get acknowledged(): number {
        return 0
    }

    get confirmed(): number {
        return this.handedOver
    }

    send(bytes: Uint8Array): void {
        this.queued += bytes.length
        this.environment.radio.uplink.carry(
            bytes.length,
            () => {
                if (!this.over) this.socket.send(bytes, this.remote)
            },
            () => {
                this.queued -= bytes.length
                this.handedOver += bytes.length
                if (!this.over) this.events.confirmed()
            }
        )
    }

    consumed(bytes: number): void {
        this.free += bytes
    }

    close(done: () => void): void {
        this.abort()
        done()
    }

    abort(): void {
        if (this.over) return
        this.over = true
        this.socket.close()
    }

    private arrive(bytes: Uint8Array, from: Endpoint): void {
        const expected =
            from.address === this.remote.address &&
            from.port === this.remote.port
        if (!expected || bytes.length > this.free) return
        this.free -= bytes.length
        for (let at = 0; at < bytes.length; at += SEGMENT) {
            const piece = bytes.slice(at, at + SEGMENT)
            this.environment.radio.downlink.carry(piece.length, () => {
                if (!this.over) this.events.received(piece, from)
            })
        }
    }
}
