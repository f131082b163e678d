/** As `src/core/text.ts`, with what Espruino has for it. */

/** `length` bytes from `at` on. */
export function textOf(bytes: Uint8Array, at: number, length: number): string {
    return length > 0 ? E.toString(bytes.subarray(at, at + length)) : ""
}
