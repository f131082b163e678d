import type { Endpoint } from "./network"

/** Payload of one TCP segment, and of one AT+CIPSEND, at most, [AN] 6.3. */
export const SEGMENT = 1460

/** What carries the bytes of one connection: TCP or UDP, over the radio. */
export interface Transport {
    /** Takes any number of bytes to send. */
    send(bytes: Uint8Array): void
    /** Free bytes of the send buffer. */
    readonly room: number
    /** Bytes sent for good: acknowledged (TCP), handed to the radio (UDP). */
    readonly confirmed: number
    /** Bytes that the peer has acknowledged; none with UDP. */
    readonly acknowledged: number
    /** The DTE has taken this many received bytes: there is room for as many. */
    consumed(bytes: number): void
    /**
     * Closes a connection that is made, in good order.
     * @param done runs when that is over; no event follows
     */
    close(done: () => void): void
    /** Ends it at once; no event follows. */
    abort(): void
}

export interface TransportEvents {
    connected(): void
    /** It could not be connected; it is over. */
    failed(): void
    /** TLS: the handshake failed; it is over. */
    insecure(): void
    received(bytes: Uint8Array, from: Endpoint): void
    /** {@link Transport.confirmed} has grown. */
    confirmed(): void
    /** The peer has begun to close; `closed` follows. */
    remoteClosing(): void
    /** The peer has closed, or has not acknowledged for too long; it is over. */
    closed(reason: "remote" | "unacknowledged"): void
}
