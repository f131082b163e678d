/**
 * A Jacdac bus over TCP, as `devs devtools` has one on loopback:
 * the VM of the DeviceScript simulator (`devs run --tcp`) joins it there.
 *
 * Each frame has its length in front: one byte, or from the VM, for frames of
 * 255 bytes or more, 0xFF and 16 bits little-endian.
 */
import net from "node:net"
import { FRAME_PROCESS, JDBus, type BusOptions } from "jacdac-ts"

/**
 * Where the bus is: 8082 is what DeviceScript's tools agree on, the environment
 * variable JACDAC_PORT is for those who have something else there.
 */
export const HUB_PORT = Number(process.env.JACDAC_PORT ?? 8082)
const LOOPBACK = "127.0.0.1"

/** A frame, with a mark of who has sent it. */
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
            // what it says goes to everybody else, and to the bus itself
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
        /** the bus was there already, `devs devtools` for instance */
        readonly joined: boolean,
        private readonly server: net.Server | undefined
    ) {}

    /**
     * Opens a bus on {@link HUB_PORT}, or joins the one that is there.
     */
    static async open(options: BusOptions = {}): Promise<JacdacHub> {
        const bus = new JDBus([], {
            disableRoleManager: true,
            proxy: true,
            ...options,
        })
        if (!(HUB_PORT >= 1 && HUB_PORT <= 65535))
            throw new Error(
                `JACDAC_PORT is "${process.env.JACDAC_PORT}": it has to be a port, 1–65535`
            )
        const server = await listen()
        const hub = new JacdacHub(bus, server === undefined, server)
        if (server) server.on("connection", socket => hub.add(socket))
        else hub.add(await connect())
        bus.start()
        return hub
    }

    /**
     * Makes sure that what was joined is a bus: what a device here announces
     * twice a second has to come out elsewhere.
     * @throws if nothing does within two seconds
     */
    async probe(): Promise<void> {
        if (!this.joined) return
        const socket = await connect()
        const heard = await new Promise<boolean>(resolve => {
            socket.once("data", () => resolve(true))
            socket.once("close", () => resolve(false))
            setTimeout(() => resolve(false), 2000)
        })
        socket.destroy()
        if (!heard)
            throw new Error(
                `port ${HUB_PORT} is in use by something that is not a Jacdac bus: end it, or set JACDAC_PORT to a port that is free`
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

/** @returns undefined if the port is in use */
function listen(): Promise<net.Server | undefined> {
    return new Promise((resolve, reject) => {
        const server = net.createServer()
        server.once("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "EADDRINUSE") resolve(undefined)
            else reject(error)
        })
        server.listen(HUB_PORT, LOOPBACK, () => resolve(server))
    })
}

function connect(): Promise<net.Socket> {
    return new Promise((resolve, reject) => {
        const socket = net.connect(HUB_PORT, LOOPBACK, () => resolve(socket))
        socket.once("error", reject)
    })
}
