/**
 * Transparent mode: the UART is the connection, byte for byte. A server sends lines,
 * and gets them back numbered; a call in between is reported.
 */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import { JacdacUart, Phone, Sim800, Transparent } from "../index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
    connections: "single",
    receive: "push",
})
const host = await readSetting("HOST", "logger.example")
const transparent = new Transparent(modem)
const phone = new Phone(modem)
let caller = ""

async function lookWhoCalls() {
    // in data mode only a pulse on RI reports a call
    await transparent.commandMode()
    await ds.sleep(3000)
    await phone.hangUp()
    await transparent.dataMode()
}

phone.onring.subscribe(number => {
    if (number) caller = number
})
phone.onpulse.subscribe(async what => {
    try {
        if (what === "call") await lookWhoCalls()
    } catch (e) {
        console.error((e as Error).message)
    }
})

while (true) {
    try {
        await modem.start()
        await phone.start()
        const socket = await modem.connect({ host, port: 9003 })
        try {
            let count = 0
            while (true) {
                const line = await socket.readLine()
                if (line === null) break
                await socket.send(`${++count} ${line} ${caller}\n`)
            }
        } finally {
            await socket.close()
        }
    } catch (e) {
        console.error((e as Error).message)
    }
    await ds.sleep(5000)
}
