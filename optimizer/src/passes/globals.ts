/**
 * Global variables that are never read are not written, nor are those that are read
 * only for their own next value, as counters are, or for that of other such variables.
 */
import { exprThrows } from "../analysis/effects.ts"
import { remove, walkStmt, type Program, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"
import type { Pass } from "./pass.ts"

/** Variables that a statement reads. */
function readsOf(s: Stmt): number[] {
    const found: number[] = []
    walkStmt(s, e => {
        if (e.op === op.LOAD_GLOBAL) found.push(e.n)
    })
    return found
}

/** Whether a statement does nothing but set a variable. */
const onlyStores = (s: Stmt): boolean =>
    s.op === op.STORE_GLOBAL && !exprThrows(s.args[0])

export const globals: Pass = {
    name: "globals",
    run(program: Program): boolean {
        const wanted = new Set<number>()
        /** variables that the next value of a variable is made of */
        const sources = new Map<number, number[]>()
        const work: number[] = []
        for (const { body } of program.fns)
            for (const s of body) {
                const reads = readsOf(s)
                if (!onlyStores(s)) work.push(...reads)
                else if (reads.length > 0)
                    sources.set(s.n, [...(sources.get(s.n) ?? []), ...reads])
            }
        for (let n = work.pop(); n !== undefined; n = work.pop()) {
            if (wanted.has(n)) continue
            wanted.add(n)
            work.push(...(sources.get(n) ?? []))
        }
        let changed = false
        for (const { body } of program.fns)
            changed =
                remove(body, s => onlyStores(s) && !wanted.has(s.n)) || changed
        return changed
    },
}
