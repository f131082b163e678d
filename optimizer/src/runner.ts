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

export class Runner {
    readonly program: Program
    private readonly numbers = new Numbers()
    /** what functions look like, as long as nobody has changed them */
    private readonly prints = new Map<Fn, number>()
    /** by pass: what functions looked like when it found nothing to do there */
    private readonly done = new Map<Pass, Map<Fn, string>>()
    /** by pass: what the program looked like when it found nothing to do */
    private readonly settled = new Map<Pass, string>()
    private pinned: { print: string; slots: Map<Fn, Slots> } | undefined

    constructor(program: Program) {
        this.program = program
    }

    run(pass: Pass): void {
        const { program } = this
        if (!pass.inFunction) {
            if (this.settled.get(pass) === this.print()) return
            const before = this.print()
            pass.run(program)
            this.prints.clear()
            if (this.print() === before) this.settled.set(pass, before)
            return
        }
        const { slots } = this.pinnedSlots()
        let done = this.done.get(pass)
        if (!done) this.done.set(pass, (done = new Map()))
        for (const fn of program.fns) {
            const pinned = slots.get(fn) as Slots
            const key = (): string => `${this.printOf(fn)} ${pinned}`
            const before = key()
            if (done.get(fn) === before) continue
            pass.inFunction(fn, pinned, program)
            this.prints.delete(fn)
            if (key() === before) done.set(fn, before)
        }
    }

    private pinnedSlots(): { slots: Map<Fn, Slots> } {
        const print = this.print()
        if (this.pinned?.print !== print)
            this.pinned = { print, slots: pinnedSlots(this.program) }
        return this.pinned
    }

    /** What the program looks like: another one if something has changed. */
    print(): string {
        const { program } = this
        return program.fns
            .map(fn => `${this.numbers.of(fn)}:${this.printOf(fn)}`)
            .join()
    }

    /**
     * A number that changes with a function. Global variables count by what they are:
     * they are given other numbers in each round. Were it ever the same for two, a
     * pass would not be run where it has something to do, and nothing else.
     */
    private printOf(fn: Fn): number {
        const known = this.prints.get(fn)
        if (known !== undefined) return known
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
        const print = (a >>> 0) * 0x200000 + (b & 0x1fffff)
        this.prints.set(fn, print)
        return print
    }
}
