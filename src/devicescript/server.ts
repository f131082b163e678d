import * as ds from "@devicescript/core"
import { Kind } from "../core/arguments"
import { CONNECTIONS } from "../core/link/connection"
import { Failure, refusal } from "../core/errors"
import { Server, SERVER_COMMAND, ServerState } from "../core/server"
import { bad, check, checkModem } from "./arguments"
import { failed } from "./errors"
import type { Sim800 } from "./sim800"
import { Socket } from "./socket"

const LISTEN_TIMEOUT = 120000
const REFUSED =
    "the modem refuses: listen before you connect, else on another port"
const FOREVER = 0x7fffffff

export interface ListenOptions {
    /** 1–65535 */
    port: number
    /** in ms, default 120000; includes the wait for the context */
    timeout?: number
}

/**
 * A listening port of the modem.
 * @devsWhenUsed
 */
export class TcpServer {
    readonly port: number
    private readonly modem: Sim800
    private readonly server: Server

    /** @internal Use `listen()`. */
    constructor(modem: Sim800, server: Server, port: number) {
        this.modem = modem
        this.server = server
        this.port = port
    }

    /** Whether the port listens; after every loss it listens again by itself. */
    listening(): boolean {
        return this.server.state === ServerState.Listening
    }

    /**
     * Waits for a peer.
     * @param timeout in ms; without it, as long as the server is open
     * @returns the connection to the peer; `undefined` when the time is over,
     * `null` when the server has been closed, also by `modem.stop()`
     */
    async accept(timeout?: number): Promise<Socket> {
        check("timeout", Kind.Time, timeout)
        const modem = this.modem
        const connections = modem.core.links
        const { server, port } = this
        const end = ds.millis() + timeout
        let id = -1
        // another fiber may have taken the peer
        while (id < 0) {
            const any = await modem.until(
                () => connections.incoming !== 0 || server.port !== port,
                timeout === undefined ? FOREVER : end - ds.millis()
            )
            if (server.port !== port) return null
            if (!any) return undefined
            id = connections.accepted()
        }
        const socket = new Socket(modem, connections.list[id])
        modem.adopt(socket)
        return socket
    }

    /** Stops listening. Accepted peers stay; the others are closed. */
    async close(): Promise<void> {
        const server = this.server
        if (server.port !== this.port) return
        server.close()
        this.modem.tell()
        await this.modem.until(
            () => server.state === ServerState.Closed,
            LISTEN_TIMEOUT
        )
    }
}

/**
 * Listens on a port of the modem (application note 2.1.3 and 3.2). The modem has one
 * server, and room for five peers, or one in single connection mode; it can begin to
 * listen only while there are no connections, so listen first. After every loss of the
 * context the driver does so. Throws a `Sim800Error`.
 */
export async function listen(
    modem: Sim800,
    options: ListenOptions
): Promise<TcpServer> {
    checkModem(modem)
    check("options", Kind.Object, options)
    const { port } = options
    const what = `listen on port ${port}`
    check("port", Kind.Whole, port, 1, 65535)
    check("timeout", Kind.Time, options.timeout)
    const config = modem.core.config
    if (config.multi && config.connections < CONNECTIONS)
        throw bad(
            "sockets",
            "a server needs them all: the modem chooses the number of a peer"
        )
    modem.check(what)
    const core = modem.core
    if (!modem.server) {
        modem.server = new Server(core)
        modem.server.changed = modem.tell
    }
    const server = modem.server
    if (server.port > 0) throw failed(Failure.Busy, what)
    server.open(port)
    const listening = await modem.until(
        () =>
            server.state === ServerState.Listening ||
            server.failure !== Failure.None,
        options.timeout || LISTEN_TIMEOUT
    )
    if (listening && server.failure === Failure.None)
        return new TcpServer(modem, server, port)
    const failure = listening ? server.failure : Failure.Timeout
    const answer = listening ? refusal(SERVER_COMMAND, server.cme) : ""
    server.close()
    throw failed(failure, what, answer, listening ? REFUSED : "")
}
