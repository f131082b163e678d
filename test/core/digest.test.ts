import { describe, expect, test } from "vitest"
import "../../src/node/buffer"
import { Digest, Digested, LINE_SIZE } from "../../src/core/digest"
import { Ring } from "../../src/core/ring"
import { bytes, text } from "./dialogue"

interface Setup {
    prompt?: boolean
    /** payload that the line with this text announces */
    payload?: Record<string, number>
    ring?: number
    /** where in the ring the first byte lies */
    offset?: number
    sink?: number
}

/** What a digest finds in a stream that arrives in chunks. */
function found(stream: string, chunks: number[], setup: Setup = {}): string[] {
    const ring = new Ring(setup.ring ?? 64)
    ring.tail = setup.offset ?? 0
    const sink = new Ring(setup.sink ?? 1024)
    const digest = new Digest(ring)
    digest.awaitPrompt = !!setup.prompt
    const events: string[] = []
    const data = bytes(stream)
    let from = 0
    const run = () => {
        for (;;) {
            const what = digest.next()
            if (what === Digested.Nothing) return
            if (what === Digested.Pause) continue
            if (what === Digested.Line) {
                const line = text(digest.line.subarray(0, digest.lineLength))
                events.push(line)
                const len = setup.payload?.[line]
                if (len !== undefined) digest.expectPayload(len, sink)
            } else if (what === Digested.PayloadEnd) {
                const got = Buffer.alloc(sink.used)
                sink.pull(got, 0, got.length)
                events.push("payload " + text(got))
            } else events.push(Digested[what])
        }
    }
    for (const n of [...chunks, data.length]) {
        const end = Math.min(from + n, data.length)
        while (from < end) {
            const taken = ring.put(data, from, end - from)
            from += taken
            run()
        }
    }
    return events
}

/** Every way to cut a stream in two, byte by byte, and wrapped in the ring. */
function everyCut(stream: string, setup: Setup = {}): string[] {
    const whole = found(stream, [], setup)
    const n = bytes(stream).length
    expect(found(stream, Array(n).fill(1), setup)).toEqual(whole)
    for (let at = 1; at < n; at++)
        expect(found(stream, [at], setup), `cut at ${at}`).toEqual(whole)
    const size = setup.ring ?? 64
    for (let offset = 1; offset < size; offset++)
        expect(
            found(stream, [], { ...setup, offset }),
            `offset ${offset}`
        ).toEqual(whole)
    return whole
}

describe("lines", () => {
    test("are what stands between line ends; empty ones are nothing", () => {
        expect(everyCut("⏎OK⏎⏎+CSQ: 20,0⏎\n\n⏎RDY⏎")).toEqual([
            "OK",
            "+CSQ: 20,0",
            "RDY",
        ])
    })

    test("with an echo in front keep it to themselves (real log 1)", () => {
        expect(everyCut("AT␍⏎OK⏎")).toEqual(["AT", "OK"])
    })

    test("are not affected by NUL and blanks between them", () => {
        expect(everyCut("\\x00⏎ OK⏎ ⏎")).toEqual(["OK"])
    })

    test("end garbage (real log 4)", () => {
        expect(
            everyCut("\\x00IIII\\xff\\xff\\xff\\xff⏎RDY⏎⏎+CFUN: 1⏎")
        ).toEqual(["IIII\\xff\\xff\\xff\\xff", "RDY", "+CFUN: 1"])
    })

    test("have any number of line ends between them, in turns", () => {
        const ring = new Ring(1024)
        const digest = new Digest(ring)
        const data = bytes("⏎".repeat(500) + "OK⏎")
        ring.put(data, 0, data.length)
        expect(digest.next()).toBe(Digested.Pause)
        expect(digest.next()).toBe(Digested.Line)
        expect(digest.next()).toBe(Digested.Nothing)
        expect(ring.used).toBe(0)
    })

    test("longer than the line buffer lose their end", () => {
        const long = "x".repeat(LINE_SIZE + 50)
        expect(found(`⏎${long}⏎OK⏎`, [], { ring: 1024 })).toEqual([
            "x".repeat(LINE_SIZE),
            "OK",
        ])
    })

    test("that fill the ring without an end are junk", () => {
        const ring = new Ring(64)
        const digest = new Digest(ring)
        const junk = Buffer.alloc(64, 0xff)
        ring.put(junk, 0, 64)
        expect(digest.next()).toBe(Digested.Nothing)
        expect(digest.junk).toBe(64)
        expect(ring.used).toBe(0)
        const ok = bytes("⏎OK⏎")
        ring.put(ok, 0, ok.length)
        expect(digest.next()).toBe(Digested.Line)
    })
})

