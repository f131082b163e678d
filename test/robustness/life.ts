/**
 * A life: clients, a server and datagrams on one modem, while whatever can go
 * wrong does, for as long as one likes. Every byte is accounted for.
 */
import { Phase } from "../../src/core/phase"
import type { ModemConfig } from "../../src/core/options"
import { Reception } from "../../src/core/config"
import { LinkState, type Connection } from "../../src/core/link/connection"
import { Failure } from "../../src/core/errors"
import { Server, ServerState } from "../../src/core/server"
import { Sleep, SleepMode } from "../../src/core/sleep"
import { faultNames, type FaultName } from "../../sim/modem/faults"
import type { MemoryPeer } from "../../sim/modem/memory-network"
import { Random } from "../../sim/modem/random"
import { Rig } from "../driver/rig"
import { modes, most, payload, size } from "./session"
import { send } from "../../src/core/link/send"
import { datagram, nextLength, read } from "../../src/core/link/receive"
import { open } from "../open"

const S = 1000
const MINUTE = 60 * S
const HOUR = 60 * MINUTE

const HOST = "10.0.0.1"
const OWN = "10.78.245.128"
const ECHO_PORT = 7
const SERVER_PORT = 8888

/** A socket that is open, and has heard nothing of what is due for so long, hangs; ms. */
const HANG = 15 * MINUTE
/** With a network the modem is ready again within; ms. */
const READY = 20 * MINUTE

/**
 * What spoils bytes on the wire, or puts those of the ROM among them: pushed
 * data are not proof against it.
 */
const wireFaults: FaultName[] = [
    "drop-answer",
    "lose-bytes",
    "garbage",
    "split-urc",
    "brown-out",
]

/** What is broken for good, and for a person to repair: no part of a life. */
const defects: FaultName[] = [
    "brown-out-on-air",
    "sleepless",
    "lossy-line",
    "corrupt-byte",
    "eaten-xoff",
]
const passing = faultNames.filter(name => !defects.includes(name))

export interface Counters {
    connections: number
    /** bytes: handed to the driver, taken by the modem, at the peer */
    sent: number
    accepted: number
    arrived: number
    /** bytes from peers, and of those at the application */
    answered: number
    received: number
    /** not received, and the socket has said why */
    lostWithReason: number
    /** not received, and it has not: to be 0 */
    lost: number
    datagrams: number
    datagramsBack: number
    restarts: number
    deactivations: number
    resets: number
    timeouts: number
    /** longest time without a context while there was a network, ms */
    longestOutage: number
}

export const lives: Record<string, Partial<ModemConfig>> = {
    ...modes,
    sleeping: { receivePoll: 60_000 },
}

interface Stream {
    readonly link: Connection
    readonly generation: number
    /** what comes from the peer, in the end */
    readonly wanted: Buffer
    got: number
    offered: number
    /** since when the answer to what was sent is due */
    dueSince: number
    /** the peer does as it should */
    peerIsWell: boolean
    /** the modem may hold it for alive though it is dead, and not say so */
    deaf: boolean
    /** bytes have been spoilt on the wire while it was open */
    spoilt: boolean
    /** bytes that the peer has sent, and has got */
    said(): number
    heard(): Uint8Array[]
}

/** What went wrong, to be read by a person. */
export class Unbearable extends Error {}

export class Life {
    readonly rig: Rig
    readonly counters: Counters = {
        connections: 0,
        sent: 0,
        accepted: 0,
        arrived: 0,
        answered: 0,
        received: 0,
        lostWithReason: 0,
        lost: 0,
        datagrams: 0,
        datagramsBack: 0,
        restarts: 0,
        deactivations: 0,
        resets: 0,
        timeouts: 0,
        longestOutage: 0,
    }
    /** how often what has happened */
    readonly events = new Map<string, number>()
    readonly failures = new Map<string, number>()
    private readonly random: Random
    private readonly pushed: boolean
    private readonly footprint: number
    private readonly streams = new Set<Stream>()
    private readonly server: Server | null = null
    private number = 0
    private networkSince = 0
    private outageSince = 0
    /** peers that dial in, by the number that they say first */
    private readonly visitors = new Map<number, MemoryPeer>()
    private resting = false
    /** a fault waits for a connection, to make it dead without a word */
    private kills = false

