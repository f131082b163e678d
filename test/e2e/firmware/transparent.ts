/**
 * Transparent mode (application note 2.2) as UDP client, as server, and with a
 * call and a short message in the middle of it. Prints a line "RESULT …" for
 * each.
 */
import * as ds from "@devicescript/core"
import {
    JacdacUart,
    listen,
    Phone,
    Sim800,
    Transparent,
} from "../../../src/index"
import { echoes } from "./echoes"

const uart = new JacdacUart({
    serial: new ds.Serial("modem"),
    lines: new ds.ModemLines("modem lines"),
})

function make(): Sim800 {
    return new Sim800({
        uart,
        apn: "internet",
        connections: "single",
        receive: "push",
    })
}

/** Transparent mode as UDP client, and as server. */
async function otherModes() {
    const modem = make()
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
    const modem = make()
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
    await otherModes()
    await transparent()
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
