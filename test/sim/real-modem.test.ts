/** A modem in another process, or a real one: here the virtual one behind its doors. */
import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterEach, expect, test, vi } from "vitest"
import { parseAddress } from "../../sim/adapter/carrier"
import { RealModem } from "../../sim/adapter/real-modem"
import { explain } from "../../sim/adapter/serial"
import { Junction } from "../../sim/doors/junction"
import { PtyDoor } from "../../sim/doors/pty-door"
import { Rfc2217Door } from "../../sim/doors/rfc2217-door"
import { TcpDoor } from "../../sim/doors/tcp-door"
import { RealClock } from "../../sim/modem/clock"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import { textOf } from "../../sim/modem/bytes"

vi.setConfig({ testTimeout: 120_000 })

const PATIENTLY = { timeout: 60_000 }
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function virtual(network?: MemoryNetwork) {
    const modem = new VirtualSim800({
        network,
        delays: "fast",
        stored: { baud: 115200 },
    })
    cleanUps.push(() => modem.dispose())
    modem.powerOn()
    await expect.poll(() => modem.activity, PATIENTLY).toBe("command")
    await new Promise(done => setTimeout(done, 200))
    return { modem, junction: new Junction(modem.dte, modem) }
}

async function real(address: string) {
    const log: string[] = []
    const modem = await RealModem.open(address, {
        onLog: line => log.push(line),
    })
    cleanUps.push(() => modem.close())
    let heard = ""
    modem.onData = bytes => (heard += textOf(bytes))
    const ask = async (text: string): Promise<string> => {
        heard = ""
        modem.write(Buffer.from(`${text}\r`))
        // what comes unasked may follow
        await expect.poll(() => heard, PATIENTLY).toMatch(/OK\r\n/)
        return heard
    }
    return { modem, log, ask }
}

test("behind TCP: data; when it is cut, it goes on by itself", async () => {
    const opened = await virtual()
    const first = await TcpDoor.open({ ...opened, port: 0 })
    const { port } = first
    const { modem, log, ask } = await real(`tcp://127.0.0.1:${port}`)
    expect(modem.description).toBe("data only")
    expect(await ask("ATI")).toContain("SIM800")
    await first.close()
    await expect
        .poll(() => log, PATIENTLY)
        .toContain(`tcp://127.0.0.1:${port} has closed the connection`)
    const second = await TcpDoor.open({ ...opened, port })
    cleanUps.push(() => second.close())
    await expect.poll(() => log.at(-1), PATIENTLY).toBe("the modem is back")
    expect(await ask("AT")).toContain("OK")
})

test("behind RFC 2217: rate, DTR, RI of a message, DCD at rest", async () => {
    const opened = await virtual()
    const door = await Rfc2217Door.open({ ...opened, port: 0 })
    cleanUps.push(() => door.close())
    const { modem, ask } = await real(`rfc2217://127.0.0.1:${door.port}`)
    expect(modem.description).toBe("with DTR, RTS and CTS, DCD, RI")
    modem.setDtr(true)
    await ask("ATE0")
    await ask("AT+IPR=9600")
    modem.setBaud(9600)
    expect(await ask("AT+IPR?")).toContain("9600")
    const rings: boolean[] = []
    modem.onRi = low => rings.push(low)
    opened.modem.receiveMessage({ from: "+1", text: "hi" })
    await expect.poll(() => rings, PATIENTLY).toEqual([true, false])
    await ask("AT+CSCLK=1")
    modem.setDtr(false)
    await expect.poll(() => opened.modem.asleep, PATIENTLY).toBe(true)
    modem.setDtr(true)
    await expect.poll(() => opened.modem.asleep, PATIENTLY).toBe(false)
    expect(modem.dcd).toBe(false)
})

test("behind RFC 2217: RI of a call for as long as it rings, DCD of a connection", async () => {
    const network = new MemoryNetwork(new RealClock())
    const server = network.echo("198.18.0.7", 7)
    const opened = await virtual(network)
    const door = await Rfc2217Door.open({ ...opened, port: 0 })
    cleanUps.push(() => door.close())
    const { modem, ask } = await real(`rfc2217://127.0.0.1:${door.port}`)
    const rings: boolean[] = []
    modem.onRi = low => rings.push(low)
    const carriers: boolean[] = []
    modem.onDcd = low => carriers.push(low)
    await ask("ATE0")
    await expect.poll(() => opened.modem.call("+123"), PATIENTLY).toBe(true)
    await expect.poll(() => rings, PATIENTLY).toEqual([true])
    opened.modem.hangUp()
    await expect.poll(() => rings, PATIENTLY).toEqual([true, false])
    await ask("AT&C1;+CIPMODE=1")
    modem.write(Buffer.from('AT+CIPSTART="TCP","198.18.0.7",7\r'))
    await expect.poll(() => carriers, PATIENTLY).toEqual([true])
    server.peer.end()
    await expect.poll(() => carriers, PATIENTLY).toEqual([true, false])
})

