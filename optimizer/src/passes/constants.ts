/**
 * Replaces expressions that have one value in the whole program: fields that are never
 * set to another value, parameters that are always the same, comparisons of values that
 * cannot be equal. The impossible branch of a condition is removed, and with it unused
 * parts of a library. Expressions that may throw stay.
 */
import { nodeThrows } from "../analysis/effects.ts"
import {
    BOOL,
    NULL,
    NUMBER,
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
    references,
    remove,
    stmt,
    STRING,
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

/** Whether an expression may throw, by the possible values from which it reads. */
export function mayThrow(e: Expr, values: Values): boolean {
    if (e.args.some(arg => mayThrow(arg, values))) return true
    if (e.op !== FIELD) return nodeThrows(e)
    const owners = values.valuesOf(e.args[0])
    if (!owners || owners.size === 0) return true
    return [...owners].some(
        value =>
            value !== TEXT &&
            value !== BYTES &&
            !["object", "string", "bytes"].includes(
                values.valueOf(value)?.kind ?? ""
            )
    )
}

const CONSTANTS = new op.OpSet([
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
    // of a buffer that is copied, see `buffers`
    if (v?.kind === "bytes" && !v.copy && e.op !== op.STATIC_BUFFER)
        return expr(op.STATIC_BUFFER).with({ n: v.n })
    if (v?.kind === "string" && e.op !== STRING)
        return expr(STRING).with({ text: v.text })
    if (v?.kind !== "constant") return undefined
    if (typeof v.is === "boolean") return expr(v.is ? op.TRUE : op.FALSE)
    return isShort(v.is) ? literal(v.is) : undefined
}

function replace(e: Expr, values: Values): Expr {
    const constant = constantOf(e, values)
    if (constant && !mayThrow(e, values))
        return constant.with({ place: e.place })
    e.args = e.args.map(arg => replace(arg, values))
    return e
}

/** Whether all that an expression may be passes a test; false if nothing is known. */
function all(
    e: Expr,
    values: Values,
    test: (value: number) => boolean
): boolean {
    const found = values.valuesOf(e)
    return !!found && found.size > 0 && [...found].every(test)
}

const not = (e: Expr, place = e.place): Expr => expr(op.NOT, e).with({ place })

/**
 * The negation of `a < b` or `a <= b` of integers: of other values, both may be false.
 */
function opposite({ op: o, args }: Expr, values: Values): Expr | undefined {
    if (o !== op.LT && o !== op.LE) return undefined
    if (!args.every(e => all(e, values, v => isInteger(v, values))))
        return undefined
    // what throws first goes on doing so
    if (args.every(e => mayThrow(e, values))) return undefined
    return expr(o === op.LT ? op.LE : op.LT, args[1], args[0])
}

/**
 * A comparison that a condition makes anyway: `x !== 0` of an integer, `x !== ""` of a
 * string, `x !== null` of an object or `null`.
 * @returns the expression to test instead, or its negation; undefined if none
 */
function tested(e: Expr, values: Values): Expr | undefined {
    const isTrue = (value: number): boolean =>
        values.truth(value) === Truth.True
    const [a] = e.args
    if (e.op === op.IS_UNDEFINED || e.op === op.IS_NULLISH) {
        const nothing = (value: number): boolean =>
            value === UNDEF || (value === NULL && e.op === op.IS_NULLISH)
        return all(a, values, v => nothing(v) || isTrue(v)) ? not(a) : undefined
    }
    if (e.op === op.NOT) return opposite(a, values)
    if (e.op !== op.EQ && e.op !== op.NE) return undefined
    for (const [x, y] of [e.args, [...e.args].reverse()]) {
        const result = e.op === op.NE ? x : not(x, e.place)
        switch (y.op) {
            case op.LITERAL:
                if (y.n === 0 && all(x, values, v => isInteger(v, values)))
                    return result
                break
            case STRING:
                if (y.text === "" && all(x, values, v => isText(v, values)))
                    return result
                break
            case op.NULL:
                if (all(x, values, v => v === NULL || isTrue(v))) return result
                break
            case op.TRUE:
            case op.FALSE:
                if (!all(x, values, v => isBool(v, values))) break
                return (y.op === op.TRUE) === (e.op === op.EQ)
                    ? x
                    : not(x, e.place)
        }
    }
    return undefined
}

export const isInteger = (value: number, values: Values): boolean => {
    const v = values.valueOf(value)
    return v?.kind === "integer" || (v?.kind === "constant" && v.of === NUMBER)
}
const isText = (value: number, values: Values): boolean =>
    value === TEXT || values.valueOf(value)?.kind === "string"
const isBool = (value: number, values: Values): boolean => {
    const v = values.valueOf(value)
    return value === BOOL || (v?.kind === "constant" && v.of === BOOL)
}

/** Comparisons in a place where only the truth of a value matters. */
function condition(e: Expr, values: Values): Expr {
    const better = tested(e, values)
    if (better) return condition(better, values)
    e.args =
        e.op === op.NOT || e.op === op.TO_BOOL
            ? [condition(e.args[0], values)]
            : e.args.map(arg => inside(arg, values))
    return e
}

/** Comparisons whose result is a value. */
function inside(e: Expr, values: Values): Expr {
    if (e.op === op.NOT || e.op === op.TO_BOOL) return condition(e, values)
    const better =
        e.op === op.EQ || e.op === op.NE ? tested(e, values) : undefined
    if (better)
        return better.op === op.NOT
            ? condition(better, values)
            : expr(op.TO_BOOL, condition(better, values)).with({
                  place: e.place,
              })
    e.args = e.args.map(arg => inside(arg, values))
    return e
}

/** Removes comparisons with falsy values, which the condition makes anyway. */
export function conditions(program: Program, values: Values): void {
    if (values.confused) return
    for (const fn of program.fns) {
        if (!values.reached.has(fn)) continue
        for (const s of fn.body) {
            if (!values.visited.has(s)) continue
            s.args = s.args.map(arg =>
                s.op === op.JMP_Z ? condition(arg, values) : inside(arg, values)
            )
        }
    }
}

/** `jmp_z(not(l0)) @1`, `l0 = false`, `@1`: of a truth value, which is false there anyhow. */
function restored(fn: Fn, values: Values): boolean {
    const { body } = fn
    const entered = references(body)
    return remove(body, (s, i) => {
        const before = body[i - 1]
        if (s.op !== op.STORE_LOCAL || entered.has(s)) return false
        if (before?.op !== op.JMP_Z || !values.visited.has(before)) return false
        let [e] = before.args
        let negated = false
        for (; e.op === op.NOT || e.op === op.TO_BOOL; [e] = e.args)
            if (e.op === op.NOT) negated = !negated
        return (
            s.args[0].op === (negated ? op.FALSE : op.TRUE) &&
            e.op === op.LOAD_LOCAL &&
            e.n === s.n &&
            all(e, values, v => isBool(v, values))
        )
    })
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
            s.args = [expr(truth === Truth.True ? op.TRUE : op.FALSE)]
            changed = true
        } else if (s.to !== next && !(next.op === op.JMP && next.to === s.to)) {
            // it is computed, since it may throw
            if (truth === Truth.True) s.to = next
            else body.splice(i + 1, 0, stmt(op.JMP).with({ to: s.to }))
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
        changed = restored(fn, values) || changed
        for (const s of fn.body) {
            if (!values.visited.has(s)) continue
            s.args = s.args.map((arg, i) => {
                // targets of jumps, and called functions, stay
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
