/** UDP: datagrams stay whole, and have senders and destinations. */
import { describe, expect, test } from "@devicescript/test"
import { Failure, openUdp } from "../../src/index"
import { played, refused, Setup, started } from "./scripted"

const PUSH: Setup = { push: true, sockets: 1 }

/** A socket with one peer, in manual mode. */
async function connected() {
    const { uart, modem } = await started({})
    uart.then(
        'AT+CIPSTART=0,"UDP","116.228.221.51",9600\r',
        "|OK||0, CONNECT OK|"
    )
    const socket = await modem.connect({
        host: "116.228.221.51",
        port: 9600,
        proto: "udp",
    })
    return { uart, modem, socket }
}

/** A socket in extended mode, on port 5000. */
async function opened() {
    const { uart, modem } = await started(PUSH)
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

describe("connect with proto udp", () => {
    test("sends and receives whole datagrams", async () => {
        const { uart, modem, socket } = await connected()
        expect(socket.name).toBe("udp://116.228.221.51:9600")
        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
        uart.then("AT+CIPSEND=0,8\r", "|> ")
        uart.then("UDP test", "|DATA ACCEPT:0,8|")
        await socket.send("UDP test")
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,3,2|one|OK|")
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,2,0|II|OK|")
        uart.say("|+CIPRXGET: 1,0|")
        expect((await socket.recv(5000)).toString()).toBe("one")
        expect((await socket.recv(5000)).toString()).toBe("II")
        expect(await socket.recv(20)).toBe(undefined)
        await played(uart)
        await modem.stop()
    })

    test("leaves a datagram where it is if the buffer is too small", async () => {
        const { uart, modem, socket } = await connected()
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,6,0|abcdef|OK|")
        uart.say("|+CIPRXGET: 1,0|")
        const small = Buffer.alloc(5)
        await refused(
            async () => await socket.recvInto(small, 5000),
            Failure.BadArgument,
            "udp://116.228.221.51:9600"
        )
        const buf = Buffer.alloc(6)
        expect(await socket.recvInto(buf, 5000)).toBe(6)
        expect(buf.toString()).toBe("abcdef")
        expect(await socket.recvInto(buf, 20)).toBe(-1)
        await played(uart)
        await modem.stop()
    })

    test("sets the local port", async () => {
        const { uart, modem } = await started({})
        uart.then('AT+CLPORT=0,"UDP",5000\r', "|OK|")
        uart.then(
            'AT+CIPSTART=0,"UDP","example.com",53\r',
            "|OK||0, CONNECT OK|"
        )
        await modem.connect({
            host: "example.com",
            port: 53,
            proto: "udp",
            localPort: 5000,
        })
        await played(uart)
        await modem.stop()
    })
})

describe("openUdp", () => {
    test("tells who has sent a datagram", async () => {
        const { uart, modem, socket } = await opened()
        uart.say("|+RECEIVE,0,5,10.76.40.73:5678:|first|")
        uart.say("|+RECEIVE,0,6,10.76.40.74:65535:|second|")
        const first = await socket.recvFrom(5000)
        expect(first.data.toString()).toBe("first")
        expect(first.address).toBe("10.76.40.73")
        expect(first.port).toBe(5678)
        const second = await socket.recvFrom(5000)
        expect(second.data.toString()).toBe("second")
        expect(second.address).toBe("10.76.40.74")
        expect(second.port).toBe(65535)
        expect(await socket.recvFrom(20)).toBe(undefined)
        await played(uart)
        await modem.stop()
    })

    test("sends to whom it is told, and says so once", async () => {
        const { uart, modem, socket } = await opened()
        uart.then('AT+CIPUDPMODE=0,2,"10.0.0.2",9\r', "|OK|")
        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
        uart.then("AT+CIPSEND=0,3\r", "|> ")
        uart.then("two", "|DATA ACCEPT:0,3|")
        await socket.sendTo("two", "10.0.0.2", 9)
        uart.then("AT+CIPSEND=0,5\r", "|> ")
        uart.then("again", "|DATA ACCEPT:0,5|")
        await socket.sendTo(Buffer.from("again"), "10.0.0.2", 9)
        uart.then('AT+CIPUDPMODE=0,2,"10.0.0.2",10\r', "|OK|")
        uart.then("AT+CIPSEND=0,4\r", "|> ")
        uart.then("port", "|DATA ACCEPT:0,4|")
        await socket.sendTo("port", "10.0.0.2", 10)
        await played(uart)
        await modem.stop()
    })

    test("answers the sender of a datagram", async () => {
        const { uart, modem, socket } = await opened()
        uart.say("|+RECEIVE,0,4,10.76.40.73:5678:|ping|")
        const got = await socket.recvFrom(5000)
        uart.then('AT+CIPUDPMODE=0,2,"10.76.40.73",5678\r', "|OK|")
        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 0,1460||OK|")
        uart.then("AT+CIPSEND=0,4\r", "|> ")
        uart.then("pong", "|DATA ACCEPT:0,4|")
        await socket.sendTo("pong", got.address, got.port)
        await played(uart)
        await socket.close()
        await refused(
            async () => await socket.sendTo("x", "10.0.0.2", 9),
            Failure.ClosedHere,
            "udp://10.0.0.1:7"
        )
        await modem.stop()
    })
})
