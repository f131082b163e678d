/** UDP from and to everybody. */
import { BridgeUart, i2cBus, openUdp, Sim800 } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
const udp = await openUdp(modem, {
    host: "echo.example",
    port: 7,
    localPort: 7,
})
await udp.sendTo("text", "echo.example", 7)
await udp.recvFrom()
