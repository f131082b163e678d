/**
 * UDP: each reading is a datagram, and goes again until the server has said that
 * it has it. Nothing has to be connected, and a lost one costs two packets.
 */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import { JacdacUart, Sim800 } from "../index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
    sockets: 1,
})
const host = await readSetting("HOST", "logger.example")
/** How often a datagram goes, and how long an answer may take, ms. */
const TRIES = 5
const PATIENCE = 3000

/** @returns whether the server has it */
async function deliver(number: number, value: number): Promise<boolean> {
    const socket = await modem.connect({ host, port: 9002, proto: "udp" })
    try {
        for (let i = 0; i < TRIES; i++) {
            await socket.send(`${number} ${value}`)
            const answer = await socket.recv(PATIENCE)
            if (answer && answer.toString() === `${number}`) return true
        }
        return false
    } finally {
        await socket.close()
    }
}

let number = 0
while (true) {
    try {
        await modem.start()
        if (await deliver(number, 20 + number))
            console.log(`${number++} stored`)
    } catch (e) {
        console.error((e as Error).message)
    }
    await ds.sleep(1000)
}
