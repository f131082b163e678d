/**
 * Loaded by Node in front of `devs run`: when the VM panics, its whole memory
 * goes to the file that HEAP_DUMP names.
 */
import { writeFileSync } from "node:fs"
import { env } from "node:process"

let memory

const instantiate = WebAssembly.instantiate
WebAssembly.instantiate = async (...args) => {
    const made = await instantiate(...args)
    const found = Object.values(made.instance?.exports ?? {})
    memory = found.find(it => it instanceof WebAssembly.Memory) ?? memory
    return made
}

const log = console.log
console.log = (...args) => {
    if (args[0] === "PANIC" && env.HEAP_DUMP)
        writeFileSync(env.HEAP_DUMP, new Uint8Array(memory.buffer))
    log(...args)
}
