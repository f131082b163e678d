/** Ways to a modem that is not in this process. */

/** Lines that a transport carries beside the data. */
export interface CarriedLines {
    readonly dtr: boolean
    /** RTS, and CTS with it */
    readonly rts: boolean
    readonly dcd: boolean
    readonly ri: boolean
}

/** Data and nothing else. */
export const NO_LINES: CarriedLines = {
    dtr: false,
    rts: false,
    dcd: false,
    ri: false,
}

export interface CarrierEvents {
    data(bytes: Uint8Array): void
    /** Lines of the modem; lines that are not carried are omitted. */
    lines(lines: {
        cts?: boolean
        dsr?: boolean
        dcd?: boolean
        ri?: boolean
    }): void
    /** It is over: unplugged, closed, cut. */
    gone(reason: string): void
}

/** A connection to a modem. */
export interface Carrier {
    readonly carries: CarriedLines
    write(bytes: Uint8Array): void
    /** Bytes that have not been handed over yet. */
    readonly pending: number
    setBaud(baud: number): void
    setDtr(low: boolean): void
    setRts(ready: boolean): void
    close(): void
}

/** It cannot be had; the message says why and what to do. */
export class CarrierError extends Error {
    override readonly name = "CarrierError"
}

/**
 * Makes a connection.
 * @throws CarrierError
 */
export type Connect = (baud: number, events: CarrierEvents) => Promise<Carrier>

/** `/dev/ttyUSB0`, `COM5`, `tcp://host:port`, `rfc2217://host:port`. */
export interface Address {
    readonly kind: "serial" | "tcp" | "rfc2217"
    readonly host: string
    readonly port: number
    /** of a serial port */
    readonly path: string
}

/** @throws CarrierError if it is none */
export function parseAddress(text: string): Address {
    const url = /^(tcp|rfc2217):\/\/(\[[^\]]+\]|[^:/]+):(\d+)\/?$/.exec(text)
    if (url !== null) {
        const port = Number(url[3])
        if (port >= 1 && port <= 65535)
            return {
                kind: url[1] as "tcp" | "rfc2217",
                host: url[2].replace(/^\[|\]$/g, ""),
                port,
                path: "",
            }
    }
    if (text === "" || text.includes("://"))
        throw new CarrierError(
            `"${text}" is no modem: a serial port (/dev/ttyUSB0, COM5), tcp://host:port or rfc2217://host:port is expected`
        )
    return { kind: "serial", host: "", port: 0, path: text }
}
