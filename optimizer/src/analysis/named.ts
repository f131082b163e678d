/**
 * Code that may have run when a statement is reached. A function cannot be called
 * before code that has run names it; a method not before an object of its class exists,
 * and its name is read from an object.
 */
import { FIELD, STRING, walkStmt, type Fn, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"
import type { CallSite, Values } from "./values.ts"

/**
 * Reads and names of a statement, searched for once: the program does not change during
 * an analysis.
 */
export class Mentions {
    private readonly known = new Map<Stmt, Mentioned | undefined>()

    /** undefined: nothing */
    of(s: Stmt): Mentioned | undefined {
        let found = this.known.get(s)
        if (!found && !this.known.has(s))
            this.known.set(s, (found = mentionedBy(s)))
        return found
    }
}

interface Mentioned {
    readonly globals: readonly number[]
    readonly fns: readonly Fn[]
    /** names of fields; undefined: some that are computed */
    readonly fields: readonly (string | undefined)[]
}

function mentionedBy(s: Stmt): Mentioned | undefined {
    const globals: number[] = []
    const fns: Fn[] = []
    const fields: (string | undefined)[] = []
    walkStmt(s, e => {
        if (e.op === op.LOAD_GLOBAL) globals.push(e.n)
        if (e.op === FIELD) fields.push(e.text)
        if (e.op === op.INDEX) {
            const [, key] = e.args
            if (key.op === STRING) fields.push(key.text)
            else if (key.op !== op.LITERAL) fields.push(undefined)
        }
        if (e.fn) fns.push(e.fn)
    })
    return globals.length + fns.length + fields.length > 0
        ? { globals, fns, fields }
        : undefined
}

/** Registration of a class's parent: it gives access to neither. */
function derives(s: Stmt): boolean {
    const [callee] = s.args
    return (
        op.isCall(s.op) &&
        callee.op === op.OBJECT_FIELD &&
        callee.text === "setPrototypeOf"
    )
}

/** Whether a computed name may name a method, and is no number. */
function mayName(s: Stmt, values: Values): boolean {
    let found = false
    walkStmt(s, e => {
        if (e.op !== op.INDEX || found) return
        const keys = values.valuesOf(e.args[1])
        found = !keys || [...keys].some(key => !values.isNumber(key))
    })
    return found
}

interface Naming {
    /** functions that it names */
    readonly fns: readonly Fn[]
    /** methods of classes that it names */
    readonly methods: readonly Fn[]
    /** methods whose names it reads */
    readonly asked: readonly Fn[]
}

/** What each statement names, looked for when it is asked for. */
class Names {
    private readonly found = new Map<Stmt, Naming | undefined>()
    private readonly values: Values
    private readonly mentions: Mentions
    private readonly ofClass = new Map<Fn, Fn[]>()
    private readonly byName = new Map<string, Fn[]>()
    private readonly methods: readonly Fn[]
    /** registrations of methods at a class: they give no access to the method */
    private readonly registrations = new Set<Stmt>()

    constructor(values: Values, mentions: Mentions) {
        this.values = values
        this.mentions = mentions
        const put = <K>(map: Map<K, Fn[]>, key: K, fn: Fn): void => {
            const known = map.get(key)
            if (known) known.push(fn)
            else map.set(key, [fn])
        }
        for (const { of, name, fn, stmt } of values.methods) {
            this.registrations.add(stmt)
            put(this.ofClass, of, fn)
            put(this.byName, name, fn)
        }
        this.methods = values.methods.map(({ fn }) => fn)
    }

    of(s: Stmt): Naming | undefined {
        let naming = this.found.get(s)
        if (!naming && !this.found.has(s))
            this.found.set(s, (naming = this.lookAt(s)))
        return naming
    }

    private lookAt(s: Stmt): Naming | undefined {
        const { values } = this
        const mentioned = this.mentions.of(s)
        if (
            !mentioned ||
            !values.visited.has(s) ||
            this.registrations.has(s) ||
            derives(s)
        )
            return undefined
        const { fns, fields } = mentioned
        const methods: Fn[] = []
        for (const each of fns)
            for (const of of values.chain(each))
                methods.push(...(this.ofClass.get(of) ?? []))
        const asked: Fn[] = []
        for (const name of fields)
            if (name !== undefined) asked.push(...(this.byName.get(name) ?? []))
        if (fields.includes(undefined) && mayName(s, values))
            asked.push(...this.methods)
        return fns.length + methods.length + asked.length > 0
            ? { fns, methods, asked }
            : undefined
    }
}

/** Code that has run so far, on any path, and the names in it. */
export class Running {
    /** where a statement leads to */
    readonly sites = new Map<Stmt, CallSite[]>()
    private readonly callees = new Map<Fn, Set<Fn>>()
    private readonly names: Names
    private readonly ran = new Set<Fn>()
    private readonly named: Set<Fn>
    /** methods of classes that there may be objects of */
    private readonly there = new Set<Fn>()
    /** methods whose names have been read */
    private readonly asked = new Set<Fn>()
    /** functions that may run as soon as they are named */
    private readonly wanted: Set<Fn>
    private readonly onRun: (fn: Fn) => void

    /** @param onRun called for each function that may have run */
    constructor(
        main: Fn,
        values: Values,
        mentions: Mentions,
        onRun: (fn: Fn) => void
    ) {
        this.names = new Names(values, mentions)
        this.named = new Set([main])
        this.wanted = new Set(values.escapedFns)
        this.onRun = onRun
        for (const site of values.calls) {
            const known = this.callees.get(site.fn)
            if (known) for (const t of site.targets) known.add(t)
            else this.callees.set(site.fn, new Set(site.targets))
            const there = this.sites.get(site.stmt)
            if (there) there.push(site)
            else this.sites.set(site.stmt, [site])
        }
    }

    /** A function runs, with its possible callees, as soon as it is named. */
    run(fn: Fn): void {
        if (!this.named.has(fn)) this.wanted.add(fn)
        if (!this.named.has(fn) || this.ran.has(fn)) return
        this.ran.add(fn)
        this.onRun(fn)
        for (const s of fn.body) this.name(s)
        for (const callee of this.callees.get(fn) ?? []) this.run(callee)
    }

    /** A statement has run: the functions that it names are accessible. */
    name(s: Stmt): void {
        const naming = this.names.of(s)
        if (!naming) return
        for (const fn of naming.fns) this.give(fn)
        for (const fn of naming.methods) {
            this.there.add(fn)
            if (this.asked.has(fn)) this.give(fn)
        }
        for (const fn of naming.asked) {
            this.asked.add(fn)
            if (this.there.has(fn)) this.give(fn)
        }
    }

    private give(fn: Fn): void {
        if (this.named.has(fn)) return
        this.named.add(fn)
        if (this.wanted.has(fn)) this.run(fn)
    }
}
