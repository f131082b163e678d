import { expect, test } from "vitest"
import { jumps } from "../../src/passes/jumps.ts"
import { wholeProgram } from "../../src/passes/program.ts"
import { parseProgram, printProgram } from "../../src/text.ts"
import { expectPass } from "./run.ts"

test("a flag that nobody sets takes its branch with it", () =>
    expectPass(
        {
            name: "constants",
            run: program => {
                wholeProgram.run(program)
                jumps.run(program)
            },
        },
        `
        function main params=0 slots=1
            alloc_map
            l0 = ret
            call(&run, l0)
            return(undefined)

        function run params=1 slots=1
            jmp_z(l0.fast) @1
            call(ds.sleep, 1)
        @1  call(ds.sleep, 2)
            return(undefined)`,
        `
        function main params=0 slots=1
            alloc_map
            l0 = ret
            call(&run, l0)
            return(undefined)

        function run params=1 slots=1
            call(ds.sleep, 2)
            return(undefined)`
    ))

/** Expects a program to keep something. */
const keeps = (name: string, text: string, kept: string): void =>
    test(name, () => {
        const program = parseProgram(text)
        wholeProgram.run(program)
        jumps.run(program)
        expect(printProgram(program)).toContain(kept)
    })

keeps(
    "a flag that is set somewhere keeps its branch",
    `
        function main params=0 slots=1
            alloc_map
            l0 = ret
            l0.fast = false
            call(&run, l0)
            l0.fast = true
            call(&run, l0)
            return(undefined)

        function run params=1 slots=1
            jmp_z(l0.fast) @1
            call(ds.sleep, 1)
        @1  return(undefined)`,
    "call(ds.sleep, 1)"
)

keeps(
    "so does one whose name is computed",
    `
        function main params=0 slots=1
            alloc_map
            l0 = ret
            l0.fast = false
            call(ds.millis)
            index_set(l0, add(ret, ""), true)
            jmp_z(l0.fast) @1
            call(ds.sleep, 1)
        @1  return(undefined)`,
    "call(ds.sleep, 1)"
)

keeps(
    "what is read of undefined goes on throwing",
    `
        function main params=0 slots=1
            jmp_z(g0.fast) @1
            call(ds.sleep, 1)
        @1  return(undefined)`,
    "jmp_z(undefined.fast)"
)

keeps(
    "a variable that may be read before it is set is undefined, too",
    `
        function main params=0 slots=1
            call(&look)
            g0 = true
            call(&look)
            return(undefined)

        function look params=0 slots=0
            jmp_z(not(g0)) @1
            call(ds.sleep, 1)
        @1  return(undefined)`,
    "call(ds.sleep, 1)"
)

keeps(
    "also if it is set in a function that may return before",
    `
        function main params=0 slots=1
            call(ds.millis)
            call(&set, ret)
            jmp_z(not(g0)) @1
            call(ds.sleep, 1)
        @1  return(undefined)

        function set params=1 slots=1
            jmp_z(l0) @1
            return(undefined)
        @1  g0 = true
            return(undefined)`,
    "call(ds.sleep, 1)"
)

keeps(
    "and if what sets it may throw in a handler's reach",
    `
        function main params=0 slots=1 tries=1
            try @1
            call(&set, undefined)
            end_try @2
        @1  catch
        @2  jmp_z(not(g0)) @3
            call(ds.sleep, 1)
        @3  return(undefined)

        function set params=1 slots=1
            call(ds.sleep, l0.time)
            g0 = true
            return(undefined)`,
    "call(ds.sleep, 1)"
)

keeps(
    "an element that may not be there is undefined",
    `
        function main params=0 slots=2
            alloc_map
            l0 = ret
            alloc_array(1)
            l1 = ret
            call(l1.push, l0)
            call(ds.millis)
            l0 = index(l1, ret)
            jmp_z(not(l0)) @1
            call(ds.sleep, 1)
        @1  return(undefined)`,
    "call(ds.sleep, 1)"
)

keeps(
    "a slot that was found to hold something may hold nothing after it is set again",
    `
        function main params=0 slots=1
            call(ds.millis)
            l0 = ret
            jmp_z(l0) @2
            l0 = g0
            jmp_z(not(l0)) @1
            call(ds.sleep, 1)
        @1  alloc_map
            g0 = ret
        @2  return(undefined)`,
    "call(ds.sleep, 1)"
)

keeps(
    "a comparison of integers is turned round instead of negated",
    `
        function main params=0 slots=1
            l0 = 0
        @1  jmp_z(not(lt(bit_and(l0, 15), bit_and(l0, 7)))) @2
            call(ds.sleep, 1)
        @2  l0 = to_int(add(l0, 1))
            jmp @1`,
    "jmp_z(le(bit_and(l0, 7), bit_and(l0, 15))) @2"
)

keeps(
    "not one of what may be no number",
    `
        function main params=0 slots=1
            call(ds.millis)
            l0 = div(ret, g0)
            jmp_z(not(lt(l0, 3))) @1
            call(ds.sleep, 1)
        @1  return(undefined)`,
    "jmp_z(not(lt(l0, 3))) @1"
)
