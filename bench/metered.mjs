/**
 * Import it first: modules of the library that are loaded from then on say what
 * DeviceScript's VM takes for them (test/chip/meter.mjs).
 */
import * as modules from "node:module"
import { isMainThread } from "node:worker_threads"
import { metered } from "../test/chip/meter.mjs"

const LIBRARY = /\/src\/(?!node\/)[^?]*\.ts/

const meter = (url, loaded) =>
    LIBRARY.test(url)
        ? { ...loaded, source: metered(String(loaded.source)) }
        : loaded

/** A hook, in a thread of its own: what there is before Node 22.15. */
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
