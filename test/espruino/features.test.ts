/** What the module can beside TCP sockets, in what is Espruino to it. */
import path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { bundle } from "../../espruino/bundle"
import { Failure } from "../../src/core/errors"
import { faultNames } from "../../sim/modem/faults"
import { noise } from "../driver/rig"
import { Espruino, type ContextOptions } from "./context"

let code: string
/** the module with all of a phone */
let phone: string
beforeAll(async () => {
    const root = path.resolve(import.meta.dirname, "../..")
    code = (await bundle(path.join(root, "src/espruino/SIM800.ts"))).small
    phone = (await bundle(path.join(root, "src/espruino/SIM800-phone.ts")))
        .small
}, 240_000)

function board(options: ContextOptions = {}): Espruino {
    return new Espruino(code, options)
}

/** Has a promise, and prints what comes of it. */
function ask(espruino: Espruino, expression: string, ms = 120_000): unknown {
    espruino.evaluate(`
        var answer = undefined
        ${expression}.then(
            value => { answer = value; print("answered") },
            e => { answer = e.failure + " " + e.message; print("answered") }
        )
    `)
    const before = espruino.lines.filter(line => line === "answered").length
    const done = espruino.clock.runUntil(
        () =>
            espruino.lines.filter(line => line === "answered").length > before,
        ms
    )
    if (!done) throw new Error(`no answer to ${expression}`)
    return JSON.parse(espruino.value("JSON.stringify([answer])") as string)[0]
}