describe("the prompt", () => {
    test("is seen when it is due", () => {
        expect(everyCut("⏎> ", { prompt: true })).toEqual(["Prompt"])
    })

    test("may have URCs in front of it and behind", () => {
        expect(
            everyCut("⏎+CIPRXGET: 1,1⏎⏎> ⏎1, CLOSED⏎", { prompt: true })
        ).toEqual(["+CIPRXGET: 1,1", "Prompt", "1, CLOSED"])
    })

    test("is text at any other time", () => {
        expect(everyCut("⏎> ⏎")).toEqual(["> "])
        expect(everyCut("⏎a > b⏎", { prompt: true })).toEqual(["a > b"])
    })
})

describe("payload", () => {
    const setup = {
        payload: { "+RECEIVE,0,15:": 15, "+CIPRXGET: 2,0,11,0": 11 },
    }

    test("is counted, and nothing is looked for in it", () => {
        expect(
            everyCut("⏎+RECEIVE,0,15:⏎⏎OK⏎\\x00> ⏎0, C⏎⏎0, CLOSED⏎", {
                ...setup,
                prompt: true,
            })
        ).toEqual(["+RECEIVE,0,15:", "payload ⏎OK⏎␀> ⏎0, C", "0, CLOSED"])
    })

    test("of AT+CIPRXGET has one line end before OK (real log 9)", () => {
        expect(everyCut("⏎+CIPRXGET: 2,0,11,0⏎HELLO WORLD⏎OK⏎", setup)).toEqual(
            ["+CIPRXGET: 2,0,11,0", "payload HELLO WORLD", "OK"]
        )
    })

    test("that has lost bytes is noticed", () => {
        // HELLO WORLD without its R: the count runs into the line end
        expect(everyCut("⏎+CIPRXGET: 2,0,11,0⏎HELLO WOLD⏎OK⏎", setup)).toEqual([
            "+CIPRXGET: 2,0,11,0",
            "payload HELLO WOLD␍",
            "Torn",
            "OK",
        ])
    })

    test("waits for room where it goes", () => {
        const ring = new Ring(64)
        const sink = new Ring(8)
        const digest = new Digest(ring)
        digest.expectPayload(11, sink)
        const data = bytes("HELLO WORLD⏎OK⏎")
        ring.put(data, 0, data.length)
        expect(digest.next()).toBe(Digested.Nothing)
        expect(digest.stalled).toBe(true)
        expect(sink.used).toBe(8)
        const got = Buffer.alloc(11)
        sink.pull(got, 0, 8)
        expect(digest.next()).toBe(Digested.PayloadEnd)
        expect(digest.stalled).toBe(false)
        sink.pull(got, 8, 3)
        expect(got.toString()).toBe("HELLO WORLD")
        expect(digest.next()).toBe(Digested.Line)
    })

    test("that nobody wants is counted and thrown away", () => {
        const ring = new Ring(64)
        const digest = new Digest(ring)
        digest.expectPayload(11, null)
        const data = bytes("HELLO WORLD⏎OK⏎")
        ring.put(data, 0, data.length)
        expect(digest.next()).toBe(Digested.PayloadEnd)
        expect(digest.unwanted).toBe(11)
        expect(digest.next()).toBe(Digested.Line)
    })
})

describe("a ring", () => {
    test("has a size that is a power of two", () => {
        expect(() => new Ring(100)).toThrow("power of two: 100")
        expect(() => new Ring(0)).toThrow("power of two")
    })

    test("takes what fits and gives back what it took, in order", () => {
        const ring = new Ring(8)
        const out = Buffer.alloc(16)
        for (let round = 0; round < 20; round++) {
            expect(ring.put(Buffer.from("abcdefghij"), 1, 5)).toBe(5)
            expect(ring.put(Buffer.from("klmnop"), 0, 6)).toBe(3)
            expect(ring.put(Buffer.from("x"), 0, 1)).toBe(0)
            expect(ring.pull(out, 1, 16)).toBe(8)
            expect(out.toString("latin1", 1, 9)).toBe("bcdefklm")
            expect(ring.pull(out, 0, 1)).toBe(0)
            // so that the next round begins elsewhere
            ring.put(Buffer.from("abc"), 0, 3)
            ring.pull(out, 0, 3)
        }
    })
})
