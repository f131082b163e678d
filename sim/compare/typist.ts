/** Types command lines into a modem and listens, in real time or in a clock's. */
import { MemoryNetwork } from "../modem/memory-network"
import { VirtualClock } from "../modem/clock"
import { VirtualSim800 } from "../modem/modem"
import type { ModemOptions } from "../modem/options"
import type { BytePipe } from "../modem/uart"
import { textOf } from "../modem/bytes"

/** Poll interval of the response, ms. */
const LOOK_MS = 5

/** A modem, and time that passes at it. */
export interface TypedModem {
    readonly dte: BytePipe
    now(): number
    pass(ms: number): Promise<void>
    /** Its UART can have another rate. */
    setBaud?(rate: number): void
}

/** A modem's response to a line. */
export interface Heard {
    readonly text: string
    /** from the line to the end of the answer, ms */
    readonly ms: number
    /** whether the response is complete */
    readonly ended: boolean
}

export class Typist {
    private heard = ""

    constructor(private readonly modem: TypedModem) {
        modem.dte.onData = bytes => (this.heard += textOf(bytes))
    }

    /**
     * Types, and listens until the answer has its end and silence follows.
     * @param end what ends the answer
     * @param limit how long the end is waited for, ms
     * @param silence how long nothing more must come, ms
     */
    async type(
        line: string,
        end: RegExp,
        limit: number,
        silence: number
    ): Promise<Heard> {
        const { modem } = this
        this.heard = ""
        const at = modem.now()
        modem.dte.write(Buffer.from(line, "latin1"))
        while (!end.test(this.heard) && modem.now() - at < limit)
            await modem.pass(LOOK_MS)
        const ms = modem.now() - at
        const ended = end.test(this.heard)
        let length = -1
        while (length !== this.heard.length) {
            length = this.heard.length
            await modem.pass(silence)
        }
        return { text: this.heard, ms, ended }
    }

    pass(ms: number): Promise<void> {
        return this.modem.pass(ms)
    }
}

/** Where the virtual modem finds the server that echoes. */
const SERVER = "198.18.0.7"

/** A virtual modem that has booted, on a clock of its own. */
export function virtualModem(
    options: ModemOptions,
    echo: { host: string; port: number }
): TypedModem & { readonly modem: VirtualSim800; dispose(): void } {
    const clock = new VirtualClock()
    const network = new MemoryNetwork(clock)
    const isAddress = /^[\d.]+$/.test(echo.host)
    const address = isAddress ? echo.host : SERVER
    network.echo(address, echo.port)
    network.udp(address, DISCARD)
    network.refuse(address, REFUSING)
    if (!isAddress) network.name(echo.host, address)
    const modem = new VirtualSim800({
        stored: { baud: 115200 },
        ...options,
        clock,
        network,
    })
    modem.powerOn()
    clock.advance(60_000)
    return {
        modem,
        dte: modem.dte,
        now: () => clock.now(),
        pass: ms => {
            clock.advance(ms)
            return Promise.resolve()
        },
        dispose: () => modem.dispose(),
    }
}

/** Ports of the server beside the echo: RFC 863, and a closed one. */
export const DISCARD = 9
export const REFUSING = 1
