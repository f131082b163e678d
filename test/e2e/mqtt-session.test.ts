/** What a broker keeps for the MQTT client: retained messages, and sessions. */
import type net from "node:net"
import { Aedes } from "aedes"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { results, tcpServer } from "./program"

test("MQTT: retained messages; a session that the broker keeps, and one that it does not", async () => {
    const broker = await Aedes.createBroker()
    const sockets: net.Socket[] = []
    const server = await tcpServer(socket => {
        sockets.push(socket)
        broker.handle(socket)
    })
    try {
        const lines = await results(
            "test/e2e/firmware/mqtt-session.ts",
            {
                network: new HostNetwork({
                    map: [`broker.example:1883=localhost:${server.port}`],
                }),
            },
            text => {
                if (text === "CUT") for (const each of sockets) each.destroy()
            }
        )
        expect(lines).toEqual([
            "kept: down/kept 2 retained",
            "at once: down/kept 4",
            "forgotten: ",
            "clean: ",
            "new session: ",
            "kept session: down/x a, down/x b, down/x c",
            "subscribed: ",
            "refused by its handler: ",
            "behind a break: once/x d",
            "unsubscribes: ",
            "unsubscribed: ",
            "clean again: ",
            "ended: ",
        ])
    } finally {
        broker.close()
        server.close()
    }
}, 240_000)
