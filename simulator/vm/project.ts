/** Which project the programs are of, and what DeviceScript has installed there. */
import { existsSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

/** Whether this runs as the package's command, not in this repository. */
export const packaged = !import.meta.url.endsWith(".ts")

/** What `devs init` makes, and `devs` looks for. */
const MARK = "devsconfig.json"

/** The nearest folder above that is a project of DeviceScript's. */
function above(folder: string): string | undefined {
    if (existsSync(path.join(folder, MARK))) return folder
    const parent = path.dirname(folder)
    return parent === folder ? undefined : above(parent)
}

/**
 * The folder of the project: this repository, or, for the package's command, the
 * user's.
 */
export const root = packaged
    ? (above(process.cwd()) ?? process.cwd())
    : fileURLToPath(new URL("../..", import.meta.url))

const installed = (file: string): string =>
    path.join(root, "node_modules", file)

/** DeviceScript's command line. */
export const DEVS = installed("@devicescript/cli/devicescript")
/** The same, with optimised output. */
export const OPTIMIZED = installed(
    "devicescript-optimizer/bin/devs-optimized.js"
)

/** Whether compiled programs can be optimised. */
export const isOptimized = existsSync(OPTIMIZED)

/** @throws Error, a sentence, if DeviceScript's command line is not there */
export function checkInstalled(): void {
    if (existsSync(DEVS)) return
    throw new Error(
        packaged
            ? `${root} is no DeviceScript project: make one with \`npx @devicescript/cli init my-project\`, and run this in it`
            : "DeviceScript's command line is not installed: run `npm ci` first"
    )
}
