/**
 * The MQTT client in the VM, with a real broker behind a relay that the test cuts,
 * mutes and takes away.
 */
import net from "node:net"
import { Aedes } from "aedes"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { results, tcpServer } from "./program"

const TOTAL = 40

test("MQTT: messages both ways, in order, whatever becomes of the connection", async () => {
    const broker = await Aedes.createBroker({
        authenticate: (_, user, password, done) =>
            done(null, user === "me" && password?.toString() === "secret"),
    })
    const server = await tcpServer(socket => broker.handle(socket))
    /** connections of the modem, and whether they pass anything on */
    let connections: net.Socket[] = []
    let mute = false
    let away = false
    const relay = await tcpServer(modem => {
        if (away) return modem.destroy()
        const side = net.connect(server.port, "127.0.0.1")
        connections.push(modem, side)
        modem.on("data", data => {
            if (!mute) side.write(data)
        })
        side.on("data", data => {
            if (!mute) modem.write(data)
        })
        for (const socket of [modem, side])
            socket
                .on("error", () => undefined)
                .on("close", () => {
                    if (mute) return
                    modem.destroy()
                    side.destroy()
                })
    })
    const cut = (): void => {
        for (const each of connections) each.destroy()
        connections = []
    }
    const down = (topic: string, payload: string): void =>
        broker.publish(
            {
                cmd: "publish",
                topic,
                payload,
                qos: 1,
                retain: false,
                dup: false,
            },
            () => undefined
        )
    const heard: Record<string, string[]> = { up: [], will: [] }
    broker.on("publish", ({ topic, payload }, client) => {
        if (client === null && topic !== "will") return
        ;(heard[topic] ??= []).push(payload.toString())
    })
    let muted = 0
    let noticed = 0
    const what: Record<string, (text: string) => void> = {
        DOWN: () => {
            for (let i = 0; i < TOTAL; i++) down("down/x", `${i}`)
        },
        MUTE: () => {
            mute = true
            muted = Date.now()
        },
        NOTICED: () => {
            noticed = Date.now() - muted
            mute = false
            cut()
        },
        GONE: () => {
            away = true
            cut()
        },
        BACK: () => (away = false),
    }
    try {
        const lines = await results(
            "test/e2e/firmware/mqtt-client.ts",
            {
                network: new HostNetwork({
                    map: [
                        `broker.example:1883=localhost:${relay.port}`,
                        `direct.example:1883=localhost:${server.port}`,
                    ],
                }),
            },
            (text, simulator) => {
                const [first, ...rest] = text.split(" ")
                what[first]?.(rest.join(" "))
                if (text === "LOSE") simulator.modem.inject("pdp-deact")
                if (text === "RESTART") simulator.modem.inject("brown-out")
            }
        )
        expect(lines).toEqual([
            "refused: mqtt direct.example: the broker refuses the client, 5: it does not let this client in",
            `down ${TOTAL} of ${TOTAL}, 0 wrong`,
            "up true",
            "mute: again true",
            "gone: again true",
            "lost context: again true",
            "restart: again true",
            "full: 58 true",
            "stopped",
        ])
        // sent again, perhaps, but none is missing, and the order is right
        const once = heard.up.filter((text, i) => heard.up.indexOf(text) === i)
        expect(once).toEqual(once.map((_, i) => `${i}`))
        expect(once.length).toBeGreaterThan(TOTAL)
        // 10 s is the keep-alive time
        expect(noticed).toBeGreaterThan(1000)
        expect(noticed).toBeLessThan(16_000)
        expect(heard.will).toContain("gone")
    } finally {
        cut()
        relay.close()
        broker.close()
        server.close()
    }
})
