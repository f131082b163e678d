/** Real sockets on this machine, on the real clock. */
import dgram from "node:dgram"
import net from "node:net"
import { X509Certificate } from "node:crypto"
import tls from "node:tls"
import { once } from "node:events"
import { afterEach, describe, expect, test, vi } from "vitest"
import { AddressMap } from "../../sim/host/address-map"
import { HostNetwork, type HostNetworkOptions } from "../../sim/host/network"
import { PortMap } from "../../sim/host/port-map"
import { textOf } from "../../sim/modem/bytes"
import { VirtualSim800 } from "../../sim/modem/modem"
import { spell, unspell } from "../../sim/modem/trace"
import type { FirmwareOptions } from "../../sim/modem/options"
import { certificate, client as own, key, root, server as signed } from "../tls"

vi.setConfig({ testTimeout: 120_000 })

const cleanUps: (() => void)[] = []
afterEach(() => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

async function serve(
    handler: (socket: net.Socket) => void,
    options: net.ServerOpts = {}
): Promise<number> {
    const server = net.createServer(options, socket => {
        cleanUps.push(() => socket.destroy())
        socket.on("error", () => undefined)
        handler(socket)
    })
    cleanUps.push(() => server.close())
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return (server.address() as net.AddressInfo).port
}

/** A modem on the real clock, fast enough for a test, and a conversation with it. */
class Session {
    readonly modem: VirtualSim800
    readonly log: string[] = []
    /** where on this machine ports of the modem's are */
    readonly opened = new Map<number, number>()
    received = ""
    private wake: () => void = () => undefined

    constructor(
        options: HostNetworkOptions,
        firmware: Partial<FirmwareOptions>
    ) {
        const network = new HostNetwork(options)
        network.onOpened = ({ port, local }) =>
            this.opened.set(port, local.port)
        this.modem = new VirtualSim800({
            network,
            delays: "instant",
            stored: { baud: 460800, echo: false },
            dteBaud: 460800,
            firmware: { romBurst: false, ...firmware },
            radio: {
                roundTripMs: 2,
                downlinkBitsPerSecond: 1e8,
                uplinkBitsPerSecond: 1e8,
            },
        })
        cleanUps.push(() => this.modem.dispose())
        this.modem.onLog = line => this.log.push(line)
        this.modem.dte.onData = bytes => {
            this.received += textOf(bytes)
            this.wake()
        }
    }

    static async online(
        map: readonly string[] = [],
        listen: readonly string[] = [],
        firmware: Partial<FirmwareOptions> = {},
        roots: readonly string[] = []
    ): Promise<Session> {
        const session = new Session({ map, listen, roots }, firmware)
        session.modem.powerOn()
        await session.until("SMS Ready")
        await new Promise(resolve => setTimeout(resolve, 20))
        await session.say("AT+CIPMUX=1␍", "OK")
        await session.say("AT+CSTT␍", "OK")
        await session.say("AT+CIICR␍", "OK")
        await session.say("AT+CIFSR␍", "10.78.245.128")
        return session
    }

    /** Waits until the modem has said the text, takes all up to it. */
    async until(text: string): Promise<string> {
        const wanted = textOf(unspell(text))
        const deadline = Date.now() + 60_000
        for (;;) {
            const at = this.received.indexOf(wanted)
            if (at >= 0) {
                const taken = this.received.slice(0, at + wanted.length)
                this.received = this.received.slice(at + wanted.length)
                return taken
            }
            if (Date.now() > deadline)
                throw new Error(
                    `no "${text}" in "${spell(Buffer.from(this.received, "latin1"))}"`
                )
            await new Promise<void>(resolve => {
                this.wake = resolve
                setTimeout(resolve, 50)
            })
        }
    }

    /** The port of this machine that is one of the modem's. */
    at(port: number): number {
        const found = this.opened.get(port)
        if (found === undefined) throw new Error(`${port} is not open`)
        return found
    }

    async say(text: string, answer: string): Promise<string> {
        this.modem.dte.write(unspell(text))
        return this.until(answer)
    }
}

describe("TCP", () => {
    test("connects, sends, receives, is closed by the server", async () => {
        let got = ""
        const port = await serve(socket => {
            socket.on("data", bytes => {
                got += bytes.toString()
                socket.end("bye")
            })
        })
        const session = await Session.online([
            `116.228.221.51:8500=localhost:${port}`,
        ])
        await session.say(
            'AT+CIPSTART=0,"TCP","116.228.221.51","8500"␍',
            "0, CONNECT OK⏎"
        )
        await session.say("AT+CIPSEND=0,5␍", "> ")
        await session.say("hello", "0, SEND OK⏎")
        await session.until("+RECEIVE,0,3:⏎bye")
        await session.until("0, CLOSED⏎")
        expect(got).toBe("hello")
        expect(await session.say("AT+CIPSTATUS=0␍", "OK")).toContain(
            '"116.228.221.51","8500","CLOSED"'
        )
    })

    test("loopback itself needs no map; a closed port is refused", async () => {
        const port = await serve(socket => socket.write("hi"))
        const session = await Session.online()
        await session.say(
            `AT+CIPSTART=0,"TCP","localhost",${port}␍`,
            "0, CONNECT OK⏎"
        )
        await session.until("+RECEIVE,0,2:⏎hi")
        const [closed] = await Promise.all([serve(() => undefined)])
        cleanUps.pop()?.()
        await session.say(
            `AT+CIPSTART=1,"TCP","127.0.0.1",${closed}␍`,
            "1, CONNECT FAIL⏎"
        )
        expect(session.log).toEqual([])
    })

    test("nothing else is reached, and the log says what to do", async () => {
        const session = await Session.online(["known.example:80=localhost:1"])
        await session.say(
            'AT+CIPSTART=0,"TCP","93.184.216.34",80␍',
            "0, CONNECT FAIL⏎"
        )
        await session.say(
            'AT+CIPSTART=1,"TCP","unknown.example",80␍',
            "1, CONNECT FAIL⏎"
        )
        await session.say(
            'AT+CIPSTART=2,"TCP","known.example",443␍',
            "2, CONNECT FAIL⏎"
        )
        await session.say('AT+CDNSGIP="unknown.example"␍', "+CDNSGIP: 0,8⏎")
        expect(session.log).toEqual([
            "93.184.216.34:80 was not reached: map it (--map 93.184.216.34:80=localhost:8080) or open the internet (--internet)",
            "unknown.example was not resolved: map it (--map unknown.example=localhost:8080) or open the internet (--internet)",
            "known.example:443 was not reached: map it (--map known.example:443=localhost:8080) or open the internet (--internet)",
            "unknown.example was not resolved: map it (--map unknown.example=localhost:8080) or open the internet (--internet)",
        ])
    })

    test("a mapped name has a stable address", async () => {
        const port = await serve(() => undefined)
        const map = [`Server.Example=localhost:${port}`]
        const session = await Session.online(map)
        const answer = await session.say(
            'AT+CDNSGIP="server.example"␍',
            "+CDNSGIP: 1,"
        )
        expect(answer).toContain("OK")
        const address = await session.until("⏎")
        expect(address).toMatch(/^"server.example","198\.1[89]\.\d+\.\d+"\r\n$/)
        await session.say(
            'AT+CIPSTART=0,"TCP","server.example",1␍',
            "0, CONNECT OK⏎"
        )
        const status = await session.say("AT+CIPSTATUS=0␍", "OK")
        expect(status).toContain(address.split(",")[1].trim())
    })

    test("local close, slow and quick, and CIPSHUT reach the server", async () => {
        const seen: string[] = []
        const port = await serve(
            socket => {
                const n = seen.length
                seen.push("open")
                socket.on("end", () => (seen[n] = "FIN"))
                socket.on("error", () => (seen[n] = "RST"))
                socket.resume()
            },
            { allowHalfOpen: true }
        )
        const session = await Session.online()
        for (const n of [0, 1, 2])
            await session.say(
                `AT+CIPSTART=${n},"TCP","127.0.0.1",${port}␍`,
                `${n}, CONNECT OK⏎`
            )
        await session.say("AT+CIPCLOSE=0␍", "0, CLOSE OK⏎")
        await session.say("AT+CIPCLOSE=1,1␍", "1, CLOSE OK⏎")
        await session.say("AT+CIPSHUT␍", "SHUT OK⏎")
        await expect
            .poll(() => seen, { timeout: 60_000 })
            .toEqual(["FIN", "RST", "RST"])
    })

    test("a server that resets, during a send and without", async () => {
        const port = await serve(socket =>
            socket.on("data", () => socket.resetAndDestroy())
        )
        const session = await Session.online()
        await session.say(
            `AT+CIPSTART=0,"TCP","127.0.0.1",${port}␍`,
            "0, CONNECT OK⏎"
        )
        await session.say("AT+CIPSEND=0,1␍", "> ")
        await session.say("x", "0, CLOSED⏎")
    })

    test("50 kB each way, identical, with a slow reader at the server", async () => {
        const port = await serve(socket => socket.pipe(socket))
        const session = await Session.online()
        await session.say("AT+CIPQSEND=1␍", "OK")
        await session.say(
            `AT+CIPSTART=0,"TCP","127.0.0.1",${port}␍`,
            "0, CONNECT OK⏎"
        )
        const chunk = (n: number): Uint8Array =>
            Uint8Array.from({ length: 1000 }, (_, i) => (i * 7 + n * 13) & 0xff)
        let all = ""
        const payload = (): string => {
            // headers are removed by their count
            let rest = all
            let text = ""
            for (;;) {
                const match = /\r\n\+RECEIVE,0,(\d+):\r\n/.exec(rest)
                if (match === null) return text
                const start = match.index + match[0].length
                text += rest.slice(start, start + Number(match[1]))
                rest = rest.slice(start + Number(match[1]))
            }
        }
        for (let n = 0; n < 50; n++) {
            all += await session.say("AT+CIPSEND=0,1000␍", "> ")
            session.modem.dte.write(chunk(n))
            all += await session.until("DATA ACCEPT:0,1000⏎")
        }
        const expected = Buffer.concat(
            Array.from({ length: 50 }, (_, n) => chunk(n))
        ).toString("latin1")
        await expect
            .poll(
                () => {
                    all += session.received
                    session.received = ""
                    return payload().length
                },
                { timeout: 60_000 }
            )
            .toBe(50_000)
        expect(payload() === expected).toBe(true)
    })
})

describe("AT+CLPORT and AT+CIPUDPMODE", () => {
    /** A UDP socket of this machine, and what came to it. */
    async function udp(): Promise<{
        socket: dgram.Socket
        port: number
        heard: { text: string; port: number }[]
    }> {
        const socket = dgram.createSocket("udp4")
        cleanUps.push(() => socket.close())
        const heard: { text: string; port: number }[] = []
        socket.on("message", (bytes, { port }) =>
            heard.push({ text: `${bytes}`, port })
        )
        socket.bind(0, "127.0.0.1")
        await once(socket, "listening")
        return { socket, port: socket.address().port, heard }
    }

    test("the peer sends first, to the port that was chosen; strangers are not heard", async () => {
        const [peer, stranger] = [await udp(), await udp()]
        const session = await Session.online(
            [`116.228.221.51:9600=localhost:${peer.port}`],
            ["8888=0"]
        )
        await session.say('AT+CLPORT=0,"UDP",8888␍', "OK⏎")
        await session.say(
            'AT+CIPSTART=0,"UDP","116.228.221.51",9600␍',
            "0, CONNECT OK⏎"
        )
        const local = session.at(8888)
        stranger.socket.send("psst", local, "127.0.0.1")
        peer.socket.send("first", local, "127.0.0.1")
        await session.until("⏎+RECEIVE,0,5:⏎first")
        await session.say("AT+CIPSEND=0,2␍", "> ")
        await session.say("hi", "0, SEND OK⏎")
        await expect
            .poll(() => peer.heard)
            .toEqual([{ text: "hi", port: local }])
        await session.say("AT+CIPCLOSE=0␍", "0, CLOSE OK⏎")
    })

    test("extended: any sender is heard, and can be answered", async () => {
        const [peer, stranger] = [await udp(), await udp()]
        const session = await Session.online([], ["8888=0"])
        for (const line of [
            'AT+CLPORT=0,"UDP",8888',
            "AT+CIPUDPMODE=0,1",
            "AT+CIPSRIP=1",
        ])
            await session.say(`${line}␍`, "OK⏎")
        await session.say(
            `AT+CIPSTART=0,"UDP","127.0.0.1",${peer.port}␍`,
            "0, CONNECT OK⏎"
        )
        const local = session.at(8888)
        stranger.socket.send("hello", local, "127.0.0.1")
        await session.until(`+RECEIVE,0,5,127.0.0.1:${stranger.port}:⏎hello`)
        await session.say(
            `AT+CIPUDPMODE=0,2,"127.0.0.1",${stranger.port}␍`,
            "OK⏎"
        )
        await session.say("AT+CIPSEND=0,2␍", "> ")
        await session.say("hi", "0, SEND OK⏎")
        await expect
            .poll(() => stranger.heard)
            .toEqual([{ text: "hi", port: local }])
        expect(peer.heard).toEqual([])
    })

    test("a port in use: CONNECT FAIL, and a line that says what to do", async () => {
        const other = await udp()
        const session = await Session.online()
        await session.say(`AT+CLPORT=0,"UDP",${other.port}␍`, "OK⏎")
        await session.say(
            'AT+CIPSTART=0,"UDP","127.0.0.1",9␍',
            "0, CONNECT FAIL⏎"
        )
        expect(session.log).toEqual([
            `port ${other.port} of this machine cannot be opened (EADDRINUSE): choose another one (--listen ${other.port}=8080)`,
        ])
    })
})

/** A client of the modem's server, and what it has seen. */
function client(port: number): {
    socket: net.Socket
    seen: { text: string; end: "" | "FIN" | "RST" }
} {
    const seen = { text: "", end: "" as "" | "FIN" | "RST" }
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true })
    cleanUps.push(() => socket.destroy())
    socket.on("data", bytes => (seen.text += bytes))
    socket.on("end", () => (seen.end = "FIN"))
    socket.on("error", () => (seen.end = "RST"))
    return { socket, seen }
}

