/** The self-test and a TCP client in one program, on a stock board. */
import { BridgeUart, i2cBus, selfTest, Sim800 } from "../../src/index"

const uart = new BridgeUart({
    bus: i2cBus(),
    dtr: "bridge",
    dcd: "bridge",
    ri: "bridge",
})
const { passed } = await selfTest({ uart, apn: "internet" })
if (passed) {
    const modem = new Sim800({ uart, apn: "internet" })
    await modem.start()
    const socket = await modem.connect({ host: "echo.example", port: 7 })
    await socket.send("text")
    await socket.recv()
    await socket.close()
}
