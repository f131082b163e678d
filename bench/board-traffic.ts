/**
 * Throughput of one program on a board, in a process in which the library is metered
 * (bench/metered.mjs).
 */
import type { MemoryPeer } from "../sim/modem/memory-network"
import { spent } from "../test/chip/devicescript"
import { Board, type BoardOptions, type BoardSocket } from "../test/chip/board"

const BYTES = 24_000
const HOST = "10.0.0.1"

export interface Result {
    /** byte/s */
    rate: number
    alarms: number
    lostAlarms: number
    lostBytes: number
    /** bytes that differ from the sent ones */
    wrong: number
    /** part of the time that the CPU slept, % */
    asleep: number
    transactions: number
    longestPass: number
    /** cycles of the VM for each byte of payload, by function */
    cycles: Record<string, number>
}

const byteAt = (at: number): number => (at * 7 + (at >> 8)) & 0xff

function pattern(from: number, length: number): Buffer {
    const data = Buffer.alloc(length)
    for (let i = 0; i < length; i++) data[i] = byteAt(from + i)
    return data
}

class Run {
    wrong = 0
    private constructor(
        readonly board: Board,
        readonly socket: BoardSocket,
        readonly peer: MemoryPeer
    ) {}

    static async open(receive: string, its: BoardOptions): Promise<Run> {
        const board = await new Board(
            { receive },
            {
                firmware: { lostAlarm: "counts" },
                ...its,
            }
        ).start()
        let peer: MemoryPeer | undefined
        board.network.listen(HOST, 7, its => (peer = its))
        const socket = await board.connect(HOST, 7)
        return new Run(board, socket, peer as MemoryPeer)
    }

    check(data: Uint8Array, from: number): void {
        for (let i = 0; i < data.length; i++)
            if (data[i] !== byteAt(from + i)) this.wrong++
    }

    async measure(task: () => Promise<number>): Promise<Result> {
        const { board } = this
        const { firmware, model, clock } = board
        const before = { ...firmware }
        spent.clear()
        const transactions = model.transactions
        const lost = model.lostBytes
        const since = clock.now()
        const bytes = await board.run(task)
        const ms = clock.now() - since
        return {
            rate: (bytes * 1000) / ms,
            alarms: firmware.alarms - before.alarms,
            lostAlarms: firmware.lostAlarms - before.lostAlarms,
            lostBytes: model.lostBytes - lost,
            wrong: this.wrong,
            asleep: ((firmware.slept - before.slept) * 100) / ms,
            transactions: model.transactions - transactions,
            longestPass: firmware.longestPass,
            cycles: Object.fromEntries(
                [...spent]
                    .sort((a, b) => b[1] - a[1])
                    .map(([name, cycles]) => [name, Math.round(cycles / bytes)])
            ),
        }
    }
}

async function down(receive: string, its: BoardOptions, bytes = BYTES) {
    const run = await Run.open(receive, its)
    const { socket, peer } = run
    return run.measure(async () => {
        peer.send(Uint8Array.from(pattern(0, bytes)))
        const into = Buffer.alloc(1024)
        let got = 0
        while (got < bytes) {
            const n = await socket.recvInto(into)
            if (n <= 0) break
            run.check(into.subarray(0, n), got)
            got += n
        }
        return got
    })
}

async function up(its: BoardOptions, bytes = BYTES) {
    const run = await Run.open("manual", its)
    const { socket, peer } = run
    let arrived = 0
    peer.onData = data => {
        run.check(data, arrived)
        arrived += data.length
    }
    return run.measure(async () => {
        let sent = 0
        while (sent < bytes) {
            await socket.send(pattern(sent, 1024))
            sent += 1024
        }
        return sent
    })
}

async function echo(receive: string, its: BoardOptions, bytes = 16_384) {
    const run = await Run.open(receive, its)
    const { socket, peer } = run
    peer.onData = data => peer.send(data.slice())
    return run.measure(async () => {
        const into = Buffer.alloc(1024)
        let got = 0
        while (got < bytes) {
            await socket.send(pattern(got, 1024))
            const end = got + 1024
            while (got < end) {
                const n = await socket.recvInto(into)
                if (n <= 0) return got
                run.check(into.subarray(0, n), got)
                got += n
            }
        }
        return got
    })
}

const SPI: BoardOptions = { bus: "spi" }
const THREE_WIRES: BoardOptions = { port: { flowControl: false } }

const cases: Record<string, () => Promise<Result>> = {
    "I2C, download manual": () => down("manual", {}),
    "I2C, download push": () => down("push", {}),
    "I2C, upload": () => up({}),
    "I2C, echo manual": () => echo("manual", {}),
    "I2C, echo push": () => echo("push", {}),
    "SPI, download push": () => down("push", SPI),
    "SPI, upload": () => up(SPI),
    "SPI, echo push": () => echo("push", SPI),
    "three wires, download": () => down("manual", THREE_WIRES),
    "three wires, upload": () => up(THREE_WIRES),
    "three wires, echo": () => echo("manual", THREE_WIRES, 4096),
}

/** @param what one of the cases */
export function measure(what: string): Promise<Result> {
    return cases[what]()
}
