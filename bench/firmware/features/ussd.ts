/** USSD. */
import { BridgeUart, i2cBus, Sim800, ussd } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
await ussd(modem, "*100#")
