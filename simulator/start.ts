/**
 * `npm start`: firmware in DeviceScript's VM, a virtual SIM800 and an HTTP
 * server, wired together on loopback, for a person to watch.
 */
import "./node-version"
import { randomBytes } from "node:crypto"
import { createWriteStream, existsSync, readFileSync } from "node:fs"
import http from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { Option } from "commander"
import {
    addConsoleOptions,
    Console,
    type ConsoleFlags,
} from "../sim/control/console"
import {
    addAddressOptions,
    openModem,
    type AddressFlags,
} from "../sim/adapter/address-flags"
import type { RealModem } from "../sim/adapter/real-modem"
import type { Feed, LogSource } from "../sim/control/feed"
import type { Station } from "../sim/control/station"
import { TranscriptWriter } from "../sim/control/transcript"
import { Display } from "../sim/display"
import { fileTrouble } from "../sim/file-trouble"
import { addModemOptions, modemOptions, type ModemFlags } from "../sim/flags"
import { whereIs } from "../sim/host/network"
import { BusPortError, TOOLS_PORT, type HubOptions } from "./jacdac/hub"
import {
    modemFaultNames,
    selfTestFaults,
    type SelfTestFault,
    type SelfTestFaultName,
} from "./selftest-faults"
import type { ModemOptions } from "../sim/modem/options"
import { Simulator } from "./simulator"
import { Program } from "../sim/program"
import { wholeNumber } from "../sim/whole-number"
import { sentenceOf } from "./trouble"
import { build, isBuilt, stopBuilding, type ConsoleLine } from "./vm/firmware"
import { isOptimized, packaged, root } from "./vm/project"

/** The program that reports to the server. */
const EXAMPLE = "src/main.ts"
/** The server that it reports to. */
const SERVER = "telemetry.example:80"
/** Within this from the start of the VM, --once has to be through, ms. */
const ONCE_TIMEOUT = 60_000

interface Options extends ModemFlags, ConsoleFlags, AddressFlags {
    readonly once?: boolean
    readonly optimize: boolean
    readonly fault?: SelfTestFaultName
    readonly listFaults?: boolean
    readonly quiet?: boolean
    readonly bus?: number
    readonly join?: boolean
    readonly record?: string
    readonly server: number
}

const command = new Program(packaged ? "devs-sim800" : "npm start --")
    .description(
        "Runs a program in the DeviceScript simulator, with a virtual SIM800 as its modem."
    )
    .argument(
        "[program]",
        "a .ts file of this project, or a .devs file that is compiled already",
        EXAMPLE
    )
    .option(
        "--once",
        `end after one complete exchange, or with an error; ${EXAMPLE} only`
    )
    .option("--no-optimize", "run the program as the compiler makes it")
    .option("--quiet", "do not show the traffic between firmware and modem")
    .addOption(
        new Option(
            "--bus <port>",
            `port of the Jacdac bus, 0 for any that is free (default: ${TOOLS_PORT}, where DeviceScript's tools look for it, or any if that is in use)`
        )
            .argParser(wholeNumber(0, 65535))
            .env("JACDAC_PORT")
    )
    .option(
        "--join",
        "join the bus that is there already, that of `devs devtools` for instance"
    )
    .option("--record <file>", "keep a transcript of what crosses the wire")
    .option(
        "--server <port>",
        "port of 127.0.0.1 for the HTTP server that the example reports to, 0 for any that is free",
        wholeNumber(0, 65535),
        0
    )
    .addOption(
        new Option("--fault <name>", "what is wrong").choices(modemFaultNames)
    )
    .option("--list-faults", "show what can be wrong")
addAddressOptions(command)
addConsoleOptions(command)
const options = addModemOptions(command, 0).parse().opts<Options>()
const source = path
    .relative(root, path.resolve(command.processedArgs[0] as string))
    .replaceAll("\\", "/")
const isExample = source === EXAMPLE && !packaged
const fault: SelfTestFault | undefined =
    options.fault && selfTestFaults[options.fault]

if (options.listFaults) {
    for (const name of modemFaultNames)
        console.log(`${name.padEnd(16)} ${selfTestFaults[name].summary}`)
    process.exit()
}
if (!/\.(ts|devs)$/.test(source) || !existsSync(path.join(root, source)))
    command.error(`error: there is no program "${source}" (.ts or .devs)`)
