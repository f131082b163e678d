/**
 * The transmit side: writes a command into a buffer, and says what is to go
 * out on the UART next: the command, or the application's own bytes behind
 * the prompt, which are sent from where they lie.
 */

/** Longest command: AT+CIPSTART with a host name of 255 characters. */
export const COMMAND_SIZE = 300

const CR = 13
const QUOTE = 34
const COMMA = 44
const EQUALS = 61
const ZERO = 48

export class Encoder {
    /** what goes out next: `left` bytes of `source` from `at` on */
    source: Buffer
    at = 0
    left = 0

    private readonly command: Buffer
    private len = 0

    constructor() {
        this.command = Buffer.alloc(COMMAND_SIZE)
        this.source = this.command
    }

    /** Begins a command with a constant text. */
    begin(text: string) {
        this.len = text.length
        this.command.blitAt(0, text, 0, text.length)
    }

    /** Appends an unsigned integer. */
    number(value: number) {
        let digits = 1
        for (let v = value; v >= 10; v = Math.floor(v / 10)) digits++
        let at = this.len + digits
        this.len = at
        for (; digits > 0; digits--) {
            const rest = Math.floor(value / 10)
            this.command[--at] = ZERO + value - rest * 10
            value = rest
        }
    }

    /** Appends a text of ASCII characters. */
    text(text: string) {
        this.command.blitAt(this.len, text, 0, text.length)
        this.len += text.length
    }

    /** Appends a text of ASCII characters between quotation marks. */
    quoted(text: string) {
        this.command[this.len] = QUOTE
        this.command.blitAt(this.len + 1, text, 0, text.length)
        this.len += text.length + 2
        this.command[this.len - 1] = QUOTE
    }

    /** Begins the next parameter: a comma, unless it is the first one. */
    comma() {
        if (this.command[this.len - 1] !== EQUALS)
            this.command[this.len++] = COMMA
    }

    /** Ends the command: it goes out next. An `=` without parameters is dropped. */
    end() {
        if (this.command[this.len - 1] === EQUALS) this.len--
        this.command[this.len++] = CR
        this.source = this.command
        this.at = 0
        this.left = this.len
    }

    /** Sends `len` times the byte `value`, at most the length of a command. */
    fill(value: number, len: number) {
        this.command.fillAt(0, len, value)
        this.source = this.command
        this.at = 0
        this.left = len
    }

    /** Sends `len` bytes of the application from `at` on, as they are. */
    payload(source: Buffer, at: number, len: number) {
        this.source = source
        this.at = at
        this.left = len
    }

    /** Forgets what has not gone out yet. */
    drop() {
        this.left = 0
    }
}
