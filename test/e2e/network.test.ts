/**
 * `@devicescript/net` over the modem in the VM, with real servers on loopback.
 * With E2E_FULL=1 in the environment there is more of everything.
 */
import { X509Certificate } from "node:crypto"
import http from "node:http"
import https from "node:https"
import type { AddressInfo } from "node:net"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { certificate, client, key, root, server } from "../tls"
import { disturb, DISTURBANCES, noise, results, TALKATIVE } from "./program"

const FULL = process.env.E2E_FULL !== undefined
const DOWN = FULL ? 1_000_000 : 200_000
const SLOW = 20_000
const POST = FULL ? 100_000 : 30_000

async function listen(server: http.Server | https.Server): Promise<number> {
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    return (server.address() as AddressInfo).port
}

function refused(host: string): string {
    return `socket tls://${host}:443: there is a peer, but no TLS with it: check its certificate (or verify: false), and that it takes the TLS version of this module: 1.0, since the firmware of 2020 also 1.2`
}

test("fetch: much data both ways, a slow reader, HTTPS with certificates, while the modem says whatever it may say", async () => {
    const posted: Buffer[] = []
    const content = ({ pathname, search }: URL): Buffer | string => {
        const seed = Number(search.slice(1))
        switch (pathname) {
            case "/noise":
                return noise(seed, seed === 1 ? DOWN : SLOW)
            case "/size":
                return `${POST}`
            case "/root":
                return root
            case "/client":
                return client.pkcs12
        }
        return `GET ${pathname}`
    }
    const answer: http.RequestListener = (request, response) => {
        const url = new URL(request.url ?? "", "http://web.example")
        const body: Buffer[] = []
        request.on("data", data => body.push(data))
        request.on("end", () => {
            if (request.method === "POST") posted.push(Buffer.concat(body))
            response.end(
                request.method === "GET"
                    ? content(url)
                    : `${request.method} ${url.pathname}`
            )
        })
    }
    const web = http.createServer(answer)
    const secure = https.createServer(
        {
            ...server,
            ca: new X509Certificate(root).toString(),
            requestCert: true,
            rejectUnauthorized: true,
        },
        answer
    )
    const other = https.createServer({ key, cert: certificate }, answer)
    let stop = (): void => undefined
    let heard: string[] = []
    try {
        const lines = await results(
            "test/e2e/firmware/network.ts",
            {
                network: new HostNetwork({
                    map: [
                        `web.example:80=localhost:${await listen(web)}`,
                        `web.example:443=localhost:${await listen(secure)}`,
                        `other.example:443=localhost:${await listen(other)}`,
                    ],
                }),
                stored: { baud: 460800, ...TALKATIVE },
            },
            (text, simulator) => {
                if (text === "READY") stop = disturb(simulator)
                if (text.startsWith("TOOK")) console.log(text)
                else if (text.startsWith("HEARD "))
                    heard = text.slice(6).split(",").sort()
            }
        )
        expect(lines).toEqual([
            `get: 200, ${DOWN} bytes, 0 wrong`,
            `slow: 200, ${SLOW} bytes, 0 wrong`,
            "post: 200 POST /noise",
            "buffer: 200 POST /post",
            `https, root unknown: ${refused("web.example")}`,
            `install: false, ${root.length}, ${client.pkcs12.length}`,
            `https: 200, ${SLOW} bytes, 0 wrong`,
            `https, another root: ${refused("other.example")}`,
            "again: GET /text",
            "lost 0",
        ])
        expect(heard).toEqual(expect.arrayContaining(DISTURBANCES))
        expect(posted.map(body => body.length)).toEqual([POST, 2000])
        expect(posted[0].equals(noise(5, POST))).toBe(true)
        expect(posted[1].equals(noise(6, 2000))).toBe(true)
    } finally {
        stop()
        for (const server of [web, secure, other]) server.close()
    }
})
