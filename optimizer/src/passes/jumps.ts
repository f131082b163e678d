/**
 * Fewer jumps: a jump to a jump leads to its target, known conditions are not tested, a
 * condition over a jump is inverted, and unreachable code is removed. `a && b` as a
 * condition becomes two jumps: the compiler stores a first result, jumps to a second
 * test of it, and jumps again.
 */
import { exprSize } from "../image.ts"
import {
    clone,
    expr,
    number,
    references,
    remove,
    stmt,
    type Expr,
    type Stmt,
} from "../ir.ts"
import { exprThrows } from "../analysis/effects.ts"
import * as op from "../ops.ts"
import { eachFunction } from "./pass.ts"

/** Jumps in a chain that are followed at most. */
const CHAIN = 20

/** Truth of an expression in a condition, if known. */
export function truth(e: Expr): boolean | undefined {
    switch (e.op) {
        case op.TRUE:
            return true
        case op.FALSE:
        case op.UNDEFINED:
        case op.NULL:
            return false
        case op.LITERAL:
            return e.n !== 0
        case op.STATIC_FUNCTION:
            return true
        case op.ASCII_STRING:
            return e.text !== ""
    }
    return undefined
}

/** A condition that only asks one slot: which, and whether the answer is negated. */
function asked(e: Expr): { slot: number; negated: boolean } | undefined {
    let negated = false
    for (;;) {
        if (e.op === op.LOAD_LOCAL) return { slot: e.n, negated }
        if (e.op === op.NOT) negated = !negated
        else if (e.op !== op.TO_BOOL) return undefined
        e = e.args[0]
    }
}

const OPPOSITE = new Map([
    [op.EQ, op.NE],
    [op.NE, op.EQ],
    [op.APPROX_EQ, op.APPROX_NE],
    [op.APPROX_NE, op.APPROX_EQ],
])

/** The negation of an expression. */
export function negated(e: Expr): Expr {
    if (e.op === op.NOT) return e.args[0]
    const opposite = OPPOSITE.get(e.op)
    return opposite === undefined
        ? expr(op.NOT, e).with({ place: e.place })
        : e.with({ op: opposite })
}

/** Jumps to a jump lead to its target. */
function shorten(body: Stmt[]): boolean {
    let changed = false
    for (const s of body) {
        if (s.op !== op.JMP && s.op !== op.JMP_Z) continue
        if (s.to?.op !== op.JMP) continue
        const seen = new Set<Stmt>([s])
        for (let i = 0; i < CHAIN; i++) {
            const to = s.to as Stmt
            if (to.op !== op.JMP || seen.has(to) || to.to === s.to) break
            seen.add(to)
            s.to = to.to
            changed = true
        }
    }
    return changed
}

/** A condition whose answer is known where it is jumped to. */
function thread(body: Stmt[]): boolean {
    let changed = false
    number(body)
    const targets = references(body)
    const after = (s: Stmt): Stmt | undefined => body[s.index + 1]
    const follow = (s: Stmt, slot: number, isTrue: boolean): void => {
        for (let i = 0; i < CHAIN; i++) {
            const to = s.to as Stmt
            if (to.op !== op.JMP_Z || to === s) return
            const question = asked(to.args[0])
            if (!question || question.slot !== slot) return
            const goesOn = isTrue !== question.negated
            const then = goesOn ? after(to) : to.to
            if (!then || then === to || then === s.to) return
            s.to = then
            changed = true
        }
    }
    body.forEach((s, i) => {
        if (s.op === op.JMP_Z) {
            const question = asked(s.args[0])
            if (question) follow(s, question.slot, question.negated)
        } else if (s.op === op.JMP && !targets.has(s)) {
            const before = body[i - 1]
            if (before?.op !== op.STORE_LOCAL) return
            const value = truth(before.args[0])
            if (value !== undefined) follow(s, before.n, value)
        }
    })
    return changed
}