describe("NetworkJS", () => {
    function network(options: ContextOptions = {}): Espruino {
        const espruino = board(options)
        espruino.network.echo("10.0.0.1", 7)
        espruino.network.name("echo.test", "10.0.0.1")
        espruino.evaluate(
            'modules["NetworkJS"] = { create: n => { network = n } }; var network'
        )
        espruino.start().evaluate("modem.network()")
        return espruino
    }
    const recv = (espruino: Espruino, id: number, type = 0): unknown =>
        espruino.value(`network.recv(${id}, 536, ${type})`)

    test("connects, sends and receives 10 kB as Espruino asks for it, and closes", () => {
        const espruino = network()
        expect(espruino.value('network.create("echo.test", 7, 0)')).toBe(0)
        expect(recv(espruino, 0)).toBe(-11)
        expect(espruino.value('network.send(0, "early")')).toBe(0)
        const data = noise(5, 10_000).toString("latin1")
        let sent = 0
        let got = ""
        for (let turn = 0; turn < 20_000 && got.length < data.length; turn++) {
            const piece = data.slice(sent, sent + 536)
            if (piece)
                sent += espruino.value(
                    `network.send(0, ${JSON.stringify(piece)})`
                ) as number
            const part = recv(espruino, 0)
            if (typeof part === "string") {
                expect(part.length).toBeLessThanOrEqual(536)
                got += part
            }
            espruino.wait(5)
        }
        expect(got).toBe(data)
        espruino.evaluate("network.close(0)")
        espruino.wait(5000)
        expect(recv(espruino, 0)).toBe(-1)
        expect(espruino.value("modem.status().ipState")).toBe("IP STATUS")
    })

    test("a peer that closes: what he has said, then -1", () => {
        const espruino = network()
        espruino.network.listen("10.0.0.2", 80, peer => {
            peer.send("bye")
            peer.end()
        })
        espruino.evaluate('network.create("10.0.0.2", 80, 1)')
        espruino.wait(20_000)
        expect(recv(espruino, 0)).toBe("bye")
        espruino.wait(1000)
        expect(recv(espruino, 0)).toBe(-1)
    })

    test("what can not be is a negative number, never an exception", () => {
        const espruino = network()
        espruino.network.refuse("10.0.0.3", 80)
        espruino.evaluate('network.create("10.0.0.3", 80, 0)')
        espruino.wait(20_000)
        expect(recv(espruino, 0)).toBe(-10)
        expect(espruino.value('network.send(0, "x")')).toBe(-10)
        expect(espruino.value('network.create("a b", 80, 0)')).toBe(-12)
        expect(espruino.value('network.create("10.0.0.3", 0, 0)')).toBe(-12)
        for (const call of ["recv(9, 1, 0)", 'send(9, "x")', "accept(9)"])
            expect(espruino.value(`network.${call}`)).toBe(-1)
        espruino.evaluate("network.close(9)")
    })

    test("TLS: the module's, or bytes of Espruino's own, which waits with \"\"", () => {
        const modules = network()
        modules.network.echo("10.0.0.4", 443, { version: "TLSv1", valid: true })
        modules.evaluate('network.create("10.0.0.4", 443, 4)')
        expect(recv(modules, 0, 5)).toBe(-11)
        modules.wait(20_000)
        expect(recv(modules, 0)).toBe("")
        const own = network({ modules: "net,tls,http" })
        const server = own.network.listen("10.0.0.4", 443)
        own.evaluate('network.create("10.0.0.4", 443, 4)')
        expect(recv(own, 0, 4)).toBe("")
        own.wait(20_000)
        own.evaluate('network.send(0, "client hello")')
        own.wait(2000)
        expect(server.peer.text).toBe("client hello")
    })

    test("dgram: whom a datagram is for and from stands in front of it", () => {
        const espruino = network()
        for (const [address, port] of [
            ["10.0.0.8", 53],
            ["10.0.0.9", 700],
        ] as const) {
            const peer = espruino.network.udp(address, port)
            peer.onDatagram = bytes => peer.reply(`${address}: ${bytes.length}`)
        }
        const head = (last: number, port: number, length: number): string =>
            String.fromCharCode(
                ...[10, 0, 0, last, port & 255, port >> 8, length, 0]
            )
        const send = (packet: string): number => {
            const call = `network.send(0, ${JSON.stringify(packet)})`
            espruino.clock.runUntil(() => espruino.value(call) !== 0, 60_000)
            return espruino.value(call) as number
        }
        // Espruino tells neither host nor port when it makes one
        espruino.evaluate('network.create("127.0.0.1", 0, 2)')
        expect(recv(espruino, 0, 2)).toBe("")
        // half of a packet is not taken
        expect(
            espruino.value(`network.send(0, ${JSON.stringify(head(8, 53, 9))})`)
        ).toBe(0)
        expect(send(`${head(8, 53, 3)}one`)).toBe(11)
        espruino.wait(10_000)
        expect(recv(espruino, 0, 2)).toBe(`${head(8, 53, 11)}10.0.0.8: 3`)
        expect(recv(espruino, 0, 2)).toBe(`${head(8, 53, 11)}10.0.0.8: 3`)
        expect(send(`${head(9, 700, 5)}other`)).toBe(13)
        espruino.wait(10_000)
        expect(recv(espruino, 0, 2)).toBe(`${head(9, 700, 11)}10.0.0.9: 5`)
        espruino.evaluate("network.close(0)")
        espruino.wait(10_000)
        expect(espruino.value("modem.status().ipState")).toBe("IP STATUS")
    })

    test("a server: peers are accepted", () => {
        const espruino = network()
        expect(espruino.value("network.create(undefined, 8080, 0)")).toBe(0)
        espruino.wait(5000)
        expect(espruino.value("network.accept(0)")).toBe(-1)
        const address = espruino.value("modem.status().address") as string
        const peer = espruino.network.dial(
            { address, port: 8080 },
            { address: "10.9.9.9", port: 5 }
        )
        peer.send("GET /")
        espruino.wait(5000)
        expect(espruino.value("network.accept(0)")).toBe(1)
        expect(recv(espruino, 1)).toBe("GET /")
        espruino.evaluate('network.send(1, "200")')
        espruino.wait(5000)
        expect(Buffer.from(peer.received).toString()).toBe("200")
    })
})

