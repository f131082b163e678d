import * as ds from "@devicescript/core"
import { fetch, startMQTTClient } from "@devicescript/net"
import {
    allowSleep,
    battery,
    cellLocation,
    identity,
    isoTime,
    networkTime,
    Phone,
    sendMessage,
    signal,
    Sim800,
    useAsNetwork,
    ussd,
} from "../../src/index"
import type { UartPort } from "../../src/index"

/** Prints a line for each thing that has worked, and "RESULT end". */
export async function telemetry(uart: UartPort) {
    const modem = new Sim800({
        uart,
        apn: "internet",
        sockets: 2,
        receiveBuffer: 1024,
    })
    const phone = new Phone(modem)
    allowSleep(modem)
    async function messages() {
        while (true) {
            const message = await phone.readMessage(await phone.nextMessage())
            console.log(`RESULT message from ${message.from}: ${message.text}`)
        }
    }
    try {
        await modem.start()
        await phone.start()
        messages.start()
        useAsNetwork(modem)
        const response = await fetch("http://web.example/settings")
        const settings = await response.json()
        console.log(`RESULT fetch ${response.status} ${settings.period}`)
        const posted = await fetch("http://web.example/readings", {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({
                temperature: 21,
                volts: (await battery(modem)).volts,
                dbm: (await signal(modem)).dbm,
            }),
        })
        console.log(`RESULT post ${posted.status} ${await posted.text()}`)
        let period = ""
        const mqtt = await startMQTTClient({
            host: "broker.example",
            port: 1883,
            proto: "tcp",
        })
        await mqtt.subscribe("device/period", m => {
            period = m.content.toString()
        })
        for (let i = 0; i < 3; i++)
            await mqtt.publish("device/temperature", `${20 + i}`)
        for (let i = 0; i < 100 && !period; i++) await ds.sleep(100)
        console.log(`RESULT mqtt ${period}`)
        console.log(`RESULT imei ${(await identity(modem)).imei}`)
        const time = await networkTime(modem)
        console.log(`RESULT time ${time ? isoTime(time.utc) : "unknown"}`)
        const where = await cellLocation(modem)
        console.log(`RESULT location ${where.latitude} ${where.longitude}`)
        console.log(`RESULT ussd ${(await ussd(modem, "*100#")).text}`)
        await sendMessage(modem, "+4915112345678", "temperature 21")
        console.log("RESULT message sent")
        await ds.sleep(3000)
    } catch (e) {
        ;(e as Error).print()
    }
    console.log("RESULT end")
}