describe("AT+CIPSERVER", () => {
    const POLL = { timeout: 60_000 }

    test("clients of this machine come, talk and go", async () => {
        const session = await Session.online([], ["80=0"])
        await session.say("AT+CIPSERVER=1,80␍", "SERVER OK⏎")
        const port = session.at(80)
        const first = client(port)
        first.socket.write("hello server")
        await session.until("0, REMOTE IP: 127.0.0.1⏎")
        await session.until("+RECEIVE,0,12:⏎hello server")
        const second = client(port)
        await session.until("1, REMOTE IP: 127.0.0.1⏎")
        await session.say("AT+CIPSEND=1,5␍", "> ")
        await session.say("hello", "1, SEND OK⏎")
        await expect.poll(() => second.seen.text, POLL).toBe("hello")
        first.socket.end()
        await session.until("0, CLOSED⏎")
        expect(first.seen.end).toBe("FIN")
        await session.say("AT+CIPSERVER=0␍", "SERVER CLOSE⏎")
        const late = client(port)
        await expect.poll(() => late.seen.end, POLL).toBe("RST")
        await session.say("AT+CIPCLOSE=1,1␍", "1, CLOSE OK⏎")
        await expect.poll(() => second.seen.end, POLL).toBe("RST")
        expect(session.log).toEqual([])
    })

    test("the sixth client is sent away, CIPSHUT and the end of power do it to all", async () => {
        const session = await Session.online([], ["80=0"])
        await session.say("AT+CIPSERVER=1,80␍", "SERVER OK⏎")
        const port = session.at(80)
        const clients = []
        for (let n = 0; n < 5; n++) {
            clients.push(client(port))
            await session.until(`${n}, REMOTE IP: 127.0.0.1⏎`)
        }
        const sixth = client(port)
        await expect.poll(() => sixth.seen.end, POLL).toBe("RST")
        await session.say("AT+CIPSHUT␍", "SHUT OK⏎")
        for (const { seen } of clients)
            await expect.poll(() => seen.end, POLL).toBe("RST")
        const late = client(port)
        await expect.poll(() => late.seen.end, POLL).toBe("RST")
        for (const line of ["AT+CSTT␍", "AT+CIICR␍"])
            await session.say(line, "OK")
        await session.say("AT+CIFSR␍", "10.78.245.128")
        await session.say("AT+CIPSERVER=1,80␍", "SERVER OK⏎")
        const last = client(session.at(80))
        await session.until("0, REMOTE IP: 127.0.0.1⏎")
        session.modem.powerOff()
        await expect.poll(() => last.seen.end, POLL).toBe("RST")
    })

    test("a port in use: ERROR, and a line that says what to do", async () => {
        const port = await serve(() => undefined)
        const session = await Session.online([], [`80=${port}`])
        await session.say("AT+CIPSERVER=1,80␍", "OK⏎⏎ERROR⏎")
        expect(session.log).toEqual([
            `port ${port} of this machine cannot be opened (EADDRINUSE): choose another one (--listen 80=8080)`,
        ])
        await session.say("AT+CIPSERVER?␍", "+CIPSERVER: 0⏎")
    })
})

