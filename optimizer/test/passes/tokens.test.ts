import { expect, test } from "vitest"
import { wholeProgram } from "../../src/passes/program.ts"
import { parseProgram, printProgram } from "../../src/text.ts"
import { expectPass } from "./run.ts"

const CLASS = `
        function Part params=2 slots=2 this ctor
            call(ds.sleep, l1)
            return(undefined)`

test("an object without fields and methods is true", () =>
    expectPass(
        wholeProgram,
        `
        function main params=0 slots=0
            call(new(&Part), 3)
            g0 = ret
            call(&run, g0)
            return(undefined)

        function run params=1 slots=1
            jmp_z(ne(l0, null)) @1
            call(ds.sleep, 1)
        @1  return(undefined)
        ${CLASS}`,
        `
        function main params=0 slots=0
            call(&Part, true, 3)
            g0 = ret
            call(&run, g0)
            return(undefined)

        function run params=1 slots=1
            jmp_z(ne(l0, null)) @1
            call(ds.sleep, 1)
        @1  return(undefined)

        function Part params=2 slots=2
            call(ds.sleep, l1)
            return(true)`
    ))

const stays = (name: string, main: string): void =>
    test(name, () => {
        const program = parseProgram(`
        function main params=0 slots=0
            call(new(&Part), 3)
            g0 = ret
            call(new(&Part), 4)
            g1 = ret
${main}
            return(undefined)
        ${CLASS}`)
        wholeProgram.run(program)
        expect(printProgram(program)).toContain("new(&Part)")
    })

stays("one that is compared stays", "            g2 = eq(g0, g1)")
stays("one with fields stays", "            g0.a = 1\n            g2 = g0.a")
stays("one that is asked for a field stays", "            g2 = g0.a")
stays("one that is printed stays", '            call(ds.format, "{0}", g0)')
stays("one that is asked what it is stays", "            g2 = typeof_str(g0)")
stays(
    "one that is asked for its class stays",
    "            g2 = instance_of(g0, &Part)"
)
stays("one that is thrown stays", "            throw(g0)")
stays(
    "one that a buffer makes a number of stays",
    "            call(%Buffer.alloc, 8)\n            g2 = ret\n            index_set(g2, 6, g0)"
)
stays("a name that it gives stays", "            g2 = index(g3, g0)")
