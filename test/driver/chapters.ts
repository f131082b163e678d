/** The application note, chapter by chapter: driver and virtual SIM800 together. */
import { describe, expect, test } from "vitest"
import { ipStateText } from "../../src/core/ip-state"
import { Outcome } from "../../src/core/channel"
import { Framing, Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import { LinkState, type Connection } from "../../src/core/link/connection"
import { DataMode } from "../../src/core/data-mode/data-mode"
import { DataState } from "../../src/core/data-mode/mode"
import { Failure } from "../../src/core/errors"
import type { ModemObserver } from "../../src/core/observer"
import { Request, RequestState } from "../../src/core/request"
import { Final, Line } from "../../src/core/results"
import { ContextState, SecondContext } from "../../src/core/second-context"
import { Server, ServerState } from "../../src/core/server"
import { Sleep, SleepMode } from "../../src/core/sleep"
import { noise, Rig, Taken } from "./rig"

const HOST = "116.228.221.51"
const single: Partial<ModemConfig> = { multi: false }

/** There and back through an echo server. */
function echoes(rig: Rig, link: Connection, data: string | Buffer): void {
    const bytes = Buffer.from(data as string)
    const got = new Taken(rig, link)
    expect(rig.send(link, bytes)).toBe(Failure.None)
    rig.expect("echoed", () => got.take() >= bytes.length)
    expect(got.bytes.equals(bytes)).toBe(true)
}

function state(rig: Rig): string {
    return ipStateText(rig.core.ip.state)
}

/** A command of the application, and what the modem said. */
function ask(
    rig: Rig,
    request: Request,
    text: string,
    ends: Final = Final.Ok | Final.Error,
    follow: Line = Line.Unknown
): string {
    request.begin(text, ends, 5000, follow, 20_000)
    rig.poll()
    rig.expect("answered", () => request.state === RequestState.Done)
    if (request.outcome !== Outcome.Ok) return Outcome[request.outcome]
    return request.answer.toString("latin1", 0, request.answerLength).trim()
}

/** What AT+CIPSTATUS says is what the driver believes. */
function agrees(rig: Rig, request: Request): void {
    const answer = ask(rig, request, "AT+CIPSTATUS", Final.Status | Final.Error)
    expect(/STATE: (.*)/.exec(answer)?.[1]).toBe(state(rig))
}

/** Declares the tests. */
export function chapters(): void {
    describe.each([
        ["manual", Reception.Manual],
        ["hex", Reception.Hex],
        ["push", Reception.Push],
        ["plain", Reception.Plain],
    ])("2.1.1 a single TCP connection (%s)", (_, reception) => {
        test("there and back, closed by the peer", () => {
            const rig = new Rig({ ...single, reception }).start()
            const request = new Request(rig.core)
            const server = rig.network.listen(HOST, 8500)
            agrees(rig, request)
            const link = rig.connect(HOST, 8500)
            expect(state(rig)).toBe("CONNECT OK")
            // a blank line behind the answer would be data
            if (reception !== Reception.Plain) agrees(rig, request)
            rig.send(link, "hello TCP serve")
            rig.expect("sent", () => rig.sent(link))
            rig.expect("received", () => server.peer.text === "hello TCP serve")
            server.peer.send("hello SIM800")
            rig.expect("an answer", () => link.readable === 12)
            expect(rig.read(link).toString()).toBe("hello SIM800")
            server.peer.send("and bye")
            server.peer.end()
            rig.expect("closed", () => link.state === LinkState.Closed)
            expect(rig.read(link).toString()).toBe("and bye")
            expect(link.failure).toBe(Failure.ClosedByPeer)
            expect(state(rig)).toBe("TCP CLOSED")
            agrees(rig, request)
        })

        test("20 kB there and back, closed here, and again", () => {
            const rig = new Rig({ ...single, reception }).start()
            const request = new Request(rig.core)
            rig.network.echo(HOST, 7)
            for (let i = 0; i < 3; i++) {
                const link = rig.connect(HOST, 7)
                echoes(rig, link, noise(5 + i, 20_000))
                rig.close(link)
                rig.expect("free", () => link.state === LinkState.Initial)
                agrees(rig, request)
            }
            expect(rig.overruns).toBe(0)
        })

        test("nobody listens", () => {
            const rig = new Rig({ ...single, reception }).start()
            rig.network.refuse(HOST, 8500)
            const link = rig.open(HOST, 8500)
            rig.expect("refused", () => link.state === LinkState.Closed)
            expect(link.failure).toBe(Failure.ConnectFailed)
            agrees(rig, new Request(rig.core))
        })
    })

    test("2.1.1 AT+CIPSTART brings the context up by itself", () => {
        const rig = new Rig({ ...single, lazy: true }).start()
        expect(state(rig)).toBe("IP INITIAL")
        expect(rig.wire).not.toContain("AT+CIICR")
        rig.network.echo(HOST, 7)
        const link = rig.connect(HOST, 7)
        expect(state(rig)).toBe("CONNECT OK")
        echoes(rig, link, "up by itself")
        expect(rig.wire).not.toContain("AT+CIICR")
    })

    describe("2.1.2 UDP client", () => {
        test.each([
            ["single, manual", single],
            ["single, push", { ...single, reception: Reception.Push }],
            ["several, manual", {}],
            ["several, hex", { reception: Reception.Hex }],
            ["several, push", { reception: Reception.Push }],
        ])("%s: datagrams stay whole", (_, config) => {
            const rig = new Rig(config).start()
            const port = rig.network.udp(HOST, 9600)
            const link = rig.udp(HOST, 9600)
            rig.send(link, "SIM800 UDP test")
            rig.expect("sent", () => rig.sent(link))
            rig.expect("there", () => port.datagrams.length === 1)
            port.reply("UDP test")
            port.reply("another one")
            expect(rig.datagram(link).data).toBe("UDP test")
            expect(rig.datagram(link).data).toBe("another one")
            rig.close(link)
            rig.expect("free", () => link.state === LinkState.Initial)
        })

        test("a datagram of 1460 bytes goes, one of 1461 does not", () => {
            const rig = new Rig().start()
            const port = rig.network.udp(HOST, 9600)
            const link = rig.udp(HOST, 9600)
            const data = noise(1, 1460)
            rig.send(link, data)
            rig.expect("there", () => port.datagrams.length === 1)
            port.reply(Uint8Array.from(data))
            expect(Buffer.from(rig.datagram(link).data, "latin1")).toEqual(data)
            expect(rig.send(link, noise(1, 1461))).toBe(Failure.BadArgument)
            expect(rig.send(link, "")).toBe(Failure.BadArgument)
        })

        test("without a reader datagrams are lost whole, and counted", () => {
            const rig = new Rig({ reception: Reception.Push }).start()
            const port = rig.network.udp(HOST, 9600)
            const link = rig.udp(HOST, 9600)
            rig.send(link, "?")
            rig.expect("there", () => port.datagrams.length === 1)
            for (let i = 0; i < 10; i++) port.reply(String(i).repeat(500))
            rig.wait(2000)
            // whatever the modem itself has dropped
            const came = link.dropped + link.readable / 508
            if (Rig.firmware.receiveBuffer === undefined) expect(came).toBe(10)
            for (let i = 0; i < 2; i++)
                expect(rig.datagram(link).data).toBe(String(i).repeat(500))
        })
    })

    describe("2.1.3 TCP server of a single connection", () => {
        test.each([
            ["manual", Reception.Manual],
            ["push", Reception.Push],
        ])(
            "%s: a peer comes, is answered, and stays when the server closes",
            (_, reception) => {
                const rig = new Rig({ ...single, reception }).start()
                const request = new Request(rig.core)
                const server = new Server(rig.core)
                server.open(1234)
                rig.expect("on", () => server.state === ServerState.Listening)
                expect(state(rig)).toBe("SERVER LISTENING")
                agrees(rig, request)
                const peer = rig.network.dial(
                    { address: "10.78.245.128", port: 1234 },
                    { address: "10.78.103.220", port: 40000 }
                )
                const { links: connections } = rig.core
                rig.expect("a peer", () => connections.incoming !== 0)
                const link = connections.list[connections.accepted()]
                expect([...link.address].join(".")).toBe("10.78.103.220")
                expect(state(rig)).toBe("CONNECT OK")
                agrees(rig, request)
                peer.send("hello server")
                rig.expect("data", () => link.readable === 12)
                expect(rig.read(link).toString()).toBe("hello server")
                rig.send(link, "hello client")
                rig.expect("answered", () => peer.text === "hello client")
                server.close()
                rig.poll()
                rig.expect("off", () => server.state === ServerState.Closed)
                peer.send("hello SIM800")
                rig.expect("data", () => link.readable === 12)
                rig.close(link)
                rig.expect("free", () => link.state === LinkState.Initial)
                agrees(rig, request)
            }
        )

        test("behind a connection of its own the context is brought up anew", () => {
            const rig = new Rig(single).start()
            const server = new Server(rig.core)
            rig.network.echo(HOST, 7)
            const link = rig.connect(HOST, 7)
            rig.close(link)
            rig.expect("free", () => link.state === LinkState.Initial)
            expect(state(rig)).toBe("TCP CLOSED")
            server.open(1234)
            rig.expect("on", () => server.state === ServerState.Listening)
            agrees(rig, new Request(rig.core))
        })

        test("the next peer may come when the first has gone", () => {
            const rig = new Rig(single).start()
            const request = new Request(rig.core)
            const server = new Server(rig.core)
            server.open(1234)
            rig.expect("on", () => server.state === ServerState.Listening)
            const { links: connections } = rig.core
            for (let i = 0; i < 3; i++) {
                const peer = rig.network.dial(
                    { address: "10.78.245.128", port: 1234 },
                    { address: "10.78.103.220", port: 40000 + i }
                )
                rig.expect("a peer", () => connections.incoming !== 0)
                const link = connections.list[connections.accepted()]
                peer.send(`peer ${i}`)
                peer.end()
                rig.expect("gone", () => link.state === LinkState.Closed)
                expect(rig.read(link).toString()).toBe(`peer ${i}`)
                rig.close(link)
                expect(state(rig)).toBe("SERVER LISTENING")
                agrees(rig, request)
            }
        })
    })

    describe("2.1.4 UDP extended mode", () => {
        test.each([
            ["single", single],
            ["several", {}],
        ])("%s: from everybody, to everybody", (_, config) => {
            const rig = new Rig({
                ...config,
                reception: Reception.Push,
            }).start()
            const a = rig.network.udp(HOST, 9600)
            const b = rig.network.udp("10.78.103.220", 5678)
            const c = rig.network.udp("211.136.131.65", 4500)
            const link = rig.udp(HOST, 9600, 8888)
            const here = { address: "10.78.245.128", port: 8888 }
            a.send("test1", here)
            expect(rig.datagram(link)).toEqual({
                data: "test1",
                from: `${HOST}:9600`,
            })
            b.send("test3", here)
            expect(rig.datagram(link)).toEqual({
                data: "test3",
                from: "10.78.103.220:5678",
            })
            rig.send(link, "Hello 9600")
            rig.expect("there", () => a.datagrams.length === 1)
            link.host = "211.136.131.65"
            link.target = 4500
            link.retarget = true
            rig.send(link, "Hello 4500")
            rig.expect("there", () => c.datagrams.length === 1)
            expect(rig.wire).toContain('2,"211.136.131.65",4500')
        })

        test("a plain connection hears its peer only, on a number that was extended before", () => {
            const rig = new Rig({ reception: Reception.Push }).start()
            rig.network.udp(HOST, 9600)
            const b = rig.network.udp("10.78.103.220", 5678)
            rig.close(rig.udp(HOST, 9600, 8888))
            rig.wait(1000)
            const link = rig.udp(HOST, 9600)
            expect(link.id).toBe(0)
            expect(rig.wire).toContain('AT+CLPORT=0,"UDP",0')
            expect(rig.wire).toContain("AT+CIPUDPMODE=0,0")
            b.send("?", { address: "10.78.245.128", port: 8888 })
            rig.wait(1000)
            expect(link.readable).toBe(0)
        })
    })

    describe("2.2 transparent mode", () => {
        const config: Partial<ModemConfig> = {
            ...single,
            reception: Reception.Push,
        }

        function transparent(options: Partial<ModemConfig> = {}) {
            const rig = new Rig({ ...config, ...options })
            const data = new DataMode(rig.core)
            rig.start()
            return { rig, data }
        }

        test.each([
            ["TCP", false],
            ["UDP", true],
        ])("%s client: 8-bit clean both ways", (_, udp) => {
            const { rig, data } = transparent()
            const bytes = Buffer.concat([
                Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
                Buffer.from(
                    "\r\nCLOSED\r\n+++\r\nOK\r\n> \x1a\x1b\r\n+PDP: DEACT\r\n"
                ),
                noise(3, 900),
            ])
            const server = rig.network.listen(HOST, 8500, peer =>
                peer.send(Uint8Array.from(bytes))
            )
            const port = rig.network.udp(HOST, 8500)
            const link = udp ? rig.udp(HOST, 8500) : rig.connect(HOST, 8500)
            expect(data.mode.state).toBe(DataState.Data)
            rig.send(link, bytes)
            rig.expect("sent", () => rig.sent(link))
            rig.wait(2000)
            if (udp) {
                const texts = port.datagrams.map(({ text }) => text)
                expect(texts.join("")).toBe(bytes.toString("latin1"))
                port.reply(Uint8Array.from(bytes))
            } else expect(bytes.equals(server.peer.received)).toBe(true)
            rig.expect("all", () => link.readable === bytes.length)
            expect(rig.read(link).equals(bytes)).toBe(true)
            expect(rig.sim.dte.dcd).toBe(true)
        })

        test("UDP: what is sent is cut where the modem cuts it", () => {
            const { rig } = transparent()
            const port = rig.network.udp(HOST, 9600)
            const link = rig.udp(HOST, 9600)
            const bytes = noise(4, 5000)
            expect(rig.send(link, bytes)).toBe(Failure.None)
            rig.expect("sent", () => rig.sent(link))
            rig.wait(2000)
            const texts = port.datagrams.map(({ text }) => text)
            expect(texts.join("")).toBe(bytes.toString("latin1"))
            expect(texts.length).toBe(5)
        })

        test("20 kB there and back", () => {
            const { rig } = transparent()
            rig.network.echo(HOST, 7)
            echoes(rig, rig.connect(HOST, 7), noise(9, 20_000))
            expect(rig.overruns).toBe(0)
        })

        test("the peer closes behind data that look like CLOSED", () => {
            const { rig, data } = transparent()
            const server = rig.network.listen(HOST, 8500)
            const link = rig.connect(HOST, 8500)
            server.peer.send("\r\nCLOSED\r\nnot yet\r\nCLOSED\r\n")
            rig.expect("data", () => link.readable === 27)
            expect(data.mode.state).toBe(DataState.Data)
            server.peer.send("now\r\nCLOSED\r\n")
            server.peer.end()
            rig.expect("closed", () => link.state === LinkState.Closed)
            expect(rig.read(link).toString()).toBe(
                "\r\nCLOSED\r\nnot yet\r\nCLOSED\r\nnow\r\nCLOSED\r\n"
            )
            expect(data.mode.state).toBe(DataState.Off)
            expect(state(rig)).toBe("TCP CLOSED")
            agrees(rig, new Request(rig.core))
            // and once more
            const again = rig.connect(HOST, 8500)
            server.peer.send("again")
            rig.expect("data", () => again.readable === 5)
        })

        test("PDP DEACT ends data mode, and the driver starts over", () => {
            const { rig, data } = transparent()
            rig.network.echo(HOST, 7)
            const link = rig.connect(HOST, 7)
            rig.sim.inject("pdp-deact")
            rig.expect("lost", () => link.state === LinkState.Closed)
            expect(link.failure).toBe(Failure.PdpDeactivated)
            expect(data.mode.state).toBe(DataState.Off)
            rig.expect("ready", () => rig.ready)
            echoes(rig, rig.connect(HOST, 7), "again")
        })

        describe.each([
            ["by DTR", true],
            ["by +++", false],
        ])("to command mode %s", (_, dtr) => {
            test("and back, with nothing lost", () => {
                const { rig, data } = transparent({ dtr })
                const request = new Request(rig.core)
                const server = rig.network.listen(HOST, 8500)
                const link = rig.connect(HOST, 8500)
                server.peer.send("before \r\nOK\r\n")
                rig.send(link, "one ")
                data.leave()
                rig.poll()
                rig.expect(
                    "command mode",
                    () => data.mode.state === DataState.Command
                )
                server.peer.send("meanwhile ")
                expect(ask(rig, request, "AT+CSQ")).toBe("+CSQ: 20,0")
                agrees(rig, request)
                data.resume()
                rig.poll()
                rig.expect(
                    "data mode",
                    () => data.mode.state === DataState.Data
                )
                rig.send(link, "+++two")
                server.peer.send("after")
                rig.expect("sent", () => server.peer.text === "one +++two")
                rig.wait(1000)
                expect(rig.read(link).toString()).toBe(
                    "before \r\nOK\r\nmeanwhile after"
                )
            })

            test("closing", () => {
                const { rig } = transparent({ dtr })
                const server = rig.network.listen(HOST, 8500)
                const link = rig.connect(HOST, 8500)
                rig.close(link)
                rig.expect("free", () => link.state === LinkState.Initial)
                expect(server.peer.ended).toBe(true)
                expect(state(rig)).toBe("TCP CLOSED")
            })

            test("the peer has gone in the meantime", () => {
                const { rig, data } = transparent({ dtr })
                const server = rig.network.listen(HOST, 8500)
                const link = rig.connect(HOST, 8500)
                data.leave()
                rig.poll()
                rig.expect(
                    "command mode",
                    () => data.mode.state === DataState.Command
                )
                server.peer.end()
                rig.expect("closed", () => link.state === LinkState.Closed)
                rig.expect("off", () => data.mode.state === DataState.Off)
            })

            test("while the peer talks without a pause", () => {
                // nobody finds the OK amid data that are printed
                if (Rig.firmware.commandModeData === "printed") return
                const { rig, data } = transparent({ dtr })
                const bytes = noise(77, 60_000)
                const server = rig.network.listen(HOST, 8500, peer =>
                    peer.send(Uint8Array.from(bytes))
                )
                const link = rig.connect(HOST, 8500)
                const got = new Taken(rig, link)
                data.leave()
                rig.poll()
                rig.expect("command mode", () => {
                    got.take()
                    return data.mode.state === DataState.Command
                })
                expect(got.bytes.length).toBeLessThan(bytes.length)
                data.resume()
                rig.poll()
                rig.expect("all", () => got.take() >= bytes.length)
                expect(got.bytes.equals(bytes)).toBe(true)
                expect(server.peer.closed).toBe(false)
            })
        })

        test.each([
            ["+++", "its own", { ...config, dtr: false }],
            ["+++", "another", { dtr: false }],
            ["DTR", "its own", config],
            ["DTR", "another", {}],
        ])(
            "by %s a microcontroller that was reset gets the modem out of data mode: %s program",
            (how, whose, program) => {
                // esc is 0, so that +++ is for the peer
                const transfer = how === "DTR" ? "5,2,1024,0" : ""
                const { rig } = transparent({ transfer })
                rig.network.echo(HOST, 7)
                rig.connect(HOST, 7)
                const next = new Rig(program, rig)
                if (whose === "its own") new DataMode(next.core)
                next.core.start(next.now())
                next.expect("ready", () => next.ready, 30_000)
                echoes(next, next.connect(HOST, 7), "here again")
            }
        )

        test("the modem restarts in data mode", () => {
            const { rig } = transparent()
            rig.network.echo(HOST, 7)
            const link = rig.connect(HOST, 7)
            rig.sim.inject("brown-out")
            rig.expect("lost", () => link.state === LinkState.Closed)
            rig.close(link)
            rig.expect("ready", () => rig.ready)
            echoes(rig, rig.connect(HOST, 7), "here again")
        })

        test("as a server", () => {
            const { rig, data } = transparent()
            const server = new Server(rig.core)
            server.open(1234)
            rig.expect("on", () => server.state === ServerState.Listening)
            const peer = rig.network.dial(
                { address: "10.78.245.128", port: 1234 },
                { address: "10.78.103.220", port: 40000 }
            )
            rig.expect("data mode", () => data.mode.state === DataState.Data)
            const link = rig.core.links.list[rig.core.links.accepted()]
            peer.send("hello")
            rig.send(link, "welcome")
            rig.expect("data", () => link.readable === 5)
            rig.expect("sent", () => peer.text === "welcome")
            peer.end()
            rig.expect("closed", () => link.state === LinkState.Closed)
            expect(data.mode.state).toBe(DataState.Off)
        })

        test("AT+CIPCCFG sets what the modem sends and how", () => {
            const { rig } = transparent({ transfer: "5,2,1024,1,0,1460,50" })
            expect(rig.wire).toContain("> AT+CIPCCFG=5,2,1024,1,0,1460,50␍")
            rig.network.echo(HOST, 7)
            echoes(rig, rig.connect(HOST, 7), "gathered")
        })
    })

    test.each([
        ["several", {}],
        ["single", single],
    ])("2.3 fixed local port (%s)", (_, config) => {
        const rig = new Rig(config).start()
        const server = rig.network.listen(HOST, 8500)
        const id = rig.core.links.take(rig.now())
        const link = rig.core.links.list[id]
        link.host = HOST
        link.port = 8500
        link.localPort = 2020
        rig.core.links.start(link)
        rig.expect("connected", () => link.state === LinkState.Connected)
        expect(server.peer.module.port).toBe(2020)
    })

    describe("3.1 six clients", () => {
        test("TCP and UDP mixed, and what AT+CIPSTATUS says of them", () => {
            const rig = new Rig().start()
            const request = new Request(rig.core)
            rig.network.echo(HOST, 8500)
            const links = [0, 1, 2, 3, 4, 5].map(i =>
                i % 2 === 0 ? rig.connect(HOST, 8500) : rig.udp(HOST, 9600)
            )
            agrees(rig, request)
            const status = ask(rig, request, "AT+CIPSTATUS", Final.Status)
            expect(status.split("\n")).toEqual([
                "STATE: IP PROCESSING",
                ...links.map(
                    ({ id, udp }) =>
                        `C: ${id},0,"${udp ? "UDP" : "TCP"}","${HOST}","${udp ? 9600 : 8500}","CONNECTED"`
                ),
            ])
            expect(rig.core.links.take(rig.now())).toBe(-1)
        })
    })

    describe("3.2 a server beside clients", () => {
        test("five in all, a sixth is refused, and what was accepted is known", () => {
            const rig = new Rig().start()
            const request = new Request(rig.core)
            const { links: connections } = rig.core
            rig.network.echo(HOST, 8500)
            const server = new Server(rig.core)
            server.open(8888)
            rig.expect("on", () => server.state === ServerState.Listening)
            expect(state(rig)).toBe("IP PROCESSING")
            agrees(rig, request)
            const dial = (port: number) =>
                rig.network.dial(
                    { address: "10.78.245.128", port: 8888 },
                    { address: "10.76.40.73", port }
                )
            const own = [rig.connect(HOST, 8500), rig.connect(HOST, 8500)]
            const peers = [dial(1), dial(2), dial(3)]
            const accepted: Connection[] = []
            rig.expect("three peers", () => {
                const id = connections.accepted()
                if (id >= 0) accepted.push(connections.list[id])
                return accepted.length === 3
            })
            expect(accepted.every(link => link.inbound)).toBe(true)
            expect(own.every(link => !link.inbound)).toBe(true)
            expect(connections.take(rig.now())).toBe(-1)
            const sixth = dial(4)
            rig.wait(500)
            expect(sixth.refused).toBe(true)
            peers.forEach((peer, i) => peer.send(`peer ${i}`))
            rig.expect("data", () =>
                accepted.every(link => link.readable === 6)
            )
            accepted.forEach((link, i) =>
                expect(rig.read(link).toString()).toBe(`peer ${i}`)
            )
            own.forEach(link => echoes(rig, link, "own"))
            agrees(rig, request)

            server.close()
            rig.poll()
            rig.expect("off", () => server.state === ServerState.Closed)
            accepted.forEach((link, i) => rig.send(link, `answer ${i}`))
            rig.expect("answers", () =>
                peers.every((peer, i) => peer.text === `answer ${i}`)
            )
        })

        test("it listens again after PDP DEACT and after a restart", () => {
            const rig = new Rig().start()
            const server = new Server(rig.core)
            server.open(8888)
            for (const fault of ["pdp-deact", "brown-out"] as const) {
                rig.expect("on", () => server.state === ServerState.Listening)
                rig.sim.inject(fault)
                rig.expect("off", () => server.state === ServerState.Closed)
            }
            rig.expect("on", () => server.state === ServerState.Listening)
        })

        test("a port that is refused is a failure with the modem's words", () => {
            const rig = new Rig().start()
            const server = new Server(rig.core)
            server.open(70000)
            rig.poll()
            rig.expect(
                "refused",
                () => server.failure === Failure.ServerRefused
            )
        })
    })

    describe("4 two contexts", () => {
        test("a connection on each; one is shut, the other lives", () => {
            const rig = new Rig()
            const second = new SecondContext(rig.core)
            rig.start()
            rig.network.echo(HOST, 7)
            second.open("second.apn", "", "")
            rig.poll()
            rig.expect("open", () => second.state === ContextState.Open)
            expect(second.addressLength).toBeGreaterThan(6)
            const one = rig.connect(HOST, 7)
            const { links: connections } = rig.core
            const two = connections.list[connections.take(rig.now())]
            two.host = HOST
            two.port = 7
            two.context = 1
            connections.start(two)
            rig.expect("connected", () => two.state === LinkState.Connected)
            echoes(rig, one, "first")
            echoes(rig, two, "second")
            second.close()
            rig.poll()
            rig.expect("closed", () => second.state === ContextState.Closed)
            expect(two.state).toBe(LinkState.Closed)
            expect(one.state).toBe(LinkState.Connected)
            echoes(rig, one, "still there")
            echoes(rig, rig.connect(HOST, 7), "a new one in the first context")
        })

        test("an access point that is refused is a failure, and nobody else's", () => {
            const rig = new Rig(
                {},
                { operator: { acceptsContext: apn => apn !== "no" } }
            )
            const second = new SecondContext(rig.core)
            rig.start()
            rig.network.echo(HOST, 7)
            const one = rig.connect(HOST, 7)
            second.open("no", "", "")
            rig.poll()
            rig.expect("refused", () => second.failure !== Failure.None)
            expect(second.failure).toBe(Failure.ActivationRefused)
            echoes(rig, one, "still there")
            second.close()
            rig.wait(5000)
            echoes(rig, rig.connect(HOST, 7), "a new one")
        })
    })

    describe("5 DNS", () => {
        const follow = [Final.Ok | Final.Error, Line.Resolved] as const

        test("one address, two, none", () => {
            const rig = new Rig().start()
            const request = new Request(rig.core)
            rig.network.name("one.example", "119.75.218.77")
            rig.network.name("www.baidu.com", "119.75.218.77", "119.75.217.56")
            expect(
                ask(rig, request, 'AT+CDNSGIP="one.example"', ...follow)
            ).toBe('+CDNSGIP: 1,"one.example","119.75.218.77"')
            expect(
                ask(rig, request, 'AT+CDNSGIP="www.baidu.com"', ...follow)
            ).toBe(
                '+CDNSGIP: 1,"www.baidu.com","119.75.218.77","119.75.217.56"'
            )
            expect(
                ask(rig, request, 'AT+CDNSGIP="abctest"', ...follow)
            ).toMatch(/^\+CDNSGIP: ?0,8$/)
        })
    })

    describe("6 sending", () => {
        test.each([
            ["by length", { framing: Framing.Length }],
            ["up to Ctrl-Z", { framing: Framing.CtrlZ }],
            [
                "when the timer runs out",
                { framing: Framing.Timer, sendTimer: 1 },
            ],
            ["single, up to Ctrl-Z", { ...single, framing: Framing.CtrlZ }],
            [
                "single, timer",
                { ...single, framing: Framing.Timer, sendTimer: 2 },
            ],
        ])("6.1, 6.2 %s: any bytes get through unchanged", (_, config) => {
            const rig = new Rig(config).start()
            rig.network.echo(HOST, 7)
            const link = rig.connect(HOST, 7)
            echoes(rig, link, "plain text")
            if (config.framing !== Framing.Length) {
                expect(rig.wire).toMatch(/> AT\+CIPSEND(=0)?␍/)
                expect(rig.wire).not.toMatch(/> AT\+CIPSEND=(0,)?10␍/)
            }
            echoes(rig, link, "with \x1a and \x1b and \b inside")
            expect(rig.wire).toMatch(/> AT\+CIPSEND=(0,)?25␍/)
            echoes(rig, link, noise(4, 3000))
        })

        test("6.5 AT+CIPACK: when all has been acknowledged", () => {
            const rig = new Rig().start()
            const request = new Request(rig.core)
            rig.network.listen(HOST, 8500)
            const link = rig.connect(HOST, 8500)
            rig.send(link, "TCP again")
            rig.expect("sent", () => rig.sent(link))
            rig.wait(1000)
            expect(ask(rig, request, "AT+CIPACK=0")).toMatch(
                /^\+CIPACK: 9, ?9, ?0$/
            )
        })
    })

    describe("7.2 fetching", () => {
        test.each([
            ["several", {}],
            ["single", single],
            ["several, hex", { reception: Reception.Hex }],
            ["single, hex", { ...single, reception: Reception.Hex }],
        ])("%s: notices that never come are made up for", (_, config) => {
            const rig = new Rig(config).start()
            const server = rig.network.listen(HOST, 8500)
            const link = rig.connect(HOST, 8500)
            rig.sim.inject("miss-rxget-urc")
            const data = noise(6, 3000)
            server.peer.send(Uint8Array.from(data))
            const got = new Taken(rig, link)
            rig.expect("data", () => got.take() === data.length)
            expect(got.bytes.equals(data)).toBe(true)
        })
    })

    test("9 quick close", () => {
        const rig = new Rig().start()
        const server = rig.network.listen(HOST, 8500)
        const link = rig.connect(HOST, 8500)
        link.quickClose = true
        rig.close(link)
        rig.expect("free", () => link.state === LinkState.Initial)
        expect(rig.wire).toContain("AT+CIPCLOSE=0,1")
        rig.wait(100)
        expect(server.peer.closed).toBe(true)
    })

    describe("11 sleep", () => {
        test.each([
            ["DTR", SleepMode.Dtr],
            ["the UART", SleepMode.Serial],
        ])(
            "by %s: asleep when nothing is to be done, awake when something is",
            (_, mode) => {
                const rig = new Rig({ receivePoll: 60_000 })
                const sleep = new Sleep(rig.core, mode, 2000)
                rig.start()
                const { timeouts } = rig.core.channel
                const request = new Request(rig.core)
                const server = rig.network.listen(HOST, 8500)
                const link = rig.connect(HOST, 8500)
                for (let i = 0; i < 3; i++) {
                    rig.expect("asleep", () => rig.sim.asleep, 20_000)
                    // something to send
                    rig.send(link, `reading ${i}`)
                    rig.expect("sent", () => rig.sent(link), 5000)
                    rig.expect("there", () => server.peer.text.endsWith(`${i}`))
                    rig.expect("asleep", () => rig.sim.asleep, 20_000)
                    // something to receive
                    server.peer.send(`answer ${i}`)
                    rig.expect("data", () => link.readable === 8, 5000)
                    expect(rig.read(link).toString()).toBe(`answer ${i}`)
                }
                rig.expect("asleep", () => rig.sim.asleep, 20_000)
                expect(ask(rig, request, "AT+CSQ")).toBe("+CSQ: 20,0")
                expect(rig.core.channel.timeouts).toBe(timeouts)
                expect(sleep.wakes).toBeGreaterThan(6)
            }
        )

        test.each([
            ["DTR", SleepMode.Dtr],
            ["the UART", SleepMode.Serial],
        ])("by %s: a call and a short message are told of", (_, mode) => {
            const rig = new Rig({ receivePoll: 60_000 })
            new Sleep(rig.core, mode, 2000)
            rig.start()
            const request = new Request(rig.core)
            rig.expect("asleep", () => rig.sim.asleep, 20_000)
            rig.sim.receiveMessage({ from: "+123", text: "hello" })
            rig.expect("told", () => rig.urcs.includes('+CMTI: "SM",1'), 5000)
            expect(ask(rig, request, "AT+CMGF=1;+CMGR=1")).toContain("hello")
            rig.expect("asleep", () => rig.sim.asleep, 20_000)
            rig.sim.call("+123")
            rig.expect("told", () => rig.urcs.includes("RING"), 5000)
            expect(ask(rig, request, "ATH")).toBe("")
            rig.expect("asleep", () => rig.sim.asleep, 20_000)
        })

        test("by the UART: it is woken once, not before every command", () => {
            const rig = new Rig({ receivePoll: 60_000 })
            const sleep = new Sleep(rig.core, SleepMode.Serial, 0)
            rig.start()
            rig.network.echo(HOST, 7)
            const link = rig.connect(HOST, 7)
            const { wakes } = sleep
            for (let i = 1; i <= 3; i++) {
                rig.expect("asleep", () => rig.sim.asleep, 10_000)
                for (let k = 0; k < 5; k++) echoes(rig, link, "awake?")
                expect(sleep.wakes).toBe(wakes + i)
            }
        })

        test("a day asleep with a connection costs a handful of commands an hour", () => {
            const rig = new Rig({ receivePoll: 600_000 })
            const sleep = new Sleep(rig.core, SleepMode.Dtr, 2000)
            rig.start()
            rig.network.echo(HOST, 7)
            const link = rig.connect(HOST, 7)
            rig.wait(10_000)
            const before = sleep.wakes
            rig.wait(24 * 3600_000)
            expect(sleep.wakes - before).toBeLessThanOrEqual(24 * 7)
            echoes(rig, link, "good morning")
        })
    })

    describe("2.2.5 calls and short messages", () => {
        test("in data mode: pulses on RI, and the rest in command mode", () => {
            const rig = new Rig({ ...single, reception: Reception.Push })
            const data = new DataMode(rig.core)
            rig.start()
            const request = new Request(rig.core)
            const server = rig.network.listen(HOST, 8500)
            const link = rig.connect(HOST, 8500)
            rig.pulses.length = 0
            const before = noise(1, 5000)
            const after = noise(2, 5000)
            server.peer.send(Uint8Array.from(before))
            rig.sim.receiveMessage({ from: "+123", text: "hello" })
            rig.expect("a pulse", () => rig.pulses.length === 1)
            expect(rig.pulses[0]).toBeCloseTo(120)
            rig.sim.call("+456")
            rig.expect("a pulse", () => rig.pulses.length === 2)
            expect(rig.pulses[1]).toBeCloseTo(50)
            expect(rig.urcs.join()).not.toMatch(/RING|CMTI/)
            const got = new Taken(rig, link)
            data.leave()
            rig.poll()
            rig.expect("command mode", () => {
                got.take()
                return data.mode.state === DataState.Command
            })
            rig.expect("told", () => rig.urcs.includes("RING"))
            expect(rig.urcs).toContain('+CMTI: "SM",1')
            expect(ask(rig, request, "ATA")).toBe("")
            expect(ask(rig, request, "AT+CMGF=1;+CMGR=1")).toContain("hello")
            expect(ask(rig, request, "AT+CMGD=1")).toBe("")
            server.peer.send(Uint8Array.from(after))
            expect(ask(rig, request, "ATH")).toBe("")
            data.resume()
            rig.poll()
            rig.expect("all", () => got.take() === 10_000)
            expect(got.bytes.equals(Buffer.concat([before, after]))).toBe(true)
            rig.send(link, "and on")
            rig.expect("there", () => server.peer.text === "and on")
        })

        test.each([1, 3, 40])(
            "the peer closes: what %i messages make the modem say follows CLOSED, and none of it is data",
            count => {
                const rig = new Rig({ ...single, reception: Reception.Push })
                new DataMode(rig.core)
                rig.start()
                const server = rig.network.listen(HOST, 8500)
                const link = rig.connect(HOST, 8500)
                const sent = noise(1, 5000)
                const got = new Taken(rig, link)
                for (let n = 1; n <= count; n++)
                    rig.sim.receiveMessage({ from: "+123", text: `no. ${n}` })
                server.peer.send(Uint8Array.from(sent))
                rig.expect("all", () => got.take() === sent.length)
                server.peer.end()
                rig.expect("the end", () => {
                    got.take()
                    return link.state === LinkState.Closed
                })
                expect(Failure[link.failure]).toBe("ClosedByPeer")
                expect(got.bytes.equals(sent)).toBe(true)
                rig.wait(5000)
                expect(rig.urcs.filter(urc => urc.includes("CMTI"))).toEqual(
                    Array.from(
                        { length: count },
                        (_, n) => `+CMTI: "SM",${n + 1}`
                    )
                )
            }
        )
    })

    describe("12 the ladder", () => {
        test("connections that fail one after the other: the context is brought up anew, then the modem is reset", () => {
            const rig = new Rig({ connections: 1 }).start()
            const { bearer } = rig.core
            rig.network.refuse(HOST, 8500)
            const seen: string[] = []
            for (let i = 0; i < 60 && bearer.resets === 0; i++) {
                rig.expect("ready", () => rig.ready)
                const link = rig.open(HOST, 8500)
                rig.expect("refused", () => link.state === LinkState.Closed)
                rig.close(link)
                rig.wait(500)
                const step = `${bearer.rebuilds} rebuilds, ${bearer.resets} resets`
                if (seen.at(-1) !== step) seen.push(step)
            }
            expect(seen).toEqual([
                "0 rebuilds, 0 resets",
                "1 rebuilds, 0 resets",
                "2 rebuilds, 0 resets",
                "2 rebuilds, 1 resets",
            ])
            expect(rig.wire).toContain("AT+CFUN=1,1")
            rig.network.echo("10.0.0.1", 7)
            rig.expect("ready", () => rig.ready)
            echoes(rig, rig.connect(), "all is well")
        })

        test("with RESET wired it is used", () => {
            const rig = new Rig(
                { resetPin: true },
                { operator: { acceptsContext: () => false } }
            )
            rig.sim.powerOn()
            rig.core.start(0)
            rig.expect("a reset", () => rig.core.uart.resetWanted, 600_000)
            expect(rig.wire).not.toContain("CFUN=")
        })

        test("a server that is down does not cost those that are up", () => {
            const rig = new Rig().start()
            rig.network.echo("10.0.0.1", 7)
            rig.network.refuse(HOST, 8500)
            const up = rig.connect()
            for (let i = 0; i < 20; i++) {
                const link = rig.open(HOST, 8500)
                rig.expect("refused", () => link.state === LinkState.Closed)
                rig.close(link)
            }
            expect(rig.core.bearer.rebuilds).toBe(0)
            echoes(rig, up, "still there")
        })
    })

    describe("7.1 headers", () => {
        const settings = ["SRIP=0", "SRIP=1"].flatMap(srip =>
            ["SHOWTP=0", "SHOWTP=1"].map(
                showtp => `AT+CIP${srip};+CIP${showtp}`
            )
        )
        test.each([
            ...settings.map(line => ["single", single, line] as const),
            ...settings.map(line => ["several", {}, line] as const),
        ])("%s: pushed data are understood with %s", (_, config, line) => {
            const rig = new Rig({
                ...config,
                reception: Reception.Push,
            }).start()
            const request = new Request(rig.core)
            rig.network.echo(HOST, 7)
            const port = rig.network.udp(HOST, 9600)
            expect(ask(rig, request, line)).toBe("")
            const link = rig.connect(HOST, 7)
            echoes(rig, link, noise(8, 3000))
            rig.close(link)
            rig.expect("free", () => link.state === LinkState.Initial)
            const udp = rig.udp(HOST, 9600)
            rig.send(udp, "?")
            rig.expect("there", () => port.datagrams.length === 1)
            port.reply("UDP test")
            expect(rig.datagram(udp).data).toBe("UDP test")
        })
    })

    describe("8 the states", () => {
        /** Those of the modem, and those that the driver believed, in their order. */
        function follow(rig: Rig): { modem: string[]; driver: string[] } {
            const modem: string[] = []
            const driver: string[] = []
            rig.sim.onTransition = (subject, _, to) => {
                if (subject === "ip" && to !== modem.at(-1)) modem.push(to)
            }
            const { onChange } = rig.core.reporter.observer as ModemObserver
            ;(rig.core.reporter.observer as ModemObserver).onChange = () => {
                onChange()
                const name = state(rig)
                if (name !== "" && name !== driver.at(-1)) driver.push(name)
            }
            return { modem, driver }
        }

        const up = ["IP START", "IP CONFIG", "IP GPRSACT", "IP STATUS"]

        test.each([
            ["TCP", false],
            ["UDP", true],
        ])("figure 2, %s", (name, udp) => {
            const rig = new Rig(single)
            const { modem, driver } = follow(rig)
            rig.start()
            rig.network.echo(HOST, 7)
            const link = udp ? rig.udp(HOST, 7) : rig.connect(HOST, 7)
            rig.close(link)
            rig.expect("free", () => link.state === LinkState.Initial)
            rig.sim.inject("pdp-deact")
            rig.expect("lost", () => !rig.ready)
            rig.expect("ready", () => rig.ready)
            const states = [
                ...up,
                `${name} CONNECTING`,
                "CONNECT OK",
                `${name} CLOSING`,
                `${name} CLOSED`,
                "PDP DEACT",
                "IP INITIAL",
                ...up,
            ]
            expect(modem).toEqual(states)
            expect(driver).toEqual(["IP INITIAL", ...states])
        })

        test("figure 2, server", () => {
            const rig = new Rig(single)
            const { modem, driver } = follow(rig)
            const server = new Server(rig.core)
            rig.start()
            server.open(1234)
            rig.expect("on", () => server.state === ServerState.Listening)
            const peer = rig.network.dial(
                { address: "10.78.245.128", port: 1234 },
                { address: "10.78.103.220", port: 40000 }
            )
            const { list } = rig.core.links
            rig.expect("a peer", () => list[0].state === LinkState.Connected)
            peer.end()
            rig.expect("gone", () => list[0].state === LinkState.Closed)
            server.close()
            rig.poll()
            rig.expect("off", () => server.state === ServerState.Closed)
            rig.wait(100)
            // the modem passes through TCP CLOSED, and listens again at once
            expect(driver.slice(5)).toEqual(
                modem.slice(4).filter(name => name !== "TCP CLOSED")
            )
            expect(driver.slice(5, 8)).toEqual([
                "SERVER LISTENING",
                "CONNECT OK",
                "SERVER LISTENING",
            ])
        })

        test("figure 3", () => {
            const rig = new Rig()
            const { modem, driver } = follow(rig)
            rig.start()
            rig.network.echo(HOST, 7)
            const links = [rig.connect(HOST, 7), rig.connect(HOST, 7)]
            for (const link of links) rig.close(link)
            rig.expect("free", () => links[1].state === LinkState.Initial)
            rig.wait(100)
            rig.core.wishes.shut = true
            rig.poll()
            rig.expect("shut", () => !rig.ready)
            rig.expect("ready", () => rig.ready)
            const states = [
                ...up,
                "IP PROCESSING",
                "IP STATUS",
                "IP INITIAL",
                ...up,
            ]
            expect(modem).toEqual(states)
            expect(driver).toEqual(["IP INITIAL", ...states])
        })
    })

    describe("9 AT+CIPSHUT, 12 reset", () => {
        test("on the application's wish", () => {
            const rig = new Rig().start()
            rig.network.echo(HOST, 7)
            const link = rig.connect(HOST, 7)
            rig.core.wishes.shut = true
            rig.poll()
            rig.expect("shut", () => link.state === LinkState.Closed)
            expect(link.failure).toBe(Failure.ClosedHere)
            rig.expect("ready", () => rig.ready)
            echoes(rig, rig.connect(HOST, 7), "again")
            rig.core.wishes.reset = true
            rig.poll()
            rig.expect("reset", () => !rig.ready)
            rig.expect("ready", () => rig.ready)
            expect(rig.wire).toContain("AT+CFUN=1,1")
            expect(rig.core.bearer.resets).toBe(1)
            expect(rig.core.bearer.restarts).toBe(0)
            echoes(rig, rig.connect(HOST, 7), "again")
        })
    })
}
