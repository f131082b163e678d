/** Lists of names of the core that the build goes by: each is there, else nobody would notice. */
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import ts from "typescript"
import { expect, test } from "vitest"
import { coldMethods } from "../../espruino/cold"
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
