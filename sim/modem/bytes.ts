/** Bytes, their text, and queues of them. */

/** The bytes of a text, one per character (Latin-1). */
export function bytesOf(text: string): Uint8Array {
    return new Uint8Array(Buffer.from(text, "latin1"))
}

/** The text of bytes, one character each (Latin-1). */
export function textOf(bytes: Uint8Array): string {
    const { buffer, byteOffset, length } = bytes
    return Buffer.from(buffer, byteOffset, length).toString("latin1")
}

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
    return new Uint8Array(Buffer.concat(parts))
}

/** First in, first out. Chunks go in as they come, bytes come out by number. */
export class ByteQueue {
    private chunks: Uint8Array[] = []
    private count = 0

    get length(): number {
        return this.count
    }

    push(bytes: Uint8Array): void {
        if (bytes.length === 0) return
        this.chunks.push(bytes)
        this.count += bytes.length
    }

    /** Puts bytes before all others. */
    pushFront(bytes: Uint8Array): void {
        this.chunks.unshift(bytes)
        this.count += bytes.length
    }

    /** Takes the first `count` bytes out, or all if there are fewer. */
    take(count: number): Uint8Array {
        const taken = new Uint8Array(Math.min(count, this.count))
        let filled = 0
        while (filled < taken.length) {
            const first = this.chunks[0]
            const wanted = taken.length - filled
            if (first.length <= wanted) {
                taken.set(first, filled)
                filled += first.length
                this.chunks.shift()
            } else {
                taken.set(first.subarray(0, wanted), filled)
                filled += wanted
                this.chunks[0] = first.subarray(wanted)
            }
        }
        this.count -= taken.length
        return taken
    }

    /** The byte at an index, undefined after the last one. */
    at(index: number): number | undefined {
        for (const chunk of this.chunks) {
            if (index < chunk.length) return chunk[index]
            index -= chunk.length
        }
        return undefined
    }

    /** Where the first byte is for which the condition holds, or -1. */
    indexWhere(condition: (byte: number) => boolean): number {
        let before = 0
        for (const chunk of this.chunks) {
            const index = chunk.findIndex(condition)
            if (index >= 0) return before + index
            before += chunk.length
        }
        return -1
    }

    clear(): void {
        this.chunks = []
        this.count = 0
    }
}
