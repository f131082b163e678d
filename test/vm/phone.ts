/** Calls and short messages. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { Failure, Phone } from "../../src/index"
import { bringUp, played, refused, started } from "./scripted"

const SM = 'AT+CMGF=1;+CPMS="SM";'
const READ = SM + '+CSCS="UCS2";+CMGR='
const IRA = 'AT+CSCS="IRA"\r'
const TELL = "AT+CLIP=1;+CMGF=1;+CNMI=2,1,0,0,0\r"
const STORE = 'AT+CPMS="SM","SM","SM"\r'
const LOOK = 'AT+CSCS="UCS2";+CMGR='

/** How many messages the modem says that there are. */
const stored = (used: number, total: number) =>
    `|+CPMS: ${used},${total},${used},${total},${used},${total}||OK|`

async function ready() {
    const { uart, modem } = await started({})
    const phone = new Phone(modem)
    uart.then(TELL, "|OK|")
    uart.then(STORE, stored(0, 10))
    await phone.start()
    return { uart, modem, phone }
}

describe("Phone", () => {
    test("tells who calls; answers, hangs up", async () => {
        const { uart, modem, phone } = await ready()
        const heard: string[] = []
        phone.onring.subscribe(number => {
            heard.push(number)
        })
        uart.say("|RING|")
        await ds.sleep(100)
        uart.say('|+CLIP: "+8613918186089",145,"",0,"",0|')
        await ds.sleep(100)
        expect(heard.join("/")).toBe("/+8613918186089")
        uart.say('|+CLIP: "",128,"",0,"",0|')
        await ds.sleep(100)
        expect(heard.length).toBe(3)
        expect(heard[2]).toBe("")
        uart.then("ATA\r", "|OK|")
        await phone.answer()
        uart.then("ATH\r", "|OK|")
        await phone.hangUp()
        await played(uart)
        await modem.stop()
    })

    test("tells of a message, reads it, deletes it", async () => {
        const { uart, modem, phone } = await ready()
        expect(await phone.nextMessage(20)).toBe(undefined)
        uart.say('|+CMTI: "SM",10||+CMTI: "SM",11|')
        expect(await phone.nextMessage(5000)).toBe(10)
        expect(await phone.nextMessage(5000)).toBe(11)
        expect(await phone.nextMessage(20)).toBe(undefined)
        uart.then(
            READ + "10\r",
            '|*X: "x","y"||+CMGR: "REC UNREAD","002B003400390031","","18/01/22,19:07:20+12"|' +
                "0048006500690DF20021||OK|"
        )
        uart.then(IRA, "|OK|")
        const message = await phone.readMessage(10)
        expect(message.from).toBe("+491")
        expect(message.at).toBe("18/01/22,19:07:20+12")
        expect(message.text).toBe("Hei\u0df2!")
        uart.then(SM + "+CMGD=10\r", "|OK|")
        await phone.deleteMessage(10)
        await played(uart)
        await modem.stop()
    })

    test("leaves a text as it is that is no UCS2", async () => {
        const { uart, modem, phone } = await ready()
        uart.then(
            READ + "1\r",
            '|+CMGR: "REC READ","+49123","","18/01/22,19:07:20+12"|See you||OK|'
        )
        uart.then(IRA, "|OK|")
        const message = await phone.readMessage(1)
        expect(message.from).toBe("+49123")
        expect(message.text).toBe("See you")
        await played(uart)
        await modem.stop()
    })

    test("a message can hold the answers of the modem", async () => {
        const { uart, modem, phone } = await ready()
        uart.then(
            READ + "2\r",
            '|+CMGR: "REC READ","0031","","18/01/22,19:07:20+12"|' +
                "004F004B000D000A004500520052004F0052||OK|"
        )
        uart.then(IRA, "|OK|")
        expect((await phone.readMessage(2)).text).toBe("OK\r\nERROR")
        await played(uart)
        await modem.stop()
    })

    test("finds what is on the card already; a full one is an error; empties it", async () => {
        const { uart, modem } = await started({})
        const phone = new Phone(modem)
        uart.then(TELL, "|OK|")
        uart.then(STORE, stored(2, 3))
        uart.then(LOOK + "1,1\r", "|OK|")
        uart.then(LOOK + "2,1\r", '|+CMGR: "REC READ","0031",""|0032||OK|')
        uart.then(LOOK + "3,1\r", '|+CMGR: "REC READ","0031",""|0032||OK|')
        uart.then(IRA, "|OK|")
        await phone.start()
        expect(await phone.nextMessage(0)).toBe(2)
        expect(await phone.nextMessage(0)).toBe(3)
        expect(await phone.nextMessage(0)).toBe(undefined)
        uart.then(STORE, stored(3, 3))
        expect((await phone.storage()).used).toBe(3)
        await refused(
            async () => await phone.nextMessage(),
            Failure.MemoryFull,
            "all 3 places"
        )
        uart.then(SM + "+CMGD=1,4\r", "|OK|")
        await phone.deleteMessages("all")
        expect(await phone.nextMessage(0)).toBe(undefined)
        await played(uart)
        await modem.stop()
    })

    test("reads from the memory that the modem names", async () => {
        const { uart, modem, phone } = await ready()
        uart.say('|+CMTI: "ME",3|')
        const place = await phone.nextMessage(500)
        expect(place).toBe(256 + 3)
        uart.then(
            'AT+CMGF=1;+CPMS="ME";+CSCS="UCS2";+CMGR=3\r',
            '|+CPMS: 1,10,1,10,1,10||+CMGR: "REC UNREAD","0031",""|0032||OK|'
        )
        uart.then(IRA, "|OK|")
        expect((await phone.readMessage(place)).text).toBe("2")
        await played(uart)
        await modem.stop()
    })

    test("wants to be told of calls by a modem that has restarted, too", async () => {
        const { uart, modem } = await ready()
        bringUp(uart, {})
        // it may be too early
        uart.then(TELL, "|+CMS ERROR: 515|")
        uart.say("|RDY||+CFUN: 1||+CPIN: READY||Call Ready||SMS Ready|")
        await played(uart)
        const since = ds.millis()
        uart.then(TELL, "|OK|")
        uart.then(STORE, stored(0, 10))
        await played(uart)
        expect(ds.millis() - since > 500).toBe(true)
        // not again without a reason
        await ds.sleep(2500)
        expect(uart.mistake).toBe("")
        bringUp(uart, {})
        uart.then(TELL, "|OK|")
        uart.then(STORE, stored(0, 10))
        uart.say("|NORMAL POWER DOWN|")
        await ds.sleep(7000)
        await played(uart)
        await modem.stop()
    })

    test("says that there is no message", async () => {
        const { uart, modem, phone } = await ready()
        uart.then(READ + "3\r", "|OK|")
        uart.then(IRA, "|OK|")
        await refused(
            async () => await phone.readMessage(3),
            Failure.NoMessage,
            "read message 3"
        )
        uart.then(SM + "+CMGD=3\r", "|+CMS ERROR: 321|")
        await refused(
            async () => await phone.deleteMessage(3),
            Failure.CommandRefused,
            "+CMGD=3"
        )
        await played(uart)
        await modem.stop()
    })

    test("tells a call from a message by the pulse on RI", async () => {
        const { uart, modem, phone } = await ready()
        const pulses: string[] = []
        phone.onpulse.subscribe(kind => {
            pulses.push(kind)
        })
        for (const ms of [50, 120, 1000]) {
            uart.riPulse = ms
            uart.wake()
            await ds.sleep(50)
        }
        expect(pulses.join(" ")).toBe("call message")
        expect(uart.riPulse).toBe(0)
        await modem.stop()
    })

    test("refuses places that can not be", async () => {
        const { uart, modem, phone } = await ready()
        await refused(
            async () => await phone.readMessage(-1),
            Failure.BadArgument,
            '"index": -1'
        )
        await refused(
            async () => await phone.deleteMessage(5 * 256),
            Failure.BadArgument,
            '"index": 1280'
        )
        await played(uart)
        await modem.stop()
    })
})
