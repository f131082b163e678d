/**
 * The whole simulator: DeviceScript's VM, Jacdac, virtual SIM800, sockets of this
 * machine, in real time. It confirms the figures of `goodput`, within the limits of
 * Jacdac: a program can send at most 50 packets of 236 bytes a second, each command is
 * one, and other load on the machine disturbs it. Takes three minutes.
 */
import net from "node:net"
import type { AddressInfo } from "node:net"
import { HostNetwork } from "../sim/host/network"
import type { RadioLinkName, RadioLinkOptions } from "../sim/modem/radio-link"
import { Simulator } from "../simulator/simulator"
import { build } from "../simulator/vm/firmware"
import { latency } from "../test/driver/traffic"
import { atLeast, figure, type Options, type Part, type Row } from "./part"

const LINE = 11520
const SOURCE_BYTES = 1_000_000
/** from one piece of data to the next, for the latency, ms */
const DRIP = 170

/** Answers a connection. */
type Serve = (socket: net.Socket) => void

function drip(socket: net.Socket): void {
    const timer = setInterval(() => socket.write(Buffer.alloc(200)), DRIP)
    socket.on("close", () => clearInterval(timer))
}

/** By the ports that bench/firmware/goodput.ts knows. */
function servers(what: string): Serve[] {
    return [
        socket => socket.write(Buffer.alloc(SOURCE_BYTES)),
        socket => socket.resume(),
        socket => socket.pipe(socket),
        drip,
        socket => socket.end(`${what}\n`),
    ]
}

async function listen(serve: Serve): Promise<net.Server> {
    const server = net.createServer({ noDelay: true }, socket => {
        socket.on("error", () => undefined)
        serve(socket)
    })
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    return server
}

interface Result {
    name: string
    first: number
    second: number
}

/** How many results there are of each third. */
const COUNTS: Record<string, number> = { fast: 7, near: 2, far: 2 }

/** Runs one third of the program; `what` says which. */
async function results(
    program: string,
    what: string,
    radio: RadioLinkName | RadioLinkOptions,
    { detail, print }: Options
): Promise<Result[]> {
    const listening = await Promise.all(servers(what).map(listen))
    const map = listening.map(
        (server, i) =>
            `bench.example:${i + 1}=localhost:${(server.address() as AddressInfo).port}`
    )
    const simulator = await Simulator.open({
        network: new HostNetwork({ map }),
        delays: "fast",
        radio,
    })
    const found: Result[] = []
    const log: string[] = []
    try {
        await new Promise<void>((resolve, reject) => {
            simulator.run(
                program,
                ({ text }) => {
                    if (detail) print(`  ${text}`)
                    log.push(text)
                    if (text === "RESULT end") resolve()
                    const [, name, first, second] =
                        /^RESULT (.*) (\d+) (\d+)$/.exec(text) ?? []
                    if (name === undefined) return
                    found.push({
                        name,
                        first: Number(first),
                        second: Number(second),
                    })
                },
                reason => reject(new Error(reason))
            )
            simulator.modem.powerOn()
        })
    } finally {
        await simulator.close()
        for (const server of listening) server.close()
    }
    // the program has printed why
    if (found.length < COUNTS[what])
        throw new Error(["not everything was measured:", ...log].join("\n"))
    return found
}

async function run(options: Options): Promise<Row[]> {
    const program = await build("bench/firmware/goodput.ts")
    const all = [
        ...(await results(program, "fast", "fast", options)),
        ...(await results(program, "near", latency(0), options)),
        ...(await results(program, "far", latency(600), options)),
    ]
    return all.flatMap(({ name, first, second }) => {
        if (name.startsWith("latency"))
            return [
                figure(`${name}: median`, first, "ms"),
                figure(`${name}: worst`, second, "ms"),
            ]
        const rate = Math.round((first * 1000) / second)
        const percent = (rate * 100) / LINE
        const line = "% of the line"
        if (name.startsWith("lock-step"))
            return atLeast(name, rate, "byte/s", 5650)
        if (name.startsWith("8 kB")) return atLeast(name, rate, "byte/s", 5250)
        const wanted = name === "download push" ? 95 : 90
        return atLeast(name, percent, line, wanted)
    })
}

export const part: Part = {
    title: "the same in DeviceScript's VM over Jacdac, in real time, at 115200 baud",
    run,
}
