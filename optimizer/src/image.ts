/**
 * Images: what `devs build` makes and the VM loads. Format: devs_bytecode.h and
 * devs_format.h of DeviceScript's runtime, bytecode/bytecode.md of its sources.
 */
import {
    FIELD,
    STRING,
    Expr,
    number,
    Stmt,
    walkProgram,
    type Fn,
    type FnDebug,
    type Global,
    type Place,
    type Program,
} from "./ir.ts"
import * as op from "./ops.ts"
import { tables } from "./toolchain.ts"

const { BinFmt, StrIdx, strings: BUILTIN } = tables()
const {
    FIX_HEADER_SIZE,
    SECTION_HEADER_SIZE,
    FUNCTION_HEADER_SIZE,
    ASCII_HEADER_SIZE,
    UTF8_HEADER_SIZE,
    UTF8_TABLE_SHIFT,
    BINARY_SIZE_ALIGN,
    DIRECT_CONST_OP,
    DIRECT_CONST_OFFSET,
    FIRST_MULTIBYTE_INT,
    SERVICE_SPEC_HEADER_SIZE,
    SERVICE_SPEC_PACKET_SIZE,
    SERVICE_SPEC_FIELD_SIZE,
} = BinFmt

/* Sections, in their order. */
const SECTIONS = [
    "functions",
    "code",
    "floats",
    "roles",
    "ascii",
    "utf8",
    "buffers",
    "data",
    "specs",
    "dcfg",
] as const
type Section = (typeof SECTIONS)[number]

/** Bytes of a float literal, and of a buffer's entry. */
const FLOAT = 8
const BUFFER_ENTRY = 8
/** Numbers in the header. */
const VERSION = 8
const GLOBALS = 12
const SPECS = 14
/** A string up to here can be in the table of ASCII strings, as the compiler has it. */
const ASCII_LENGTH = 50
/** The VM loads no function that ends beyond it: its program counter has 16 bits. */
export const CODE_LIMIT = 0x10000
const ALIGN = 4
/** Bytes that are left to a jump before another one, for jumps that grow. */
const RELAY = 8
/** How often it is looked for jumps that are too far, at most. */
const RELAYS = 50

/** Debug information that the compiler writes with an image: bytecode-dbg.json. */
export interface DebugInfo {
    sizes: Record<string, number>
    functions: FnDebug[]
    globals: Global[]
    /** position, length, program counter; position and counter as differences */
    srcmap: number[]
    binary: { hex: string }
    [more: string]: unknown
}

/** An image that this optimiser does not understand. */
export class ImageError extends Error {
    override name = "ImageError"
}

/** Whether something is an image. */
export function isImage(data: Uint8Array): boolean {
    const head = Buffer.from(data.buffer, data.byteOffset, data.length)
    return (
        head.length > FIX_HEADER_SIZE &&
        head.readUInt32LE(0) === BinFmt.MAGIC0 &&
        head.readUInt32LE(4) === BinFmt.MAGIC1 >>> 0
    )
}

/* Reading. */

interface Tables {
    ascii: string[]
    utf8: string[]
    floats: string[]
    fns: Fn[]
}