    constructor(mode: string, seed: number) {
        this.random = new Random(seed)
        this.rig = new Rig(lives[mode], { seed })
        const { core, clock, network } = this.rig
        this.pushed =
            core.config.reception === Reception.Push ||
            core.config.reception === Reception.Plain
        if (mode === "sleeping") new Sleep(core, SleepMode.Dtr, 2000)
        if (core.config.multi) {
            this.server = new Server(core)
            this.server.open(SERVER_PORT)
        }
        const echo = network.udp(HOST, ECHO_PORT)
        echo.onDatagram = bytes => {
            if (this.random.below(10) > 0) echo.reply(bytes)
        }
        this.rig.sim.powerOn()
        core.start(this.rig.now())
        const clients = core.config.multi ? 3 : 1
        for (let i = 0; i < clients; i++) this.soon(() => this.client(1000 + i))
        if (core.config.multi) {
            this.soon(() => this.udp())
            this.every(2 * MINUTE, () => this.visit())
        }
        this.every(2 * MINUTE, () => this.fault())
        this.every(30 * MINUTE, () => this.operator())
        this.every(40 * MINUTE, () => this.person())
        this.every(90 * MINUTE, () => this.power())
        clock.after(MINUTE, () => this.look())
        this.footprint = most(core)
    }

    /** Lets time pass. */
    run(ms: number): void {
        this.rig.until(() => {
            this.pump()
            return false
        }, ms)
    }

    /** Everything that is wrong ends, and all must be well again. */
    end(): void {
        const { rig, counters } = this
        this.resting = true
        rig.sim.clearFaults()
        rig.sim.hangUp()
        rig.sim.powerOn()
        rig.sim.setRegistration(1)
        this.run(HANG + READY)
        for (const stream of this.streams) this.finish(stream)
        // a single connection has to be closed before there is another one
        rig.wait(10 * S)
        rig.expect("ready in the end", () => rig.ready, READY)
        rig.network.echo(HOST, ECHO_PORT)
        for (let tries = 0; ; tries++) {
            this.number++
            const link = rig.open(HOST, ECHO_PORT)
            const over = (): boolean => link.failure !== Failure.None
            rig.until(
                () => link.state === LinkState.Connected || over(),
                200 * S
            )
            if (!over()) rig.send(link, "still there?")
            rig.until(() => link.readable === 12 || over(), 200 * S)
            const well = rig.read(link).toString() === "still there?"
            rig.close(link)
            rig.wait(10 * S)
            if (well) break
            if (tries === 5) this.fail("nothing works in the end")
        }
        const { bearer, channel } = rig.core
        counters.restarts = bearer.restarts
        counters.deactivations = bearer.deactivations
        counters.resets = bearer.resets
        counters.timeouts = channel.timeouts
        if (size(rig.core) > this.footprint) this.fail("the driver has grown")
    }

    private fail(what: string): never {
        const { rig } = this
        throw new Unbearable(
            `${what} at ${(rig.clock.now() / S).toFixed(3)} s\n${rig.log.slice(-20).join("\n")}\n${rig.wire.slice(-4000)}`
        )
    }

    private count(what: string, map = this.events): void {
        map.set(what, (map.get(what) ?? 0) + 1)
    }

    /** A time about so long, from a tenth of it to ten times. */
    private about(ms: number): number {
        return ms * 10 ** (2 * this.random.next() - 1)
    }

    private soon(run: () => void): void {
        this.rig.clock.after(this.about(S), run)
    }

    private every(ms: number, run: () => void): void {
        this.rig.clock.after(this.about(ms), () => {
            if (!this.resting) run()
            this.every(ms, run)
        })
    }

    // the application

