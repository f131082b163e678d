/**
 * All events of a modem, in order, for its observers: the terminal, the event stream of
 * the control port, the page, a recording.
 */
import type { Clock, Timer } from "../modem/clock"
import type { Direction } from "../modem/trace"
import type { Pin } from "./probe"

/** Source of a log line. */
export type LogSource =
    "app" | "driver" | "warning" | "error" | "server" | "sim"

export type Happening =
    /** bytes on the wire */
    | {
          readonly kind: "data"
          readonly direction: Direction
          readonly bytes: Uint8Array
      }
    | { readonly kind: "pin"; readonly pin: Pin; readonly low: boolean }
    /** a transition, in SIMCom's words */
    | {
          readonly kind: "state"
          readonly subject: string
          readonly from: string
          readonly to: string
      }
    /** a short message: `in` to the modem, `out` from it */
    | {
          readonly kind: "message"
          readonly way: "in" | "out"
          readonly number: string
          readonly text: string
      }
    | {
          readonly kind: "log"
          readonly source: LogSource
          readonly text: string
      }
    /** an action was performed */
    | {
          readonly kind: "action"
          readonly name: string
          readonly text: string
      }

export type FeedEvent = Happening & {
    /** counts from 1 */
    readonly id: number
    /** ms since the start of the feed */
    readonly time: number
}

export type FeedListener = (event: FeedEvent) => void

/** Silence on the wire that ends a transmission, ms. */
const PAUSE = 15
/** A transmission goes out in parts, if it is longer. */
const LONGEST = 1024
/** Limits of the history for later observers: events, and bytes in them. */
const KEPT_EVENTS = 4000
const KEPT_BYTES = 2_000_000

/** Bytes that follow closely in one direction are one event. */
export class Feed {
    private readonly start: number
    private readonly listeners = new Set<FeedListener>()
    private kept: FeedEvent[] = []
    private keptBytes = 0
    private last = 0
    private wire:
        | {
              time: number
              direction: Direction
              parts: Uint8Array[]
              size: number
          }
        | undefined
    private timer: Timer | undefined

    constructor(private readonly clock: Clock) {
        this.start = clock.now()
    }

    /** ms since the start. */
    get now(): number {
        return this.clock.now() - this.start
    }

    /** The id of the latest event. */
    get latest(): number {
        return this.last
    }

    /** @returns a function that ends the listening */
    listen(listener: FeedListener): () => void {
        this.listeners.add(listener)
        return () => this.listeners.delete(listener)
    }

    /** The kept events after a given one. */
    since(id: number): readonly FeedEvent[] {
        return this.kept.filter(event => event.id > id)
    }

    publish(happening: Happening): void {
        if (happening.kind === "data")
            this.gather(happening.direction, happening.bytes)
        else {
            this.flush()
            this.emit(happening, this.now)
        }
    }

    private gather(direction: Direction, bytes: Uint8Array): void {
        const before = this.wire
        if (
            before &&
            (before.direction !== direction || before.size >= LONGEST)
        )
            this.flush()
        this.wire ??= { time: this.now, direction, parts: [], size: 0 }
        this.wire.parts.push(bytes.slice())
        this.wire.size += bytes.length
        this.timer?.cancel()
        this.timer = this.clock.after(PAUSE, () => this.flush())
    }

    /** Emits the bytes held back. */
    flush(): void {
        this.timer?.cancel()
        this.timer = undefined
        const { wire } = this
        this.wire = undefined
        if (wire === undefined) return
        const bytes = Uint8Array.from(Buffer.concat(wire.parts))
        this.emit({ kind: "data", direction: wire.direction, bytes }, wire.time)
    }

    private emit(happening: Happening, time: number): void {
        const event = { ...happening, id: ++this.last, time }
        this.kept.push(event)
        this.keptBytes += weight(event)
        if (this.kept.length > KEPT_EVENTS || this.keptBytes > KEPT_BYTES)
            this.forget()
        for (const listener of this.listeners) listener(event)
    }

    /** A quarter at a time, which is cheaper than one by one. */
    private forget(): void {
        const gone = this.kept.splice(0, Math.ceil(this.kept.length / 4))
        for (const event of gone) this.keptBytes -= weight(event)
    }
}

function weight(event: FeedEvent): number {
    return event.kind === "data" ? event.bytes.length : 100
}
