/**
 * Places that are set before anything runs that reads them: global variables, and fields
 * of objects that exist once.
 */
import type { Fn, Program, Stmt } from "../ir.ts"
import * as op from "../ops.ts"
import { Running, type Mentions } from "./named.ts"
import { onceIn } from "./once.ts"
import type { Values } from "./values.ts"

/**
 * Statements that have run when a function returns, and before anything further down
 * runs: no jump leads over them, and no return stands before them. What throws before
 * them ends the program, unless a handler, which is jumped to as well, stands behind.
 */
function certain(body: readonly Stmt[]): boolean[] {
    const index = new Map(body.map((s, i) => [s, i]))
    let over = 0
    let returned = false
    return body.map((s, i) => {
        const sure = over <= i && !returned
        if (s.to) over = Math.max(over, index.get(s.to) as number)
        if (s.op === op.RETURN) returned = true
        return sure
    })
}

/** A global variable by its number, a field of an object that exists once as `object.name`. */
type GivenPlace = number | string

/** What reads and what writes fields of objects that exist once, if all that does is known. */
function fieldUses(program: Program, values: Values) {
    const once = onceIn(program, values)
    const known = new Map<number, boolean>()
    const isKnown = (value: number): boolean => {
        let answer = known.get(value)
        if (answer === undefined) {
            const object = values.objectOf(value)
            answer =
                object !== undefined &&
                object.of !== "array" &&
                !values.escaped.has(value) &&
                once(object.site as Stmt, object.within)
            known.set(value, answer)
        }
        return answer
    }
    const reads = new Map<Stmt, string[]>()
    const writes = new Map<Stmt, string>()
    for (const { stmt, name, kind, object } of values.accesses)
        for (const value of object.values) {
            if (name === undefined || !isKnown(value)) continue
            if (values.isComputed(value, name)) continue
            const place = `${value}.${name}`
            if (kind === "write") {
                if (object.values.size === 1) writes.set(stmt, place)
                continue
            }
            const there = reads.get(stmt)
            if (there) there.push(place)
            else reads.set(stmt, [place])
        }
    return { reads, writes }
}

/** What a program does with places. */
class Uses {
    readonly reads = new Map<Stmt, GivenPlace[]>()
    readonly writes = new Map<Stmt, GivenPlace>()
    /** places that a function reads */
    readonly readers = new Map<Fn, Set<GivenPlace>>()

    constructor(program: Program, values: Values, mentions: Mentions) {
        const fields = fieldUses(program, values)
        for (const fn of values.reached) {
            const all = new Set<GivenPlace>()
            for (const s of fn.body) {
                const reads: GivenPlace[] = [
                    ...(fields.reads.get(s) ?? []),
                    ...mentions.of(s).globals,
                ]
                if (reads.length > 0) this.reads.set(s, reads)
                for (const place of reads) all.add(place)
                const write =
                    s.op === op.STORE_GLOBAL ? s.n : fields.writes.get(s)
                if (write !== undefined) this.writes.set(s, write)
            }
            this.readers.set(fn, all)
        }
    }
}

/**
 * Places that are set before anything runs that reads them. What runs before: what stands
 * further up, in `main` and in what it is certain to call, what that may call, and all
 * that has escaped; of that, what something that has run names: nobody can call a function
 * before, or a method of a class.
 */
export function givenPlaces(
    program: Program,
    values: Values,
    mentions: Mentions
): Set<GivenPlace> {
    const uses = new Uses(program, values, mentions)
    const [main] = program.fns
    const given = new Set<GivenPlace>()
    /** read by what may have run already */
    const read = new Set<GivenPlace>()
    const running = new Running(main, values, mentions, fn => {
        for (const place of uses.readers.get(fn) ?? [])
            if (!given.has(place)) read.add(place)
    })
    const walked = new Set<Fn>()
    const walk = (fn: Fn): void => {
        walked.add(fn)
        const sure = certain(fn.body)
        fn.body.forEach((s, i) => {
            if (!values.visited.has(s)) return
            running.name(s)
            for (const place of uses.reads.get(s) ?? [])
                if (!given.has(place)) read.add(place)
            for (const { targets, unknown, starts } of running.sites.get(s) ??
                []) {
                const [target] = targets
                if (
                    sure[i] &&
                    targets.size === 1 &&
                    !unknown &&
                    !starts &&
                    !walked.has(target)
                )
                    walk(target)
                else for (const each of targets) running.run(each)
            }
            const place = uses.writes.get(s)
            if (place !== undefined && sure[i] && !read.has(place))
                given.add(place)
        })
    }
    walk(main)
    return given
}
