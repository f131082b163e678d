/**
 * Fields that are never read are not written, which saves code and 16 bytes of heap for
 * each object. The same goes for fields that are read only for their own next value, as
 * counters are, or for that of other such fields. Conditions for each field: no object
 * that has it escapes, and no computed name reaches it.
 */
import { remove, type Program, type Stmt } from "../ir.ts"
import type { Access, Values } from "../analysis/values.ts"
import * as op from "../ops.ts"
import { mayThrow } from "./constants.ts"

/** Names that are read of objects; undefined: any of them. */
class Names {
    private readonly names = new Map<number, Set<string | undefined>>()

    add({ object, name }: Access): void {
        for (const value of object.values) {
            const names = this.names.get(value)
            if (names) names.add(name)
            else this.names.set(value, new Set([name]))
        }
    }

    has(value: number, name: string): boolean {
        const names = this.names.get(value)
        return !!names && (names.has(name) || names.has(undefined))
    }
}

/** @returns whether anything has changed */
export function unreadFields(program: Program, values: Values): boolean {
    if (values.confused) return false
    /** statements that only set a field, unless it is read */
    const writes = new Map<Stmt, Access>()
    for (const access of values.accesses) {
        const { stmt, kind, name, object } = access
        if (kind !== "write" || name === undefined) continue
        if (object.values.size === 0 || stmt.op !== op.INDEX_SET) continue
        const [owner, , value] = stmt.args
        if (mayThrow(owner, values) || mayThrow(value, values)) continue
        writes.set(stmt, access)
    }
    const wanted = new Names()
    /** reads for the value of a field */
    const sources = new Map<Stmt, Access[]>()
    for (const access of values.accesses) {
        if (access.kind === "write") continue
        const known = sources.get(access.stmt)
        if (!writes.has(access.stmt)) wanted.add(access)
        else if (known) known.push(access)
        else sources.set(access.stmt, [access])
    }
    const isDead = (value: number, name: string): boolean => {
        const object = values.objectOf(value)
        return (
            object !== undefined &&
            object.of !== "array" &&
            !values.escaped.has(value) &&
            !values.isComputed(value, name) &&
            !wanted.has(value, name)
        )
    }
    for (let changed = true; changed;) {
        changed = false
        for (const [s, { object, name }] of writes) {
            if ([...object.values].every(v => isDead(v, name as string)))
                continue
            writes.delete(s)
            for (const read of sources.get(s) ?? []) wanted.add(read)
            changed = true
        }
    }
    let changed = false
    for (const { body } of program.fns)
        changed = remove(body, s => writes.has(s)) || changed
    return changed
}