/** Reads an image, with its debug information. */
export function parseImage(data: Uint8Array, debug?: DebugInfo): Program {
    const image = Buffer.from(data)
    if (!isImage(image))
        throw new ImageError("this is no image of DeviceScript")
    const version = image.readUInt32LE(VERSION)
    if (version !== BinFmt.IMG_VERSION)
        throw new ImageError(
            `the image is of version ${version >>> 24}.${(version >>> 16) & 0xff}.${version & 0xffff}, not of the installed one`
        )
    const part = {} as Record<Section, Buffer>
    SECTIONS.forEach((name, i) => {
        const at = FIX_HEADER_SIZE + i * SECTION_HEADER_SIZE
        const start = image.readUInt32LE(at)
        part[name] = image.subarray(start, start + image.readUInt32LE(at + 4))
    })
    const { data: text } = part
    const entries = <T>(
        section: Section,
        size: number,
        read: (at: number) => T
    ): T[] =>
        Array.from(
            { length: Math.floor(part[section].length / size) },
            (_, i) => read(i * size)
        )
    const ascii = entries("ascii", ASCII_HEADER_SIZE, at => {
        const from = part.ascii.readUInt16LE(at)
        return text.toString("latin1", from, text.indexOf(0, from))
    })
    const utf8 = entries("utf8", UTF8_HEADER_SIZE, at => {
        const from = part.utf8.readUInt32LE(at)
        const table = text.readUInt16LE(from + 2) >> UTF8_TABLE_SHIFT
        const first = from + 4 + 2 * table
        return text.toString("utf8", first, first + text.readUInt16LE(from))
    })
    const buffers = entries("buffers", BUFFER_ENTRY, at => {
        const from = part.buffers.readUInt32LE(at)
        return Buffer.from(
            text.subarray(from, from + part.buffers.readUInt32LE(at + 4))
        )
    })
    const floats = entries("floats", FLOAT, at =>
        part.floats.toString("hex", at, at + FLOAT)
    )
    const named = (index: number): string => {
        const i = index & ((1 << StrIdx._SHIFT) - 1)
        const kind = index >> StrIdx._SHIFT
        const found =
            kind === StrIdx.BUILTIN
                ? BUILTIN[i]
                : kind === StrIdx.ASCII
                  ? ascii[i]
                  : kind === StrIdx.UTF8
                    ? utf8[i]
                    : undefined
        if (found === undefined)
            throw new ImageError(`there is no string ${index}`)
        return found
    }
    const at = (i: number): number => i * FUNCTION_HEADER_SIZE
    const fns = entries("functions", FUNCTION_HEADER_SIZE, (start): Fn => ({
        slots: part.functions.readUInt16LE(start + 8),
        params: part.functions[start + 10],
        flags: part.functions[start + 11],
        name: named(part.functions.readUInt16LE(start + 12)),
        tries: part.functions[start + 14],
        body: [],
    }))
    const places = debug && new Places(debug)
    fns.forEach((fn, i) => {
        const start = part.functions.readUInt32LE(at(i))
        const length = part.functions.readUInt32LE(at(i) + 4)
        fn.debug = debug?.functions[i] && { ...debug.functions[i] }
        try {
            fn.body = parseCode(
                image,
                start,
                start + length,
                { ascii, utf8, floats, fns },
                places
            )
        } catch (error) {
            if (error instanceof ImageError)
                error.message = `function ${fn.name} (F${i}): ${error.message}`
            throw error
        }
    })
    const specCount = image.readUInt16LE(SPECS)
    return {
        fns,
        globals: Array.from(
            { length: image.readUInt16LE(GLOBALS) },
            (_, i) => debug?.globals[i] ?? { name: `g${i}`, type: "glb" }
        ),
        buffers,
        header: Buffer.from(image.subarray(0, FIX_HEADER_SIZE)),
        specs: Buffer.from(part.specs),
        specCount,
        specNames: specNames(part.specs, specCount).map(where => ({
            at: where,
            text: named(part.specs.readUInt16LE(where)),
        })),
        dcfg: Buffer.from(part.dcfg),
    }
}

/** Where the numbers of strings stand in descriptions of services. */
function specNames(specs: Buffer, count: number): number[] {
    const found = new Set<number>()
    for (let i = 0; i < count; i++) {
        const spec = i * SERVICE_SPEC_HEADER_SIZE
        found.add(spec)
        const packets = specs.readUInt16LE(spec + 8)
        const first = specs.readUInt16LE(spec + 10) * 4
        for (let k = 0; k < packets; k++) {
            const packet = first + k * SERVICE_SPEC_PACKET_SIZE
            found.add(packet)
            const MULTI_FIELD = 1
            if (!(specs.readUInt16LE(packet + 4) & MULTI_FIELD)) continue
            for (
                let field = specs.readUInt16LE(packet + 6) * 4;
                specs.readUInt16LE(field) !== 0;
                field += SERVICE_SPEC_FIELD_SIZE
            )
                found.add(field)
        }
    }
    return [...found]
}

/** Where each byte of code comes from. */
class Places {
    private readonly pcs: number[] = []
    private readonly places: Place[] = []

    constructor({ srcmap }: DebugInfo) {
        let pc = 0
        let pos = 0
        for (let i = 0; i < srcmap.length; i += 3) {
            pos += srcmap[i]
            pc += srcmap[i + 2]
            this.pcs.push(pc)
            this.places.push({ pos, length: srcmap[i + 1] })
        }
    }

