/** HTTP by `HttpClient`. */
import { BridgeUart, HttpClient, i2cBus, Sim800 } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
const http = new HttpClient(modem)
const response = await http.fetch("http://example.com/")
await response.text()
