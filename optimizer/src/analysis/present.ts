/**
 * Slots that hold neither undefined nor null before a statement: something has been
 * read of them on every way there, which would have thrown, or a condition has found
 * them true.
 */
import { FIELD, walkStmt, type Expr, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"
import { bit, Worklist, type Flow, type Slots } from "./flow.ts"

/** Slots that a statement reads something of, if it does not throw. */
function used(s: Stmt): Slots {
    let slots = 0n
    const owner = (e: Expr): void => {
        if (e.op === op.LOAD_LOCAL) slots |= bit(e.n)
    }
    walkStmt(s, e => {
        if (e.op === FIELD || e.op === op.INDEX) owner(e.args[0])
    })
    if (s.op === op.INDEX_SET) owner(s.args[0])
    return slots
}

/** Slots that are true if a condition is, and if it is not. */
function found(e: Expr): { yes: Slots; no: Slots } {
    if (e.op === op.LOAD_LOCAL) return { yes: bit(e.n), no: 0n }
    if (e.op === op.TO_BOOL) return found(e.args[0])
    if (e.op !== op.NOT) return { yes: 0n, no: 0n }
    const { yes, no } = found(e.args[0])
    return { yes: no, no: yes }
}

/**
 * @param pinned slots that others may change
 * @returns by index of statement
 */
export function presentSlots(
    body: readonly Stmt[],
    flow: Flow,
    pinned: Slots
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
        let after = slots | (used(s) & ~pinned)
        if (s.op === op.STORE_LOCAL) after &= ~bit(s.n)
        const condition =
            s.op === op.JMP_Z ? found(s.args[0]) : { yes: 0n, no: 0n }
        for (const k of flow.next[i]) {
            // both ways may lead to the same statement
            const jumps = s.op === op.JMP_Z && k === flow.next[i][0]
            const falls = k === i + 1
            let more = 0n
            if (jumps && !falls) more = condition.no
            if (falls && !jumps) more = condition.yes
            enter(k, after | (more & ~pinned))
        }
        // whatever threw may have thrown before
        for (const k of flow.thrown[i]) enter(k, slots)
    }
    return before.map(slots => slots ?? 0n)
}
