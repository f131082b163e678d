/** As `src/core/text.ts`, with Espruino's native function. */

/** `length` bytes from `at` on. */
export function textOf(bytes: Uint8Array, at: number, length: number): string {
    return length > 0 ? E.toString(bytes.subarray(at, at + length)) : ""
}
