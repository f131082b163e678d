import { CR } from "../core/ascii"
import * as ds from "@devicescript/core"
import type { Output } from "../core/encoder"
import { Ring } from "../core/ring"
import { UartPort } from "../ports/uart"

/** Room for received bytes until they are taken: RTS of a Jacdac port needs 3/8 of it. */
const RING = 1024
const ANSWER = 640
/** Timeout of sending, at 1200 baud, ms. */
const SEND_TIMEOUT = 5000
/** poll interval, ms */
const LOOK = 20

/** Result of a command. */
export enum Result {
    /** no result in time */
    None,
    Ok,
    Error,
}

/**
 * Commands to the modem without the driver: one at a time, each with a timeout.
 * @devsWhenUsed
 */
export class Terminal {
    readonly ring: Ring
    /** bytes received since the last command, as far as there was room */
    readonly answer: Buffer
    length = 0
    /** total of received bytes */
    received = 0
    /** the modem's warning about its supply, "" if none */
    warning = ""
    /** bytes being sent */
    readonly output: Output
    private readonly port: UartPort

    constructor(port: UartPort) {
        this.port = port
        this.output = {
            source: Buffer.alloc(0),
            at: 0,
            left: 0,
            tell: true,
            drain: false,
        }
        this.ring = new Ring(RING)
        this.answer = Buffer.alloc(ANSWER)
    }

    /** Moves received bytes to `answer`. */
    take() {
        const n = this.ring.used
        this.received += n
        this.length += this.ring.pull(
            this.answer,
            this.length,
            ANSWER - this.length
        )
        // no room for the rest
        this.ring.clear()
    }

    /** Drops received bytes, but keeps a warning about the supply. */
    forget() {
        this.take()
        const voltage = this.behind("-VOLTAGE ")
        if (voltage) this.warning = `-VOLTAGE ${voltage}`
        this.length = 0
    }

    /** Drops the first bytes. */
    drop(count: number) {
        // not blitAt(): within one buffer some boards copy it backwards
        const answer = this.answer
        this.length -= count
        for (let i = 0; i < this.length; i++) answer[i] = answer[i + count]
    }

    /** @returns whether all of it was sent in time */
    async send(text: string | Buffer): Promise<boolean> {
        const bytes: Buffer =
            typeof text === "string" ? Buffer.from(text) : text
        const end = ds.millis() + SEND_TIMEOUT
        const output = this.output
        output.source = bytes
        output.at = 0
        output.left = bytes.length
        while (output.left > 0 && ds.millis() < end) {
            await this.port.wait(LOOK)
            this.take()
        }
        const sent = output.left === 0
        output.left = 0
        return sent
    }

    /** Waits until `length` bytes have come, or the time is over. */
    async gather(length: number, ms: number) {
        const end = ds.millis() + ms
        while (true) {
            this.take()
            const left = end - ds.millis()
            if (this.length >= length || left <= 0) return
            await this.port.wait(Math.min(left, LOOK))
        }
    }

    /** Lets time pass, and takes the bytes received meanwhile. */
    async pause(ms: number) {
        await this.gather(ANSWER + 1, ms)
    }

    /**
     * Gives a command and waits for its result.
     * @param ms timeout
     */
    async command(line: string, ms: number): Promise<Result> {
        this.forget()
        const end = ds.millis() + ms
        if (!(await this.send(line + "\r"))) return Result.None
        while (true) {
            this.take()
            if (this.find("\r\nOK\r\n") >= 0) return Result.Ok
            const error = this.find("ERROR")
            if (error >= 0 && this.answer.indexOf(CR, error, this.length) >= 0)
                return Result.Error
            const left = end - ds.millis()
            if (left <= 0) return Result.None
            await this.port.wait(Math.min(left, LOOK))
        }
        return Result.None
    }

    /**
     * Gives a command that ends with its own text.
     * @returns whether that text came in time, and no error
     */
    async ask(line: string, end: string, ms: number): Promise<boolean> {
        this.forget()
        if (!(await this.send(line + "\r"))) return false
        return await this.until(end, ms)
    }

    /** Waits for a text, or an error. */
    async until(text: string, ms: number): Promise<boolean> {
        const end = ds.millis() + ms
        while (true) {
            this.take()
            if (this.find(text) >= 0) return true
            const left = end - ds.millis()
            if (left <= 0 || this.find("ERROR\r\n") >= 0) return false
            await this.port.wait(Math.min(left, LOOK))
        }
        return false
    }

    /** Waits for the end of the line that contains a text. */
    async line(text: string, ms: number) {
        const end = ds.millis() + ms
        while (!this.behind(text)) {
            const left = end - ds.millis()
            if (left <= 0) return
            await this.port.wait(Math.min(left, LOOK))
            this.take()
        }
    }

    /** Index of a text in `answer`, -1 if none. */
    find(text: string): number {
        const answer = this.answer
        const first = text.charCodeAt(0)
        const last = this.length - text.length
        let at = 0
        while (at <= last) {
            at = answer.indexOf(first, at, this.length)
            if (at < 0 || at > last) return -1
            let n = 1
            while (n < text.length && answer[at + n] === text.charCodeAt(n)) n++
            if (n === text.length) return at
            at++
        }
        return -1
    }

    /** The rest of the line after a text; "" if there is no such text. */
    behind(text: string): string {
        const at = this.find(text)
        if (at < 0) return ""
        const from = at + text.length
        const end = this.answer.indexOf(CR, from, this.length)
        return end < 0 ? "" : this.part(from, end)
    }

    /** The first line of a response that is neither empty nor the echo of the command. */
    information(): string {
        const from = this.find("\r\n") + 2
        const end = this.answer.indexOf(CR, from, this.length)
        return end < 0 ? "" : this.part(from, end)
    }

    private part(from: number, end: number): string {
        const copy = Buffer.alloc(end - from)
        copy.blitAt(0, this.answer, from, end - from)
        return copy.toString()
    }
}
