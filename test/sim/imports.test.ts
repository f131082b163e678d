/** The virtual modem's files form floors: imports, of types too, go one way only. */
import fs from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"

const root = path.resolve(import.meta.dirname, "../../sim")

function filesBelow(folder: string): string[] {
    return fs
        .readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter(name => name.endsWith(".ts") && !name.startsWith("dist"))
        .map(name => path.join(folder, name))
}

/** The files of this folder that a file imports from. */
function importsOf(file: string): string[] {
    const source = fs.readFileSync(file, "utf8")
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

test("no circle of imports", () => {
    const files = filesBelow(root)
    expect(files.length).toBeGreaterThan(50)
    const name = (file: string): string => path.relative(root, file)
    const graph = new Map(
        files.map(file => [name(file), importsOf(file).map(name)])
    )
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