if (source.startsWith("..") && source.endsWith(".ts"))
    command.error(
        `error: "${source}" is not in this project: compile it with "devs build" in its own, and give its .devicescript/bin/bytecode.devs`
    )
if (options.once && !isExample)
    command.error(
        `error: --once is for ${EXAMPLE}: of another program nobody knows what a complete exchange is`
    )

if (options.modem !== undefined && options.fault !== undefined)
    command.error("error: --fault is for the virtual modem, not for --modem")

const display = new Display()
let station: Station | undefined
/** Shows a line; once there is a modem, to all its observers. */
function say(source: LogSource, text: string): void {
    if (station) station.feed.publish({ kind: "log", source, text })
    else display.show(source, text)
}
/** Clean-ups at the end, the last first. */
const cleanUps: (() => void | Promise<void>)[] = []
let ending = false
/** the last error that the firmware has printed */
let complaint = ""

/** Says which entries of --map and --listen have led nowhere, once a program has run. */
let tellUnused = (): void => undefined

async function end(
    code: number,
    reason?: string,
    source: "sim" | "error" = code === 0 ? "sim" : "error"
): Promise<void> {
    if (ending) return
    ending = true
    tellUnused()
    station?.feed.flush()
    display.flush()
    if (reason) display.show(source, reason)
    display.close()
    for (const cleanUp of cleanUps.reverse()) await cleanUp()
    process.exit(code)
}

/** Ends it on request. A second Ctrl-C does not wait. */
function interrupt(code: number, reason: string): void {
    if (ending) process.exit(code)
    void end(code, reason, "sim")
}

/** The server's answer, until the firmware has printed it and the server has closed. */
let receipt: string | undefined
let answered = false
let closed = false

function ended(): void {
    if (options.once && answered && closed)
        void end(0, "one complete exchange: all is well")
}

/** Gives each reading a receipt, so that an answer can be told from any other. */
function startServer(): http.Server {
    return http.createServer((request, response) => {
        let body = ""
        request.on("data", chunk => (body += chunk))
        request.on("end", () => {
            receipt = randomBytes(4).toString("hex")
            say("server", `${request.method} ${request.url} ${body}`)
            response.setHeader("Content-Type", "application/json")
            response.setHeader("Connection", "close")
            response.end(JSON.stringify({ stored: true, receipt }))
            request.socket.on("close", () => {
                say("server", "connection closed")
                closed = true
                ended()
            })
        })
    })
}

function listen(server: http.Server): Promise<number> {
    return new Promise((resolve, reject) => {
        server.once("error", ({ code, message }: NodeJS.ErrnoException) =>
            reject(
                new Error(
                    code === "EADDRINUSE"
                        ? `port ${options.server} is in use; choose another one with --server, or 0 for any`
                        : message
                )
            )
        )
        server.listen(options.server, "127.0.0.1", () =>
            resolve((server.address() as AddressInfo).port)
        )
    })
}

/** @returns the entry of --map that leads to the server */
async function serve(): Promise<string> {
    const server = startServer()
    const port = await listen(server)
    cleanUps.push(() => void server.close())
    display.show("sim", `HTTP server on 127.0.0.1:${port}, as ${SERVER}`)
    return `${SERVER}=127.0.0.1:${port}`
}

async function compile(): Promise<string> {
    if (source.endsWith(".devs")) return path.join(root, source)
    const plainly = options.optimize ? [] : ["--no-optimize"]
    if (!(await isBuilt(source, ...plainly)))
        say("sim", `compiling ${source} for DeviceScript, some 15 s`)
    const program = build(source, ...plainly)
    // it removes its temporary files
    cleanUps.push(() => {
        stopBuilding()
        return program.then(
            () => undefined,
            () => undefined
        )
    })
    const image = await program
    if (isOptimized) await tellSize(image)
    else
        say(
            "sim",
            "not optimised: npm install --save-dev devicescript-optimizer"
        )
    return image
}

/** Code of a bridge in excess of Jacdac, bytes: `npm run bench -- size`. */
const BRIDGE = 3000

/**
 * Prints a program's share of the VM's limit, and whether a board with a bridge would
 * load it.
 */
