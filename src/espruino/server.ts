/** The TCP server of the modem (application note 2.1.3 and 3.2). */
import { Kind } from "../core/arguments"
import { CONNECTIONS } from "../core/link/connection"
import { Failure, refusal } from "../core/errors"
import { Server, SERVER_COMMAND, ServerState } from "../core/server"
import type { ConnectOptions } from "./api"
import { bad, check, failed } from "./errors"
import { Sim800 } from "./modem"
import { Socket } from "./socket"

const REFUSED =
    "the modem refuses: listen before you connect, else on another port"

/** A listening port. */
export class ModemServer {
    private readonly modem: Sim800
    private readonly server: Server
    private readonly port: number
    /** peers that wait for `accept()` */
    private readonly peers: Socket[] = []
    private told = false
    declare private readonly emit: Emitter["emit"]

    constructor(modem: Sim800, server: Server, port: number) {
        this.modem = modem
        this.server = server
        this.port = port
    }

    /** Whether the port listens; after every loss it listens again by itself. */
    listening(): boolean {
        return this.server.state === ServerState.Listening
    }

    /** @internal The server has changed, or a peer has connected. */
    notify() {
        const server = this.server
        const self = this as unknown as Record<string, unknown>
        if (server.port !== this.port) return
        if (server.state === ServerState.Listening && !this.told) {
            this.told = true
            this.emit("listening")
        } else if (server.failure !== Failure.None && !this.told) {
            this.told = true
            this.emit(
                "error",
                failed(
                    server.failure,
                    "listen on port " + this.port,
                    refusal(SERVER_COMMAND, server.cme),
                    REFUSED
                )
            )
        }
        const connections = this.modem.core.links
        while (connections.incoming !== 0) {
            const link = connections.list[connections.accepted()]
            const a = link.address
            const peer: ConnectOptions = {
                host: a[0] + "." + a[1] + "." + a[2] + "." + a[3],
                port: this.port,
            }
            const socket = new Socket(this.modem, peer, false)
            socket.use(link)
            if (self["#onconnection"] === undefined) this.peers.push(socket)
            else this.emit("connection", socket)
            socket.notify()
        }
    }

    /** @internal The next waiting peer, or null. */
    accept(): Socket | null {
        return this.peers.length > 0 ? (this.peers.shift() as Socket) : null
    }

    /** Stops listening. Peers that were reported stay. */
    close() {
        const server = this.server
        if (server.port !== this.port) return
        server.close()
        this.modem.onIncoming = null
        while (this.peers.length > 0) (this.peers.shift() as Socket).destroy()
        this.modem
            .until(() => server.state === ServerState.Closed, 120000)
            .then(() => this.emit("close"))
    }
}

declare module "./modem" {
    interface Sim800 {
        /** Listens on a port of the modem, which has one server and five peers. */
        listen(port: number, connected?: (socket: Socket) => void): ModemServer
    }
}

Sim800.prototype.listen = function (
    this: Sim800,
    port: number,
    connected?: (socket: Socket) => void
) {
    const core = this.core
    const what = "listen on port " + port
    check("port", Kind.Whole, port, 1, 65535)
    const config = core.config
    if (config.multi && config.connections < CONNECTIONS)
        throw bad(
            "sockets",
            "a server needs them all: the modem chooses the number of a peer"
        )
    this.check(what)
    let server: Server | undefined
    for (let i = 0; i < core.features.list.length; i++)
        if (core.features.list[i] instanceof Server)
            server = core.features.list[i] as Server
    if (!server) server = new Server(core)
    if (server.port > 0) throw failed(Failure.Busy, what, "", "")
    const listener = new ModemServer(this, server, port)
    const emitter = listener as unknown as Emitter
    if (connected) emitter.on("connection", connected as never)
    this.onIncoming = () => listener.notify()
    server.changed = () => {
        this.tell()
        listener.notify()
    }
    server.open(port)
    this.pump()
    return listener
}
