import type { Protocol } from "./ip-state"
import type { Endpoint } from "./network"
import type { TlsRequest } from "./tls"
import type { Transport } from "./transport"

/** `<client state>` of AT+CIPSTATUS, [ATM] 8.2.12. */
export type LinkState =
    | "INITIAL"
    | "CONNECTING"
    | "CONNECTED"
    | "REMOTE CLOSING"
    | "CLOSING"
    | "CLOSED"

/** Received bytes that belong together: a TCP segment or a datagram. */
export interface Received {
    readonly bytes: Uint8Array
    readonly from: Endpoint
}

/** How a AT+CIPSEND ended. */
export type SendResult = "sent" | "failed" | "closed" | "deactivated"

/** Before the first connection. */
const NOWHERE: Endpoint = { address: "", port: 0 }

/** One of the six connections `<n>` of AT+CIPSTART; a single connection is number 0. */
export class Link {
    private current: LinkState = "INITIAL"
    /** The PDP context, `<bearer>`. */
    bearer = 0
    protocol: Protocol = "TCP"
    /** As AT+CIPSTATUS shows it: the name given, until it has been resolved. */
    remote = NOWHERE
    transport: Transport | undefined
    /** How it is encrypted. */
    tls: TlsRequest | undefined
    /** Sends nothing any more, though nothing says so (fault `send-fail`). */
    broken = false
    /** Counts AT+CIPSTART, so that a late answer to an earlier one is known. */
    attempt = 0
    /**
     * Called if the context goes first, while data from the DTE or an orderly close are
     * awaited.
     */
    whenAborted: (() => void) | undefined
    /** AT+CIPACK: bytes handed over by the DTE, and acknowledged by the peer. */
    sent = 0
    /** Bytes that the peer has sent so far. */
    arrived = 0
    private inbox: Received[] = []
    private unreadBytes = 0
    private sending: { upTo: number; done: (result: SendResult) => void }[] = []

    /** AT+CLPORT: 0 for any. */
    readonly localPort: Record<Protocol, number> = { TCP: 0, UDP: 0 }
    /** AT+CIPUDPMODE=1: datagrams from any sender are received. */
    extendedUdp = false

    /** @param changed tells every change of state */
    constructor(
        readonly number: number,
        private readonly changed: (
            link: Link,
            from: LinkState,
            to: LinkState
        ) => void
    ) {}

    get state(): LinkState {
        return this.current
    }

    enter(state: LinkState): void {
        const from = this.current
        if (from === state) return
        this.current = state
        this.changed(this, from, state)
    }

    /** Whether it exists: being made, made, or being closed. */
    get isBusy(): boolean {
        return this.current !== "INITIAL" && this.current !== "CLOSED"
    }

    /** Whether it is not on its way up or down. */
    get isSettled(): boolean {
        return (
            this.current === "INITIAL" ||
            this.current === "CONNECTED" ||
            this.current === "CLOSED"
        )
    }

    /** A new connection: nothing of the old one is left. */
    open(bearer: number, protocol: Protocol, remote: Endpoint): void {
        this.bearer = bearer
        this.protocol = protocol
        this.remote = remote
        this.transport = undefined
        this.broken = false
        this.attempt++
        this.sent = 0
        this.arrived = 0
        this.sending = []
        this.discard()
        this.enter("CONNECTING")
    }

    /** Resets the connection, for AT+CIPSHUT. */
    clear(): void {
        this.transport = undefined
        this.sent = 0
        this.arrived = 0
        this.sending = []
        this.discard()
        this.remote = NOWHERE
        this.enter("INITIAL")
    }

    get acknowledged(): number {
        return this.transport?.acknowledged ?? 0
    }

    /** Bytes that one AT+CIPSEND may hold now, at most. */
    get room(): number {
        return this.current === "CONNECTED" ? (this.transport?.room ?? 0) : 0
    }

    /** @param done runs when the bytes are confirmed, or never will be */
    send(bytes: Uint8Array, done: (result: SendResult) => void): void {
        this.sent += bytes.length
        this.sending.push({ upTo: this.sent, done })
        this.transport?.send(bytes)
    }

    /** The transport has confirmed more. */
    confirmed(): void {
        const confirmed = this.transport?.confirmed ?? 0
        while (this.sending.length > 0 && this.sending[0].upTo <= confirmed)
            this.sending.shift()?.done("sent")
    }

    /** No confirmation will come any more. */
    endSending(result: SendResult): void {
        const sending = this.sending
        this.sending = []
        for (const { done } of sending) done(result)
    }

    /** Received bytes that the DTE has not taken. */
    get unread(): number {
        return this.unreadBytes
    }

    /** @returns whether these are the first unread bytes */
    receive(received: Received): boolean {
        this.inbox.push(received)
        this.arrived += received.bytes.length
        this.unreadBytes += received.bytes.length
        return this.unreadBytes === received.bytes.length
    }

    /**
     * Takes received bytes: TCP's are a stream, of UDP at most one datagram.
     * @returns undefined if there are none
     */
    read(most: number): Received | undefined {
        const first = this.inbox[0]
        if (first === undefined || most <= 0) return undefined
        const parts: Uint8Array[] = []
        let left = most
        while (left > 0 && this.inbox.length > 0) {
            const { bytes, from } = this.inbox[0]
            const part = bytes.subarray(0, left)
            parts.push(part)
            left -= part.length
            if (part.length === bytes.length) this.inbox.shift()
            else this.inbox[0] = { bytes: bytes.subarray(part.length), from }
            if (this.protocol === "UDP") break
        }
        const bytes = Uint8Array.from(Buffer.concat(parts))
        this.took(bytes.length)
        return { bytes, from: first.from }
    }

    /** Takes one segment or datagram as it came. */
    readSegment(): Received | undefined {
        const first = this.inbox.shift()
        if (first !== undefined) this.took(first.bytes.length)
        return first
    }

    /** Drops received data: they cannot be read after a local close [REAL:TG#69]. */
    discard(): void {
        this.inbox = []
        this.unreadBytes = 0
    }

    private took(bytes: number): void {
        this.unreadBytes -= bytes
        if (bytes > 0) this.transport?.consumed(bytes)
    }
}
