/**
 * HTTP/1.1 as bytes (RFC 9112): reads URLs, writes requests, and finds head, body and
 * end of a response. It never waits, and knows no connection.
 */
import { COLON, CR, LF, LOWER_A, NINE, SPACE, ZERO } from "../core/ascii"
import { textOf } from "../core/text"

const F = 6
/** bytes of most heads */
const SMALL_HEAD = 256
/** digits of a length that is less than 2^28 */
const HEX_DIGITS = 7
const DIGITS = 9

/** The target of a URL. */
export interface Target {
    tls: boolean
    host: string
    port: number
    /** path and query, without the fragment */
    path: string
}

/** Whether a text is printable ASCII without blanks. */
function isPlain(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i)
        if (c <= SPACE || c > 126) return false
    }
    return text !== ""
}

/** Reads a text of digits as a number; -1 if it is none below 10^9. */
function whole(text: string): number {
    let value = text.length > 0 && text.length <= DIGITS ? 0 : -1
    for (let i = 0; i < text.length && value >= 0; i++) {
        const digit = text.charCodeAt(i) - ZERO
        value = digit >= 0 && digit <= 9 ? value * 10 + digit : -1
    }
    return value
}

/** Resolves a URL without a host, relative to another target (RFC 3986, 5.2). */
function relative(url: string, base: Target): Target {
    let path = base.path
    const query = path.indexOf("?")
    if (url.startsWith("/")) path = url
    else {
        if (query >= 0) path = path.slice(0, query)
        // a URL without a path keeps this one; others are relative to its folder
        if (!url.startsWith("?") && url !== "")
            while (!path.endsWith("/")) path = path.slice(0, -1)
        path += url
    }
    return { tls: base.tls, host: base.host, port: base.port, path }
}

/**
 * Reads a URL, absolute or relative to another target (RFC 3986, 5).
 * @param base target to which it is relative; null: it has to be absolute
 * @returns null if it is no URL of http or https, names a user, or has
 * characters that have to be escaped
 */
export function parseUrl(url: string, base: Target | null): Target | null {
    if (typeof url !== "string" || !isPlain(url)) return null
    const fragment = url.indexOf("#")
    if (fragment >= 0) url = url.slice(0, fragment)
    let tls = url.startsWith("https://")
    let rest = ""
    if (tls) rest = url.slice(8)
    else if (url.startsWith("http://")) rest = url.slice(7)
    else if (base === null) return null
    else if (url.startsWith("//")) {
        tls = base.tls
        rest = url.slice(2)
    } else return relative(url, base)
    let end = 0
    while (end < rest.length && rest[end] !== "/" && rest[end] !== "?") end++
    let host = rest.slice(0, end)
    let path = rest.slice(end)
    if (!path.startsWith("/")) path = "/" + path
    let port = tls ? 443 : 80
    const colon = host.indexOf(":")
    if (colon >= 0) {
        port = whole(host.slice(colon + 1))
        host = host.slice(0, colon)
    }
    if (host === "" || host.indexOf("@") >= 0) return null
    if (port < 1 || port > 65535) return null
    return { tls, host, port, path }
}

/** The server of a target, for the field `host`. */
function authority(target: Target): string {
    const usual = target.tls ? 443 : 80
    return target.port === usual ? target.host : target.host + ":" + target.port
}

/**
 * The head of a request, with the fields `host`, `connection` and those for the length
 * of the body.
 * @param length of the body in bytes; -1: no body, -2: sent in chunks
 * @returns "" if a name or a value has forbidden characters
 */
export function requestHead(
    method: string,
    target: Target,
    fields: string[],
    length: number,
    keep: boolean
): string {
    let head = method + " " + target.path + " HTTP/1.1\r\nhost: "
    head += authority(target) + "\r\n"
    if (!keep) head += "connection: close\r\n"
    if (length >= 0) head += "content-length: " + length + "\r\n"
    else if (length < -1) head += "transfer-encoding: chunked\r\n"
    if (!isPlain(method)) return ""
    for (let i = 0; i < fields.length; i += 2) {
        const name = fields[i]
        const value = fields[i + 1]
        if (!isPlain(name) || name.indexOf(":") >= 0) return ""
        for (let k = 0; k < value.length; k++)
            if (value.charCodeAt(k) < SPACE) return ""
        head += name + ": " + value + "\r\n"
    }
    return head + "\r\n"
}

/** The next part of a response. */
export enum Part {
    Head,
    Body,
    /** the line before a chunk */
    Size,
    /** the line end after a chunk */
    ChunkEnd,
    /** fields after the last chunk */
    Trailer,
    End,
}

/** The fault of a response. */
export enum Fault {
    None,
    NotHttp,
    /** an invalid length, or more than one */
    Length,
    /** a head, or the line of a chunk, is too long */
    TooLong,
}

/** Whether a word is in a list separated by commas. */
function isListed(words: string, word: string): boolean {
    let at = 0
    while (true) {
        const comma = words.indexOf(",", at)
        const end = comma < 0 ? words.length : comma
        if (words.slice(at, end).trim() === word) return true
        if (comma < 0) return false
        at = comma + 1
    }
    return false
}

/**
 * Parses a response piece by piece: lines are copied to `head`, the body is not copied.
 * @devsWhenUsed
 */
