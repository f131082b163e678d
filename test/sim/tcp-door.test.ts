/** The TCP entry for any AT program, and the command that opens it. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import net from "node:net"
import { networkInterfaces } from "node:os"
import { afterEach, describe, expect, test, vi } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { Junction } from "../../sim/doors/junction"
import { TcpDoor } from "../../sim/doors/tcp-door"
import { RealClock } from "../../sim/modem/clock"
import { delayProfiles } from "../../sim/modem/delays"
import { VirtualSim800 } from "../../sim/modem/modem"
import type { ModemOptions } from "../../sim/modem/options"
import { spell, unspell } from "../../sim/modem/trace"

vi.setConfig({ testTimeout: 120_000 })

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** For a machine that has other things to do. */
const PATIENTLY = { timeout: 60_000 }

/** What a socket has received so far, spelt. */
function listen(socket: net.Socket): () => string {
    const chunks: Buffer[] = []
    socket.on("data", bytes => chunks.push(bytes))
    return () => spell(Buffer.concat(chunks))
}

interface Opened {
    readonly modem: VirtualSim800
    readonly door: TcpDoor
    readonly log: string[]
    /** All that the modem has said. */
    readonly said: () => string
}

async function open(
    options: ModemOptions & { raw?: boolean; lingerMs?: number } = {}
): Promise<Opened> {
    const clock = new RealClock()
    const modem = new VirtualSim800({
        clock,
        delays: "fast",
        stored: { baud: 115200 },
        ...options,
    })
    const log: string[] = []
    const junction = new Junction(modem.dte, modem)
    const chunks: Uint8Array[] = []
    junction.plug().onData = bytes => chunks.push(bytes)
    const door = await TcpDoor.open({
        modem,
        junction,
        port: 0,
        raw: options.raw,
        lingerMs: options.lingerMs ?? 100,
        onLog: line => log.push(line),
    })
    cleanUps.push(
        () => modem.dispose(),
        () => door.close()
    )
    modem.powerOn()
    return { modem, door, log, said: () => spell(Buffer.concat(chunks)) }
}

/** What `printf 'text' | nc -N` shows. */
async function printf(port: number, text: string): Promise<string> {
    const socket = net.connect(port, "127.0.0.1")
    cleanUps.push(() => socket.destroy())
    const heard = listen(socket)
    socket.end(unspell(text))
    await once(socket, "close")
    return heard()
}

/** It has booted, and said all of it. */
async function ready({ said }: Opened): Promise<void> {
    await expect.poll(said, PATIENTLY).toContain("SMS Ready⏎")
    await new Promise(resolve => setTimeout(resolve, 20))
}

