/**
 * `npm start`: firmware in DeviceScript's VM, a virtual SIM800 and an HTTP
 * server, wired together on loopback, for a person to watch.
 */
import { randomBytes } from "node:crypto"
import http from "node:http"
import type { AddressInfo } from "node:net"
import { Command, Option } from "commander"
import { Display } from "./display"
import { HostNetwork } from "./host/network"
import { HUB_PORT } from "./jacdac/hub"
import { Simulator } from "./simulator"
import { build, type ConsoleLine } from "./vm/firmware"

/** The server that the example reports to. */
const SERVER = "telemetry.example:80"
/** Within this, --once has to be through, ms. */
const ONCE_TIMEOUT = 60_000

const command = new Command("npm start --")
    .description(
        "Runs src/main.ts in the DeviceScript simulator, with a virtual SIM800 as its modem."
    )
    .option("--once", "end after one complete exchange, or with an error")
    .addOption(
        new Option("--profile <name>", "how long the modem takes for things")
            .choices(["realistic", "fast", "instant"])
            .default("realistic")
    )
    .addOption(
        new Option("--network <name>", "what the radio is like")
            .choices(["fast", "gprs"])
            .default("fast")
    )
    .option("--quiet", "do not show the traffic between firmware and modem")

const options = command.parse().opts<{
    once?: boolean
    profile: "realistic" | "fast" | "instant"
    network: "fast" | "gprs"
    quiet?: boolean
}>()

const display = new Display()
/** What has to be undone in the end, the last first. */
const cleanUps: (() => void | Promise<void>)[] = []
let ending = false
/** the last error that the firmware has printed */
let complaint = ""

async function end(code: number, reason?: string): Promise<void> {
    if (ending) return
    ending = true
    display.flush()
    if (reason) display.show(code === 0 ? "sim" : "error", reason)
    display.close()
    for (const cleanUp of cleanUps.reverse()) await cleanUp()
    process.exit(code)
}

/** Gives each reading a receipt, so that an answer can be told from any other. */
function startServer(onExchange: (receipt: string) => void): http.Server {
    return http.createServer((request, response) => {
        let body = ""
        request.on("data", chunk => (body += chunk))
        request.on("end", () => {
            const receipt = randomBytes(4).toString("hex")
            display.show("server", `${request.method} ${request.url} ${body}`)
            response.setHeader("Content-Type", "application/json")
            response.setHeader("Connection", "close")
            response.end(JSON.stringify({ stored: true, receipt }))
            onExchange(receipt)
            request.socket.on("close", () =>
                display.show("server", "connection closed")
            )
        })
    })
}

function listen(server: http.Server): Promise<number> {
    return new Promise((resolve, reject) => {
        server.once("error", reject)
        server.listen(0, "127.0.0.1", () =>
            resolve((server.address() as AddressInfo).port)
        )
    })
}

async function main(): Promise<void> {
    display.show("sim", "compiling src/main.ts for DeviceScript")
    const program = await build("src/main.ts")
    if (ending) return

    let receipt: string | undefined
    const server = startServer(given => {
        receipt = given
    })
    const port = await listen(server)
    cleanUps.push(() => void server.close())
    display.show("sim", `HTTP server on 127.0.0.1:${port}, as ${SERVER}`)

    const simulator = await Simulator.open({
        network: new HostNetwork({ map: [`${SERVER}=127.0.0.1:${port}`] }),
        delays: options.profile,
        radio: options.network,
    })
    cleanUps.push(() => simulator.close())
    const { hub, modem, tap } = simulator
    display.show(
        "sim",
        hub.joined
            ? `joined the Jacdac bus that is on port ${HUB_PORT}`
            : `Jacdac bus on 127.0.0.1:${HUB_PORT}`
    )
    modem.onTransition = (subject, from, to) =>
        display.show("state", `${subject}: ${from} → ${to}`)
    modem.onLog = line => display.show("warning", line)
    modem.onMessage = ({ to, text }) =>
        display.show("sim", `short message to ${to}: ${text}`)
    if (!options.quiet) tap.listen(event => display.traffic(event))

    let answered = false
    const onLine = ({ level, text }: ConsoleLine): void => {
        if (level === "vm") return
        if (level === "error") complaint = text
        if (level === "warn" && /^(DeviceScript|start:)/.test(text)) return
        if (receipt && text.includes(receipt)) answered = true
        display.show(
            level === "log"
                ? "app"
                : level === "debug"
                  ? "driver"
                  : level === "error"
                    ? "error"
                    : "warning",
            text
        )
    }
    server.on("connection", socket =>
        socket.on("close", () => {
            if (!options.once) return
            // the firmware hears of it last
            const wait = setInterval(() => {
                if (answered) {
                    clearInterval(wait)
                    void end(0, "one complete exchange: all is well")
                }
            }, 20)
            cleanUps.push(() => clearInterval(wait))
        })
    )
    simulator.run(program, onLine, reason => void end(1, reason))
    modem.powerOn()
}

process.on("SIGINT", () => void end(130, "interrupted"))
process.on("SIGTERM", () => void end(143, "terminated"))
if (options.once) {
    const timer = setTimeout(
        () =>
            void end(
                1,
                "no complete exchange within 60 s" +
                    (complaint && `; the last error was: ${complaint}`)
            ),
        ONCE_TIMEOUT
    )
    cleanUps.push(() => clearTimeout(timer))
}
main().catch((error: unknown) => {
    void end(1, error instanceof Error ? error.message : String(error))
})
