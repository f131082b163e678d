/** Application note 2.1 and 2.2 in the VM, with real sockets. */
import net from "node:net"
import { expect, test } from "vitest"
import { hostNetwork, results, tcpServer, udpPort } from "./program"

/** What the programs talk to, and who talks to them. */
async function surroundings() {
    const echo = await tcpServer(socket =>
        socket.on("data", data => {
            if (data.toString() === "bye") socket.end("\r\nCLOSED\r\nbye")
            else socket.write(data)
        })
    )
    const told = { answer: "", from: 0 }
    const udp = await udpPort((data, peer, port) => {
        told.from = peer.port
        port.send(`${data.toString()}?`, peer.port, peer.address)
    })
    const { network, at } = hostNetwork(
        [1234, 2020],
        [
            `echo.example:7=localhost:${echo.port}`,
            `udp.example:9600=localhost:${udp.address().port}`,
        ]
    )
    /** A client of the program's server. */
    const visit = (): void => {
        const peer = net.connect(at(1234), "127.0.0.1", () =>
            peer.write("hello server\n")
        )
        peer.on("data", data => {
            told.answer += data.toString()
            peer.end()
        })
    }
    const close = (): void => {
        echo.close()
        udp.close()
    }
    return { network, at, told, visit, close }
}

test("client, UDP client, server", async () => {
    const { network, at, told, visit, close } = await surroundings()
    const lines = await results(
        "test/e2e/firmware/single.ts",
        { network },
        text => {
            if (text === "LISTENING") visit()
        }
    )
    close()
    expect(lines).toEqual([
        "manual: 2000 bytes, 0 wrong, CONNECT OK, TCP CLOSED",
        "push, Ctrl-Z: 2000 bytes, 0 wrong, CONNECT OK, TCP CLOSED",
        "hex, timer: 2000 bytes, 0 wrong, CONNECT OK, TCP CLOSED",
        "plain, lazy: 2000 bytes, 0 wrong, CONNECT OK, TCP CLOSED",
        "udp: SIM800 UDP test?",
        "server: hello server, true, SERVER LISTENING",
    ])
    expect(told.answer).toBe("hello client\n")
    expect(told.from).toBe(at(2020))
})

test("transparent mode: UDP client, server, client with a call and a message", async () => {
    const { network, told, visit, close } = await surroundings()
    const lines = await results(
        "test/e2e/firmware/transparent.ts",
        { network },
        (text, { modem }) => {
            if (text === "LISTENING") visit()
            else if (text === "CALL") {
                modem.receiveMessage({ from: "+123", text: "hello" })
                modem.call("+456")
            }
        }
    )
    close()
    expect(lines).toEqual([
        "transparent UDP, server: transparent UDP?, hello server, true, true",
        "transparent: 3000 bytes, 0 wrong; 3000 bytes, 0 wrong; |CLOSED|bye",
        "phone: +456, +123: hello",
        "data mode: false, DCD true and false, TCP CLOSED",
    ])
    expect(told.answer).toBe("hello client\n")
})
