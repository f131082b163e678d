import { copies } from "../../src/passes/copies.ts"
import { expectPass, expectUnchanged } from "./run.ts"
import { test } from "vitest"

test("copies and short constants are used directly", () =>
    expectPass(
        copies,
        `
        function main params=2 slots=4
            l2 = l0
            l3 = 5
            call(l2.take, l3, l1)
            return(l2)`,
        `
        function main params=2 slots=4
            l2 = l0
            l3 = 5
            call(l0.take, 5, l1)
            return(l0)`
    ))

test("not behind a change of either, nor where ways meet that differ", () =>
    expectUnchanged(
        copies,
        `
        function main params=2 slots=3
            l2 = l0
            l0 = 1
            call(ds.sleep, l2)
            jmp_z(l1) @1
            l2 = 5
        @1  return(l2)`
    ))

test("what a closure sees may change at any call", () =>
    expectUnchanged(
        copies,
        `
        function main params=0 slots=1
            l0 = 1
            call(^change)
            return(l0)

        function change params=0 slots=0
            store_closure(#0, 1, 2)
            return(undefined)`
    ))

test("a handler sees what was stored before something threw", () =>
    expectUnchanged(
        copies,
        `
        function main params=1 slots=2 tries=1
            l1 = 1
            try @1
            call(l0.run)
            l1 = 2
            call(l0.run)
            end_try @2
        @1  catch
        @2  return(l1)`
    ))
