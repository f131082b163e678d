/** Why a file cannot be written, and what to do, in one sentence. */
import { closeSync, openSync } from "node:fs"
import path from "node:path"

/** @returns a sentence that names the file */
export function fileTrouble(file: string, error: unknown): string {
    const { code, message } = error as NodeJS.ErrnoException
    const folder = path.dirname(path.resolve(file))
    switch (code) {
        case "ENOENT":
            return `${file}: there is no folder ${folder}; make it, or give another path`
        case "ENOTDIR":
            return `${file}: ${folder} is no folder; give another path`
        case "EISDIR":
            return `${file} is a folder; give a file in it`
        case "EACCES":
        case "EPERM":
        case "EROFS":
            return `${file} may not be written; give another path`
    }
    return `${file}: ${message}`
}

/**
 * Before what takes long: whether a file can be written.
 * @param flags of `fs.open()`
 * @throws Error that names the option and the file
 */
export function checkWritable(option: string, file: string, flags = "a"): void {
    try {
        closeSync(openSync(file, flags))
    } catch (error) {
        throw new Error(`${option}: ${fileTrouble(file, error)}`, {
            cause: error,
        })
    }
}
