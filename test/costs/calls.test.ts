/**
 * Calls of DeviceScript functions while data flow: whoever adds one finds it
 * here. `npm run bench -- calls --detail` shows which there are.
 */
import { total } from "../../bench/coverage"
import { download, idle, upload, type Measure } from "../../bench/calls"
import { BUDGET, download as throughPort, fullFifo } from "../../bench/port"
import { expect, test } from "vitest"
import { Modem } from "../../src/core/modem"

/** Bytes of a chunk. */
const CHUNK = 64
const PORT_AND_CORE = ["src/core/", "src/ports/"]

function perChunk({ calls, bytes }: Measure): number {
    return total(calls, ...PORT_AND_CORE) / (bytes / CHUNK)
}

test.each([
    ["push", 1460, 3.1],
    ["push", 536, 4.27],
    ["manual", 1460, 4.81],
] as const)(
    "%s, segments of %i: at most %f for 64 bytes received",
    async (receive, segment, most) => {
        expect(perChunk(await download(receive, segment))).toBeLessThan(most)
    }
)

test("at most 58 for a sent segment of 1,024 bytes", async () => {
    const { calls, segments } = await upload()
    expect(total(calls) / segments).toBeLessThanOrEqual(58)
})

test("at most 3 for a poll with nothing to do", async () => {
    for (const receive of ["push", "manual"] as const) {
        const { polls, count } = await idle(receive)
        expect(total(polls.calls) / count).toBeLessThanOrEqual(3)
    }
})

test.each([
    ["a full FIFO", () => fullFifo()],
    ["a download", () => throughPort("a download", {}, BUDGET)],
])("the port alone, %s: within its budget, no buffer made", async (_, run) => {
    const wanted = (await run()).filter(({ target }) => target)
    expect(wanted.length).toBeGreaterThan(1)
    expect(wanted.filter(({ met }) => !met)).toEqual([])
})

test("a call more is a call counted", async () => {
    const before = await download("push", 1460)
    const poll = Modem.prototype.poll
    Modem.prototype.poll = function (now) {
        // any function of the core
        this.bearer.rests()
        poll.call(this, now)
    }
    const after = await download("push", 1460)
    Modem.prototype.poll = poll
    expect(total(after.calls) - total(before.calls)).toBe(after.turns)
})
