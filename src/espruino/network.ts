/**
 * The modem as the network of Espruino: `http`, `net`, `tls`, `dgram` and all modules
 * built on them use it. When idle, Espruino polls every socket for data.
 */
import { Failure } from "../core/errors"
import type { ConnectOptions, NetworkJs } from "./api"
import { Sim800 } from "./modem"
import type { ModemServer } from "./server"
import { Socket } from "./socket"

/** bits of a socket's type: its kind, and TLS */
const KIND = 3
const UDP = 2
const TLS = 4

/** Espruino's error codes (socketerrors.h). */
const CLOSED = -1
const TIMED_OUT = -3
const NOT_FOUND = -6
const TOO_MANY = -7
const RESET = -9
const UNKNOWN = -10
const NOT_CONNECTED = -11
const BAD_ARGUMENT = -12
const NO_TLS = -13

/** Espruino's nearest error code for a failure. */
function codeOf(failure: Failure): number {
    switch (failure) {
        case Failure.None:
        case Failure.ClosedByPeer:
        case Failure.ClosedHere:
            return CLOSED
        case Failure.Timeout:
        case Failure.ConnectTimeout:
            return TIMED_OUT
        case Failure.NotResolved:
            return NOT_FOUND
        case Failure.NoFreeConnection:
            return TOO_MANY
        case Failure.TlsRefused:
            return NO_TLS
        case Failure.BadArgument:
            return BAD_ARGUMENT
        case Failure.Restarted:
        case Failure.PdpDeactivated:
        case Failure.SendFailed:
        case Failure.SendUnknown:
        case Failure.ReceiveTorn:
            return RESET
    }
    return UNKNOWN
}

/** Espruino's header of a datagram: four bytes of the address, port, length */
const HEADER = 8
const PEER = 6

/**
 * A UDP socket of Espruino, which gives each datagram its destination: uses one
 * connection of the modem for each destination.
 */
class Datagrams {
    readonly up = true
    readonly over = false
    readonly failure = Failure.None
    private readonly modem: Sim800
    private readonly sockets: Socket[]
    /** the header's address and port of each */
    private readonly peers: string[]

    constructor(modem: Sim800) {
        this.modem = modem
        this.sockets = []
        this.peers = []
    }

    /** @returns number of bytes taken: a datagram, or 0 for now */
    send(data: string): number {
        const n = data.charCodeAt(PEER) | (data.charCodeAt(PEER + 1) << 8)
        if (data.length < HEADER + n) return 0
        const peer = data.substr(0, PEER)
        let i = this.peers.indexOf(peer)
        if (i < 0) {
            i = this.peers.length
            this.sockets.push(this.open(peer))
            this.peers.push(peer)
        }
        const socket = this.sockets[i]
        if (socket.over) {
            // the next one tries again
            this.sockets.splice(i, 1)
            this.peers.splice(i, 1)
            return codeOf(socket.failure)
        }
        if (!socket.up || socket.bufferSize > 1460) return 0
        if (n > 0) socket.write(data.substr(HEADER, n))
        return HEADER + n
    }

    private open(peer: string): Socket {
        let host = ""
        for (let i = 0; i < 4; i++)
            host += (i > 0 ? "." : "") + peer.charCodeAt(i)
        const port = peer.charCodeAt(4) | (peer.charCodeAt(5) << 8)
        return this.modem.connect({ host, port, proto: "udp" })
    }

    /** The next datagram with its header, cut to the length that Espruino accepts. */
    read(max: number): string {
        for (let i = 0; i < this.sockets.length; i++) {
            const data = this.sockets[i].read()
            if (!data) continue
            const text = data.substr(0, max - HEADER)
            const n = text.length
            return this.peers[i] + String.fromCharCode(n & 255, n >> 8) + text
        }
        return ""
    }

    close() {
        for (let i = 0; i < this.sockets.length; i++) this.sockets[i].end()
    }
}

class Network implements NetworkJs {
    private readonly modem: Sim800
    private readonly sockets: (Socket | ModemServer | Datagrams | undefined)[]
    /** this build of Espruino does TLS itself: the modem carries plain bytes */
    private readonly ownTls: boolean

    constructor(modem: Sim800) {
        const modules = process.env.MODULES || ""
        this.modem = modem
        this.sockets = []
        const names = modules.split(",")
        let own = false
        for (let i = 0; i < names.length; i++)
            if (names[i] === "tls") own = true
        this.ownTls = own
    }

    create(
        host: string | undefined,
        port: number,
        type: number,
        options?: ConnectOptions
    ): number {
        const modem = this.modem
        const kind = type & KIND
        let socket: Socket | ModemServer | Datagrams
        // Espruino does not see an exception from here
        try {
            if (host === undefined) {
                // no server without its file, and none for datagrams
                if (kind === UDP || !modem.listen) return BAD_ARGUMENT
                socket = modem.listen(port)
            } else if (!LEAN && kind === UDP) socket = new Datagrams(modem)
            else {
                const tls = (type & TLS) !== 0 && !this.ownTls
                const own: ConnectOptions = { host, port, proto: "tcp" }
                if (kind === UDP) return BAD_ARGUMENT
                if (tls) {
                    own.proto = "tls"
                    own.verify = options ? options.verify : undefined
                }
                socket = modem.connect(own)
            }
        } catch (e) {
            return codeOf((e as { failure: Failure }).failure)
        }
        return this.add(socket)
    }

    private add(socket: Socket | ModemServer | Datagrams): number {
        const sockets = this.sockets
        let id = sockets.indexOf(undefined)
        if (id < 0) id = sockets.length
        sockets[id] = socket
        return id
    }

    close(id: number) {
        const socket = this.sockets[id]
        this.sockets[id] = undefined
        if (socket instanceof Socket) socket.end()
        else if (socket) socket.close()
    }

    accept(id: number): number {
        const server = this.sockets[id] as ModemServer
        const socket = server ? server.accept() : null
        return socket === null ? CLOSED : this.add(socket)
    }

    recv(id: number, max: number, type: number): string | number {
        const socket = this.sockets[id] as Socket | Datagrams
        if (!socket) return CLOSED
        const data = socket.read(max)
        if (data) return data
        if (socket.over) return codeOf(socket.failure)
        // TLS on top of it waits for the first byte
        return socket.up || type === TLS ? "" : NOT_CONNECTED
    }

    send(id: number, data: string): number {
        const socket = this.sockets[id] as Socket | Datagrams
        if (!socket) return CLOSED
        if (socket.over) return codeOf(socket.failure)
        try {
            if (!LEAN && socket instanceof Datagrams) return socket.send(data)
            const stream = socket as Socket
            // one piece is being sent, and one waits
            if (!stream.up || stream.bufferSize > 1460) return 0
            stream.write(data)
        } catch (e) {
            return codeOf((e as { failure: Failure }).failure)
        }
        return data.length
    }
}

declare module "./modem" {
    interface Sim800 {
        network(): NetworkJs
    }
}

Sim800.prototype.network = function (this: Sim800) {
    const network = new Network(this)
    const js = requireModule("NetworkJS") as unknown as {
        create(network: NetworkJs): void
    }
    js.create(network)
    return network
}
