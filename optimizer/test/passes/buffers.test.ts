import { test } from "vitest"
import { buffers } from "../../src/passes/buffers.ts"
import { parseProgram, printProgram } from "../../src/text.ts"
import { expectUnchanged } from "./run.ts"
import { expect } from "vitest"

test("an array of bytes for Buffer.from() is bytes in flash that it copies", () => {
    const program = parseProgram(`
        function main params=0 slots=3
            l0 = %Buffer.from
            alloc_array(3)
            l1 = ret
            call(l1.push, 1, 2)
            call(l1.push, 255)
            call(l0, l1)
            l2 = ret
            return(l2)`)
    buffers.run(program)
    expect(program.buffers.map(data => [...data])).toEqual([[1, 2, 255]])
    const { body } = program.fns[0]
    expect(body).toHaveLength(4)
    expect(printProgram(program)).not.toContain("push")
})

const stays = (name: string, lines: string): void =>
    test(name, () =>
        expectUnchanged(
            buffers,
            `
        function main params=0 slots=3
            l0 = %Buffer.from
            alloc_array(2)
            l1 = ret
            call(l1.push, 1, 2)
${lines}
            return(undefined)`
        )
    )

stays(
    "an array that is used again stays",
    `            call(l0, l1)
            call(ds.print, 63, l1.length)`
)
stays(
    "so does one with what is no byte",
    `            call(l1.push, 256)
            call(l0, l1)`
)
stays(
    "and one that is put into something else",
    `            call(l1.push, l1)
            call(l0, l1)`
)
stays(
    "and all, if Buffer is handed out",
    `            call(l0, l1)
            call(ds.print, 63, %Buffer)`
)
