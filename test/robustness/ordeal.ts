/**
 * Ordeals: short lives of the driver on the plain modem. A few programs share one
 * modem: they open, send, read and close whenever they like, at the same moment if it
 * comes so; their peers say what looks like protocol. Then something happens behind a
 * byte: a restart, a loss, a short message, a glitch of DCD. Whatever it is, nobody gets
 * what is not his, nobody is told a lie, and all is well again by itself.
 */
import "../../src/node/buffer"
import { Phase } from "../../src/core/bearer/script"
import { Framing, Reception, type ModemConfig } from "../../src/core/config"
import {
    LinkState,
    SendState,
    type Connection,
} from "../../src/core/link/connection"
import { DataMode } from "../../src/core/data-mode"
import { Failure } from "../../src/core/errors"
import { Modem } from "../../src/core/modem"
import { spell } from "../../sim/modem/trace"
import { Random } from "../../sim/modem/random"
import { configWith } from "../config"
import { watch } from "../link-states"
import { PlainModem, type Peer } from "./plain-modem"
import { release, send } from "../../src/core/link/send"
import { read } from "../../src/core/link/receive"
import { open } from "../open"

const S = 1000
/** By then it has to be ready again, ms. */
const RECOVERY = 200 * S
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
    "transparent, DTR": transparent,
    "transparent, +++": { ...transparent, dtr: false },
}

/** What a peer, or a sender of messages, says in order to be taken for the modem. */
const MIMICRY = [
    "\r\nOK\r\n",
    "\r\nERROR\r\n",
    "\r\n> ",
    "\r\n+CIPRXGET: 2,0,10,0\r\n",
    "\r\n+CIPRXGET: 1,0\r\n",
    "\r\n0, CLOSED\r\n",
    "\r\nCLOSED\r\n",
    "\r\nRDY\r\n",
    "\r\nNO CARRIER\r\n",
    "\r\nCONNECT\r\n",
    "\r\n+PDP: DEACT\r\n",
    "\r\n+RECEIVE,1,5:\r\nabcde",
    "+IPD,3:abc",
    "\r\nSTATE: IP INITIAL\r\n",
    "SEND OK\r\n",
    "+++",
    "\x1a",
    "\x1b",
    "\r",
    "AT\r",
]

/** Lines of a short message. */
const TEXTS = ["0, CLOSED", "RDY", "OK", "+PDP: DEACT", "hello", "CLOSED"]

/** What happens behind a byte. */
export const mishaps = [
    "nothing",
    "restart",
    "brown-out",
    "1 byte lost",
    "2 bytes lost",
    "9 bytes lost",
    "40 bytes lost",
    "0xff",
    "bit 0 flips",
    "bit 4 flips",
    "a message",
    "PDP DEACT",
    "7 s late",
    "30 s late",
    "0.3 s lost",
    "7 s lost",
    "a glitch of DCD",
] as const
export type Mishap = (typeof mishaps)[number]

/** Those that spoil what comes: pushed data are not proof against them. */
const spoils = /lost|0xff|flips|restart|brown/
/** Those that add nothing and take nothing away. */
export const harmless = new Set<Mishap>(["nothing", "a message", "7 s late"])

export interface Ordeal {
    readonly use: string
    readonly seed: number
    /** each behind a byte of what the modem says */
    readonly events: readonly { readonly what: Mishap; readonly at: number }[]
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
}

function speech(random: Random, length: number): Buffer {
    const parts: Buffer[] = []
    for (let n = 0; n < length;) {
        const part =
            random.below(10) < 3
                ? Buffer.from(MIMICRY[random.below(MIMICRY.length)], "latin1")
                : Buffer.from(random.bytes(1 + random.below(60)))
        parts.push(part)
        n += part.length
    }
    return Buffer.concat(parts).subarray(0, length)
}

/** One program: it opens a socket, uses it, and opens the next one. */
class Program {
    stage = Stage.Idle
    at: number
    private link: Connection | null = null
    private generation = 0
    private use: Use | null = null
    /** what is being sent, from a buffer that it uses again */
    private readonly buffer = Buffer.alloc(3000)
    private sending = 0

