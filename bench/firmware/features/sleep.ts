/** Sleep between exchanges. */
import { allowSleep, BridgeUart, i2cBus, Sim800 } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus(), dtr: "bridge" }),
    apn: "internet",
})
allowSleep(modem)
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
