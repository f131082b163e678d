/**
 * Programs as text for persons to read and write: in tests of passes, and as output of
 * `devs-optimize --print`.
 *
 *     function main params=0 slots=2
 *         call(ds.sleep, 100)
 *         l0 = g0.length
 *         jmp_z(lt(l0, 5)) @1
 *         g0.state = add(l0, 1)
 *     @1  return(undefined)
 *
 * `l0` is a slot of the frame, `g0` a global variable, `&name` a function,
 * `^name` a closure of one, `hex"00ff"` a buffer in flash, `%Array_prototype` a
 * built-in object, `ret` what the last call has returned.
 */
import {
    FIELD,
    STRING,
    expr,
    literal,
    stmt,
    Stmt,
    type Expr,
    type Fn,
    type Program,
} from "./ir.ts"
import * as op from "./ops.ts"
import { tables } from "./toolchain.ts"

const { objects } = tables()

const FLAGS = {
    this: op.FunctionFlag.NEEDS_THIS,
    ctor: op.FunctionFlag.IS_CTOR,
    rest: op.FunctionFlag.HAS_REST_ARG,
}
const SPACES: Record<string, number> = {
    ds: op.DS_FIELD,
    Math: op.MATH_FIELD,
    Object: op.OBJECT_FIELD,
}
const spaceOf = new Map(Object.entries(SPACES).map(([name, o]) => [o, name]))
const WORD = /^[A-Za-z_$][\w$-]*$/
/** Opcodes without a value that are written as a word. */
const RET = "ret"

function floatOf(bits: string): number {
    const bytes = Buffer.from(bits, "hex")
    // an int is boxed into a NaN
    return bytes.readUInt32LE(4) === 0xffffffff
        ? bytes.readInt32LE(0)
        : bytes.readDoubleLE(0)
}

function bitsOf(value: number): string {
    const bytes = Buffer.alloc(8)
    if ((value | 0) === value) {
        bytes.writeInt32LE(value, 0)
        bytes.writeInt32LE(-1, 4)
    } else bytes.writeDoubleLE(value)
    return bytes.toString("hex")
}

/** Names of functions, made unique. */
function functionNames(program: Program): Map<Fn, string> {
    const taken = new Set<string>()
    const names = new Map<Fn, string>()
    for (const fn of program.fns) {
        const plain = WORD.test(fn.name) ? fn.name : "f"
        let name = plain
        for (let i = 2; taken.has(name); i++) name = `${plain}-${i}`
        taken.add(name)
        names.set(fn, name)
    }
    return names
}

export function printExpr(
    e: Expr,
    program: Program,
    names: Map<Fn, string>
): string {
    const args = e.args.map(arg => printExpr(arg, program, names))
    switch (e.op) {
        case op.LITERAL:
            return String(e.n)
        case op.LITERAL_F64:
            return `f64 ${floatOf(e.text as string)}`
        case op.LOAD_LOCAL:
            return `l${e.n}`
        case op.LOAD_GLOBAL:
            return `g${e.n}`
        case op.STATIC_FUNCTION:
            return `&${names.get(e.fn as Fn) ?? "?"}`
        case op.MAKE_CLOSURE:
            return `^${names.get(e.fn as Fn) ?? "?"}`
        case op.BUILTIN_OBJECT:
            return `%${objects[e.n]}`
        case op.STATIC_BUFFER:
            return `hex"${program.buffers[e.n].toString("hex")}"`
        case op.RET_VAL:
            return RET
        case STRING:
            return JSON.stringify(e.text)
        case FIELD:
            return WORD.test(e.text as string)
                ? `${args[0]}.${e.text}`
                : `${args[0]}[${JSON.stringify(e.text)}]`
    }
    const space = spaceOf.get(e.op)
    if (space) return `${space}.${e.text}`
    const name = op.mnemonic[e.op] as string
    const all = op.takesNumber(e.op) ? [`#${e.n}`, ...args] : args
    return all.length > 0 ? `${name}(${all.join(", ")})` : name
}

function printStmt(
    s: Stmt,
    program: Program,
    names: Map<Fn, string>,
    label: (s: Stmt) => string
): string {
    const args = s.args.map(arg => printExpr(arg, program, names))
    if (s.op === op.STORE_LOCAL) return `l${s.n} = ${args[0]}`
    if (s.op === op.STORE_GLOBAL) return `g${s.n} = ${args[0]}`
    if (s.op === op.INDEX_SET && s.args[1].op === STRING) {
        const { text = "" } = s.args[1]
        const field = WORD.test(text) ? `.${text}` : `[${args[1]}]`
        return `${args[0]}${field} = ${args[2]}`
    }
    const name = op.isCall(s.op) ? "call" : (op.mnemonic[s.op] as string)
    if (op.takesNumber(s.op) && !s.to) args.unshift(`#${s.n}`)
    const to = s.to ? ` @${label(s.to)}` : ""
    return `${name}${args.length > 0 ? `(${args.join(", ")})` : ""}${to}`
}

