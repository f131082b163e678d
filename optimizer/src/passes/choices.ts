/**
 * `l0 = c ? a : b` without a jump over the other value: `b` is stored before the
 * condition is tested, and `a` after it. Only where that makes no difference: computing
 * the first value does not throw, neither the condition nor the other value reads the
 * stored one, and if they throw, it is not observed.
 */
import { effectsOf, exprThrows } from "../analysis/effects.ts"
import { has, type Slots } from "../analysis/flow.ts"
import { exprSize } from "../image.ts"
import { references, some, type Expr, type Fn, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"
import { negated } from "./jumps.ts"
import { eachFunction } from "./pass.ts"

/** Bytes of a value that is computed although it may not be asked for: it takes time. */
const CHEAP = 6
const STORES = new op.OpSet([op.STORE_LOCAL, op.STORE_GLOBAL, op.STORE_RET_VAL])

/** Whether an expression reads the value that a statement stores. */
const looksAt = (e: Expr, { op: store, n }: Stmt): boolean =>
    some(e, ({ op: o, n: at }) =>
        store === op.STORE_RET_VAL
            ? o === op.RET_VAL
            : o ===
                  (store === op.STORE_LOCAL ? op.LOAD_LOCAL : op.LOAD_GLOBAL) &&
              at === n
    )

/** Whether a value may be stored before others are computed. */
function comesFirst(
    store: Stmt,
    others: readonly Expr[],
    { tries }: Fn,
    pinned: Slots
): boolean {
    const [value] = store.args
    if (exprSize(value) > CHEAP || effectsOf(value).throws) return false
    if (others.some(e => looksAt(e, store))) return false
    // what throws leaves the function, and its frame
    const unseen =
        tries === 0 &&
        (store.op === op.STORE_RET_VAL ||
            (store.op === op.STORE_LOCAL && !has(pinned, store.n)))
    return unseen || !others.some(exprThrows)
}

export const choices = eachFunction("choices", (fn, pinned) => {
    const { body } = fn
    let changed = false
    let entered = references(body)
    for (let i = 0; i + 4 < body.length; i++) {
        const [ask, yes, jump, no, end] = body.slice(i, i + 5)
        if (
            ask.op !== op.JMP_Z ||
            jump.op !== op.JMP ||
            !STORES.has(yes.op) ||
            no.op !== yes.op ||
            no.n !== yes.n ||
            ask.to !== no ||
            jump.to !== end ||
            entered.has(yes) ||
            entered.has(jump) ||
            entered.get(no) !== 1
        )
            continue
        const [condition] = ask.args
        const [first, second] = comesFirst(
            no,
            [condition, yes.args[0]],
            fn,
            pinned
        )
            ? [no, yes]
            : [yes, no]
        if (first === yes) {
            if (!comesFirst(yes, [condition, no.args[0]], fn, pinned)) continue
            ask.args = [negated(condition)]
        }
        ask.to = end
        for (const s of body) if (s.to === ask) s.to = first
        body.splice(i, 4, first, ask, second)
        entered = references(body)
        changed = true
    }
    return changed
})
