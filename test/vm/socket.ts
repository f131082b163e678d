import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { Failure, Phase, Sim800, Sim800Error } from "../../src/index"
import {
    attach,
    failing,
    played,
    refused,
    ScriptedUart,
    started,
} from "./scripted"

async function connected(chunk: number) {
    const { uart, modem } = await started({ chunk })
    uart.then(
        'AT+CIPSTART=0,"TCP","116.228.221.51",8500\r',
        "|OK||0, CONNECT OK|"
    )
    const socket = await modem.connect({ host: "116.228.221.51", port: 8500 })
    return { uart, modem, socket }
}

describe("Sim800", () => {
    test("starts", async () => {
        const { uart, modem } = await started({})
        expect(uart.mistake).toBe("")
        expect(uart.done()).toBe(true)
        const status = modem.status()
        expect(status.phase).toBe(Phase.Ready)
        expect(status.ipState).toBe("IP STATUS")
        expect(status.address).toBe("10.78.245.128")
        expect(status.signal).toBe(-73)
        await modem.stop()
    })

    test("starts when bytes come singly", async () => {
        const { uart, modem } = await started({ chunk: 1 })
        expect(uart.done()).toBe(true)
        await modem.stop()
    })

    test("asks for the PIN", async () => {
        const uart = new ScriptedUart()
        uart.then("AT\r", "|OK|")
        uart.then("ATE0\r", "|OK|")
        uart.then("AT+CMEE=1;+CSCLK=0\r", "|OK|")
        uart.then("AT+IPR?\r", "|+IPR: 115200||OK|")
        uart.then("AT+IFC=2,2\r", "|OK|")
        uart.then("AT+CFUN?\r", "|+CFUN: 1||OK|")
        // it has to say so twice
        uart.then("AT+CPIN?\r", "|+CPIN: SIM PIN||OK|")
        uart.then("AT+CPIN?\r", "|+CPIN: SIM PIN||OK|")
        const modem = new Sim800({ uart, apn: "CMNET", sockets: 1 })
        const e = await failing(async () => await modem.start())
        expect(e.failure).toBe(Failure.PinRequired)
        expect(e.message.indexOf('option "pin"') > 0).toBe(true)
        await modem.stop()
    })

    test("refuses options that can not be", async () => {
        const uart = new ScriptedUart()
        const e = await failing(async () => {
            new Sim800({ uart, apn: "x", baud: 31250 })
        })
        expect(e.failure).toBe(Failure.BadArgument)
        const f = await failing(async () => {
            new Sim800({ uart, apn: 'in"ternet' })
        })
        expect(f.failure).toBe(Failure.BadArgument)
    })
})

