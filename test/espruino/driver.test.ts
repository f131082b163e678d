/** The module in what is Espruino to it, against the virtual SIM800. */
import path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { bundle } from "../../espruino/bundle"
import { Failure } from "../../src/core/errors"
import type { MemoryServer } from "../../sim/modem/memory-network"
import { noise } from "../driver/rig"
import { Espruino, type ContextOptions } from "./context"

let code: string
/** what the latest board can connect to */
let echo: MemoryServer
beforeAll(async () => {
    const root = path.resolve(import.meta.dirname, "../..")
    code = (await bundle(path.join(root, "src/espruino/SIM800.ts"))).small
}, 240_000)

function board(options: ContextOptions = {}): Espruino {
    const espruino = new Espruino(code, options)
    echo = espruino.network.echo("10.0.0.1", 7)
    return espruino
}

/** Opens `socket`, which prints what becomes of it. */
const CONNECT = `
    var got = "", drains = 0
    var socket = modem.connect({ host: "10.0.0.1", port: 7 }, () => print("connected"))
    socket.on("data", data => { got += data })
    socket.on("drain", () => { drains++ })
    socket.on("error", e => print("error", e.failure, e.message))
    socket.on("close", hadError => print("close", hadError))
`

describe("a socket", () => {
    test("connects, sends, receives, ends", () => {
        const espruino = board().start()
        espruino.evaluate(CONNECT)
        espruino.expect("connected")
        espruino.evaluate('print("write", socket.write("hello"))')
        espruino.wait(2000)
        expect(espruino.value("got")).toBe("hello")
        espruino.evaluate('socket.end("bye")')
        espruino.expect("close false")
        expect(espruino.lines.slice(1)).toEqual([
            "connected",
            "write true",
            "close false",
        ])
        expect(echo.peer.text).toBe("hellobye")
    })

    test("its peer closes: what he has said comes first", () => {
        const espruino = board().start()
        const server = espruino.network.listen("10.0.0.2", 80, peer => {
            peer.send("x".repeat(5000))
            peer.end()
        })
        espruino.evaluate(
            CONNECT.replace("10.0.0.1", "10.0.0.2").replace("7", "80")
        )
        espruino.expect("close false")
        expect(server.peers.length).toBe(1)
        expect((espruino.value("got") as string).length).toBe(5000)
    })

    test("nobody listens: an error that says what failed, then close", () => {
        const espruino = board().start()
        espruino.network.refuse("10.0.0.3", 80)
        espruino.evaluate(CONNECT.replace("10.0.0.1", "10.0.0.3"))
        espruino.expect("close true")
        expect(espruino.lines.slice(1)).toEqual([
            `error ${Failure.ConnectFailed} connect tcp://10.0.0.3:7: no connection: check that host and port are right and reachable from the operator's network`,
            "close true",
        ])
    })

    test("write() says when to wait, drain when not to, and nothing is taken beyond 8 kB", () => {
        const espruino = board().start()
        espruino.evaluate(CONNECT)
        espruino.expect("connected")
        espruino.evaluate(`
            var piece = "p".repeat(1000), answers = []
            for (var i = 0; i < 8; i++) answers.push(socket.write(piece))
            print(answers.join())
            try { socket.write(piece) } catch (e) { print(e.message) }
        `)
        expect(espruino.lines.slice(-2)).toEqual([
            "true,false,false,false,false,false,false,false",
            'argument "data": 8192 bytes wait already: wait for "drain" when write() says false',
        ])
        espruino.wait(20_000)
        expect(espruino.value("drains")).toBe(1)
        expect((espruino.value("got") as string).length).toBe(8000)
    })

    test("what nobody listens to stays in the modem, and comes when somebody does", () => {
        const espruino = board().start()
        const server = espruino.network.listen("10.0.0.4", 80, peer =>
            peer.send("y".repeat(20_000))
        )
        espruino.evaluate(`
            var socket = modem.connect({ host: "10.0.0.4", port: 80 }, () => print("connected")), got = 0
        `)
        espruino.expect("connected")
        espruino.wait(10_000)
        expect(espruino.value("socket.read(10)")).toBe("yyyyyyyyyy")
        espruino.evaluate('socket.on("data", data => { got += data.length })')
        espruino.wait(20_000)
        expect(espruino.value("got")).toBe(19_990)
        expect(server.peer.unsent).toBe(0)
    })
})

