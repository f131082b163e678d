/** Short messages that are sent, and USSD. */
import { describe, expect, test } from "@devicescript/test"
import { command, Failure, sendMessage, ussd } from "../../src/index"
import { failing, played, refused, started } from "./scripted"

const ASCII = 'AT+CMGF=1;+CSCS="IRA";+CSMP=17,167,0,0\r'
const UCS2 = 'AT+CMGF=1;+CSCS="UCS2";+CSMP=17,167,0,8\r'
const IRA = 'AT+CSCS="IRA"\r'
const CTRL_Z = "\u001a"

describe("sendMessage", () => {
    test("ASCII goes as it is", async () => {
        const { uart, modem } = await started({ chunk: 3 })
        const text = "All is well: 21.5 C @ 10%, \"ok\" 'yes' <a_b>\nbye"
        uart.then(ASCII, "|OK|")
        uart.then('AT+CMGS="+4915112345678"\r', "|> ")
        uart.then(text + CTRL_Z, "|+CMGS: 12||OK|")
        expect(await sendMessage(modem, "+4915112345678", text)).toBe(12)
        await played(uart)
        await modem.stop()
    })

    test("everything else as UCS-2, in digits", async () => {
        const { uart, modem } = await started({})
        uart.then(UCS2, "|OK|")
        uart.then('AT+CMGS="002B003100320033"\r', "|> ")
        uart.then(
            "0047007200FC00DF00650020D83DDE00007B001A007D" + CTRL_Z,
            "|+CMGS: 255||OK|"
        )
        uart.then(IRA, "|OK|")
        const text = "Grüße \u{1f600}{" + CTRL_Z + "}"
        expect(await sendMessage(modem, "+123", text)).toBe(255)
        await played(uart)
        await modem.stop()
    })

    test("says why it is not sent", async () => {
        const { uart, modem } = await started({})
        uart.then(ASCII, "|OK|")
        uart.then('AT+CMGS="+123"\r', "|> ")
        uart.then("hello" + CTRL_Z, "|+CMS ERROR: 38|")
        await refused(
            async () => await sendMessage(modem, "+123", "hello"),
            Failure.MessageRefused,
            "send message to +123: the network can not take it now: try again later (modem: AT+CMGS: +CMS ERROR: 38)"
        )
        uart.then(ASCII, "|+CME ERROR: 14|")
        await refused(
            async () => await sendMessage(modem, "+123", "hello"),
            Failure.CommandRefused,
            "SIM busy"
        )
        uart.then(UCS2, "|OK|")
        uart.then('AT+CMGS="002B003100320033"\r', "|+CMS ERROR: 305|")
        uart.then(IRA, "|ERROR|")
        await refused(
            async () => await sendMessage(modem, "+123", "[]"),
            Failure.MessageRefused,
            "+CMS ERROR: 305"
        )
        await played(uart)
        await modem.stop()
    })

    test("a restart in the middle: nobody knows", async () => {
        const { uart, modem } = await started({})
        uart.then(ASCII, "|OK|")
        uart.then('AT+CMGS="+123"\r', "|> ")
        uart.then("hello" + CTRL_Z, "|RDY||Call Ready|")
        const e = await failing(
            async () => await sendMessage(modem, "+123", "hello")
        )
        expect(e.failure).toBe(Failure.SendUnknown)
        await modem.stop()
    })
})

const CUSD = 'AT+CSCS="HEX";+CUSD=1,"*100#",15\r'

describe("ussd", () => {
    test("gives the answer behind OK", async () => {
        const { uart, modem } = await started({ chunk: 9 })
        uart.then(CUSD, '|OK||+CUSD: 0, "42616C616E63653A0A312E353065", 15|')
        uart.then(IRA, "|OK|")
        const answer = await ussd(modem, "*100#")
        expect(answer.text).toBe("Balance:\n1.50e")
        expect(answer.more).toBe(false)
        await played(uart)
        await modem.stop()
    })

    test("is cancelled when the time is over", async () => {
        const { uart, modem } = await started({})
        uart.then(CUSD, "|OK|")
        uart.then("AT+CUSD=2\r", "|OK|")
        uart.then(IRA, "|OK|")
        uart.then("AT+CBC\r", "|+CBC: 0,62,3900||OK|")
        const e = await failing(async () => await ussd(modem, "*100#", 200))
        expect(e.failure).toBe(Failure.Timeout)
        await command(modem, "AT+CBC")
        await played(uart)
        await modem.stop()
    })
})
