import { expect, test } from "vitest"
import { wholeProgram } from "../../src/passes/program.ts"
import { parseProgram, printProgram } from "../../src/text.ts"
import { expectPass } from "./run.ts"

/** Two objects, so that their fields stay fields. */
const program = (more: string): string => `
        function main params=0 slots=2
            call(new(&Lamp), 3)
            g0 = ret
            call(new(&Lamp), 4)
            g1 = ret
            ${more}
            call(ds.sleep, add(g0.on, g1.on))
            return(undefined)

        function Lamp params=2 slots=2 this ctor
            l0.on = l1
            l0.since = 5
            return(undefined)`

test("a field that nobody reads is not written", () =>
    expectPass(
        wholeProgram,
        program("g0.since = 6"),
        `
        function main params=0 slots=2
            call(new(&Lamp), 3)
            g0 = ret
            call(new(&Lamp), 4)
            g1 = ret
            call(ds.sleep, add(g0.on, g1.on))
            return(undefined)

        function Lamp params=2 slots=2 this ctor
            l0.on = l1
            return(undefined)`
    ))

test("nor one that is read for its own next value", () =>
    expectPass(
        wholeProgram,
        program("g0.since = add(g0.since, g1.since)"),
        `
        function main params=0 slots=2
            call(new(&Lamp), 3)
            g0 = ret
            call(new(&Lamp), 4)
            g1 = ret
            call(ds.sleep, add(g0.on, g1.on))
            return(undefined)

        function Lamp params=2 slots=2 this ctor
            l0.on = l1
            return(undefined)`
    ))

const keeps = (name: string, more: string): void =>
    test(name, () => {
        const parsed = parseProgram(program(more))
        wholeProgram.run(parsed)
        expect(printProgram(parsed)).toContain("l0.since = 5")
    })

keeps("a field that is read stays", "call(ds.sleep, g1.since)")
keeps(
    "a field that is read for another one that is read stays",
    "g0.on = add(g1.since, 1)"
)
keeps(
    "one that is read for its own next value where that may throw stays",
    "g0.since = g0.since.length"
)
keeps("a field that is asked for stays", "call(ds.sleep, typeof_str(g1.since))")
keeps("what is printed keeps all fields", 'call(ds.format, "{0}", g1)')
keeps("a name that is computed may be its name", "g2 = index(g0, g3)")
keeps("a field that is deleted stays", 'index_delete(g0, "since")')

test("a write that may throw stays", () => {
    const parsed = parseProgram(program("g2.since = 1\n g0.since = g2.a"))
    wholeProgram.run(parsed)
    const text = printProgram(parsed)
    expect(text).toContain("g2.since = 1")
    expect(text).toContain("g0.since = undefined.a")
})
