/** Made of src/examples/node.ts: see bench/node-bridge.ts. */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import {
    allowSleep,
    HttpClient,
    MqttClient,
    networkTime,
    Phone,
    sendMessage,
    Sim800,
    Store,
    StoreKeeper,
} from "../../src/index"
import { uart } from "../../boards/pico_sim800/uart"

const id = await readSetting("ID", "7")
const host = await readSetting("HOST", "web.example")
/** readings of a batch */
const batch = await readSetting("BATCH", 3)
/** who may send commands by short message */
const owner = await readSetting("NUMBER", "+4915112345678")
const modem = new Sim800({
    uart: uart(),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
    sockets: 2,
    receiveBuffer: 512,
})
const sleep = allowSleep(modem, { idle: 500 })
const phone = new Phone(modem)
const http = new HttpClient(modem, { timeout: 30000, headLimit: 512 })
const mqtt = new MqttClient(modem, {
    host: await readSetting("BROKER", "broker.example"),
    clientId: `node-${id}`,
    keepAlive: await readSetting("KEEPALIVE", 30),
    clean: false,
    outbox: 6144,
    limit: 128,
    will: { topic: `node/${id}/state`, payload: "gone", retain: true },
})
/** batches of 200 characters, ten of them; those that wait outlive a restart */
const store = new Store(200, 10)
const keeper = new StoreKeeper(store, "wait", 10)
let interval = await readSetting("INTERVAL", 5)
let reading = 0
/** the last command by MQTT, the last message, that was done */
let done = 0
let message = ""

function obey(command: string): string {
    const text = command.trim()
    if (text === "STATUS") {
        const { restarts, signal } = modem.status()
        return `reading ${reading}, ${signal} dBm, ${restarts} restarts, woken ${sleep.wakes}, ${store.lost} lost`
    }
    const seconds = text.startsWith("INTERVAL ") ? parseInt(text.slice(9)) : 0
    if (seconds > 0 && seconds <= 3600) {
        interval = seconds
        return `INTERVAL ${interval}`
    }
    return "STATUS or INTERVAL 1-3600"
}

mqtt.subscribe(`node/${id}/command`, m => {
    const text = m.payload.toString()
    const number = parseInt(text)
    // it has come again: its answer waits already
    if (!(number > done)) return
    mqtt.publish(
        `node/${id}/answer`,
        `${number} ${obey(text.slice(`${number}`.length))}`
    )
    done = number
})

/** Obeys one short message after the other. */
async function messages() {
    while (true) {
        try {
            const place = await phone.nextMessage()
            const { from, at, text } = await phone.readMessage(place)
            // one that could not be deleted comes again
            const what = `${at} ${from} ${text}`
            if (from === owner && what !== message) {
                const answer = obey(text)
                message = what
                await sendMessage(modem, from, answer)
            }
            await phone.deleteMessage(place)
        } catch (e) {
            console.error((e as Error).message)
            await ds.sleep(5000)
        }
    }
}

/** Posts one batch after the other. */
async function report() {
    while (true) {
        await ds.sleep(interval * batch * 1000)
        try {
            try {
                for (let body = store.first(); body; body = store.first()) {
                    const answer = await http.fetch(`http://${host}/${id}`, {
                        method: "POST",
                        body,
                    })
                    answer.close()
                    if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
                    store.drop()
                }
            } finally {
                await keeper.save()
            }
        } catch (e) {
            console.error((e as Error).message)
        }
    }
}

/** Keeps everything going, whatever happens to the modem. */
async function start() {
    while (true) {
        try {
            await modem.start()
            await phone.start()
            return
        } catch (e) {
            console.error((e as Error).message)
            await ds.sleep(10000)
        }
    }
}

/** ms since 1970, 0: the network has not said it */
async function time(): Promise<number> {
    try {
        const now = await networkTime(modem)
        return now ? now.utc : 0
    } catch {
        return 0
    }
}

await keeper.restore()
await start()
await mqtt.start()
mqtt.publish(`node/${id}/state`, `on ${await time()}`, { retain: true })
messages.start()
report.start()
while (true) {
    const line = `${reading} ${Math.round(ds.millis() / 1000)}`
    store.put(line)
    try {
        // what is left of the outbox is for answers
        if (mqtt.pending() < 80) mqtt.publish(`node/${id}/reading`, line)
    } catch {
        // its batch has it
    }
    reading++
    await ds.sleep(interval * 1000)
}
