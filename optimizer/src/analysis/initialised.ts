/**
 * Fields that nobody sees before something has been put into them: those that a
 * constructor sets before it lets go of `this`, and those of an object literal.
 */
import { FIELD, some, STRING, type Expr, type Fn, type Stmt } from "../ir.ts"
import { flowOf, has, type Slots } from "./flow.ts"
import * as op from "../ops.ts"

const isLocal = (e: Expr, slot: number): boolean =>
    e.op === op.LOAD_LOCAL && e.n === slot

/** Fields of a slot that an expression reads; undefined if it does more with the slot. */
function reads(e: Expr, slot: number, found: string[]): boolean {
    if (isLocal(e, slot)) return false
    if (e.op === op.MAKE_CLOSURE) return false
    if (e.op === FIELD && isLocal(e.args[0], slot)) {
        found.push(e.text as string)
        return true
    }
    return e.args.every(arg => reads(arg, slot, found))
}

/** What a statement does with the object in a slot. */
function use(
    s: Stmt,
    slot: number
): { fields: string[]; sets?: string } | undefined {
    const fields: string[] = []
    if (s.op === op.STORE_LOCAL && s.n === slot) return undefined
    if (s.op === op.INDEX_SET && isLocal(s.args[0], slot)) {
        const [, key, value] = s.args
        if (key.op !== STRING || !reads(value, slot, fields)) return undefined
        return { fields, sets: key.text }
    }
    // a field that is called gets the object
    if (
        op.isCall(s.op) &&
        s.args[0].op === FIELD &&
        isLocal(s.args[0].args[0], slot)
    )
        return undefined
    return s.args.every(arg => reads(arg, slot, fields))
        ? { fields }
        : undefined
}

/**
 * What is set when others get hold of the object in a slot.
 * @param from where nobody else has it, and nothing is set
 */
function setFrom(
    fn: Fn,
    from: number,
    slot: number,
    calls: number
): Set<string> {
    const { body } = fn
    const flow = flowOf(body)
    if (!flow || from >= body.length) return new Set()
    /** what is set before each statement, while nobody else has the object */
    const before: (Set<string> | undefined)[] = body.map(() => undefined)
    const early = new Set<string>()
    let result: Set<string> | undefined
    const let_ = (set: Set<string>): void => {
        result = result
            ? new Set([...result].filter(f => set.has(f)))
            : new Set(set)
    }
    before[from] = new Set()
    const work = [from]
    for (let i = work.pop(); i !== undefined; i = work.pop()) {
        const s = body[i]
        const set = before[i] as Set<string>
        const done = use(s, slot)
        if (!done || s.op === op.RETURN) continue
        const after =
            done.sets === undefined ? set : new Set(set).add(done.sets)
        const flowTo = (k: number, facts: Set<string>): void => {
            const known = before[k]
            const next = known
                ? new Set([...known].filter(f => facts.has(f)))
                : new Set(facts)
            if (known && known.size === next.size) return
            before[k] = next
            work.push(k)
        }
        for (const k of flow.next[i]) flowTo(k, after)
        for (const k of flow.thrown[i]) flowTo(k, set)
    }
    body.forEach((s, i) => {
        const set = before[i]
        if (!set) return
        const done = use(s, slot)
        for (const field of done?.fields ?? [])
            if (!set.has(field)) early.add(field)
        if (done && s.op !== op.RETURN) return
        const more = calls > 0 ? setByCall(s, slot, calls - 1) : undefined
        let_(more ? new Set([...set, ...more]) : set)
    })
    return new Set([...(result ?? [])].filter(f => !early.has(f)))
}

/** Functions that fill an object that they are given, within each other, at most. */
const FILLERS = 2

/** What a function sets that is called with the object in a slot, and first of all. */
function setByCall(
    s: Stmt,
    slot: number,
    calls: number
): Set<string> | undefined {
    const [callee, ...args] = s.args
    if (!op.isCall(s.op) || callee.op !== op.STATIC_FUNCTION) return undefined
    const { fn } = callee
    const i = args.findIndex(arg => isLocal(arg, slot))
    if (!fn || fn.flags !== 0 || i < 0 || i >= fn.params) return undefined
    const others = args.filter((_, k) => k !== i)
    // nothing is read of it while it is empty, nor does it come by another way
    if (!others.every(arg => reads(arg, slot, []))) return undefined
    if (
        others.some(arg =>
            some(arg, e => e.op === FIELD && isLocal(e.args[0], slot))
        )
    )
        return undefined
    return setFrom(fn, 0, i, calls)
}

/** What is set when others get hold of the object in a constructor. */
export const setByConstructor = (fn: Fn): Set<string> =>
    setFrom(fn, 0, 0, FILLERS)

/**
 * What is set of an object that a statement has made, before it is used otherwise.
 * @param pinned slots that others see too
 */
export function setByLiteral(fn: Fn, at: number, pinned: Slots): Set<string> {
    const { body } = fn
    const store = body[at + 1] as Stmt | undefined
    if (store?.op !== op.STORE_LOCAL || store.args[0].op !== op.RET_VAL)
        return new Set()
    if (has(pinned, store.n) || body.some(s => s.to === store)) return new Set()
    return setFrom(fn, at + 2, store.n, FILLERS)
}
