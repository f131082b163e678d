import { inline } from "../../src/passes/inline.ts"
import { expectPass, expectUnchanged } from "./run.ts"
import { test } from "vitest"

test("a function that is called once stands where it is called", () =>
    expectPass(
        inline,
        `
        function main params=0 slots=1
            call(&twice, g0.speed)
            l0 = ret
            call(ds.sleep, l0)
            return(undefined)

        function twice params=1 slots=1
            jmp_z(lt(l0, 0)) @1
            return(0)
        @1  return(mul(l0, 2))`,
        `
        function main params=0 slots=3
            l1 = g0.speed
            jmp_z(lt(l1, 0)) @1
            l2 = 0
            jmp @2
        @1  l2 = mul(l1, 2)
            jmp @2
        @2  l0 = l2
            call(ds.sleep, l0)
            return(undefined)`
    ))

test("in a loop, its variables begin anew each time", () =>
    expectPass(
        inline,
        `
        function main params=0 slots=0
        @1  call(&step, 1)
            jmp @1

        function step params=1 slots=2
            jmp_z(l1) @1
            call(ds.restart)
        @1  l1 = l0
            g0 = l1
            return(undefined)`,
        `
        function main params=0 slots=3
        @1  l0 = 1
            l1 = undefined
            jmp_z(l1) @2
            call(ds.restart)
        @2  l1 = l0
            g0 = l1
            jmp @3
        @3  jmp @1`
    ))

test("a result that is wanted later is left where it is looked for", () =>
    expectPass(
        inline,
        `
        function main params=1 slots=1
            call(&pick, l0)
            g0 = 1
            return(ret)

        function pick params=1 slots=1
            return(l0.x)`,
        `
        function main params=1 slots=3
            l1 = l0
            store_ret_val(l1.x)
            jmp @1
        @1  g0 = 1
            return(ret)`
    ))

test("not what catches, calls itself, makes closures, or is started", () =>
    expectUnchanged(
        inline,
        `
        function main params=0 slots=0
            call(&catches)
            call(&itself, 3)
            call(&makes)
            call(&fiber.start)
            return(undefined)

        function catches params=0 slots=0 tries=1
            try @1
            call(g0.run)
            end_try @2
        @1  catch
        @2  return(undefined)

        function itself params=1 slots=1
            jmp_z(l0) @1
            call(&itself, sub(l0, 1))
        @1  return(undefined)

        function makes params=0 slots=0
            g0 = ^closure
            return(undefined)

        function closure params=0 slots=0
            return(load_closure(#0, 1))

        function fiber params=0 slots=0
            return(undefined)`
    ))

const calls = ["g0", "g1", "g2"]
    .map(
        earlier => `
            call(&before, ${earlier}.at, l0)
            jmp_z(ret) @1`
    )
    .join("")
const program = (value: string): string => `
        function main params=1 slots=1${calls}
        @1  return(undefined)

        function before params=2 slots=2
            return(${value})`

test("a value of what is given, once each and in order, stands in all places", () => {
    const body = [1, 4, 7].map(
        (slot, i) => `
            l${slot} = g${i}.at
            l${slot + 1} = l0
            l${slot + 2} = lt(to_int(sub(l${slot}, l${slot + 1})), 0)
            jmp @${i + 1}
        @${i + 1}  jmp_z(l${slot + 2}) @4`
    )
    expectPass(
        inline,
        program("lt(to_int(sub(l0, l1)), 0)"),
        `
        function main params=1 slots=10${body.join("")}
        @4  return(undefined)`
    )
})

test("not if an argument has to be kept meanwhile", () =>
    expectUnchanged(inline, program("lt(to_int(sub(l1, l0)), 0)")))
