/**
 * Runs passes over a program, again and again, without asking twice: a function in
 * which a pass has found nothing to do is passed over until something changes it.
 */
import { OF_CLOSURES, pinnedSlots, type Slots } from "./analysis/flow.ts"
import type { Expr, Fn, Program, Stmt } from "./ir.ts"
import * as op from "./ops.ts"
import type { Pass } from "./passes/pass.ts"

/** Numbers for objects that have none, stable for each. */
class Numbers {
    private readonly known = new Map<unknown, number>()

    of(it: unknown): number {
        let n = this.known.get(it)
        if (n === undefined) this.known.set(it, (n = this.known.size))
        return n
    }
}

/** Functions in which a pass has found nothing to do. */
interface Done {
    print: number
    pinned: Slots
}

export class Runner {
    readonly program: Program
    /** how often something has changed */
    changes = 0
    private readonly numbers = new Numbers()
    /** functions that have to do with closures */
    private readonly closures = new Set<Fn>()
    /* of `printOf()` */
    private a = 0
    private b = 0
    /** what functions look like */
    private readonly prints = new Map<Fn, number>()
    private readonly done = new Map<Pass, Map<Fn, Done>>()
    /** by pass: `changes` when it found nothing to do in the whole program */
    private readonly settled = new Map<Pass, number>()
    private pinned: { changes: number; slots: Map<Fn, Slots> } | undefined

    constructor(program: Program) {
        this.program = program
        for (const fn of program.fns) this.look(fn)
    }

    run(pass: Pass): void {
        if (pass.inFunction) this.runInFunctions(pass, pass.inFunction)
        else this.runOnProgram(pass)
    }

    private runOnProgram(pass: Pass): void {
        const { program } = this
        if (this.settled.get(pass) === this.changes) return
        const before = this.changes
        const { fns } = program
        const count = fns.length
        const same = pass.run(program, this.pinnedSlots()) === false
        if (program.fns !== fns || fns.length !== count) this.changes++
        if (!same) for (const fn of program.fns) this.look(fn)
        if (this.changes === before) this.settled.set(pass, before)
    }

    private runInFunctions(
        pass: Pass,
        inFunction: NonNullable<Pass["inFunction"]>
    ): void {
        const { program } = this
        const slots = this.pinnedSlots()
        let done = this.done.get(pass)
        if (!done) this.done.set(pass, (done = new Map()))
        for (const fn of program.fns) {
            const pinned = slots.get(fn) as Slots
            const print = this.prints.get(fn) as number
            const last = done.get(fn)
            if (last?.print === print && last.pinned === pinned) continue
            const same = inFunction(fn, pinned, program) === false
            if (same || !this.look(fn)) done.set(fn, { print, pinned })
        }
    }

    private pinnedSlots(): Map<Fn, Slots> {
        const { changes, program } = this
        if (this.pinned?.changes !== changes) {
            const among = program.fns.filter(fn => this.closures.has(fn))
            this.pinned = { changes, slots: pinnedSlots(program, among) }
        }
        return this.pinned.slots
    }

    /** Whether a function has changed since it was looked at. */
    private look(fn: Fn): boolean {
        const print = this.printOf(fn)
        if (this.prints.get(fn) === print) return false
        this.prints.set(fn, print)
        this.changes++
        return true
    }

    /**
     * A number that changes with a function. Global variables count by identity, since
     * their numbers change in each round. If two functions ever had the same number,
     * the only effect would be that a pass is not run where it could improve.
     */
    private printOf(fn: Fn): number {
        this.a = 0
        this.b = 0
        let closures = false
        /** where jumps lead, in the order of the jumps */
        const targets = new Map<Stmt, number>()
        for (const { to } of fn.body)
            if (to && !targets.has(to)) targets.set(to, targets.size)
        this.add(fn.params, fn.slots, fn.flags)
        this.add(fn.tries, 0, 0)
        for (const s of fn.body) {
            for (const arg of s.args) closures = this.addExpr(arg) || closures
            closures = OF_CLOSURES.has(s.op) || closures
            const n = s.op === op.STORE_GLOBAL ? this.global(s.n) : s.n
            this.add(s.op, n, s.place ? s.place.pos : -1)
            if (targets.size === 0) continue
            const to = s.to ? (targets.get(s.to) as number) : -1
            this.add(to, targets.get(s) ?? -1, 0)
        }
        if (closures) this.closures.add(fn)
        else this.closures.delete(fn)
        // 53 bits of both
        return (this.a >>> 0) * 0x200000 + (this.b & 0x1fffff)
    }

    /** Three at once: there are many. */
    private add(x: number, y: number, z: number): void {
        let { a } = this
        a = Math.imul(a ^ x, 0x01000193) ^ (a >>> 15)
        a = Math.imul(a ^ y, 0x01000193) ^ (a >>> 15)
        this.a = Math.imul(a ^ z, 0x01000193) ^ (a >>> 15)
        let b = (Math.imul(this.b, 31) + x) | 0
        b = (Math.imul(b, 31) + y) | 0
        this.b = (Math.imul(b, 31) + z) | 0
    }

    /** @returns whether it has to do with closures */
    private addExpr(e: Expr): boolean {
        let closures = OF_CLOSURES.has(e.op)
        for (const arg of e.args) closures = this.addExpr(arg) || closures
        const n = e.op === op.LOAD_GLOBAL ? this.global(e.n) : e.n
        this.add(e.op, n, e.place ? e.place.pos : -1)
        const named = e.text ?? e.fn
        if (named !== undefined) this.add(this.numbers.of(named), 0, 0)
        return closures
    }

    private global(n: number): number {
        return this.numbers.of(this.program.globals[n])
    }
}
