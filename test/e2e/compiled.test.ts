/** A program is compiled again when, and only when, what it is made of has changed. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import {
    fingerprint,
    invalidate,
    isCurrent,
    ofProject,
    validate,
} from "../../simulator/vm/compiled"

let root: string

beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "compiled-"))
    mkdirSync(path.join(root, "src/core"), { recursive: true })
    writeFileSync(path.join(root, "src/main.ts"), "console.log(1)\n")
    writeFileSync(path.join(root, "src/core/ring.ts"), "export {}\n")
    writeFileSync(path.join(root, "devsconfig.json"), "{}\n")
})
afterEach(() => rmSync(root, { recursive: true }))

const print = (...args: string[]): Promise<string> => fingerprint(root, args)

test("the same files and arguments have the same fingerprint", async () => {
    expect(await print("src/main.ts")).toBe(await print("src/main.ts"))
})

test.each([
    ["src/main.ts", "console.log(2)\n"],
    ["src/core/ring.ts", "export const x = 1\n"],
    ["src/core/new.ts", ""],
    ["devsconfig.json", "{ }\n"],
    [".env.local", "APN=other\n"],
])("%s changes: compiled again", async (file, content) => {
    const before = await print("src/main.ts")
    writeFileSync(path.join(root, file), content)
    expect(await print("src/main.ts")).not.toBe(before)
})

test("a byte that moves from one file to the next: compiled again", async () => {
    writeFileSync(path.join(root, "src/a.ts"), "12")
    writeFileSync(path.join(root, "src/b.ts"), "3")
    const before = await print("src/main.ts")
    writeFileSync(path.join(root, "src/a.ts"), "1")
    writeFileSync(path.join(root, "src/b.ts"), "23")
    expect(await print("src/main.ts")).not.toBe(before)
})

test.each([
    [
        ".devicescript/build-aB3x9Q/node_modules/lib/src/a.ts:1:14 - error TS2322: …",
        "node_modules/lib/src/a.ts:1:14 - error TS2322: …",
    ],
    [
        `Type 'import("/home/me/my project/.devicescript/build-aB3x9Q/node_modules/lib/src/a").A' is …`,
        `Type 'import("/home/me/my project/node_modules/lib/src/a").A' is …`,
    ],
    [
        ".devicescript\\build-aB3x9Q\\node_modules\\lib\\a.ts:1:1",
        "node_modules\\lib\\a.ts:1:1",
    ],
    ["../../node_modules/lib/a.ts:1:1", "node_modules/lib/a.ts:1:1"],
    ["src/main.ts:1:1 - error TS2304: …", "src/main.ts:1:1 - error TS2304: …"],
])("what the compiler says has paths of the project: %s", (said, told) => {
    expect(ofProject(said)).toBe(told)
})

test("other options: compiled again", async () => {
    expect(await print("src/main.ts", "--no-optimize")).not.toBe(
        await print("src/main.ts")
    )
})

test("a folder counts once all of it is there, until it is about to change", async () => {
    expect(await isCurrent(root, "1")).toBe(false)
    await validate(root, "1")
    expect(await isCurrent(root, "1")).toBe(true)
    expect(await isCurrent(root, "2")).toBe(false)
    await invalidate(root)
    expect(await isCurrent(root, "1")).toBe(false)
})
