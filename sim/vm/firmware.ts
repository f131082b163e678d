/**
 * DeviceScript programs on this machine: compiled with `devs build`, run by
 * `devs run --tcp` in DeviceScript's own VM, each in a process of its own.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { copyFileSync, existsSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const devs = path.join(root, "node_modules/@devicescript/cli/devicescript")

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

function run(args: string[]): ChildProcess {
    if (!existsSync(devs))
        throw new Error(
            "DeviceScript's command line is not installed: run `npm ci` first"
        )
    return spawn(process.execPath, [devs, ...args], {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
    })
}

/** Where `devs` puts what it has compiled, always. */
const BUILT = path.join(root, ".devicescript/bin/bytecode.devs")

/**
 * Compiles a program. One at a time: the compiler has but one place for what
 * it makes.
 * @param source e.g. `src/main.ts`, from the project's root
 * @returns a copy of the compiled program, named after the source
 * @throws with what the compiler says
 */
export async function build(source: string): Promise<string> {
    const child = run(["build", "--quiet", source])
    const output: string[] = []
    const note = (line: string): void => {
        output.push(plain(line))
    }
    if (child.stdout) eachLine(child.stdout, note)
    if (child.stderr) eachLine(child.stderr, note)
    const code = await new Promise(done => child.on("close", done))
    if (code !== 0)
        throw new Error([`${source} does not compile:`, ...output].join("\n"))
    const name = source.replace(/\.ts$/, "").replaceAll("/", "-")
    const program = path.join(root, ".devicescript", `${name}.devs`)
    copyFileSync(BUILT, program)
    return program
}

const GREETING = /^(using devs|connected to|self-deployed|PANIC)/

/** A VM that runs a program. */
export class Vm {
    private readonly child: ChildProcess
    private stopping = false
    /** what the VM itself has said, apart from its greeting */
    private readonly complaints: string[] = []

    /**
     * Starts a program on the bus of port 8082.
     * @param onLine what it prints
     * @param onDeath called if it ends without having been told to
     */
    constructor(
        program: string,
        onLine: (line: ConsoleLine) => void,
        onDeath: (reason: string) => void
    ) {
        this.child = run(["run", program, "--tcp"])
        const take = (raw: string): void => {
            const line = parse(raw)
            if (line.level === "vm" && !GREETING.test(line.text))
                this.complaints.push(line.text)
            // a program that has panicked stays there, dead
            const panic = /^PANIC (\d+)/.exec(line.text)
            onLine(line)
            if (panic) this.died(`panic ${panic[1]}`, onDeath)
        }
        if (this.child.stdout) eachLine(this.child.stdout, take)
        if (this.child.stderr) eachLine(this.child.stderr, take)
        this.child.on("exit", (code, signal) =>
            this.died(signal ?? `exit code ${code}`, onDeath)
        )
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
