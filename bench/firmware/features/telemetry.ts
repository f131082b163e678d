/** Battery, signal, identity, time. */
import {
    battery,
    BridgeUart,
    i2cBus,
    identity,
    isoTime,
    networkTime,
    signal,
    Sim800,
} from "../../../src/index"

const modem = new Sim800({
    uart: new BridgeUart({ bus: i2cBus() }),
    apn: "internet",
})
await modem.start()
const socket = await modem.connect({ host: "echo.example", port: 7 })
await socket.send("text")
await socket.recv()
await battery(modem)
await signal(modem)
await identity(modem)
isoTime((await networkTime(modem)).utc)
