import { test } from "vitest"
import { transients } from "../../src/passes/transients.ts"
import { expectPass, expectUnchanged } from "./run.ts"

test("a variable that is stored on two ways is the last result", () =>
    expectPass(
        transients,
        `
        function main params=1 slots=2
            jmp_z(l0) @1
            l1 = 3
            jmp @2
        @1  call(ds.millis)
            l1 = ret
        @2  jmp_z(lt(l1, 5)) @3
            l1 = add(l1, 1)
        @3  call(ds.sleep, l1)
            return(undefined)`,
        `
        function main params=1 slots=2
            jmp_z(l0) @1
            store_ret_val(3)
            jmp @2
        @1  call(ds.millis)
        @2  jmp_z(lt(ret, 5)) @3
            store_ret_val(add(ret, 1))
        @3  call(ds.sleep, ret)
            return(undefined)`
    ))

test("each use of a slot by itself", () =>
    expectPass(
        transients,
        `
        function main params=1 slots=2
            l1 = 3
        @1  jmp_z(lt(l1, l0)) @2
            l1 = add(l1, 1)
            jmp @1
        @2  g0 = l1
            l1 = 4
            call(ds.sleep, 1)
            return(l1)`,
        `
        function main params=1 slots=2
            store_ret_val(3)
        @1  jmp_z(lt(ret, l0)) @2
            store_ret_val(add(ret, 1))
            jmp @1
        @2  g0 = ret
            l1 = 4
            call(ds.sleep, 1)
            return(l1)`
    ))

test("not beyond a call, not a parameter, not beside a result that is wanted", () =>
    expectUnchanged(
        transients,
        `
        function main params=1 slots=2
            l1 = 1
            call(ds.millis)
            g0 = l1
            jmp_z(g0) @1
            l0 = 2
        @1  g1 = l0
            call(ds.millis)
            l1 = 3
            g2 = add(l1, ret)
            jmp_z(g2) @2
            l1 = 4
            g0 = l1
        @2  return(ret)`
    ))

test("not what a handler finds, and what a closure sees", () =>
    expectUnchanged(
        transients,
        `
        function main params=0 slots=2 tries=1
            l0 = 1
            try @1
            call(ds.sleep, l0)
            end_try @2
        @1  catch
            g0 = l0
        @2  l1 = 2
            g1 = l1
            g2 = ^inner
            return(undefined)

        function inner params=0 slots=0
            return(load_closure(#1, 1))`
    ))