    /** The source of a place in a function that begins at `start`. */
    of(pc: number, start: number): Place | undefined {
        let low = 0
        let high = this.pcs.length
        while (low < high) {
            const middle = (low + high) >> 1
            if (this.pcs[middle] <= pc) low = middle + 1
            else high = middle
        }
        return low > 0 && this.pcs[low - 1] >= start
            ? this.places[low - 1]
            : undefined
    }
}

function parseCode(
    image: Buffer,
    start: number,
    end: number,
    { ascii, utf8, floats, fns }: Tables,
    places?: Places
): Stmt[] {
    let pc = start
    const byte = (): number => {
        if (pc >= end)
            throw new ImageError("the code ends within an instruction")
        return image[pc++]
    }
    const number = (): number => {
        const first = byte()
        if (first < FIRST_MULTIBYTE_INT) return first
        let value = 0
        for (let i = 0; i <= (first & 3); i++) value = (value << 8) | byte()
        return first & 4 ? -value | 0 : value
    }
    const text = (list: readonly string[], n: number): string => {
        if (list[n] === undefined)
            throw new ImageError(`there is no string ${n}`)
        return list[n]
    }
    const body: Stmt[] = []
    const starts = new Map<number, Stmt>()
    const targets = new Map<Stmt, number>()
    const stack: Expr[] = []
    let begin = pc
    while (pc < end) {
        if (stack.length === 0) {
            begin = pc
            // filled up with zeros
            if (end - pc < ALIGN && image.subarray(pc, end).every(b => b === 0))
                break
        }
        const at = pc
        const code = byte()
        const place = places?.of(at, start)
        if (code >= DIRECT_CONST_OP) {
            const n = code - DIRECT_CONST_OP - DIRECT_CONST_OFFSET
            const e = new Expr(op.LITERAL, [], n)
            e.place = place
            stack.push(e)
            continue
        }
        if (op.mnemonic[code] === undefined)
            throw new ImageError(`there is no opcode ${code}`)
        const n = op.takesNumber(code) ? number() : 0
        const count = op.arity(code)
        if (stack.length < count)
            throw new ImageError(`${op.mnemonic[code]} finds too few values`)
        const args = stack.splice(stack.length - count)
        if (op.isStatement(code)) {
            if (stack.length > 0)
                throw new ImageError(
                    `${op.mnemonic[code]} leaves values behind`
                )
            const s = new Stmt(code, args, n)
            s.place = place
            if (op.isJump(code)) {
                targets.set(s, at + n)
                s.n = 0
            }
            starts.set(begin, s)
            body.push(s)
            continue
        }
        const e = new Expr(code, args, n)
        e.place = place
        switch (code) {
            case op.BUILTIN_FIELD:
            case op.BUILTIN_STRING:
            case op.DS_FIELD:
            case op.MATH_FIELD:
            case op.OBJECT_FIELD:
                e.text = text(BUILTIN, n)
                e.n = 0
                break
            case op.ASCII_FIELD:
            case op.ASCII_STRING:
                e.text = text(ascii, n)
                e.n = 0
                break
            case op.UTF8_FIELD:
            case op.UTF8_STRING:
                e.text = text(utf8, n)
                e.n = 0
                break
            case op.LITERAL_F64:
                e.text = text(floats, n)
                e.n = 0
                break
            case op.STATIC_FUNCTION:
            case op.MAKE_CLOSURE:
                e.fn = fns[n]
                e.n = 0
                if (!e.fn) throw new ImageError(`there is no function ${n}`)
                break
        }
        if (code === op.BUILTIN_FIELD || code === op.UTF8_FIELD) e.op = FIELD
        if (code === op.BUILTIN_STRING || code === op.UTF8_STRING) e.op = STRING
        stack.push(e)
    }
    if (stack.length > 0)
        throw new ImageError("the code ends within a statement")
    for (const [s, target] of targets) {
        const to = starts.get(target)
        if (!to) throw new ImageError("a jump leads into a statement")
        s.to = to
    }
    const last = body.at(-1)
    if (!last || !op.isFinal(last.op))
        throw new ImageError("the code runs beyond its end")
    return body
}

/* Writing. */

