/**
 * Racing fibers: lives of a whole application, `Sim800` and `Socket` included, on the
 * plain modem. On one socket a fiber reads, another one sends, a third one closes, each
 * whenever it likes; others give commands, shut the context, reset, stop and start the
 * modem, two at once. Buffers belong to the program again as soon as a call is over, and
 * something else is put there. Behind a byte something happens, as in an ordeal.
 */
import { Wired } from "../../src/core/options"
import "../../src/node/buffer"
import path from "node:path"
import { Phase } from "../../src/core/phase"
import { Encoder, type Output } from "../../src/core/encoder"
import { Failure } from "../../src/core/errors"
import { Ring } from "../../src/core/ring"
import type { UartPort } from "../../src/ports/uart"
import { VirtualClock, type Timer } from "../../sim/modem/clock"
import { Random } from "../../sim/modem/random"
import {
    makeDriver,
    Transparent,
    type BoardSocket,
    type Driver,
} from "../chip/board"
import * as vm from "../chip/devicescript"
import { mannersOf, PlainModem, type Peer } from "./plain-modem"
import {
    eventsOf,
    mayBeCommand,
    PlainWire,
    speech,
    spoils,
    stops,
    type Event,
} from "./plain-wire"

const S = 1000
/** By then everything is well again, ms. */
const RECOVERY = 200 * S
/** A call that has a timeout is over so long behind it, ms. */
const LATE = 250
/** … but a segment that was promised to the modem goes out, ms */
const PROMISED = 25 * S
/** So many turns of the driver's fiber in a second, beside those for bytes, mean that it spins. */
const SPIN = 5000

const folder = path.resolve(import.meta.dirname, "../../src/devicescript")
const { command } = (await import(path.join(folder, "commands.ts"))) as {
    command: (
        modem: Driver,
        line: string,
        timeout?: number
    ) => Promise<string[]>
}

interface Socket extends BoardSocket {
    close(quick?: boolean, timeout?: number): Promise<void>
}

interface Sim800 extends Driver {
    connect(to: {
        host: string
        port: number
        timeout?: number
    }): Promise<Socket>
}

/** What the driver is used for: options of `Sim800`. */
export const fiberUses: Record<string, object> = {
    manual: {},
    acknowledged: { quickSend: false },
    hex: { receive: "hex" },
    push: { receive: "push" },
    "single manual": { connections: "single" },
    "single push": { connections: "single", receive: "push" },
    lazy: { connections: "single", lazy: true },
    transparent: { connections: "single", receive: "push" },
}

export interface Race {
    readonly use: string
    readonly seed: number
    readonly events: readonly Event[]
}

/** A UART between the driver and the plain modem. */
class PlainPort implements UartPort {
    readonly wired = Wired.RtsCts | Wired.Dtr | Wired.Dcd | Wired.Ri
    readonly largestBurst = 0
    dcd = false
    riPulse = 0
    overruns = 0
    /** what is wrong */
    wrong = ""
    private ring = new Ring(2)
    private output: Output = new Encoder()
    private isOpen = false
    private awake = false
    private waiter: vm.Fiber | undefined
    private timer: Timer | undefined
    private armedAt = Infinity
    private turns = 0
    private moved = 0
    private since = 0

    constructor(
        private readonly clock: VirtualClock,
        private readonly modem: PlainModem,
        private readonly wire: PlainWire,
        private readonly random: Random
    ) {}

    async open(ring: Ring, output: Output): Promise<void> {
        if (this.isOpen && ring !== this.ring) this.wrong = "opened twice"
        if (this.random.below(2)) await vm.sleep(this.random.below(30))
        this.ring = ring
        this.output = output
        this.isOpen = true
        this.look()
    }

    async close(): Promise<void> {
        if (this.random.below(2)) await vm.sleep(this.random.below(30))
        this.isOpen = false
    }

    /** Something may have happened. */
    private look(): void {
        const now = this.clock.now()
        this.modem.tick(now)
        const before = this.dcd
        this.dcd = this.wire.dcd(now)
        if (this.random.below(400) === 0) this.riPulse = 120
        if (this.receive() || this.dcd !== before) this.rouse()
        this.arm()
    }

    private receive(): boolean {
        const { ring } = this
        const now = this.clock.now()
        let any = false
        for (;;) {
            const room = this.isOpen ? ring.size - ring.used : 1000
            const bytes = this.wire.take(now, room)
            if (bytes === undefined) break
            // nobody listens to a port that is closed
            if (this.isOpen) ring.put(bytes, 0, bytes.length)
            any = any || bytes.length > 0
            this.moved += bytes.length
        }
        return any && ring.used >= ring.enough
    }

