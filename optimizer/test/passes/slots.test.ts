import { slots } from "../../src/passes/slots.ts"
import { expectPass, expectUnchanged } from "./run.ts"
import { test } from "vitest"

test("values that are not needed at the same time share a slot", () =>
    expectPass(
        slots,
        `
        function main params=1 slots=4
            l1 = g0.a
            call(ds.sleep, l1)
            l2 = g0.b
            call(ds.sleep, l2)
            l3 = l0
            return(l3)`,
        `
        function main params=1 slots=2
            l1 = g0.a
            call(ds.sleep, l1)
            l1 = g0.b
            call(ds.sleep, l1)
            return(l0)`
    ))

test("not what a handler, a closure, or the caller of a constructor needs", () =>
    expectUnchanged(
        slots,
        `
        function main params=0 slots=3 tries=1
            call(new(&Thing))
            l0 = 1
            l1 = 2
            try @1
            l2 = g0
            call(^look)
            end_try @2
        @1  catch
            return(l1)
        @2  return(l2)

        function Thing params=1 slots=2 this ctor
            l1 = 5
            g0 = l1
            return(undefined)

        function look params=0 slots=0
            return(load_closure(#0, 1))`
    ))

test("what is read before it is written is undefined, and shares with nothing", () =>
    expectUnchanged(
        slots,
        `
        function main params=1 slots=2
        @1  jmp_z(l1) @2
            return(l1)
        @2  l1 = g0.x
            jmp @1`
    ))
