/** What `npm run soak` and `npm run bench` say of arguments that make no sense. */
import { spawnSync } from "node:child_process"
import path from "node:path"
import { expect, test } from "vitest"

const root = path.resolve(import.meta.dirname, "../..")
const CONFIG = ["--tsconfig", "bench/tsconfig.run.json"]
const SOAK = [...CONFIG, "test/robustness/soak.ts"]
const BENCH = [...CONFIG, "bench/main.ts"]

test.each([
    [SOAK, ["--life", "foo"], "Allowed choices are manual, "],
    [SOAK, ["--days", "abc"], "It is a number above 0"],
    [SOAK, ["--wire", "--every", "0"], "It is a whole number from 1"],
    [SOAK, ["--only", "manual|foo|1"], "It is mode|disturbance|byte"],
    [
        BENCH,
        ["--json", "/no/where.json"],
        "--json: /no/where.json: there is no folder /no; make it",
    ],
])("%j %j", (program, args, message) => {
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["node_modules/tsx/dist/cli.mjs", ...program, ...args],
        { cwd: root, encoding: "utf8" }
    )
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(stdout).toBe("")
    expect(status).toBe(1)
})