    constructor(
        private readonly life: Life,
        private readonly random: Random,
        /** it does one thing right behind the other */
        private readonly hasty: boolean
    ) {
        this.at = life.now + random.below(50)
    }

    /** Does one thing. */
    step(): void {
        const { life, random } = this
        const { links: connections } = life.core
        this.at = life.now + (this.hasty ? random.below(3) : random.below(400))
        if (this.stage === Stage.Idle) {
            if (life.over) this.at = Infinity
            else if (life.core.bearer.phase === Phase.Ready) this.open()
            return
        }
        const link = this.link as Connection
        const use = this.use as Use
        if (this.stage === Stage.Closing) {
            if (
                link.generation === this.generation &&
                !release(connections, link)
            )
                return
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
        } else if (!over && this.sending === 0 && random.below(3) === 0)
            this.send()
    }

    private open(): void {
        const { life, random } = this
        const id = open(life.core.links, life.nextHost, 1, life.now)
        if (id < 0) return
        const peer = life.newPeer(random)
        this.link = life.core.links.list[id]
        this.generation = this.link.generation
        this.stage = Stage.Open
        this.use = {
            peer,
            offered: speech(random, 20 + random.below(6000)),
            got: [],
            failure: Failure.None,
            sendFailure: Failure.None,
            sent: 0,
            cut: false,
        }
        life.uses.push(this.use)
    }

    private read(): void {
        const { links: connections } = this.life.core
        const link = this.link as Connection
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
        const n = Math.min(rest, 1 + this.random.below(2500))
        use.offered.copy(this.buffer, 0, link.sent, link.sent + n)
        const { links: connections } = this.life.core
        if (send(connections, link, this.buffer, 0, n) === Failure.None)
            this.sending = n
    }

    /** The buffer is the program's again: something else is put there. */
    private sent(): void {
        const link = this.link as Connection
        const use = this.use as Use
        this.sending = 0
        this.buffer.fill(0xee)
        if (link.sendState === SendState.Failed)
            use.sendFailure = link.sendFailure
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
        } else if (use.failure === Failure.None) {
            use.failure = Failure.NumberTaken
            use.cut = true
        }
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
    /** bytes that the driver has got */
    heard = 0
    /** nobody opens anything any more */
    over = false
    /** DCD seems to be off until then */
    glitchUntil = -1
    /** what comes is late, or lost, until then */
    heldUntil = -1
    private losing = false
    private dropping = 0
    private readonly peers = new Map<string, Peer>()
    readonly programs: Program[] = []
    private readonly random: Random
    private events: Ordeal["events"]
    readonly wire: string[] = []

    constructor(ordeal: Ordeal) {
        const random = (this.random = new Random(ordeal.seed))
        const config = configWith({
            ring: 1024,
            receiveBuffer: 512 << random.below(3),
            quickSend: true,
            stallTimeout: 20 * S,
            ...uses[ordeal.use],
        })
        this.events = [...ordeal.events].sort((a, b) => a.at - b.at)
        // a clock that wraps at 32 bits soon
        this.now = random.below(4) === 0 ? 0x7fffffff - 20 * S : 1000
        this.epoch = this.now
        this.core = new Modem(config)
        if (config.transparent) new DataMode(this.core)
        watch(this.core)
        this.modem = new PlainModem({
            multi: config.multi,
            push: config.reception === Reception.Push,
            transparent: config.transparent,
            latency: 1 + random.below(40),
            random: new Random(ordeal.seed + 1),
            peer: host => this.peers.get(host),
        })
        const n = config.multi ? 1 + random.below(4) : 1
        const hasty = random.below(3) === 0
        for (let i = 0; i < n; i++)
            this.programs.push(
                new Program(this, new Random(ordeal.seed * 8 + i), hasty)
            )
    }

    private readonly epoch: number

    get nextHost(): string {
        return `p${this.peers.size}`
    }

