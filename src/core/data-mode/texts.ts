/**
 * The modem's lines before, amid and after the data of transparent mode, as found in
 * the ring; the peer may have sent the same bytes.
 */
import { CR, DEL, LF, PLUS, STAR, UPPER_A, UPPER_C, UPPER_R } from "../ascii"
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
/** short messages and cell broadcasts have a text */
const MESSAGE = "+CMT:"
const BROADCAST = "+CBM:"
/** Bytes that stay in the ring while OK is awaited: they may hold it. */
const TAIL = 192
/** … as long as DCD may still go off behind CLOSED and the lines that follow it */
const LAST_WORDS = 512

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

/** Offset of the first CR at or behind an offset of a ring, `used` if there is none. */
function nextCr(ring: Ring, from: number): number {
    const size = ring.size
    const at = (ring.tail + from) & (size - 1)
    let left = ring.used - from
    if (left <= 0) return ring.used
    if (left > size - at) {
        const found = ring.buf.indexOf(CR, at, size)
        if (found >= 0) return from + found - at
        from += size - at
        left = ring.used - from
        const wrapped = ring.buf.indexOf(CR, 0, left)
        return from + (wrapped < 0 ? left : wrapped)
    }
    const found = ring.buf.indexOf(CR, at, at + left)
    return from + (found < 0 ? left : found - at)
}

