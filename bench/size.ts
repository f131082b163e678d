/** What the driver takes of a board: bytes of program in flash. */
import { CODE_LIMIT, compile, type Bytecode } from "./bytecode"
import { atMost, figure, type Options, type Part, type Row } from "./part"

/** Bytes of program: only a TCP client; all of the application note, and everything. */
const CLIENT = 24 * 1024
const EVERYTHING = 48 * 1024

/** How many of the largest things `--detail` shows. */
const LARGEST = 60

function sum(sizes: { size: number }[]): number {
    return sizes.reduce((total, { size }) => total + size, 0)
}

/** Sizes of what belongs together, the largest first. */
function groups<T extends { size: number }>(
    things: T[],
    key: (thing: T) => string
): { name: string; size: number; count: number }[] {
    const found = new Map<string, T[]>()
    for (const thing of things) {
        const name = key(thing)
        const group = found.get(name)
        if (group) group.push(thing)
        else found.set(name, [thing])
    }
    return [...found]
        .map(([name, group]) => ({
            name,
            size: sum(group),
            count: group.length,
        }))
        .sort((a, b) => b.size - a.size)
}

function detail(source: string, bytecode: Bytecode, options: Options): void {
    const { functions, strings, size } = bytecode
    const { print } = options
    const line = (bytes: number, text: string): void =>
        print(`${String(bytes).padStart(8)}  ${text}`)
    const rest = size - sum(functions) - sum(strings)
    print(`\n  ${source}: ${size} bytes`)
    line(sum(functions), `${functions.length} functions`)
    line(sum(strings), `${strings.length} strings`)
    line(rest, "header, services, settings, filling")
    print("\n  functions by file")
    for (const { name, size, count } of groups(functions, fn => fn.file))
        line(size, `${name}, ${count}`)
    print("\n  strings by kind")
    const kind = ({ text }: { text: string }): string =>
        /^[A-Za-z_]\w*$/.test(text) ? "one word: names, mostly" : "texts"
    for (const { name, size, count } of groups(strings, kind))
        line(size, `${name}, ${count}`)
    const largest = <T extends { size: number }>(things: T[]): T[] =>
        [...things].sort((a, b) => b.size - a.size).slice(0, LARGEST)
    print(`\n  the ${LARGEST} largest functions`)
    for (const { name, file, size } of largest(functions))
        line(size, `${name}  (${file})`)
    print(`\n  the ${LARGEST} largest strings`)
    for (const { text, size } of largest(strings))
        line(size, JSON.stringify(text))
}

async function bytecodeOf(
    program: string,
    options: Options
): Promise<Bytecode> {
    const bytecode = await compile(program)
    if (options.detail) detail(program, bytecode, options)
    return bytecode
}

/** Where the bytes of an image come from. */
function shares(what: string, { functions, strings }: Bytecode): Row[] {
    const own = functions.filter(fn => fn.file.startsWith("src/"))
    return [
        figure(`${what}: functions of src/`, sum(own), "bytes"),
        figure(`${what}: other functions`, sum(functions) - sum(own), "bytes"),
        figure(`${what}: strings`, sum(strings), "bytes"),
    ]
}

async function bytecode(options: Options): Promise<Row[]> {
    const of = (name: string): Promise<Bytecode> =>
        bytecodeOf(`bench/firmware/${name}.ts`, options)
    const client = await of("client")
    const jacdac = await of("client-jacdac")
    const note = await of("note")
    const transparent = await of("transparent")
    const everything = await of("everything")
    const example = await bytecodeOf("src/main.ts", options)
    const empty = await of("empty")
    return [
        atMost("program with a TCP client", client.size, "bytes", CLIENT),
        ...shares("TCP client", client),
        figure("the same on Jacdac", jacdac.size, "bytes"),
        atMost(
            "TCP client: where functions end",
            client.codeEnd,
            "bytes",
            CODE_LIMIT
        ),
        atMost(
            "all of the application note, several connections",
            note.size,
            "bytes",
            EVERYTHING
        ),
        atMost(
            "application note: where functions end",
            note.codeEnd,
            "bytes",
            CODE_LIMIT
        ),
        figure("transparent mode", transparent.size, "bytes"),
        atMost(
            "transparent mode: where functions end",
            transparent.codeEnd,
            "bytes",
            CODE_LIMIT
        ),
        atMost("program with everything", everything.size, "bytes", EVERYTHING),
        ...shares("everything", everything),
        atMost(
            "everything: where functions end",
            everything.codeEnd,
            "bytes",
            CODE_LIMIT
        ),
        figure("the example", example.size, "bytes"),
        figure("an empty program", empty.size, "bytes"),
    ]
}

export const part: Part = {
    title: "bytes of program",
    run: bytecode,
}
