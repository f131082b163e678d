/**
 * Calls of DeviceScript functions, each of which takes as long as 2.5 bytes at 115200
 * baud: the driver with its port for real boards, RTS and CTS wired, I2C at 400 kHz.
 * Natives (`blitAt`, `indexOf`, I2C transactions) are no such calls. Counted in the
 * source, and after the optimisation of a client (`bench/firmware`).
 */
import { takeCalls, total, type Calls } from "./coverage"
import { inlined } from "./bytecode"
import { noise } from "../test/driver/rig"
import { Board, type BoardSocket } from "../test/chip/board"
import { atMost, figure, type Options, type Part, type Row } from "./part"

const TOTAL = 100_000
const CHUNK = 64
const OUT_SEGMENT = 1024
/** The driver itself: without sockets and the application's fiber. */
const DRIVER = ["src/core/", "src/ports/", "src/devicescript/sim800.ts"]
const CORE_AND_PORT = ["src/core/", "src/ports/"]
/** The programs that do the same on a board. */
const CLIENTS = { push: "client-push", manual: "client" }
/** Calls for 64 bytes that are wanted at most. */
const OPTIMISED = { push: 2.2, manual: 3.5 }

/** Counts during one activity. */
export interface Measure {
    calls: Calls[]
    bytes: number
    segments: number
    turns: number
    /** bus transactions */
    transactions: number
    seconds: number
}

class Run {
    private readonly turns: number
    private readonly transactions: number
    private readonly since: number

    constructor(private readonly board: Board) {
        this.turns = board.turns
        this.transactions = board.model.transactions
        this.since = board.clock.now()
        takeCalls()
    }

    end(bytes: number, segment: number): Measure {
        const { board } = this
        const calls = takeCalls()
        return {
            calls,
            bytes,
            segments: bytes / segment,
            turns: board.turns - this.turns,
            transactions: board.model.transactions - this.transactions,
            seconds: (board.clock.now() - this.since) / 1000,
        }
    }
}

/** @returns number of bytes, at least the requested ones */
async function drain(socket: BoardSocket, bytes: number): Promise<number> {
    const into = Buffer.alloc(2048)
    let got = 0
    while (got < bytes) {
        const n = await socket.recvInto(into)
        if (n <= 0) throw new Error("the connection is gone")
        got += n
    }
    return got
}

/** A download whose segments have this length, once it is under way. */
export async function download(
    receive: "push" | "manual",
    segment: number
): Promise<Measure> {
    const board = await new Board({ receive }).start()
    const warmUp = 4 * segment
    const count = Math.ceil((warmUp + TOTAL) / segment)
    board.network.listen("10.0.0.1", 7, peer => {
        const data = Uint8Array.from(noise(1, segment))
        for (let i = 0; i < count; i++) peer.send(data)
    })
    const socket = await board.connect("10.0.0.1", 7)
    const before = await board.over(drain(socket, warmUp))
    const run = new Run(board)
    const rest = await board.over(drain(socket, count * segment - before))
    return run.end(rest, segment)
}

/** An upload by quick send, once it is under way. */
export async function upload(): Promise<Measure> {
    const board = await new Board({ receive: "push" }).start()
    board.network.listen("10.0.0.1", 7)
    const socket = await board.connect("10.0.0.1", 7)
    const data = noise(1, OUT_SEGMENT)
    const count = Math.ceil(TOTAL / OUT_SEGMENT)
    await board.over(socket.send(data))
    const send = async (): Promise<void> => {
        for (let i = 0; i < count; i++) await socket.send(data)
    }
    const run = new Run(board)
    await board.over(send())
    return run.end(count * OUT_SEGMENT, OUT_SEGMENT)
}

