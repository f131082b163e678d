import type { ApplicationBearer } from "./application-bearers"
import {
    ApplicationClient,
    type ClientEnd,
    type ClientModule,
} from "./application-client"
import { bytesOf, concatenate } from "./bytes"
import type { Timer } from "./clock"
import { allowedIf } from "./errors"
import { factoryHttpSettings, type HttpSettings } from "./http-settings"
import { parseUrl, requestBytes, ResponseReader } from "./http-message"
import type { ResolvedOptions } from "./options"
import type { Output } from "./output"
import { tlsRequest, type TlsSettings } from "./tls"

/** `<Method>` of AT+HTTPACTION. */
export const methods = ["GET", "POST", "HEAD", "DELETE"] as const

/** Most bytes of a body, either way ([ATM12] 11.2.4). */
export const LARGEST_BODY = 319_488
/** Most redirections in a row. */
const MOST_HOPS = 5

/** `<StatusCode>` where there is no answer of a server ([ATM12] 11.2.5; 605 [SSL] 3.3). */
const NOT_HTTP = 600
const NETWORK_ERROR = 601
const NO_MEMORY = 602
const NO_NAME = 603
const NO_HANDSHAKE = 605
const TIMED_OUT = 408

const failures: Readonly<Record<ClientEnd, number>> = {
    "no bearer": NETWORK_ERROR,
    "no name": NO_NAME,
    "not reached": NETWORK_ERROR,
    "no handshake": NO_HANDSHAKE,
    closed: NETWORK_ERROR,
}

export interface HttpModule extends ClientModule {
    readonly output: Pick<Output, "urc">
    readonly options: Pick<ResolvedOptions, "firmware">
    readonly bearers: readonly ApplicationBearer[]
    readonly tcpip: ClientModule["tcpip"] & {
        readonly state: { readonly tls: TlsSettings }
    }
    readonly hardware: {
        readonly nvram: { httpSettings: HttpSettings | undefined }
    }
}

/** A request under way. */
interface Action {
    readonly method: number
    client: ApplicationClient
    reader: ResponseReader
    /** Bytes to send, header and all. */
    length: number
    hops: number
    readonly timer: Timer
}

/** The HTTP client in the module, AT+HTTPINIT to AT+HTTPTERM ([ATM12] 11). */
export class HttpService {
    /** AT+HTTPSSL. */
    isSecure = false
    /** AT+HTTPGETHEAD: AT+HTTPREAD returns the header first. */
    showsHeader = false
    private current: HttpSettings | undefined
    private input = new Uint8Array()
    private answer = new Uint8Array()
    private answered = false
    private answerHeader = ""
    private lastMethod = 0
    private action: Action | undefined

    constructor(private readonly module: HttpModule) {}

    get isOpen(): boolean {
        return this.current !== undefined
    }

    /** Nothing is under way that will report by itself. */
    get isSettled(): boolean {
        return this.action === undefined
    }

    /** AT+HTTPINIT. */
    open(): void {
        allowedIf(!this.isOpen)
        this.current = {
            ...(this.module.hardware.nvram.httpSettings ?? factoryHttpSettings),
        }
        this.input = new Uint8Array()
        this.answer = new Uint8Array()
        this.answerHeader = ""
        this.answered = false
    }

    /** AT+HTTPTERM. */
    close(): void {
        allowedIf(this.isOpen)
        this.stop()
        this.current = undefined
    }

    /** @throws CommandError 3 unless AT+HTTPINIT has been given */
    get settings(): HttpSettings {
        const { current } = this
        allowedIf(current !== undefined)
        return current as HttpSettings
    }

    /** AT+HTTPSCONT. */
    save(): void {
        this.module.hardware.nvram.httpSettings = { ...this.settings }
    }

    /** AT+HTTPDATA: data for a POST. */
    setInput(bytes: Uint8Array): void {
        this.input = Uint8Array.from(bytes)
        this.answered = false
    }

    /** AT+HTTPREAD: the response, or before there is one the data to be sent. */
    get readable(): Uint8Array {
        if (!this.answered) return this.input
        return this.showsHeader && this.answerHeader !== ""
            ? concatenate(bytesOf(`${this.answerHeader}\r\n`), this.answer)
            : this.answer
    }

    /** AT+HTTPHEAD. */
    get header(): string {
        return this.answerHeader
    }

    /** AT+HTTPSTATUS: `<mode>,<status>,<finish>,<remain>`. */
    describe(): string {
        const { action } = this
        const IDLE = 0
        const RECEIVING = 1
        const SENDING = 2
        if (action === undefined)
            return `${methods[this.lastMethod]},${IDLE},0,0`
        const { reader, client, length, method } = action
        const name = methods[method]
        if (reader.header === "") {
            const done = client.acknowledged
            return `${name},${SENDING},${done},${Math.max(0, length - done)}`
        }
        return `${name},${RECEIVING},${reader.received},${reader.remaining}`
    }

