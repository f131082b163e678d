/**
 * Objects made at first use, and kept: `if (!g) g = new Talk()`. Such an object is made
 * once, if nothing else sets the variable and nothing intervenes: the whole constructor
 * neither throws nor waits nor calls anything that may lead back here.
 */
import {
    FIELD,
    walkStmt,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { nodeThrows } from "./effects.ts"
import { tables } from "../toolchain.ts"
import type { CallSite, Values } from "./values.ts"

const BUFFER = tables().objects.indexOf("Buffer")

/** Statements without effects beyond their operands'. */
const PLAIN = new Set([
    op.STORE_LOCAL,
    op.STORE_GLOBAL,
    op.STORE_RET_VAL,
    op.JMP,
    op.JMP_Z,
    op.RETURN,
    op.ALLOC_MAP,
    op.ALLOC_ARRAY,
])

const isLiteral = ({ op: o }: Expr): boolean => o === op.LITERAL

class Quiet {
    private readonly values: Values
    private readonly sites: ReadonlyMap<Stmt, CallSite[]>
    private readonly known = new Map<Fn, boolean>()

    constructor(values: Values, sites: ReadonlyMap<Stmt, CallSite[]>) {
        this.values = values
        this.sites = sites
    }

    /** Whether nothing in a function throws, waits, or calls unknown code. */
    of(fn: Fn): boolean {
        let answer = this.known.get(fn)
        if (answer === undefined) {
            // a recursive function is not analysed
            this.known.set(fn, false)
            answer = fn.body.every(s => this.ofStmt(s))
            this.known.set(fn, answer)
        }
        return answer
    }

    ofStmt(s: Stmt): boolean {
        if (!this.values.visited.has(s)) return true
        const [first] = s.args
        const calls = op.isCall(s.op)
        let quiet = true
        walkStmt(s, e => {
            if (calls && e === first && e.op === FIELD) return
            if (e.op === FIELD ? !this.isObject(e.args[0]) : nodeThrows(e))
                quiet = false
        })
        if (!quiet) return false
        if (s.op === op.INDEX_SET)
            return s.args[1].op === op.ASCII_STRING && this.isObject(first)
        return calls ? this.ofCall(s) : PLAIN.has(s.op)
    }

    /** Objects of the program: to read or write a field of them does not throw. */
    private isObject(e: Expr): boolean {
        const all = [...(this.values.valuesOf(e) ?? [])]
        return (
            all.length > 0 &&
            all.every(value => {
                const object = this.values.objectOf(value)
                return object !== undefined && object.of !== "array"
            })
        )
    }

    private isArray(e: Expr): boolean {
        const all = [...(this.values.valuesOf(e) ?? [])]
        return (
            all.length > 0 &&
            all.every(value => this.values.objectOf(value)?.of === "array")
        )
    }

    private ofCall(s: Stmt): boolean {
        const sites = this.sites.get(s) ?? []
        const [callee, ...args] = s.args
        if (callee.op !== FIELD)
            return (
                sites.length > 0 &&
                sites.every(
                    ({ targets, unknown, starts }) =>
                        !unknown &&
                        !starts &&
                        targets.size > 0 &&
                        [...targets].every(fn => this.of(fn))
                )
            )
        const [of] = callee.args
        if (callee.text === "alloc")
            return (
                of.op === op.BUILTIN_OBJECT &&
                of.n === BUFFER &&
                this.values.isOriginal("Buffer", "alloc") &&
                args.every(isLiteral)
            )
        return (
            callee.text === "push" &&
            this.isArray(of) &&
            this.values.isOriginal("Array_prototype", "push")
        )
    }
}

/** Where each statement calls. */
function sitesOf(values: Values): Map<Stmt, CallSite[]> {
    const sites = new Map<Stmt, CallSite[]>()
    for (const site of values.calls) {
        const known = sites.get(site.stmt)
        if (known) known.push(site)
        else sites.set(site.stmt, [site])
    }
    return sites
}

/** Statements that make something when it is needed for the first time. */
export function lazySites(program: Program, values: Values): Set<Stmt> {
    const found = new Set<Stmt>()
    /** how often variables are set */
    const stores = new Map<number, number>()
    for (const { body } of program.fns)
        for (const s of body)
            if (s.op === op.STORE_GLOBAL && values.visited.has(s))
                stores.set(s.n, (stores.get(s.n) ?? 0) + 1)
    // few functions have one
    let quiet: Quiet | undefined
    for (const { body } of values.reached)
        for (let i = 2; i < body.length; i++) {
            const store = body[i]
            if (store.op !== op.STORE_GLOBAL) continue
            if (store.args[0].op !== op.RET_VAL) continue
            if (stores.get(store.n) !== 1) continue
            const test = body[i - 2]
            const site = body[i - 1]
            if (!isTest(test, store.n) || !makes(site)) continue
            if (body.some(({ to }) => to === site || to === store)) continue
            quiet ??= new Quiet(values, sitesOf(values))
            if (quiet.ofStmt(site)) found.add(site)
        }
    return found
}

/** Whether the statements after it run only while a variable is unset. */
const isTest = ({ op: o, args: [e] }: Stmt, n: number): boolean =>
    o === op.JMP_Z &&
    e.op === op.NOT &&
    e.args[0].op === op.LOAD_GLOBAL &&
    e.args[0].n === n

const makes = (s: Stmt): boolean =>
    s.op === op.ALLOC_MAP || (op.isCall(s.op) && s.args[0].op === op.NEW)
