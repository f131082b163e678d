/**
 * Statements that run at most once: those outside of loops in a function called in one
 * place, or those of an object made at first use.
 */
import type { Fn, Program, Stmt } from "../ir.ts"
import { flowOf, loopsOf } from "./flow.ts"
import { lazySites } from "./lazy.ts"
import type { Values } from "./values.ts"

/** Statements of a function that may run more than once each time it runs. */
function repeated(fn: Fn): Set<Stmt> {
    const flow = flowOf(fn.body)
    if (!flow) return new Set(fn.body)
    return new Set([...loopsOf(flow)].map(i => fn.body[i]))
}

/** Which functions run at most once, and which statements in them do. */
export function onceIn(
    program: Program,
    values: Values
): (stmt: Stmt, fn: Fn) => boolean {
    const callers = new Map<Fn, { stmt: Stmt; fn: Fn }[]>()
    for (const { stmt, fn, targets } of values.calls)
        for (const target of targets) {
            const known = callers.get(target)
            if (known) known.push({ stmt, fn })
            else callers.set(target, [{ stmt, fn }])
        }
    const loops = new Map<Fn, Set<Stmt>>()
    const known = new Map<Fn, boolean>()
    const runsOnce = (fn: Fn): boolean => {
        if (fn === program.fns[0])
            return !callers.has(fn) && !values.escapedFns.has(fn)
        const answer = known.get(fn)
        if (answer !== undefined) return answer
        // a recursive function runs more than once
        known.set(fn, false)
        const all = callers.get(fn) ?? []
        const once =
            all.length === 1 &&
            !values.escapedFns.has(fn) &&
            stmtOnce(all[0].stmt, all[0].fn)
        known.set(fn, once)
        return once
    }
    const lazy = lazySites(program, values)
    const stmtOnce = (stmt: Stmt, fn: Fn): boolean => {
        if (lazy.has(stmt)) return true
        let loop = loops.get(fn)
        if (!loop) loops.set(fn, (loop = repeated(fn)))
        return !loop.has(stmt) && runsOnce(fn)
    }
    return stmtOnce
}
