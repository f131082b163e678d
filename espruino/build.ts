/** `npm run espruino`: makes the module for Espruino of `src/core` and `src/espruino`. */
import fs from "node:fs"
import path from "node:path"
import { bundle } from "./bundle"

const root = path.resolve(import.meta.dirname, "..")
const out = path.join(root, "dist/espruino")
fs.mkdirSync(out, { recursive: true })
const entries = process.argv.slice(2)
if (entries.length === 0)
    entries.push("src/espruino/SIM800.ts", "src/espruino/SIM800-tcp.ts")
for (const entry of entries) {
    const name = path.basename(entry, ".ts")
    const { readable, small } = await bundle(path.resolve(root, entry))
    fs.writeFileSync(path.join(out, `${name}.js`), readable)
    fs.writeFileSync(path.join(out, `${name}.min.js`), small)
    console.log(
        `dist/espruino/${name}.js ${readable.length} bytes, ${name}.min.js ${small.length}`
    )
}
