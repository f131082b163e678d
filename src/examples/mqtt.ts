/**
 * MQTT by DeviceScript's own client, over the modem: publishes readings, and
 * takes from the broker how often. The client connects again by itself.
 */
import * as ds from "@devicescript/core"
import { MQTTMessage, startMQTTClient } from "@devicescript/net"
import { readSetting } from "@devicescript/settings"
import { JacdacUart, Sim800, useAsNetwork } from "../index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
    // the client has one at a time
    sockets: 2,
    // the modem asks a broker from which nothing comes, s
    keepAlive: 60,
})
const host = await readSetting("HOST", "broker.example")

let period = 5000

function setPeriod(message: MQTTMessage) {
    const ms = parseInt(message.content.toString())
    if (!(ms >= 100)) return
    period = ms
    console.log(`a reading every ${period} ms`)
}

async function start() {
    while (true) {
        try {
            await modem.start()
            return
        } catch (e) {
            console.error((e as Error).message)
        }
        await ds.sleep(10000)
    }
}

await start()
// the client pings the broker each minute at least, and each ping has an answer
useAsNetwork(modem, { silence: 90 })
const mqtt = await startMQTTClient({ host, port: 1883, proto: "tcp" })
await mqtt.subscribe("device/period", setPeriod)

let temperature = 20
while (true) {
    // false while there is no connection: the reading stays
    if (await mqtt.publish("device/temperature", `${temperature}`))
        temperature++
    await ds.sleep(period)
}
