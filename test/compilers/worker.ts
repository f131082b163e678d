/**
 * Compiles what it is sent, program after program: what `devs-optimized build` does,
 * without starting anew each time.
 */
import { hooked, installHook, loadText } from "../../optimizer/src/devs"
import { findToolchain } from "../../optimizer/src/toolchain"
import type { Compiled, Job } from "../../simulator/vm/compiler"

/** What `build` of the CLI is in. */
interface Tools {
    compileFile(
        source: string,
        options: { quiet: boolean; verify?: boolean }
    ): Promise<{ success: boolean }>
}

/** What TypeScript knows of a program; see its `Program`. */
interface Checked {
    getSourceFiles(): readonly { fileName: string; text: string }[]
    getSemanticDiagnostics(file: unknown): readonly unknown[]
}

/** Files whose types are right, by name: what they were. */
const sound = new Map<string, string>()

/**
 * What is wrong with the types of a program. The library is part of each: what was
 * right in one program is right in the next one, unless a file has changed.
 */
function semanticDiagnostics(program: Checked): unknown[] {
    const files = program.getSourceFiles()
    if (
        files.some(
            ({ fileName, text }) => (sound.get(fileName) ?? text) !== text
        )
    )
        sound.clear()
    return files.flatMap(file => {
        const { fileName, text } = file
        if (sound.has(fileName)) return []
        const found = program.getSemanticDiagnostics(file)
        if (found.length === 0) sound.set(fileName, text)
        return found
    })
}

/** Where the compiler asks for them, and who answers instead. */
const ASKED = "program2.getSemanticDiagnostics()"
const ANSWER = "semantic-diagnostics"
Object.assign(globalThis, { [Symbol.for(ANSWER)]: semanticDiagnostics })

const toolchain = findToolchain()
const { compileFile } = loadText(
    [
        hooked(toolchain).replaceAll(
            ASKED,
            `globalThis[Symbol.for("${ANSWER}")](program2)`
        ),
        "module.exports = { compileFile }",
    ].join("\n"),
    toolchain.file
) as Tools

let output: string[] = []
const take = (chunk: unknown): boolean => {
    output.push(String(chunk))
    return true
}
process.stdout.write = take
process.stderr.write = take

async function compile(job: Job): Promise<Compiled> {
    output = []
    const plain = job.options.includes("--no-optimize")
    if (plain)
        Object.assign(globalThis, {
            [Symbol.for("devicescript-optimizer")]: (compiled: unknown) =>
                compiled,
        })
    else await installHook(() => undefined)
    process.chdir(job.folder)
    let success = false
    try {
        const verify = !job.options.includes("--no-verify")
        ;({ success } = await compileFile(job.source, { quiet: true, verify }))
    } catch (error) {
        output.push(String(error))
    }
    // the folder is removed
    process.chdir("/")
    return { code: success ? 0 : 1, output: output.join("").split("\n") }
}

process.on("message", (job: Job) => {
    void compile(job).then(compiled => process.send?.(compiled))
})
