/**
 * Programs on the real interpreter, a Linux build of Espruino, whose Serial1 is
 * the pseudo terminal of a virtual SIM800 in real time.
 */
import { spawn, type ChildProcess } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { Junction } from "../../sim/doors/junction"
import { PtyDoor } from "../../sim/doors/pty-door"
import { RealClock } from "../../sim/modem/clock"
import { VirtualSim800 } from "../../sim/modem/modem"
import type { Network } from "../../sim/modem/network"
import type { ModemOptions } from "../../sim/modem/options"
import { bundle } from "../../espruino/bundle"
import { tokenised } from "../../espruino/tokens"

const root = path.resolve(import.meta.dirname, "../..")

/** Path of the interpreter; without it, nothing of this runs. */
export const interpreter = process.env["ESPRUINO"]

/** Where EspruinoDocs lies, whose modules are run over the driver; without it, they are not. */
export const espruinoDocs = process.env["ESPRUINO_DOCS"]

/** How a program ends that has worked. */
const PASS = "PASS"

/** What the programs share: the module comes from Storage, as on a board. */
const PREAMBLE = `
E.setFlags&&E.setFlags({pretokenise:FLAG_PRETOKENISE});
require("Storage").eraseAll();
require("Storage").write("SIM800", require("fs").readFileSync("SIM800.js"));
function usage() { return process.memory(true).usage; }
var LOADING = usage();
var SIM800 = require("SIM800");
var LOADED = usage();
function pass() { print("${PASS}"); quit(); }
`

export interface Run {
    readonly lines: string[]
    readonly passed: boolean
    /** the values of lines as \`name: 1.5\` */
    readonly values: Record<string, number>
}

export interface RunOptions {
    readonly program: string
    readonly network: Network
    readonly modem?: Partial<ModemOptions>
    /** of the module, e.g. "SIM800-tcp" */
    readonly entry?: string
    readonly timeout?: number
    /** a command in front of the interpreter, e.g. valgrind */
    readonly under?: string[]
    readonly pretokenise?: boolean
    /** modules beside it, by their names: paths */
    readonly modules?: Record<string, string>
    readonly onLine?: (line: string) => void
}

/** Runs a program until it says PASS, or the time is over. */
export async function run(options: RunOptions): Promise<Run> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "espruino-"))
    const entry = options.entry ?? "SIM800"
    const { small } = await bundle(path.join(root, `src/espruino/${entry}.ts`))
    fs.writeFileSync(path.join(folder, "SIM800.js"), tokenised(small), "latin1")
    let preamble = PREAMBLE.replace(
        "FLAG_PRETOKENISE",
        options.pretokenise ? "1" : "0"
    )
    for (const [name, file] of Object.entries(options.modules ?? {})) {
        fs.copyFileSync(file, path.join(folder, `${name}.js`))
        preamble += `Modules.addCached("${name}", require("fs").readFileSync("${name}.js"));\n`
    }
    const terminal = path.join(folder, "modem")
    fs.writeFileSync(
        path.join(folder, "program.js"),
        preamble + options.program.replaceAll("PTY", terminal)
    )
    const clock = new RealClock()
    const modem = new VirtualSim800({
        clock,
        network: options.network,
        delays: "fast",
        ...options.modem,
    })
    const junction = new Junction(modem.dte, modem)
    const door = await PtyDoor.open({ modem, junction, path: terminal })
    modem.powerOn()
    const lines: string[] = []
    let child: ChildProcess | undefined
    try {
        const command = [
            ...(options.under ?? []),
            interpreter as string,
            "program.js",
        ]
        // its standard input has to stay open, and silent
        child = spawn(command[0], command.slice(1), {
            cwd: folder,
            stdio: ["pipe", "pipe", "pipe"],
        })
        const running = child
        await new Promise<void>(resolve => {
            const timer = setTimeout(resolve, options.timeout ?? 60_000)
            let rest = ""
            running.stdout?.on("data", (data: Buffer) => {
                rest += data.toString("latin1")
                const parts = rest.split(/\r*\n/)
                rest = parts.pop() as string
                for (const part of parts) {
                    const line = part
                        .replace(/\x1b\[[0-9;]*[A-Za-z]|[>\b]/g, "")
                        .trim()
                    lines.push(line)
                    options.onLine?.(line)
                }
            })
            running.on("exit", () => {
                clearTimeout(timer)
                resolve()
            })
        })
    } finally {
        child?.kill("SIGKILL")
        door.close()
        modem.dispose()
        fs.rmSync(folder, { recursive: true, force: true })
    }
    const values: Record<string, number> = {}
    for (const line of lines) {
        const match = /^([a-z][\w ]*): (-?[\d.]+)$/i.exec(line)
        if (match) values[match[1]] = +match[2]
    }
    return { lines, passed: lines.includes(PASS), values }
}
