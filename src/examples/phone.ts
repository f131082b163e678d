/**
 * A phone: takes calls of its owner, obeys keys and messages, long ones too, and calls
 * the owner on "CALL".
 */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import {
    callEnded,
    dial,
    hearTones,
    Inbox,
    JacdacUart,
    Phone,
    sendLongMessage,
    sendTones,
    Sim800,
} from "../index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
})
const owner = await readSetting("NUMBER", "+4915112345678")
const phone = new Phone(modem)
const inbox = new Inbox(modem, phone)
let keys = ""

/** A call, from when it is answered on: until "#", or two minutes. */
async function talk() {
    keys = ""
    const stop = await hearTones(modem, key => {
        keys += key
    })
    try {
        await sendTones(modem, "1")
        const end = ds.millis() + 120000
        while (keys.indexOf("#") < 0 && ds.millis() < end)
            if (await callEnded(modem, 500)) break
    } finally {
        stop()
        await phone.hangUp()
    }
    console.log(`keys ${keys}`)
}

async function take(number: string) {
    try {
        if (number !== owner) return await phone.hangUp()
        await phone.answer()
        await talk()
    } catch (e) {
        console.error((e as Error).message)
    }
}

async function obey(text: string) {
    if (text.trim() === "CALL") {
        await dial(modem, owner)
        await talk()
    } else await sendLongMessage(modem, owner, `You wrote: ${text}`)
}

async function start() {
    while (true) {
        try {
            await modem.start()
            await phone.start()
            return
        } catch (e) {
            console.error((e as Error).message)
            await ds.sleep(10000)
        }
    }
}

await start()
let busy = false
phone.onring.subscribe(async number => {
    // RING comes first, without a number, and comes again
    if (!number || busy) return
    busy = true
    await take(number)
    busy = false
})
console.log("waiting")
while (true) {
    try {
        const message = await inbox.next()
        // it is obeyed once: whoever gets no answer writes again
        await inbox.delete(message)
        if (message.from === owner) await obey(message.text)
    } catch (e) {
        console.error((e as Error).message)
        await ds.sleep(5000)
    }
}
