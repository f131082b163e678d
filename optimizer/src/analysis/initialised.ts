/**
 * Fields that are set before anything else can read them: those that a constructor sets
 * before `this` escapes, and those of an object literal.
 */
import { FIELD, some, STRING, type Expr, type Fn, type Stmt } from "../ir.ts"
import { changesRet, exprThrows, stmtThrows } from "./effects.ts"
import { flowOf, has, type Slots } from "./flow.ts"
import * as op from "../ops.ts"

const { IS_CTOR } = op.FunctionFlag

/** Of an object that is in RET_VAL only. */
const NO_SLOT = -1

/** Where an unshared object is: in a slot, in RET_VAL, or in both. */
interface Held {
    slot: number
    /** whether RET_VAL is it; undefined: on some ways */
    ret: boolean | undefined
}

const isLocal = (e: Expr, slot: number): boolean =>
    e.op === op.LOAD_LOCAL && e.n === slot

/** Whether an expression is the object, or may be. */
const isObject = (e: Expr, { slot, ret }: Held): boolean =>
    isLocal(e, slot) || (e.op === op.RET_VAL && ret !== false)

/** Whether an expression is the object for sure. */
const isSurely = (e: Expr, { slot, ret }: Held): boolean =>
    isLocal(e, slot) || (e.op === op.RET_VAL && ret === true)

/** Fields of the object that an expression reads; undefined if it does more with it. */
function reads(e: Expr, held: Held, found: string[]): boolean {
    if (isObject(e, held)) return false
    if (e.op === op.MAKE_CLOSURE) return false
    if (e.op === FIELD && isObject(e.args[0], held)) {
        found.push(e.text as string)
        return true
    }
    return e.args.every(arg => reads(arg, held, found))
}

/** Use of the object by a statement. */
function use(
    s: Stmt,
    held: Held
): { fields: string[]; sets?: string } | undefined {
    const fields: string[] = []
    if (s.op === op.STORE_LOCAL && s.n === held.slot) return undefined
    if (s.op === op.STORE_RET_VAL && isSurely(s.args[0], held))
        return { fields }
    if (s.op === op.INDEX_SET && isSurely(s.args[0], held)) {
        const [, key, value] = s.args
        if (key.op !== STRING || !reads(value, held, fields)) return undefined
        return { fields, sets: key.text }
    }
    // a field that is called gets the object
    if (
        op.isCall(s.op) &&
        s.args[0].op === FIELD &&
        isObject(s.args[0].args[0], held)
    )
        return undefined
    return s.args.every(arg => reads(arg, held, fields))
        ? { fields }
        : undefined
}

/** Facts before a statement. */
interface Facts {
    set: Set<string>
    ret: boolean | undefined
}

/**
 * Fields that are set when an object escapes.
 * @param from statement where it is unshared, and nothing is set
 * @param held where it is there
 */
function setFrom(
    fn: Fn,
    from: number,
    { slot, ret: first }: Held,
    calls: number
): Set<string> {
    const { body } = fn
    const flow = flowOf(body)
    if (!flow || from >= body.length) return new Set()
    /** before each statement, while the object is unshared */
    const before: (Facts | undefined)[] = body.map(() => undefined)
    const early = new Set<string>()
    let result: Set<string> | undefined
    const let_ = (set: Set<string>): void => {
        result = result
            ? new Set([...result].filter(f => set.has(f)))
            : new Set(set)
    }
    before[from] = { set: new Set(), ret: first }
    const work = [from]
    for (let i = work.pop(); i !== undefined; i = work.pop()) {
        const s = body[i]
        const { set, ret } = before[i] as Facts
        const done = use(s, { slot, ret })
        if (!done || s.op === op.RETURN) continue
        const after =
            done.sets === undefined ? set : new Set(set).add(done.sets)
        const flowTo = (k: number, facts: Facts): void => {
            const known = before[k]
            const next: Facts = known
                ? {
                      set: new Set(
                          [...known.set].filter(f => facts.set.has(f))
                      ),
                      ret: known.ret === facts.ret ? facts.ret : undefined,
                  }
                : facts
            if (
                known &&
                known.set.size === next.set.size &&
                known.ret === next.ret
            )
                return
            before[k] = next
            work.push(k)
        }
        const kept =
            s.op === op.STORE_RET_VAL
                ? isSurely(s.args[0], { slot, ret })
                : changesRet(s)
                  ? false
                  : ret
        for (const k of flow.next[i]) flowTo(k, { set: after, ret: kept })
        // the handler sets the result itself
        for (const k of flow.thrown[i]) flowTo(k, { set, ret: false })
    }
    body.forEach((s, i) => {
        const facts = before[i]
        if (!facts) return
        const held = { slot, ret: facts.ret }
        const done = use(s, held)
        for (const field of done?.fields ?? [])
            if (!facts.set.has(field)) early.add(field)
        if (done && s.op !== op.RETURN) return
        const more = calls > 0 ? setByCall(s, held, calls - 1) : undefined
        let_(more ? new Set([...facts.set, ...more]) : facts.set)
    })
    return new Set([...(result ?? [])].filter(f => !early.has(f)))
}

