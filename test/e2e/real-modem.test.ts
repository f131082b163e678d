/**
 * A modem in another process: the firmware in the VM drives it, the self-test tests
 * it, `npm run compare` compares it. With E2E_DOORS=all the last two are behind each
 * door, which takes some minutes.
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
        env: { ...process.env, JACDAC_PORT: "0" },
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

/** Where the modem is, once it listens. */
interface Behind {
    readonly address: string
    readonly folder: string
}

/** A modem behind a door, in a process of its own. */
async function behind(door: Door, ...options: string[]): Promise<Behind> {
    const folder = mkdtempSync(path.join(os.tmpdir(), "real-"))
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
    const link = path.join(folder, "port")
    const { output } = run(
        "sim/modem-cli.ts",
        ...options,
        ...(door.scheme === "" ? [...door.option, link] : door.option)
    )
    await expect.poll(output, { timeout: 60_000 }).toContain("Ctrl-C ends it")
    const at = /127\.0\.0\.1:(\d+)/.exec(output())?.[1]
    const address =
        door.scheme === "" ? link : `${door.scheme}://127.0.0.1:${at}`
    return { address, folder }
}

async function echoServer(): Promise<number> {
    const server = net.createServer(socket => {
        socket.on("error", () => undefined)
        socket.pipe(socket)
    })
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    cleanUps.push(() => server.close())
    return (server.address() as AddressInfo).port
}

const doors = [
    {
        name: "RFC 2217",
        option: ["--rfc2217", "0"],
        scheme: "rfc2217",
        lines: "with DTR, RTS and CTS, DCD, RI",
    },
    {
        name: "TCP",
        option: ["--port", "0"],
        scheme: "tcp",
        lines: "data only",
    },
    { name: "PTY", option: ["--pty"], scheme: "", lines: "data only" },
] as const
type Door = (typeof doors)[number]
const all = process.env.E2E_DOORS === "all"

test.each(doors)("npm start -- --once --modem, behind $name", async door => {
    const port = await freePort()
    const { address, folder } = await behind(
        door,
        ...["--profile", "fast"],
        ...["--map", `telemetry.example:80=127.0.0.1:${port}`]
    )
    const record = path.join(folder, "transcript")
    const { output, ended } = run(
        "simulator/start.ts",
        "--once",
        ...["--server", `${port}`],
        ...["--modem", address],
        ...["--record", record]
    )
    expect(await ended, output()).toBe(0)
    expect(output()).toContain(`modem: ${address}, ${door.lines}`)
    expect(output()).toContain("one complete exchange: all is well")
    const transcript = readFileSync(record, "utf8")
    expect(transcript).toMatch(/^> AT\+CIICR␍$/m)
    expect(transcript).toMatch(/^< .*⏎OK⏎$/m)
})

test.each(doors.slice(0, all ? 3 : 1))(
    "npm run selftest -- --modem, behind $name: what the door carries passes, the rest is left out",
    async door => {
        const port = await echoServer()
        const { address } = await behind(
            door,
            ...["--profile", "fast"],
            ...["--map", `echo.example:7=127.0.0.1:${port}`]
        )
        const { output, ended } = run(
            "simulator/selftest.ts",
            ...["--modem", address],
            ...["--echo", "echo.example:7"]
        )
        expect(await ended, output()).toBe(0)
        const left = output().match(/(?<=^SKIP .. )\S+/gm) ?? []
        expect(left).toEqual(
            door.name === "RFC 2217" ? [] : ["DTR", "DCD", "RI", "RTS/CTS"]
        )
        expect(output()).not.toMatch(/^FAIL/m)
        expect(output()).toContain(`PASSED: ${21 - left.length} of 21 steps`)
    }
)

test.each(all ? doors : [])(
    "npm run compare -- --modem, behind $name: another firmware build is found",
    async door => {
        const port = await echoServer()
        const { address, folder } = await behind(
            door,
            ...["--firmware", "1418B03SIM868M32_BT"],
            ...["--map", `echo.example:7=127.0.0.1:${port}`],
            ...["--map", `echo.example:1=127.0.0.1:1`]
        )
        const file = path.join(folder, "report.md")
        const { output, ended } = run(
            "sim/compare-cli.ts",
            ...["--modem", address],
            ...["--echo", "echo.example:7"],
            ...["--output", file]
        )
        expect(await ended, output()).toBe(0)
        const report = readFileSync(file, "utf8")
        expect(report).toContain("as 1418B03SIM868M32_BT")
        expect(report).toContain("| 1418B03SIM868M32_BT | 0 |")
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
