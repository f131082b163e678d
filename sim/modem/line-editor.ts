import type { Clock, Timer } from "./clock"

/** Characters of a command line after `AT`, [ATM] 1.4.4. */
export const LINE_LIMIT = 556

/** A line whose last character is older than this (ms) is no longer being typed. */
const TYPING_PAUSE = 100

const CR = 0x0d
const LF = 0x0a
const BLANK = 0x20
/** What terminals send for the Backspace key. */
const DELETE = 0x7f

export interface LineEditorEvents {
    /** A character to be given back to the DTE. */
    echo(byte: number): void
    /** A complete line, without `AT` and its end. */
    line(text: string): void
    /** A line of more than {@link LINE_LIMIT} characters has ended. */
    overflow(): void
    /** Whether a line is being typed has changed. */
    typing(active: boolean): void
}

/**
 * Makes command lines from characters ([ATM] 1.4, 2.2.17 to 2.2.19): waits for
 * `AT`, in either case and after any garbage, and collects up to CR, or up to an
 * LF alone, which modules take too [REAL:esphome/pull/3719]. `A/` repeats the last
 * line at once.
 */
export class LineEditor {
    /** ATS5. */
    editCharacter = 8
    private state: "idle" | "A" | "line" = "idle"
    private line = ""
    private overflown = false
    private lastLine = ""
    private afterCr = false
    private typed = false
    private pause: Timer | undefined

    constructor(
        private readonly clock: Clock,
        private readonly events: LineEditorEvents
    ) {}

    /** Whether a line has been begun, and not long ago. */
    get isTyping(): boolean {
        return this.typed
    }

    /** Takes one character in command mode. */
    receive(byte: number): void {
        // the line feed of a CR LF belongs to the line before
        const strayLineFeed = byte === LF && this.afterCr
        this.afterCr = byte === CR
        if (strayLineFeed) return
        this.events.echo(byte)
        if (this.state === "line") this.inLine(byte)
        else this.beforeLine(byte)
    }

    /**
     * A character came while the editor did not listen; only a line feed after CR
     * matters.
     */
    miss(byte: number): boolean {
        const strayLineFeed = byte === LF && this.afterCr
        this.afterCr = byte === CR
        return !strayLineFeed
    }

    /**
     * A character came that is data, or should be.
     * @returns whether it is the LF after the CR of the last line
     */
    passes(byte: number): boolean {
        const strayLineFeed = byte === LF && this.afterCr
        this.afterCr = false
        return strayLineFeed
    }

    private beforeLine(byte: number): void {
        const upper = String.fromCharCode(byte).toUpperCase()
        if (this.state === "A" && upper === "T") {
            this.state = "line"
            this.line = ""
            this.overflown = false
            this.setTyping()
        } else if (this.state === "A" && upper === "/") {
            this.endLine()
            this.events.line(this.lastLine)
        } else if (upper === "A") {
            this.state = "A"
            this.setTyping()
        } else this.endLine()
    }

    private inLine(byte: number): void {
        if (byte === CR || byte === LF) {
            const { line, overflown } = this
            this.endLine()
            if (overflown) this.events.overflow()
            else {
                this.lastLine = line
                this.events.line(line)
            }
            return
        }
        this.setTyping()
        if (byte === this.editCharacter || byte === DELETE)
            this.line = this.line.slice(0, -1)
        else if (byte >= BLANK) {
            if (this.line.length === LINE_LIMIT) this.overflown = true
            else this.line += String.fromCharCode(byte)
        }
    }

    private endLine(): void {
        this.state = "idle"
        this.line = ""
        this.pause?.cancel()
        this.stopTyping()
    }

    private setTyping(): void {
        this.pause?.cancel()
        this.pause = this.clock.after(TYPING_PAUSE, () => this.stopTyping())
        if (this.typed) return
        this.typed = true
        this.events.typing(true)
    }

    private stopTyping(): void {
        if (!this.typed) return
        this.typed = false
        this.events.typing(false)
    }
}