/** Bytes of a number after an opcode. */
export function numberSize(n: number): number {
    if (n >= 0 && n < FIRST_MULTIBYTE_INT) return 1
    const size = Math.abs(n)
    return size <= 0xff ? 2 : size <= 0xffff ? 3 : size <= 0xffffff ? 4 : 5
}

const isDirect = (n: number): boolean =>
    n >= -DIRECT_CONST_OFFSET &&
    n < 0x100 - DIRECT_CONST_OP - DIRECT_CONST_OFFSET

/**
 * Bytes of an expression, if names and functions have small numbers: the most
 * common ones get these.
 */
export function exprSize(e: Expr): number {
    if (e.op === op.LITERAL) return isDirect(e.n) ? 1 : 1 + numberSize(e.n)
    return operationSize(e)
}

/** Bytes of a statement, if its jump is short. */
export const stmtSize = (s: Stmt): number => operationSize(s)

function operationSize({ op: code, n, args }: Expr | Stmt): number {
    let size = op.takesNumber(code) ? 1 + numberSize(n) : 1
    for (const arg of args) size += exprSize(arg)
    return size
}

/** Numbers of the objects to which a program refers. */
interface Numbers {
    fns: Map<Fn, number>
    strings: Map<string, number>
    floats: Map<string, number>
    buffers: Map<number, number>
}

/** A piece of code without jumps: positions of opcodes, and their sources. */
class Code {
    readonly bytes: number[] = []
    /** where places begin, by offset, and which */
    readonly marks: number[] = []
    readonly places: (Place | undefined)[] = []

    private readonly numbers: Numbers

    constructor(numbers: Numbers) {
        this.numbers = numbers
    }

    number(n: number, width = numberSize(n)): void {
        const { bytes } = this
        if (width === 1) {
            bytes.push(n)
            return
        }
        const value = Math.abs(n)
        bytes.push(FIRST_MULTIBYTE_INT | (n < 0 ? 4 : 0) | (width - 2))
        for (let i = width - 2; i >= 0; i--)
            bytes.push((value >>> (8 * i)) & 0xff)
    }

    mark(place: Place | undefined): void {
        this.marks.push(this.bytes.length)
        this.places.push(place)
    }

    expr(e: Expr): void {
        for (const arg of e.args) this.expr(arg)
        this.mark(e.place)
        if (e.op === op.LITERAL && isDirect(e.n)) {
            this.bytes.push(e.n + DIRECT_CONST_OP + DIRECT_CONST_OFFSET)
            return
        }
        const [code, n] = this.encoded(e)
        this.bytes.push(code)
        if (op.takesNumber(code)) this.number(n)
    }

    /** The opcode in the image, and its number. */
    private encoded(e: Expr): [code: number, n: number] {
        const { fns, strings, floats, buffers } = this.numbers
        const of = <K>(map: Map<K, number>, key: K): number => {
            const n = map.get(key)
            if (n === undefined)
                throw new Error(
                    `${op.mnemonic[e.op]} refers to what is not there`
                )
            return n
        }
        switch (e.op) {
            case FIELD:
            case STRING: {
                const index = of(strings, e.text ?? "")
                const kind = index >> StrIdx._SHIFT
                const field = e.op === FIELD
                return [
                    kind === StrIdx.BUILTIN
                        ? field
                            ? op.BUILTIN_FIELD
                            : op.BUILTIN_STRING
                        : kind === StrIdx.ASCII
                          ? field
                              ? op.ASCII_FIELD
                              : op.ASCII_STRING
                          : field
                            ? op.UTF8_FIELD
                            : op.UTF8_STRING,
                    index & ((1 << StrIdx._SHIFT) - 1),
                ]
            }
            case op.DS_FIELD:
            case op.MATH_FIELD:
            case op.OBJECT_FIELD:
                return [e.op, BUILTIN.indexOf(e.text as string)]
            case op.LITERAL_F64:
                return [e.op, of(floats, e.text as string)]
            case op.STATIC_BUFFER:
                return [e.op, of(buffers, e.n)]
            case op.STATIC_FUNCTION:
            case op.MAKE_CLOSURE:
                return [e.op, of(fns, e.fn as Fn)]
            default:
                return [e.op, e.n]
        }
    }
}

/**
 * A jump that is too far for one byte goes to a jump further down that leads there
 * as well. Only forwards: so it arrives.
 * @param targets indices of statements, to be changed
 */
