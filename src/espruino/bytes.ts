/**
 * Methods of DeviceScript's Buffer that Espruino's Uint8Array lacks, as functions:
 * `espruino/buffers.ts` makes calls of them. Lengths are clipped to both arrays, as
 * there.
 */

/** Copies `len` bytes or characters of `src` from `from` on to `dst` at `at`. */
export function blit(
    dst: Uint8Array,
    at: number,
    src: Uint8Array | string,
    from: number,
    len: number
) {
    let n = src.length - from
    if (len < n) n = len
    if (dst.length - at < n) n = dst.length - at
    if (n <= 0) return
    if (typeof src === "string")
        dst.set(n === src.length ? src : src.substr(from, n), at)
    // Espruino does not clip an end
    else dst.set(src.subarray(from, from + n), at)
}

/**
 * Index of the first such byte from `from` to `to`, -1 if none; `to` is within the
 * bytes. Espruino's own search has no end, and is slow if it finds nothing: so the byte
 * at the end is set to the one searched for. At the end of a line it already is.
 */
export function find(
    bytes: Uint8Array,
    byte: number,
    from: number,
    to: number
): number {
    const last = to - 1
    if (last < from) return -1
    const there = bytes[last]
    if (there === byte) return bytes.indexOf(byte, from)
    bytes[last] = byte
    const at = bytes.indexOf(byte, from)
    bytes[last] = there
    return at < last ? at : -1
}

export function fill(
    bytes: Uint8Array,
    at: number,
    len: number,
    value: number
) {
    for (; len > 0; len--) bytes[at++] = value
}

export function get32(bytes: Uint8Array, at: number): number {
    return (
        (bytes[at] |
            (bytes[at + 1] << 8) |
            (bytes[at + 2] << 16) |
            (bytes[at + 3] << 24)) >>>
        0
    )
}

export function get16(bytes: Uint8Array, at: number): number {
    return bytes[at] | (bytes[at + 1] << 8)
}

export function set16(bytes: Uint8Array, at: number, value: number) {
    bytes[at] = value
    bytes[at + 1] = value >> 8
}

export function set32(bytes: Uint8Array, at: number, value: number) {
    set16(bytes, at, value)
    set16(bytes, at + 2, value >> 16)
}

/** The bytes of a text, one a character. */
export function bytesOf(text: string): Uint8Array {
    const bytes = new Uint8Array(text.length)
    bytes.set(text, 0)
    return bytes
}

/** Index of the first occurrence of several characters in a text, -1 if none. */
export function place(text: string, what: string): number {
    let at = text.indexOf(what[0])
    while (at >= 0 && text.substr(at, what.length) !== what)
        at = text.indexOf(what[0], at + 1)
    return at
}

/** Bytes that the build has written as characters: see `espruino/packed.ts`. */
export function unpack(text: string): Uint8Array {
    // the first character
    const LEAST = 35
    const bytes = new Uint8Array(text.length)
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) - LEAST
    return bytes
}
