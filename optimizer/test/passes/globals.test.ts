import { globals } from "../../src/passes/globals.ts"
import { expectPass } from "./run.ts"
import { test } from "vitest"

test("what nobody reads is not written, unless it may throw", () =>
    expectPass(
        globals,
        `
        function main params=0 slots=0
            g0 = 1
            g1 = 2
            g0 = g1.x
            return(g1)`,
        `
        function main params=0 slots=0
            g1 = 2
            g0 = g1.x
            return(g1)`
    ))

test("nor what is read for its own next value, or for that of others such", () =>
    expectPass(
        globals,
        `
        function main params=0 slots=1
            g0 = 0
            g1 = 0
            g2 = 0
            g3 = 0
        @1  g0 = add(g0, 1)
            g1 = bit_or(g1, g2)
            g2 = g1
            g3 = add(g3, index(g4, g3))
            call(ds.sleep, 1)
            jmp @1`,
        `
        function main params=0 slots=1
            g3 = 0
        @1  g3 = add(g3, index(g4, g3))
            call(ds.sleep, 1)
            jmp @1`
    ))

test("a counter that is asked once stays", () =>
    expectPass(
        globals,
        `
        function main params=0 slots=1
            g0 = add(g0, 1)
            g1 = g0
            call(ds.sleep, g1)
            return(undefined)`,
        `
        function main params=0 slots=1
            g0 = add(g0, 1)
            g1 = g0
            call(ds.sleep, g1)
            return(undefined)`
    ))
