/**
 * The example: brings the modem up, sends a reading to an HTTP server, shows the
 * answer, and goes on when the server has closed the connection.
 */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import { Sim800, UartPort } from "./index"

const PORT = 80

/** One exchange: sends a reading, shows the answer. */
export async function report(modem: Sim800, host: string, reading: number) {
    const socket = await modem.connect({ host, port: PORT, timeout: 90000 })
    const body = `{"temperature":${reading}}`
    await socket.send(
        `POST /readings HTTP/1.1\r\n` +
            `Host: ${host}\r\n` +
            `Content-Type: application/json\r\n` +
            `Content-Length: ${body.length}\r\n` +
            `Connection: close\r\n\r\n` +
            body
    )
    let line = await socket.readLine(30000)
    while (line) {
        console.log(`answer: ${line}`)
        line = await socket.readLine(30000)
    }
    // the body follows the empty line, until the server closes the connection
    while (typeof line === "string") {
        line = await socket.readLine(30000)
        if (line) console.log(`answer: ${line}`)
    }
    await socket.close()
    console.log("the server has closed the connection, all is well")
}

/**
 * Runs for ever.
 * @param uart the modem's UART, which differs between boards
 */
export async function example(uart: UartPort) {
    const modem = new Sim800({
        uart,
        apn: await readSetting("APN", "internet"),
        // PIN=1234 in .env.local is a number
        pin: await readSetting("PIN", ""),
        baud: await readSetting("BAUD", 115200),
    })
    const host = await readSetting("HOST", "telemetry.example")
    let reading = 20
    let address = ""
    while (true) {
        try {
            // returns at once as long as the modem is in the network
            await modem.start()
            const status = modem.status()
            if (status.address !== address) {
                address = status.address
                console.log(`address ${address}, signal ${status.signal} dBm`)
            }
            await report(modem, host, reading++)
        } catch (e) {
            console.error((e as Error).message)
        }
        await ds.sleep(5000)
    }
}
