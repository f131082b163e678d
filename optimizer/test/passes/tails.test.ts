import { tails } from "../../src/passes/tails.ts"
import { parseProgram, printProgram } from "../../src/text.ts"
import { expectPass } from "./run.ts"
import { expect, test } from "vitest"

test("ends that are the same are there once", () =>
    expectPass(
        tails,
        `
        function main params=1 slots=2
            jmp_z(l0) @1
            l1 = 1
            g0 = 100000
            g1 = l1
            return(undefined)
        @1  l1 = 2
            g0 = 100000
            g1 = l1
            return(undefined)`,
        `
        function main params=1 slots=2
            jmp_z(l0) @2
            l1 = 1
        @1  g0 = 100000
            g1 = l1
            return(undefined)
        @2  l1 = 2
            jmp @1`
    ))

test("what a stack trace has to tell apart stays apart", () => {
    const text = `
        function main params=1 slots=1
            jmp_z(l0) @1
            call(g0.first)
            call(g0.stop, 100000)
            return(undefined)
        @1  call(g0.second)
            call(g0.stop, 100000)
            return(undefined)`
    const program = parseProgram(text)
    program.fns[0].body.forEach((s, i) => (s.place = { pos: i, length: 1 }))
    tails.run(program)
    expect(printProgram(program)).toBe(printProgram(parseProgram(text)))
})