function relay(
    body: readonly Stmt[],
    targets: (number | undefined)[],
    distance: (from: number, to: number) => number
): boolean {
    let changed = false
    const byTarget = new Map<Stmt, number[]>()
    body.forEach((s, i) => {
        if (s.op !== op.JMP || !s.to) return
        const known = byTarget.get(s.to)
        if (known) known.push(i)
        else byTarget.set(s.to, [i])
    })
    body.forEach((s, i) => {
        if (!s.to || (s.op !== op.JMP && s.op !== op.JMP_Z)) return
        if (numberSize(distance(i, targets[i] as number)) === 1) return
        const near = (byTarget.get(s.to) ?? []).filter(
            k => k > i && distance(i, k) + RELAY < FIRST_MULTIBYTE_INT
        )
        const last = near.at(-1)
        if (last === undefined) return
        targets[i] = last
        changed = true
    })
    return changed
}

/** Assembles a function, with the shortest jumps that reach. */
function assemble(body: Stmt[], numbers: Numbers): Code {
    number(body)
    const pieces = body.map(s => {
        const code = new Code(numbers)
        for (const arg of s.args) code.expr(arg)
        return code
    })
    const widths = body.map(s =>
        s.to ? 1 : op.takesNumber(s.op) ? numberSize(s.n) : 0
    )
    const starts: number[] = []
    const targets = body.map(s =>
        s.to && body[s.to.index] === s.to ? s.to.index : undefined
    )
    const distance = (i: number, target: number | undefined): number => {
        if (target === undefined)
            throw new Error("a jump leads out of its function")
        return starts[target] - starts[i] - pieces[i].bytes.length
    }
    /** Widens jumps until they reach. */
    const settle = (): void => {
        for (let grown = true; grown;) {
            grown = false
            let at = 0
            body.forEach((_, i) => {
                starts[i] = at
                at += pieces[i].bytes.length + 1 + widths[i]
            })
            body.forEach((s, i) => {
                if (!s.to) return
                const width = numberSize(distance(i, targets[i]))
                if (width > widths[i]) {
                    widths[i] = width
                    grown = true
                }
            })
        }
    }
    settle()
    // each makes others shorter, which then reach: what is read anew is at its end
    for (let i = 0; i < RELAYS && relay(body, targets, distance); i++) {
        widths.forEach((_, k) => {
            if (body[k].to) widths[k] = 1
        })
        settle()
    }
    const whole = new Code(numbers)
    body.forEach((s, i) => {
        const { bytes, marks, places } = pieces[i]
        for (const at of marks) whole.marks.push(whole.bytes.length + at)
        for (const place of places) whole.places.push(place)
        for (const byte of bytes) whole.bytes.push(byte)
        whole.mark(s.place)
        whole.bytes.push(s.op)
        if (s.to) whole.number(distance(i, targets[i]), widths[i])
        else if (widths[i] > 0) whole.number(s.n)
    })
    return whole
}

export interface Written {
    image: Buffer
    /** end of the last function: at most CODE_LIMIT, if the VM is to load it */
    codeEnd: number
    /** what `parseImage()` was given, anew */
    debug?: DebugInfo
}

const counted = <K>(counts: Map<K, number>, key: K, by = 1): void => {
    counts.set(key, (counts.get(key) ?? 0) + by)
}

/** The most used ones get the smallest numbers, which are shortest. */
const byUse = <K>(counts: Map<K, number>): K[] =>
    [...counts.keys()].sort(
        (a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)
    )

const isAscii = (text: string): boolean =>
    text.length < ASCII_LENGTH && /^[\x01-\x7f]*$/.test(text)

