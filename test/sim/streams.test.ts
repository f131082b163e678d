/** Whatever the timing: no byte is lost, doubled, or given to the wrong connection. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { bytesOf, textOf } from "../../sim/modem/bytes"
import type { MemoryPeer } from "../../sim/modem/memory-network"
import { TestTerminal } from "./terminal"

const SERVER = "192.0.2.80"
const LINKS = 3

/** Bytes that tell where they belong: to which connection, at which place. */
function pattern(link: number, from: number, count: number): Uint8Array {
    return Uint8Array.from(
        { length: count },
        (_, i) => ((from + i) * 31 + link * 101 + ((from + i) >> 8)) & 0xff
    )
}

/** Takes what the modem says apart, counted payload by its count. */
class Listener {
    readonly payload = new Map<number, number[]>()
    /** All that is not payload. */
    text = ""
    private rest = ""

    /** @param head starts counted payload: connection and count */
    constructor(private readonly head: RegExp) {}

    hear(bytes: Uint8Array): void {
        this.rest += textOf(bytes)
        for (;;) {
            const match = this.head.exec(this.rest)
            if (match === null) break
            const [all, link, count] = match
            const start = match.index + all.length
            const end = start + Number(count)
            if (this.rest.length < end) return
            this.text += this.rest.slice(0, start)
            const payload = this.payload.get(Number(link)) ?? []
            payload.push(...bytesOf(this.rest.slice(start, end)))
            this.payload.set(Number(link), payload)
            this.rest = this.rest.slice(end)
        }
        // a head may be cut in two
        const safe = Math.max(0, this.rest.lastIndexOf("\r\n+"))
        this.text += this.rest.slice(0, safe)
        this.rest = this.rest.slice(safe)
    }

    get heard(): string {
        return this.text + this.rest
    }
}

interface Setup {
    readonly terminal: TestTerminal
    readonly listener: Listener
    readonly peers: MemoryPeer[]
    /** Sends, and waits until the answer has been heard. */
    ask(line: string, answer: string): void
}

function setUp(
    options: ConstructorParameters<typeof TestTerminal>[0],
    head: RegExp,
    manual: boolean
): Setup {
    const terminal = TestTerminal.online({ ...options, multi: true })
    const server = terminal.network.listen(SERVER, 80)
    const listener = new Listener(head)
    terminal.modem.dte.onData = bytes => listener.hear(bytes)
    const ask = (line: string, answer: string): void => {
        const seen = listener.heard.length
        terminal.modem.dte.write(bytesOf(line))
        const found = terminal.clock.runUntil(
            () => listener.heard.indexOf(answer, Math.max(0, seen - 2)) >= 0,
            60_000
        )
        if (!found) throw new Error(`no answer to ${line}: ${listener.heard}`)
    }
    ask(`AT+IFC=2,2;+CIPQSEND=1;+CIPRXGET=${manual ? 1 : 0}\r`, "OK\r\n")
    for (let link = 0; link < LINKS; link++)
        ask(
            `AT+CIPSTART=${link},"TCP","${SERVER}",80\r`,
            `${link}, CONNECT OK\r\n`
        )
    return { terminal, listener, peers: server.peers, ask }
}

const circumstances = {
    delays: fc.constantFrom("instant", "fast"),
    radio: fc.constantFrom("fast", "gprs"),
    chunks: fc.record({
        chunkMs: fc.constantFrom(0, 1, 5),
        chunkBytes: fc.constantFrom(1, 7, 64, Infinity),
    }),
} as const

test("pushed, while the DTE stops and goes and talks", () => {
    const step = fc.record({
        link: fc.nat(LINKS - 1),
        count: fc.integer({ min: 1, max: 5000 }),
        wait: fc.constantFrom(0, 1, 20, 700),
        rts: fc.boolean(),
    })
    fc.assert(
        fc.property(
            fc.array(step, { maxLength: 15, size: "max" }),
            fc.record(circumstances),
            (steps, options) => {
                const { terminal, listener, peers } = setUp(
                    options,
                    /\r\n\+RECEIVE,(\d),(\d+):\r\n/,
                    false
                )
                const sent = Array<number>(LINKS).fill(0)
                for (const { link, count, wait, rts } of steps) {
                    peers[link].send(pattern(link, sent[link], count))
                    sent[link] += count
                    terminal.modem.dte.setRts(rts)
                    terminal.modem.dte.write(bytesOf("AT+CIPSTATUS\r"))
                    terminal.clock.advance(wait)
                }
                terminal.modem.dte.setRts(true)
                terminal.clock.advance(60_000)
                for (let link = 0; link < LINKS; link++)
                    expect(listener.payload.get(link) ?? []).toEqual([
                        ...pattern(link, 0, sent[link]),
                    ])
            }
        ),
        { seed: 800, numRuns: 40 }
    )
})

test("fetched by hand, in any portions", () => {
    const step = fc.record({
        link: fc.nat(LINKS - 1),
        count: fc.integer({ min: 1, max: 4000 }),
        most: fc.integer({ min: 1, max: 1460 }),
    })
    fc.assert(
        fc.property(
            fc.array(step, { maxLength: 15, size: "max" }),
            fc.record(circumstances),
            (steps, options) => {
                const { terminal, listener, peers, ask } = setUp(
                    options,
                    /\r\n\+CIPRXGET: 2,(\d),(\d+),\d+\r\n/,
                    true
                )
                const sent = Array<number>(LINKS).fill(0)
                const fetch = (link: number, most: number): void =>
                    ask(`AT+CIPRXGET=2,${link},${most}\r`, "OK\r\n")
                for (const { link, count, most } of steps) {
                    peers[link].send(pattern(link, sent[link], count))
                    sent[link] += count
                    fetch(link, most)
                    fetch((link + 1) % LINKS, most)
                }
                for (let link = 0; link < LINKS; link++) {
                    for (let turn = 0; turn < 200; turn++) {
                        const count = listener.payload.get(link)?.length ?? 0
                        if (count === sent[link]) break
                        terminal.clock.advance(100)
                        fetch(link, 1460)
                    }
                    expect(listener.payload.get(link) ?? []).toEqual([
                        ...pattern(link, 0, sent[link]),
                    ])
                }
            }
        ),
        { seed: 800, numRuns: 25 }
    )
})

test("sent in any portions, with echoes coming back", () => {
    const step = fc.record({
        link: fc.nat(LINKS - 1),
        count: fc.integer({ min: 1, max: 1460 }),
    })
    fc.assert(
        fc.property(
            fc.array(step, { maxLength: 20, size: "max" }),
            fc.record(circumstances),
            (steps, options) => {
                const { terminal, listener, peers, ask } = setUp(
                    options,
                    /\r\n\+RECEIVE,(\d),(\d+):\r\n/,
                    false
                )
                for (const peer of peers)
                    peer.onData = bytes => peer.send(bytes)
                const sent = Array<number>(LINKS).fill(0)
                for (const { link, count } of steps) {
                    // room for it comes with acknowledgements
                    terminal.clock.advance(5000)
                    ask(`AT+CIPSEND=${link},${count}\r`, "\r\n> ")
                    terminal.modem.dte.write(pattern(link, sent[link], count))
                    sent[link] += count
                    ask("", `DATA ACCEPT:${link},${count}\r\n`)
                }
                terminal.clock.advance(60_000)
                for (let link = 0; link < LINKS; link++) {
                    const all = [...pattern(link, 0, sent[link])]
                    expect([...peers[link].received]).toEqual(all)
                    expect(listener.payload.get(link) ?? []).toEqual(all)
                }
            }
        ),
        { seed: 800, numRuns: 25 }
    )
})
