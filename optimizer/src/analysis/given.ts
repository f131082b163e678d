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
 * Statements that have run when a function returns, and before anything after them
 * runs: no jump skips them, and no return precedes them. A throw before them ends the
 * program, unless a handler, which is a jump target as well, follows.
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

/** A global variable by its number; for a field what `Values.doubtful()` gives. */
export type GivenPlace = number | object

/**
 * What reads and what writes fields of objects that exist once, if all that does is
 * known, and if it is in doubt whether they are set before.
 */
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
    const reads = new Map<Stmt, GivenPlace[]>()
    const writes = new Map<Stmt, GivenPlace>()
    for (const { stmt, name, kind, object } of values.accesses) {
        if (name === undefined) continue
        for (const value of object.values) {
            const place = values.doubtful(value, name)
            if (place === undefined || !isKnown(value)) continue
            if (values.isComputed(value, name)) continue
            if (kind === "write") {
                if (object.values.size === 1) writes.set(stmt, place)
                continue
            }
            const there = reads.get(stmt)
            if (there) there.push(place)
            else reads.set(stmt, [place])
        }
    }
    return { reads, writes }
}

/** Uses of doubtful places in one statement. */
interface Use {
    readonly reads: readonly GivenPlace[]
    readonly write: GivenPlace | undefined
}

const NOTHING: readonly never[] = []

/** Uses of doubtful places in a program. */
class Uses {
    private readonly known = new Map<Fn, readonly (Use | undefined)[]>()
    private readonly values: Values
    private readonly mentions: Mentions
    private readonly inDoubt: readonly boolean[]
    private readonly fields: ReturnType<typeof fieldUses>

    constructor(program: Program, values: Values, mentions: Mentions) {
        this.values = values
        this.mentions = mentions
        this.inDoubt = program.globals.map(
            ({ given }, n) => !given && !values.mayBeUnset(n)
        )
        this.fields = fieldUses(program, values)
    }

    /** By index of statement; undefined: nothing of this. */
    of(fn: Fn): readonly (Use | undefined)[] {
        let uses = this.known.get(fn)
        if (!uses) this.known.set(fn, (uses = this.lookAt(fn)))
        return uses
    }

    private lookAt(fn: Fn): readonly (Use | undefined)[] {
        const { fields, inDoubt } = this
        if (!this.values.reached.has(fn)) return NOTHING
        return fn.body.map(s => {
            let reads: readonly GivenPlace[] = fields.reads.get(s) ?? NOTHING
            const globals = this.mentions.of(s)?.globals.filter(n => inDoubt[n])
            if (globals && globals.length > 0) reads = [...reads, ...globals]
            let write = fields.writes.get(s)
            if (s.op === op.STORE_GLOBAL) write = inDoubt[s.n] ? s.n : undefined
            return reads.length > 0 || write !== undefined
                ? { reads, write }
                : undefined
        })
    }
}

/**
 * Places that are set before any code that reads them runs. Code that may run before:
 * earlier statements of `main` and of functions that it certainly calls, functions that
 * these may call, and all escaped ones; among those only functions that code already
 * run has named, since a function or method cannot be called before.
 */
export function givenPlaces(
    program: Program,
    values: Values,
    mentions: Mentions
): Set<GivenPlace> {
    const uses = new Uses(program, values, mentions)
    const [main] = program.fns
    const given = new Set<GivenPlace>()
    /** read by code that may have run already */
    const read = new Set<GivenPlace>()
    const running = new Running(main, values, mentions, fn => {
        for (const use of uses.of(fn))
            for (const place of use?.reads ?? NOTHING)
                if (!given.has(place)) read.add(place)
    })
    const walked = new Set<Fn>()
    const walk = (fn: Fn): void => {
        walked.add(fn)
        const sure = certain(fn.body)
        const all = uses.of(fn)
        fn.body.forEach((s, i) => {
            if (!values.visited.has(s)) return
            running.name(s)
            for (const place of all[i]?.reads ?? NOTHING)
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
            const place = all[i]?.write
            if (place !== undefined && sure[i] && !read.has(place))
                given.add(place)
        })
    }
    walk(main)
    return given
}
