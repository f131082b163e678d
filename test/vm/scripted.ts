import * as ds from "@devicescript/core"
import { UartPort } from "../../src/ports/uart"
import { Ring } from "../../src/core/ring"

/**
 * A modem that follows a script: it waits for exactly the bytes it expects,
 * then says its part. What it says arrives in chunks of `chunk` bytes.
 */
export class ScriptedUart implements UartPort {
    readonly flowControl = true
    readonly hasDtr = false
    readonly hasDcd = false
    readonly hasReset = false
    dcd = false
    riPulse = 0
    overruns = 0
    /** the driver has sent something else than was expected */
    mistake = ""

    private readonly lines: string[] = []
    private readonly chunk: number
    private heard = ""
    private said = ""
    private ring: Ring
    private waiter: ds.Fiber
    private awake = false

    constructor(chunk: number) {
        this.chunk = chunk
    }

    /** Expects `hears` next, and answers `says`; CR LF is written as "|". */
    then(hears: string, says: string) {
        this.lines.push(hears, says)
    }

    /** Says something without having been asked. */
    say(text: string) {
        this.said += framed(text)
        this.wake()
    }

    /** Everything expected has been heard. */
    done(): boolean {
        return this.lines.length === 0 && this.mistake === ""
    }

    async open(ring: Ring) {
        this.ring = ring
    }

    setDtr() {}

    async reset() {}

    receive() {
        if (!this.said) return
        const n = this.said.length < this.chunk ? this.said.length : this.chunk
        const part = Buffer.from(this.said.slice(0, n))
        this.ring.put(part, 0, n)
        this.said = this.said.slice(n)
    }

    transmit(buf: Buffer, at: number, len: number): number {
        const part = Buffer.alloc(len)
        part.blitAt(0, buf, at, len)
        this.heard += part.toString()
        const wanted = this.lines[0]
        if (this.heard === wanted) {
            this.heard = ""
            this.lines.shift()
            this.say(this.lines.shift())
        } else if (!wanted || !wanted.startsWith(this.heard)) {
            this.mistake = this.heard
            this.heard = ""
        }
        return len
    }

    async wait(ms: number) {
        if (this.said || this.awake || ms <= 0) await ds.sleep(0)
        else {
            this.waiter = ds.Fiber.self()
            await ds.suspend(ms)
            this.waiter = undefined
        }
        this.awake = false
    }

    wake() {
        this.awake = true
        if (this.waiter && this.waiter.suspended) this.waiter.resume(true)
    }

    async close() {}
}

function framed(text: string): string {
    return text.split("|").join("\r\n")
}

/** The script of a start that goes well, in manual mode. */
export function bringUp(uart: ScriptedUart, quick: boolean) {
    uart.then("AT\r", "|OK|")
    uart.then("ATE0\r", "|OK|")
    uart.then("AT+CMEE=1\r", "|OK|")
    uart.then("AT+IPR?\r", "|+IPR: 115200||OK|")
    uart.then("AT+IFC=2,2\r", "|OK|")
    uart.then("AT+CPIN?\r", "|+CPIN: READY||OK|")
    uart.then("AT+CCALR?\r", "|+CCALR: 1||OK|")
    uart.then("AT+CSQ\r", "|+CSQ: 20,0||OK|")
    uart.then("AT+CREG?\r", "|+CREG: 0,1||OK|")
    uart.then("AT+CGREG?\r", "|+CGREG: 0,1||OK|")
    uart.then("AT+CGATT?\r", "|+CGATT: 1||OK|")
    uart.then("AT+CIPSHUT\r", "|SHUT OK|")
    uart.then("AT+CIPMUX=1\r", "|OK|")
    uart.then("AT+CIPSPRT=1\r", "|OK|")
    uart.then(`AT+CIPQSEND=${quick ? 1 : 0}\r`, "|OK|")
    uart.then("AT+CIPRXGET=1\r", "|OK|")
    uart.then('AT+CSTT="CMNET","",""\r', "|OK|")
    uart.then("AT+CIICR\r", "|OK|")
    uart.then("AT+CIFSR\r", "|10.78.245.128|")
}
