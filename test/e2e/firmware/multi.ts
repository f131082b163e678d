/**
 * Several connections (application note 3.1, 4, 5, 6.5, 9): TCP and UDP mixed,
 * two contexts, names, acknowledgements.
 * Prints a line "RESULT …" for each.
 */
import * as ds from "@devicescript/core"
import {
    acknowledged,
    acknowledgement,
    connectionStatus,
    Context,
    JacdacUart,
    resolve,
    Sim800,
    Sim800Error,
    Socket,
} from "../../../src/index"

const uart = new JacdacUart({
    serial: new ds.Serial("modem"),
    lines: new ds.ModemLines("modem lines"),
})
const echo = { host: "echo.example", port: 7 }

async function answer(socket: Socket, text: string): Promise<string> {
    await socket.send(text)
    const data = await socket.recv(20000)
    return data ? data.toString() : `${data}`
}

async function failure(job: () => Promise<unknown>): Promise<string> {
    try {
        await job()
    } catch (e) {
        return (e as Sim800Error).message
    }
    return "none"
}

async function mixed() {
    const modem = new Sim800({ uart, apn: "internet" })
    const second = new Context(modem)
    await modem.start()
    console.log(
        `RESULT names: ${(await resolve(modem, "echo.example")).join(" ")}`
    )
    const unknown = async () => await resolve(modem, "no.such.example")
    console.log(`RESULT unknown: ${await failure(unknown)}`)
    await second.open({ apn: "second" })
    const sockets: Socket[] = []
    for (let i = 0; i < 6; i++)
        sockets.push(
            await modem.connect({
                host: i & 1 ? "udp.example" : "echo.example",
                port: i & 1 ? 9600 : 7,
                proto: i & 1 ? "udp" : "tcp",
                context: i >> 2,
            })
        )
    let answers = ""
    for (let i = 0; i < 6; i++)
        answers += `${await answer(sockets[i], `number ${i}`)}, `
    console.log(`RESULT answers: ${answers}`)
    const seventh = async () => await modem.connect(echo)
    console.log(`RESULT seventh: ${await failure(seventh)}`)
    const status = await connectionStatus(modem)
    for (const c of status.connections)
        console.log(
            `RESULT ${c.id}: context ${c.context}, ${c.proto} ${c.state}`
        )
    await acknowledged(modem, sockets[0], 10000)
    const { sent, outstanding } = await acknowledgement(modem, sockets[0])
    console.log(`RESULT acknowledged: ${sent} sent, ${outstanding} outstanding`)
    await second.close()
    const lost = async () => await sockets[4].send("?")
    console.log(`RESULT second context: ${await failure(lost)}`)
    console.log(`RESULT first: ${await answer(sockets[0], "still there")}`)
    await sockets[1].close(true)
    // the server closes, the driver connects again
    await sockets[0].send("bye")
    while (await sockets[0].recv(20000)) await ds.sleep(0)
    await sockets[0].reconnect(60000)
    console.log(`RESULT reconnected: ${await answer(sockets[0], "again")}`)
    for (const socket of sockets) await socket.close()
    await modem.stop()
}

try {
    await mixed()
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
