/**
 * A port over RFC 2217 for Node's `serialport`, with all lines, RI too:
 * `new SerialPort({ binding: rfc2217Binding, path: "rfc2217://127.0.0.1:2217", baudRate: 115200 })`.
 * The types are those of `@serialport/bindings-interface`, which is not needed.
 */
import { CarrierError, parseAddress } from "./carrier"
import { rfc2217, type ComPortCarrier } from "./network"

/** Most received bytes kept until they are read; more are an error. */
const MOST_KEPT = 1_000_000

export interface Rfc2217OpenOptions {
    /** `rfc2217://host:port` */
    path: string
    /** bit/s */
    baudRate: number
    dataBits?: 5 | 6 | 7 | 8
    stopBits?: 1 | 1.5 | 2
    parity?: string
    /** A connection has one client: it is always locked. */
    lock?: boolean
    /** The server stops at CTS, and drives RTS. */
    rtscts?: boolean
    xon?: boolean
    xoff?: boolean
    xany?: boolean
    /** Ignored: DTR goes off when the connection ends. */
    hupcl?: boolean
}

/** The modem's lines as they are, `true` where they are on (low on the wire). */
export interface Rfc2217Status {
    cts: boolean
    dsr: boolean
    dcd: boolean
    ri: boolean
}

/** `serialport` knows a read that {@link Rfc2217Port.close} has ended by `canceled`. */
class Canceled extends Error {
    override readonly name = "Canceled"
    readonly canceled = true
}

interface Reader {
    buffer: Buffer
    offset: number
    length: number
    resolve: (read: { buffer: Buffer; bytesRead: number }) => void
    reject: (error: Error) => void
}

/** One open port. */
export class Rfc2217Port {
    isOpen = true
    private carrier!: ComPortCarrier
    private readonly kept: Uint8Array[] = []
    private keptBytes = 0
    private reader: Reader | undefined
    private end: Error | undefined
    private readonly lines: Rfc2217Status = {
        cts: false,
        dsr: false,
        dcd: false,
        ri: false,
    }

    private constructor(
        readonly openOptions: Required<Rfc2217OpenOptions>,
        private baudRate: number
    ) {}

    static async open(
        options: Required<Rfc2217OpenOptions>,
        host: string,
        port: number
    ): Promise<Rfc2217Port> {
        const opened = new Rfc2217Port(options, options.baudRate)
        const connect = rfc2217(host, port)
        opened.carrier = await connect(options.baudRate, {
            data: bytes => opened.received(bytes),
            lines: lines => Object.assign(opened.lines, lines),
            gone: reason => opened.over(new CarrierError(reason)),
        })
        opened.carrier.setDtr(true)
        opened.carrier.setRts(true)
        if (options.rtscts) opened.carrier.setHardwareFlowControl(true)
        return opened
    }

    async close(): Promise<void> {
        this.isOpen = false
        this.carrier.close()
        this.over(new Canceled("the port is closed"))
    }

    /** Waits for at least one byte. */
    read(
        buffer: Buffer,
        offset: number,
        length: number
    ): Promise<{ buffer: Buffer; bytesRead: number }> {
        return new Promise((resolve, reject) => {
            this.reader = { buffer, offset, length, resolve, reject }
            this.serve()
        })
    }

    async write(buffer: Buffer): Promise<void> {
        this.check()
        await new Promise<void>(written => this.carrier.write(buffer, written))
        this.check()
    }

    async update({ baudRate }: { baudRate: number }): Promise<void> {
        this.check()
        this.carrier.setBaud(baudRate)
        this.baudRate = baudRate
    }

    /** Lines that are left out stay as they are; CTS and DSR are the modem's. */
    async set(lines: {
        brk?: boolean
        cts?: boolean
        dsr?: boolean
        dtr?: boolean
        rts?: boolean
    }): Promise<void> {
        this.check()
        if (lines.dtr !== undefined) this.carrier.setDtr(lines.dtr)
        if (lines.rts !== undefined) this.carrier.setRts(lines.rts)
        if (lines.brk !== undefined) this.carrier.setBreak(lines.brk)
    }

    async get(): Promise<Rfc2217Status> {
        this.check()
        return { ...this.lines }
    }

    async getBaudRate(): Promise<{ baudRate: number }> {
        this.check()
        return { baudRate: this.baudRate }
    }

    /** Discards unread received bytes. */
    async flush(): Promise<void> {
        this.check()
        this.kept.length = 0
        this.keptBytes = 0
    }

    /** A write that has resolved has left already. */
    async drain(): Promise<void> {
        this.check()
    }

    private check(): void {
        if (this.end) throw this.end
    }

    private received(bytes: Uint8Array): void {
        if (this.keptBytes + bytes.length > MOST_KEPT) {
            this.carrier.close()
            return this.over(
                new CarrierError(
                    `${this.openOptions.path}: nobody reads, ${this.keptBytes} bytes wait already`
                )
            )
        }
        this.kept.push(bytes)
        this.keptBytes += bytes.length
        this.serve()
    }

    private serve(): void {
        const { reader } = this
        if (!reader) return
        const first = this.kept.shift()
        if (first) {
            this.reader = undefined
            const bytesRead = Math.min(first.length, reader.length)
            reader.buffer.set(first.subarray(0, bytesRead), reader.offset)
            if (bytesRead < first.length)
                this.kept.unshift(first.subarray(bytesRead))
            this.keptBytes -= bytesRead
            reader.resolve({ buffer: reader.buffer, bytesRead })
        } else if (this.end) {
            this.reader = undefined
            reader.reject(this.end)
        }
    }

    private over(end: Error): void {
        this.end ??= end
        this.serve()
    }
}

/** To be given to `serialport` as `binding`. */
export const rfc2217Binding = {
    /** Ports over a network are not found by looking. */
    list: async (): Promise<never[]> => [],

    /** @throws CarrierError if the port cannot be opened with these options */
    open: async (options: Rfc2217OpenOptions): Promise<Rfc2217Port> => {
        const { path, dataBits = 8, stopBits = 1, parity = "none" } = options
        const { kind, host, port } = parseAddress(path)
        if (kind !== "rfc2217")
            throw new CarrierError(
                `"${path}" is no address of this binding: rfc2217://host:port is expected`
            )
        const { rtscts = false, xon = false, xoff = false } = options
        const { xany = false, lock = true, hupcl = true } = options
        if (dataBits !== 8 || stopBits !== 1 || parity !== "none")
            throw new CarrierError(
                `${path}: a SIM800 behind it speaks 8 data bits, no parity, 1 stop bit, not ${dataBits}, ${parity}, ${stopBits}`
            )
        if (xon || xoff || xany)
            throw new CarrierError(
                `${path}: XON and XOFF would be taken out of the data: use rtscts`
            )
        const { baudRate } = options
        return await Rfc2217Port.open(
            {
                ...{ path, baudRate, dataBits, stopBits, parity },
                ...{ lock, rtscts, xon, xoff, xany, hupcl },
            },
            host,
            port
        )
    },
}
