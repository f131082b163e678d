/** Tables whose rows are found by number: row i is the one of member i. */
import { expect, test } from "vitest"
import "../../src/node/buffer"
import { Command, commandText } from "../../src/core/channel"
import { IP_STATES, IpState } from "../../src/core/ip-state"
import {
    Column,
    Phase,
    PHASES,
    SCRIPT,
    Step,
    STRIDE,
} from "../../src/core/bearer/script"

/** The members of an enum, by number. */
const members = (type: Record<string, string | number>): string[] =>
    Object.values(type).filter(value => typeof value === "string")

test("the script", () => {
    const rows = SCRIPT.length / STRIDE
    expect(members(Column)).toHaveLength(STRIDE)
    const steps = Array.from(
        { length: rows },
        (_, i) => Step[SCRIPT[i * STRIDE + Column.Step]]
    )
    expect(steps).toEqual(members(Step))
})

test("the phases", () => {
    expect(PHASES).toHaveLength(members(Phase).length)
})

test("the states of chapter 8", () => {
    const names = IP_STATES.map(name =>
        (name || "UNKNOWN").replace(/ /g, "").toLowerCase()
    )
    expect(names).toEqual(members(IpState).map(name => name.toLowerCase()))
})

test("the commands", () => {
    const others: Record<string, string> = {
        None: "",
        Save: "AT&W",
        Dcd: "AT&C1",
        Dtr: "AT&D1",
        Custom: "",
    }
    for (const name of members(Command)) {
        const text = commandText(Command[name as keyof typeof Command])
        if (name in others) expect(text).toBe(others[name])
        else
            expect(text.toLowerCase()).toContain(
                name.replace(/(Read|Hex|Count|Full)$/, "").toLowerCase()
            )
    }
})
