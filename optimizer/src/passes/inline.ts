/**
 * Inlines a function that is called in one place only, and one that is as short as its
 * calls. That saves its entry in the table, the call, and on a board some 27,000 cycles
 * each time. It then has no own frame: a stack trace names the place in its source, and
 * not its caller's.
 */
import { exprThrows } from "../analysis/effects.ts"
import {
    flowOf,
    has,
    livenessOf,
    pinnedSlots,
    usesClosures,
} from "../analysis/flow.ts"
import { resultsOf, type Results } from "../analysis/results.ts"
import { exprSize, stmtSize } from "../image.ts"
import {
    clone,
    local,
    rewriteStmt,
    someIn,
    stmt,
    undefinedValue,
    type Expr,
    type Fn,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import type { Pass } from "./pass.ts"
import { directCalls, type Call } from "./parameters.ts"

/** Most slots of a frame: a number above 247 takes more than a byte. */
const SLOTS = 200
/** Bytes of a function's entry in the table, and of its filling up to four. */
const ENTRY = 18
/** Bytes of a jump, of a store into a slot. */
const JUMP = 2
const STORE = 2

const CLOSURES = new op.OpSet([op.MAKE_CLOSURE, op.LOAD_CLOSURE])

/** Whether a function can stand somewhere else at all. */
function movable(fn: Fn): boolean {
    return (
        fn.flags === 0 &&
        fn.tries === 0 &&
        !fn.body.some(
            s =>
                s.op === op.TRY ||
                s.op === op.RE_THROW ||
                s.op === op.STORE_CLOSURE ||
                s.op === op.DEBUGGER ||
                someIn(s, e => CLOSURES.has(e.op) || e.fn === fn)
        )
    )
}

/** Slots of a function that it reads before it writes them, its parameters included. */
function readFirst(fn: Fn): number[] | undefined {
    const flow = flowOf(fn.body)
    if (!flow) return undefined
    const { before } = livenessOf(fn.body, flow, 0n)
    return Array.from({ length: fn.slots }, (_, i) => i).filter(i =>
        has(before[0], i)
    )
}

function copyOf(body: readonly Stmt[], base: number): Stmt[] {
    const copies = body.map(s => s.with({ args: s.args.map(clone) }))
    const twin = new Map(body.map((s, i) => [s, copies[i]]))
    for (const s of copies) {
        if (s.to) s.to = twin.get(s.to)
        if (s.op === op.STORE_LOCAL) s.n += base
        rewriteStmt(s, e => {
            if (e.op === op.LOAD_LOCAL) e.n += base
            return e
        })
    }
    return copies
}

/**
 * Puts the body of a function where it is called.
 * @returns false if it cannot be done
 */
export function inlineCall(caller: Fn, callee: Fn, call: Stmt): boolean {
    const at = caller.body.indexOf(call)
    const next = caller.body[at + 1]
    if (at < 0 || !next || caller.slots + callee.slots + 1 > SLOTS) return false
    const read = readFirst(callee)
    const results = resultsOf(caller.body)
    if (!read || !results) return false
    const args = call.args.slice(1)
    if (args.slice(callee.params).some(exprThrows)) return false
    // slots of the callee follow those of the caller, then one for its result
    const base = caller.slots
    const result = base + callee.slots
    const wanted = results.readers(at)
    const store = (slot: number, value: Expr): Stmt => {
        const s = stmt(op.STORE_LOCAL, value)
        s.n = slot
        s.place = call.place
        return s
    }
    const entry: Stmt[] = []
    for (let i = 0; i < callee.slots; i++) {
        const arg = i < callee.params ? args[i] : undefined
        if (arg && (read.includes(i) || exprThrows(arg)))
            entry.push(store(base + i, arg))
        else if (read.includes(i)) entry.push(store(base + i, undefinedValue()))
    }
    /** whether only the next statement wants the result, and only of this call */
    const near =
        wanted.length === 1 &&
        wanted[0] === at + 1 &&
        next.op !== op.JMP_RET_VAL_Z &&
        results.of(at + 1).size === 1
    const body: Stmt[] = []
    for (const s of copyOf(callee.body, base)) {
        body.push(s)
        if (s.op !== op.RETURN) continue
        const [value] = s.args
        const jump = stmt(op.JMP).with({ to: next, place: s.place })
        if (near) {
            s.op = op.STORE_LOCAL
            s.n = result
            body.push(jump)
        } else if (wanted.length > 0 || exprThrows(value)) {
            s.op = op.STORE_RET_VAL
            body.push(jump)
        } else Object.assign(s, jump)
    }
    if (near)
        rewriteStmt(next, e =>
            e.op === op.RET_VAL ? local(result).with({ place: e.place }) : e
        )
    const all = [...entry, ...body]
    for (const s of caller.body) if (s.to === call) s.to = all[0]
    caller.body.splice(at, 1, ...all)
    const names = caller.debug?.slots
    if (names && callee.debug) {
        names.push(...callee.debug.slots.slice(0, callee.slots))
        names.push({ name: `_tmp${result}`, type: "tmp" })
    }
    caller.slots = result + 1
    return true
}

/** Bytes of a function's statements. */
const bodySize = (fn: Fn): number =>
    fn.body.reduce((sum, s) => sum + stmtSize(s), 0)

/** Bytes that a call of a function takes, without its arguments. */
const CALL = 3
/** Bytes of reading its result. */
const RESULT = 1

/** Arguments that take the place of the parameter. */
const SIMPLE = new op.OpSet([
    op.LOAD_LOCAL,
    op.LITERAL,
    op.TRUE,
    op.FALSE,
    op.NULL,
    op.UNDEFINED,
])

/** Bytes that a function takes where it is called, without its arguments. */
function sizeThere(fn: Fn, wanted: boolean): number {
    const last = fn.body.length - 1
    let size = 0
    fn.body.forEach((s, i) => {
        if (s.op !== op.RETURN) {
            size += stmtSize(s)
            return
        }
        const [value] = s.args
        if (wanted || exprThrows(value)) size += STORE + exprSize(value)
        if (i !== last) size += JUMP
    })
    return size
}

/** Bytes of the arguments of a call where its function stands. */
function argumentsSize(fn: Fn, { stmt: call }: Call): number {
    let size = 0
    const end = Math.min(call.args.length, fn.params + 1)
    for (let i = 1; i < end; i++) {
        const arg = call.args[i]
        if (!SIMPLE.has(arg.op)) size += STORE + exprSize(arg)
    }
    return size
}

/** Bytes that a call takes. */
const callSize = ({ stmt: call }: Call): number =>
    call.args.reduce((sum, arg, i) => (i > 0 ? sum + exprSize(arg) : sum), CALL)

/**
 * Bytes of the parameters of a function that only returns a value, beside those of the
 * arguments: an argument replaces a parameter that is read once, and in the order of
 * the arguments.
 */
function slotsSize(fn: Fn): number {
    const reads: Expr[] = []
    const visit = (e: Expr): void => {
        for (const arg of e.args) visit(arg)
        if (e.op === op.LOAD_LOCAL) reads.push(e)
    }
    visit(fn.body[0].args[0])
    const inOrder = reads.every((e, i) => i === 0 || reads[i - 1].n < e.n)
    if (!inOrder) return (JUMP + STORE) * fn.params
    return -reads.reduce((sum, e) => sum + exprSize(e), 0)
}

/** Whether a program becomes smaller if a function stands wherever it is called. */
function shorter(
    fn: Fn,
    calls: readonly Call[],
    resultsIn: (fn: Fn) => Results | undefined
): boolean {
    const [only] = fn.body
    const wanted = ({ stmt: call, fn: caller }: Call): boolean =>
        (resultsIn(caller)?.readers(caller.body.indexOf(call)).length ?? 1) > 0
    // the returned expression replaces the result
    if (fn.body.length === 1 && only.op === op.RETURN) {
        const { length } = calls
        const there = length * exprSize(only.args[0]) + length * slotsSize(fn)
        const results = calls.filter(wanted).length * RESULT
        return there <= length * CALL + results + ENTRY + bodySize(fn)
    }
    const sum = (size: (call: Call) => number): number =>
        calls.reduce((all, call) => all + size(call), 0)
    const there =
        sum(call => argumentsSize(fn, call)) +
        calls.length * sizeThere(fn, false)
    const limit = ENTRY + bodySize(fn) + sum(callSize)
    if (there > limit) return false
    const more = sizeThere(fn, true) - sizeThere(fn, false)
    return there + sum(call => (wanted(call) ? more : 0)) <= limit
}

export const inline: Pass = {
    name: "inline",
    run(program, first = pinnedSlots(program)): boolean {
        let pinned = first
        /** what makes closures, or looks into other frames, is not moved */
        const among = program.fns.filter(usesClosures)
        let any = false
        let calls = directCalls(program)
        for (let changed = true; changed;) {
            changed = false
            const busy = new Set<Fn>()
            const known = new Map<Fn, Results | undefined>()
            // of functions not being inlined, which are unchanged
            const resultsIn = (fn: Fn): Results | undefined => {
                if (!known.has(fn)) known.set(fn, resultsOf(fn.body))
                return known.get(fn)
            }
            for (const [fn, sites] of calls) {
                if (busy.has(fn) || !movable(fn) || pinned.get(fn) !== 0n)
                    continue
                if (sites.some(site => site.fn === fn || busy.has(site.fn)))
                    continue
                if (sites.length > 1 && !shorter(fn, sites, resultsIn)) continue
                for (const site of sites)
                    if (inlineCall(site.fn, fn, site.stmt)) {
                        busy.add(site.fn)
                        changed = true
                    }
                busy.add(fn)
            }
            if (!changed) return any
            any = true
            const used = directCalls(program)
            const isUsed = (fn: Fn, i: number): boolean =>
                i === 0 || !calls.has(fn) || used.has(fn)
            const kept = program.fns.filter(isUsed)
            if (kept.length < program.fns.length) {
                program.fns = kept
                calls = directCalls(program)
            } else calls = used
            pinned = pinnedSlots(program, among)
        }
        return any
    },
}
