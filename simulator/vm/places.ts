/** Where in the sources of a compiled program an instruction is. */
import { readFileSync } from "node:fs"

/** What the compiler tells of a program; positions count through all of its sources. */
interface DebugInfo {
    functions: { startpc: number }[]
    /** threes: a position and an address as differences, a length between them */
    srcmap: number[]
    sources: { path: string; length: number; text: string }[]
}

/** @returns `path:line:column`, undefined if it is not known */
function placeOf(
    { functions, srcmap, sources }: DebugInfo,
    index: number,
    pc: number
): string | undefined {
    const wanted = (functions[index]?.startpc ?? NaN) + pc
    let position = 0
    let at = 0
    let found: number | undefined
    for (let i = 0; i < srcmap.length; i += 3) {
        position += srcmap[i]
        at += srcmap[i + 2]
        if (at > wanted) break
        found = position
    }
    if (found === undefined) return undefined
    for (const { path, length, text } of sources) {
        if (found < length) {
            const lines = text.slice(0, found).split("\n")
            return `${path}:${lines.length}:${(lines.at(-1) ?? "").length + 1}`
        }
        found -= length
    }
    return undefined
}

/**
 * The place of a loop that never pauses. DeviceScript's tools look for the instruction
 * before the one that is named, which is right for a call; the VM names the one to which
 * the loop has jumped back.
 * @param frame `at main [as F0_pc16] (src/main.ts:3:1)`
 * @param debugFile what the compiler tells of the program
 */
export function loopPlace(frame: string, debugFile: string): string {
    const named = /F(\d+)_pc(\d+)\] \(.+:\d+:\d+\)/.exec(frame)
    if (!named) return frame
    const debug = JSON.parse(readFileSync(debugFile, "utf8")) as DebugInfo
    const place = placeOf(debug, Number(named[1]), Number(named[2]))
    return place ? frame.replace(/\(.+:\d+:\d+\)/, `(${place})`) : frame
}
