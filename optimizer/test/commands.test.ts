/** The two commands, the hook in the CLI, and what happens if a program cannot be optimised. */
import { spawnSync } from "node:child_process"
import {
    copyFileSync,
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, expect, test } from "vitest"
import { hooked, installHook } from "../src/devs.ts"
import { load } from "../src/load.ts"
import { findToolchain, ToolchainError } from "../src/toolchain.ts"
import { compile, run, verify } from "./machine.ts"

/** `devs` compiles: a busy machine takes its time. */
const TIMEOUT = 400_000

const root = path.resolve(import.meta.dirname, "../..")
const folder = mkdtempSync(path.join(os.tmpdir(), "devs-optimize-"))
afterAll(() => rmSync(folder, { recursive: true }))

const SOURCE = `
import * as ds from "@devicescript/core"
class Lamp {
    on = 0
    constructor(on: number) { this.on = on }
    toggle() { this.on = 1 - this.on; return this.on }
}
const lamp = new Lamp(1)
console.log("lamp", lamp.toggle(), lamp.toggle())
await ds.sleep(1)
console.log("END")
`

/** @param cwd a project, for what compiles */
function command(name: string, args: string[], cwd = root) {
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [path.join(root, "optimizer/bin", `${name}.js`), ...args],
        { cwd, encoding: "utf8" }
    )
    return { status, stdout, stderr }
}

const input = path.join(folder, "in.devs")
const output = path.join(folder, "out.devs")
const compiled = compile(SOURCE)
writeFileSync(input, compiled.image)
writeFileSync(
    path.join(folder, "in-dbg.json"),
    JSON.stringify({
        ...compiled.debug,
        binary: { hex: Buffer.from(compiled.image).toString("hex") },
    })
)

test(
    "devs-optimize writes a smaller image that does the same, and its debug information",
    async () => {
        const { status, stdout } = command("devs-optimize", [input, output])
        expect(status).toBe(0)
        expect(stdout).toMatch(
            /^optimised: code ends at [\d,]+ instead of [\d,]+ bytes/
        )
        const { image, debug } = load(output)
        expect(image.length).toBeLessThan(compiled.image.length)
        expect(await verify(image)).toBe(0)
        if (!debug) throw new Error("there is no debug information")
        const said = await run({ image, debug })
        expect(said).toEqual(await run(compiled))
        expect(said).toContain("> lamp 0 1")
    },
    TIMEOUT
)

test(
    "devs-optimize prints a program, and what its bytes are",
    () => {
        const printed = command("devs-optimize", ["--print", input])
        expect(printed.status).toBe(0)
        expect(printed.stdout).toContain("function toggle params=1")
        const counted = command("devs-optimize", ["--stats", input])
        expect(counted.status).toBe(0)
        expect(counted.stdout).toContain("table of functions")
    },
    TIMEOUT
)

test("devs-optimize says what is wrong", () => {
    expect(command("devs-optimize", ["--help"]).status).toBe(0)
    expect(command("devs-optimize", [input])).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("devs-optimize IN OUT") as string,
    })
    for (const [name, args, said] of [
        ["devs-optimize", ["--stat", input], "unknown option '--stat'"],
        ["devs-optimize", ["no/a.devs", output], "there is no no/a.devs"],
        [
            "devs-optimized",
            ["build", "--no-optimise"],
            "(Did you mean --no-optimize?)",
        ],
    ] as const)
        expect(command(name, [...args]).stderr).toContain(said)
    const text = path.join(folder, "text.devs")
    writeFileSync(text, "no image")
    expect(command("devs-optimize", [text, output])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("no image of DeviceScript") as string,
    })
})

/** A project as `devs init` makes it, as far as `devs build` looks. */
function project(): string {
    const home = path.join(folder, "project")
    if (existsSync(home)) return home
    mkdirSync(path.join(home, "src"), { recursive: true })
    for (const name of ["devsconfig.json", "tsconfig.json"])
        copyFileSync(path.join(root, name), path.join(home, name))
    writeFileSync(path.join(home, "devsconfig.json"), "{}")
    writeFileSync(path.join(home, "package.json"), "{}")
    writeFileSync(path.join(home, "src/main.ts"), SOURCE)
    // the compiler writes the project's services into core: it gets a copy
    const packages = "node_modules/@devicescript"
    mkdirSync(path.join(home, packages), { recursive: true })
    for (const name of readdirSync(path.join(root, packages))) {
        const from = path.join(root, packages, name)
        const to = path.join(home, packages, name)
        if (name === "core") cpSync(from, to, { recursive: true })
        else symlinkSync(from, to, "junction")
    }
    return home
}

test(
    "devs-optimized build compiles as devs does, optimised or not",
    () => {
        const home = project()
        const built = path.join(home, ".devicescript/bin/bytecode.devs")
        const optimised = command("devs-optimized", ["build"], home)
        expect(optimised.stderr + optimised.stdout).toContain("optimised: code")
        expect(optimised.status).toBe(0)
        const small = readFileSync(built).length
        const plain = command(
            "devs-optimized",
            ["build", "--no-optimize"],
            home
        )
        expect(plain.status).toBe(0)
        expect(plain.stderr).not.toContain("optimised")
        expect(readFileSync(built).length).toBeGreaterThan(small)
    },
    TIMEOUT
)

test(
    "a command of devs that fails, fails",
    () => {
        const home = project()
        writeFileSync(
            path.join(home, "src/broken.ts"),
            "const a: number = 'x'\n"
        )
        const { status } = command(
            "devs-optimized",
            ["build", "src/broken.ts"],
            home
        )
        expect(status).not.toBe(0)
    },
    TIMEOUT
)

type Hook = (
    compiled: { binary: Uint8Array; dbg: unknown },
    host?: { verifyBytecode(image: Uint8Array): void }
) => { binary: Uint8Array }

/** What the CLI's text calls, and what it has reported. */
async function hook(): Promise<{ hook: Hook; reports: string[] }> {
    const reports: string[] = []
    await installHook(line => reports.push(line))
    const found = (globalThis as unknown as Record<symbol, Hook>)[
        Symbol.for("devicescript-optimizer")
    ]
    return { hook: found, reports }
}

test("what cannot be optimised is built as it is, and it is said why", async () => {
    const { hook: optimise, reports } = await hook()
    // a version that is not the installed one
    const other = Buffer.from(compiled.image)
    other.writeUInt32LE(0x02110000, 8)
    const given = { binary: new Uint8Array(other), dbg: compiled.debug }
    expect(optimise(given)).toBe(given)
    expect(reports.pop()).toMatch(/^not optimised: .*version 2\.17\.0/)
})

test("an image that the VM's verification refuses is not taken", async () => {
    const { hook: optimise, reports } = await hook()
    const given = { binary: compiled.image, dbg: compiled.debug }
    const host = {
        verifyBytecode(): void {
            throw new Error("verification error: -1051")
        },
    }
    expect(optimise(given, host)).toBe(given)
    expect(reports.pop()).toBe("not optimised: verification error: -1051")
})

test("a CLI that looks otherwise is an error that says so", () => {
    const toolchain = findToolchain()
    expect(() =>
        hooked({ ...toolchain, text: toolchain.text.replace("outp, dbg", "") })
    ).toThrow(ToolchainError)
})