export function printFunction(
    fn: Fn,
    program: Program,
    names = functionNames(program)
): string {
    const labels = new Map<Stmt, string>()
    const targets = new Set(fn.body.map(s => s.to))
    for (const s of fn.body)
        if (targets.has(s)) labels.set(s, String(labels.size + 1))
    const flags = Object.entries(FLAGS)
        .filter(([, flag]) => fn.flags & flag)
        .map(([name]) => ` ${name}`)
    const tries = fn.tries > 0 ? ` tries=${fn.tries}` : ""
    const lines = fn.body.map(s => {
        const label = labels.get(s)
        const text = printStmt(s, program, names, to => labels.get(to) ?? "?")
        return `${label ? `@${label}` : ""}`.padEnd(4) + text
    })
    return [
        `function ${names.get(fn)} params=${fn.params} slots=${fn.slots}${tries}${flags.join("")}`,
        ...lines,
    ].join("\n")
}

export function printProgram(program: Program): string {
    const names = functionNames(program)
    return (
        program.fns.map(fn => printFunction(fn, program, names)).join("\n\n") +
        "\n"
    )
}

/* Reading. */

class Reader {
    private at = 0
    private readonly line: string
    private readonly find: (name: string) => Fn
    private readonly program: Program

    constructor(line: string, program: Program, find: (name: string) => Fn) {
        this.line = line
        this.program = program
        this.find = find
    }

    private fail(what: string): never {
        throw new SyntaxError(
            `${what}: ${this.line.slice(0, this.at)}>>>${this.line.slice(this.at)}`
        )
    }

    private take(pattern: RegExp): string | undefined {
        const sticky = new RegExp(`\\s*(?:${pattern.source})`, "y")
        sticky.lastIndex = this.at
        const match = sticky.exec(this.line)
        if (!match) return undefined
        this.at = sticky.lastIndex
        return match[1] ?? match[0].trim()
    }

    private need(pattern: RegExp): string {
        return this.take(pattern) ?? this.fail(`expected ${pattern.source}`)
    }

