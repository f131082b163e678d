/**
 * Fields that nobody reads are not written: neither code nor 16 bytes of heap for
 * each object. For each field: nobody else gets hold of an object that has it, and
 * no name that is computed reaches it.
 */
import { remove, type Program, type Stmt } from "../ir.ts"
import type { Access, Values } from "../analysis/values.ts"
import * as op from "../ops.ts"
import { mayThrow } from "./constants.ts"

/** @returns whether anything has changed */
export function unreadFields(program: Program, values: Values): boolean {
    if (values.confused) return false
    /** names that are read of an object, or deleted */
    const read = new Map<number, Set<string | undefined>>()
    const writes: Access[] = []
    for (const access of values.accesses) {
        if (access.kind === "write") {
            if (access.name !== undefined) writes.push(access)
            continue
        }
        for (const value of access.object.values) {
            const names = read.get(value)
            if (names) names.add(access.name)
            else read.set(value, new Set([access.name]))
        }
    }
    const isDead = (value: number, name: string): boolean => {
        const object = values.objectOf(value)
        const names = read.get(value)
        return (
            object !== undefined &&
            object.of !== "array" &&
            !values.escaped.has(value) &&
            !values.isComputed(value, name) &&
            !names?.has(name) &&
            !names?.has(undefined)
        )
    }
    const gone = new Set<Stmt>()
    for (const { stmt, object, name } of writes) {
        const { values: owners } = object
        if (owners.size === 0 || stmt.op !== op.INDEX_SET) continue
        const [owner, , value] = stmt.args
        if (mayThrow(owner, values) || mayThrow(value, values)) continue
        if ([...owners].every(each => isDead(each, name as string)))
            gone.add(stmt)
    }
    let changed = false
    for (const { body } of program.fns)
        changed = remove(body, s => gone.has(s)) || changed
    return changed
}
