/**
 * Files form floors: imports go one way only; in the virtual modem and in the core those
 * of types too, elsewhere in the driver those that load something.
 */
import fs from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"

const top = path.resolve(import.meta.dirname, "../..")

function filesBelow(folder: string): string[] {
    return fs
        .readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter(name => name.endsWith(".ts") && !name.startsWith("dist"))
        .map(name => path.join(folder, name))
}

/** What loads nothing: `import type`, and lists of nothing but types. */
const TYPES =
    /\b(import|export) (type [^"]*|\{\s*(type \w+( as \w+)?,?\s*)+\} )from "[^"]+"/g

/** The files of a folder that a file imports from. */
function importsOf(file: string, root: string, types: boolean): string[] {
    let source = fs.readFileSync(file, "utf8")
    if (!types) source = source.replace(TYPES, "")
    return [...source.matchAll(/\bfrom "(\.[^"]+)"/g)]
        .map(([, name]) => path.resolve(path.dirname(file), name))
        .map(name => (name.endsWith(".ts") ? name : `${name}.ts`))
        .filter(name => name.startsWith(root) && fs.existsSync(name))
}

function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
    const found: string[] = []
    const done = new Set<string>()
    const walk = (file: string, way: readonly string[]): void => {
        const at = way.indexOf(file)
        if (at >= 0) found.push([...way.slice(at), file].join(" > "))
        else if (!done.has(file)) {
            for (const next of graph.get(file) ?? []) walk(next, [...way, file])
            done.add(file)
        }
    }
    for (const file of graph.keys()) walk(file, [])
    return found
}

test.each([
    ["sim", true],
    ["src/core", true],
    ["src", false],
])("no circle of imports: %s", (folder, types) => {
    const root = path.join(top, folder)
    const files = filesBelow(root)
    expect(files.length).toBeGreaterThan(50)
    const name = (file: string): string => path.relative(root, file)
    const graph = new Map(
        files.map(file => [name(file), importsOf(file, root, types).map(name)])
    )
    expect([...graph.values()].flat().length).toBeGreaterThan(files.length)
    expect(circles(graph)).toEqual([])
})

test("a circle is found", () => {
    const graph = new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["a"]],
    ])
    expect(circles(graph)).toEqual(["a > b > c > a"])
})
