/** However a stream is cut, the same happens: random answers, payload and URCs, in every mode. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import {
    bringUpWith,
    bytes,
    connect,
    Driver,
    text,
    type BringUp,
} from "../core/dialogue"
import { harmlessIn } from "./wire"

const seed = Number(process.env.SEED ?? 800)
const numRuns = Number(process.env.RUNS ?? 60)

const single = `
! open h 1
> AT+CIPSTART="TCP","h",1␍
< ⏎OK⏎⏎CONNECT OK⏎
= 0 CONNECTED
`
const pushed: Partial<ModemConfig> = {
    reception: Reception.Push,
    flowControl: true,
}
const hex: Partial<ModemConfig> = { reception: Reception.Hex }
const flow: BringUp = { flow: "2,2", reception: "0" }
const one = { multi: false }

/** How the modem says that it hands out or pushes data: the header, and what ends it. */
type Frames = (data: string) => string

const modes: [string, Partial<ModemConfig>, BringUp, Frames | null][] = [
    ["manual", {}, {}, null],
    ["hex", hex, {}, null],
    ["push", pushed, flow, data => `⏎+RECEIVE,0,${length(data)}:⏎${data}`],
    ["manual, single", one, { single: true }, null],
    ["hex, single", { ...one, ...hex }, { single: true }, null],
    [
        "push, single",
        { ...one, ...pushed },
        { ...flow, single: true },
        data => `⏎+IPD,${length(data)}:${data}`,
    ],
    [
        "plain",
        { ...one, ...pushed, reception: Reception.Plain },
        { ...flow, plain: true },
        data => data,
    ],
]

const length = (data: string): number => bytes(data).length

/** Payload that looks like all that it is not. */
const piece = fc.constantFrom(
    ...["⏎OK⏎", "⏎> ", "⏎0, CLOSED⏎", "⏎+RECEIVE,0,9:⏎", "⏎+IPD,3:", "␍", "␊"],
    ...["\\x00", "\\x1a", "\\xff", "hello", " ", "+", "ERROR", "0123456789"]
)
const payload = fc
    .array(piece, { minLength: 1, maxLength: 12 })
    .map(pieces => pieces.join(""))
// what makes the driver act it may do between two chunks, or behind both
const urc = fc.constantFrom(...harmlessIn("plain")).map(each => `⏎${each}⏎`)
const noise = fc
    .array(fc.constantFrom("␍", "␊", ">", " ", "+", "\\xff", "x", ",", "0"))
    .map(each => each.join(""))

/** What has happened, in the end: how often the driver looked in between is not part of it. */
function outcome(driver: Driver): string {
    const { bearer, links: connections, digest, channel, ip } = driver.modem
    return JSON.stringify({
        received: driver.received.map(text),
        sent: text(driver.out),
        links: connections.list.map(({ state, failure, received }) => [
            state,
            failure,
            received,
        ]),
        bearer: [bearer.phase, ip.state, bearer.failure, bearer.restarts],
        lost: [digest.junk, digest.unwanted, connections.badNumbers],
        strays: channel.strays,
        urcs: driver.log.filter(line => line.startsWith("urc")),
    })
}

describe.each(modes)("%s", (_, options, differs, frames) => {
    const single1 = options.multi === false
    const up = bringUpWith(differs) + (single1 ? single : connect)

    /** Plays the same bytes in these chunks, and lets all that follows come to rest. */
    function played(stream: string, chunks: number[]): string {
        const driver = new Driver({ ring: 1024, ...options }).play(up)
        const data = bytes(stream)
        let at = 0
        for (const n of [...chunks, data.length]) {
            driver.feed(data.subarray(at, at + n))
            at += n
            if (at >= data.length) break
        }
        driver.wait(100)
        return outcome(driver)
    }

    test(`any stream, any cuts (SEED=${seed})`, () => {
        // bare data may hold a URC: what it is then depends on nothing but bytes
        const part =
            frames === null
                ? fc.oneof(urc, noise)
                : fc.oneof(urc, payload.map(frames), noise)
        fc.assert(
            fc.property(
                fc.array(part, { minLength: 1, maxLength: 8 }),
                fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 }),
                (parts, chunks) => {
                    const stream = parts.join("")
                    const n = length(stream)
                    const whole = played(stream, [])
                    expect(played(stream, Array(n).fill(1))).toBe(whole)
                    expect(played(stream, chunks)).toBe(whole)
                }
            ),
            { seed, numRuns }
        )
    })

    if (frames === null)
        test(`any answer to a read, any cuts (SEED=${seed})`, () => {
            const id = single1 ? "" : "0,"
            const mode = options.reception === Reception.Hex ? 3 : 2
            const most = mode === 3 ? 730 : 1460
            const ask = `
                < ⏎+CIPRXGET: 1${single1 ? "" : ",0"}⏎
                > AT+CIPRXGET=${mode},${id}${most}␍
            `
            fc.assert(
                fc.property(
                    payload,
                    fc.option(urc, { nil: "" }),
                    fc.array(fc.integer({ min: 1, max: 9 }), {
                        maxLength: 60,
                    }),
                    (data, between, chunks) => {
                        const n = length(data)
                        const shown =
                            mode === 3
                                ? bytes(data).toString("hex").toUpperCase()
                                : data
                        const answer = `⏎+CIPRXGET: ${mode},${id}${n},0⏎${shown}${between}⏎OK⏎`
                        const read = (cuts: number[]): string => {
                            const driver = new Driver({
                                ring: 1024,
                                ...options,
                            }).play(up + ask)
                            const all = bytes(answer)
                            let at = 0
                            for (const k of [...cuts, all.length]) {
                                driver.feed(all.subarray(at, at + k))
                                at += k
                                if (at >= all.length) break
                            }
                            driver.wait(100)
                            expect(text(driver.received[0])).toBe(
                                text(bytes(data))
                            )
                            return outcome(driver)
                        }
                        const whole = read([])
                        expect(read(Array(length(answer)).fill(1))).toBe(whole)
                        expect(read(chunks)).toBe(whole)
                    }
                ),
                { seed, numRuns }
            )
        })
})
