/** Application note 2.1 and 2.2 in the VM, with real sockets. */
import net from "node:net"
import { expect, test } from "vitest"
import { hostNetwork, results, tcpServer, udpPort } from "./program"

test("client, UDP client, server, transparent mode", async () => {
    const echo = await tcpServer(socket =>
        socket.on("data", data => {
            if (data.toString() === "bye") socket.end("\r\nCLOSED\r\nbye")
            else socket.write(data)
        })
    )
    let from = 0
    const udp = await udpPort((data, peer, port) => {
        from = peer.port
        port.send(`${data.toString()}?`, peer.port, peer.address)
    })
    const { network, at } = hostNetwork(
        [1234, 2020],
        [
            `echo.example:7=localhost:${echo.port}`,
            `udp.example:9600=localhost:${udp.address().port}`,
        ]
    )
    let answer = ""
    const lines = await results(
        "test/e2e/firmware/single.ts",
        { network },
        (text, { modem }) => {
            if (text === "LISTENING") {
                const peer = net.connect(at(1234), "127.0.0.1", () =>
                    peer.write("hello server\n")
                )
                peer.on("data", data => {
                    answer += data.toString()
                    peer.end()
                })
            } else if (text === "CALL") {
                modem.receiveMessage({ from: "+123", text: "hello" })
                modem.call("+456")
            }
        }
    )
    echo.close()
    udp.close()
    expect(lines).toEqual([
        "manual: 2000 bytes, 0 wrong, CONNECT OK, TCP CLOSING",
        "push, Ctrl-Z: 2000 bytes, 0 wrong, CONNECT OK, TCP CLOSING",
        "hex, timer: 2000 bytes, 0 wrong, CONNECT OK, TCP CLOSING",
        "plain, lazy: 2000 bytes, 0 wrong, CONNECT OK, TCP CLOSING",
        "udp: SIM800 UDP test?",
        "server: hello server, true, SERVER LISTENING",
        "transparent UDP, server: transparent UDP?, hello server, true, true",
        "transparent: 3000 bytes, 0 wrong; 3000 bytes, 0 wrong; |CLOSED|bye",
        "phone: +456, +123: hello",
        "data mode: false, DCD true and false, TCP CLOSED",
    ])
    expect(answer).toBe("hello client\nhello client\n")
    expect(from).toBe(at(2020))
})
