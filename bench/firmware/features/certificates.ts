/** Certificates for TLS. */
import { BridgeUart, Certificates, i2cBus, Sim800 } from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
const certificates = new Certificates(modem)
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
await certificates.install({ root: hex`00` })
