import { TimedQueue, type Clock } from "./clock"

/** The link between module and internet. Rates are rates of payload. */
export interface RadioLinkOptions {
    /** Time until an answer could be back, ms; half of it each way. */
    readonly roundTripMs: number
    readonly downlinkBitsPerSecond: number
    readonly uplinkBitsPerSecond: number
}

export const radioLinks = {
    /** No GPRS network is this fast: for seeing the UART as the narrowest place. */
    fast: {
        roundTripMs: 20,
        downlinkBitsPerSecond: 2_000_000,
        uplinkBitsPerSecond: 2_000_000,
    },
    /** GPRS class 10: four time slots down, two up, at CS-4. */
    gprs: {
        roundTripMs: 600,
        downlinkBitsPerSecond: 85_600,
        uplinkBitsPerSecond: 42_800,
    },
} satisfies Record<string, RadioLinkOptions>

export type RadioLinkName = keyof typeof radioLinks

/**
 * One direction of the radio: packets follow each other at its rate, and arrive
 * in order half a round trip after they were sent.
 */
export class RadioChannel {
    private freeAt = 0
    private readonly sending: TimedQueue
    private readonly flying: TimedQueue

    constructor(
        private readonly clock: Clock,
        private readonly bitsPerSecond: number,
        private readonly latencyMs: number
    ) {
        this.sending = new TimedQueue(clock)
        this.flying = new TimedQueue(clock)
    }

    /**
     * @param bytes payload of the packet; control packets count as 0
     * @param arrived runs when the packet is at the other end
     * @param sent runs when its last bit is on the air
     */
    carry(bytes: number, arrived: () => void, sent?: () => void): void {
        const airtime = (bytes * 8 * 1000) / this.bitsPerSecond
        this.freeAt = Math.max(this.freeAt, this.clock.now()) + airtime
        if (sent !== undefined) this.sending.push(this.freeAt, sent)
        this.flying.push(this.freeAt + this.latencyMs, arrived)
    }

    /** Out of reach: bytes under way wait, as if they were retransmitted. */
    suspend(): void {
        this.sending.hold()
        this.flying.hold()
    }

    resume(): void {
        this.sending.release()
        this.flying.release()
    }
}

/** Both directions, shared by all connections. */
export class RadioLink {
    readonly uplink: RadioChannel
    readonly downlink: RadioChannel

    constructor(clock: Clock, options: RadioLinkOptions) {
        const latency = options.roundTripMs / 2
        this.uplink = new RadioChannel(
            clock,
            options.uplinkBitsPerSecond,
            latency
        )
        this.downlink = new RadioChannel(
            clock,
            options.downlinkBitsPerSecond,
            latency
        )
    }

    suspend(): void {
        this.uplink.suspend()
        this.downlink.suspend()
    }

    resume(): void {
        this.uplink.resume()
        this.downlink.resume()
    }
}
