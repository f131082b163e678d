/**
 * All of the application note with several connections, on a stock board: each class
 * and each of its methods. The single connection is in transparent.ts, the rest of the
 * library in everything.ts.
 */
import {
    acknowledged,
    acknowledgement,
    allowSleep,
    BridgeUart,
    command,
    connectionStatus,
    Context,
    i2cBus,
    listen,
    openUdp,
    Phone,
    resolve,
    setNameServers,
    Sim800,
} from "../../src/index"

const buf = Buffer.alloc(512)

async function several() {
    const modem = new Sim800({
        uart: new BridgeUart({ bus: i2cBus(), dtr: "bridge" }),
        apn: "internet",
    })
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
    await socket.recv()
    await socket.readLine()
    await socket.reconnect(1000)
    await socket.close()
    if (server.listening()) await server.accept()
    await server.close()
    const udp = await openUdp(modem, { host, port: 7, localPort: 7 })
    await udp.sendTo(buf, host, 7)
    await udp.recvFrom()
    await udp.close()
    await context.close()
    context.address()
    await talk(modem, phone)
    modem.status()
    await modem.shut()
    await modem.reset()
    await modem.stop()
}

/** Functions apart from connections. */
async function talk(modem: Sim800, phone: Phone) {
    await phone.start()
    await phone.answer()
    await phone.hangUp()
    await phone.readMessage(await phone.nextMessage())
    await phone.deleteMessage(1)
}

await several()
