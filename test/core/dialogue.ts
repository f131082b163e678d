/**
 * Plays transcripts against the core, as people write them down:
 *
 *     > AT+CSQ␍          what the driver must send next
 *     < ⏎+CSQ: 20,0⏎     what the modem says then
 *     . 500              so many milliseconds pass
 *     ! open host 80     what the application does
 *     = 0 CONNECTED      what must hold now (see `check`)
 *     # anything         a remark
 *
 * What an application can do, beside `start`, `stop`, `send`, `close`:
 *
 *     ! open host 80 context=1       a TCP client; also local=2020, tls,
 *                                    verify, authenticate
 *     ! udp host 80 local=8888 extended
 *     ! retarget 0 host 80           whom its datagrams go to from now on
 *     ! close 0 quick                AT+CIPCLOSE=0,1
 *     ! keep 0                       reads nothing of it, until `! read 0`
 *     ! listen 1234                  and `! unlisten`
 *     ! accept                       takes a peer, logged as `accepted …`
 *     ! second CMWAP                 a second context; `! second` makes it (to
 *                                    be done before `! start`) or shuts it
 *     ! request AT+CSQ               a command of the application
 *     ! message AT+CMGS="+123" hello␚   one with data behind the prompt
 *     ! leave                        data mode, and `! resume`
 *     ! dcd low                      what the modem does with its line
 *     ! uart 10                      from now on a byte takes 10 ms on the line,
 *                                    and the UART has a FIFO of 64
 *     ! cts off                      it keeps what it has, until `! cts on`
 *     ! lost                         the UART has lost what would come next
 *
 * Control characters are spelt as in a trace (sim/modem/trace.ts). Consecutive
 * `<` lines are one block. How the blocks are cut into chunks is a parameter:
 * nothing may depend on it.
 */
import "../../src/node/buffer"
import { configWith } from "../config"
import { Failure } from "../../src/core/errors"
import { Phase } from "../../src/core/phase"
import { ipStateText } from "../../src/core/ip-state"
import { Outcome } from "../../src/core/channel"
import {
    Connection,
    LinkState,
    SendState,
} from "../../src/core/link/connection"
import {
    LINK_STATES,
    watch,
    watchContext,
    watchData,
    watchRequest,
    watchServer,
} from "../machines"
import { DataMode } from "../../src/core/data-mode/data-mode"
import { DataState } from "../../src/core/data-mode/mode"
import { Modem } from "../../src/core/modem"
import { Request, RequestState } from "../../src/core/request"
import { Final, Line } from "../../src/core/results"
import { ContextState, SecondContext } from "../../src/core/second-context"
import { Server, ServerState } from "../../src/core/server"
import type { ModemConfig } from "../../src/core/options"
import { spell, unspell } from "../../sim/modem/trace"
import { datagram, read } from "../../src/core/link/receive"
import { send } from "../../src/core/link/send"

export const config = configWith({
    apn: "CMNET",
    flowControl: false,
    quickSend: false,
    ring: 512,
    stallTimeout: 10000,
})

/** Bytes that the UART takes beyond what is on the wire. */
const FIFO = 64

/** Bytes of a line of a transcript. */
export const bytes = (line: string): Buffer => Buffer.from(unspell(line))

/** A line of a transcript of bytes. */
export const text = spell

/** How the bytes of the modem reach the driver. */
export type Cut =
    | { whole: true }
    | { every: number }
    /** two chunks: the boundary is behind byte number `at` of the whole stream */
    | { at: number }

const hasSent = ({ sendState }: Connection): boolean =>
    sendState === SendState.Done || sendState === SendState.Failed
const isOpen = ({ state }: Connection): boolean => state === LinkState.Connected

/** What the owner of a connection waits for, and what is logged of it. */
class OwnersView {
    generation = 0
    readable = 0
    failure = Failure.None
    sent = false
    open = false
    /* as they were logged last: all are like new before they are used */
    private state = LinkState.Initial
    private why = Failure.None
    private sendState = SendState.Idle

