/** The MQTT client over TLS, with a broker whose certificate the modem checks. */
import tls from "node:tls"
import type { AddressInfo } from "node:net"
import { Aedes } from "aedes"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { certificate, key, root, server } from "../tls"
import { results, tcpServer } from "./program"

test("MQTT over TLS: a root that is unknown, known, and another's; again behind a break", async () => {
    const broker = await Aedes.createBroker({
        authenticate: (_, user, password, done) =>
            done(null, user === "me" && password?.toString() === "secret"),
    })
    const sockets: tls.TLSSocket[] = []
    const listen = async (options: tls.TlsOptions): Promise<number> => {
        const secure = tls.createServer(
            { ...options, noDelay: true },
            socket => {
                sockets.push(socket)
                socket.on("error", () => undefined)
                broker.handle(socket)
            }
        )
        await new Promise<void>(done => secure.listen(0, "127.0.0.1", done))
        servers.push(secure)
        return (secure.address() as AddressInfo).port
    }
    const servers: { close: () => void }[] = []
    const up: string[] = []
    broker.on("publish", ({ topic, payload }) => {
        if (topic !== "up") return
        up.push(String(payload))
        broker.publish(
            {
                cmd: "publish",
                topic: "down",
                payload: `back: ${String(payload)}`,
                qos: 1,
                retain: false,
                dup: false,
            },
            () => undefined
        )
    })
    const web = await tcpServer(socket => socket.end(root))
    servers.push(web)
    try {
        const lines = await results(
            "test/e2e/firmware/mqtt-tls.ts",
            {
                network: new HostNetwork({
                    map: [
                        `web.example:80=localhost:${web.port}`,
                        `broker.example:8883=localhost:${await listen(server)}`,
                        `other.example:8883=localhost:${await listen({ key, cert: certificate })}`,
                    ],
                }),
            },
            text => {
                if (text === "CUT") for (const each of sockets) each.destroy()
            }
        )
        const refused = expect.stringContaining("there is a peer, but no TLS")
        expect(lines).toEqual([
            refused,
            "root known: connected",
            "heard back: first",
            "heard back: second",
            refused,
        ])
        expect(up).toEqual(["first", "second"])
    } finally {
        for (const each of servers) each.close()
        broker.close()
    }
})
