/**
 * Sleep (application note 11): a modem that is woken by what is sent, and by what
 * comes. Prints a line "RESULT …" for each.
 */
import * as ds from "@devicescript/core"
import {
    allowSleep,
    command,
    JacdacUart,
    Sim800,
    Socket,
} from "../../../src/index"

const uart = new JacdacUart({
    serial: new ds.Serial("modem"),
    lines: new ds.ModemLines("modem lines"),
})
const echo = { host: "echo.example", port: 7 }

async function answer(socket: Socket, text: string): Promise<string> {
    await socket.send(text)
    const data = await socket.recv(20000)
    return data ? data.toString() : `${data}`
}

async function sleeping() {
    const modem = new Sim800({ uart, apn: "internet" })
    allowSleep(modem, { idle: 500 })
    await modem.start()
    const socket = await modem.connect(echo)
    await ds.sleep(4000)
    console.log("ASLEEP?")
    const one = await answer(socket, "woken by DTR")
    await ds.sleep(4000)
    console.log("ASLEEP?")
    await socket.send("later")
    const two = await socket.recv(20000)
    const battery = await command(modem, "AT+CBC")
    console.log(`RESULT sleep: ${one}, ${two.toString()}, ${battery[0]}`)
    await socket.close()
    await modem.stop()
}

try {
    await sleeping()
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
