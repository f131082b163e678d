/**
 * Applications that do nothing but send and receive, on a board with the whole
 * driver, and what comes of it: bytes a second, what the UART carries besides,
 * how late data are, and whether all sockets get their share.
 */
import type { MemoryPeer } from "../../sim/modem/memory-network"
import type {
    RadioLinkName,
    RadioLinkOptions,
} from "../../sim/modem/radio-link"
import type { BoardSocket } from "../chip/board"
import { Board } from "./board"

const HOST = "10.0.0.1"
const PORT = 7000

export interface Case {
    readonly baud?: number
    readonly receive?: "manual" | "push"
    readonly quick?: boolean
    readonly sockets?: number
    readonly radio?: RadioLinkName | RadioLinkOptions
    /** bytes that each socket sends or receives */
    readonly total?: number
    /** the application's buffer */
    readonly buffer?: number
    /** false: DeviceScript's VM takes no time */
    readonly costs?: boolean
    /** gather what crosses the line for so long, ms; 0: each byte by itself */
    readonly chunkMs?: number
}

export interface Traffic {
    /** payload, byte/s, of all sockets together, in one direction */
    readonly rate: number
    /** of the line: payload bytes × 10 / baud */
    readonly percent: number
    /** what the UART carries besides, in both directions, for 1,000 bytes of payload */
    readonly overhead: number
    /** how often the driver waits for the modem, for 1,000 bytes of payload */
    readonly waits: number
    /** the slowest socket's part of the mean, when the first one is through; % */
    readonly share: number
}

/** A rate that is no limit. */
export function latency(roundTripMs: number): RadioLinkOptions {
    return {
        roundTripMs,
        downlinkBitsPerSecond: Infinity,
        uplinkBitsPerSecond: Infinity,
    }
}

interface Stand {
    board: Board
    sockets: BoardSocket[]
    peers: MemoryPeer[]
}

async function open(its: Case): Promise<Stand> {
    const { radio = "fast", costs = true, baud = 115200, chunkMs = 1 } = its
    const count = its.sockets ?? 1
    const board = await new Board({
        driver: {
            baud,
            receive: its.receive ?? "manual",
            quickSend: its.quick ?? true,
        },
        modem: { radio, chunks: { chunkMs } },
        costs,
    }).start()
    const sockets: BoardSocket[] = []
    const peers: MemoryPeer[] = []
    for (let i = 0; i < count; i++) {
        board.network.listen(HOST, PORT + i, peer => (peers[i] = peer))
        sockets.push(await board.connect(HOST, PORT + i))
    }
    return { board, sockets, peers }
}

/** Counts from here on; the function that it returns says what has come of it. */
function measure(
    { board }: Stand,
    baud: number
): (each: number[], ways?: number) => Traffic {
    const { crossed, port } = board
    const since = board.now()
    const { up, down } = crossed
    const { turns } = port
    return (each, ways = 1) => {
        const payload = each.reduce((sum, bytes) => sum + bytes, 0)
        const rate = (payload * 1000) / (board.now() - since)
        const bytes = crossed.up - up + crossed.down - down
        return {
            rate,
            percent: (rate * 1000) / baud,
            overhead: ((bytes - payload * ways) * 1000) / payload / ways,
            waits: ((port.turns - turns) * 1000) / payload / ways,
            share: (Math.min(...each) * each.length * 100) / payload,
        }
    }
}

/** How much a socket gets in about ten seconds of line, but enough to tell. */
function totalOf({ total, baud = 115200, sockets = 1 }: Case): number {
    return total ?? Math.max(baud, 100_000) / sockets
}

/** Peers send, the application reads. */
export async function download(its: Case): Promise<Traffic> {
    const stand = await open(its)
    const { board, sockets, peers } = stand
    const total = totalOf(its)
    const got = sockets.map(() => 0)
    const result = measure(stand, its.baud ?? 115200)
    for (const peer of peers) peer.send(new Uint8Array(total * 2))
    sockets.forEach((socket, i) =>
        board.task(async () => {
            const into = Buffer.alloc(its.buffer ?? 1024)
            while (got[i] < total * 2) got[i] += await socket.recvInto(into)
        })
    )
    await board.until("received", () => Math.max(...got) >= total)
    return result(got)
}

/** The application sends; what has reached the peers counts. */
export async function upload(its: Case): Promise<Traffic> {
    const stand = await open(its)
    const { board, sockets, peers } = stand
    const total = totalOf(its)
    const got = peers.map(() => 0)
    peers.forEach(
        (peer, i) => (peer.onData = bytes => (got[i] += bytes.length))
    )
    const result = measure(stand, its.baud ?? 115200)
    for (const socket of sockets)
        board.task(async () => {
            const from = Buffer.alloc(its.buffer ?? 4096)
            for (let left = total * 2; left > 0; left -= from.length)
                await socket.send(from)
        })
    await board.until("sent", () => Math.max(...got) >= total)
    return result(got)
}

/** Both at once, on each socket. */
export async function both(its: Case): Promise<{ down: Traffic; up: Traffic }> {
    const stand = await open(its)
    const { board, sockets, peers } = stand
    const total = totalOf(its)
    const sent = peers.map(() => 0)
    const got = peers.map(() => 0)
    peers.forEach((peer, i) => {
        peer.onData = bytes => (sent[i] += bytes.length)
    })
    const result = measure(stand, its.baud ?? 115200)
    for (const peer of peers) peer.send(new Uint8Array(total * 2))
    sockets.forEach((socket, i) => {
        board.task(async () => {
            const into = Buffer.alloc(its.buffer ?? 1024)
            while (got[i] < total * 2) got[i] += await socket.recvInto(into)
        })
        board.task(async () => {
            const from = Buffer.alloc(its.buffer ?? 4096)
            for (let left = total * 4; left > 0; left -= from.length)
                await socket.send(from)
        })
    })
    await board.until("both", () => Math.max(...got) >= total)
    return { down: result(got), up: result(sent) }
}

/**
 * The peer sends back what it gets; counted once, though it crosses the UART
 * twice.
 * @param chunk what is sent at a time
 * @param outstanding bytes that may be on their way; `chunk` is lock-step
 */
export async function echo(
    its: Case,
    chunk: number,
    outstanding: number
): Promise<Traffic> {
    const stand = await open(its)
    const { board, sockets, peers } = stand
    const total = totalOf(its)
    for (const peer of peers) peer.onData = bytes => peer.send(bytes.slice())
    const got = sockets.map(() => 0)
    const result = measure(stand, its.baud ?? 115200)
    sockets.forEach((socket, i) => {
        const from = Buffer.alloc(chunk)
        const into = Buffer.alloc(its.buffer ?? 1024)
        let sent = 0
        const send = async (): Promise<void> => {
            await socket.send(from)
            sent += chunk
        }
        const receive = async (): Promise<void> => {
            got[i] += await socket.recvInto(into)
        }
        if (outstanding === chunk) {
            board.task(async () => {
                while (got[i] < total) {
                    await send()
                    while (got[i] < sent) await receive()
                }
            })
            return
        }
        let writer: (() => void) | undefined
        board.task(async () => {
            while (got[i] < total) {
                while (sent + chunk - got[i] > outstanding)
                    await new Promise<void>(done => (writer = done))
                await send()
            }
        })
        board.task(async () => {
            while (got[i] < total) {
                await receive()
                writer?.()
            }
        })
    })
    await board.until("back", () => Math.min(...got) >= total)
    return result(got, 2)
}
