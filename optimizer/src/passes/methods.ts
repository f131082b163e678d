/**
 * Methods that are the same function in all calls become functions: a call names the
 * function and passes the object, the class need not register it, and the heap holds no
 * entry for it. Unchanged: methods that are overridden, bound, escape, or may be called
 * on a non-object (which throws, and must go on throwing).
 */
import type { CallSite, Values, ValueSet } from "../analysis/values.ts"
import { expr, remove, type Expr, type Fn, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"

const { MAX_ARGS_SHORT_CALL } = op.BinFmt

interface Change {
    site: CallSite
    /** what gives the object */
    object: Expr
}

/** How a call of a method becomes one of its function; undefined if it cannot. */
function change(
    site: CallSite,
    values: Values,
    receivers: Map<Stmt, ValueSet>
): Change | undefined {
    const { stmt, targets, unknown, spilled } = site
    if (unknown || site.starts || targets.size !== 1 || !op.isCall(stmt.op))
        return undefined
    // with the object there is one argument more
    if (stmt.args.length > MAX_ARGS_SHORT_CALL) return undefined
    const callee = spilled ? spilled.args[0] : stmt.args[0]
    if (callee.op === op.BIND && callee.args[0].op === op.STATIC_FUNCTION)
        return { site, object: callee.args[1] }
    if (callee.op !== op.ASCII_FIELD) return undefined
    for (const value of receivers.get(stmt) ?? [0])
        if (!values.objectOf(value)) return undefined
    return { site, object: callee.args[0] }
}

/** @returns whether anything has changed */
export function devirtualise(values: Values): boolean {
    if (values.confused) return false
    const receivers = new Map<Stmt, ValueSet>()
    for (const { kind, stmt, object, expr: e } of values.accesses)
        if (kind === "call" && e) receivers.set(stmt, object.values)
    const sites = new Map<Fn, CallSite[]>()
    for (const site of values.calls)
        for (const fn of site.targets) {
            const known = sites.get(fn)
            if (known) known.push(site)
            else sites.set(fn, [site])
        }
    const registered = new Map<Fn, number>()
    for (const { fn } of values.methods)
        registered.set(fn, (registered.get(fn) ?? 0) + 1)
    const gone = new Set<Stmt>()
    for (const { fn, stmt } of values.methods) {
        // a lookup without a call, as `typeof object.name`, has to find it
        if (values.boundFns.has(fn)) continue
        if (!values.reached.has(fn)) {
            gone.add(stmt)
            continue
        }
        const { NEEDS_THIS, IS_CTOR } = op.FunctionFlag
        if (!(fn.flags & NEEDS_THIS) || fn.flags & IS_CTOR) continue
        if (
            registered.get(fn) !== 1 ||
            values.escapedFns.has(fn) ||
            values.usedFns.has(fn)
        )
            continue
        const changes = (sites.get(fn) ?? []).map(site =>
            change(site, values, receivers)
        )
        if (!changes.every(each => each !== undefined)) continue
        for (const { site, object } of changes) {
            const { stmt: call, spilled } = site
            const callee: Expr = expr(op.STATIC_FUNCTION).with({
                fn,
                place: call.args[0].place,
            })
            if (spilled) {
                const [method] = spilled.args
                spilled.args = [object]
                const slot: Expr = expr(op.LOAD_LOCAL).with({
                    n: spilled.n,
                    place: method.place,
                })
                call.args = [callee, slot, ...call.args.slice(1)]
            } else call.args = [callee, object, ...call.args.slice(1)]
            call.op++
        }
        fn.flags &= ~NEEDS_THIS
        gone.add(stmt)
    }
    let changed = false
    for (const fn of new Set(values.methods.map(m => m.within)))
        changed = remove(fn.body, s => gone.has(s)) || changed
    return changed
}
