import { test } from "vitest"
import { choices } from "../../src/passes/choices.ts"
import { expectPass, expectUnchanged } from "./run.ts"

test("one value is stored before the condition is asked", () =>
    expectPass(
        choices,
        `
        function main params=2 slots=3
            jmp_z(lt(l0, l1)) @1
            l2 = add(l0, 1)
            jmp @2
        @1  l2 = 7
        @2  call(ds.sleep, l2)
            return(l2)`,
        `
        function main params=2 slots=3
            l2 = 7
            jmp_z(lt(l0, l1)) @1
            l2 = add(l0, 1)
        @1  call(ds.sleep, l2)
            return(l2)`
    ))

test("the other one, if the first may throw or the condition looks there", () =>
    expectPass(
        choices,
        `
        function main params=2 slots=3
        @1  jmp_z(eq(l0, 1)) @2
            g0 = 5
            jmp @3
        @2  g0 = l1.x
        @3  jmp_z(l1) @4
            store_ret_val(true)
            jmp @5
        @4  store_ret_val(l0.y)
        @5  call(ds.sleep, ret)
            jmp @1`,
        `
        function main params=2 slots=3
        @1  jmp_z(eq(l0, 1)) @2
            g0 = 5
            jmp @3
        @2  g0 = l1.x
        @3  store_ret_val(true)
            jmp_z(not(l1)) @4
            store_ret_val(l0.y)
        @4  call(ds.sleep, ret)
            jmp @1`
    ))

test("not what others look at, what somebody jumps to, what others see when it throws", () =>
    expectUnchanged(
        choices,
        `
        function main params=2 slots=3
            jmp_z(l2) @1
            l2 = 1
            jmp @2
        @1  l2 = 2
        @2  jmp_z(lt(ret, 1)) @3
            store_ret_val(2)
            jmp @4
        @3  store_ret_val(3)
        @4  jmp_z(g0) @5
            g1 = g1
            jmp @6
        @5  g1 = add(g1, 1)
        @6  jmp_z(l0) @8
        @7  l2 = 3
            jmp @9
        @8  l2 = 4
        @9  jmp_z(l2) @7
            jmp_z(l0.x) @10
            g2 = 1
            jmp @11
        @10 g2 = 2
        @11 return(undefined)`
    ))

test("not where a handler would find it", () =>
    expectUnchanged(
        choices,
        `
        function main params=1 slots=2 tries=1
            l1 = 0
            try @3
            jmp_z(l0.x) @1
            l1 = 1
            jmp @2
        @1  l1 = 2
        @2  end_try @4
        @3  catch
        @4  return(l1)`
    ))
