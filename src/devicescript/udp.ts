import * as ds from "@devicescript/core"
import { Kind } from "../core/arguments"
import { SEGMENT } from "../core/link/connection"
import { Reception } from "../core/config"
import { Failure } from "../core/errors"
import { bad, check, checkAddress, checkModem } from "./arguments"
import { CONNECT_TIMEOUT } from "./sim800"
import type { ConnectOptions, Sim800 } from "./sim800"
import { Socket } from "./socket"

export interface UdpOptions {
    /** local port, 1–65535 */
    localPort: number
    /** destination of `send()`: a dotted address or name */
    host: string
    port: number
    /** in ms, default 120000 */
    timeout?: number
}

/** A datagram and its sender. */
export interface Datagram {
    data: Buffer
    /** dotted */
    address: string
    port: number
}

/**
 * A UDP port of the modem: datagrams from and to any address.
 * @devsWhenUsed
 */
export class UdpSocket extends Socket {
    private toHost = ""
    private toPort = 0
    /** the use of the connection with that destination */
    private toUse = -1

    /**
     * Sends a datagram of 1–1460 bytes. Throws a `Sim800Error`.
     * @param host dotted address; `resolve()` finds those of a name
     * @param timeout in ms
     */
    async sendTo(
        data: Buffer | string,
        host: string,
        port: number,
        timeout?: number
    ): Promise<void> {
        checkAddress("host", host)
        check("port", Kind.Whole, port, 1, 65535)
        check("data", Kind.Bytes, data)
        if (data.length < 1 || data.length > SEGMENT)
            throw bad("data", `a datagram has 1–${SEGMENT} bytes`)
        this.check("send")
        // the destination of the other fiber's data must not change
        if (this.writer) throw this.error("send", Failure.Busy)
        const link = this.link
        const use = link.generation
        if (
            host !== this.toHost ||
            port !== this.toPort ||
            use !== this.toUse
        ) {
            this.toHost = host
            this.toPort = port
            this.toUse = use
            link.host = host
            link.target = port
            link.retarget = true
        }
        await this.send(data, timeout)
    }

    /**
     * Waits for a datagram. Throws a `Sim800Error` when the socket is lost.
     * @param timeout in ms; without it, as long as the socket lives
     * @returns the datagram and its sender; `undefined` when the time is over
     */
    async recvFrom(timeout?: number): Promise<Datagram> {
        if (!(await this.readable(timeout))) return undefined
        const data = this.take()
        if (!data) return undefined
        const a = this.link.address
        return {
            data,
            address: `${a[0]}.${a[1]}.${a[2]}.${a[3]}`,
            port: this.link.senderPort,
        }
    }
}

/**
 * Opens a UDP port in extended mode (application note 2.1.4). The modem reports the
 * sender of a datagram only with pushed data: use `receive: "push"`. Throws a
 * `Sim800Error`.
 */
export async function openUdp(
    modem: Sim800,
    options: UdpOptions
): Promise<UdpSocket> {
    checkModem(modem)
    check("options", Kind.Object, options)
    if (modem.core.config.reception !== Reception.Push)
        throw bad(
            "receive",
            'the sender of a datagram is told with "push" only'
        )
    check("localPort", Kind.Whole, options.localPort, 1, 65535)
    const connect: ConnectOptions = {
        proto: "udp",
        host: options.host,
        port: options.port,
        localPort: options.localPort,
        timeout: options.timeout,
        extended: true,
    }
    const end = ds.millis() + (options.timeout || CONNECT_TIMEOUT)
    const link = await modem.open(connect, end)
    const socket = new UdpSocket(modem, link, connect)
    await modem.opened(socket, connect, end)
    return socket
}