    look(link: Connection): void {
        this.generation = link.generation
        this.readable = link.readable
        this.failure = link.failure
        this.sent = hasSent(link)
        this.open = isOpen(link)
    }

    /** Fails if there is something that the owner has not been told of (`news`). */
    hasNothingNew(link: Connection): void {
        // he takes, closes and reads by himself
        if (
            link.generation === this.generation &&
            (link.readable > this.readable ||
                link.failure !== this.failure ||
                (hasSent(link) && !this.sent) ||
                (isOpen(link) && !this.open))
        ) {
            const before = JSON.stringify(this)
            this.look(link)
            throw new Error(
                `the owner of ${link.id} is not told: ${before} has become ${JSON.stringify(this)}`
            )
        }
    }

    /** The line for the log, if there is something else to say than before. */
    change({ id, state, failure, sendState }: Connection): string | undefined {
        if (
            state === this.state &&
            failure === this.why &&
            sendState === this.sendState
        )
            return undefined
        const before = this.line(id)
        this.state = state
        this.why = failure
        this.sendState = sendState
        const line = this.line(id)
        // several states have one name
        return line === before ? undefined : line
    }

    private line(id: number): string {
        return [
            id,
            LINK_STATES[this.state],
            Failure[this.why],
            SendState[this.sendState],
        ].join(" ")
    }
}

/** The core, a clock, and a record of what has happened. */
export class Driver {
    readonly modem: Modem
    now: number
    /** sent by the driver, on the wire and not yet compared */
    out = Buffer.alloc(0)
    /** bytes that the UART has taken, and when the first of them is on the wire */
    private fifo = Buffer.alloc(0)
    private wireAt = 0
    private byteTime = 0
    private cts = true
    /** what has happened, without payload */
    readonly log: string[] = []
    /** payload by connection */
    readonly received: Buffer[] = Array(6).fill(Buffer.alloc(0))
    /** bytes that the modem has said so far */
    fed = 0
    /** how often the driver has looked at what is to be done */
    polls = 0
    /** what the owners of the connections know of them */
    private readonly owned: OwnersView[] = []
    /** connections that the application does not read */
    private readonly kept = new Set<number>()
    private readonly data: DataMode | null = null
    private server: Server | null = null
    private second: SecondContext | null = null
    private request: Request | null = null

    constructor(
        options: Partial<ModemConfig> = {},
        private readonly cut: Cut = { whole: true },
        start = 1000
    ) {
        this.modem = new Modem({ ...config, ...options })
        this.now = start
        if (this.modem.config.transparent) {
            const data = new DataMode(this.modem)
            data.mode.changed = () => this.log.push("data " + state(data))
            watchData(data)
            this.data = data
        }
        watch(this.modem)
        this.modem.reporter.observer = {
            onChange: () => {
                const { phase, failure } = this.modem.bearer
                const { state } = this.modem.ip
                const line = [
                    Phase[phase],
                    ipStateText(state),
                    failure ? Failure[failure] : "",
                ].join("|")
                if (this.log.at(-1) !== line) this.log.push(line)
            },
            onUrc: (line, length) => {
                this.log.push("urc " + text(line.subarray(0, length)))
            },
        }
    }

    /** What the application gives its commands by. */
    private requested(): Request {
        if (this.request === null) {
            this.request = new Request(this.modem)
            watchRequest(this.request)
        }
        return this.request
    }

    /** Polls until the driver has nothing to do at this moment. */
    settle() {
        for (let turns = 0; ; turns++) {
            if (turns > 10000) throw new Error("the driver does not settle")
            this.modem.poll(this.now)
            this.polls++
            const told = this.transmit()
            this.observe()
            if (!told && this.modem.pollAt(this.now) - this.now > 0) return
        }
    }

