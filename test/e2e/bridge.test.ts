/** The port for real boards in the VM, on the model of its chip. */
import { expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { results, tcpServer } from "./program"

test("10 kB there and back through an SC16IS7xx that misses a transaction now and then", async () => {
    const server = await tcpServer(socket => socket.pipe(socket))
    const network = new HostNetwork({
        map: [`echo.example:7=localhost:${server.port}`],
    })
    try {
        expect(
            await results("test/e2e/firmware/bridge.ts", { network })
        ).toEqual(["identical", "0 overruns, 0 lost", "missed true, resets 0"])
    } finally {
        server.close()
    }
})
