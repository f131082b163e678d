/**
 * The suites of test/vm in DeviceScript's VM, with a collection at every allocation:
 * a program has as many of them as the VM loads.
 */
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { build, devs } from "../../simulator/vm/firmware"

const folder = path.resolve(import.meta.dirname, "../vm")
const modules = (within: string): string[] =>
    readdirSync(path.join(folder, within))
        .filter(name => name.endsWith(".ts") && !name.startsWith("scripted"))
        .map(name => name.slice(0, -3))
const programs = modules("programs")

test("each suite is in one program", () => {
    const imported = programs.flatMap(name => {
        const text = readFileSync(
            path.join(folder, "programs", `${name}.ts`),
            "utf8"
        )
        return [...text.matchAll(/^import "..\/(.*)"$/gm)].map(
            ([, suite]) => suite
        )
    })
    expect(imported.sort()).toEqual(modules("").sort())
})

async function expectSuccess(program: string): Promise<void> {
    const child = devs(
        ["run", program, "--test", "--test-self-exit"].concat([
            "--test-timeout",
            "120000",
        ])
    )
    let output = ""
    child.stdout?.on("data", data => (output += data))
    child.stderr?.on("data", data => (output += data))
    const code = await new Promise(done => child.on("close", done))
    // the suite counts for itself; none run would be no success
    expect(output).toMatch(/tests: [1-9]\d*, pass: \d+, error: 0/)
    expect(code, output).toBe(0)
}

test.concurrent.each(programs)("test/vm/programs/%s", async name => {
    await expectSuccess(await build(`test/vm/programs/${name}.ts`))
})

/** Loads without the optimiser; others are too large for the VM then. */
const SMALL = "core"
const plain = process.env.VM_PLAIN ? programs : [SMALL]

test.concurrent.for(plain)(
    "test/vm/programs/%s, not optimised",
    async (name, { skip }) => {
        const program = await build(
            `test/vm/programs/${name}.ts`,
            "--no-optimize"
        ).catch((error: unknown) => error as Error)
        if (typeof program === "string") return await expectSuccess(program)
        const isTooLarge = program.message.includes("within 64 kB")
        skip(isTooLarge && name !== SMALL, "more than the VM loads")
        throw program
    }
)