    /** Whoever connects to `nextHost` meets him. */
    newPeer(random: Random, closes = random.below(2) === 0): Peer {
        const peer: Peer = {
            speech: speech(random, random.below(5000)),
            spoken: 0,
            heard: [],
            closes,
        }
        this.peers.set(this.nextHost, peer)
        return peer
    }

    private trace(mark: string, bytes: Buffer): void {
        if (process.env.WIRE)
            this.wire.push(`${this.now - this.epoch} ${mark} ${spell(bytes)}`)
    }

    /** Something happens behind byte number `at`. */
    private happen(what: Mishap): void {
        const { modem, random } = this
        this.trace("!", Buffer.from(what))
        const late = (ms: number, lost: boolean): void => {
            this.heldUntil = this.now + ms
            this.losing = lost
        }
        switch (what) {
            case "nothing":
                break
            case "restart":
                modem.restart(true)
                break
            case "brown-out":
                modem.restart(false)
                break
            case "a message": {
                // not amid a line: a modem says one thing behind the other
                const text = TEXTS[random.below(TEXTS.length)]
                const header = '+CMT: "+491","","26/01/02,10:11:12+04"'
                if (!modem.raw) modem.put(`\r\n${header}\r\n${text}\r\n`)
                break
            }
            case "PDP DEACT":
                modem.deactivate()
                break
            case "7 s late":
                late(7 * S, false)
                break
            case "30 s late":
                late(30 * S, false)
                break
            case "0.3 s lost":
                late(300, true)
                break
            case "7 s lost":
                late(7 * S, true)
                break
            case "a glitch of DCD":
                this.glitchUntil =
                    this.now + Math.floor(10 ** (4 * random.next()))
                break
            default:
                this.dropping = parseInt(what, 10) || 1
        }
        this.damage = what
    }

    private loops = 0
    private damage: Mishap = "nothing"

    /** Moves what is due into the ring. */
    private deliver(): void {
        const { ring } = this.core
        const { said } = this.modem
        const { random } = this
        if (this.now - this.heldUntil < 0) {
            if (this.losing)
                while (said.length > 0 && said[0].at <= this.now - this.epoch)
                    said.shift()
            return
        }
        while (said.length > 0 && said[0].at <= this.now - this.epoch) {
            const first = said[0]
            const room = ring.size - ring.used
            if (room <= 0) return
            let n = Math.min(room, first.bytes.length)
            if (random.below(5) === 0) n = 1 + random.below(n)
            const next = this.events[0]
            if (next !== undefined)
                n = Math.min(n, Math.max(1, next.at - this.heard))
            let bytes = first.bytes.subarray(0, n)
            first.bytes = first.bytes.subarray(n)
            if (first.bytes.length === 0) said.shift()
            this.heard += n
            if (this.dropping > 0) {
                if (/lost/.test(this.damage)) {
                    const lost = Math.min(this.dropping, n)
                    this.dropping -= lost
                    bytes = bytes.subarray(lost)
                } else {
                    this.dropping = 0
                    bytes = Buffer.from(bytes)
                    bytes[0] =
                        this.damage === "0xff"
                            ? 0xff
                            : bytes[0] ^
                              (this.damage === "bit 0 flips" ? 1 : 16)
                }
            }
            ring.put(bytes, 0, bytes.length)
            this.trace("<", bytes)
            if (next !== undefined && this.heard >= next.at) {
                this.events = this.events.slice(1)
                this.happen(next.what)
                return
            }
        }
    }

