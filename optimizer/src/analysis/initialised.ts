/**
 * Fields that nobody sees before something has been put into them: those that a
 * constructor sets before it lets go of `this`, and those of an object literal.
 */
import { FIELD, STRING, type Expr, type Fn, type Stmt } from "../ir.ts"
import { flowOf } from "./flow.ts"
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

/** What is set when others get hold of the object in a constructor. */
export function setByConstructor(fn: Fn): Set<string> {
    const { body } = fn
    const flow = flowOf(body)
    if (!flow) return new Set()
    /** what is set before each statement, while nobody else has the object */
    const before: (Set<string> | undefined)[] = body.map(() => undefined)
    const early = new Set<string>()
    let result: Set<string> | undefined
    const let_ = (set: Set<string>): void => {
        result = result
            ? new Set([...result].filter(f => set.has(f)))
            : new Set(set)
    }
    before[0] = new Set()
    const work = [0]
    for (let i = work.pop(); i !== undefined; i = work.pop()) {
        const s = body[i]
        const set = before[i] as Set<string>
        const done = use(s, 0)
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
        const done = use(s, 0)
        for (const field of done?.fields ?? [])
            if (!set.has(field)) early.add(field)
        if (!done || s.op === op.RETURN) let_(set)
    })
    return new Set([...(result ?? [])].filter(f => !early.has(f)))
}

/** What is set of an object that a statement has made, before it is used otherwise. */
export function setByLiteral(body: readonly Stmt[], at: number): Set<string> {
    const found = new Set<string>()
    const store = body[at + 1]
    if (store?.op !== op.STORE_LOCAL || store.args[0].op !== op.RET_VAL)
        return found
    const targets = new Set(body.map(s => s.to))
    for (let i = at + 2; i < body.length; i++) {
        const s = body[i]
        if (targets.has(s) || s.to || op.isFinal(s.op)) break
        const done = use(s, store.n)
        if (!done || done.fields.some(field => !found.has(field))) break
        if (done.sets !== undefined) found.add(done.sets)
    }
    return found
}