    /**
     * The UART takes what it has room for, and puts on the wire what is due.
     * @returns whether the driver is told of something
     */
    private transmit(): boolean {
        const encoder = this.modem.encoder
        const { left } = encoder
        const fast = this.byteTime === 0 && this.cts
        const idle = this.fifo.length === 0
        const n = fast ? left : Math.min(left, FIFO - this.fifo.length)
        if (n > 0) {
            const { source, at } = encoder
            this.fifo = Buffer.concat([this.fifo, source.subarray(at, at + n)])
            encoder.at += n
            encoder.left -= n
        }
        if (idle) this.wireAt = this.now + this.byteTime
        let due = 0
        while (this.cts && due < this.fifo.length && this.wireAt <= this.now) {
            due++
            this.wireAt += this.byteTime
        }
        if (due > 0) {
            this.out = Buffer.concat([this.out, this.fifo.subarray(0, due)])
            this.fifo = this.fifo.subarray(due)
        }
        const drained =
            encoder.drain && encoder.left === 0 && this.fifo.length === 0
        if (drained) encoder.drain = false
        const taken = n > 0 && encoder.left === 0
        return drained || (taken && (fast || encoder.tell))
    }

    /**
     * Lets time pass until something falls due, or the UART is done with a byte.
     * @returns false if that is later
     */
    private step(end: number): boolean {
        const next = this.modem.pollAt(this.now)
        const sends = this.cts && this.fifo.length > 0
        if (sends && this.wireAt - next < 0) {
            if (this.wireAt - end > 0) return false
            this.now = this.wireAt
            if (this.transmit()) this.settle()
            return true
        }
        if (next - end > 0) return false
        this.now = Math.max(next, this.now)
        this.settle()
        return true
    }

    /** How long the driver wants to sleep, ms. */
    pause(): number {
        return this.modem.pollAt(this.now) - this.now
    }

    /** Lets time pass, and does what falls due. */
    wait(ms: number) {
        const end = this.now + ms
        this.settle()
        while (this.step(end));
        this.now = end
        this.settle()
    }

    private observe() {
        const connections = this.modem.links
        const { news } = connections
        connections.news = 0
        for (const link of connections.list) {
            const told = (news & (1 << link.id)) !== 0
            let owner: OwnersView | undefined = this.owned[link.id]
            if (!owner) this.owned[link.id] = owner = new OwnersView()
            else if (!told) owner.hasNothingNew(link)
            if (!this.kept.has(link.id)) this.read(link)
            owner.look(link)
            const line = owner.change(link)
            if (line !== undefined) this.log.push(line)
        }
    }

    /** Reads all there is; the sender of a datagram stands in front of it. */
    private read(link: Connection) {
        const connections = this.modem.links
        while (link.readable > 0) {
            let sender = ""
            let length = link.readable
            if (link.udp && !this.data) {
                length = datagram(connections, link)
                const known = link.address.some(byte => byte !== 0)
                sender = `<${known ? `${dotted(link)}:${link.senderPort}` : ""}>`
            }
            const data = Buffer.alloc(length)
            read(connections, link, data, 0, length)
            this.received[link.id] = Buffer.concat([
                this.received[link.id],
                Buffer.from(sender),
                data,
            ])
        }
    }

    /** Bytes from the modem, in chunks. */
    feed(data: Buffer) {
        const { cut } = this
        let from = 0
        while (from < data.length) {
            let n = data.length - from
            if ("every" in cut) n = Math.min(n, cut.every)
            else if ("at" in cut) {
                const ahead = cut.at - this.fed
                if (ahead > 0) n = Math.min(n, ahead)
            }
            n = this.modem.ring.put(data, from, n)
            from += n
            this.fed += n
            this.settle()
        }
    }

    /** Waits for what the driver must send next, and takes it off. */
    expect(data: Buffer, line: string) {
        const end = this.now + 200000
        this.settle()
        while (this.out.length < data.length && this.step(end));
        const got = this.out.subarray(0, data.length)
        if (!got.equals(data))
            throw new Error(
                `${line}: the driver sent "${text(this.out)}" instead of "${text(data)}"`
            )
        this.out = this.out.subarray(data.length)
    }

