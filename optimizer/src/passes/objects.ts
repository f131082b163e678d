/**
 * Fields of an object that exists once become global variables: two bytes to read
 * instead of four or more, eight bytes of heap instead of sixteen or more. Conditions
 * for each field: the object is made by a statement that runs at most once, it does not
 * escape, and all reads and writes of the field are certainly on that object.
 */
import { exprThrows } from "../analysis/effects.ts"
import { onceIn } from "../analysis/once.ts"
import { TOP, type Access, type Values } from "../analysis/values.ts"
import type { Expr, Program, Stmt } from "../ir.ts"
import * as op from "../ops.ts"

/** @returns whether anything has changed */
export function fieldsToGlobals(program: Program, values: Values): boolean {
    if (values.confused) return false
    const once = onceIn(program, values)
    const byExpr = new Map<Expr, Access>()
    /** accesses by object and name */
    const accesses = new Map<string, Access[]>()
    const objects = new Set<number>()
    for (const access of values.accesses) {
        if (access.expr) byExpr.set(access.expr, access)
        for (const value of access.object.values) {
            const object = values.objectOf(value)
            if (!object || object.of === "array") continue
            objects.add(value)
            if (access.name === undefined) continue
            const key = `${value}.${access.name}`
            const all = accesses.get(key)
            if (all) all.push(access)
            else accesses.set(key, [access])
        }
    }
    /** whether what gives an object can be left out: it does not throw */
    const silent = (e: Expr): boolean => {
        const access = byExpr.get(e)
        if (e.op === op.ASCII_FIELD)
            return (
                access !== undefined &&
                [...access.object.values].every(v => values.objectOf(v)) &&
                silent(e.args[0])
            )
        return e.args.length === 0 && !exprThrows(e)
    }
    const moved = new Map<Access, number>()
    for (const value of objects) {
        const object = values.objectOf(value)
        if (!object || object.of === "array") continue
        if (values.escaped.has(value)) continue
        if (!once(object.site as Stmt, object.within)) continue
        for (const name of values.fieldsOf(value)) {
            const all = accesses.get(`${value}.${name}`)
            if (!all || values.hasMethod(value, name)) continue
            if (values.isComputed(value, name)) continue
            const holds = values.field(value, name) ?? new Set()
            // a function that is read of a field is bound to the object
            const plain = [...holds].every(
                v =>
                    v !== TOP &&
                    !["function", "native"].includes(
                        values.valueOf(v)?.kind ?? ""
                    )
            )
            const exact = all.every(({ object: of, kind, expr: e, stmt }) => {
                if (of.values.size !== 1 || kind === "delete") return false
                const owner = kind === "write" ? stmt.args[0] : e?.args[0]
                return owner !== undefined && silent(owner)
            })
            if (!plain || !exact) continue
            const owner =
                typeof object.of === "string" ? "object" : object.of.name
            const n =
                program.globals.push({
                    name: `${owner}.${name}`,
                    type: "glb",
                    given: values.isGiven(value, name),
                }) - 1
            for (const access of all) moved.set(access, n)
        }
    }
    for (const [{ kind, stmt, expr: e }, n] of moved) {
        if (kind === "write") {
            stmt.op = op.STORE_GLOBAL
            stmt.n = n
            stmt.args = [stmt.args[2]]
        } else if (e) {
            e.op = op.LOAD_GLOBAL
            e.n = n
            e.args = []
            e.text = undefined
        }
    }
    return moved.size > 0
}
