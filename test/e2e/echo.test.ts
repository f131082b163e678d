/** Data through VM, driver, UART at 115200 baud, modem and TCP, and back. */
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { results, tcpServer } from "./program"

test("100,000 bytes through one socket, 20,000 through each of six, manual and push", async () => {
    const server = await tcpServer(socket => socket.pipe(socket))
    const lines = await results("test/e2e/firmware/echo.ts", {
        network: new HostNetwork({
            map: [`echo.example:7=localhost:${server.port}`],
        }),
    })
    server.close()
    expect(lines.map(line => line.replace(/, \d+ ms/, ""))).toEqual([
        "manual 1 x 100000: identical, 0 overruns",
        "manual 6 x 20000: identical, 0 overruns",
        "push 1 x 100000: identical, 0 overruns",
        "push 6 x 20000: identical, 0 overruns",
    ])
})