describe("a burst of lines", () => {
    test("is answered line by line, as in the application note", async () => {
        const server = net.createServer(socket => {
            socket.on("error", () => undefined)
            socket.on("data", () => socket.end("hello SIM800"))
        })
        cleanUps.push(() => server.close())
        server.listen(0, "127.0.0.1")
        await once(server, "listening")
        const { port } = server.address() as net.AddressInfo
        const opened = await open({
            network: new HostNetwork({
                map: [`116.228.221.51:8500=localhost:${port}`],
            }),
        })
        await ready(opened)
        const text = await printf(
            opened.door.port,
            'ATE0␍AT+CIPMUX=1␍AT+CSTT="CMNET"␍AT+CIICR␍AT+CIFSR␍' +
                'AT+CIPSTART=0,"TCP","116.228.221.51","8500"␍' +
                "AT+CIPSEND=0␍TCP test␚"
        )
        expect(text).toBe(
            "ATE0␍⏎OK⏎⏎OK⏎⏎OK⏎⏎OK⏎⏎10.78.245.128⏎" +
                "⏎OK⏎⏎0, CONNECT OK⏎⏎> ⏎0, SEND OK⏎" +
                "⏎+RECEIVE,0,12:⏎hello SIM800⏎0, CLOSED⏎"
        )
    })

    test("fixed lengths take their bytes, whatever they are", async () => {
        const server = net.createServer(socket => {
            socket.on("error", () => undefined)
            socket.pipe(socket)
        })
        cleanUps.push(() => server.close())
        server.listen(0, "127.0.0.1")
        await once(server, "listening")
        const { port } = server.address() as net.AddressInfo
        const opened = await open({ network: new HostNetwork() })
        await ready(opened)
        const text = await printf(
            opened.door.port,
            `ATE0␍AT+CIPSTART="TCP","127.0.0.1",${port}␍AT+CIPSEND=6␍a␍␊␚␛bAT+CIPCLOSE=1␍`
        )
        expect(text).toContain("⏎> ⏎SEND OK⏎a⏎␚␛b")
        expect(text).toMatch(/⏎CLOSE OK⏎$/)
    })

    test("in data mode everything passes, Ctrl-Z too", async () => {
        let received = ""
        const server = net.createServer(socket => {
            socket.on("error", () => undefined)
            socket.on("data", bytes => {
                received += bytes.toString("latin1")
                if (received.endsWith("end")) socket.end("bye")
            })
        })
        cleanUps.push(() => server.close())
        server.listen(0, "127.0.0.1")
        await once(server, "listening")
        const { port } = server.address() as net.AddressInfo
        const opened = await open({ network: new HostNetwork() })
        await ready(opened)
        const data = `one␍two␚three␛\\x00${"x".repeat(5000)}end`
        const text = await printf(
            opened.door.port,
            `ATE0␍AT+CIPMODE=1␍AT+CIPSTART="TCP","127.0.0.1",${port}␍${data}`
        )
        expect(spell(Buffer.from(received, "latin1"))).toBe(
            data.replace("\\x00", "␀")
        )
        expect(text).toMatch(/⏎CONNECT⏎bye⏎CLOSED⏎$/)
    })

    test("waits for the boot", async () => {
        const { door } = await open()
        const text = await printf(door.port, "AT␍ATI␍")
        expect(text).toContain("AT␍⏎OK⏎")
        // what the modem says by itself may come between echo and response
        expect(text).toMatch(/ATI␍.*⏎SIM800 R14\.18⏎⏎OK⏎/)
    })

    test("a line feed is a line end too, as people type it", async () => {
        const opened = await open()
        await ready(opened)
        expect(await printf(opened.door.port, "ATE0␊ATI␊AT␍␊AT")).toBe(
            "ATE0␍⏎OK⏎⏎SIM800 R14.18⏎⏎OK⏎⏎OK⏎"
        )
    })

    test("follows AT+IPR, since TCP has no rate", async () => {
        const opened = await open()
        await ready(opened)
        const text = await printf(opened.door.port, "ATE0␍AT+IPR=9600␍ATI␍")
        expect(text).toBe("ATE0␍⏎OK⏎⏎OK⏎⏎SIM800 R14.18⏎⏎OK⏎")
        expect(opened.modem.baud).toBe(9600)
    })

    test("raw: what comes while a command runs is lost", async () => {
        const delays = { ...delayProfiles.fast, command: 20 }
        const opened = await open({ raw: true, delays })
        await ready(opened)
        expect(await printf(opened.door.port, "ATE0␍AT␍AT␍")).toBe("ATE0␍⏎OK⏎")
    })
})

test("one at a time; the modem lives on between connections", async () => {
    const opened = await open()
    await ready(opened)
    const first = net.connect(opened.door.port, "127.0.0.1")
    cleanUps.push(() => first.destroy())
    const heard = listen(first)
    first.write("ATE0\rAT+CMEE=2\r")
    await expect.poll(heard, PATIENTLY).toBe("ATE0␍⏎OK⏎⏎OK⏎")
    expect(await printf(opened.door.port, "AT␍")).toBe(
        "This modem is in use by another connection.⏎"
    )
    first.destroy()
    await expect
        .poll(() => opened.log, PATIENTLY)
        .toEqual(["connected", "disconnected"])
    for (let turn = 0; turn < 3; turn++)
        expect(await printf(opened.door.port, "AT+CMEE?␍")).toBe(
            "⏎+CMEE: 2⏎⏎OK⏎"
        )
})

/** A client that has connected. */
async function client(port: number): Promise<net.Socket> {
    const socket = net.connect(port, "127.0.0.1")
    cleanUps.push(() => socket.destroy())
    socket.on("error", () => undefined)
    await once(socket, "connect")
    return socket
}

test("who comes while another one is leaving waits for its last answer", async () => {
    const opened = await open({ lingerMs: 60_000 })
    await ready(opened)
    const { port } = opened.door
    const first = printf(port, "ATE0␍AT+CMEE=2␍")
    // it has closed its side by then; refused would show
    await new Promise(done => setTimeout(done, 20))
    const second = printf(port, "AT+CMEE?␍")
    expect(await first).toBe("ATE0␍⏎OK⏎⏎OK⏎")
    const third = await client(port)
    expect(await second).toBe("⏎+CMEE: 2⏎⏎OK⏎")
    third.write("ATI\r")
    await expect.poll(listen(third), PATIENTLY).toContain("SIM800")
})

