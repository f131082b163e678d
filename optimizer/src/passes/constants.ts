/**
 * What the whole program shows to have one value is that value: fields that are never
 * set to anything else, parameters that are always the same, comparisons of what cannot
 * be equal. Of a condition that goes one way only, the other way is taken out, so that
 * what a program does not use of a library goes. Left as it is: what may throw.
 */
import { nodeThrows } from "../analysis/effects.ts"
import {
    NULL,
    TEXT,
    Truth,
    UNDEF,
    BYTES,
    type Values,
} from "../analysis/values.ts"
import {
    expr,
    FIELD,
    literal,
    stmt,
    type Expr,
    type Fn,
    type Program,
} from "../ir.ts"
import * as op from "../ops.ts"

const { DIRECT_CONST_OFFSET, DIRECT_CONST_OP } = op.BinFmt

/** Numbers that take a byte, as an operand or by themselves. */
const isShort = (n: number): boolean =>
    n >= -DIRECT_CONST_OFFSET &&
    n < 0x100 - DIRECT_CONST_OP - DIRECT_CONST_OFFSET

/** Whether an expression may throw, by what it may be read of. */
export function mayThrow(e: Expr, values: Values): boolean {
    if (e.args.some(arg => mayThrow(arg, values))) return true
    if (e.op !== FIELD) return nodeThrows(e)
    const owners = values.valuesOf(e.args[0])
    if (!owners || owners.size === 0) return true
    return [...owners].some(
        value =>
            value !== TEXT &&
            value !== BYTES &&
            !["object", "string"].includes(values.valueOf(value)?.kind ?? "")
    )
}

const CONSTANTS = new Set([
    op.LITERAL,
    op.UNDEFINED,
    op.NULL,
    op.TRUE,
    op.FALSE,
])

/** The constant that an expression always is; undefined if there is none. */
function constantOf(e: Expr, values: Values): Expr | undefined {
    if (CONSTANTS.has(e.op)) return undefined
    const all = values.valuesOf(e)
    if (all?.size !== 1) return undefined
    const [value] = all
    if (value === UNDEF) return expr(op.UNDEFINED)
    if (value === NULL) return expr(op.NULL)
    const v = values.valueOf(value)
    if (v?.kind !== "constant") return undefined
    if (typeof v.is === "boolean") return expr(v.is ? op.TRUE : op.FALSE)
    return isShort(v.is) ? literal(v.is) : undefined
}

function replace(e: Expr, values: Values): Expr {
    const constant = constantOf(e, values)
    if (constant && !mayThrow(e, values)) return { ...constant, place: e.place }
    e.args = e.args.map(arg => replace(arg, values))
    return e
}

/** Conditions that go one way only. */
function branches(fn: Fn, values: Values): boolean {
    const { body } = fn
    let changed = false
    for (let i = 0; i < body.length; i++) {
        const s = body[i]
        if (s.op !== op.JMP_Z || !values.visited.has(s)) continue
        const all = values.valuesOf(s.args[0])
        if (!all || all.size === 0) continue
        let truth = 0
        for (const value of all) truth |= values.truth(value)
        if (truth === Truth.Both) continue
        const next = body[i + 1]
        if (!mayThrow(s.args[0], values)) {
            if (CONSTANTS.has(s.args[0].op)) continue
            s.args = [{ ...expr(truth === Truth.True ? op.TRUE : op.FALSE) }]
            changed = true
        } else if (s.to !== next && !(next.op === op.JMP && next.to === s.to)) {
            // it is computed, since it may throw
            if (truth === Truth.True) s.to = next
            else body.splice(i + 1, 0, { ...stmt(op.JMP), to: s.to })
            changed = true
        }
    }
    return changed
}

/** @returns whether anything has changed */
export function constants(program: Program, values: Values): boolean {
    if (values.confused) return false
    let changed = false
    for (const fn of program.fns) {
        if (!values.reached.has(fn)) continue
        changed = branches(fn, values) || changed
        for (const s of fn.body) {
            if (!values.visited.has(s)) continue
            s.args = s.args.map((arg, i) => {
                // where it goes, and what is called, stay
                if (
                    i === 0 &&
                    (op.isCall(s.op) ||
                        s.op === op.INDEX_SET ||
                        s.op === op.INDEX_DELETE)
                )
                    return arg
                const next = replace(arg, values)
                if (next !== arg) changed = true
                return next
            })
        }
    }
    return changed
}
