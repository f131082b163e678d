/** Transparent mode: bytes are data, and what is around them. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { command, Failure, Transparent } from "../../src/index"
import { Bench, bench, DTR_HIGH, DTR_LOW, played, refused } from "./scripted"

interface Data extends Bench {
    transparent: Transparent
}

function prepared(dtr: boolean): Data {
    const { uart, modem } = bench({
        single: true,
        push: true,
        transparent: true,
        dtr,
    })
    return { uart, modem, transparent: new Transparent(modem) }
}

async function connect({ uart, modem }: Data) {
    await modem.start()
    uart.then(
        'AT+CIPSTART="TCP","116.228.221.51",8500\r',
        "|OK||CONNECT|",
        true
    )
    return await modem.connect({ host: "116.228.221.51", port: 8500 })
}

describe("Transparent", () => {
    test("passes data both ways, whatever they look like", async () => {
        const data = prepared(false)
        const { uart, modem, transparent } = data
        expect(transparent.inDataMode()).toBe(false)
        const socket = await connect(data)
        expect(transparent.inDataMode()).toBe(true)
        uart.then("AT+CIPSHUT\r\n", "")
        await socket.send("AT+CIPSHUT\r\n")
        uart.say("hello")
        expect((await socket.recv(5000)).toString()).toBe("hello")
        // DCD says that the connection is still there
        uart.say("|CLOSED|")
        expect((await socket.recv(5000)).toString()).toBe("\r\nCLOSED\r\n")
        await played(uart)
        await modem.stop()
    })

    test("refuses three plus signs alone, which would lead out of data mode", async () => {
        const data = prepared(false)
        const { uart, modem } = data
        const socket = await connect(data)
        const alone = async (text: string) =>
            await refused(
                async () => await socket.send(text),
                Failure.BadArgument,
                '"+++" alone'
            )
        await alone("+++")
        uart.then("+", "")
        await socket.send("+")
        await alone("++")
        uart.then("+", "")
        await socket.send("+")
        await alone("+")
        uart.then("++++", "")
        await socket.send("++++")
        uart.then("+++ ", "")
        await socket.send("+++ ")
        uart.then("a+", "")
        await socket.send("a+")
        uart.then("++", "")
        await socket.send("++")
        await played(uart)
        await modem.stop()
    })

    test("the peer closes: his last bytes, then the end", async () => {
        const data = prepared(false)
        const { uart, modem, transparent } = data
        const socket = await connect(data)
        uart.say("the end|CLOSED|")
        uart.dcd = false
        // both may be false, so data mode is left by the rules
        uart.then("+++", "")
        uart.then("AT\r", "|OK|")
        uart.then("AT+CIPSTATUS\r", "|OK||STATE: TCP CLOSED|")
        expect((await socket.recv(5000)).toString()).toBe("the end")
        expect(await socket.recv(5000)).toBe(null)
        expect(transparent.inDataMode()).toBe(false)
        await refused(
            async () => await socket.send("more"),
            Failure.ClosedByPeer,
            "tcp://116.228.221.51:8500"
        )
        await refused(
            async () => await transparent.dataMode(),
            Failure.NotResumed,
            "enter data mode"
        )
        uart.then("AT+CBC\r", "|+CBC: 0,62,3900||OK|")
        await command(modem, "AT+CBC")
        await played(uart)
        await modem.stop()
    })

    test("command mode by +++, with silence around it, and back", async () => {
        const data = prepared(false)
        const { uart, modem, transparent } = data
        const socket = await connect(data)
        uart.then("some", "")
        await socket.send("some")
        uart.then("+++", "|OK|")
        await transparent.commandMode()
        expect(uart.silence >= 1000).toBe(true)
        expect(transparent.inDataMode()).toBe(false)
        await played(uart)
        const since = ds.millis()
        uart.then("AT+CBC\r", "|+CBC: 0,62,3900||OK|")
        expect((await command(modem, "AT+CBC"))[0]).toBe("+CBC: 0,62,3900")
        expect(ds.millis() - since < 2000).toBe(true)
        uart.then("ATO\r", "|CONNECT|")
        await transparent.dataMode()
        expect(transparent.inDataMode()).toBe(true)
        uart.then("more", "")
        await socket.send("more")
        uart.say("data")
        expect((await socket.recv(5000)).toString()).toBe("data")
        await played(uart)
        await modem.stop()
    })

    test("command mode by DTR, which was low for a second", async () => {
        const data = prepared(true)
        const { uart, modem, transparent } = data
        const socket = await connect(data)
        const since = ds.millis()
        uart.then(DTR_HIGH, "|OK|")
        uart.then(DTR_LOW, "")
        await transparent.commandMode()
        expect(ds.millis() - since >= 1000).toBe(true)
        await played(uart)
        uart.then("ATO\r", "|CONNECT|")
        await transparent.dataMode()
        uart.then("more", "")
        await socket.send("more")
        await played(uart)
        await modem.stop()
    })

    test("says that the modem does not return to data mode", async () => {
        const data = prepared(false)
        const { uart, modem, transparent } = data
        await connect(data)
        uart.then("+++", "|OK|")
        await transparent.commandMode()
        uart.then("ATO\r", "|ERROR|", false)
        uart.then("AT+CIPSTATUS\r", "|OK||STATE: TCP CLOSED|")
        await refused(
            async () => await transparent.dataMode(),
            Failure.NotResumed,
            "enter data mode"
        )
        await played(uart)
        await modem.stop()
    })

    test("sets the parameters of AT+CIPCCFG", async () => {
        const { modem } = bench({ single: true, push: true, transparent: true })
        new Transparent(modem, { retries: 8, sendSize: 512, paced: true })
        expect(modem.core.config.transfer).toBe("8,2,512,1,1,1460,50")
    })
})