test("a server: listening, connection, and another server is refused", () => {
    const espruino = board().start()
    espruino.evaluate(`
        var server = modem.listen(80, peer => {
            print("peer", peer.name)
            peer.on("data", data => peer.end(data + "!"))
            peer.on("close", hadError => print("peer closed", hadError))
        })
        server.on("listening", () => print("listening"))
        server.on("close", () => print("server closed"))
        try { modem.listen(81) } catch (e) { print(e.failure) }
    `)
    espruino.expect("listening")
    const address = espruino.value("modem.status().address") as string
    const peer = espruino.network.dial(
        { address, port: 80 },
        { address: "10.9.9.9", port: 5 }
    )
    peer.send("hello")
    espruino.expect("peer closed false")
    expect(Buffer.from(peer.received).toString()).toBe("hello!")
    espruino.evaluate("server.close()")
    espruino.expect("server closed")
    expect(espruino.lines.slice(1)).toEqual([
        `${Failure.Busy}`,
        "listening",
        "peer tcp://10.9.9.9:80",
        "peer closed false",
        "server closed",
    ])
})

test("UDP: each write is a datagram, each datagram a message", () => {
    const espruino = board().start()
    const port = espruino.network.udp("10.0.0.8", 53)
    port.onDatagram = bytes => {
        port.reply(`${Buffer.from(bytes).toString()}?`)
        port.reply("second")
    }
    espruino.evaluate(`
        var socket = modem.connect({ host: "10.0.0.8", port: 53, proto: "udp" }, () => socket.write("ask"))
        socket.on("message", data => print("message", data))
        try { socket.write("") } catch (e) { print(e.failure) }
    `)
    espruino.expect("message second")
    expect(espruino.lines.slice(1)).toEqual([
        `${Failure.BadArgument}`,
        "message ask?",
        "message second",
    ])
})

test("telemetry, names, commands, USSD", () => {
    const espruino = board().start()
    espruino.network.name("a.test", "10.1.2.3")
    expect(ask(espruino, "modem.battery()")).toMatchObject({
        percent: expect.any(Number) as number,
    })
    expect(ask(espruino, "modem.signal()")).toMatchObject({
        dbm: expect.any(Number) as number,
    })
    expect(ask(espruino, "modem.identity()")).toMatchObject({
        imei: "867010032343809",
    })
    expect(ask(espruino, 'modem.resolve("a.test")')).toEqual(["10.1.2.3"])
    expect(ask(espruino, 'modem.command("AT+CGMM")')).toEqual([
        "SIMCOM_SIM800L",
    ])
    expect(ask(espruino, "modem.location()")).toMatchObject({
        accuracy: expect.any(Number) as number,
    })
    expect(ask(espruino, 'modem.ussd("*100#")')).toMatchObject({
        text: expect.any(String) as string,
    })
    expect(ask(espruino, 'modem.command("AT+NONSENSE")')).toMatch(
        new RegExp(`^${Failure.CommandRefused} AT\\+NONSENSE: `)
    )
    expect(ask(espruino, "modem.connectionStatus()")).toMatchObject({
        state: "IP STATUS",
    })
})

test("short messages: one is sent, one comes, is read and deleted", () => {
    const espruino = board().start()
    espruino.evaluate(
        'modem.on("message", () => print("a message")); modem.on("ring", n => print("ring", n))'
    )
    ask(espruino, "modem.sms().start()")
    expect(
        ask(espruino, 'modem.sms().send("+4915112345678", "all is well")')
    ).toBe(1)
    espruino.sim.receiveMessage({ from: "+491701234567", text: "Grüße" })
    espruino.expect("a message")
    espruino.evaluate("var place = modem.sms().next()")
    expect(ask(espruino, "modem.sms().read(place)")).toMatchObject({
        from: "+491701234567",
        text: "Grüße",
    })
    ask(espruino, "modem.sms().remove(place)")
    expect(ask(espruino, "modem.sms().storage()")).toMatchObject({ used: 0 })
    espruino.sim.call("+491709999999")
    espruino.expect("ring +491709999999")
    ask(espruino, "modem.hangUp()")
})

