/**
 * The self-test in the simulator: simulator/bridge/selftest.ts in DeviceScript's VM,
 * a virtual SIM800, and an echo server on this machine.
 */
import net from "node:net"
import type { AddressInfo } from "node:net"
import { HostNetwork } from "../sim/host/network"
import type { ModemOptions } from "../sim/modem/options"
import type { TraceListener } from "../sim/modem/trace"
import { corrupt, type SelfTestFault } from "./selftest-faults"
import { Simulator } from "./simulator"

/** The program; `build()` compiles it. */
export const SELF_TEST = "simulator/bridge/selftest.ts"
/** The server that it wants. */
const SERVER = "echo.example:7"
/** Within this it has to be through, ms. */
const TIMEOUT = 900_000

export interface SelfTestRun {
    /** what is wrong */
    readonly fault?: SelfTestFault
    readonly delays?: ModemOptions["delays"]
    /** the report is TAP */
    readonly tap?: boolean
    /** told of each line of the report */
    readonly onLine: (line: string) => void
    /** told of the traffic between chip and modem */
    readonly onTraffic?: TraceListener
}

/** Sends back what it gets, as far as the fault lets it. */
async function serve(kind: SelfTestFault["server"]) {
    const sockets = new Set<net.Socket>()
    const server = net.createServer(socket => {
        sockets.add(socket)
        let before = 0
        socket.on("error", () => undefined)
        socket.on("data", data => {
            socket.write(kind === "corrupt" ? corrupt(data, before) : data)
            before += data.length
        })
    })
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject)
        server.listen(0, "127.0.0.1", resolve)
    })
    const { port } = server.address() as AddressInfo
    const close = (): void => {
        server.close()
        for (const socket of sockets) socket.destroy()
    }
    if (kind === "refuse") close()
    return { port, close }
}

/**
 * Runs {@link SELF_TEST}.
 * @param program compiles it
 * @returns whether it has passed
 * @throws if it does not come to its end
 */
export async function runSelfTest(
    program: () => Promise<string>,
    { fault = { step: "", summary: "" }, delays, tap, ...told }: SelfTestRun
): Promise<boolean> {
    const server = await serve(fault.server)
    const target = `127.0.0.1:${server.port}`
    const network = new HostNetwork({
        map: fault.nameless ? [] : [`${SERVER}=${target}`],
    })
    const { program: words = "" } = fault
    try {
        const simulator = await Simulator.open(
            { network, delays },
            fault,
            `virtual SIM800 ${words}${tap ? " tap" : ""}`
        )
        try {
            // a bus that cannot be had is told before the program is compiled
            const compiled = await program()
            if (told.onTraffic) simulator.station.probe.listen(told.onTraffic)
            return await new Promise<boolean>((resolve, reject) => {
                const late = setTimeout(
                    () => reject(new Error("the self-test does not end")),
                    TIMEOUT
                )
                simulator.run(
                    compiled,
                    ({ level, text }) => {
                        const end = /^self-test (passed|failed)$/.exec(text)
                        if (end) {
                            clearTimeout(late)
                            resolve(end[1] === "passed")
                        } else if (level === "log") told.onLine(text)
                    },
                    reason => {
                        clearTimeout(late)
                        reject(new Error(reason))
                    }
                )
                if (!fault.off) simulator.modem.powerOn()
            })
        } finally {
            await simulator.close()
        }
    } finally {
        server.close()
    }
}
