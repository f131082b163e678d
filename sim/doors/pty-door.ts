/** A pseudo terminal: a serial port of this machine, on Linux and macOS. */
import { execFile } from "node:child_process"
import fs from "node:fs"
import type net from "node:net"
import { promisify } from "node:util"
import { fileTrouble } from "../file-trouble"
import { ByteQueue } from "../modem/bytes"
import type { Junction, Plug } from "./junction"
import { LineFeeder, type PacedModem } from "./line-feeder"

/**
 * Counts of unread bytes at which RTS goes off, and on; beyond the last one bytes are
 * lost.
 */
const MODEM_WAITS = 16384
const MODEM_GOES_ON = 4096
const MODEM_LOSES = 65536
/** Bytes for the modem above which the program has to wait, and at which it may go on. */
const PROGRAM_WAITS = 65536
const PROGRAM_GOES_ON = 16384
const POLL_MS = 20
/** How often it is looked whether a CR has its LF, ms. */
const FEED_MS = 5
/** Bytes in one write. */
const PART = 1024

export interface PtyDoorOptions {
    readonly modem: PacedModem
    readonly junction: Junction
    /** Path of a symbolic link to the terminal, e.g. `/tmp/modem`. */
    readonly path: string
    readonly onLog?: (line: string) => void
}

/** A function that the package does not document: openpty(3) without a process. */
interface PtyModule {
    open(options: { encoding: null }): {
        readonly _master: net.Socket
        readonly _slave: net.Socket
        readonly _fd: number
        readonly _pty: string
    }
}

/** There is no pseudo terminal to be had, or its link cannot be made. */
export class PtyError extends Error {
    override readonly name = "PtyError"
}

/**
 * A pseudo terminal in raw mode, with an optional link to it. It has no visible baud
 * rate and no lines: its UART follows the modem's rate. While no program has it open,
 * the modem's bytes wait there, at most some 64 kB: programs flush a port when they
 * open it.
 */
export class PtyDoor {
    private lost = 0
    private readonly feeder: LineFeeder
    private feeding: NodeJS.Timeout | undefined
    private reading: NodeJS.Timeout | undefined
    private writing: NodeJS.Timeout | undefined
    private closed = false
    private readonly queue = new ByteQueue()
    private part: Uint8Array = new Uint8Array()

    private constructor(
        private readonly master: net.Socket,
        /** of the master, which does not block */
        private readonly fd: number,
        /** keeps the terminal alive between two programs */
        private readonly hold: number,
        /** e.g. `/dev/pts/3` */
        readonly device: string,
        private readonly plug: Plug,
        private readonly options: PtyDoorOptions
    ) {
        plug.onData = bytes => this.send(bytes)
        this.feeder = new LineFeeder(options.modem, plug, undefined, false)
        master.on("data", (bytes: Buffer) => {
            this.feeder.push(bytes)
            this.keepFeeding()
            if (plug.pending > PROGRAM_WAITS) this.pause()
        })
        // the terminal is gone: nothing more can come
        master.on("error", () => undefined)
    }

    /** @throws PtyError that says what to do instead */
    static async open(options: PtyDoorOptions): Promise<PtyDoor> {
        const { path } = options
        const pty = await load()
        const pair = pty.open({ encoding: null })
        const { _master: master, _slave: slave, _pty: device } = pair
        const flags = fs.constants.O_RDWR | fs.constants.O_NOCTTY
        const hold = fs.openSync(device, flags)
        // it would read what the program writes
        slave.destroy()
        try {
            await makeRaw(device)
            link(device, path)
        } catch (error) {
            fs.closeSync(hold)
            master.destroy()
            throw error
        }
        const plug = options.junction.plug()
        return new PtyDoor(master, pair._fd, hold, device, plug, options)
    }

    close(): void {
        this.closed = true
        clearTimeout(this.feeding)
        clearTimeout(this.reading)
        clearTimeout(this.writing)
        this.plug.onData = () => undefined
        fs.rmSync(this.options.path, { force: true })
        fs.closeSync(this.hold)
        this.master.destroy()
    }

    /** As long as a CR waits for its LF. */
    private keepFeeding(): void {
        if (this.feeder.waiting === 0 || this.feeding !== undefined) return
        this.feeding = setTimeout(() => {
            this.feeding = undefined
            this.feeder.feed()
            this.keepFeeding()
        }, FEED_MS)
    }

    private pause(): void {
        this.master.pause()
        this.reading = setTimeout(() => {
            if (this.plug.pending > PROGRAM_GOES_ON) this.pause()
            else this.master.resume()
        }, POLL_MS)
    }

    private get backlog(): number {
        return this.queue.length + this.part.length
    }

    private send(bytes: Uint8Array): void {
        if (this.backlog > MODEM_LOSES) {
            if (this.lost === 0)
                this.options.onLog?.(
                    `nobody reads ${this.options.path}: what the modem says is lost`
                )
            this.lost += bytes.length
            return
        }
        this.queue.push(bytes.slice())
        if (this.backlog > MODEM_WAITS) this.plug.setRts(false)
        if (this.writing === undefined) this.write()
    }

    /**
     * A write of the stream would block until a program reads, so this one retries
     * later.
     */
    private write(): void {
        this.writing = undefined
        try {
            while (this.backlog > 0) {
                if (this.part.length === 0) this.part = this.queue.take(PART)
                const written = fs.writeSync(this.fd, this.part)
                this.part = this.part.subarray(written)
            }
        } catch (error) {
            const { code } = error as NodeJS.ErrnoException
            if (code !== "EAGAIN" || this.closed) return
            this.writing = setTimeout(() => this.write(), POLL_MS)
        }
        this.relieve()
    }

    private relieve(): void {
        if (this.backlog > MODEM_GOES_ON) return
        this.plug.setRts(true)
        if (this.lost > 0)
            this.options.onLog?.(
                `${this.options.path} is read again: ${this.lost} bytes were lost`
            )
        this.lost = 0
    }
}

async function load(): Promise<PtyModule> {
    const instead = `use the TCP port, and make a terminal of it: socat PTY,link=/tmp/modem,rawer TCP:127.0.0.1:2000`
    if (process.platform === "win32")
        throw new PtyError(`Windows has no pseudo terminals: use --rfc2217`)
    try {
        return (await import("@lydell/node-pty")) as unknown as PtyModule
    } catch {
        throw new PtyError(
            `there is no pseudo terminal for Node on ${process.platform} ${process.arch}: ${instead}`
        )
    }
}

/** Neither echo nor any change of a byte, until a program sets it up itself. */
async function makeRaw(device: string): Promise<void> {
    const option = process.platform === "linux" ? "-F" : "-f"
    await promisify(execFile)("stty", [option, device, "raw", "-echo"])
}

function link(device: string, path: string): void {
    const there = fs.lstatSync(path, { throwIfNoEntry: false })
    if (there !== undefined && !there.isSymbolicLink())
        throw new PtyError(
            `${path} is there already, and is no link: choose another path`
        )
    try {
        fs.rmSync(path, { force: true })
        fs.symlinkSync(device, path)
    } catch (error) {
        throw new PtyError(fileTrouble(path, error))
    }
}
