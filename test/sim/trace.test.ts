import fc from "fast-check"
import { expect, test } from "vitest"
import { bytesOf, textOf } from "../../sim/modem/bytes"
import { VirtualClock } from "../../sim/modem/clock"
import { Random } from "../../sim/modem/random"
import { spell, Tap, unspell, type TraceEvent } from "../../sim/modem/trace"
import type { BytePipe } from "../../sim/modem/uart"
import {
    addGarbage,
    dropBytes,
    FilteredPipe,
} from "../../sim/modem/wire-faults"

class FakePipe implements BytePipe {
    written = ""
    onData: (bytes: Uint8Array) => void = () => undefined
    write(bytes: Uint8Array): void {
        this.written += textOf(bytes)
    }
}

test("bytes are spelt so that a person can read them", () => {
    expect(spell(bytesOf("AT\r\r\nOK\r\n> \x1a\x1b\0\n\x7f\\é"))).toBe(
        "AT␍⏎OK⏎> ␚␛␀␊␡\\\\\\xe9"
    )
})

test("and what is spelt can be read back", () => {
    fc.assert(
        fc.property(fc.uint8Array(), bytes => {
            expect(unspell(spell(bytes))).toEqual(bytes)
        }),
        { seed: 800 }
    )
    expect(() => unspell("é")).toThrow("é")
})

test("a tap sees both directions with their time and changes nothing", () => {
    const clock = new VirtualClock()
    const pipe = new FakePipe()
    const tap = new Tap(pipe, clock)
    const events: TraceEvent[] = []
    const stop = tap.listen(event => events.push(event))
    let received = ""
    tap.onData = bytes => (received += textOf(bytes))
    tap.write(bytesOf("AT\r"))
    clock.advance(7)
    pipe.onData(bytesOf("\r\nOK\r\n"))
    stop()
    tap.write(bytesOf("AT\r"))
    expect(pipe.written).toBe("AT\rAT\r")
    expect(received).toBe("\r\nOK\r\n")
    expect(
        events.map(
            ({ time, direction, bytes }) =>
                `${time} ${direction} ${spell(bytes)}`
        )
    ).toEqual(["0 > AT␍", "7 < ⏎OK⏎"])
})

test("wire faults work on any pipe", () => {
    const pipe = new FakePipe()
    const faulty = new FilteredPipe(pipe)
    let received = ""
    faulty.onData = bytes => (received += textOf(bytes))
    dropBytes(faulty.filters, 3)
    pipe.onData(bytesOf("ab"))
    pipe.onData(bytesOf("cde"))
    expect(received).toBe("de")
    addGarbage(faulty.filters, bytesOf("??"))
    pipe.onData(bytesOf("f"))
    pipe.onData(bytesOf("g"))
    expect(received).toBe("de??fg")
    faulty.write(bytesOf("AT"))
    expect(pipe.written).toBe("AT")
})

test("randomness repeats with its seed", () => {
    const first = new Random(7)
    const second = new Random(7)
    expect(first.bytes(100)).toEqual(second.bytes(100))
    expect(new Random(8).bytes(100)).not.toEqual(new Random(7).bytes(100))
    expect(new Set(first.bytes(2000)).size).toBeGreaterThan(250)
})
