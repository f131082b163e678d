/** Application note 3.1, 4, 5, 6.5, 9, 11 and 12 in the VM, with real sockets. */
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { results, tcpServer, udpPort } from "./program"

/** Says what it is told, "bye" apart, and "later" later. */
const echoServer = () =>
    tcpServer(socket =>
        socket.on("data", data => {
            const text = data.toString()
            if (text === "bye") socket.end()
            else if (text === "later")
                setTimeout(() => socket.write("woken by data"), 3000)
            else socket.write(text)
        })
    )

test("six connections, two contexts, names", async () => {
    const echo = await echoServer()
    const udp = await udpPort((data, peer, port) =>
        port.send(data, peer.port, peer.address)
    )
    const lines = await results("test/e2e/firmware/multi.ts", {
        network: new HostNetwork({
            map: [
                `echo.example:7@198.18.0.7=localhost:${echo.port}`,
                `udp.example:9600=localhost:${udp.address().port}`,
            ],
        }),
    })
    echo.close()
    udp.close()
    expect(lines).toEqual([
        "names: 198.18.0.7",
        "unknown: resolve no.such.example: the name is not known: check it, and the name servers (AT+CDNSCFG) (modem: +CDNSGIP: 0,8)",
        "answers: number 0, number 1, number 2, number 3, number 4, number 5, ",
        'seventh: connect tcp://echo.example:7: all connections are in use (six, five beside a server, or what the option "sockets" allows): close one',
        "0: context 0, TCP CONNECTED",
        "1: context 0, UDP CONNECTED",
        "2: context 0, TCP CONNECTED",
        "3: context 0, UDP CONNECTED",
        "4: context 1, TCP CONNECTED",
        "5: context 1, UDP CONNECTED",
        "acknowledged: 8 sent, 0 outstanding",
        "second context: send tcp://echo.example:7: the socket has been closed",
        "first: still there",
        "reconnected: again",
    ])
})

test("sleep: woken by what is sent, and by what comes", async () => {
    const echo = await echoServer()
    const asleep: boolean[] = []
    const lines = await results(
        "test/e2e/firmware/sleep.ts",
        {
            network: new HostNetwork({
                map: [`echo.example:7=localhost:${echo.port}`],
            }),
        },
        (text, { modem }) => {
            if (text === "ASLEEP?") asleep.push(modem.asleep)
        }
    )
    echo.close()
    expect(lines).toEqual([
        "sleep: woken by DTR, woken by data, +CBC: 0,62,3900",
    ])
    expect(asleep).toEqual([true, true])
})

test("an access point that is refused until the modem is reset", async () => {
    let starts = 0
    const lines = await results(
        "test/e2e/firmware/ladder.ts",
        {
            operator: {
                acceptsContext: apn => apn !== "refused" || starts > 1,
            },
        },
        () => {},
        ({ modem }) => {
            modem.onTransition = (subject, _, to) => {
                if (subject === "power" && to === "on") starts++
            }
        }
    )
    expect(lines).toEqual(["ladder:  1 reset, true"])
})
