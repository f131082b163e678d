/** As client.ts, with push. */
import { BridgeUart, i2cBus, Sim800 } from "../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    receive: "push",
    apn: "internet",
})
const buf = Buffer.alloc(512)

await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send(buf)
await socket.recvInto(buf)
await socket.close()
