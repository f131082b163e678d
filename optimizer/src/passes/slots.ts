/**
 * Fewer slots: values that are never needed at the same time share one, and so do a
 * copy and its original. A frame lies in the heap: each slot takes 8 bytes there for as
 * long as the function runs, and a call has less to clear.
 */
import { remove, walkStmt, type Fn, type Stmt } from "../ir.ts"
import { bit, flowOf, has, livenessOf, type Slots } from "../analysis/flow.ts"
import * as op from "../ops.ts"
import { eachFunction } from "./pass.ts"

/** Slots by number, which cannot share with each other. */
type Interference = Slots[]

function interference(fn: Fn, pinned: Slots): Interference | undefined {
    const { body, slots, params } = fn
    const flow = flowOf(body)
    if (!flow) return undefined
    const { before, after } = livenessOf(body, flow, pinned)
    const all: Interference = Array.from({ length: slots }, () => 0n)
    const add = (slot: number, others: Slots): void => {
        others &= ~bit(slot) & ~all[slot]
        if (others === 0n) return
        all[slot] |= others
        for (let k = 0; k < slots; k++) if (has(others, k)) all[k] |= bit(slot)
    }
    body.forEach((s, i) => {
        if (s.op !== op.STORE_LOCAL) return
        const [value] = s.args
        // a copy may share with its source
        const others =
            value.op === op.LOAD_LOCAL ? after[i] & ~bit(value.n) : after[i]
        add(s.n, others)
    })
    // slots read before they are written hold `undefined`, and parameters are set
    const entry = before[0] | (bit(params) - 1n)
    for (let k = 0; k < slots; k++) if (has(before[0], k)) add(k, entry)
    for (let k = 0; k < slots; k++)
        if (has(pinned, k)) add(k, ~0n & (bit(slots) - 1n))
    return all
}

function renumber(fn: Fn, number: (slot: number) => number): void {
    for (const s of fn.body) {
        if (s.op === op.STORE_LOCAL) s.n = number(s.n)
        walkStmt(s, e => {
            if (e.op === op.LOAD_LOCAL) e.n = number(e.n)
        })
    }
    remove(
        fn.body,
        s =>
            s.op === op.STORE_LOCAL &&
            s.args[0].op === op.LOAD_LOCAL &&
            s.args[0].n === s.n
    )
}

/** Copies whose two slots can be one. */
function coalesce(fn: Fn, pinned: Slots): boolean {
    const isCopy = (s: Stmt): boolean =>
        s.op === op.STORE_LOCAL && s.args[0].op === op.LOAD_LOCAL
    if (!fn.body.some(isCopy)) return false
    const conflicts = interference(fn, pinned)
    if (!conflicts) return false
    for (const s of fn.body) {
        if (!isCopy(s)) continue
        const a = s.n
        const b = s.args[0].n
        if (a === b || has(conflicts[a], b) || has(pinned, a) || has(pinned, b))
            continue
        // two parameters stay two; one of them keeps its place
        if (a < fn.params && b < fn.params) continue
        const kept = Math.min(a, b)
        const gone = Math.max(a, b)
        renumber(fn, slot => (slot === gone ? kept : slot))
        return true
    }
    return false
}

/** Gives the slots of a function new numbers: as few as possible. */
export function shareSlots(fn: Fn, pinned: Slots): void {
    while (coalesce(fn, pinned));
    const conflicts = interference(fn, pinned)
    if (!conflicts) return
    const used = new Set<number>()
    for (const s of fn.body) {
        if (s.op === op.STORE_LOCAL) used.add(s.n)
        walkStmt(s, e => {
            if (e.op === op.LOAD_LOCAL) used.add(e.n)
        })
    }
    const colour = new Map<number, number>()
    for (let k = 0; k < fn.slots; k++)
        if (k < fn.params || has(pinned, k)) colour.set(k, k)
    for (const slot of [...used].sort((a, b) => a - b)) {
        if (colour.has(slot)) continue
        const taken = new Set<number>()
        for (const [other, at] of colour)
            if (has(conflicts[slot], other)) taken.add(at)
        let free = 0
        while (taken.has(free)) free++
        colour.set(slot, free)
    }
    const names = fn.debug?.slots
    const shared = new Map<number, number>()
    for (const at of colour.values()) shared.set(at, (shared.get(at) ?? 0) + 1)
    if (fn.debug && names)
        fn.debug.slots = [...colour].reduce((all: typeof names, [slot, at]) => {
            // a slot with several variables in it has no name
            if (shared.get(at) === 1) all[at] = names[slot]
            else all[at] ??= { name: `_tmp${at}`, type: "tmp" }
            return all
        }, [])
    renumber(fn, slot => colour.get(slot) as number)
    fn.slots = [...colour.values()].reduce(
        (most, at) => Math.max(most, at + 1),
        fn.params
    )
}

export const slots = eachFunction("slots", shareSlots)
