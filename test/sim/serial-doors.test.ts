/** Doors that are serial ports, as programs meet them that nobody here wrote. */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import net from "node:net"
import os from "node:os"
import path from "node:path"
import { SerialPortStream } from "@serialport/stream"
import { SerialPort } from "serialport"
import { afterEach, describe, expect, test, vi } from "vitest"
import {
    rfc2217Binding,
    type Rfc2217Status,
} from "../../sim/adapter/rfc2217-binding"
import { Junction } from "../../sim/doors/junction"
import { PtyDoor } from "../../sim/doors/pty-door"
import { Rfc2217Door } from "../../sim/doors/rfc2217-door"
import { COM_PORT, Telnet } from "../../sim/doors/telnet"
import { HostNetwork } from "../../sim/host/network"
import { VirtualSim800 } from "../../sim/modem/modem"

vi.setConfig({ testTimeout: 120_000 })

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A Python that has pyserial. */
const python = ["python3", "/usr/bin/python3"].find(
    command => spawnSync(command, ["-c", "import serial"]).status === 0
)
if (python === undefined) {
    const missing = "pyserial is not installed (apt-get install python3-serial)"
    if (process.env.EVERY_TOOL) throw new Error(missing)
    console.log(`${missing}: its tests are skipped`)
}

async function echo(): Promise<{ port: number; end: () => void }> {
    const sockets: net.Socket[] = []
    const server = net.createServer(socket => {
        sockets.push(socket)
        socket.on("error", () => undefined)
        socket.on("data", data => socket.write(data))
    })
    cleanUps.push(() => server.close())
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const end = (): void => {
        for (const socket of sockets) socket.end()
    }
    cleanUps.push(end)
    return { port: (server.address() as net.AddressInfo).port, end }
}

async function modem(map: readonly string[] = []) {
    const modem = new VirtualSim800({
        delays: "fast",
        stored: { baud: 115200 },
        network: new HostNetwork({ map }),
    })
    cleanUps.push(() => modem.dispose())
    modem.powerOn()
    await expect.poll(() => modem.activity, { timeout: 60_000 }).toBe("command")
    await new Promise(done => setTimeout(done, 200))
    return { modem, junction: new Junction(modem.dte, modem) }
}

/** Runs the script, and gives the lines that it has printed. */
async function pyserial(
    url: string,
    onLine: (line: string) => void = () => undefined
): Promise<string[]> {
    const script = path.join(import.meta.dirname, "python/serial_client.py")
    const child = spawn(python ?? "", [script, url])
    cleanUps.push(() => child.kill("SIGKILL"))
    const lines: string[] = []
    let rest = ""
    let errors = ""
    child.stderr.on("data", data => (errors += String(data)))
    child.stdout.on("data", data => {
        const parts = (rest + String(data)).split("\n")
        rest = parts.pop() ?? ""
        for (const line of parts) {
            lines.push(line)
            onLine(line)
        }
    })
    await once(child, "close")
    if (errors) lines.push(errors)
    return lines
}

