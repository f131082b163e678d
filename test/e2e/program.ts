/** A program in DeviceScript's VM with a virtual SIM800, from start to "RESULT end". */
import dgram from "node:dgram"
import net from "node:net"
import type { AddressInfo } from "node:net"
import type { ModemOptions } from "../../sim/modem/options"
import { Simulator } from "../../sim/simulator"
import { build } from "../../sim/vm/firmware"

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
    const simulator = await Simulator.open({ delays: "fast", ...options })
    prepare(simulator)
    const lines: string[] = []
    const log: string[] = []
    try {
        await new Promise<void>((resolve, reject) => {
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
                reason => reject(new Error(`${reason}\n${log.join("\n")}`))
            )
            simulator.modem.powerOn()
        })
    } finally {
        await simulator.close()
    }
    return lines
}

/** Calls and short messages, every now and then. */
export function disturb({ modem }: Simulator): NodeJS.Timeout {
    let n = 0
    return setInterval(() => {
        n++
        if (n % 2) modem.call("+4915112345678")
        else modem.hangUp()
        if (n % 3 === 0) modem.receiveMessage({ from: "+123", text: "CLOSED" })
    }, 700)
}

/** A TCP server on a free port of loopback. */
export async function tcpServer(
    accept: (socket: net.Socket) => void
): Promise<{ port: number; close: () => void }> {
    const sockets: net.Socket[] = []
    const server = net.createServer(socket => {
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

/** Ports of loopback that are free now. */
export async function freePorts(count: number): Promise<number[]> {
    const servers = await Promise.all(
        Array.from({ length: count }, () => tcpServer(() => undefined))
    )
    for (const { close } of servers) close()
    return servers.map(({ port }) => port)
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
