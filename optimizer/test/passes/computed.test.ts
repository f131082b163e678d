import { test } from "vitest"
import { valuesOf } from "../../src/analysis/values.ts"
import { computedBuffers } from "../../src/passes/computed.ts"
import type { Pass } from "../../src/passes/pass.ts"
import { expectPass, expectUnchanged } from "./run.ts"

const computed: Pass = {
    name: "computed",
    run(program): void {
        computedBuffers(program, valuesOf(program))
    },
}

/** The numbers of a list, 16 bits each, and how long its first text is. */
const TABLE = `
        function table params=2 slots=5
            call(%Buffer.alloc, add(1, mul(2, sub(l0.length, 1))))
            l2 = ret
            index_set(l2, 0, index(l0, 0).length)
            l3 = 1
        @1  jmp_z(lt(l3, l0.length)) @2
            l4 = mul(index(l0, l3), l1)
            call(&put, l2, sub(mul(l3, 2), 1), l4)
            l3 = add(l3, 1)
            jmp @1
        @2  return(l2)

        function put params=3 slots=3
            index_set(l0, l1, bit_and(l2, 255))
            index_set(l0, add(l1, 1), shift_right(l2, 8))
            return(undefined)`

test("a table that is only read is computed", () =>
    expectPass(
        computed,
        `
        function main params=0 slots=1
            alloc_array(4)
            l0 = ret
            call(l0.push, "OK", 1, 2)
            call(l0.push, 258)
            call(&table, l0, 3)
            g0 = ret
            g1 = index(g0, 1)
            return(undefined)
        ${TABLE}`,
        `
        function main params=0 slots=1
            g0 = hex"02030006000603"
            g1 = index(g0, 1)
            return(undefined)
        ${TABLE}`
    ))

test("one that is computed of another one", () =>
    expectPass(
        computed,
        `
        function main params=0 slots=1
            alloc_array(2)
            l0 = ret
            call(ret.push, "A", 7)
            call(&table, l0, 1)
            g0 = ret
            call(&sum, g0)
            g1 = ret
            g2 = index(g1, 0)
            return(undefined)

        function sum params=1 slots=2
            call(%Buffer.alloc, 1)
            l1 = ret
            index_set(l1, 0, add(load_buffer(l0, 1, 1), index(l0, 0)))
            return(l1)
        ${TABLE}`,
        `
        function main params=0 slots=1
            g0 = hex"010700"
            g1 = hex"08"
            g2 = index(g1, 0)
            return(undefined)

        function sum params=1 slots=2
            call(%Buffer.alloc, 1)
            l1 = ret
            index_set(l1, 0, add(load_buffer(l0, 1, 1), index(l0, 0)))
            return(l1)
        ${TABLE}`
    ))

const stays = (name: string, main: string, more = ""): void =>
    test(name, () =>
        expectUnchanged(
            computed,
            `
        function main params=0 slots=2
            alloc_array(2)
            l0 = ret
            call(l0.push, "A", 7)
${main}
            return(undefined)
        ${TABLE}${more}`
        )
    )

const MADE = `
            call(&table, l0, 1)
            g0 = ret`

stays("one that is written stays", `${MADE}\n            index_set(g0, 0, 1)`)
stays("one that is handed out stays", `${MADE}\n            call(ds.print, g0)`)
stays(
    "one that is compared with another stays",
    `${MADE}\n            g1 = eq(g0, g2)`
)
stays(
    "one whose array is seen later stays",
    `${MADE}\n            g1 = index(g0, 0)\n            g2 = l0.length`
)
stays(
    "one with a number that is not known stays",
    `            call(&table, l0, g3)
            g0 = ret
            g1 = index(g0, 0)`
)
stays(
    "one with a number that is too large for its bytes stays",
    `            call(&wide, l0)
            g0 = ret
            g1 = index(g0, 0)`,
    `

        function wide params=1 slots=2
            call(%Buffer.alloc, 1)
            l1 = ret
            index_set(l1, 0, mul(index(l0, 1), 256))
            return(l1)`
)
stays(
    "a function that sets a variable is called",
    `            call(&count, l0)
            g0 = ret
            g1 = index(g0, 0)`,
    `

        function count params=1 slots=1
            g2 = add(g2, 1)
            call(%Buffer.alloc, 1)
            return(ret)`
)
stays(
    "where the VM's function is another one, it is called",
    `            %Buffer.alloc = &other
${MADE}
            g1 = index(g0, 0)`,
    `

        function other params=1 slots=1
            return(hex"0000")`
)