function dropUnreachable(body: Stmt[]): boolean {
    number(body)
    const reached = new Uint8Array(body.length)
    let count = 0
    const work = [0]
    for (let i = work.pop(); i !== undefined; i = work.pop()) {
        if (reached[i]) continue
        reached[i] = 1
        count++
        const s = body[i]
        if (s.to) work.push(s.to.index)
        if (!op.isFinal(s.op)) work.push(i + 1)
    }
    if (count === body.length) return false
    const kept = body.filter((_, i) => reached[i])
    body.length = 0
    for (const s of kept) body.push(s)
    return true
}

/** Whether both outcomes of a condition lead to the same place. */
const leadsOn = (s: Stmt, next: Stmt): boolean =>
    s.to === next || (next.op === op.JMP && next.to === s.to)

/** Patterns of neighbours. */
function neighbours(body: Stmt[]): boolean {
    const targets = references(body)
    const gone = new Set<Stmt>()
    let changed = false
    for (let i = 0; i + 1 < body.length; i++) {
        const s = body[i]
        const next = body[i + 1]
        if (gone.has(s)) continue
        if (s.op === op.JMP && s.to === next) gone.add(s)
        else if (s.op === op.JMP_Z) {
            const known = truth(s.args[0])
            if (known === false) {
                s.op = op.JMP
                s.args = []
                changed = true
            } else if (known === true) gone.add(s)
            else if (leadsOn(s, next) && !exprThrows(s.args[0])) gone.add(s)
            else if (
                next.op === op.JMP &&
                !targets.has(next) &&
                s.to === body[i + 2] &&
                next.to !== next
            ) {
                s.args = [negated(s.args[0])]
                s.to = next.to
                gone.add(next)
            }
        }
    }
    return remove(body, s => gone.has(s)) || changed
}

/** A return that is as short as the jump to it. */
function returnAtOnce(body: Stmt[]): boolean {
    let changed = false
    for (const s of body) {
        const { to } = s
        if (s.op !== op.JMP || to?.op !== op.RETURN) continue
        if (exprSize(to.args[0]) > 1 || exprThrows(to.args[0])) continue
        s.op = op.RETURN
        s.args = [clone(to.args[0])]
        s.place = to.place
        s.to = undefined
        changed = true
    }
    return changed
}

/** `l0 = x` before a jump to `return(l0)`, or before it: returned at once. */
function returnStored(body: Stmt[]): boolean {
    let changed = false
    const targets = references(body)
    for (let i = 0; i + 1 < body.length; i++) {
        const s = body[i]
        const next = body[i + 1]
        if (s.op !== op.STORE_LOCAL) continue
        const returns = (r: Stmt | undefined): boolean =>
            r?.op === op.RETURN &&
            r.args[0].op === op.LOAD_LOCAL &&
            r.args[0].n === s.n
        if (next.op === op.JMP && !targets.has(next) && returns(next.to)) {
            next.op = op.RETURN
            next.args = [expr(op.LOAD_LOCAL)]
            next.args[0].n = s.n
            next.place = (next.to as Stmt).place
            next.to = undefined
            changed = true
        } else if (returns(next) && targets.has(next)) {
            // jumps to it keep it
            const { place } = next
            const again = stmt(op.RETURN, clone(next.args[0])).with({ place })
            body.splice(i + 1, 0, again)
            changed = true
        }
    }
    return changed
}

/** All of it in one function, until nothing changes. */
export function simplifyJumps(body: Stmt[]): boolean {
    let any = false
    for (let changed = true; changed; any ||= changed)
        // a jump to the next statement is removed before other targets are considered
        changed = [
            shorten,
            dropUnreachable,
            neighbours,
            thread,
            returnAtOnce,
        ].some(step => step(body))
    return any
}

export const jumps = eachFunction("jumps", ({ body }) => {
    const changed = simplifyJumps(body)
    if (!returnStored(body)) return changed
    simplifyJumps(body)
    return true
})
