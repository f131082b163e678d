/**
 * How often each function of the driver is called: V8 counts them itself (precise
 * coverage), so nothing is wrapped and nothing is missed. It counts code compiled after
 * this module was loaded: import it first.
 */
import { Session, type Profiler } from "node:inspector"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { setFlagsFromString } from "node:v8"

const root = path.resolve(import.meta.dirname, "..")

export interface Calls {
    /** from the project's root, e.g. "src/core/modem.ts" */
    file: string
    /** of the function or method, without its class */
    name: string
    /** 0 for a fiber that was running already */
    count: number
}

/** Stands for functions of DeviceScript's own that are not native. */
const LIBRARY = "test/chip/devicescript.ts"
const SCRIPTED = ["emit", "subscribe", "wait"]

/** Its functions are inlined in each program (`test/e2e/size.test.ts`). */
export const INLINED = "src/core/time.ts"

function counts(file: string, name: string): boolean {
    if (file === LIBRARY) return SCRIPTED.includes(name)
    if (file === INLINED) return false
    return file.startsWith("src/") && !file.startsWith("src/node/")
}

/** A file of the project by the address of its module. */
export function fileOf(url: string): string {
    const plain = url.replace(/\?.*$/, "")
    const file = plain.startsWith("file:") ? fileURLToPath(plain) : plain
    return path.relative(root, file)
}

// V8 does not count inlined functions
setFlagsFromString("--no-opt")
setFlagsFromString("--no-maglev")
const session = new Session()
session.connect()
session.post("Profiler.enable")
// with details it does not take a fiber that goes on for one that is called
session.post("Profiler.startPreciseCoverage", {
    callCount: true,
    detailed: true,
})

/** Functions that were called, or resumed, since the last call of this. */
export function takeCalls(): Calls[] {
    let scripts: Profiler.ScriptCoverage[] = []
    // it is answered before post() returns
    session.post("Profiler.takePreciseCoverage", (error, answer) => {
        if (error) throw error
        scripts = answer.result
    })
    const calls: Calls[] = []
    for (const { url, functions } of scripts) {
        const file = fileOf(url)
        for (const {
            functionName: name,
            ranges,
            isBlockCoverage,
        } of functions) {
            const { count } = ranges[0]
            // a module's own code has no name, initialisers have <…>
            if (!/^\w+$/.test(name) || !counts(file, name)) continue
            if (ranges.every(range => range.count === 0)) continue
            if (!isBlockCoverage)
                throw new Error(
                    `${name} of ${file} was compiled before coverage.ts: import that first`
                )
            calls.push({ file, name, count })
        }
    }
    return calls.sort((a, b) => b.count - a.count)
}

/** All calls, or those of files that begin with one of these. */
export function total(calls: Calls[], ...files: string[]): number {
    return calls
        .filter(
            ({ file }) =>
                files.length === 0 ||
                files.some(start => file.startsWith(start))
        )
        .reduce((sum, { count }) => sum + count, 0)
}
