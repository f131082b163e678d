/**
 * The self-test in the simulator: simulator/bridge/selftest.ts in DeviceScript's VM,
 * and a virtual SIM800 with an echo server on this machine, or another modem.
 */
import net from "node:net"
import type { AddressInfo } from "node:net"
import { HostNetwork } from "../sim/host/network"
import type { RealModem } from "../sim/adapter/real-modem"
import type { ModemOptions } from "../sim/modem/options"
import type { TraceListener } from "../sim/modem/trace"
import { corrupt, type SelfTestFault } from "./selftest-faults"
import { Simulator } from "./simulator"
import type { StartVm } from "./vm/firmware"

/** The program; `build()` compiles it. */
export const SELF_TEST = "simulator/bridge/selftest.ts"
/** The server behind the virtual modem. */
const SERVER = { host: "echo.example", port: 7 }
/** How long the test may take with the virtual modem, which is quick, and with another one, s. */
const LIMIT = 120
const OTHER_LIMIT = 300
/** Within this it has to be through, ms. */
const TIMEOUT = 900_000

/** Lines of a modem that may not be there. */
export const LINES = ["dtr", "rts", "dcd", "ri"] as const
export type LineName = (typeof LINES)[number]

/** A real modem, and the parameters of its SIM card and network. */
export interface OtherModem {
    /** It has to be open; its owner closes it. */
    readonly dte: RealModem
    /** Its name. */
    readonly name: string
    readonly apn: string
    readonly user?: string
    readonly password?: string
    readonly pin?: string
    /** A server that the modem can reach; without one that step is left out. */
    readonly echo?: { readonly host: string; readonly port: number }
    /** Lines that its transport has, but that are not wired. */
    readonly unwired?: readonly LineName[]
}

export interface SelfTestRun {
    /** the fault */
    readonly fault?: SelfTestFault
    readonly delays?: ModemOptions["delays"]
    /** the report is TAP */
    readonly tap?: boolean
    /** told of each line of the report */
    readonly onLine: (line: string) => void
    /** told of the traffic between chip and modem */
    readonly onTraffic?: TraceListener
    /** starts the program, by default in its own process */
    readonly vm?: StartVm
    /** in place of the virtual one; nothing can be wrong with it */
    readonly modem?: OtherModem
}

/** Echoes data, unless the fault prevents it. */
async function serve(kind: SelfTestFault["server"]) {
    const sockets = new Set<net.Socket>()
    const server = net.createServer({ noDelay: true }, socket => {
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

/** Parameters of the program in its connection's name, one word per line. */
function words(run: SelfTestRun): string {
    const { modem, fault, tap } = run
    const echo = modem ? modem.echo : SERVER
    const missing = modem
        ? LINES.filter(
              line => !modem.dte.carries[line] || modem.unwired?.includes(line)
          )
        : []
    const told = {
        apn: modem?.apn ?? "internet",
        user: modem?.user,
        password: modem?.password,
        pin: modem?.pin,
        host: echo?.host,
        port: echo?.port,
        limit: modem ? OTHER_LIMIT : LIMIT,
    }
    return [
        modem?.name ?? "virtual SIM800",
        ...(fault?.program ? [fault.program] : []),
        ...(tap ? ["tap"] : []),
        ...missing.map(line => `no-${line}`),
        ...Object.entries(told)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => `${name}=${value}`),
    ].join("\n")
}

/** @returns what ends it */
async function open(
    run: SelfTestRun
): Promise<{ simulator: Simulator; close: () => void }> {
    const { fault, delays, modem } = run
    const name = words(run)
    if (modem)
        return {
            simulator: await Simulator.around(modem.dte, name),
            close: () => undefined,
        }
    const { port, close } = await serve(fault?.server)
    const network = new HostNetwork({
        map: fault?.nameless
            ? []
            : [`${SERVER.host}:${SERVER.port}=127.0.0.1:${port}`],
    })
    try {
        const options = { network, delays }
        return { simulator: await Simulator.open(options, fault, name), close }
    } catch (error) {
        close()
        throw error
    }
}

/**
 * Runs {@link SELF_TEST}.
 * @param program compiles it
 * @returns whether it has passed
 * @throws if it does not come to its end
 */
export async function runSelfTest(
    program: () => Promise<string>,
    run: SelfTestRun
): Promise<boolean> {
    const { simulator, close } = await open(run)
    try {
        // a bus that cannot be had is told before the program is compiled
        const compiled = await program()
        if (run.onTraffic) simulator.station.probe.listen(run.onTraffic)
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
                    } else if (level === "log") run.onLine(text)
                },
                reason => {
                    clearTimeout(late)
                    reject(new Error(reason))
                },
                run.vm
            )
            if (!run.modem && !run.fault?.off) simulator.modem.powerOn()
        })
    } finally {
        await simulator.close()
        close()
    }
}
