/** Control flow between statements, and liveness of slots. */
import {
    number,
    someIn,
    walkStmt,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { stmtThrows } from "./effects.ts"

export interface Flow {
    /** by index of statement: possible next ones, if it does not throw */
    readonly next: readonly (readonly number[])[]
    /** by index of statement: what runs if it throws within this function */
    readonly thrown: readonly (readonly number[])[]
    /** by index of statement: handlers that are open before it, the innermost last */
    readonly open: readonly (readonly number[])[]
}

const NOWHERE: readonly number[] = []

/** By index of statement: that only it runs next. The functions share them. */
const ONLY: (readonly number[])[] = []
const only = (i: number): readonly number[] => (ONLY[i] ??= [i])

/**
 * The flow of a function. TRY opens a handler, END_TRY and FINALLY close it, and
 * what throws does. THROW_JMP leaves a TRY: it runs each FINALLY on its way, whose
 * RE_THROW then goes on to where THROW_JMP led.
 * @returns undefined if handlers are not nested as they should be
 */
export function flowOf(body: readonly Stmt[]): Flow | undefined {
    number(body)
    const target = (s: Stmt): number => (s.to as Stmt).index
    /** where THROW_JMP leads */
    let left: number[] | undefined
    const open = new Array<readonly number[] | undefined>(body.length).fill(
        undefined
    )
    const next = new Array<readonly number[]>(body.length).fill(NOWHERE)
    const thrown = new Array<readonly number[]>(body.length).fill(NOWHERE)
    let sound = true
    const work: number[] = []
    const enter = (i: number, handlers: readonly number[]): void => {
        const known = open[i]
        if (!known) {
            open[i] = handlers
            work.push(i)
        } else if (
            known !== handlers &&
            (known.length !== handlers.length ||
                known.some((h, k) => h !== handlers[k]))
        )
            sound = false
    }
    const enterThrown = (handlers: readonly number[]): readonly number[] => {
        const handler = handlers.at(-1)
        if (handler === undefined) return NOWHERE
        // as if it were reached by falling into it: FINALLY closes itself
        enter(handler, handlers)
        return only(handler)
    }
    enter(0, NOWHERE)
    while (work.length > 0 && sound) {
        const i = work.pop() as number
        const s = body[i]
        const handlers = open[i] as readonly number[]
        let after = handlers
        let to: number | undefined
        if (s.op === op.CATCH || s.op === op.FINALLY) {
            if (handlers.at(-1) !== i) return undefined
            after = handlers.slice(0, -1)
        }
        if (s.op === op.END_TRY) {
            if (handlers.length === 0) return undefined
            after = handlers.slice(0, -1)
        }
        if (handlers.length > 0 && stmtThrows(s))
            thrown[i] = enterThrown(handlers)
        switch (s.op) {
            case op.TRY: {
                const handler = target(s)
                const { op: kind } = body[handler]
                if (kind !== op.CATCH && kind !== op.FINALLY) return undefined
                // it is entered by what throws; a FINALLY by falling into it too
                after = [...handlers, handler]
                break
            }
            case op.THROW_JMP: {
                const [level] = s.args
                if (level.op !== op.LITERAL || level.n > handlers.length)
                    return undefined
                thrown[i] = [...handlers]
                for (let k = handlers.length; k > 0; k--)
                    enter(handlers[k - 1], handlers.slice(0, k))
                to = target(s)
                enter(to, handlers.slice(0, handlers.length - level.n))
                break
            }
            case op.RE_THROW:
                left ??= body.filter(t => t.op === op.THROW_JMP).map(target)
                thrown[i] = [...handlers, ...left]
                for (let k = handlers.length; k > 0; k--)
                    enter(handlers[k - 1], handlers.slice(0, k))
                break
            case op.JMP:
            case op.JMP_Z:
            case op.JMP_RET_VAL_Z:
            case op.END_TRY:
                to = target(s)
                enter(to, after)
                break
        }
        if (op.isFinal(s.op)) {
            if (to !== undefined) next[i] = only(to)
            continue
        }
        if (i + 1 >= body.length) return undefined
        next[i] = to === undefined ? only(i + 1) : [to, i + 1]
        enter(i + 1, after)
    }
    if (!sound) return undefined
    return { next, thrown, open: open.map(handlers => handlers ?? NOWHERE) }
}

/** Indices of statements that may run again after they have run. */
export function loopsOf({ next, thrown }: Flow): Set<number> {
    // Tarjan's components: more than one statement, or one that leads to itself
    const found = new Set<number>()
    const order = new Array<number>(next.length).fill(-1)
    const low = new Array<number>(next.length).fill(0)
    const stack: number[] = []
    const open = new Array<boolean>(next.length).fill(false)
    let count = 0
    for (let root = 0; root < next.length; root++) {
        if (order[root] >= 0) continue
        const path: { i: number; to: number[] }[] = []
        const enter = (i: number): void => {
            order[i] = low[i] = count++
            stack.push(i)
            open[i] = true
            path.push({ i, to: [...next[i], ...thrown[i]] })
        }
        enter(root)
        for (let top = path.at(-1); top; top = path.at(-1)) {
            const { i, to } = top
            const k = to.pop()
            if (k !== undefined) {
                if (k === i) found.add(i)
                if (order[k] < 0) enter(k)
                else if (open[k]) low[i] = Math.min(low[i], order[k])
                continue
            }
            path.pop()
            const from = path.at(-1)
            if (from) low[from.i] = Math.min(low[from.i], low[i])
            if (low[i] !== order[i]) continue
            // those entered last are of this component
            const members = stack.splice(stack.lastIndexOf(i))
            for (const member of members) {
                open[member] = false
                if (members.length > 1) found.add(member)
            }
        }
    }
    return found
}

/** Indices to be looked at again, always the lowest first: what flows forwards settles soonest so. */
export class Worklist {
    private readonly dirty: boolean[]
    private at: number
    private count = 0

    constructor(size: number) {
        this.dirty = new Array<boolean>(size).fill(false)
        this.at = size
    }

    add(i: number): void {
        if (this.dirty[i]) return
        this.dirty[i] = true
        this.count++
        if (i < this.at) this.at = i
    }

    next(): number | undefined {
        if (this.count === 0) return undefined
        while (!this.dirty[this.at]) this.at++
        this.dirty[this.at] = false
        this.count--
        return this.at
    }
}

/** Indices of statements; never changed, so that many places may have the same. */
export type Indices = ReadonlySet<number>
export const NONE: Indices = new Set()

/** Union of two sets: the first itself, if it has all. */
export function united(a: Indices, b: Indices): Indices {
    if (a === b || b.size === 0) return a
    if (a.size === 0) return b
    let all: Set<number> | undefined
    for (const each of b) if (!a.has(each)) (all ??= new Set(a)).add(each)
    return all ?? a
}

/** Slots as bits: a frame has less than 248. */
export type Slots = bigint
const BITS = Array.from({ length: 256 }, (_, slot) => 1n << BigInt(slot))
export const bit = (slot: number): Slots => BITS[slot]
export const has = (slots: Slots, slot: number): boolean =>
    slots !== 0n && (slots & BITS[slot]) !== 0n

export interface Liveness {
    /** by index of statement: slots whose values are needed before it, and after it */
    readonly before: readonly Slots[]
    readonly after: readonly Slots[]
}

/** Slots that a statement reads. */
export function slotsRead(s: Stmt): Slots {
    let slots = 0n
    walkStmt(s, e => {
        if (e.op === op.LOAD_LOCAL) slots |= bit(e.n)
    })
    return slots
}

/**
 * Live slots of each statement.
 * @param pinned slots visible elsewhere too: they are always live
 */
export function livenessOf(
    body: readonly Stmt[],
    { next, thrown }: Flow,
    pinned: Slots
): Liveness {
    const before: Slots[] = body.map(() => pinned)
    const after: Slots[] = body.map(() => pinned)
    const reads = body.map(slotsRead)
    for (let changed = true; changed;) {
        changed = false
        for (let i = body.length - 1; i >= 0; i--) {
            const s = body[i]
            let out = pinned
            for (const k of next[i]) out |= before[k]
            let in_ = s.op === op.STORE_LOCAL ? out & ~bit(s.n) : out
            // what throws has not stored yet
            for (const k of thrown[i]) {
                out |= before[k]
                in_ |= before[k]
            }
            in_ |= reads[i] | pinned
            if (in_ !== before[i] || out !== after[i]) {
                before[i] = in_
                after[i] = out
                changed = true
            }
        }
    }
    return { before, after }
}

const ALL = (1n << 256n) - 1n

/** Operators that make a closure, or look into the frame of another function. */
export const OF_CLOSURES = new op.OpSet([
    op.MAKE_CLOSURE,
    op.LOAD_CLOSURE,
    op.STORE_CLOSURE,
])

export const usesClosures = ({ body }: Fn): boolean =>
    body.some(
        s => OF_CLOSURES.has(s.op) || someIn(s, e => OF_CLOSURES.has(e.op))
    )

/**
 * Slots of each function that a closure made in it can see, or the VM: of a
 * constructor `this`, which it returns.
 * @param among functions with `OF_CLOSURES`, all of them
 */
export const pinnedSlots = (
    program: Program,
    among: Iterable<Fn> = program.fns
): Map<Fn, Slots> => slotsOfOthers(program, true, among)

/**
 * Slots of each function that a closure made in it can write.
 * @param among functions with `OF_CLOSURES`, all of them
 */
export const writtenByOthers = (
    program: Program,
    among: Iterable<Fn> = program.fns
): Map<Fn, Slots> => slotsOfOthers(program, false, among)

function slotsOfOthers(
    program: Program,
    all: boolean,
    among: Iterable<Fn>
): Map<Fn, Slots> {
    const makers = new Map<Fn, Set<Fn>>()
    const pinned = new Map<Fn, Slots>(
        program.fns.map(fn => [
            fn,
            all && fn.flags & op.FunctionFlag.IS_CTOR ? bit(0) : 0n,
        ])
    )
    /** reads and writes of other frames */
    const others: { fn: Fn; levels: Expr; slot: number }[] = []
    for (const fn of among) {
        const look = (e: Expr): void => {
            if (e.op === op.MAKE_CLOSURE && e.fn) {
                const known = makers.get(e.fn)
                if (known) known.add(fn)
                else makers.set(e.fn, new Set([fn]))
            } else if (all && e.op === op.LOAD_CLOSURE)
                others.push({ fn, levels: e.args[0], slot: e.n })
            for (const arg of e.args) look(arg)
        }
        for (const s of fn.body) {
            if (s.op === op.STORE_CLOSURE)
                others.push({ fn, levels: s.args[0], slot: s.n })
            for (const arg of s.args) look(arg)
        }
    }
    const pin = (fn: Fn, levels: number, slots: Slots): void => {
        let frames = new Set([fn])
        for (let i = 0; i < levels; i++)
            frames = new Set(
                [...frames].flatMap(f => [...(makers.get(f) ?? [])])
            )
        for (const frame of frames)
            pinned.set(frame, (pinned.get(frame) as Slots) | slots)
    }
    const pinAll = (): void => {
        for (const fn of program.fns) pinned.set(fn, ALL)
    }
    for (const { fn, levels, slot } of others)
        if (levels.op === op.LITERAL) pin(fn, levels.n, bit(slot))
        else pinAll()
    return pinned
}
