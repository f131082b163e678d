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

/** Whether a statement makes an object of the class that an expression of its is. */
function makes({ op: kind, args }: Stmt, e: Expr): boolean {
    const [callee] = args
    return op.isCall(kind) && callee.op === op.NEW && callee.args[0] === e
}

/** A constructor that may become a function like others. */
const isPlain = ({ flags, body }: Fn): boolean =>
    flags === (IS_CTOR | NEEDS_THIS) &&
    body.every(s => s.op !== op.RETURN || !exprThrows(s.args[0]))

/** Whether `classesOf()` may find any: the program tells what is done with their names. */
export function mayHaveClasses(program: Program): boolean {
    const made = new Set<Fn>()
    const others = new Set<Fn>()
    walkProgram(program, (e, s) => {
        const { fn } = e
        if (!fn || !(fn.flags & IS_CTOR)) return
        if (makes(s, e)) made.add(fn)
        else others.add(fn)
    })
    for (const fn of made) if (!others.has(fn) && isPlain(fn)) return true
    return false
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
        if (!makes(s, e) || !known.has(s)) others.add(fn)
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
            isPlain(fn) &&
            values.reached.has(fn) &&
            [...values.result(fn)].every(value => value === UNDEF)
        if (!plain || others.has(fn)) sites.delete(fn)
    }
    return sites
}
