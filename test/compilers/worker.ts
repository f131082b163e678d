/**
 * Compiles what it is sent, program after program: what `devs-optimized build` does,
 * without starting anew each time.
 */
import { hooked, installHook, loadText } from "../../optimizer/src/devs"
import { findToolchain } from "../../optimizer/src/toolchain"
import { checkedOnce } from "../../optimizer/test/checked"
import type { Compiled, Job } from "../../simulator/vm/compiler"

/** What `build` of the CLI is in. */
interface Tools {
    compileFile(
        source: string,
        options: { quiet: boolean; verify?: boolean }
    ): Promise<{ success: boolean }>
}

const toolchain = findToolchain()
const { compileFile } = loadText(
    [checkedOnce(hooked(toolchain)), "module.exports = { compileFile }"].join(
        "\n"
    ),
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
