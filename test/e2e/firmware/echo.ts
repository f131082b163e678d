/**
 * Sends pseudo-random bytes to an echo server and compares what comes back:
 * through one socket and through six at once, in manual and in push mode.
 * Prints a line "RESULT …" for each.
 */
import * as ds from "@devicescript/core"
import { JacdacUart, Sim800, Socket } from "../../../src/index"

const CHUNK = 512

/** xorshift32: the same bytes again for the same seed. */
class Bytes {
    private state: number

    constructor(seed: number) {
        this.state = seed
    }

    fill(buf: Buffer, len: number) {
        let x = this.state
        for (let i = 0; i < len; i++) {
            x ^= x << 13
            x ^= x >>> 17
            x ^= x << 5
            buf[i] = x & 0xff
        }
        this.state = x
    }
}

class Exchange {
    /** what is wrong, if something is */
    fault = ""
    running = 2
    private readonly socket: Socket
    private readonly total: number
    private readonly seed: number

    constructor(socket: Socket, total: number, seed: number) {
        this.socket = socket
        this.total = total
        this.seed = seed
    }

    async send() {
        const bytes = new Bytes(this.seed)
        const buf = Buffer.alloc(CHUNK)
        let left = this.total
        try {
            while (left > 0) {
                const n = left < CHUNK ? left : CHUNK
                bytes.fill(buf, n)
                await this.socket.send(n === CHUNK ? buf : buf.slice(0, n))
                left -= n
            }
        } catch (e) {
            this.fault = (e as Error).message
        }
        this.running--
    }

    async receive() {
        const bytes = new Bytes(this.seed)
        const buf = Buffer.alloc(CHUNK)
        const wanted = Buffer.alloc(CHUNK)
        let at = 0
        try {
            while (at < this.total) {
                const n = await this.socket.recvInto(buf, 30000)
                if (n <= 0) {
                    this.fault = `nothing more behind ${at} bytes`
                    break
                }
                bytes.fill(wanted, n)
                for (let i = 0; i < n; i++)
                    if (buf[i] !== wanted[i] && !this.fault)
                        this.fault = `byte ${at + i} is wrong`
                at += n
            }
        } catch (e) {
            this.fault = (e as Error).message
        }
        this.running--
    }
}

async function echo(modem: Sim800, mode: string, count: number, total: number) {
    const sockets: Socket[] = []
    for (let i = 0; i < count; i++)
        sockets.push(await modem.connect({ host: "echo.example", port: 7 }))
    const start = ds.millis()
    const exchanges: Exchange[] = []
    for (let i = 0; i < count; i++) {
        const exchange = new Exchange(sockets[i], total, 1000 + i)
        exchanges.push(exchange)
        exchange.send.start()
        exchange.receive.start()
    }
    let fault = ""
    for (let i = 0; i < count; i++) {
        while (exchanges[i].running > 0) await ds.sleep(50)
        if (exchanges[i].fault) fault += ` socket ${i}: ${exchanges[i].fault}`
    }
    const ms = ds.millis() - start
    for (let i = 0; i < count; i++) await sockets[i].close()
    const overruns = modem.status().overruns
    console.log(
        `RESULT ${mode} ${count} x ${total}: ${fault || "identical"}, ${ms} ms, ${overruns} overruns`
    )
}

const uart = new JacdacUart({
    serial: new ds.Serial("modem"),
    lines: new ds.ModemLines("modem lines"),
})

async function run(receive: "manual" | "push") {
    const modem = new Sim800({
        uart,
        apn: "internet",
        receive,
        receiveBuffer: 1024,
    })
    await modem.start()
    await echo(modem, receive, 1, 100000)
    await echo(modem, receive, 6, 20000)
    await modem.stop()
}

try {
    await run("manual")
    await run("push")
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
