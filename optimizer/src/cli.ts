/** The commands: `devs-optimize` and `devs-optimized`. */
import { createRequire } from "node:module"
import { findToolchain } from "./toolchain.ts"

/**
 * `devs-optimize IN.devs OUT.devs`
 * @returns exit code
 */
export async function devsOptimize(_args: string[]): Promise<number> {
    findToolchain()
    return 0
}

/** `devs-optimized COMMAND…`: any command of `devs`. */
export async function devsOptimized(args: string[]): Promise<void> {
    const { file } = findToolchain()
    process.argv.splice(2, Infinity, ...args)
    const { mainCli } = createRequire(import.meta.url)(file) as {
        mainCli(): Promise<void>
    }
    await mainCli()
}
