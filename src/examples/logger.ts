/**
 * A logger for a battery: takes a reading now and then, and sends some at a time. In
 * between the modem sleeps, with its connection to the network up. It prints how often
 * it was woken, and how long that took.
 */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import { allowSleep, battery, JacdacUart, Sim800 } from "../index"

/** Between two readings, ms: on a battery, minutes. */
const PERIOD = 1000
/** How many are sent at a time. */
const BATCH = 3

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
})
const host = await readSetting("HOST", "logger.example")
const sleep = allowSleep(modem, { idle: 500 })

/** Instead of a sensor: the time since the start, in seconds. */
function measure(): number {
    return Math.round(ds.millis() / 100) / 10
}

/** One line for each reading; the server says how many it has stored. */
async function send(readings: number[]): Promise<string> {
    const { volts } = await battery(modem)
    const socket = await modem.connect({ host, port: 9000, timeout: 90000 })
    let lines = `${volts} V, woken ${sleep.wakes} times\n`
    for (const reading of readings) lines += `${reading}\n`
    await socket.send(`${lines}\n`)
    const answer = await socket.readLine(30000)
    await socket.close()
    return answer
}

let readings: number[] = []
while (true) {
    readings.push(measure())
    if (readings.length >= BATCH) {
        try {
            // returns at once as long as the modem is in the network
            await modem.start()
            console.log(`server: ${await send(readings)}`)
            readings = []
        } catch (e) {
            // they are kept, the next time there are more
            console.error((e as Error).message)
        }
    }
    await ds.sleep(PERIOD)
}