    private client(port: number): void {
        const { rig, random } = this
        if (this.resting) return
        const again = (): void => {
            rig.clock.after(this.about(5 * S), () => this.client(port))
        }
        const number = ++this.number
        const total = 1 + Math.floor(10 ** (4.5 * random.next()))
        const letters = rig.core.config.reception === Reception.Plain
        const peers: MemoryPeer[] = []
        let said = 0
        const manners = random.below(12)
        if (manners === 0) rig.network.refuse(HOST, port)
        else {
            const end = manners < 3 ? random.below(total + 1) : Infinity
            rig.network.listen(HOST, port, peer => {
                peers.push(peer)
                peer.onData = bytes => {
                    peer.send(bytes)
                    said += bytes.length
                    if (said < end) return
                    if (manners === 1) peer.end()
                    else peer.reset()
                }
                peer.onEnd = () => peer.end()
            })
        }
        const id = open(rig.core.links, HOST, port, rig.now())
        if (id < 0) {
            again()
            return
        }
        this.counters.connections++
        const link = rig.core.links.list[id]
        const stream: Stream = {
            link,
            generation: link.generation,
            wanted: payload(number, total, letters),
            got: 0,
            offered: 0,
            dueSince: rig.clock.now(),
            peerIsWell: true,
            deaf: this.kills,
            spoilt: false,
            said: () => said,
            heard: () => peers.map(peer => peer.received),
        }
        this.streams.add(stream)
        const talk = (): void => {
            if (!this.streams.has(stream)) {
                again()
                return
            }
            const idle =
                link.state === LinkState.Connected &&
                (stream.offered === 0 || rig.sent(link))
            if (idle && stream.offered < total && !this.resting) {
                const n = Math.min(
                    total - stream.offered,
                    1 + Math.floor(10 ** (3.7 * random.next()))
                )
                this.offer(stream, n)
            } else if (stream.got === total) this.finish(stream)
            const peer = peers.at(-1)
            if (peer !== undefined && manners === 3 && random.below(20) === 0) {
                stream.peerIsWell = false
                peer.stall()
                rig.clock.after(this.about(30 * S), () => {
                    peer.unstall()
                    stream.peerIsWell = true
                    stream.dueSince = rig.clock.now()
                })
            }
            rig.clock.after(this.about(random.below(4) ? 300 : 20 * S), talk)
        }
        rig.poll()
        talk()
    }

    private offer(stream: Stream, n: number): void {
        const { rig } = this
        if (stream.got === stream.offered) stream.dueSince = rig.clock.now()
        const data = stream.wanted.subarray(stream.offered, stream.offered + n)
        const failure = send(rig.core.links, stream.link, data, 0, n)
        if (failure !== Failure.None) return
        stream.offered += n
        this.counters.sent += n
        rig.poll()
    }

    /** A peer comes to the server and sends; what it sends is sent back. */
    private visit(): void {
        const { rig, random } = this
        if (this.server?.state !== ServerState.Listening) return
        const number = ++this.number
        const peer = rig.network.dial(
            { address: OWN, port: SERVER_PORT },
            { address: "10.78.103.220", port: 2020 }
        )
        const first = Buffer.alloc(4)
        first.writeUInt32LE(number)
        const data = payload(number, 1 + random.below(3000))
        this.visitors.set(number, peer)
        peer.send(Uint8Array.from(Buffer.concat([first, data])))
        peer.onEnd = () => peer.end()
        rig.clock.after(this.about(2 * MINUTE), () => {
            if (random.below(2)) peer.end()
            else peer.reset()
        })
        rig.clock.after(HOUR, () => this.visitors.delete(number))
    }

    private host(): void {
        const { rig } = this
        const { links: connections } = rig.core
        for (
            let id = connections.accepted();
            id >= 0;
            id = connections.accepted()
        ) {
            this.count("peers that came")
            const link = connections.list[id]
            const { generation } = link
            let mine = Buffer.alloc(0)
            const serve = (): void => {
                const over = link.generation !== generation
                if (over) return
                if (link.readable > 0) {
                    const data = Buffer.alloc(link.readable)
                    read(connections, link, data, 0, data.length)
                    mine = Buffer.concat([mine, data])
                    this.checkVisitor(link, mine)
                }
                if (link.failure !== Failure.None) {
                    this.count(Failure[link.failure], this.failures)
                    connections.close(link, rig.now())
                    rig.poll()
                    return
                }
                rig.clock.after(500, serve)
            }
            serve()
            // a guest may not stay for ever
            rig.clock.after(20 * MINUTE, () => {
                if (link.generation !== generation || !link.owned) return
                connections.close(link, rig.now())
                rig.poll()
            })
        }
    }

