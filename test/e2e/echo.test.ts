/** Data through VM, driver, UART at 115200 baud, modem and TCP, and back. */
import net from "node:net"
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { Simulator } from "../../simulator/simulator"
import { build } from "../../simulator/vm/firmware"

async function echoServer(): Promise<net.Server> {
    const server = net.createServer(socket => {
        socket.on("error", () => undefined)
        socket.pipe(socket)
    })
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    return server
}

test("100,000 bytes through one socket, 20,000 through each of six, manual and push", async () => {
    const program = await build("test/e2e/firmware/echo.ts")
    const server = await echoServer()
    const { port } = server.address() as net.AddressInfo
    const simulator = await Simulator.open({
        network: new HostNetwork({ map: [`echo.example:7=localhost:${port}`] }),
        delays: "fast",
    })
    const results: string[] = []
    try {
        await new Promise<void>((resolve, reject) => {
            simulator.run(
                program,
                ({ text }) => {
                    if (text === "RESULT end") resolve()
                    else if (text.startsWith("RESULT ")) {
                        console.log(text)
                        results.push(text.replace(/, \d+ ms/, ""))
                    }
                },
                reason => reject(new Error(reason))
            )
            simulator.modem.powerOn()
        })
    } finally {
        await simulator.close()
        server.close()
    }
    expect(results).toEqual([
        "RESULT manual 1 x 100000: identical, 0 overruns",
        "RESULT manual 6 x 20000: identical, 0 overruns",
        "RESULT push 1 x 100000: identical, 0 overruns",
        "RESULT push 6 x 20000: identical, 0 overruns",
    ])
})
