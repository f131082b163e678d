/** Short messages that are sent. */
import { BridgeUart, i2cBus, sendMessage, Sim800 } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
await sendMessage(modem, "+123", "text")
