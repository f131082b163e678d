/**
 * The transmit side: writes a command into a buffer, and tells the port which bytes to
 * send next: the command, or, after the prompt, the application's own bytes, sent
 * without a copy.
 */
import { COMMA, CR, EQUALS, QUOTE, ZERO } from "./ascii"

/** Longest command: AT+CIPSTART with a host name of 255 characters. */
export const COMMAND_SIZE = 300

/** The bytes to send. The port moves `at` on and counts `left` down. */
export interface Output {
    /** the port sends `left` bytes of it, from `at` on */
    source: Buffer
    at: number
    left: number
    /** the port wakes the driver when it has taken all of it */
    tell: boolean
    /**
     * the driver waits until the UART is idle. When the stop bit of the last byte is on
     * the wire, the port clears this and wakes the driver
     */
    drain: boolean
}

/** @devsWhenUsed */
export class Encoder implements Output {
    /** what goes out next: `left` bytes of `source` from `at` on */
    source: Buffer
    at = 0
    left = 0
    tell = false
    drain = false

    /** buffer in which commands are built */
    readonly command: Buffer
    /** the character before the next parameter */
    private separator = COMMA

    constructor() {
        this.command = Buffer.alloc(COMMAND_SIZE)
        this.source = this.command
    }

    /**
     * Begins a command whose first `len` bytes are in the buffer; parameters can be
     * appended. A final `=` without parameters is dropped.
     */
    begin(len: number) {
        const command = this.command
        this.separator = COMMA
        if (len > 0 && command[len - 1] === EQUALS) {
            this.separator = EQUALS
            len--
        }
        command[len] = CR
        this.source = command
        this.at = 0
        this.left = len + 1
        this.tell = false
    }

    /** Begins a command that is given as a text. */
    beginText(text: string) {
        this.command.blitAt(0, text, 0, text.length)
        this.begin(text.length)
    }

    /**
     * Appends parameters: unsigned integers.
     * @param second negative if there is only one
     */
    numbers(first: number, second: number) {
        const command = this.command
        let at = this.left
        command[at - 1] = this.separator
        this.separator = COMMA
        let value = first
        while (true) {
            let end = at + 1
            for (let least = 10; least <= value; least *= 10) end++
            at = end
            while (value >= 10) {
                const rest = Math.floor(value / 10)
                command[--end] = ZERO + value - rest * 10
                value = rest
            }
            command[--end] = ZERO + value
            if (second < 0) break
            command[at++] = COMMA
            value = second
            second = -1
        }
        command[at] = CR
        this.left = at + 1
    }

    /** Appends parameters as they are: ASCII characters. */
    text(text: string) {
        const command = this.command
        const at = this.left
        if (text.length === 0) return
        command[at - 1] = this.separator
        this.separator = COMMA
        command.blitAt(at, text, 0, text.length)
        this.left = at + text.length + 1
        command[this.left - 1] = CR
    }

    /** Appends a parameter: ASCII characters between quotation marks. */
    quoted(text: string) {
        const command = this.command
        const at = this.left
        const end = at + text.length + 1
        command[at - 1] = this.separator
        this.separator = COMMA
        command[at] = QUOTE
        command.blitAt(at + 1, text, 0, text.length)
        command[end] = QUOTE
        command[end + 1] = CR
        this.left = end + 2
    }

    /** Sends `len` times the byte `value`, at most the length of a command. */
    fill(value: number, len: number) {
        this.command.fillAt(0, len, value)
        this.source = this.command
        this.at = 0
        this.left = len
        this.tell = true
    }

    /** Sends `len` bytes of the application from `at` on, as they are. */
    payload(source: Buffer, at: number, len: number) {
        this.source = source
        this.at = at
        this.left = len
        this.tell = true
    }

    /** Drops the bytes that are not sent yet. */
    drop() {
        this.left = 0
        this.drain = false
    }
}