test("long messages with a report, to be shown at once, and the oldest that was read", () => {
    const espruino = new Espruino(phone, {}).start()
    espruino.evaluate(
        'modem.on("report", r => print("report", r.reference, r.status)); modem.on("message", () => print("a message"))'
    )
    ask(espruino, "modem.sms().start()")
    espruino.evaluate("modem.reports()")
    const long = "0123456789€".repeat(20)
    expect(
        ask(
            espruino,
            `modem.sendLong("+4915112345678", ${JSON.stringify(long)}, { report: true })`
        )
    ).toEqual([1, 2])
    espruino.expect("report 1 0")
    espruino.expect("report 2 0")
    expect(ask(espruino, "modem.nextLong()")).toBe(null)
    espruino.wait(1000)
    espruino.sim.receiveMessage({ from: "Bank", text: long })
    espruino.sim.receiveMessage({ from: "Alarm", text: "now", class: 0 })
    espruino.wait(1000)
    expect(ask(espruino, "modem.nextLong()")).toMatchObject({
        from: "Bank",
        text: long,
        places: [1, 2],
    })
    expect(ask(espruino, "modem.nextLong()")).toMatchObject({
        text: "now",
        messageClass: 0,
    })
    expect(ask(espruino, "modem.listMessages()")).toMatchObject([
        { index: 1, isRead: true },
        { index: 2, isRead: true },
        { index: 3, isRead: true },
    ])
    expect(ask(espruino, "modem.removeOldest()")).toBe(1)
    expect(ask(espruino, "modem.sms().storage()")).toMatchObject({ used: 2 })
})

test("calls of its own; the PIN; a host answers", () => {
    const espruino = new Espruino(phone, {
        modem: {
            operator: {
                callee: number => (number === "+4911" ? "busy" : "answers"),
            },
        },
    }).start()
    espruino.network.name("a.test", "10.1.2.3")
    espruino.network.echo("10.1.2.3", 7)
    expect(ask(espruino, 'modem.dial("+4911")')).toMatch(/BUSY/)
    ask(espruino, 'modem.dial("+4912")')
    expect(ask(espruino, "modem.callState()")).toBe("active")
    ask(espruino, 'modem.sendTones("12#")')
    ask(espruino, "modem.hearTones()")
    ask(espruino, "modem.hangUp()")
    expect(ask(espruino, "modem.callState()")).toBe("")
    ask(espruino, 'modem.setPin("1234", "1234")')
    ask(espruino, 'modem.setPin("1234", "5678")')
    ask(espruino, "modem.reset()")
    expect(espruino.value("modem.status().phase")).toBe("ready")
    espruino.evaluate(
        'try { modem.enterPuk("12345678", "1234") } catch (e) { print(e.failure) }'
    )
    espruino.expect(`${Failure.CommandRefused}`)
    expect(ask(espruino, 'modem.ping("a.test")')).toHaveLength(4)
})

