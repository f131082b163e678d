/** How much memory is free: Espruino tells it. */

/** Bytes of a variable of an ESP32. */
const VARIABLE = 14

export function freeHeap(): Promise<number> {
    const memory = process.memory(true)
    return Promise.resolve((memory.total - memory.usage) * VARIABLE)
}
