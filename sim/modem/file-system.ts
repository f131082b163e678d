/** Files in the module's flash, AT+FSCREATE and its family [FS]. */
import { concatenate } from "./bytes"

/** `AT+FSMEM` of a new module; it differs with the firmware. */
const CAPACITY = 61_440
/** Directories that there are; names without regard to case, as FAT has them. */
const DIRECTORIES = ["C:\\", "C:\\USER\\"]
const LONGEST = 64

interface File {
    readonly path: string
    bytes: Uint8Array
}

export class FileSystem {
    private readonly files = new Map<string, File>()

    /** Bytes for which there is room. */
    get free(): number {
        let free = CAPACITY
        for (const { bytes } of this.files.values()) free -= bytes.length
        return free
    }

    /** @returns undefined if there is no such file */
    read(path: string): Uint8Array | undefined {
        return this.files.get(path.toUpperCase())?.bytes
    }

    /** @returns whether it is there now, and was not before */
    create(path: string): boolean {
        const key = path.toUpperCase()
        const at = key.lastIndexOf("\\") + 1
        const fits =
            DIRECTORIES.includes(key.slice(0, at)) &&
            /^[^\\/:*?"<>|]+$/.test(key.slice(at)) &&
            key.length <= LONGEST
        if (!fits || this.files.has(key) || DIRECTORIES.includes(`${key}\\`))
            return false
        this.files.set(key, { path, bytes: new Uint8Array() })
        return true
    }

    /**
     * Writes into an existing file: over its beginning, or after its end.
     * @returns whether it exists, and there was room
     */
    write(path: string, bytes: Uint8Array, append: boolean): boolean {
        const file = this.files.get(path.toUpperCase())
        if (file === undefined) return false
        const old = file.bytes
        const written = append
            ? concatenate(old, bytes)
            : concatenate(bytes, old.subarray(bytes.length))
        if (written.length - old.length > this.free) return false
        file.bytes = written
        return true
    }

    /** @returns whether it was there */
    remove(path: string): boolean {
        return this.files.delete(path.toUpperCase())
    }

    /** Names in a directory, its directories with `\`; undefined if there is none. */
    list(directory: string): readonly string[] | undefined {
        const key = directory.toUpperCase()
        if (!DIRECTORIES.includes(key)) return undefined
        const below = key === DIRECTORIES[0] ? ["User\\"] : []
        for (const { path } of this.files.values()) {
            const at = path.lastIndexOf("\\") + 1
            if (path.slice(0, at).toUpperCase() === key)
                below.push(path.slice(at))
        }
        return below
    }
}
