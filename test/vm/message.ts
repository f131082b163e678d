/** Short messages that are sent, and USSD. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import {
    cancelUssd,
    command,
    Failure,
    Phone,
    sendMessage,
    ussd,
} from "../../src/index"
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

    test("160 and 70 characters, no more", async () => {
        const { uart, modem } = await started({})
        let text = ""
        for (let i = 0; i < 16; i++) text += "0123456789"
        uart.then(ASCII, "|OK|")
        uart.then('AT+CMGS="10086"\r', "|> ")
        uart.then(text + CTRL_Z, "|+CMGS: 1||OK|")
        expect(await sendMessage(modem, "10086", text)).toBe(1)
        await refused(
            async () => await sendMessage(modem, "10086", text + "x"),
            Failure.BadArgument,
            '"text": 161 characters'
        )
        const ucs2 = text.slice(0, 69) + "ж"
        let digits = ""
        for (let i = 0; i < 69; i++) digits += `003${i % 10}`
        uart.then(UCS2, "|OK|")
        uart.then('AT+CMGS="00310030003000380036"\r', "|> ")
        uart.then(digits + "0436" + CTRL_Z, "|+CMGS: 2||OK|")
        uart.then(IRA, "|OK|")
        expect(await sendMessage(modem, "10086", ucs2)).toBe(2)
        await refused(
            async () => await sendMessage(modem, "10086", ucs2 + "x"),
            Failure.BadArgument,
            '"text": 71 characters'
        )
        await played(uart)
        await modem.stop()
    })

    test("nothing can be smuggled in", async () => {
        const { uart, modem } = await started({})
        const wrong = async (number: string) =>
            await refused(
                async () => await sendMessage(modem, number, "x"),
                Failure.BadArgument,
                '"number"'
            )
        await wrong("")
        await wrong("+")
        await wrong("12")
        await wrong('123"')
        await wrong("123\r")
        await wrong("+12 3")
        await wrong("123456789012345678901")
        await wrong("1\u001a23")
        await refused(
            async () => await sendMessage(modem, "+123", ""),
            Failure.BadArgument,
            '"text": 0'
        )
        uart.then(UCS2, "|OK|")
        uart.then('AT+CMGS="002B003100320033"\r', "|> ")
        uart.then("001A000D00410054001B" + CTRL_Z, "|+CMGS: 3||OK|")
        uart.then(IRA, "|OK|")
        await sendMessage(modem, "+123", "\u001a\rAT\u001b")
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
            "send message to +123: the short message was not taken: check number, credit and coverage (modem: AT+CMGS: +CMS ERROR: 38)"
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

    test("what others want waits until all of it is done", async () => {
        const { uart, modem } = await started({})
        const phone = new Phone(modem)
        let text = ""
        const reader = async () => {
            text = (await phone.readMessage(1)).text
        }
        uart.then(UCS2, "|OK|")
        uart.then('AT+CMGS="002B003100320033"\r', "|> ")
        uart.then("0436" + CTRL_Z, "|+CMGS: 4||OK|")
        uart.then(IRA, "|OK|")
        uart.then(
            'AT+CMGF=1;+CSCS="UCS2";+CMGR=1\r',
            '|+CMGR: "REC READ","0031","","18/01/22,19:07:20+12"|0436||OK|'
        )
        uart.then(IRA, "|OK|")
        sendMessage.start(modem, "+123", "ж")
        await ds.sleep(0)
        reader.start()
        await played(uart)
        await ds.sleep(50)
        expect(text).toBe("ж")
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

    test("in the GSM alphabet, in UCS-2, or as the firmware likes", async () => {
        const { uart, modem } = await started({})
        const gives = async (line: string, text: string) => {
            uart.then(CUSD, `|OK||${line}|`)
            uart.then(IRA, "|OK|")
            expect((await ussd(modem, "*100#")).text).toBe(text)
        }
        await gives('+CUSD: 0,"00020511421B651B3C7E",15', "@$é_B€[ü")
        await gives('+CUSD: 0, "0411043004400430", 72', "Бара")
        await gives('+CUSD: 2,"0031",17', "1")
        await gives('+CUSD: 0, "You have 1.50", 15', "You have 1.50")
        await played(uart)
        await modem.stop()
    })

    test("a menu, and its end", async () => {
        const { uart, modem } = await started({})
        uart.then(CUSD, '|OK||+CUSD: 1, "31", 15|')
        uart.then(IRA, "|OK|")
        expect((await ussd(modem, "*100#")).more).toBe(true)
        uart.then("AT+CUSD=2\r", "|OK|")
        await cancelUssd(modem)
        await played(uart)
        await modem.stop()
    })

    test("says that there is none", async () => {
        const { uart, modem } = await started({})
        uart.then(CUSD, "|OK||+CUSD: 4|")
        uart.then(IRA, "|OK|")
        await refused(
            async () => await ussd(modem, "*100#"),
            Failure.UssdRefused,
            "ussd *100#: the network knows no such code"
        )
        uart.then(CUSD, "|+CME ERROR: 30|")
        uart.then(IRA, "|OK|")
        await refused(
            async () => await ussd(modem, "*100#"),
            Failure.CommandRefused,
            "no network service"
        )
        await refused(
            async () => await ussd(modem, '*1"'),
            Failure.BadArgument,
            '"code"'
        )
        await refused(
            async () => await ussd(modem, ""),
            Failure.BadArgument,
            '"code"'
        )
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
