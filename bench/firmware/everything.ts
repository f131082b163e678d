/** Everything that the library has: each class, each function, both ports. */
import * as ds from "@devicescript/core"
import type { RegisterBus } from "../../src/ports/sc16is7xx"
import {
    acknowledged,
    acknowledgement,
    allowSleep,
    BridgeUart,
    command,
    connectionStatus,
    Context,
    i2cBus,
    JacdacUart,
    listen,
    openUdp,
    Phone,
    resolve,
    setNameServers,
    Sim800,
    spiBus,
    Transparent,
} from "../../src/index"

const buf = Buffer.alloc(512)

async function several(bus: RegisterBus) {
    const modem = new Sim800({ uart: new BridgeUart({ bus }), apn: "internet" })
    const phone = new Phone(modem)
    const context = new Context(modem)
    allowSleep(modem)
    await modem.start()
    await context.open({ apn: "internet" })
    const host = (await resolve(modem, "echo.example"))[0]
    await setNameServers(modem, host)
    await command(modem, "ATI")
    await connectionStatus(modem)
    const server = await listen(modem, { port: 7 })
    const socket = await modem.connect({ host, port: 7 })
    await socket.send(buf)
    await acknowledgement(modem, socket)
    await acknowledged(modem, socket, 1000)
    await socket.recvInto(buf)
    await socket.close()
    await server.accept()
    const udp = await openUdp(modem, { host, port: 7, localPort: 7 })
    await udp.close()
    await phone.readMessage(1)
}

async function single() {
    const modem = new Sim800({
        uart: new JacdacUart({
            serial: new ds.Serial("modem"),
            lines: new ds.ModemLines("modem lines"),
        }),
        apn: "internet",
        connections: "single",
        receive: "push",
    })
    const transparent = new Transparent(modem)
    await modem.start()
    await transparent.commandMode()
}

await several(i2cBus())
await several(spiBus({ cs: undefined }))
await single()
