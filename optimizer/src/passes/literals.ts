/**
 * Numbers that take three bytes or more wherever they stand are kept in a variable, if
 * that is shorter: it is set before anything else runs, and read in two bytes. Once, at
 * the very end: to the other passes, a constant says more than a variable.
 */
import { exprSize } from "../image.ts"
import {
    literal,
    rewriteStmt,
    stmt,
    walkProgram,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import type { Pass } from "./pass.ts"

/** Bytes to read a variable, or to set it, without the value. */
const VARIABLE = 2
/** Bytes for which it is worth its place among the variables, and in the heap. */
const WORTH = 6

const isLong = ({ op: o, n }: { op: number; n: number }): boolean =>
    o === op.LITERAL && exprSize(literal(n)) > VARIABLE

export const literals: Pass = {
    name: "literals",
    run(program: Program): void {
        const counts = new Map<number, number>()
        walkProgram(program, e => {
            if (isLong(e)) counts.set(e.n, (counts.get(e.n) ?? 0) + 1)
        })
        const kept = new Map<number, number>()
        const first: Stmt[] = []
        for (const [n, count] of counts) {
            const size = exprSize(literal(n))
            if (count * (size - VARIABLE) - size - VARIABLE < WORTH) continue
            const variable =
                program.globals.push({
                    name: String(n),
                    type: "glb",
                    given: true,
                }) - 1
            kept.set(n, variable)
            const store = stmt(op.STORE_GLOBAL, literal(n))
            first.push(store.with({ n: variable }))
        }
        for (const { body } of program.fns)
            for (const s of body)
                rewriteStmt(s, e => {
                    const variable = isLong(e) ? kept.get(e.n) : undefined
                    if (variable === undefined) return e
                    return e.with({ op: op.LOAD_GLOBAL, n: variable })
                })
        program.fns[0].body.unshift(...first)
    },
}