    private transmit(): void {
        const { encoder } = this.core
        if (encoder.left > 0) {
            const { at, left, source } = encoder
            const n = this.random.below(3) ? left : 1 + this.random.below(left)
            const bytes = Buffer.from(source.subarray(at, at + n))
            encoder.at += n
            encoder.left -= n
            this.trace(">", bytes)
            this.modem.write(bytes)
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
            core.uart.dcd = modem.dcd && this.now - this.glitchUntil >= 0
            core.poll(this.now)
            modem.setDtr(core.uart.dtr)
            this.transmit()
            for (const program of this.programs)
                if (program.at - this.now <= 0) program.step()
            if (done()) return true
            if (++this.loops > 300_000) throw new Error("it does not rest")
            let next = core.pollAt(this.now)
            if (core.encoder.left > 0 || core.encoder.drain) next = this.now
            const at = (time: number): void => {
                if (time !== Infinity && time - next < 0) next = time
            }
            at(modem.dueAt + this.epoch)
            for (const program of this.programs) at(program.at)
            if (modem.said.length > 0) {
                // RTS is off as long as there is no room
                if (core.ring.used === core.ring.size) at(this.now + 2)
                else if (this.now - this.heldUntil < 0) at(this.heldUntil)
                else at(modem.said[0].at + this.epoch)
            }
            if (this.now - this.glitchUntil < 0) at(this.glitchUntil)
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

/** What is wrong with one use of a number, or "". */
function verdict(ordeal: Ordeal, use: Use): string {
    const config = { ...configWith(uses[ordeal.use]) }
    const pushed = config.reception === Reception.Push
    const spoilt = ordeal.events.some(({ what }) => spoils.test(what))
    const { peer, offered, failure, sendFailure } = use
    const got = Buffer.from(use.got)
    const failed = failure !== Failure.None && failure !== Failure.ClosedByPeer
    const whole = got.length === peer.speech.length
    const flips = ordeal.events.some(({ what }) => /flips|0xff/.test(what))
    if (!peer.speech.subarray(0, got.length).equals(got)) {
        // a byte that becomes another one, and pushed data whose frame is gone
        if (!(flips || (pushed && spoilt))) return "wrong data"
    } else if (failure === Failure.ClosedByPeer && !(whole && peer.closes)) {
        // a frame that is lost as a whole leaves no trace
        if (!(pushed && spoilt)) return `a clean end at ${got.length}`
    }
    const heard = Buffer.from(peer.heard)
    const unknown = sendFailure === Failure.SendUnknown || use.cut || failed
    if (!offered.subarray(0, heard.length).equals(heard))
        return unknown ? "" : "wrong data at the peer"
    if (config.transparent) {
        // what the UART has taken, and DCD says too late that it is over
        if (heard.length !== use.sent && failure === Failure.None && !use.cut)
            return `sent ${use.sent}, heard ${heard.length}`
        return ""
    }
    if (use.sent > heard.length)
        return `sent ${use.sent}, heard ${heard.length}`
    if (use.sent < heard.length && !unknown)
        return `sent ${use.sent} of ${heard.length} heard`
    return ""
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
        life.run(6 * S, () => false)
        life.over = true
        life.run(RECOVERY, () =>
            life.programs.every(each => each.at === Infinity)
        )
        for (const program of life.programs)
            if (program.stage !== Stage.Idle)
                wrong.push("a socket is not closed")
        if (!life.run(RECOVERY, ready)) wrong.push("not ready again")
        else if (!works(life)) wrong.push("nothing works any more")
    } catch (e) {
        wrong.push((e as Error).message)
    }
    for (const use of life.uses) {
        const what = verdict(ordeal, use)
        if (what !== "") wrong.push(`${what} (${Failure[use.failure]})`)
    }
    if (process.env.WIRE) {
        console.log(life.wire.join("\n").slice(-Number(process.env.WIRE)))
        console.log(Phase[core.bearer.phase], modem.commands.slice(-5))
    }
    return { wrong, heard: life.heard }
}

/** A connection that is made in the end, there and back. */
function works(life: Life): boolean {
    const { links: connections } = life.core
    const since = life.now
    for (let tries = 0; life.now - since < 2 * RECOVERY; tries++) {
        const id = open(connections, life.nextHost, 1, life.now)
        if (id >= 0) {
            const wanted = life.newPeer(new Random(tries), false).speech
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
    const random = new Random(seed * 31 + 7)
    const count = 1 + (random.below(3) === 0 ? random.below(3) : 0)
    const events = Array.from({ length: count }, () => ({
        what: mishaps[random.below(mishaps.length)],
        at: 1 + random.below(random.below(3) ? 9000 : 1200),
    }))
    return { use, seed, events }
}
