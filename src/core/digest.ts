/**
 * Finds what is at the front of the receive ring: a line, the prompt, the end of a
 * counted payload, or nothing complete yet. It makes no strings: it copies a line to
 * `line`, and payload to `sink` in blocks.
 *
 * The modem frames everything as CR LF text CR LF, with three exceptions (application
 * note 6.1 and 7): no line end follows the prompt `> `; a header line announces the
 * length of a payload, which is counted and never searched; and the header `+IPD,n:`
 * ends at its colon. Chunk boundaries mean nothing: the same bytes give the same
 * sequence, however they are cut.
 */
import { COLON, CR, DOT, LF, NINE, PLUS, PROMPT, SPACE, ZERO } from "./ascii"
import { Ring } from "./ring"

/** What `next()` has found. */
export enum Digested {
    /** more bytes are needed, or the sink is full (`stalled`) */
    Nothing,
    /** more bytes are left, but this call has done its share of work */
    Pause,
    /** `line` and `lineLength` hold a line that is not empty */
    Line,
    /** the `>` that asks for the data of a command; only while `awaitPrompt` */
    Prompt,
    /**
     * no line end follows the payload: the UART lost bytes, so the payload is not what
     * the peer sent
     */
    Torn,
    /** bare data were moved to `plain` */
    Plain,
    /**
     * `line` holds the text between two line ends amid bare data: call `takeFrame()` if
     * it is a line, `passFrame()` if it is data
     */
    Frame,
}

/** Longest line that is kept whole; a longer one loses its end. */
export const LINE_SIZE = 256
/** the same for responses to the application: a message in hexadecimal digits */
export const LONG_LINE_SIZE = 672
/** zeros after the line in its buffer */
export const ZEROS = 8

/**
 * Most bytes between two lines that one call skips: DeviceScript ends a program
 * that runs 131,072 instructions without a pause.
 */
const SKIP = 512

/** Longest `+IPD,1460,TCP:`, and some. */
const HEADER_SIZE = 20
const HEADER = "+IPD,"

/** @devsWhenUsed */
export class Digest {
    readonly ring: Ring
    /** the line that was found, without its line end, followed by zeros */
    line: Buffer
    lineLength = 0
    /** @input a prompt (of AT+CIPSEND, AT+CMGS) is due; at any other time `>` is text */
    awaitPrompt = false
    /** @input `+IPD,n:` may come: pushed data of a single connection */
    inlineHeaders = false
    /** @input the bytes are foreign text: they hold neither prompt nor header */
    text = false
    /** @input … but a line after an empty one may be a header */
    framed = false
    /** empty lines before the line; a modem sends one, foreign text may have none */
    blank = 0
    /** the same for the next line */
    private blanks = 0
    /**
     * ring for bytes that belong to no line, if the modem sends data without a header
     * (application note 2.1.1); lines amid them are still recognised
     */
    plain: Ring | null = null
    /** whether a line begins here depends on bytes that have not come yet */
    undecided = false
    /** @input decide now: those bytes will not come */
    decide = false
    /** payload bytes still to come */
    payloadLeft = 0
    /** ring for the payload; null: payload is dropped and counted in `unwanted` */
    sink: Ring | null = null
    /** the sink is full: nothing moves until a reader makes room */
    stalled = false
    /** payload bytes dropped for want of a sink */
    unwanted = 0
    /**
     * bytes dropped because they were a damaged line, or filled the ring without a line
     * end
     */
    junk = 0
    /** bytes at the front of the ring that are known to hold no line end */
    private scanned = 0
    /** a payload ends here: a line end must follow */
    private seam = false
    /** the line at the front is damaged: its beginning or middle is missing */
    private broken = false
    /** length of the frame in the ring, with both line ends */
    private frame = 0
    /** the line end at the front ended a line; the next line may share it */
    private shared = false

    constructor(ring: Ring) {
        this.ring = ring
        this.line = Buffer.alloc(LINE_SIZE + ZEROS)
    }

    /** Announces `len` bytes of payload: they are the next in the ring. */
    expectPayload(len: number, sink: Ring | null) {
        this.payloadLeft = len
        this.sink = sink
        this.stalled = false
        this.scanned = 0
        // a line end must follow the payload, even an empty one
        this.seam = true
    }

    /** Drops bytes that belong to no connection. */
    skip(count: number) {
        this.unwanted += count
        this.ring.drop(count)
    }

    /** Drops the rest of the payload as it comes. */
    discard() {
        this.sink = null
        this.stalled = false
    }

    /** Stops delivery to `ring`. */
    leave(ring: Ring) {
        if (this.sink === ring) this.sink = null
    }

    /** Replaces the line buffer by a larger one; not within a poll. */
    keepLinesIn(line: Buffer) {
        this.line = line
    }

    /** Marks the line as foreign text: puts a line feed before it. */
    markLine() {
        const line = this.line
        let n = this.lineLength
        if (n < line.length) this.lineLength = n + 1
        else n--
        for (; n > 0; n--) line[n] = line[n - 1]
        line[0] = LF
    }

