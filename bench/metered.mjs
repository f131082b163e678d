/**
 * Import it first: modules of the library that are loaded from then on say what
 * DeviceScript's VM takes for them (test/chip/meter.mjs). The file in METER_INLINED lists
 * functions that cost no call, as `src/core/modem.ts:poll`.
 */
import { readFileSync } from "node:fs"
import * as modules from "node:module"
import { isMainThread } from "node:worker_threads"
import { metered } from "../test/chip/meter.mjs"

const LIBRARY = /\/src\/(?!node\/)[^?]*\.ts/

const inlined = new Set(
    process.env.METER_INLINED
        ? JSON.parse(readFileSync(process.env.METER_INLINED, "utf8"))
        : []
)

const meter = (url, loaded) => {
    if (!LIBRARY.test(url)) return loaded
    const file = /\/(src\/[^?]*)/.exec(url)?.[1]
    return {
        ...loaded,
        source: metered(String(loaded.source), name =>
            inlined.has(`${file}:${name}`)
        ),
    }
}

/** A hook in its own thread: the only way before Node 22.15. */
export async function load(url, context, nextLoad) {
    return meter(url, await nextLoad(url, context))
}

if (isMainThread) {
    if (typeof modules.registerHooks === "function")
        modules.registerHooks({
            load: (url, context, nextLoad) =>
                meter(url, nextLoad(url, context)),
        })
    else modules.register(import.meta.url)
    globalThis.vmMetered = true
}
