/** Sleep: DTR is high whenever nothing is to be done. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { allowSleep, command, Failure } from "../../src/index"
import { bench, DTR_HIGH, DTR_LOW, played, refused } from "./scripted"

describe("allowSleep", () => {
    test("raises DTR when idle, lowers it in time for a command", async () => {
        const { uart, modem } = bench({ dtr: true })
        allowSleep(modem, { idle: 300 })
        uart.then("AT+CSCLK=1\r", "|OK|")
        uart.then(DTR_HIGH, "")
        uart.sleeps = true
        await modem.start()
        await played(uart)

        // the scripted modem hears nothing for 50 ms
        uart.then(DTR_LOW, "")
        uart.then("AT+CBC\r", "|+CBC: 0,62,3900||OK|")
        uart.then("AT+CSQ\r", "|+CSQ: 20,0||OK|")
        uart.then(DTR_HIGH, "")
        await command(modem, "AT+CBC")
        await command(modem, "AT+CSQ")
        const idle = ds.millis()
        await played(uart)
        // 300 ms, less what the answer took to get here
        expect(ds.millis() - idle >= 100).toBe(true)
        await modem.stop()
    })

    test("what comes in is fetched", async () => {
        const { uart, modem } = bench({ dtr: true })
        allowSleep(modem, { idle: 300 })
        uart.then("AT+CSCLK=1\r", "|OK|")
        await modem.start()
        uart.then(
            'AT+CIPSTART=0,"TCP","example.com",80\r',
            "|OK||0, CONNECT OK|"
        )
        const socket = await modem.connect({ host: "example.com", port: 80 })
        uart.sleeps = true
        uart.then(DTR_HIGH, "")
        await played(uart)
        uart.then(DTR_LOW, "")
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,4,0|news|OK|")
        uart.then(DTR_HIGH, "")
        uart.say("|+CIPRXGET: 1,0|")
        expect((await socket.recv(5000)).toString()).toBe("news")
        await played(uart)
        await modem.stop()
    })

    test("serial: an awake modem is given commands as they come", async () => {
        const { uart, modem } = bench({ asleep: true })
        allowSleep(modem, { wakeBy: "serial" })
        uart.then("AT+CSCLK=2\r", "|OK|")
        await modem.start()
        uart.then("AT+CBC\r", "|+CBC: 0,62,3900||OK|")
        await command(modem, "AT+CBC")
        await played(uart)
        await modem.stop()
    })

    test("serial: wakes the modem with a byte", async () => {
        const { uart, modem } = bench({ asleep: true })
        allowSleep(modem, { wakeBy: "serial" })
        uart.then("AT+CSCLK=2\r", "|OK|")
        await modem.start()
        await ds.sleep(4500)
        await played(uart)
        uart.then("\r", "")
        uart.then("AT+CBC\r", "|+CBC: 0,62,3900||OK|")
        await command(modem, "AT+CBC")
        expect(uart.silence >= 100).toBe(true)
        await played(uart)
        await modem.stop()
    })

    test("refuses what can not be", async () => {
        const { modem } = bench({})
        await refused(
            async () => allowSleep(modem),
            Failure.BadArgument,
            "DTR is not wired"
        )
        await refused(
            async () => allowSleep(modem, { wakeBy: "serial", idle: 10 }),
            Failure.BadArgument,
            '"idle"'
        )
    })
})
