/**
 * Compiled programs are kept by content: an unchanged program is not compiled again.
 */
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { readdir, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"

/** Possible inputs of a compiled program, from the project's root. */
const INPUTS = [
    "src",
    "boards",
    "services",
    "test/vm",
    "test/e2e/firmware",
    "bench/firmware",
    "simulator/bridge",
    "optimizer/src",
    "optimizer/bin",
    "devsconfig.json",
    "tsconfig.json",
    "package-lock.json",
    ".env.defaults",
    ".env.local",
]

/** Files and folders, sorted, so that the same content has the same digest. */
async function filesOf(root: string, entry: string): Promise<string[]> {
    const file = path.join(root, entry)
    if (!existsSync(file)) return []
    const below = await readdir(file, {
        withFileTypes: true,
        recursive: true,
    }).catch(() => undefined)
    if (!below) return [file]
    return below
        .filter(found => found.isFile())
        .map(found => path.join(found.parentPath, found.name))
        .sort()
}

/**
 * @param args of the compiler: the source, from the root, and its options
 * @returns a digest of all possible inputs of the compiled program
 */
export async function fingerprint(
    root: string,
    args: string[]
): Promise<string> {
    const hash = createHash("sha256").update(JSON.stringify(args))
    // a program may lie elsewhere, with what it imports beside it
    const own = path.posix.dirname(args[0] ?? ".").split("/")[0]
    const entries = INPUTS.includes(own)
        ? INPUTS
        : [...INPUTS, own === "." ? args[0] : own]
    for (const entry of entries)
        for (const file of await filesOf(root, entry)) {
            const content = await readFile(file)
            hash.update(`\n${path.relative(root, file)} ${content.length}\n`)
            hash.update(content)
        }
    return hash.digest("hex")
}

/**
 * What the compiler says, with paths of the project: it has run in a folder that looks
 * like it, `.devicescript/build-…`, from which a link may have led back.
 */
export function ofProject(line: string): string {
    return line
        .replace(/\.devicescript([\\/])build-[^\\/]+\1/g, "")
        .replace(/^\.\.[\\/]\.\.[\\/](?=node_modules)/, "")
}

const MARK = "fingerprint"

/** Whether the folder holds the whole program of this fingerprint. */
export async function isCurrent(
    folder: string,
    print: string
): Promise<boolean> {
    const kept = await readFile(path.join(folder, MARK), "utf8").catch(() => "")
    return kept === print
}

/** Marks the contents of a folder as about to change. */
export async function invalidate(folder: string): Promise<void> {
    await rm(path.join(folder, MARK), { force: true })
}

/** Says that the folder holds the whole program of this fingerprint. */
export async function validate(folder: string, print: string): Promise<void> {
    await writeFile(path.join(folder, MARK), print)
}