    private act(words: string[], line: string) {
        const modem = this.modem
        const [what, ...args] = words
        const options = Object.fromEntries(
            args.map(word => word.split("=") as [string, string?])
        )
        switch (what) {
            case "start":
                modem.start(this.now)
                break
            case "stop":
                modem.stop()
                break
            case "open":
            case "udp": {
                const id = modem.links.take(this.now)
                if (id < 0) {
                    this.log.push("no connection is free")
                    break
                }
                const link = modem.links.list[id]
                link.udp = what === "udp"
                link.host = args[0]
                link.port = Number(args[1])
                link.localPort = Number(options.local ?? 0)
                link.context = Number(options.context ?? 0)
                link.extended = "extended" in options
                link.tls = "tls" in options
                link.verify = "verify" in options
                link.authenticate = "authenticate" in options
                modem.links.start(link)
                break
            }
            case "retarget": {
                const link = modem.links.list[Number(args[0])]
                link.host = args[1]
                link.target = Number(args[2])
                link.retarget = true
                break
            }
            case "keep":
                this.kept.add(Number(args[0]))
                break
            case "read":
                this.kept.delete(Number(args[0]))
                break
            case "send": {
                const data = bytes(args.slice(1).join(" "))
                const link = modem.links.list[Number(args[0])]
                const failure = send(modem.links, link, data, 0, data.length)
                if (failure) this.log.push("send refused " + Failure[failure])
                // whoever sends nothing is told that by the call itself
                this.owned[link.id].look(link)
                break
            }
            case "close": {
                const link = modem.links.list[Number(args[0])]
                link.quickClose = "quick" in options
                modem.links.close(link, this.now)
                break
            }
            case "listen":
                if (this.server === null) {
                    this.server = new Server(modem)
                    watchServer(this.server)
                }
                this.server.open(Number(args[0]))
                break
            case "unlisten":
                this.server?.close()
                break
            case "accept": {
                const link = modem.links.list[modem.links.accepted()]
                this.log.push(`accepted ${link.id} ${dotted(link)}`)
                break
            }
            case "second":
                if (this.second === null) {
                    this.second = new SecondContext(modem)
                    watchContext(this.second)
                }
                if (args.length > 0) this.second.open(args[0], "", "")
                else this.second.close()
                break
            case "request": {
                const command = args.join(" ")
                const status = command === "AT+CIPSTATUS"
                const follow = command.startsWith("AT+CDNSGIP")
                    ? Line.Resolved
                    : command.startsWith("AT+CUSD=1")
                      ? Line.Ussd
                      : Line.Unknown
                this.requested().begin(
                    command,
                    Final.Error | (status ? Final.Status : Final.Ok),
                    5000,
                    follow,
                    30000
                )
                break
            }
            case "message": {
                const ends = Final.Ok | Final.Error
                const request = this.requested()
                request.begin(args[0], ends, 5000, Line.Unknown, 0)
                request.data = bytes(args.slice(1).join(" "))
                break
            }
            case "cancel":
                this.request?.cancel()
                break
            case "leave":
                this.data?.leave()
                break
            case "resume":
                this.data?.resume()
                break
            case "lost":
                modem.bytesLost()
                break
            case "dcd":
                modem.uart.dcd = args[0] === "low"
                break
            case "uart":
                this.byteTime = Number(args[0])
                break
            case "cts":
                this.cts = args[0] === "on"
                this.wireAt = this.now + this.byteTime
                break
            default:
                throw new Error(`no such action: ${line}`)
        }
        this.settle()
    }

