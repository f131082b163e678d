/** Tables whose rows are found by number: row i is the one of member i. */
import { expect, test } from "vitest"
import "../../src/node/buffer"
import {
    Column,
    Command,
    COMMANDS,
    commandText,
    STRIDE,
} from "../../src/core/commands"
import { ipStateText, IpState } from "../../src/core/ip-state"
import { Phase, phaseText } from "../../src/core/phase"

/** The members of an enum, by number. */
const members = (type: Record<string, string | number>): string[] =>
    Object.values(type).filter(value => typeof value === "string")

test("the commands: their rows", () => {
    expect(members(Column)).toHaveLength(STRIDE)
    const rows = members(Command).map(
        (_, i) => COMMANDS[i * STRIDE + Column.Command]
    )
    expect(rows.map(row => Command[row])).toEqual(members(Command))
})

test("the way up: its commands follow each other", () => {
    const isStep = members(Command).map(
        (_, command) => COMMANDS[command * STRIDE + Column.Phase] !== Phase.Off
    )
    expect(isStep[Command.At]).toBe(true)
    expect(isStep.lastIndexOf(true)).toBe(Command.Cfun)
    expect(isStep.indexOf(false, Command.At)).toBe(Command.Cfun + 1)
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

test("the commands: their texts", () => {
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
                name
                    .replace(/(Read|Hex|Count|Full|First|Second|Off)$/, "")
                    .toLowerCase()
            )
    }
})
