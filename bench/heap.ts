/** Heap of DeviceScript's VM, which has no gauge: programs that use it up. */
import { HostNetwork } from "../sim/host/network"
import { Simulator } from "../sim/simulator"
import { build } from "../sim/vm/firmware"
import { tcpServer } from "../test/e2e/program"

/** The VM has no memory left. */
const OUT_OF_MEMORY = "panic 60004"

/**
 * Runs a program until it has used up the heap.
 * @param bytes behind so many the echo server closes a connection
 * @returns what the program has said last of it
 */
export async function heapLeft(
    program: string,
    bytes = Infinity
): Promise<number> {
    const image = await build(program)
    const server = await tcpServer(socket => {
        let left = bytes
        if (left === 0) socket.end()
        socket.on("data", data => {
            left -= data.length
            if (socket.writable) socket.write(data)
            if (left <= 0) socket.end()
        })
    })
    const network = new HostNetwork({
        map: [`echo.example:7=localhost:${server.port}`],
    })
    const simulator = await Simulator.open({ delays: "fast", network })
    let left = 0
    try {
        const end = await new Promise<string>(resolve => {
            simulator.run(
                image,
                ({ text }) => {
                    const heap = /^HEAP (\d+)$/.exec(text)
                    if (heap) left = Number(heap[1])
                },
                resolve
            )
            simulator.modem.powerOn()
        })
        if (!end.includes(OUT_OF_MEMORY) || left === 0) throw new Error(end)
    } finally {
        await simulator.close()
        server.close()
    }
    return left
}
