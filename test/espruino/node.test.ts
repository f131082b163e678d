/**
 * The example "a telemetry node": readings, batches, commands by MQTT and by short
 * message, sleep, and a loss of everything in between.
 */
import fs from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { bundle } from "../../espruino/bundle"
import type { MemoryPeer } from "../../sim/modem/memory-network"
import { Espruino } from "./context"

const root = path.resolve(import.meta.dirname, "../..")
const OWNER = "+4915112345678"
const DTR = 32

/** As much of a broker as the node needs: what is published to it, and one command. */
class Broker {
    readonly published: string[] = []
    /** the identifiers of packets that were acknowledged */
    readonly acknowledged: number[] = []
    subscribed = 0
    /** what was sent again */
    repeated = 0
    /** it neither hears nor answers */
    isDeaf = false
    peer: MemoryPeer | undefined
    private rest = Buffer.alloc(0)

    accept(peer: MemoryPeer): void {
        this.peer = peer
        this.rest = Buffer.alloc(0)
        peer.onData = bytes => {
            this.rest = Buffer.concat([this.rest, bytes])
            // nothing here is longer than 127 bytes
            while (
                this.rest.length > 1 &&
                this.rest.length >= 2 + this.rest[1]
            ) {
                const body = this.rest.subarray(2, 2 + this.rest[1])
                const type = this.rest[0]
                this.rest = this.rest.subarray(2 + this.rest[1])
                this.take(type, body)
            }
        }
    }

    private take(type: number, body: Buffer): void {
        const length = body.length > 1 ? body.readUInt16BE(0) : 0
        if (type === 0x10) this.peer?.send(Uint8Array.of(0x20, 2, 0, 0))
        else if (type === 0x82) {
            this.subscribed++
            this.peer?.send(Uint8Array.of(0x90, 3, body[0], body[1], 1))
        } else if (type >> 4 === 3) {
            // QoS 1: the identifier stands behind the topic
            const at = 2 + length
            const line = `${body.subarray(2, at).toString()} ${body.subarray(at + 2).toString()}`
            if (this.isDeaf) return
            if (type & 8) this.repeated++
            if (!this.published.includes(line)) this.published.push(line)
            this.peer?.send(Uint8Array.of(0x40, 2, body[at], body[at + 1]))
        } else if (type === 0x40) this.acknowledged.push(length)
        else if (type === 0xc0 && !this.isDeaf)
            this.peer?.send(Uint8Array.of(0xd0, 0))
    }

    /** QoS 1: until it is acknowledged, a broker sends it again. */
    command(id: number, text: string): void {
        const topic = "node/7/command"
        const body = Buffer.concat([
            Uint8Array.of(0, topic.length),
            Buffer.from(topic),
            Uint8Array.of(0, id),
            Buffer.from(text),
        ])
        this.peer?.send(Buffer.concat([Uint8Array.of(0x32, body.length), body]))
    }
}

