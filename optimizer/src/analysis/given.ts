/**
 * Places that are set before anything runs that reads them: global variables, and fields
 * of objects that exist once.
 */
import { walkStmt, type Fn, type Program, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"
import { onceIn } from "./once.ts"
import type { CallSite, Values } from "./values.ts"

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

/** What a statement reads and names, looked for once: a program that is analysed stays as it is. */
export class Mentions {
    private readonly known = new Map<Stmt, Mentioned>()

    of(s: Stmt): Mentioned {
        let found = this.known.get(s)
        if (!found) this.known.set(s, (found = mentionedBy(s)))
        return found
    }
}

interface Mentioned {
    readonly globals: readonly number[]
    readonly fns: readonly Fn[]
}

function mentionedBy(s: Stmt): Mentioned {
    const globals: number[] = []
    const fns: Fn[] = []
    walkStmt(s, e => {
        if (e.op === op.LOAD_GLOBAL) globals.push(e.n)
        if (e.fn) fns.push(e.fn)
    })
    return { globals, fns }
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

/** What a program does with places, and which functions a statement names. */
class Uses {
    readonly reads = new Map<Stmt, GivenPlace[]>()
    readonly writes = new Map<Stmt, GivenPlace>()
    /** places that a function reads */
    readonly readers = new Map<Fn, Set<GivenPlace>>()
    private readonly named = new Map<Stmt, readonly Fn[]>()

    constructor(program: Program, values: Values, mentions: Mentions) {
        const fields = fieldUses(program, values)
        const methods = new Map<Fn, Fn[]>()
        const registrations = new Set<Stmt>()
        for (const { of, fn, stmt } of values.methods) {
            registrations.add(stmt)
            const known = methods.get(of)
            if (known) known.push(fn)
            else methods.set(of, [fn])
        }
        for (const fn of values.reached) {
            const all = new Set<GivenPlace>()
            for (const s of fn.body) {
                const { globals, fns } = mentions.of(s)
                const reads: GivenPlace[] = [
                    ...(fields.reads.get(s) ?? []),
                    ...globals,
                ]
                const names: Fn[] = []
                for (const each of fns) {
                    names.push(each)
                    // its objects have them
                    for (const of of values.chain(each))
                        names.push(...(methods.get(of) ?? []))
                }
                if (reads.length > 0) this.reads.set(s, reads)
                for (const place of reads) all.add(place)
                const write =
                    s.op === op.STORE_GLOBAL ? s.n : fields.writes.get(s)
                if (write !== undefined) this.writes.set(s, write)
                // a class is told of a method, or of its parent: nobody has either so
                if (
                    values.visited.has(s) &&
                    !registrations.has(s) &&
                    !derives(s) &&
                    names.length > 0
                )
                    this.named.set(s, names)
            }
            this.readers.set(fn, all)
        }
    }

    /** Functions that somebody has once a statement has run. */
    names(s: Stmt): readonly Fn[] {
        return this.named.get(s) ?? []
    }
}

function derives(s: Stmt): boolean {
    const [callee] = s.args
    return (
        op.isCall(s.op) &&
        callee.op === op.OBJECT_FIELD &&
        callee.text === "setPrototypeOf"
    )
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
    const callees = new Map<Fn, Set<Fn>>()
    const sites = new Map<Stmt, CallSite[]>()
    for (const site of values.calls) {
        const known = callees.get(site.fn)
        if (known) for (const t of site.targets) known.add(t)
        else callees.set(site.fn, new Set(site.targets))
        const there = sites.get(site.stmt)
        if (there) there.push(site)
        else sites.set(site.stmt, [site])
    }
    /** read by what may have run already */
    const read = new Set<GivenPlace>()
    const ran = new Set<Fn>()
    const named = new Set<Fn>([main])
    /** functions that may run as soon as they are named */
    const wanted = new Set<Fn>(values.escapedFns)
    const run = (fn: Fn): void => {
        if (!named.has(fn)) wanted.add(fn)
        if (!named.has(fn) || ran.has(fn)) return
        ran.add(fn)
        for (const place of uses.readers.get(fn) ?? [])
            if (!given.has(place)) read.add(place)
        for (const s of fn.body) names(s)
        for (const callee of callees.get(fn) ?? []) run(callee)
    }
    const names = (s: Stmt): void => {
        for (const fn of uses.names(s)) {
            if (named.has(fn)) continue
            named.add(fn)
            if (wanted.has(fn)) run(fn)
        }
    }
    const walked = new Set<Fn>()
    const walk = (fn: Fn): void => {
        walked.add(fn)
        const sure = certain(fn.body)
        fn.body.forEach((s, i) => {
            if (!values.visited.has(s)) return
            names(s)
            for (const place of uses.reads.get(s) ?? [])
                if (!given.has(place)) read.add(place)
            for (const { targets, unknown, starts } of sites.get(s) ?? []) {
                const [target] = targets
                if (
                    sure[i] &&
                    targets.size === 1 &&
                    !unknown &&
                    !starts &&
                    !walked.has(target)
                )
                    walk(target)
                else for (const each of targets) run(each)
            }
            const place = uses.writes.get(s)
            if (place !== undefined && sure[i] && !read.has(place))
                given.add(place)
        })
    }
    walk(main)
    return given
}
