/**
 * A port that wraps another one and prints the bytes on the UART in the simulator's
 * spelling: `⏎` is CR LF, other control characters have their sign of U+2400, bytes
 * from 0x80 on are `\x80`, a backslash is `\\`.
 */
import { BACKSLASH, CR, DEL, LF, LOWER_X } from "../core/ascii"
import type { Output } from "../core/encoder"
import { Kind } from "../core/arguments"
import type { Wired } from "../core/options"
import { Ring } from "../core/ring"
import { bad, check } from "../devicescript/arguments"
import { UartPort } from "./uart"

/** Most bytes in a line, and most characters for one of them. */
const LINE = 64
const SPELT = 4

const DIGITS = "0123456789abcdef"
const SENT = 0x3e
const RECEIVED = 0x3c

/**
 * ```ts
 * const uart = new TracingUart(port, line => console.log(line))
 * ``` Lines begin with `>` for bytes to the modem, `<` for bytes from it. They are
 * printed when the driver gets them, before it acts. Tracing takes time: without RTS
 * and CTS it can cause a loss of bytes.
 * @devsWhenUsed
 */
export class TracingUart implements UartPort {
    readonly wired: Wired
    readonly largestBurst: number
    dcd = false
    riPulse = 0
    overruns = 0
    owner?: object

    private readonly port: UartPort
    private readonly print: (line: string) => void
    private ring!: Ring
    private output!: Output
    /** how far the ring, and the output, have been printed */
    private head = 0
    private source: Buffer | undefined
    private at = 0
    private end = 0
    /** the line, and its direction */
    private readonly line: Buffer
    private length = 0
    private direction = SENT
    private readonly spelt: Buffer

    /**
     * @param port the traced port: nothing else may use it
     * @param print gets each line; it must not wait
     * @throws a `Sim800Error` for a wrong argument
     */
    constructor(port: UartPort, print: (line: string) => void) {
        check("port", Kind.Object, port)
        if (typeof port.open !== "function") throw bad("port", "give a port")
        if (typeof print !== "function")
            throw bad("print", "give a function that takes a line")
        this.port = port
        this.print = print
        this.wired = port.wired
        this.largestBurst = port.largestBurst
        this.line = Buffer.alloc(LINE)
        this.spelt = Buffer.alloc(2 + SPELT * LINE)
    }

    async open(ring: Ring, output: Output, baud: number): Promise<void> {
        const port = this.port
        if (port.owner && port.owner !== this)
            throw bad("port", "another modem has this port")
        port.owner = this
        this.ring = ring
        this.output = output
        this.head = (ring.tail + ring.used) & (ring.size - 1)
        this.source = undefined
        try {
            await port.open(ring, output, baud)
        } catch (e) {
            port.owner = undefined
            throw e
        }
        this.dcd = port.dcd
    }

    async wait(ms: number): Promise<void> {
        const port = this.port
        const full = this.ring.used === this.ring.size
        this.tell(full)
        await port.wait(ms)
        this.tell(full)
        // print a CR without its LF, and any complete line
        if (this.length > 0 && !this.openEnd()) this.flush()
        this.dcd = port.dcd
        this.overruns = port.overruns
        if (port.riPulse !== 0) {
            this.riPulse = port.riPulse
            port.riPulse = 0
        }
    }

    /** The last byte received is a CR: a LF may follow. */
    private openEnd(): boolean {
        return this.direction === RECEIVED && this.line[this.length - 1] === CR
    }

    /**
     * Takes the bytes sent and received since the last call.
     * @param full whether the ring was full
     */
    private tell(full: boolean) {
        const output = this.output
        const { source, at } = output
        const end = at + output.left
        if (source === this.source && end === this.end && at > this.at)
            this.add(SENT, source, this.at, at - this.at)
        this.source = source
        this.end = end
        this.at = at

        const ring = this.ring
        const mask = ring.size - 1
        const head = (ring.tail + ring.used) & mask
        let n = (head - this.head) & mask
        if (n === 0 && !full && ring.used === ring.size) n = ring.size
        const linear = ring.size - this.head
        if (n <= linear) this.add(RECEIVED, ring.buf, this.head, n)
        else {
            this.add(RECEIVED, ring.buf, this.head, linear)
            this.add(RECEIVED, ring.buf, 0, n - linear)
        }
        this.head = head
    }

    private add(direction: number, bytes: Buffer, at: number, count: number) {
        for (let i = 0; i < count; i++) {
            if (this.direction !== direction || this.length === LINE)
                this.flush()
            this.direction = direction
            this.line[this.length++] = bytes[at + i]
        }
    }

    /** Prints the line. */
    private flush() {
        const line = this.line
        const n = this.length
        const spelt = this.spelt
        if (n === 0) return
        this.length = 0
        spelt[0] = this.direction
        spelt[1] = 0x20
        let at = 2
        for (let i = 0; i < n; i++) {
            const byte = line[i]
            if (byte >= 0x20 && byte < DEL) {
                spelt[at++] = byte
                if (byte === BACKSLASH) spelt[at++] = byte
            } else if (byte > DEL) {
                spelt[at++] = BACKSLASH
                spelt[at++] = LOWER_X
                spelt[at++] = DIGITS.charCodeAt(byte >> 4)
                spelt[at++] = DIGITS.charCodeAt(byte & 15)
            } else {
                // UTF-8 of U+23CE, U+2421, U+2400 …
                const end = byte === CR && i + 1 < n && line[i + 1] === LF
                if (end) i++
                spelt[at++] = 0xe2
                spelt[at++] = end ? 0x8f : 0x90
                spelt[at++] = end ? 0x8e : byte === DEL ? 0xa1 : 0x80 + byte
            }
        }
        const text = Buffer.alloc(at)
        text.blitAt(0, spelt, 0, at)
        this.print(text.toString())
    }

    wake() {
        this.port.wake()
    }

    setDtr(low: boolean) {
        this.port.setDtr(low)
    }

    async reset(): Promise<void> {
        await this.port.reset()
    }

    async pressPowerKey(): Promise<void> {
        await this.port.pressPowerKey()
    }

    async close(): Promise<void> {
        if (this.length > 0) this.flush()
        await this.port.close()
        this.port.owner = undefined
    }
}
