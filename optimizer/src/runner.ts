/**
 * Runs passes over a program, again and again, without asking twice: a function in
 * which a pass has found nothing to do is passed over until something changes it.
 */
import { pinnedSlots, type Slots } from "./analysis/flow.ts"
import { walk, type Expr, type Fn, type Program } from "./ir.ts"
import * as op from "./ops.ts"
import type { Pass } from "./passes/pass.ts"

/** Numbers for what has none, the same one each time. */
class Numbers {
    private readonly known = new Map<unknown, number>()

    of(it: unknown): number {
        let n = this.known.get(it)
        if (n === undefined) this.known.set(it, (n = this.known.size))
        return n
    }
}

/** What a pass has found nothing to do in. */
interface Done {
    print: number
    pinned: Slots
}

export class Runner {
    readonly program: Program
    /** how often something has changed */
    changes = 0
    private readonly numbers = new Numbers()
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
        pass.run(program)
        if (program.fns !== fns || fns.length !== count) this.changes++
        for (const fn of program.fns) this.look(fn)
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
            inFunction(fn, pinned, program)
            if (!this.look(fn)) done.set(fn, { print, pinned })
        }
    }

    private pinnedSlots(): Map<Fn, Slots> {
        const { changes } = this
        if (this.pinned?.changes !== changes)
            this.pinned = { changes, slots: pinnedSlots(this.program) }
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
     * A number that changes with a function. Global variables count by what they are:
     * they are given other numbers in each round. Were it ever the same for two, a
     * pass would not be run where it has something to do, and nothing else.
     */
    private printOf(fn: Fn): number {
        let a = 0
        let b = 0
        const add = (n: number): void => {
            a = Math.imul(a ^ n, 0x01000193) ^ (a >>> 15)
            b = (Math.imul(b, 31) + n) | 0
        }
        const { numbers } = this
        const { globals } = this.program
        const position = new Map(fn.body.map((s, i) => [s, i]))
        const look = (e: Expr): void => {
            add(e.op)
            add(e.op === op.LOAD_GLOBAL ? numbers.of(globals[e.n]) : e.n)
            add(e.place?.pos ?? -1)
            if (e.text !== undefined) add(numbers.of(e.text))
            if (e.fn) add(numbers.of(e.fn))
        }
        for (const n of [fn.params, fn.slots, fn.flags, fn.tries]) add(n)
        for (const s of fn.body) {
            for (const arg of s.args) walk(arg, look)
            add(s.op)
            add(s.op === op.STORE_GLOBAL ? numbers.of(globals[s.n]) : s.n)
            add(s.place?.pos ?? -1)
            if (s.to) add(position.get(s.to) ?? -1)
        }
        // 53 bits of both
        return (a >>> 0) * 0x200000 + (b & 0x1fffff)
    }
}
