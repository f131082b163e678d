/** Sockets as applications use them, on a virtual clock. */
import { beforeEach, describe, expect, test } from "vitest"
import { Command } from "../../src/core/commands"
import { Failure } from "../../src/core/errors"
import { accept } from "../../src/core/link/events"
import type { MemoryPeer } from "../../sim/modem/memory-network"
import { Transparent } from "../chip/board"
import { sleep } from "../chip/devicescript"
import { Board } from "./board"
import { latency } from "./traffic"

const HOST = "10.0.0.1"

beforeEach(() => {
    console.debug = () => undefined
    console.warn = () => undefined
})

/** What a call gives, or the words of its error. */
async function outcome(call: Promise<unknown>): Promise<string> {
    try {
        const value = await call
        return Buffer.isBuffer(value) ? value.toString("latin1") : String(value)
    } catch (e) {
        return (e as Error).message
    }
}

test.each(["manual", "push"])(
    "a peer that speaks and closes before anybody looks is heard, %s",
    async receive => {
        const board = await new Board({
            driver: { receive },
            // all that the modem says comes at once
            modem: { radio: latency(0), chunks: { chunkMs: 20 } },
        }).start()
        board.network.listen("10.0.0.1", 7, peer => {
            peer.send("bye")
            peer.end()
        })
        const heard: string[] = []
        await board.run("heard", async () => {
            const socket = await board.modem.connect({
                host: "10.0.0.1",
                port: 7,
            })
            const buf = Buffer.alloc(100)
            let n = await socket.recvInto(buf)
            for (; n > 0; n = await socket.recvInto(buf))
                heard.push(buf.toString("latin1", 0, n))
        })
        expect(heard).toEqual(["bye"])
    }
)

describe("several fibers on one socket", () => {
    test("a reader learns that another fiber has opened it again", async () => {
        const board = await new Board().start()
        board.network.listen(HOST, 7, peer => {
            peer.send("hello")
        })
        const socket = await board.connect(HOST, 7)
        let heard = ""
        board.task(async () => {
            heard += await outcome(socket.recv())
            heard += "|" + (await outcome(socket.recv()))
        })
        await board.until("heard", () => heard === "hello")
        let again = ""
        await board.run("reconnected", async () => {
            // more than the modem takes in this time
            const late = await outcome(socket.send(Buffer.alloc(50000), 500))
            expect(late).toContain("took longer")
            await socket.reconnect(60000)
            again = await outcome(socket.recv(5000))
        })
        expect(heard).toContain(
            "hello|receive tcp://10.0.0.1:7: the data did not get through"
        )
        expect(again).toBe("hello")
    })

    test("a reader does not go over to the new connection", async () => {
        const board = await new Board().start()
        board.network.listen(HOST, 7)
        const socket = await board.connect(HOST, 7)
        let heard = ""
        board.task(async () => {
            heard = await outcome(socket.recv())
        })
        await board.run("reconnected", () => socket.reconnect(60000))
        await board.until("heard", () => heard !== "")
        expect(heard).toBe(
            "receive tcp://10.0.0.1:7: the socket has been closed"
        )
    })

    test("reconnect() goes on although a send of another fiber ends", async () => {
        const board = await new Board().start()
        board.network.listen(HOST, 7)
        const socket = await board.connect(HOST, 7)
        let sent = ""
        board.task(async () => {
            sent = await outcome(socket.send(Buffer.alloc(50000)))
        })
        await board.until("sending", () => socket.link.sent > 5000)
        const since = board.now()
        await board.run("reconnected", () => socket.reconnect(60000))
        expect(board.now() - since).toBeLessThan(3000)
        expect(sent).toContain("closed")
    })

    test("close() ends the reconnect() of another fiber", async () => {
        const board = await new Board().start()
        let peers = 0
        board.network.listen(HOST, 7, peer => {
            if (++peers === 1) peer.end()
        })
        const socket = await board.connect(HOST, 7)
        board.network.refuse(HOST, 7)
        let ended = ""
        board.task(async () => {
            ended = await outcome(socket.reconnect(600_000))
        })
        await board.run("closed", async () => {
            await sleep(20000)
            await socket.close()
        })
        board.network.listen(HOST, 7, () => {
            peers++
        })
        await board.until("ended", () => ended !== "")
        await board.run("a while", () => sleep(120_000))
        expect(ended).toContain("reconnect tcp://10.0.0.1:7")
        expect(ended).toContain("closed")
        expect(peers).toBe(1)
    })

    test("two fibers that call reconnect() share a connection", async () => {
        const board = await new Board().start()
        let peers = 0
        board.network.listen(HOST, 7, () => {
            peers++
        })
        const socket = await board.connect(HOST, 7)
        const ended: string[] = []
        for (let i = 0; i < 2; i++)
            board.task(async () => {
                ended.push(await outcome(socket.reconnect(60000)))
            })
        await board.until("both", () => ended.length === 2)
        await board.run("a while", () => sleep(10000))
        expect(ended).toEqual(["undefined", "undefined"])
        expect(peers).toBe(2)
    })
})

