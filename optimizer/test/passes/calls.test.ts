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
            store_ret_val("")
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

const LETTERS = `
        function check params=2 slots=4
            l2 = 0
        @1  jmp_z(lt(l2, l0.length)) @2
            call(l0.charCodeAt, l2)
            jmp_z(lt(31, ret)) @3
            l2 = add(l2, 1)
            jmp @1
        @2  call(l0.indexOf, l1)
            jmp_z(lt(ret, 0)) @3
            call(Math.floor, l2)
            return(ret)
        @3  throw("wrong")`

test("one that looks at a text's characters, too; what it gives is there", () =>
    expectPass(
        calls,
        `
        function main params=0 slots=1
            call(&check, "host", ":")
            call(&check, "ho:st", ":")
            call(&check, "", ":")
            call(&check, "hö", ":")
            call(&check, "host", ":")
            return(ret)
        ${LETTERS}`,
        `
        function main params=0 slots=1
            call(&check, "ho:st", ":")
            call(&check, "hö", ":")
            store_ret_val(4)
            return(ret)
        ${LETTERS}`
    ))

test.each([
    "%String_prototype.charCodeAt = &other",
    "g0 = %String",
    "l0 = %Array_prototype.__proto__",
    "index_set(%String_prototype, g0, 3)",
])("not if these may be others: %s", first =>
    expectUnchanged(
        calls,
        `
        function main params=0 slots=1
            ${first}
            call(&check, "host", ":")
            return(undefined)

        function other params=1 slots=1
            return(1)
        ${LETTERS}`
    )
)
