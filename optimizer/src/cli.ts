/** The commands: `devs-optimize` and `devs-optimized`. */
import { writeFileSync } from "node:fs"
import v8 from "node:v8"
import { findToolchain, ToolchainError } from "./toolchain.ts"

const OPTIMIZE = `devs-optimize IN OUT
devs-optimize --print IN
devs-optimize --stats IN

Optimises a program that "devs build" has compiled, and prints what that has saved.
IN and OUT are images (.devs), or the debug information with an image in it
(-dbg.json). The debug information beside IN, as "devs build" leaves it, is rewritten
beside OUT.

  --print   prints the program as text, and changes nothing
  --stats   prints which opcodes its bytes are
`

const FLAGS = ["--print", "--stats", "--help", "-h"]

const OPTIMIZED = `devs-optimized COMMAND…

Any command of "devs" (build, run, bundle, flash, devtools, deploy, …), with every
program that it compiles optimised.

  --no-optimize   leaves programs as the compiler makes them
`

/** What `devs` does not know. */
const PLAIN = "--no-optimize"

/** `path/bytecode.devs` has `path/bytecode-dbg.json` beside it. */
const debugOf = (file: string): string => file.replace(/\.devs$/, "-dbg.json")

/**
 * A command runs for some seconds, and V8 would spend as much time again, in parallel
 * threads, on machine code for hot functions: compiling later, and less at a time,
 * saves a fifth of the total.
 */
function compileLess(): void {
    v8.setFlagsFromString("--interrupt-budget=500000")
    v8.setFlagsFromString("--max-inlined-bytecode-size-cumulative=300")
}

/** For a person: a file that is not there is named without Node's words. */
function sentenceOf(error: unknown, input: string): string {
    const { code, message, path: file } = error as NodeJS.ErrnoException
    if (code === "ENOENT")
        return file === input
            ? `there is no ${input}`
            : `${file}: there is no such folder; make it, or give another path`
    if (code === "EISDIR") return `${file ?? input} is a folder; give a file`
    return error instanceof Error ? message : String(error)
}

/**
 * `devs-optimize IN OUT`
 * @returns exit code
 */
export async function devsOptimize(args: string[]): Promise<number> {
    const flags = args.filter(arg => arg.startsWith("-"))
    const [input, output, ...more] = args.filter(arg => !arg.startsWith("-"))
    const [flag] = flags
    const wanted = flag === undefined ? output !== undefined : !output
    if (
        !input ||
        !wanted ||
        more.length > 0 ||
        flags.length > 1 ||
        (flag !== undefined && flag !== "--print" && flag !== "--stats")
    ) {
        const help = flag === "--help" || flag === "-h"
        const unknown = flags.find(each => !FLAGS.includes(each))
        if (unknown !== undefined)
            console.error(`devs-optimize: unknown option '${unknown}'\n`)
        console[help ? "log" : "error"](OPTIMIZE)
        return help ? 0 : 2
    }
    try {
        findToolchain()
        const { parseImage } = await import("./image.ts")
        const { load } = await import("./load.ts")
        const { image, debug } = load(input)
        if (flag === "--print") {
            const { printProgram } = await import("./text.ts")
            process.stdout.write(printProgram(parseImage(image, debug)))
            return 0
        }
        if (flag === "--stats") {
            const { statistics } = await import("./statistics.ts")
            process.stdout.write(statistics(parseImage(image, debug)))
            return 0
        }
        compileLess()
        const { optimize, summary } = await import("./optimize.ts")
        const result = optimize(image, debug)
        console.log(summary(result))
        if (output.endsWith(".json")) {
            if (!result.debug)
                throw new Error(`${input} has no debug information beside it`)
            writeFileSync(output, JSON.stringify(result.debug))
            return 0
        }
        writeFileSync(output, result.image)
        if (result.debug)
            writeFileSync(debugOf(output), JSON.stringify(result.debug))
        return 0
    } catch (error) {
        console.error(`devs-optimize: ${sentenceOf(error, input)}`)
        return 1
    }
}

/** `devs-optimized COMMAND…`: any command of `devs`. */
export async function devsOptimized(args: string[]): Promise<void> {
    if (args[0] === "--help") console.log(OPTIMIZED)
    const like = args.find(arg => /^--no-?opt/.test(arg) && arg !== PLAIN)
    if (like !== undefined) {
        console.error(
            `devs-optimized: unknown option '${like}'\n(Did you mean ${PLAIN}?)\n--help lists the options`
        )
        process.exitCode = 2
        return
    }
    compileLess()
    try {
        const { run } = await import("./devs.ts")
        await run(args)
    } catch (error) {
        if (!(error instanceof ToolchainError)) throw error
        console.error(`devs-optimized: ${error.message}`)
        process.exitCode = 1
    }
}