describe("`sent` says what the modem has taken", () => {
    /** What a failed send says, and what has come to the peer in the end. */
    async function said(
        peers: MemoryPeer[],
        send: Promise<unknown>
    ): Promise<{ failure: string; sent: number; arrived: number }> {
        let failure = Failure.None
        let sent = -1
        try {
            await send
        } catch (e) {
            ;({ failure, sent } = e as { failure: Failure; sent: number })
        }
        await sleep(20_000)
        const arrived = peers[peers.length - 1].received.length
        return { failure: Failure[failure], sent, arrived }
    }

    test.each([1, 20, 60, 90, 120, 150, 200])(
        "when the time is over, after %d ms",
        async timeout => {
            const board = await new Board({
                modem: { radio: latency(200) },
            }).start()
            const peers: MemoryPeer[] = []
            board.network.listen(HOST, 7, peer => {
                peers.push(peer)
            })
            const socket = await board.connect(HOST, 7)
            await board.run("sent", async () => {
                const send = socket.send(Buffer.alloc(5000, 1), timeout)
                const { failure, sent, arrived } = await said(peers, send)
                expect([failure, sent]).toEqual(["Timeout", arrived])
            })
        }
    )

    test("… and whoever reads is told that the connection was given up, not of an end", async () => {
        const board = await new Board({
            modem: { radio: latency(200) },
        }).start()
        board.network.listen(HOST, 7)
        const socket = await board.connect(HOST, 7)
        let read = ""
        board.task(async () => {
            read = await outcome(socket.recv())
        })
        await board.run("sent", async () => {
            const sent = await outcome(socket.send(Buffer.alloc(5000, 1), 60))
            expect(sent).toContain("send tcp://10.0.0.1:7")
        })
        await board.until("told", () => read !== "")
        expect(read).toContain("receive tcp://10.0.0.1:7")
    })

    test.each([1, 20, 60, 90, 120, 150, 200])(
        "when another fiber opens the socket again, after %d ms",
        async after => {
            const board = await new Board({
                modem: { radio: latency(200) },
            }).start()
            const peers: MemoryPeer[] = []
            board.network.listen(HOST, 7, peer => {
                if (peers.length === 0) peers.push(peer)
            })
            const socket = await board.connect(HOST, 7)
            board.task(async () => {
                await sleep(after)
                await socket.reconnect(60_000)
            })
            await board.run("sent", async () => {
                const send = socket.send(Buffer.alloc(5000, 1))
                const { failure, sent, arrived } = await said(peers, send)
                expect([failure, sent]).toEqual(["ClosedHere", arrived])
            })
        }
    )
})

describe("what an application asks for has its command before the next fiber runs", () => {
    /** The command that the port finds when it has its next turn. */
    function waiting(board: Board): string {
        const { source, at, left } = board.modem.core.encoder
        return source.toString("latin1", at, at + left)
    }

    test("a modem that is free", async () => {
        const board = await new Board().start()
        board.network.listen(HOST, 7)
        const socket = await board.connect(HOST, 7)
        let sent = ""
        await board.run("sent", async () => {
            const sending = socket.send(Buffer.from("hello"))
            sent = waiting(board)
            await sending
        })
        // how much it takes is asked first
        expect(sent).toBe("AT+CIPSEND?\r")
    })

    test("one that has a command already keeps it", async () => {
        const board = await new Board().start()
        board.network.listen(HOST, 7)
        const first = await board.connect(HOST, 7)
        const second = await board.connect(HOST, 7)
        let closed = false
        board.task(async () => {
            await first.send(Buffer.from("hello"))
        })
        const sent = waiting(board)
        board.task(async () => {
            await second.close()
            closed = true
        })
        expect(waiting(board)).toBe(sent)
        await board.until("closed", () => closed)
        expect(sent).toBe("AT+CIPSEND?\r")
    })
})

