import type { Clock } from "./clock"
import type { Link, Received } from "./link"
import type { IpSettings } from "./ip-settings"
import type { FirmwareOptions } from "./options"
import type { Output } from "./output"
import type { DceSide } from "./uart"

/**
 * Bytes that may still wait for the UART when the next segment is pushed: few,
 * so that answers are not held up, but enough to leave no gap on the line.
 */
const LOW_WATER = 64

/** What becomes of received data. */
export type DeliveryMode =
    /** It is given to the DTE, framed as the settings say. */
    | "pushed"
    /** AT+CIPRXGET=1: it is announced, and waits to be asked for. */
    | "announced"
    /** Transparent mode: data go to the DTE unchanged. */
    | "transparent"
    /** Transparent mode, but the DTE is in command mode: it waits. */
    | "held"

/**
 * Brings received data to the DTE: pushes it segment by segment, the connections in
 * turn, or with AT+CIPRXGET=1 announces it ([AN] 7). Data that the UART cannot take
 * stay in the receive buffers and so stop the peers.
 */
export class Delivery {
    private lastServed = 0
    private waitsForUart = false
    /** Between two bursts of AT+CIPCCFG. */
    private pausing = false
    private readonly ending = new Map<Link, () => void>()

    constructor(
        private readonly links: readonly Link[],
        private readonly output: Output,
        private readonly uart: DceSide,
        private readonly firmware: FirmwareOptions,
        private readonly clock: Clock,
        private readonly settings: () => IpSettings,
        private readonly mode: () => DeliveryMode
    ) {}

    received(link: Link, received: Received): void {
        const isFirst = link.receive(received)
        if (this.mode() !== "announced") this.pump()
        else if (isFirst) this.announce(link, received)
    }

    /** Runs `report` when all that was received has been pushed. */
    ended(link: Link, report: () => void): void {
        this.ending.set(link, report)
        this.pump()
    }

    /** The connection is gone without report. */
    forget(link: Link): void {
        this.ending.delete(link)
    }

    /** Pushes as much as the UART takes. */
    pump(): void {
        this.reportEnded()
        while (
            !this.output.holds &&
            !this.pausing &&
            this.uart.pending <= LOW_WATER
        ) {
            const link = this.nextLink()
            if (link === undefined) return
            this.lastServed = link.number
            if (this.mode() === "transparent") this.pass(link)
            else {
                const segment = link.readSegment()
                if (segment !== undefined) this.push(link, segment)
            }
            this.reportEnded()
        }
        if (this.waitsForUart || this.output.holds || this.pausing) return
        this.waitsForUart = true
        this.uart.whenPending(LOW_WATER, () => {
            this.waitsForUart = false
            this.pump()
        })
    }

    /** `+CIPRXGET: 1`, [ATM] 8.2.26. */
    private announce(link: Link, { from }: Received): void {
        const { multi, showSender } = this.settings()
        const name = this.rxgetName()
        const number = multi ? `,${link.number}` : ""
        const sender = showSender ? `,${from.address}:${from.port}` : ""
        this.output.urc(`${name}1${number}${sender}`)
    }

    /** `+CIPRXGET: ` as this firmware spells it. */
    rxgetName(): string {
        return this.firmware.rxgetBlank ? "+CIPRXGET: " : "+CIPRXGET:"
    }

    /** Whether received data goes to the DTE by itself. */
    private get isFlowing(): boolean {
        const mode = this.mode()
        return mode === "pushed" || mode === "transparent"
    }

    private nextLink(): Link | undefined {
        if (!this.isFlowing) return undefined
        const count = this.links.length
        for (let step = 1; step <= count; step++) {
            const link = this.links[(this.lastServed + step) % count]
            if (link.unread > 0) return link
        }
        return undefined
    }

    private reportEnded(): void {
        for (const [link, report] of [...this.ending]) {
            if (link.unread > 0 && this.isFlowing) continue
            this.ending.delete(link)
            report()
        }
    }

    /** Passes a segment, or a burst of AT+CIPCCFG and a pause, [AN] 2.2.2. */
    private pass(link: Link): void {
        const { pacedOutput, burstSize, burstGap } = this.settings()
        const received = pacedOutput ? link.read(burstSize) : link.readSegment()
        if (received === undefined) return
        this.output.data(received.bytes)
        if (!pacedOutput) return
        this.pausing = true
        this.uart.whenPending(0, () =>
            this.clock.after(burstGap, () => {
                this.pausing = false
                this.pump()
            })
        )
    }

    private push(link: Link, received: Received): void {
        if (this.settings().multi) this.pushNumbered(link, received)
        else this.pushSingle(link, received)
    }

    /** `+RECEIVE,n,len:`, [AN] 3.1; with AT+CIPSRIP=1 the sender, [ATM] 8.2.20. */
    private pushNumbered(link: Link, { bytes, from }: Received): void {
        const { header, showSender } = this.settings()
        const { receiveHeader, receiveColon, receiveTrailer } = this.firmware
        const sender = showSender ? `,${from.address}:${from.port}` : ""
        const colon = receiveColon ? ":" : ""
        const head =
            header || receiveHeader === "always"
                ? `\r\n+RECEIVE,${link.number},${bytes.length}${sender}${colon}\r\n`
                : ""
        this.output.push(head, bytes, receiveTrailer ? "\r\n" : "")
    }

    /** The payload alone, or after `RECV FROM:` and `+IPD`, [AN] 7.1. */
    private pushSingle(link: Link, { bytes, from }: Received): void {
        const { header, showSender, showProtocol } = this.settings()
        const sender = showSender
            ? `\r\n${this.firmware.receivedFrom}${from.address}:${from.port}\r\n`
            : ""
        const protocol = showProtocol ? `,${link.protocol}` : ""
        const ipd = header ? `\r\n+IPD,${bytes.length}${protocol}:` : ""
        this.output.push(sender + ipd, bytes, "")
    }
}
