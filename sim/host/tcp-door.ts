import net from "node:net"
import type { VirtualSim800 } from "../modem/modem"
import type { BytePipe } from "../modem/uart"
import { LineFeeder } from "./line-feeder"

export interface TcpDoorOptions {
    readonly modem: VirtualSim800
    /** The modem's DTE side, or a tap on it. */
    readonly pipe: BytePipe
    /** Port of 127.0.0.1; 0 for any that is free. */
    readonly port: number
    /**
     * Passes bytes on at once, so that those which come while a command runs
     * are lost. Default false: see {@link LineFeeder}.
     */
    readonly raw?: boolean
    /** Told who came and went. */
    readonly onLog?: (line: string) => void
    /**
     * When a client has closed its side, how long the modem must be silent
     * until the connection is closed, ms. Default 2000.
     */
    readonly lingerMs?: number
}

/** How often waiting bytes and silence are looked at, ms. */
const POLL_MS = 5
/** How long a client has to take its last bytes and close, ms. */
const CLOSE_MS = 1000
const IN_USE = "This modem is in use by another connection.\r\n"

/**
 * A TCP port of this machine that any AT program can talk to as if it were the
 * modem's UART. One connection at a time; the modem lives on between them, and
 * what it says then is lost, as on an unplugged cable. TCP has no baud rate, so
 * the door's own UART follows the modem's.
 */
export class TcpDoor {
    private client: net.Socket | undefined
    private clientEnded = false
    private lastByteAt = 0
    private timer: NodeJS.Timeout | undefined
    private readonly feeder: LineFeeder

    private constructor(
        private readonly server: net.Server,
        private readonly options: TcpDoorOptions
    ) {
        const { modem, pipe } = options
        this.feeder = new LineFeeder(modem, pipe)
        modem.onActivity = () => {
            if (modem.dte.baud !== modem.baud) modem.dte.setBaud(modem.baud)
        }
        pipe.onData = bytes => {
            this.lastByteAt = performance.now()
            this.client?.write(bytes)
        }
        server.on("connection", socket => this.enter(socket))
    }

    /** Rejects with the error of `listen` if the port cannot be had. */
    static open(options: TcpDoorOptions): Promise<TcpDoor> {
        const server = net.createServer({ allowHalfOpen: true, noDelay: true })
        return new Promise((resolve, reject) => {
            server.once("error", reject)
            server.listen(options.port, "127.0.0.1", () => {
                server.off("error", reject)
                resolve(new TcpDoor(server, options))
            })
        })
    }

    get port(): number {
        return (this.server.address() as net.AddressInfo).port
    }

    close(): Promise<void> {
        this.leave()
        return new Promise(resolve => this.server.close(() => resolve()))
    }

    private enter(socket: net.Socket): void {
        if (this.client !== undefined) {
            socket.on("error", () => undefined)
            socket.resume()
            socket.end(IN_USE)
            return
        }
        this.client = socket
        this.clientEnded = false
        this.lastByteAt = performance.now()
        this.options.onLog?.("connected")
        socket.on("data", bytes => this.receive(bytes))
        socket.on("end", () => {
            this.clientEnded = true
            this.keepPolling()
        })
        const left = (): void => {
            // the next one may be here already
            if (this.client === socket) this.leave()
        }
        socket.on("error", left)
        socket.on("close", left)
    }

    private leave(): void {
        const { client } = this
        if (client === undefined) return
        this.client = undefined
        clearTimeout(this.timer)
        this.timer = undefined
        this.feeder.clear()
        client.end()
        // whoever does not close its side is cut off
        setTimeout(() => client.destroy(), CLOSE_MS).unref()
        this.options.onLog?.("disconnected")
    }

    private receive(bytes: Uint8Array): void {
        this.lastByteAt = performance.now()
        if (this.options.raw) this.options.pipe.write(bytes)
        else {
            this.feeder.push(bytes)
            this.keepPolling()
        }
    }

    /** Looks again and again, as long as there is something to wait for. */
    private keepPolling(): void {
        const { client, clientEnded, feeder } = this
        const isNeeded =
            client !== undefined && (clientEnded || feeder.waiting > 0)
        if (!isNeeded || this.timer !== undefined) return
        this.timer = setTimeout(() => {
            this.timer = undefined
            this.poll()
            this.keepPolling()
        }, POLL_MS)
    }

    private poll(): void {
        const { modem, lingerMs = 2000 } = this.options
        this.feeder.feed()
        if (!this.clientEnded || this.feeder.waiting > 0) return
        const isBusy =
            modem.dte.pending > 0 ||
            modem.activity === "busy" ||
            modem.activity === "booting" ||
            !modem.isSettled
        if (isBusy) this.lastByteAt = performance.now()
        else if (performance.now() - this.lastByteAt > lingerMs) this.leave()
    }
}
