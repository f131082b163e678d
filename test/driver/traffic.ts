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
import { Transparent, type BoardSocket } from "../chip/board"
import { Board } from "./board"
import { Wire } from "./wire"

const HOST = "10.0.0.1"
const PORT = 7000

export interface Case {
    /** default 115200 */
    readonly baud?: number
    /** default `manual` */
    readonly receive?: "manual" | "push"
    /** AT+CIPQSEND=1, the default */
    readonly quick?: boolean
    /** default 1 */
    readonly sockets?: number
    /** default `fast` */
    readonly radio?: RadioLinkName | RadioLinkOptions
    /** the application's buffer */
    readonly buffer?: number
    /** the driver's for each socket */
    readonly receiveBuffer?: number
    /** false: DeviceScript's VM takes no time */
    readonly costs?: boolean
    /** gather what crosses the line for so long, ms; 0: each byte by itself */
    readonly chunkMs?: number
    /** the UART is the single connection's */
    readonly transparent?: boolean
    /** how much there is to do, in seconds of line; default 10 */
    readonly seconds?: number
}

export interface Traffic {
    /** payload, byte/s, of all sockets together */
    readonly rate: number
    /** of the line: payload bytes × 10 / baud */
    readonly percent: number
    /** the slowest socket's part of the mean, when the first one is through; % */
    readonly share: number
    /** what the UART carries besides, for 1,000 bytes of payload, there and back */
    readonly commandBytes: number
    readonly answerBytes: number
    /** how often the driver waits for the modem, for 1,000 bytes of payload */
    readonly waits: number
}

/** A radio whose rates are no limit. */
export function latency(roundTripMs: number): RadioLinkOptions {
    return {
        roundTripMs,
        downlinkBitsPerSecond: Infinity,
        uplinkBitsPerSecond: Infinity,
    }
}

/** A board with sockets, and their peers. */
class Stand {
    readonly baud: number
    readonly sockets: BoardSocket[] = []
    readonly peers: MemoryPeer[] = []
    readonly wire = new Wire()
    private since = 0
    private before = { commandBytes: 0, overhead: 0, turns: 0 }

    private constructor(
        readonly board: Board,
        readonly its: Case
    ) {
        this.baud = its.baud ?? 115200
        board.onLine = bytes => this.wire.take(bytes)
    }

    static async open(its: Case): Promise<Stand> {
        const { baud = 115200, receive = "manual", quick = true } = its
        const { radio = "fast", chunkMs = 1, costs = true } = its
        const { receiveBuffer } = its
        const connections = its.transparent ? "single" : "multi"
        const board = new Board({
            driver: {
                baud,
                receive,
                quickSend: quick,
                connections,
                receiveBuffer,
            },
            modem: { radio, chunks: { chunkMs } },
            costs,
        })
        if (its.transparent) new Transparent(board.modem)
        await board.start()
        const stand = new Stand(board, its)
        const { network } = board
        for (let i = 0; i < (its.sockets ?? 1); i++) {
            network.listen(HOST, PORT + i, peer => (stand.peers[i] = peer))
            stand.sockets.push(await board.connect(HOST, PORT + i))
        }
        return stand
    }

    /** Bytes for each socket. */
    get total(): number {
        const { seconds = 10, sockets = 1 } = this.its
        return Math.max((this.baud / 10) * seconds, 60_000) / sockets
    }

    /** Counts from here on. */
    begin(): void {
        this.since = this.board.now()
        this.before = {
            commandBytes: this.board.port.commandBytes,
            overhead: this.wire.overhead,
            turns: this.board.port.turns,
        }
    }

    /**
     * @param each bytes of each socket
     * @param ways how often they have crossed the line, those of the other
     * direction included
     */
    result(each: number[], ways = 1): Traffic {
        const { before, board, wire } = this
        const payload = each.reduce((sum, bytes) => sum + bytes, 0)
        const rate = (payload * 1000) / (board.now() - this.since)
        const perKilobyte = (count: number): number =>
            (count * 1000) / (payload * ways)
        return {
            rate,
            percent: (rate * 1000) / this.baud,
            share: (Math.min(...each) * each.length * 100) / payload,
            commandBytes: perKilobyte(
                board.port.commandBytes - before.commandBytes
            ),
            answerBytes: perKilobyte(wire.overhead - before.overhead),
            waits: perKilobyte(board.port.turns - before.turns),
        }
    }

    /** Has each socket read, and counts. */
    read(got: number[]): void {
        this.sockets.forEach((socket, i) =>
            this.board.task(async () => {
                const into = Buffer.alloc(this.its.buffer ?? 1024)
                for (;;) {
                    const n = await socket.recvInto(into)
                    if (n <= 0) return
                    got[i] += n
                }
            })
        )
    }

    /** Has each socket send, for ever. */
    send(): void {
        for (const socket of this.sockets)
            this.board.task(async () => {
                const from = Buffer.alloc(this.its.buffer ?? 4096)
                for (;;) await socket.send(from)
            })
    }
}

