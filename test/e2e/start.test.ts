/** `npm start` as a person meets it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import {
    copyFileSync,
    existsSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs"
import http from "node:http"
import net, { type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { runInNewContext } from "node:vm"
import { afterEach, expect, test } from "vitest"
import { COMPILERS } from "../../simulator/vm/compiler"

const root = path.resolve(import.meta.dirname, "../..")

/** Process groups of what was started here. */
const groups: number[] = []

class Run {
    output = ""
    readonly ended: Promise<number | null>
    private readonly child: ChildProcess

    constructor(
        command: string,
        args: string[],
        environment: NodeJS.ProcessEnv = {}
    ) {
        this.child = spawn(command, args, {
            cwd: root,
            env: {
                ...process.env,
                JACDAC_PORT: "0",
                // it compiles as it does for a person
                [COMPILERS]: "",
                ...environment,
            },
            stdio: ["ignore", "pipe", "pipe"],
            // a process group of its own: what it leaves behind is known by it
            detached: true,
        })
        groups.push(Number(this.child.pid))
        this.child.stdout?.on("data", data => (this.output += data))
        this.child.stderr?.on("data", data => (this.output += data))
        this.ended = new Promise(done => this.child.on("close", done))
    }

    async until(pattern: RegExp): Promise<RegExpExecArray> {
        for (;;) {
            const found = pattern.exec(this.output)
            if (found) return found
            const ended = await Promise.race([
                this.ended.then(() => true),
                new Promise(done => setTimeout(done, 20)),
            ])
            if (ended === true && !pattern.test(this.output))
                throw new Error(`it ended without ${pattern}:\n${this.output}`)
        }
    }

    kill(signal: NodeJS.Signals): void {
        this.child.kill(signal)
    }
}

const COMMAND = ["--import", "tsx", "simulator/start.ts", "--profile", "fast"]

const start = (...args: string[]): Run =>
    new Run(process.execPath, [...COMMAND, ...args])

/** What the first test has compiled. */
const COMPILED = ".devicescript/src-main/.devicescript/bin/bytecode.devs"

/** Process ids of VMs of the runs of this file: other files run some at the same time. */
const vms = (): number[] =>
    spawnSync("ps", ["-eo", "pid,pgid,args"], { encoding: "utf8" })
        .stdout.split("\n")
        .filter(line => line.includes(" --tcp"))
        .map(line => line.trim().split(/\s+/, 2).map(Number))
        .filter(([, group = 0]) => groups.includes(group))
        .map(([pid = 0]) => pid)

afterEach(async () => {
    // one that has been killed takes a moment
    await expect
        .poll(vms, { message: "no VM is left behind", timeout: 10_000 })
        .toEqual([])
})

/** Something of no interest on a port that the system hands out. */
async function occupied(): Promise<{ port: number; close: () => void }> {
    const server = net.createServer(socket =>
        socket.on("error", () => undefined).resume()
    )
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    const { port } = server.address() as AddressInfo
    return { port, close: () => server.close() }
}

test("npm start -- --once shows one complete exchange, and exits 0", async () => {
    const run = new Run("npm", ["start", "--", "--once"])
    const code = await run.ended
    expect(code, run.output).toBe(0)
    // what the server gave is what the firmware has printed
    expect(run.output).toMatch(
        /app +answer: \{"stored":true,"receipt":"[0-9a-f]{8}"\}/
    )
    for (const source of ["modem >", "modem <", "state", "driver", "server"])
        expect(run.output).toMatch(new RegExp(`^ +[\\d.]+ +${source} `, "m"))
    expect(run.output).toContain("AT+CIICR␍")
    // not a terminal: plain text
    expect(run.output).not.toContain("\x1b[")
})

test("it goes on after the server has closed the connection; Ctrl-C ends it", async () => {
    const run = start()
    await run.until(/"temperature":20[^]*all is well[^]*"temperature":21/)
    run.kill("SIGINT")
    expect(await run.ended).toBe(130)
    // it is no error
    expect(run.output).toMatch(/ sim +interrupted\s*$/)
})

test("a VM that dies is a clear message", async () => {
    const run = start(COMPILED)
    await run.until(/synchronising/)
    for (const pid of vms()) process.kill(pid, "SIGKILL")
    expect(await run.ended).toBe(1)
    expect(run.output).toContain("the VM has died (SIGKILL)")
    expect(run.output).not.toMatch(/^ +at /m)
})

test.each([
    [[], /port \d+ is in use: choose another one for the Jacdac bus/],
    [["--join"], /what is on port \d+ is not a Jacdac bus/],
])("a port that is in use is a clear message: %j", async (args, message) => {
    const { port, close } = await occupied()
    const run = start("--once", "--bus", `${port}`, ...args)
    const code = await run.ended
    close()
    expect(code).toBe(1)
    expect(run.output).toMatch(message)
    expect(run.output).not.toMatch(/compiling|^ +at /m)
})

test("a bus is joined only by who asks for it", async () => {
    const first = start(COMPILED, "--quiet")
    const [, port] = await first.until(/Jacdac bus on 127.0.0.1:(\d+)/)
    // the second modem is a second device: its VM takes one of the two
    const second = start(COMPILED, "--quiet", "--bus", port, "--join")
    await second.until(/joined the Jacdac bus/)
    second.kill("SIGINT")
    expect(await second.ended).toBe(130)
    first.kill("SIGINT")
    expect(await first.ended).toBe(130)
})