describe("the port map", () => {
    test("ports: given, kept", () => {
        const ports = new PortMap(["80=8080", "81=8081"])
        expect([80, 81, 82, 0].map(port => ports.target(port))).toEqual([
            8080, 8081, 82, 0,
        ])
    })

    test.each([
        ["80", "is not of the form port=port"],
        ["a=80", "is not of the form port=port"],
        ["80=70000", "there is no port 70000"],
        ["0=80", "there is no port 0"],
        ["79=80", "port 79 has a place already"],
    ])("%s: %s", (entry, message) => {
        expect(() => new PortMap(["79=8079", entry])).toThrow(message)
    })
})

test("UDP through the map: the reply comes from the address that was dialled", async () => {
    const server = dgram.createSocket("udp4")
    cleanUps.push(() => server.close())
    server.bind(0, "127.0.0.1")
    await once(server, "listening")
    server.on("message", (bytes, from) =>
        server.send(`got ${bytes}`, from.port, from.address)
    )
    const session = await Session.online([
        `116.228.221.51:9600=localhost:${server.address().port}`,
    ])
    await session.say("AT+CIPSRIP=1␍", "OK")
    await session.say(
        'AT+CIPSTART=1,"UDP","116.228.221.51",9600␍',
        "1, CONNECT OK⏎"
    )
    await session.say("AT+CIPSEND=1,2␍", "> ")
    await session.say("hi", "1, SEND OK⏎")
    await session.until("+RECEIVE,1,6,116.228.221.51:9600:⏎got hi")
})