    private check(words: string[], line: string) {
        const bearer = this.modem.bearer
        let actual: string
        switch (words[0]) {
            case "phase":
                actual = Phase[bearer.phase]
                break
            case "state":
                actual = ipStateText(this.modem.ip.state)
                break
            case "failure":
                actual = Failure[bearer.failure]
                break
            case "address":
                actual = bearer.address.toString(
                    "latin1",
                    0,
                    bearer.addressLength
                )
                break
            case "data":
                actual = this.data ? state(this.data) : "none"
                break
            case "dtr":
                actual = this.modem.uart.dtr ? "low" : "high"
                break
            case "server":
                actual = this.server ? serverState(this.server) : "none"
                break
            case "second":
                actual = this.second ? contextState(this.second) : "none"
                break
            case "answer":
                actual = this.request ? answer(this.request) : "none"
                break
            default: {
                const id = Number(words[0])
                const link = this.modem.links.list[id] ?? new Connection(id, 2)
                const send = [SendState[link.sendState]]
                if (link.sendState === SendState.Failed)
                    send.push(Failure[link.sendFailure])
                const all: Record<string, string> = {
                    failure: Failure[link.failure],
                    received: text(this.received[link.id]),
                    sending: send.join(" "),
                    sent: String(link.sent),
                    dropped: String(link.dropped),
                }
                if (words[1] in all) {
                    actual = all[words[1]]
                    words = words.slice(1)
                } else {
                    actual = LINK_STATES[link.state]
                }
            }
        }
        const wanted = words.slice(1).join(" ")
        if (actual !== wanted && actual !== text(bytes(wanted)))
            throw new Error(
                `${line}: it is "${actual}" instead\n${this.log.join("\n")}`
            )
    }

    /** Plays a transcript; throws where it is not followed. */
    play(transcript: string): this {
        for (const { mark, rest, line, data } of blocks(transcript)) {
            if (mark === ">") this.expect(data, line)
            else if (mark === "<") this.feed(data)
            else if (mark === ".") this.wait(Number(rest))
            else if (mark === "!") this.act(rest.split(" "), line)
            else if (mark === "=") this.check(rest.split(" "), line)
        }
        return this
    }

    /** Fails if the driver has sent something that nobody has asked for. */
    silent(): this {
        if (this.out.length > 0)
            throw new Error(`nobody expects "${text(this.out)}"`)
        return this
    }
}

/** Address of the peer, or of the sender of the last datagram. */
const dotted = (link: Connection): string => [...link.address].join(".")

const join = (...parts: string[]): string => parts.filter(Boolean).join(" ")

/** A failure if there is one. */
const why = (failure: Failure): string => (failure ? Failure[failure] : "")

const state = (data: DataMode): string =>
    join(DataState[data.mode.state], why(data.mode.failure))

const serverState = (server: Server): string =>
    join(ServerState[server.state], why(server.failure))

const contextState = (second: SecondContext): string =>
    join(
        ContextState[second.state],
        why(second.failure),
        second.state === ContextState.Open
            ? second.address.toString("latin1", 0, second.addressLength)
            : ""
    )

/** How a request has ended, and the lines that came; ␊ is behind each. */
const answer = (request: Request): string =>
    join(
        request.state === RequestState.Done
            ? Outcome[request.outcome]
            : RequestState[request.state],
        text(request.answer.subarray(0, request.answerLength))
    )

interface Block {
    readonly mark: string
    readonly rest: string
    readonly line: string
    /** what `>` and `<` say */
    readonly data: Buffer
}

const NO_DATA = Buffer.alloc(0)

function parsed(transcript: string): Block[] {
    const list: [string, string, string][] = []
    for (const raw of transcript.split("\n")) {
        const line = raw.trim()
        if (line === "" || line[0] === "#") continue
        if (!"<>.!=".includes(line[0]))
            throw new Error(`not a line of a transcript: ${line}`)
        const rest = line.slice(2)
        const last = list.at(-1)
        if (line[0] === "<" && last?.[0] === "<") last[1] += rest
        else list.push([line[0], rest, line])
    }
    return list.map(([mark, rest, line]) => ({
        mark,
        rest,
        line,
        data: mark === ">" || mark === "<" ? bytes(rest) : NO_DATA,
    }))
}

/** Transcripts that have been read: most are played once for each cut. */
const known = new Map<string, readonly Block[]>()
const MOST = 100

function blocks(transcript: string): readonly Block[] {
    let list = known.get(transcript)
    if (!list) {
        if (known.size >= MOST) known.clear()
        known.set(transcript, (list = parsed(transcript)))
    }
    return list
}

/** How many bytes the modem says in a transcript. */
export function spoken(transcript: string): number {
    return blocks(transcript)
        .filter(({ mark }) => mark === "<")
        .reduce((sum, { data }) => sum + data.length, 0)
}