    private list(): Expr[] {
        const all: Expr[] = []
        if (!this.take(/\(/)) return all
        if (this.take(/\)/)) return all
        do all.push(this.expr())
        while (this.take(/,/))
        this.need(/\)/)
        return all
    }

    private name(): string {
        return this.need(/([A-Za-z_$][\w$-]*)/)
    }

    expr(): Expr {
        let e = this.primary()
        for (;;) {
            const field = this.take(/\.([A-Za-z_$][\w$-]*)/)
            const quoted = field ?? this.take(/\[("(?:[^"\\]|\\.)*")\]/)
            if (quoted === undefined) return e
            e = expr(FIELD, e).with({
                text: field ?? (JSON.parse(quoted) as string),
            })
        }
    }

    private primary(): Expr {
        const float = this.take(/f64 (-?[\d.eE+-]+)/)
        if (float !== undefined)
            return expr(op.LITERAL_F64).with({ text: bitsOf(Number(float)) })
        const number = this.take(/(-?\d+)/)
        if (number !== undefined) return literal(Number(number))
        const quoted = this.take(/("(?:[^"\\]|\\.)*")/)
        if (quoted !== undefined)
            return expr(STRING).with({ text: JSON.parse(quoted) as string })
        const buffer = this.take(/hex"([0-9a-f]*)"/)
        if (buffer !== undefined) {
            const n = this.program.buffers.push(Buffer.from(buffer, "hex")) - 1
            return expr(op.STATIC_BUFFER).with({ n })
        }
        const slot = this.take(/l(\d+)\b/)
        if (slot !== undefined)
            return expr(op.LOAD_LOCAL).with({ n: Number(slot) })
        const global = this.take(/g(\d+)\b/)
        if (global !== undefined)
            return expr(op.LOAD_GLOBAL).with({ n: Number(global) })
        if (this.take(/&/))
            return expr(op.STATIC_FUNCTION).with({ fn: this.find(this.name()) })
        if (this.take(/\^/))
            return expr(op.MAKE_CLOSURE).with({ fn: this.find(this.name()) })
        if (this.take(/%/))
            return expr(op.BUILTIN_OBJECT).with({
                n: objects.indexOf(this.name()),
            })
        const space = this.take(/(ds|Math|Object)\./)
        if (space !== undefined)
            return expr(SPACES[space]).with({ text: this.name() })
        const word = this.name()
        if (word === RET) return expr(op.RET_VAL)
        const code = op.byMnemonic.get(word)
        if (code === undefined) this.fail(`there is no ${word}`)
        const n = this.take(/\(#(-?\d+)/)
        if (n === undefined) return expr(code, ...this.list())
        const args: Expr[] = []
        while (this.take(/,/)) args.push(this.expr())
        this.need(/\)/)
        return expr(code, ...args).with({ n: Number(n) })
    }

    statement(label: (name: string, s: Stmt) => void): {
        s: Stmt
        own?: string
    } {
        const own = this.take(/@(\w+)/)
        const s = this.plain()
        const to = this.take(/@(\w+)/)
        if (to !== undefined) label(to, s)
        if (this.take(/\S/)) this.fail("there is more than a statement")
        return { s, own }
    }

    private plain(): Stmt {
        const start = this.at
        const variable = this.take(/([lg])(?=\d+ = )/)
        if (variable !== undefined) {
            const n = Number(this.need(/(\d+)/))
            this.need(/=/)
            return new Stmt(
                variable === "l" ? op.STORE_LOCAL : op.STORE_GLOBAL,
                [this.expr()],
                n
            )
        }
        if (
            /^\s*[^=]*[^=!<>]= /.test(
                this.line.slice(this.at).replace(/"(?:[^"\\]|\\.)*"/g, "")
            )
        ) {
            const field = this.expr()
            if (this.take(/=/) && field.op === FIELD)
                return stmt(
                    op.INDEX_SET,
                    field.args[0],
                    expr(STRING).with({ text: field.text }),
                    this.expr()
                )
            this.at = start
        }
        const word = this.name()
        const n = this.take(/\(#(-?\d+)/)
        let args: Expr[]
        if (n === undefined) args = this.list()
        else {
            args = []
            while (this.take(/,/)) args.push(this.expr())
            this.need(/\)/)
        }
        const code =
            word === "call"
                ? op.CALL0 + args.length - 1
                : op.byMnemonic.get(word)
        if (code === undefined) this.fail(`there is no ${word}`)
        return new Stmt(code, args, Number(n ?? 0))
    }
}

/** Reads what `printProgram()` writes. */
export function parseProgram(text: string): Program {
    const program: Program = {
        fns: [],
        globals: [],
        buffers: [],
        header: Buffer.alloc(op.BinFmt.FIX_HEADER_SIZE),
        specs: Buffer.alloc(0),
        specCount: 0,
        specNames: [],
        dcfg: Buffer.alloc(0),
    }
    const { header } = program
    header.writeUInt32LE(op.BinFmt.MAGIC0, 0)
    header.writeUInt32LE(op.BinFmt.MAGIC1 >>> 0, 4)
    header.writeUInt32LE(op.BinFmt.IMG_VERSION, 8)
    const named = new Map<string, Fn>()
    const bodies: { fn: Fn; lines: string[] }[] = []
    for (const raw of text.split("\n")) {
        const line = raw.trim()
        if (!line) continue
        const head = /^function (\S+)(.*)$/.exec(line)
        if (!head) {
            const body = bodies.at(-1)
            if (!body) throw new SyntaxError(`no function yet: ${line}`)
            body.lines.push(line)
            continue
        }
        const number = (name: string): number =>
            Number(new RegExp(` ${name}=(\\d+)`).exec(head[2])?.[1] ?? 0)
        const fn: Fn = {
            name: head[1].replace(/-\d+$/, ""),
            params: number("params"),
            slots: number("slots"),
            tries: number("tries"),
            flags: Object.entries(FLAGS).reduce(
                (flags, [name, flag]) =>
                    new RegExp(` ${name}\\b`).test(head[2])
                        ? flags | flag
                        : flags,
                0
            ),
            body: [],
        }
        program.fns.push(fn)
        named.set(head[1], fn)
        bodies.push({ fn, lines: [] })
    }
    const find = (name: string): Fn =>
        named.get(name) ??
        (() => {
            throw new SyntaxError(`there is no function ${name}`)
        })()
    for (const { fn, lines } of bodies) {
        const labels = new Map<string, Stmt>()
        const jumps: [string, Stmt][] = []
        for (const line of lines) {
            const { s, own } = new Reader(line, program, find).statement(
                (name, from) => jumps.push([name, from])
            )
            if (own !== undefined) labels.set(own, s)
            fn.body.push(s)
        }
        for (const [name, s] of jumps) {
            s.to = labels.get(name)
            if (!s.to)
                throw new SyntaxError(
                    `there is no label @${name} in ${fn.name}`
                )
        }
    }
    let globals = 0
    const seen = (n: number): void => {
        globals = Math.max(globals, n + 1)
    }
    for (const { body } of program.fns)
        for (const s of body) {
            if (s.op === op.STORE_GLOBAL) seen(s.n)
            const visit = (e: Expr): void => {
                if (e.op === op.LOAD_GLOBAL) seen(e.n)
                e.args.forEach(visit)
            }
            s.args.forEach(visit)
        }
    program.globals = Array.from({ length: globals }, (_, i) => ({
        name: `g${i}`,
        type: "glb",
    }))
    return program
}
