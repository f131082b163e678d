/**
 * DeviceScript's Buffer methods on Node's Buffer, so that the core runs
 * unmodified on Node. Semantics as in DeviceScript's runtime (impl_buffer.c):
 * lengths are clipped to both buffers, nothing throws for a range.
 *
 * Import it for its effect, before anything of the core.
 */

declare global {
    interface Buffer {
        blitAt(
            offset: number,
            src: Buffer | string,
            srcOffset: number,
            len: number
        ): void
        fillAt(offset: number, length: number, value: number): void
        getAt(offset: number, format: string): number
        setAt(offset: number, format: string, value: number): void
        /** `endOffset < 0`: search backwards from `-endOffset` */
        indexOf(byte: number, startOffset: number, endOffset: number): number
    }
}

type Codec = [
    size: number,
    get: (buf: Buffer, at: number) => number,
    set: (buf: Buffer, at: number, value: number) => void,
]

const codecs: Record<string, Codec> = {
    u8: [1, (b, at) => b[at], (b, at, v) => (b[at] = v)],
    u16: [
        2,
        (b, at) => b.readUInt16LE(at),
        (b, at, v) => b.writeUInt16LE(v & 0xffff, at),
    ],
    u32: [
        4,
        (b, at) => b.readUInt32LE(at),
        (b, at, v) => b.writeUInt32LE(v >>> 0, at),
    ],
}

function codec(format: string): Codec {
    const c = codecs[format]
    if (!c) throw new Error(`number format not supported here: ${format}`)
    return c
}

const proto: Buffer = Buffer.prototype
const native = Uint8Array.prototype.indexOf
const nodes = proto.indexOf as unknown as (...args: unknown[]) => number

proto.blitAt = function (offset, src, srcOffset, len) {
    const from = typeof src === "string" ? Buffer.from(src) : src
    const n = Math.min(len, from.length - srcOffset, this.length - offset)
    // memcpy() there: an RP2040 copies backwards, the simulator forwards
    if (n > 0 && from === this && Math.abs(offset - srcOffset) < n)
        throw new Error("blitAt() within one buffer, and both parts overlap")
    if (n > 0) this.set(from.subarray(srcOffset, srcOffset + n), offset)
}

proto.fillAt = function (offset, length, value) {
    this.fill(value, offset, Math.min(this.length, offset + length))
}

proto.getAt = function (offset, format) {
    const [size, get] = codec(format)
    return offset < 0 || offset + size > this.length ? 0 : get(this, offset)
}

proto.setAt = function (offset, format, value) {
    const [size, , set] = codec(format)
    if (offset >= 0 && offset + size <= this.length) set(this, offset, value)
}

/* Node's third argument is an encoding; a number there is DeviceScript's. */
proto.indexOf = function (
    this: Buffer,
    value: string | number | Uint8Array,
    start?: number | BufferEncoding,
    end?: BufferEncoding | number
): number {
    if (typeof end !== "number") return nodes.call(this, value, start, end)
    const byte = value as number
    const from = Math.min(Math.max(start as number, 0), this.length)
    if (end < 0) {
        const at = this.subarray(from, -end).lastIndexOf(byte)
        return at < 0 ? -1 : from + at
    }
    const at = native.call(this.subarray(from, end), byte)
    return at < 0 ? -1 : from + at
} as typeof proto.indexOf
