/**
 * HTTP over sockets of the modem: as many requests at the same time as there are free
 * connections.
 */
import { sleep } from "../ports/naps"
import { Kind } from "../core/arguments"
import { SEGMENT } from "../core/link/connection"
import { Failure } from "../core/errors"
import { lineAt } from "../core/lines"
import {
    Answer,
    Fault,
    parseUrl,
    Part,
    requestHead,
    type Target,
} from "../protocols/http"
import { bad, check, checkModem } from "./arguments"
import { failed, Sim800Error } from "./errors"
import type { Sim800 } from "./sim800"
import type { Socket } from "./socket"

/** Default timeout of a step, ms. */
const TIMEOUT = 60000
/** tries of `download()`, and the pause between two, ms */
const TRIES = 5
const PAUSE = 2000
/** bytes taken from a connection at a time: six requests may be under way */
const PIECE = 512
/** bytes of the head of a response */
const HEAD_LIMIT = 1536
/** bytes of a collected body, unless the caller gives another limit */
const BODY_LIMIT = 8192
const LARGEST_LIMIT = 65536
const NO_URL =
    "http:// or https://, a host, and a path in ASCII are expected, without a user"
const NO_FIELD = "a field or the method has characters that can not be sent"

const NOTHING = Buffer.alloc(0)
/** Text of each `Fault` of a response. */
const FAULTS = `
what answers is no HTTP server
the length of the answer makes no sense
the head of the answer is longer than the limit
`

/**
 * Makes the part of a body that follows its first `at` bytes; `undefined` ends the
 * body.
 */
export type PartOfBody = (at: number) => Promise<Buffer | string | undefined>

export interface HttpOptions {
    /** timeout of a connection, and of the server's next bytes, in ms, default 60000 */
    timeout?: number
    /**
     * keeps the connection for the next request to the same server, once all of the
     * response has been read; one at a time. Default false: each is closed
     */
    keepAlive?: boolean
    /** most bytes of a response's head, 256–8192, default 1536 */
    headLimit?: number
    /** https: see `ConnectOptions`; default true */
    verify?: boolean
    clientCertificate?: boolean
}

export interface HttpRequest {
    /** default GET */
    method?: string
    headers?: Record<string, string>
    /** the body, or a function that makes it part by part while it is sent */
    body?: Buffer | string | PartOfBody
    /** length of a body in parts, in bytes; without it, the body is sent in chunks */
    length?: number
    /** most redirects to follow, 0–20, default 0: the response is the redirect */
    redirects?: number
}

function lengthOf(data: Buffer | string): number {
    return typeof data === "string" ? data.byteLength : data.length
}

/** The fields of the head of a response. */
export interface HttpHeaders {
    /** Several values of a name are joined by ", "; null if there is none. */
    get(name: string): string | null
}

/**
 * A response, whose body can be read once. It holds its connection until it is closed
 * or read to its end.
 * @devsWhenUsed
 */
export class HttpResponse {
    /** 200–999 */
    readonly status: number
    /** the status is 200–299 */
    readonly ok: boolean
    readonly headers: HttpHeaders
    /** the requested URL, after redirects; for errors */
    readonly name: string
    private readonly client: HttpClient
    private readonly socket: Socket
    private piece: Buffer
    private at: number
    /** its connection was given back, or closed */
    private over = false

    /** @internal */
    constructor(
        client: HttpClient,
        socket: Socket,
        answer: Answer,
        piece: Buffer,
        at: number,
        name: string
    ) {
        this.client = client
        this.socket = socket
        this.headers = answer
        this.status = answer.status
        this.ok = answer.status < 300
        this.piece = piece
        this.at = at
        this.name = name
    }

