/**
 * Unreferenced functions and global variables are removed; the most referenced ones get
 * the smallest numbers, which take a byte. Names are numbered when the image is
 * written.
 */
import { walkProgram, walkStmt, type Fn, type Program } from "../ir.ts"
import * as op from "../ops.ts"
import type { Pass } from "./pass.ts"

/** Functions that can run, and how often each is referred to. */
export function referred(program: Program): Map<Fn, number> {
    const found = new Map<Fn, number>()
    const [main] = program.fns
    const work = [main]
    found.set(main, 0)
    while (work.length > 0)
        for (const s of (work.pop() as Fn).body)
            walkStmt(s, ({ fn }) => {
                if (!fn) return
                const count = found.get(fn)
                if (count === undefined) work.push(fn)
                found.set(fn, (count ?? 0) + 1)
            })
    return found
}

const byCount =
    <K>(counts: Map<K, number>) =>
    (a: K, b: K): number =>
        (counts.get(b) ?? 0) - (counts.get(a) ?? 0)

export const layout: Pass = {
    name: "layout",
    run(program: Program): boolean {
        const uses = referred(program)
        const [main, ...rest] = program.fns
        const kept = [
            main,
            ...rest.filter(fn => uses.has(fn)).sort(byCount(uses)),
        ]
        // in place: a program whose functions stay the same has not changed
        program.fns.splice(0, Infinity, ...kept)
        const globals = new Map<number, number>()
        const count = (n: number): unknown =>
            globals.set(n, (globals.get(n) ?? 0) + 1)
        walkProgram(program, e => {
            if (e.op === op.LOAD_GLOBAL) count(e.n)
        })
        for (const { body } of program.fns)
            for (const s of body) if (s.op === op.STORE_GLOBAL) count(s.n)
        const order = [...globals.keys()]
            .sort((a, b) => a - b)
            .sort(byCount(globals))
        const number = new Map(order.map((n, i) => [n, i]))
        program.globals = order.map(n => program.globals[n])
        const renumber = (it: { n: number }): void => {
            it.n = number.get(it.n) as number
        }
        walkProgram(program, e => {
            if (e.op === op.LOAD_GLOBAL) renumber(e)
        })
        for (const { body } of program.fns)
            for (const s of body) if (s.op === op.STORE_GLOBAL) renumber(s)
        return false
    },
}
