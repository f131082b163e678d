/**
 * One connection (application note 2.1): client, UDP client, server. Prints a
 * line "RESULT …" for each.
 */
import * as ds from "@devicescript/core"
import {
    connectionStatus,
    JacdacUart,
    listen,
    Sim800,
    Sim800Options,
} from "../../../src/index"
import { echoes } from "./echoes"

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

try {
    await client("manual", {})
    await client("push, Ctrl-Z", { receive: "push", framing: "ctrl-z" })
    await client("hex, timer", { receive: "hex", framing: 1 })
    await client("plain, lazy", { receive: "plain", lazy: true })
    await udp()
    await server()
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
