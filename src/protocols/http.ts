/**
 * HTTP/1.1 as bytes (RFC 9112): what a URL names, what a request says, and where
 * in an answer its head, its body and its end are. It never waits, and knows of
 * no connection.
 */
import { COLON, CR, LF, LOWER_A, NINE, SPACE, ZERO } from "../core/ascii"
import { textOf } from "../core/text"

const F = 6
/** bytes of most heads */
const SMALL_HEAD = 256
/** digits of a length that is less than 2^28 */
const HEX_DIGITS = 7
const DIGITS = 9

/** What a URL names. */
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

/** The number that a text of digits is, -1 if it is none below 10^9. */
function whole(text: string): number {
    let value = text.length > 0 && text.length <= DIGITS ? 0 : -1
    for (let i = 0; i < text.length && value >= 0; i++) {
        const digit = text.charCodeAt(i) - ZERO
        value = digit >= 0 && digit <= 9 ? value * 10 + digit : -1
    }
    return value
}

/** What a URL without a host is, relative to another target (RFC 3986, 5.2). */
function relative(url: string, base: Target): Target {
    let path = base.path
    const query = path.indexOf("?")
    if (url.startsWith("/")) path = url
    else {
        if (query >= 0) path = path.slice(0, query)
        // what has no path stays at this one, and else in its folder
        if (!url.startsWith("?") && url !== "")
            while (!path.endsWith("/")) path = path.slice(0, -1)
        path += url
    }
    return { tls: base.tls, host: base.host, port: base.port, path }
}

/**
 * Reads a URL, absolute or relative to another target (RFC 3986, 5).
 * @param base what it is relative to, null: it has to be absolute
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

/** Where a request goes, for the field `host`. */
function authority(target: Target): string {
    const usual = target.tls ? 443 : 80
    return target.port === usual ? target.host : target.host + ":" + target.port
}

/**
 * The head of a request. The fields `host`, `connection` and those that tell
 * the length of the body are made here.
 * @param length of the body in bytes; -1: there is none, -2: it goes in chunks
 * @returns "" if a name or a value has characters that it can not have
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

/** What of an answer comes next. */
export enum Part {
    Head,
    Body,
    /** the line in front of a chunk */
    Size,
    /** the end of the line behind a chunk */
    ChunkEnd,
    /** fields behind the last chunk */
    Trailer,
    End,
}

/** What is wrong with an answer. */
export enum Fault {
    None,
    NotHttp,
    /** a length that is none, or more than one */
    Length,
    /** a head, or the line of a chunk, that does not fit */
    TooLong,
}

/** Whether a word is one of those that commas separate. */
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
 * Follows an answer through the pieces in which it comes: lines go to `head`,
 * the body is left where it is.
 * @devsWhenUsed
 */
export class Answer {
    part = Part.Head
    fault = Fault.None
    /** 200–999, 0 before the head is there */
    status = 0
    /** the connection can have another request behind this answer */
    keeps = false
    /** bytes of the body, or of the chunk, to come; -1: until the connection ends */
    left = 0
    private readonly bodiless: boolean
    private readonly size: number
    /** the head, behind it the line that is coming; it grows up to `size` */
    private head: Buffer
    private length = 0
    private lineAt = 0

    /**
     * @param size bytes of head that there can be
     * @param bodiless it answers HEAD
     */
    constructor(size: number, bodiless: boolean) {
        this.head = Buffer.alloc(SMALL_HEAD)
        this.size = size
        this.bodiless = bodiless
    }

    /**
     * Goes on through a piece, from `at` on.
     * @returns where it stops: at the end of the piece, in front of bytes of the
     * body, or behind the end of the answer
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

    /** Makes room for so many bytes of head. @returns false if that is too many */
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

    /** How many of `count` bytes are of the body, if it is its turn. */
    take(count: number): number {
        if (this.part !== Part.Body) return 0
        if (this.left < 0) return count
        if (count > this.left) count = this.left
        this.left -= count
        if (this.left === 0)
            this.part = this.lineAt > 0 ? Part.ChunkEnd : Part.End
        return count
    }

    /** The connection has ended. @returns whether the answer is whole */
    closed(): boolean {
        if (this.part === Part.Body && this.left < 0) this.part = Part.End
        return this.part === Part.End
    }

    /** A line is there, from `lineAt` to `to`. */
    private line(to: number) {
        const from = this.lineAt
        const isEmpty = to === from
        if (this.part === Part.Head) {
            if (!isEmpty) this.lineAt = this.length
            // empty lines in front of an answer are nothing (2.2)
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

    /** The head is whole: what follows it (RFC 9112, 6.3). */
    private begin() {
        const start = textOf(this.head, 0, 12)
        const status = whole(start.slice(9))
        if (!start.startsWith("HTTP/1.") || status < 100) {
            this.fault = Fault.NotHttp
            return
        }
        // 100 Continue and its like come in front of the answer
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
        // lines of chunks do not follow
        this.lineAt = 0
        if (this.left === 0) this.part = Part.End
    }

    /** A field of the head: several of a name with ", " between, null: none. */
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
