/** Free memory, by Espruino's own count. */

/** Bytes of a variable of an ESP32. */
const VARIABLE = 14

export function freeHeap(): Promise<number> {
    const memory = process.memory(true)
    return Promise.resolve((memory.total - memory.usage) * VARIABLE)
}
