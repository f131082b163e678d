/**
 * Events as a transcript that the tests of the virtual modem play:
 * `> AT␍` to the modem, `< ⏎OK⏎` from it, `~ 250` ms of silence, `^ dtr low` and
 * `! ri low 120 ms` for the lines, `# …` for all else.
 */
import { spell } from "../modem/trace"
import type { FeedEvent } from "./feed"
import { DTE_PINS, type Pin } from "./probe"

/** Shorter silence is not worth a line, ms. */
const SILENCE = 20

const isDriven = (pin: Pin): boolean =>
    (DTE_PINS as readonly Pin[]).includes(pin)

/** Writes a transcript, event by event. */
export class TranscriptWriter {
    private until = 0
    private readonly lowSince = new Map<Pin, number>()

    constructor(private readonly write: (line: string) => void) {}

    add(event: FeedEvent): void {
        switch (event.kind) {
            case "data": {
                if (event.direction === ">") this.silence(event.time)
                this.until = event.time
                const text = spell(event.bytes)
                // a blank at the end would be lost
                const mark = / $/.test(text) ? "|" : ""
                this.write(`${event.direction} ${text}${mark}`)
                return
            }
            case "pin":
                this.pin(event.pin, event.low, event.time)
                return
            case "state":
                this.remark(`${event.subject}: ${event.from} → ${event.to}`)
                return
            case "message":
                this.remark(
                    `short message ${event.way === "in" ? "from" : "to"} ${event.number}: ${event.text}`
                )
                return
            case "log":
                this.remark(`${event.source}: ${event.text}`)
                return
            case "action":
                this.remark(event.text)
        }
    }

    private silence(time: number): void {
        const ms = Math.round(time - this.until)
        if (ms >= SILENCE) this.write(`~ ${ms}`)
    }

    private pin(pin: Pin, low: boolean, time: number): void {
        if (isDriven(pin)) {
            this.silence(time)
            this.until = time
            this.write(`^ ${pin} ${low ? "low" : "high"}`)
            return
        }
        const since = this.lowSince.get(pin)
        this.lowSince.delete(pin)
        if (low) this.lowSince.set(pin, time)
        const width =
            since === undefined || low
                ? ""
                : `, low for ${Math.round(time - since)} ms`
        this.remark(`! ${pin} ${low ? "low" : "high"}${width}`)
    }

    private remark(text: string): void {
        for (const line of text.split(/\r?\n/)) this.write(`# ${line}`)
    }
}

/** The transcript of some events. */
export function transcriptOf(events: readonly FeedEvent[]): string {
    const lines: string[] = []
    const writer = new TranscriptWriter(line => lines.push(line))
    for (const event of events) writer.add(event)
    return lines.join("\n") + "\n"
}
