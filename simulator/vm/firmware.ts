/**
 * DeviceScript programs on this machine: compiled with `devs build`, run by `devs run
 * --tcp` in DeviceScript's own VM, each in its own process.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { mkdirSync } from "node:fs"
import {
    copyFile,
    mkdir,
    mkdtemp,
    readdir,
    rm,
    symlink,
} from "node:fs/promises"
import path from "node:path"
import {
    fingerprint,
    invalidate,
    isCurrent,
    ofProject,
    validate,
} from "./compiled"
import { askCompilers, compilers, type Compiled, type Job } from "./compiler"
import type { JacdacHub } from "../jacdac/hub"
import { panicText } from "../trouble"
import { loopPlace } from "./places"
import { checkInstalled, DEVS, isOptimized, OPTIMIZED, root } from "./project"

/** A program that runs. */
export interface Running {
    stop(): void | Promise<void>
}

/**
 * Starts a program on a bus.
 * @param program result of `build()`
 * @param onLine gets its output
 * @param onDeath called at an unexpected end
 */
export type StartVm = (
    program: string,
    hub: JacdacHub,
    onLine: (line: ConsoleLine) => void,
    onDeath: (reason: string) => void
) => Running

/** In its own process, in real time. */
export const startVm: StartVm = (program, hub, onLine, onDeath) =>
    new Vm(program, hub.port, onLine, onDeath)

const busPort = new URL("bus-port.js", import.meta.url).href

/** How important the VM says a line is: the prefix that `console` gives it. */
export type Level = "log" | "debug" | "warn" | "error" | "vm"

export interface ConsoleLine {
    level: Level
    text: string
}

/** The colours by which `devs` tells the levels apart. */
const LEVELS: Record<string, Level> = {
    "95": "log",
    "34": "debug",
    "33": "warn",
    "91": "error",
}

