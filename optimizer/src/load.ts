/** Programs on disk: an image, or the debug information that has one in it. */
import { existsSync, readFileSync } from "node:fs"
import { ImageError, isImage, type DebugInfo } from "./image.ts"

export interface Loaded {
    image: Buffer
    debug?: DebugInfo
}

/**
 * @param file an image with or without debug information beside it, or debug information
 * @throws ImageError if it is neither
 */
export function load(file: string): Loaded {
    const data = readFileSync(file)
    if (isImage(data)) {
        const beside = file.replace(/\.devs$/, "-dbg.json")
        if (beside === file || !existsSync(beside)) return { image: data }
        const debug = JSON.parse(readFileSync(beside, "utf8")) as DebugInfo
        // of another program, or of an older one
        if (debug.binary.hex !== data.toString("hex")) return { image: data }
        return { image: data, debug }
    }
    if (data[0] !== 0x7b)
        throw new ImageError(`${file} is no image of DeviceScript`)
    const debug = JSON.parse(data.toString("utf8")) as DebugInfo
    return { image: Buffer.from(debug.binary.hex, "hex"), debug }
}