    /** Looks again when there is a reason to. */
    arm(): void {
        const now = this.clock.now()
        const full = this.isOpen && this.ring.used === this.ring.size
        const wireAt = full ? now + 2 : this.wire.dueAt(now)
        const at = Math.min(this.modem.dueAt, wireAt)
        if (at >= this.armedAt) return
        this.timer?.cancel()
        this.armedAt = at
        this.timer = this.clock.after(at - now, () => {
            this.armedAt = Infinity
            this.look()
        })
    }

    private transmit(): void {
        const { output } = this
        const { source, at, left } = output
        if (left > 0) {
            const n = this.random.below(3) ? left : 1 + this.random.below(left)
            const bytes = Buffer.from(source.subarray(at, at + n))
            output.at += n
            output.left -= n
            this.moved += n
            const now = this.clock.now()
            this.wire.note(now, ">", bytes)
            this.modem.tick(now)
            this.modem.write(bytes)
            if (output.left === 0 && output.tell) this.awake = true
        }
        if (output.left === 0 && output.drain) {
            output.drain = false
            this.awake = true
        }
    }

    private count(): void {
        const now = this.clock.now()
        if (now - this.since >= S) {
            this.since = now
            this.turns = this.moved = 0
        }
        if (++this.turns > SPIN + 3 * this.moved) this.wrong = "it spins"
    }

    async wait(ms: number): Promise<void> {
        this.count()
        if (this.waiter) this.wrong = "two fibers run the driver"
        this.transmit()
        this.look()
        if (this.output.left > 0) ms = Math.min(ms, 1)
        this.waiter = vm.Fiber.self()
        if (this.awake || ms <= 0) await vm.sleep(0)
        else await vm.suspend(ms)
        this.waiter = undefined
        this.awake = false
    }

    wake(): void {
        this.rouse()
    }

    private rouse(): void {
        this.awake = true
        if (this.waiter?.suspended) this.waiter.resume(undefined)
    }

    setDtr(low: boolean): void {
        this.modem.tick(this.clock.now())
        this.modem.setDtr(low)
        this.arm()
    }

    reset(): Promise<void> {
        return Promise.resolve()
    }

    pressPowerKey(): Promise<void> {
        return Promise.resolve()
    }
}

/** Bytes that a program has given to `send()`, and how many of them went. */
interface Given {
    readonly bytes: Buffer
    sent: number
    failure: Failure
}

/** One connection as its program has seen it. */
interface Use {
    readonly peer: Peer
    readonly given: Given[]
    got: Buffer
    /** what a reader was told in the end; None: nobody was */
    end: Failure
    /** null has come */
    clean: boolean
}

/** What a call has thrown. */
function failureOf(e: unknown): { failure: Failure; sent: number } {
    const error = e as { failure?: Failure; sent?: number; message: string }
    if (error.failure === undefined) throw e
    return { failure: error.failure, sent: error.sent ?? 0 }
}

class Application {
    readonly clock = new VirtualClock()
    readonly modem: Sim800
    readonly plain: PlainModem
    readonly wire: PlainWire
    readonly port: PlainPort
    readonly wrong: string[] = []
    readonly uses: Use[] = []
    /** nobody begins anything any more */
    over = false
    /** fibers that have not ended */
    alive = 0
    private readonly peers = new Map<string, Peer[]>()
    private readonly random: Random
    private hosts = 0
    private readonly single: boolean

    constructor(race: Race) {
        const random = (this.random = new Random(race.seed))
        const options = fiberUses[race.use] as {
            connections?: string
            receive?: string
        }
        this.single = options.connections === "single"
        vm.useClock(this.clock)
        this.plain = new PlainModem({
            multi: !this.single,
            push: options.receive === "push",
            transparent: race.use === "transparent",
            latency: 1 + random.below(40),
            random: new Random(race.seed + 1),
            manners: mannersOf(random),
            peer: host => this.newPeer(host),
        })
        this.wire = new PlainWire(this.plain, random, race.events)
        this.port = new PlainPort(this.clock, this.plain, this.wire, random)
        this.modem = makeDriver({
            uart: this.port,
            receiveBuffer: 512 << random.below(3),
            ...options,
        }) as Sim800
        if (race.use === "transparent") new Transparent(this.modem)
    }

