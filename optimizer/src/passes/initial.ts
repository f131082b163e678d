/**
 * A global variable holds undefined until it is set. Where it is only asked whether it
 * is true, it need not be set to false, 0, null or "" at first; and to undefined
 * never. For each such store: it runs at most once, and nothing that may have run
 * before it sets the variable.
 */
import { flowOf } from "../analysis/flow.ts"
import { onceIn } from "../analysis/once.ts"
import type { CallSite, Values } from "../analysis/values.ts"
import {
    remove,
    STRING,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"

const isFalse = (e: Expr): boolean =>
    e.op === op.FALSE ||
    e.op === op.NULL ||
    e.op === op.UNDEFINED ||
    (e.op === op.LITERAL && e.n === 0) ||
    (e.op === STRING && e.text === "")

/** Global variables whose value matters otherwise than in conditions. */
function looked(program: Program): Set<number> {
    const found = new Set<number>()
    const visit = (e: Expr, condition: boolean): void => {
        if (e.op === op.LOAD_GLOBAL && !condition) found.add(e.n)
        const inner = e.op === op.NOT || e.op === op.TO_BOOL
        for (const arg of e.args) visit(arg, inner)
    }
    for (const { body } of program.fns)
        for (const s of body)
            for (const arg of s.args) visit(arg, s.op === op.JMP_Z)
    return found
}

/** Variables that a function, or what it may call, sets. */
class Stores {
    private readonly found = new Map<Fn, Set<number>>()
    private readonly sites = new Map<Fn, CallSite[]>()

    constructor({ calls }: Values) {
        for (const site of calls) {
            const known = this.sites.get(site.fn)
            if (known) known.push(site)
            else this.sites.set(site.fn, [site])
        }
    }

    sitesIn(fn: Fn): readonly CallSite[] {
        return this.sites.get(fn) ?? []
    }

    of(start: Fn): ReadonlySet<number> {
        const known = this.found.get(start)
        if (known) return known
        const stored = new Set<number>()
        const seen = new Set([start])
        for (const fn of seen) {
            for (const s of fn.body)
                if (s.op === op.STORE_GLOBAL) stored.add(s.n)
            for (const { targets } of this.sitesIn(fn))
                for (const target of targets) seen.add(target)
        }
        this.found.set(start, stored)
        return stored
    }
}

/** Statements that may have run before one in its function. */
function earlier(
    body: readonly Stmt[]
): ((i: number) => ReadonlySet<number>) | undefined {
    const flow = flowOf(body)
    if (!flow) return undefined
    const from: number[][] = body.map(() => [])
    body.forEach((_, i) => {
        for (const k of [...flow.next[i], ...flow.thrown[i]]) from[k].push(i)
    })
    const known: Set<number>[] = []
    return start => {
        if (known[start]) return known[start]
        const seen = new Set<number>()
        const work = [...from[start]]
        for (let i = work.pop(); i !== undefined; i = work.pop()) {
            if (seen.has(i)) continue
            seen.add(i)
            work.push(...from[i])
        }
        return (known[start] = seen)
    }
}

/** @returns whether anything has changed */
export function initialStores(program: Program, values: Values): boolean {
    if (values.confused) return false
    const [main] = program.fns
    const once = onceIn(program, values)
    const needed = looked(program)
    const stores = new Stores(values)
    const callers = new Map<Fn, number>()
    for (const { targets } of values.calls)
        for (const target of targets)
            callers.set(target, (callers.get(target) ?? 0) + 1)
    const gone = new Set<Stmt>()
    const walk = (fn: Fn, before: ReadonlySet<number>): void => {
        const { body } = fn
        const all = earlier(body)
        if (!all) return
        const sites = new Map<Stmt, CallSite[]>()
        for (const site of stores.sitesIn(fn)) {
            const known = sites.get(site.stmt)
            if (known) known.push(site)
            else sites.set(site.stmt, [site])
        }
        const storedAt = (i: number): Set<number> => {
            const stored = new Set(before)
            for (const k of all(i)) {
                const s = body[k]
                if (s.op === op.STORE_GLOBAL) stored.add(s.n)
                for (const { targets } of sites.get(s) ?? [])
                    for (const target of targets)
                        for (const n of stores.of(target)) stored.add(n)
            }
            return stored
        }
        body.forEach((s, i) => {
            if (!values.visited.has(s) || !once(s, fn)) return
            if (s.op === op.STORE_GLOBAL) {
                const [value] = s.args
                const useless =
                    value.op === op.UNDEFINED ||
                    (isFalse(value) && !needed.has(s.n))
                if (useless && !storedAt(i).has(s.n)) gone.add(s)
                return
            }
            for (const { targets, starts } of sites.get(s) ?? []) {
                const [target] = targets
                if (targets.size === 1 && !starts && callers.get(target) === 1)
                    walk(target, storedAt(i))
            }
        })
    }
    // what has escaped may have run at any time
    const escaped = new Set<number>()
    for (const fn of values.escapedFns)
        for (const n of stores.of(fn)) escaped.add(n)
    walk(main, escaped)
    // undefined stands for what they have set
    for (const { n } of gone) delete program.globals[n].given
    let changed = false
    for (const { body } of program.fns)
        changed = remove(body, s => gone.has(s)) || changed
    return changed
}
