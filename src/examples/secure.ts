/**
 * TLS with a certificate of one's own: the root by which the server is known is
 * fetched and stored in the modem once; from then on only that server is believed.
 */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import { Certificates, HttpClient, JacdacUart, Sim800 } from "../index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
    sockets: 2,
})
const host = await readSetting("HOST", "web.example")
const certificates = new Certificates(modem)
const http = new HttpClient(modem)

/** Where nobody else is, for example in the workshop: it is believed as it comes. */
async function fetchRoot(): Promise<Buffer> {
    const answer = await http.fetch(`http://${host}/root.der`)
    const body = await answer.buffer(4096)
    if (!answer.ok) throw new Error(`root.der: HTTP ${answer.status}`)
    return body
}

let ready = false
while (true) {
    try {
        await modem.start()
        if (!ready) {
            // what was stored before the last start of the board is there
            if (!(await certificates.use()))
                await certificates.install({ root: await fetchRoot() })
            ready = true
        }
        const answer = await http.fetch(`https://${host}/secret`)
        console.log(`HTTP ${answer.status}: ${await answer.text()}`)
    } catch (e) {
        console.error((e as Error).message)
    }
    await ds.sleep(10000)
}
