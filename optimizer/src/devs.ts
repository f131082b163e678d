/**
 * The command line of DeviceScript in this process, which optimises every image that it
 * makes. It has no plug-ins: so a call is inserted into its text, where the compiler
 * returns an image, before it is loaded. All commands that compile pass there.
 */
import Module from "node:module"
import path from "node:path"
import { findToolchain, ToolchainError, type Toolchain } from "./toolchain.ts"
import type { DebugInfo } from "./image.ts"

/** Result of the compiler's `serialize()`. */
interface Compiled {
    binary: Uint8Array
    dbg: DebugInfo
}

/** The compiler's host: it verifies the output. */
interface Host {
    verifyBytecode?(image: Uint8Array, debug: DebugInfo): void
}

const HOOK = "devicescript-optimizer"

/** In the CLI's text: once in the compiler, once in a copy of it for its library. */
const COPIES = 2
/** @throws ToolchainError if it does not look as it did */
function changed(
    { text, version }: Toolchain,
    from: string,
    to: string
): string {
    const parts = text.split(from)
    if (parts.length !== COPIES + 1)
        throw new ToolchainError(
            `@devicescript/cli ${version} does not have "${from}" where it had it`
        )
    return parts.join(to)
}

/**
 * The text of the CLI, changed so that its compiler finds the full name of each name
 * only once: repeated at each use, that takes a quarter of its time.
 * @throws ToolchainError if it does not look as it did
 */
export const faster = (toolchain: Toolchain): string =>
    changed(
        toolchain,
        "let r = this.checker.getFullyQualifiedName(sym);",
        `const names = this.qualifiedNames ??= new Map();
        let r = names.get(sym);
        if (r === undefined)
          names.set(sym, r = this.checker.getFullyQualifiedName(sym));`
    )

/**
 * The same with the call in it.
 * @throws ToolchainError if it does not look as it did
 */
export const hooked = (toolchain: Toolchain): string =>
    changed(
        { ...toolchain, text: faster(toolchain) },
        "return { binary: outp, dbg };",
        `return globalThis[Symbol.for("${HOOK}")]({ binary: outp, dbg }, this.host);`
    )

/** Loads text as if it were the module in a file. */
export function loadText(text: string, file: string): unknown {
    const Loader = Module as unknown as {
        new (file: string): {
            filename: string
            paths: string[]
            exports: unknown
            _compile(text: string, file: string): void
        }
        _nodeModulePaths(folder: string): string[]
    }
    const module = new Loader(file)
    module.filename = file
    module.paths = Loader._nodeModulePaths(path.dirname(file))
    module._compile(text, file)
    return module.exports
}

/** Puts the optimiser where `hooked()` text calls it. */
export async function installHook(
    report: (line: string) => void
): Promise<void> {
    const { optimize, summary } = await import("./optimize.ts")
    const hook = (compiled: Compiled, host?: Host): Compiled => {
        try {
            const { image, debug, ...rest } = optimize(
                compiled.binary,
                compiled.dbg
            )
            const binary = new Uint8Array(image)
            host?.verifyBytecode?.(binary, debug as DebugInfo)
            report(summary(rest))
            return { binary, dbg: debug as DebugInfo }
        } catch (error) {
            report(
                `not optimised: ${error instanceof Error ? error.message : String(error)}`
            )
            return compiled
        }
    }
    Object.assign(globalThis, { [Symbol.for(HOOK)]: hook })
}

/** Runs a command of `devs`. */
export async function run(args: string[]): Promise<void> {
    const toolchain = findToolchain()
    const plain = args.includes("--no-optimize")
    const own = args.filter(arg => arg !== "--no-optimize")
    process.argv.splice(2, Infinity, ...own)
    const quiet = own.includes("--quiet")
    if (!plain)
        await installHook(line => {
            if (!quiet) console.error(line)
        })
    const { mainCli } = loadText(
        plain ? toolchain.text : hooked(toolchain),
        toolchain.file
    ) as { mainCli(): Promise<void> }
    await mainCli()
}
