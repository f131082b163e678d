/** Lists of names of the core that the build goes by: each is there, else nobody would notice. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import ts from "typescript"
import { expect, test } from "vitest"
import { coldMethods } from "../../espruino/cold"
import { namedFiles, neverIn } from "../../espruino/never"
import { typed } from "../../espruino/typed"
import { root } from "../core/pages"

/** `Class.member` and `file.function` of everything in src. */
function declared(): Set<string> {
    const names = new Set<string>()
    const folder = path.join(root, "src")
    for (const file of readdirSync(folder, {
        recursive: true,
        encoding: "utf8",
    })) {
        if (!file.endsWith(".ts")) continue
        const text = readFileSync(path.join(folder, file), "utf8")
        const source = ts.createSourceFile(
            file,
            text,
            ts.ScriptTarget.Latest,
            true
        )
        source.forEachChild(node => {
            if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
                for (const { name } of node.members)
                    names.add(`${node.name?.text}.${name?.getText()}`)
            if (ts.isFunctionDeclaration(node))
                names.add(`${path.basename(file, ".ts")}.${node.name?.text}`)
        })
    }
    return names
}

test("methods and functions that come when they are called", () => {
    const there = declared()
    const listed = [...coldMethods()].flatMap(([owner, methods]) =>
        [...methods].map(method => `${owner}.${method}`)
    )
    expect(listed.length).toBeGreaterThan(100)
    expect(listed.filter(name => !there.has(name))).toEqual([])
})

test("what can not be: each file is there, each rule finds something to leave out", () => {
    expect(
        namedFiles().filter(file => !existsSync(path.join(root, "src", file)))
    ).toEqual([])
    const never = neverIn([], true)
    const hits = new Set<string>()
    for (const folder of ["core", "espruino"])
        for (const file of readdirSync(path.join(root, "src", folder), {
            recursive: true,
            encoding: "utf8",
        }))
            if (file.endsWith(".ts"))
                for (const hit of typed(
                    path.join(root, "src", folder, file),
                    never,
                    new Set()
                ).hits)
                    hits.add(hit)
    const rules = [
        ...Object.keys(never.values),
        ...never.members,
        ...never.settings,
        ...[...never.rows].map(row => `row ${row}`),
    ]
    expect(rules.length).toBeGreaterThan(80)
    expect(rules.filter(rule => !hits.has(rule))).toEqual([])
}, 120_000)
