/**
 * What a phone can do beside taking messages: reports of what has been sent, messages to be
 * shown at once, a full card, calls that nobody answers, a card that is locked. The test
 * does what it is asked to by the lines in capitals. Prints "RESULT …".
 */
import * as ds from "@devicescript/core"
import {
    dial,
    enterPuk,
    Failure,
    hearReports,
    Inbox,
    JacdacUart,
    Phone,
    sendLongMessage,
    setPin,
    Sim800,
    Sim800Error,
} from "../../../src/index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: "internet",
})
const phone = new Phone(modem)
const inbox = new Inbox(modem, phone)
let reports: string[] = []

function result(text: string) {
    console.log(`RESULT ${text}`)
}

/** What becomes of something that is expected to fail. */
async function failing(what: string, run: () => Promise<unknown>) {
    try {
        await run()
        result(`${what}: done`)
    } catch (e) {
        const error = e as Sim800Error
        result(`${what}: failure ${error.failure}, ${error.message}`)
    }
}

async function sendWithReport(number: string, text: string) {
    reports = []
    const sent = await sendLongMessage(modem, number, text, { report: true })
    for (let i = 0; i < 50 && reports.length < sent.length; i++)
        await ds.sleep(200)
    result(`sent ${sent.join(" ")}, reports ${reports.join(" ")}`)
}

await modem.start()
hearReports(phone, ({ reference, number, status }) => {
    reports.push(`${reference} ${number} ${status}`)
})
await phone.start()

let long = ""
for (let i = 0; i < 200; i++) long += "x"
await sendWithReport("+4915112345678", "short")
await sendWithReport("+4915112345678", long)
await sendWithReport("+4900", "to nobody")

console.log("CLASS 0")
const flash = await inbox.next(30000)
result(`class ${flash.messageClass}: ${flash.text}`)
await inbox.delete(flash)

console.log("FILL")
for (let i = 0; i < 3; i++) {
    const place = await phone.nextMessage(30000)
    // the second one is left unread
    if (i !== 1) await phone.readMessage(place)
}
await failing("full", async () => await phone.nextMessage(1000))
const all = await phone.listMessages()
result(`list ${all.map(each => `${each.index} ${each.isRead}`).join(", ")}`)
for (let i = 0; i < 3; i++)
    result(`oldest that was read: ${await phone.deleteOldest()}`)
await phone.deleteMessages("all")
result(`left ${(await phone.storage()).used}`)

await failing("busy", async () => await dial(modem, "+4911", 60000))
await failing("unknown", async () => await dial(modem, "+4912", 60000))

await setPin(modem, "1234", "1234")
await setPin(modem, "1234", "5678")
await setPin(modem, "5678", "5678")
await modem.reset()
result(`PIN 5678: ${modem.status().failure === Failure.None}`)
await setPin(modem, "5678", "")
await failing("not locked", async () => await enterPuk(modem, "12345678", "1"))
await failing(
    "not locked",
    async () => await enterPuk(modem, "12345678", "1111")
)
for (let i = 0; i < 3; i++)
    await failing("wrong PIN", async () => await setPin(modem, "0000", ""))
await failing("locked", async () => await modem.reset())
await failing(
    "wrong PUK",
    async () => await enterPuk(modem, "00000000", "1111")
)
await failing("right PUK", async () => {
    await enterPuk(modem, "12345678", "1111")
    await modem.start()
})
await failing("and again", async () => await modem.reset())
result("end")