/** Numbers for all names, floats, buffers that a program uses, and the sections they are in. */
function tablesOf(program: Program) {
    const uses = new Map<string, number>()
    const floatUses = new Map<string, number>()
    const bufferUses = new Map<number, number>()
    walkProgram(program, e => {
        if (e.op === FIELD || e.op === STRING) counted(uses, e.text as string)
        else if (e.op === op.LITERAL_F64) counted(floatUses, e.text as string)
        else if (e.op === op.STATIC_BUFFER) counted(bufferUses, e.n)
    })
    for (const { name } of program.fns) counted(uses, name, 0)
    for (const { text } of program.specNames) counted(uses, text, 0)
    const strings = new Map<string, number>()
    const order = byUse(uses).filter(text => {
        const builtin = BUILTIN.indexOf(text)
        if (builtin >= 0)
            strings.set(text, builtin | (StrIdx.BUILTIN << StrIdx._SHIFT))
        return builtin < 0
    })
    const ascii = order.filter(isAscii)
    const utf8 = order.filter(text => !isAscii(text))
    // either table has its own numbers of one byte, and that of UTF-8 takes any text
    const used = (text: string): boolean => (uses.get(text) ?? 0) > 0
    const others = ascii
        .slice(FIRST_MULTIBYTE_INT)
        .filter(used)
        .slice(0, Math.max(0, FIRST_MULTIBYTE_INT - utf8.length))
    if (others.length > 0) {
        const moved = new Set(others)
        ascii.splice(0, Infinity, ...ascii.filter(text => !moved.has(text)))
        utf8.splice(0, Infinity, ...order.filter(text => !ascii.includes(text)))
    }
    ascii.forEach((text, i) =>
        strings.set(text, i | (StrIdx.ASCII << StrIdx._SHIFT))
    )
    utf8.forEach((text, i) =>
        strings.set(text, i | (StrIdx.UTF8 << StrIdx._SHIFT))
    )
    const floats = byUse(floatUses)
    const buffers = byUse(bufferUses)
    return {
        ascii,
        utf8,
        floatList: floats,
        bufferList: buffers.map(n => program.buffers[n]),
        numbers: {
            strings,
            floats: new Map(floats.map((bits, i) => [bits, i])),
            buffers: new Map(buffers.map((n, i) => [n, i])),
            fns: new Map(program.fns.map((fn, i) => [fn, i])),
        } satisfies Numbers,
    }
}

const aligned = (size: number, to: number): number => Math.ceil(size / to) * to

class Data {
    private readonly parts: Buffer[] = []
    length = 0

    add(...parts: Buffer[]): void {
        for (const part of parts) {
            this.parts.push(part)
            this.length += part.length
        }
    }

    align(to = ALIGN): void {
        this.add(Buffer.alloc(aligned(this.length, to) - this.length))
    }

    all(): Buffer {
        return Buffer.concat(this.parts)
    }
}

function u16(...values: number[]): Buffer {
    const bytes = Buffer.alloc(2 * values.length)
    values.forEach((value, i) => bytes.writeUInt16LE(value, 2 * i))
    return bytes
}

function u32(...values: number[]): Buffer {
    const bytes = Buffer.alloc(4 * values.length)
    values.forEach((value, i) => bytes.writeUInt32LE(value, 4 * i))
    return bytes
}

/** Texts and buffers: a text that is the end of another one shares its bytes. */
function constants(ascii: string[], utf8: string[], buffers: Buffer[]) {
    const data = new Data()
    const ends = new Map<string, number>()
    const starts = new Map<string, number>()
    for (const text of [...ascii].sort((a, b) => b.length - a.length)) {
        const shared = ends.get(text)
        if (shared === undefined) {
            for (let i = 0; i <= text.length; i++)
                if (!ends.has(text.slice(i)))
                    ends.set(text.slice(i), data.length + i)
            starts.set(text, data.length)
            data.add(Buffer.from(`${text}\0`, "latin1"))
        } else starts.set(text, shared)
    }
    const asciiTable = new Data()
    asciiTable.add(...ascii.map(text => u16(starts.get(text) as number)))
    asciiTable.align()
    const utf8Table = new Data()
    for (const text of utf8) {
        data.align()
        utf8Table.add(u32(data.length))
        const bytes = Buffer.from(text, "utf8")
        const jumps: number[] = []
        let length = 0
        for (let i = 0; i < bytes.length; i++) {
            length++
            while ((bytes[i + 1] & 0xc0) === 0x80) i++
            if (length % (1 << UTF8_TABLE_SHIFT) === 0) jumps.push(i + 1)
        }
        data.add(u16(bytes.length, length, ...jumps), bytes, Buffer.alloc(1))
    }
    const bufferTable = new Data()
    for (const buffer of buffers) {
        data.align()
        bufferTable.add(u32(data.length, buffer.length))
        data.add(buffer)
    }
    data.add(Buffer.alloc(1))
    data.align()
    return {
        ascii: asciiTable.all(),
        utf8: utf8Table.all(),
        buffers: bufferTable.all(),
        data: data.all(),
    }
}

