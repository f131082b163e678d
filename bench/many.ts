/**
 * Number of virtual modems that one process and one core carry: the package's command
 * in its own process with `--count`, a client at each modem's TCP port that sends 1,024
 * bytes to a server that echoes, waits for them, and begins again.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process"
import { readFileSync } from "node:fs"
import net, { type AddressInfo } from "node:net"
import { atLeast, atMost, figure, type Part, type Row } from "./part"

const COUNTS = [1, 10, 50, 100, 200, 400]
/** How many are idle in the end. */
const IDLE = 500
const COMMAND = "sim/bin/virtual-sim800.js"
const BUILD = "sim/build.js"
/** How long it is measured, ms. */
const SPAN = 10_000
const BLOCK = 1024

interface Process {
    readonly child: ChildProcess
    readonly ports: readonly number[]
}

/** Starts `count` modems; returns once all their ports are open. */
async function start(count: number, server: number): Promise<Process> {
    const child = spawn(
        process.execPath,
        [
            COMMAND,
            ...["--count", `${count}`, "--port", "0", "--profile", "fast"],
            ...["--map", `echo.example:7=127.0.0.1:${server}`],
        ],
        { stdio: ["ignore", "pipe", "inherit"] }
    )
    let said = ""
    await new Promise<void>((resolve, reject) => {
        child.on("exit", code => reject(new Error(`it ended with ${code}`)))
        child.stdout.on("data", data => {
            said += String(data)
            if (said.includes("Ctrl-C ends it")) resolve()
        })
    })
    const ports = [...said.matchAll(/TCP: 127\.0\.0\.1:(\d+)/g)]
    return { child, ports: ports.map(([, port]) => Number(port)) }
}

/** CPU time of a process so far, ms. Linux only. */
function usage({ child }: Process): number {
    const fields = readFileSync(`/proc/${child.pid}/stat`, "latin1")
        .replace(/^.*\) /s, "")
        .split(" ")
    // utime and stime, in hundredths of a second
    return (Number(fields[11]) + Number(fields[12])) * 10
}

/** A client that keeps one modem busy. */
class Client {
    /** echoed bytes */
    moved = 0
    private heard = 0
    private text = ""
    private wake: () => void = () => undefined
    private readonly socket: net.Socket

    constructor(port: number) {
        this.socket = net.connect({ port, host: "127.0.0.1", noDelay: true })
        this.socket.on("data", bytes => {
            this.heard += bytes.length
            this.text = (this.text + bytes.toString("latin1")).slice(-4096)
            this.wake()
        })
    }

    private async until(condition: () => boolean): Promise<void> {
        while (!condition())
            await new Promise<void>(resolve => (this.wake = resolve))
    }

    private async ask(line: string, answer: string): Promise<void> {
        this.text = ""
        this.socket.write(`${line}\r`)
        await this.until(() => this.text.includes(answer))
    }

    async connect(): Promise<void> {
        await this.ask("ATE0", "OK\r\n")
        // registered, attached
        const at = performance.now()
        while (!this.text.includes("+CGATT: 1")) {
            await this.ask("AT+CGATT?", "OK\r\n")
            if (performance.now() - at > 60_000) throw new Error("no GPRS")
        }
        await this.ask('AT+CIPSTART="TCP","echo.example",7', "CONNECT OK\r\n")
    }

    /** Echoes, again and again, as long as it lives. */
    async run(): Promise<void> {
        const block = "x".repeat(BLOCK)
        const result = "\r\nSEND OK\r\n"
        for (;;) {
            await this.ask(`AT+CIPSEND=${BLOCK}`, "> ")
            this.heard = 0
            this.socket.write(block)
            await this.until(() => this.heard >= BLOCK + result.length)
            this.moved += BLOCK
        }
    }

    end(): void {
        this.socket.destroy()
    }
}

async function busy(count: number, server: number): Promise<Row[]> {
    const modems = await start(count, server)
    const clients = modems.ports.map(port => new Client(port))
    try {
        await Promise.all(clients.map(client => client.connect()))
        for (const client of clients) void client.run()
        await new Promise(done => setTimeout(done, 2000))
        const before = usage(modems)
        const moved = (): number =>
            clients.reduce((sum, client) => sum + client.moved, 0)
        const from = moved()
        const at = performance.now()
        await new Promise(done => setTimeout(done, SPAN))
        const ms = performance.now() - at
        const cpu = ((usage(modems) - before) / ms) * 100
        const rate = ((moved() - from) / ms) * 1000
        return [
            figure(`${count} busy: each way, together`, rate / 1000, "kB/s"),
            figure(`${count} busy: each way, each`, rate / count, "byte/s"),
            figure(`${count} busy: CPU`, cpu, "% of a core"),
            figure(
                `${count} busy: for a second of CPU`,
                rate / 10 / cpu,
                "kB each way"
            ),
        ]
    } finally {
        for (const client of clients) client.end()
        modems.child.kill()
    }
}

async function idle(count: number, server: number): Promise<Row> {
    const modems = await start(count, server)
    try {
        await new Promise(done => setTimeout(done, SPAN))
        const before = usage(modems)
        await new Promise(done => setTimeout(done, SPAN))
        const cpu = ((usage(modems) - before) / SPAN) * 100
        return atMost(`${count} idle: CPU`, cpu, "% of a core", 5)
    } finally {
        modems.child.kill()
    }
}

/** Heap of a modem that has booted and waits, bytes. */
function heapOfOne(): number {
    const program = `
        import { MemoryNetwork, VirtualClock, VirtualSim800 } from "./sim/dist/index.js"
        const clock = new VirtualClock()
        const network = new MemoryNetwork(clock)
        const modems = []
        const measured = count => {
            for (let i = 0; i < count; i++) {
                modems.push(new VirtualSim800({ clock, network }))
                modems.at(-1).powerOn()
            }
            clock.advance(60_000)
            gc()
            return process.memoryUsage().heapUsed
        }
        measured(50)
        const before = measured(1)
        console.log((measured(200) - before) / 200)
    `
    const output = execFileSync(
        process.execPath,
        ["--expose-gc", "--input-type=module", "--eval", program],
        { encoding: "utf8" }
    )
    return Number(output)
}

async function run(): Promise<Row[]> {
    const server = net.createServer(socket => {
        socket.on("error", () => undefined)
        socket.pipe(socket)
    })
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    const { port } = server.address() as AddressInfo
    execFileSync(process.execPath, [BUILD])
    const rows: Row[] = [
        atMost("heap of a modem that waits", heapOfOne() / 1000, "kB", 15),
    ]
    for (const count of COUNTS) rows.push(...(await busy(count, port)))
    rows.push(await idle(IDLE, port))
    server.close()
    // independent of other load on the machine
    const value = (what: string): number =>
        rows.find(row => row.what === what)?.value ?? NaN
    const most = COUNTS[COUNTS.length - 1]
    const core = value(`${most} busy: for a second of CPU`)
    const alone = value("1 busy: each way, each") / 1000
    rows.push(
        atLeast("what a core moves each way", core, "kB/s", 178),
        figure("busy modems that fit into a core", core / alone, "modems")
    )
    return rows
}

export const part: Part = {
    title: "virtual modems in one process; Linux only, clients on the other cores",
    run,
}
