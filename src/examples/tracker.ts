/**
 * A tracker without GPS: reports where the cell is that serves it, over TCP, and
 * when that fails, by a short message.
 */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import {
    cellLocation,
    identity,
    isoTime,
    JacdacUart,
    sendMessage,
    Sim800,
} from "../index"

/** Between two reports, ms. */
const PERIOD = 5000
/** In this time the data have to be there, ms. */
const PATIENCE = 60000

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
})
const host = await readSetting("HOST", "tracker.example")
const number = await readSetting("NUMBER", "+4915112345678")

async function place(): Promise<string> {
    const { latitude, longitude, accuracy, utc } = await cellLocation(modem)
    const time = utc === undefined ? "" : `, ${isoTime(utc)}`
    return `${latitude},${longitude} +-${accuracy} m${time}`
}

async function overTcp(report: string) {
    const socket = await modem.connect({ host, port: 9001, timeout: PATIENCE })
    await socket.send(`${report}\n`)
    if ((await socket.readLine(PATIENCE)) !== "stored")
        throw new Error("the server has not stored the report")
    await socket.close()
}

/** Short messages need no GPRS: what else is known goes into them. */
async function overSms(report: string, reason: string) {
    const reference = await sendMessage(modem, number, report.slice(0, 160))
    console.log(`message ${reference}, because ${reason}`)
}

let last = "place not known"
while (true) {
    let imei = ""
    try {
        await modem.start({ timeout: PATIENCE })
        imei = (await identity(modem)).imei
        last = await place()
        await overTcp(`${imei} ${last}`)
        console.log(`reported ${last}`)
    } catch (e) {
        const reason = (e as Error).message
        try {
            await overSms(`${imei} ${last}`, reason)
        } catch (e) {
            console.error((e as Error).message)
        }
    }
    await ds.sleep(PERIOD)
}
