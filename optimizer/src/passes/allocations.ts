/**
 * Removes objects, arrays and buffers that are never read. The statements after it that
 * fill one are removed with it, if that is not observable: they do not throw, and call
 * nothing but `push()`.
 */
import { exprThrows } from "../analysis/effects.ts"
import {
    flowOf,
    has,
    livenessOf,
    pinnedSlots,
    type Flow,
    type Liveness,
    type Slots,
} from "../analysis/flow.ts"
import { resultsOf, type Results } from "../analysis/results.ts"
import {
    FIELD,
    references,
    remove,
    some,
    STRING,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { tables } from "../toolchain.ts"
import type { Pass } from "./pass.ts"

const BUFFER = tables().objects.indexOf("Buffer")
/** A buffer of more bytes may not fit into the heap. */
const ROOM = 1024

/** Whether a program may have put something else in the place of the VM's functions. */
function isReplaced(program: Program): boolean {
    return program.fns.some(({ body }) =>
        body.some(s => {
            if (s.op !== op.INDEX_SET) return false
            const [object, key] = s.args
            if (key.op === STRING)
                return key.text === "push" || key.text === "alloc"
            return (
                object.op === op.BUILTIN_OBJECT ||
                (object.op === FIELD && object.text === "prototype")
            )
        })
    )
}

const isLiteral = (e: Expr | undefined): boolean =>
    e?.op === op.LITERAL && e.n >= 0 && e.n <= ROOM

/** `Buffer.alloc(16)` */
function isBuffer(s: Stmt): boolean {
    const [callee, size] = s.args
    return (
        s.op === op.CALL0 + 1 &&
        callee.op === FIELD &&
        callee.text === "alloc" &&
        callee.args[0].op === op.BUILTIN_OBJECT &&
        callee.args[0].n === BUFFER &&
        isLiteral(size)
    )
}

const isAllocation = (s: Stmt): boolean =>
    s.op === op.ALLOC_MAP ||
    ((s.op === op.ALLOC_ARRAY || s.op === op.ALLOC_BUFFER) &&
        isLiteral(s.args[0])) ||
    isBuffer(s)

/** Whether a statement puts something into what `isIt` and `made` has made, and does nothing else. */
function fills(s: Stmt, made: Stmt, isIt: (e: Expr) => boolean): boolean {
    const [first, ...rest] = s.args
    if (rest.some(e => exprThrows(e) || some(e, isIt))) return false
    if (made.op === op.ALLOC_MAP)
        return s.op === op.INDEX_SET && isIt(first) && rest[0].op === STRING
    return (
        made.op === op.ALLOC_ARRAY &&
        op.isCall(s.op) &&
        first.op === FIELD &&
        first.text === "push" &&
        isIt(first.args[0])
    )
}

/** Facts about a function. */
interface Known {
    flow: Flow
    results: Results
    entered: ReadonlyMap<Stmt, number>
    live?: Liveness
}

/** @returns statements that go with the allocation `at`; undefined if it stays */
function unused(
    fn: Fn,
    at: number,
    pinned: Slots,
    known: Known
): Stmt[] | undefined {
    const { body } = fn
    const { results, entered } = known
    const readers = results.readers(at)
    if (readers.length === 0) return [body[at]]
    const gone = [body[at]]
    const isRet = (e: Expr): boolean => e.op === op.RET_VAL
    const store = body[at + 1]
    let isIt = isRet
    let i = at + 1
    const stored = store.op === op.STORE_LOCAL && isRet(store.args[0])
    if (stored) {
        if (entered.has(store) || has(pinned, store.n)) return undefined
        if (readers.length !== 1) return undefined
        gone.push(store)
        isIt = e => e.op === op.LOAD_LOCAL && e.n === store.n
        i++
    }
    for (; i < body.length; i++) {
        const s = body[i]
        if (entered.has(s) || !fills(s, body[at], isIt)) break
        // the number of elements that push() returns
        if (op.isCall(s.op) && results.readers(i).length > 0) return undefined
        gone.push(s)
        if (!stored) {
            i++
            break
        }
    }
    if (stored) {
        known.live ??= livenessOf(body, known.flow, pinned)
        const { after } = known.live
        return has(after[i - 1], store.n) ? undefined : gone
    }
    return readers.every(k => gone.includes(body[k])) ? gone : undefined
}

export const allocations: Pass = {
    name: "allocations",
    run(program, pinned = pinnedSlots(program)): boolean {
        if (isReplaced(program)) return false
        let changed = false
        for (const fn of program.fns) {
            if (!fn.body.some(isAllocation)) continue
            const flow = flowOf(fn.body)
            const results = resultsOf(fn.body)
            if (!flow || !results) continue
            const known: Known = {
                flow,
                results,
                entered: references(fn.body),
            }
            const gone = new Set<Stmt>()
            fn.body.forEach((s, i) => {
                if (!isAllocation(s)) return
                const all = unused(fn, i, pinned.get(fn) as Slots, known)
                for (const each of all ?? []) gone.add(each)
            })
            changed = remove(fn.body, s => gone.has(s)) || changed
        }
        return changed
    },
}
