/** `npm run espruino`: makes the module for Espruino of `src/core` and `src/espruino`. */
import fs from "node:fs"
import path from "node:path"
import { Program } from "../sim/program"
import { bundle } from "./bundle"
import { Failure, sentence } from "../src/core/errors"
import { tokenised } from "./tokens"
import { failures, types } from "./types"

const root = path.resolve(import.meta.dirname, "..")
const out = path.join(root, "dist/espruino")
fs.mkdirSync(out, { recursive: true })
const command = new Program("npm run espruino --")
    .description("Makes the modules for Espruino, in dist/espruino.")
    .argument("[entries...]", "modules of your own, in place of the usual ones")
    .parse()
const entries = command.args
for (const entry of entries)
    if (!fs.existsSync(path.resolve(root, entry)))
        command.error(`error: there is no module "${entry}"`)
if (entries.length === 0)
    entries.push(
        "src/espruino/SIM800.ts",
        "src/espruino/SIM800-tcp.ts",
        "src/espruino/SIM800-mqtt.ts",
        "src/espruino/SIM800-phone.ts",
        "src/espruino/SIM800-selftest.ts"
    )
for (const entry of entries) {
    const name = path.basename(entry, ".ts")
    const { readable, small } = await bundle(path.resolve(root, entry))
    fs.writeFileSync(path.join(out, `${name}.js`), readable)
    fs.writeFileSync(path.join(out, `${name}.min.js`), small)
    const stored = tokenised(small)
    fs.writeFileSync(path.join(out, `${name}.tok.js`), stored, "latin1")
    console.log(
        `dist/espruino/${name}.js ${readable.length} bytes, ${name}.min.js ${small.length}, ${name}.tok.js ${stored.length}`
    )
}
// what belongs to it, as EspruinoDocs has it
fs.writeFileSync(path.join(out, "SIM800.d.ts"), types())
const page = fs.readFileSync(path.join(root, "src/espruino/SIM800.md"), "utf8")
const list = failures().map(([name, value]) => {
    const means = sentence(value as Failure)
    // what only one feature can fail with, it explains itself
    const known = value > 0 && means !== sentence(Failure.None)
    return `| ${value} | ${name} | ${known ? means : ""} |`
})
fs.writeFileSync(
    path.join(out, "SIM800.md"),
    page.replace(
        "<!-- failures -->",
        ["| `failure` | | |", "| ---: | --- | --- |", ...list].join("\n")
    )
)
