/** xorshift32: the same bytes again for the same seed. */
export class Noise {
    private state: number

    constructor(seed: number) {
        this.state = seed
    }

    fill(buf: Buffer, len: number) {
        let x = this.state
        for (let i = 0; i < len; i++) {
            x ^= x << 13
            x ^= x >> 17
            x ^= x << 5
            buf[i] = x & 0xff
        }
        this.state = x
    }

    /** @returns how many of the bytes are not the next ones */
    compare(buf: Buffer, len: number): number {
        const wanted = Buffer.alloc(len)
        this.fill(wanted, len)
        let wrong = 0
        for (let i = 0; i < len; i++) if (buf[i] !== wanted[i]) wrong++
        return wrong
    }
}