/** Nothing happens on a connection that is up. */
export async function idle(receive: "push" | "manual"): Promise<{
    looks: Measure
    polls: Measure
    count: number
}> {
    const board = await new Board({ receive }).start()
    board.network.listen("10.0.0.1", 7)
    await board.connect("10.0.0.1", 7)
    await board.over(board.wait(1000))
    let run = new Run(board)
    await board.over(board.wait(10_000))
    const looks = run.end(0, 1)
    // the core alone: no bytes have come, and there is no work
    const { core } = board.modem
    const now = Math.floor(board.clock.now())
    const count = 100
    run = new Run(board)
    for (let i = 0; i < count; i++) {
        core.poll(now)
        core.pollAt(now)
    }
    return { looks, polls: run.end(0, 1), count }
}

/** Those calls that a program still makes once the optimiser has been over it. */
function left(calls: Calls[], gone: Set<string>): Calls[] {
    return calls.filter(({ file, name }) => !gone.has(`${file}:${name}`))
}

function list(what: string, calls: Calls[], by: number, unit: string): string {
    const lines = calls.map(
        ({ file, name, count }) =>
            `${(count / by).toFixed(3).padStart(10)}  ${name}  (${file})`
    )
    return [`\n  ${what}, calls for each ${unit}`, ...lines].join("\n")
}

function received(
    what: string,
    measure: Measure,
    segment: number,
    gone: Set<string>,
    most: number,
    options: Options
): Row[] {
    const { calls, bytes, segments, turns } = measure
    const chunks = bytes / CHUNK
    if (options.detail) options.print(list(what, calls, chunks, "64 bytes"))
    return [
        atMost(
            `${what}: all, for 64 bytes, optimised`,
            total(left(calls, gone)) / chunks,
            "calls",
            most
        ),
        atMost(
            `${what}: port and core, for 64 bytes`,
            total(calls, ...CORE_AND_PORT) / chunks,
            "calls",
            6
        ),
        figure(`${what}: all, for 64 bytes`, total(calls) / chunks, "calls"),
        figure(
            `${what}: all, for ${segment} bytes`,
            total(calls) / segments,
            "calls"
        ),
        figure(`${what}: a turn of the driver brings`, bytes / turns, "bytes"),
        figure(what, Math.round(bytes / measure.seconds), "byte/s"),
    ]
}

async function run(options: Options): Promise<Row[]> {
    const rows: Row[] = []
    let gone = new Set<string>()
    for (const receive of ["manual", "push"] as const) {
        options.print(`  compiling ${CLIENTS[receive]}`)
        gone = await inlined(`bench/firmware/${CLIENTS[receive]}.ts`)
        for (const segment of [1460, 536])
            rows.push(
                ...received(
                    `${receive}, segments of ${segment}`,
                    await download(receive, segment),
                    segment,
                    gone,
                    OPTIMISED[receive],
                    options
                )
            )
    }
    const up = await upload()
    const upLeft = left(up.calls, gone)
    if (options.detail) {
        options.print(list("upload", up.calls, up.segments, "1024 bytes"))
        options.print(
            list("upload, optimised", upLeft, up.segments, "1024 bytes")
        )
    }
    rows.push(
        atMost(
            "a sent segment of 1024: all, optimised",
            total(upLeft) / up.segments,
            "calls",
            40
        ),
        atMost(
            "a sent segment of 1024: all",
            total(up.calls) / up.segments,
            "calls",
            58
        ),
        figure(
            "a sent segment of 1024: port, core, their fiber",
            total(up.calls, ...DRIVER) / up.segments,
            "calls"
        ),
        figure("upload", Math.round(up.bytes / up.seconds), "byte/s")
    )
    for (const receive of ["push", "manual"] as const) {
        const { looks, polls, count } = await idle(receive)
        const perSecond = total(looks.calls) / looks.seconds
        if (options.detail) {
            options.print(
                list(`${receive}, idle`, looks.calls, looks.seconds, "second")
            )
            options.print(list(`${receive}, idle`, polls.calls, count, "poll"))
        }
        rows.push(
            atMost(
                `${receive}, idle: a poll of the core`,
                total(polls.calls) / count,
                "calls",
                3
            ),
            figure(`${receive}, idle: all, in a second`, perSecond, "calls")
        )
    }
    return rows
}

export const part: Part = {
    title: "calls of DeviceScript functions, each worth 2.5 bytes at 115200 baud",
    run,
}