    /**
     * AT+HTTPACTION: the outcome comes as `+HTTPACTION`.
     * @throws CommandError 3 if there is no address, or a request runs already
     */
    start(method: number): void {
        const { URL, CID, TIMEOUT } = this.settings
        const url = parseUrl(URL)
        allowedIf(url !== undefined && CID !== "" && this.action === undefined)
        this.answered = false
        this.lastMethod = method
        const timer = this.module.clock.after(Number(TIMEOUT) * 1000, () =>
            this.finish(TIMED_OUT)
        )
        this.request(URL, method, 0, timer)
    }

    private request(
        address: string,
        method: number,
        hops: number,
        timer: Timer
    ): void {
        const { CID, PROIP, PROPORT } = this.settings
        const url = parseUrl(address)
        if (url === undefined) {
            this.finish(NOT_HTTP)
            return
        }
        const isProxied = PROIP !== factoryHttpSettings.PROIP
        const isSecure = this.isSecure && !isProxied
        const port = url.port ?? (isSecure ? 443 : 80)
        const host = url.port === undefined ? url.host : `${url.host}:${port}`
        const target = isProxied ? `http://${host}${url.path}` : url.path
        const bytes = this.requestFor(method, target, host)
        const reader = new ResponseReader(methods[method] !== "HEAD")
        const client = new ApplicationClient(
            this.module,
            this.module.bearers[Number(CID) - 1],
            {
                connected: () => client.send(bytes),
                received: received => {
                    client.consumed(received.length)
                    reader.feed(received)
                    this.progress()
                },
                ended: reason => {
                    reader.end()
                    if (reason === "closed") this.progress()
                    else this.finish(failures[reason])
                },
            }
        )
        if (isProxied) client.dial(PROIP, Number(PROPORT))
        else client.dial(url.host, port, isSecure ? this.tls : undefined)
        const { length } = bytes
        this.action = { method, client, reader, length, hops, timer }
    }

    private get tls(): ReturnType<typeof tlsRequest> {
        const { options, tcpip } = this.module
        const { tlsVersion } = options.firmware
        const version = tlsVersion === "none" ? "TLSv1" : tlsVersion
        return tlsRequest(tcpip.state.tls, version)
    }

    private requestFor(
        method: number,
        target: string,
        host: string
    ): Uint8Array {
        const { UA, CONTENT, USERDATA, BREAK, BREAKEND } = this.settings
        const name = methods[method]
        const [from, to] = [Number(BREAK), Number(BREAKEND)]
        const hasRange = name === "GET" && (from > 0 || to > 0)
        const body = name === "POST" ? this.input : new Uint8Array()
        const headers = [
            `Host: ${host}`,
            `User-Agent: ${UA}`,
            "Accept: */*",
            "Connection: close",
            ...(hasRange
                ? [`Range: bytes=${from}-${to > from ? to : ""}`]
                : []),
            ...(CONTENT === "" ? [] : [`Content-Type: ${CONTENT}`]),
            ...(name === "POST" ? [`Content-Length: ${body.length}`] : []),
            // programs write line ends between fields as backslash, r, backslash, n
            ...USERDATA.split(/\r\n|\\r\\n/).filter(line => line !== ""),
        ]
        return requestBytes(name, target, headers, body)
    }

    private progress(): void {
        const { action } = this
        if (action === undefined) return
        const { reader } = action
        if (reader.received > LARGEST_BODY) this.finish(NO_MEMORY)
        else if (reader.isBroken)
            this.finish(reader.header === "" ? NOT_HTTP : NETWORK_ERROR)
        else if (reader.isComplete) this.complete(action)
    }

    private complete({ reader, client, method, hops, timer }: Action): void {
        const location = reader.field("Location")
        const isRedirect = reader.status >= 300 && reader.status < 400
        const follows = this.settings.REDIR === "1" && hops < MOST_HOPS
        client.close()
        if (isRedirect && follows && location !== undefined) {
            const address = location.startsWith("/")
                ? this.settings.URL.replace(
                      /^((?:https?:\/\/)?[^/?]+).*$/i,
                      "$1"
                  ) + location
                : location
            this.request(address, method, hops + 1, timer)
            return
        }
        this.answer = Uint8Array.from(reader.body)
        this.answerHeader = reader.header
        this.answered = true
        this.finish(reader.status)
    }

    private finish(status: number): void {
        const { action } = this
        if (action === undefined) return
        this.stop()
        if (!this.answered) {
            this.answer = new Uint8Array()
            this.answerHeader = ""
            this.answered = true
        }
        const { length } = this.readable
        this.module.output.urc(
            `+HTTPACTION: ${action.method},${status},${length}`
        )
    }

    private stop(): void {
        this.action?.client.abort()
        this.action?.timer.cancel()
        this.action = undefined
    }
}
