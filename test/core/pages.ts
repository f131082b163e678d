/** The pages for readers: whatever is Markdown and committed. */
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"

export const root = path.resolve(import.meta.dirname, "../..")

const own = [".", "sim", "optimizer", "services"].flatMap(folder =>
    readdirSync(path.join(root, folder))
        .filter(name => name.endsWith(".md"))
        .map(name => path.posix.join(folder, name))
)
const below = ["docs", "boards"].flatMap(folder =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .filter(name => name.endsWith(".md"))
        .map(name => `${folder}/${name.replaceAll("\\", "/")}`)
)

/** Their paths from the repository's root. */
export const pages = [...own, ...below].sort()

export const source = (page: string): string =>
    readFileSync(path.join(root, page), "utf8")
