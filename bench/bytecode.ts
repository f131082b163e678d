/** A compiled program: its functions, its strings, and its disassembly. */
import { text } from "node:stream/consumers"
import { readFileSync } from "node:fs"
import path from "node:path"
import { load } from "../optimizer/src/load"
import { optimize, type Size } from "../optimizer/src/optimize"
import { build, debugInfo, devs } from "../simulator/vm/firmware"

const root = path.resolve(import.meta.dirname, "..")
/** The used part of the compiler's debug information. */
interface DebugInfo {
    sizes: { strings: number }
    /** `location`: where in the concatenation of all sources, and how long */
    functions: {
        name: string
        location: [number, number]
        /** where its code begins in the image */
        startpc: number
        size: number
    }[]
    sources: { path: string; length: number }[]
    binary: { hex: string }
}

export interface BytecodeFunction {
    /** as in the disassembly: `name_F12` */
    id: string
    /** `Class.method`, or the name of a function */
    name: string
    /** path of the source from the project's root */
    file: string
    /** bytes in the image, its entry in the table of functions included */
    size: number
    /** the lines of the disassembly */
    code: string[]
}

/** Bytes of a function in the table of functions. */
const ENTRY = 16

/** The VM runs no function that ends beyond this, in bytes from the image's start. */
export const CODE_LIMIT = 65536

export interface Bytecode {
    /** bytes of the image */
    size: number
    /** where the last function ends in it */
    codeEnd: number
    functions: BytecodeFunction[]
    /** bytes in the image, their entries in the tables of strings included */
    strings: { text: string; size: number }[]
}

/** Sizes of a program as compiled and as optimised. */
export interface Sizes {
    compiled: Size
    optimized: Size
    /** the optimised image */
    image: Buffer
    /** its remaining functions, as `src/core/modem.ts:poll` */
    functions: Set<string>
}

/**
 * Compiles and optimises a program.
 * @param options of `build()`: with `--no-verify` it is not checked that the VM would
 * load it
 */
export async function sizes(
    source: string,
    ...options: string[]
): Promise<Sizes> {
    const { image, debug } = load(await build(source, ...options))
    const found = debug?.optimized as { before: Size; after: Size } | undefined
    if (!found) throw new Error(`${source} is not optimised`)
    return {
        compiled: found.before,
        optimized: found.after,
        image,
        functions: names(debug as unknown as DebugInfo),
    }
}

/**
 * Functions of a program that the optimiser has inlined, as `src/core/modem.ts:poll`.
 * One that shares its name with another in its file counts as not inlined.
 */
export async function inlined(source: string): Promise<Set<string>> {
    const { image, debug } = load(
        await build(source, "--no-verify", "--no-optimize")
    )
    const left = names(optimize(image, debug).debug as unknown as DebugInfo)
    return new Set(
        [...names(debug as unknown as DebugInfo)].filter(
            name => !left.has(name)
        )
    )
}

const names = (debug: DebugInfo): Set<string> =>
    new Set(
        debug.functions.map(
            ({ name, location }) => `${fileAt(debug, location[0])}:${name}`
        )
    )

/**
 * Compiles a program without optimisation. It is not verified, so that a program too
 * large for the VM can be measured.
 */
export async function compile(source: string): Promise<Bytecode> {
    const file = debugInfo(await build(source, "--no-verify", "--no-optimize"))
    const debug = JSON.parse(readFileSync(file, "utf8")) as DebugInfo
    const { stdout } = devs(["--no-colors", "disasm", file])
    if (!stdout) throw new Error("devs disasm says nothing")
    return read(debug, (await text(stdout)).split("\n"))
}

function read(debug: DebugInfo, lines: string[]): Bytecode {
    const image = Buffer.from(debug.binary.hex, "hex")
    const code = bodies(lines)
    const classes = methods(lines)
    const functions = debug.functions.map((fn, index) => {
        const owner = classes.get(index)
        return {
            id: `${fn.name}_F${index}`,
            name: owner ? `${owner}.${fn.name}` : fn.name,
            file: fileAt(debug, fn.location[0]),
            size: fn.size,
            code: code.get(index) ?? [],
        }
    })
    const missing = functions.find(fn => fn.code.length === 0)
    if (missing) throw new Error(`the disassembly does not show ${missing.id}`)
    return {
        size: image.length,
        codeEnd: Math.max(
            ...debug.functions.map(fn => fn.startpc + fn.size - ENTRY)
        ),
        functions,
        strings: strings(image),
    }
}

/** Which source a place in the concatenation of all is in. */
function fileAt(debug: DebugInfo, at: number): string {
    for (const { path: file, length } of debug.sources) {
        if (at < length) return path.relative(root, path.resolve(root, file))
        at -= length
    }
    return "?"
}

/** Instructions by number of function. */
function bodies(lines: string[]): Map<number, string[]> {
    const found = new Map<number, string[]>()
    let body: string[] = []
    for (const line of lines) {
        const head = /^(?:ctor|method|proc) \w*_F(\d+)\(.*\): @\d+$/.exec(line)
        if (head) found.set(Number(head[1]), (body = []))
        else if (/^ *\d+: /.test(line)) body.push(line.trim())
    }
    return found
}

/** Names of classes by number of method: the program puts them together. */
function methods(lines: string[]): Map<number, string> {
    const found = new Map<number, string>()
    const member =
        /: +(\w+?)(?:_F(\d+))?(?:\."prototype")?\["\w+"\] := \w+_F(\d+)$/
    for (const line of lines) {
        const match = member.exec(line)
        if (!match) continue
        found.set(Number(match[3]), match[1])
        if (match[2] !== undefined) found.set(Number(match[2]), match[1])
    }
    return found
}

/* Sections of the image, each an offset and a length (devs_bytecode.h). */
const ASCII = 64
const UTF8 = 72
const STRING_DATA = 88

function strings(image: Buffer): Bytecode["strings"] {
    const data = image.readUInt32LE(STRING_DATA)
    const section = (at: number, entry: number): number[] => {
        const start = image.readUInt32LE(at)
        const count = image.readUInt32LE(at + 4) / entry
        return Array.from({ length: count }, (_, i) =>
            entry === 2
                ? image.readUInt16LE(start + 2 * i)
                : image.readUInt32LE(start + 4 * i)
        )
    }
    // up to a zero
    const ascii = section(ASCII, 2).map(at => {
        const end = image.indexOf(0, data + at)
        const text = image.toString("latin1", data + at, end)
        return { text, size: text.length + 1 + 2 }
    })
    // u16 size, u16 length, an index for every 16 characters, up to a zero
    const utf8 = section(UTF8, 4).map(at => {
        const size = image.readUInt16LE(data + at)
        const length = image.readUInt16LE(data + at + 2)
        const head = 4 + 2 * Math.floor(length / 16)
        const text = image.toString(
            "utf8",
            data + at + head,
            data + at + head + size
        )
        return { text, size: head + size + 1 + 4 }
    })
    return [...ascii, ...utf8]
}