    private newPeer(host: string): Peer | undefined {
        if (host === "nobody") return undefined
        const { random } = this
        const peer: Peer = {
            // one who speaks while nobody reads holds up the sender
            speech: speech(random, random.below(host === "last" ? 400 : 5000)),
            spoken: 0,
            heard: [],
            gone: false,
            closes: host !== "last" && random.below(2) === 0,
        }
        const list = this.peers.get(host) ?? []
        list.push(peer)
        this.peers.set(host, list)
        return peer
    }

    /** Lets time pass until something holds. */
    async until(done: () => boolean, ms: number): Promise<boolean> {
        const end = this.clock.now() + ms
        while (!done()) {
            if (this.port.wrong) throw new Error(this.port.wrong)
            if (this.clock.now() >= end) return false
            await vm.step(done)
        }
        return true
    }

    /** A fiber of its own. */
    fiber(run: () => Promise<void>): void {
        this.alive++
        void vm.start(async () => {
            try {
                await run()
            } catch (e) {
                this.wrong.push((e as Error).stack ?? String(e))
            }
            this.alive--
        })
    }

    /** A call that has to be over by its timeout. */
    private async timed<T>(
        what: string,
        call: Promise<T>,
        timeout: number,
        grace = LATE
    ): Promise<T> {
        const since = this.clock.now()
        try {
            return await call
        } finally {
            const took = this.clock.now() - since
            if (took > timeout + grace)
                this.wrong.push(`${what} took ${took} of ${timeout} ms`)
        }
    }

    /** A pause of a program, mostly short. */
    pause(random: Random, most = 400): Promise<void> {
        return vm.sleep(random.below(3) ? random.below(most) : random.below(4))
    }

    /** Opens one socket after the other. */
    async client(random: Random): Promise<void> {
        while (!this.over) {
            await this.pause(random)
            const host = random.below(30) ? `p${this.hosts++}` : "nobody"
            const timeout = 1 + random.below(random.below(3) ? 120 * S : S)
            let socket: Socket
            try {
                const to = { host, port: 1, timeout }
                const call = this.modem.connect(to)
                socket = await this.timed("connect", call, timeout)
            } catch (e) {
                const { failure } = failureOf(e)
                if (failure === Failure.BadArgument) throw e
                await vm.sleep(random.below(2 * S))
                continue
            }
            await this.useSocket(host, socket, random)
        }
    }

    private async useSocket(host: string, socket: Socket, random: Random) {
        for (let again = random.below(4); ; again--) {
            const goesOn = again > 0
            const up = await this.live(host, socket, random, goesOn)
            if (!goesOn || this.over) break
            if (!up && !(await this.reconnect(socket, random))) break
        }
        const timeout = 1 + random.below(40 * S)
        const call = socket.close(random.below(2) === 0, timeout)
        await this.timed("close", call, timeout)
    }

    /** @returns whether it is connected again */
    private async reconnect(socket: Socket, random: Random): Promise<boolean> {
        const timeout = 1 + random.below(60 * S)
        try {
            const call = socket.reconnect(timeout)
            await this.timed("reconnect", call, timeout)
            return true
        } catch (e) {
            failureOf(e)
            return false
        }
    }

    /**
     * One connection, from its beginning to its end, by several fibers.
     * @param goesOn one of them may open it again while others are at it
     * @returns whether it has
     */
    private async live(
        host: string,
        socket: Socket,
        random: Random,
        goesOn: boolean
    ): Promise<boolean> {
        const peer = this.peers.get(host)?.at(-1)
        if (peer === undefined) {
            // of a number whose answers were spoilt it is the last use's
            if (!this.damaged) this.wrong.push("connected to nobody")
            return false
        }
        const use: Use = {
            peer,
            given: [],
            got: Buffer.alloc(0),
            end: Failure.None,
            clean: false,
        }
        this.uses.push(use)
        let left = 0
        let up = false
        const one = (run: () => Promise<void>): void => {
            left++
            this.fiber(async () => {
                await run()
                left--
            })
        }
        const child = (): Random => new Random(random.below(2 ** 30))
        const end = { come: false }
        one(() => this.read(socket, use, child(), end))
        for (let n = 1 + random.below(2); n > 0; n--)
            one(() => this.write(socket, use, child(), end))
        if (random.below(3) === 0)
            one(async () => {
                await vm.sleep(random.below(5 * S))
                end.come = true
                if (goesOn) up = await this.reconnect(socket, random)
                else await socket.close()
            })
        while (left > 0) await vm.sleep(1 + random.below(50))
        return up
    }

