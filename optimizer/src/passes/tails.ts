/**
 * Merges ends that are the same, statement by statement: the others jump to one of
 * them. Statements that may throw are merged only if they have the same place in the
 * source, because a stack trace has to name it.
 */
import { stmtSize } from "../image.ts"
import { equal, number, stmt, type Stmt } from "../ir.ts"
import { stmtThrows } from "../analysis/effects.ts"
import { flowOf } from "../analysis/flow.ts"
import * as op from "../ops.ts"
import { eachFunction } from "./pass.ts"
import { simplifyJumps } from "./jumps.ts"

/** Bytes of a short jump. */
const JUMP = 2

/** Open and close handlers: they stay where they are. */
const FIXED = new op.OpSet([
    op.TRY,
    op.END_TRY,
    op.CATCH,
    op.FINALLY,
    op.THROW_JMP,
    op.RE_THROW,
])

function same(a: Stmt, b: Stmt): boolean {
    return (
        a.op === b.op &&
        a.n === b.n &&
        a.to === b.to &&
        !FIXED.has(a.op) &&
        a.args.every((arg, i) => equal(arg, b.args[i])) &&
        (!stmtThrows(a) || a.place?.pos === b.place?.pos)
    )
}

interface Merge {
    /** statements from..to-1 go, and a jump to `into` stands there */
    from: number
    to: number
    into: number
    saved: number
}

function best(body: Stmt[], open: (i: number) => string): Merge | undefined {
    let found: Merge | undefined
    number(body)
    /** how much of what ends before `a` and before `b` is the same */
    const compare = (a: number, b: number, jump: boolean): void => {
        let p = a
        let q = b
        let saved = 0
        while (
            p > 0 &&
            q > 0 &&
            p - 1 !== b - 1 &&
            q - 1 !== a - 1 &&
            !(jump && op.isFinal(body[q - 1].op)) &&
            same(body[p - 1], body[q - 1]) &&
            open(p - 1) === open(q - 1)
        ) {
            p--
            q--
            saved += stmtSize(body[p])
        }
        // the jump at the end of the one is there already
        const gain = jump ? saved : saved - JUMP
        if (p === a || gain <= 0 || (found && found.saved >= gain)) return
        found = { from: p, to: jump ? a + 1 : a, into: q, saved: gain }
    }
    const ends: number[] = []
    body.forEach((s, i) => {
        if (op.isFinal(s.op) && !FIXED.has(s.op)) ends.push(i + 1)
        if (s.op === op.JMP) compare(i, (s.to as Stmt).index, true)
    })
    for (const a of ends) for (const b of ends) if (a > b) compare(a, b, false)
    return found
}

export function mergeTails(body: Stmt[]): void {
    for (let i = 0; i < body.length; i++) {
        const merge = best(body, handlersOf(body))
        if (!merge) return
        const { from, to, into } = merge
        const target = body[into]
        // a jump into a removed end leads into its twin
        const twins = new Map<Stmt, Stmt>()
        for (let k = from; k < to; k++) {
            const twin = body[into + k - from]
            if (twin) twins.set(body[k], twin)
        }
        for (const s of body) {
            const twin = s.to && twins.get(s.to)
            if (twin) s.to = twin
        }
        const jump = stmt(op.JMP)
        jump.to = target
        jump.place = body[from].place
        body.splice(from, to - from, jump)
        simplifyJumps(body)
    }
}

/** Which handlers are open where, as text to compare. */
function handlersOf(body: Stmt[]): (i: number) => string {
    if (!body.some(s => s.op === op.TRY)) return () => ""
    const flow = flowOf(body)
    return i => flow?.open[i].join() ?? String(i)
}

export const tails = eachFunction("tails", ({ body }) => {
    mergeTails(body)
})
