/**
 * The MQTT client of `@devicescript/net` over the modem in the VM, with a real
 * broker.
 */
import { Aedes } from "aedes"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { disturb, DISTURBANCES, results, TALKATIVE, tcpServer } from "./program"

const TOTAL = 500

test("messages both ways at QoS 0 and 1 while the modem says whatever it may say, and a lost context", async () => {
    const broker = await Aedes.createBroker()
    const server = await tcpServer(socket => broker.handle(socket))
    const up: string[] = []
    const down = (topic: string, payload: string, qos: 0 | 1): void =>
        broker.publish(
            {
                cmd: "publish",
                topic: `down/${topic}`,
                payload,
                qos,
                retain: false,
                dup: false,
            },
            () => undefined
        )
    broker.on("publish", ({ topic, payload }, client) => {
        if (client === null || topic !== "up") return
        const text = payload.toString()
        if (text === "back") down("welcome", "", 0)
        else if (text !== "in between") {
            up.push(text)
            if (up.length % TOTAL === 0) down("taken", "", 0)
        }
    })
    broker.once("subscribe", () => down("total", `${TOTAL}`, 0))
    let stop = (): void => undefined
    let heard: string[] = []
    try {
        const lines = await results(
            "test/e2e/firmware/mqtt.ts",
            {
                network: new HostNetwork({
                    map: [`broker.example:1883=localhost:${server.port}`],
                }),
                stored: { baud: 115200, ...TALKATIVE },
            },
            (text, simulator) => {
                const go = /^GO (\d)/.exec(text)
                if (text === "STARTED") stop = disturb(simulator)
                else if (go !== null)
                    for (let i = 0; i < TOTAL; i++)
                        down("message", `${go[1]} ${i}`, go[1] === "0" ? 0 : 1)
                else if (text === "LOSE") simulator.modem.inject("pdp-deact")
                else if (text.startsWith("TOOK")) console.log(text)
                else if (text.startsWith("HEARD "))
                    heard = text.slice(6).split(",").sort()
            }
        )
        expect(lines).toEqual([
            `QoS 0: ${TOTAL} of ${TOTAL}, 0 wrong, 0 refused`,
            `QoS 1: ${TOTAL} of ${TOTAL}, 0 wrong, 0 refused`,
            "lost context: closed 1, connected 1, true",
            "overruns 0",
        ])
        expect(heard).toEqual(expect.arrayContaining(DISTURBANCES))
        const numbers = Array.from({ length: TOTAL }, (_, i) => i)
        expect(up).toEqual([
            ...numbers.map(i => `0 ${i}`),
            ...numbers.map(i => `1 ${i}`),
        ])
    } finally {
        stop()
        broker.close()
        server.close()
    }
})