test("a telemetry node: readings, batches, commands, sleep, and a brown-out", async () => {
    const { small } = await bundle(
        path.join(root, "src/espruino/SIM800-mqtt.ts")
    )
    const espruino: Espruino = new Espruino(small, {
        onPin: (pin, high) => {
            if (pin === DTR) espruino.sim.dte.setDtr(!high)
        },
    })
    const { sim, network } = espruino
    sim.dte.onRi = low => espruino.edge(33, !low)
    const broker = new Broker()
    network.name("broker.example", "10.0.0.18")
    network.listen("10.0.0.18", 1883, peer => broker.accept(peer))
    network.name("web.example", "10.0.0.80")
    /** what the server has got, and what it answers */
    const posted: string[] = []
    let status = 200
    network.listen("10.0.0.80", 80, peer => {
        let asked = ""
        peer.onData = bytes => {
            asked += Buffer.from(bytes).toString()
            const head =
                /^POST \/7 HTTP\/1\.1\r\n[^]*Content-Length: (\d+)\r\n\r\n/.exec(
                    asked
                )
            if (!head || asked.length < head[0].length + +head[1]) return
            if (status === 200) posted.push(asked.slice(head[0].length))
            peer.send(`HTTP/1.1 ${status} X\r\n\r\n`)
            peer.end()
        }
    })
    const sent: string[] = []
    sim.onMessage = message => sent.push(`${message.to}: ${message.text}`)
    sim.powerOn()
    const example = fs.readFileSync(
        path.join(root, "espruino/examples/node.js"),
        "utf8"
    )
    espruino.evaluate(
        `var Serial2 = Serial1, D26 = 26, D27 = 27, D4 = 4, D23 = 23, D5 = 5, D32 = 32, D33 = 33\n${example}`
    )
    const until = (what: string, done: () => boolean, ms = 120_000): void => {
        if (!espruino.clock.runUntil(done, ms))
            throw new Error(
                `${what}: no\n${[...broker.published, ...posted, ...sent, ...espruino.lines].join("\n")}`
            )
    }
    until("a state", () => broker.published.includes("node/7/state on"))
    until("readings", () =>
        broker.published.some(line => /^node\/7\/reading 3 \d+$/.test(line))
    )
    until("a batch", () => posted.some(body => /^0 \d+\n1 \d+/.test(body)))

    // the same command twice is done once, and acknowledged twice
    broker.command(9, "17 INTERVAL 20")
    broker.command(9, "17 INTERVAL 20")
    until("an answer", () =>
        broker.published.includes("node/7/answer 17 INTERVAL 20")
    )
    espruino.wait(5000)
    expect(
        broker.published.filter(line => line.startsWith("node/7/answer"))
    ).toHaveLength(1)
    expect(broker.acknowledged).toEqual([9, 9])

    // who owns it asks by a short message; somebody else does not
    sim.receiveMessage({ from: "+491700000000", text: "INTERVAL 1" })
    sim.receiveMessage({ from: OWNER, text: "STATUS" })
    until("a message", () => sent.length > 0)
    expect(sent[0]).toMatch(
        new RegExp(
            `^\\${OWNER}: reading \\d+, -\\d+ dBm, 0 restarts, woken \\d+, 0 lost$`
        )
    )
    expect(espruino.value("interval")).toBe(20)
    // between two readings it sleeps
    expect(espruino.value("sleep.sleeps")).toBeGreaterThan(2)

    // a broker that is deaf is noticed, and gets all of it, in order
    const connections = broker.subscribed
    broker.isDeaf = true
    espruino.wait(20_000)
    broker.isDeaf = false
    broker.peer?.end()
    until("subscribed", () => broker.subscribed > connections)
    broker.isDeaf = true
    espruino.wait(90_000)
    broker.isDeaf = false
    until("another connection", () => broker.subscribed > connections + 1)
    until("all of it", () => espruino.value("mqtt.pending()") === 0)
    expect(broker.repeated).toBeGreaterThan(0)
    const readings = broker.published
        .filter(line => line.startsWith("node/7/reading "))
        .map(line => parseInt(line.split(" ")[1]))
    expect(readings).toEqual(readings.map((_, i) => i))

    // what the server does not take waits, and comes in its order
    status = 500
    const before = posted.length
    espruino.wait(150_000)
    expect(posted).toHaveLength(before)
    const times = broker.subscribed
    sim.inject("brown-out")
    status = 200
    until("subscribed again", () => broker.subscribed > times, 300_000)
    until("the rest", () => espruino.value("batches.length") === 0, 600_000)
    const numbers = posted
        .join("\n")
        .split("\n")
        .map(line => parseInt(line))
    expect(numbers).toEqual(numbers.map((_, i) => i))
    expect(sent).toHaveLength(1)
    expect(espruino.lines.filter(line => line.startsWith("Uncaught"))).toEqual(
        []
    )
}, 240_000)
