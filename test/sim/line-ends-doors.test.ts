/**
 * Clients that end their lines with CR LF, at the doors themselves, in real time: the
 * LF is never the first byte of the data, however the stream is cut.
 * `SENDS=10000` makes it as many sends.
 */
import { mkdtempSync, rmSync } from "node:fs"
import net from "node:net"
import os from "node:os"
import path from "node:path"
import { SerialPort } from "serialport"
import { afterEach, expect, test, vi } from "vitest"
import { RealModem } from "../../sim/adapter/real-modem"
import { Junction } from "../../sim/doors/junction"
import { PtyDoor } from "../../sim/doors/pty-door"
import { Rfc2217Door } from "../../sim/doors/rfc2217-door"
import { TcpDoor } from "../../sim/doors/tcp-door"
import { RealClock } from "../../sim/modem/clock"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import { Random } from "../../sim/modem/random"

const SEED = 5
const SENDS = Number(process.env.SENDS ?? 90)
vi.setConfig({ testTimeout: SENDS > 1000 ? 3_600_000 : 120_000 })

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const sleep = (ms: number): Promise<void> =>
    new Promise(done => setTimeout(done, ms))

/** What a client has of a door. */
interface Wire {
    write(bytes: Buffer): void
    onData: (text: string) => void
}

function opened(modem: VirtualSim800) {
    return { modem, junction: new Junction(modem.dte, modem), port: 0 }
}

async function tcp(modem: VirtualSim800): Promise<Wire> {
    const door = await TcpDoor.open(opened(modem))
    const socket = net.connect({ port: door.port, noDelay: true })
    cleanUps.push(() => door.close())
    cleanUps.push(() => socket.destroy())
    const wire: Wire = {
        write: bytes => void socket.write(bytes),
        onData: () => undefined,
    }
    socket.on("data", bytes => wire.onData(bytes.toString("latin1")))
    return wire
}

async function rfc2217(modem: VirtualSim800): Promise<Wire> {
    const door = await Rfc2217Door.open(opened(modem))
    const real = await RealModem.open(`rfc2217://127.0.0.1:${door.port}`)
    cleanUps.push(() => door.close())
    cleanUps.push(() => real.close())
    const wire: Wire = {
        write: bytes => real.write(bytes),
        onData: () => undefined,
    }
    real.onData = bytes => wire.onData(Buffer.from(bytes).toString("latin1"))
    return wire
}

async function pty(modem: VirtualSim800): Promise<Wire> {
    const folder = mkdtempSync(path.join(os.tmpdir(), "ends-"))
    const link = path.join(folder, "port")
    const door = await PtyDoor.open({ ...opened(modem), path: link })
    const port = new SerialPort({ path: link, baudRate: 115200 })
    cleanUps.push(() => rmSync(folder, { recursive: true }))
    cleanUps.push(() => door.close())
    cleanUps.push(() => new Promise<void>(done => port.close(() => done())))
    const wire: Wire = {
        write: bytes => void port.write(bytes),
        onData: () => undefined,
    }
    port.on("data", (bytes: Buffer) => wire.onData(bytes.toString("latin1")))
    return wire
}

const doors = { TCP: tcp, "RFC 2217": rfc2217, PTY: pty }
type DoorName = keyof typeof doors
const profiles = ["instant", "fast", "realistic"] as const

class Client {
    private heard = ""
    private wake: () => void = () => undefined

    constructor(
        private readonly wire: Wire,
        private readonly random: Random
    ) {
        wire.onData = text => {
            this.heard += text
            this.wake()
        }
    }

    /** Cut anywhere: no gap, a short one, that of a delayed acknowledgement, a long one. */
    async write(text: string): Promise<void> {
        let rest = text
        while (rest !== "") {
            const whole = this.random.below(3) === 0
            const count = whole
                ? rest.length
                : 1 + this.random.below(rest.length)
            this.wire.write(Buffer.from(rest.slice(0, count), "latin1"))
            rest = rest.slice(count)
            if (rest !== "") await sleep([0, 3, 40, 120][this.random.below(4)])
        }
    }

    async ask(text: string, answer: string): Promise<void> {
        this.heard = ""
        await this.write(text)
        const end = Date.now() + 60_000
        while (!this.heard.includes(answer)) {
            if (Date.now() > end)
                throw new Error(`no ${answer}: ${JSON.stringify(this.heard)}`)
            await new Promise<void>(done => {
                const timer = setTimeout(done, 1000)
                this.wake = () => {
                    clearTimeout(timer)
                    done()
                }
            })
        }
    }
}

/** @returns how many sends came otherwise than they were sent */
async function wrongSends(
    door: DoorName,
    delays: (typeof profiles)[number],
    sends: number
): Promise<number> {
    const clock = new RealClock()
    const network = new MemoryNetwork(clock)
    const modem = new VirtualSim800({
        clock,
        network,
        delays,
        stored: { baud: 115200 },
    })
    cleanUps.push(() => modem.dispose())
    let arrived = ""
    network.listen("198.18.0.7", 7, peer => {
        peer.onData = bytes =>
            (arrived += Buffer.from(bytes).toString("latin1"))
    })
    modem.powerOn()
    const registered = (): boolean => modem.activity === "command"
    while (!registered()) await sleep(50)
    await sleep(delays === "realistic" ? 12_000 : 500)
    const random = new Random(SEED)
    const client = new Client(await doors[door](modem), random)
    await client.ask("ATE0\r\n", "OK\r\n")
    await client.ask('AT+CIPSTART="TCP","198.18.0.7",7\r\n', "CONNECT OK\r\n")
    let wrong = 0
    for (let i = 0; i < sends; i++) {
        const data = `${["\n", "\r\n", "A", "\n\n"][random.below(4)]}0123456789`
        arrived = ""
        await client.ask(`AT+CIPSEND=${data.length}\r\n`, "> ")
        await client.ask(data, "SEND OK\r\n")
        if (arrived !== data) wrong++
    }
    return wrong
}

const cases = (Object.keys(doors) as DoorName[])
    .filter(door => door !== "PTY" || process.platform !== "win32")
    .flatMap(door => profiles.map(profile => [door, profile] as const))

test(`seed ${SEED}: no byte wrong, at any door, with any delays`, async () => {
    const sends = Math.ceil(SENDS / cases.length)
    const wrong = await Promise.all(
        cases.map(async ([door, profile]) => [
            `${door}, ${profile}`,
            await wrongSends(door, profile, sends),
        ])
    )
    expect(wrong).toEqual(
        cases.map(([door, profile]) => [`${door}, ${profile}`, 0])
    )
})
