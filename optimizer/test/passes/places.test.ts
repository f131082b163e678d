import { expect, test } from "vitest"
import { walkProgram } from "../../src/ir.ts"
import { places } from "../../src/passes/places.ts"
import { parseProgram } from "../../src/text.ts"

test("what has no place has that of what stands before it", () => {
    const program = parseProgram(`
function main params=0 slots=2
    l0 = add(1, 2)
    l1 = l0
    return(l1)
`)
    const [first, second, third] = program.fns[0].body
    const [sum] = first.args
    sum.args[0].place = { pos: 10, length: 1 }
    third.place = { pos: 30, length: 6 }
    places.run(program)
    const found: (number | undefined)[] = []
    walkProgram(program, e => found.push(e.place?.pos))
    expect(found).toEqual([10, 10, 10, 10, 10])
    expect([first, second, third].map(s => s.place?.pos)).toEqual([10, 10, 30])
})
