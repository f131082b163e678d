/**
 * A program between image and image: functions of statements, and each statement with
 * the tree of expressions that it takes. Jumps point to statements, and functions and
 * strings are referred to by reference, not by number, so that a pass may move, add and
 * remove them freely.
 */
import * as op from "./ops.ts"

/** Where something stands in the concatenation of all sources. */
export interface Place {
    readonly pos: number
    readonly length: number
}

/*
 * Expressions and statements are made by their constructors only, and have all fields,
 * always in the same order: V8 compiles what looks at them once, and not again for
 * each other kind of object that comes along.
 */

/** Something that gives a value. */
export class Expr {
    op: number
    /** the number that follows some opcodes; of a reference to a function: 0 */
    n: number
    args: Expr[]
    /** of LITERAL_F64: bits; of a field or a string constant: its text */
    text: string | undefined
    /** of STATIC_FUNCTION and MAKE_CLOSURE */
    fn: Fn | undefined
    place: Place | undefined
    declare private readonly made: true

    constructor(o: number, args: Expr[], n = 0) {
        this.op = o
        this.n = n
        this.args = args
        this.text = undefined
        this.fn = undefined
        this.place = undefined
    }

    /** Another one that differs in some fields. */
    with(changes: Partial<Expr>): Expr {
        const other = new Expr(this.op, this.args, this.n)
        other.text = this.text
        other.fn = this.fn
        other.place = this.place
        return Object.assign(other, changes)
    }
}

/** Something that is done. */
export class Stmt {
    op: number
    n: number
    args: Expr[]
    /** of a jump: where to */
    to: Stmt | undefined
    place: Place | undefined
    /** see `number()` */
    index: number
    declare private readonly made: true

    constructor(o: number, args: Expr[], n = 0) {
        this.op = o
        this.n = n
        this.args = args
        this.to = undefined
        this.place = undefined
        this.index = -1
    }

    /** Another one that differs in some fields. */
    with(changes: Partial<Stmt>): Stmt {
        const other = new Stmt(this.op, this.args, this.n)
        other.to = this.to
        other.place = this.place
        return Object.assign(other, changes)
    }
}

export interface Fn {
    name: string
    /** slots at the beginning of the frame that the caller fills, `this` included */
    params: number
    slots: number
    /** NEEDS_THIS, IS_CTOR, HAS_REST_ARG */
    flags: number
    /** how many TRY may be open at the same time */
    tries: number
    body: Stmt[]
    debug?: FnDebug
}

/** Name of a variable, for debuggers. */
export interface SlotDebug {
    name: string
    type: string
}

export interface Global extends SlotDebug {
    /** nothing reads it before it is set: as a field, that was known of its object */
    given?: boolean
}

/** Debug information of a function. */
export interface FnDebug {
    name: string
    location?: [number, number]
    startpc: number
    size: number
    slots: SlotDebug[]
    [more: string]: unknown
}

export interface Program {
    /** the first one is what runs first */
    fns: Fn[]
    globals: Global[]
    buffers: Buffer[]
    /** the first 32 bytes of the image: magic, version */
    header: Buffer
    /** descriptions of Jacdac services, in which names are numbers of strings */
    specs: Buffer
    specCount: number
    /** names in `specs`, by where their numbers stand */
    specNames: { at: number; text: string }[]
    /** configuration of the board */
    dcfg: Buffer
}

/** Canonical opcodes: a name is a text in this form, wherever the image has it. */
export const FIELD = op.ASCII_FIELD
export const STRING = op.ASCII_STRING

export function expr(o: number, ...args: Expr[]): Expr {
    return new Expr(o, args)
}

export const literal = (n: number): Expr => new Expr(op.LITERAL, [], n)
export const local = (n: number): Expr => new Expr(op.LOAD_LOCAL, [], n)
export const undefinedValue = (): Expr => expr(op.UNDEFINED)

export function stmt(o: number, ...args: Expr[]): Stmt {
    return new Stmt(o, args)
}

export function clone(e: Expr): Expr {
    const other = new Expr(e.op, e.args.map(clone), e.n)
    other.text = e.text
    other.fn = e.fn
    other.place = e.place
    return other
}

/** Has each statement know where it stands in a body: until that changes. */
export function number(body: readonly Stmt[]): void {
    for (let i = 0; i < body.length; i++) body[i].index = i
}

/** Calls `visit` with an expression and all that it is made of, in the order of the code. */
export function walk(e: Expr, visit: (e: Expr) => void): void {
    for (const arg of e.args) walk(arg, visit)
    visit(e)
}

export function walkStmt(s: Stmt, visit: (e: Expr) => void): void {
    for (const arg of s.args) walk(arg, visit)
}

/** All expressions of a program. */
export function walkProgram(
    program: Program,
    visit: (e: Expr, s: Stmt, fn: Fn) => void
): void {
    for (const fn of program.fns)
        for (const s of fn.body) walkStmt(s, e => visit(e, s, fn))
}

/** Replaces expressions from the leaves up. */
export function rewrite(e: Expr, change: (e: Expr) => Expr): Expr {
    for (let i = 0; i < e.args.length; i++)
        e.args[i] = rewrite(e.args[i], change)
    return change(e)
}

export function rewriteStmt(s: Stmt, change: (e: Expr) => Expr): void {
    for (let i = 0; i < s.args.length; i++)
        s.args[i] = rewrite(s.args[i], change)
}

export const some = (e: Expr, test: (e: Expr) => boolean): boolean =>
    test(e) || someIn(e, test)

export function someIn(
    { args }: Stmt | Expr,
    test: (e: Expr) => boolean
): boolean {
    for (const arg of args) if (some(arg, test)) return true
    return false
}

/** Whether two expressions are the same code. */
export function equal(a: Expr, b: Expr): boolean {
    return (
        a.op === b.op &&
        a.n === b.n &&
        a.text === b.text &&
        a.fn === b.fn &&
        a.args.length === b.args.length &&
        a.args.every((arg, i) => equal(arg, b.args[i]))
    )
}

/** Values that the stack holds at most while an expression is computed. */
export function depth(e: Expr): number {
    return e.args.reduce((most, arg, i) => Math.max(most, i + depth(arg)), 1)
}

export function stmtDepth(s: Stmt): number {
    return s.args.reduce((most, arg, i) => Math.max(most, i + depth(arg)), 0)
}

/** Statements that others jump to, and how many do. */
export function references(body: Stmt[]): Map<Stmt, number> {
    const found = new Map<Stmt, number>()
    for (const { to } of body) if (to) found.set(to, (found.get(to) ?? 0) + 1)
    return found
}

/** Removes statements; a jump to one then leads to the statement after it. */
export function remove(
    body: Stmt[],
    gone: (s: Stmt, i: number) => boolean
): boolean {
    const heir = new Map<Stmt, Stmt>()
    let next: Stmt | undefined
    for (let i = body.length - 1; i >= 0; i--) {
        const s = body[i]
        if (!gone(s, i)) next = s
        else {
            if (!next) throw new Error("the last statement cannot be removed")
            heir.set(s, next)
        }
    }
    if (heir.size === 0) return false
    for (const s of body) if (s.to) s.to = heir.get(s.to) ?? s.to
    const kept = body.filter(s => !heir.has(s))
    body.length = 0
    for (const s of kept) body.push(s)
    return true
}
