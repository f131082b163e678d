/**
 * The modem's lines before, amid and after the data of transparent mode, as found in
 * the ring; the peer may have sent the same bytes.
 */
import { CR, LF } from "../ascii"
import type { Ring } from "../ring"

export const OK = "\r\nOK\r\n"
export const CLOSED = "\r\nCLOSED\r\n"
const DEACT = "\r\n+PDP: DEACT\r\n"
const CONNECT = "\r\nCONNECT\r\n"
const CONNECTED = "CONNECT\r\n"
/** some firmware gives the peer's address before CONNECT */
const REMOTE = "REMOTE IP:"
/** line of a modem that has restarted */
const READY = "\r\nRDY\r\n"
/** Bytes that stay in the ring while OK is awaited: they may hold it. */
const TAIL = 192

/** Whether the bytes at offset `at` of a ring begin this text. */
function matches(ring: Ring, at: number, text: string, n: number): boolean {
    const mask = ring.size - 1
    for (let i = 0; i < n; i++)
        if (ring.buf[(ring.tail + at + i) & mask] !== text.charCodeAt(i))
            return false
    return true
}

/** Whether a whole text is at offset `at` of a ring. */
function startsWith(ring: Ring, at: number, text: string): boolean {
    return at + text.length <= ring.used && matches(ring, at, text, text.length)
}

/** Offset of the last occurrence of a text in a ring, -1 if none. */
export function find(ring: Ring, text: string): number {
    const mask = ring.size - 1
    const first = text.charCodeAt(0)
    for (let at = ring.used - text.length; at >= 0; at--)
        if (
            ring.buf[(ring.tail + at) & mask] === first &&
            matches(ring, at, text, text.length)
        )
            return at
    return -1
}

/**
 * Whether the next line is CONNECT, or, for a server, the peer's address that may
 * precede it.
 */
export function connectBegins(ring: Ring, serving: boolean): boolean {
    const mask = ring.size - 1
    let at = 0
    // a part of the line end before it may have been taken
    while (at < 2 && ring.buf[(ring.tail + at) & mask] <= CR) at++
    if (startsWith(ring, at, CONNECTED)) return true
    if (!serving || !startsWith(ring, at, REMOTE)) return false
    // a part of such a line may be data
    for (at += REMOTE.length; at < ring.used; at++)
        if (ring.buf[(ring.tail + at) & mask] === LF) return true
    return false
}

/** Whether the modem reports a restart. */
export function hasRestarted(ring: Ring): boolean {
    return find(ring, READY) >= 0
}

/** Offset of the line that ends the connection, -1 if none. */
export function lastLine(ring: Ring): number {
    const closed = find(ring, CLOSED)
    const deact = find(ring, DEACT)
    if (closed < 0 || closed > deact) return closed < 0 ? deact : closed
    // some firmware says both
    let at = closed + CLOSED.length
    const mask = ring.size - 1
    while (at < deact && ring.buf[(ring.tail + at) & mask] <= CR) at++
    return at < deact ? deact : closed
}

/** Whether the next peer of a server has connected after that line. */
export function hasSuccessor(ring: Ring, last: number): boolean {
    return find(ring, CONNECT) > last
}

/**
 * Length of the modem's last line of a connection, whole or begun, at the end of the
 * ring.
 * @param restarts the report of a restart counts too
 */
export function lastWord(ring: Ring, restarts: boolean): number {
    const buf = ring.buf
    const mask = ring.size - 1
    const end = ring.tail + ring.used
    let n = ring.used < DEACT.length ? ring.used : DEACT.length
    for (; n > 0; n--) {
        if (buf[(end - n) & mask] !== CR) continue
        const at = ring.used - n
        if (n <= CLOSED.length && matches(ring, at, CLOSED, n)) return n
        if (restarts && n <= READY.length)
            if (matches(ring, at, READY, n)) return n
        if (matches(ring, at, DEACT, n)) return n
    }
    return 0
}

/** How many bytes at the end of the ring may be lines of the modem, when DCD is off. */
export function tail(ring: Ring): number {
    const at = find(ring, READY)
    const n = at < 0 ? 0 : ring.used - at
    return n > TAIL ? n : TAIL
}