export class Answer {
    part = Part.Head
    fault = Fault.None
    /** 200–999, 0 until the head is complete */
    status = 0
    /** the connection can be used for another request after this response */
    keeps = false
    /** missing bytes of the body, or of the chunk; -1: until the connection ends */
    left = 0
    private readonly bodiless: boolean
    private readonly size: number
    /** the head, followed by the line being received; grows up to `size` */
    private head: Buffer
    private length = 0
    private lineAt = 0

    /**
     * @param size most bytes of the head
     * @param bodiless it is the response to HEAD
     */
    constructor(size: number, bodiless: boolean) {
        this.head = Buffer.alloc(SMALL_HEAD)
        this.size = size
        this.bodiless = bodiless
    }

    /**
     * Parses a piece from `at` on.
     * @returns where it stops: at the end of the piece, before bytes of the body, or
     * after the end of the response
     */
    feed(bytes: Buffer, at: number): number {
        const end = bytes.length
        while (
            at < end &&
            this.part !== Part.Body &&
            this.part !== Part.End &&
            this.fault === Fault.None
        ) {
            const lf = bytes.indexOf(LF, at, end)
            const to = lf < 0 ? end : lf + 1
            const n = to - at
            if (!this.fits(this.length + n)) break
            this.head.blitAt(this.length, bytes, at, n)
            this.length += n
            at = to
            if (lf < 0) break
            let last = this.length - 1
            if (last > this.lineAt && this.head[last - 1] === CR) last--
            this.line(last)
        }
        return at
    }

    /** Makes room for `length` bytes of head. @returns false if that is too many */
    private fits(length: number): boolean {
        const before = this.head
        let size = before.length
        if (length <= size) return true
        if (length > this.size) {
            this.fault = Fault.TooLong
            return false
        }
        while (size < length) size *= 2
        this.head = Buffer.alloc(size < this.size ? size : this.size)
        this.head.blitAt(0, before, 0, this.length)
        return true
    }

    /** How many of the next `count` bytes belong to the body. */
    take(count: number): number {
        if (this.part !== Part.Body) return 0
        if (this.left < 0) return count
        if (count > this.left) count = this.left
        this.left -= count
        if (this.left === 0)
            this.part = this.lineAt > 0 ? Part.ChunkEnd : Part.End
        return count
    }

    /** The connection has ended. @returns whether the response is complete */
    closed(): boolean {
        if (this.part === Part.Body && this.left < 0) this.part = Part.End
        return this.part === Part.End
    }

    /** A line is complete, from `lineAt` to `to`. */
    private line(to: number) {
        const from = this.lineAt
        const isEmpty = to === from
        if (this.part === Part.Head) {
            if (!isEmpty) this.lineAt = this.length
            // empty lines before a response are ignored (2.2)
            else if (from === 0) this.length = 0
            else {
                this.length = from
                this.begin()
            }
            return
        }
        if (this.part === Part.Size) {
            let size = 0
            let at = from
            while (at < to) {
                const c = this.head[at] | 32
                let digit = c - LOWER_A + 10
                if (c >= ZERO && c <= NINE) digit = c - ZERO
                else if (c < LOWER_A || c >= LOWER_A + F) break
                size = size * 16 + digit
                at++
            }
            if (at === from || at > from + HEX_DIGITS) this.fault = Fault.Length
            this.left = size
            this.part = size > 0 ? Part.Body : Part.Trailer
        } else if (this.part === Part.ChunkEnd) {
            if (!isEmpty) this.fault = Fault.Length
            this.part = Part.Size
        } else if (isEmpty) this.part = Part.End
        this.length = from
    }

    /** The head is complete: decides what follows it (RFC 9112, 6.3). */
    private begin() {
        const start = textOf(this.head, 0, 12)
        const status = whole(start.slice(9))
        if (!start.startsWith("HTTP/1.") || status < 100) {
            this.fault = Fault.NotHttp
            return
        }
        // 100 Continue and the like precede the response
        if (status < 200) {
            this.length = 0
            this.lineAt = 0
            return
        }
        const coding = this.get("transfer-encoding")
        const length = this.get("content-length")
        const connection = (this.get("connection") || "").toLowerCase()
        this.status = status
        this.keeps =
            start[7] === "1"
                ? !isListed(connection, "close")
                : isListed(connection, "keep-alive")
        this.left = -1
        this.part = Part.Body
        if (this.bodiless || status === 204 || status === 304) this.left = 0
        else if (coding !== null) {
            if (coding.toLowerCase().endsWith("chunked")) {
                this.part = Part.Size
                return
            }
        } else if (length !== null) {
            this.left = whole(length)
            if (this.left < 0) this.fault = Fault.Length
        }
        if (this.left < 0) this.keeps = false
        // no lines of chunks follow
        this.lineAt = 0
        if (this.left === 0) this.part = Part.End
    }

    /** A field of the head: several of a name are joined by ", "; null if none. */
    get(name: string): string | null {
        const head = this.head
        const wanted = name.toLowerCase()
        let found: string | null = null
        let at = 0
        while (at < this.length) {
            const lf = head.indexOf(LF, at, this.length)
            const end = lf < 0 ? this.length : lf
            const colon = at + name.length
            if (
                colon < end &&
                head[colon] === COLON &&
                textOf(head, at, name.length).toLowerCase() === wanted
            ) {
                const value = textOf(head, colon + 1, end - colon - 1).trim()
                found = found === null ? value : found + ", " + value
            }
            at = end + 1
        }
        return found
    }
}
