/**
 * A buffer that is copied from flash and never written is replaced by the one in flash:
 * no copy in the heap. Unchanged: buffers that are written, escape, or are compared
 * with others.
 */
import { resultsOf } from "../analysis/results.ts"
import type { Values } from "../analysis/values.ts"
import { expr, remove, rewriteStmt, type Program, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"

/** @returns whether anything has changed */
export function staysInFlash(program: Program, values: Values): boolean {
    if (values.confused) return false
    const copies = new Map<Stmt, number>()
    values.values.forEach((v, i) => {
        if (v.kind === "bytes" && v.copy && !values.isTouched(i))
            copies.set(v.copy, v.n)
    })
    // a program may have its own `Buffer.from`
    for (const { stmt, targets, unknown } of values.calls)
        if (targets.size > 0 || unknown) copies.delete(stmt)
    let changed = false
    for (const { body } of program.fns) {
        if (!body.some(s => copies.has(s))) continue
        const results = resultsOf(body)
        if (!results) continue
        const gone = new Set<Stmt>()
        body.forEach((s, i) => {
            const n = copies.get(s)
            if (n === undefined) return
            const readers = results.readers(i)
            // each reader reads this result only
            const alone = readers.every(
                k => body[k].op !== op.JMP_RET_VAL_Z && results.of(k).size === 1
            )
            if (!alone) return
            for (const k of readers)
                rewriteStmt(body[k], e =>
                    e.op === op.RET_VAL
                        ? expr(op.STATIC_BUFFER).with({ n, place: e.place })
                        : e
                )
            gone.add(s)
        })
        changed = remove(body, s => gone.has(s)) || changed
    }
    return changed
}