    private checkVisitor(link: Connection, mine: Buffer): void {
        if (mine.length < 4) return
        const number = mine.readUInt32LE(0)
        const wanted = payload(number, mine.length - 4)
        if (number <= this.number && wanted.equals(mine.subarray(4))) return
        // told later that it was torn
        if (this.pushed) this.count("pushed data of a peer spoilt")
        else this.fail(`peer ${link.id} of the server: wrong data`)
    }

    private udp(): void {
        const { rig } = this
        if (this.resting) return
        const { links: connections } = rig.core
        const id = connections.take(rig.now())
        const again = (): void => {
            rig.clock.after(this.about(20 * S), () => this.udp())
        }
        if (id < 0) {
            again()
            return
        }
        const link = connections.list[id]
        const { generation } = link
        link.udp = true
        link.host = HOST
        link.port = ECHO_PORT
        connections.start(link)
        rig.poll()
        const end = rig.clock.now() + this.about(20 * MINUTE)
        const talk = (): void => {
            if (link.generation !== generation) {
                again()
                return
            }
            while (nextLength(link) >= 0) {
                const data = Buffer.alloc(datagram(connections, link))
                read(connections, link, data, 0, data.length)
                this.counters.datagramsBack++
                const whole =
                    data.length >= 4 &&
                    payload(data.readUInt32LE(0), data.length - 4).equals(
                        data.subarray(4)
                    )
                if (!whole && !this.pushed) this.fail("a datagram is not whole")
                if (!whole) this.count("pushed datagrams spoilt")
            }
            if (link.failure !== Failure.None || rig.clock.now() > end) {
                if (link.failure !== Failure.None)
                    this.count(Failure[link.failure], this.failures)
                connections.close(link, rig.now())
                rig.poll()
                again()
                return
            }
            if (link.state === LinkState.Connected && !this.resting) {
                const number = ++this.number
                // AT+CIPRXGET=3 can not say where a longer one ends
                const most =
                    rig.core.config.reception === Reception.Hex ? 700 : 1400
                const data = Buffer.alloc(4 + this.random.below(most))
                data.writeUInt32LE(number)
                payload(number, data.length - 4).copy(data, 4)
                if (
                    send(connections, link, data, 0, data.length) ===
                    Failure.None
                )
                    this.counters.datagrams++
            }
            rig.poll()
            rig.clock.after(this.about(3 * S), talk)
        }
        talk()
    }

    /** Reads, compares, and lets go of what is over. */
    private pump(): void {
        const { rig } = this
        const { links: connections } = rig.core
        if (connections.news === 0) return
        connections.news = 0
        if (connections.incoming !== 0) this.host()
        for (const stream of this.streams) {
            const { link } = stream
            if (link.generation !== stream.generation) {
                this.finish(stream)
                continue
            }
            if (link.readable > 0) this.take(stream)
            if (link.failure !== Failure.None) this.finish(stream)
        }
    }

    private take(stream: Stream): void {
        const { rig } = this
        const data = Buffer.alloc(stream.link.readable)
        read(rig.core.links, stream.link, data, 0, data.length)
        const { got, wanted } = stream
        stream.got += data.length
        stream.dueSince = rig.clock.now()
        if (
            stream.got <= stream.said() &&
            wanted.subarray(got, stream.got).equals(data)
        )
            return
        if (!(this.pushed && stream.spoilt)) this.fail("wrong data")
        this.count("pushed data spoilt")
        stream.got = wanted.length
    }

    /** The socket is over, or has done what it was for. */
    private finish(stream: Stream, givenUp = Failure.None): void {
        const { rig, counters } = this
        const { link, wanted } = stream
        if (!this.streams.delete(stream)) return
        const mine = link.generation === stream.generation
        const failure = mine ? link.failure || givenUp : Failure.NumberTaken
        if (failure !== Failure.None)
            this.count(Failure[failure], this.failures)
        const said = stream.said()
        counters.received += stream.got
        counters.answered += said
        if (mine) counters.accepted += link.sent
        const missing = Math.max(0, said - stream.got)
        if (failure !== Failure.None) counters.lostWithReason += missing
        else counters.lost += missing
        for (const bytes of stream.heard()) {
            counters.arrived += bytes.length
            const n = Math.min(bytes.length, stream.offered)
            const right = wanted.subarray(0, n).equals(bytes.subarray(0, n))
            // nobody can tell what the modem makes of a prompt that was not seen
            if (!right && failure === Failure.None)
                this.fail("wrong data at the peer")
        }
        if (failure === Failure.None && missing > 0)
            this.fail(`${missing} bytes were lost without a word`)
        if (mine) rig.core.links.close(link, rig.now())
        rig.poll()
    }

