/**
 * Bytes that stand in the program as an array, for `Buffer.from([…])`, become bytes in
 * flash that it copies: one byte each instead of the code that puts each into an array,
 * and no array in the heap meanwhile. Unchanged: elements that are no bytes, arrays
 * that are used elsewhere, programs that change `Buffer`.
 */
import {
    flowOf,
    has,
    livenessOf,
    pinnedSlots,
    type Slots,
} from "../analysis/flow.ts"
import {
    expr,
    FIELD,
    references,
    STRING,
    walkProgram,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { tables } from "../toolchain.ts"
import type { Pass } from "./pass.ts"

const BUFFER = tables().objects.indexOf("Buffer")

const isBuffer = (e: Expr): boolean =>
    e.op === op.BUILTIN_OBJECT && e.n === BUFFER
const isFrom = (e: Expr): boolean =>
    e.op === FIELD && e.text === "from" && isBuffer(e.args[0])

/** Whether `Buffer` keeps its `from`, and does not escape. */
function isUntouched(program: Program): boolean {
    let owners = 0
    let all = 0
    for (const { body } of program.fns)
        for (const s of body) {
            const [owner, key] = s.args
            if (s.op !== op.INDEX_SET || key.op !== STRING) continue
            if (isBuffer(owner) && key.text !== "from") owners++
        }
    walkProgram(program, e => {
        if (isBuffer(e)) all++
        if (e.op === FIELD && isBuffer(e.args[0])) owners++
        // `x instanceof Buffer`
        if (e.op === op.INSTANCE_OF && isBuffer(e.args[1])) owners++
    })
    return all === owners
}

/** Bytes that statements from `at` on put into an array; where they end. */
function pushed(
    body: readonly Stmt[],
    at: number,
    slot: number,
    entered: ReadonlyMap<Stmt, number>
): { bytes: number[]; end: number } | undefined {
    const bytes: number[] = []
    for (; at < body.length; at++) {
        const s = body[at]
        if (entered.has(s)) return undefined
        if (!op.isCall(s.op) || s.args[0].op !== FIELD) break
        const [callee, ...values] = s.args
        const [owner] = callee.args
        if (callee.text !== "push") break
        if (owner.op !== op.LOAD_LOCAL || owner.n !== slot) break
        for (const { op: kind, n } of values) {
            if (kind !== op.LITERAL || n < 0 || n > 255) return undefined
            bytes.push(n)
        }
    }
    return bytes.length > 0 ? { bytes, end: at } : undefined
}

function inFunction(program: Program, fn: Fn, pinned: Slots): void {
    const { body } = fn
    const entered = references(body)
    for (let i = 0; i + 2 < body.length; i++) {
        const store = body[i + 1]
        if (
            body[i].op !== op.ALLOC_ARRAY ||
            store.op !== op.STORE_LOCAL ||
            store.args[0].op !== op.RET_VAL ||
            entered.has(body[i]) ||
            entered.has(store) ||
            has(pinned, store.n)
        )
            continue
        const slot = store.n
        const found = pushed(body, i + 2, slot, entered)
        if (!found) continue
        const call = body[found.end]
        if (call.op !== op.CALL0 + 1 || entered.has(call)) continue
        const [callee, value] = call.args
        if (value.op !== op.LOAD_LOCAL || value.n !== slot) continue
        // the compiler looks up `Buffer.from` before it makes the array
        const before = body[i - 1] as Stmt | undefined
        const spilled =
            callee.op === op.LOAD_LOCAL &&
            callee.n !== slot &&
            before?.op === op.STORE_LOCAL &&
            before.n === callee.n &&
            isFrom(before.args[0])
        if (!isFrom(callee) && !spilled) continue
        // the array is not used later
        const flow = flowOf(body)
        if (!flow || has(livenessOf(body, flow, pinned).after[found.end], slot))
            continue
        const data = Buffer.from(found.bytes)
        let n = program.buffers.findIndex(known => known.equals(data))
        if (n < 0) n = program.buffers.push(data) - 1
        call.args = [
            callee,
            expr(op.STATIC_BUFFER).with({ n, place: value.place }),
        ]
        body.splice(i, found.end - i)
    }
}

export const buffers: Pass = {
    name: "buffers",
    run(program, pinned = pinnedSlots(program)): void {
        if (!isUntouched(program)) return
        for (const fn of program.fns)
            inFunction(program, fn, pinned.get(fn) as Slots)
    },
}
