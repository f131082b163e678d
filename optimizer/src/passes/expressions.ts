/**
 * Simpler expressions: constants folded, tests for `undefined` by their own opcodes,
 * negations absorbed, and parts that a condition does not need removed.
 */
import { exprSize } from "../image.ts"
import { expr, literal, rewriteStmt, type Expr } from "../ir.ts"
import * as op from "../ops.ts"
import { eachFunction } from "./pass.ts"

/** Give `true` or `false`, nothing else. */
const BOOLEAN = new op.OpSet([
    op.EQ,
    op.NE,
    op.LT,
    op.LE,
    op.APPROX_EQ,
    op.APPROX_NE,
    op.NOT,
    op.TO_BOOL,
    op.TRUE,
    op.FALSE,
    op.IS_UNDEFINED,
    op.IS_NULLISH,
    op.IS_NAN,
    op.INSTANCE_OF,
])

const OPPOSITE = new Map([
    [op.EQ, op.NE],
    [op.NE, op.EQ],
    [op.APPROX_EQ, op.APPROX_NE],
    [op.APPROX_NE, op.APPROX_EQ],
    [op.TRUE, op.FALSE],
    [op.FALSE, op.TRUE],
    // not LT and LE: neither holds for NaN
])

/** Always give an integer of 32 bits. */
const INTEGER = new op.OpSet([
    op.BIT_AND,
    op.BIT_OR,
    op.BIT_XOR,
    op.BIT_NOT,
    op.SHIFT_LEFT,
    op.SHIFT_RIGHT,
    op.TO_INT,
])

const isUndefined = (e: Expr): boolean => e.op === op.UNDEFINED
const isNullish = (e: Expr): boolean => isUndefined(e) || e.op === op.NULL
const isLiteral = (e: Expr, n?: number): boolean =>
    e.op === op.LITERAL && (n === undefined || e.n === n)
const isInteger = (e: Expr): boolean => INTEGER.has(e.op) || isLiteral(e)
const bool = (value: boolean): Expr => expr(value ? op.TRUE : op.FALSE)

/** Result of an instruction for integers; undefined if it exceeds 32 bits. */
function computed(code: number, a: number, b: number): Expr | undefined {
    const int = (n: number): Expr | undefined =>
        (n | 0) === n ? literal(n | 0) : undefined
    switch (code) {
        case op.ADD:
            return int(a + b)
        case op.SUB:
            return int(a - b)
        case op.MUL:
            return int(a * b)
        case op.BIT_AND:
            return int(a & b)
        case op.BIT_OR:
            return int(a | b)
        case op.BIT_XOR:
            return int(a ^ b)
        case op.SHIFT_LEFT:
            return int(a << (b & 31))
        case op.SHIFT_RIGHT:
            return int(a >> (b & 31))
        case op.SHIFT_RIGHT_UNSIGNED:
            return int(a >>> (b & 31))
        case op.EQ:
        case op.APPROX_EQ:
            return bool(a === b)
        case op.NE:
        case op.APPROX_NE:
            return bool(a !== b)
        case op.LT:
            return bool(a < b)
        case op.LE:
            return bool(a <= b)
    }
    return undefined
}

/** One step: the operands are simple already. */
export function simpler(e: Expr): Expr {
    const [a, b] = e.args
    const at = (other: Expr): Expr => other.with({ place: e.place })
    if (e.args.length === 2) {
        if (isLiteral(a) && isLiteral(b)) {
            const known = computed(e.op, a.n, b.n)
            if (known && exprSize(known) <= exprSize(e)) return at(known)
        }
        switch (e.op) {
            case op.EQ:
                if (isUndefined(b)) return at(expr(op.IS_UNDEFINED, a))
                if (isUndefined(a)) return at(expr(op.IS_UNDEFINED, b))
                break
            case op.NE:
                if (isUndefined(b))
                    return at(expr(op.NOT, expr(op.IS_UNDEFINED, a)))
                if (isUndefined(a))
                    return at(expr(op.NOT, expr(op.IS_UNDEFINED, b)))
                break
            case op.APPROX_EQ:
                if (isNullish(b)) return at(expr(op.IS_NULLISH, a))
                if (isNullish(a)) return at(expr(op.IS_NULLISH, b))
                break
            case op.APPROX_NE:
                if (isNullish(b))
                    return at(expr(op.NOT, expr(op.IS_NULLISH, a)))
                if (isNullish(a))
                    return at(expr(op.NOT, expr(op.IS_NULLISH, b)))
                break
            case op.BIT_OR:
                if (isLiteral(b, 0)) return at(expr(op.TO_INT, a))
                if (isLiteral(a, 0)) return at(expr(op.TO_INT, b))
                break
        }
        return e
    }
    switch (e.op) {
        case op.NOT: {
            const opposite = OPPOSITE.get(a.op)
            if (opposite !== undefined) return at(a.with({ op: opposite }))
            if (a.op === op.TO_BOOL) return at(e.with({ args: a.args }))
            if (a.op === op.NOT)
                return BOOLEAN.has(a.args[0].op)
                    ? a.args[0]
                    : at(expr(op.TO_BOOL, a.args[0]))
            if (isLiteral(a)) return at(bool(a.n === 0))
            if (isNullish(a)) return at(bool(true))
            break
        }
        case op.TO_BOOL:
            if (BOOLEAN.has(a.op)) return a
            if (isLiteral(a)) return at(bool(a.n !== 0))
            if (isNullish(a)) return at(bool(false))
            break
        case op.IS_UNDEFINED:
            if (isUndefined(a)) return at(bool(true))
            if (a.op === op.NULL || isLiteral(a) || BOOLEAN.has(a.op))
                return a.args.length === 0 ? at(bool(false)) : e
            break
        case op.IS_NULLISH:
            if (isNullish(a)) return at(bool(true))
            if (isLiteral(a)) return at(bool(false))
            break
        case op.NEG:
            if (isLiteral(a) && a.n !== -0x80000000)
                return at(literal(-a.n | 0))
            break
        case op.BIT_NOT:
            if (isLiteral(a)) return at(literal(~a.n))
            break
        case op.TO_INT:
        case op.UPLUS:
            if (isInteger(a)) return a
            if (a.op === op.TRUE) return at(literal(1))
            if (a.op === op.FALSE) return at(literal(0))
            break
    }
    return e
}

/** An equivalent expression in a condition, where only its truth matters. */
function asCondition(e: Expr): Expr {
    const [a, b] = e.args
    if (e.op === op.TO_BOOL) return asCondition(a)
    if (e.op === op.NOT) {
        const inner = asCondition(a)
        if (inner.op === op.NOT) return asCondition(inner.args[0])
        return inner === a ? e : simpler(e.with({ args: [inner] }))
    }
    // only of integers: a fraction does not count as true in the VM
    if (e.op === op.NE && isLiteral(b, 0) && INTEGER.has(a.op)) return a
    if (e.op === op.EQ && isLiteral(b, 0) && INTEGER.has(a.op))
        return expr(op.NOT, a).with({ place: e.place })
    return e
}

/**
 * One step; operands of a negation, or of a conversion to boolean, count as conditions.
 */
function better(e: Expr): Expr {
    const result = simpler(e)
    if (result.op !== op.NOT && result.op !== op.TO_BOOL) return result
    const inner = asCondition(result.args[0])
    return inner === result.args[0]
        ? result
        : simpler(result.with({ args: [inner] }))
}

export const expressions = eachFunction("expressions", ({ body }) => {
    for (const s of body) {
        rewriteStmt(s, better)
        if (s.op === op.JMP_Z) s.args[0] = asCondition(s.args[0])
    }
})
