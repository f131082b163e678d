/**
 * A program between image and image: functions of statements, and each statement
 * with the tree of expressions that it takes. Jumps point to statements, functions
 * and strings are referred to by what they are and not by numbers, so that a pass
 * may move, add and remove what it likes.
 */
import * as op from "./ops.ts"

/** Where something stands in the concatenation of all sources. */
export interface Place {
    readonly pos: number
    readonly length: number
}

/** Something that gives a value. */
export interface Expr {
    op: number
    /** the number that follows some opcodes; of a reference to a function: 0 */
    n: number
    args: Expr[]
    /** of LITERAL_F64: bits; of a field or a string constant: its text */
    text?: string
    /** of STATIC_FUNCTION and MAKE_CLOSURE */
    fn?: Fn
    place?: Place
}

/** Something that is done. */
export interface Stmt {
    op: number
    n: number
    args: Expr[]
    /** of a jump: where to */
    to?: Stmt
    place?: Place
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

/** What the compiler tells of a function: part of the debug information. */
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
    return { op: o, n: 0, args }
}

export const literal = (n: number): Expr => ({ op: op.LITERAL, n, args: [] })
export const local = (n: number): Expr => ({ op: op.LOAD_LOCAL, n, args: [] })
export const undefinedValue = (): Expr => expr(op.UNDEFINED)

export function stmt(o: number, ...args: Expr[]): Stmt {
    return { op: o, n: 0, args }
}

export function clone(e: Expr): Expr {
    return { ...e, args: e.args.map(clone) }
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
    test(e) || e.args.some(arg => some(arg, test))

export const someIn = (s: Stmt, test: (e: Expr) => boolean): boolean =>
    s.args.some(arg => some(arg, test))

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

/** Takes statements out; who jumps to one jumps to what stands behind it. */
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
