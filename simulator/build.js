/**
 * Makes the command of the package `devicescript-sim800`, which runs a user's program
 * with the virtual SIM800: `npm pack` does it. One file, with the Jacdac bus in it; it
 * uses the installed virtual modem and optimiser.
 */
import { build } from "esbuild"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const output = path.join(root, "build/simulator")

/** Parts of other packages are imported from there. */
const packages = {
    name: "packages",
    setup(bundle) {
        bundle.onResolve(
            { filter: /^\.\.?\// },
            ({ path: name, resolveDir }) => {
                const file = path.relative(root, path.resolve(resolveDir, name))
                const [folder, ...rest] = file.split(path.sep)
                if (folder === "sim")
                    return {
                        path: `virtual-sim800/parts/${rest.join("/")}`,
                        external: true,
                    }
                if (folder === "optimizer")
                    return { path: "devicescript-optimizer", external: true }
                return undefined
            }
        )
    },
}

fs.rmSync(output, { recursive: true, force: true })
const { metafile } = await build({
    entryPoints: [path.join(root, "simulator/start.ts")],
    outfile: path.join(output, "devs-sim800.js"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    tsconfig: path.join(root, "simulator/tsconfig.json"),
    plugins: [packages],
    metafile: true,
    legalComments: "none",
    banner: {
        // CommonJS code loads Node's own modules by require()
        js: '#!/usr/bin/env node\nimport { createRequire } from "node:module"\nconst require = createRequire(import.meta.url)',
    },
})
fs.copyFileSync(
    path.join(root, "simulator/vm/bus-port.js"),
    path.join(output, "bus-port.js")
)

/** The packages that are in it come with their licences. */
const inside = new Set(
    Object.keys(metafile.inputs).flatMap(file => {
        const found = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)
        return found ? [found[1]] : []
    })
)
const licences = [...inside].map(name => {
    const folder = path.join(root, "node_modules", name)
    const file = fs.readdirSync(folder).find(each => /^licen[cs]e/i.test(each))
    if (!file) throw new Error(`${name} has no licence file`)
    return `${name}\n\n${fs.readFileSync(path.join(folder, file), "utf8").trim()}\n`
})
fs.writeFileSync(path.join(output, "LICENCES.txt"), licences.join("\n---\n\n"))
