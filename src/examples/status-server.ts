/**
 * A device that answers questions: a TCP server on port 8888 of the modem's
 * own address. One word on each line is a question; up to five peers may ask
 * at the same time.
 */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import {
    battery,
    identity,
    isoTime,
    JacdacUart,
    listen,
    networkTime,
    signal,
    Sim800,
    Socket,
} from "../index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
})

async function answer(question: string): Promise<string> {
    if (question === "battery") return JSON.stringify(await battery(modem))
    if (question === "signal") return JSON.stringify(await signal(modem))
    if (question === "identity") return JSON.stringify(await identity(modem))
    if (question === "time") {
        const time = await networkTime(modem)
        return time ? isoTime(time.utc) : "not set"
    }
    return "ask for battery, signal, identity or time"
}

async function serve(socket: Socket) {
    try {
        let question = await socket.readLine(60000)
        while (typeof question === "string") {
            await socket.send(`${await answer(question.trim())}\n`)
            question = await socket.readLine(60000)
        }
    } catch (e) {
        // this peer alone
        console.error((e as Error).message)
    }
    // its number is for the next one
    await socket.close()
}

await modem.start()
if (!(await networkTime(modem))) {
    console.log(
        "restarting the modem: the network tells it the time when it registers"
    )
    await modem.reset()
}
const server = await listen(modem, { port: 8888 })
console.log(`listening on ${modem.status().address}:8888`)
while (true) {
    const socket = await server.accept()
    serve.start(socket)
}
