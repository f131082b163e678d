/** Long messages both ways, over the modem in the VM. Prints "RESULT …". */
import * as ds from "@devicescript/core"
import {
    Inbox,
    JacdacUart,
    Phone,
    sendLongMessage,
    Sim800,
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
try {
    await modem.start()
    await phone.start()
    // those from before the start, and those that come
    for (let i = 0; i < 4; i++) {
        if (i === 2) console.log("SEND")
        const message = await inbox.next(30000)
        const { from, text, places, messageClass } = message
        // a line of the log has an end
        for (let at = 0; at < text.length; at += 100)
            console.log(`TEXT ${i} ${text.slice(at, at + 100)}$`)
        console.log(`RESULT ${from} ${places.length} ${messageClass}`)
        await inbox.delete(message)
    }
    console.log(`RESULT left ${(await phone.storage()).used}`)
    let text = ""
    for (let i = 0; i < 40; i++) text += `${i} [€] `
    const sent = await sendLongMessage(modem, "+4915112345678", text)
    console.log(`RESULT sent ${sent.length}`)
    await sendLongMessage(modem, "+4915112345678", "Привет 😀", {
        atOnce: true,
    })
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
