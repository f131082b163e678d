/**
 * DeviceScript's own network over the modem: HTTP both ways, HTTPS with
 * certificates of our own, a slow reader, while the modem says whatever it may
 * say. Prints "RESULT …".
 */
import * as ds from "@devicescript/core"
import { fetch, Response, Socket } from "@devicescript/net"
import {
    bodyOf,
    Certificates,
    JacdacUart,
    Sim800,
    useAsNetwork,
} from "../../../src/index"
import { Disturbance } from "./disturbance"
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
const disturbance = new Disturbance(modem)
const certificates = new Certificates(modem)

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
async function download(scheme: string, seed: number, pause: number) {
    const since = ds.millis()
    const response = await fetch(`${scheme}://web.example/noise?${seed}`)
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

/** A body that does not fit into memory is made piece by piece. */
async function post(): Promise<string> {
    const size = await fetch("http://web.example/size")
    const total = parseInt(await size.text())
    const since = ds.millis()
    const noise = new Noise(5)
    const chunk = Buffer.alloc(CHUNK)
    const response = await fetch("http://web.example/noise", {
        method: "POST",
        body: bodyOf(total, async () => {
            noise.fill(chunk, CHUNK)
            return chunk
        }),
    })
    console.log(`TOOK ${ds.millis() - since} ms`)
    return `${response.status} ${await response.text()}`
}

async function bufferPost(): Promise<string> {
    const body = Buffer.alloc(2000)
    new Noise(6).fill(body, body.length)
    const response = await fetch("http://web.example/post", {
        method: "POST",
        body,
    })
    return `${response.status} ${await response.text()}`
}

async function secret(host: string): Promise<string> {
    await fetch(`https://${host}.example/secret`)
    return "accepted"
}

async function file(name: string): Promise<Buffer> {
    const response = await fetch(`http://web.example/${name}`)
    return await response.buffer()
}

/** The server vouches for itself by `root`, and wants to see `client`. */
async function install(): Promise<string> {
    const before = await certificates.use()
    const root = await file("root")
    const client = await file("client")
    await certificates.install({ root, client, password: "sim800" })
    return `${before}, ${root.length}, ${client.length}`
}

try {
    await modem.start()
    const network = useAsNetwork(modem, { clientCertificate: true })
    console.log("READY")
    await result("get", async () => await download("http", 1, 0))
    await result("slow", async () => await download("http", 2, 50))
    await result("post", post)
    await result("buffer", bufferPost)
    await result("https, root unknown", async () => await secret("web"))
    await result("install", install)
    await result("https", async () => await download("https", 3, 0))
    await result("https, another root", async () => await secret("other"))
    await result("again", async () => {
        const response = await fetch("http://web.example/text")
        return await response.text()
    })
    console.log(`HEARD ${disturbance.all()}`)
    console.log(`RESULT lost ${modem.status().overruns}`)
    network.stop()
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