    /**
     * The next bytes of the body, as they come. Throws a `Sim800Error`, also if
     * the connection ends before the body does.
     * @returns null after the last
     */
    async recv(): Promise<Buffer | null> {
        const answer = this.headers as Answer
        try {
            while (!this.over) {
                const piece = this.piece
                const length = piece.length
                const from = answer.feed(piece, this.at)
                const count = answer.take(length - from)
                this.at = from + count
                if (count > 0)
                    return count === length ? piece : piece.slice(from, this.at)
                checkFault(answer, this.name)
                if (answer.part === Part.End) {
                    this.end(answer.keeps && this.at === piece.length)
                    return null
                }
                this.piece = NOTHING
                this.at = 0
                const next = await this.client.hear(this.socket, this.name)
                if (next) this.piece = next
                else if (!answer.closed()) throw cutShort(this.name)
            }
            return null
        } catch (e) {
            this.close()
            throw e
        }
    }

    private end(keep: boolean) {
        if (!this.over) this.client.leave(this.socket, keep)
        this.over = true
    }

    /**
     * The whole body. Throws a `Sim800Error`, `Failure.TooLong` if it has more than
     * `limit` bytes.
     * @param limit 1–65536, default 8192: the server decides how much memory it takes
     */
    async buffer(limit?: number): Promise<Buffer> {
        if (limit === undefined) limit = BODY_LIMIT
        check("limit", Kind.Whole, limit, 1, LARGEST_LIMIT)
        const pieces: Buffer[] = []
        let length = 0
        while (true) {
            const piece = await this.recv()
            if (!piece) return Buffer.concat(...pieces)
            length += piece.length
            if (length > limit) {
                this.close()
                throw failed(Failure.TooLong, this.name)
            }
            pieces.push(piece)
        }
    }

    /** The same as text. */
    async text(limit?: number): Promise<string> {
        return (await this.buffer(limit)).toString()
    }

    /** The same, parsed as JSON. */
    async json(limit?: number): Promise<unknown> {
        return JSON.parse(await this.text(limit))
    }

    /** Closes the response; unread data are not fetched. */
    close() {
        this.end(false)
    }
}

/** Names and values of a request, without those meant for one server only. */
function withoutSecrets(fields: string[]): string[] {
    const open: string[] = []
    for (let i = 0; i < fields.length; i += 2) {
        const name = fields[i].toLowerCase()
        if (name !== "authorization" && name !== "cookie")
            open.push(fields[i], fields[i + 1])
    }
    return open
}

function checkFault(answer: Answer, name: string) {
    if (answer.fault === Fault.None) return
    throw failed(
        answer.fault === Fault.TooLong ? Failure.TooLong : Failure.Unreadable,
        name,
        "",
        lineAt(FAULTS, answer.fault)
    )
}

function cutShort(name: string): Sim800Error {
    return failed(
        Failure.ClosedByPeer,
        name,
        "",
        "the server has closed the connection before the end of its answer"
    )
}

/**
 * Sends requests by HTTP/1.1, each over a connection of its own.
 *
 * ```ts
 * const http = new HttpClient(modem)
 * const response = await http.fetch("http://example.com/readings", {
 *     method: "POST",
 *     body: JSON.stringify(readings),
 * })
 * if (response.ok) console.log(await response.text())
 * ```
 * @devsWhenUsed
 */
export class HttpClient {
    private readonly modem: Sim800
    private readonly options: HttpOptions
    private readonly timeout: number
    /** the connection that waits for another request */
    private idle: Socket

    constructor(modem: Sim800, options?: HttpOptions) {
        checkModem(modem)
        if (!options) options = {}
        check("options", Kind.Object, options)
        check("timeout", Kind.Time, options.timeout)
        check("keepAlive", Kind.Flag, options.keepAlive)
        check("headLimit", Kind.Whole, options.headLimit || 256, 256, 8192)
        this.modem = modem
        this.options = options
        this.timeout = options.timeout || TIMEOUT
    }