    /** Once a minute: nothing hangs. */
    private look(): void {
        const { rig, counters } = this
        const now = rig.clock.now()
        if (rig.ready) this.outageSince = now
        if (rig.core.bearer.phase === Phase.Failed)
            this.fail(`given up: ${Failure[rig.core.bearer.failure]}`)
        const outage = now - Math.max(this.outageSince, this.networkSince)
        if (outage > counters.longestOutage) counters.longestOutage = outage
        if (outage > READY) this.fail("not ready for too long")
        for (const stream of this.streams) {
            const waits =
                stream.link.state !== LinkState.Connected ||
                stream.got < stream.offered
            if (!waits || !stream.peerIsWell || !rig.ready)
                stream.dueSince = now
            else if (now - stream.dueSince > HANG) {
                if (!stream.deaf && !(this.pushed && stream.spoilt))
                    this.fail(`socket ${stream.link.id} hangs`)
                this.count("given up by the application")
                this.finish(stream, Failure.Timeout)
            }
        }
        rig.clock.after(MINUTE, () => this.look())
    }

    // the world

    private spoil(): void {
        for (const stream of this.streams) stream.spoilt = true
    }

    private fault(): void {
        const name = passing[this.random.below(passing.length)]
        // amid bare data, text is data
        const bare = this.rig.core.config.reception === Reception.Plain
        if (wireFaults.includes(name) || (bare && name === "hostile-text"))
            this.spoil()
        this.count(name)
        const kills = name === "miss-closed" || name === "send-fail"
        if (kills) {
            this.kills = true
            for (const stream of this.streams) stream.deaf = true
        }
        // not always the very next command
        const behind = name === "false-error" || name === "drop-answer"
        if (behind) this.rig.sim.inject(name, this.random.below(8))
        else this.rig.sim.inject(name)
        // one that finds no occasion is not kept for later
        if (kills || this.random.below(4) === 0)
            this.rig.clock.after(this.about(MINUTE), () => {
                this.rig.sim.clearFaults()
                this.kills = false
            })
    }

    private operator(): void {
        const { rig, random } = this
        const back = (ms: number): void => {
            this.networkSince = Infinity
            rig.clock.after(ms, () => {
                this.networkSince = rig.clock.now()
                rig.sim.setRegistration(random.below(4) ? 1 : 5)
            })
        }
        switch (random.below(5)) {
            case 0:
                this.count("no coverage")
                rig.sim.setRegistration(2)
                back(this.about(MINUTE))
                break
            case 1:
                this.count("refused by the network")
                rig.sim.setRegistration(3)
                back(this.about(2 * MINUTE))
                break
            case 2:
                this.count("signal bad")
                rig.sim.setSignal({ rssi: 99, errorRate: 99 })
                rig.clock.after(this.about(MINUTE), () =>
                    rig.sim.setSignal({ rssi: 20, errorRate: 0 })
                )
                break
            case 3:
                this.count("all connections reset")
                for (const peer of this.visitors.values()) peer.reset()
                rig.sim.inject("pdp-deact", 0)
                break
            case 4:
                this.count("out for a moment")
                rig.sim.setRegistration(0)
                back(this.about(3 * S))
        }
    }

    private person(): void {
        const { rig, random } = this
        if (random.below(2)) {
            this.count("calls")
            rig.sim.call("+123")
            rig.clock.after(this.about(15 * S), () => rig.sim.hangUp())
        } else {
            this.count("messages")
            try {
                rig.sim.receiveMessage({ from: "+123", text: "OK" })
            } catch {
                // too many wait already
            }
        }
    }

    private power(): void {
        const { rig, random } = this
        if (random.below(2)) {
            this.count("power cuts")
            this.spoil()
            rig.sim.powerOff()
            rig.clock.after(this.about(5 * S), () => rig.sim.powerOn())
        } else {
            this.count("resets by the application")
            this.spoil()
            rig.core.wishes.reset = true
            rig.poll()
        }
    }
}