/**
 * Plays a transcript uncut, byte by byte, and with every cut into two chunks
 * (not if the environment has CUTS=few), and fails unless the same happens
 * every time.
 * @returns the driver of the uncut run
 */
export function playAllCuts(
    transcript: string,
    options: Partial<ModemConfig> = {},
    before = ""
): Driver {
    const whole = new Driver(options).play(before).play(transcript).silent()
    const record = (d: Driver) =>
        JSON.stringify([d.log, d.received.map(text)], undefined, 1)
    const isSame = (d: Driver): boolean =>
        d.log.length === whole.log.length &&
        d.log.every((line, i) => line === whole.log[i]) &&
        d.received.every((data, id) => data.equals(whole.received[id]))
    const first = spoken(before)
    const cuts: Cut[] = [{ every: 1 }, { every: 3 }, { every: 8 }]
    if (process.env.CUTS !== "few")
        for (let at = first + 1; at < whole.fed; at++) cuts.push({ at })
    for (const cut of cuts) {
        let got: Driver
        try {
            got = new Driver(options, cut).play(before).play(transcript)
        } catch (e) {
            throw new Error(
                `cut ${JSON.stringify(cut)}: ${(e as Error).message}`,
                {
                    cause: e,
                }
            )
        }
        if (!isSame(got))
            throw new Error(
                `cut ${JSON.stringify(cut)} changes what happens:\n${record(got)}\ninstead of\n${record(whole)}`
            )
    }
    return whole
}

/** What differs from the usual during a start. */
export interface BringUp {
    flow?: string
    quick?: string
    reception?: string
    /** AT+CIPMUX=0 */
    single?: boolean
    /** single, and bare data: no AT+CIPHEAD */
    plain?: boolean
    /** single, and AT+CIPMODE=1, with or without DTR */
    transparent?: "DTR" | "+++"
    /** parameters of AT+CIPCCFG */
    transfer?: string
    /** parameters of AT+CIPATS */
    timer?: string
    /** single, and AT+CIPCSGP in place of the context */
    lazy?: boolean
    /** a second context may be there */
    second?: boolean
}

const obeyed = (command: string): string => `> ${command}␍\n< ⏎OK⏎`

/** From an unknown modem to an address, as it goes when nothing is amiss. */
export function bringUpWith(differs: BringUp): string {
    const { flow = "0,0", transparent } = differs
    return `
! start
${obeyed("AT")}
${obeyed("ATE0")}
${obeyed("AT+CMEE=1;+CSCLK=0")}
> AT+IPR?␍
< ⏎+IPR: 115200⏎⏎OK⏎
${obeyed(`AT+IFC=${flow}`)}
${transparent ? obeyed("AT&C1") : ""}
${transparent === "DTR" ? obeyed("AT&D1") : ""}
> AT+CFUN?␍
< ⏎+CFUN: 1⏎⏎OK⏎
> AT+CPIN?␍
< ⏎+CPIN: READY⏎⏎OK⏎
> AT+CCALR?␍
< ⏎+CCALR: 1⏎⏎OK⏎
${registered}
${obeyed("AT+CNMI=2,1,0,0,0")}
${rebuildWith(differs)}
`
}

const registered = `
> AT+CSQ␍
< ⏎+CSQ: 20,0⏎⏎OK⏎
> AT+CREG?␍
< ⏎+CREG: 0,1⏎⏎OK⏎
> AT+CGREG?␍
< ⏎+CGREG: 0,1⏎⏎OK⏎
> AT+CGATT?␍
< ⏎+CGATT: 1⏎⏎OK⏎
`

/** From the search for a network to AT+CIPMUX. */
export const network = `
${registered}
${obeyed("AT+CNMI=2,1,0,0,0")}
> AT+CIPSHUT␍
< ⏎SHUT OK⏎
${obeyed("AT+CIPMUX=1")}
${obeyed("AT+CIPSSL=0")}
${obeyed("AT+CIPSPRT=1")}
`

/** The start again, behind a loss of the context. */
export const reactivateWith = (differs: BringUp): string =>
    registered + rebuildWith(differs)

