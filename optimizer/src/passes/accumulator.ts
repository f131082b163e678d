/**
 * The result of the last call as a register: `ret` takes one byte where a slot or a
 * global variable takes two, and nothing changes it but calls and allocations. A value
 * just stored from it is read from there, and a value that is often read until the next
 * call is put there first.
 */
import { changesRet } from "../analysis/effects.ts"
import {
    flowOf,
    has,
    Worklist,
    type Flow,
    type Slots,
} from "../analysis/flow.ts"
import {
    expr,
    remove,
    rewriteStmt,
    stmt,
    walkStmt,
    type Expr,
    type Fn,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { eachFunction } from "./pass.ts"
import { dropTemporaries } from "./temporaries.ts"

/** Rounds in one function, at most. */
const ROUNDS = 50
/** Statements that are looked at from one on, at most. */
const REACH = 400
/** Bytes of `store_ret_val(l0)`, of `l0 = ret`. */
const LOAD = 3
const STORE = 3

/** Places that `ret` may be equal to: slots by their numbers, then global variables. */
const GLOBALS = 256
const placeOf = (e: Expr): number | undefined =>
    e.op === op.LOAD_LOCAL
        ? e.n
        : e.op === op.LOAD_GLOBAL
          ? GLOBALS + e.n
          : undefined
const stored = (s: Stmt): number | undefined =>
    s.op === op.STORE_LOCAL
        ? s.n
        : s.op === op.STORE_GLOBAL
          ? GLOBALS + s.n
          : undefined
const loadOf = (place: number): Expr =>
    expr(place < GLOBALS ? op.LOAD_LOCAL : op.LOAD_GLOBAL).with({
        n: place < GLOBALS ? place : place - GLOBALS,
    })

const readsRet = (s: Stmt): boolean => {
    let found = s.op === op.JMP_RET_VAL_Z
    walkStmt(s, e => {
        if (e.op === op.RET_VAL) found = true
    })
    return found
}

type Places = ReadonlySet<number>
const NOWHERE: Places = new Set()

/** Places equal to `ret` after a statement. */
function behind(s: Stmt, before: Places): Places {
    const place = stored(s)
    if (place !== undefined) {
        const [value] = s.args
        const from = placeOf(value)
        const equal =
            value.op === op.RET_VAL || (from !== undefined && before.has(from))
        if (equal === before.has(place)) return before
        const after = new Set(before)
        if (equal) after.add(place)
        else after.delete(place)
        return after
    }
    if (s.op === op.STORE_RET_VAL) {
        const [value] = s.args
        if (value.op === op.RET_VAL) return before
        const from = placeOf(value)
        if (from === undefined) return NOWHERE
        return before.has(from) ? before : new Set([from])
    }
    return changesRet(s) ? NOWHERE : before
}

/** By index of statement: places equal to `ret` before it, on every path. */
function equalities(body: readonly Stmt[], flow: Flow): Places[] {
    const before: (Places | undefined)[] = body.map(() => undefined)
    const work = new Worklist(body.length)
    const enter = (i: number, places: Places): void => {
        const known = before[i]
        const next = known
            ? new Set([...known].filter(place => places.has(place)))
            : places
        if (known && known.size === next.size) return
        before[i] = next
        work.add(i)
    }
    enter(0, NOWHERE)
    for (let i = work.next(); i !== undefined; i = work.next()) {
        const after = behind(body[i], before[i] as Places)
        for (const k of flow.next[i]) enter(k, after)
        // the thrown value is the result there
        for (const k of flow.thrown[i]) enter(k, NOWHERE)
    }
    return before.map(places => places ?? NOWHERE)
}

/** Reads `ret` where it is the same. */
function useResult(body: Stmt[], flow: Flow): boolean {
    const equal = equalities(body, flow)
    let changed = false
    body.forEach((s, i) => {
        if (equal[i].size === 0) return
        rewriteStmt(s, e => {
            const place = placeOf(e)
            if (place === undefined || !equal[i].has(place)) return e
            changed = true
            return expr(op.RET_VAL).with({ place: e.place })
        })
    })
    const gone = remove(body, (s, i) => {
        const place = stored(s)
        return (
            place !== undefined &&
            equal[i].has(place) &&
            s.args[0].op === op.RET_VAL
        )
    })
    return gone || changed
}

/** Whether `ret` is still wanted before a statement. */
function isWanted(
    body: readonly Stmt[],
    flow: Flow,
    reads: readonly boolean[],
    from: readonly number[]
): boolean {
    const seen = new Set<number>()
    const work = [...from]
    for (let i = work.pop(); i !== undefined; i = work.pop()) {
        if (seen.has(i)) continue
        seen.add(i)
        if (reads[i]) return true
        if (!changesRet(body[i])) work.push(...flow.next[i])
    }
    return false
}

/** How often each place is read by a statement. */
function readsOf(s: Stmt): Map<number, number> {
    const found = new Map<number, number>()
    walkStmt(s, e => {
        const place = placeOf(e)
        if (place !== undefined) found.set(place, (found.get(place) ?? 0) + 1)
    })
    return found
}

interface Change {
    /** the statement that stores it, or before which it is loaded */
    at: Stmt
    place: number
    saved: number
    isStore: boolean
    /** statements that see it, by index; the one that stores it as well */
    region: Set<number>
}

/** Candidates for `ret`, and their savings. */
class Candidates {
    private readonly before: number[][]
    private readonly reads: boolean[]
    private readonly counts: Map<number, number>[]
    private readonly body: readonly Stmt[]
    private readonly flow: Flow
    private readonly pinned: Slots

    constructor(body: readonly Stmt[], flow: Flow, pinned: Slots) {
        this.body = body
        this.flow = flow
        this.pinned = pinned
        this.before = body.map(() => [])
        flow.next.forEach((next, i) => {
            for (const k of next) this.before[k].push(i)
        })
        this.reads = body.map(readsRet)
        this.counts = body.map(readsOf)
    }

    /** Statements before which `ret` certainly holds its value from before `from`. */
    private region(from: readonly number[], by: number, place: number) {
        const { body, flow } = this
        const keeps = (i: number): boolean =>
            !changesRet(body[i]) && stored(body[i]) !== place
        const found = new Set<number>()
        const work = [...from]
        for (let i = work.pop(); i !== undefined; i = work.pop()) {
            if (found.has(i) || found.size > REACH) continue
            found.add(i)
            if (keeps(i)) for (const k of flow.next[i]) work.push(k)
        }
        const isSure = (i: number): boolean =>
            (by < 0 && from.includes(i)) ||
            (i > 0 &&
                this.before[i].every(
                    k => k === by || (found.has(k) && keeps(k))
                ))
        const open = [...found]
        for (let i = open.pop(); i !== undefined; i = open.pop()) {
            if (!found.has(i) || isSure(i)) continue
            found.delete(i)
            // its successors may have been certain because of it
            open.push(...flow.next[i])
        }
        return found
    }

    private count(found: ReadonlySet<number>, place: number): number {
        let sum = 0
        for (const i of found) sum += this.counts[i].get(place) ?? 0
        return sum
    }

    /** Whether a slot is read elsewhere, before it is stored anew. */
    private isRead(at: number, slot: number, found: ReadonlySet<number>) {
        const { body, flow } = this
        if (slot >= GLOBALS || has(this.pinned, slot)) return true
        const seen = new Set<number>()
        // what throws has not stored
        const work = [...flow.next[at]]
        for (let i = work.pop(); i !== undefined; i = work.pop()) {
            if (seen.has(i)) continue
            seen.add(i)
            if (this.counts[i].has(slot) && !found.has(i)) return true
            work.push(...flow.thrown[i])
            if (stored(body[i]) !== slot) work.push(...flow.next[i])
        }
        return false
    }

    /** Changes that do not touch each other, the best first. */
    all(): Change[] {
        const { body, flow, reads } = this
        const found: Change[] = []
        const take = (
            i: number,
            place: number,
            saved: number,
            isStore: boolean,
            region: Set<number>
        ): void => {
            if (saved > 0)
                found.push({ at: body[i], place, saved, isStore, region })
        }
        for (let i = 0; i < body.length; i++) {
            const s = body[i]
            if (s.op === op.CATCH || s.op === op.FINALLY) continue
            const place = stored(s)
            if (
                place !== undefined &&
                s.args[0].op !== op.RET_VAL &&
                !isWanted(body, flow, reads, flow.next[i])
            ) {
                const region = this.region(flow.next[i], i, place)
                const count = this.count(region, place)
                // one byte less to store, then `l0 = ret` if it is wanted later
                const saved =
                    count > 0 && this.isRead(i, place, region)
                        ? count + 1 - STORE
                        : count + 1
                if (count > 0) take(i, place, saved, true, region.add(i))
            }
            const begins =
                i === 0 ||
                changesRet(body[i - 1]) ||
                this.before[i].length !== 1 ||
                this.before[i][0] !== i - 1
            if (!begins) continue
            const often = this.readFrom(i)
            if (often.length === 0 || isWanted(body, flow, reads, [i])) continue
            for (const each of often) {
                const region = this.region([i], -1, each)
                const saved = this.count(region, each) - LOAD
                take(i, each, saved, false, region)
            }
        }
        found.sort((a, b) => b.saved - a.saved)
        const used = new Set<number>()
        return found.filter(({ region }) => {
            for (const i of region) if (used.has(i)) return false
            for (const i of region) used.add(i)
            return true
        })
    }

    /** Places that are read often enough from a statement on. */
    private readFrom(from: number): number[] {
        const { body, flow } = this
        const sums = new Map<number, number>()
        const seen = new Set<number>()
        const work = [from]
        for (let i = work.pop(); i !== undefined; i = work.pop()) {
            if (seen.has(i) || seen.size > REACH) continue
            seen.add(i)
            for (const [place, count] of this.counts[i])
                sums.set(place, (sums.get(place) ?? 0) + count)
            if (!changesRet(body[i])) work.push(...flow.next[i])
        }
        return [...sums].filter(([, sum]) => sum > LOAD).map(([place]) => place)
    }
}

function apply(body: Stmt[], { at: s, place, isStore }: Change): void {
    const at = body.indexOf(s)
    if (isStore) {
        const next: Stmt = s.with({ args: [expr(op.RET_VAL)] })
        s.op = op.STORE_RET_VAL
        s.n = 0
        body.splice(at + 1, 0, next)
        return
    }
    const load = stmt(op.STORE_RET_VAL, loadOf(place))
    load.place = s.place
    body.splice(at, 0, load)
    for (const other of body) if (other.to === s) other.to = load
}

export function useAccumulator(fn: Fn, pinned: Slots): void {
    const { body } = fn
    for (let i = 0; i < ROUNDS; i++) {
        const flow = flowOf(body)
        if (!flow) return
        if (useResult(body, flow)) {
            dropTemporaries(fn, pinned)
            continue
        }
        const changes = new Candidates(body, flow, pinned).all()
        if (changes.length === 0) return
        for (const change of changes) apply(body, change)
    }
}

export const accumulator = eachFunction("accumulator", useAccumulator)
