/**
 * Allocations on the ways that bytes take, none of which may be there: on a
 * board each takes 36,000 cycles and brings a collection nearer.
 */
import { takeCalls, type Calls } from "./coverage"
import { allocatedBy, type Allocated } from "./heap-profile"
import { Reception } from "../src/core/config"
import { Flow } from "./flow"
import { heapLeft } from "./vm-heap"
import { compile, type Bytecode, type BytecodeFunction } from "./bytecode"
import { download, idle, upload } from "./calls"
import {
    atLeast,
    atMost,
    figure,
    type Options,
    type Part,
    type Row,
} from "./part"

/** What goes each way under Node, and in the VM; and under Node before that. */
const MANY = 10_000_000
const STREAMED = 1_000_000
const WARM_UP = 100_000
/**
 * The largest block is not the same each time: packets of the bus lie about in
 * the heap. Four bytes for each 64 that are lost are more than this.
 */
export const NOISE = 3000
export const STREAM = "bench/firmware/stream.ts"

/** A program with all that the library has. */
const PROGRAM = "bench/firmware/everything.ts"

/**
 * Natives that return numbers, existing buffers, or nothing; and methods of an emitter,
 * which do nothing until the application subscribes.
 */
const NATIVES = new Set(
    (
        "emit blitAt fillAt indexOf getAt setAt charCodeAt floor min max round imod " +
        "millis sleep suspend resume self _i2cTransaction spiXfer setMode print"
    ).split(" ")
)

/** Instructions that always make an object. */
const MAKES = /\b(ALLOC_MAP|ALLOC_ARRAY|ALLOC_BUFFER|CLOSURE\()|(\(new )/

const TEXT = /"(?:[^"\\]|\\.)*"/.source
/** A text is put together with something. */
const JOINS = new RegExp(`${TEXT} \\+ |\\+ ${TEXT}`)

/**
 * The possible allocation of the instruction `code[at]`, "" if none. Numbers and
 * methods in variables never take heap in the VM.
 * @param own names of functions of the program, which are checked themselves
 * @param aliases values of global variables that are set once
 */
function allocates(
    code: string[],
    at: number,
    own: Set<string>,
    aliases: Map<string, string>
): string {
    const instruction = code[at].replace(/^\d+: +/, "")
    const made = MAKES.exec(instruction)
    if (made) return made[0]
    // names of fields are in quotation marks too
    const texts = instruction.replace(/\."\w+"|\["\w+"\]/g, "")
    if (JOINS.test(texts)) return "+ of texts"
    if (!instruction.startsWith("CALL ")) return ""
    const found = calleeOf(instruction.slice(5), code.slice(0, at))
    const callee = aliases.get(found) ?? found
    return own.has(callee) || NATIVES.has(callee) ? "" : callee
}

/**
 * The name of the called function: `loc0."core"."poll"(loc1)` is poll.
 * @param before the instructions before it, one of which may have put the function into
 * a variable
 */
function calleeOf(call: string, before: string[]): string {
    let depth = 0
    let end = call.length - 1
    for (; end >= 0; end--) {
        if (call[end] === ")") depth++
        else if (call[end] === "(" && --depth === 0) break
    }
    const target = call.slice(0, end)
    const name = /(?:"(\w+)"|(\w+?)_F\d+)$/.exec(target)
    if (name) return name[1] ?? name[2]
    const assignment = ` ${target} := `
    const last = before.findLast(line => line.includes(assignment))
    const value = last && /"(\w+)"$/.exec(last)
    return value ? value[1] : target
}

/** Natives in global variables that are set once: `const turn = ds.sleep`. */
function aliasesOf(program: Bytecode): Map<string, string> {
    const values = new Map<string, string[]>()
    for (const { code } of program.functions)
        for (const line of code) {
            const set = /(\{G\d+\}) := (.*)$/.exec(line)
            if (set) values.set(set[1], [...(values.get(set[1]) ?? []), set[2]])
        }
    const aliases = new Map<string, string>()
    for (const [variable, [value, ...more]] of values) {
        const name = /"(\w+)"$/.exec(value)
        if (name && more.length === 0) aliases.set(variable, name[1])
    }
    return aliases
}

