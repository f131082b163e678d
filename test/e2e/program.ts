/**
 * A program in DeviceScript's VM with a virtual SIM800, by a led clock, from start to
 * "RESULT end".
 */
import dgram from "node:dgram"
import net from "node:net"
import type { AddressInfo } from "node:net"
import { HostNetwork } from "../../sim/host/network"
import type { ModemOptions } from "../../sim/modem/options"
import { Random } from "../../sim/modem/random"
import { Simulator } from "../../simulator/simulator"
import { build } from "../../simulator/vm/firmware"
import { leadClock, ledVm } from "./led"

/** What a program has not done by then it will not do, ms. */
const LIMIT = 1_800_000

/**
 * @param source the program
 * @param onLine told of everything that it prints, e.g. of what it asks the test to do
 * @param prepare what is to be done before the modem is switched on
 * @returns the lines that it has printed behind "RESULT "
 */
export async function results(
    source: string,
    options: ModemOptions,
    onLine: (text: string, simulator: Simulator) => void = () => undefined,
    prepare: (simulator: Simulator) => void = () => undefined
): Promise<string[]> {
    const program = await build(source)
    const stopLeading = leadClock()
    const simulator = await Simulator.open({ delays: "fast", ...options })
    prepare(simulator)
    const lines: string[] = []
    const log: string[] = []
    try {
        await new Promise<void>((resolve, reject) => {
            const die = (reason: string): void =>
                reject(new Error(`${reason}\n${log.join("\n")}`))
            setTimeout(() => die("the program does not end"), LIMIT)
            simulator.run(
                program,
                ({ text }) => {
                    log.push(text)
                    // E2E_LOG=1 shows what happens in the VM
                    if (process.env.E2E_LOG) console.log(text)
                    if (text === "RESULT end") resolve()
                    else if (text.startsWith("RESULT ")) {
                        console.log(text)
                        lines.push(text.slice(7))
                    }
                    onLine(text, simulator)
                },
                die,
                ledVm
            )
            simulator.modem.powerOn()
        })
    } finally {
        await simulator.close()
        stopLeading()
    }
    return lines
}

const CALLER = "+4915112345678"
/** A modem that tells where it is, and what the network says of the time. */
export const TALKATIVE = {
    registrationReports: 2,
    gprsReports: 2,
    networkTime: true,
} as const
/** Most short messages: a SIM card holds 20, and tells of no more. */
const MESSAGES = 20

/**
 * What `disturb()` makes the modem say, as firmware/disturbance.ts hears it (and
 * NO CARRIER, which is for the driver).
 */
export const DISTURBANCES = [
    "*PSNWID",
    "*PSUTTZ",
    "+CGREG",
    "+CIEV",
    "+CLIP",
    "+CMTE",
    "+CMTI",
    "+CREG",
    "+CSQN",
    "+CTZV",
    "DST",
    "RING",
    "UNDER-VOLTAGE WARNNING",
]

/**
 * Whatever a modem may say of itself, in random order at random times, until it
 * is told to stop: calls, short messages, the signal, the cell and with it the
 * time, the supply. E2E_SEED=n repeats an order. The modem has to be TALKATIVE.
 */
export function disturb({ modem }: Simulator): () => void {
    const seed = Number(process.env.E2E_SEED ?? Date.now() % 1_000_000)
    const random = new Random(seed)
    console.log(`E2E_SEED=${seed}`)
    let roaming = false
    let messages = 0
    const all: (() => void)[] = [
        () => {
            modem.call(CALLER)
            modem.announce(`+CLIP: "${CALLER}",145,"",0,"",0`)
        },
        () => modem.hangUp(),
        () => {
            if (messages++ < MESSAGES)
                modem.receiveMessage({ from: "+123", text: "CLOSED" })
        },
        () => modem.announce(`+CSQN: ${random.below(32)},0`),
        () => modem.announce("+CSQN: 99,99"),
        () => {
            roaming = !roaming
            modem.setRegistration(roaming ? 5 : 1)
        },
        () => modem.announce("UNDER-VOLTAGE WARNNING"),
        () => modem.announce("+CMTE: 1"),
        () => modem.announce('+CIEV: 10,"26201","Net","Net", 0, 0'),
    ]
    let left: (() => void)[] = []
    let timer: NodeJS.Timeout
    const next = (): void => {
        // each once before any comes again
        if (left.length === 0) left = [...all]
        left.splice(random.below(left.length), 1)[0]()
        timer = setTimeout(next, 20 + random.below(500))
    }
    next()
    return () => clearTimeout(timer)
}

/**
 * A TCP server on a free port of loopback. It says at once what it has to say: an
 * acknowledgement that the system keeps back for 40 ms is a matter of seconds where the
 * clock is led.
 */
export async function tcpServer(
    accept: (socket: net.Socket) => void
): Promise<{ port: number; close: () => void }> {
    const sockets: net.Socket[] = []
    const server = net.createServer({ noDelay: true }, socket => {
        sockets.push(socket)
        socket.on("error", () => undefined)
        accept(socket)
    })
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    const close = (): void => {
        server.close()
        for (const socket of sockets) socket.destroy()
    }
    return { port: (server.address() as AddressInfo).port, close }
}

/** A UDP port of loopback. */
export async function udpPort(
    received: (data: Buffer, from: dgram.RemoteInfo, port: dgram.Socket) => void
): Promise<dgram.Socket> {
    const socket = dgram.createSocket("udp4")
    socket.on("message", (data, from) => received(data, from, socket))
    await new Promise<void>(done => socket.bind(0, "127.0.0.1", done))
    return socket
}

/**
 * The network of this machine, where ports of the modem's have numbers that the
 * system hands out.
 * @returns the network, and where such a port is once the modem has opened it
 */
export function hostNetwork(
    ports: readonly number[],
    map: readonly string[] = []
): { network: HostNetwork; at: (port: number) => number } {
    const listen = ports.map(port => `${port}=0`)
    const network = new HostNetwork({ map, listen })
    const opened = new Map<number, number>()
    network.onOpened = ({ port, local }) => opened.set(port, local.port)
    return {
        network,
        at: port => {
            const found = opened.get(port)
            if (found === undefined)
                throw new Error(`the modem has not opened port ${port}`)
            return found
        },
    }
}

/** xorshift32: the same bytes again for the same seed, here and in the VM. */
export function noise(seed: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    let x = seed
    for (let i = 0; i < length; i++) {
        x ^= x << 13
        x ^= x >> 17
        x ^= x << 5
        bytes[i] = x & 0xff
    }
    return bytes
}
