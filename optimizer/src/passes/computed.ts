/**
 * Buffers that a function computes from constants are computed here, and put into
 * flash: no array in the heap, no code to fill it, no buffer in the heap. The function
 * is evaluated step by step, as in the VM; if that needs an unknown value, or one that
 * may differ there, the call stays. It also stays if the buffer is written, escapes, or
 * is compared with another.
 */
import {
    flowOf,
    has,
    livenessOf,
    pinnedSlots,
    type Slots,
} from "../analysis/flow.ts"
import { valuesOf, type Values } from "../analysis/values.ts"
import { resultsOf, type Results } from "../analysis/results.ts"
import {
    clone,
    expr,
    FIELD,
    references,
    remove,
    rewriteStmt,
    STRING,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { tables } from "../toolchain.ts"

const { NumFmt, objects } = tables()
const BUFFER = objects.indexOf("Buffer")
/** Bytes of numbers in buffers that can be read. */
const WIDTHS = new Map([
    [NumFmt.U8, 1],
    [NumFmt.U16, 2],
    [NumFmt.U32, 4],
])

/** Statements that are followed, calls within calls, and bytes of all buffers, at most. */
const STEPS = 200_000
const DEPTH = 8
const BYTES = 16_384

class Bytes {
    readonly data: Buffer
    readonly inFlash: boolean
    constructor(data: Buffer, inFlash: boolean) {
        this.data = data
        this.inFlash = inFlash
    }
}

class List {
    readonly items: Known[]
    constructor(items: Known[]) {
        this.items = items
    }
}

/** Result of a call. */
interface Result {
    value: Known
}

type Known = number | string | boolean | undefined | null | Bytes | List

/** A value that is unknown, or may differ in the VM. */
class Unknown extends Error {}

const unless = (condition: boolean): void => {
    if (!condition) throw new Unknown()
}

function integer(value: Known): number {
    // no minus zero either
    if (typeof value !== "number" || !Object.is(value, value | 0))
        throw new Unknown()
    return value
}

/** An index below `limit`. */
function below(value: Known, limit: number): number {
    const n = integer(value)
    unless(n >= 0 && n < limit)
    return n
}

/** A string whose characters are bytes. */
const isAscii = (text: string): boolean => /^[\x01-\x7f]*$/.test(text)

const INTEGERS = new Map<number, (a: number, b: number) => number>([
    [op.ADD, (a, b) => a + b],
    [op.SUB, (a, b) => a - b],
    [op.MUL, (a, b) => a * b],
    [op.DIV, (a, b) => a / b],
    [op.BIT_AND, (a, b) => a & b],
    [op.BIT_OR, (a, b) => a | b],
    [op.BIT_XOR, (a, b) => a ^ b],
    [op.SHIFT_LEFT, (a, b) => a << b],
    [op.SHIFT_RIGHT, (a, b) => a >> b],
])
const COMPARISONS = new Map<number, (a: number, b: number) => boolean>([
    [op.LT, (a, b) => a < b],
    [op.LE, (a, b) => a <= b],
])

class Follower {
    private steps = 0
    private bytes = 0
    private readonly program: Program
    private readonly originals: (object: string, name: string) => boolean

    constructor(program: Program, values: Values) {
        this.program = program
        this.originals = (object, name) => values.isOriginal(object, name)
    }

    /** Result of a call without other observable effects. */
    call(fn: Fn, args: readonly Known[], depth = 0): Known {
        unless(fn.flags === 0 && fn.tries === 0 && depth <= DEPTH)
        const { body } = fn
        const index = new Map(body.map((s, i) => [s, i]))
        const slots: Known[] = Array.from({ length: fn.slots }, (_, i) =>
            i < fn.params ? args[i] : undefined
        )
        /** of the last call; unknown before the first one */
        let ret: Result | undefined
        const value = (e: Expr): Known => {
            if (e.op === op.LOAD_LOCAL) return slots[e.n]
            if (e.op === op.RET_VAL) {
                if (!ret) throw new Unknown()
                return ret.value
            }
            return this.operator(e, e.args.map(value))
        }
        for (let at = 0; ; at++) {
            unless(++this.steps <= STEPS)
            const s = body[at]
            switch (s.op) {
                case op.STORE_LOCAL:
                    slots[s.n] = value(s.args[0])
                    break
                case op.STORE_RET_VAL:
                    ret = { value: value(s.args[0]) }
                    break
                case op.JMP:
                    at = (index.get(s.to as Stmt) as number) - 1
                    break
                case op.JMP_Z:
                    if (!value(s.args[0]))
                        at = (index.get(s.to as Stmt) as number) - 1
                    break
                case op.RETURN:
                    return value(s.args[0])
                case op.ALLOC_ARRAY:
                    integer(value(s.args[0]))
                    ret = { value: new List([]) }
                    break
                case op.INDEX_SET:
                    this.set(
                        value(s.args[0]),
                        value(s.args[1]),
                        value(s.args[2])
                    )
                    break
                default: {
                    unless(op.isCall(s.op))
                    const [callee, ...rest] = s.args
                    if (callee.op === op.STATIC_FUNCTION)
                        ret = {
                            value: this.call(
                                callee.fn as Fn,
                                rest.map(value),
                                depth + 1
                            ),
                        }
                    else if (callee.op === op.MATH_FIELD)
                        ret = { value: this.math(callee, rest.map(value)) }
                    else {
                        unless(callee.op === FIELD)
                        const [owner] = callee.args
                        const name = callee.text as string
                        const given = rest.map(value)
                        ret =
                            owner.op === op.BUILTIN_OBJECT
                                ? this.alloc(owner, name, given)
                                : this.method(value(owner), name, given)
                    }
                }
            }
        }
    }

    /** Value of a constant expression. */
    constant(e: Expr): Known {
        return this.operator(e, [])
    }

    private operator(e: Expr, args: Known[]): Known {
        const [a, b] = args
        const number = INTEGERS.get(e.op)
        if (number) return integer(number(integer(a), integer(b)))
        const comparison = COMPARISONS.get(e.op)
        if (comparison) return comparison(integer(a), integer(b))
        switch (e.op) {
            case op.LITERAL:
                return integer(e.n)
            case STRING:
                return e.text as string
            case op.TRUE:
                return true
            case op.FALSE:
                return false
            case op.UNDEFINED:
                return undefined
            case op.NULL:
                return null
            case op.STATIC_BUFFER:
                return new Bytes(this.program.buffers[e.n], true)
            case op.NOT:
                return !a
            case op.TO_BOOL:
                return !!a
            case op.IS_UNDEFINED:
                return a === undefined
            case op.IS_NULLISH:
                return a === undefined || a === null
            case op.TO_INT:
                return integer(a)
            case op.EQ:
            case op.NE:
                for (const each of args)
                    unless(!(each instanceof Bytes || each instanceof List))
                return (a === b) === (e.op === op.EQ)
            case op.INDEX:
                if (a instanceof Bytes) return a.data[below(b, a.data.length)]
                if (a instanceof List) return a.items[below(b, a.items.length)]
                break
            case FIELD:
                if (e.text !== "length") break
                if (
                    a instanceof Bytes &&
                    this.originals("Buffer_prototype", "length")
                )
                    return a.data.length
                if (
                    a instanceof List &&
                    this.originals("Array_prototype", "length")
                )
                    return a.items.length
                if (
                    typeof a === "string" &&
                    isAscii(a) &&
                    this.originals("String_prototype", "length")
                )
                    return a.length
                break
            case op.LOAD_BUFFER: {
                const width = WIDTHS.get(integer(b))
                if (!(a instanceof Bytes) || width === undefined) break
                const at = below(args[2], a.data.length - width + 1)
                return integer(a.data.readUIntLE(at, width))
            }
        }
        throw new Unknown()
    }

    private set(object: Known, key: Known, value: Known): void {
        if (object instanceof Bytes && !object.inFlash)
            object.data[below(key, object.data.length)] = below(value, 256)
        else if (object instanceof List)
            object.items[below(key, object.items.length)] = value
        else throw new Unknown()
    }

    private math(callee: Expr, [a, b]: Known[]): Known {
        const name = callee.text as string
        unless(this.originals("Math", name))
        if (name === "floor") return integer(a)
        unless(name === "imod" && integer(a) >= 0 && integer(b) > 0)
        return integer(a) % integer(b)
    }

    private alloc(owner: Expr, name: string, [size]: Known[]): Result {
        unless(owner.n === BUFFER && name === "alloc")
        unless(this.originals("Buffer", "alloc"))
        this.bytes += below(size, BYTES)
        unless(this.bytes < BYTES)
        return { value: new Bytes(Buffer.alloc(integer(size)), false) }
    }

    private method(
        self: Known,
        name: string,
        args: Known[]
    ): Result | undefined {
        if (self instanceof List && name === "push") {
            unless(this.originals("Array_prototype", "push"))
            return { value: self.items.push(...args) }
        }
        if (typeof self === "string" && name === "charCodeAt") {
            unless(isAscii(self) && this.originals("String_prototype", name))
            return { value: self.charCodeAt(below(args[0], self.length)) }
        }
        if (self instanceof Bytes && name === "blitAt" && !self.inFlash) {
            unless(this.originals("Buffer_prototype", name))
            const [to, from, at, length] = args
            let source: Buffer
            if (from instanceof Bytes && from !== self) source = from.data
            else {
                if (typeof from !== "string" || !isAscii(from))
                    throw new Unknown()
                source = Buffer.from(from, "latin1")
            }
            const n = below(length, source.length + 1)
            const start = below(at, source.length - n + 1)
            const target = below(to, self.data.length - n + 1)
            source.copy(self.data, target, start, start + n)
            return undefined
        }
        throw new Unknown()
    }
}

const CONSTANTS = new op.OpSet([
    op.LITERAL,
    STRING,
    op.TRUE,
    op.FALSE,
    op.UNDEFINED,
    op.NULL,
    op.STATIC_BUFFER,
])

/** An array that statements put together of constants. */
interface Literal {
    slot: number
    /** its elements */
    cells: Expr[]
    /** the statement after it */
    end: number
}

/** @param at of its ALLOC_ARRAY */
function literalAt(
    { body }: Fn,
    at: number,
    pinned: Slots,
    entered: ReadonlyMap<Stmt, number>
): Literal | undefined {
    const store = body[at + 1] as Stmt | undefined
    if (
        body[at].op !== op.ALLOC_ARRAY ||
        body[at].args[0].op !== op.LITERAL ||
        store?.op !== op.STORE_LOCAL ||
        store.args[0].op !== op.RET_VAL ||
        entered.has(store) ||
        has(pinned, store.n)
    )
        return undefined
    const cells: Expr[] = []
    let end = at + 2
    for (; end < body.length; end++) {
        const s = body[end]
        const [callee, ...values] = s.args
        if (entered.has(s) || !op.isCall(s.op) || callee.op !== FIELD) break
        const [owner] = callee.args
        const isIt =
            (owner.op === op.LOAD_LOCAL && owner.n === store.n) ||
            (owner.op === op.RET_VAL && end === at + 2)
        if (callee.text !== "push" || !isIt) break
        if (!values.every(e => CONSTANTS.has(e.op))) return undefined
        cells.push(...values)
    }
    return { slot: store.n, cells, end }
}

/** A call whose result is known. */
interface Found {
    /** what goes: from where the array is made to the call */
    from: number
    call: Stmt
    /** readers of the result */
    readers: Stmt[]
    result: Bytes
}

class Finder {
    private readonly program: Program
    private readonly values: Values
    private pinned: Map<Fn, Slots> | undefined

    constructor(program: Program, values: Values) {
        this.program = program
        this.values = values
    }

    /** Calls that give buffers which can be computed here, by function. */
    all(): Map<Fn, Found[]> {
        const all = new Map<Fn, Found[]>()
        for (const fn of this.program.fns) {
            if (!this.values.reached.has(fn)) continue
            const found = this.inFunction(fn)
            if (found.length > 0) all.set(fn, found)
        }
        return all
    }

    private inFunction(fn: Fn): Found[] {
        const { body } = fn
        const found: Found[] = []
        let entered: ReadonlyMap<Stmt, number> | undefined
        let results: Results | undefined
        body.forEach((call, at) => {
            if (!this.isCandidate(call)) return
            entered ??= references(body)
            if (entered.has(call)) return
            const [callee, ...args] = call.args
            let literal: Literal | undefined
            let from = at
            if (args.some(e => e.op === op.LOAD_LOCAL)) {
                while (from > 0 && body[from].op !== op.ALLOC_ARRAY) from--
                literal = this.literal(fn, from, at, entered)
                if (!literal) return
            }
            const result = this.follow(callee.fn as Fn, args, literal)
            if (!(result instanceof Bytes) || result.inFlash) return
            results ??= resultsOf(body)
            if (!results) return
            const { of } = results
            const readers = results.readers(at)
            // each reader reads this result only
            const alone = readers.every(
                k => body[k].op !== op.JMP_RET_VAL_Z && of(k).size === 1
            )
            if (!alone) return
            found.push({
                from,
                call,
                readers: readers.map(k => body[k]),
                result,
            })
        })
        return found
    }

    /** `f([…], 5)`, `f(BUFFER)`: a call with constants, one of them more than a number. */
    private isCandidate(s: Stmt): boolean {
        if (!op.isCall(s.op) || s.args[0].op !== op.STATIC_FUNCTION)
            return false
        const args = s.args.slice(1)
        let large = 0
        for (const e of args)
            if (e.op === op.LOAD_LOCAL || this.bufferOf(e) !== undefined)
                large++
            else if (!CONSTANTS.has(e.op)) return false
        return large === 1
    }

    /** The number of the buffer in flash that an expression always gives. */
    private bufferOf(e: Expr): number | undefined {
        if (e.op === op.STATIC_BUFFER) return e.n
        if (e.op !== op.LOAD_GLOBAL) return undefined
        const all = this.values.valuesOf(e)
        if (all?.size !== 1) return undefined
        const [value] = all
        const v = this.values.valueOf(value)
        return v?.kind === "bytes" && !v.copy ? v.n : undefined
    }

    /** The array that a call at `call` is given, made from `at` on, and not seen later. */
    private literal(
        fn: Fn,
        at: number,
        call: number,
        entered: ReadonlyMap<Stmt, number>
    ): Literal | undefined {
        const { body } = fn
        this.pinned ??= pinnedSlots(this.program)
        const pinned = this.pinned.get(fn) as Slots
        if (entered.has(body[at])) return undefined
        const literal = literalAt(fn, at, pinned, entered)
        if (literal?.end !== call) return undefined
        for (const e of body[call].args)
            if (e.op === op.LOAD_LOCAL && e.n !== literal.slot) return undefined
        const flow = flowOf(body)
        if (!flow) return undefined
        const { after } = livenessOf(body, flow, pinned)
        return has(after[call], literal.slot) ? undefined : literal
    }

    private follow(fn: Fn, args: Expr[], literal?: Literal): Known {
        const { program, values } = this
        const follower = new Follower(program, values)
        try {
            return follower.call(
                fn,
                args.map(e => {
                    if (literal && e.op === op.LOAD_LOCAL)
                        return new List(
                            literal.cells.map(cell => follower.constant(cell))
                        )
                    const n = this.bufferOf(e)
                    return n === undefined
                        ? follower.constant(e)
                        : new Bytes(program.buffers[n], true)
                })
            )
        } catch (error) {
            if (error instanceof Unknown) return undefined
            throw error
        }
    }
}

/** Statements as they were: their operands are changed in place. */
const copyOf = (body: readonly Stmt[]): [Stmt, Expr[]][] =>
    body.map(s => [s, s.args.map(clone)])

/** A function before buffers are put into the place of calls. */
type Before = Map<Fn, [Stmt, Expr[]][]>

/**
 * Puts buffers into the place of calls.
 * @returns by number of buffer: the call
 */
function replace(program: Program, fn: Fn, all: Found[]): Map<number, Stmt> {
    const numbers = new Map<number, Stmt>()
    const gone = new Set<Stmt>()
    for (const { from, call, readers, result } of all) {
        const n = program.buffers.push(result.data) - 1
        numbers.set(n, call)
        for (const reader of readers)
            rewriteStmt(reader, e =>
                e.op === op.RET_VAL
                    ? expr(op.STATIC_BUFFER).with({ n, place: e.place })
                    : e
            )
        const to = fn.body.indexOf(call)
        for (let i = from; i <= to; i++) gone.add(fn.body[i])
    }
    remove(fn.body, s => gone.has(s))
    return numbers
}

/** Buffers from number `from` on that may be written, or distinguished from others. */
function touched(values: Values, from: number): Set<number> {
    const found = new Set<number>()
    values.values.forEach((v, i) => {
        if (v.kind === "bytes" && v.n >= from && values.isTouched(i))
            found.add(v.n)
    })
    return found
}

/** @returns whether anything has changed */
export function computedBuffers(program: Program, values: Values): boolean {
    let changed = false
    /** calls that stay, since their results are written */
    const stay = new Set<Stmt>()
    while (!values.confused) {
        const first = program.buffers.length
        const before: Before = new Map()
        const calls = new Map<number, Stmt>()
        for (const [fn, all] of new Finder(program, values).all()) {
            const found = all.filter(({ call }) => !stay.has(call))
            if (found.length === 0) continue
            before.set(fn, copyOf(fn.body))
            for (const [n, call] of replace(program, fn, found))
                calls.set(n, call)
        }
        if (calls.size === 0) return changed
        // assume that they are in flash: is that observable?
        const next = valuesOf(program)
        const bad = touched(next, first)
        if (!next.confused && bad.size === 0) {
            changed = true
            values = next
            continue
        }
        for (const [n, call] of calls)
            if (next.confused || bad.has(n)) stay.add(call)
        for (const [fn, body] of before) {
            fn.body = body.map(([s]) => s)
            for (const [s, args] of body) s.args = args
        }
        program.buffers.length = first
    }
    return changed
}