describe("closing", () => {
    test("six sockets are closed, then there is room for one at once", async () => {
        const board = await new Board({
            driver: { sockets: 6 },
            modem: { radio: latency(300) },
        }).start()
        board.network.listen(HOST, 7)
        const sockets: Awaited<ReturnType<Board["connect"]>>[] = []
        for (let i = 0; i < 6; i++) sockets.push(await board.connect(HOST, 7))
        let said = ""
        await board.run("connected again", async () => {
            for (const socket of sockets) await socket.close()
            said = await outcome(board.modem.connect({ host: HOST, port: 7 }))
        })
        expect(said).not.toContain("in use")
    })

    test("two fibers close one socket, a third one sends: all of them end", async () => {
        const board = await new Board({
            modem: { radio: latency(300) },
        }).start()
        board.network.listen(HOST, 7)
        const socket = await board.connect(HOST, 7)
        const ends: string[] = []
        const task = (name: string, call: () => Promise<unknown>): void =>
            board.task(async () => {
                const said = await outcome(call())
                ends.push(`${name}: ${said}`)
            })
        task("send", () => socket.send(Buffer.alloc(20000, 1)))
        await board.until("sending", () => socket.link.sent > 2000)
        task("one", () => socket.close())
        task("two", () => socket.close())
        await board.until("all have ended", () => ends.length === 3)
        expect(ends.sort()).toEqual([
            "one: undefined",
            expect.stringContaining("send: ") as string,
            "two: undefined",
        ])
        // the number is free
        await board.connect(HOST, 7)
    })
})

test("a loss stays one when the number is used again", async () => {
    const board = await new Board({ driver: { sockets: 1 } }).start()
    board.network.listen(HOST, 7, peer => {
        peer.send("hello")
    })
    const first = await board.connect(HOST, 7)
    board.sim.inject("pdp-deact")
    await board.run("told", () => sleep(1000))
    const second = await board.connect(HOST, 7)
    await board.until("there", () => second.link.readable > 0)
    const heard: string[] = []
    await board.run("heard", async () => {
        heard.push(await outcome(first.recv()))
        heard.push(await outcome(first.recvInto(Buffer.alloc(10))))
    })
    for (const one of heard)
        expect(one).toContain("the network has taken the PDP context away")
})

test("unread data whose number a peer of the server takes are a loss", async () => {
    const board = await new Board().start()
    board.network.listen(HOST, 7, peer => {
        peer.send("important data")
        peer.end()
    })
    const socket = await board.connect(HOST, 7)
    await board.run("closed by the peer", () => sleep(10000))
    const { links: connections } = board.core
    // as REMOTE IP: does
    connections.serving = true
    accept(connections, socket.link.id, [1, 2, 3, 4], Math.floor(board.now()))
    board.port.wake()
    let heard = ""
    await board.run("heard", async () => {
        await sleep(1000)
        heard = await outcome(socket.recv(1000))
    })
    expect(heard).toContain("a peer of the server came in on the same number")
})

describe("data mode", () => {
    async function transparent() {
        const board = new Board({
            driver: { connections: "single", receive: "push" },
        })
        const mode = new Transparent(board.modem) as {
            commandMode(): Promise<void>
            dataMode(): Promise<void>
        }
        await board.start()
        const peers: MemoryPeer[] = []
        board.network.listen(HOST, 7, peer => {
            peers.push(peer)
        })
        const socket = await board.connect(HOST, 7)
        return { board, mode, socket, peer: peers[0] }
    }

    test("what came behind ATO while nobody read is read at once", async () => {
        const { board, mode, socket, peer } = await transparent()
        await board.run("back in data mode", async () => {
            await sleep(2000)
            await mode.commandMode()
            await mode.dataMode()
        })
        peer.send("x".repeat(9000))
        await board.run("came", () => sleep(20000))
        const since = board.now()
        await board.run("read", async () => {
            const buf = Buffer.alloc(2048)
            let got = 0
            while (got < 9000) got += await socket.recvInto(buf)
        })
        expect(board.now() - since).toBeLessThan(2000)
    })

    test("commandMode() whose time is over goes back to data mode", async () => {
        const { board, mode, socket, peer } = await transparent()
        peer.send("x".repeat(2600))
        await board.run("sent", async () => {
            await sleep(5000)
            // what nobody has read keeps it from seeing OK
            expect(await outcome(mode.commandMode())).toContain("took longer")
            const buf = Buffer.alloc(2048)
            let got = 0
            while (got < 2600) got += await socket.recvInto(buf, 1000)
            await sleep(1000)
            await socket.send("hello")
            await sleep(1000)
        })
        expect(Buffer.from(peer.received).toString()).toBe("hello")
    })

    test("shut() does not wait for somebody to read", async () => {
        const { board, peer } = await transparent()
        peer.send("x".repeat(2600))
        await board.run("came", () => sleep(5000))
        const since = board.now()
        await board.run("shut", () => board.modem.shut())
        expect(board.now() - since).toBeLessThan(30000)
    })
})

