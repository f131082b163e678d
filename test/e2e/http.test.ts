/** The HTTP client in the VM, with real servers on loopback. */
import http from "node:http"
import https from "node:https"
import net, { type AddressInfo } from "node:net"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { Failure } from "../../src/core/errors"
import { server as tls } from "../tls"
import { noise, results } from "./program"

const SIZE = 12_000
const PIECE = 700

/** The sum of the program's. */
function sum(data: Buffer): string {
    let a = 1
    let b = 0
    for (const byte of data) {
        a = (a + byte) % 65521
        b = (b + a) % 65521
    }
    return `${data.length} ${a} ${b}`
}

async function listen(server: net.Server): Promise<number> {
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    return (server.address() as AddressInfo).port
}

const asked: string[] = []

/** A part of the noise, after which the connection breaks; `tag` is what it is. */
function broken(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    tag: string
): void {
    const { range } = request.headers
    const asked = request.headers["if-range"] === tag ? range : undefined
    const from = Number(/^bytes=(\d+)-$/.exec(asked ?? "")?.[1] ?? 0)
    const to = Math.min(from + 5000, SIZE)
    response.writeHead(from > 0 ? 206 : 200, {
        etag: tag,
        "content-length": SIZE - from,
        ...(from > 0 && {
            "content-range": `bytes ${from}-${SIZE - 1}/${SIZE}`,
        }),
    })
    response.write(noise(1, SIZE).subarray(from, to))
    if (to < SIZE) setTimeout(() => request.socket.destroy(), 300)
    else response.end()
}
let changes = 0

const answer: http.RequestListener = (request, response) => {
    const { pathname, search } = new URL(request.url ?? "", "http://x")
    const { method } = request
    asked.push(`${method} ${request.url}`)
    if (pathname === "/refused") {
        response.writeHead(413, { connection: "close" }).end("too large")
        return
    }
    const body: Buffer[] = []
    request.on("data", data => body.push(data))
    request.on("end", () => {
        const data = Buffer.concat(body)
        switch (pathname) {
            case "/settings":
                response.setHeader("content-type", "application/json")
                response.end('{"period":100}')
                break
            case "/readings":
                response.end(`${request.headers["content-type"]} ${data}`)
                break
            case "/upload":
                response.end(sum(data))
                break
            case "/noise":
                response.setHeader("content-length", SIZE)
                response.end(noise(Number(search.slice(1)), SIZE))
                break
            case "/chunks":
                for (let at = 0; at < SIZE; at += PIECE)
                    response.write(noise(1, SIZE).subarray(at, at + PIECE))
                response.end()
                break
            case "/end":
                request.socket.end(
                    Buffer.concat([
                        Buffer.from("HTTP/1.0 200 OK\r\n\r\n"),
                        noise(1, SIZE),
                    ])
                )
                break
            case "/moved":
                response.writeHead(302, { location: "port?moved" })
                response.end(method)
                break
            case "/circle":
                response.writeHead(307, { location: "/circle" })
                response.end("elsewhere")
                break
            case "/port":
                response.end(
                    search
                        ? `${method} ${search}`
                        : `${request.socket.remotePort}`
                )
                break
            case "/bye":
                response.setHeader("content-length", 3)
                response.end("bye", () => request.socket.end())
                break
            case "/cut":
                response.setHeader("content-length", 99)
                response.write("half")
                setTimeout(() => request.socket.destroy(), 100)
                break
            case "/broken":
                broken(request, response, '"1"')
                break
            case "/changed":
                broken(request, response, `"${changes++ < 2 ? changes : 2}"`)
                break
            case "/head":
                response.setHeader("x-long", "x".repeat(2000)).end()
        }
        // and nothing at all to /mute
    })
}

test("HTTP: bodies both ways in every form, six at once, what servers do wrong", async () => {
    const plain = http.createServer(answer)
    const secure = https.createServer({ ...tls, maxVersion: "TLSv1.2" }, answer)
    const map = [
        `web.example:80=localhost:${await listen(plain)}`,
        `web.example:443=localhost:${await listen(secure)}`,
    ]
    try {
        const lines = await results("test/e2e/firmware/http.ts", {
            network: new HostNetwork({ map }),
        })
        const of = (what: string): string => {
            const found = lines.find(line => line.startsWith(`${what}: `))
            return found ? found.slice(what.length + 2) : lines.join("\n")
        }
        const whole = sum(noise(1, SIZE))
        expect(of("get")).toBe("200 true application/json 100")
        expect(of("post")).toBe('200 application/json {"temperature":21}')
        expect(of("large post")).toBe("true")
        expect(of("head")).toBe(`${SIZE} ""`)
        expect(of("put with a length")).toBe("200 true")
        expect(of("put in chunks")).toBe("200 true")
        expect(of("chunks")).toBe(whole)
        expect(of("to the end")).toBe(whole)
        expect(of("redirect")).toBe("302 port?moved, GET ?moved")
        expect(of("redirects for ever")).toBe("307")
        expect(asked.filter(line => line === "GET /circle")).toHaveLength(4)
        for (let n = 1; n < 7; n++)
            expect(of(`beside ${n}`)).toBe(sum(noise(n, SIZE)))
        const ports = of("kept").trim().split(" ")
        expect(ports).toHaveLength(3)
        expect(new Set(ports).size).toBe(1)
        expect(of("kept, and gone")).toBe("200")
        expect(of("slow")).toBe(
            `failure ${Failure.Timeout}, GET http://web.example:80/mute: it took longer than the caller was willing to wait`
        )
        expect(of("cut")).toContain(`failure ${Failure.ClosedByPeer}, GET`)
        expect(of("long")).toContain(`failure ${Failure.TooLong}, GET`)
        expect(of("long head")).toBe(
            `failure ${Failure.TooLong}, GET http://web.example:80/head: the head of the answer is longer than the limit`
        )
        expect(of("refused body")).toBe("413")
        expect(of("broken download")).toBe(`${SIZE} ${whole}`)
        expect(of("changed download")).toBe(`${SIZE} 2`)
        expect(of("wrong url")).toContain(`failure ${Failure.BadArgument}`)
        expect(of("https")).toBe('200 {"period":100}')
        expect(of("all six are free")).toBe("6")
        expect(lines.at(-1)).toBe("0 overruns, 0 timeouts")
    } finally {
        plain.closeAllConnections()
        secure.closeAllConnections()
        plain.close()
        secure.close()
    }
})
