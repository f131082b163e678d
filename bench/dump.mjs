/**
 * Loaded by Node before `devs run`: when the VM panics, it writes the whole memory to
 * the file HEAP_DUMP; also every HEAP_EVERY ms, if set, after a garbage collection.
 */
import { renameSync, writeFileSync } from "node:fs"
import { env } from "node:process"

/** The VM always allocates within this, ms. */
const COLLECTION = 500

let memory
let collectAlways

const instantiate = WebAssembly.instantiate
WebAssembly.instantiate = async (...args) => {
    const made = await instantiate(...args)
    const exports = made.instance?.exports ?? {}
    const found = Object.values(exports)
    memory = found.find(it => it instanceof WebAssembly.Memory) ?? memory
    collectAlways = exports.jd_em_devs_enable_gc_stress ?? collectAlways
    return made
}

/** Written as a whole, so that no reader sees half of it. */
function dump() {
    const part = `${env.HEAP_DUMP}.part`
    writeFileSync(part, new Uint8Array(memory.buffer))
    renameSync(part, env.HEAP_DUMP)
}

const log = console.log
console.log = (...args) => {
    if (args[0] === "PANIC" && env.HEAP_DUMP) dump()
    log(...args)
}

const every = Number(env.HEAP_EVERY ?? 0)
if (every > 0)
    setInterval(() => {
        if (!collectAlways) return
        // each allocation is a collection now
        collectAlways(1)
        setTimeout(() => {
            collectAlways(0)
            dump()
        }, COLLECTION)
    }, every)
