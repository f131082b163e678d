import { test } from "vitest"
import { literals } from "../../src/passes/literals.ts"
import { expectPass, expectUnchanged } from "./run.ts"

test("a long number that stands in many places is a variable", () =>
    expectPass(
        literals,
        `
        function main params=0 slots=0
            call(&wait, 5000)
            call(&wait, 5000)
            call(&wait, add(g0, 5000))
            call(&wait, 100)
            return(undefined)

        function wait params=1 slots=1
            jmp_z(lt(l0, 5000)) @1
            call(ds.sleep, 5000)
        @1  call(ds.sleep, 5000)
            return(5000)`,
        `
        function main params=0 slots=0
            g1 = 5000
            call(&wait, g1)
            call(&wait, g1)
            call(&wait, add(g0, g1))
            call(&wait, 100)
            return(undefined)

        function wait params=1 slots=1
            jmp_z(lt(l0, g1)) @1
            call(ds.sleep, g1)
        @1  call(ds.sleep, g1)
            return(g1)`
    ))

test("one that stands in few places, or is short, stays", () =>
    expectUnchanged(
        literals,
        `
        function main params=0 slots=0
            call(ds.sleep, 5000)
            call(ds.sleep, 5000)
            call(ds.sleep, 5000)
            call(ds.sleep, 200)
            call(ds.sleep, 200)
            call(ds.sleep, 200)
            call(ds.sleep, 200)
            call(ds.sleep, 200)
            call(ds.sleep, 200)
            return(undefined)`
    ))
