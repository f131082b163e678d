/**
 * A global variable holds undefined until it is set. Where it is only asked whether it
 * is true, it need not be set to false, 0, null or "" at first; and to undefined
 * never. For each such store: it runs at most once, and nothing that may have run
 * before it sets the variable.
 */
import { Mentions, Running } from "../analysis/named.ts"
import { onceIn } from "../analysis/once.ts"
import type { Values } from "../analysis/values.ts"
import {
    number,
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

/** By index of statement: up to which one others may have run before it, jumps back included. */
function earlier(body: readonly Stmt[]): number[] {
    number(body)
    const ends = body.map((_, i) => i)
    body.forEach((s, i) => {
        if (s.to && s.to.index <= i)
            ends[s.to.index] = Math.max(ends[s.to.index], i + 1)
    })
    // a jump back may lead to where another one leads further up
    let changed = true
    while (changed) {
        changed = false
        for (let i = 0; i < body.length; i++)
            for (let k = i + 1; k < ends[i]; k++)
                if (ends[k] > ends[i]) {
                    ends[i] = ends[k]
                    changed = true
                }
    }
    return ends
}

/** @returns whether anything has changed */
export function initialStores(program: Program, values: Values): boolean {
    if (values.confused) return false
    const [main] = program.fns
    const once = onceIn(program, values)
    const needed = looked(program)
    const callers = new Map<Fn, number>()
    for (const { targets } of values.calls)
        for (const target of targets)
            callers.set(target, (callers.get(target) ?? 0) + 1)
    /** variables that something has set that may have run */
    const stored = new Set<number>()
    const store = (s: Stmt): void => {
        if (s.op === op.STORE_GLOBAL) stored.add(s.n)
    }
    const running = new Running(main, values, new Mentions(), ({ body }) =>
        body.forEach(store)
    )
    const ran = (s: Stmt): void => {
        running.name(s)
        for (const { targets } of running.sites.get(s) ?? [])
            for (const target of targets) running.run(target)
        store(s)
    }
    const gone = new Set<Stmt>()
    const walk = (fn: Fn): void => {
        const { body } = fn
        const ends = earlier(body)
        body.forEach((s, i) => {
            for (let k = i; k < ends[i]; k++) ran(body[k])
            if (s.op === op.STORE_GLOBAL) {
                const [value] = s.args
                const useless =
                    value.op === op.UNDEFINED ||
                    (isFalse(value) && !needed.has(s.n))
                if (
                    useless &&
                    !stored.has(s.n) &&
                    values.visited.has(s) &&
                    once(s, fn)
                )
                    gone.add(s)
            } else {
                const sites = running.sites.get(s) ?? []
                const [first] = sites
                const [target] = first?.targets ?? []
                if (
                    sites.length === 1 &&
                    first.targets.size === 1 &&
                    !first.starts &&
                    callers.get(target) === 1 &&
                    once(s, fn)
                ) {
                    running.name(s)
                    walk(target)
                }
            }
            ran(s)
        })
    }
    walk(main)
    // undefined replaces the value that they set
    for (const { n } of gone) delete program.globals[n].given
    let changed = false
    for (const { body } of program.fns)
        changed = remove(body, s => gone.has(s)) || changed
    return changed
}