function plain(text: string): string {
    return text.replace(/\x1b\[\d+m/g, "")
}

function parse(line: string): ConsoleLine {
    const colour = /^WASM> \x1b\[(\d+)m/.exec(line)
    return {
        level: colour ? (LEVELS[colour[1]] ?? "log") : "vm",
        text: plain(line.replace(/^WASM> /, "")),
    }
}

/** Calls `take` with each line of a stream. */
function eachLine(
    stream: NodeJS.ReadableStream,
    take: (line: string) => void
): void {
    let rest = ""
    stream.setEncoding("utf8")
    stream.on("data", (text: string) => {
        const lines = (rest + text).split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) take(line)
    })
    stream.on("end", () => {
        if (rest) take(rest)
    })
}

/**
 * Starts DeviceScript's command line.
 * @param bus the port where it is to look for its Jacdac bus
 * @throws if it is not installed
 */
export function devs(
    args: string[],
    cwd = root,
    bus?: number,
    script = DEVS
): ChildProcess {
    checkInstalled()
    const elsewhere = bus === undefined ? [] : ["--import", busPort]
    return spawn(process.execPath, [...elsewhere, script, ...args], {
        cwd,
        env: { ...process.env, SIMULATOR_BUS: String(bus ?? "") },
        stdio: ["ignore", "pipe", "pipe"],
    })
}

/** The option of `devs-optimized` that `devs` does not know. */
const PLAIN = "--no-optimize"

/** Where compiled programs are. */
const PROGRAMS = path.join(root, ".devicescript")

/** The folder of a compiled program, named after its source. */
function folderOf(source: string, options: string[]): string {
    const name = [source.replace(/\.ts$/, ""), ...options].join("")
    return path.join(PROGRAMS, name.replaceAll("/", "-"))
}

/** Whether `build()` with the same arguments has nothing to compile. */
export async function isBuilt(
    source: string,
    ...options: string[]
): Promise<boolean> {
    const print = await fingerprint(root, [source, ...options])
    return await isCurrent(folderOf(source, options), print)
}

/**
 * Compiles a program, unless it was compiled before and nothing has changed. The
 * compiler has a fixed place for its output, in its working folder: so each call gives
 * it its own folder, which looks like the project.
 * @param source e.g. `src/main.ts`, from the project's root
 * @param options of `devs build`, or `--no-optimize`
 * @returns the compiled program, in a folder that is named after the source
 * @throws with the compiler's message
 */
export async function build(
    source: string,
    ...options: string[]
): Promise<string> {
    const target = folderOf(source, options)
    const program = path.join(target, BUILT)
    const print = await fingerprint(root, [source, ...options])
    if (await isCurrent(target, print)) return program
    await mkdir(PROGRAMS, { recursive: true })
    const folder = await mkdtemp(path.join(PROGRAMS, "build-"))
    try {
        for (const entry of await readdir(root, { withFileTypes: true })) {
            const { name } = entry
            const copy = path.join(folder, name)
            if (entry.isFile()) await copyFile(path.join(root, name), copy)
            else if (name !== ".devicescript" && name !== ".git")
                // a junction is the link that needs no rights on Windows
                await symlink(path.join(root, name), copy, "junction")
        }
        await compile({ source, folder, options })
        await mkdir(path.dirname(program), { recursive: true })
        await invalidate(target)
        for (const file of [BUILT, debugInfo(BUILT)])
            await copyFile(path.join(folder, file), path.join(target, file))
        await validate(target, print)
        return program
    } finally {
        await rm(folder, { recursive: true, force: true })
    }
}

/** Fixed place of the output of `devs`. */
const BUILT = path.join(".devicescript", "bin", "bytecode.devs")

/** The file with the names in a compiled program. */
export function debugInfo(program: string): string {
    return program.replace(/\.devs$/, "-dbg.json")
}

/** Message of the compiler for a program that is too large for the VM. */
const TOO_LARGE = "verification failure: 1051"

/** The compilers that run. */
const running = new Set<ChildProcess>()

let stopped = false

/** Has `build()` fail at once, wherever it is, from now on. */
export function stopBuilding(): void {
    stopped = true
    for (const compiler of running) compiler.kill("SIGKILL")
}

async function compile(job: Job): Promise<void> {
    if (stopped) throw new Error(`${job.source} is not compiled: interrupted`)
    const port = compilers()
    const { code, output } =
        port === undefined
            ? await runCompiler(job)
            : await askCompilers(port, job)
    if (output.some(line => line.includes(TOO_LARGE)))
        output.push(
            "Its code does not end within 64 kB: docs/size-and-memory.md says what to do."
        )
    if (code !== 0)
        throw new Error(
            [
                `${job.source} does not compile:`,
                ...output.map(line => ofProject(plain(line))),
            ].join("\n")
        )
}

/** Compiles in its own process. */
async function runCompiler({
    source,
    folder,
    options,
}: Job): Promise<Compiled> {
    const args = options.filter(each => isOptimized || each !== PLAIN)
    const child = devs(
        ["build", "--quiet", ...args, source],
        folder,
        undefined,
        isOptimized ? OPTIMIZED : DEVS
    )
    const output: string[] = []
    const note = (line: string): void => {
        output.push(line)
    }
    if (child.stdout) eachLine(child.stdout, note)
    if (child.stderr) eachLine(child.stderr, note)
    running.add(child)
    const code = await new Promise<number | null>(done =>
        child.on("close", done)
    )
    running.delete(child)
    return { code, output }
}

const GREETING = /^(using devs|connected to|self-deployed|PANIC)/

/**
 * Folder in which `devs run` finds the names for a program's stack traces: that of its
 * compilation, else one without names, since those of another program would mislead.
 */
function home(program: string): string {
    if (program.endsWith(BUILT)) return program.slice(0, -BUILT.length)
    const nowhere = path.join(PROGRAMS, "nowhere")
    mkdirSync(nowhere, { recursive: true })
    return nowhere
}

/** The VMs that run. */
const vms = new Set<ChildProcess>()

// a process that ends without closing them leaves none running
process.on("exit", () => {
    for (const vm of vms) vm.kill("SIGKILL")
})

class Vm implements Running {
    private readonly child: ChildProcess
    private stopping = false
    /** the VM's own messages, without its greeting */
    private readonly complaints: string[] = []

    /** @param bus port of the Jacdac bus on loopback */
    constructor(
        program: string,
        bus: number,
        onLine: (line: ConsoleLine) => void,
        onDeath: (reason: string) => void
    ) {
        const file = path.resolve(program)
        this.child = devs(["run", file, "--tcp"], home(file), bus)
        vms.add(this.child)
        /** a loop that never pauses: the next line says where */
        let looping = false
        const take = (raw: string): void => {
            const { level, text } = parse(raw)
            const line = {
                level,
                text: looping ? loopPlace(text, debugInfo(file)) : text,
            }
            looping = text.includes("Exception: InfiniteLoop")
            if (line.level === "vm" && !GREETING.test(line.text))
                this.complaints.push(line.text)
            // a program that has panicked stays there, dead
            const panic = /^PANIC (\d+)/.exec(line.text)
            onLine(line)
            if (panic) {
                const text = panicText(Number(panic[1]))
                this.died(`panic ${panic[1]}${text && `: ${text}`}`, onDeath)
            }
        }
        if (this.child.stdout) eachLine(this.child.stdout, take)
        if (this.child.stderr) eachLine(this.child.stderr, take)
        this.child.on("exit", (code, signal) => {
            vms.delete(this.child)
            this.died(signal ?? `exit code ${code}`, onDeath)
        })
    }

    private died(how: string, onDeath: (reason: string) => void): void {
        if (this.stopping) return
        this.stopping = true
        this.child.kill()
        onDeath([`the VM has died (${how})`, ...this.complaints].join("\n"))
    }

    async stop(): Promise<void> {
        this.stopping = true
        const { child } = this
        if (child.exitCode !== null || child.signalCode !== null) return
        const gone = new Promise(done => child.once("exit", done))
        child.kill()
        const timer = setTimeout(() => child.kill("SIGKILL"), 2000)
        await gone
        clearTimeout(timer)
    }
}