test.skipIf(process.platform === "win32")(
    "behind a pseudo terminal, as at a serial port without lines",
    async () => {
        const opened = await virtual()
        const folder = mkdtempSync(path.join(os.tmpdir(), "real-"))
        cleanUps.push(() => rmSync(folder, { recursive: true }))
        const link = path.join(folder, "port")
        const door = await PtyDoor.open({ ...opened, path: link })
        cleanUps.push(() => door.close())
        const { modem, ask } = await real(link)
        expect(modem.description).toBe("data only")
        expect(await ask("ATI")).toContain("SIM800")
    }
)

test.skipIf(process.platform === "win32")(
    "a serial port that is unplugged is told once, and goes on when it is back",
    async () => {
        const opened = await virtual()
        const folder = mkdtempSync(path.join(os.tmpdir(), "real-"))
        cleanUps.push(() => rmSync(folder, { recursive: true }))
        const link = path.join(folder, "port")
        const first = await PtyDoor.open({ ...opened, path: link })
        const { log, ask } = await real(link)
        expect(await ask("ATI")).toContain("SIM800")
        first.close()
        await expect
            .poll(() => log, PATIENTLY)
            .toEqual([
                `${link} is gone: is it unplugged?`,
                `there is no ${link}: is the adapter plugged in?`,
            ])
        const second = await PtyDoor.open({ ...opened, path: link })
        cleanUps.push(() => second.close())
        await expect.poll(() => log.at(-1), PATIENTLY).toBe("the modem is back")
        expect(await ask("AT")).toContain("OK")
    }
)

test.skipIf(process.platform === "win32")(
    "a serial port that another program has is a clear error",
    async () => {
        const opened = await virtual()
        const folder = mkdtempSync(path.join(os.tmpdir(), "real-"))
        cleanUps.push(() => rmSync(folder, { recursive: true }))
        const link = path.join(folder, "port")
        const door = await PtyDoor.open({ ...opened, path: link })
        cleanUps.push(() => door.close())
        await real(link)
        await expect(RealModem.open(link)).rejects.toThrow(
            `${link} is in use by another program: close it`
        )
    }
)

test.each([
    ["linux", "Error: Permission denied, cannot open /dev/ttyUSB0", "dialout"],
    ["win32", "Opening COM5: Access denied", "in use by another program"],
    ["win32", "Opening COM5: File not found", "is the adapter plugged in?"],
    [
        "linux",
        "Error Resource temporarily unavailable Cannot lock port",
        "in use by another program",
    ],
] as const)("on %s, %s: what to do", (platform, message, advice) => {
    expect(explain("port", message, platform)).toContain(advice)
})

test("a modem at another rate answers once the rate is right", async () => {
    const opened = await virtual()
    const door = await Rfc2217Door.open({ ...opened, port: 0 })
    cleanUps.push(() => door.close())
    const { modem } = await real(`rfc2217://127.0.0.1:${door.port}`)
    let heard = ""
    modem.setBaud(9600)
    modem.onData = bytes => (heard += textOf(bytes))
    modem.write(Buffer.from("AT\r"))
    await new Promise(done => setTimeout(done, 300))
    expect(heard).not.toContain("OK")
    modem.setBaud(115200)
    modem.write(Buffer.from("\r"))
    await new Promise(done => setTimeout(done, 100))
    heard = ""
    modem.write(Buffer.from("AT\r"))
    await expect.poll(() => heard, PATIENTLY).toContain("OK")
})

test.each([
    ["/dev/ttyUSB0", "serial"],
    ["COM5", "serial"],
    ["tcp://a.example:2000", "tcp"],
    ["rfc2217://127.0.0.1:2217", "rfc2217"],
])("%s is an address", (text, kind) => {
    expect(parseAddress(text).kind).toBe(kind)
})

test.each(["http://a:1", "tcp://a", "tcp://a:0", "tcp://a:70000", ""])(
    "%s is none",
    text => {
        expect(() => parseAddress(text)).toThrow("is no modem: a serial port")
    }
)

test.each([
    ["/dev/nothing", "there is no /dev/nothing"],
    ["tcp://127.0.0.1:1", "cannot be reached"],
])("%s cannot be had, and that is said", async (address, message) => {
    await expect(RealModem.open(address)).rejects.toThrow(message)
})
