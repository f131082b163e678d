/** What a peer, or the modem, can make a program keep: no more than it allows. And calls at the wrong time. */
import { beforeAll, expect, test } from "vitest"
import { Failure } from "../../src/core/errors"
import type { MemoryPeer } from "../../sim/modem/memory-network"
import { Board, Sim800 } from "../chip/board"

interface Reader {
    readLine(timeout?: number, limit?: number): Promise<string | null>
    recv(timeout?: number): Promise<Buffer | null | undefined>
    close(): Promise<void>
}

let board: Board
let peer: MemoryPeer

beforeAll(async () => {
    board = await new Board().start()
    board.network.listen("10.0.0.1", 7, it => (peer = it))
})

async function connected(): Promise<Reader> {
    return (await board.connect("10.0.0.1", 7)) as unknown as Reader
}

async function failure(what: Promise<unknown>): Promise<string> {
    try {
        await board.over(what)
    } catch (e) {
        const { failure: number, message } = e as Error & { failure: Failure }
        return `${Failure[number]}: ${message}`
    }
    return "none"
}

test("a line without an end is an error, and what has come can be read", async () => {
    const socket = await connected()
    peer.send(Buffer.from("A".repeat(50_000)))
    expect(await failure(socket.readLine(60_000))).toMatch(
        /^TooLong: read line tcp:\/\/10\.0\.0\.1:7: more has come/
    )
    const kept = (await board.over(socket.recv(1000))) as Buffer
    expect(kept.length).toBe(2050)
    await board.over(socket.close())
})

test("a line of just the limit is none too long, with either end", async () => {
    const socket = await connected()
    peer.send(Buffer.from("12345\n12345\r\n123456\nx\n"))
    const line = () => board.over(socket.readLine(5000, 5))
    expect(await line()).toBe("12345")
    expect(await line()).toBe("12345")
    expect(await failure(socket.readLine(5000, 5))).toMatch(/^TooLong/)
    // with more room it is there
    expect(await board.over(socket.readLine(5000))).toBe("123456")
    expect(await line()).toBe("x")
    // the last one has no end
    peer.send(Buffer.from("123456"))
    peer.end()
    expect(await failure(socket.readLine(5000, 5))).toMatch(/^TooLong/)
    expect(await board.over(socket.readLine(5000))).toBe("123456")
    expect(await board.over(socket.readLine(5000))).toBe(null)
    await board.over(socket.close())
})

test("reset() and shut() of a modem that is off, or given up, say so", async () => {
    const off = new Sim800({ uart: board.port, apn: "x" })
    for (const call of ["reset", "shut"] as const)
        expect(await failure(off[call]())).toMatch(
            /^NotStarted: (reset|shut): .*await start\(\)/
        )
    const bearer = board.modem.core.bearer as unknown as {
        phase: number
        failure: Failure
    }
    const { phase } = bearer
    const { Phase } = await import("../../src/core/phase")
    bearer.phase = Phase.Failed
    bearer.failure = Failure.PinRefused
    for (const call of ["reset", "shut"] as const)
        expect(await failure(board.modem[call]())).toMatch(
            /^PinRefused: (reset|shut): the PIN was refused.*given up: start\(\)/
        )
    bearer.phase = phase
    bearer.failure = Failure.None
})