    /**
     * Sends a request. Throws a `Sim800Error`; a response is no error, whatever its
     * status.
     *
     * A kept connection may have ended by the time it is used. Then a request that may
     * be repeated (any but POST and PATCH) goes over another one.
     * @returns the response, with its head complete
     */
    async fetch(url: string, request?: HttpRequest): Promise<HttpResponse> {
        if (!request) request = {}
        check("request", Kind.Object, request)
        let target = parseUrl(url, null)
        if (!target) throw bad("url", NO_URL)
        let { method, body } = request
        const { headers, length } = request
        let left = request.redirects || 0
        check("redirects", Kind.Whole, left, 0, 20)
        if (!method) method = "GET"
        if (length !== undefined)
            check("length", Kind.Whole, length, 0, 0x7fffffff)
        if (body && typeof body !== "function") check("body", Kind.Bytes, body)
        let fields: string[] = []
        if (headers)
            for (const name of Object.keys(headers))
                fields.push(name, `${headers[name]}`)
        while (true) {
            const name = `${method} ${target.tls ? "https" : "http"}://${target.host}:${target.port}${target.path}`
            const response = await this.ask(
                target,
                method,
                fields,
                body,
                length,
                name
            )
            const status = response.status
            const kept = status === 307 || status === 308
            const place = response.headers.get("location")
            if (!left || !place || !(kept || (status > 300 && status < 304)))
                return response
            response.close()
            left--
            const next = parseUrl(place, target)
            if (!next)
                throw failed(
                    Failure.Unreadable,
                    name,
                    place,
                    "it redirects to what is no URL"
                )
            // they were meant for the first server only
            if (next.host !== target.host || next.port !== target.port)
                fields = withoutSecrets(fields)
            target = next
            if (kept || method === "HEAD") continue
            method = "GET"
            body = undefined
        }
    }

    /**
     * Fetches a body that may be long; when the connection breaks, it resumes after the
     * bytes received (RFC 9110, 14). Throws a `Sim800Error` after several failures in a
     * row without a byte, and for a status other than 200 or 206.
     * @param take gets the pieces, in order, and the offset of each: 0 again if the
     * server has changed the file and begins anew
     * @param tries default 5
     * @returns the length in bytes
     */
    async download(
        url: string,
        take: (data: Buffer, at: number) => Promise<void>,
        tries?: number
    ): Promise<number> {
        let at = 0
        let tag = ""
        let failures = 0
        while (true) {
            let headers: Record<string, string>
            if (tag) headers = { range: `bytes=${at}-`, "if-range": tag }
            try {
                const response = await this.fetch(url, { headers })
                const { status, name } = response
                const range = response.headers.get("content-range") || ""
                if (status === 200) at = 0
                else if (status !== 206 || !range.startsWith(`bytes ${at}-`)) {
                    response.close()
                    throw failed(
                        Failure.Unreadable,
                        name,
                        `HTTP ${status} ${range}`,
                        "the server does not give what was asked for"
                    )
                }
                tag = response.headers.get("etag") || ""
                // a weak tag is not enough: the bytes of the body may differ
                if (tag.startsWith("W/")) tag = ""
                while (true) {
                    const data = await response.recv()
                    if (!data) return at
                    try {
                        await take(data, at)
                    } catch (e) {
                        response.close()
                        failures = 1000
                        throw e
                    }
                    at += data.length
                    failures = 0
                }
            } catch (e) {
                const failure = (e as Sim800Error).failure
                if (
                    ++failures >= (tries || TRIES) ||
                    failure === Failure.Unreadable ||
                    failure === Failure.BadArgument
                )
                    throw e
                await sleep(PAUSE)
            }
        }
    }