function plain(name: string): string {
    return name.slice(name.lastIndexOf(".") + 1)
}

export interface Finding {
    fn: BytecodeFunction
    instruction: string
    what: string
}

/** The functions of a program that have run. */
export function hot(program: Bytecode, ran: Calls[]): BytecodeFunction[] {
    const keys = new Set(ran.map(({ file, name }) => `${file} ${name}`))
    return program.functions.filter(({ file, name }) =>
        keys.has(`${file} ${plain(name)}`)
    )
}

/**
 * The instructions of functions that may allocate.
 * @param folder whose files are looked at themselves if they run
 */
export function findings(
    program: Bytecode,
    functions: BytecodeFunction[],
    folder: string
): Finding[] {
    const own = new Set(
        program.functions
            .filter(({ file }) => file.startsWith(folder))
            .map(({ name }) => plain(name))
    )
    const aliases = aliasesOf(program)
    return functions.flatMap(fn =>
        fn.code.flatMap((instruction, at) => {
            const what = allocates(fn.code, at, own, aliases)
            return what ? [{ fn, instruction, what }] : []
        })
    )
}

/** What runs while data flow each way, and while nothing does. */
export async function steady(): Promise<Calls[]> {
    const ran: Calls[] = []
    for (const receive of ["push", "manual"] as const) {
        ran.push(...(await download(receive, 1460)).calls)
        ran.push(...(await idle(receive)).looks.calls)
    }
    ran.push(...(await upload()).calls)
    takeCalls()
    return ran
}

/** (a) The instructions of the functions that run. */
export async function instructions(): Promise<{
    functions: BytecodeFunction[]
    found: Finding[]
}> {
    const program = await compile(PROGRAM)
    const functions = hot(program, await steady())
    return { functions, found: findings(program, functions, "src/") }
}

async function inBytecode(options: Options): Promise<Row[]> {
    const { functions, found } = await instructions()
    if (options.detail)
        for (const { name, file } of functions)
            options.print(`  ${name}  (${file})`)
    for (const { fn, instruction, what } of found)
        options.print(`  ${fn.name} (${fn.file}): ${what} in ${instruction}`)
    return [
        figure("functions that run while data flow", functions.length, ""),
        atMost("allocating instructions in them", found.length, "", 0),
    ]
}

/**
 * (b) Allocations of the core under Node while `bytes` bytes go each way.
 * @param meanwhile called once in the midst of it
 */
export function inCore(
    reception: Reception.Push | Reception.Manual,
    bytes: number,
    meanwhile: () => void = () => undefined
): Allocated[] {
    const flow = new Flow(reception)
    // V8 makes its own notes on functions that run for the first time
    flow.receive(WARM_UP)
    flow.send(WARM_UP)
    return allocatedBy(() => {
        flow.receive(bytes)
        meanwhile()
        flow.send(bytes)
    }).filter(({ file }) => file.startsWith("src/core/"))
}

function underNode(options: Options): Row[] {
    const row = (
        what: string,
        reception: Reception.Push | Reception.Manual
    ): Row => {
        const found = inCore(reception, MANY)
        for (const { name, file, size } of found)
            options.print(`  ${name} (${file}): ${size} bytes`)
        const size = found.reduce((sum, allocated) => sum + allocated.size, 0)
        return atMost(
            `${what}: allocated by the core in 10 MB each way`,
            size,
            "bytes",
            0
        )
    }
    return [row("push", Reception.Push), row("manual", Reception.Manual)]
}

/** (c) The heap of the VM before and after a stream. */
async function inVm(): Promise<Row[]> {
    const before = await heapLeft(STREAM, 0)
    const after = await heapLeft(STREAM, STREAMED)
    const what = "largest block of the VM's heap"
    return [
        figure(`${what} after the start`, before, "bytes"),
        atLeast(`${what} after 1 MB each way`, after, "bytes", before - NOISE),
    ]
}

export const part: Part = {
    title: "allocations while data flow",
    run: async options => [
        ...(await inBytecode(options)),
        ...underNode(options),
        ...(await inVm()),
    ],
}
