import { layout } from "../../src/passes/layout.ts"
import { expectPass } from "./run.ts"
import { test } from "vitest"

test("what is referred to most comes first, what nobody refers to goes", () =>
    expectPass(
        layout,
        `
        function main params=0 slots=0
            call(&rare)
            call(&often, g2)
            call(&often, g2)
            g1 = 1
            return(undefined)

        function unused params=0 slots=0
            return(g0)

        function rare params=0 slots=0
            return(1)

        function often params=1 slots=1
            return(l0)`,
        `
        function main params=0 slots=0
            call(&rare)
            call(&often, g0)
            call(&often, g0)
            g1 = 1
            return(undefined)

        function often params=1 slots=1
            return(l0)

        function rare params=0 slots=0
            return(1)`
    ))
