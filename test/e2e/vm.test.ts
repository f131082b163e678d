/** The suites of test/vm, in DeviceScript's VM, with a collection at every allocation. */
import { readdirSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { build, devs } from "../../simulator/vm/firmware"

const root = path.resolve(import.meta.dirname, "../..")
const suites = readdirSync(path.join(root, "test/vm")).filter(
    name => name.endsWith(".ts") && !name.startsWith("scripted")
)

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

test.concurrent.each(suites)("test/vm/%s", async name => {
    await expectSuccess(await build(`test/vm/${name}`))
})

/** Loads without the optimiser; most others are too large for the VM then. */
const SMALL = "core.ts"
const plain = process.env.VM_PLAIN ? suites : [SMALL]

test.concurrent.for(plain)(
    "test/vm/%s, not optimised",
    async (name, { skip }) => {
        const program = await build(`test/vm/${name}`, "--no-optimize").catch(
            (error: unknown) => error as Error
        )
        if (typeof program === "string") return await expectSuccess(program)
        const isTooLarge = program.message.includes("within 64 kB")
        skip(isTooLarge && name !== SMALL, "more than the VM loads")
        throw program
    }
)
