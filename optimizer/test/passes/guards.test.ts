import { test } from "vitest"
import { guards } from "../../src/passes/guards.ts"
import { expectPass, expectUnchanged } from "./run.ts"

test("what ends by itself stands further down, and the condition is not negated", () =>
    expectPass(
        guards,
        `
        function main params=2 slots=2
            jmp_z(not(l0)) @1
            call(&bad, "modem")
            throw(ret)
        @1  jmp_z(not(l1)) @2
            call(ds.sleep, 1)
        @2  return(l1)

        function bad params=1 slots=1
            return(l0)`,
        `
        function main params=2 slots=2
            jmp_z(l0) @2
            jmp_z(not(l1)) @1
            call(ds.sleep, 1)
        @1  return(l1)
        @2  call(&bad, "modem")
            throw(ret)

        function bad params=1 slots=1
            return(l0)`
    ))

test("not where jumps become longer for it", () => {
    const long = Array.from(
        { length: 60 },
        (_, i) => `call(ds.sleep, ${i + 1000})`
    ).join("\n            ")
    expectUnchanged(
        guards,
        `
        function main params=1 slots=1
            jmp_z(not(l0)) @1
            return(1)
        @1  ${long}
            return(2)`
    )
})

test("handlers stay where they are", () =>
    expectUnchanged(
        guards,
        `
        function main params=1 slots=1 tries=1
            try @2
            jmp_z(not(l0)) @1
            throw("no")
        @1  end_try @3
        @2  catch
        @3  return(undefined)`
    ))