    private async read(
        socket: Socket,
        use: Use,
        random: Random,
        end: { come: boolean }
    ) {
        const buf = Buffer.alloc(1 + random.below(2000))
        while (!end.come && !this.over) {
            if (random.below(3) === 0) await this.pause(random)
            if (end.come) break
            const timeout = random.below(random.below(2) ? 2 * S : 20)
            try {
                let data: Buffer | null | undefined
                if (random.below(2)) {
                    const call = socket.recvInto(buf, timeout)
                    const n = await this.timed("recvInto", call, timeout)
                    data = n > 0 ? Buffer.from(buf.subarray(0, n)) : null
                    if (n < 0) data = undefined
                } else {
                    const call = socket.recv(timeout)
                    data = await this.timed("recv", call, timeout)
                }
                if (data) use.got = Buffer.concat([use.got, data])
                else if (data === null) {
                    // what this program has closed ends so, too
                    use.clean = !end.come
                    break
                }
            } catch (e) {
                use.end = failureOf(e).failure
                break
            }
        }
        end.come = true
    }

    private async write(
        socket: Socket,
        use: Use,
        random: Random,
        end: { come: boolean }
    ) {
        const buf = Buffer.alloc(3000)
        while (!end.come && !this.over) {
            await this.pause(random)
            // by now the socket may have another connection
            if (end.come) break
            const n = 1 + random.below(random.below(2) ? 2500 : 60)
            const bytes = speech(random, n)
            bytes.copy(buf)
            const given: Given = { bytes, sent: 0, failure: Failure.None }
            use.given.push(given)
            const timeout = 1 + random.below(random.below(3) ? 60 * S : 900)
            try {
                const call = socket.send(buf.subarray(0, n), timeout)
                await this.timed("send", call, timeout, PROMISED)
                given.sent = n
            } catch (e) {
                const { failure, sent } = failureOf(e)
                given.sent = sent
                given.failure = failure
                if (failure !== Failure.Busy) break
            } finally {
                // it is the program's again
                buf.fill(0xee)
            }
        }
    }

    /** Asks the modem for this and that. */
    async commander(random: Random): Promise<void> {
        while (!this.over) {
            await vm.sleep(random.below(3 * S))
            const timeout = 1 + random.below(8 * S)
            try {
                const lines = await command(this.modem, "AT+CSQ", timeout)
                // what comes unasked may be among them
                const right = lines.includes("+CSQ: 20,0")
                if (!right && !this.damaged)
                    this.wrong.push(`AT+CSQ: ${lines.join("|")}`)
            } catch (e) {
                failureOf(e)
            }
        }
    }

    damaged = false
    /** somebody has stopped, started or reset the modem while others used it */
    mastered = false

    /** Shuts, resets, stops and starts the whole, maybe two fibers at once. */
    async master(random: Random): Promise<void> {
        const { modem } = this
        const quietly = async (call: () => Promise<unknown>): Promise<void> => {
            try {
                await call()
            } catch (e) {
                failureOf(e)
            }
        }
        await vm.sleep(random.below(8 * S))
        this.mastered = true
        switch (random.below(5)) {
            case 0:
                await quietly(() => modem.shut())
                break
            case 1:
                await quietly(() => modem.reset())
                break
            case 2:
                await quietly(() => modem.stop())
                await this.pause(random)
                break
            case 3:
                this.fiber(() => quietly(() => modem.stop()))
                await this.pause(random, 20)
                break
        }
        // whoever has stopped it, or somebody else has: it is to run
        await quietly(() => modem.start({ timeout: 1 + random.below(60 * S) }))
    }

    /** It runs, and a connection works there and back. */
    async works(): Promise<boolean> {
        const since = this.clock.now()
        while (this.clock.now() - since < 2 * RECOVERY) {
            let socket: Socket | undefined
            try {
                const to = { host: "last", port: 1, timeout: 100 * S }
                socket = await this.modem.connect(to)
                const wanted = this.peers.get("last")?.at(-1)?.speech
                await socket.send("still there?", 60 * S)
                let got = Buffer.alloc(0)
                while (wanted && got.length < wanted.length) {
                    const data = await socket.recv(60 * S)
                    if (!data) break
                    got = Buffer.concat([got, data])
                }
                if (wanted?.equals(got)) return true
            } catch (e) {
                failureOf(e)
            } finally {
                await socket?.close()
            }
            await vm.sleep(5 * S)
        }
        return false
    }
}

