/**
 * Transparent mode (application note 2.2): the bytes of a connection cross the UART as
 * they are.
 */
import type { Ring } from "../ring"
import { Connection, ReadState, SendState } from "./connection"
import type { Connections } from "./connections"

/** Hands waiting data to the UART. */
export function rawSend(links: Connections, link: Connection) {
    if (link.sendState !== SendState.Wanted) return
    link.sendState = SendState.InFlight
    links.encoder.payload(link.source as Buffer, link.sourceAt, link.sourceLeft)
}

/** The UART has taken all data. */
export function rawSent(links: Connections, link: Connection) {
    const n = link.sourceLeft
    link.sent += n
    link.accepted += n
    link.sourceLeft = 0
    link.source = null
    link.sendState = SendState.Done
    links.news |= 1 << link.id
}

/** Moves bytes from the UART's ring to their reader. @returns whether all were moved */
export function rawReceive(
    links: Connections,
    link: Connection,
    ring: Ring,
    count: number
): boolean {
    const rx = link.rx
    while (count > 0) {
        let n = ring.size - ring.tail
        if (n > count) n = count
        n = rx.put(ring.buf, ring.tail, n)
        if (n === 0) break
        ring.tail = (ring.tail + n) & (ring.size - 1)
        ring.used -= n
        link.received += n
        count -= n
    }
    if (link.readable !== rx.used) {
        link.readable = rx.used
        links.news |= 1 << link.id
    }
    return count === 0
}

/** Some received bytes may be data, and are lost. */
export function rawLost(link: Connection) {
    link.reading = ReadState.Held
}