describe("the address map", () => {
    const map = (...entries: readonly string[]): AddressMap =>
        new AddressMap(entries, address => address.startsWith("127."))

    test("ports: given, any, kept", () => {
        const addresses = map(
            "1.1.1.1:80=127.0.0.1:8080",
            "1.1.1.1=127.0.0.1:9000",
            "2.2.2.2=127.0.0.2"
        )
        const target = (address: string, port: number): string => {
            const found = addresses.target({ address, port })
            return found ? `${found.address}:${found.port}` : "none"
        }
        expect(target("1.1.1.1", 80)).toBe("127.0.0.1:8080")
        expect(target("1.1.1.1", 81)).toBe("127.0.0.1:9000")
        expect(target("2.2.2.2", 5)).toBe("127.0.0.2:5")
        expect(target("3.3.3.3", 5)).toBe("none")
    })

    test("and back: what is dialled to get to a place", () => {
        const addresses = map(
            "1.1.1.1:80=127.0.0.1:8080",
            "2.2.2.2=127.0.0.2",
            "3.3.3.3:90=127.0.0.3"
        )
        const origin = (address: string, port: number): string => {
            const found = addresses.origin({ address, port })
            return `${found.address}:${found.port}`
        }
        expect(origin("127.0.0.1", 8080)).toBe("1.1.1.1:80")
        expect(origin("127.0.0.1", 80)).toBe("127.0.0.1:80")
        expect(origin("127.0.0.2", 5)).toBe("2.2.2.2:5")
        expect(origin("127.0.0.3", 90)).toBe("3.3.3.3:90")
        expect(origin("127.0.0.3", 91)).toBe("127.0.0.3:91")
    })

    test("names: made up, given, told apart, without regard to case", () => {
        const addresses = map(
            "a.example:1=localhost:1",
            "A.EXAMPLE:2=localhost:2",
            "b.example@203.0.113.7=localhost:3"
        )
        const a = addresses.resolve("A.example") ?? ""
        expect(a).toMatch(/^198\.1[89]\./)
        expect(addresses.resolve("b.example")).toBe("203.0.113.7")
        expect(addresses.resolve("c.example")).toBeUndefined()
        expect(addresses.target({ address: a, port: 2 })?.port).toBe(2)
        expect(addresses.target({ address: a, port: 3 })).toBeUndefined()
        expect(addresses.nameOf(a)).toBe("a.example")
        expect(map("a.example=localhost").resolve("a.example")).toBe(a)
    })

    test("many names have many addresses", () => {
        const entries = Array.from(
            { length: 2000 },
            (_, n) => `name${n}.example=localhost`
        )
        const addresses = map(...entries)
        const distinct = new Set(
            entries.map(entry => addresses.resolve(entry.split("=")[0]))
        )
        expect(distinct.size).toBe(2000)
    })

    test.each([
        ["nonsense", "is not of the form"],
        ["a=b=c", "is not of the form"],
        ["a:0=localhost", "there is no port 0"],
        ["a=localhost:70000", "there is no port 70000"],
        ["a=server.example", 'the target is "localhost" or an address'],
        ["a@b=localhost", '"b" is not an address'],
        ["a=10.0.0.1:80", "is not on this machine"],
    ])("%s: %s", (entry, message) => {
        expect(() => map(entry)).toThrow(message)
        expect(() => map(entry)).toThrow(`"${entry}"`)
    })

    test("with the internet open, the map may lead off this machine", () => {
        expect(() => new HostNetwork({ map: ["a=10.0.0.1"] })).toThrow()
        expect(
            () => new HostNetwork({ map: ["a=10.0.0.1"], internet: true })
        ).not.toThrow()
    })
})

