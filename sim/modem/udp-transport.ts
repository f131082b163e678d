import type { Endpoint, Network, UdpSocket } from "./network"
import type { FirmwareOptions } from "./options"
import type { RadioLink } from "./radio-link"
import { SEGMENT, type Transport, type TransportEvents } from "./transport"

export interface UdpTransportOptions {
    readonly radio: RadioLink
    readonly network: Network
    readonly firmware: FirmwareOptions
    /** AT+CIPUDPMODE=1: accepts any sender. */
    readonly extended: boolean
    /** Where datagrams go; AT+CIPUDPMODE=2 changes it. */
    readonly target: () => Endpoint
    readonly log: (line: string) => void
}

/**
 * Datagrams to one remote address and from there, or in the extended mode from
 * anywhere ([AN] 2.1.4). Each stays in one piece: one that is longer than a
 * segment is dropped, as is one for which the receive buffer has no room.
 */
export class UdpTransport implements Transport {
    private readonly socket: UdpSocket
    private over = false
    private handedOver = 0
    private queued = 0
    private free: number

    constructor(
        private readonly environment: UdpTransportOptions,
        local: Endpoint,
        private readonly events: TransportEvents
    ) {
        this.free = environment.firmware.receiveBuffer
        this.socket = environment.network.openUdp(local, {
            bound: () => {
                if (!this.over) this.events.connected()
            },
            failed: () => {
                if (this.over) return
                this.over = true
                this.events.failed()
            },
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
        const target = this.environment.target()
        this.queued += bytes.length
        this.environment.radio.uplink.carry(
            bytes.length,
            () => {
                if (!this.over) this.socket.send(bytes, target)
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
        if (this.over || bytes.length === 0 || !this.hears(from)) return
        if (bytes.length > SEGMENT) {
            this.environment.log(
                `a datagram of ${bytes.length} bytes from ${from.address}:${from.port} was dropped: the module takes ${SEGMENT}`
            )
            return
        }
        if (bytes.length > this.free) return
        this.free -= bytes.length
        this.environment.radio.downlink.carry(bytes.length, () => {
            if (!this.over) this.events.received(bytes, from)
        })
    }

    private hears({ address, port }: Endpoint): boolean {
        if (this.environment.extended) return true
        const target = this.environment.target()
        return address === target.address && port === target.port
    }
}
