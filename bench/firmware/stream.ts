/**
 * Sends and receives at the same time until the peer closes the connection, then
 * looks for the largest block that can still be had.
 */
import * as ds from "@devicescript/core"
import { JacdacUart, Sim800, Socket } from "../../src/index"
import { largestBlock } from "./gauge"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: "internet",
})
const out = Buffer.alloc(1024)
const into = Buffer.alloc(1024)

async function send(socket: Socket) {
    try {
        while (true) await socket.send(out)
    } catch (_e) {
        // the peer has had enough
    }
}

await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
send.start(socket)
while ((await socket.recvInto(into)) > 0);
await socket.close()
await ds.sleep(1000)
largestBlock()
