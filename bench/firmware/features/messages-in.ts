/** Calls, and short messages that come. */
import { BridgeUart, i2cBus, Phone, Sim800 } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
const phone = new Phone(modem)
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
await phone.start()
await phone.readMessage(await phone.nextMessage())
