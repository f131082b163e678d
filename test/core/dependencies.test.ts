/** What this project is made with: each has a reason, one version, and a licence that goes with MIT. */
import { readFileSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { root, source } from "./pages"

interface Manifest {
    readonly version: string
    readonly dependencies?: Record<string, string>
    readonly devDependencies?: Record<string, string>
    readonly optionalDependencies?: Record<string, string>
}
const read = <T>(file: string): T =>
    JSON.parse(readFileSync(path.join(root, file), "utf8")) as T

const manifests = [
    "package.json",
    "sim/package.json",
    "optimizer/package.json",
].map(file => read<Manifest>(file))
const asked = manifests.map(
    ({ dependencies, devDependencies, optionalDependencies }) => ({
        ...dependencies,
        ...devDependencies,
        ...optionalDependencies,
    })
)

test("each dependency stands in docs/dependencies.md, and nothing else does", () => {
    const rows = source("docs/dependencies.md")
        .split("\n")
        .filter(line => line.startsWith("| `"))
        .flatMap(line => [...line.split("|")[1].matchAll(/`([^`]+)`/g)])
        .map(([, name]) => name)
    expect(rows.sort()).toEqual([...new Set(asked.flatMap(Object.keys))].sort())
})

test("each is pinned to one version", () => {
    const versions = new Map<string, string>()
    for (const [name, version] of asked.flatMap(Object.entries<string>)) {
        expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
        expect(versions.get(name) ?? version, name).toBe(version)
        versions.set(name, version)
    }
})

test("the packages have one version", () => {
    expect(new Set(manifests.map(({ version }) => version)).size).toBe(1)
})

/** May be used by, and given along with, what has the MIT licence. */
const FREE = [
    "MIT",
    "ISC",
    "0BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "Apache-2.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "Python-2.0",
    "Unlicense",
]
/** May be used by tools; our packages do not bring it along. */
const TOOLS = ["CC-BY-4.0", "MPL-2.0"]

test("all licences go with MIT", () => {
    interface Entry {
        readonly license?: string
        readonly link?: boolean
        readonly dev?: boolean
    }
    const { packages } = read<{ packages: Record<string, Entry> }>(
        "package-lock.json"
    )
    const entries = Object.entries(packages).filter(
        ([name, { link }]) => name !== "" && !link
    )
    expect(entries.length).toBeGreaterThan(200)
    for (const [name, { license = "none", dev }] of entries) {
        // one of several is enough
        const choice = license.replace(/[()]/g, "").split(" OR ")
        const allowed = dev ? [...FREE, ...TOOLS] : FREE
        expect(
            choice.some(each => allowed.includes(each)),
            `${name}: ${license}`
        ).toBe(true)
    }
})
