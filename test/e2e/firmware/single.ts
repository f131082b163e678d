/**
 * One connection (application note 2.1, 2.2): client, UDP client, server, and
 * transparent mode with a call and a short message in the middle of it. Prints
 * a line "RESULT …" for each.
 */
import * as ds from "@devicescript/core"
import {
    connectionStatus,
    JacdacUart,
    listen,
    Phone,
    Sim800,
    Sim800Options,
    Socket,
    Transparent,
} from "../../../src/index"
import { Noise } from "./noise"

const uart = new JacdacUart({
    serial: new ds.Serial("modem"),
    lines: new ds.ModemLines("modem lines"),
})

function make(options: Partial<Sim800Options>): Sim800 {
    return new Sim800({
        uart,
        apn: "internet",
        connections: "single",
        ...options,
    })
}

async function echoes(socket: Socket, seed: number, total: number) {
    const buf = Buffer.alloc(512)
    const out = new Noise(seed)
    const back = new Noise(seed)
    let wrong = 0
    let got = 0
    while (got < total) {
        out.fill(buf, 500)
        await socket.send(buf.slice(0, 500))
        for (let part = 0; part < 500;) {
            const n = await socket.recvInto(buf, 20000)
            if (n <= 0) return `${got} bytes only`
            wrong += back.compare(buf, n)
            part += n
            got += n
        }
    }
    return `${got} bytes, ${wrong} wrong`
}

async function client(name: string, options: Partial<Sim800Options>) {
    const modem = make(options)
    await modem.start()
    const socket = await modem.connect({ host: "echo.example", port: 7 })
    const result = await echoes(socket, 5, 2000)
    const { state } = await connectionStatus(modem)
    await socket.close()
    console.log(
        `RESULT ${name}: ${result}, ${state}, ${modem.status().ipState}`
    )
    await modem.stop()
}

async function udp() {
    const modem = make({})
    await modem.start()
    const socket = await modem.connect({
        host: "udp.example",
        port: 9600,
        proto: "udp",
        localPort: 2020,
    })
    await socket.send("SIM800 UDP test")
    const answer = await socket.recv(20000)
    await socket.close()
    console.log(`RESULT udp: ${answer.toString()}`)
    await modem.stop()
}

async function server() {
    const modem = make({})
    await modem.start()
    const listening = await listen(modem, { port: 1234 })
    console.log("LISTENING")
    const socket = await listening.accept(20000)
    const line = await socket.readLine(20000)
    await socket.send("hello client\n")
    const end = await socket.recv(20000)
    await socket.close()
    const { state } = await connectionStatus(modem)
    await listening.close()
    console.log(`RESULT server: ${line}, ${end === null}, ${state}`)
    await modem.stop()
}

/** Transparent mode as UDP client, and as server. */
async function otherModes() {
    const modem = make({ receive: "push" })
    const mode = new Transparent(modem)
    await modem.start()
    const socket = await modem.connect({
        host: "udp.example",
        port: 9600,
        proto: "udp",
    })
    await socket.send("transparent UDP")
    const answer = await socket.recv(20000)
    await socket.close()
    const listening = await listen(modem, { port: 1234 })
    console.log("LISTENING")
    const peer = await listening.accept(20000)
    const line = await peer.readLine(20000)
    const data = mode.inDataMode()
    await peer.send("hello client\n")
    const end = await peer.recv(20000)
    await peer.close()
    await listening.close()
    console.log(
        `RESULT transparent UDP, server: ${answer.toString()}, ${line}, ${data}, ${end === null}`
    )
    await modem.stop()
}

async function transparent() {
    const modem = make({ receive: "push" })
    const mode = new Transparent(modem, { sendSize: 512 })
    const phone = new Phone(modem)
    let pulses = 0
    let number = ""
    phone.onpulse.subscribe(() => {
        pulses++
    })
    phone.onring.subscribe(n => {
        if (n) number = n
    })
    await modem.start()
    await phone.start()
    const socket = await modem.connect({ host: "echo.example", port: 7 })
    const before = await echoes(socket, 6, 3000)
    const carrier = mode.carrier()
    console.log("CALL")
    while (pulses < 2) await ds.sleep(20)
    await mode.commandMode()
    const index = await phone.nextMessage(10000)
    const message = await phone.readMessage(index)
    await phone.deleteMessage(index)
    while (!number) await ds.sleep(20)
    await phone.hangUp()
    await mode.dataMode()
    const after = await echoes(socket, 7, 3000)
    await socket.send("bye")
    let rest = ""
    while (true) {
        const part = await socket.recv(20000)
        if (!part) break
        rest += part.toString().split("\r\n").join("|")
    }
    console.log(`RESULT transparent: ${before}; ${after}; ${rest}`)
    console.log(`RESULT phone: ${number}, ${message.from}: ${message.text}`)
    console.log(
        `RESULT data mode: ${mode.inDataMode()}, DCD ${carrier} and ${mode.carrier()}, ${modem.status().ipState}`
    )
    await modem.stop()
}

try {
    await client("manual", {})
    await client("push, Ctrl-Z", { receive: "push", framing: "ctrl-z" })
    await client("hex, timer", { receive: "hex", framing: 1 })
    await client("plain, lazy", { receive: "plain", lazy: true })
    await udp()
    await server()
    await otherModes()
    await transparent()
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
