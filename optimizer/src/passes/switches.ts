/**
 * A chain of comparisons of one integer with constants, as in a `switch`: comparisons
 * that lead to the end of the chain anyway are removed, and three or more neighbours
 * with the same target become a range. Only for a certain integer, or undefined: a
 * fraction may lie within the range and equals none of the constants.
 */
import { UNDEF, type Values } from "../analysis/values.ts"
import {
    clone,
    equal,
    expr,
    literal,
    references,
    stmt,
    type Expr,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { isInteger } from "./constants.ts"

/** Neighbours that are worth a range. */
const RANGE = 3

const ASKED = new op.OpSet([op.LOAD_LOCAL, op.LOAD_GLOBAL, op.RET_VAL])

/** `jmp_z(ne(l0, 3)) @1` */
function test(s: Stmt | undefined): { of: Expr; n: number } | undefined {
    if (s?.op !== op.JMP_Z || s.args[0].op !== op.NE) return undefined
    const [of, constant] = s.args[0].args
    return ASKED.has(of.op) && constant.op === op.LITERAL
        ? { of, n: constant.n }
        : undefined
}

interface Case {
    s: Stmt
    n: number
}

/** The same for the cases of one target: statements that lead there. */
function asked(cases: Case[], of: Expr, behind: () => Stmt): Stmt[] {
    const sorted = [...cases].sort((a, b) => a.n - b.n)
    const made: Stmt[] = []
    for (let i = 0; i < sorted.length;) {
        let end = i + 1
        while (end < sorted.length && sorted[end].n === sorted[end - 1].n + 1)
            end++
        if (end - i < RANGE) {
            for (const { s } of sorted.slice(i, end)) made.push(s)
        } else {
            const { s, n } = sorted[i]
            const place = s.place
            const not: Stmt = stmt(
                op.JMP_Z,
                expr(op.LE, literal(n), clone(of))
            ).with({ place })
            const yes: Stmt = stmt(
                op.JMP_Z,
                expr(op.LT, literal(sorted[end - 1].n), clone(of))
            ).with({ to: s.to, place })
            made.push(not, yes)
        }
        i = end
    }
    // a value below a range goes on after it
    made.forEach((s, i) => {
        if (!s.to) s.to = made[i + 2] ?? behind()
    })
    return made
}

/** @returns whether anything has changed */
export function ranges(program: Program, values: Values): void {
    if (values.confused) return
    for (const { body } of program.fns) {
        for (let i = 0; i < body.length; i++) {
            const first = test(body[i])
            if (!first || !values.visited.has(body[i])) continue
            const entered = references(body)
            const cases: Case[] = []
            const seen = new Set<number>()
            let end = i
            for (; ; end++) {
                const next = test(body[end])
                if (!next || !equal(next.of, first.of)) break
                if (end > i && entered.has(body[end])) break
                if (!seen.has(next.n)) cases.push({ s: body[end], n: next.n })
                seen.add(next.n)
            }
            if (end - i < RANGE) continue
            const found = values.valuesOf(first.of)
            const isWhole =
                !!found &&
                found.size > 0 &&
                [...found].every(v => v === UNDEF || isInteger(v, values))
            if (!isWhole) continue
            const after = body[end]
            const last = after.op === op.JMP ? after.to : after
            const byTarget = new Map<Stmt, Case[]>()
            for (const each of cases) {
                const to = each.s.to as Stmt
                if (to === last || to === after) continue
                const known = byTarget.get(to)
                if (known) known.push(each)
                else byTarget.set(to, [each])
            }
            let made: Stmt[] = []
            for (const all of [...byTarget.values()].reverse()) {
                const [next] = made
                made = [...asked(all, first.of, () => next ?? after), ...made]
            }
            if (made.length >= end - i) continue
            const [old] = body.slice(i, end)
            const [start] = made
            body.splice(i, end - i, ...made)
            for (const s of body) if (s.to === old) s.to = start ?? after
        }
    }
}
