/**
 * HTTP by DeviceScript's own `fetch()`, over the modem: gets the period of readings
 * from a server, and posts them.
 */
import * as ds from "@devicescript/core"
import { fetch } from "@devicescript/net"
import { readSetting } from "@devicescript/settings"
import { JacdacUart, Sim800, useAsNetwork } from "../index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
    // fetch() uses one at a time
    sockets: 2,
})
const host = await readSetting("HOST", "web.example")
useAsNetwork(modem)

/** @returns ms from one reading to the next */
async function getPeriod(): Promise<number> {
    const response = await fetch(`http://${host}/settings`)
    if (!response.ok) throw new Error(`settings: HTTP ${response.status}`)
    const settings = await response.json()
    return settings.period
}

async function post(temperature: number): Promise<string> {
    const response = await fetch(`http://${host}/readings`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ temperature }),
    })
    return `HTTP ${response.status}: ${await response.text()}`
}

let temperature = 20
let period = 0
while (true) {
    try {
        // returns at once as long as the modem is in the network
        await modem.start()
        if (!period) period = await getPeriod()
        console.log(await post(temperature++))
    } catch (e) {
        console.error((e as Error).message)
    }
    await ds.sleep(period || 5000)
}
