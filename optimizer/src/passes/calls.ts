/**
 * Calls that come to nothing: with the constants that it is given, a function returns
 * a constant and does nothing else. It is followed here, as the VM would, and where
 * that asks for what is not known, the call stays.
 */
import { exprThrows } from "../analysis/effects.ts"
import { resultsOf } from "../analysis/results.ts"
import {
    clone,
    expr,
    remove,
    rewrite,
    STRING,
    undefinedValue,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { simpler } from "./expressions.ts"
import type { Pass } from "./pass.ts"
import { truth } from "./jumps.ts"

/** Statements that are followed, and calls within calls, at most. */
const STEPS = 300
const DEPTH = 6

const CONSTANT = new op.OpSet([
    op.LITERAL,
    op.TRUE,
    op.FALSE,
    op.NULL,
    op.UNDEFINED,
    STRING,
])

const TYPES = new Map([
    [op.LITERAL, "number"],
    [op.TRUE, "boolean"],
    [op.FALSE, "boolean"],
    [op.UNDEFINED, "undefined"],
    [STRING, "string"],
])

/** What is known: a constant; nothing otherwise. */
type Known = Expr | undefined

class Follower {
    private steps = 0

    /** @returns what a call returns, if it does nothing else; undefined if that is not known */
    call(
        fn: Fn,
        args: readonly Known[],
        depth = 0
    ): { result: Known } | undefined {
        if (fn.flags !== 0 || fn.tries > 0 || depth > DEPTH) return undefined
        const { body } = fn
        const index = new Map(body.map((s, i) => [s, i]))
        const slots: Known[] = Array.from({ length: fn.slots }, (_, i) =>
            i < fn.params && i < args.length ? args[i] : undefinedValue()
        )
        /** of the last call; nothing is known of what was before this one */
        let ret: Known
        const value = (e: Expr): Known => this.value(e, slots, ret)
        for (let at = 0; ; at++) {
            if (++this.steps > STEPS) return undefined
            const s = body[at]
            // what may throw has to
            const operands = op.isCall(s.op) ? s.args.slice(1) : s.args
            if (operands.some(exprThrows)) return undefined
            switch (s.op) {
                case op.STORE_LOCAL:
                    slots[s.n] = value(s.args[0])
                    break
                case op.STORE_RET_VAL:
                    ret = value(s.args[0])
                    break
                case op.JMP:
                    at = (index.get(s.to as Stmt) as number) - 1
                    break
                case op.JMP_Z: {
                    const known = value(s.args[0])
                    const isTrue = known && truth(known)
                    if (isTrue === undefined) return undefined
                    if (!isTrue) at = (index.get(s.to as Stmt) as number) - 1
                    break
                }
                case op.RETURN:
                    return { result: value(s.args[0]) }
                default: {
                    if (!op.isCall(s.op)) return undefined
                    const [callee, ...rest] = s.args
                    if (callee.op !== op.STATIC_FUNCTION) return undefined
                    const done = this.call(
                        callee.fn as Fn,
                        rest.map(value),
                        depth + 1
                    )
                    if (!done) return undefined
                    ret = done.result
                }
            }
        }
    }

    private value(e: Expr, slots: readonly Known[], ret: Known): Known {
        const found = rewrite(clone(e), each => {
            if (each.op === op.LOAD_LOCAL) return slots[each.n] ?? each
            if (each.op === op.RET_VAL) return ret ?? each
            return folded(each)
        })
        return CONSTANT.has(found.op) ? found : undefined
    }
}

/** As in expressions, and what only matters here: it may be longer. */
function folded(e: Expr): Expr {
    const [a, b] = e.args
    if (e.op === op.TYPEOF_STR) {
        const text = TYPES.get(a.op)
        return text === undefined ? e : expr(STRING).with({ text })
    }
    if (
        (e.op === op.EQ || e.op === op.NE) &&
        CONSTANT.has(a.op) &&
        CONSTANT.has(b.op)
    ) {
        const same = a.op === b.op && a.n === b.n && a.text === b.text
        return expr(same === (e.op === op.EQ) ? op.TRUE : op.FALSE)
    }
    if (e.op === op.TO_BOOL) {
        const known = truth(a)
        if (known !== undefined) return expr(known ? op.TRUE : op.FALSE)
    }
    if (e.op === op.IS_UNDEFINED && CONSTANT.has(a.op) && a.op !== op.UNDEFINED)
        return expr(op.FALSE)
    return simpler(e)
}

const isCandidate = (s: Stmt): boolean =>
    op.isCall(s.op) &&
    s.args[0].op === op.STATIC_FUNCTION &&
    s.args.slice(1).some(e => CONSTANT.has(e.op)) &&
    !s.args.slice(1).some(exprThrows)

export const calls: Pass = {
    name: "calls",
    run(program: Program): boolean {
        let changed = false
        for (const { body } of program.fns) {
            if (!body.some(isCandidate)) continue
            const results = resultsOf(body)
            if (!results) continue
            const gone = new Set<Stmt>()
            body.forEach((s, i) => {
                if (!isCandidate(s)) return
                const [callee, ...args] = s.args
                if (results.readers(i).length > 0) return
                const known = args.map(arg =>
                    CONSTANT.has(arg.op) ? arg : undefined
                )
                if (new Follower().call(callee.fn as Fn, known)) gone.add(s)
            })
            changed = remove(body, s => gone.has(s)) || changed
        }
        return changed
    },
}
