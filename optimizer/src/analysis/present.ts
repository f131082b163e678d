/**
 * Slots that hold neither undefined nor null before a statement: on every path to it a
 * field was read from them, which would have thrown, or a condition found them true.
 * The same holds for global variables that are only ever set to new objects: these stay
 * set across calls.
 */
import {
    FIELD,
    walkStmt,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { bit, Worklist, type Flow, type Slots } from "./flow.ts"

/** Global variables that stay set, and their bits after those of the slots. */
export type Kept = ReadonlyMap<number, number>

/** Global variables that are only set to new objects. */
export function keptGlobals(program: Program): Kept {
    const found = new Set<number>()
    const others = new Set<number>()
    for (const { body } of program.fns) {
        const targets = new Set(body.map(({ to }) => to))
        body.forEach((s, i) => {
            if (s.op !== op.STORE_GLOBAL) return
            const isNew =
                i > 0 &&
                s.args[0].op === op.RET_VAL &&
                makesObject(body[i - 1]) &&
                !targets.has(s)
            if (isNew) found.add(s.n)
            else others.add(s.n)
        })
    }
    return new Map([...found].filter(n => !others.has(n)).map((n, i) => [n, i]))
}

/** Whether the result of a statement is an object for sure. */
export const makesObject = (s: Stmt): boolean =>
    s.op === op.ALLOC_MAP ||
    s.op === op.ALLOC_ARRAY ||
    (op.isCall(s.op) && s.args[0].op === op.NEW)

/** The bit of the slot, or of the variable that stays set, read by an expression. */
function placeOf(e: Expr, slots: number, kept: Kept): Slots {
    if (e.op === op.LOAD_LOCAL) return bit(e.n)
    const n = e.op === op.LOAD_GLOBAL ? kept.get(e.n) : undefined
    return n === undefined ? 0n : bit(slots + n)
}

/** Places that a statement reads something of, if it does not throw. */
function used(s: Stmt, count: number, kept: Kept): Slots {
    let slots = 0n
    const owner = (e: Expr): void => {
        slots |= placeOf(e, count, kept)
    }
    walkStmt(s, e => {
        if (e.op === FIELD || e.op === op.INDEX) owner(e.args[0])
    })
    if (s.op === op.INDEX_SET) owner(s.args[0])
    return slots
}

/** Places that are true if a condition is, and if it is not. */
function found(e: Expr, slots: number, kept: Kept): { yes: Slots; no: Slots } {
    if (e.op === op.TO_BOOL) return found(e.args[0], slots, kept)
    if (e.op !== op.NOT) return { yes: placeOf(e, slots, kept), no: 0n }
    const { yes, no } = found(e.args[0], slots, kept)
    return { yes: no, no: yes }
}

/**
 * @param pinned slots that closures may change
 * @returns by index of statement: bits of slots, then of variables in `kept`
 */
export function presentSlots(
    { body, slots: count }: Fn,
    flow: Flow,
    pinned: Slots,
    kept: Kept
): readonly Slots[] {
    const before: (Slots | undefined)[] = body.map(() => undefined)
    const work = new Worklist(body.length)
    const enter = (i: number, slots: Slots): void => {
        const known = before[i]
        const next = known === undefined ? slots : known & slots
        if (next === known) return
        before[i] = next
        work.add(i)
    }
    enter(0, 0n)
    for (let i = work.next(); i !== undefined; i = work.next()) {
        const s = body[i]
        const slots = before[i] as Slots
        let after = slots | (used(s, count, kept) & ~pinned)
        if (s.op === op.STORE_LOCAL) after &= ~bit(s.n)
        const variable = s.op === op.STORE_GLOBAL ? kept.get(s.n) : undefined
        if (variable !== undefined) after |= bit(count + variable)
        const condition =
            s.op === op.JMP_Z
                ? found(s.args[0], count, kept)
                : { yes: 0n, no: 0n }
        for (const k of flow.next[i]) {
            // both ways may lead to the same statement
            const jumps = s.op === op.JMP_Z && k === flow.next[i][0]
            const falls = k === i + 1
            let more = 0n
            if (jumps && !falls) more = condition.no
            if (falls && !jumps) more = condition.yes
            enter(k, after | (more & ~pinned))
        }
        // the statement may have thrown before its effect
        for (const k of flow.thrown[i]) enter(k, slots)
    }
    return before.map(slots => slots ?? 0n)
}
