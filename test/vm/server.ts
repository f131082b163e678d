/** The TCP server of the modem. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { Failure, listen, Socket, TcpServer } from "../../src/index"
import { attach, Bench, played, refused, started } from "./scripted"

interface Listening extends Bench {
    server: TcpServer
}

async function listening(): Promise<Listening> {
    const { uart, modem } = await started({ sockets: 6 })
    uart.then("AT+CIPSERVER=1,8888\r", "|OK||SERVER OK|")
    const server = await listen(modem, { port: 8888 })
    return { uart, modem, server }
}

describe("listen", () => {
    test("accepts peers, and talks to them", async () => {
        const { uart, modem, server } = await listening()
        expect(server.listening()).toBe(true)
        expect(server.port).toBe(8888)
        expect(modem.status().ipState).toBe("IP PROCESSING")
        expect(await server.accept(20)).toBe(undefined)
        uart.say("|0, REMOTE IP: 10.76.40.73|")
        uart.say("|1, REMOTE IP: 10.76.40.74|")
        const first = await server.accept(5000)
        const second = await server.accept(5000)
        expect(first.name).toBe("peer 10.76.40.73")
        expect(first.id()).toBe(0)
        expect(second.name).toBe("peer 10.76.40.74")
        expect(second.id()).toBe(1)
        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 1,1460||OK|")
        uart.then("AT+CIPSEND=1,2\r", "|> ")
        uart.then("hi", "|DATA ACCEPT:1,2|")
        await second.send("hi")
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,5,0|hello|OK|")
        uart.say("|+CIPRXGET: 1,0|")
        expect((await first.recv(5000)).toString()).toBe("hello")
        await played(uart)
        await modem.stop()
    })

    test("accepts while somebody waits, without a limit", async () => {
        const { uart, modem, server } = await listening()
        let peer: Socket
        const waiter = async () => {
            peer = await server.accept()
        }
        waiter.start()
        await ds.sleep(50)
        expect(peer).toBe(undefined)
        uart.say("|0, REMOTE IP: 10.76.40.73|")
        await ds.sleep(200)
        expect(peer.name).toBe("peer 10.76.40.73")
        await modem.stop()
    })

    test("closes: who was accepted stays, who was not goes", async () => {
        const { uart, modem, server } = await listening()
        uart.say("|0, REMOTE IP: 10.76.40.73|")
        const peer = await server.accept(5000)
        uart.say("|1, REMOTE IP: 10.76.40.74|")
        await ds.sleep(100)
        let ended: Socket = peer
        const waiter = async () => {
            ended = await server.accept()
            if (ended) ended = await server.accept()
        }
        waiter.start()
        await ds.sleep(50)
        // the waiting fiber has the second peer; a third one has nobody
        uart.say("|2, REMOTE IP: 10.76.40.75|")
        await ds.sleep(100)
        expect(ended.name).toBe("peer 10.76.40.75")
        uart.say("|3, REMOTE IP: 10.76.40.76|")
        await ds.sleep(100)
        uart.then("AT+CIPCLOSE=3\r", "|3, CLOSE OK|")
        uart.then("AT+CIPSERVER=0\r", "|OK||SERVER CLOSE|")
        await server.close()
        expect(server.listening()).toBe(false)
        await played(uart)
        expect(await server.accept(5000)).toBe(null)
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,5,0|still|OK|")
        uart.say("|+CIPRXGET: 1,0|")
        expect((await peer.recv(5000)).toString()).toBe("still")
        await server.close()
        await played(uart)
        await modem.stop()
    })

    test("a client beside it takes a number from the other end", async () => {
        const { uart, modem } = await listening()
        uart.then(
            'AT+CIPSTART=5,"TCP","example.com",80\r',
            "|OK||5, CONNECT OK|"
        )
        const client = await modem.connect({ host: "example.com", port: 80 })
        expect(client.id()).toBe(5)
        await played(uart)
        await modem.stop()
    })

    test("says what the modem has against it, and can be tried again", async () => {
        const { uart, modem } = await started({ sockets: 6 })
        uart.then("AT+CIPSERVER=1,80\r", "|+CME ERROR: 3|")
        await refused(
            async () => await listen(modem, { port: 80 }),
            Failure.ServerRefused,
            "port 80: "
        )
        await played(uart)
        uart.then("AT+CIPSERVER=1,81\r", "|OK||SERVER OK|")
        const server = await listen(modem, { port: 81 })
        expect(server.listening()).toBe(true)
        await played(uart)
        await modem.stop()
    })

    test("listens again after the context was lost", async () => {
        const { uart, modem, server } = await listening()
        attach(uart, {}, "10.78.245.129")
        uart.then("AT+CIPSERVER=1,8888\r", "|OK||SERVER OK|")
        uart.say("|+PDP: DEACT|")
        await played(uart)
        await ds.sleep(50)
        expect(server.listening()).toBe(true)
        uart.say("|0, REMOTE IP: 10.76.40.73|")
        expect((await server.accept(5000)).id()).toBe(0)
        await modem.stop()
    })

    test("with a single connection, has one peer", async () => {
        const { uart, modem } = await started({ single: true })
        uart.then("AT+CIPSERVER=1,8888\r", "|OK||SERVER OK|")
        const server = await listen(modem, { port: 8888 })
        expect(modem.status().ipState).toBe("SERVER LISTENING")
        uart.say("|REMOTE IP: 10.78.103.220|")
        const peer = await server.accept(5000)
        expect(peer.name).toBe("peer 10.78.103.220")
        uart.then("AT+CIPSEND?\r", "|+CIPSEND: 1460||OK|")
        uart.then("AT+CIPSEND=4\r", "|> ")
        uart.then("test", "|DATA ACCEPT:4|")
        await peer.send("test")
        await played(uart)
        await modem.stop()
    })

    test("refuses ports, too few sockets, a second server", async () => {
        const few = await started({ sockets: 2 })
        await refused(
            async () => await listen(few.modem, { port: 8888 }),
            Failure.BadArgument,
            '"sockets"'
        )
        await played(few.uart)
        await few.modem.stop()
        const { uart, modem } = await listening()
        await refused(
            async () => await listen(modem, { port: 70000 }),
            Failure.BadArgument,
            '"port": 70000'
        )
        await refused(
            async () => await listen(modem, { port: 9999 }),
            Failure.Busy,
            "port 9999"
        )
        await played(uart)
        await modem.stop()
        await refused(
            async () => await listen(modem, { port: 8888 }),
            Failure.NotStarted,
            "port 8888"
        )
    })
})
