/** Calls that can not be: each is refused by name, and the modem hears nothing. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import {
    command,
    ConnectOptions,
    Failure,
    openUdp,
    resolve,
    Sim800,
    Socket,
    UdpOptions,
} from "../../src/index"
import { bench, played, refused, ScriptedUart, started } from "./scripted"

async function open(uart: ScriptedUart, modem: Sim800, id: number) {
    uart.then(
        `AT+CIPSTART=${id},"TCP","example.com",80\r`,
        `|OK||${id}, CONNECT OK|`
    )
    return await modem.connect({ host: "example.com", port: 80 })
}

function repeated(text: string, n: number): string {
    let result = ""
    while (result.length < n) result += text
    return result
}

describe("connect", () => {
    test("refuses arguments", async () => {
        const { uart, modem } = await started({})
        async function wrong(options: ConnectOptions, naming: string) {
            await refused(
                async () => await modem.connect(options),
                Failure.BadArgument,
                naming
            )
        }
        await wrong({ host: "x", port: 70000 }, '"port": 70000')
        await wrong({ host: "x", port: 0 }, '"port": 0')
        await wrong({ host: "x", port: 80.5 }, '"port": 80.5')
        await wrong({ host: "http://a.example/", port: 80 }, '"host"')
        await wrong({ host: "a b", port: 80 }, '"host"')
        await wrong({ host: "", port: 80 }, '"host"')
        await wrong({ host: 'x",1\r', port: 80 }, '"host"')
        await wrong({ host: repeated("x", 256), port: 80 }, '"host"')
        await wrong(
            { host: "x", port: 80, localPort: 70000 },
            '"localPort": 70000'
        )
        await wrong({ host: "x", port: 80, context: 1 }, '"context": 1')
        await wrong({ host: "x", port: 80, context: 2 }, '"context": 2')
        await wrong({ host: "x", port: 80, proto: "sctp" as "tcp" }, '"proto"')
        await played(uart)
        // the modem's one connection is still free
        await open(uart, modem, 0)
        await played(uart)
        await modem.stop()
    })

    test("refuses one socket too many", async () => {
        const { uart, modem } = await started({ sockets: 6 })
        for (let id = 0; id < 6; id++) await open(uart, modem, id)
        await refused(
            async () => await modem.connect({ host: "seventh.com", port: 80 }),
            Failure.NoFreeConnection,
            "tcp://seventh.com:80"
        )
        await played(uart)
        await modem.stop()
    })

    test("refuses before start, and after stop", async () => {
        const { uart, modem } = bench({})
        await refused(
            async () => await modem.connect({ host: "example.com", port: 80 }),
            Failure.NotStarted,
            "tcp://example.com:80"
        )
        await refused(
            async () => await command(modem, "AT+CBC"),
            Failure.NotStarted,
            "AT+CBC"
        )
        expect(uart.mistake).toBe("")
        await modem.start()
        await modem.stop()
        await refused(
            async () => await modem.connect({ host: "example.com", port: 80 }),
            Failure.NotStarted,
            "tcp://example.com:80"
        )
        await played(uart)
    })

    test("refuses UDP with a receive buffer that holds no datagram", async () => {
        const uart = new ScriptedUart()
        const modem = new Sim800({ uart, apn: "x", receiveBuffer: 1024 })
        await refused(
            async () =>
                await modem.connect({ host: "x", port: 7, proto: "udp" }),
            Failure.BadArgument,
            '"receiveBuffer"'
        )
    })
})

describe("Socket", () => {
    test("refuses to send when it is closed", async () => {
        const { uart, modem } = await started({})
        const socket = await open(uart, modem, 0)
        uart.then("AT+CIPCLOSE=0\r", "|0, CLOSE OK|")
        await socket.close()
        await refused(
            async () => await socket.send("x"),
            Failure.ClosedHere,
            "tcp://example.com:80"
        )
        expect(await socket.recv()).toBe(null)
        await socket.close()
        expect(uart.mistake).toBe("")
        await modem.stop()
    })

    test("refuses a second reader and a second writer", async () => {
        const { uart, modem } = await started({})
        const socket = await open(uart, modem, 0)
        let got = ""
        const reader = async () => {
            got = (await socket.recv(5000)).toString()
        }
        reader.start()
        await ds.sleep(20)
        await refused(
            async () => await socket.recv(5000),
            Failure.Busy,
            "receive tcp://example.com:80"
        )
        await refused(
            async () => await socket.readLine(5000),
            Failure.Busy,
            "receive tcp://example.com:80"
        )
        await played(uart)
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,2,0|me|OK|")
        uart.say("|+CIPRXGET: 1,0|")
        await ds.sleep(200)
        expect(got).toBe("me")

        // no answer yet: the first writer waits
        uart.then("AT+CIPSEND?\r", "")
        const writer = async () => await socket.send("first")
        writer.start()
        await ds.sleep(50)
        await refused(
            async () => await socket.send("second"),
            Failure.Busy,
            "send tcp://example.com:80"
        )
        uart.then("AT+CIPSEND=0,5\r", "|> ")
        uart.then("first", "|DATA ACCEPT:0,5|")
        uart.say("|+CIPSEND: 0,1460||OK|")
        await played(uart)
        await modem.stop()
    })

    test("refuses datagrams of no and of too many bytes", async () => {
        const { uart, modem } = await started({})
        uart.then('AT+CIPSTART=0,"UDP","10.0.0.1",7\r', "|OK||0, CONNECT OK|")
        const socket = await modem.connect({
            host: "10.0.0.1",
            port: 7,
            proto: "udp",
        })
        async function wrong(size: number) {
            await refused(
                async () => await socket.send(Buffer.alloc(size)),
                Failure.BadArgument,
                "send udp://10.0.0.1:7"
            )
        }
        await wrong(0)
        await wrong(1461)
        await played(uart)
        await modem.stop()
    })

    test("reconnect refuses to open before start", async () => {
        const { uart, modem } = await started({})
        const socket: Socket = await open(uart, modem, 0)
        await modem.stop()
        await refused(
            async () => await socket.reconnect(100),
            Failure.NotStarted,
            "reconnect tcp://example.com:80"
        )
        await played(uart)
    })
})

describe("openUdp", () => {
    test("refuses options", async () => {
        const manual = await started({})
        const peer: UdpOptions = { localPort: 5000, host: "10.0.0.1", port: 7 }
        await refused(
            async () => await openUdp(manual.modem, peer),
            Failure.BadArgument,
            '"receive"'
        )
        await played(manual.uart)
        await manual.modem.stop()
        const { uart, modem } = await started({ push: true })
        async function wrong(localPort: number) {
            await refused(
                async () => await openUdp(modem, { ...peer, localPort }),
                Failure.BadArgument,
                `"localPort": ${localPort}`
            )
        }
        await wrong(0)
        await wrong(70000)
        await played(uart)
        await modem.stop()
    })

    test("sendTo refuses names, ports and sizes", async () => {
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
        async function wrong(
            data: Buffer,
            host: string,
            port: number,
            naming: string
        ) {
            await refused(
                async () => await socket.sendTo(data, host, port),
                Failure.BadArgument,
                naming
            )
        }
        const data = Buffer.alloc(1)
        await wrong(data, "example.com", 7, '"example.com"')
        await wrong(data, "10.0.0.256", 7, '"10.0.0.256"')
        await wrong(data, "10.0.1", 7, '"10.0.1"')
        await wrong(data, "10.0.0.1", 0, '"port": 0')
        await wrong(data, "10.0.0.1", 70000, '"port": 70000')
        await wrong(Buffer.alloc(0), "10.0.0.1", 7, '"data"')
        await wrong(Buffer.alloc(1461), "10.0.0.1", 7, '"data"')
        await played(uart)
        await modem.stop()
    })
})

describe("command", () => {
    test("refuses what is not the application's, and what is no command", async () => {
        const { uart, modem } = await started({})
        async function wrong(line: string, naming: string) {
            await refused(
                async () => await command(modem, line),
                Failure.BadArgument,
                naming
            )
        }
        await wrong("AT+CIPSHUT", "AT+CIP")
        await wrong('AT+CIPSTART=1,"TCP","x",1', "AT+CIP")
        await wrong("AT+CFUN=1,1", "AT+CFUN")
        await wrong("ATE1", "ATE")
        await wrong("AT&F", "AT&")
        await wrong("AT+CBC\rAT+CPOWD=1", '"line"')
        await wrong("AT+CBC\r", '"line"')
        await wrong("CBC", '"line"')
        await wrong("AT+" + repeated("X", 288), "290")
        await refused(
            async () => await resolve(modem, "a b"),
            Failure.BadArgument,
            '"host"'
        )
        await played(uart)
        await modem.stop()
    })
})
