import { parameters } from "../../src/passes/parameters.ts"
import { expectPass, expectUnchanged } from "./run.ts"
import { test } from "vitest"

test("what is not looked at, or always the same, is not handed over", () =>
    expectPass(
        parameters,
        `
        function main params=0 slots=0
            call(&log, g0, 3, "a")
            call(&log, g0, 3, "b")
            return(undefined)

        function log params=3 slots=3
            call(ds.print, l1, l2)
            return(undefined)`,
        `
        function main params=0 slots=0
            call(&log, "a")
            call(&log, "b")
            return(undefined)

        function log params=1 slots=3
            l2 = 3
            call(ds.print, l2, l0)
            return(undefined)`
    ))

test("not of a function that is used otherwise", () =>
    expectUnchanged(
        parameters,
        `
        function main params=0 slots=0
            call(&log, 1)
            call(&log.start, 2)
            return(undefined)

        function log params=1 slots=1
            return(undefined)`
    ))
