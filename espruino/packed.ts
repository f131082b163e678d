/**
 * Constant tables of a bundle, shorter and with less memory: each element of an array
 * takes a variable or more, a character of a string takes a byte.
 *
 *     new Table(["OK", 1, 0, "ERROR", 2, 0], 3, 2)    new Table(() => "OK\nERROR\n", "$#%#", "11")
 *     new Table(["OK", 1, 0, "ERROR", 2, 0], 3, 1)    new Table(() => "OK\nERROR\n", "$#%#", "")
 *     new Lookup(TABLE)                               new Lookup("…"), and no texts in TABLE
 *     new Uint8Array([1, 2, …])                       unpack("$%…")
 *     var WORDS = ["off", "ready"]                    function WORDS() { return ["off", "ready"] }
 */
import zlib from "node:zlib"
import type { AnyNode, ArrayExpression } from "acorn"
import { apply, parsed, walk, type Edit } from "./tree"

/** as in `src/espruino/bytes.ts` and `table.ts` */
const LEAST = 35
const BASE = 90
/** bytes that are worth a call */
const MANY = 16

/** Variables of the module whose values are constant. */
type Known = Map<string, unknown>

/** The value of a constant expression, `undefined` if it is not constant. */
function constant(code: string, node: AnyNode, known: Known): unknown {
    let is = true
    walk(node, inner => {
        if (
            inner.type === "Identifier"
                ? !known.has(inner.name)
                : !CONSTANT.has(inner.type)
        )
            is = false
    })
    if (!is) return undefined
    const names = [...known.keys()]
    return new Function(...names, `return ${code.slice(node.start, node.end)}`)(
        ...known.values()
    )
}

const CONSTANT = new Set(["Literal", "BinaryExpression", "UnaryExpression"])

function constants(
    code: string,
    list: ArrayExpression,
    known: Known
): unknown[] | undefined {
    const values: unknown[] = []
    for (const element of list.elements) {
        if (!element) return undefined
        const value = constant(code, element, known)
        if (value === undefined) return undefined
        values.push(value)
    }
    return values
}

const character = (value: number): string => {
    if (value < 0 || value + LEAST > 255) throw new Error(`${value} is no byte`)
    return String.fromCharCode(value + LEAST)
}

/** A number in `length` characters, lowest part first. */
function digits(value: number, length: number): string {
    let text = ""
    for (let i = 0; i < length; i++) {
        text += character(value % BASE)
        value = Math.floor(value / BASE)
    }
    return text
}

/** The key of a text: its length, its check sum, and that of its first four bytes. */
function sums(texts: string[]): string {
    const all = texts.map(text => {
        const first = Buffer.from(text.slice(0, 4).padEnd(4, "\0"), "latin1")
        return (
            digits(text.length, 1) +
            digits(zlib.crc32(Buffer.from(text, "latin1")), 5) +
            digits(zlib.crc32(first) & 255, 2)
        )
    })
    return JSON.stringify(all.join(""))
}

/**
 * @param width bytes of a number: one byte is always one character
 * @param silent its texts are not needed
 */
function table(
    cells: unknown[],
    columns: number,
    width: number,
    silent: boolean
): string {
    const widths: number[] = []
    for (let column = 1; column < columns; column++) {
        const values = cells.filter((_, i) => i % columns === column)
        const short = values.every(value => (value as number) < BASE)
        widths.push(short || width === 1 ? 1 : 2)
    }
    let texts = ""
    let numbers = ""
    cells.forEach((cell, i) => {
        const column = i % columns
        if (column === 0) texts += `${cell as string}\n`
        else if (widths[column - 1] === 1) numbers += character(cell as number)
        else
            numbers +=
                character((cell as number) % BASE) +
                character(Math.floor((cell as number) / BASE))
    })
    return `${JSON.stringify(silent ? "" : texts)}, ${JSON.stringify(numbers)}, "${width === 1 ? "" : widths.join("")}"`
}

