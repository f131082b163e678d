/**
 * Writes src/names.ts: the names that programs use most, the most frequent one
 * first.
 */
import { writeFileSync } from "node:fs"
import path from "node:path"
import { compile } from "./bytecode"

const FILE = path.resolve(import.meta.dirname, "../src/names.ts")
/** How many numbers of strings take one byte. */
const SHORT = 248
/** What every program has in common is in these … */
const CLIENTS = ["client", "client-jacdac"]
/** … and everything in these. */
const PROGRAMS = [...CLIENTS, "note", "everything"]

const HEAD = `/**
 * DeviceScript's compiler numbers strings in the order in which it meets them.
 * The numbers of the first ${SHORT} take one byte wherever they are used, all others
 * three. So the names that are used most come first: that makes programs 5 %
 * smaller. In themselves these lines make no code.
 *
 * Made by \`npm run names\`.
 */
`

/** How often strings stand in a program's code. */
async function uses(program: string): Promise<Map<string, number>> {
    const source = `bench/firmware/${program}.ts`
    const { functions, strings } = await compile(source)
    const known = new Set(strings.map(({ text }) => text))
    const found = new Map<string, number>()
    for (const line of functions.flatMap(fn => fn.code))
        for (const [quoted] of line.matchAll(/"(?:[^"\\]|\\.)*"/g)) {
            const text = JSON.parse(quoted) as string
            if (known.has(text)) found.set(text, (found.get(text) ?? 0) + 1)
        }
    return found
}

const programs = new Map<string, Map<string, number>>()
for (const name of PROGRAMS) programs.set(name, await uses(name))
const common = new Set(
    CLIENTS.flatMap(name => [...(programs.get(name)?.keys() ?? [])])
)
const total = (text: string): number =>
    [...programs.values()].reduce((sum, all) => sum + (all.get(text) ?? 0), 0)
const names = [...common]
    .filter(text => /^\w+$/.test(text))
    .sort((a, b) => total(b) - total(a) || (a < b ? -1 : 1))
    .slice(0, SHORT)

writeFileSync(
    FILE,
    `${HEAD}${names.map(name => JSON.stringify(name)).join("\n")}\n\nexport {}\n`
)