/** From AT+CIPSHUT to the address: the context anew. */
export function rebuildWith(differs: BringUp): string {
    const { quick = "0", reception = "1", transparent } = differs
    const plain = differs.plain || transparent
    const single = differs.single || differs.lazy || plain
    const shut = "> AT+CIPSHUT␍\n< ⏎SHUT OK⏎"
    return `
${differs.second ? obeyed("AT+CIPSGTXT=1") : ""}
${differs.second ? shut : ""}
${differs.second ? obeyed("AT+CIPSGTXT=0") : ""}
${shut}
${obeyed(`AT+CIPMUX=${single ? 0 : 1}`)}
${obeyed("AT+CIPSSL=0")}
${single ? obeyed(`AT+CIPMODE=${transparent ? 1 : 0}`) : ""}
${differs.transfer ? obeyed(`AT+CIPCCFG=${differs.transfer}`) : ""}
${obeyed("AT+CIPSPRT=1")}
${differs.timer ? obeyed(`AT+CIPATS=${differs.timer}`) : ""}
${obeyed(`AT+CIPQSEND=${quick}`)}
${obeyed(`AT+CIPRXGET=${reception}`)}
${reception === "0" && !transparent ? obeyed(`AT+CIPHEAD=${plain ? 0 : 1}`) : ""}
${differs.lazy ? obeyed('AT+CIPCSGP=1,"CMNET","",""') : context}
`
}

/** From AT+CSTT to the address. */
export const context = `
> AT+CSTT="CMNET","",""␍
< ⏎OK⏎
> AT+CIICR␍
< ⏎OK⏎
> AT+CIFSR␍
< ⏎10.78.245.128⏎
= phase Ready
= state IP STATUS
= address 10.78.245.128
`

/** The start in the mode that the tests use unless they say otherwise. */
export const bringUp = bringUpWith({})

const HEALTHY: Record<string, string> = {
    "AT+IPR?": "⏎+IPR: 115200⏎⏎OK⏎",
    "AT+CFUN?": "⏎+CFUN: 1⏎⏎OK⏎",
    "AT+CPIN?": "⏎+CPIN: READY⏎⏎OK⏎",
    "AT+SPIC": "⏎+SPIC: 3,10,0,10⏎⏎OK⏎",
    "AT+CCALR?": "⏎+CCALR: 1⏎⏎OK⏎",
    "AT+CSQ": "⏎+CSQ: 20,0⏎⏎OK⏎",
    "AT+CREG?": "⏎+CREG: 0,1⏎⏎OK⏎",
    "AT+CGREG?": "⏎+CGREG: 0,1⏎⏎OK⏎",
    "AT+CGATT?": "⏎+CGATT: 1⏎⏎OK⏎",
    "AT+CIPSHUT": "⏎SHUT OK⏎",
    "AT+CIFSR": "⏎10.78.245.128⏎",
}

/** What a healthy modem answers, except where it says something else. */
export const answers =
    (differs: Record<string, string>) =>
    (command: string): string =>
        differs[command] ?? HEALTHY[command] ?? "⏎OK⏎"

/** Lets the driver talk for so long to a modem that answers after 20 ms. */
export function converse(
    driver: Driver,
    ms: number,
    answer: (command: string) => string
): void {
    const end = driver.now + ms
    let said = ""
    while (driver.now < end) {
        driver.settle()
        said += driver.out.toString("latin1")
        driver.out = Buffer.alloc(0)
        const at = said.indexOf("\r")
        if (at < 0) {
            const rest = Math.min(driver.pause(), end - driver.now)
            driver.wait(Math.max(1, rest))
            continue
        }
        const command = said.slice(0, at)
        said = said.slice(at + 1)
        driver.wait(20)
        driver.feed(bytes(answer(command)))
    }
}

/** The start again in that mode, behind a loss of the context. */
export const reactivate = reactivateWith({})

/** A connection with number 0, ready to send. */
export const connect = `
! open 116.228.221.51 8500
> AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
< ⏎OK⏎
< ⏎0, CONNECT OK⏎
= 0 CONNECTED
`
