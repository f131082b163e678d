/** The second PDP context. */
import { describe, expect, test } from "@devicescript/test"
import { Context, Failure } from "../../src/index"
import {
    Bench,
    bench,
    failing,
    played,
    refused,
    ScriptedUart,
} from "./scripted"

interface Contexts extends Bench {
    context: Context
}

async function prepared(): Promise<Contexts> {
    const { uart, modem } = bench({ secondContext: true, sockets: 2 })
    const context = new Context(modem)
    await modem.start()
    return { uart, modem, context }
}

function opening(uart: ScriptedUart) {
    uart.then("AT+CIPSGTXT=1\r", "|OK|")
    uart.then("AT+CIPSHUT\r", "|SHUT OK|")
    uart.then('AT+CSTT="mms","me","secret"\r', "|OK|")
    uart.then("AT+CIICR\r", "|OK|")
    uart.then("AT+CIFSR\r", "|10.90.1.2|")
    uart.then("AT+CIPSGTXT=0\r", "|OK|")
}

async function open(context: Context) {
    await context.open({ apn: "mms", user: "me", password: "secret" })
}

describe("Context", () => {
    test("has an address, and connections of its own", async () => {
        const { uart, modem, context } = await prepared()
        expect(context.address()).toBe("")
        opening(uart)
        await open(context)
        expect(context.address()).toBe("10.90.1.2")
        expect(modem.status().address).toBe("10.78.245.128")
        await played(uart)

        uart.then("AT+CIPSGTXT=1\r", "|OK|")
        uart.then(
            'AT+CIPSTART=0,"TCP","10.90.0.1",8080\r',
            "|OK||0, CONNECT OK|"
        )
        // the first one is selected but for this
        uart.then("AT+CIPSGTXT=0\r", "|OK|")
        const second = await modem.connect({
            host: "10.90.0.1",
            port: 8080,
            context: 1,
        })
        await played(uart)
        uart.then(
            'AT+CIPSTART=1,"TCP","example.com",80\r',
            "|OK||1, CONNECT OK|"
        )
        const first = await modem.connect({ host: "example.com", port: 80 })
        await played(uart)

        uart.then("AT+CIPSGTXT=1\r", "|OK|")
        uart.then("AT+CIPSHUT\r", "|SHUT OK|")
        uart.then("AT+CIPSGTXT=0\r", "|OK|")
        await context.close()
        await played(uart)
        const e = await failing(async () => await second.send("x"))
        expect(e.failure).toBe(Failure.ClosedHere)

        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 1,1460||OK|")
        uart.then("AT+CIPSEND=1,1\r", "|> ")
        uart.then("y", "|DATA ACCEPT:1,1|")
        await first.send("y")
        await played(uart)
        await modem.stop()
    })

    test("says why it does not come up, and leaves the first one selected", async () => {
        const { uart, modem, context } = await prepared()
        uart.then("AT+CIPSGTXT=1\r", "|OK|")
        uart.then("AT+CIPSHUT\r", "|SHUT OK|")
        uart.then('AT+CSTT="mms","me","secret"\r', "|OK|")
        uart.then("AT+CIICR\r", "|+CME ERROR: 148|")
        uart.then("AT+CIPSGTXT=0\r", "|OK|")
        const e = await failing(async () => await open(context))
        expect(e.failure).toBe(Failure.ActivationRefused)
        expect(e.message.indexOf('"mms"') > 0).toBe(true)
        expect(e.message.indexOf("AT+CIICR: +CME ERROR: 148") > 0).toBe(true)
        await played(uart)

        opening(uart)
        await open(context)
        expect(context.address()).toBe("10.90.1.2")
        await played(uart)
        await modem.stop()
    })

    test("needs several connections, and an access point that can be", async () => {
        const single = bench({ single: true })
        await refused(
            async () => {
                new Context(single.modem)
            },
            Failure.BadArgument,
            '"connections"'
        )
        const { uart, modem, context } = await prepared()
        await refused(
            async () => await context.open({ apn: 'm"ms' }),
            Failure.BadArgument,
            '"apn"'
        )
        await played(uart)
        await modem.stop()
        await refused(
            async () => await open(context),
            Failure.NotStarted,
            '"mms"'
        )
    })
})
