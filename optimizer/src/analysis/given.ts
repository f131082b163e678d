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

/** What each function reads and names, looked for once: a program that is analysed stays as it is. */
export class Mentions {
    private readonly known = new Map<Fn, readonly (Mentioned | undefined)[]>()

    /** By index of statement; undefined: nothing. */
    of(fn: Fn): readonly (Mentioned | undefined)[] {
        let found = this.known.get(fn)
        if (!found) this.known.set(fn, (found = fn.body.map(mentionedBy)))
        return found
    }
}

interface Mentioned {
    readonly globals: readonly number[]
    readonly fns: readonly Fn[]
}

function mentionedBy(s: Stmt): Mentioned | undefined {
    const globals: number[] = []
    const fns: Fn[] = []
    walkStmt(s, e => {
        if (e.op === op.LOAD_GLOBAL) globals.push(e.n)
        if (e.fn) fns.push(e.fn)
    })
    return globals.length + fns.length > 0 ? { globals, fns } : undefined
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

/** What one statement does. */
interface Use {
    /** places that it reads */
    reads: readonly GivenPlace[]
    /** the place that it writes */
    write: GivenPlace | undefined
    /** functions that somebody has once it has run */
    names: readonly Fn[]
}

const NOTHING: readonly never[] = []

/** What a program does with places that are in doubt, and which functions a statement names. */
class Uses {
    private readonly known = new Map<Fn, readonly (Use | undefined)[]>()
    private readonly values: Values
    private readonly mentions: Mentions
    private readonly inDoubt: readonly boolean[]
    private readonly fields: ReturnType<typeof fieldUses>
    /** of classes */
    private readonly methods = new Map<Fn, Fn[]>()
    private readonly registrations = new Set<Stmt>()
    private readonly named = new Map<Fn, readonly Fn[]>()

    constructor(program: Program, values: Values, mentions: Mentions) {
        this.values = values
        this.mentions = mentions
        this.inDoubt = program.globals.map(
            ({ given }, n) => !given && !values.mayBeUnset(n)
        )
        this.fields = fieldUses(program, values)
        for (const { of, fn, stmt } of values.methods) {
            this.registrations.add(stmt)
            const known = this.methods.get(of)
            if (known) known.push(fn)
            else this.methods.set(of, [fn])
        }
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
        const mentions = this.mentions.of(fn)
        return fn.body.map((s, i) => {
            const mentioned = mentions[i]
            let reads: readonly GivenPlace[] = fields.reads.get(s) ?? NOTHING
            const globals = mentioned?.globals.filter(n => inDoubt[n])
            if (globals && globals.length > 0) reads = [...reads, ...globals]
            let write = fields.writes.get(s)
            if (s.op === op.STORE_GLOBAL) write = inDoubt[s.n] ? s.n : undefined
            const names = mentioned ? this.namedBy(s, mentioned) : NOTHING
            return reads.length > 0 || write !== undefined || names.length > 0
                ? { reads, write, names }
                : undefined
        })
    }

    private namedBy(s: Stmt, { fns }: Mentioned): readonly Fn[] {
        // a class is told of a method, or of its parent: nobody has either so
        if (
            fns.length === 0 ||
            !this.values.visited.has(s) ||
            this.registrations.has(s) ||
            derives(s)
        )
            return NOTHING
        return fns.length === 1
            ? this.withMethods(fns[0])
            : fns.flatMap(fn => this.withMethods(fn))
    }

    /** A function, and the methods that its objects have. */
    private withMethods(fn: Fn): readonly Fn[] {
        const known = this.named.get(fn)
        if (known) return known
        const all = [fn]
        for (const of of this.values.chain(fn))
            all.push(...(this.methods.get(of) ?? NOTHING))
        this.named.set(fn, all)
        return all
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
        const all = uses.of(fn)
        for (const use of all)
            if (use)
                for (const place of use.reads)
                    if (!given.has(place)) read.add(place)
        for (const use of all) if (use) name(use)
        for (const callee of callees.get(fn) ?? []) run(callee)
    }
    const name = ({ names }: Use): void => {
        for (const fn of names) {
            if (named.has(fn)) continue
            named.add(fn)
            if (wanted.has(fn)) run(fn)
        }
    }
    const walked = new Set<Fn>()
    const walk = (fn: Fn): void => {
        walked.add(fn)
        const sure = certain(fn.body)
        const all = uses.of(fn)
        fn.body.forEach((s, i) => {
            if (!values.visited.has(s)) return
            const use = all[i]
            if (use) name(use)
            for (const place of use?.reads ?? NOTHING)
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
            const place = use?.write
            if (place !== undefined && sure[i] && !read.has(place))
                given.add(place)
        })
    }
    walk(main)
    return given
}