/** Where the first function of an image begins. */
const codeStart = ({ fns }: Program): number =>
    FIX_HEADER_SIZE +
    SECTIONS.length * SECTION_HEADER_SIZE +
    fns.length * FUNCTION_HEADER_SIZE

/** Writes an image; with `debug`, also its debug information. */
export function writeImage(program: Program, debug?: DebugInfo): Written {
    const { ascii, utf8, floatList, bufferList, numbers } = tablesOf(program)
    const codes = program.fns.map(fn => assemble(fn.body, numbers))
    const table = new Data()
    const code = new Data()
    const first = codeStart(program)
    const starts = program.fns.map((fn, i) => {
        const start = first + code.length
        code.add(Buffer.from(codes[i].bytes))
        code.align()
        table.add(
            u32(start, first + code.length - start),
            u16(fn.slots),
            Buffer.from([fn.params, fn.flags]),
            u16(numbers.strings.get(fn.name) as number),
            Buffer.from([fn.tries, 0])
        )
        return start
    })
    const specs = Buffer.from(program.specs)
    for (const { at, text } of program.specNames)
        specs.writeUInt16LE(numbers.strings.get(text) as number, at)
    const sections: Record<Section, Buffer> = {
        functions: table.all(),
        code: code.all(),
        floats: Buffer.from(floatList.join(""), "hex"),
        roles: Buffer.alloc(0),
        ...constants(ascii, utf8, bufferList),
        specs,
        dcfg: program.dcfg,
    }
    const header = Buffer.from(program.header)
    header.writeUInt16LE(program.globals.length, GLOBALS)
    header.writeUInt16LE(program.specCount, SPECS)
    const image = new Data()
    image.add(header)
    let at = FIX_HEADER_SIZE + SECTIONS.length * SECTION_HEADER_SIZE
    for (const name of SECTIONS) {
        image.add(u32(at, sections[name].length))
        at += sections[name].length
    }
    image.add(...SECTIONS.map(name => sections[name]))
    const filled = image.length
    image.align(BINARY_SIZE_ALIGN)
    const all = image.all()
    const codeEnd = first + code.length
    if (!debug) return { image: all, codeEnd }
    return {
        image: all,
        codeEnd,
        debug: {
            ...debug,
            sizes: {
                ...debug.sizes,
                floats: sections.floats.length,
                strings:
                    sections.data.length +
                    sections.ascii.length +
                    sections.utf8.length +
                    sections.buffers.length,
                align: all.length - filled,
            },
            functions: program.fns.map((fn, i) => ({
                ...(fn.debug ?? { name: fn.name, users: [], constVars: {} }),
                startpc: starts[i],
                size:
                    aligned(codes[i].bytes.length, ALIGN) +
                    FUNCTION_HEADER_SIZE,
                slots: Array.from(
                    { length: fn.slots },
                    (_, slot) =>
                        fn.debug?.slots[slot] ?? {
                            name: `_tmp${slot}`,
                            type: "tmp",
                        }
                ),
            })),
            globals: program.globals,
            srcmap: sourceMap(codes, starts),
            binary: { hex: all.toString("hex") },
        },
    }
}

/** Position, length, program counter; position and counter as differences. */
function sourceMap(codes: Code[], starts: number[]): number[] {
    const map: number[] = []
    let lastPc = 0
    let lastPos = 0
    codes.forEach(({ marks, places }, i) => {
        let current: Place | undefined
        marks.forEach((at, k) => {
            const place = places[k]
            if (
                !place ||
                (place.pos === current?.pos && place.length === current.length)
            )
                return
            current = place
            map.push(place.pos - lastPos, place.length, starts[i] + at - lastPc)
            lastPos = place.pos
            lastPc = starts[i] + at
        })
    })
    return map
}

/** Where the code of a program ends, without an image being made of it. */
export function codeEndOf(program: Program): number {
    const { numbers } = tablesOf(program)
    return program.fns.reduce(
        (end, { body }) =>
            end + aligned(assemble(body, numbers).bytes.length, ALIGN),
        codeStart(program)
    )
}
