import { describe, expect, test } from "vitest"
import "../../src/node/buffer"
import { Digest, Digested, LINE_SIZE } from "../../src/core/digest"
import { Ring } from "../../src/core/ring"
import { bytes, text } from "./dialogue"

interface Setup {
    prompt?: boolean
    /** payload that the line with this text announces */
    payload?: Record<string, number>
    /** `+IPD,n:` may come, as it does with a single connection */
    inline?: boolean
    /** bytes are missing in front of the first one */
    broken?: boolean
    /**
     * bare data may come: the lines that are expected amid them, and whether
     * the next line of the answer shares its line end
     */
    plain?: Record<string, boolean>
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
    if (setup.prompt) digest.awaitPrompt = true
    if (setup.inline) digest.inlineHeaders = true
    if (setup.plain) digest.expectPlain(sink)
    if (setup.broken) digest.skipLine()
    const events: string[] = []
    let plain = ""
    const empty = (): string => {
        const got = Buffer.alloc(sink.used)
        sink.pull(got, 0, got.length)
        return text(got)
    }
    const event = (what: string) => {
        if (plain !== "") events.push("data " + plain)
        plain = ""
        events.push(what)
    }
    const data = bytes(stream)
    let from = 0
    const run = () => {
        for (;;) {
            if (digest.payloadLeft > 0) {
                if (!digest.takePayload()) return
                event("payload " + empty())
                continue
            }
            const what = digest.next()
            if (what === Digested.Nothing) {
                if (!digest.stalled || sink.used === 0) return
                plain += empty()
                continue
            }
            if (what === Digested.Pause) continue
            const line = text(digest.line.subarray(0, digest.lineLength))
            if (what === Digested.Line) {
                event(line)
                const len = setup.payload?.[line]
                if (len !== undefined) digest.expectPayload(len, sink)
            } else if (what === Digested.Frame) {
                const shared = setup.plain?.[line]
                if (shared === undefined) digest.passFrame()
                else {
                    digest.takeFrame(shared)
                    event("line " + line)
                }
                plain += empty()
            } else if (what === Digested.Plain) plain += empty()
            else event(Digested[what])
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
    // nothing more comes
    while (digest.undecided) {
        digest.decide = true
        run()
    }
    if (plain !== "") events.push("data " + plain)
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
        for (const chunks of [[], Array(n).fill(1), Array(n).fill(7)])
            expect(
                found(stream, chunks, { ...setup, offset }),
                `offset ${offset}, ${chunks[0]} at a time`
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

    test("keep what is no line end, and no blank", () => {
        expect(everyCut("⏎\\x01OK⏎⏎\\x1bOK⏎")).toEqual(["␁OK", "␛OK"])
    })

    test("that lack their beginning are none", () => {
        const broken = { broken: true }
        expect(everyCut("0, CLOSED⏎⏎OK⏎", broken)).toEqual(["OK"])
        expect(everyCut("⏎0, CLOSED⏎", broken)).toEqual(["0, CLOSED"])
        expect(everyCut("0, CLOSED", broken)).toEqual([])
        const longer = `${"x".repeat(150)}⏎OK⏎`
        expect(everyCut(longer, { broken: true, ring: 32 })).toEqual(["OK"])
    })

    test("of which there is only the end are junk", () => {
        const ring = new Ring(16)
        const digest = new Digest(ring)
        digest.skipLine()
        for (const piece of ["0, CLO", "SED", "⏎OK⏎"]) {
            const data = bytes(piece)
            ring.put(data, 0, data.length)
            if (piece !== "⏎OK⏎") {
                expect(digest.next()).toBe(Digested.Nothing)
                expect(ring.used).toBe(0)
            }
        }
        expect(digest.next()).toBe(Digested.Line)
        expect(text(digest.line.subarray(0, digest.lineLength))).toBe("OK")
        expect(digest.junk).toBe("0, CLOSED\r\n".length)
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
    test("is due once", () => {
        expect(everyCut("⏎> ⏎> ⏎", { prompt: true })).toEqual(["Prompt", "> "])
    })

    test("is seen when it is due, with its blank or without", () => {
        expect(everyCut("⏎> ", { prompt: true })).toEqual(["Prompt"])
        expect(everyCut("⏎>⏎OK⏎", { prompt: true })).toEqual(["Prompt", "OK"])
        expect(everyCut("⏎>OK⏎", { prompt: true })).toEqual(["Prompt", "OK"])
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

    test("of no length has an end, too", () => {
        const none = { payload: { "+CIPRXGET: 2,0,0,0": 0 } }
        expect(everyCut("⏎+CIPRXGET: 2,0,0,0⏎⏎OK⏎", none)).toEqual([
            "+CIPRXGET: 2,0,0,0",
            "OK",
        ])
        expect(everyCut("⏎+CIPRXGET: 2,0,0,0⏎hello⏎OK⏎", none)).toEqual([
            "+CIPRXGET: 2,0,0,0",
            "Torn",
            "hello",
            "OK",
        ])
    })

    test("fills what it goes to, wherever that begins", () => {
        for (let tail = 0; tail < 8; tail++) {
            const ring = new Ring(64)
            const sink = new Ring(8)
            sink.tail = tail
            const digest = new Digest(ring)
            digest.expectPayload(8, sink)
            ring.put(bytes("01234567⏎OK⏎"), 0, 14)
            expect(digest.takePayload()).toBe(true)
            const got = Buffer.alloc(8)
            expect(sink.pull(got, 0, 9)).toBe(8)
            expect(got.toString()).toBe("01234567")
        }
    })

    test("waits for room where it goes", () => {
        const ring = new Ring(64)
        const sink = new Ring(8)
        const digest = new Digest(ring)
        digest.expectPayload(11, sink)
        const data = bytes("HELLO WORLD⏎OK⏎")
        ring.put(data, 0, data.length)
        expect(digest.takePayload()).toBe(false)
        expect(digest.stalled).toBe(true)
        expect(sink.used).toBe(8)
        const got = Buffer.alloc(11)
        sink.pull(got, 0, 8)
        expect(digest.takePayload()).toBe(true)
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
        expect(digest.takePayload()).toBe(true)
        expect(digest.unwanted).toBe(11)
        expect(digest.next()).toBe(Digested.Line)
    })
})

describe("headers in line", () => {
    const inline = { inline: true }

    test("end at their colon, and nothing else does", () => {
        const payload = { "+IPD,5": 5 }
        expect(
            everyCut("⏎+IPD,5:hello⏎+IPD,6:⏎", { inline: true, payload })
        ).toEqual(["+IPD,5", "payload hello", "+IPD,6"])
        expect(everyCut("⏎+CSQ: 20,0⏎⏎OK⏎", inline)).toEqual([
            "+CSQ: 20,0",
            "OK",
        ])
        expect(everyCut("⏎IPD,5:⏎+IP⏎+⏎", inline)).toEqual([
            "IPD,5:",
            "+IP",
            "+",
        ])
    })

    test("that never have one are lines", () => {
        expect(everyCut("⏎+IPD,5⏎hello⏎", inline)).toEqual(["+IPD,5", "hello"])
        expect(everyCut("⏎+IPD,123456789012345678901:⏎", inline)).toEqual([
            "+IPD,123456789012345678901:",
        ])
    })

    test("do not exist unless they were announced", () => {
        expect(everyCut("⏎+IPD,5:hello⏎")).toEqual(["+IPD,5:hello"])
    })
})

describe("bare data", () => {
    const plain = { CLOSED: false, "STATE: x": true, "C: 0": true, OK: false }

    test("are all that is in no line that is expected", () => {
        expect(everyCut("abc⏎CLOSED⏎", { plain })).toEqual([
            "data abc",
            "line CLOSED",
        ])
        expect(everyCut("abc⏎CLOSE⏎def⏎\n⏎OK⏎", { plain })).toEqual([
            "data abc⏎CLOSE⏎def⏎␊",
            "line OK",
        ])
        expect(everyCut("⏎abc⏎CLOSED⏎⏎OK⏎xyz", { plain })).toEqual([
            "data ⏎abc",
            "line CLOSED",
            "line OK",
            "data xyz",
        ])
    })

    test("may be line ends, alone or in part", () => {
        for (const data of ["a␍b", "a␍", "a⏎", "⏎⏎", "␍␍⏎", "␍", "␊a␊", "␍␍"])
            expect(everyCut(data, { plain }), data).toEqual(["data " + data])
        expect(everyCut("a␍␍⏎OK⏎⏎", { plain })).toEqual([
            "data a␍␍",
            "line OK",
            "data ⏎",
        ])
    })

    test("come between answers whose lines share their line ends", () => {
        expect(everyCut("a⏎STATE: x⏎C: 0⏎OK⏎b⏎STATE: x⏎", { plain })).toEqual([
            "data a",
            "line STATE: x",
            "line C: 0",
            "line OK",
            "data b",
            "line STATE: x",
        ])
        // the line end was the last one's after all
        expect(everyCut("⏎STATE: x⏎ab⏎c", { plain })).toEqual([
            "line STATE: x",
            "data ab⏎c",
        ])
        expect(everyCut("⏎STATE: x⏎⏎OK⏎", { plain })).toEqual([
            "line STATE: x",
            "line OK",
        ])
    })

    test("come before and behind the prompt, with its blank or without", () => {
        const prompt = { plain, prompt: true }
        expect(everyCut("ab⏎> cd⏎> e⏎", prompt)).toEqual([
            "data ab",
            "Prompt",
            "data cd⏎> e⏎",
        ])
        expect(everyCut("ab⏎>cd", prompt)).toEqual([
            "data ab",
            "Prompt",
            "data cd",
        ])
        expect(everyCut("ab⏎>", prompt)).toEqual(["data ab", "Prompt"])
        expect(everyCut("⏎CLOSED⏎⏎> ⏎OK⏎", prompt)).toEqual([
            "line CLOSED",
            "Prompt",
            "line OK",
        ])
        expect(everyCut("a>␍>⏎x> ", prompt)).toEqual(["data a>␍>⏎x> "])
    })

    test("wait for their reader", () => {
        const data = "0123456789⏎abc⏎def␍ghi"
        expect(everyCut(data + "⏎OK⏎", { plain, sink: 4 })).toEqual([
            "data " + data,
            "line OK",
        ])
    })

    test("that are longer than any line are not waited for", () => {
        const data = "⏎" + "x".repeat(LINE_SIZE + 5)
        expect(found(data + "⏎OK⏎", [], { plain, ring: 1024 })).toEqual([
            "data " + data,
            "line OK",
        ])
        const line = "y".repeat(LINE_SIZE - 4)
        expect(
            found(`⏎${line}⏎`, [], {
                plain: { [line]: false },
                ring: 1024,
            })
        ).toEqual(["line " + line])
    })

    test("are over with their connection", () => {
        const ring = new Ring(64)
        const sink = new Ring(64)
        const digest = new Digest(ring)
        digest.expectPlain(sink)
        const data = bytes("a⏎STATE: x⏎")
        ring.put(data, 0, data.length)
        expect(digest.next()).toBe(Digested.Plain)
        expect(digest.next()).toBe(Digested.Frame)
        digest.takeFrame(true)
        digest.expectPlain(null)
        expect(digest.next()).toBe(Digested.Nothing)
        expect(ring.used).toBe(0)
        // a new one begins with data, not with the rest of an answer
        digest.expectPlain(sink)
        ring.put(bytes("⏎a"), 0, 3)
        expect(digest.next()).toBe(Digested.Nothing)
        digest.decide = true
        expect(digest.next()).toBe(Digested.Plain)
        expect(digest.next()).toBe(Digested.Plain)
        expect(sink.used).toBe(4)
    })
})

describe("a reset", () => {
    test("leaves nothing half done", () => {
        const ring = new Ring(64)
        const digest = new Digest(ring)
        const feed = (stream: string) => {
            const data = bytes(stream)
            ring.put(data, 0, data.length)
        }
        const sink = new Ring(2)
        digest.expectPayload(5, sink)
        digest.awaitPrompt = true
        feed("abc")
        expect(digest.takePayload()).toBe(false)
        expect(digest.stalled).toBe(true)
        digest.reset()
        expect(digest.stalled).toBe(false)
        feed("⏎> x⏎")
        expect(digest.next()).toBe(Digested.Line)
        expect(digest.next()).toBe(Digested.Line)
        expect(digest.next()).toBe(Digested.Nothing)
        // the end of a payload is not looked for any more
        digest.expectPayload(2, null)
        feed("ab")
        expect(digest.takePayload()).toBe(true)
        digest.reset()
        feed("OK⏎")
        expect(digest.next()).toBe(Digested.Line)
        // nor what may be a line amid bare data
        digest.expectPlain(new Ring(64))
        feed("␍")
        expect(digest.next()).toBe(Digested.Nothing)
        expect(digest.undecided).toBe(true)
        digest.reset()
        expect(digest.undecided).toBe(false)
        feed("OK⏎")
        expect(digest.next()).toBe(Digested.Line)
    })

    test("is what one begins with", () => {
        const ring = new Ring(64)
        const digest = new Digest(ring)
        const data = bytes("OK⏎> x⏎+IPD,5:x⏎")
        ring.put(data, 0, data.length)
        for (let i = 0; i < 3; i++) expect(digest.next()).toBe(Digested.Line)
        expect(digest.next()).toBe(Digested.Nothing)
        expect(digest.stalled).toBe(false)
    })
})

describe("a ring", () => {
    test("has a size that is a power of two", () => {
        expect(() => new Ring(100)).toThrow("power of two: 100")
        expect(() => new Ring(0)).toThrow("power of two")
        expect(() => new Ring(1)).toThrow("power of two")
        expect(new Ring(2).size).toBe(2)
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
            expect(ring.pull(out, 0, -1)).toBe(0)
            expect(ring.put(out, 0, -1)).toBe(0)
            expect(ring.used).toBe(0)
            expect(out.subarray(9).every(byte => byte === 0)).toBe(true)
            // so that the next round begins elsewhere
            ring.put(Buffer.from("abc"), 0, 3)
            out.fill(0)
            ring.pull(out, 0, 3)
            expect(out.toString("latin1", 0, 4)).toBe("abc\0")
        }
    })
})