    /** Begins to deliver bare data to `sink`, or (null) ends that. */
    expectPlain(sink: Ring | null) {
        if (this.plain === sink) return
        this.plain = sink
        this.undecided = false
        this.shared = false
    }

    /** Drops all unfinished state: the modem has restarted. */
    reset() {
        this.payloadLeft = 0
        this.ring.enough = 0
        this.sink = null
        this.stalled = false
        this.seam = false
        this.broken = false
        this.awaitPrompt = false
        this.text = false
        this.scanned = 0
        this.plain = null
        this.undecided = false
        this.shared = false
    }

    /** Bytes were lost after those in the ring: discard the damaged line. */
    skipLine() {
        this.broken = true
        this.seam = false
    }

    /** Whether a line that alone ends a command is an address; 0.0.0.0 is none. */
    isAddress(): boolean {
        const first = this.line[0]
        return first <= NINE && (first !== ZERO || this.line[1] !== DOT)
    }

    /** Drops everything up to the next line end. */
    private skipBroken() {
        const ring = this.ring
        let used = ring.used
        let tail = ring.tail
        while (used > 0 && this.broken) {
            const first = ring.size - tail
            const n = used < first ? used : first
            const at = ring.buf.indexOf(LF, tail, tail + n)
            const len = at < 0 ? n : at + 1 - tail
            this.broken = at < 0
            tail = (tail + len) & (ring.size - 1)
            used -= len
            this.junk += len
        }
        ring.tail = tail
        ring.used = used
        this.scanned = 0
    }

    /**
     * Moves received payload from the ring to the sink, in blocks, until the sink is
     * full (`stalled`).
     * @returns whether its last byte has been moved
     */
    takePayload(): boolean {
        const ring = this.ring
        const size = ring.size
        const sink = this.sink
        let left = this.payloadLeft
        this.stalled = false
        while (left > 0 && ring.used > 0) {
            const tail = ring.tail
            let n = size - tail
            if (n > ring.used) n = ring.used
            if (n > left) n = left
            if (sink === null) this.unwanted += n
            else {
                const room = sink.size - sink.used
                if (n > room) n = room
                if (n === 0) {
                    this.stalled = true
                    break
                }
                const head = (sink.tail + sink.used) & (sink.size - 1)
                if (n > sink.size - head) n = sink.size - head
                sink.buf.blitAt(head, ring.buf, tail, n)
                sink.used += n
            }
            ring.tail = (tail + n) & (size - 1)
            ring.used -= n
            left -= n
        }
        this.payloadLeft = left
        return left === 0
    }

    /**
     * Takes the next item off the ring, unless payload is due. Call it until it returns
     * `Nothing`.
     */
    // eslint-disable-next-line complexity -- it runs for each line: a call takes as long as 2.5 bytes
    next(): Digested {
        const ring = this.ring
        const buf = ring.buf
        const size = ring.size
        const mask = size - 1
        // the rest of a damaged line, and the line end after a payload
        if (this.broken) this.skipBroken()
        let tail = ring.tail
        let used = ring.used
        if (this.seam && used > 0) {
            this.seam = false
            if (buf[tail] !== CR) return Digested.Torn
        }
        if (this.plain !== null) return this.nextPlain(this.plain)

        // blanks and line ends between two lines
        const least = used - SKIP
        let front = 0
        while (used > 0 && used !== least) {
            front = buf[tail]
            if (front > SPACE) break
            if (front === LF) this.blanks++
            else if (front !== CR && front !== SPACE && front !== 0) break
            tail = (tail + 1) & mask
            used--
        }
        ring.tail = tail
        ring.used = used
        if (used === 0) {
            this.scanned = 0
            return Digested.Nothing
        }
        if (used === least) return Digested.Pause

        if (front === PROMPT && this.awaitPrompt && !this.text) {
            this.awaitPrompt = false
            this.scanned = 0
            // most modems send a blank after it
            const n = used > 1 && buf[(tail + 1) & mask] === SPACE ? 2 : 1
            ring.tail = (tail + n) & mask
            ring.used = used - n
            return Digested.Prompt
        }

        // the length of the line, without its LF or the colon of a header
        let end = -1
        const linear = size - tail
        const scanned = this.scanned
        if (this.inlineHeaders && front === PLUS)
            end = this.headerEnd(tail, used)
        if (end < 0 && scanned < linear) {
            const stop = used < linear ? tail + used : size
            const at = buf.indexOf(LF, tail + scanned, stop)
            if (at >= 0) end = at - tail
        }
        if (end < 0 && used > linear) {
            const from = scanned > linear ? scanned - linear : 0
            const at = buf.indexOf(LF, from, used - linear)
            if (at >= 0) end = at + linear
        }
        if (end < 0) {
            if (used === size) {
                // no line is that long
                this.junk += used
                used = 0
                ring.used = 0
            }
            this.scanned = used
            return Digested.Nothing
        }

        // the line itself, without its end
        const line = this.line
        const longest = line.length - ZEROS
        let len = end < longest ? end : longest
        if (len <= linear) line.blitAt(0, buf, tail, len)
        else {
            line.blitAt(0, buf, tail, linear)
            line.blitAt(linear, buf, 0, len - linear)
        }
        // ends: the line does not begin with CR
        while (line[len - 1] === CR) len--
        // the result table compares four bytes at once
        line.fillAt(len, 4, 0)
        this.lineLength = len
        this.blank = this.blanks
        this.blanks = 0
        this.scanned = 0
        ring.tail = (tail + end + 1) & mask
        ring.used = used - end - 1
        return Digested.Line
    }

