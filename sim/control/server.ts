/**
 * The control port: HTTP and JSON on loopback, with an event stream, and the page.
 * docs/control.md describes its use.
 */
import { randomBytes, timingSafeEqual } from "node:crypto"
import { readFile } from "node:fs/promises"
import http from "node:http"
import type net from "node:net"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { spell } from "../modem/trace"
import { ActionError, actions, type Action } from "./actions"
import type { FeedEvent } from "./feed"
import { stateDiagram } from "./state-diagram"
import type { Station } from "./station"
import { transcriptOf } from "./transcript"

const LOOPBACK = "127.0.0.1"
/** Longest body of a request, bytes. */
const LONGEST_BODY = 65536
/** Longest wait for one, ms. */
const REQUEST_TIMEOUT = 10_000
const MOST_CONNECTIONS = 64
/** Event streams at the same time. */
const MOST_STREAMS = 16
/** Bytes that a watcher may leave unread before it misses events. */
const STREAM_BACKLOG = 1_048_576
/** Interval of comments that keep a stream alive, ms. */
const KEEP_ALIVE = 15_000
const TOKEN_BYTES = 16

const PAGE = fileURLToPath(new URL("../page", import.meta.url))
const FILES: Readonly<Record<string, readonly [string, string]>> = {
    "/": ["index.html", "text/html; charset=utf-8"],
    "/page.css": ["page.css", "text/css; charset=utf-8"],
    "/favicon.svg": ["favicon.svg", "image/svg+xml"],
    ...Object.fromEntries(
        [
            "page",
            "actions",
            "bytes",
            "diagram",
            "events",
            "pins",
            "store",
            "traffic",
        ].map(name => [
            `/${name}.js`,
            [`${name}.js`, "text/javascript; charset=utf-8"] as const,
        ])
    ),
}

const HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy":
        "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}

export interface ControlServerOptions {
    readonly station: Station
    /** Port of 127.0.0.1; 0 for any that is free. */
    readonly port: number
    /** The page is there too. Default false. */
    readonly page?: boolean
    /** Token that each request must have. Default: random. */
    readonly token?: string
}

/** A request that is answered with an error. */
class Refusal extends Error {
    constructor(
        readonly status: number,
        message: string
    ) {
        super(message)
    }
}

export class ControlServer {
    private streams = 0

    private constructor(
        private readonly server: http.Server,
        readonly token: string,
        private readonly options: ControlServerOptions
    ) {
        server.maxConnections = MOST_CONNECTIONS
        server.requestTimeout = REQUEST_TIMEOUT
        server.headersTimeout = REQUEST_TIMEOUT
        server.on("request", (request, response) => {
            this.answer(request, response).catch((error: unknown) =>
                refuse(response, error)
            )
        })
        server.on("clientError", (_, socket: net.Socket) => socket.destroy())
    }

    /** Rejects with the error of `listen` if the port cannot be had. */
    static open(options: ControlServerOptions): Promise<ControlServer> {
        const token =
            options.token ?? randomBytes(TOKEN_BYTES).toString("base64url")
        const server = http.createServer()
        return new Promise((resolve, reject) => {
            server.once("error", reject)
            server.listen(options.port, LOOPBACK, () => {
                server.off("error", reject)
                resolve(new ControlServer(server, token, options))
            })
        })
    }

    get port(): number {
        return (this.server.address() as net.AddressInfo).port
    }

    /** What to open in a browser, or where scripts begin: it holds the token. */
    get url(): string {
        return `http://${LOOPBACK}:${this.port}/?token=${this.token}`
    }

    close(): Promise<void> {
        return new Promise(resolve => {
            this.server.close(() => resolve())
            this.server.closeAllConnections()
        })
    }

    private async answer(
        request: http.IncomingMessage,
        response: http.ServerResponse
    ): Promise<void> {
        const url = this.admit(request)
        const { pathname } = url
        if (pathname === "/" && url.searchParams.has("token")) {
            // from here on the browser knows it, and no address shows it
            response.writeHead(303, {
                ...HEADERS,
                Location: "/",
                "Set-Cookie": `${this.cookie}=${this.token}; HttpOnly; SameSite=Strict; Path=/`,
            })
            response.end()
            return
        }
        if (pathname.startsWith("/api/"))
            await this.api(request, response, url, pathname.slice(5))
        else await this.file(request, response, pathname)
    }

    private get cookie(): string {
        return `modem-${this.port}`
    }

    /**
     * Checks that a request is from here: by its Host, so that no foreign name leads
     * here; by its Origin, so that it is from no other page; and by its token.
     * @throws Refusal if it is not
     */
    private admit(request: http.IncomingMessage): URL {
        const { host, origin } = request.headers
        const { remoteAddress } = request.socket
        const own = [`${LOOPBACK}:${this.port}`, `localhost:${this.port}`]
        if (!remoteAddress?.startsWith("127."))
            throw new Refusal(403, "only this machine may ask")
        if (host === undefined || !own.includes(host))
            throw new Refusal(421, `the host is not ${own.join(" or ")}`)
        if (
            origin !== undefined &&
            !own.some(name => origin === `http://${name}`)
        )
            throw new Refusal(403, "a page from elsewhere may not ask")
        const url = new URL(request.url ?? "/", `http://${host}`)
        if (!this.knowsToken(request, url))
            throw new Refusal(
                401,
                "the token is missing or wrong: it was printed at the start, in an address or a header; it goes into the header Authorization: Bearer …"
            )
        return url
    }

