/** The same with a Jacdac serial module. */
import * as ds from "@devicescript/core"
import { JacdacUart, Sim800 } from "../../src/index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: "internet",
})
const buf = Buffer.alloc(512)

await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send(buf)
await socket.recvInto(buf)
await socket.close()
