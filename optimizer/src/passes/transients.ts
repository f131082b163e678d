/**
 * A variable that is not needed beyond the next call is kept as the last result, which
 * takes one byte to read where a slot takes two: with all stores that may reach its
 * reads, on every path. While it is needed, nothing else may become the last result,
 * and the former last result must not be needed.
 */
import { changesRet } from "../analysis/effects.ts"
import {
    flowOf,
    has,
    slotsRead,
    type Flow,
    type Slots,
} from "../analysis/flow.ts"
import {
    expr,
    remove,
    rewriteStmt,
    someIn,
    type Expr,
    type Fn,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { eachFunction } from "./pass.ts"

const isRet = (e: Expr): boolean => e.op === op.RET_VAL
const readsRet = (s: Stmt): boolean =>
    s.op === op.JMP_RET_VAL_Z || someIn(s, isRet)

/** Before which statements the last result is wanted. */
function wantedBefore(body: readonly Stmt[], { next }: Flow): boolean[] {
    const wanted = body.map(readsRet)
    for (let changed = true; changed;) {
        changed = false
        for (let i = body.length - 1; i >= 0; i--) {
            if (wanted[i] || changesRet(body[i])) continue
            if (!next[i].some(k => wanted[k])) continue
            wanted[i] = true
            changed = true
        }
    }
    return wanted
}

/** Stores of a slot and statements that read the stored values. */
interface Web {
    stores: Set<number>
    readers: Set<number>
    /** statements before which it is needed */
    needed: Set<number>
}

class Variables {
    private readonly body: readonly Stmt[]
    private readonly flow: Flow
    private readonly reads: Slots[]
    private readonly before: number[][]
    /** statements that something thrown leads to */
    private readonly handlers = new Set<number>()
    private readonly wanted: boolean[]

    constructor(body: readonly Stmt[], flow: Flow) {
        this.body = body
        this.flow = flow
        this.reads = body.map(slotsRead)
        this.before = body.map(() => [])
        flow.next.forEach((next, i) => {
            for (const k of next) this.before[k].push(i)
        })
        for (const thrown of flow.thrown)
            for (const k of thrown) this.handlers.add(k)
        this.wanted = wantedBefore(body, flow)
    }

    private isStore(i: number, slot: number): boolean {
        const s = this.body[i]
        return s.op === op.STORE_LOCAL && s.n === slot
    }

    /**
     * The web of a store: its readers, and the other stores that these may read.
     * @returns undefined if a reader may get a value that no store has put there
     */
    private web(from: number): Web | undefined {
        const { body, flow, reads, before } = this
        const slot = body[from].n
        const web: Web = {
            stores: new Set(),
            readers: new Set(),
            needed: new Set(),
        }
        const stores = [from]
        for (let d = stores.pop(); d !== undefined; d = stores.pop()) {
            if (web.stores.has(d)) continue
            web.stores.add(d)
            // its readers
            const seen = new Set<number>()
            const down = [...flow.next[d]]
            const found: number[] = []
            for (let i = down.pop(); i !== undefined; i = down.pop()) {
                if (seen.has(i)) continue
                seen.add(i)
                if (has(reads[i], slot) && !web.readers.has(i)) found.push(i)
                // what throws has not stored
                down.push(...flow.thrown[i])
                if (!this.isStore(i, slot)) down.push(...flow.next[i])
            }
            // live ranges up to the readers
            for (const reader of found) {
                web.readers.add(reader)
                const up = [reader]
                for (let i = up.pop(); i !== undefined; i = up.pop()) {
                    if (web.needed.has(i)) continue
                    web.needed.add(i)
                    // a parameter, or a value in a handler
                    if (i === 0 || this.handlers.has(i)) return undefined
                    for (const k of before[i])
                        if (this.isStore(k, slot)) stores.push(k)
                        else up.push(k)
                }
            }
        }
        return web
    }

    /** Whether the last result can be this variable. */
    private fits({ stores, needed }: Web): boolean {
        const { body, flow, wanted } = this
        for (const i of needed) {
            if (wanted[i]) return false
            const goesOn = flow.next[i].some(k => needed.has(k))
            if (goesOn && changesRet(body[i]) && !stores.has(i)) return false
        }
        for (const i of stores)
            if (!isRet(body[i].args[0]) && flow.next[i].some(k => wanted[k]))
                return false
        return true
    }

    /** The next one that can be, and is read. */
    find(pinned: Slots, tried: Set<Stmt>): Web | undefined {
        const { body } = this
        for (let i = 0; i < body.length; i++) {
            const s = body[i]
            if (s.op !== op.STORE_LOCAL || tried.has(s)) continue
            tried.add(s)
            if (has(pinned, s.n)) continue
            const web = this.web(i)
            if (!web || web.readers.size === 0) continue
            for (const k of web.stores) tried.add(body[k])
            if (this.fits(web)) return web
        }
        return undefined
    }
}

function keep(body: Stmt[], { stores, readers }: Web, slot: number): void {
    for (const i of readers)
        rewriteStmt(body[i], e =>
            e.op === op.LOAD_LOCAL && e.n === slot
                ? expr(op.RET_VAL).with({ place: e.place })
                : e
        )
    for (const i of stores) {
        body[i].op = op.STORE_RET_VAL
        body[i].n = 0
    }
    remove(body, s => s.op === op.STORE_RET_VAL && isRet(s.args[0]))
}

export const transients = eachFunction("transients", (fn: Fn, pinned) => {
    const { body } = fn
    let changed = false
    const tried = new Set<Stmt>()
    for (;;) {
        const flow = flowOf(body)
        if (!flow) return changed
        const variables = new Variables(body, flow)
        const web = variables.find(pinned, tried)
        if (!web) return changed
        const [first] = web.stores
        keep(body, web, body[first].n)
        changed = true
    }
})
