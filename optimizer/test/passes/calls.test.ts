import { test } from "vitest"
import { calls } from "../../src/passes/calls.ts"
import { expectPass, expectUnchanged } from "./run.ts"

const CHECK = `
        function check params=3 slots=4
            jmp_z(is_undefined(l1)) @1
            return("")
        @1  call(&isWrong, l1, l2)
            l3 = ret
            jmp_z(l3) @2
            throw("wrong")
        @2  return("")

        function isWrong params=2 slots=2
            jmp_z(eq(typeof_str(l0), "number")) @1
            return(lt(l1, l0))
        @1  return(true)`

test("a check that its arguments pass goes", () =>
    expectPass(
        calls,
        `
        function main params=1 slots=1
            call(&check, "a", undefined, 9)
            call(&check, "b", 5, 9)
            call(&check, l0, 5, 9)
            call(&check, "c", 10, 9)
            call(&check, "d", l0, 9)
            call(&check, "e", 5, 9)
            return(ret)
        ${CHECK}`,
        `
        function main params=1 slots=1
            call(&check, "c", 10, 9)
            call(&check, "d", l0, 9)
            call(&check, "e", 5, 9)
            return(ret)
        ${CHECK}`
    ))

const stays = (name: string, body: string): void =>
    test(name, () =>
        expectUnchanged(
            calls,
            `
        function main params=0 slots=0
            call(&run, 1)
            return(undefined)

        function run params=1 slots=1
${body}`
        )
    )

stays(
    "what sets a variable stays",
    "            g0 = l0\n            return(1)"
)
stays("what never ends stays", "        @1  jmp @1")
stays(
    "what may throw stays",
    "            l0 = g0.length\n            return(undefined)"
)
stays(
    "what calls the VM stays",
    "            call(ds.sleep, 1)\n            return(1)"
)
