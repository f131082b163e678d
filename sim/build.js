/**
 * Compiles the package to JavaScript with types: `npm pack` does it. Node needs the
 * extensions of files in imports, which the sources omit; files that are no TypeScript
 * are copied.
 */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { fileURLToPath } from "node:url"

const root = path.dirname(fileURLToPath(import.meta.url))
const dist = path.join(root, "dist")
const assets = /\.(html|css|svg|js)$/
const apart = new Set(["dist", "node_modules", "bin", "example"])

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
    return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
        const file = path.join(folder, entry.name)
        if (!entry.isDirectory()) return [file]
        return apart.has(entry.name) && folder === root ? [] : filesBelow(file)
    })
}

fs.rmSync(dist, { recursive: true, force: true })
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
execFileSync(
    process.execPath,
    [tsc, "-p", path.join(root, "tsconfig.build.json")],
    {
        stdio: "inherit",
    }
)
for (const file of filesBelow(dist)) {
    const text = fs.readFileSync(file, "utf8")
    const complete = text.replace(
        /(\bfrom |\bimport |\bimport\()"(\.\.?\/[^"]+)"/g,
        (all, before, name) => {
            const target = path.resolve(path.dirname(file), name)
            return fs.existsSync(`${target}.js`) ? `${before}"${name}.js"` : all
        }
    )
    if (complete !== text) fs.writeFileSync(file, complete)
}
for (const file of filesBelow(root)) {
    if (!assets.test(file) || path.dirname(file) === root) continue
    const to = path.join(dist, path.relative(root, file))
    fs.mkdirSync(path.dirname(to), { recursive: true })
    fs.copyFileSync(file, to)
}
