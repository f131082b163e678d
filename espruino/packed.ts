/**
 * Constant tables of a bundle, written shorter, and so that they take little memory:
 * each element of an array is one variable or more, that of a string a byte.
 *
 *     new Table(["OK", 1, 0, "ERROR", 2, 0], 3)   new Table(() => "OK\nERROR\n", "$#%#", "11")
 *     new Uint8Array([1, 2, …])                   unpack("$%…")
 *     var WORDS = ["off", "ready"]                function WORDS() { return ["off", "ready"] }
 */
import { parse, type AnyNode, type ArrayExpression } from "acorn"
import { apply, walk, type Edit } from "./shorter"

/** as in `src/espruino/bytes.ts` and `table.ts` */
const LEAST = 35
const BASE = 90
/** bytes that are worth a call */
const MANY = 16

/** Variables of the module whose values are constant. */
type Known = Map<string, unknown>

/** The value of what is put together of constants, `undefined` if it is not. */
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

function table(cells: unknown[], columns: number): string {
    const widths: number[] = []
    for (let column = 1; column < columns; column++) {
        const values = cells.filter((_, i) => i % columns === column)
        widths.push(values.every(value => (value as number) < BASE) ? 1 : 2)
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
    return `${JSON.stringify(texts)}, ${JSON.stringify(numbers)}, "${widths.join("")}"`
}

export function withPacked(code: string): string {
    const edits: Edit[] = []
    const program = parse(code, { ecmaVersion: 2022, sourceType: "module" })
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
    walk(program, (node, up) => {
        if (
            node.type === "NewExpression" &&
            node.callee.type === "Identifier"
        ) {
            const [list, columns] = node.arguments
            if (list?.type !== "ArrayExpression") return
            const values = constants(code, list, known)
            if (!values) return
            if (/^Table\d*$/.test(node.callee.name))
                edits.push({
                    from: list.start,
                    to: columns.end,
                    text: `() => ${table(values, +code.slice(columns.start, columns.end))}`,
                })
            else if (
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
    return apply(code, edits)
}
