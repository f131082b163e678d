import type { Socket } from "../../../src/index"
import { Noise } from "./noise"

/** Sends noise to a server that sends it back, and says what came. */
export async function echoes(socket: Socket, seed: number, total: number) {
    const buf = Buffer.alloc(512)
    const out = new Noise(seed)
    const back = new Noise(seed)
    let wrong = 0
    let got = 0
    while (got < total) {
        out.fill(buf, 500)
        await socket.send(buf.slice(0, 500))
        for (let part = 0; part < 500;) {
            const n = await socket.recvInto(buf, 20000)
            if (n <= 0) return `${got} bytes only`
            wrong += back.compare(buf, n)
            part += n
            got += n
        }
    }
    return `${got} bytes, ${wrong} wrong`
}
