/**
 * MQTT over TLS that the modem makes. Prints "RESULT …"; what the test is to do is
 * printed in capitals.
 */
import * as ds from "@devicescript/core"
import {
    Certificates,
    JacdacUart,
    MqttClient,
    Sim800,
} from "../../../src/index"

const modem = new Sim800({
    uart: new JacdacUart({ serial: new ds.Serial("modem") }),
    apn: "internet",
    receiveBuffer: 512,
})

function make(host: string, verify: boolean): MqttClient {
    return new MqttClient(modem, {
        host,
        proto: "tls",
        verify,
        clientId: "7",
        user: "me",
        password: "secret",
        keepAlive: 10,
    })
}

/** How a start of the client ends. */
async function start(what: string, client: MqttClient) {
    try {
        await client.start(30000)
        console.log(`RESULT ${what}: connected`)
    } catch (e) {
        console.log(`RESULT ${what}: ${(e as Error).message}`)
    }
}

await modem.start()
// the modem knows the root of nobody
const stranger = make("broker.example", true)
await start("root unknown", stranger)
await stranger.stop()
const http = await modem.connect({ host: "web.example", port: 80 })
const root = Buffer.alloc(2048)
let length = 0
for (;;) {
    const piece = await http.recv()
    if (!piece) break
    root.blitAt(length, piece, 0, piece.length)
    length += piece.length
}
await http.close()
await new Certificates(modem).install({ root: root.slice(0, length) })

const client = make("broker.example", true)
let heard = 0
client.subscribe("down", m => {
    console.log(`RESULT heard ${m.payload.toString()}`)
    heard++
})
await start("root known", client)
client.publish("up", "first")
await client.flush(30000)
while (heard < 1) await ds.sleep(100)
console.log("CUT")
while (client.connected()) await ds.sleep(100)
// it waits for the next connection
client.publish("up", "second")
while (heard < 2) await ds.sleep(100)
await client.stop()
await start("another's root", make("other.example", true))
console.log("RESULT end")
