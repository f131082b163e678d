/**
 * Ordeals: short lives of the driver on the plain modem. A few programs share one
 * modem: they open, send, read and close whenever they like, at the same moment if it
 * comes so; their peers say what looks like protocol. Then something happens behind a
 * byte: a restart, a loss, a short message, a glitch of DCD. Whatever it is, nobody gets
 * what is not his, nobody is told a lie, and all is well again by itself.
 */
import "../../src/node/buffer"
import { Phase } from "../../src/core/phase"
import { Framing, Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import {
    LinkState,
    SendState,
    type Connection,
} from "../../src/core/link/connection"
import { DataMode } from "../../src/core/data-mode/data-mode"
import { Failure } from "../../src/core/errors"
import { Phone } from "../../src/core/dialogues/phone"
import { Talk } from "../../src/core/dialogues/talk"
import { Modem } from "../../src/core/modem"
import { ContextState, SecondContext } from "../../src/core/second-context"
import { Server } from "../../src/core/server"
import { Sleep, SleepMode } from "../../src/core/sleep"
import { Random } from "../../sim/modem/random"
import { configWith } from "../config"
import { watch, watchContext, watchRequest, watchSleep } from "../machines"
import { Caller, textOf } from "./caller"
import {
    mannersOf,
    PlainModem,
    plainManners,
    type Manners,
    type Peer,
    type Settings,
} from "./plain-modem"
import type { PlainPhone } from "./plain-phone"
import {
    eventsOf,
    mayBeCommand,
    PlainWire,
    restarts,
    speech,
    spoils,
    stops,
    type Event,
} from "./plain-wire"
import { release, send } from "../../src/core/link/send"
import { datagram, nextLength, read } from "../../src/core/link/receive"
import { open } from "../open"

const S = 1000
/** By then it has to be ready again, ms. */
const RECOVERY = 200 * S
/** A program's, bytes. */
const BUFFER = 3000
/** The driver's turn may come so late, ms. */
const LONGEST_TURN = 3 * S
/** CTS may be off for so long, ms. */
const LONGEST_HOLD = 8 * S
const CONNECT = "\r\nCONNECT\r\n"
const CONNECTS = new RegExp(CONNECT, "g")
const CLOSED = Buffer.from("\r\nCLOSED\r\n")
/** So many polls within one ms mean that it spins. */
const SPIN = 400

const transparent: Partial<ModemConfig> = {
    multi: false,
    transparent: true,
    reception: Reception.Push,
}

/** What the driver is used for. */
export const uses: Record<string, Partial<ModemConfig>> = {
    manual: {},
    acknowledged: { quickSend: false },
    "Ctrl-Z": { framing: Framing.CtrlZ },
    hex: { reception: Reception.Hex },
    push: { reception: Reception.Push },
    "single manual": { multi: false },
    "single push": { multi: false, reception: Reception.Push },
    server: {},
    "push server": { reception: Reception.Push },
    "single server": { multi: false },
    UDP: {},
    "hex UDP": { reception: Reception.Hex },
    "push UDP": { reception: Reception.Push },
    "single UDP": { multi: false },
    TLS: {},
    "push TLS": { reception: Reception.Push },
    lazy: { multi: false, lazy: true },
    "push lazy": { multi: false, lazy: true, reception: Reception.Push },
    "lazy TLS": { multi: false, lazy: true },
    "single TLS": { multi: false },
    "single push TLS": { multi: false, reception: Reception.Push },
    "TLS server": {},
    "lazy UDP": { multi: false, lazy: true },
    "single hex": { multi: false, reception: Reception.Hex },
    "single acknowledged": { multi: false, quickSend: false },
    "all at once": {},
    "push, all at once": { reception: Reception.Push },
    "hex, all at once": { reception: Reception.Hex },
    "transparent, DTR": transparent,
    "transparent, +++": { ...transparent, dtr: false },
    "transparent lazy": { ...transparent, lazy: true },
    "transparent TLS": transparent,
    "transparent lazy TLS": { ...transparent, lazy: true },
    "transparent server, DTR": transparent,
    "transparent server, +++": { ...transparent, dtr: false },
    sleep: {},
    "push sleep": { reception: Reception.Push },
    "single sleep": { multi: false },
    "sleep server": {},
    "push sleep server": { reception: Reception.Push },
    "sleep TLS": {},
    "push sleep TLS": { reception: Reception.Push },
    "sleep by bytes": {},
    "push sleep by bytes": { reception: Reception.Push },
    "sleep by bytes server": {},
    "sleep by bytes TLS": {},
    "two contexts": {},
    "push, two contexts": { reception: Reception.Push },
    "two contexts TLS": {},
    "two contexts server": {},
    requests: {},
    "push requests": { reception: Reception.Push },
    "single requests": { multi: false },
    "requests TLS": {},
    "requests server": {},
    "requests, sleep": {},
    "requests, sleep by bytes": {},
    "requests, two contexts": {},
    "ports TLS": {},
    "ports UDP": {},
    "single ports": { multi: false },
    "extended ports UDP": {},
    "push extended ports UDP": { reception: Reception.Push },
    "hex extended ports UDP": { reception: Reception.Hex },
    "single extended UDP": { multi: false },
    "single push extended UDP": { multi: false, reception: Reception.Push },
    "all of it": {},
    "push, all of it": { reception: Reception.Push },
    "hex, all of it": { reception: Reception.Hex },
}

/** What the sockets of a use are, or may be. */
const isAll = (use: string): boolean => /all of it/.test(use)
const isMixed = (use: string): boolean => /all at once/.test(use) || isAll(use)
const isUdp = (use: string): boolean => /UDP/.test(use) || isMixed(use)
const isTls = (use: string): boolean => /TLS/.test(use) || isMixed(use)
const isServer = (use: string): boolean => /server/.test(use) || isMixed(use)

/** What else the driver does. */
const sleeps = (use: string): boolean => /sleep/.test(use) || isAll(use)
const hasContexts = (use: string): boolean => /contexts/.test(use) || isAll(use)
const hasRequests = (use: string): boolean => /requests/.test(use) || isAll(use)
const hasPorts = (use: string): boolean => /ports/.test(use) || isAll(use)
const isExtended = (use: string): boolean => /extended/.test(use) || isAll(use)
export const hasMore = (use: string): boolean =>
    sleeps(use) ||
    hasContexts(use) ||
    hasRequests(use) ||
    hasPorts(use) ||
    isExtended(use)

/** The longest datagram that a peer sends: AT+CIPRXGET=3 tells no end of a longer one. */
const longest = (use: string): number => (/hex/.test(use) ? 700 : 1460)

export interface Ordeal {
    readonly use: string
    readonly seed: number
    /** each behind a byte of what the modem says */
    readonly events: readonly Event[]
}

const enum Stage {
    Idle,
    Open,
    Closing,
}

/** A use of a number, from open to close, by one program. */
interface Use {
    readonly peer: Peer
    readonly offered: Buffer
    readonly got: number[]
    failure: Failure
    sendFailure: Failure
    sent: number
    /** the program has closed it before its end */
    cut: boolean
    /** the modem has another peer at this number, and the driver has not heard of him */
    replaced: boolean
    /** UDP: what has come, and what was given to be sent, datagram by datagram */
    readonly datagrams: { readonly data: Buffer; readonly from: string }[]
    readonly given: {
        readonly bytes: Buffer
        readonly to: Peer
        failure: Failure
    }[]
}

/** Somebody in a life: it does one thing at its time. */
interface Actor {
    at: number
    readonly isIdle: boolean
    step(): void
}

/** It opens the second context, and shuts it, whenever it likes. */
class Switcher implements Actor {
    at: number
    readonly isIdle = true

    constructor(
        private readonly life: Life,
        private readonly random: Random,
        private readonly second: SecondContext
    ) {
        this.at = life.now + random.below(3 * S)
    }

    step(): void {
        const { life, random, second } = this
        this.at = life.over ? Infinity : life.now + random.below(9 * S)
        if (life.core.bearer.phase !== Phase.Ready) return
        // … and leaves it as it is, in the end
        if (second.state === ContextState.Closed) second.open("wap", "", "")
        else if (random.below(4) === 0) second.close()
    }
}

/**
 * One program: it opens a socket, uses it, and opens the next one; or it is a host, and
 * takes the next peer that comes to the server.
 */
class Program implements Actor {
    stage = Stage.Idle
    at: number
    private link: Connection | null = null
    private generation = 0
    private use: Use | null = null
    /** what is being sent, from a buffer that it uses again */
    private readonly buffer = Buffer.alloc(BUFFER)
    private sending = 0
    /** what had been sent before */
    private base = 0
    /** transparent mode: it sends plus signs, a few at a time */
    private readonly types: boolean
    /** extended UDP: whom its datagrams go to, if not its first peer */
    private target: Peer | undefined

    constructor(
        private readonly life: Life,
        private readonly random: Random,
        /** it does one thing right behind the other */
        private readonly hasty: boolean,
        private readonly host = false
    ) {
        this.at = life.now + random.below(50)
        this.types =
            life.core.config.transparent && !hasty && random.below(3) === 0
    }

    get isIdle(): boolean {
        return this.stage === Stage.Idle
    }

    /** Does one thing. */
    step(): void {
        const { life, random } = this
        const { links: connections } = life.core
        this.at = life.now + random.below(this.hasty ? 3 : 400)
        // the modem may sleep meanwhile
        if (life.rests && random.below(12) === 0) this.at += random.below(9 * S)
        // it may be silent for as long as an escape needs
        if (this.types && random.below(2) === 0) this.at += 1000
        if (this.stage === Stage.Idle) {
            if (life.over) this.at = Infinity
            else if (life.core.bearer.phase === Phase.Ready) this.open()
            return
        }
        const link = this.link as Connection
        const use = this.use as Use
        if (this.host && life.modem.peerAt(link.id) !== use.peer)
            use.replaced = true
        if (this.stage === Stage.Closing) {
            if (link.generation === this.generation) {
                if (!release(connections, link)) return
                // the buffer is the program's again; the result is still to come
                this.buffer.fill(0xee)
                if (link.sendState >= SendState.Wanted) return
            }
            this.done()
            return
        }
        if (link.generation !== this.generation) {
            this.done()
            return
        }
        if (random.below(3) > 0 && link.readable > 0) this.read()
        const ended =
            link.sendState === SendState.Done ||
            link.sendState === SendState.Failed
        if (this.sending > 0 && ended) this.sent()
        const over = link.failure !== Failure.None
        if (over && link.readable === 0) {
            use.failure = link.failure
            this.close()
        } else if (life.over || random.below(60) === 0) {
            use.cut = true
            this.close()
        } else if (
            !over &&
            this.sending === 0 &&
            (this.types || random.below(3) === 0)
        )
            this.send()
    }

    private open(): void {
        const { life, random } = this
        const { links: connections } = life.core
        const id = this.host
            ? connections.accepted()
            : connections.take(life.now)
        if (id < 0) return
        this.link = connections.list[id]
        const peer = this.host
            ? life.visitorAt(this.link)
            : life.newPeer(random)
        if (peer !== undefined && !this.host) {
            const { link } = this
            link.host = life.lastHost
            link.port = 1
            link.udp = peer.datagrams !== undefined
            link.tls = peer.tls !== undefined
            link.verify = peer.tls?.verify === true
            link.authenticate = peer.tls?.authenticate === true
            link.localPort = peer.wanted?.localPort ?? 0
            link.extended = peer.wanted?.extended === true
            link.context = peer.wanted?.context ?? 0
            connections.start(link)
        }
        // he has gone again, and nobody has heard it
        if (peer === undefined) {
            connections.close(this.link, life.now)
            return
        }
        this.generation = this.link.generation
        this.target = undefined
        this.stage = Stage.Open
        this.use = {
            peer,
            offered: this.types
                ? Buffer.alloc(200, "+")
                : speech(random, 20 + random.below(6000)),
            got: [],
            failure: Failure.None,
            sendFailure: Failure.None,
            sent: 0,
            cut: false,
            replaced: false,
            datagrams: [],
            given: [],
        }
        life.uses.push(this.use)
    }

    private read(): void {
        const { links: connections } = this.life.core
        const link = this.link as Connection
        if (link.udp) {
            if (nextLength(link) < 0) return
            const data = Buffer.alloc(datagram(connections, link))
            read(connections, link, data, 0, data.length)
            const from = `${[...link.address].join(".")}:${link.senderPort}`
            this.use?.datagrams.push({ data, from })
            return
        }
        const n = 1 + this.random.below(link.readable)
        const data = Buffer.alloc(n)
        read(connections, link, data, 0, n)
        for (const byte of data) this.use?.got.push(byte)
    }

    private send(): void {
        const link = this.link as Connection
        const use = this.use as Use
        const rest = use.offered.length - link.sent
        if (link.state !== LinkState.Connected || rest === 0) return
        let most = this.types ? 5 : 2500
        if (link.udp) most = 1460
        const n = Math.min(rest, 1 + this.random.below(most))
        use.offered.copy(this.buffer, 0, link.sent, link.sent + n)
        const { data, links: connections } = this.life.core
        if (link.extended && this.random.below(6) === 0) {
            this.target = this.life.newPeer(this.random, true)
            link.host = this.life.lastHost
            link.target = 1
            link.retarget = true
        }
        // as every runtime does
        if (data !== null && data.forbids(this.buffer, 0, n) !== "") return
        if (send(connections, link, this.buffer, 0, n) === Failure.None)
            this.sending = n
        this.base = link.sent
        if (this.sending === 0 || !link.udp) return
        const bytes = Buffer.from(this.buffer.subarray(0, n))
        const to = this.target ?? use.peer
        use.given.push({ bytes, to, failure: Failure.Busy })
    }

    /** UDP: what has become of the datagram that was given last. */
    private told(failure: Failure): void {
        const last = this.use?.given.at(-1)
        if (last !== undefined) last.failure = failure
    }

    /** The buffer is the program's again: something else is put there. */
    private sent(): void {
        const link = this.link as Connection
        const use = this.use as Use
        this.sending = 0
        this.buffer.fill(0xee)
        if (link.sendState === SendState.Failed)
            use.sendFailure = link.sendFailure
        this.told(link.sendFailure)
        use.sent = link.sent
    }

    private close(): void {
        const { life } = this
        const link = this.link as Connection
        const use = this.use as Use
        use.sent = link.sent
        if (link.sendState === SendState.Failed)
            use.sendFailure = link.sendFailure
        life.core.links.close(link, life.now)
        this.stage = Stage.Closing
    }

    private done(): void {
        const link = this.link as Connection
        const use = this.use as Use
        if (link.generation === this.generation) {
            use.sent = link.sent
            if (this.sending > 0 && link.sendState === SendState.Failed)
                use.sendFailure = link.sendFailure
        } else {
            if (use.failure === Failure.None) {
                use.failure = Failure.NumberTaken
                use.cut = true
            }
            // what became of it stands there until whoever has the number sends
            if (this.sending > 0) {
                const known =
                    link.sendState === SendState.Idle &&
                    link.generation === this.generation + 1
                use.sendFailure = known ? link.sendFailure : Failure.SendUnknown
                if (known) use.sent = this.base + link.accepted
            }
        }
        if (this.sending > 0)
            this.told(
                link.generation === this.generation
                    ? link.sendFailure
                    : use.sendFailure
            )
        this.sending = 0
        this.buffer.fill(0xee)
        this.link = this.use = null
        this.stage = Stage.Idle
    }
}

class Life {
    now: number
    readonly core: Modem
    readonly modem: PlainModem
    readonly uses: Use[] = []
    readonly wire: PlainWire
    /** nobody opens anything any more */
    over = false
    private readonly peers = new Map<string, Peer>()
    readonly programs: Actor[] = []
    readonly callers: Caller[] = []
    private readonly random: Random
    readonly manners: Manners
    /** there are pauses */
    readonly rests: boolean
    readonly second: SecondContext | null = null
    /** with requests only */
    readonly talk!: Talk
    readonly phone!: Phone

    readonly use: string
    /** the one of a single connection has to end before a client comes */
    readonly server: Server | null = null

    constructor(ordeal: Ordeal) {
        this.use = ordeal.use
        const random = (this.random = new Random(ordeal.seed))
        const config = configWith({
            ring: 1024,
            receiveBuffer: (isUdp(ordeal.use) ? 2048 : 512) << random.below(3),
            quickSend: true,
            stallTimeout: 20 * S,
            ...uses[ordeal.use],
        })
        // a clock that wraps at 32 bits soon
        this.now = random.below(4) === 0 ? 0x7fffffff - 20 * S : 1000
        this.epoch = this.busyUntil = this.heldUntil = this.now
        this.busy = random.below(3) === 0
        this.holds = random.below(3) === 0
        this.core = new Modem(config)
        if (config.transparent) new DataMode(this.core)
        watch(this.core)
        const more = hasMore(ordeal.use)
            ? new Random(ordeal.seed + 2)
            : undefined
        this.rests = sleeps(ordeal.use)
        if (more && this.rests) {
            config.receivePoll = 60 * S
            const byBytes =
                /bytes/.test(ordeal.use) ||
                (isAll(ordeal.use) && more.below(3) === 0)
            const mode = byBytes ? SleepMode.Serial : SleepMode.Dtr
            watchSleep(
                new Sleep(this.core, mode, 100 + more.below(more.below(3000)))
            )
        }
        if (hasRequests(ordeal.use)) {
            this.talk = new Talk(this.core)
            this.phone = new Phone(this.core, this.talk)
            watchRequest(this.talk.request)
        }
        if (hasContexts(ordeal.use)) {
            this.second = new SecondContext(this.core)
            watchContext(this.second)
        }
        this.modem = new PlainModem({
            multi: config.multi,
            push: config.reception === Reception.Push,
            transparent: config.transparent,
            latency: 1 + random.below(40),
            random: new Random(ordeal.seed + 1),
            manners: (this.manners = mannersOf(random, more)),
            peer: host => this.peers.get(host),
        })
        this.wire = new PlainWire(this.modem, random, ordeal.events)
        const n = config.multi ? 1 + random.below(4) : 1
        if (isServer(ordeal.use)) {
            this.server = new Server(this.core)
            this.server.open(8888)
            this.visitAt = this.now
        }
        const hasty = random.below(3) === 0
        this.bustle(ordeal)
        for (let i = 0; i < n; i++)
            this.programs.push(
                new Program(
                    this,
                    new Random(ordeal.seed * 8 + i),
                    hasty,
                    this.visitAt < Infinity && i !== 1
                )
            )
    }

    /** Those who do something beside the sockets. */
    private bustle(ordeal: Ordeal): void {
        const { programs, callers, second } = this
        const own = new Random(ordeal.seed * 8 + 5)
        if (second) programs.push(new Switcher(this, own, second))
        if (!hasRequests(ordeal.use)) return
        this.newsAt = this.now
        if (own.below(2)) this.phone.start()
        for (let n = own.below(3); n >= 0; n--)
            callers.push(new Caller(this, new Random(ordeal.seed * 8 + n), n))
        programs.push(...callers)
    }

    /** when a call, or a short message, comes from somewhere */
    private newsAt = Infinity

    /** The network has something for the phone. */
    private bring(): void {
        const { random, plainPhone } = this
        this.newsAt = this.over ? Infinity : this.now + random.below(8 * S)
        if (!this.modem.on) return
        if (random.below(3) === 0) plainPhone.ring()
        else plainPhone.arrive({ from: "+49123", text: textOf(random) })
    }

    /** The modem's. */
    get plainPhone(): PlainPhone {
        return this.modem.phone
    }

    /** when the next one dials in */
    private visitAt = Infinity
    readonly visitors: Peer[] = []

    /** Somebody dials in, if he can. */
    private visit(): void {
        const { random } = this
        this.visitAt = this.over ? Infinity : this.now + random.below(2 * S)
        const n = this.visitors.length
        const peer = this.peer(random, random.below(2) === 0)
        if (this.modem.visit(peer, `10.7.${n >> 8}.${n & 255}`))
            this.visitors.push(peer)
    }

    /** Who has this address; if it was damaged, who has this number. */
    visitorAt({ id, address }: Connection): Peer | undefined {
        // there CONNECT is all that tells of him
        if (this.core.config.transparent) return this.modem.peerAt(id)
        const n = (address[2] << 8) | address[3]
        return this.visitors.at(n) ?? this.modem.peerAt(id)
    }

    private peer(random: Random, closes: boolean): Peer {
        return {
            speech: speech(random, random.below(5000)),
            spoken: 0,
            heard: [],
            gone: false,
            closes,
        }
    }

    private readonly epoch: number

    get nextHost(): string {
        return `p${this.peers.size}`
    }

    /** The host of the last peer that was made. */
    get lastHost(): string {
        return `p${this.peers.size - 1}`
    }

    /** Whoever connects to `nextHost` meets him. */
    newPeer(random: Random, udp = false): Peer {
        const plain = this.peer(random, random.below(2) === 0)
        const isDatagram =
            udp ||
            (isUdp(this.use) && (!isMixed(this.use) || random.below(3) === 0))
        const peer: Peer = {
            ...plain,
            ...(isDatagram && {
                closes: false,
                datagrams: Array.from({ length: random.below(20) }, () =>
                    speech(random, 1 + random.below(longest(this.use)))
                ),
                heardDatagrams: [],
            }),
            ...(isTls(this.use) &&
                !isDatagram &&
                random.below(2) === 0 && {
                    tls: {
                        verify: random.below(2) === 0,
                        authenticate: random.below(2) === 0,
                    },
                }),
        }
        const wanted = hasMore(this.use)
            ? this.settings(random, isDatagram)
            : undefined
        if (wanted) Object.assign(peer, { wanted })
        this.peers.set(this.nextHost, peer)
        return peer
    }

    private settings(random: Random, udp: boolean): Settings {
        const { use, second } = this
        const isOpen = second?.state === ContextState.Open
        return {
            localPort:
                hasPorts(use) && random.below(2) ? 1000 + random.below(3) : 0,
            extended: udp && isExtended(use) && random.below(2) === 0,
            context: isOpen ? random.below(2) : 0,
        }
    }

    /** Whoever connects to `nextHost` by TCP meets him; he stays. */
    lastPeer(random: Random): Peer {
        const peer = {
            ...this.peer(random, false),
            wanted: { localPort: 0, extended: false, context: 0 },
        }
        this.peers.set(this.nextHost, peer)
        return peer
    }

    /** Nothing shows which peer of the server has come. */
    isHidden(): boolean {
        return this.server !== null && this.core.config.transparent
    }

    private loops = 0
    /** the program, or a collection of garbage, may keep the driver from its turns */
    readonly busy: boolean
    private busyUntil: number
    /** CTS may be off for a while */
    private readonly holds: boolean
    private heldUntil: number

    /** Something begins that takes up to `most` ms, now and then. @returns its end */
    private pause(most: number): number {
        if (this.random.below(300) > 0) return this.now
        return this.now + Math.floor(most ** this.random.next())
    }

    /** Moves what is due into the ring. */
    private deliver(): void {
        const { ring } = this.core
        for (;;) {
            const room = ring.size - ring.used
            const bytes = this.wire.take(this.now - this.epoch, room)
            if (bytes === undefined) return
            ring.put(bytes, 0, bytes.length)
        }
    }

    private note(what: string): void {
        this.wire.note(this.now - this.epoch, "!", Buffer.from(what))
    }

    private transmit(): void {
        const { encoder } = this.core
        if (this.holds && this.now - this.heldUntil >= 0) {
            this.heldUntil = this.pause(LONGEST_HOLD)
            if (this.heldUntil !== this.now)
                this.modem.hold(this.heldUntil - this.epoch)
        }
        if (this.now - this.heldUntil < 0) return
        if (encoder.left > 0) {
            const { at, left, source } = encoder
            const n = this.random.below(3) ? left : 1 + this.random.below(left)
            const bytes = Buffer.from(source.subarray(at, at + n))
            encoder.at += n
            encoder.left -= n
            this.wire.note(this.now - this.epoch, ">", bytes)
            const { deaf } = this.modem
            this.modem.write(bytes)
            if (this.modem.deaf > deaf) this.note("it sleeps")
        }
        if (encoder.left === 0) encoder.drain = false
    }

    /** Lets time pass until something holds. @returns whether it does */
    run(ms: number, done: () => boolean): boolean {
        const { core, modem } = this
        const end = this.now + ms
        for (let turns = 0; this.now - end < 0;) {
            const t = this.now - this.epoch
            modem.tick(t)
            this.deliver()
            if (this.busy && this.now - this.busyUntil >= 0)
                this.busyUntil = this.pause(LONGEST_TURN)
            const busy = this.now - this.busyUntil < 0
            if (!busy) {
                core.uart.dcd = this.wire.dcd(t)
                core.poll(this.now)
                modem.setDtr(core.uart.dtr)
            }
            this.transmit()
            if (this.visitAt - this.now <= 0) this.visit()
            if (this.newsAt - this.now <= 0) this.bring()
            if (this.over) turnAway(this)
            for (const program of this.programs)
                if (!busy && program.at - this.now <= 0) program.step()
            if (done()) return true
            if (++this.loops > 300_000) throw new Error("it does not rest")
            let next = busy ? this.busyUntil : core.pollAt(this.now)
            if (core.encoder.left > 0 || core.encoder.drain) {
                const at =
                    this.now - this.heldUntil < 0 ? this.heldUntil : this.now
                if (at - next < 0) next = at
            }
            const at = (time: number): void => {
                if (time !== Infinity && time - next < 0) next = time
            }
            at(modem.dueAt + this.epoch)
            at(this.visitAt)
            at(this.newsAt)
            for (const program of this.programs) if (!busy) at(program.at)
            // RTS is off as long as there is no room
            if (core.ring.used < core.ring.size)
                at(this.wire.dueAt(t) + this.epoch)
            else if (modem.said.length > 0) at(this.now + 2)
            if (next - this.now <= 0) {
                // on a wire a byte takes its time
                if (++turns % 8 === 0) this.now++
                if (turns > SPIN) throw new Error("it spins")
            } else {
                turns = 0
                this.now = Math.ceil(Math.min(next, end))
            }
        }
        return done()
    }
}

/** Two lines may be lost together. */
const gaps = /40 bytes|s lost/

/** What is wrong with the datagrams of a use, or "". */
function datagramsVerdict(ordeal: Ordeal, use: Use): string {
    const { peer, datagrams, given } = use
    const { reception } = configWith(uses[ordeal.use])
    const pushed = reception === Reception.Push
    const flips = ordeal.events.some(({ what }) => /flips|0xff/.test(what))
    const spoilt = ordeal.events.some(({ what }) => spoils.test(what))
    let at = 0
    for (const { data, from } of flips || (pushed && spoilt) ? [] : datagrams) {
        const said = peer.datagrams?.slice(at) ?? []
        const next = said.findIndex(each => each.equals(data))
        if (next < 0) return `a datagram of ${data.length} bytes is wrong`
        at += next + 1
        const sender = pushed ? `5.6.7.${at}:99` : "0.0.0.0:0"
        if (peer.wanted?.extended && from !== sender)
            return `a datagram from ${from}, not ${sender}`
    }
    const heardBy = new Map<Peer, Buffer[]>()
    for (const to of [peer, ...given.map(({ to }) => to)])
        heardBy.set(to, [...(to.heardDatagrams ?? [])])
    for (const { bytes, to, failure } of given) {
        // it has not gone, and may have been given once more
        if (failure !== Failure.None && failure !== Failure.SendUnknown)
            continue
        const heard = heardBy.get(to) ?? []
        const first = heard.at(0)
        if (first?.equals(bytes)) heard.shift()
        else if (failure === Failure.None)
            return `a datagram of ${bytes.length} bytes was not sent`
        else if (failure === Failure.SendUnknown && first) {
            const junk = mayBeCommand(bytes) || pushed
            if (first.length === bytes.length && junk) heard.shift()
        }
    }
    return [...heardBy.values()].some(({ length }) => length > 0)
        ? "a datagram that nobody has sent"
        : ""
}

/** What is wrong with one use of a number, or "". */
function verdict(ordeal: Ordeal, use: Use): string {
    const { exposed, exposedLater } = use.peer
    if (exposed !== undefined) return `TLS: ${exposed}`
    if (
        exposedLater !== undefined &&
        use.peer.heard.length + use.got.length > 0
    )
        return `TLS: ${exposedLater}, in the end`
    if (use.peer.misled !== undefined) return use.peer.misled
    if (use.peer.datagrams) return datagramsVerdict(ordeal, use)
    const config = { ...configWith(uses[ordeal.use]) }
    const pushed = config.reception === Reception.Push
    // of pushed data that are torn a part may look like the end
    const spoilt = ordeal.events.some(({ what }) => spoils.test(what))
    // CLOSED and REMOTE IP were lost in one gap: the next peer is taken for the last one
    if (use.replaced && ordeal.events.some(({ what }) => gaps.test(what)))
        return ""
    const { peer, offered, failure, sendFailure } = use
    const got = Buffer.from(use.got)
    const failed = failure !== Failure.None && failure !== Failure.ClosedByPeer
    const whole = peer.gone && got.length === peer.spoken
    const flips = ordeal.events.some(({ what }) => /flips|0xff/.test(what))
    if (!peer.speech.subarray(0, got.length).equals(got)) {
        // a byte that becomes another one, and pushed data whose frame is gone
        if (!(flips || (pushed && spoilt))) return "wrong data"
    } else if (failure === Failure.ClosedByPeer && !whole) {
        // a frame that is lost as a whole leaves no trace
        if (!(pushed && spoilt)) return `a clean end at ${got.length}`
    }
    const heard = Buffer.from(peer.heard)
    const { sent } = use
    if (config.transparent) {
        if (!offered.subarray(0, heard.length).equals(heard))
            return failed || use.cut ? "" : "wrong data at the peer"
        // what the UART has taken, and DCD says too late that it is over
        if (heard.length !== sent && !failed && !use.cut)
            return `sent ${sent}, heard ${heard.length}`
        return ""
    }
    if (heard.length < sent) return `sent ${sent}, heard ${heard.length}`
    if (!heard.subarray(0, sent).equals(offered.subarray(0, sent)))
        return "wrong data at the peer"
    const more = heard.subarray(sent)
    if (more.length === 0) return ""
    // the rest of a payload that has stopped half-way: an ERROR in it is believed
    if (pushed && stops(ordeal.events)) return ""
    if (sendFailure !== Failure.SendUnknown)
        return `sent ${sent} of ${heard.length} heard (${Failure[sendFailure]})`
    const rest = offered.subarray(sent, sent + BUFFER)
    if (rest.subarray(0, more.length).equals(more) || mayBeCommand(rest))
        return ""
    return "wrong data at the peer behind what was sent"
}

/**
 * Transparent mode does not show which peer of the server has come: whether one of them
 * may be that of a use.
 */
function fits(life: Life, ordeal: Ordeal, use: Use): boolean {
    if (!life.isHidden()) return false
    // that DCD was off for a moment may not have been seen
    if (life.busy) return true
    // … and what the next one says may look like the end of the last one
    const got = Buffer.from(use.got)
    const merged = life.visitors.some(({ speech, spoken }) => {
        const both = Buffer.concat([speech.subarray(0, spoken), CLOSED])
        return (
            got.length > spoken &&
            got.subarray(0, both.length).equals(both.subarray(0, got.length))
        )
    })
    if (merged) return true
    // … and one who says CLOSED and CONNECT, with nothing but text between, is two
    const halved = life.visitors.some(({ speech }) => {
        const said = speech.toString("latin1")
        for (const { index } of said.matchAll(CONNECTS)) {
            const front = said.slice(0, index)
            if (!/\r\n(CLOSED|\+PDP: DEACT)\r\n[\0-~]*$/.test(front)) continue
            const rest = speech.subarray(index + CONNECT.length)
            if (rest.subarray(0, got.length).equals(got)) return true
        }
        return false
    })
    if (halved) return true
    return life.visitors.some(peer => verdict(ordeal, { ...use, peer }) === "")
}

/** … and whether what one has got is what a program has sent from its beginning on. */
function isSomebodys(life: Life, heard: readonly number[]): boolean {
    const bytes = Buffer.from(heard)
    return life.uses.some(({ offered }) =>
        offered.subarray(0, bytes.length).equals(bytes)
    )
}

/** What is wrong with phone and sleep. */
function bustleVerdicts(life: Life, ordeal: Ordeal): string[] {
    const { callers, modem } = life
    const happened = ordeal.events.filter(
        ({ what }) => what !== "nothing" && what !== "a message"
    )
    const quiet =
        happened.length === 0 && life.manners === plainManners && !life.busy
    const damaged = happened.some(({ what }) => /flips|0xff|lost/.test(what))
    // what the network says to a code that was given up is taken for the next one's
    const astray =
        callers.some(each => each.hasGivenUp()) ||
        // … and that of a modem that restarts amid a text for the rest of it
        happened.some(({ what }) => /restart|brown/.test(what))
    if (quiet && life.core.bearer.restarts + life.core.bearer.deactivations > 0)
        return ["a restart, or a lost context, that there was not"]
    const wrong = callers.flatMap(each =>
        each.verdicts(quiet, damaged || astray, damaged)
    )
    for (const { from, text } of modem.phone.sent)
        if (!callers.some(each => each.has(from, text)))
            wrong.push(`a message that nobody has written: ${text}`)
    const obscure = happened.some(({ what }) => !/DEACT|DCD/.test(what))
    if (modem.deaf > 0 && !obscure)
        wrong.push(`${modem.deaf} bytes came to a sleeping modem`)
    return wrong
}

/** @returns what is wrong with a life, and how it went */
export function endure(ordeal: Ordeal): { wrong: string[]; heard: number } {
    const life = new Life(ordeal)
    const { core, modem } = life
    const wrong: string[] = []
    const ready = (): boolean => core.bearer.phase === Phase.Ready
    try {
        core.start(life.now)
        if (!life.run(RECOVERY, ready)) wrong.push("not ready")
        life.run((hasMore(ordeal.use) ? 20 : 6) * S, () => false)
        life.over = true
        life.run(RECOVERY, () =>
            life.programs.every(each => each.at === Infinity)
        )
        for (const program of life.programs)
            if (!program.isIdle) wrong.push("a socket is not closed")
        // where a single connection is served, nobody can be called
        if (!core.config.multi) life.server?.close()
        if (!life.run(RECOVERY, ready)) wrong.push("not ready again")
        else if (!works(life)) wrong.push("nothing works any more")
    } catch (e) {
        wrong.push((e as Error).message)
    }
    for (const use of life.uses) {
        const what = verdict(ordeal, use)
        if (what === "" || fits(life, ordeal, use)) continue
        wrong.push(`${what} (${Failure[use.failure]})`)
    }
    wrong.push(...bustleVerdicts(life, ordeal))
    const mixed = life.uses.some(
        ({ peer, failure, cut }) =>
            !cut &&
            (failure === Failure.None || failure === Failure.ClosedByPeer) &&
            !isSomebodys(life, peer.heard)
    )
    if (life.isHidden() && !life.busy && mixed)
        wrong.push("a peer of the server has got what was nobody's beginning")
    if (process.env.WIRE) {
        console.log(life.wire.trace.join("\n").slice(-Number(process.env.WIRE)))
        console.log(Phase[core.bearer.phase], modem.commands.slice(-5))
    }
    return { wrong, heard: life.wire.heard }
}

/** Nobody serves any more: who has come, or still comes, is closed. */
function turnAway({ core: { links }, now }: Life): void {
    for (let id = links.accepted(); id >= 0; id = links.accepted())
        links.close(links.list[id], now)
}

/** A connection that is made in the end, there and back. */
function works(life: Life): boolean {
    const { links: connections } = life.core
    const since = life.now
    for (let tries = 0; life.now - since < 2 * RECOVERY; tries++) {
        const id = open(connections, life.nextHost, 1, life.now)
        if (id >= 0) {
            const wanted = life.lastPeer(new Random(tries)).speech
            const link = connections.list[id]
            const over = (): boolean => link.failure !== Failure.None
            life.run(
                170 * S,
                () => link.state === LinkState.Connected || over()
            )
            const data = Buffer.from("still there?")
            if (!over()) send(connections, link, data, 0, data.length)
            const got: number[] = []
            life.run(60 * S, () => {
                const part = Buffer.alloc(link.readable)
                if (part.length > 0)
                    read(connections, link, part, 0, part.length)
                got.push(...part)
                const sent = link.sendState === SendState.Done
                return (sent && got.length >= wanted.length) || over()
            })
            const well =
                link.sendState === SendState.Done &&
                wanted.equals(Buffer.from(got))
            connections.close(link, life.now)
            life.run(30 * S, () => connections.freeing() === false)
            if (well) return true
        }
        life.run(5 * S, () => false)
    }
    return false
}

/** An ordeal of its number: the same every time. */
export function ordealOf(use: string, seed: number): Ordeal {
    return { use, seed, events: eventsOf(new Random(seed * 31 + 7), 9000) }
}

/** A life with a restart of some kind behind that byte. */
export function restartAt(use: string, at: number, seed: number): Ordeal {
    return { use, seed, events: [{ what: restarts[at % restarts.length], at }] }
}