async function tellSize(image: string): Promise<void> {
    const { CODE_LIMIT, codeEnd } = await import("../optimizer/src/index")
    const end = codeEnd(readFileSync(image))
    const left = CODE_LIMIT - end
    say("sim", `${end} bytes of code, ${left} left`)
    const text = readFileSync(path.join(root, source), "utf8")
    if (left < BRIDGE && !text.includes("BridgeUart"))
        say(
            "warning",
            `on a board with a bridge, which takes some ${BRIDGE} bytes more, it would not load`
        )
}

/** The modem of --modem. */
async function dial(): Promise<RealModem> {
    const modem = await openModem(options, line => say("warning", line))
    cleanUps.push(() => modem.close())
    display.show("sim", `modem: ${options.modem}, ${modem.description}`)
    return modem
}

/** Keeps a transcript, line by line. */
function record(file: string, feed: Feed): void {
    const output = createWriteStream(file)
    output.on("error", error => end(1, `--record: ${fileTrouble(file, error)}`))
    const writer = new TranscriptWriter(line => output.write(`${line}\n`))
    feed.listen(event => writer.add(event))
    cleanUps.push(() => new Promise(done => output.end(done)))
}

/**
 * On the port of DeviceScript's tools, so that they see modem and program; where
 * that is taken, on any other: two starts do not meet.
 */
async function open(modem: ModemOptions): Promise<Simulator> {
    const { bus, join } = options
    const real = options.modem === undefined ? undefined : await dial()
    const on = (where: HubOptions): Promise<Simulator> =>
        real
            ? Simulator.around(real, options.modem, where)
            : Simulator.open(modem, fault, undefined, where)
    try {
        return await on({ port: bus ?? TOOLS_PORT, join })
    } catch (error) {
        const taken =
            error instanceof BusPortError && error.code === "EADDRINUSE"
        if (!taken || bus !== undefined) throw error
        display.show(
            "sim",
            `port ${TOOLS_PORT} is in use: DeviceScript's tools do not see this bus (--join joins theirs)`
        )
        return await on({})
    }
}

/** Timeout of one exchange, from the start of the program. */
function startClock(): void {
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

async function main(): Promise<void> {
    const map = isExample ? [...options.map, await serve()] : options.map
    // a bus or a map that cannot be had is told before anything is compiled
    const asked = modemOptions({ ...options, map })
    const simulator = await open(asked)
    cleanUps.push(() => simulator.close())
    const { hub } = simulator
    station = simulator.station
    if (options.record) record(options.record, station.feed)
    asked.network.onOpened = opened => say("sim", whereIs(opened))
    display.show(
        "sim",
        hub.joined
            ? `joined the Jacdac bus that is on port ${hub.port}`
            : `Jacdac bus on 127.0.0.1:${hub.port}`
    )
    const watched = await Console.open({
        station,
        display,
        flags: options,
        traffic: !options.quiet,
        states: true,
        quit: () => interrupt(130, "interrupted"),
    })
    cleanUps.push(() => watched.close())

    const onLine = ({ level, text }: ConsoleLine): void => {
        if (level === "vm") return
        if (level === "error") complaint = text
        if (level === "warn" && /^(DeviceScript|start:)/.test(text)) return
        say(
            level === "log"
                ? "app"
                : level === "debug"
                  ? "driver"
                  : level === "error"
                    ? "error"
                    : "warning",
            text
        )
        if (receipt && text.includes(receipt)) answered = true
        ended()
    }
    const program = await compile()
    if (ending) return
    if (fault) say("sim", `fault: ${fault.summary}`)
    simulator.run(program, onLine, reason => void end(1, reason))
    tellUnused = () => {
        const { map, listen } = asked.network.unused()
        for (const entry of map.filter(each => options.map.includes(each)))
            say("warning", `--map ${entry}: nobody has dialled that`)
        for (const entry of listen)
            say("warning", `--listen ${entry}: nobody has opened that port`)
    }
    if (options.once) startClock()
    if (options.modem === undefined && !fault?.off) simulator.modem.powerOn()
}

process.on("SIGINT", () => interrupt(130, "interrupted"))
process.on("SIGTERM", () => interrupt(143, "terminated"))
// the reader has closed, as head does
process.stdout.on("error", (error: unknown) => {
    console.error(`error: ${sentenceOf(error)}`)
    void end(1)
})
main().catch((error: unknown) => {
    // a compiler that was stopped is no error
    if (!ending) void end(1, sentenceOf(error))
})
