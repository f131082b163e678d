/** Classes that are no more than what makes their objects. */
import {
    walkProgram,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { exprThrows } from "./effects.ts"
import { UNDEF, type Values } from "./values.ts"

const { IS_CTOR, NEEDS_THIS } = op.FunctionFlag

/** Where an object is made. */
export interface Site {
    fn: Fn
    stmt: Stmt
}

/**
 * Where objects of classes are made that nothing else is done with: their constructors
 * return nothing, and are called for nothing else.
 */
export function classesOf(program: Program, values: Values): Map<Fn, Site[]> {
    const sites = new Map<Fn, Site[]>()
    const others = new Set<Fn>()
    const known = new Set<Stmt>()
    for (const { fn: within, stmt: s, targets, unknown } of values.calls) {
        const callee = s.args[0] as Expr | undefined
        const fn =
            callee?.op === op.NEW && callee.args[0].op === op.STATIC_FUNCTION
                ? callee.args[0].fn
                : undefined
        for (const target of targets)
            if (target !== fn || unknown || targets.size !== 1)
                others.add(target)
        if (!fn || known.has(s)) continue
        known.add(s)
        const all = sites.get(fn)
        if (all) all.push({ fn: within, stmt: s })
        else sites.set(fn, [{ fn: within, stmt: s }])
    }
    walkProgram(program, (e, s) => {
        const { fn } = e
        if (!fn || !(fn.flags & IS_CTOR)) return
        const [callee] = s.args
        const isMade =
            op.isCall(s.op) &&
            callee.op === op.NEW &&
            callee.args[0] === e &&
            known.has(s)
        if (!isMade) others.add(fn)
    })
    values.values.forEach((v, i) => {
        if (
            v.kind === "object" &&
            typeof v.of !== "string" &&
            values.escaped.has(values.numberOf(i))
        )
            others.add(v.of)
    })
    for (const fn of sites.keys()) {
        const plain =
            fn.flags === (IS_CTOR | NEEDS_THIS) &&
            values.reached.has(fn) &&
            [...values.result(fn)].every(value => value === UNDEF) &&
            fn.body.every(s => s.op !== op.RETURN || !exprThrows(s.args[0]))
        if (!plain || others.has(fn)) sites.delete(fn)
    }
    return sites
}
