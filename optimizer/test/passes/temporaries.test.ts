import { temporaries } from "../../src/passes/temporaries.ts"
import { expectPass, expectUnchanged } from "./run.ts"
import { test } from "vitest"

test("a value goes where it is used, if nothing in between minds", () =>
    expectPass(
        temporaries,
        `
        function main params=2 slots=5
            l2 = g0
            l4 = 7
            g1 = l4
            l3 = eq(l1, l2)
            jmp_z(l3) @1
            return(undefined)
        @1  return(l0)`,
        `
        function main params=2 slots=5
            l2 = g0
            g1 = 7
            jmp_z(eq(l1, l2)) @1
            return(undefined)
        @1  return(l0)`
    ))

test("what may throw does not trade places with what else may", () =>
    expectUnchanged(
        temporaries,
        `
        function main params=2 slots=3
            l2 = l0.size
            call(l1.take, l2)
            return(undefined)`
    ))

test("what is read before a call is not read behind it", () =>
    expectUnchanged(
        temporaries,
        `
        function main params=0 slots=1
            l0 = g0
            call(ds.sleep, 1)
            return(l0)`
    ))

test("what nobody uses is not stored, unless it may throw", () =>
    expectPass(
        temporaries,
        `
        function main params=1 slots=3
            l1 = add(l0, 1)
            l2 = l0.x
            return(undefined)`,
        `
        function main params=1 slots=3
            l2 = l0.x
            return(undefined)`
    ))

test("what a closure writes is read before the call that may change it", () =>
    expectUnchanged(
        temporaries,
        `
        function main params=0 slots=2
            l0 = 1
            l1 = l0
            call(^increase)
            call(ds.sleep, l1)
            return(undefined)

        function increase params=0 slots=0
            store_closure(#0, 1, 2)
            return(undefined)`
    ))