describe("TLS", () => {
    async function serveTls(options: tls.TlsOptions = {}): Promise<number> {
        const server = tls.createServer(
            { key, cert: certificate, ...options },
            socket => {
                cleanUps.push(() => socket.destroy())
                socket.on("error", () => undefined)
                socket.on("data", bytes => socket.end(`got ${bytes}`))
            }
        )
        server.on("tlsClientError", () => undefined)
        cleanUps.push(() => server.close())
        server.listen(0, "127.0.0.1")
        await once(server, "listening")
        return (server.address() as net.AddressInfo).port
    }

    async function secure(
        firmware: Partial<FirmwareOptions> = {},
        roots: readonly string[] = []
    ): Promise<Session> {
        const session = await Session.online([], [], firmware, roots)
        await session.say("AT+CIPSSL=1␍", "OK")
        return session
    }

    /** What AT+CIPSTART leads to. */
    async function start(session: Session, port: number): Promise<string> {
        await session.say(`AT+CIPSTART=0,"TCP","127.0.0.1",${port}␍`, "OK⏎")
        return (await session.until("0, C")) + (await session.until("⏎"))
    }

    const echoes = async (session: Session): Promise<void> => {
        await session.say("AT+CIPSEND=0,5␍", ">")
        await session.say("hello", "got hello")
        await session.until("0, CLOSED")
    }

    test("a certificate that the module has, whatever its name", async () => {
        const session = await secure({}, [certificate])
        expect(await start(session, await serveTls())).toContain("CONNECT OK")
        await echoes(session)
    })

    test("a certificate that it has not, and AT+SSLOPT", async () => {
        const session = await secure()
        const port = await serveTls()
        expect(await start(session, port)).toContain("0, CLOSE OK")
        expect(session.log.join()).toMatch(/^no TLS with .*self-signed/)
        await session.say("AT+SSLOPT=0,1␍", "OK")
        expect(await start(session, port)).toContain("CONNECT OK")
        await echoes(session)
    })

    /** Puts a file into the module. */
    async function store(
        session: Session,
        path: string,
        content: Buffer
    ): Promise<void> {
        await session.say(`AT+FSCREATE=${path}␍`, "OK")
        await session.say(`AT+FSWRITE=${path},0,${content.length},10␍`, "> ")
        session.modem.dte.write(content)
        await session.until("OK")
    }

    test("a root that was put into the module vouches for its own only", async () => {
        const session = await secure()
        const port = await serveTls(signed)
        expect(await start(session, port)).toContain("0, CLOSE OK")
        await store(session, "C:\\ROOT.CRT", root)
        await session.say(`AT+SSLSETROOT="C:\\ROOT.CRT",${root.length}␍`, "OK")
        expect(await start(session, port)).toContain("CONNECT OK")
        await echoes(session)
        expect(await start(session, await serveTls())).toContain("0, CLOSE OK")
    })

    test("a server that wants a certificate gets the one of the module", async () => {
        const session = await secure()
        const ca = new X509Certificate(root).toString()
        const port = await serveTls({
            ...signed,
            ca,
            requestCert: true,
            rejectUnauthorized: true,
        })
        await session.say("AT+SSLOPT=0,1␍", "OK")
        expect(await start(session, port)).toContain("0, CLOSE OK")
        await store(session, "C:\\CLIENT.P12", own.pkcs12)
        await session.say(
            `AT+SSLSETCERT="C:\\CLIENT.P12","${own.password}"␍`,
            "+SSLSETCERT: 0"
        )
        expect(await start(session, port)).toContain("0, CLOSE OK")
        await session.say("AT+SSLOPT=1,1␍", "OK")
        expect(await start(session, port)).toContain("CONNECT OK")
        await echoes(session)
    })

    test("TLS 1.0 of old firmware", async () => {
        const session = await secure({ tlsVersion: "TLSv1" }, [certificate])
        // Node wants 1.2 unless it is told otherwise
        expect(await start(session, await serveTls())).toContain("0, CLOSE OK")
        const old = await serveTls({
            minVersion: "TLSv1",
            ciphers: "DEFAULT:@SECLEVEL=0",
        })
        expect(await start(session, old)).toContain("CONNECT OK")
        await echoes(session)
    })

    test("a peer without TLS, one that hangs up, and none", async () => {
        const session = await secure()
        const plain = await serve(socket => socket.write("220 hello\r\n"))
        expect(await start(session, plain)).toContain("0, CLOSE OK")
        const gone = await serve(socket => socket.end())
        expect(await start(session, gone)).toContain("0, CLOSE OK")
        expect(await start(session, 1)).toContain("0, CONNECT FAIL")
    })
})
