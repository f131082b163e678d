/** All of the application note with a single connection, on a stock board. */
import { BridgeUart, i2cBus, Sim800, Transparent } from "../../src/index"

const buf = Buffer.alloc(512)

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus(), dcd: "bridge" }),
    apn: "internet",
    connections: "single",
    receive: "push",
})
const transparent = new Transparent(modem)
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send(buf)
await socket.recvInto(buf)
if (transparent.inDataMode() && transparent.carrier())
    await transparent.commandMode()
await transparent.dataMode()
await socket.close()
