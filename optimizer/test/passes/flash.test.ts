import { expect, test } from "vitest"
import type { Program } from "../../src/ir.ts"
import { wholeProgram } from "../../src/passes/program.ts"
import { parseProgram, printProgram } from "../../src/text.ts"
import { expectPass } from "./run.ts"

/** What the first run makes constant, the second one puts in its places. */
const twice = {
    name: "flash",
    run: (program: Program): void => {
        wholeProgram.run(program)
        wholeProgram.run(program)
    },
}

test("a table that nobody writes is read in flash", () =>
    expectPass(
        twice,
        `
        function main params=0 slots=0
            call(%Buffer.from, hex"010203")
            g0 = ret
            call(&look, 2)
            return(undefined)

        function look params=1 slots=1
            call(ds.sleep, index(g0, l0))
            call(g0.indexOf, 3)
            g1 = ret
            call(%Buffer.alloc, 8)
            g2 = ret
            call(g2.blitAt, 0, g0, 0, 3)
            return(g0.length)`,
        `
        function main params=0 slots=0
            g0 = hex"010203"
            call(&look, 2)
            return(undefined)

        function look params=1 slots=1
            call(ds.sleep, index(hex"010203", 2))
            call(g0.indexOf, 3)
            g1 = ret
            call(%Buffer.alloc, 8)
            g2 = ret
            call(g2.blitAt, 0, hex"010203", 0, 3)
            return(hex"010203".length)`
    ))

const copied = (name: string, lines: string): void =>
    test(name, () => {
        const program = parseProgram(`
        function main params=0 slots=1
            call(%Buffer.from, hex"010203")
            g0 = ret
            l0 = g0
            ${lines}
            call(ds.sleep, index(l0, 1))
            return(undefined)

        function change params=1 slots=1
            index_set(l0, 0, 5)
            return(undefined)`)
        wholeProgram.run(program)
        expect(printProgram(program)).toContain(
            'call(%Buffer.from, hex"010203")'
        )
    })

copied("one that is written stays a copy", "index_set(g0, 1, 7)")
copied("… also by its methods", "call(g0.fillAt, 0, 1, 7)")
copied("… and by setAt()", "store_buffer(g0, 1, 0, 7)")
copied("… and by who is handed it", "call(&change, l0)")
copied("one that is handed to the VM stays", 'call(ds.format, "{0}", g0)')
copied(
    "… and by what is read from a bus",
    "call(ds._i2cTransaction, 72, g1, g0)"
)
copied("one that is compared with others stays", "g1 = eq(g0, g2)")
copied("one with fields of its own stays", "g0.name = 1")
copied(
    "a program's own Buffer.from() does what it likes",
    "%Buffer.from = &change"
)
