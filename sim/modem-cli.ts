/**
 * `npm run modem`: a virtual SIM800 on a TCP port of this machine, for any
 * program that speaks AT commands.
 */
import { Command, InvalidArgumentError, Option } from "commander"
import { Display } from "./display"
import { HostNetwork } from "./host/network"
import { PortMap } from "./host/port-map"
import { TcpDoor } from "./host/tcp-door"
import { RealClock } from "./modem/clock"
import type { DelayProfileName } from "./modem/delays"
import { VirtualSim800 } from "./modem/modem"
import type { RadioLinkName } from "./modem/radio-link"
import { Tap } from "./modem/trace"

/** The fixed rates of AT+IPR; 0 is autobaud. */
const RATES = [
    1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800,
]

interface Options {
    readonly port: number
    readonly map: readonly string[]
    readonly listen: readonly string[]
    readonly internet?: boolean
    readonly baud: number
    readonly profile: DelayProfileName
    readonly network: RadioLinkName
    readonly pin?: string
    readonly raw?: boolean
    readonly trace?: boolean
    readonly seed: number
}

function wholeNumber(lowest: number, highest: number) {
    return (text: string): number => {
        const value = Number(text)
        if (!Number.isInteger(value) || value < lowest || value > highest)
            throw new InvalidArgumentError(
                `It is a whole number from ${lowest} to ${highest}.`
            )
        return value
    }
}

function rate(text: string): number {
    if (text === "auto") return 0
    if (!RATES.includes(Number(text)))
        throw new InvalidArgumentError(
            `It is "auto" or one of ${RATES.join(", ")}.`
        )
    return Number(text)
}

function portMapping(
    entry: string,
    entries: readonly string[]
): readonly string[] {
    const all = [...entries, entry]
    try {
        new PortMap(all)
    } catch (error) {
        throw new InvalidArgumentError((error as Error).message)
    }
    return all
}

function pin(text: string): string {
    if (!/^\d{4,8}$/.test(text))
        throw new InvalidArgumentError("It has 4 to 8 digits.")
    return text
}

const options = new Command("npm run modem --")
    .description(
        "A virtual SIM800 on a TCP port of 127.0.0.1, for any AT program."
    )
    .option("--port <port>", "port to listen on", wholeNumber(0, 65535), 2000)
    .option(
        "--map <from=to>",
        "where an address leads: host[:port][@address]=target[:port]; repeatable",
        (entry: string, entries: readonly string[]) => [...entries, entry],
        [] as readonly string[]
    )
    .option(
        "--listen <port=port>",
        "where a port of the modem's is on this machine, for AT+CIPSERVER and AT+CLPORT; repeatable",
        portMapping,
        [] as readonly string[]
    )
    .option("--internet", "reach more than this machine")
    .option("--baud <rate>", 'rate of the UART, or "auto"', rate, 115200)
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
    .option("--pin <pin>", "PIN of the SIM card", pin)
    .option("--raw", "lose what arrives while a command runs, as a wire does")
    .option("--trace", "show what crosses the wire, and every change of state")
    .option(
        "--seed <number>",
        "what random faults are made from",
        wholeNumber(0, 2 ** 31 - 1),
        1
    )
    .parse()
    .opts<Options>()

function fail(reason: string): never {
    console.error(`error: ${reason}`)
    process.exit(1)
}

function makeNetwork(): HostNetwork {
    try {
        return new HostNetwork(options)
    } catch (error) {
        fail(`--map ${(error as Error).message}`)
    }
}

const display = new Display()
const clock = new RealClock()
const modem = new VirtualSim800({
    clock,
    network: makeNetwork(),
    delays: options.profile,
    radio: options.network,
    sim: { pin: options.pin },
    stored: { baud: options.baud },
    dteBaud: options.baud === 0 ? 115200 : options.baud,
    seed: options.seed,
    utc: Date.now(),
})
const tap = new Tap(modem.dte, clock)
modem.onLog = line => display.show("warning", line)
modem.onMessage = ({ to, text }) =>
    display.show("sim", `short message to ${to}: ${text}`)
if (options.trace) {
    tap.listen(event => display.traffic(event))
    modem.onTransition = (subject, from, to) =>
        display.show("state", `${subject}: ${from} → ${to}`)
}

const door = await TcpDoor.open({
    modem,
    pipe: tap,
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
