/** Tables whose rows are found by number: row i is the one of member i. */
import { expect, test } from "vitest"
import "../../src/node/buffer"
import { Command, commandText } from "../../src/core/channel"
import { ipStateText, IpState } from "../../src/core/ip-state"
import {
    Column,
    Phase,
    phaseText,
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
    for (const phase of members(Phase).slice(1))
        expect(phaseText(Phase[phase as keyof typeof Phase])).not.toBe("")
    expect(phaseText(Phase.Off)).toBe("off")
    expect(phaseText(Phase.Failed)).toBe("failed")
})

test("the states of chapter 8", () => {
    const names = members(IpState)
    expect(
        names.map((_, state) =>
            (ipStateText(state) || "UNKNOWN").replace(/ /g, "").toLowerCase()
        )
    ).toEqual(names.map(name => name.toLowerCase()))
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
