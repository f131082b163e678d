/**
 * The parts of the core that lean on natives of the runtime, in the runtime:
 * Node only imitates them.
 */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { Digest, Digested } from "../../src/core/digest"
import { Encoder } from "../../src/core/encoder"
import { Modem } from "../../src/core/modem"
import { configure, GivenOptions, Wired } from "../../src/core/options"
import { Line, Results } from "../../src/core/results"
import { Ring } from "../../src/core/ring"

/** A port with RTS and CTS, as `push` needs it. */
const port = {
    wired: Wired.RtsCts,
    largestBurst: 0,
}

function text(buf: Buffer, length: number): string {
    const copy = Buffer.alloc(length)
    copy.blitAt(0, buf, 0, length)
    return copy.toString()
}

function push(ring: Ring, bytes: string): number {
    const buf = Buffer.from(bytes)
    return ring.put(buf, 0, buf.length)
}

describe("Ring", () => {
    test("gives back what it took, around its end", () => {
        const ring = new Ring(8)
        const out = Buffer.alloc(8)
        for (let round = 0; round < 10; round++) {
            expect(push(ring, "abcde")).toBe(5)
            expect(push(ring, "fghij")).toBe(3)
            expect(ring.pull(out, 0, 8)).toBe(8)
            expect(text(out, 8)).toBe("abcdefgh")
            expect(ring.pull(out, 0, 8)).toBe(0)
            push(ring, "abc")
            ring.pull(out, 0, 3)
        }
    })
})

describe("Digest", () => {
    test("finds lines, prompt and payload at every place in the ring", async () => {
        for (let offset = 0; offset < 64; offset++) {
            // 131,072 instructions are allowed without a pause
            await ds.sleep(0)
            const ring = new Ring(64)
            ring.tail = offset
            const sink = new Ring(16)
            const digest = new Digest(ring)
            digest.awaitPrompt = true
            push(ring, "\r\nOK\r\n\r\n+RECEIVE,0,5:\r\n")
            expect(digest.next()).toBe(Digested.Line)
            expect(text(digest.line, digest.lineLength)).toBe("OK")
            expect(digest.next()).toBe(Digested.Line)
            digest.expectPayload(5, sink)
            expect(digest.takePayload()).toBe(false)
            push(ring, "\r\n> ")
            expect(digest.takePayload()).toBe(false)
            push(ring, "x\r\n> ")
            expect(digest.takePayload()).toBe(true)
            const got = Buffer.alloc(5)
            sink.pull(got, 0, 5)
            expect(got.toString()).toBe("\r\n> x")
            expect(digest.next()).toBe(Digested.Prompt)
            expect(digest.next()).toBe(Digested.Nothing)
        }
    })
})

describe("Modem", () => {
    /** What a modem can say at worst, in a ring of 4096 bytes, in one poll. */
    async function survives(line: string) {
        const options = { apn: "", receive: "push" as const, sockets: 1 }
        const given = new GivenOptions()
        const modem = new Modem(configure(options, given, port))
        modem.start(0)
        const buf = Buffer.from(line)
        while (modem.ring.put(buf, 0, buf.length) === buf.length)
            await ds.sleep(0)
        for (let turn = 0; modem.ring.used >= buf.length; turn++) {
            modem.poll(0)
            await ds.sleep(0)
            expect(turn < 400).toBe(true)
        }
    }

    test("deals with a flood of lines in small turns", async () => {
        await survives("\r\nRING\r\n")
        await survives("\r\n+CIPXX: 1\r\n")
        await survives("\r")
        await survives("\r\n9, CLOSED\r\n")
        await survives("\r\n+CREG: 1,11111,11111,11111\r\n")
    })
})

describe("Results", () => {
    test("classifies on bytes", () => {
        const results = new Results()
        const digest = new Digest(new Ring(64))
        function classify(line: string): Line {
            push(digest.ring, line + "\r\n")
            digest.next()
            return results.classify(digest.line, digest.lineLength)
        }
        expect(classify("OK")).toBe(Line.Ok)
        expect(classify("ERROR")).toBe(Line.Error)
        expect(classify("CONNECT")).toBe(Line.Connect)
        expect(classify("4, CONNECT OK")).toBe(Line.ConnectOk)
        expect(results.link).toBe(4)
        expect(classify("+CIPRXGET: 2,1,255,1116")).toBe(Line.RxGet)
        expect(results.argc).toBe(4)
        expect(results.args[2]).toBe(255)
        expect(results.args[3]).toBe(1116)
        expect(classify("10.78.245.128")).toBe(Line.Address)
    })
})

describe("Encoder", () => {
    test("writes commands", () => {
        const encoder = new Encoder()
        encoder.beginText("AT+CIPSTART=")
        encoder.numbers(0, -1)
        encoder.quoted("TCP")
        encoder.quoted("example.com")
        encoder.numbers(65535, -1)
        expect(text(encoder.source, encoder.left)).toBe(
            'AT+CIPSTART=0,"TCP","example.com",65535\r'
        )
    })

    test("sends the bytes of the application from where they lie", () => {
        const encoder = new Encoder()
        const data = Buffer.from("0123456789")
        encoder.payload(data, 3, 4)
        expect(encoder.source).toBe(data)
        expect(encoder.at).toBe(3)
        expect(encoder.left).toBe(4)
    })
})
