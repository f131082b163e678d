/**
 * DeviceScript's own network over the modem: HTTP both ways, HTTPS, a slow
 * reader, while calls and short messages come in. Prints "RESULT …".
 */
import * as ds from "@devicescript/core"
import { connect, fetch, Response, Socket } from "@devicescript/net"
import { JacdacUart, Sim800, useAsNetwork } from "../../../src/index"
import { Noise } from "./noise"

const CHUNK = 1000

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: "internet",
    // what a program needs that has no sockets of its own: memory is short
    sockets: 2,
    // as far as Jacdac goes: a test must not take two minutes
    baud: 460800,
})
let urcs = 0
modem.urcHandlers.push(() => {
    urcs++
})

/** A body that does not fit into memory comes piece by piece. */
function socketOf(response: Response): Socket {
    return (response as unknown as { socket: Socket }).socket
}

async function result(name: string, job: () => Promise<string>) {
    let text = ""
    try {
        text = await job()
    } catch (e) {
        text = (e as Error).message
    }
    console.log(`RESULT ${name}: ${text}`)
}

/** Compares a body with noise; a slow reader pauses behind each piece. */
async function download(seed: number, pause: number) {
    const since = ds.millis()
    const response = await fetch(`http://web.example/noise?${seed}`)
    const total = parseInt(response.headers.get("content-length"))
    const noise = new Noise(seed)
    const socket = socketOf(response)
    let got = 0
    let wrong = 0
    while (got < total) {
        const data = await socket.recv()
        if (!data) break
        wrong += noise.compare(data, data.length)
        got += data.length
        if (pause) await ds.sleep(pause)
    }
    await response.close()
    console.log(`TOOK ${ds.millis() - since} ms`)
    return `${response.status}, ${got} bytes, ${wrong} wrong`
}

/** `fetch()` wants its body in memory: a longer one goes piece by piece. */
async function post(): Promise<string> {
    const size = await fetch("http://web.example/size")
    const total = parseInt(await size.text())
    const since = ds.millis()
    const socket = await connect({ host: "web.example", port: 80 })
    await socket.send(
        `POST /noise HTTP/1.1\r\nHost: web.example\r\nContent-Length: ${total}\r\nConnection: close\r\n\r\n`
    )
    const noise = new Noise(5)
    const chunk = Buffer.alloc(CHUNK)
    for (let at = 0; at < total; at += CHUNK) {
        noise.fill(chunk, CHUNK)
        await socket.send(chunk)
    }
    const status = await socket.readLine()
    await socket.close()
    console.log(`TOOK ${ds.millis() - since} ms`)
    return status
}

async function fetchPost(): Promise<string> {
    const body = Buffer.alloc(2000)
    new Noise(6).fill(body, body.length)
    const response = await fetch("http://web.example/post", {
        method: "POST",
        body,
    })
    return `${response.status} ${await response.text()}`
}

try {
    await modem.start()
    const network = useAsNetwork(modem)
    console.log("READY")
    await result("get", async () => await download(1, 0))
    await result("slow", async () => await download(2, 50))
    await result("post", post)
    await result("fetch", fetchPost)
    await result("https", async () => {
        const response = await fetch("https://web.example/secret")
        return `${response.status} ${await response.text()}`
    })
    await result("unknown certificate", async () => {
        await fetch("https://other.example/secret")
        return "accepted"
    })
    await result("again", async () => {
        const response = await fetch("http://web.example/text")
        return await response.text()
    })
    console.log(`RESULT URCs ${urcs > 10}, lost ${modem.status().overruns}`)
    network.stop()
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
