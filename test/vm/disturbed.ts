/** Calls and messages when something else goes on, or goes wrong. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { command, Failure, Phone } from "../../src/index"
import { played, refused, started } from "./scripted"

/** What is said to read the message in place 1 of the card. */
const READ = 'AT+CMGF=1;+CPMS="SM";+CSCS="UCS2";+CMGR=1\r'

async function within(ms: number, f: () => Promise<void>) {
    let over = false
    const fiber = async () => {
        await f()
        over = true
    }
    fiber.start()
    for (let t = 0; t < ms && !over; t += 50) await ds.sleep(50)
    if (!over) throw new Error("it hangs")
}

describe("Phone", () => {
    test("answer: the caller has gone", async () => {
        const { uart, modem } = await started({})
        const phone = new Phone(modem)
        uart.then("ATA\r", "|NO CARRIER|")
        await within(2000, async () => {
            await refused(
                async () => await phone.answer(),
                Failure.CommandRefused,
                "ATA"
            )
        })
        await modem.stop()
    })

    test("a message of 160 characters", async () => {
        const { uart, modem } = await started({})
        const phone = new Phone(modem)
        let digits = ""
        for (let i = 0; i < 160; i++) digits += "0061"
        uart.then(
            READ,
            '|+CPMS: 1,10,1,10,1,10||+CMGR: "REC READ","0031","","18/01/22,19:07:20+12"|' +
                digits +
                "||OK|"
        )
        uart.then('AT+CSCS="IRA"\r', "|OK|")
        const message = await phone.readMessage(1)
        expect(message.text.length).toBe(160)
        await modem.stop()
    })

    test("a call during a command", async () => {
        const { uart, modem } = await started({})
        const phone = new Phone(modem)
        let number = ""
        phone.onring.subscribe(n => {
            if (n) number = n
        })
        uart.then(
            "AT+CBC\r",
            '|RING||+CLIP: "123",129,"",0,"",0||+CBC: 0,62,3900||OK|'
        )
        const lines = await command(modem, "AT+CBC")
        await ds.sleep(100)
        expect(lines.join(" ")).toBe("+CBC: 0,62,3900")
        expect(number).toBe("123")
        await modem.stop()
    })

    test("a refused message leaves the character set alone", async () => {
        const { uart, modem } = await started({})
        const phone = new Phone(modem)
        uart.then(READ, "|+CMS ERROR: 321|")
        uart.then('AT+CSCS="IRA"\r', "|OK|")
        await refused(
            async () => await phone.readMessage(1),
            Failure.CommandRefused,
            "CMGR=1"
        )
        await played(uart)
        await modem.stop()
    })
})