    /** One request and its response. */
    private async ask(
        target: Target,
        method: string,
        fields: string[],
        body: Buffer | string | PartOfBody,
        length: number,
        name: string
    ): Promise<HttpResponse> {
        let size = -1
        if (typeof body === "function")
            size = length === undefined ? -2 : length
        else if (body) size = lengthOf(body)
        else if (method !== "GET" && method !== "HEAD") size = 0
        const keep = !!this.options.keepAlive
        const head = requestHead(method, target, fields, size, keep)
        if (!head) throw bad("headers", NO_FIELD)
        while (true) {
            const kept = this.kept(target)
            const socket = kept || (await this.connect(target))
            const answer = new Answer(
                this.options.headLimit || HEAD_LIMIT,
                method === "HEAD"
            )
            let heard = false
            try {
                const all = await this.send(socket, head, body, size, name)
                while (true) {
                    const piece = await this.hear(socket, name)
                    if (!piece) throw cutShort(name)
                    heard = true
                    const at = answer.feed(piece, 0)
                    checkFault(answer, name)
                    if (!all) answer.keeps = false
                    if (answer.status > 0)
                        return new HttpResponse(
                            this,
                            socket,
                            answer,
                            piece,
                            at,
                            name
                        )
                }
            } catch (e) {
                this.leave(socket, false)
                if (!kept || heard || method === "POST" || method === "PATCH")
                    throw e
            }
        }
    }

    private async connect(target: Target): Promise<Socket> {
        const { verify, clientCertificate } = this.options
        return await this.modem.connect({
            host: target.host,
            port: target.port,
            proto: target.tls ? "tls" : "tcp",
            verify,
            clientCertificate,
            timeout: this.timeout,
        })
    }

    /** The kept connection, if it is to this server. */
    private kept(target: Target): Socket {
        const { host, port, tls } = target
        const socket = this.idle
        this.idle = undefined
        if (!socket) return undefined
        const name = `${tls ? "tls" : "tcp"}://${host}:${port}`
        if (socket.name === name && socket.isIdle()) return socket
        socket.drop(true)
        return undefined
    }

    /**
     * Sends a request. A server may refuse a body by answering before its end, and
     * close: then that response counts.
     * @returns whether all of it has been sent
     */
    private async send(
        socket: Socket,
        head: string,
        body: Buffer | string | PartOfBody,
        size: number,
        name: string
    ): Promise<boolean> {
        const timeout = this.timeout
        let at = 0
        try {
            if (typeof body !== "function") {
                // both in one segment, if they fit
                const length = lengthOf(head)
                const fits = size > 0 && length + size <= SEGMENT
                if (!fits) await socket.send(head, timeout)
                else {
                    const both = Buffer.alloc(length + size)
                    both.blitAt(0, head, 0, length)
                    both.blitAt(length, body, 0, size)
                    await socket.send(both, timeout)
                }
                if (size > 0 && !fits) await socket.send(body, timeout)
                return true
            }
            await socket.send(head, timeout)
            while (at !== size && socket.isIdle()) {
                const part = await body(at)
                const count = part ? lengthOf(part) : 0
                at += count
                if (size >= 0) {
                    if (count === 0 || at > size)
                        throw bad("body", `${name}: ${at} of ${size} bytes`)
                    await socket.send(part, timeout)
                    continue
                }
                await socket.send(`${hexadecimal(count)}\r\n`, timeout)
                if (count > 0) await socket.send(part, timeout)
                else size = at
                await socket.send("\r\n", timeout)
            }
        } catch (e) {
            if (socket.isIdle() || !(e instanceof Sim800Error)) throw e
            return false
        }
        return at === size
    }

    /** @internal The next piece of a response, null if the connection has ended. */
    async hear(socket: Socket, name: string): Promise<Buffer> {
        if (await socket.readable(this.timeout)) return socket.take(PIECE)
        throw failed(Failure.Timeout, name)
    }

    /** @internal A response gives its connection back. */
    leave(socket: Socket, keep: boolean) {
        if (keep && this.options.keepAlive) {
            this.close()
            this.idle = socket
        } else socket.drop(true)
    }

    /** Closes the kept connection. */
    close() {
        const socket = this.idle
        this.idle = undefined
        if (socket) socket.drop(true)
    }
}

/** Writes the size of a chunk. */
function hexadecimal(value: number): string {
    let digits = ""
    while (value > 0 || digits === "") {
        digits = "0123456789abcdef"[value & 15] + digits
        value >>= 4
    }
    return digits
}
