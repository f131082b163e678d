/**
 * Downloads, uploads and echoes in the VM; prints a line "RESULT name bytes ms"
 * for each, and "RESULT name median worst" for latencies.
 */
import * as ds from "@devicescript/core"
import { JacdacUart, Sim800, Socket } from "../../src/index"

const HOST = "bench.example"
/** ports of the servers of bench/vm.ts */
const SOURCE = 1
const SINK = 2
const ECHO = 3
const DRIPS = 4
const WHAT = 5

const uart = new JacdacUart({
    serial: new ds.Serial("modem"),
    lines: new ds.ModemLines("modem lines"),
})

/** time of the last packet from the modem, for the latency */
let cameAt = 0
const wake = uart.wake
uart.wake = () => {
    cameAt = ds.millis()
    wake()
}

class Work {
    running = 1
    private readonly socket: Socket
    private readonly total: number
    private readonly buf: Buffer
    got = 0
    sent = 0

    constructor(socket: Socket, total: number, size: number) {
        this.socket = socket
        this.total = total
        this.buf = Buffer.alloc(size)
    }

    async receive() {
        while (this.got < this.total) {
            const n = await this.socket.recvInto(this.buf, 30000)
            if (n <= 0) break
            this.got += n
        }
        this.running--
    }

    async send() {
        try {
            while (this.sent < this.total) {
                await this.socket.send(this.buf)
                this.sent += this.buf.length
            }
        } catch (_e) {
            // the modem has been stopped
        }
        this.running--
    }

    async lockStep() {
        while (this.got < this.total) {
            await this.socket.send(this.buf)
            this.sent += this.buf.length
            while (this.got < this.sent) {
                const n = await this.socket.recvInto(this.buf, 30000)
                if (n <= 0) return
                this.got += n
            }
        }
    }
}

function result(name: string, bytes: number, since: number) {
    console.log(`RESULT ${name} ${bytes} ${ds.millis() - since}`)
}

async function download(modem: Sim800, name: string, total: number) {
    const socket = await modem.connect({ host: HOST, port: SOURCE })
    const work = new Work(socket, total, 1024)
    const start = ds.millis()
    await work.receive()
    result(name, work.got, start)
    await socket.close()
}

async function upload(modem: Sim800, name: string, total: number) {
    const socket = await modem.connect({ host: HOST, port: SINK })
    const work = new Work(socket, total, 4096)
    const start = ds.millis()
    await work.send()
    result(name, work.sent, start)
    await socket.close()
}

async function echo(modem: Sim800, name: string, total: number) {
    const socket = await modem.connect({ host: HOST, port: ECHO })
    const work = new Work(socket, total, 1024)
    const start = ds.millis()
    await work.lockStep()
    result(name, work.got, start)
    await socket.close()
}

/** 8 kB may be on their way. */
async function outstanding(modem: Sim800, name: string, total: number) {
    const socket = await modem.connect({ host: HOST, port: ECHO })
    const back = new Work(socket, total, 1024)
    const buf = Buffer.alloc(1024)
    const start = ds.millis()
    back.receive.start()
    let sent = 0
    while (sent < total) {
        while (sent - back.got > 7 * 1024) await ds.sleep(1)
        await socket.send(buf)
        sent += buf.length
    }
    while (back.running > 0) await ds.sleep(1)
    result(name, back.got, start)
    await socket.close()
}

async function both(modem: Sim800, name: string, total: number) {
    // the source begins at once
    const up = await modem.connect({ host: HOST, port: SINK })
    const down = await modem.connect({ host: HOST, port: SOURCE })
    const receiver = new Work(down, total, 1024)
    const sender = new Work(up, total * 10, 4096)
    const start = ds.millis()
    sender.send.start()
    await receiver.receive()
    result(`${name} down`, receiver.got, start)
    result(`${name} up`, modem.core.links.list[up.id()].sent, start)
    await modem.stop()
}

/** From a packet of the modem to the task that waits for its data. */
async function latency(modem: Sim800, name: string, count: number) {
    const socket = await modem.connect({ host: HOST, port: DRIPS })
    const buf = Buffer.alloc(512)
    const counts: number[] = []
    for (let i = 0; i < 64; i++) counts.push(0)
    for (let i = 0; i < count; i++) {
        if ((await socket.recvInto(buf, 30000)) <= 0) break
        const late = ds.millis() - cameAt
        counts[Math.min(late, 63)]++
    }
    let seen = 0
    let median = -1
    let worst = 0
    for (let ms = 0; ms < 64; ms++) {
        seen += counts[ms]
        if (median < 0 && seen * 2 >= count) median = ms
        if (counts[ms] > 0) worst = ms
    }
    console.log(`RESULT ${name} ${median} ${worst}`)
    await socket.close()
}

async function run(receive: "manual" | "push", what: string) {
    const modem = new Sim800({ uart, apn: "internet", receive })
    await modem.start()
    if (what === "fast") {
        await download(modem, `download ${receive}`, 100000)
        await latency(modem, `latency ${receive}`, 50)
        if (receive === "push") {
            await upload(modem, "upload quick", 81920)
            await both(modem, "both", 60000)
            return
        }
    } else if (what === "near") await echo(modem, `lock-step ${receive}`, 51200)
    else await outstanding(modem, `8 kB ${receive}`, 61440)
    await modem.stop()
}

/** Asks a server for the next task. */
async function ask(): Promise<string> {
    const modem = new Sim800({ uart, apn: "internet" })
    await modem.start()
    const socket = await modem.connect({ host: HOST, port: WHAT })
    const what = await socket.readLine(10000)
    await modem.stop()
    return what
}

try {
    const what = await ask()
    await run("manual", what)
    await run("push", what)
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
