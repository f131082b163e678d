/**
 * The telemetry node, as it is, in the VM, with a broker and a web server, while
 * something goes wrong all the time. NODE_MINUTES=60 makes it run for so long.
 */
import http from "node:http"
import net, { type AddressInfo } from "node:net"
import { Aedes } from "aedes"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { Simulator } from "../../simulator/simulator"
import { build } from "../../simulator/vm/firmware"
import { tcpServer } from "./program"

/** 0: each fault once */
const MINUTES = Number(process.env.NODE_MINUTES ?? 0)
const OWNER = "+4915112345678"
const STRANGER = "+4915100000000"
const CARD = 5

const seconds = (n: number): Promise<void> =>
    new Promise(done => setTimeout(done, 1000 * n))

/** Broker and web server, and what can become of them. */
class Servers {
    /** readings by MQTT and by HTTP, answers to commands, as they came */
    readonly published: string[] = []
    readonly posted: string[] = []
    readonly answers: string[] = []
    /** HTTP answers after so many seconds, unless it does not at all */
    delay = 0
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
                this.posted.push(...body.trim().split("\n"))
                setTimeout(() => response.end(), 1000 * this.delay)
            })
        })
        await new Promise<void>(done => web.listen(0, "127.0.0.1", done))
        this.broker.on("publish", ({ topic, payload }, client) => {
            if (client === null) return
            if (topic === "node/7/reading") this.published.push(String(payload))
            if (topic === "node/7/answer") this.answers.push(String(payload))
        })
        const broker = await tcpServer(socket => this.broker.handle(socket))
        const relay = await tcpServer(modem => {
            if (this.isAway) return modem.destroy()
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

async function until(
    what: string,
    time: number,
    done: () => boolean
): Promise<void> {
    for (let i = 0; i < 4 * time && !done(); i++) await seconds(0.25)
    if (!done()) throw new Error(`${what}: not within ${time} s`)
}

test(
    "node: no reading is missing or out of order, no command lost or done twice, whatever goes wrong",
    { timeout: 400_000 + 60_000 * MINUTES },
    async () => {
        const servers = await Servers.open()
        const { web, relay } = await servers.ports()
        const program = await build("src/examples/node.ts")
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
        const { modem, station } = simulator
        /** what the modem says when the last place of the card is taken */
        const full = `+CMTI: "SM",${CARD}`
        let said = ""
        let fills = 0
        station.probe.listen(({ direction, bytes }) => {
            if (direction !== "<") return
            said += Buffer.from(bytes).toString("latin1")
            fills += said.split(`${full}\r\n`).length - 1
            said = said.slice(said.lastIndexOf("\n") + 1)
        })
        const log: string[] = []
        let death = ""
        const texts: string[] = []
        let sent = 0
        const asked: string[] = []
        const text = (from: string, text: string): void => {
            modem.receiveMessage({ from, text })
            if (from === OWNER) sent++
        }
        modem.onMessage = ({ to, text }) => {
            if (to === OWNER) texts.push(text)
        }
        const faults: [name: string, run: () => void | Promise<void>][] = [
            ["context lost", () => modem.inject("pdp-deact")],
            ["modem restarts", () => modem.inject("brown-out")],
            ["broker away", () => servers.away(6)],
            [
                "server slow",
                async () => {
                    servers.delay = 35
                    await seconds(10)
                    servers.delay = 0
                },
            ],
            [
                "messages of strangers, until the card is full",
                async () => {
                    const before = fills
                    for (let i = 0; i <= CARD; i++)
                        text(STRANGER, `advert ${i}`)
                    await until("full card", 5, () => fills > before)
                    await seconds(5)
                },
            ],
            ["broker mute", () => servers.mute(35)],
        ]
        try {
            simulator.run(
                program,
                ({ text }) => {
                    log.push(text)
                    if (process.env.E2E_LOG) console.log(text)
                },
                reason => (death = reason)
            )
            modem.powerOn()
            await until("first reading", 60, () => servers.published.length > 0)
            asked.push(servers.command("INTERVAL 1"))
            const end = Date.now() + 60_000 * MINUTES
            do {
                for (const [name, run] of faults) {
                    console.log(`FAULT ${name}`)
                    await run()
                    if (death) throw new Error(death)
                    asked.push(servers.command("STATUS"))
                    text(OWNER, `INTERVAL 1`)
                    await seconds(MINUTES ? 30 : 6)
                }
            } while (Date.now() < end)
            const last = numbers(servers.published).at(-1) ?? 0
            await until("all that waits", 120, () => {
                const posted = numbers(servers.posted).at(-1) ?? 0
                return (
                    posted > last &&
                    servers.answers.length >= asked.length &&
                    texts.length >= sent
                )
            })
            for (const lines of [servers.published, servers.posted]) {
                const got = numbers(lines)
                expect(got.length).toBeGreaterThan(20)
                expect(got).toEqual(got.map((_, i) => i))
            }
            expect(
                once(servers.answers).map(a => a.replace(/ .*/, " "))
            ).toEqual(asked)
            expect(texts).toEqual(texts.map(() => "INTERVAL 1"))
            expect(texts).toHaveLength(sent)
        } catch (error) {
            throw new Error(`${death}\n${log.slice(-60).join("\n")}`, {
                cause: error,
            })
        } finally {
            await simulator.close()
            servers.shut()
        }
    }
)
