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
/** what has come since it was asked last */
let heard: string[] = []

function hear(m: MqttMessage) {
    const { topic, payload, retain, again } = m
    heard.push(
        `${topic} ${payload.toString()}${retain ? " retained" : ""}${again ? " again" : ""}`
    )
}

function make(clientId: string, clean: boolean): MqttClient {
    return new MqttClient(modem, {
        host: "broker.example",
        clientId,
        clean,
        keepAlive: 10,
    })
}

/** What has come, some seconds later. */
async function tell(what: string) {
    await ds.sleep(3000)
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
const speaker = make("speaker", true)
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

// what the connection breaks amid comes again
let first = true
reader.subscribe("once/#", m => {
    hear(m)
    if (!first) return
    first = false
    throw new Error("not now")
})
await ds.sleep(1000)
speaker.publish("once/x", "d")
await tell("refused by its handler")
console.log("CUT")
await ds.sleep(5000)
await tell("behind a break")
// what is unsubscribed from is forgotten by the broker too
reader.unsubscribe("down/#")
await ds.sleep(1000)
await reader.stop()
speaker.publish("down/x", "e")
await speaker.flush(30000)
reader = make("keeper", false)
await reader.start(60000)
await tell("unsubscribed")
await reader.stop()
// a clean session ends the one that was kept
reader = await listen("keeper", true)
await reader.stop()
speaker.publish("down/x", "f")
await speaker.flush(30000)
reader = await listen("keeper", false)
await tell("ended")
console.log("RESULT end")
