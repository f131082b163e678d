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

test.each(["README.md", "CONTRIBUTING.md", ...pages])(
    "the links of %s lead somewhere",
    page => {
        const file = path.join(root, page)
        const text = readFileSync(file, "utf8")
        for (const [, link] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
            expect(
                existsSync(path.resolve(path.dirname(file), link)),
                link
            ).toBe(true)
    }
)

const page = (name: string): string =>
    readFileSync(path.join(root, name), "utf8")

test("README is short, and begins with what it is for: both runtimes", () => {
    const text = page("README.md")
    expect(text.split(/\s+/).length).toBeLessThanOrEqual(1500)
    const [, first] = text.split("\n\n")
    expect(first).toContain("DeviceScript")
    expect(first).toContain("Espruino")
})

test("what HTTP and MQTT add is what the bench has measured", () => {
    const cells = (name: string, row: string): string[] =>
        page(name)
            .split("\n")
            .filter(line => line.startsWith(`| ${row}`))
            .map(line => line.split("|")[2].trim())
    const measured = "docs/performance.md"
    for (const [name, own, other] of [
        ["HTTP", "HTTP (`HttpClient`)", "HTTP (`fetch`"],
        ["MQTT", "MQTT (`MqttClient`)", "MQTT (client"],
    ])
        expect(page("docs/http-and-mqtt.md")).toContain(
            `| ${name} | ${cells(measured, own)[0]} | ${cells(measured, other)[0]} |`
        )
})

test("what the optimiser takes off is what the bench has measured", () => {
    const off = [
        ...page("docs/performance.md").matchAll(
            /^\|[^|]+\| ([\d,]+) \| \*\*([\d,]+)\*\* \|/gm
        ),
    ].map(([, before, after]) => {
        const bytes = (text: string) => Number(text.replace(",", ""))
        return Math.round(100 * (1 - bytes(after) / bytes(before)))
    })
    const range = `${Math.min(...off)} to ${Math.max(...off)} %`
    for (const name of ["optimizer/README.md", "docs/size-and-memory.md"])
        expect(page(name)).toContain(`takes ${range} off`)
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

test("no recipe touches more than four files, and what it names is there", () => {
    const text = readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8")
    const recipes = text.slice(text.indexOf("## Recipes")).split(/^\*\*/m)
    expect(recipes.length).toBeGreaterThan(9)
    for (const recipe of recipes) {
        const files = recipe.match(/^- \[/gm) ?? []
        expect(files.length, recipe).toBeLessThanOrEqual(4)
    }
    const named = text.matchAll(/`((?:src|sim|test|docs|boards)\/[\w./-]+)`/g)
    for (const [, name] of named)
        expect(existsSync(path.join(root, name)), name).toBe(true)
})

test("the files that the architecture names are there", () => {
    const text = readFileSync(path.join(root, "docs/architecture.md"), "utf8")
    const places = [
        "src/core",
        "src/core/bearer",
        "src/core/link",
        "src/core/dialogues",
        "src/ports",
        "src/devicescript",
        "src/selftest",
        "src",
        "docs",
        ".",
    ]
    const named = [...text.matchAll(/`([\w./-]+\.(?:ts|mjs|js|md))`/g)].map(
        ([, name]) => name
    )
    expect(named.length).toBeGreaterThan(40)
    const missing = named.filter(
        name => !places.some(place => existsSync(path.join(root, place, name)))
    )
    expect(missing).toEqual([])
})