test("one that has gone keeps nobody out", async () => {
    const opened = await open({ lingerMs: 60_000 })
    await ready(opened)
    for (let turn = 0; turn < 3; turn++) {
        const socket = await client(opened.door.port)
        const heard = listen(socket)
        socket.write("AT\r")
        await expect.poll(heard, PATIENTLY).toContain("OK")
        socket.destroy()
    }
})

describe("back pressure", () => {
    test.each([
        ["lines without end", "AT+CSQ\r".repeat(9362)],
        ["a line without end", "x".repeat(65536)],
    ])("%s: the client waits, memory does not grow", async (_, chunk) => {
        const opened = await open({ dteBaud: 460800, stored: { baud: 460800 } })
        await ready(opened)
        const socket = await client(opened.door.port)
        socket.resume()
        const before = process.memoryUsage().rss
        for (let n = 0; n < 24 * 16; n++) socket.write(chunk)
        await new Promise(done => setTimeout(done, 1000))
        // what the system's own buffers do not take stays with the client
        expect(socket.writableLength).toBeGreaterThan(12e6)
        expect(opened.modem.dte.pending).toBeLessThan(200_000)
        expect(process.memoryUsage().rss - before).toBeLessThan(150e6)
    })

    test("a client that does not read stops a modem with flow control, and holds up no memory of one without", async () => {
        const opened = await open()
        await ready(opened)
        const socket = await client(opened.door.port)
        socket.pause()
        let rts = true
        const { dte } = opened.modem
        const set = dte.setRts.bind(dte)
        dte.setRts = ready => {
            rts = ready
            set(ready)
        }
        // more than the buffers of the system take
        for (let n = 0; n < 200; n++) dte.onData(Buffer.alloc(65536, 0x41))
        expect(rts).toBe(false)
        expect(opened.log).toContain(
            "the client does not read: what the modem says is lost"
        )
        let got = 0
        socket.on("data", bytes => (got += bytes.length)).resume()
        await expect.poll(() => rts, PATIENTLY).toBe(true)
        await expect
            .poll(() => opened.log.at(-1), PATIENTLY)
            .toMatch(/^the client reads again: \d+ bytes were lost$/)
        const lost = Number(/\d+/.exec(opened.log.at(-1) ?? "")?.[0])
        await expect.poll(() => got + lost, PATIENTLY).toBe(200 * 65536)
    })
})

test("clients that were refused and do not close are cut off", async () => {
    const opened = await open()
    await ready(opened)
    const first = await client(opened.door.port)
    for (let n = 0; n < 30; n++) {
        const socket = new net.Socket({ allowHalfOpen: true })
        cleanUps.push(() => socket.destroy())
        socket.on("error", () => undefined).resume()
        socket.connect(opened.door.port, "127.0.0.1")
        await once(socket, "end")
    }
    // their side is open: only the door can end it
    const { server } = opened.door as unknown as { server: net.Server }
    const connections = (): Promise<number> =>
        new Promise(done => server.getConnections((_, count) => done(count)))
    await expect.poll(connections, PATIENTLY).toBe(1)
    const heard = listen(first)
    first.write("AT\r")
    await expect.poll(heard, PATIENTLY).toContain("OK")
})

describe("a page in a browser", () => {
    test.each(["POST / HTTP/1.1⏎⏎AT+CMGS", "GET / HTTP/1.1⏎⏎"])(
        "%s: refused, and nothing of it reaches the modem",
        async request => {
            const opened = await open()
            await ready(opened)
            let typed = 0
            const { dte } = opened.modem
            dte.write = bytes => (typed += bytes.length)
            expect(await printf(opened.door.port, request)).toMatch(
                /^HTTP\/1.1 403 Forbidden⏎/
            )
            expect(typed).toBe(0)
            expect(opened.log).toContain("a browser was refused")
        }
    )

    test("what only begins like a request is passed on", async () => {
        const opened = await open()
        await ready(opened)
        const socket = await client(opened.door.port)
        const heard = listen(socket)
        socket.write("P")
        await new Promise(done => setTimeout(done, 50))
        expect(heard()).toBe("")
        socket.write("AT\r")
        await expect.poll(heard, PATIENTLY).toMatch(/^PAT␍/)
    })
})

