/** The examples, as they are, in the VM, with real servers, by a led clock. */
import http from "node:http"
import https from "node:https"
import net, { type AddressInfo } from "node:net"
import { Aedes } from "aedes"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { Simulator } from "../../simulator/simulator"
import type { ModemOptions } from "../../sim/modem/options"
import type { SentMessage } from "../../sim/modem/submission"
import { build } from "../../simulator/vm/firmware"
import { root, server as tlsServer } from "../tls"
import { leadClock, ledVm } from "./led"
import { hostNetwork, tcpServer, udpPort } from "./program"

async function listenOn(server: net.Server): Promise<number> {
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    return (server.address() as AddressInfo).port
}

/**
 * Runs an example, which never ends by itself.
 * @param watch told of the modem before it is switched on; `done` ends the example
 * @param onLine told of everything that the example prints
 */
async function run(
    name: string,
    options: ModemOptions,
    watch: (simulator: Simulator, done: () => void) => (line: string) => void
): Promise<void> {
    const program = await build(`src/examples/${name}.ts`)
    const stopLeading = leadClock()
    const simulator = await Simulator.open({ delays: "fast", ...options })
    const log: string[] = []
    try {
        await new Promise<void>((resolve, reject) => {
            const onLine = watch(simulator, resolve)
            simulator.run(
                program,
                ({ text }) => {
                    log.push(text)
                    if (process.env.E2E_LOG) console.log(text)
                    onLine(text)
                },
                reason => reject(new Error(`${reason}\n${log.join("\n")}`)),
                ledVm
            )
            simulator.modem.powerOn()
        })
    } finally {
        await simulator.close()
        stopLeading()
    }
}

test("logger: readings in batches, the modem asleep in between", async () => {
    const reports: string[] = []
    const server = await tcpServer(socket => {
        let text = ""
        socket.on("data", data => {
            text += data.toString()
            if (!text.endsWith("\n\n")) return
            reports.push(text)
            socket.write(`${text.trim().split("\n").length - 1} stored\n`)
        })
    })
    const map = [`logger.example:9000=localhost:${server.port}`]
    const sleep: string[] = []
    let stored = 0
    await run(
        "logger",
        {
            network: new HostNetwork({ map }),
            firmware: { sleepDelayMs: 200 },
        },
        ({ modem }, done) => {
            modem.onTransition = (subject, _, to) => {
                if (subject === "sleep") sleep.push(to)
            }
            return line => {
                if (line === "server: 3 stored" && ++stored === 2) done()
            }
        }
    )
    server.close()
    expect(reports).toHaveLength(2)
    const [first, second] = reports.map(report => report.trim().split("\n"))
    const woken = [first, second].map(([head]) =>
        Number(/^3\.9 V, woken (\d+) times$/.exec(head)?.[1])
    )
    // for each report, and nothing else
    expect(woken[1]).toBeGreaterThan(woken[0])
    expect(woken[1]).toBeLessThan(4)
    const readings = [...first.slice(1), ...second.slice(1)].map(Number)
    expect(readings).toHaveLength(6)
    for (let i = 1; i < 6; i++)
        expect(readings[i] - readings[i - 1]).toBeGreaterThan(0.9)
    expect(sleep.slice(0, 2)).toEqual(["asleep", "awake"])
})

/** Asks one question after the other. */
function ask(port: number, questions: string[]): Promise<string[]> {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, "127.0.0.1")
        const answers: string[] = []
        let text = ""
        const next = (): void => {
            if (answers.length < questions.length)
                socket.write(`${questions[answers.length]}\n`)
            else socket.end(() => resolve(answers))
        }
        socket.on("error", reject)
        socket.on("connect", next)
        socket.on("data", data => {
            text += data.toString()
            if (!text.endsWith("\n")) return
            answers.push(text.trim())
            text = ""
            next()
        })
    })
}

/** Sends a line that is longer than any question. @returns when the server has closed */
async function babble(port: number): Promise<void> {
    const socket = net.connect(port, "127.0.0.1")
    socket.on("error", () => undefined)
    socket.write("a".repeat(4000))
    socket.resume()
    await new Promise<void>(done => socket.on("close", () => done()))
}

