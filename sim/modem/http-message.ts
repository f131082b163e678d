/** HTTP/1.1 as a simple client speaks it (RFC 9112): a request, and a response as its bytes come. */
import { bytesOf, concatenate, textOf } from "./bytes"

export interface HttpUrl {
    readonly host: string
    readonly port: number | undefined
    /** Path and query. */
    readonly path: string
}

/**
 * Reads a URL of AT+HTTPPARA ([ATM12] 11.2.3): `http://server/path`, with the port
 * after the server or at the end, and an optional scheme.
 * @returns undefined if there is no server in it
 */
export function parseUrl(url: string): HttpUrl | undefined {
    const form =
        /^(?:https?:\/\/)?([^/:?#\s]+)(?::(\d{1,5}))?(\/[^\s]*?|\?[^\s]*?)?(?::(\d{1,5}))?$/i
    const match = form.exec(url)
    if (match === null) return undefined
    const [, host, before, path = "/", behind] = match
    const digits = before ?? behind
    const port = digits === undefined ? undefined : Number(digits)
    if (port !== undefined && (port < 1 || port > 65535)) return undefined
    return { host, port, path: path.startsWith("/") ? path : `/${path}` }
}

export function requestBytes(
    method: string,
    target: string,
    headers: readonly string[],
    body: Uint8Array
): Uint8Array {
    const lines = [`${method} ${target} HTTP/1.1`, ...headers, "", ""]
    return concatenate(bytesOf(lines.join("\r\n")), body)
}

/** How the end of a body is known. */
type Framing = "length" | "chunked" | "close"

/** Reads one response out of the bytes that come. */
export class ResponseReader {
    /** The status line and the fields, each with its line end. */
    header = ""
    status = 0
    /** There is no more to come. */
    isComplete = false
    /** It is no HTTP. */
    isBroken = false
    private parts: Uint8Array[] = []
    private size = 0
    private framing: Framing | undefined
    /** Bytes of the body, or of the chunk, that are still to come. */
    private left = 0
    private pending = new Uint8Array()

    /** @param hasBody false for HEAD */
    constructor(private readonly hasBody: boolean) {}

    get body(): Uint8Array {
        return concatenate(...this.parts)
    }

    /** Received bytes of the body. */
    get received(): number {
        return this.size
    }

    /** Bytes of the body that are to come, as far as that is known. */
    get remaining(): number {
        return this.framing === "length" ? this.left : 0
    }

    /** A field of the header. */
    field(name: string): string | undefined {
        const line = new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\r$`, "im")
        return line.exec(this.header)?.[1]
    }

    feed(bytes: Uint8Array): void {
        this.pending = Uint8Array.from(concatenate(this.pending, bytes))
        while (!this.isComplete && !this.isBroken && this.step());
    }

    /** The peer has closed: that may be the end of the body. */
    end(): void {
        if (this.framing === "close") this.isComplete = true
        else if (!this.isComplete) this.isBroken = true
    }

    /** @returns whether it may go on */
    private step(): boolean {
        if (this.framing === undefined) return this.readHeader()
        if (this.framing === "close") return this.takeBody(Infinity)
        if (this.framing === "length") {
            const went = this.takeBody(this.left)
            this.isComplete = this.left === 0
            return went
        }
        return this.left > 0 ? this.takeBody(this.left) : this.readChunkSize()
    }

    private readHeader(): boolean {
        const text = textOf(this.pending)
        if (!"HTTP/".startsWith(text.slice(0, 5))) this.isBroken = true
        const end = text.indexOf("\r\n\r\n")
        if (end < 0) return false
        this.header = text.slice(0, end + 2)
        this.pending = this.pending.slice(end + 4)
        const match = /^HTTP\/1\.[01] (\d{3})/.exec(this.header)
        if (match === null) {
            this.isBroken = true
            return false
        }
        this.status = Number(match[1])
        // an interim response: the real one follows
        if (this.status < 200) return true
        this.frame()
        return true
    }

    private frame(): void {
        const length = this.field("Content-Length")
        const NO_CONTENT = 204
        const NOT_MODIFIED = 304
        const isEmpty =
            !this.hasBody ||
            this.status === NO_CONTENT ||
            this.status === NOT_MODIFIED
        if (isEmpty) {
            this.framing = "length"
            this.isComplete = true
        } else if (/chunked/i.test(this.field("Transfer-Encoding") ?? ""))
            this.framing = "chunked"
        else if (length === undefined) this.framing = "close"
        else {
            this.framing = "length"
            this.left = Number(length)
            this.isBroken = !/^\d+$/.test(length)
            this.isComplete = this.left === 0
        }
    }

    private takeBody(most: number): boolean {
        const taken = this.pending.slice(0, most)
        this.pending = this.pending.slice(taken.length)
        if (this.framing !== "close") this.left -= taken.length
        this.size += taken.length
        if (taken.length > 0) this.parts.push(taken)
        return taken.length > 0
    }

    /** The line before a chunk; the empty line before that ends the last chunk. */
    private readChunkSize(): boolean {
        const text = textOf(this.pending)
        const match = /^(?:\r\n)?([0-9a-f]{1,8})[^\r\n]*\r\n/i.exec(text)
        if (match === null) {
            this.isBroken = text.length > LONGEST_CHUNK_LINE
            return false
        }
        this.left = parseInt(match[1], 16)
        if (this.left === 0) return this.readTrailer(text, match[0].length)
        this.pending = this.pending.slice(match[0].length)
        return true
    }

    /** Fields after the last chunk, and the blank line that ends the message. */
    private readTrailer(text: string, from: number): boolean {
        const end = text.indexOf("\r\n\r\n", from - 2)
        this.isComplete = end >= 0
        return false
    }
}

const LONGEST_CHUNK_LINE = 200
