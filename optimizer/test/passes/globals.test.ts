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