/** Functions that fill an object that they are given, within each other, at most. */
const FILLERS = 2

/**
 * Fields that a function sets first of all when it is called with the object: as `this`
 * of a parent's constructor, or as an argument of another function.
 */
function setByCall(
    s: Stmt,
    held: Held,
    calls: number
): Set<string> | undefined {
    if (!op.isCall(s.op)) return undefined
    const [callee, ...args] = s.args
    const bound = callee.op === op.BIND
    const { op: kind, fn } = bound ? callee.args[0] : callee
    if (kind !== op.STATIC_FUNCTION || !fn) return undefined
    const given = bound ? [callee.args[1], ...args] : args
    const i = given.findIndex(arg => isSurely(arg, held))
    if (bound ? i !== 0 || (fn.flags & IS_CTOR) === 0 : fn.flags !== 0)
        return undefined
    if (i < 0 || i >= fn.params) return undefined
    const others = given.filter((_, k) => k !== i)
    // nothing is read of it while it is empty, nor does it come by another way
    if (!others.every(arg => reads(arg, held, []))) return undefined
    if (
        others.some(arg =>
            some(arg, e => e.op === FIELD && isObject(e.args[0], held))
        )
    )
        return undefined
    return setFrom(fn, 0, { slot: i, ret: false }, calls)
}

/** Fields that are set when the object of a constructor escapes. */
export const setByConstructor = (fn: Fn): Set<string> =>
    setFrom(fn, 0, { slot: 0, ret: false }, FILLERS)

/**
 * Fields of an object made by a statement that are set before any other use.
 * @param pinned slots visible elsewhere too
 */
export function setByLiteral(fn: Fn, at: number, pinned: Slots): Set<string> {
    const { body } = fn
    const store = body[at + 1] as Stmt | undefined
    if (
        store?.op !== op.STORE_LOCAL ||
        store.args[0].op !== op.RET_VAL ||
        body.some(s => s.to === store)
    )
        return setFrom(fn, at + 1, { slot: NO_SLOT, ret: true }, FILLERS)
    if (has(pinned, store.n)) return new Set()
    return setFrom(fn, at + 2, { slot: store.n, ret: true }, FILLERS)
}

const callsOthers = (s: Stmt): boolean =>
    op.isCall(s.op) || s.op === op.CALL_ARRAY

/**
 * Whether the object of a constructor cannot be used before `new` returns it: it
 * escapes only by statements after which nothing is called, and nothing throws.
 * @param isQuiet whether a call only keeps its arguments
 */
export function keepsThis(
    { body }: Fn,
    isQuiet: (s: Stmt) => boolean
): boolean {
    const flow = flowOf(body)
    if (!flow) return false
    const before: (Held | undefined)[] = body.map(() => undefined)
    const leaks = new Set<number>()
    before[0] = { slot: 0, ret: false }
    const work = [0]
    for (let i = work.pop(); i !== undefined; i = work.pop()) {
        const s = body[i]
        const held = before[i] as Held
        if (s.op !== op.RETURN && !use(s, held)) {
            if (callsOthers(s) && !isQuiet(s)) return false
            leaks.add(i)
        }
        const stored = s.op === op.STORE_RET_VAL && isSurely(s.args[0], held)
        const ret = stored || (changesRet(s) ? false : held.ret)
        const flowTo = (k: number, kept: boolean | undefined): void => {
            const known = before[k]
            const next = known && known.ret !== kept ? undefined : kept
            if (known && known.ret === next) return
            before[k] = { slot: 0, ret: next }
            work.push(k)
        }
        for (const k of flow.next[i]) flowTo(k, ret)
        for (const k of flow.thrown[i]) flowTo(k, false)
    }
    const after = new Set([...leaks].flatMap(i => [...flow.next[i]]))
    for (const i of after) {
        const s = body[i]
        const fills =
            s.op === op.INDEX_SET &&
            isSurely(s.args[0], before[i] as Held) &&
            !exprThrows(s.args[2])
        if (callsOthers(s) || (stmtThrows(s) && !fills)) return false
        for (const k of flow.next[i]) after.add(k)
    }
    return true
}
