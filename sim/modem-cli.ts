/**
 * `npm run modem`: a virtual SIM800 on a TCP port of this machine, for any
 * program that speaks AT commands.
 */
import path from "node:path"
import { Command } from "commander"
import { Probe } from "./control/probe"
import { Display } from "./display"
import { addModemOptions, modemOptions, wholeNumber } from "./flags"
import type { ModemFlags } from "./flags"
import { whereIs } from "./host/network"
import { TcpDoor } from "./doors/tcp-door"
import { RealClock } from "./modem/clock"
import { VirtualSim800 } from "./modem/modem"

interface Options extends ModemFlags {
    readonly port: number
    readonly raw?: boolean
    readonly trace?: boolean
}

/** How it was started. */
const program = path.basename(process.argv[1] ?? "")
const name = program.startsWith("virtual-sim800")
    ? "virtual-sim800"
    : "npm run modem --"

const command = new Command(name)
    .description(
        "A virtual SIM800 on a TCP port of 127.0.0.1, for any AT program."
    )
    .option("--port <port>", "port to listen on", wholeNumber(0, 65535), 2000)
const options = addModemOptions(command, 115200)
    .option("--raw", "lose what arrives while a command runs, as a wire does")
    .option("--trace", "show what crosses the wire, and every change of state")
    .parse()
    .opts<Options>()

function fail(reason: string): never {
    console.error(`error: ${reason}`)
    process.exit(1)
}

function asked(): ReturnType<typeof modemOptions> {
    try {
        return modemOptions(options)
    } catch (error) {
        fail((error as Error).message)
    }
}

const display = new Display()
const clock = new RealClock()
const what = asked()
what.network.onOpened = opened => display.show("sim", whereIs(opened))
const modem = new VirtualSim800({ ...what, clock })
const probe = new Probe(modem.dte, clock)
modem.onLog = line => display.show("warning", line)
modem.onMessage = ({ to, text }) =>
    display.show("sim", `short message to ${to}: ${text}`)
if (options.trace) {
    probe.listen(event => display.traffic(event))
    modem.onTransition = (subject, from, to) =>
        display.show("state", `${subject}: ${from} → ${to}`)
}

const door = await TcpDoor.open({
    modem,
    dte: probe,
    port: options.port,
    raw: options.raw,
    onLog: line => display.show("sim", line),
}).catch((error: NodeJS.ErrnoException) =>
    fail(
        error.code === "EADDRINUSE"
            ? `port ${options.port} is in use; choose another one with --port`
            : `port ${options.port}: ${error.message}`
    )
)

const reach = options.internet ? "the internet" : "this machine only"
const baud = options.baud === 0 ? "autobaud" : `${options.baud} baud`
display.show(
    "sim",
    `virtual SIM800 on 127.0.0.1:${door.port} (${baud}, ${options.profile} delays, ${options.network} radio), reaches ${reach}`
)
display.show(
    "sim",
    `try: printf 'AT+CPIN?\\rAT+CSQ\\r' | nc -N 127.0.0.1 ${door.port}`
)
display.show("sim", "Ctrl-C ends it")
modem.powerOn()

async function end(): Promise<void> {
    await door.close()
    modem.dispose()
    display.flush()
    process.exit(0)
}
process.on("SIGINT", () => void end())
process.on("SIGTERM", () => void end())