export function withPacked(code: string): string {
    const edits: Edit[] = []
    const program = parsed(code)
    const lists = new Set<string>()
    const known: Known = new Map()
    for (const node of program.body) {
        if (node.type !== "VariableDeclaration") continue
        for (const { id, init } of node.declarations) {
            if (id.type !== "Identifier" || !init) continue
            const value = constant(code, init, known)
            if (value !== undefined) known.set(id.name, value)
        }
    }
    /** the function that unpacks, if it is in there */
    const unpack = /^function (unpack\d*)\(/m.exec(code)?.[1]
    for (const node of program.body) {
        if (node.type !== "VariableDeclaration") continue
        const [{ id, init }] = node.declarations
        if (id.type !== "Identifier" || !init) continue
        const all =
            init.type === "CallExpression" &&
            /\.list\(\)$/.test(code.slice(init.start, init.end))
        const words =
            init.type === "ArrayExpression" &&
            init.elements.length > 0 &&
            constants(code, init, known) !== undefined
        if (!all && !words) continue
        lists.add(id.name)
        edits.push({
            from: node.start,
            to: node.end,
            text: `function ${id.name}() {\n  return ${code.slice(init.start, init.end)};\n}`,
        })
    }
    /** tables whose texts are looked for, and not wanted otherwise */
    const silent = new Set<string>()
    walk(program, node => {
        if (
            node.type === "NewExpression" &&
            node.callee.type === "Identifier" &&
            /^Lookup\d*$/.test(node.callee.name) &&
            node.arguments[0].type === "Identifier"
        )
            silent.add(node.arguments[0].name)
    })
    /** the texts of the tables by their names */
    const found = new Map<string, string[]>()
    walk(program, (node, up) => {
        if (
            node.type === "NewExpression" &&
            node.callee.type === "Identifier"
        ) {
            const [list, columns, width] = node.arguments
            if (
                /^Lookup\d*$/.test(node.callee.name) &&
                list.type === "Identifier"
            ) {
                // a table stands above what looks into it
                const texts = found.get(list.name)
                if (!texts) throw new Error(`${list.name} is no table`)
                edits.push({
                    from: list.start,
                    to: list.end,
                    text: sums(texts),
                })
            }
            if (list?.type !== "ArrayExpression") return
            const values = constants(code, list, known)
            if (!values) return
            if (/^Table\d*$/.test(node.callee.name)) {
                const n = +code.slice(columns.start, columns.end)
                const owner = up.at(-1)
                const name =
                    owner?.type === "VariableDeclarator" &&
                    owner.id.type === "Identifier"
                        ? owner.id.name
                        : ""
                found.set(
                    name,
                    values.filter((_, i) => i % n === 0) as string[]
                )
                edits.push({
                    from: list.start,
                    to: width.end,
                    text: `() => ${table(values, n, +code.slice(width.start, width.end), silent.has(name))}`,
                })
            } else if (
                node.callee.name === "Uint8Array" &&
                values.length >= MANY &&
                unpack
            )
                edits.push({
                    from: node.start,
                    to: node.end,
                    text: `${unpack}(${JSON.stringify((values as number[]).map(character).join(""))})`,
                })
        }
        const parent = up.at(-1) as AnyNode | undefined
        if (
            node.type === "MemberExpression" &&
            node.object.type === "Identifier" &&
            silent.has(node.object.name) &&
            node.property.type === "Identifier" &&
            /^(text|list)$/.test(node.property.name)
        )
            throw new Error(`${node.object.name} has no texts any more`)
        if (
            node.type === "Identifier" &&
            lists.has(node.name) &&
            parent &&
            parent.type !== "VariableDeclarator" &&
            !(
                parent.type === "MemberExpression" &&
                parent.property === node &&
                !parent.computed
            ) &&
            !(parent.type === "MethodDefinition") &&
            !(parent.type === "Property" && parent.key === node)
        )
            edits.push({ from: node.end, to: node.end, text: "()" })
    })
    // nothing is hoisted: the unpacking function comes before packed data
    const own = program.body.find(
        node => node.type === "FunctionDeclaration" && node.id.name === unpack
    )
    if (own && edits.some(({ from }) => from < own.start)) {
        const { start, end } = own
        edits.push({ from: start, to: end, text: "" })
        edits.push({ from: 0, to: 0, text: `${code.slice(start, end)}\n` })
    }
    return apply(code, edits)
}
