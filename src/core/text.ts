/** Received bytes, as text. */

/** `length` bytes from `at` on. */
export function textOf(bytes: Buffer, at: number, length: number): string {
    const copy = Buffer.alloc(length)
    copy.blitAt(0, bytes, at, length)
    return copy.toString()
}