test.each([
    ["on a quick board", {}],
    ["on a slow one, whose queue is short", { slowness: 4, queue: 1024 }],
])("200 kB each way are identical %s", (_, options: ContextOptions) => {
    const size = 200_000
    const espruino = board(options).start()
    const sent = noise(7, size)
    espruino.evaluate(CONNECT)
    espruino.expect("connected")
    espruino.evaluate(`
        var all = ${JSON.stringify(sent.toString("latin1"))}, at = 0
        function more() {
            while (at < all.length) {
                var piece = all.substr(at, 1000)
                at += piece.length
                if (!socket.write(piece)) return
            }
        }
        socket.on("drain", more)
        more()
    `)
    espruino.clock.runUntil(
        () => (espruino.value("got.length") as number) >= size,
        600_000
    )
    expect(espruino.lines.filter(line => line.startsWith("error"))).toEqual([])
    expect(espruino.lost).toBe(0)
    expect(
        Buffer.from(espruino.value("got") as string, "latin1").equals(sent)
    ).toBe(true)
    expect(Buffer.from(echo.peer.received).equals(sent)).toBe(true)
})

test("bytes that the interpreter has lost are noticed, and nothing wrong is handed over", () => {
    // the program says that the queue is longer than it is
    const espruino = board({ queue: 600, slowness: 12 }).start(
        "{ apn: 'internet', burst: 4000 }"
    )
    const text = noise(3, 40_000)
    espruino.network.listen("10.0.0.5", 80, peer => peer.send(text))
    espruino.evaluate(
        CONNECT.replace("10.0.0.1", "10.0.0.5").replace("7", "80")
    )
    espruino.expect("close true")
    expect(espruino.lost).toBeGreaterThan(0)
    const got = Buffer.from(espruino.value("got") as string, "latin1")
    expect(got.equals(text.subarray(0, got.length))).toBe(true)
    expect(espruino.lines.at(-2)).toMatch(
        new RegExp(`^error ${Failure.ReceiveTorn} `)
    )
    expect(espruino.value("modem.status().overruns")).toBeGreaterThan(0)
})

test("the small module refuses what it was made without, and carries 20 kB", async () => {
    const root = path.resolve(import.meta.dirname, "../..")
    const entry = path.join(root, "src/espruino/SIM800-tcp.ts")
    const espruino = new Espruino((await bundle(entry)).small)
    const server = espruino.network.echo("10.0.0.1", 7)
    for (const option of [
        "connections: 'single'",
        "receive: 'hex'",
        "framing: 'ctrl-z'",
    ]) {
        espruino.evaluate(`
            try { SIM800.connect(Serial1, { apn: "x", ${option} }); print("taken") }
            catch (e) { print(e.failure, e.message) }
        `)
        expect(espruino.lines.pop()).toMatch(
            new RegExp(
                `^\\d+ argument "${option.split(":")[0]}": this module can not`
            )
        )
    }
    espruino.start().evaluate(CONNECT)
    espruino.expect("connected")
    const data = noise(9, 20_000)
    espruino.evaluate(`
        var all = ${JSON.stringify(data.toString("latin1"))}, at = 0
        function more() {
            do { var piece = all.substr(at, 1460); at += piece.length } while (piece && socket.write(piece))
        }
        socket.on("drain", more)
        more()
    `)
    espruino.clock.runUntil(
        () => espruino.value("got.length") === data.length,
        100_000
    )
    expect(
        Buffer.from(espruino.value("got") as string, "latin1").equals(data)
    ).toBe(true)
    expect(Buffer.from(server.peer.received).equals(data)).toBe(true)
}, 240_000)
