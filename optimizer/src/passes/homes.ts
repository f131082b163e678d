/**
 * Replaces expressions that always give the same, single object by the variable that
 * holds it: two bytes instead of a field's four or more, and fields and parameters
 * become unused. The variable is set right after the object is made, before anything
 * else can have the object.
 */
import { keepsThis } from "../analysis/initialised.ts"
import { onceIn } from "../analysis/once.ts"
import { UNDEF, type ObjectValue, type Values } from "../analysis/values.ts"
import { exprSize } from "../image.ts"
import {
    expr,
    FIELD,
    stmt,
    walkStmt,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { mayThrow } from "./constants.ts"
import { directCalls } from "./parameters.ts"

/** Bytes to set a variable to the last result, and to read it. */
const STORE = 3
const LOAD = 2
/** Bytes for which another variable is worth its place, and the heap that it takes. */
const WORTH = 4

/** Expressions that give one object, and how many bytes shorter it gets. */
interface Uses {
    exprs: Expr[]
    gain: number
}

/** `list.push(x)`, of an array. */
function isPush({ op: o, args: [callee] }: Stmt, values: Values): boolean {
    if (!op.isCall(o) || callee.op !== FIELD || callee.text !== "push")
        return false
    const owners = [...(values.valuesOf(callee.args[0]) ?? [])]
    return (
        owners.length > 0 &&
        owners.every(v => values.objectOf(v)?.of === "array") &&
        values.isOriginal("Array_prototype", "push")
    )
}

/** The statement that makes a single object, before it is shared. */
function siteOf(object: ObjectValue, values: Values): Stmt | undefined {
    const { of, site, within } = object
    if ("body" in site || !within.body.includes(site)) return undefined
    if (typeof of === "string")
        return site.op === op.ALLOC_MAP || site.op === op.ALLOC_ARRAY
            ? site
            : undefined
    const [callee] = site.args
    return op.isCall(site.op) &&
        callee.op === op.NEW &&
        callee.args[0].fn === of &&
        keepsThis(of, s => isPush(s, values))
        ? site
        : undefined
}

/** Parameters that always are one object, and are not set: by function and slot. */
function parametersOf(program: Program): Map<Fn, Map<number, number>> {
    const found = new Map<Fn, Map<number, number>>()
    for (const [fn, calls] of directCalls(program)) {
        const slots = new Map<number, number>()
        for (let i = 0; i < fn.params; i++)
            if (!fn.body.some(s => s.op === op.STORE_LOCAL && s.n === i))
                slots.set(i, LOAD * calls.length)
        found.set(fn, slots)
    }
    return found
}

/** @returns whether anything has changed */
export function homes(program: Program, values: Values): boolean {
    if (values.confused) return false
    const once = onceIn(program, values)
    const stores = new Map<number, Stmt[]>()
    for (const { body } of program.fns)
        for (const s of body)
            if (s.op === op.STORE_GLOBAL) {
                const known = stores.get(s.n)
                if (known) known.push(s)
                else stores.set(s.n, [s])
            }
    const uses = new Map<number, Uses>()
    const parameters = parametersOf(program)
    for (const fn of values.reached) {
        const slots = parameters.get(fn)
        for (const s of fn.body) {
            if (!values.visited.has(s)) continue
            walkStmt(s, e => {
                const ofCall = e.op === op.LOAD_LOCAL ? slots?.get(e.n) : 0
                if (ofCall === undefined) return
                if (![FIELD, op.LOAD_GLOBAL, op.LOAD_LOCAL].includes(e.op))
                    return
                const all = values.valuesOf(e)
                if (all?.size !== 1 || mayThrow(e, values)) return
                const [value] = all
                const object = values.objectOf(value)
                if (!object) return
                let known = uses.get(value)
                if (!known) uses.set(value, (known = { exprs: [], gain: 0 }))
                known.exprs.push(e)
                known.gain += exprSize(e) - LOAD
                if (e.op !== op.LOAD_LOCAL) return
                known.gain += ofCall
                // counted once
                slots?.set(e.n, 0)
            })
        }
    }
    let changed = false
    for (const [value, { exprs, gain }] of uses) {
        const object = values.objectOf(value) as ObjectValue
        if (gain <= 0 || !once(object.site as Stmt, object.within)) continue
        const site = siteOf(object, values)
        if (!site) continue
        const { body } = object.within
        const at = body.indexOf(site) + 1
        const next = body[at]
        const isHome =
            next.op === op.STORE_GLOBAL &&
            next.args[0].op === op.RET_VAL &&
            stores.get(next.n)?.length === 1 &&
            !body.some(s => s.to === next) &&
            !values.globalOf(next.n).has(UNDEF)
        let home = next.n
        if (!isHome) {
            if (gain - STORE < WORTH) continue
            const name =
                typeof object.of === "string" ? "object" : object.of.name
            home = program.globals.push({ name, type: "glb" }) - 1
            const { place } = site
            const store = stmt(op.STORE_GLOBAL, expr(op.RET_VAL))
            body.splice(at, 0, store.with({ n: home, place }))
        }
        program.globals[home].given = true
        for (const e of exprs) {
            if (e.op === op.LOAD_GLOBAL && e.n === home) continue
            changed = true
            e.op = op.LOAD_GLOBAL
            e.n = home
            e.args = []
            e.text = undefined
        }
    }
    return changed
}
