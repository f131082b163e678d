/** Global variables that nobody reads are not written. */
import { exprThrows } from "../analysis/effects.ts"
import { remove, walkProgram, type Program } from "../ir.ts"
import * as op from "../ops.ts"
import type { Pass } from "./pass.ts"

export const globals: Pass = {
    name: "globals",
    run(program: Program): void {
        const read = new Set<number>()
        walkProgram(program, e => {
            if (e.op === op.LOAD_GLOBAL) read.add(e.n)
        })
        for (const { body } of program.fns)
            remove(
                body,
                s =>
                    s.op === op.STORE_GLOBAL &&
                    !read.has(s.n) &&
                    !exprThrows(s.args[0])
            )
    },
}