test("status server: peers that babble are closed, as many as there are numbers; two at a time are told what they ask", async () => {
    const { network, at } = hostNetwork([8888])
    const questions = ["battery", "signal", "identity", "time", "weather"]
    const since = Date.UTC(2026, 1, 3, 4, 5, 6)
    let answers: string[][] = []
    let restarts = 0
    await run(
        "status-server",
        {
            network,
            utc: since,
            battery: { charging: 1, percent: 80, millivolts: 4015 },
        },
        (_, done) => line => {
            if (line.startsWith("restarting the modem")) restarts++
            if (!line.startsWith("listening on 10.78.245.128:8888")) return
            const port = at(8888)
            void Promise.all(Array.from({ length: 5 }, () => babble(port)))
                .then(() =>
                    Promise.all([ask(port, questions), ask(port, questions)])
                )
                .then(all => {
                    answers = all
                    done()
                })
        }
    )
    // a restart of the modem is announced
    expect(restarts).toBe(1)
    for (const [battery, signal, identity, time, other] of answers) {
        expect(JSON.parse(battery)).toEqual({
            volts: 4.015,
            percent: 80,
            charge: "charging",
        })
        expect(JSON.parse(signal)).toEqual({ dbm: -73, errors: 0 })
        expect(JSON.parse(identity)).toEqual({
            imei: "867010032343809",
            iccid: "898600810906F8048812",
            operator: "CHINA MOBILE",
        })
        const seconds = (Date.parse(time) - since) / 1000
        expect(seconds).toBeGreaterThanOrEqual(0)
        expect(seconds).toBeLessThan(60)
        expect(other).toBe("ask for battery, signal, identity or time")
    }
    expect(answers).toHaveLength(2)
})

test("tracker: over TCP, and by a short message when that fails", async () => {
    const reports: string[] = []
    const messages: SentMessage[] = []
    const server = await tcpServer(socket =>
        socket.on("data", data => {
            reports.push(data.toString())
            socket.write("stored\n")
        })
    )
    const map = [`tracker.example:9001=localhost:${server.port}`]
    await run(
        "tracker",
        {
            network: new HostNetwork({ map }),
            utc: Date.UTC(2026, 1, 3, 4, 5, 6),
            operator: {
                location: {
                    latitude: 47.235787,
                    longitude: -0.5,
                    accuracy: 550,
                },
            },
        },
        ({ modem }, done) => {
            modem.onMessage = message => messages.push(message)
            return line => {
                if (line.startsWith("reported")) server.close()
                if (line.startsWith("message 1, because")) done()
            }
        }
    )
    const report =
        /^867010032343809 47\.2357\d*,-0\.5 \+-550 m, 2026-02-03T04:05:\d\dZ$/
    expect(reports).toHaveLength(1)
    expect(reports[0].trim()).toMatch(report)
    expect(messages).toHaveLength(1)
    expect(messages[0].to).toBe("+4915112345678")
    expect(messages[0].alphabet).toBe("GSM")
    expect(messages[0].text).toMatch(report)
})

test("http: settings by GET, readings by POST", async () => {
    const readings: string[] = []
    const server = http.createServer((request, response) => {
        let body = ""
        request.on("data", data => (body += String(data)))
        request.on("end", () => {
            if (request.method === "POST") readings.push(body)
            const answer =
                request.url === "/settings"
                    ? { period: 100 }
                    : { stored: readings.length }
            const text = JSON.stringify(answer)
            response.setHeader("content-length", text.length)
            response.end(text)
        })
    })
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    const { port } = server.address() as AddressInfo
    const map = [`web.example:80=localhost:${port}`]
    const said: string[] = []
    await run("http", { network: new HostNetwork({ map }) }, (_, done) => {
        return line => {
            if (!line.startsWith("HTTP")) return
            said.push(line)
            if (line.includes('"stored":3')) done()
        }
    })
    server.close()
    expect(readings.slice(0, 3)).toEqual([
        '{"temperature":20}',
        '{"temperature":21}',
        '{"temperature":22}',
    ])
    expect(said).toContain('HTTP 200: {"stored":3}')
})

test("mqtt: readings to a broker, which says how often", async () => {
    const broker = await Aedes.createBroker()
    const server = await tcpServer(socket => broker.handle(socket))
    const readings: string[] = []
    broker.once("subscribe", () =>
        broker.publish(
            {
                cmd: "publish",
                topic: "device/period",
                payload: "200",
                qos: 0,
                retain: false,
                dup: false,
            },
            () => undefined
        )
    )
    const map = [`broker.example:1883=localhost:${server.port}`]
    let told = false
    await run("mqtt", { network: new HostNetwork({ map }) }, (_, done) => {
        broker.on("publish", ({ topic, payload }) => {
            if (topic !== "device/temperature") return
            readings.push(payload.toString())
            if (readings.length === 4 && told) done()
        })
        return line => {
            if (line === "a reading every 200 ms") told = true
        }
    })
    broker.close()
    server.close()
    expect(readings.slice(0, 4)).toEqual(["20", "21", "22", "23"])
    expect(told).toBe(true)
})