describe("Socket", () => {
    test("sends and receives", async () => {
        const { uart, modem, socket } = await connected(64)
        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
        uart.then("AT+CIPSEND=0,8\r", "|> ")
        uart.then("TCP test", "|DATA ACCEPT:0,8|")
        await socket.send("TCP test")
        uart.then(
            "AT+CIPRXGET=2,0,1460\r",
            "|+CIPRXGET: 2,0,11,0|HELLO WORLD|OK|"
        )
        uart.say("|+CIPRXGET: 1,0|")
        const data = await socket.recv(5000)
        expect(data.toString()).toBe("HELLO WORLD")

        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,0,0||OK|")
        uart.say("|0, CLOSED|")
        expect(await socket.recv(5000)).toBe(null)
        expect(uart.mistake).toBe("")
        expect(uart.done()).toBe(true)
        const e = await failing(async () => await socket.send("more"))
        expect(e.failure).toBe(Failure.ClosedByPeer)
        await socket.close()
        await modem.stop()
    })

    test("receives into a buffer of the caller", async () => {
        const { uart, modem, socket } = await connected(7)
        const buf = Buffer.alloc(4)
        expect(await socket.recvInto(buf, 20)).toBe(-1)
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,6,0|abcdef|OK|")
        uart.say("|+CIPRXGET: 1,0|")
        let got = ""
        while (got.length < 6) {
            const n = await socket.recvInto(buf, 5000)
            const part = Buffer.alloc(n)
            part.blitAt(0, buf, 0, n)
            got += part.toString()
        }
        expect(got).toBe("abcdef")
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        await socket.close()
        expect(await socket.recvInto(buf, 20)).toBe(0)
        await played(uart)
        await modem.stop()
    })

    test("reads lines", async () => {
        const { uart, modem, socket } = await connected(5)
        uart.then(
            "AT+CIPRXGET=2,0,1460\r",
            "|+CIPRXGET: 2,0,13,0|one|two\n|fo|OK|"
        )
        uart.say("|+CIPRXGET: 1,0|")
        expect(await socket.readLine(5000)).toBe("one")
        expect(await socket.readLine(5000)).toBe("two")
        expect(await socket.readLine(5000)).toBe("")
        expect(await socket.readLine(20)).toBe(undefined)
        const rest = await socket.recv(20)
        expect(rest.toString()).toBe("fo")
        await modem.stop()
        const e = await failing(async () => await socket.recv())
        expect(e.failure).toBe(Failure.Stopped)
    })

    test("says why there is no connection", async () => {
        const { uart, modem } = await started({})
        uart.then(
            'AT+CIPSTART=0,"TCP","nobody.example",80\r',
            "|OK||0, CONNECT FAIL|"
        )
        const e = await failing(
            async () =>
                await modem.connect({ host: "nobody.example", port: 80 })
        )
        expect(e.failure).toBe(Failure.ConnectFailed)
        expect(e.message.indexOf("tcp://nobody.example:80") > 0).toBe(true)
        const f = await failing(
            async () => await modem.connect({ host: "x", port: 70000 })
        )
        expect(f.failure).toBe(Failure.BadArgument)
        await modem.stop()
    })

    test("a lost context ends the socket, and comes back", async () => {
        const { uart, modem, socket } = await connected(64)
        let closed = 0
        let error: Error
        socket.onclose.subscribe(() => {
            closed++
        })
        socket.onerror.subscribe(e => {
            error = e
        })
        attach(uart, {}, "10.78.245.129")
        uart.say("|+PDP: DEACT|")
        const e = await failing(async () => await socket.recv())
        expect(e.failure).toBe(Failure.PdpDeactivated)
        await modem.start()
        expect(modem.status().address).toBe("10.78.245.129")
        expect(closed).toBe(1)
        expect((error as Sim800Error).failure).toBe(Failure.PdpDeactivated)
        expect(uart.mistake).toBe("")
        await modem.stop()
    })

    test("reconnects, as often as it takes", async () => {
        const { uart, modem, socket } = await connected(64)
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,0,0||OK|")
        uart.say("|0, CLOSED|")
        expect(await socket.recv(5000)).toBe(null)
        const start = 'AT+CIPSTART=0,"TCP","116.228.221.51",8500\r'
        uart.then(start, "|OK||0, CONNECT FAIL|")
        uart.then(start, "|OK||0, CONNECT OK|")
        await socket.reconnect(10000)
        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
        uart.then("AT+CIPSEND=0,5\r", "|> ")
        uart.then("again", "|DATA ACCEPT:0,5|")
        await socket.send("again")
        await played(uart)
        await modem.stop()
    })

    test("reconnect gives up when the time is over", async () => {
        const { uart, modem, socket } = await connected(64)
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,0,0||OK|")
        uart.say("|0, CLOSED|")
        expect(await socket.recv(5000)).toBe(null)
        uart.then(
            'AT+CIPSTART=0,"TCP","116.228.221.51",8500\r',
            "|OK||0, CONNECT FAIL|"
        )
        await refused(
            async () => await socket.reconnect(500),
            Failure.ConnectFailed,
            "tcp://116.228.221.51:8500"
        )
        await played(uart)
        await modem.stop()
    })

    test("reconnect() by onclose, whose first try fails, is called once", async () => {
        const { uart, modem } = await started({})
        const open = 'AT+CIPSTART=0,"TCP","1.2.3.4",80\r'
        uart.then(open, "|OK||0, CONNECT OK|")
        const socket = await modem.connect({ host: "1.2.3.4", port: 80 })
        let calls = 0
        let done = 0
        socket.onclose.subscribe(async () => {
            // stop() is an end, too
            if (!modem.status().phase) return
            calls++
            await socket.reconnect(60000)
            done++
        })
        uart.then("AT+CIPRXGET=2,0,1460\r", "|ERROR|")
        uart.then("AT+CIPRXGET=2,0,1460\r", "|ERROR|")
        uart.then(open, "|OK||0, CONNECT FAIL|")
        uart.then(open, "|OK||0, CONNECT OK|")
        uart.say("|0, CLOSED|")
        for (let t = 0; t < 5000 && done === 0; t += 50) await ds.sleep(50)
        await ds.sleep(300)
        expect(calls).toBe(1)
        expect(done).toBe(1)
        expect(uart.mistake).toBe("")
        await modem.stop()
    })
})
