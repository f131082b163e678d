/**
 * Replaces uses of a copy by its original: another slot, or a constant that takes no
 * more bytes than the slot.
 */
import { exprSize } from "../image.ts"
import {
    clone,
    rewriteStmt,
    undefinedValue,
    type Expr,
    type Fn,
} from "../ir.ts"
import { flowOf, has, Worklist, type Slots } from "../analysis/flow.ts"
import * as op from "../ops.ts"
import { eachFunction } from "./pass.ts"

const CONSTANT = new op.OpSet([
    op.LITERAL,
    op.TRUE,
    op.FALSE,
    op.NULL,
    op.UNDEFINED,
])
/** Bytes of LOAD_LOCAL. */
const LOAD = 2

/** Facts about slots: each holds the value of the expression. */
type Facts = ReadonlyMap<number, Expr>

const same = (a: Expr, b: Expr): boolean => a.op === b.op && a.n === b.n

/**
 * Common facts: the first set itself, if the second has all of it. Facts are never
 * changed: many statements may share them.
 */
function meet(a: Facts | undefined, b: Facts): Facts {
    if (!a || a === b) return b
    const isShared = (slot: number, e: Expr): boolean => {
        const other = b.get(slot)
        return other !== undefined && same(e, other)
    }
    for (const [slot, e] of a)
        if (!isShared(slot, e))
            return new Map([...a].filter(fact => isShared(...fact)))
    return a
}

export function propagate(fn: Fn, pinned: Slots): void {
    const { body } = fn
    const flow = flowOf(body)
    if (!flow) return
    const entry = new Map<number, Expr>()
    for (let slot = fn.params; slot < fn.slots; slot++)
        if (!has(pinned, slot)) entry.set(slot, undefinedValue())
    const before: (Facts | undefined)[] = body.map(() => undefined)
    before[0] = entry
    const resolve = (facts: Facts, e: Expr): Expr =>
        e.op === op.LOAD_LOCAL ? (facts.get(e.n) ?? e) : e
    const work = new Worklist(body.length)
    work.add(0)
    const flowTo = (k: number, facts: Facts): void => {
        const joined = meet(before[k], facts)
        // the entry may be jumped to as well
        if (before[k] === joined) return
        before[k] = joined
        work.add(k)
    }
    for (let i = work.next(); i !== undefined; i = work.next()) {
        const s = body[i]
        const facts = before[i] as Facts
        let behind = facts
        if (s.op === op.STORE_LOCAL) {
            const after = new Map(facts)
            behind = after
            const value = resolve(facts, s.args[0])
            after.delete(s.n)
            for (const [slot, e] of after)
                if (e.op === op.LOAD_LOCAL && e.n === s.n) after.delete(slot)
            const known =
                CONSTANT.has(value.op) ||
                (value.op === op.LOAD_LOCAL &&
                    value.n !== s.n &&
                    !has(pinned, value.n))
            if (known && !has(pinned, s.n)) after.set(s.n, value)
        }
        for (const k of flow.next[i]) flowTo(k, behind)
        // what throws has not stored yet
        for (const k of flow.thrown[i]) flowTo(k, facts)
    }
    body.forEach((s, i) => {
        const facts = before[i]
        if (!facts) return
        rewriteStmt(s, e => {
            if (e.op !== op.LOAD_LOCAL) return e
            const known = facts.get(e.n)
            return known && exprSize(known) <= LOAD
                ? clone(known).with({ place: e.place })
                : e
        })
    })
}

export const copies = eachFunction("copies", propagate)
