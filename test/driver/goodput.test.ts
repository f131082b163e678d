/**
 * How much gets through at 115200 baud, how late, and how evenly: the whole
 * driver on a virtual clock, with what the VM of an RP2040 takes. Exact, so
 * that a margin is not needed for noise: it is for changes that are worth it.
 */
import { beforeAll, describe, expect, test } from "vitest"
import { both, download, echo, lateness, latency, upload } from "./traffic"

beforeAll(() => {
    console.debug = () => undefined
})

describe("part of the line that is payload, %", () => {
    test.each([
        [1, "push", 98],
        [6, "push", 98],
        [1, "manual", 90],
        [6, "manual", 92],
    ] as const)("download, %i sockets, %s", async (sockets, receive, least) => {
        const traffic = await download({ sockets, receive, seconds: 5 })
        expect(traffic.percent).toBeGreaterThan(least)
        expect(traffic.share).toBeGreaterThan(90)
        // one question for 1460 bytes, and AT+CIPRXGET=4 never
        expect(traffic.waits).toBeLessThan(receive === "push" ? 0.01 : 0.71)
    })

    test.each([
        [1, 90],
        [6, 90],
    ])("upload, %i sockets, quick send", async (sockets, least) => {
        const traffic = await upload({ sockets })
        expect(traffic.percent).toBeGreaterThan(least)
        expect(traffic.share).toBeGreaterThan(90)
    })

    test("upload, confirmed: one segment for each round trip", async () => {
        const traffic = await upload({ quick: false, seconds: 5 })
        expect(traffic.percent).toBeGreaterThan(75)
    })

    test("both directions, push", async () => {
        const { down, up } = await both({ receive: "push", seconds: 5 })
        expect(down.percent).toBeGreaterThan(97)
        expect(up.percent).toBeGreaterThan(33)
    })

    test("both directions, transparent mode", async () => {
        const { down, up } = await both({
            receive: "push",
            transparent: true,
            seconds: 5,
        })
        expect(down.percent).toBeGreaterThan(99)
        expect(up.percent).toBeGreaterThan(99)
    })
})

describe("echo, byte/s", () => {
    test.each([
        ["push", 5300],
        ["manual", 5000],
    ] as const)("lock-step, 1,024 bytes, %s", async (receive, least) => {
        const traffic = await echo({ receive, radio: latency(0) }, 1024, 1024)
        expect(traffic.rate).toBeGreaterThan(least)
    })

    test.each([
        ["push", 5700],
        ["manual", 5050],
    ] as const)("8 kB outstanding at 600 ms, %s", async (receive, least) => {
        const its = { receive, radio: latency(600) }
        const traffic = await echo(its, 1024, 8192)
        expect(traffic.rate).toBeGreaterThan(least)
    })
})

describe("from the last byte of a segment until its reader has it, ms", () => {
    test.each([
        ["manual", 1, false, 5, 5],
        ["push", 1, false, 4, 4],
        ["manual", 6, true, 8, 18],
        ["push", 6, true, 7, 10],
    ] as const)(
        "%s, %i sockets, busy: %s",
        async (receive, sockets, busy, median, worst) => {
            const late = await lateness({ receive, sockets, seconds: 5 }, busy)
            expect(late.median).toBeLessThan(median)
            expect(late.worst).toBeLessThan(worst)
        }
    )
})
