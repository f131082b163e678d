/**
 * A Jacdac bus over TCP on loopback, like that of `devs devtools`: the VM of the
 * DeviceScript simulator (`devs run --tcp`) joins it.
 *
 * The length precedes each frame: one byte, or, from the VM, for frames of 255 bytes or
 * more, 0xFF and 16 bits little-endian.
 */
import net from "node:net"
import { FRAME_PROCESS, JDBus, type BusOptions } from "jacdac-ts"

/** Where DeviceScript's tools have their bus, and look for one. */
export const TOOLS_PORT = 8082
const LOOPBACK = "127.0.0.1"
/** A joined bus has to repeat a frame within this, ms. */
const PROBE_TIMEOUT = 2000

export interface HubOptions {
    /**
     * Port on loopback. Default 0: the system chooses one, so that no other device is
     * on this bus.
     */
    readonly port?: number
    /** Joins the bus that is on the port, instead of opening one there. Default false. */
    readonly join?: boolean
    readonly bus?: BusOptions
}

/** The port of a bus is taken, or nothing is there that could be joined. */
export class BusPortError extends Error {
    override readonly name = "BusPortError"

    constructor(
        readonly port: number,
        /** as the system spells it, e.g. EADDRINUSE */
        readonly code: string,
        message: string
    ) {
        super(message)
    }
}

/** A frame, marked with its sender. */
type Frame = Uint8Array & { _jacdac_sender?: string }

/** Something on the other end of a TCP connection that speaks frames. */
class Peer {
    private received = Buffer.alloc(0)

    constructor(
        private readonly bus: JDBus,
        private readonly socket: net.Socket,
        private readonly id: string
    ) {
        socket.setNoDelay()
        socket.on("data", data => this.receive(data))
        // a peer that is killed resets its connection; "close" follows
        socket.on("error", () => undefined)
        const forward = (frame: Frame): void => this.send(frame)
        bus.on(FRAME_PROCESS, forward)
        socket.on("close", () => bus.off(FRAME_PROCESS, forward))
    }

    private receive(data: Buffer): void {
        let rest =
            this.received.length > 0
                ? Buffer.concat([this.received, data])
                : data
        while (rest.length > 0) {
            let header = 1
            let length = rest[0]
            if (length === 0xff) {
                header = 3
                if (rest.length < header) break
                length = rest.readUInt16LE(1)
            }
            if (rest.length < header + length) break
            const frame = new Uint8Array(
                rest.subarray(header, header + length)
            ) as Frame
            rest = rest.subarray(header + length)
            frame._jacdac_sender = this.id
            // its frames go to all others, and to the bus itself
            this.bus.processFrame(frame, this.id)
        }
        this.received = Buffer.from(rest)
    }

    private send(frame: Frame): void {
        if (frame._jacdac_sender === this.id || this.socket.destroyed) return
        this.socket.write(Buffer.concat([Buffer.of(frame.length), frame]))
    }

    close(): void {
        this.socket.destroy()
    }
}

export class JacdacHub {
    private readonly peers = new Set<Peer>()
    private count = 0

    private constructor(
        readonly bus: JDBus,
        readonly port: number,
        private readonly server: net.Server | undefined
    ) {}

    /** Whether the bus belongs to another process, e.g. `devs devtools`. */
    get joined(): boolean {
        return this.server === undefined
    }

    /**
     * Opens a bus, or joins one.
     * @throws BusPortError if the port is in use, or there is no bus to join
     */
    static async open({
        port = 0,
        join = false,
        bus: options,
    }: HubOptions = {}): Promise<JacdacHub> {
        const bus = new JDBus([], {
            disableRoleManager: true,
            proxy: true,
            ...options,
        })
        const server = join ? undefined : await listen(port)
        const socket = join ? await connect(port) : undefined
        const hub = new JacdacHub(
            bus,
            server ? (server.address() as net.AddressInfo).port : port,
            server
        )
        server?.on("connection", peer => hub.add(peer))
        if (socket) hub.add(socket)
        bus.start()
        return hub
    }

    /**
     * Checks that it has joined a bus: a device's announcement, twice a second, has to
     * come out elsewhere.
     * @throws BusPortError if none does within two seconds
     */
    async probe(): Promise<void> {
        if (!this.joined) return
        const socket = await connect(this.port)
        const heard = await new Promise<boolean>(resolve => {
            socket.once("data", () => resolve(true))
            socket.once("close", () => resolve(false))
            setTimeout(() => resolve(false), PROBE_TIMEOUT)
        })
        socket.destroy()
        if (!heard)
            throw new BusPortError(
                this.port,
                "EPROTO",
                `what is on port ${this.port} is not a Jacdac bus: it cannot be joined`
            )
    }

    private add(socket: net.Socket): void {
        const peer = new Peer(this.bus, socket, `tcp${++this.count}`)
        this.peers.add(peer)
        socket.on("close", () => this.peers.delete(peer))
    }

    async close(): Promise<void> {
        this.bus.stop()
        for (const peer of this.peers) peer.close()
        const { server } = this
        if (server) await new Promise(done => server.close(done))
    }
}

function listen(port: number): Promise<net.Server> {
    return new Promise((resolve, reject) => {
        const server = net.createServer()
        server.once("error", ({ code = "", message }: NodeJS.ErrnoException) =>
            reject(
                new BusPortError(
                    port,
                    code,
                    code === "EADDRINUSE"
                        ? `port ${port} is in use: choose another one for the Jacdac bus with --bus, or 0 for any`
                        : `the Jacdac bus cannot be on port ${port}: ${message}`
                )
            )
        )
        server.listen(port, LOOPBACK, () => resolve(server))
    })
}

function connect(port: number): Promise<net.Socket> {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, LOOPBACK, () => resolve(socket))
        socket.once("error", ({ code = "" }: NodeJS.ErrnoException) =>
            reject(
                new BusPortError(
                    port,
                    code,
                    `there is no Jacdac bus on port ${port} to be joined: start \`devs devtools\` first, or leave --join away`
                )
            )
        )
    })
}