    /** `next()` amid bare data. */
    // eslint-disable-next-line complexity -- it runs for each line: a call takes as long as 2.5 bytes
    private nextPlain(sink: Ring): Digested {
        const ring = this.ring
        const buf = ring.buf
        const mask = ring.size - 1
        const tail = ring.tail
        const used = ring.used
        const decide = this.decide
        this.undecided = false
        this.decide = false
        if (used === 0) return Digested.Nothing
        if (buf[tail] !== CR) {
            // data up to the next CR, where a line may begin
            const stop = used < ring.size - tail ? tail + used : ring.size
            const at = buf.indexOf(CR, tail, stop)
            return this.pour(sink, (at < 0 ? stop : at) - tail)
        }
        const lf = used > 1 && buf[(tail + 1) & mask] === LF
        if (used > 1 && !lf) return this.pour(sink, 1)
        if (
            lf &&
            this.awaitPrompt &&
            used > 2 &&
            buf[(tail + 2) & mask] === PROMPT
        ) {
            if (used > 3 || decide) {
                this.awaitPrompt = false
                const n = used > 3 && buf[(tail + 3) & mask] === SPACE ? 4 : 3
                ring.tail = (tail + n) & mask
                ring.used = used - n
                return Digested.Prompt
            }
        } else if (lf) {
            let end = 2
            const longest = this.line.length - ZEROS
            const most = used < longest ? used : longest
            while (end < most && buf[(tail + end) & mask] !== LF) end++
            if (end < most) {
                let len = 0
                for (let i = 2; i < end; i++)
                    this.line[len++] = buf[(tail + i) & mask]
                while (len > 0 && this.line[len - 1] === CR) len--
                if (len === 0) return this.lineEnd(sink, 2)
                this.line.fillAt(len, 4, 0)
                this.lineLength = len
                this.frame = end + 1
                return Digested.Frame
            }
            if (most === longest) return this.lineEnd(sink, 2)
        }
        if (decide) return this.lineEnd(sink, lf ? 2 : 1)
        this.undecided = true
        return Digested.Nothing
    }

    /**
     * The frame was a line.
     * @param shared one line end separates the lines of a response
     */
    takeFrame(shared: boolean) {
        const ring = this.ring
        const n = shared ? this.frame - 2 : this.frame
        ring.tail = (ring.tail + n) & (ring.size - 1)
        ring.used -= n
        this.shared = shared
    }

    /**
     * The frame was data; the line end after it may begin the next frame.
     * @returns false if there is no room for the data
     */
    passFrame(): boolean {
        const plain = this.plain
        return plain === null || this.lineEnd(plain, 2) !== Digested.Nothing
    }

    /** A line end that begins no line is data, unless it ended a line. */
    private lineEnd(sink: Ring, count: number): Digested {
        if (!this.shared) return this.pour(sink, count)
        const ring = this.ring
        this.shared = false
        ring.tail = (ring.tail + 2) & (ring.size - 1)
        ring.used -= 2
        return Digested.Plain
    }

    /** Delivers bare data. */
    private pour(sink: Ring, count: number): Digested {
        const ring = this.ring
        const first = ring.size - ring.tail
        let n = sink.put(ring.buf, ring.tail, count < first ? count : first)
        if (count > first) n += sink.put(ring.buf, 0, count - first)
        ring.tail = (ring.tail + n) & (ring.size - 1)
        ring.used -= n
        this.stalled = n < count
        return n > 0 ? Digested.Plain : Digested.Nothing
    }

    /**
     * Finds the end of a `+IPD,…:` at the front of the ring.
     * @returns the index of its colon; -1 if it has not come yet, or if this is no
     * header
     */
    private headerEnd(tail: number, used: number): number {
        if (this.text && !(this.framed && this.blanks > 0)) return -1
        const buf = this.ring.buf
        const mask = this.ring.size - 1
        for (let i = 0; i < HEADER_SIZE; i++) {
            if (i >= used) return -1
            const c = buf[(tail + i) & mask]
            if (i < HEADER.length) {
                if (c !== HEADER.charCodeAt(i)) return -1
            } else if (c === COLON) return i
            else if (c === CR) return -1
        }
        return -1
    }
}
