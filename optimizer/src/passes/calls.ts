/**
 * Calls without effect: with constant arguments, a function returns a constant and does
 * nothing else. It is evaluated here as in the VM; if that needs an unknown value, the
 * call stays. Of the VM's own functions, only those for ASCII strings and integers are
 * known, as long as the program does not change them.
 */
import { exprThrows } from "../analysis/effects.ts"
import { resultsOf } from "../analysis/results.ts"
import {
    clone,
    expr,
    FIELD,
    literal,
    remove,
    rewrite,
    STRING,
    undefinedValue,
    walkStmt,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { simpler } from "./expressions.ts"
import type { Pass } from "./pass.ts"
import { truth } from "./jumps.ts"
import { tables } from "../toolchain.ts"

const { objects } = tables()
/** Owners of the known functions: they must only be named where these cannot change. */
const OWNERS = ["String", "String_prototype", "Math"].map(name =>
    objects.indexOf(name)
)
const KNOWN_NATIVES = new Set(["length", "charCodeAt", "indexOf", "floor"])
/** Ways to get hold of an owner without naming it. */
const WAYS = new Set(["__proto__", "constructor", "getPrototypeOf"])

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

/** A known value: a constant; undefined otherwise. */
type Known = Expr | undefined

/**
 * Whether the VM's own functions are unchanged: nothing is stored under such a name,
 * and owners are named only to read, or to store, other names.
 */
function areOriginal(program: Program): boolean {
    let named = 0
    let harmless = 0
    for (const { body } of program.fns)
        for (const s of body) {
            walkStmt(s, e => {
                if (e.text !== undefined && WAYS.has(e.text)) named++
                if (isOwner(e)) named++
                // String.fromCharCode, Math.floor
                if (
                    e.op === FIELD &&
                    isOwner(e.args[0]) &&
                    e.text !== "prototype"
                )
                    harmless++
            })
            if (s.op !== op.INDEX_SET) continue
            const [of, key] = s.args
            if (key.op === STRING && KNOWN_NATIVES.has(key.text as string))
                named++
            const owner =
                of.op === FIELD && of.text === "prototype" ? of.args[0] : of
            if (isOwner(owner) && key.op === STRING) harmless++
        }
    return named === harmless
}

const isOwner = (e: Expr): boolean =>
    e.op === op.BUILTIN_OBJECT && OWNERS.includes(e.n)

const isAscii = (e: Known): e is Expr =>
    e?.op === STRING && /^[\x01-\x7f]*$/.test(e.text as string)

/** Result of a function of the VM; undefined if unknown. */
function native(name: string, of: Known, args: readonly Known[]): Known {
    const [a, ...more] = args
    if (!a || more.length > 0 || !isAscii(of)) return undefined
    const text = of.text as string
    if (name === "charCodeAt")
        return a.op === op.LITERAL && a.n >= 0 && a.n < text.length
            ? literal(text.charCodeAt(a.n))
            : undefined
    return name === "indexOf" && isAscii(a) && a.text !== ""
        ? literal(text.indexOf(a.text as string))
        : undefined
}

class Follower {
    private readonly original: boolean
    private steps = 0

    /** @param original whether the VM's own functions are unchanged */
    constructor(original: boolean) {
        this.original = original
    }

    /** @returns result of a call without other effects; undefined if unknown */
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
        /** of the last call; unknown before the first one */
        let ret: Known
        const value = (e: Expr): Known => this.value(e, slots, ret)
        for (let at = 0; ; at++) {
            if (++this.steps > STEPS) return undefined
            const s = body[at]
            // an operand that may throw has to stay
            const operands = op.isCall(s.op) ? s.args.slice(1) : s.args
            if (operands.some(e => exprThrows(e) && !value(e))) return undefined
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
                    if (callee.op !== op.STATIC_FUNCTION) {
                        ret = this.native(callee, value, rest)
                        if (!ret) return undefined
                        break
                    }
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

    private native(
        callee: Expr,
        value: (e: Expr) => Known,
        args: readonly Expr[]
    ): Known {
        if (!this.original) return undefined
        const known = args.map(value)
        if (callee.op === op.MATH_FIELD) {
            const [a] = known
            const isFloor = callee.text === "floor" && args.length === 1
            return isFloor && a?.op === op.LITERAL ? a : undefined
        }
        return callee.op === FIELD
            ? native(callee.text as string, value(callee.args[0]), known)
            : undefined
    }

    private value(e: Expr, slots: readonly Known[], ret: Known): Known {
        const found = rewrite(clone(e), each => {
            if (each.op === op.LOAD_LOCAL) return slots[each.n] ?? each
            if (each.op === op.RET_VAL) return ret ?? each
            if (each.op === FIELD && each.text === "length" && this.original)
                return isAscii(each.args[0])
                    ? literal((each.args[0].text as string).length)
                    : each
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
        const original = areOriginal(program)
        for (const { body } of program.fns) {
            if (!body.some(isCandidate)) continue
            const results = resultsOf(body)
            if (!results) continue
            const gone = new Set<Stmt>()
            body.forEach((s, i) => {
                if (!isCandidate(s)) return
                const [callee, ...args] = s.args
                const known = args.map(arg =>
                    CONSTANT.has(arg.op) ? arg : undefined
                )
                const follower = new Follower(original)
                const done = follower.call(callee.fn as Fn, known)
                if (!done) return
                if (results.readers(i).length === 0) gone.add(s)
                else if (done.result) {
                    s.op = op.STORE_RET_VAL
                    s.args = [done.result]
                }
            })
            changed = remove(body, s => gone.has(s)) || changed
        }
        return changed
    },
}
