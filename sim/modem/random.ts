/** Repeatable randomness: the same seed gives the same sequence (mulberry32). */
export class Random {
    private state: number

    constructor(seed: number) {
        this.state = seed | 0
    }

    /** A fraction, 0 <= x < 1. */
    next(): number {
        this.state = (this.state + 0x6d2b79f5) | 0
        let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    }

    /** A whole number, 0 <= n < limit. */
    below(limit: number): number {
        return Math.floor(this.next() * limit)
    }

    bytes(count: number): Uint8Array {
        const bytes = new Uint8Array(count)
        for (let i = 0; i < count; i++) bytes[i] = this.below(256)
        return bytes
    }
}