test("nobody comes from elsewhere than loopback", async () => {
    const opened = await open()
    const others = Object.values(networkInterfaces())
        .flatMap(addresses => addresses ?? [])
        .filter(({ internal, family }) => !internal && family === "IPv4")
        .map(({ address }) => address)
    // another address of loopback, where there is no other interface
    for (const address of [...others, "127.0.0.2"]) {
        const socket = net.connect(opened.door.port, address)
        cleanUps.push(() => socket.destroy())
        const [error] = (await once(socket, "error")) as [Error]
        expect(error.message).toContain("ECONNREFUSED")
    }
})

describe("npm run modem", () => {
    function run(...args: readonly string[]): {
        child: ChildProcess
        output: () => string
    } {
        const child = spawn(
            process.execPath,
            ["--import", "tsx", "sim/modem-cli.ts", ...args],
            { stdio: ["ignore", "pipe", "pipe"] }
        )
        cleanUps.push(() => child.kill("SIGKILL"))
        let text = ""
        child.stdout?.on("data", bytes => (text += bytes))
        child.stderr?.on("data", bytes => (text += bytes))
        return { child, output: () => text }
    }

    test("says where it listens, answers, ends with Ctrl-C", async () => {
        const { child, output } = run(
            "--port",
            "0",
            "--profile",
            "instant",
            "--trace"
        )
        await expect.poll(output, PATIENTLY).toContain("Ctrl-C")
        const port = Number(/127\.0\.0\.1:(\d+)/.exec(output())?.[1])
        const socket = net.connect(port, "127.0.0.1")
        const heard = listen(socket)
        socket.write("AT\r")
        await expect.poll(heard, PATIENTLY).toContain("AT␍⏎OK⏎")
        socket.destroy()
        child.kill("SIGINT")
        const [code] = await once(child, "exit")
        expect(code).toBe(0)
        expect(output()).toContain("power: booting → on")
        expect(output()).toContain("AT␍⏎OK⏎")
    })

    test("--count: modems with doors of their own, and with numbers of their own", async () => {
        const { output } = run(
            ...["--count", "3", "--port", "0", "--rfc2217", "0"],
            ...["--control", "0", "--profile", "instant"]
        )
        await expect.poll(output, PATIENTLY).toContain("Ctrl-C")
        const ports = [
            ...output().matchAll(/(\d): TCP: 127\.0\.0\.1:(\d+)/g),
        ].map(([, , port]) => Number(port))
        expect(new Set(ports).size).toBe(3)
        expect(output().match(/\d: RFC 2217: /g)).toHaveLength(3)
        expect(output().match(/\d: control: /g)).toHaveLength(3)
        const numbers = await Promise.all(
            ports.map(async port => {
                const socket = net.connect(port, "127.0.0.1")
                cleanUps.push(() => socket.destroy())
                const heard = listen(socket)
                socket.write("ATE0\rAT+GSN\r")
                await expect.poll(heard, PATIENTLY).toMatch(/\d{15}⏎⏎OK⏎/)
                return /\d{15}/.exec(heard())?.[0]
            })
        )
        expect(numbers).toEqual([
            "867010032343809",
            "867010032343817",
            "867010032343825",
        ])
    })

    test("a port in use and wrong options are said plainly", async () => {
        const server = net.createServer()
        cleanUps.push(() => server.close())
        server.listen(0, "127.0.0.1")
        await once(server, "listening")
        const { port } = server.address() as net.AddressInfo
        const cases: [string[], string][] = [
            [["--port", `${port}`], `port ${port} is in use`],
            [["--port", "x"], "whole number from 0 to 65535"],
            [
                ["--map", "nonsense"],
                'error: --map "nonsense" is not of the form',
            ],
            [["--map", "a=8.8.8.8"], "takes --internet"],
            [["--listen", "80"], "is not of the form port=port"],
            [["--baud", "300"], 'It is "auto" or one of'],
            [["--profile", "slow"], "Allowed choices are realistic"],
            [["--pin", "12"], "4 to 8 digits"],
            [["--prot", "1"], "(Did you mean --port?)"],
            [["--nonsense"], "--help lists the options"],
            [
                ["--pty", "/nonexistent/x"],
                process.platform === "win32"
                    ? "Windows has no pseudo terminals"
                    : "error: --pty: /nonexistent/x: there is no folder /nonexistent; make it",
            ],
        ]
        await Promise.all(
            cases.map(async ([args, message]) => {
                const { child, output } = run(...args)
                const [code] = await once(child, "exit")
                expect(code).toBe(1)
                expect(output()).toContain(message)
                expect(output()).not.toMatch(/^\s+at /m)
            })
        )
    })
})