describe("RFC 2217", () => {
    test.skipIf(python === undefined)(
        "pyserial: rates, DTR, RI of a message and of a call, DCD of a connection, break",
        async () => {
            const server = await echo()
            const opened = await modem([
                `echo.example:7=127.0.0.1:${server.port}`,
            ])
            const door = await Rfc2217Door.open({ ...opened, port: 0 })
            cleanUps.push(() => door.close())
            const lines = await pyserial(
                `rfc2217://127.0.0.1:${door.port}`,
                line => {
                    const { modem } = opened
                    if (line === "MESSAGE")
                        modem.receiveMessage({ from: "+1", text: "hi" })
                    else if (line === "CALL") {
                        modem.call("+123")
                        setTimeout(() => modem.hangUp(), 400)
                    } else if (line === "CLOSE") server.end()
                }
            )
            const width = Number(
                lines.find(line => line.startsWith("call "))?.slice(5)
            )
            expect(width, lines.join("\n")).toBeGreaterThan(300)
            expect(lines.map(line => line.replace(/^call .*/, "call"))).toEqual(
                [
                    "ATE0 ['ATE0', 'OK']",
                    "ATI ['SIM800', 'R14.18', 'OK']",
                    "cts True dsr True dcd False ri False",
                    "9600 False",
                    "AT+CSCLK=1 ['OK']",
                    "asleep b''",
                    "AT ['OK']",
                    "AT ['OK']",
                    "AT+CNMI=2,1 ['OK']",
                    "MESSAGE",
                    "message True",
                    "CALL",
                    "call",
                    "AT&C1 ['OK']",
                    "AT+CIPMODE=1 ['OK']",
                    "data b'\\xff\\x00\\r\\x00\\n\\xfe'",
                    "CLOSE",
                    "dcd False",
                ]
            )
        }
    )

    /** `serialport` at a door, with the binding that knows RFC 2217. */
    async function serialPort(opened: Awaited<ReturnType<typeof modem>>) {
        const door = await Rfc2217Door.open({ ...opened, port: 0 })
        cleanUps.push(() => door.close())
        const port = new SerialPortStream({
            binding: rfc2217Binding,
            path: `rfc2217://127.0.0.1:${door.port}`,
            baudRate: 115200,
        })
        cleanUps.push(() => port.isOpen && port.close())
        await once(port, "open")
        let heard = Buffer.alloc(0)
        port.on("data", data => (heard = Buffer.concat([heard, data])))
        const lines = async () => (await port.port?.get()) ?? {}
        return {
            port,
            door,
            lines,
            get heard() {
                return heard
            },
            forget: () => (heard = Buffer.alloc(0)),
            /** Writes, and waits for the words. */
            ask: async (text: string | Buffer, answer = "OK\r\n") => {
                heard = Buffer.alloc(0)
                port.write(text)
                await expect
                    .poll(() => heard.toString("latin1"), { timeout: 60_000 })
                    .toContain(answer)
            },
            until: (wanted: Partial<Rfc2217Status>) =>
                expect
                    .poll(lines, { timeout: 60_000, interval: 2 })
                    .toMatchObject(wanted),
            set: (flags: { dtr?: boolean; brk?: boolean }) =>
                new Promise<void>((done, fail) =>
                    port.set(flags, error => (error ? fail(error) : done()))
                ),
        }
    }

    const pause = (ms: number) => new Promise(done => setTimeout(done, ms))

    test("serialport: rates, DTR, RI of a message and of a call, DCD of a connection, break", async () => {
        const server = await echo()
        const opened = await modem([`echo.example:7=127.0.0.1:${server.port}`])
        const { modem: it } = opened
        const client = await serialPort(opened)
        await client.ask("ATE0\r")
        await client.until({ cts: true, dsr: true, dcd: false, ri: false })
        // a rate that is not the modem's
        const update = (baudRate: number) =>
            new Promise<void>((done, fail) =>
                client.port.update({ baudRate }, error =>
                    error ? fail(error) : done()
                )
            )
        await update(9600)
        client.forget()
        client.port.write("AT\r")
        await pause(200)
        expect(client.heard.toString("latin1")).not.toContain("OK")
        await update(115200)
        await client.ask("AT\r")
        // asleep: not heard, until DTR is low
        await client.ask("AT+CSCLK=1\r")
        await client.set({ dtr: false })
        await expect.poll(() => it.asleep, { timeout: 60_000 }).toBe(true)
        await client.set({ dtr: true })
        await pause(100)
        await client.ask("AT\r")
        await client.set({ brk: true })
        await client.set({ brk: false })
        await client.ask("\rAT\r")
        await client.ask("AT+CNMI=2,1\r")
        it.receiveMessage({ from: "+1", text: "hi" })
        await client.until({ ri: true })
        await client.until({ ri: false })
        it.call("+123")
        await client.until({ ri: true })
        it.hangUp()
        await client.until({ ri: false })
        await client.ask("AT&C1;+CIPMODE=1\r")
        await client.ask('AT+CIPSTART="TCP","echo.example",7\r', "CONNECT\r\n")
        await client.until({ dcd: true })
        await client.ask(
            Buffer.of(0xff, 0, 13, 0, 10, 0xfe),
            "\xff\0\r\0\n\xfe"
        )
        server.end()
        await client.until({ dcd: false })
        // and a server that goes away
        client.door.close()
        const [error] = (await once(client.port, "close")) as [Error]
        expect(error.message).toMatch(/has closed the connection$/)
    })

    test("serialport: what is not to be had is said", async () => {
        const open = (options: object) =>
            rfc2217Binding.open({
                path: "rfc2217://127.0.0.1:1",
                baudRate: 9600,
                ...options,
            })
        await expect(open({ path: "/dev/ttyUSB0" })).rejects.toThrow(
            "rfc2217://host:port is expected"
        )
        await expect(open({ dataBits: 7 })).rejects.toThrow(
            "speaks 8 data bits, no parity, 1 stop bit, not 7, none, 1"
        )
        await expect(open({ xon: true })).rejects.toThrow("use rtscts")
        await expect(open({})).rejects.toThrow("cannot be reached")
    })

    test("serialport: who does not read loses the connection, and is told", async () => {
        const opened = await modem()
        const door = await Rfc2217Door.open({ ...opened, port: 0 })
        cleanUps.push(() => door.close())
        const port = await rfc2217Binding.open({
            path: `rfc2217://127.0.0.1:${door.port}`,
            baudRate: 115200,
        })
        cleanUps.push(() => port.close())
        for (let n = 0; n < 300; n++)
            opened.modem.dte.onData(Buffer.alloc(4096, 0x41))
        await expect
            .poll(() => port.get().catch((error: Error) => error.message), {
                timeout: 60_000,
            })
            .toMatch(/nobody reads, \d+ bytes wait already$/)
    })

    test("a client that speaks no Telnet still gets its bytes", async () => {
        const opened = await modem()
        const door = await Rfc2217Door.open({ ...opened, port: 0 })
        cleanUps.push(() => door.close())
        const socket = net.connect(door.port, "127.0.0.1")
        cleanUps.push(() => socket.destroy())
        let heard = ""
        socket.on("data", data => (heard += data.toString("latin1")))
        socket.write("AT\r")
        await expect.poll(() => heard, { timeout: 60_000 }).toContain("OK\r\n")
    })

    test("nobody comes from elsewhere than loopback", async () => {
        const opened = await modem()
        const door = await Rfc2217Door.open({ ...opened, port: 0 })
        cleanUps.push(() => door.close())
        const others = Object.values(os.networkInterfaces())
            .flatMap(addresses => addresses ?? [])
            .filter(({ internal, family }) => !internal && family === "IPv4")
            .map(({ address }) => address)
        // another address of loopback, where there is no other interface
        for (const address of [...others, "127.0.0.2"]) {
            const socket = net.connect(door.port, address)
            cleanUps.push(() => socket.destroy())
            const [error] = (await once(socket, "error")) as [Error]
            expect(error.message).toContain("ECONNREFUSED")
        }
    })

    test("a browser is sent away", async () => {
        const opened = await modem()
        const door = await Rfc2217Door.open({ ...opened, port: 0 })
        cleanUps.push(() => door.close())
        const response = await fetch(`http://127.0.0.1:${door.port}/`, {
            method: "POST",
            body: "AT+CMGS",
        })
        expect(response.status).toBe(403)
    })
})

