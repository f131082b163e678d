/** HTTP by fetch() of @devicescript/net. */
import { fetch } from "@devicescript/net"
import { BridgeUart, i2cBus, Sim800, useAsNetwork } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
useAsNetwork(modem)
const response = await fetch("http://example.com/")
await response.text()
