import { test } from "vitest"
import { accumulator } from "../../src/passes/accumulator.ts"
import { expectPass, expectUnchanged } from "./run.ts"

test("what a call has returned is read from there until the next call", () =>
    expectPass(
        accumulator,
        `
        function main params=0 slots=1
            call(ds.millis)
            l0 = ret
            g0 = l0
            jmp_z(lt(l0, 5)) @1
            g1 = add(l0, g0)
        @1  call(ds.sleep, l0)
            return(undefined)`,
        `
        function main params=0 slots=1
            call(ds.millis)
            g0 = ret
            jmp_z(lt(ret, 5)) @1
            g1 = add(ret, ret)
        @1  call(ds.sleep, ret)
            return(undefined)`
    ))

test("a slot that is wanted later is stored too", () =>
    expectPass(
        accumulator,
        `
        function main params=0 slots=1
            call(ds.millis)
            l0 = ret
            call(ds.sleep, l0)
            call(ds.sleep, l0)
            return(undefined)`,
        `
        function main params=0 slots=1
            call(ds.millis)
            l0 = ret
            call(ds.sleep, ret)
            call(ds.sleep, l0)
            return(undefined)`
    ))

test("what is read often until the next call is put there", () =>
    expectPass(
        accumulator,
        `
        function main params=1 slots=1
            l0.a = 1
            l0.b = 2
            l0.c = 3
            l0.d = 4
            call(ds.sleep, l0)
            l0.e = 1
            return(undefined)`,
        `
        function main params=1 slots=1
            store_ret_val(l0)
            ret.a = 1
            ret.b = 2
            ret.c = 3
            ret.d = 4
            call(ds.sleep, ret)
            l0.e = 1
            return(undefined)`
    ))

test("the value of a switch is never stored", () =>
    expectPass(
        accumulator,
        `
        function main params=1 slots=2
            l1 = l0.state
            jmp_z(ne(l1, 1)) @1
            jmp_z(ne(l1, 2)) @1
            return(1)
        @1  return(2)`,
        `
        function main params=1 slots=2
            store_ret_val(l0.state)
            jmp_z(ne(ret, 1)) @1
            jmp_z(ne(ret, 2)) @1
            return(1)
        @1  return(2)`
    ))

test("not where it may be something else: behind a call, a store, on another way", () =>
    expectUnchanged(
        accumulator,
        `
        function main params=1 slots=2
            call(ds.millis)
            l1 = ret
            call(ds.sleep, 1)
            g0 = l1
            l1 = 3
            g1 = l1
            jmp_z(l0) @1
            call(ds.millis)
            l1 = ret
        @1  g2 = l1
            return(undefined)`
    ))

test("a result that is wanted still is not overwritten", () =>
    expectUnchanged(
        accumulator,
        `
        function main params=1 slots=1
            call(ds.millis)
            g0 = add(l0, l0)
            g1 = add(l0, l0)
            return(ret)`
    ))

test("what an exception finds has been stored", () =>
    expectUnchanged(
        accumulator,
        `
        function main params=1 slots=2 tries=1
            try @1
            call(ds.millis)
            l1 = ret
            call(ds.sleep, 5)
            end_try @2
        @1  catch
            call(ds.sleep, l1)
        @2  return(undefined)`
    ))
