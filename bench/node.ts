/**
 * Costs of the telemetry node (src/examples/node.ts): its code, and, at work in the VM,
 * bytes on the air and wakes of the modem in a minute, and the free heap after two.
 */
import http from "node:http"
import net, { type AddressInfo } from "node:net"
import { Aedes } from "aedes"
import { HostNetwork } from "../sim/host/network"
import { Simulator } from "../simulator/simulator"
import { build } from "../simulator/vm/firmware"
import { tcpServer } from "../test/e2e/program"
import { CODE_LIMIT, sizes } from "./bytecode"
import { NODE, nodeOnBridge } from "./node-bridge"
import { figure, type Part, type Row } from "./part"
import { OUT_OF_MEMORY } from "./vm-heap"

/** The window: batches come each 15 s, none when it ends. */
const SECONDS = 55
/** What TCP and IP put around each segment, and to open and close a connection. */
const HEADER = 40
const CONNECTION = 7 * HEADER
/** a segment, and its acknowledgement */
const SEGMENT = 2 * HEADER

/** Bytes and segments both ways, and connections. */
class Count {
    bytes = 0
    segments = 0
    connections = 0

    watch(socket: net.Socket): void {
        this.connections++
        const { write } = socket
        const count = (n: number): void => {
            this.bytes += n
            this.segments++
        }
        socket.on("data", data => count(data.length))
        socket.write = ((...all: Parameters<typeof write>) => {
            count(Buffer.from(all[0] as string | Buffer).length)
            return write.apply(socket, all)
        }) as typeof write
    }

    onAir(): number {
        return (
            this.bytes + this.segments * SEGMENT + this.connections * CONNECTION
        )
    }
}

async function run(): Promise<Row[]> {
    const broker = await Aedes.createBroker()
    const mqtt = new Count()
    const web = new Count()
    let readings = 0
    broker.on("publish", ({ topic }) => {
        if (topic === "node/7/reading") readings++
    })
    const relay = await tcpServer(socket => {
        mqtt.watch(socket)
        broker.handle(socket)
    })
    let posted = 0
    const server = http.createServer((request, response) => {
        let body = ""
        request.on("data", data => (body += String(data)))
        request.on("end", () => {
            posted += body.trim().split("\n").length
            response.end()
        })
    })
    server.on("connection", socket => web.watch(socket))
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    const { port } = server.address() as AddressInfo
    const { compiled, optimized } = await sizes(NODE)
    const bridge = await sizes(nodeOnBridge())
    const program = await build("bench/firmware/node-heap.ts")
    const simulator = await Simulator.open({
        delays: "fast",
        network: new HostNetwork({
            map: [
                `web.example:80=localhost:${port}`,
                `broker.example:1883=localhost:${relay.port}`,
            ],
        }),
    })
    let wakes = 0
    simulator.modem.onTransition = (subject, _, to) => {
        if (subject === "sleep" && to === "awake") wakes++
    }
    let death = ""
    let heap = 0
    try {
        simulator.run(
            program,
            ({ text }) => {
                heap = Number(/^HEAP (\d+)$/.exec(text)?.[1] ?? heap)
            },
            reason => (death = reason)
        )
        simulator.modem.powerOn()
        while (readings === 0 && !death)
            await new Promise(done => setTimeout(done, 100))
        const air = (): number[] => [
            mqtt.onAir(),
            web.onAir(),
            wakes,
            readings,
            posted,
        ]
        const before = air()
        await new Promise(done => setTimeout(done, 1000 * SECONDS))
        if (death) throw new Error(death)
        const after = air()
        while (!death) await new Promise(done => setTimeout(done, 100))
        if (!death.includes(OUT_OF_MEMORY)) throw new Error(death)
        const [byMqtt, byHttp, woken, count, inBatches] = after.map(
            (value, i) => value - before[i]
        )
        return [
            figure("interval", SECONDS / count, "s"),
            figure("a reading by MQTT", byMqtt / count, "bytes on the air"),
            figure(
                "a reading by HTTP, in batches",
                byHttp / inBatches,
                "bytes on the air"
            ),
            figure("wakes of the modem", (woken * 3600) / SECONDS, "an hour"),
            figure("code as compiled", compiled.codeEnd, "bytes"),
            figure("code, optimised", optimized.codeEnd, "bytes"),
            figure("code left", CODE_LIMIT - optimized.codeEnd, "bytes"),
            figure(
                "code on a bridge, optimised",
                bridge.optimized.codeEnd,
                "bytes"
            ),
            figure(
                "code left on a bridge",
                CODE_LIMIT - bridge.optimized.codeEnd,
                "bytes"
            ),
            figure("heap left", heap, "bytes"),
        ]
    } finally {
        await simulator.close()
        server.closeAllConnections()
        server.close()
        relay.close()
        broker.close()
    }
}

export const part: Part = {
    title: "the telemetry node, in real time: payload, and what TCP and IP put around it",
    run,
}
