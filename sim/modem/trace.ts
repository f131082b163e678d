/**
 * Watching a wire, and spelling what crosses it so that a person can read it.
 */
import type { Clock } from "./clock"
import type { BytePipe } from "./uart"

/** `>` from the DTE to the modem, `<` from the modem to the DTE. */
export type Direction = ">" | "<"

export interface TraceEvent {
    /** The time of the clock, ms. */
    readonly time: number
    readonly direction: Direction
    readonly bytes: Uint8Array
}

export type TraceListener = (event: TraceEvent) => void

/**
 * A tap on a byte pipe: itself such a pipe, to be used in place of the one it
 * taps, virtual modem or serial port.
 */
export class Tap implements BytePipe {
    onData: (bytes: Uint8Array) => void = () => undefined
    private readonly listeners = new Set<TraceListener>()

    constructor(
        private readonly pipe: BytePipe,
        private readonly clock: Clock
    ) {
        pipe.onData = bytes => {
            this.tell("<", bytes)
            this.onData(bytes)
        }
    }

    write(bytes: Uint8Array): void {
        this.tell(">", bytes)
        this.pipe.write(bytes)
    }

    /** @returns a function that ends the listening */
    listen(listener: TraceListener): () => void {
        this.listeners.add(listener)
        return () => this.listeners.delete(listener)
    }

    private tell(direction: Direction, bytes: Uint8Array): void {
        const event = { time: this.clock.now(), direction, bytes }
        for (const listener of this.listeners) listener(event)
    }
}

/**
 * Spells bytes with every control character visible: `⏎` is CR LF, `␍` CR, `␊`
 * LF, `␚` Ctrl-Z, `␛` ESC, the others have their sign of U+2400 too; bytes from
 * 0x80 on are `\x80`, the backslash is `\\`.
 */
export function spell(bytes: Uint8Array): string {
    let text = ""
    for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i]
        if (byte === CR && bytes[i + 1] === LF) {
            text += "⏎"
            i++
        } else if (byte < 0x20) text += String.fromCharCode(PICTURES + byte)
        else if (byte === 0x7f) text += "␡"
        else if (byte === 0x5c) text += "\\\\"
        else if (byte < 0x80) text += String.fromCharCode(byte)
        else text += `\\x${byte.toString(16)}`
    }
    return text
}

/** The bytes of a text spelt as {@link spell} does it. */
export function unspell(text: string): Uint8Array {
    const bytes: number[] = []
    for (const [token, hex] of text.matchAll(/\\x([0-9a-f]{2})|\\\\|[^]/gu)) {
        const code = token.charCodeAt(0)
        if (hex !== undefined) bytes.push(parseInt(hex, 16))
        else if (token === "⏎") bytes.push(CR, LF)
        else if (token === "␡") bytes.push(0x7f)
        else if (code >= PICTURES && code < PICTURES + 0x20)
            bytes.push(code - PICTURES)
        else if (code < 0x80) bytes.push(code)
        else throw new Error(`"${token}" stands for no byte; write \\x..`)
    }
    return Uint8Array.from(bytes)
}

const CR = 0x0d
const LF = 0x0a
/** The signs for control characters start here in Unicode. */
const PICTURES = 0x2400
