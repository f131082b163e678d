/**
 * `@devicescript/net` over the modem in the VM, with real servers on loopback.
 * With E2E_FULL=1 in the environment there is more of everything.
 */
import http from "node:http"
import https from "node:https"
import type { AddressInfo } from "node:net"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { certificate, key } from "../tls"
import { disturb, noise, results } from "./program"

const FULL = process.env.E2E_FULL !== undefined
const DOWN = FULL ? 1_000_000 : 200_000
const SLOW = 20_000
const POST = FULL ? 100_000 : 30_000

async function listen(server: http.Server | https.Server): Promise<number> {
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    return (server.address() as AddressInfo).port
}

test("fetch: much data both ways, a slow reader, HTTPS, while calls come in", async () => {
    const posted: Buffer[] = []
    const answer: http.RequestListener = (request, response) => {
        const url = new URL(request.url ?? "", "http://web.example")
        const body: Buffer[] = []
        request.on("data", data => body.push(data))
        request.on("end", () => {
            if (request.method === "POST") posted.push(Buffer.concat(body))
            const length = url.searchParams.has("2") ? SLOW : DOWN
            const content =
                url.pathname === "/size"
                    ? Buffer.from(`${POST}`)
                    : url.pathname === "/noise" && request.method === "GET"
                      ? noise(Number(url.search.slice(1)), length)
                      : Buffer.from(`${request.method} ${url.pathname}`)
            response.setHeader("content-length", content.length)
            response.end(content)
        })
    }
    const web = http.createServer(answer)
    const secure = https.createServer({ key, cert: certificate }, answer)
    const strict = https.createServer(
        { key, cert: certificate, minVersion: "TLSv1.3" },
        answer
    )
    let timer: NodeJS.Timeout | undefined
    try {
        const lines = await results(
            "test/e2e/firmware/network.ts",
            {
                network: new HostNetwork({
                    map: [
                        `web.example:80=localhost:${await listen(web)}`,
                        `web.example:443=localhost:${await listen(secure)}`,
                        `other.example:443=localhost:${await listen(strict)}`,
                    ],
                    roots: [certificate],
                }),
                stored: { baud: 460800 },
            },
            (text, simulator) => {
                if (text === "READY") timer = disturb(simulator)
                if (text.startsWith("TOOK")) console.log(text)
            }
        )
        expect(lines).toEqual([
            `get: 200, ${DOWN} bytes, 0 wrong`,
            `slow: 200, ${SLOW} bytes, 0 wrong`,
            "post: HTTP/1.1 200 OK",
            "fetch: 200 POST /post",
            "https: 200 GET /secret",
            "unknown certificate: socket tls://other.example:443: there is a peer, but no TLS with it: check its certificate (or verify: false), and that it takes the TLS version of this module: 1.0, since the firmware of 2020 also 1.2",
            "again: GET /text",
            "URCs true, lost 0",
        ])
        expect(posted.map(body => body.length)).toEqual([POST, 2000])
        expect(posted[0].equals(noise(5, POST))).toBe(true)
        expect(posted[1].equals(noise(6, 2000))).toBe(true)
    } finally {
        clearInterval(timer)
        for (const server of [web, secure, strict]) server.close()
    }
})
