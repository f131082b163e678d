/**
 * A UDP port in extended mode (application note 2.1.4): datagrams from and to any
 * address.
 */
import { Kind } from "../core/arguments"
import { Reception } from "../core/config"
import type { DgramOptions } from "./api"
import { bad, check, checkObject } from "./errors"
import { Sim800 } from "./modem"
import { Socket } from "./socket"

declare module "./modem" {
    interface Sim800 {
        dgram(options: DgramOptions): Socket
    }
}

Sim800.prototype.dgram = function (this: Sim800, options: DgramOptions) {
    checkObject("options", options)
    if (this.core.config.reception !== Reception.Push)
        throw bad(
            "receive",
            'the sender of a datagram is told with "push" only'
        )
    check("localPort", Kind.Whole, options.localPort, 1, 65535)
    const socket = new Socket(
        this,
        {
            proto: "udp",
            host: options.host,
            port: options.port,
            localPort: options.localPort,
            timeout: options.timeout,
        },
        true
    )
    socket.open()
    return socket
}