describe("Telnet", () => {
    /** Two sides, each of which hears the other at once. */
    function pair(options: number[]) {
        const heard: string[] = []
        const here: Telnet = new Telnet(options, {
            send: bytes => void there.decode(bytes),
            subnegotiation: (option, payload) =>
                heard.push(`${option}: ${[...payload].join(" ")}`),
        })
        const there: Telnet = new Telnet(options, {
            send: bytes => void here.decode(bytes),
            subnegotiation: () => undefined,
        })
        return { here, there, heard }
    }

    test("an option that both know is used, another one is refused, without end neither", () => {
        const { here, there } = pair([COM_PORT])
        here.propose(COM_PORT)
        there.propose(COM_PORT)
        expect([here.uses(COM_PORT), there.uses(COM_PORT)]).toEqual([
            true,
            true,
        ])
        here.propose(31)
        expect([here.uses(31), here.refuses(31)]).toEqual([false, true])
    })

    test("255 among data and in a subnegotiation, cut anywhere", () => {
        const data = Uint8Array.of(0, 255, 13, 0, 255, 255, 10)
        const { here, there, heard } = pair([0])
        // binary: a NUL behind a CR is data
        here.propose(0)
        const wire = here.encode(data)
        for (let cut = 0; cut <= wire.length; cut++)
            expect(
                Buffer.concat([
                    there.decode(wire.subarray(0, cut)),
                    there.decode(wire.subarray(cut)),
                ])
            ).toEqual(Buffer.from(data))
        there.subnegotiate(COM_PORT, [1, 255, 0, 255])
        expect(heard).toEqual(["44: 1 255 0 255"])
    })
})

