/**
 * The MQTT client of `@devicescript/net` over the modem: as many messages each
 * way as the broker says, at QoS 0 and 1, while the modem says whatever it may
 * say; then the PDP context is lost. Prints "RESULT …".
 */
import * as ds from "@devicescript/core"
import { MQTTMessage, startMQTTClient } from "@devicescript/net"
import { JacdacUart, Sim800, useAsNetwork } from "../../../src/index"
import { Disturbance } from "./disturbance"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: "internet",
    sockets: 2,
    // the client has hundreds of messages to acknowledge, and needs the memory
    receiveBuffer: 1024,
})
const disturbance = new Disturbance(modem)

let total = 0
let qos = 0
let got = 0
let wrong = 0
let taken = false
let welcome = false

function received(message: MQTTMessage) {
    const text = message.content.toString()
    if (message.topic === "down/total") total = parseInt(text)
    else if (message.topic === "down/taken") taken = true
    else if (message.topic === "down/welcome") welcome = true
    else if (text === `${qos} ${got}`) got++
    else {
        console.log(`WRONG ${text}`)
        wrong++
    }
}

async function until(done: () => boolean): Promise<boolean> {
    const end = ds.millis() + 60000
    while (!done() && ds.millis() < end) await ds.sleep(50)
    return done()
}

try {
    await modem.start()
    useAsNetwork(modem)
    const mqtt = await startMQTTClient({
        host: "broker.example",
        port: 1883,
        proto: "tcp",
        clientId: "device",
        watchdogInterval: 2000,
    })
    console.log("STARTED")
    await mqtt.subscribe("down/#", received, 1)
    await until(() => total > 0)
    for (qos = 0; qos < 2; qos++) {
        const since = ds.millis()
        let refused = 0
        got = 0
        taken = false
        console.log(`GO ${qos}`)
        for (let i = 0; i < total; i++) {
            if (!(await mqtt.publish("up", `${qos} ${i}`, qos))) refused++
            // The client prints what it does. In the VM that shares a queue with
            // the packets of the UART; when it overflows ("frm send ovf") one of
            // them goes twice.
            await ds.sleep(10)
        }
        await until(() => got === total && taken)
        console.log(`TOOK ${ds.millis() - since} ms`)
        console.log(
            `RESULT QoS ${qos}: ${got} of ${total}, ${wrong} wrong, ${refused} refused`
        )
    }

    let closed = 0
    let connected = 0
    mqtt.onclose.subscribe(() => {
        closed++
    })
    mqtt.onconnect.subscribe(() => {
        connected++
    })
    const since = ds.millis()
    console.log("LOSE")
    // it goes on trying meanwhile, as a program does
    while (connected === 0 && ds.millis() - since < 30000) {
        await mqtt.publish("up", "in between")
        await ds.sleep(100)
    }
    await ds.sleep(500)
    await mqtt.publish("up", "back")
    const answered = await until(() => welcome)
    console.log(`TOOK ${ds.millis() - since} ms`)
    console.log(
        `RESULT lost context: closed ${closed}, connected ${connected}, ${answered}`
    )
    await mqtt.stop()
    console.log(`HEARD ${disturbance.all()}`)
    console.log(`RESULT overruns ${modem.status().overruns}`)
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
