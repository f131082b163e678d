/**
 * A value that is stored and used once, a little later, is computed where it is used;
 * an unused value is not stored.
 */
import {
    clone,
    references,
    remove,
    rewrite,
    stmtDepth,
    walk,
    walkStmt,
    type Expr,
    type Fn,
    type Stmt,
} from "../ir.ts"
import {
    changesRet,
    changesState,
    effectsOf,
    exprThrows,
    nodeThrows,
    stmtThrows,
    type Effects,
} from "../analysis/effects.ts"
import { flowOf, has, livenessOf, type Slots } from "../analysis/flow.ts"
import * as op from "../ops.ts"
import { eachFunction } from "./pass.ts"

/** Statements between a store and its use, at most. */
const FAR = 12
const { MAX_STACK_DEPTH } = op.BinFmt

function uses(s: Stmt, slot: number): number {
    let count = 0
    walkStmt(s, e => {
        if (e.op === op.LOAD_LOCAL && e.n === slot) count++
    })
    return count
}

/** Whether something that is computed before a slot is read may throw. */
function throwsBefore(s: Stmt, slot: number): boolean {
    let found = false
    let throws = false
    for (const arg of s.args)
        walk(arg, e => {
            if (e.op === op.LOAD_LOCAL && e.n === slot) found = true
            else if (!found && nodeThrows(e)) throws = true
        })
    return throws
}

/** Whether a value can be computed after a statement instead of before it. */
function commutes(value: Effects, s: Stmt, handled: boolean): boolean {
    if (s.op === op.STORE_LOCAL) {
        if (value.locals.has(s.n)) return false
    } else if (op.isFinal(s.op) || s.to) return false
    if (value.state && changesState(s)) return false
    if (value.ret && changesRet(s)) return false
    if (value.throws)
        // a handler would see the stored value
        return !changesState(s) && !changesRet(s) && !stmtThrows(s) && !handled
    return true
}

/** One change in a function. */
function step(fn: Fn, pinned: Slots): boolean {
    const { body } = fn
    const flow = flowOf(body)
    if (!flow) return false
    const { before, after } = livenessOf(body, flow, pinned)
    const targets = references(body)
    const gone = new Set<Stmt>()
    for (let i = 0; i < body.length; i++) {
        const s = body[i]
        if (s.op !== op.STORE_LOCAL || has(pinned, s.n)) continue
        const [value] = s.args
        if (value.op === op.LOAD_LOCAL && value.n === s.n) {
            gone.add(s)
            continue
        }
        if (!has(after[i], s.n)) {
            if (!exprThrows(value)) gone.add(s)
            continue
        }
        const effects = effectsOf(value)
        // a call may change slots that a closure writes
        for (const slot of effects.locals)
            if (has(pinned, slot)) effects.state = true
        for (let k = i + 1; k < body.length && k < i + FAR; k++) {
            const t = body[k]
            // a jump to it comes without the value
            if (targets.has(t)) break
            const count = uses(t, s.n)
            const last =
                !has(after[k], s.n) || (t.op === op.STORE_LOCAL && t.n === s.n)
            if (count > 0) {
                if (count > 1 || !last) break
                if (effects.throws && throwsBefore(t, s.n)) break
                // an open handler must find the same values
                if (
                    flow.thrown[k].length > 0 &&
                    t.op === op.STORE_LOCAL &&
                    t.n === s.n
                )
                    break
                const old = t.args
                t.args = old.map(arg => substitute(arg, s.n, value))
                if (stmtDepth(t) > MAX_STACK_DEPTH) {
                    t.args = old
                    break
                }
                remove(body, other => other === s || gone.has(other))
                return true
            }
            if (t.op === op.STORE_LOCAL && t.n === s.n) break
            // a handler of its exceptions may need the value
            if (flow.thrown[k].some(h => has(before[h], s.n))) break
            if (!commutes(effects, t, flow.open[i].length > 0)) break
        }
    }
    return remove(body, s => gone.has(s))
}

function substitute(e: Expr, slot: number, value: Expr): Expr {
    return rewrite(clone(e), each =>
        each.op === op.LOAD_LOCAL && each.n === slot ? value : each
    )
}

export function dropTemporaries(fn: Fn, pinned: Slots): boolean {
    let any = false
    while (step(fn, pinned)) any = true
    return any
}

export const temporaries = eachFunction("temporaries", dropTemporaries)
