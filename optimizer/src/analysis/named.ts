/**
 * What may have run when a statement is reached. Nobody can call a function before
 * something that has run names it; a method, before there is an object of its class, and
 * before something reads its name of an object.
 */
import { FIELD, STRING, walkStmt, type Fn, type Stmt } from "../ir.ts"
import * as op from "../ops.ts"
import type { CallSite, Values } from "./values.ts"

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
    /** names of fields; undefined: some that are computed */
    readonly fields: readonly (string | undefined)[]
}

function mentionedBy(s: Stmt): Mentioned {
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
    return { globals, fns, fields }
}

/** A class is told of its parent: nobody has either so. */
function derives(s: Stmt): boolean {
    const [callee] = s.args
    return (
        op.isCall(s.op) &&
        callee.op === op.OBJECT_FIELD &&
        callee.text === "setPrototypeOf"
    )
}

/** Whether a name that is computed may be that of a method, and not a number. */
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

/** What each statement names. */
export class Names {
    private readonly found = new Map<Stmt, Naming>()

    constructor(values: Values, mentions: Mentions) {
        const ofClass = new Map<Fn, Fn[]>()
        const byName = new Map<string, Fn[]>()
        const all: Fn[] = []
        const registrations = new Set<Stmt>()
        const put = <K>(map: Map<K, Fn[]>, key: K, fn: Fn): void => {
            const known = map.get(key)
            if (known) known.push(fn)
            else map.set(key, [fn])
        }
        for (const { of, name, fn, stmt } of values.methods) {
            registrations.add(stmt)
            put(ofClass, of, fn)
            put(byName, name, fn)
            all.push(fn)
        }
        for (const fn of values.reached)
            for (const s of fn.body) {
                // a class is told of a method: nobody has it so
                if (
                    !values.visited.has(s) ||
                    registrations.has(s) ||
                    derives(s)
                )
                    continue
                const { fns, fields } = mentions.of(s)
                if (fns.length === 0 && fields.length === 0) continue
                const methods: Fn[] = []
                for (const each of fns)
                    for (const of of values.chain(each))
                        methods.push(...(ofClass.get(of) ?? []))
                const asked: Fn[] = []
                for (const name of fields)
                    if (name !== undefined)
                        asked.push(...(byName.get(name) ?? []))
                if (fields.includes(undefined) && mayName(s, values))
                    asked.push(...all)
                if (fns.length > 0 || methods.length > 0 || asked.length > 0)
                    this.found.set(s, { fns, methods, asked })
            }
    }

    of(s: Stmt): Naming | undefined {
        return this.found.get(s)
    }
}

/** What has run so far, on any way, and what it has named. */
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

    /** A function runs, with what it may call: as soon as it is named. */
    run(fn: Fn): void {
        if (!this.named.has(fn)) this.wanted.add(fn)
        if (!this.named.has(fn) || this.ran.has(fn)) return
        this.ran.add(fn)
        this.onRun(fn)
        for (const s of fn.body) this.name(s)
        for (const callee of this.callees.get(fn) ?? []) this.run(callee)
    }

    /** A statement has run: somebody has what it names. */
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
