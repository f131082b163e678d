import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { connect, fetch, Socket } from "@devicescript/net"
import { Network, Sim800, useAsNetwork } from "../../src/index"
import { attach, failing, played, ScriptedUart, started } from "./scripted"

const START = 'AT+CIPSTART=0,"TCP","a.example",80\r'
const UP = "|OK||0, CONNECT OK|"
const READ = "AT+CIPRXGET=2,0,1460\r"

/** What the runtime has. */
interface Runtime {
    _socketOpen: unknown
    _socketWrite(data: Buffer | string): number
    _socketClose: unknown
}
const runtime = ds as unknown as Runtime

interface Bench {
    uart: ScriptedUart
    modem: Sim800
    network: Network
}

/** A test with a modem that is started, and stopped whatever happens. */
function testOver(
    name: string,
    sockets: number,
    job: (b: Bench) => Promise<void>
) {
    test(name, async () => {
        const { uart, modem } = await started({ sockets })
        const network = useAsNetwork(modem)
        try {
            await job({ uart, modem, network })
            if (network.current) uart.then("AT+CIPCLOSE=0,1\r", "|0, CLOSE OK|")
            network.stop()
            await played(uart)
        } finally {
            network.stop()
            await modem.stop()
        }
    })
}

/** A connection of the package. */
async function opened(uart: ScriptedUart): Promise<Socket> {
    uart.then(START, UP)
    return await connect({ host: "a.example", port: 80 })
}

/** @param then what the modem says behind it */
function willSend(uart: ScriptedUart, data: string, then?: string) {
    uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
    uart.then(`AT+CIPSEND=0,${data.length}\r`, "|> ")
    uart.then(data, `|DATA ACCEPT:0,${data.length}|${then || ""}`)
}

/** The modem hands out `data`, of which `left` bytes stay there. */
function willSay(uart: ScriptedUart, data: string, left: number) {
    uart.then(READ, `|+CIPRXGET: 2,0,${data.length},${left}|${data}|OK|`)
}

describe("useAsNetwork", () => {
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
