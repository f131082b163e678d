/**
 * Clients that end their lines with CR LF: the LF is never the first byte of the
 * data, however the stream is cut, and data that begin with a LF keep it.
 * `SENDS=10000` makes it as many sends.
 */
import { describe, expect, test } from "vitest"
import { LineFeeder } from "../../sim/doors/line-feeder"
import { VirtualClock } from "../../sim/modem/clock"
import type { DelayProfileName } from "../../sim/modem/delays"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import { Random } from "../../sim/modem/random"

const SEED = 7
const SENDS = Number(process.env.SENDS ?? 2000)
const profiles: readonly DelayProfileName[] = ["instant", "fast", "realistic"]
const lineEnds = ["\r\n", "\r"] as const
/** What is between client and modem: a wire, or a door that paces or does not. */
const ways = ["wire", "door", "raw door"] as const
const chunkings = [
    { chunkMs: 1, chunkBytes: 1000 },
    { chunkMs: 0, chunkBytes: 1 },
    { chunkMs: 20, chunkBytes: 1000 },
] as const

/** A client that waits for what it waits for, and cuts what it writes anyhow. */
class Client {
    readonly clock = new VirtualClock()
    private readonly network = new MemoryNetwork(this.clock)
    private readonly modem: VirtualSim800
    private readonly feeder: LineFeeder | undefined
    private heard = ""
    private arrived = ""

    constructor(
        delays: DelayProfileName,
        private readonly way: (typeof ways)[number],
        chunks: (typeof chunkings)[number],
        private readonly random: Random
    ) {
        this.modem = new VirtualSim800({
            clock: this.clock,
            network: this.network,
            delays,
            chunks,
            radio: "fast",
            stored: { baud: 115200 },
        })
        this.network.listen("198.18.0.7", 7, peer => {
            peer.onData = bytes =>
                (this.arrived += Buffer.from(bytes).toString("latin1"))
        })
        const { dte } = this.modem
        dte.onData = bytes =>
            (this.heard += Buffer.from(bytes).toString("latin1"))
        if (way !== "wire")
            this.feeder = new LineFeeder(
                this.modem,
                dte,
                () => this.clock.now(),
                way === "door"
            )
        this.modem.powerOn()
        this.clock.advance(60_000)
        this.heard = ""
    }

    /** Writes, cut at will where there is a stream to cut. */
    private write(text: string): void {
        let rest = text
        while (rest !== "") {
            const whole = this.way === "wire" || this.random.below(3) === 0
            const count = whole
                ? rest.length
                : 1 + this.random.below(rest.length)
            const bytes = Buffer.from(rest.slice(0, count), "latin1")
            rest = rest.slice(count)
            if (this.feeder === undefined) this.modem.dte.write(bytes)
            else this.feeder.push(bytes)
            // a gap: none, short, as of delayed acknowledgements, or far too long
            if (rest !== "") this.pass([0, 3, 40, 400][this.random.below(4)])
        }
    }

    /** As long as a door's client waits, the door looks what it can give. */
    private pass(ms: number): void {
        for (let left = ms; left > 0; left -= 5) {
            this.clock.advance(Math.min(left, 5))
            this.feeder?.feed()
        }
    }

    private await(text: string): void {
        for (let i = 0; !this.heard.includes(text); i++) {
            if (i === 20_000)
                throw new Error(`no ${text} in ${JSON.stringify(this.heard)}`)
            this.pass(1)
        }
        this.heard = ""
    }

    command(line: string, answer: string, end: string): void {
        this.write(line + end)
        this.await(answer)
        this.pass(5)
        this.heard = ""
    }

    /** @returns what has come to the peer */
    send(data: string, end: string): string {
        this.arrived = ""
        this.command(`AT+CIPSEND=${data.length}`, "> ", end)
        this.write(data)
        this.await("SEND OK")
        this.pass(5)
        return this.arrived
    }

    end(): void {
        this.modem.dispose()
    }
}

const cases = profiles.flatMap(profile =>
    ways.flatMap(way =>
        lineEnds.flatMap(end =>
            chunkings.map(chunks => ({ profile, way, end, chunks }))
        )
    )
)

describe(`seed ${SEED}`, () => {
    test.each(cases)(
        "$profile, $way, lines end in %j",
        ({ profile, way, end, chunks }) => {
            const random = new Random(SEED)
            const client = new Client(profile, way, chunks, random)
            client.command("ATE0", "OK", end)
            client.command("AT+CSTT", "OK", end)
            client.command("AT+CIICR", "OK", end)
            client.command("AT+CIFSR", "10.", end)
            client.command(
                'AT+CIPSTART="TCP","198.18.0.7",7',
                "CONNECT OK",
                end
            )
            let wrong = 0
            for (let i = 0; i < Math.ceil(SENDS / cases.length); i++) {
                const first = ["\n", "\r\n", "A", "\n\n"][random.below(4)]
                const data = `${first}0123456789`
                if (client.send(data, end) !== data) wrong++
            }
            client.end()
            expect(wrong).toBe(0)
        }
    )
})
