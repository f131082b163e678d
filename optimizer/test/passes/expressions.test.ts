import { expressions } from "../../src/passes/expressions.ts"
import { expectPass, expectUnchanged } from "./run.ts"
import { test } from "vitest"

test("constants are computed, as the VM does", () =>
    expectPass(
        expressions,
        `
        function main params=1 slots=1
            call(ds.sleep, add(mul(6, 7), shift_left(1, 4)))
            call(ds.sleep, add(2147483647, 1))
            call(ds.sleep, add(l0, neg(5)))
            call(ds.sleep, add(uplus(true), uplus(false)))
            return(bit_or(l0, 0))`,
        `
        function main params=1 slots=1
            call(ds.sleep, 58)
            call(ds.sleep, add(2147483647, 1))
            call(ds.sleep, add(l0, -5))
            call(ds.sleep, 1)
            return(to_int(l0))`
    ))

test("conditions lose what makes no difference to them", () =>
    expectPass(
        expressions,
        `
        function main params=1 slots=1
            jmp_z(to_bool(not(eq(l0, undefined)))) @1
            jmp_z(not(not(l0))) @1
            jmp_z(ne(bit_and(l0, 4), 0)) @1
            jmp_z(approx_eq(l0, null)) @1
            call(ds.restart)
        @1  return(not(not(lt(l0, 5))))`,
        `
        function main params=1 slots=1
            jmp_z(not(is_undefined(l0))) @1
            jmp_z(l0) @1
            jmp_z(bit_and(l0, 4)) @1
            jmp_z(is_nullish(l0)) @1
            call(ds.restart)
        @1  return(lt(l0, 5))`
    ))

test("fractions, NaN, and what is no number stay as they are", () =>
    expectUnchanged(
        expressions,
        `
        function main params=1 slots=1
            jmp_z(ne(l0, 0)) @1
            call(ds.sleep, not(lt(l0, 1)))
            call(ds.sleep, add("a", 1))
        @1  return(to_bool(l0))`
    ))
