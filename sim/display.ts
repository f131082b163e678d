/** The display: one line per event, with time and source. */
import pc from "picocolors"
import type { TraceEvent } from "./modem/trace"
import { spell } from "./modem/trace"

type Style = (text: string) => string

/** Sources, and their styles. */
const SOURCES = {
    // what crosses the wire
    "modem >": pc.cyan,
    "modem <": pc.green,
    // what becomes of things
    state: pc.magenta,
    driver: pc.blue,
    // output of the firmware
    app: pc.bold,
    warning: pc.yellow,
    error: pc.red,
    // the surroundings
    server: pc.yellow,
    sim: pc.dim,
} satisfies Record<string, Style>

export type Source = keyof typeof SOURCES

const WIDTH = Math.max(...Object.keys(SOURCES).map(name => name.length))
/** Silence on the wire that ends a line, ms. */
const PAUSE = 15
/** Longest part of one transmission that is shown, in bytes. */
const SHOWN = 240

/** A character that comes many times in a row. */
const RUN = /(.)\1{15,}/gu
const shorten = (run: string, char: string): string =>
    `${char}×${run.length / char.length}`

interface Event {
    readonly time: number
    readonly source: Source
    readonly text: string
}

export class Display {
    private readonly start = performance.now()
    private wire: { time: number; direction: string; bytes: Buffer } | undefined
    private timer: NodeJS.Timeout | undefined
    /** what waits for the transmission under way, so as not to tear it */
    private readonly waiting: Event[] = []
    private closed = false

    /** @param label begins the text of each line: names one of several modems */
    constructor(
        private readonly write: (line: string) => void = console.log,
        private readonly label = ""
    ) {}

    /** One event; each line of the text is shown as one. */
    show(source: Source, text: string): void {
        const event = { time: performance.now(), source, text }
        if (this.wire) this.waiting.push(event)
        else this.print(event)
    }

    /** Shows the bytes held back, then nothing more. */
    close(): void {
        this.flush()
        this.closed = true
    }

    private print({ time, source, text }: Event): void {
        if (this.closed) return
        const seconds = ((time - this.start) / 1000).toFixed(3)
        const style: Style = SOURCES[source]
        for (const line of text.split("\n"))
            this.write(
                `${pc.dim(seconds.padStart(8))}  ${style(source.padEnd(WIDTH))}  ${this.label}${style(line)}`
            )
    }

    /** Bytes on the wire: closely following bytes of one direction share a line. */
    traffic({ direction, bytes }: TraceEvent): void {
        if (this.wire && this.wire.direction !== direction) this.flush()
        if (!this.wire)
            this.wire = {
                time: performance.now(),
                direction,
                bytes: Buffer.alloc(0),
            }
        this.wire.bytes = Buffer.concat([this.wire.bytes, bytes])
        clearTimeout(this.timer)
        this.timer = setTimeout(() => this.flush(), PAUSE)
    }

    /** Shows the bytes held back. */
    flush(): void {
        clearTimeout(this.timer)
        const { wire } = this
        this.wire = undefined
        if (wire) {
            const { length } = wire.bytes
            const more = length > SHOWN ? ` … ${length} bytes` : ""
            const text = spell(wire.bytes.subarray(0, SHOWN))
            this.print({
                time: wire.time,
                source: wire.direction === ">" ? "modem >" : "modem <",
                text: text.replace(RUN, shorten) + more,
            })
        }
        for (const event of this.waiting.splice(0)) this.print(event)
    }
}
