/**
 * `npm run modem`: a virtual SIM800, or several, for any program that speaks AT
 * commands, behind a TCP port, a serial port over Telnet, a pseudo terminal.
 */
import path from "node:path"
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
import { Program } from "./program"
import { wholeNumber } from "./whole-number"

interface Options extends ModemFlags, ConsoleFlags {
    readonly port?: number
    readonly rfc2217?: number
    readonly pty?: string
    readonly raw?: boolean
    readonly count: number
    readonly trace?: boolean
}

/** Default port. */
const PORT = 2000
const MOST_MODEMS = 1000

/** How it was started. */
const program = path.basename(process.argv[1] ?? "")
const name = program.startsWith("virtual-sim800")
    ? "virtual-sim800"
    : "npm run modem --"

const command = new Program(name)
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
    .option(
        "--count <number>",
        "so many modems, each with doors, page and control port of its own: ports in a row, or any if it is 0; -1, -2 … behind the path",
        wholeNumber(1, MOST_MODEMS),
        1
    )
    .option("--trace", "show what crosses the wire, and every change of state")
    .parse()
    .opts<Options>()
const { count } = options

function fail(reason: string): never {
    console.error(`error: ${reason}`)
    process.exit(1)
}

for (const option of ["port", "rfc2217", "control", "page"] as const) {
    const first = options[option]
    if (typeof first === "number" && first + count - 1 > 65535)
        fail(`--${option} ${first}: there are no ${count} ports from there on`)
}

/** Objects to close at the end, the last first. */
const open: { close(): unknown }[] = []

/** @returns the opened object; a failure is printed and ends the command */
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
                      ? `${option}: ${error.message}`
                      : `port ${port}: ${error.message}`
            )
    )
}

/** The port of a modem, counted from 0; 0 stays any. */
const portOf = (first: number, index: number): number =>
    first === 0 ? 0 : first + index

/** One of the modems, and its ways out of this process. */
class Instance {
    readonly modem: VirtualSim800
    private readonly station: Station
    private readonly junction: Junction
    private readonly display: Display

    constructor(private readonly index: number) {
        const label = count === 1 ? "" : `${index + 1}: `
        this.display = new Display(undefined, label)
        const clock = new RealClock()
        const what = modemOptions(options, index)
        this.modem = new VirtualSim800({ ...what, clock })
        this.station = Station.of(this.modem, clock)
        this.junction = new Junction(this.station.probe, this.modem)
        what.network.onOpened = opened => this.say(whereIs(opened))
    }

    private say(text: string): void {
        this.station.feed.publish({ kind: "log", source: "sim", text })
    }

    async openDoors(): Promise<void> {
        const { rfc2217, pty, raw } = options
        const { display, index, modem, junction } = this
        const port =
            options.port ??
            (rfc2217 === undefined && pty === undefined ? PORT : undefined)
        const doorOptions = (name: string) => ({
            modem,
            junction,
            onLog: (line: string) => this.say(`${name}: ${line}`),
        })
        if (port !== undefined) {
            const own = portOf(port, index)
            const door = await opened(
                TcpDoor.open({ ...doorOptions("TCP"), port: own, raw }),
                own,
                "--port"
            )
            display.show("sim", `TCP: 127.0.0.1:${door.port}`)
            if (index === 0)
                display.show(
                    "sim",
                    `try: printf 'AT+CPIN?\\rAT+CSQ\\r' | nc -N 127.0.0.1 ${door.port}`
                )
        }
        if (rfc2217 !== undefined) {
            const own = portOf(rfc2217, index)
            const door = await opened(
                Rfc2217Door.open({ ...doorOptions("RFC 2217"), port: own }),
                own,
                "--rfc2217"
            )
            display.show(
                "sim",
                `RFC 2217: rfc2217://127.0.0.1:${door.port}, for pyserial and ser2net clients`
            )
        }
        if (pty !== undefined) {
            const own = count === 1 ? pty : `${pty}-${index + 1}`
            const door = await opened(
                PtyDoor.open({ ...doorOptions("PTY"), path: own }),
                undefined,
                "--pty"
            )
            display.show(
                "sim",
                `pseudo terminal: ${own}, which is ${door.device}`
            )
        }
    }

    /** Keys act on the first modem. */
    async openConsole(): Promise<void> {
        const { control, page } = options
        const { station, display, index } = this
        open.push(
            await Console.open({
                station,
                display,
                flags: {
                    control:
                        control === undefined
                            ? undefined
                            : portOf(control, index),
                    page: typeof page === "number" ? portOf(page, index) : page,
                },
                traffic: options.trace ?? false,
                states: options.trace ?? false,
                keys: index === 0,
                quit: () => void end(),
            }).catch((error: Error) => fail(error.message))
        )
    }

    close(): void {
        this.modem.dispose()
        this.station.feed.flush()
        this.display.flush()
    }
}

let ending = false
async function end(): Promise<void> {
    if (ending) return
    ending = true
    for (const each of open.reverse()) await each.close()
    process.exit(0)
}
process.on("SIGINT", () => void end())
process.on("SIGTERM", () => void end())

const display = new Display()
const reach = options.internet ? "the internet" : "this machine only"
const baud = options.baud === 0 ? "autobaud" : `${options.baud} baud`
display.show(
    "sim",
    `${count === 1 ? "virtual SIM800" : `${count} virtual SIM800s`} (${baud}, ${options.profile} delays, ${options.network} radio), reaches ${reach}`
)
const instances = (() => {
    try {
        return Array.from({ length: count }, (_, index) => new Instance(index))
    } catch (error) {
        fail((error as Error).message)
    }
})()
open.push(...instances)
for (const instance of instances) await instance.openDoors()
for (const instance of instances) await instance.openConsole()
display.show("sim", "Ctrl-C ends it")
for (const { modem } of instances) modem.powerOn()
