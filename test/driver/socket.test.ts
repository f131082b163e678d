/** Sockets as applications use them, on a virtual clock. */
import { expect, test } from "vitest"
import { Board } from "./board"
import { latency } from "./traffic"

test.each(["manual", "push"])(
    "a peer that speaks and closes before anybody looks is heard, %s",
    async receive => {
        console.debug = () => undefined
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
