import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { generated, optionRows } from "../../docs/generate"

test.each(generated)(
    "%s is what the tables say (npm run docs)",
    (file, make) => {
        const text = readFileSync(file, "utf8")
        expect(make(text)).toBe(text)
    }
)

const root = path.resolve(import.meta.dirname, "../..")
const pages = ["docs", "boards"].flatMap(folder =>
    readdirSync(path.join(root, folder), {
        recursive: true,
        encoding: "utf8",
    })
        .filter(name => name.endsWith(".md"))
        .map(name => `${folder}/${name}`)
)

test.each(["README.md", ...pages])("the links of %s lead somewhere", page => {
    const file = path.join(root, page)
    const text = readFileSync(file, "utf8")
    for (const [, link] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
        expect(existsSync(path.resolve(path.dirname(file), link)), link).toBe(
            true
        )
})

test("each option has a row, and a comment that says what it is for", () => {
    const source = readFileSync(path.join(root, "src/core/options.ts"), "utf8")
    const members = source
        .slice(source.indexOf("export interface ModemOptions"))
        .split(/^}$/m)[0]
    const named = [...members.matchAll(/^ {4}(\w+)\??:/gm)].map(m => m[1])
    expect(
        optionRows()
            .map(row => row.name)
            .sort()
    ).toEqual(named.sort())
})
