/** Reports, messages to be shown at once, a full card, calls, PIN and PUK, in the VM. */
import { expect, test } from "vitest"
import { Failure } from "../../src/core/errors"
import type { Simulator } from "../../simulator/simulator"
import { results } from "./program"

const LOCKED = `failure ${Failure.CommandRefused}`

test("phone: status reports, class 0, a full card, ends of calls, a locked SIM card", async () => {
    const lines = await results(
        "test/e2e/firmware/phone-features.ts",
        {
            sim: { messageCapacity: 3 },
            operator: {
                delivery: ({ to }) => (to === "+4900" ? 70 : 0),
                callee: number => (number === "+4911" ? "busy" : "unknown"),
            },
        },
        (text, { modem }: Simulator) => {
            if (text === "CLASS 0")
                modem.receiveMessage({ from: "Alarm", text: "now", class: 0 })
            if (text !== "FILL") return
            for (const day of [3, 1, 2])
                modem.receiveMessage({
                    from: "+123",
                    text: `day ${day}`,
                    at: Date.UTC(2026, 1, day),
                })
        }
    )
    expect(lines).toEqual([
        "sent 1, reports 1 +4915112345678 0",
        "sent 2 3, reports 2 +4915112345678 0 3 +4915112345678 0",
        "sent 4, reports 4 +4900 70",
        "class 0: now",
        `full: failure ${Failure.MemoryFull}, next message: all 3 places of the SIM card are taken, so that no message can come: delete some`,
        "list 1 true, 2 false, 3 true",
        "oldest that was read: 3",
        "oldest that was read: 1",
        "oldest that was read: undefined",
        "left 0",
        `busy: failure ${Failure.CallEnded}, call +4911: nobody has answered: it is busy, was rejected, or cannot be reached (modem: BUSY)`,
        `unknown: failure ${Failure.CallEnded}, call +4912: nobody has answered: it is busy, was rejected, or cannot be reached (modem: NO CARRIER)`,
        "PIN 5678: true",
        expect.stringContaining(`failure ${Failure.BadArgument}`),
        expect.stringContaining(`${LOCKED}, enter PUK: nobody has asked`),
        expect.stringContaining("incorrect password"),
        expect.stringContaining("incorrect password"),
        expect.stringContaining("failure"),
        expect.stringContaining(`failure ${Failure.PukRequired}`),
        expect.stringContaining("9 tries are left"),
        "right PUK: done",
        "and again: done",
    ])
})