describe("start and stop", () => {
    test("stop() while the modem waits for data: it gets them, and no command in their place", async () => {
        const board = await new Board().start()
        const peers: MemoryPeer[] = []
        board.network.listen(HOST, 7, peer => {
            peers.push(peer)
        })
        const socket = await board.connect(HOST, 7)
        const data = Buffer.alloc(5000, "x")
        let ended = ""
        let sent = 0
        board.task(async () => {
            try {
                await socket.send(data)
            } catch (e) {
                const error = e as Error & { sent: number }
                ended = error.message
                sent = error.sent
            }
        })
        const { channel } = board.core
        await board.until("asked", () => channel.running === Command.Cipsend)
        await board.run("started again", async () => {
            await board.modem.stop()
            await board.modem.start()
        })
        expect(ended).toContain("the modem has been stopped")
        const arrived = Buffer.from(peers[0].received)
        expect(arrived.length).toBe(sent)
        expect(arrived.equals(data.subarray(0, sent))).toBe(true)
    })

    test("stop() while the port opens ends start(), and the next one works", async () => {
        const board = new Board()
        board.sim.powerOn()
        const { port } = board
        const calls: string[] = []
        const open = port.open.bind(port)
        port.open = async (ring, output, baud) => {
            await sleep(5000)
            calls.push("opened")
            await open(ring, output, baud)
        }
        port.close = () => {
            calls.push("closed")
            return Promise.resolve()
        }
        const first: string[] = []
        for (let i = 0; i < 2; i++)
            board.task(async () => {
                first.push(await outcome(board.modem.start()))
            })
        await board.run("started again", async () => {
            await sleep(1000)
            await board.modem.stop()
            calls.push("started again")
            await board.modem.start()
        })
        expect(first).toEqual([
            "start: the modem has been stopped",
            "start: the modem has been stopped",
        ])
        expect(calls).toEqual(["opened", "closed", "started again", "opened"])
    })

    test("a port that fails ends start() of every fiber", async () => {
        const board = new Board()
        board.port.open = async () => {
            await sleep(5000)
            throw new Error("no port")
        }
        const ended: string[] = []
        for (let i = 0; i < 2; i++)
            board.task(async () => {
                ended.push(await outcome(board.modem.start()))
            })
        await board.until("both", () => ended.length === 2, 10_000)
        expect(ended).toEqual(["no port", "start: the modem has been stopped"])
    })

    test("start() works when the port does at last", async () => {
        const board = new Board()
        board.sim.powerOn()
        const { port } = board
        const open = port.open.bind(port)
        port.open = () => Promise.reject(new Error("no SC16IS7xx answers"))
        let failed = ""
        await board.run("failed", async () => {
            failed = await outcome(board.modem.start())
            port.open = open
            await board.modem.start()
        })
        expect(failed).toBe("no SC16IS7xx answers")
    })

    test("start() that is late says so", async () => {
        const board = new Board()
        board.sim.powerOn()
        let failure = 0
        await board.run("late", async () => {
            try {
                await board.modem.start({ timeout: 100 })
            } catch (e) {
                failure = (e as { failure: number }).failure
            }
        })
        expect(failure).toBe(Failure.Timeout)
    })

    test("start() during stop() waits for the port", async () => {
        const board = await new Board().start()
        const { port } = board
        const calls: string[] = []
        const open = port.open.bind(port)
        port.open = async (ring, output, baud) => {
            calls.push("open")
            await open(ring, output, baud)
        }
        port.close = async () => {
            await sleep(100)
            calls.push("closed")
        }
        await board.run("started again", async () => {
            const stop = board.modem.stop()
            await board.modem.start()
            await stop
        })
        expect(calls).toEqual(["closed", "open"])
    })

    test("shut() ends when the driver is stopped", async () => {
        const board = await new Board().start()
        // the answer to a command is awaited
        board.sim.inject("drop-answer")
        board.task(async () => {
            await outcome(board.modem.connect({ host: HOST, port: 7 }))
        })
        let ended = ""
        board.task(async () => {
            await sleep(100)
            ended = await outcome(board.modem.shut())
        })
        await board.run("stopped", async () => {
            await sleep(1000)
            await board.modem.stop()
        })
        await board.until("ended", () => ended !== "", 10000)
        expect(ended).toContain("shut: ")
    })

    test("shut() leaves data mode", async () => {
        const board = new Board({
            driver: { connections: "single", receive: "push" },
        })
        new Transparent(board.modem)
        await board.start()
        const peers: MemoryPeer[] = []
        board.network.listen(HOST, 7, peer => {
            peers.push(peer)
        })
        await board.connect(HOST, 7)
        await board.run("shut", () => board.modem.shut())
        expect(peers.map(peer => peer.ended || peer.closed)).toEqual([true])
        await board.connect(HOST, 7)
        expect(peers.length).toBe(2)
    })
})