/** Peers send, the application reads. */
export async function download(its: Case): Promise<Traffic> {
    const stand = await Stand.open(its)
    const { total } = stand
    const got = stand.sockets.map(() => 0)
    stand.begin()
    for (const peer of stand.peers) peer.send(new Uint8Array(total * 2))
    stand.read(got)
    await stand.board.until("received", () => Math.max(...got) >= total)
    return stand.result(got)
}

/** The application sends; what has reached the peers counts. */
export async function upload(its: Case): Promise<Traffic> {
    const stand = await Stand.open(its)
    const { total } = stand
    const got = stand.peers.map(() => 0)
    stand.peers.forEach((peer, i) => {
        peer.onData = bytes => (got[i] += bytes.length)
    })
    stand.begin()
    stand.send()
    await stand.board.until("sent", () => Math.max(...got) >= total)
    return stand.result(got)
}

/** Both at once, on each socket. */
export async function both(its: Case): Promise<{ down: Traffic; up: Traffic }> {
    const stand = await Stand.open(its)
    const { total } = stand
    const got = stand.sockets.map(() => 0)
    const sent = stand.peers.map(() => 0)
    stand.peers.forEach((peer, i) => {
        peer.onData = bytes => (sent[i] += bytes.length)
    })
    stand.begin()
    for (const peer of stand.peers) peer.send(new Uint8Array(total * 2))
    stand.read(got)
    stand.send()
    await stand.board.until("both", () => Math.max(...got) >= total)
    return { down: stand.result(got), up: stand.result(sent) }
}

/**
 * The peer sends back what it gets; a byte counts once, though it crosses the
 * UART twice.
 * @param chunk what is sent at a time
 * @param outstanding bytes that may be on their way; `chunk` is lock-step
 * @param parts into how many sends a chunk is divided
 */
export async function echo(
    its: Case,
    chunk: number,
    outstanding: number,
    parts = 1
): Promise<Traffic> {
    const stand = await Stand.open(its)
    const { board, total } = stand
    for (const peer of stand.peers)
        peer.onData = bytes => peer.send(bytes.slice())
    const got = stand.sockets.map(() => 0)
    stand.begin()
    stand.sockets.forEach((socket, i) => {
        const from = Buffer.alloc(chunk / parts)
        const into = Buffer.alloc(its.buffer ?? 1024)
        let sent = 0
        const send = async (): Promise<void> => {
            for (let part = 0; part < parts; part++) await socket.send(from)
            sent += chunk
        }
        const receive = async (): Promise<void> => {
            got[i] += await socket.recvInto(into)
        }
        if (outstanding === chunk) {
            board.task(async () => {
                for (;;) {
                    await send()
                    while (got[i] < sent) await receive()
                }
            })
            return
        }
        let goOn: () => void = () => undefined
        board.task(async () => {
            for (;;) {
                while (sent + chunk - got[i] > outstanding)
                    await new Promise<void>(done => (goOn = done))
                await send()
            }
        })
        board.task(async () => {
            for (;;) {
                await receive()
                goOn()
            }
        })
    })
    await board.until("back", () => Math.min(...got) >= total)
    return stand.result(got, 2)
}

export interface Lateness {
    /** from the last byte of a segment on the line until its reader has it, ms */
    readonly median: number
    readonly worst: number
    readonly segments: number
}

/**
 * How late received data are.
 * @param busy peers send as fast as they can; else each sends 200 bytes now and then
 */
export async function lateness(its: Case, busy: boolean): Promise<Lateness> {
    const stand = await Stand.open({ ...its, chunkMs: 0 })
    const { board, peers, wire, total } = stand
    const { clock } = board
    const got = stand.sockets.map(() => 0)
    const came = stand.sockets.map(() => 0)
    const due: { at: number; upTo: number }[][] = stand.sockets.map(() => [])
    const late: number[] = []
    wire.onPayload = (id, length) => {
        const i = stand.sockets.findIndex(socket => socket.link.id === id)
        came[i] += length
        due[i].push({ at: clock.now(), upTo: came[i] })
    }
    stand.sockets.forEach((socket, i) =>
        board.task(async () => {
            const into = Buffer.alloc(its.buffer ?? 1024)
            for (;;) {
                got[i] += await socket.recvInto(into)
                while (due[i].length > 0 && due[i][0].upTo <= got[i]) {
                    const segment = due[i].shift()
                    if (segment) late.push(clock.now() - segment.at)
                }
            }
        })
    )
    if (busy) {
        for (const peer of peers) peer.send(new Uint8Array(total * 2))
        await board.until("received", () => Math.max(...got) >= total)
    } else {
        // times that do not keep step with anything
        let next = 0
        const send = (): void => {
            peers[next % peers.length].send(new Uint8Array(200))
            next++
            clock.after(211.3 + (next % 17) * 7.7, send)
        }
        send()
        await board.until("received", () => late.length >= 200)
    }
    late.sort((a, b) => a - b)
    return {
        median: late[late.length >> 1],
        worst: late[late.length - 1],
        segments: late.length,
    }
}
