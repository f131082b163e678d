/** Application note 2.1.4, 2.2.5 and 3.2 in the VM, all at once, with real sockets. */
import net from "node:net"
import { expect, test } from "vitest"
import { hostNetwork, noise, results, tcpServer, udpPort } from "./program"

const TOTAL = 8000
const DATAGRAMS = 20

test("a UDP port, a client, a server with two peers; calls and messages come in", async () => {
    const echo = await tcpServer(socket => socket.pipe(socket))
    const { network, at } = hostNetwork(
        [8888, 9600],
        [`echo.example:7=localhost:${echo.port}`]
    )
    const heard: string[] = []
    const peers: Promise<string>[] = []
    let datagrams = 0

    /** Sends noise, and compares what comes back. */
    const peer = (name: string): Promise<string> =>
        new Promise(done => {
            const data = Buffer.concat([
                Buffer.from(name),
                noise(name.charCodeAt(0), TOTAL),
            ])
            let got = Buffer.alloc(0)
            const socket = net.connect(at(8888), "127.0.0.1")
            socket.on("error", error => done(error.message))
            // no more than the driver holds for one that sends before it reads on
            let sent = 0
            const more = (): void => {
                const end = Math.min(sent + 1000, data.length)
                socket.write(data.subarray(sent, end))
                sent = end
            }
            socket.on("data", bytes => {
                got = Buffer.concat([got, bytes])
                if (got.length >= data.length) socket.end()
                else if (got.length === sent) more()
            })
            socket.on("close", () =>
                done(got.equals(data) ? "identical" : `${got.length} bytes`)
            )
            more()
        })
    const next = (): void => {
        if (datagrams < DATAGRAMS)
            udp.send(noise(1000 + datagrams, 300), at(9600), "127.0.0.1")
    }
    const udp = await udpPort(data => {
        if (data.equals(noise(1000 + datagrams, 300))) datagrams++
        next()
    })

    const lines = await results(
        "test/e2e/firmware/together.ts",
        { network },
        (text, { modem }) => {
            if (/^(RING|MESSAGE)/.test(text)) heard.push(text)
            if (text.startsWith("RING")) modem.hangUp()
            if (text !== "READY") return
            peers.push(peer("A"), peer("B"))
            next()
            modem.call("+4915112345678")
            for (const word of ["one", "0, CLOSED", "Grüße"])
                modem.receiveMessage({ from: "+123", text: word })
        }
    )
    echo.close()
    udp.close()
    expect(lines.sort()).toEqual([
        `client: ${TOTAL} bytes, 0 wrong`,
        `peer: A ${TOTAL} bytes, 0 wrong`,
        `peer: B ${TOTAL} bytes, 0 wrong`,
        "server LISTENING, IP PROCESSING, overruns 0",
        `udp: ${DATAGRAMS} datagrams`,
    ])
    expect(await Promise.all(peers)).toEqual(["identical", "identical"])
    expect(datagrams).toBe(DATAGRAMS)
    expect(heard.filter(text => text.startsWith("RING"))).toContain(
        "RING +4915112345678"
    )
    expect(heard.filter(text => text.startsWith("MESSAGE"))).toEqual([
        "MESSAGE +123: one",
        "MESSAGE +123: 0, CLOSED",
        "MESSAGE +123: Grüße",
    ])
})
