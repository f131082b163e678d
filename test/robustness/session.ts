/**
 * What an application does with a modem, from power-on to the close of its
 * sockets, with every byte accounted for: whatever happens on the way.
 */
import { Phase } from "../../src/core/phase"
import { Connection, LinkState } from "../../src/core/link/connection"
import { Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import { Failure } from "../../src/core/errors"
import type { Modem } from "../../src/core/modem"
import type { MemoryServer } from "../../sim/modem/memory-network"
import { noise, Rig } from "../driver/rig"

/** Ways to use the modem; two sockets where there can be more than one. */
export const modes: Record<string, Partial<ModemConfig>> = {
    manual: {},
    confirmed: { quickSend: false },
    hex: { reception: Reception.Hex },
    push: { reception: Reception.Push },
    "single manual": { multi: false },
    "single hex": { multi: false, reception: Reception.Hex },
    "single push": { multi: false, reception: Reception.Push },
    plain: { multi: false, reception: Reception.Plain },
}

const HOST = "10.0.0.1"
/** No wait of the driver is longer, ms: AT+CIPSTART, and what follows it. */
export const PATIENCE = 300_000

/**
 * The bytes of a conversation tell whose they are and where they stand: no two
 * conversations, and no two places of one, have a run of a few in common.
 */
export function payload(number: number, length: number, letters = false) {
    const bytes = noise(number * 7919 + 1, length)
    // bare data that look like a line are one
    if (letters)
        for (let i = 0; i < length; i++) bytes[i] = 65 + (bytes[i] & 15)
    return bytes
}

/** A socket, its peer who sends back what he gets and says more, and what has come of it. */
export class Conversation {
    readonly link: Connection
    readonly peers: MemoryServer
    /** all that is to be sent there and back, and all that the peer adds */
    readonly sent: Buffer
    readonly wanted: Buffer
    got = Buffer.alloc(0)
    failure = Failure.None
    private readonly generation: number

    constructor(
        private readonly rig: Rig,
        readonly number: number,
        length: number,
        more: number
    ) {
        const letters = rig.core.config.reception === Reception.Plain
        this.wanted = payload(number, length + more, letters)
        this.sent = this.wanted.subarray(0, length)
        this.peers = rig.network.listen(HOST, number, peer => {
            let echoed = 0
            peer.onData = bytes => {
                peer.send(bytes)
                echoed += bytes.length
                if (echoed === length)
                    peer.send(Uint8Array.from(this.wanted.subarray(length)))
            }
            peer.onEnd = () => peer.end()
        })
        this.link = rig.open(HOST, number)
        this.generation = this.link.generation
    }

    /** The socket is still this one's. */
    private get mine(): boolean {
        return this.link.generation === this.generation
    }

    get connected(): boolean {
        return this.mine && this.link.state === LinkState.Connected
    }

    /** It is over, and the application has been told why. */
    get over(): boolean {
        return !this.mine || this.link.failure !== Failure.None
    }

    send(): void {
        if (this.connected && !this.over) this.rig.send(this.link, this.sent)
    }

    read(): void {
        if (!this.mine || this.link.readable === 0) return
        this.got = Buffer.concat([this.got, this.rig.read(this.link)])
    }

    get complete(): boolean {
        this.read()
        return this.got.length >= this.wanted.length
    }

    /** The socket is given back; what has become of it is kept. */
    close(): void {
        this.read()
        this.failure = this.mine ? this.link.failure : Failure.NumberTaken
        if (this.mine) this.rig.close(this.link)
    }

    /** What is wrong with the bytes that either side has got, or "". */
    verdict(): string {
        const { got, wanted, sent } = this
        const failed = this.failure !== Failure.None
        if (!wanted.subarray(0, got.length).equals(got))
            return failed ? "wrong data, then a failure" : "wrong data"
        if (!failed && got.length < wanted.length) return "lost without a word"
        for (const peer of this.peers.peers) {
            const there = Buffer.from(peer.received)
            if (sent.subarray(0, there.length).equals(there)) continue
            return failed
                ? "wrong data there, and a failure"
                : "wrong data there"
        }
        return ""
    }
}

export interface Report {
    /** failures that were reported, verdicts that are not "" */
    readonly failures: string[]
    readonly verdicts: string[]
    readonly ms: number
}

/** Waits for the modem. Nothing is wrong that only a person can change. */
function ready(rig: Rig): void {
    const { bearer } = rig.core
    rig.expect(
        "ready",
        () => rig.ready || bearer.phase === Phase.Failed,
        2 * PATIENCE
    )
    if (!rig.ready)
        throw new Error(`it has given up: ${Failure[bearer.failure]}`)
}

/** Plays a session to its end; throws if the driver hangs. */
export function play(rig: Rig): Report {
    const failures: string[] = []
    const verdicts: string[] = []
    const footprint = most(rig.core)
    let number = 0
    /** @returns whether all went well */
    const converse = (lengths: number[][]): boolean => {
        ready(rig)
        const all: Conversation[] = []
        for (const [length, more] of lengths) {
            // a number may be in doubt for a while
            rig.expect("a free number", () => free(rig), PATIENCE)
            all.push(new Conversation(rig, ++number, length, more))
        }
        rig.expect(
            "connected, or a stated failure",
            () => all.every(each => each.connected || each.over),
            PATIENCE
        )
        all.forEach(each => each.send())
        // without a word from the modem nobody knows that there is more
        rig.until(() => all.every(each => each.complete || each.over), PATIENCE)
        all.forEach(each => each.close())
        rig.expect("closed", () => all.every(() => free(rig)), PATIENCE)
        for (const each of all) {
            if (each.failure !== Failure.None)
                failures.push(Failure[each.failure])
            const verdict = each.verdict()
            if (verdict !== "") verdicts.push(verdict)
        }
        return all.every(each => each.failure === Failure.None && each.complete)
    }
    rig.sim.powerOn()
    rig.core.start(rig.now())
    converse(
        rig.core.config.multi
            ? [
                  [40, 30],
                  [24, 8],
              ]
            : [[40, 30]]
    )
    for (let tries = 0; !converse([[12, 3]]); tries++)
        if (tries === 5)
            throw new Error(`it does not recover: ${failures.join(", ")}`)
    if (size(rig.core) > footprint) throw new Error("something has grown")
    return { failures, verdicts, ms: rig.clock.now() }
}

function free(rig: Rig): boolean {
    const { list } = rig.core.links
    const { multi, connections } = rig.core.config
    return (
        (multi && list.length < connections) ||
        list.some(
            ({ state, owned }) =>
                state === LinkState.Initial ||
                (state === LinkState.Closed && !owned)
        )
    )
}

/** The size of a driver when each of its connections has been used. */
export function most(core: Modem): number {
    const { multi, connections, receiveBuffer } = core.config
    const unused = multi ? connections - core.links.list.length : 0
    return size(core) + unused * (1 + size(new Connection(0, receiveBuffer)))
}

/** Bytes and places of all that an object holds on to. */
export function size(root: object): number {
    const seen = new Set<object>()
    const measure = (value: unknown): number => {
        if (typeof value !== "object" || value === null || seen.has(value))
            return 0
        seen.add(value)
        if (Buffer.isBuffer(value)) return value.length
        return Object.entries(value).reduce<number>(
            (sum, [key, each]) =>
                // what is being sent lies where the application has it
                sum + 1 + (/source$/i.test(key) ? 0 : measure(each)),
            0
        )
    }
    return measure(root)
}
