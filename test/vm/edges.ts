/** What happens at the edges: closing, stopping, refusals, several fibers. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import {
    acknowledgement,
    command,
    Context,
    Failure,
    listen,
    openUdp,
    setNameServers,
    Sim800,
} from "../../src/index"
import {
    bench,
    failing,
    optionsFor,
    played,
    refused,
    ScriptedUart,
    started,
} from "./scripted"

async function udp() {
    const { uart, modem } = await started({ push: true })
    uart.then('AT+CLPORT=0,"UDP",5000\r', "|OK|")
    uart.then("AT+CIPSRIP=1\r", "|OK|")
    uart.then("AT+CIPUDPMODE=0,1\r", "|OK|")
    uart.then('AT+CIPSTART=0,"UDP","10.0.0.1",7\r', "|OK||0, CONNECT OK|")
    const socket = await openUdp(modem, {
        localPort: 5000,
        host: "10.0.0.1",
        port: 7,
    })
    return { uart, modem, socket }
}
async function tcp() {
    const { uart, modem } = await started({})
    uart.then('AT+CIPSTART=0,"TCP","example.com",80\r', "|OK||0, CONNECT OK|")
    const socket = await modem.connect({ host: "example.com", port: 80 })
    return { uart, modem, socket }
}
async function within(ms: number, f: () => Promise<void>) {
    let over = false
    const fiber = async () => {
        await f()
        over = true
    }
    fiber.start()
    for (let t = 0; t < ms && !over; t += 50) await ds.sleep(50)
    if (!over) throw new Error("it hangs")
}

describe("Edges", () => {
    test("close is told to the modem at once", async () => {
        const { uart, modem, socket } = await udp()
        await ds.sleep(50)
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        await socket.close()
        await played(uart)
        await modem.stop()
    })

    test("sendTo does not redirect another fiber's datagram", async () => {
        const { uart, modem, socket } = await udp()
        uart.then('AT+CIPUDPMODE=0,2,"10.0.0.2",9\r', "|OK|")
        uart.then("AT+CIPSEND?\r", "")
        const first = async () => {
            try {
                await socket.sendTo("one", "10.0.0.2", 9)
            } catch (e) {
                ;(e as Error).print()
            }
        }
        first.start()
        await ds.sleep(100)
        await refused(
            async () => await socket.sendTo("two", "10.0.0.3", 9),
            Failure.Busy,
            "send"
        )
        uart.then("AT+CIPSEND=0,3\r", "|> ")
        uart.then("one", "|DATA ACCEPT:0,3|")
        uart.say("|+CIPSEND: 0,1460||OK|")
        await played(uart)
        await modem.stop()
    })

    test("accept ends when the modem is stopped", async () => {
        const { uart, modem } = await started({ sockets: 6 })
        uart.then("AT+CIPSERVER=1,8888\r", "|OK||SERVER OK|")
        const server = await listen(modem, { port: 8888 })
        let ended: unknown = "not yet"
        const one = async () => {
            ended = await server.accept()
        }
        one.start()
        await ds.sleep(50)
        await modem.stop()
        await ds.sleep(500)
        expect(ended).toBe(null)
    })

    test("a command ends when the modem is stopped", async () => {
        const { uart, modem } = await started({})
        uart.then("AT+CBC\r", "")
        let failure: Failure = Failure.None
        const one = async () => {
            failure = (
                await failing(async () => await command(modem, "AT+CBC"))
            ).failure
        }
        one.start()
        await ds.sleep(100)
        await modem.stop()
        await ds.sleep(500)
        expect<Failure>(failure).toBe(Failure.Stopped)
    })

    test("own commands in disguise", async () => {
        const { uart, modem } = await started({})
        uart.then("AT+CBC;+CIPSHUT\r", "|OK|")
        await refused(
            async () => await command(modem, "AT+CBC;+CIPSHUT"),
            Failure.BadArgument,
            "AT+CIP"
        )
        await modem.stop()
    })

    test("own commands in small letters", async () => {
        const { uart, modem } = await started({})
        uart.then("AT+cipshut\r", "|OK|")
        await refused(
            async () => await command(modem, "AT+cipshut"),
            Failure.BadArgument,
            "AT+CIP"
        )
        await modem.stop()
    })

    test("acknowledgement of a closed socket", async () => {
        const { uart, modem, socket } = await tcp()
        await socket.close()
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        uart.then("AT+CIPACK=0\r", "|+CIPACK: 0,0,0||OK|")
        await refused(
            async () => await acknowledgement(modem, socket),
            Failure.ClosedHere,
            "example.com"
        )
        await modem.stop()
    })

    test("onclose once", async () => {
        const { uart, modem, socket } = await tcp()
        let closed = 0
        socket.onclose.subscribe(() => {
            closed++
        })
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,0,0||OK|")
        uart.say("|0, CLOSED|")
        expect(await socket.recv(5000)).toBe(null)
        await ds.sleep(50)
        await socket.close()
        await ds.sleep(50)
        expect(closed).toBe(1)
        await modem.stop()
    })

    test("reconnect takes no longer than it may", async () => {
        const { uart, modem, socket } = await tcp()
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,0,0||OK|")
        uart.say("|0, CLOSED|")
        expect(await socket.recv(5000)).toBe(null)
        uart.then('AT+CIPSTART=0,"TCP","example.com",80\r', "|OK|")
        await within(2500, async () => {
            await failing(async () => await socket.reconnect(1000))
        })
        await modem.stop()
    })

    test("fractions", async () => {
        const uart = new ScriptedUart()
        const options = optionsFor(uart, {})
        options.framing = 1.5
        await refused(
            async () => {
                new Sim800(options)
            },
            Failure.BadArgument,
            "framing"
        )
    })

    test("name servers that are no addresses", async () => {
        const { uart, modem } = await started({})
        uart.then('AT+CDNSCFG="dns.google"\r', "|OK|")
        await refused(
            async () => await setNameServers(modem, "dns.google"),
            Failure.BadArgument,
            "dns.google"
        )
        await modem.stop()
    })

    test("connections in a context that is not open", async () => {
        const { modem } = bench({ secondContext: true })
        new Context(modem)
        await modem.start()
        const other = async () => {
            await ds.sleep(2000)
            await modem.stop()
        }
        other.start()
        await refused(
            async () =>
                await modem.connect({ host: "x", port: 80, context: 1 }),
            Failure.BadArgument,
            '"context": 1'
        )
    })
})