test("a program of one's own, with a server of one's own", async () => {
    let body = ""
    const server = http.createServer((request, response) => {
        request.on("data", data => (body += String(data)))
        request.on("end", () => response.end("mine"))
    })
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    const { port } = server.address() as AddressInfo
    const run = start(
        COMPILED,
        "--map",
        `telemetry.example:80=127.0.0.1:${port}`
    )
    await run.until(/app +answer: mine/)
    run.kill("SIGTERM")
    expect(await run.ended).toBe(143)
    server.close()
    expect(body).toBe('{"temperature":20}')
    expect(run.output).not.toMatch(/HTTP server|compiling/)
})

test("the first program of the README, with the server of the README", async () => {
    const page = readFileSync(path.join(root, "README.md"), "utf8")
    const [, program = ""] =
        /Save this as `src\/hello.ts`:\n\n```ts\n([^]*?)```/.exec(page) ?? []
    const [, serve = "", map = ""] =
        /node -e '(.*?)'\nnpm start -- src\/hello.ts --map (\S+)\n/.exec(
            page
        ) ?? []
    expect(serve).toContain("8080")
    // a port that the system hands out
    const server = runInNewContext(serve.replace("8080", "0, '127.0.0.1'"), {
        http,
    }) as http.Server
    if (!server.listening) await once(server, "listening")
    const { port } = server.address() as AddressInfo
    const file = `src/hello-${process.pid}.ts`
    writeFileSync(path.join(root, file), program)
    try {
        const run = start(file, "--map", map.replace("8080", String(port)))
        await run.until(/app +HTTP\/1\.1 200 OK/)
        run.kill("SIGINT")
        expect(await run.ended).toBe(130)
    } finally {
        rmSync(path.join(root, file))
        server.close()
    }
})

test("Ctrl-C while it compiles returns without a program, and leaves nothing behind", async () => {
    const name = `interrupted-${process.pid}`
    const source = path.join(root, `src/${name}.ts`)
    writeFileSync(source, `import "./index"\nconsole.log("${name}")\n`)
    const run = start(`src/${name}.ts`)
    await run.until(/compiling/)
    run.kill("SIGINT")
    const code = await run.ended
    rmSync(source)
    expect(code, run.output).toBe(130)
    const folder = path.join(root, `.devicescript/src-${name}`)
    expect(existsSync(folder), "it has not waited for the compiler").toBe(false)
})

test("a reader that goes away ends it, without a stack trace", async () => {
    const run = new Run("sh", [
        "-c",
        `"${process.execPath}" ${COMMAND.join(" ")} ${COMPILED} | head -1`,
    ])
    expect(await run.ended).toBe(0)
    expect(run.output).toContain("error: nobody reads what is printed any more")
    expect(run.output).not.toMatch(/^ +at /m)
})

test("a program that never pauses is found out, and what nothing has used is told", async () => {
    const source = path.join(root, "test/e2e/firmware/endless.ts")
    const run = start(
        path.relative(root, source),
        "--map",
        "unused.example=localhost",
        "--listen",
        "7000=0"
    )
    expect(await run.ended).toBe(1)
    expect(run.output).toMatch(/app +before the loop/)
    expect(run.output).toMatch(/error .*without a pause: await ds.sleep/)
    // the loop, not the line before it
    expect(run.output).toMatch(/error +at main .*\/endless\.ts:4:1\)/)
    expect(run.output).toContain("--map unused.example=localhost: nobody")
    expect(run.output).toContain("--listen 7000=0: nobody")
})

test("a .devs from elsewhere gets no names of another program", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "elsewhere-"))
    const image = path.join(folder, "program.devs")
    copyFileSync(
        path.join(
            root,
            ".devicescript/test-e2e-firmware-endless/.devicescript/bin/bytecode.devs"
        ),
        image
    )
    const run = start(image)
    expect(await run.ended).toBe(1)
    rmSync(folder, { recursive: true })
    expect(run.output).toContain("InfiniteLoop")
    expect(run.output).not.toContain(".ts:")
})

test("a SIM card that wants a PIN which the program has not", async () => {
    const run = start(COMPILED, "--fault", "pin-wanted", "--quiet")
    await run.until(/error +start: .*PIN/)
    run.kill("SIGTERM")
    expect(await run.ended).toBe(143)
})

test.each([
    [["--profile", "snail"], "Allowed choices are realistic, fast, instant"],
    [["src/nothing.ts"], 'there is no program "src/nothing.ts"'],
    [["--once", "src/examples/http.ts"], "--once is for src/main.ts"],
    [["--map", "a"], '--map "a" is not of the form'],
])("wrong options are a clear message: %j", async (args, message) => {
    const run = start(...args)
    expect(await run.ended).toBe(1)
    expect(run.output).toContain(message)
})

test("a JACDAC_PORT that is no port is told before anything is compiled", async () => {
    const run = new Run(process.execPath, COMMAND, { JACDAC_PORT: "x" })
    expect(await run.ended).toBe(1)
    expect(run.output).toContain("It is a whole number from 0 to 65535.")
    expect(run.output).not.toContain("compiling")
})
