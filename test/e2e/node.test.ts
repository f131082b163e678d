/**
 * The telemetry node, as it is, in the VM, with a broker and a web server, while
 * something goes wrong twice a minute: ten minutes of a led clock. NODE_MINUTES=1440 is a
 * day of it, NODE_CLOCK=real goes by real time, E2E_SEED=n repeats an order of faults.
 */
import { existsSync, readFileSync, rmSync } from "node:fs"
import http from "node:http"
import net, { type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { Aedes } from "aedes"
import { expect, test } from "vitest"
import { taken } from "../../bench/heap-walk"
import { HostNetwork } from "../../sim/host/network"
import { Random } from "../../sim/modem/random"
import { Simulator } from "../../simulator/simulator"
import { build, type ConsoleLine } from "../../simulator/vm/firmware"
import { Flash, leadClock, LedVm } from "./led"
import { tcpServer } from "./program"

const MINUTES = Number(process.env.NODE_MINUTES ?? 10)
const IS_REAL = process.env.NODE_CLOCK === "real"
const SEED = Number(process.env.E2E_SEED ?? Date.now() % 1_000_000)
const OWNER = "+4915112345678"
const STRANGER = "+4915100000000"
const CARD = 5
/** how much more of the heap may be in use at the end, at the quietest time, bytes */
const GROWTH = 512

const seconds = (n: number): Promise<void> =>
    new Promise(done => setTimeout(done, 1000 * n))

/** Broker and web server, and what can become of them. */
class Servers {
    /** readings by MQTT and by HTTP, answers to commands, as they came */
    readonly published: string[] = []
    readonly posted: string[] = []
    readonly answers: string[] = []
    /** when each reading by MQTT came, ms */
    readonly times: number[] = []
    /** connections that the broker has had */
    connections = 0
    /** HTTP answers after so many seconds, unless it does not at all */
    delay = 0
    /** HTTP takes nothing */
    isFull = false
    private isMute = false
    private isAway = false
    private sockets: net.Socket[] = []
    private close: (() => void)[] = []
    private commands = 0

    private constructor(private readonly broker: Aedes) {}

    static async open(): Promise<Servers> {
        return new Servers(await Aedes.createBroker())
    }

    async ports(): Promise<{ web: number; relay: number }> {
        const web = http.createServer((request, response) => {
            let body = ""
            request.on("data", data => (body += String(data)))
            request.on("end", () => {
                // what is not answered in time comes again
                if (this.isFull) response.statusCode = 503
                else this.posted.push(...body.trim().split("\n"))
                setTimeout(() => response.end(), 1000 * this.delay)
            })
        })
        await new Promise<void>(done => web.listen(0, "127.0.0.1", done))
        this.broker.on("publish", ({ topic, payload }, client) => {
            if (client === null) return
            if (topic === "node/7/reading") {
                this.published.push(String(payload))
                this.times.push(Date.now())
            }
            if (topic === "node/7/answer") this.answers.push(String(payload))
        })
        const broker = await tcpServer(socket => this.broker.handle(socket))
        const relay = await tcpServer(modem => {
            if (this.isAway) return modem.destroy()
            this.connections++
            const side = net.connect(broker.port, "127.0.0.1")
            this.sockets.push(modem, side)
            const both: [net.Socket, net.Socket][] = [
                [modem, side],
                [side, modem],
            ]
            for (const [from, to] of both)
                from.on("data", data => {
                    if (!this.isMute) to.write(data)
                })
                    .on("error", () => undefined)
                    .on("close", () => {
                        if (!this.isMute) to.destroy()
                    })
        })
        this.close.push(
            () => web.closeAllConnections(),
            () => web.close(),
            relay.close,
            () => this.broker.close(),
            broker.close
        )
        return { web: (web.address() as AddressInfo).port, relay: relay.port }
    }

    /** @returns what its answer begins with */
    command(text: string): string {
        const number = ++this.commands
        this.broker.publish(
            {
                cmd: "publish",
                topic: "node/7/command",
                payload: `${number} ${text}`,
                qos: 1,
                retain: false,
                dup: false,
            },
            () => undefined
        )
        return `${number} `
    }

    async mute(time: number): Promise<void> {
        this.isMute = true
        await seconds(time)
        this.isMute = false
        this.cut()
    }

    async away(time: number): Promise<void> {
        this.isAway = true
        this.cut()
        await seconds(time)
        this.isAway = false
    }

    private cut(): void {
        for (const each of this.sockets) each.destroy()
        this.sockets = []
    }

    shut(): void {
        this.cut()
        for (const close of this.close) close()
    }
}

/** Each line once, where it came first. */
function once(lines: readonly string[]): string[] {
    return [...new Set(lines)]
}

/** The numbers of readings. */
function numbers(lines: readonly string[]): number[] {
    return once(lines).map(line => Number(line.split(" ")[0]))
}

/** The heap of the VM in its own process: what is in use, each half minute. */
class HeapFile {
    private readonly file = path.join(tmpdir(), `node-heap-${process.pid}.bin`)
    private readonly options = process.env.NODE_OPTIONS

    constructor() {
        const dump = new URL("../../bench/dump.mjs", import.meta.url).href
        process.env.NODE_OPTIONS = `${this.options ?? ""} --import ${dump}`
        process.env.HEAP_DUMP = this.file
        process.env.HEAP_EVERY = "30000"
    }

    /** The VM has been started: nobody else is to write there. */
    started(): void {
        if (this.options === undefined) delete process.env.NODE_OPTIONS
        else process.env.NODE_OPTIONS = this.options
        delete process.env.HEAP_DUMP
        delete process.env.HEAP_EVERY
    }

    /** The last figure, 0: none yet. */
    read(): number {
        return existsSync(this.file) ? taken(readFileSync(this.file)) : 0
    }

    remove(): void {
        rmSync(this.file, { force: true })
    }
}

/** A node that runs, with its servers and its modem. */
class Rig {
    readonly log: string[] = []
    /** why the VM has died */
    death = ""
    /** how often the last place of the card was taken */
    fills = 0
    /** messages that the owner has got */
    readonly texts: string[] = []
    /** messages that the owner has sent */
    sent = 0
    heap: () => Promise<number> = () => Promise.resolve(0)
    /** of the microcontroller */
    readonly flash = new Flash()
    /** The microcontroller restarts: the clock has to be led. */
    restart: () => Promise<void> = () => Promise.reject(new Error("never"))
    private end: (() => void | Promise<void>)[] = []

    private constructor(
        readonly servers: Servers,
        readonly simulator: Simulator
    ) {}

    /** @param real in real time, the VM in its own process; else the clock is led */
    static async start(source: string, real: boolean): Promise<Rig> {
        const program = await build(source)
        const stopLeading = real ? () => undefined : leadClock()
        const servers = await Servers.open()
        const { web, relay } = await servers.ports()
        const simulator = await Simulator.open({
            delays: "fast",
            network: new HostNetwork({
                map: [
                    `web.example:80=localhost:${web}`,
                    `broker.example:1883=localhost:${relay}`,
                ],
            }),
            sim: { messageCapacity: CARD },
        })
        const rig = new Rig(servers, simulator)
        rig.end.push(
            () => simulator.close(),
            () => servers.shut(),
            stopLeading
        )
        rig.watch()
        await rig.run(program, real)
        simulator.modem.powerOn()
        await rig.until("first reading", 60, () => servers.published.length > 0)
        return rig
    }

    private async run(program: string, real: boolean): Promise<void> {
        const hear = ({ text }: ConsoleLine): void => {
            this.log.push(text)
            if (process.env.E2E_LOG) console.log(text)
        }
        const die = (reason: string): void => {
            this.death = reason
        }
        if (real) {
            const heap = new HeapFile()
            this.simulator.run(program, hear, die)
            heap.started()
            this.heap = () => Promise.resolve(heap.read())
            this.end.push(() => heap.remove())
            return
        }
        const { bus } = this.simulator.hub
        const start = (): Promise<LedVm> =>
            LedVm.start(program, bus, hear, die, this.flash)
        let vm = await start()
        this.heap = () => vm.heap()
        this.restart = async () => {
            vm.stop()
            vm = await start()
        }
        this.end.unshift(() => vm.stop())
    }

    /** Hears what the modem says, and who gets messages. */
    private watch(): void {
        const { modem, station } = this.simulator
        const full = `+CMTI: "SM",${CARD}\r\n`
        let said = ""
        station.probe.listen(({ direction, bytes }) => {
            if (direction !== "<") return
            said += Buffer.from(bytes).toString("latin1")
            this.fills += said.split(full).length - 1
            said = said.slice(said.lastIndexOf("\n") + 1)
        })
        modem.onMessage = ({ to, text }) => {
            if (to === OWNER) this.texts.push(text)
        }
    }

    text(from: string, text: string): void {
        this.simulator.modem.receiveMessage({ from, text })
        if (from === OWNER) this.sent++
    }

    async until(
        what: string,
        time: number,
        done: () => boolean
    ): Promise<void> {
        for (let i = 0; i < 4 * time && !done(); i++) {
            if (this.death) throw new Error(this.death)
            await seconds(0.25)
        }
        if (!done()) throw new Error(`${what}: not within ${time} s`)
    }

    /** Runs something, and ends the node. */
    async finish(work: () => Promise<void>): Promise<void> {
        try {
            await work()
        } catch (error) {
            throw new Error(
                `${this.death}\n${this.log.slice(-60).join("\n")}`,
                {
                    cause: error,
                }
            )
        } finally {
            for (const end of this.end) await end()
        }
    }
}

test(
    "node: no reading is missing or out of order, no command lost or done twice, whatever goes wrong",
    { timeout: 400_000 + 90_000 * MINUTES },
    async () => {
        const random = new Random(SEED)
        /** s */
        const between = (least: number, most: number): number =>
            least + (most - least) * random.next()
        console.log(`E2E_SEED=${SEED}`)
        const rig = await Rig.start("src/examples/node.ts", IS_REAL)
        const { servers, simulator } = rig
        const { modem } = simulator
        const asked: string[] = []
        const faults: [name: string, run: () => void | Promise<void>][] = [
            ["context lost", () => modem.inject("pdp-deact")],
            ["modem restarts", () => modem.inject("brown-out")],
            ["broker away", () => servers.away(between(1, 30))],
            [
                "server slow",
                async () => {
                    servers.delay = between(5, 40)
                    await seconds(10)
                    servers.delay = 0
                },
            ],
            [
                "messages of strangers, until the card is full",
                async () => {
                    const before = rig.fills
                    // the node deletes meanwhile
                    for (let i = 0; i < 3 * CARD; i++)
                        rig.text(STRANGER, `advert ${i}`)
                    await rig.until("full card", 5, () => rig.fills > before)
                    await seconds(5)
                },
            ],
            ["broker mute", () => servers.mute(between(5, 40))],
        ]
        let left: typeof faults = []
        await rig.finish(async () => {
            asked.push(servers.command("INTERVAL 1"))
            /** behind each fault, when all has come that could not */
            const heaps: number[] = []
            const begin = Date.now()
            while (Date.now() < begin + 60_000 * MINUTES) {
                // each once before any comes again
                if (left.length === 0) left = [...faults]
                const [[name, run]] = left.splice(random.below(left.length), 1)
                await run()
                asked.push(servers.command("STATUS"))
                rig.text(OWNER, "INTERVAL 1")
                await seconds(between(5, 30))
                heaps.push(await rig.heap())
                const minute = ((Date.now() - begin) / 60_000).toFixed(1)
                console.log(
                    `minute ${minute}: ${name}, ${heaps.at(-1)} bytes of heap in use`
                )
            }
            const last = numbers(servers.published).at(-1) ?? 0
            await rig.until("all that waits", 120, () => {
                const posted = numbers(servers.posted).at(-1) ?? 0
                return (
                    posted > last &&
                    servers.answers.length >= asked.length &&
                    rig.texts.length >= rig.sent
                )
            })
            for (const lines of [servers.published, servers.posted]) {
                const got = numbers(lines)
                console.log(`${got.length} readings, ${lines.length} arrived`)
                expect(got.length).toBeGreaterThan(20 * MINUTES)
                expect(got).toEqual(got.map((_, i) => i))
            }
            expect(
                once(servers.answers).map(a => a.replace(/ .*/, " "))
            ).toEqual(asked)
            expect(rig.texts).toEqual(rig.texts.map(() => "INTERVAL 1"))
            expect(rig.texts).toHaveLength(rig.sent)
            console.log(
                `${heaps.length} faults, ${asked.length} commands by MQTT, ${rig.sent} by message`
            )
            // what waits comes and goes: the quietest time tells
            const third = Math.ceil(heaps.length / 3)
            // behind each fault once, when all that is made once has been made
            const first = faults.length
            const early = heaps
                .slice(first, first + third)
                .filter(bytes => bytes > 0)
            const late = heaps.slice(-third)
            expect(Math.min(...late)).toBeLessThan(Math.min(...early) + GROWTH)
        })
    }
)

test("node: with a fetch() every 5 s it publishes every 5 s, over one connection", async () => {
    const rig = await Rig.start("test/e2e/firmware/node-often.ts", false)
    const { servers } = rig
    await rig.finish(async () => {
        await seconds(120)
        const gaps = servers.times
            .slice(1)
            .map((at, i) => at - servers.times[i])
        expect(gaps.length).toBeGreaterThanOrEqual(22)
        // what it is off the mark comes from the modem, which wakes and sends
        for (const gap of gaps) {
            expect(gap).toBeGreaterThan(4000)
            expect(gap).toBeLessThan(6000)
        }
        const { posted } = servers
        expect(posted.length).toBeGreaterThanOrEqual(22)
        expect(numbers(posted)).toEqual(posted.map((_, i) => i))
        expect(servers.connections).toBe(1)
    })
})

test("node: what waits when the microcontroller restarts arrives behind it, in order", async () => {
    const rig = await Rig.start("src/examples/node.ts", false)
    const { flash, servers } = rig
    await rig.finish(async () => {
        const { writes } = flash
        await rig.until("a batch", 60, () => servers.posted.length > 3)
        servers.command("INTERVAL 1")
        await seconds(30)
        // while all goes well nothing is written
        expect(flash.writes).toBe(writes)
        servers.isFull = true
        await seconds(150)
        const before = numbers(servers.posted).length
        const kept = flash.writes - writes
        expect(kept).toBeGreaterThan(3)
        // before each of them there have been some
        const sent = numbers(servers.published).at(-1) ?? 0
        servers.posted.length = 0
        await rig.restart()
        // the program itself has been written by then
        const begin = flash.writes
        servers.isFull = false
        await rig.until("readings of its own", 120, () =>
            servers.posted.some(line => line.startsWith("1 "))
        )
        const got = servers.posted.map(line => Number(line.split(" ")[0]))
        const old = got.slice(0, got.indexOf(0))
        console.log(
            `${kept} pages kept, ${old.length} of ${sent + 1 - before} readings that waited`
        )
        expect(old).toEqual(old.map((_, i) => before + i))
        // what is lost is the last page, which was not full
        expect(old.length).toBeGreaterThan(sent - before - 40)
        expect(got.slice(old.length)).toEqual(
            [0, 1, 2, 3, 4].slice(0, got.length - old.length)
        )
        await seconds(30)
        // each has been written once, and is deleted once
        expect(flash.writes - begin).toBe(kept)
    })
})
