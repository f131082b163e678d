/**
 * The whole library but the self-test, which is a separate program: each class and each
 * of its methods, each function, both ports.
 */
import * as ds from "@devicescript/core"
import { fetch } from "@devicescript/net"
import type { RegisterBus } from "../../src/ports/sc16is7xx"
import {
    acknowledged,
    acknowledgement,
    allowSleep,
    battery,
    bodyOf,
    BridgeUart,
    cancelUssd,
    cellLocation,
    Certificates,
    command,
    connectionStatus,
    Context,
    i2cBus,
    identity,
    isoTime,
    JacdacUart,
    listen,
    networkTime,
    openUdp,
    Phone,
    resolve,
    sendMessage,
    setNameServers,
    signal,
    Sim800,
    spiBus,
    Transparent,
    useAsNetwork,
    ussd,
} from "../../src/index"

const buf = Buffer.alloc(512)

async function several(bus: RegisterBus) {
    const modem = new Sim800({
        uart: new BridgeUart({ bus, dtr: "bridge" }),
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
    const certificates = new Certificates(modem)
    if (!(await certificates.use())) await certificates.install({ root: buf })
    await certificates.remove()
    const network = useAsNetwork(modem)
    await fetch("http://example.com/", {
        method: "POST",
        body: bodyOf(100000, async () => buf),
    })
    network.stop()
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
    await sendMessage(modem, "+123", "text")
    await ussd(modem, "*100#")
    await cancelUssd(modem)
    await battery(modem)
    await signal(modem)
    await identity(modem)
    isoTime((await networkTime(modem)).utc)
    await cellLocation(modem)
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
    if (transparent.inDataMode() && transparent.carrier())
        await transparent.commandMode()
    await transparent.dataMode()
}

await several(i2cBus())
await several(spiBus({ cs: undefined }))
await single()
