/**
 * The firmware in the VM, with a modem in another process: behind RFC 2217, and with
 * E2E_DOORS=all behind TCP and a pseudo terminal too, which take as long again.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import net, { type AddressInfo } from "node:net"
import os from "node:os"
import path from "node:path"
import { afterEach, expect, test } from "vitest"

const root = path.resolve(import.meta.dirname, "../..")
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

function run(...args: string[]): {
    output: () => string
    child: ChildProcess
    ended: Promise<number | null>
} {
    const child = spawn(process.execPath, ["--import", "tsx", ...args], {
        cwd: root,
        env: { ...process.env, NO_COLOR: "1", JACDAC_PORT: "0" },
        stdio: ["ignore", "pipe", "pipe"],
    })
    let text = ""
    child.stdout.on("data", data => (text += String(data)))
    child.stderr.on("data", data => (text += String(data)))
    const ended = new Promise<number | null>(done => child.on("close", done))
    cleanUps.push(() => {
        child.kill()
        return ended
    })
    return { output: () => text, child, ended }
}

/** A port that is free, for the two processes to agree upon. */
async function freePort(): Promise<number> {
    const server = net.createServer()
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    const { port } = server.address() as AddressInfo
    await new Promise(done => server.close(done))
    return port
}

async function modem(
    server: number,
    ...door: string[]
): Promise<ReturnType<typeof run>> {
    const started = run(
        "sim/modem-cli.ts",
        "--profile",
        "fast",
        "--map",
        `telemetry.example:80=127.0.0.1:${server}`,
        ...door
    )
    await expect
        .poll(started.output, { timeout: 20_000 })
        .toContain("Ctrl-C ends it")
    return started
}

const doors = [
    ["RFC 2217", ["--rfc2217", "0"], "with DTR, RTS and CTS, DCD, RI"],
    ["TCP", ["--port", "0"], "data only"],
    ["PTY", ["--pty"], "data only"],
] as const

test.each(doors.slice(0, process.env.E2E_DOORS ? 3 : 1))(
    "npm start -- --once --modem, behind %s",
    async (name, door, lines) => {
        const folder = mkdtempSync(path.join(os.tmpdir(), "real-"))
        cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
        const link = path.join(folder, "port")
        const port = await freePort()
        const { output: said } = await modem(
            port,
            ...(name === "PTY" ? [...door, link] : door)
        )
        const at = /127\.0\.0\.1:(\d+)/.exec(said())?.[1]
        const address =
            name === "TCP"
                ? `tcp://127.0.0.1:${at}`
                : name === "PTY"
                  ? link
                  : `rfc2217://127.0.0.1:${at}`
        const record = path.join(folder, "transcript")
        const { output, ended } = run(
            "simulator/start.ts",
            "--once",
            "--server",
            `${port}`,
            "--modem",
            address,
            "--record",
            record
        )
        expect(await ended, output()).toBe(0)
        expect(output()).toContain(`modem: ${address}, ${lines}`)
        expect(output()).toContain("one complete exchange: all is well")
        const transcript = readFileSync(record, "utf8")
        expect(transcript).toMatch(/^> AT\+CIICR␍$/m)
        expect(transcript).toMatch(/^< .*⏎OK⏎$/m)
    }
)

test.each([
    ["/dev/nothing", "there is no /dev/nothing: is the adapter plugged in?"],
    ["http://there", '"http://there" is no modem: a serial port'],
    ["tcp://127.0.0.1:1", "tcp://127.0.0.1:1 cannot be reached"],
])("%s is a clear message", async (address, message) => {
    const { output, ended } = run("simulator/start.ts", "--modem", address)
    expect(await ended).toBe(1)
    expect(output()).toContain(message)
    expect(output()).not.toMatch(/^ +at |compiling/m)
})
