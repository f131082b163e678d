/**
 * The MQTT client over the modem, while the test does to its connection whatever
 * can happen to one. Prints "RESULT …".
 */
import * as ds from "@devicescript/core"
import {
    Failure,
    JacdacUart,
    MqttClient,
    Sim800,
    Sim800Error,
} from "../../../src/index"

const TOTAL = 40
const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: "internet",
    receiveBuffer: 1024,
})

let got = 0
let wrong = 0
let next = 0
const mqtt = new MqttClient(modem, {
    host: "broker.example",
    clientId: "device",
    user: "me",
    password: "secret",
    keepAlive: 10,
    clean: false,
    will: { topic: "will", payload: "gone", qos: 1 },
})

async function until(done: () => boolean): Promise<boolean> {
    const end = ds.millis() + 90000
    while (!done() && ds.millis() < end) await ds.sleep(50)
    return done()
}

/** Publishes on while there is no connection, until there is one again. */
async function again(what: string) {
    await until(() => !mqtt.connected())
    if (what === "mute") console.log("NOTICED")
    for (let i = 0; i < 3; i++) mqtt.publish("up", `${next++}`)
    if (what === "gone") {
        await ds.sleep(3000)
        console.log("BACK")
    }
    await until(() => mqtt.connected())
    mqtt.publish("up", `${next++}`)
    console.log(`RESULT ${what}: again ${await mqtt.flush(90000)}`)
}

try {
    await modem.start()
    const stranger = new MqttClient(modem, {
        host: "direct.example",
        clientId: "stranger",
    })
    try {
        await stranger.start(30000)
    } catch (e) {
        console.log(`RESULT refused: ${(e as Error).message}`)
    }
    await stranger.stop()
    mqtt.subscribe("down/+", m => {
        if (m.payload.toString() === `${got}`) got++
        else wrong++
    })
    await mqtt.start(60000)
    await ds.sleep(500)
    console.log("DOWN")
    await until(() => got === TOTAL)
    console.log(`RESULT down ${got} of ${TOTAL}, ${wrong} wrong`)
    for (let i = 0; i < TOTAL; i++) {
        mqtt.publish("up", `${next++}`, { qos: 1 })
        if (mqtt.pending() > 10) await mqtt.flush(60000)
    }
    console.log(`RESULT up ${await mqtt.flush(60000)}`)
    console.log("MUTE")
    await again("mute")
    console.log("GONE")
    await again("gone")
    console.log("LOSE")
    await again("lost context")
    console.log("RESTART")
    await again("restart")
    let fitted = 0
    try {
        while (true) {
            mqtt.publish("full", `${next}`.slice(0, 1))
            fitted++
        }
    } catch (e) {
        const whole = await mqtt.flush(60000)
        console.log(
            `RESULT full: ${fitted} ${whole && (e as Sim800Error).failure !== Failure.None}`
        )
    }
    await mqtt.stop()
    console.log("RESULT stopped")
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