/** Offset of the last occurrence of a text that begins with CR, -1 if none. */
function find(ring: Ring, text: string): number {
    let last = -1
    for (let at = nextCr(ring, 0); at < ring.used; at = nextCr(ring, at + 1))
        if (startsWith(ring, at, text)) last = at
    return last
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

/** Length of the line at an offset if it ends the connection, otherwise 0. */
function lastLineAt(ring: Ring, at: number): number {
    if (startsWith(ring, at, CLOSED)) return CLOSED.length
    return startsWith(ring, at, DEACT) ? DEACT.length : 0
}

/** First offset from `at` on of what is neither a line end nor noise of zeros. */
function skipBlank(ring: Ring, at: number): number {
    const mask = ring.size - 1
    while (at < ring.used && ring.buf[(ring.tail + at) & mask] <= CR) at++
    return at
}

/** Offset behind the line that ends the connection; some firmware says two. */
export function behind(ring: Ring, last: number): number {
    const end = last + lastLineAt(ring, last)
    // the second one begins with CR LF
    const at = skipBlank(ring, end) - 2
    return startsWith(ring, at, DEACT) ? at + DEACT.length : end
}

/**
 * Whether nothing but lines of the modem can be between two offsets, the first of which
 * is behind a line. Short messages are text, too.
 */
function areLines(ring: Ring, from: number, to: number): boolean {
    const mask = ring.size - 1
    let at = skipBlank(ring, from)
    if (at >= to) return true
    const first = ring.buf[(ring.tail + at) & mask]
    if (at === from) return false
    if (first !== PLUS && first !== STAR && first < UPPER_A) return false
    while (at < to && ring.buf[(ring.tail + at) & mask] < DEL) at++
    return at >= to
}

/** Whether the line end at an offset is between a message and its text. */
function isText(ring: Ring, at: number): boolean {
    const mask = ring.size - 1
    let from = at
    while (from > 0 && ring.buf[(ring.tail + from - 1) & mask] !== LF) from--
    return startsWith(ring, from, MESSAGE) || startsWith(ring, from, BROADCAST)
}

/**
 * Offset of the OK of an escape, -1 if there is none: the last one. But the modem says
 * behind it what it has kept back, and the text of a short message may be OK.
 * @param old it is not in front of this offset
 */
export function findOk(ring: Ring, old: number): number {
    let last = -1
    for (
        let at = nextCr(ring, old);
        at < ring.used;
        at = nextCr(ring, at + 1)
    ) {
        if (!startsWith(ring, at, OK)) continue
        if (
            last >= 0 &&
            isText(ring, at) &&
            areLines(ring, last + OK.length, at)
        )
            continue
        last = at
    }
    return last
}

/** Offset of an OK from `old` on with nothing but lines between it and `end`, or -1. */
export function okBefore(ring: Ring, old: number, end: number): number {
    for (let at = nextCr(ring, old); at < end; at = nextCr(ring, at + 1))
        if (startsWith(ring, at, OK) && areLines(ring, at + OK.length, end))
            return at
    return -1
}

/**
 * Offset of the last line in the ring that ends a connection, -1 if none. If only other
 * lines are between it and the one before, it is that one: the text of a short message
 * may be such a line, too.
 * @param succeeded the first one that is followed by CONNECT, or other lines and CONNECT
 */
function endOf(ring: Ring, succeeded: boolean): number {
    let last = -1
    let end = 0
    for (let at = nextCr(ring, 0); at < ring.used; at = nextCr(ring, at + 1)) {
        if (succeeded && last >= 0 && startsWith(ring, at, CONNECT))
            if (areLines(ring, end, at)) return last
        const n = lastLineAt(ring, at)
        if (n === 0 || at < end) continue
        if (last >= 0 && skipBlank(ring, end) < at && areLines(ring, end, at)) {
            end = at + n
            continue
        }
        last = at
        end = behind(ring, at)
    }
    return succeeded ? -1 : last
}

/** Offset of the line that ends the connection, -1 if none. */
export function lastLine(ring: Ring): number {
    return endOf(ring, false)
}

/** The same if the next peer of a server has connected, otherwise -1. */
export function succession(ring: Ring): number {
    return endOf(ring, true)
}

/** Offset of the CONNECT that makes `last` a succession. */
export function successor(ring: Ring, last: number): number {
    let at = last
    while (!startsWith(ring, at, CONNECT)) at = nextCr(ring, at + 1)
    return at
}

/** Whether the line that ends the connection may be another, further behind. */
export function isDoubtful(ring: Ring, last: number): boolean {
    const end = behind(ring, last)
    return find(ring, CLOSED) >= end || find(ring, DEACT) >= end
}

/** Whether other lines, and nothing else, follow the one that ends the connection. */
export function hasLines(ring: Ring, last: number, to: number): boolean {
    const end = behind(ring, last)
    return end < to && areLines(ring, end, to)
}

/**
 * Length of what may be the modem's last line of a connection, whole or begun, and the
 * lines behind it, at the end of the ring.
 * @param restarts the report of a restart counts too
 */
export function lastWord(ring: Ring, restarts: boolean): number {
    const used = ring.used
    const mask = ring.size - 1
    let at = nextCr(ring, used > LAST_WORDS ? used - LAST_WORDS : 0)
    for (; at < used; at = nextCr(ring, at + 1)) {
        const n = used - at
        // lines of text are many: they cost no call
        const third = ring.buf[(ring.tail + at + 2) & mask]
        if (n > 2 && third !== UPPER_C && third !== PLUS && third !== UPPER_R)
            continue
        const end = lastLineAt(ring, at)
        if (end > 0 && areLines(ring, at + end, used)) return n
        if (n < CLOSED.length && matches(ring, at, CLOSED, n)) return n
        if (n < DEACT.length && matches(ring, at, DEACT, n)) return n
        if (restarts && n <= READY.length)
            if (matches(ring, at, READY, n)) return n
    }
    return 0
}

/** Whether the last `n` bytes of a ring are the line that ends the connection. */
export function isLastLine(ring: Ring, n: number): boolean {
    const at = ring.used - n
    return lastLineAt(ring, at) > 0 && behind(ring, at) === ring.used
}

/**
 * How many bytes at the end of the ring may be lines of the modem, when DCD is off or
 * OK is due.
 * @param old OK is not in front of this offset
 */
export function tail(ring: Ring, old: number): number {
    let at = find(ring, READY)
    const last = lastLine(ring)
    if (last >= 0 && (at < 0 || last < at))
        if (hasLines(ring, last, ring.used)) at = last
    const ok = findOk(ring, old)
    if (ok >= 0 && (at < 0 || ok < at))
        if (areLines(ring, ok + OK.length, ring.used)) at = ok
    const n = at < 0 ? 0 : ring.used - at
    return n > TAIL ? n : TAIL
}
