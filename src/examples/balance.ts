/**
 * USSD: asks the network for the balance of the SIM card once a day, and goes
 * through a menu if the operator has one.
 */
import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"
import { cancelUssd, JacdacUart, Sim800, ussd } from "../index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: await readSetting("APN", "internet"),
    pin: await readSetting("PIN", ""),
})
/** the code, and the choice if a menu comes */
const code = await readSetting("BALANCE", "*100#")
const choice = await readSetting("CHOICE", "1")
const DAY = 24 * 3600 * 1000

async function balance(): Promise<string> {
    let answer = await ussd(modem, code)
    if (answer.more) answer = await ussd(modem, choice)
    if (answer.more) await cancelUssd(modem)
    return answer.text
}

while (true) {
    let pause = DAY
    try {
        await modem.start()
        console.log(`balance: ${await balance()}`)
    } catch (e) {
        console.error((e as Error).message)
        pause = 60000
    }
    await ds.sleep(pause)
}
