/** HTTP, MQTT, messages, USSD, sleep and the rest in one program, with real servers. */
import http from "node:http"
import type { AddressInfo } from "node:net"
import { Aedes } from "aedes"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { results, TALKATIVE, tcpServer } from "./program"

test("the telemetry program does all that it is made for", async () => {
    const posted: string[] = []
    const web = http.createServer((request, response) => {
        let body = ""
        request.on("data", data => (body += String(data)))
        request.on("end", () => {
            if (request.url === "/settings")
                response.end(JSON.stringify({ period: 60 }))
            else {
                posted.push(body)
                response.end("stored")
            }
        })
    })
    await new Promise<void>(done => web.listen(0, "127.0.0.1", done))
    const broker = await Aedes.createBroker()
    const mqtt = await tcpServer(socket => broker.handle(socket))
    const readings: string[] = []
    broker.on("publish", ({ topic, payload }) => {
        if (topic === "device/temperature") readings.push(String(payload))
    })
    broker.once("subscribe", () =>
        broker.publish(
            {
                cmd: "publish",
                topic: "device/period",
                payload: "30",
                qos: 0,
                retain: false,
                dup: false,
            },
            () => undefined
        )
    )
    const { port } = web.address() as AddressInfo
    try {
        const lines = await results(
            "test/e2e/firmware/telemetry.ts",
            {
                network: new HostNetwork({
                    map: [
                        `web.example:80=localhost:${port}`,
                        `broker.example:1883=localhost:${mqtt.port}`,
                    ],
                }),
                stored: TALKATIVE,
            },
            (text, { modem }) => {
                if (text.startsWith("RESULT fetch"))
                    modem.receiveMessage({ from: "+123", text: "how are you" })
            }
        )
        expect(lines.sort()).toEqual([
            "fetch 200 60",
            expect.stringMatching(/^imei \d{15}$/),
            expect.stringMatching(/^location -?\d+\.\d+ -?\d+\.\d+$/),
            "message from +123: how are you",
            "message sent",
            "mqtt 30",
            "post 200 stored",
            expect.stringMatching(/^time 20\d\d-\d\d-\d\dT/),
            expect.stringMatching(/^ussd ./),
        ])
        expect(readings).toEqual(["20", "21", "22"])
        expect(posted.map(text => JSON.parse(text) as object)).toEqual([
            {
                temperature: 21,
                volts: expect.any(Number),
                dbm: expect.any(Number),
            },
        ])
    } finally {
        web.closeAllConnections()
        web.close()
        broker.close()
        mqtt.close()
    }
})
