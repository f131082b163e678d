import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { connect, fetch } from "@devicescript/net"
import { Sim800, useAsNetwork } from "../../src/index"
import { attach, failing, ScriptedUart } from "./scripted"
import {
    opened,
    START,
    testOver,
    UP,
    willSay,
    willSend,
} from "./scripted-network"

/** What the runtime has. */
interface Runtime {
    _socketOpen: unknown
    _socketWrite(data: Buffer | string): number
    _socketClose: unknown
}
const runtime = ds as unknown as Runtime

describe("connections of useAsNetwork, and their ends", () => {
    testOver("fetches", 1, async ({ uart }) => {
        uart.then(START, UP)
        willSend(
            uart,
            "GET /x HTTP/1.1\r\nuser-agent: DeviceScript fetch()\r\naccept: */*\r\nhost: a.example\r\nconnection: close\r\n\r\n",
            "|+CIPRXGET: 1,0|"
        )
        willSay(uart, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", 3)
        willSay(uart, "llo", 0)
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        const response = await fetch("http://a.example/x")
        expect(response.status).toBe(200)
        expect(await response.text()).toBe("hello")
    })

    testOver(
        "a lost context is an error for readers, and a close",
        1,
        async ({ uart, modem }) => {
            const socket = await opened(uart)
            let closed = 0
            let error = ""
            socket.onclose.subscribe(() => {
                closed++
            })
            socket.onerror.subscribe(e => {
                error = e.message
            })
            attach(uart, {}, "10.78.245.129")
            uart.say("|+PDP: DEACT|")
            // as a ping of the MQTT client at this moment
            await socket.send("ping")
            const e = await failing(async () => await socket.recv())
            expect(e.message).toBe(
                "socket tcp://a.example:80: the network has taken the PDP context away: the driver brings it up again, connect again"
            )
            await ds.sleep(20)
            expect(closed).toBe(1)
            expect(error.startsWith("the network has taken")).toBe(true)
            // the next one waits for the new context
            const again = await opened(uart)
            uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
            await again.close()
            expect(modem.status().address).toBe("10.78.245.129")
        }
    )

    testOver(
        "a peer that takes everything and gives nothing is dead",
        1,
        async ({ uart, network }) => {
            // milliseconds, for once
            ;(network as unknown as { silence: number }).silence = 400
            const socket = await opened(uart)
            let error = ""
            socket.onerror.subscribe(e => {
                error = e.message
            })
            // as long as nothing is sent, nothing need come
            await ds.sleep(600)
            willSend(uart, "ping", "|+CIPRXGET: 1,0|")
            willSay(uart, "pong", 0)
            await socket.send("ping")
            expect((await socket.recv()).toString()).toBe("pong")
            await ds.sleep(600)
            expect(error).toBe("")
            // the room is known by now
            uart.then("AT+CIPSEND=0,4\r", "|> ")
            uart.then("ping", "|DATA ACCEPT:0,4|")
            uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
            await socket.send("ping")
            const since = ds.millis()
            await failing(async () => await socket.recv())
            expect(ds.millis() - since >= 300).toBe(true)
            await ds.sleep(20)
            expect(error.indexOf("nothing has come back for") >= 0).toBe(true)
        }
    )

    testOver("a long send that breaks is an error", 1, async ({ uart }) => {
        const socket = await opened(uart)
        let text = "0123456789abcdef"
        while (text.length < 4096) text += text
        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
        uart.then("AT+CIPSEND=0,1460\r", "|> ")
        uart.then(text.slice(0, 1460), "|0, SEND FAIL|")
        uart.then(
            "AT+CIPSTATUS\r",
            '|OK||STATE: IP PROCESSING||C: 0,0,"TCP","1.2.3.4","80","CONNECTED"|C: 1,,"","","","INITIAL"|C: 2,,"","","","INITIAL"|C: 3,,"","","","INITIAL"|C: 4,,"","","","INITIAL"|C: 5,,"","","","INITIAL"|'
        )
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        const e = await failing(async () => await socket.send(text))
        expect(e.message.startsWith("send tcp://a.example:80: ")).toBe(true)
        const f = await failing(async () => await socket.recv())
        expect(f.message.indexOf("did not get through") > 0).toBe(true)
    })

    testOver("says why there is no connection", 1, async ({ uart }) => {
        uart.then(START, "|OK||0, CONNECT FAIL|")
        const e = await failing(async () => await fetch("http://a.example/"))
        expect(e.message).toBe(
            "socket tcp://a.example:80: no connection: check that host and port are right and reachable from the operator's network"
        )
    })

    testOver(
        "gives up in time, and says what was wrong",
        1,
        async ({ uart }) => {
            uart.then(START, "|OK|")
            uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
            const since = ds.millis()
            const e = await failing(
                async () =>
                    await connect({ host: "a.example", port: 80, timeout: 400 })
            )
            expect(ds.millis() - since < 600).toBe(true)
            expect(e.message.indexOf("no connection within") > 0).toBe(true)
        }
    )

    testOver(
        "a second connection replaces the first",
        2,
        async ({ uart, network }) => {
            uart.then(
                'AT+CIPSTART=0,"TCP","a.example",80\r',
                "|OK||0, CONNECT OK|"
            )
            const first = await connect({ host: "a.example", port: 80 })
            let closed = 0
            first.onclose.subscribe(() => {
                closed++
            })
            uart.then("AT+CIPCLOSE=0,1\r", "|0, CLOSE OK|")
            uart.then(
                'AT+CIPSTART=1,"TCP","b.example",81\r',
                "|OK||1, CONNECT OK|"
            )
            const second = await connect({ host: "b.example", port: 81 })
            const e = await failing(async () => await first.recv())
            expect(e.message.indexOf("terminated") > 0).toBe(true)
            expect(closed).toBe(1)
            uart.then(
                "AT+CIPRXGET=2,1,1460\r",
                "|+CIPRXGET: 2,1,6,0|second|OK|"
            )
            uart.say("|+CIPRXGET: 1,1|")
            expect((await second.recv(2000)).toString()).toBe("second")
            uart.then("AT+CIPCLOSE=1,1\r", "|1, CLOSE OK|")
            network.stop()
            const f = await failing(async () => await second.recv())
            expect(f.message.indexOf("not the network any more") > 0).toBe(true)
        }
    )

    testOver(
        "one that was replaced while all were in use is not opened later",
        1,
        async ({ uart, modem }) => {
            uart.then(
                'AT+CIPSTART=0,"TCP","c.example",82\r',
                "|OK||0, CONNECT OK|"
            )
            const other = await modem.connect({ host: "c.example", port: 82 })
            let gaveUp = false
            const first = async () => {
                await failing(
                    async () => await connect({ host: "b.example", port: 81 })
                )
                gaveUp = true
            }
            first.start()
            await ds.sleep(150)
            uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
            const closing = async () => {
                await ds.sleep(150)
                await other.close()
            }
            closing.start()
            const second = await opened(uart)
            uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
            await second.close()
            await ds.sleep(500)
            expect(gaveUp).toBe(true)
        }
    )

    testOver("TLS is what a negative port means", 1, async ({ uart }) => {
        uart.then("AT+SSLOPT=0,0\r", "|OK|")
        uart.then("AT+SSLOPT=1,0\r", "|OK|")
        uart.then("AT+CIPSSL=1\r", "|OK|")
        uart.then('AT+CIPSTART=0,"TCP","a.example",443\r', "|OK||0, CLOSE OK|")
        const e = await failing(async () => await fetch("https://a.example/"))
        expect(
            e.message.startsWith(
                "socket tls://a.example:443: there is a peer, but no TLS with it: check its certificate"
            )
        ).toBe(true)
        // a plain one is plain again
        uart.then("AT+CIPSSL=0\r", "|OK|")
        const socket = await opened(uart)
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        await socket.close()
    })

    test("wants a modem that has been started, and gives back what it took", async () => {
        const before = runtime._socketOpen
        const uart = new ScriptedUart()
        const modem = new Sim800({ uart, apn: "x", sockets: 1 })
        const network = useAsNetwork(modem)
        const e = await failing(
            async () => await connect({ host: "a.example", port: 80 })
        )
        expect(e.message).toBe(
            "socket tcp://a.example:80: the modem has not been started: await start() first"
        )
        expect(runtime._socketOpen === before).toBe(false)
        network.stop()
        expect(runtime._socketOpen === before).toBe(true)
        network.stop()
    })
})