describe.skipIf(process.platform === "win32")("PTY", () => {
    async function open() {
        const opened = await modem()
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modem-"))
        cleanUps.push(() => fs.rmSync(folder, { recursive: true }))
        const link = path.join(folder, "port")
        const log: string[] = []
        const door = await PtyDoor.open({
            ...opened,
            path: link,
            onLog: line => log.push(line),
        })
        cleanUps.push(() => door.close())
        return { ...opened, link, log }
    }

    test("serialport: asks, is answered, again and again", async () => {
        const { link } = await open()
        for (let turn = 0; turn < 2; turn++) {
            const port = new SerialPort({ path: link, baudRate: 115200 })
            cleanUps.push(() => port.isOpen && port.close())
            await once(port, "open")
            let heard = ""
            port.on(
                "data",
                (data: Buffer) => (heard += data.toString("latin1"))
            )
            port.write("ATE0\r")
            await expect.poll(() => heard, { timeout: 60_000 }).toContain("OK")
            heard = ""
            port.write("ATI\r\x00\x03\x11")
            await expect
                .poll(() => heard, { timeout: 60_000 })
                .toBe("\r\nSIM800 R14.18\r\n\r\nOK\r\n")
            await new Promise<void>((done, fail) =>
                port.close(error => (error ? fail(error) : done()))
            )
        }
    })

    test.skipIf(python === undefined)("pyserial", async () => {
        const { link } = await open()
        expect(await pyserial(link)).toEqual([
            "ATE0 ['ATE0', 'OK']",
            "ATI ['SIM800', 'R14.18', 'OK']",
        ])
    })

    test("nobody reads: what the modem says is lost, and said; a reader goes on", async () => {
        const { modem, log, link } = await open()
        for (let n = 0; n < 64; n++) modem.dte.onData(Buffer.alloc(4096, 0x41))
        expect(log).toEqual([
            `nobody reads ${link}: what the modem says is lost`,
        ])
        const port = new SerialPort({ path: link, baudRate: 115200 })
        cleanUps.push(() => port.isOpen && port.close())
        let got = 0
        port.on("data", (data: Buffer) => (got += data.length))
        await expect
            .poll(() => log[1], { timeout: 60_000 })
            .toMatch(/is read again: \d+ bytes were lost$/)
        // what was in the terminal, serialport has flushed at opening
        await expect.poll(() => got, { timeout: 60_000 }).toBeGreaterThan(4096)
    })

    test("what is there already is not overwritten", async () => {
        const { modem, junction } = await open()
        const file = path.join(os.tmpdir(), `no-link-${process.pid}`)
        fs.writeFileSync(file, "mine")
        cleanUps.push(() => fs.rmSync(file))
        await expect(
            PtyDoor.open({ modem, junction, path: file } as never)
        ).rejects.toThrow("is there already, and is no link")
        expect(fs.readFileSync(file, "utf8")).toBe("mine")
    })
})

test("two doors, one modem: both hear it, either may speak", async () => {
    const { modem: it, junction } = await modem()
    const a = junction.plug()
    const b = junction.plug()
    const heard = ["", ""]
    a.onData = bytes => (heard[0] += Buffer.from(bytes).toString("latin1"))
    b.onData = bytes => (heard[1] += Buffer.from(bytes).toString("latin1"))
    a.write(Buffer.from("AT\r"))
    await expect.poll(() => heard[1], { timeout: 60_000 }).toContain("OK")
    expect(heard[0]).toBe(heard[1])
    a.setDtr(true)
    b.setDtr(true)
    a.setDtr(false)
    expect(it.activity).toBe("command")
    // a rate of one's own, until the plug is pulled
    b.setBaud(9600)
    expect(it.dte.baud).toBe(9600)
    b.followBaud()
    expect(it.dte.baud).toBe(115200)
})
