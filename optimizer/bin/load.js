/** A checkout runs from its sources, a package from what was compiled of them. */
import { existsSync } from "node:fs"

/** @param {string} name of a module in src, without extension */
export async function load(name) {
    const source = new URL(`../src/${name}.ts`, import.meta.url)
    if (!existsSync(source)) return await import(`../dist/${name}.js`)
    const { tsImport } = await import("tsx/esm/api")
    return await tsImport(source.href, import.meta.url)
}