describe("pins", () => {
    const wires =
        "{ apn: 'internet', dtr: 32, ri: 33, reset: 5, powerKey: 4, power: 23 }"

    test("a modem that does not answer is switched on, and reset", () => {
        const seen: string[] = []
        const espruino = board({
            onPin: (pin, value) =>
                seen.push(`${pin} ${value ? "high" : "low"}`),
        })
        espruino.evaluate(`
            var modem = SIM800.connect(Serial1, ${wires})
            modem.start({ timeout: 60000 }).then(() => print("ready"), e => print(e.failure))
        `)
        espruino.expect(`${Failure.NoAnswer}`)
        expect(seen).toContain("23 high")
        const pressed = seen.indexOf("4 low")
        expect(pressed).toBeGreaterThan(0)
        expect(seen.slice(pressed)).toContain("4 high")
        espruino.sim.powerOn()
        espruino.evaluate('modem.start().then(() => print("ready"))')
        espruino.expect("ready")
        seen.length = 0
        espruino.evaluate("modem.reset().then(() => print('again'))")
        espruino.clock.runUntil(() => seen.includes("5 high"), 20_000)
        expect(seen.filter(line => line.startsWith("5"))).toEqual([
            "5 low",
            "5 high",
        ])
    })

    test("PWRKEY alone switches a modem on, and restarts one that hangs", () => {
        const held: number[] = []
        let since = 0
        const espruino = board({
            onPin: (pin, value) => {
                if (pin !== 4) return
                const now = espruino.clock.now()
                if (!value) since = now
                else if (since > 0) held.push(Math.round((now - since) / 100))
            },
        })
        espruino.evaluate(`
            var modem = SIM800.connect(Serial1, { apn: "internet", powerKey: 4 })
            modem.start({ timeout: 120000 }).then(() => print("ready"), e => print(e.failure))
        `)
        espruino.expect(`${Failure.NoAnswer}`)
        // s/10: on for one that is off, then the one that restarts it
        expect(held.slice(0, 2)).toEqual([13, 340])
        espruino.sim.powerOn()
        espruino.evaluate('modem.start().then(() => print("ready"))')
        espruino.expect("ready")
    })

    test("RI: the length of its pulses; DTR lets the modem sleep and wakes it", () => {
        const espruino = board({
            onPin: (pin, value) => {
                if (pin === 32) espruino.sim.dte.setDtr(!value)
            },
        })
        espruino.sim.dte.onRi = low => espruino.edge(33, !low)
        espruino.network.echo("10.0.0.1", 7)
        espruino.sim.powerOn()
        espruino.evaluate(`
            var modem = SIM800.connect(Serial1, ${wires})
            var counts = modem.allowSleep({ idle: 1000 })
            modem.on("pulse", ms => print("pulse", Math.round(ms)))
            modem.start().then(() => print("ready"))
        `)
        espruino.expect("ready")
        espruino.wait(10_000)
        expect(espruino.value("counts.sleeps")).toBe(1)
        espruino.evaluate(`
            var got = "", socket = modem.connect({ host: "10.0.0.1", port: 7 }, () => socket.write("awake"))
            socket.on("data", data => { got += data })
        `)
        espruino.wait(20_000)
        expect(espruino.value("got")).toBe("awake")
        expect(espruino.value("counts.wakes")).toBeGreaterThan(0)
        espruino.sim.receiveMessage({ from: "+491701234567", text: "x" })
        espruino.wait(5000)
        expect(espruino.lines).toContain("pulse 120")
    })
})

test("somebody sets the clock of Espruino: nothing is late, nothing is too early", () => {
    const espruino = board().start()
    espruino.network.echo("10.0.0.1", 7)
    const timeouts = espruino.value("modem.status().timeouts")
    for (const jump of [1e9, -1e9]) {
        espruino.evaluate(
            `{ const was = getTime; getTime = () => was() + ${jump} }`
        )
        espruino.evaluate(`
            var got = "", socket = modem.connect({ host: "10.0.0.1", port: 7 }, () => socket.write("now"))
            socket.on("data", data => { got += data; socket.end() })
            socket.on("close", hadError => print("close ${jump}", hadError))
        `)
        espruino.expect(`close ${jump} false`)
        expect(espruino.value("got")).toBe("now")
    }
    expect(espruino.value("modem.status().timeouts")).toBe(timeouts)
})

test("bad arguments are told at once, and change nothing", () => {
    const espruino = board()
    const told = (program: string): void => {
        espruino.evaluate(
            `try { ${program}; print("taken") } catch (e) { print(e.failure, e.message) }`
        )
        expect(espruino.lines.at(-1)).toMatch(
            new RegExp(`^${Failure.BadArgument} argument "`)
        )
    }
    told("SIM800.connect(Serial1)")
    told("SIM800.connect(undefined, { apn: 'x' })")
    told("SIM800.connect(Serial1, {})")
    told("SIM800.connect(Serial1, { apn: 'x', receive: 'push' })")
    told("SIM800.connect(Serial1, { apn: 'x', baud: 12 })")
    espruino.start()
    told("modem.connect({ host: 'http://x', port: 80 })")
    told("modem.connect({ host: 'x', port: 0 })")
    told("modem.connect({ host: 'x', port: 1, proto: 'ftp' })")
    told("modem.connect({ host: 'x', port: 1, context: 1 })")
    told("modem.sms().send('1', 'x')")
    told("modem.command('AT+CIPSHUT')")
    told("modem.allowSleep()")
})