    private knowsToken(request: http.IncomingMessage, url: URL): boolean {
        const { authorization = "", cookie = "" } = request.headers
        const bearer = /^Bearer (.+)$/.exec(authorization)?.[1]
        const kept = cookie
            .split(/; */)
            .find(part => part.startsWith(`${this.cookie}=`))
            ?.slice(this.cookie.length + 1)
        const inAddress =
            url.pathname === "/" ? url.searchParams.get("token") : undefined
        return [bearer, kept, inAddress].some(
            token => typeof token === "string" && same(token, this.token)
        )
    }

    private async file(
        request: http.IncomingMessage,
        response: http.ServerResponse,
        pathname: string
    ): Promise<void> {
        const found = this.options.page ? FILES[pathname] : undefined
        if (found === undefined || request.method !== "GET")
            throw new Refusal(404, "there is nothing here: see /api/state")
        const [name, type] = found
        const body = await readFile(path.join(PAGE, name))
        response.writeHead(200, { ...HEADERS, "Content-Type": type })
        response.end(body)
    }

    private async api(
        request: http.IncomingMessage,
        response: http.ServerResponse,
        url: URL,
        what: string
    ): Promise<void> {
        const { station } = this.options
        const { feed } = station
        const [noun, ...rest] = what.split("/")
        const since = sinceOf(request, url)
        if (noun === "actions" && rest.length === 1) {
            if (request.method !== "POST")
                throw new Refusal(405, "actions are performed by POST")
            const done = station.perform(rest[0], await bodyOf(request))
            json(response, 200, { done })
            return
        }
        if (request.method !== "GET")
            throw new Refusal(405, `${noun} is asked for by GET`)
        if (rest.length > 0) throw new Refusal(404, "there is nothing here")
        switch (noun) {
            case "state":
                feed.flush()
                json(response, 200, station.view)
                return
            case "actions":
                json(response, 200, this.actions())
                return
            case "diagram":
                json(response, 200, stateDiagram)
                return
            case "events":
                this.stream(response, since)
                return
            case "transcript":
                feed.flush()
                response.writeHead(200, {
                    ...HEADERS,
                    "Content-Type": "text/plain; charset=utf-8",
                })
                response.end(transcriptOf(feed.since(since)))
                return
            default:
                throw new Refusal(
                    404,
                    "there are /api/state, actions, diagram, events and transcript"
                )
        }
    }

    private actions(): unknown {
        return this.options.station.actions.map(name => {
            const { summary, key, parameters }: Action =
                actions[name as keyof typeof actions]
            return { name, summary, key, parameters }
        })
    }

    /** Server-sent events: the kept ones, then new ones. */
    private stream(response: http.ServerResponse, since: number): void {
        if (this.streams >= MOST_STREAMS)
            throw new Refusal(503, `${MOST_STREAMS} streams are open already`)
        this.streams++
        const { feed } = this.options.station
        response.writeHead(200, {
            ...HEADERS,
            "Content-Type": "text/event-stream; charset=utf-8",
        })
        let missed = 0
        const confess = (): void => {
            if (missed > 0) response.write(`event: missed\ndata: ${missed}\n\n`)
            missed = 0
        }
        const send = (event: FeedEvent): void => {
            if (response.writableLength > STREAM_BACKLOG) {
                missed++
                return
            }
            confess()
            response.write(
                `id: ${event.id}\ndata: ${JSON.stringify(plain(event))}\n\n`
            )
        }
        response.on("drain", confess)
        feed.flush()
        response.write(`: ${feed.latest} events so far\n\n`)
        for (const event of feed.since(since)) send(event)
        const stop = feed.listen(send)
        const alive = setInterval(() => response.write(":\n\n"), KEEP_ALIVE)
        response.on("close", () => {
            this.streams--
            clearInterval(alive)
            stop()
        })
    }
}

/** An event as JSON has it: bytes are spelt as in a transcript. */
export function plain(event: FeedEvent): Record<string, unknown> {
    if (event.kind !== "data") return { ...event }
    const { bytes, ...others } = event
    return { ...others, text: spell(bytes), length: bytes.length }
}

function same(a: string, b: string): boolean {
    const [x, y] = [Buffer.from(a), Buffer.from(b)]
    return x.length === y.length && timingSafeEqual(x, y)
}

function sinceOf(request: http.IncomingMessage, url: URL): number {
    const text =
        url.searchParams.get("since") ?? request.headers["last-event-id"] ?? "0"
    const since = Number(text)
    if (!Number.isInteger(since) || since < 0)
        throw new Refusal(400, "since is the id of an event")
    return since
}

async function bodyOf(request: http.IncomingMessage): Promise<unknown> {
    const parts: Buffer[] = []
    let length = 0
    for await (const part of request) {
        parts.push(part as Buffer)
        length += (part as Buffer).length
        if (length > LONGEST_BODY)
            throw new Refusal(413, `a body has at most ${LONGEST_BODY} bytes`)
    }
    const text = Buffer.concat(parts).toString("utf8")
    if (text.trim() === "") return {}
    try {
        return JSON.parse(text) as unknown
    } catch {
        throw new Refusal(400, "the body is no JSON")
    }
}

function json(
    response: http.ServerResponse,
    status: number,
    value: unknown
): void {
    response.writeHead(status, {
        ...HEADERS,
        "Content-Type": "application/json; charset=utf-8",
    })
    response.end(`${JSON.stringify(value)}\n`)
}

const ACTION_STATUS = { unknown: 404, value: 400, refused: 409 } as const

function refuse(response: http.ServerResponse, error: unknown): void {
    const status =
        error instanceof Refusal
            ? error.status
            : error instanceof ActionError
              ? ACTION_STATUS[error.reason]
              : 500
    if (response.headersSent) {
        response.destroy()
        return
    }
    // the rest of a body is not waited for
    response.setHeader("Connection", "close")
    json(response, status, {
        error: error instanceof Error ? error.message : String(error),
    })
}
