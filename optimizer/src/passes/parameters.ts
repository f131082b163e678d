/**
 * Parameters that a function does not look at, or that are the same constant wherever
 * it is called, are not handed over. Only of functions that are called by name and
 * not used otherwise: then all calls are known.
 */
import { exprThrows } from "../analysis/effects.ts"
import {
    flowOf,
    has,
    livenessOf,
    pinnedSlots,
    type Slots,
} from "../analysis/flow.ts"
import {
    clone,
    equal,
    stmt,
    undefinedValue,
    walk,
    walkStmt,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import type { Pass } from "./pass.ts"

const CONSTANT = new op.OpSet([
    op.LITERAL,
    op.TRUE,
    op.FALSE,
    op.NULL,
    op.UNDEFINED,
    op.ASCII_STRING,
    op.STATIC_BUFFER,
    op.BUILTIN_OBJECT,
])

export interface Call {
    stmt: Stmt
    fn: Fn
}

/** Functions that are only called by their names: where. */
export function directCalls(program: Program): Map<Fn, Call[]> {
    const calls = new Map<Fn, Call[]>()
    const other = new Set<Fn>([program.fns[0]])
    const use = (e: Expr): void => {
        if (e.fn) other.add(e.fn)
    }
    for (const fn of program.fns)
        for (const s of fn.body) {
            const [callee] = s.args
            const named = op.isCall(s.op) && callee.op === op.STATIC_FUNCTION
            for (const arg of s.args)
                if (arg !== callee || !named) walk(arg, use)
            if (!named || !callee.fn) continue
            const known = calls.get(callee.fn)
            if (known) known.push({ stmt: s, fn })
            else calls.set(callee.fn, [{ stmt: s, fn }])
        }
    for (const fn of calls.keys())
        if (other.has(fn) || fn.flags !== 0) calls.delete(fn)
    return calls
}

/** The argument of a call for a parameter. */
const argument = (call: Call, i: number): Expr =>
    call.stmt.args[i + 1] ?? undefinedValue()

/** Turns a parameter into a variable, after the remaining parameters. */
function demote(fn: Fn, i: number, calls: Call[]): void {
    const last = fn.params - 1
    const number = (slot: number): number =>
        slot === i ? last : slot > i && slot <= last ? slot - 1 : slot
    for (const s of fn.body) {
        if (s.op === op.STORE_LOCAL) s.n = number(s.n)
        walkStmt(s, e => {
            if (e.op === op.LOAD_LOCAL) e.n = number(e.n)
        })
    }
    const names = fn.debug?.slots
    if (names) names.splice(last, 0, ...names.splice(i, 1))
    fn.params--
    for (const { stmt: call } of calls) {
        if (call.args.length <= i + 1) continue
        call.args.splice(i + 1, 1)
        call.op--
    }
}

function simplify(fn: Fn, calls: Call[], pinned: Slots): void {
    if (pinned !== 0n) return
    /** slots that are needed when it begins; undefined: not known any more */
    let needed: Slots | undefined
    for (let i = fn.params - 1; i >= 0; i--) {
        if (needed === undefined) {
            const flow = flowOf(fn.body)
            if (!flow) return
            const [first] = livenessOf(fn.body, flow, pinned).before
            needed = first
        }
        const args = calls.map(call => argument(call, i))
        if (args.some(exprThrows)) continue
        if (!has(needed, i)) {
            demote(fn, i, calls)
            needed = undefined
            continue
        }
        const [first] = args
        if (!CONSTANT.has(first.op) || !args.every(arg => equal(arg, first)))
            continue
        demote(fn, i, calls)
        needed = undefined
        const store = stmt(op.STORE_LOCAL, clone(first))
        store.n = fn.params
        store.place = fn.body[0].place
        fn.body.unshift(store)
    }
    // arguments beyond the parameters
    for (const { stmt: call } of calls)
        while (
            call.args.length > fn.params + 1 &&
            !exprThrows(call.args.at(-1) as Expr)
        ) {
            call.args.pop()
            call.op--
        }
}

export const parameters: Pass = {
    name: "parameters",
    run(program, pinned = pinnedSlots(program)): void {
        for (const [fn, calls] of directCalls(program))
            simplify(fn, calls, pinned.get(fn) as Slots)
    },
}