test("mqtt: a broker that takes everything and gives nothing is left for a new connection", async () => {
    const broker = await Aedes.createBroker()
    const inner = await tcpServer(socket => broker.handle(socket))
    let connections = 0
    let muteSince = 0
    // the first connection falls silent, both ways, and nobody closes it
    const relay = await tcpServer(socket => {
        const isMute = (): boolean => mine === 1 && muteSince > 0
        const mine = ++connections
        const other = net.connect(inner.port, "127.0.0.1")
        other.on("error", () => undefined)
        socket.on("data", data => isMute() || other.write(data))
        other.on("data", data => isMute() || socket.write(data))
        socket.on("close", () => other.destroy())
    })
    const map = [`broker.example:1883=localhost:${relay.port}`]
    let left = 0
    await run("mqtt", { network: new HostNetwork({ map }) }, (_, done) => {
        broker.on("publish", (_packet, client) => {
            if (client === null) return
            if (muteSince === 0) muteSince = Date.now()
            else if (connections === 2) {
                left = (Date.now() - muteSince) / 1000
                done()
            }
        })
        return () => undefined
    })
    broker.close()
    relay.close()
    inner.close()
    expect(connections).toBe(2)
    // the client pings each minute at least, and 90 s of silence are enough
    expect(left).toBeLessThan(180)
})

test("udp: each reading until the server has said that it has it", async () => {
    const stored: string[] = []
    let datagrams = 0
    const server = await udpPort((data, from, port) => {
        // every other one is lost
        if (datagrams++ % 2 === 0) return
        stored.push(data.toString())
        port.send(data.toString().split(" ")[0], from.port, from.address)
    })
    const { port } = server.address()
    const map = [`logger.example:9002=127.0.0.1:${port}`]
    await run(
        "udp",
        { network: new HostNetwork({ map }) },
        (_, done) => line => {
            if (line === "1 stored") done()
        }
    )
    server.close()
    expect(stored.slice(0, 2)).toEqual(["0 20", "1 21"])
    expect(datagrams).toBeGreaterThanOrEqual(4)
})

test("balance: USSD, through a menu", async () => {
    let balance = ""
    await run(
        "balance",
        {
            operator: {
                ussd: code =>
                    code === "*100#"
                        ? { text: "1 balance 2 credit", more: true }
                        : { text: `choice ${code}: 7.50`, more: false },
            },
        },
        (_, done) => line => {
            if (!line.startsWith("balance")) return
            balance = line
            done()
        }
    )
    expect(balance).toBe("balance: choice 1: 7.50")
})

test("phone: a call with keys, a long message and its answer, a call back after a restart", async () => {
    const owner = "+4915112345678"
    const long = "a long message ".repeat(15).trim()
    const sent: string[] = []
    const keys: string[] = []
    await run("phone", {}, ({ modem }, done) => {
        // who hears the phone's "1" presses keys
        modem.onTone = () => setTimeout(() => modem.pressKeys("12#"), 500)
        modem.onMessage = ({ text }) => {
            sent.push(text)
            if (sent.join("").length < long.length + 11) return
            modem.inject("brown-out")
            modem.receiveMessage({ from: owner, text: "CALL" })
        }
        return line => {
            if (line === "waiting") modem.call(owner)
            if (!line.startsWith("keys")) return
            keys.push(line)
            if (keys.length === 1)
                modem.receiveMessage({ from: owner, text: long })
            else done()
        }
    })
    expect(sent.join("")).toBe(`You wrote: ${long}`)
    expect(keys).toEqual(["keys 12#", "keys 12#"])
})

test("secure: the root is fetched and stored, then the server is believed", async () => {
    const plain = http.createServer((_, response) => response.end(root))
    const secure = https.createServer(
        { ...tlsServer, maxVersion: "TLSv1.2" },
        (_, response) => response.end("between us")
    )
    const ports = await Promise.all([plain, secure].map(listenOn))
    const map = [
        `web.example:80=localhost:${ports[0]}`,
        `web.example:443=localhost:${ports[1]}`,
    ]
    const said: string[] = []
    await run("secure", { network: new HostNetwork({ map }) }, (_, done) => {
        return line => {
            if (!/^HTTP|argument|TLS/.test(line)) return
            said.push(line)
            done()
        }
    })
    plain.close()
    secure.close()
    expect(said).toEqual(["HTTP 200: between us"])
})

test("bridge: lines over transparent mode, numbered, and who has called", async () => {
    let text = ""
    let peer: net.Socket | undefined
    let heard = (): void => undefined
    const server = await tcpServer(socket => {
        peer = socket
        socket.write("first\nsecond\n")
        socket.on("data", data => {
            text += data.toString()
            heard()
        })
    })
    const map = [`logger.example:9003=localhost:${server.port}`]
    await run(
        "bridge",
        { network: new HostNetwork({ map }) },
        ({ modem }, done) => {
            let calls = 0
            modem.onTransition = (subject, _, to) => {
                if (subject === "call" && to === "idle") peer?.write("third\n")
            }
            heard = () => {
                const lines = text.split("\n").length - 1
                if (lines === 2 && calls++ === 0) modem.call("+123")
                if (lines === 3) done()
            }
            return () => undefined
        }
    )
    server.close()
    expect(text).toBe("1 first \n2 second \n3 third +123\n")
})
