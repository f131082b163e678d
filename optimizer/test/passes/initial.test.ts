import { expect, test } from "vitest"
import { wholeProgram } from "../../src/passes/program.ts"
import { parseProgram, printProgram } from "../../src/text.ts"

/** What is left of `g0 = false`, the first store. */
const first = (main: string, rest = ""): boolean => {
    const program = parseProgram(`
        function main params=0 slots=0
${main}
            return(undefined)

        function look params=0 slots=0
            jmp_z(g0) @1
            call(ds.sleep, 1)
        @1  jmp_z(not(g0)) @2
            call(ds.sleep, 2)
        @2  return(undefined)
${rest}`)
    wholeProgram.run(program)
    return printProgram(program).includes("g0 = false")
}

const USE = `
            call(&look)
            g0 = true
            call(&look)`

test("a variable that is only asked whether it is true begins as undefined", () => {
    expect(first(`            g0 = false${USE}`)).toBe(false)
})

test("one that is looked at otherwise is set", () => {
    expect(
        first(`            g0 = false${USE}
            call(ds.sleep, g0)`)
    ).toBe(true)
})

test("a later store stays", () => {
    expect(
        first(`            g0 = true
            call(&look)
            g0 = false${USE}`)
    ).toBe(true)
    expect(
        first(
            `
            call(&set)
            g0 = false${USE}`,
            `
        function set params=0 slots=0
            g0 = true
            return(undefined)`
        )
    ).toBe(true)
})

test("a store that runs again stays", () => {
    expect(
        first(`        @5  g0 = false${USE}
            call(ds.sleep, 1)
            jmp @5`)
    ).toBe(true)
    expect(
        first(
            `
            call(&begin)
            call(&look)
            call(&begin)`,
            `
        function begin params=0 slots=0
            g0 = false
            call(&look)
            g0 = true
            return(undefined)`
        )
    ).toBe(true)
})

const FIBER = `
            alloc_map
            call(new(&Task))
            call(&look)
            return(undefined)

        function Task params=1 slots=1 this ctor
BODY
            return(undefined)

        function run params=1 slots=1 this
            g0 = true
            call(&look)
            return(undefined)`

test("what a method sets that has escaped counts once somebody has the method", () => {
    const method = "            &Task.prototype.run = &run\n"
    const body = (...lines: string[]): string =>
        FIBER.replace(
            "BODY",
            lines.map(line => `            ${line}`).join("\n")
        )
    expect(
        first(method + body("g0 = false", "call(l0.run.start)", "call(&look)"))
    ).toBe(false)
    expect(
        first(method + body("call(l0.run.start)", "g0 = false", "call(&look)"))
    ).toBe(true)
})
