/**
 * What a broker keeps: retained messages, and the session of a client that is away.
 * Prints "RESULT …"; what the test is to do is printed in capitals.
 */
import * as ds from "@devicescript/core"
import {
    JacdacUart,
    MqttClient,
    Sim800,
    type MqttMessage,
} from "../../../src/index"

const modem = new Sim800({
    uart: new JacdacUart({ serial: new ds.Serial("modem") }),
    apn: "internet",
    receiveBuffer: 512,
})
/** what has come since it was asked last, and the last mark */
let heard: string[] = []
let mark = 0

function hear(m: MqttMessage) {
    const { topic, payload, retain } = m
    heard.push(`${topic} ${payload.toString()}${retain ? " retained" : ""}`)
}

function make(clientId: string, clean: boolean): MqttClient {
    const client = new MqttClient(modem, {
        host: "broker.example",
        clientId,
        clean,
        keepAlive: 10,
    })
    client.subscribe("mark", m => {
        mark = parseInt(m.payload.toString())
    })
    return client
}

/** What has come in front of a mark, which comes the same way. */
async function tell(what: string) {
    const next = mark + 1
    while (mark !== next) {
        speaker.publish("mark", `${next}`)
        await ds.sleep(2000)
    }
    console.log(`RESULT ${what}: ${heard.join(", ")}`)
    heard = []
}

/** A client that subscribes at QoS 1, and is connected. */
async function listen(clientId: string, clean: boolean): Promise<MqttClient> {
    const client = make(clientId, clean)
    client.subscribe("down/#", hear)
    await client.start(60000)
    return client
}

await modem.start()
const speaker = new MqttClient(modem, {
    host: "broker.example",
    clientId: "speaker",
    keepAlive: 10,
})
await speaker.start(60000)
speaker.publish("down/kept", "1", { retain: true })
speaker.publish("down/kept", "2", { retain: true })
speaker.publish("down/passing", "3")
await speaker.flush(30000)

// who subscribes later gets the last that was kept, and what comes is not marked
let reader = await listen("reader", true)
await tell("kept")
speaker.publish("down/kept", "4", { retain: true })
await tell("at once")
await reader.stop()
// an empty one forgets it
speaker.publish("down/kept", "", { retain: true })
await speaker.flush(30000)
reader = await listen("reader", true)
await tell("forgotten")
// a clean session misses what comes while it is away
await reader.stop()
speaker.publish("down/x", "missed")
await speaker.flush(30000)
reader = await listen("reader", true)
await tell("clean")
await reader.stop()

// a session that the broker keeps: what comes meanwhile waits for it
reader = await listen("keeper", false)
await tell("new session")
await reader.stop()
for (const text of ["a", "b", "c"]) speaker.publish("down/x", text)
await speaker.flush(30000)
// as behind a restart of the microcontroller: nothing is known of before
reader = await listen("keeper", false)
await tell("kept session")

// what its handler has not taken comes again with the next connection
let refused = 0
let refuses = true
reader.subscribe("once/#", m => {
    if (!refuses) return hear(m)
    refused++
    throw new Error("not now")
})
await tell("subscribed")
speaker.publish("once/x", "d")
while (refused === 0) await ds.sleep(100)
await tell("refused by its handler")
console.log("CUT")
while (reader.connected()) await ds.sleep(100)
refuses = false
while (heard.length === 0) await ds.sleep(100)
await tell("behind a break")
// what is unsubscribed from is forgotten by the broker too
reader.unsubscribe("down/#")
await tell("unsubscribes")
await reader.stop()
speaker.publish("down/x", "e")
await speaker.flush(30000)
reader = make("keeper", false)
await reader.start(60000)
await tell("unsubscribed")
await reader.stop()
// a clean session ends the one that was kept
reader = await listen("keeper", true)
await tell("clean again")
await reader.stop()
speaker.publish("down/x", "f")
await speaker.flush(30000)
reader = await listen("keeper", false)
await tell("ended")
console.log("RESULT end")
