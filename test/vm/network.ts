import { describe, expect } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { fetch } from "@devicescript/net"
import { bodyOf } from "../../src/index"
import { failing, played } from "./scripted"
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

describe("data over useAsNetwork", () => {
    testOver("connects, sends, receives, closes", 1, async ({ uart }) => {
        const socket = await opened(uart)
        willSend(uart, "hello\r\n")
        await socket.send("hello\r\n")
        await played(uart)
        willSay(uart, "one\r\ntwo", 0)
        uart.say("|+CIPRXGET: 1,0|")
        expect(await socket.readLine()).toBe("one")
        const rest = await socket.recv(1000)
        expect(rest.toString()).toBe("two")
        expect(await socket.recv(20)).toBe(undefined)
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        await socket.close()
    })

    testOver("posts a body that is made part by part", 1, async ({ uart }) => {
        const part = async (at: number) => (at < 10 ? "0123456789" : "abc")
        const header =
            "POST /x HTTP/1.1\r\nuser-agent: DeviceScript fetch()\r\naccept: */*\r\nhost: a.example\r\nconnection: close\r\ncontent-length: 13\r\n\r\n"
        uart.then(START, UP)
        willSend(uart, header + "0123456789abc", "|+CIPRXGET: 1,0|")
        willSay(uart, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0)
        const method = "POST"
        const response = await fetch("http://a.example/x", {
            method,
            body: bodyOf(13, part),
        })
        expect(response.status).toBe(200)
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        await response.close()
        // one that is not as long as it should be
        uart.then(START, UP)
        willSend(uart, header.split("13").join("12") + "0123456789")
        const e = await failing(
            async () =>
                await fetch("http://a.example/x", {
                    method,
                    body: bodyOf(12, part),
                })
        )
        expect(e.message).toBe('argument "body": 3 bytes behind 10 of 12')
        await played(uart)
    })

    testOver("a body of the smallest parts", 1, async ({ uart, network }) => {
        uart.then(START, UP)
        // and nothing more: they fill the buffer at once
        uart.then("AT+CIPSEND?\r", "")
        let parts = 0
        const body = bodyOf(5000, async () => {
            parts++
            return "x"
        })
        let message = ""
        const post = async () => {
            const e = await failing(
                async () =>
                    await fetch("http://a.example/x", { method: "POST", body })
            )
            message = e.message
        }
        post.start()
        for (let t = 0; t < 20000 && parts < 1800; t += 50) await ds.sleep(50)
        expect(parts >= 1800).toBe(true)
        network.stop()
        await ds.sleep(100)
        expect(message).toBe(
            "send tcp://a.example:80: the data did not get through: the connection is lost, connect again"
        )
    })

    testOver("what is sent before close() is sent", 1, async ({ uart }) => {
        const socket = await opened(uart)
        willSend(uart, "last words")
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        await socket.send("last words")
        await socket.close()
        const e = await failing(async () => await socket.send("more"))
        expect(e.message.indexOf("old socket used") > 0).toBe(true)
    })

    testOver(
        "a string longer than the buffer waits for the modem",
        1,
        async ({ uart }) => {
            const socket = await opened(uart)
            let text = "0123456789abcdef"
            while (text.length < 4096) text += text
            // the first bytes go out while the rest is being taken
            uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
            let at = 0
            for (const n of [1460, 588, 1460, 588]) {
                uart.then(`AT+CIPSEND=0,${n}\r`, "|> ")
                uart.then(text.slice(at, at + n), `|DATA ACCEPT:0,${n}|`)
                at += n
            }
            await socket.send(text)
            await played(uart)
        }
    )

    testOver("data of any two fibers stay whole", 1, async ({ uart }) => {
        const socket = await opened(uart)
        let text = "0123456789abcdef"
        while (text.length < 2048) text += text
        let sent = 0
        const send = async (data: string) => {
            await socket.send(data)
            sent++
        }
        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
        const all = text + "x" + "yz"
        let at = 0
        for (const n of [1460, 588, 3]) {
            uart.then(`AT+CIPSEND=0,${n}\r`, "|> ")
            uart.then(all.slice(at, at + n), `|DATA ACCEPT:0,${n}|`)
            at += n
        }
        send.start(text + "x")
        send.start("yz")
        await played(uart)
        expect(sent).toBe(2)
    })

    testOver("a slow reader holds the modem up", 1, async ({ uart, modem }) => {
        const socket = await opened(uart)
        let told = 0
        socket.onmessage.subscribe(() => {
            told++
        })
        let text = "0123456789abcdef"
        while (text.length < 1024) text += text
        const all = text + text.slice(0, 436)
        willSay(uart, all, 3000)
        uart.say("|+CIPRXGET: 1,0|")
        await played(uart)
        await ds.sleep(300)
        // a piece has been handed over, and nobody has taken it
        expect(told).toBe(1)
        const first = await socket.recv()
        expect(first.length).toBe(256)
        expect(first.toString()).toBe(all.slice(0, 256))
        let got = ""
        // there is room for half a buffer again
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,3,0|end|OK|")
        while (got.length < all.length + 3 - 256)
            got += (await socket.recv(2000)).toString()
        expect(got).toBe(all.slice(256) + "end")
        expect(modem.status().timeouts).toBe(0)
    })

    testOver(
        "each event has data, and all data have an event",
        1,
        async ({ uart }) => {
            const socket = await opened(uart)
            let got = ""
            let calls = 0
            let last = ""
            // as the MQTT client does it
            socket.onmessage.subscribe(async () => {
                const data = await socket.recv()
                calls++
                last = data.toString()
                await ds.sleep(30)
                got += last
            })
            let text = "0123456789abcdef"
            while (text.length < 512) text += text
            const all = text + "!"
            willSay(uart, all, 1)
            willSay(uart, "?", 0)
            uart.say("|+CIPRXGET: 1,0|")
            for (let i = 0; i < 100 && got.length < 514; i++) await ds.sleep(20)
            expect(got).toBe(all + "?")
            expect(calls >= 3).toBe(true)
        }
    )

    testOver("the end comes behind the data", 1, async ({ uart }) => {
        const socket = await opened(uart)
        let closed = 0
        let errors = 0
        socket.onclose.subscribe(() => {
            closed++
        })
        socket.onerror.subscribe(() => {
            errors++
        })
        willSay(uart, "bye", 0)
        uart.say("|+CIPRXGET: 1,0||0, CLOSED|")
        await played(uart)
        await ds.sleep(100)
        expect(closed).toBe(0)
        expect((await socket.recv()).toString()).toBe("bye")
        expect(await socket.recv()).toBe(null)
        await ds.sleep(20)
        expect(closed).toBe(1)
        expect(errors).toBe(0)
        const e = await failing(async () => await socket.send("more"))
        expect(e.message.indexOf("old socket used") > 0).toBe(true)
    })

    testOver("a bare write takes all or nothing", 1, async ({ uart }) => {
        expect(runtime._socketWrite("a")).toBe(-2)
        const socket = await opened(uart)
        expect(runtime._socketWrite(Buffer.alloc(2049))).toBe(-1)
        willSend(uart, "abc")
        expect(runtime._socketWrite("abc")).toBe(0)
        await played(uart)
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        await socket.close()
    })
})
