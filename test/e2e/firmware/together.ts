/**
 * Everything at once (application note 2.1.4, 2.2.5, 3.2): a UDP port, a TCP
 * client and a server with two peers, while calls and short messages come.
 * Prints a line "RESULT …" for each.
 */
import * as ds from "@devicescript/core"
import {
    JacdacUart,
    listen,
    openUdp,
    Phone,
    Sim800,
    Socket,
    TcpServer,
    UdpSocket,
    connectionStatus,
} from "../../../src/index"
import { Noise } from "./noise"

const TOTAL = 8000
const DATAGRAMS = 20

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: "internet",
    receive: "push",
})
const phone = new Phone(modem)
let running = 0
let ended = false

/** Says what goes wrong instead of dying. */
async function attempt(name: string, job: () => Promise<string>) {
    running++
    let result = ""
    try {
        result = await job()
    } catch (e) {
        result = `failed: ${(e as Error).message}`
    }
    console.log(`RESULT ${name}: ${result}`)
    running--
}

async function sendNoise(socket: Socket, seed: number) {
    const noise = new Noise(seed)
    const buf = Buffer.alloc(400)
    for (let left = TOTAL; left > 0; left -= 400) {
        noise.fill(buf, 400)
        await socket.send(buf)
    }
}

/** What is sent comes back. */
async function client(): Promise<string> {
    const socket = await modem.connect({ host: "echo.example", port: 7 })
    running++
    const sender = async () => {
        await sendNoise(socket, 77)
        running--
    }
    sender.start()
    const noise = new Noise(77)
    const buf = Buffer.alloc(512)
    let got = 0
    let wrong = 0
    while (got < TOTAL) {
        const n = await socket.recvInto(buf, 30000)
        if (n <= 0) break
        wrong += noise.compare(buf, n)
        got += n
    }
    await socket.close()
    return `${got} bytes, ${wrong} wrong`
}

/** What comes from a peer, "A" or "B" and noise, is sent back. */
async function serve(socket: Socket): Promise<string> {
    const buf = Buffer.alloc(512)
    let noise: Noise
    let who = ""
    let got = 0
    let wrong = 0
    while (true) {
        const n = await socket.recvInto(buf, 30000)
        if (n <= 0) break
        let data = buf.slice(0, n)
        await socket.send(data)
        if (!noise) {
            who = data.slice(0, 1).toString()
            noise = new Noise(data[0])
            data = data.slice(1)
        }
        wrong += noise.compare(data, data.length)
        got += data.length
    }
    await socket.close()
    return `${who} ${got} bytes, ${wrong} wrong`
}

/** Each datagram goes back to who has sent it. */
async function datagrams(socket: UdpSocket): Promise<string> {
    let count = 0
    while (count < DATAGRAMS) {
        const datagram = await socket.recvFrom(30000)
        if (!datagram) break
        await socket.sendTo(datagram.data, datagram.address, datagram.port)
        count++
    }
    return `${count} datagrams`
}

async function acceptOne(server: TcpServer) {
    const socket = await server.accept(30000)
    const job = async () => await serve(socket)
    attempt.start("peer", job)
}

async function accepting(server: TcpServer) {
    await acceptOne(server)
    await acceptOne(server)
}

phone.onring.subscribe(number => {
    if (number) console.log(`RING ${number}`)
})

async function messages() {
    while (true) {
        const index = await phone.nextMessage()
        const message = await phone.readMessage(index)
        await phone.deleteMessage(index)
        console.log(`MESSAGE ${message.from}: ${message.text}`)
    }
}

try {
    await modem.start()
    await phone.start()
    messages.start()
    const server = await listen(modem, { port: 8888 })
    const udp = await openUdp(modem, {
        localPort: 9600,
        host: "127.0.0.1",
        port: 9,
    })
    console.log("READY")
    running++
    accepting.start(server)
    attempt.start("client", client)
    const job = async () => await datagrams(udp)
    attempt.start("udp", job)
    running--
    let seen = 0
    while (running > 0 || seen < 4) {
        await ds.sleep(100)
        seen++
    }
    while (!ended) {
        const status = await connectionStatus(modem)
        console.log(
            `RESULT server ${status.server}, ${status.state}, overruns ${modem.status().overruns}`
        )
        ended = true
    }
    await server.close()
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
