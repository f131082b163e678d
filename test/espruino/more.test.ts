/** What takes other wires or options: data mode, datagrams of everybody, a second context, certificates, pipes. */
import path from "node:path"
import { beforeAll, expect, test } from "vitest"
import { bundle } from "../../espruino/bundle"
import { Failure } from "../../src/core/errors"
import { noise } from "../driver/rig"
import { root } from "../tls"
import { Espruino, type ContextOptions } from "./context"

let code: string
beforeAll(async () => {
    const root = path.resolve(import.meta.dirname, "../..")
    code = (await bundle(path.join(root, "src/espruino/SIM800.ts"))).small
}, 240_000)

const DTR = 32
const DCD = 34

/** With DTR and DCD wired. */
function board(options: ContextOptions = {}): Espruino {
    const espruino: Espruino = new Espruino(code, {
        ...options,
        onPin: (pin, high) => {
            if (pin === DTR) espruino.sim.dte.setDtr(!high)
        },
    })
    espruino.sim.dte.onDcd = low => espruino.edge(DCD, !low)
    return espruino
}

/** Has a promise; what comes of it is printed. */
function ask(espruino: Espruino, expression: string): string {
    espruino.evaluate(
        `${expression}.then(v => print("answer", JSON.stringify(v)), e => print("answer", e.failure, e.message))`
    )
    const before = espruino.lines.length
    const last = (): string | undefined =>
        espruino.lines.slice(before).find(line => line.startsWith("answer "))
    if (!espruino.clock.runUntil(() => last() !== undefined, 240_000))
        throw new Error(`no answer to ${expression}`)
    return (last() as string).slice("answer ".length)
}

test("transparent mode: any bytes both ways, command mode in between", () => {
    const espruino = board()
    espruino.sim.powerOn()
    const server = espruino.network.echo("10.0.0.1", 7)
    espruino.evaluate(`
        var modem = SIM800.connect(Serial1, { apn: "internet", connections: "single", receive: "push",
            rts: 1, dtr: ${DTR}, dcd: ${DCD} })
        var data = modem.transparent()
        modem.start().then(() => print("ready"), e => print(e.message))
    `)
    espruino.expect("ready")
    const bytes = noise(21, 5000).toString("latin1")
    espruino.evaluate(`
        var got = "", all = ${JSON.stringify(bytes)}, at = 0
        var socket = modem.connect({ host: "10.0.0.1", port: 7 }, () => { print("connected"); more() })
        socket.on("data", d => { got += d })
        socket.on("error", e => print("error", e.message))
        socket.on("drain", more)
        function more() {
            while (at < all.length) {
                var piece = all.substr(at, 1000)
                at += piece.length
                if (!socket.write(piece)) return
            }
        }
    `)
    espruino.expect("connected")
    expect(espruino.value("data.inDataMode() && data.carrier()")).toBe(true)
    espruino.clock.runUntil(
        () => espruino.value("got.length") === bytes.length,
        60_000
    )
    expect(espruino.value("got.length")).toBe(bytes.length)
    expect(espruino.value("got")).toBe(bytes)
    expect(Buffer.from(server.peer.received).toString("latin1")).toBe(bytes)
    // the connection stays while commands are given
    ask(espruino, "data.commandMode()")
    expect(espruino.value("data.inDataMode()")).toBe(false)
    expect(ask(espruino, "modem.signal()")).toContain("dbm")
    ask(espruino, "data.dataMode()")
    expect(espruino.value("data.inDataMode()")).toBe(true)
    espruino.evaluate('got = ""; socket.write("again")')
    espruino.clock.runUntil(() => espruino.value("got") === "again", 20_000)
    expect(espruino.value("got")).toBe("again")
    // by themselves they would lead out of data mode
    espruino.evaluate(
        'got = ""; try { socket.write("+"); socket.write("++") } catch (e) { print(e.message.slice(0, 22)) }'
    )
    espruino.expect('argument "data": "+++"')
    espruino.clock.runUntil(() => false, 3000)
    expect(espruino.value("got")).toBe("+")
    expect(espruino.lines).not.toContain(expect.stringMatching(/^error/))
})

