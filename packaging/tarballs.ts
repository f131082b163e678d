/**
 * The packages as tarballs, and what else a release brings, with their checksums:
 * `npm run tarballs`, or with the folder where they are to be.
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
    copyFileSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { Program } from "../sim/program"

const root = fileURLToPath(new URL("..", import.meta.url))
const FOLDERS = [".", "sim", "optimizer"]
/** What `npm run espruino` makes. */
const ESPRUINO = path.join(root, "dist/espruino")
/** What a release brings: packages, the modules for Espruino and their types, checksums. */
const OURS = /\.(tgz|js|d\.ts)$|^SHA256SUMS$/

/** Runs npm without a shell, on every system. */
function npm(args: string[], cwd: string): string {
    const script = process.env.npm_execpath
    return script?.endsWith(".js")
        ? execFileSync(process.execPath, [script, ...args], {
              cwd,
              encoding: "utf8",
          })
        : execFileSync("npm", args, {
              cwd,
              encoding: "utf8",
              shell: process.platform === "win32",
          })
}

/**
 * @param into an empty folder, or one that older tarballs are removed from
 * @returns names of the files that are in it
 */
export function makeTarballs(into: string): string[] {
    mkdirSync(into, { recursive: true })
    for (const name of readdirSync(into))
        if (OURS.test(name)) rmSync(path.join(into, name))
    for (const folder of FOLDERS)
        npm(
            ["pack", "--silent", "--pack-destination", into],
            path.join(root, folder)
        )
    npm(["run", "--silent", "espruino"], root)
    for (const name of readdirSync(ESPRUINO).filter(each => OURS.test(each)))
        copyFileSync(path.join(ESPRUINO, name), path.join(into, name))
    const files = readdirSync(into)
        .filter(name => OURS.test(name))
        .sort()
    const sums = files.map(name => {
        const content = readFileSync(path.join(into, name))
        return `${createHash("sha256").update(content).digest("hex")}  ${name}\n`
    })
    writeFileSync(path.join(into, "SHA256SUMS"), sums.join(""))
    return [...files, "SHA256SUMS"]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [into] = new Program("npm run tarballs --")
        .description("Makes all that a release brings, with checksums.")
        .argument("[folder]", "where it is to be", path.join(root, "dist"))
        .parse().processedArgs as [string]
    for (const name of makeTarballs(path.resolve(into)))
        console.log(path.resolve(into, name))
}
