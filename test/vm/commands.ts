/** Commands of the application, and what is made of them. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import {
    acknowledged,
    acknowledgement,
    command,
    connectionStatus,
    Failure,
    resolve,
    setNameServers,
} from "../../src/index"
import { Bench, played, refused, started } from "./scripted"

async function connected(bench: Bench) {
    bench.uart.then(
        'AT+CIPSTART=0,"TCP","116.228.221.51",8500\r',
        "|OK||0, CONNECT OK|"
    )
    return await bench.modem.connect({ host: "116.228.221.51", port: 8500 })
}

describe("command", () => {
    test("gives the information lines", async () => {
        const { uart, modem } = await started({ chunk: 7 })
        uart.then("AT+CBC\r", "|+CBC: 0,62,3900||OK|")
        const lines = await command(modem, "AT+CBC")
        expect(lines.length).toBe(1)
        expect(lines[0]).toBe("+CBC: 0,62,3900")
        uart.then("AT+GSV\r", "|SIMCOM_Ltd|SIMCOM_SIM800H|Revision: 1308||OK|")
        const three = await command(modem, "AT+GSV")
        expect(three.length).toBe(3)
        expect(three[1]).toBe("SIMCOM_SIM800H")
        uart.then("AT+CLTS=1\r", "|OK|")
        expect((await command(modem, "AT+CLTS=1")).length).toBe(0)
        await played(uart)
        await modem.stop()
    })

    test("says what the modem has against it", async () => {
        const { uart, modem } = await started({})
        uart.then("AT+CUSD=1\r", "|+CME ERROR: 3|")
        await refused(
            async () => await command(modem, "AT+CUSD=1"),
            Failure.CommandRefused,
            "AT+CUSD=1: +CME ERROR: 3, operation not allowed"
        )
        uart.then("AT+NONE\r", "|ERROR|")
        await refused(
            async () => await command(modem, "AT+NONE"),
            Failure.CommandRefused,
            "AT+NONE: ERROR"
        )
        await played(uart)
        await modem.stop()
    })

    test("two fibers take turns", async () => {
        const { uart, modem } = await started({})
        let first = ""
        const other = async () => {
            first = (await command(modem, "AT+CGSN"))[0]
        }
        uart.then("AT+CCID\r", "|898600810906F8048812||OK|")
        uart.then("AT+CGSN\r", "|867010032343809||OK|")
        other.start()
        const second = (await command(modem, "AT+CCID"))[0]
        await played(uart)
        await ds.sleep(50)
        expect(first).toBe("867010032343809")
        expect(second).toBe("898600810906F8048812")
        await modem.stop()
    })

    test("is not confused by what happens to a connection meanwhile", async () => {
        const { uart, modem } = await started({})
        const socket = await connected({ uart, modem })
        uart.then("AT+CBC\r", "|+CIPRXGET: 1,0||+CBC: 0,62,3900||OK|")
        uart.then("AT+CIPRXGET=2,0,1460\r", "|+CIPRXGET: 2,0,2,0|OK|OK|")
        const lines = await command(modem, "AT+CBC")
        expect(lines.length).toBe(1)
        expect(lines[0]).toBe("+CBC: 0,62,3900")
        expect((await socket.recv(5000)).toString()).toBe("OK")
        await played(uart)
        await modem.stop()
    })
})

describe("resolve", () => {
    test("gives the addresses behind OK", async () => {
        const { uart, modem } = await started({})
        uart.then(
            'AT+CDNSGIP="www.baidu.com"\r',
            '|OK||+CDNSGIP: 1,"www.baidu.com","119.75.218.77","119.75.217.56"|'
        )
        const two = await resolve(modem, "www.baidu.com")
        expect(two.join(" ")).toBe("119.75.218.77 119.75.217.56")
        uart.then(
            'AT+CDNSGIP="example.com"\r',
            '|OK||+CDNSGIP: 1,"example.com","93.184.216.34"|'
        )
        const one = await resolve(modem, "example.com")
        expect(one.join(" ")).toBe("93.184.216.34")
        await played(uart)
        await modem.stop()
    })

    test("says that there is none", async () => {
        const { uart, modem } = await started({})
        uart.then('AT+CDNSGIP="nobody.example"\r', "|OK||+CDNSGIP: 0,8|")
        await refused(
            async () => await resolve(modem, "nobody.example"),
            Failure.NotResolved,
            "resolve nobody.example"
        )
        uart.then('AT+CDNSGIP="a.example"\r', "|+CME ERROR: 3|")
        await refused(
            async () => await resolve(modem, "a.example"),
            Failure.CommandRefused,
            '"a.example"'
        )
        await played(uart)
        await modem.stop()
    })

    test("asks the name servers that were set", async () => {
        const { uart, modem } = await started({})
        uart.then('AT+CDNSCFG="8.8.8.8","8.8.4.4"\r', "|OK|")
        await setNameServers(modem, "8.8.8.8", "8.8.4.4")
        uart.then('AT+CDNSCFG="1.1.1.1"\r', "|OK|")
        await setNameServers(modem, "1.1.1.1")
        await played(uart)
        await modem.stop()
    })
})

describe("resolve, disturbed", () => {
    test("another line, and the answer to a question that was given up", async () => {
        const { uart, modem } = await started({})
        const ask = 'AT+CDNSGIP="b.example"\r'
        uart.then(
            ask,
            '|+CIEV: 10,"26003","Orange","Orange", 0, 0||*X: "x","y"||OK||+CDNSGIP: 1,"a.example","10.0.0.1"|'
        )
        uart.then(ask, '|OK||+CDNSGIP: 1,"B.example","10.0.0.2"|')
        const addresses = await resolve(modem, "b.example")
        expect(addresses.join(" ")).toBe("10.0.0.2")
        await played(uart)
        await modem.stop()
    })

    test("a modem that writes the name its own way", async () => {
        const { uart, modem } = await started({})
        for (let i = 0; i < 2; i++)
            uart.then(
                'AT+CDNSGIP="b.example"\r',
                '|OK||+CDNSGIP: 1,"b.example.","10.0.0.2"|'
            )
        const addresses = await resolve(modem, "b.example")
        expect(addresses.join(" ")).toBe("10.0.0.2")
        await played(uart)
        await modem.stop()
    })
})

describe("acknowledgement", () => {
    test("counts, and waits for the last byte", async () => {
        const { uart, modem } = await started({})
        const socket = await connected({ uart, modem })
        uart.then("AT+CIPACK=0\r", "|*X: 1,2||+CIPACK: 12,4,8||OK|")
        const ack = await acknowledgement(modem, socket)
        expect(ack.sent).toBe(12)
        expect(ack.acknowledged).toBe(4)
        expect(ack.outstanding).toBe(8)
        uart.then("AT+CIPACK=0\r", "|+CIPACK: 12, 8, 4||OK|")
        uart.then("AT+CIPACK=0\r", "|+CIPACK: 12,12,0||OK|")
        await acknowledged(modem, socket, 5000)
        await played(uart)
        uart.then("AT+CIPACK=0\r", "|+CIPACK: 12,4,8||OK|")
        uart.then("AT+CIPACK=0\r", "|+CIPACK: 12,4,8||OK|")
        await refused(
            async () => await acknowledged(modem, socket, 300),
            Failure.Timeout,
            "tcp://116.228.221.51:8500"
        )
        await played(uart)
        await modem.stop()
    })

    test("a single connection has no number", async () => {
        const { uart, modem } = await started({ single: true })
        uart.then('AT+CIPSTART="TCP","example.com",80\r', "|OK||CONNECT OK|")
        const socket = await modem.connect({ host: "example.com", port: 80 })
        uart.then("AT+CIPACK\r", "|+CIPACK: 12,12,0||OK|")
        expect((await acknowledgement(modem, socket)).acknowledged).toBe(12)
        await played(uart)
        await modem.stop()
    })
})

describe("connectionStatus", () => {
    test("reads all lines", async () => {
        const { uart, modem } = await started({ chunk: 9 })
        uart.then(
            "AT+CIPSTATUS\r",
            '|OK||STATE: IP PROCESSING||S: 0,0,"8888","LISTENING"|' +
                'C: 0,0,"TCP","116.228.221.51","8500","CONNECTED"|' +
                'C: 1,1,"UDP","10.0.0.1","7","REMOTE CLOSING"|' +
                'C: 2,,"","","","INITIAL"|C: 3,,"","","","INITIAL"|' +
                'C: 4,,"","","","INITIAL"|C: 5,,"","","","INITIAL"|'
        )
        const status = await connectionStatus(modem)
        expect(status.state).toBe("IP PROCESSING")
        expect(status.server).toBe("LISTENING")
        expect(status.connections.length).toBe(2)
        const second = status.connections[1]
        expect(second.id).toBe(1)
        expect(second.context).toBe(1)
        expect(second.proto).toBe("UDP")
        expect(second.address).toBe("10.0.0.1")
        expect(second.port).toBe(7)
        expect(second.state).toBe("REMOTE CLOSING")
        await played(uart)
        await modem.stop()
    })

    test("reads the state of a single connection", async () => {
        const { uart, modem } = await started({ single: true })
        uart.then("AT+CIPSTATUS\r", "|OK||STATE: IP STATUS|")
        const status = await connectionStatus(modem)
        expect(status.state).toBe("IP STATUS")
        expect(status.server).toBe(undefined)
        expect(status.connections.length).toBe(0)
        await played(uart)
        await modem.stop()
    })
})