test("dgram: datagrams of everybody, each with its sender, and to whom one likes", () => {
    const espruino = board().start(
        "{ apn: 'internet', receive: 'push', rts: 1 }"
    )
    const port = espruino.network.udp("10.0.0.8", 53)
    port.onDatagram = bytes => {
        port.reply(`${Buffer.from(bytes).toString()}?`)
    }
    espruino.evaluate(`
        var socket = modem.dgram({ localPort: 5000, host: "10.0.0.8", port: 53 })
        socket.on("connect", () => socket.write("ask"))
        socket.on("message", (data, from) => print("message", data, from && from.address, from && from.port, from && from.size))
        socket.on("error", e => print("error", e.message))
    `)
    espruino.expect("message ask? 10.0.0.8 53 4")
})

test("a second context: what is opened there is closed with it, and the first one lives on", () => {
    const espruino = board()
    espruino.sim.powerOn()
    espruino.network.echo("10.0.0.1", 7)
    espruino.evaluate(`
        var modem = SIM800.connect(Serial1, { apn: "internet" })
        var second = modem.context()
        modem.start().then(() => print("ready"), e => print(e.message))
        function open(name, context) {
            var socket = modem.connect({ host: "10.0.0.1", port: 7, context }, () => socket.write(name))
            socket.on("data", d => print(name, d))
            socket.on("close", () => print(name, "closed"))
            return socket
        }
    `)
    espruino.expect("ready")
    espruino.evaluate(
        `try { open("early", 1) } catch (e) { print(e.failure, e.message) }`
    )
    expect(espruino.lines.at(-1)).toMatch(
        new RegExp(`^${Failure.BadArgument} argument "context": 1 is not open`)
    )
    ask(espruino, 'second.open({ apn: "iot" })')
    expect(espruino.value("second.address()")).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
    espruino.evaluate('var first = open("one", 0), other = open("two", 1)')
    espruino.expect("one one")
    espruino.expect("two two")
    ask(espruino, "second.close()")
    espruino.expect("two closed")
    espruino.evaluate('first.write("still")')
    espruino.expect("one still")
})

test("certificates: with its root the peer is believed, without it not", () => {
    const espruino = board().start()
    espruino.network.echo("10.0.0.4", 443, {
        version: "TLSv1",
        valid: false,
        root,
    })
    const connect = (): void =>
        espruino.evaluate(`
            { const socket = modem.connect({ host: "10.0.0.4", port: 443, proto: "tls" }, () => { print("connected"); socket.destroy() })
              socket.on("error", e => print("refused", e.failure))
              socket.on("close", () => print("over")) }
        `)
    const over = (): string[] => {
        const before = espruino.lines.length
        connect()
        espruino.clock.runUntil(
            () => espruino.lines.slice(before).includes("over"),
            200_000
        )
        return espruino.lines.slice(before)
    }
    expect(over()).toEqual([`refused ${Failure.TlsRefused}`, "over"])
    espruino.evaluate(
        `var certificates = modem.certificates(), root = new Uint8Array(${JSON.stringify([...root])})`
    )
    expect(ask(espruino, "certificates.use()")).toBe("false")
    ask(espruino, "certificates.install({ root })")
    expect(ask(espruino, "certificates.use()")).toBe("true")
    expect(over()).toEqual(["connected", "over"])
    ask(espruino, "certificates.remove()")
    expect(ask(espruino, "certificates.use()")).toBe("false")
    espruino.evaluate(
        "try { certificates.install({}) } catch (e) { print(e.failure) }"
    )
    expect(espruino.lines.at(-1)).toBe(`${Failure.BadArgument}`)
})

test("pipe: what comes goes to what has write(), in its order", () => {
    const espruino = board().start()
    const text = noise(8, 6000).toString("latin1")
    espruino.network.listen("10.0.0.2", 80, peer => {
        peer.send(Buffer.from(text, "latin1"))
        peer.end()
    })
    // as fs.pipe() does it: it reads when there is time, until there is no more
    espruino.evaluate(`
        modules["fs"] = { pipe(source, destination) {
            const data = source.read(100)
            if (data === undefined) { destination.end(); return }
            if (data) destination.write(data)
            setTimeout(() => modules["fs"].pipe(source, destination), 1)
        } }
        var got = "", sink = { write(d) { got += d }, end() { print("ended") } }
        var socket = modem.connect({ host: "10.0.0.2", port: 80 }, () => socket.pipe(sink))
    `)
    espruino.expect("ended")
    expect(espruino.value("got")).toBe(text)
})