test.each(faultNames)(
    "%s: what comes is what was sent, or an error says so",
    name => {
        // with quickSend, data are sent when the modem has them, whatever becomes of them
        const quickSend = name !== "send-fail"
        const espruino = board().start(
            `{ apn: 'internet', quickSend: ${quickSend} }`
        )
        const data = noise(11, 12_000).toString("latin1")
        espruino.network.echo("10.0.0.1", 7)
        espruino.evaluate(`
        var all = ${JSON.stringify(data)}, got = "", at = 0
        var socket = modem.connect({ host: "10.0.0.1", port: 7 }, more)
        function more() {
            while (at < all.length) {
                var piece = all.substr(at, 1000)
                at += piece.length
                if (!socket.write(piece)) return
            }
        }
        socket.on("drain", more)
        socket.on("data", data => { got += data })
        socket.on("error", e => print("error", e.failure, e.message))
        socket.on("close", () => print("closed"))
    `)
        espruino.wait(1500)
        espruino.sim.inject(name)
        espruino.wait(180_000)
        const got = espruino.value("got") as string
        // nobody can see that a byte of the data is another one
        if (name !== "corrupt-byte") expect(data.startsWith(got)).toBe(true)
        if (got.length < data.length)
            expect(espruino.lines.some(line => line.startsWith("error"))).toBe(
                true
            )
        expect(
            espruino.lines.filter(line => line.startsWith("Uncaught"))
        ).toEqual([])
        // and the driver works
        espruino.evaluate(`
        function again() {
            var last = "", socket = modem.connect({ host: "10.0.0.1", port: 7 }, () => socket.write("still there?"))
            socket.on("data", data => { last += data; if (last === "still there?") print("works") })
            socket.on("close", again)
        }
        again()
    `)
        espruino.expect("works")
    }
)

/** Faults that spoil bytes for good: no 3000 bytes come through. */
const FOR_GOOD = new Set(["lossy-line", "corrupt-byte", "eaten-xoff"])

test.each(faultNames)(
    "%s: a server serves those who come later, and hands over nothing wrong",
    name => {
        const espruino = board().start()
        const data = noise(12, 3000).toString("latin1")
        espruino.evaluate(`
            var all = ${JSON.stringify(data)}, listening = false
            var server = modem.listen(80, peer => {
                var got = ""
                peer.on("data", d => {
                    got += d
                    if (all.substr(0, got.length) !== got) { print("wrong"); peer.destroy(); return }
                    if (got === all) peer.end("thanks")
                })
                peer.on("error", () => {})
            })
            server.on("listening", () => { listening = true })
            server.on("error", e => print("server error", e.message))
        `)
        const call = (port: number) => {
            const address = espruino.value("modem.status().address") as string
            if (!address) return undefined
            const peer = espruino.network.dial(
                { address, port: 80 },
                { address: "10.9.9.9", port }
            )
            peer.send(data)
            return peer
        }
        const served = (peer: ReturnType<typeof call>): boolean =>
            peer !== undefined &&
            Buffer.from(peer.received).toString() === "thanks"
        espruino.clock.runUntil(
            () => espruino.value("listening") === true,
            60_000
        )
        call(5)
        espruino.wait(300)
        espruino.sim.inject(name)
        espruino.wait(180_000)
        // peers try again, as anybody does
        let last: ReturnType<typeof call>
        for (let port = 6; port < 30 && !served(last); port++) {
            last = call(port)
            espruino.wait(30_000)
        }
        expect(served(last), espruino.lines.join("\n")).toBe(
            !FOR_GOOD.has(name)
        )
        // nobody can see that a byte of the data is another one
        if (name !== "corrupt-byte")
            expect(espruino.lines).not.toContain("wrong")
        expect(
            espruino.lines.filter(line => line.startsWith("Uncaught"))
        ).toEqual([])
    },
    240_000
)
