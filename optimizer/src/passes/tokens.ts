/**
 * An object that is never accessed, since its fields are variables and its methods
 * functions, is replaced by `true`, and its constructor becomes an ordinary function,
 * which can be inlined. For classes of which no object is read, written, compared, or
 * tested for its type.
 */
import { classesOf } from "../analysis/classes.ts"
import type { Values } from "../analysis/values.ts"
import { expr, walkStmt, type Expr, type Fn, type Program } from "../ir.ts"
import * as op from "../ops.ts"

const { MAX_ARGS_SHORT_CALL } = op.BinFmt

/** Any object is the same to them. */
const BLIND = new op.OpSet([op.TO_BOOL, op.NOT, op.IS_UNDEFINED, op.IS_NULLISH])
const NOTHING = new op.OpSet([op.NULL, op.UNDEFINED])

/** Whether an operator treats every object as it treats `true`. */
function isBlind({ op: code, args }: Expr): boolean {
    return (
        BLIND.has(code) ||
        ((code === op.EQ || code === op.NE) &&
            args.some(arg => NOTHING.has(arg.op)))
    )
}

/** Statements that take any value without accessing it. */
const TAKE = new op.OpSet([
    op.STORE_LOCAL,
    op.STORE_GLOBAL,
    op.STORE_CLOSURE,
    op.STORE_RET_VAL,
    op.RETURN,
    op.JMP_Z,
])

/** Objects that are accessed. */
function looked(program: Program, values: Values): Set<number> {
    const found = new Set<number>()
    const look = (e: Expr): void => {
        for (const value of values.valuesOf(e) ?? []) found.add(value)
    }
    /** Whether a stored value stays unchanged: a buffer converts it to a number. */
    const keeps = (into: Expr): boolean => {
        const known = values.valuesOf(into)
        return (
            known !== undefined &&
            [...known].every(value => values.objectOf(value) !== undefined)
        )
    }
    for (const { object } of values.accesses)
        for (const value of object.values) found.add(value)
    for (const { body } of program.fns)
        for (const s of body) {
            if (!values.visited.has(s)) continue
            walkStmt(s, e => {
                if (!isBlind(e)) e.args.forEach(look)
            })
            s.args.forEach((arg, i) => {
                if (TAKE.has(s.op)) return
                if (op.isCall(s.op) && i > 0) return
                if (s.op === op.INDEX_SET && i === 2 && keeps(s.args[0])) return
                look(arg)
            })
        }
    return found
}

/** @returns whether anything has changed */
export function tokens(program: Program, values: Values): boolean {
    if (values.confused) return false
    const seen = looked(program, values)
    const objects = new Map<Fn, number[]>()
    values.values.forEach((v, i) => {
        if (v.kind !== "object" || typeof v.of === "string") return
        const value = values.numberOf(i)
        const known = objects.get(v.of)
        if (known) known.push(value)
        else objects.set(v.of, [value])
    })
    let changed = false
    for (const [fn, sites] of classesOf(program, values)) {
        if (objects.get(fn)?.some(v => seen.has(v))) continue
        if (sites.some(({ stmt: s }) => s.args.length > MAX_ARGS_SHORT_CALL))
            continue
        fn.flags = 0
        for (const s of fn.body)
            if (s.op === op.RETURN)
                s.args = [expr(op.TRUE).with({ place: s.args[0].place })]
        for (const { stmt: call } of sites) {
            const [callee, ...rest] = call.args
            call.args = [callee.args[0], expr(op.TRUE), ...rest]
            call.op++
        }
        changed = true
    }
    return changed
}
