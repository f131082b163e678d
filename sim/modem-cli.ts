/**
 * `npm run modem`: a virtual SIM800 for any program that speaks AT commands,
 * behind a TCP port, a serial port over Telnet, a pseudo terminal.
 */
import path from "node:path"
import { Command } from "commander"
import {
    addConsoleOptions,
    Console,
    type ConsoleFlags,
} from "./control/console"
import { Station } from "./control/station"
import { Display } from "./display"
import { Junction } from "./doors/junction"
import { PtyDoor } from "./doors/pty-door"
import { Rfc2217Door } from "./doors/rfc2217-door"
import { TcpDoor } from "./doors/tcp-door"
import { addModemOptions, modemOptions, type ModemFlags } from "./flags"
import { whereIs } from "./host/network"
import { RealClock } from "./modem/clock"
import { VirtualSim800 } from "./modem/modem"
import { wholeNumber } from "./whole-number"

interface Options extends ModemFlags, ConsoleFlags {
    readonly port?: number
    readonly rfc2217?: number
    readonly pty?: string
    readonly raw?: boolean
    readonly trace?: boolean
}

/** Where it listens if nobody says where. */
const PORT = 2000

/** How it was started. */
const program = path.basename(process.argv[1] ?? "")
const name = program.startsWith("virtual-sim800")
    ? "virtual-sim800"
    : "npm run modem --"

const command = new Command(name)
    .description("A virtual SIM800 on this machine, for any AT program.")
    .option(
        "--port <port>",
        `TCP port of 127.0.0.1 to listen on, 0 for any (default: ${PORT}, if there is no other door)`,
        wholeNumber(0, 65535)
    )
    .option(
        "--rfc2217 <port>",
        "port for a serial port over Telnet: with rates and lines",
        wholeNumber(0, 65535)
    )
    .option(
        "--pty <path>",
        "where a link to a pseudo terminal is to be (Linux, macOS)"
    )
addConsoleOptions(command)
const options = addModemOptions(command, 115200)
    .option(
        "--raw",
        "TCP: lose what arrives while a command runs, as a wire does"
    )
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
const modem = new VirtualSim800({ ...what, clock })
const station = Station.of(modem, clock)
const junction = new Junction(station.probe, modem)
const say = (text: string): void =>
    station.feed.publish({ kind: "log", source: "sim", text })
what.network.onOpened = opened => say(whereIs(opened))

/** What has to be closed in the end. */
const open: { close(): unknown }[] = []

/** @returns what cannot be opened is told, and ends it */
function opened<T extends { close(): unknown }>(
    door: Promise<T>,
    port: number | undefined,
    option: string
): Promise<T> {
    return door.then(
        it => {
            open.push(it)
            return it
        },
        (error: NodeJS.ErrnoException) =>
            fail(
                error.code === "EADDRINUSE"
                    ? `port ${port} is in use; choose another one with ${option}`
                    : port === undefined
                      ? error.message
                      : `port ${port}: ${error.message}`
            )
    )
}

async function openDoors(): Promise<void> {
    const { rfc2217, pty, raw } = options
    const port =
        options.port ??
        (rfc2217 === undefined && pty === undefined ? PORT : undefined)
    const doorOptions = (name: string) => ({
        modem,
        junction,
        onLog: (line: string) => say(`${name}: ${line}`),
    })
    if (port !== undefined) {
        const door = await opened(
            TcpDoor.open({ ...doorOptions("TCP"), port, raw }),
            port,
            "--port"
        )
        display.show("sim", `TCP: 127.0.0.1:${door.port}`)
        display.show(
            "sim",
            `try: printf 'AT+CPIN?\\rAT+CSQ\\r' | nc -N 127.0.0.1 ${door.port}`
        )
    }
    if (rfc2217 !== undefined) {
        const door = await opened(
            Rfc2217Door.open({ ...doorOptions("RFC 2217"), port: rfc2217 }),
            rfc2217,
            "--rfc2217"
        )
        display.show(
            "sim",
            `RFC 2217: rfc2217://127.0.0.1:${door.port}, for pyserial and ser2net clients`
        )
    }
    if (pty !== undefined) {
        const door = await opened(
            PtyDoor.open({ ...doorOptions("PTY"), path: pty }),
            undefined,
            "--pty"
        )
        display.show("sim", `pseudo terminal: ${pty}, which is ${door.device}`)
    }
}

let ending = false
async function end(): Promise<void> {
    if (ending) return
    ending = true
    for (const each of open.reverse()) await each.close()
    modem.dispose()
    station.feed.flush()
    display.flush()
    process.exit(0)
}
process.on("SIGINT", () => void end())
process.on("SIGTERM", () => void end())

const reach = options.internet ? "the internet" : "this machine only"
const baud = options.baud === 0 ? "autobaud" : `${options.baud} baud`
display.show(
    "sim",
    `virtual SIM800 (${baud}, ${options.profile} delays, ${options.network} radio), reaches ${reach}`
)
await openDoors()
open.push(
    await Console.open({
        station,
        display,
        flags: options,
        traffic: options.trace ?? false,
        states: options.trace ?? false,
        quit: () => void end(),
    }).catch((error: Error) => fail(error.message))
)
display.show("sim", "Ctrl-C ends it")
modem.powerOn()