/** What is wrong with one connection, or "". */
function verdict(race: Race, use: Use, mastered: boolean): string {
    const { peer, given, got, end, clean } = use
    const pushed = /push|transparent/.test(race.use)
    // of pushed data that are torn a part may look like the end
    const spoilt = race.events.some(({ what }) => spoils.test(what))
    const flips = race.events.some(({ what }) => /flips|0xff/.test(what))
    const prefix = peer.speech.subarray(0, got.length).equals(got)
    if (!prefix && !(flips || (pushed && spoilt))) return "wrong data"
    const whole = peer.gone && got.length === peer.spoken
    if (clean && !whole && !(pushed && spoilt))
        return `a clean end at ${got.length} of ${peer.spoken}`
    const heard = Buffer.from(peer.heard)
    const sent = Buffer.concat(
        given.map(({ bytes, sent }) => bytes.subarray(0, sent))
    )
    // nothing goes out behind what nobody knows the end of
    const unknown = given.find(({ failure }) => failure === Failure.SendUnknown)
    const transparent = race.use === "transparent"
    if (!heard.subarray(0, sent.length).equals(sent)) {
        // … and an ERROR in the next one is believed
        if (pushed && stops(race.events)) return ""
        // what the UART has taken is not at the peer yet when the line goes
        if (transparent && sent.subarray(0, heard.length).equals(heard))
            return ""
        return heard.length < sent.length
            ? `sent ${sent.length}, heard ${heard.length} (${Failure[end]})`
            : "wrong data at the peer"
    }
    const more = heard.subarray(sent.length)
    if (more.length === 0 || transparent) return ""
    if (pushed && stops(race.events)) return ""
    if (unknown === undefined)
        return `sent ${sent.length} of ${heard.length} heard (${given.map(({ failure }) => Failure[failure]).at(-1)})`
    // … or commands of the driver: data that look like one, or it was stopped and started
    const rest = unknown.bytes.subarray(unknown.sent)
    if (rest.subarray(0, more.length).equals(more) || mayBeCommand(rest))
        return ""
    return mastered ? "" : "wrong data at the peer behind what was sent"
}

/** @returns what is wrong with a race, and how many bytes the modem said */
export async function race(its: Race): Promise<{
    wrong: string[]
    heard: number
}> {
    const app = new Application(its)
    const { wrong, modem } = app
    const random = new Random(its.seed * 8 + 3)
    const child = (): Random => new Random(random.below(2 ** 30))
    app.damaged = its.events.some(({ what }) => spoils.test(what))
    console.warn = () => undefined
    try {
        app.fiber(async () => {
            try {
                await modem.start({ timeout: RECOVERY })
            } catch (e) {
                failureOf(e)
            }
        })
        const single = /single|transparent/.test(its.use)
        const clients = single ? 1 + random.below(2) : 1 + random.below(4)
        for (let n = clients; n > 0; n--) app.fiber(() => app.client(child()))
        if (random.below(2)) app.fiber(() => app.commander(child()))
        for (let n = random.below(3); n > 0; n--)
            app.fiber(() => app.master(child()))
        await app.until(() => false, 12 * S)
        app.over = true
        if (!(await app.until(() => app.alive === 0, 2 * RECOVERY)))
            wrong.push(`${app.alive} fibers do not end`)
        if (modem.core.bearer.phase === Phase.Failed)
            wrong.push(`given up: ${Failure[modem.core.bearer.failure]}`)
        let well: boolean | undefined
        app.fiber(async () => {
            well = await app.works()
        })
        await app.until(() => well !== undefined, 4 * RECOVERY)
        if (!well) wrong.push("nothing works any more")
        app.fiber(() => modem.stop())
        if (!(await app.until(() => app.alive === 0, 10 * S)))
            wrong.push("stop() does not end")
    } catch (e) {
        wrong.push((e as Error).message)
    }
    for (const use of app.uses) {
        const what = verdict(its, use, app.mastered)
        if (what !== "") wrong.push(what)
    }
    if (process.env.WIRE)
        console.log(app.wire.trace.join("\n").slice(-Number(process.env.WIRE)))
    return { wrong, heard: app.wire.heard }
}

/** A race of its number: the same every time. */
export function raceOf(use: string, seed: number): Race {
    return { use, seed, events: eventsOf(new Random(seed * 31 + 11), 20_000) }
}
