/**
 * As `src/core/lookup.ts`, but without comparing characters: the build writes check
 * sums of the texts (`espruino/packed.ts`), a native function of Espruino, and omits
 * the texts.
 */
import { unpack } from "./bytes"
import { BASE } from "./table"

/** Bytes covered by the first check sum. */
const FIRST = 4
/** … and of a shorter text that parameters follow: "C:" */
const SHORT = 2
/** a row of the build: length, characters of the sum, and of the first sum */
const SUM = 5
const ROW = SUM + 3

export class Lookup {
    /** by row: check sum of the first four bytes, zeros after a shorter text; 8 bits */
    readonly heads: Uint8Array
    /** … of the whole text */
    readonly sums: Uint32Array
    readonly lengths: Uint8Array

    constructor(packed: string) {
        const rows = packed.length / ROW
        const codes = unpack(packed)
        this.heads = new Uint8Array(rows)
        this.sums = new Uint32Array(rows)
        this.lengths = new Uint8Array(rows)
        for (let row = 0; row < rows; row++) {
            const at = row * ROW
            this.lengths[row] = codes[at]
            let sum = 0
            for (let i = at + SUM; i > at; i--) sum = sum * BASE + codes[i]
            this.sums[row] = sum
            this.heads[row] = codes[at + SUM + 1] + BASE * codes[at + SUM + 2]
        }
    }
}

export { Lookup as lookup }

export const FOUND_ROW = 0xff
export const FOUND_LENGTH = 8

export function rowAt(lookup: Lookup, line: Uint8Array, at: number): number {
    const sums = lookup.sums
    const heads = lookup.heads
    const key = E.CRC32(line.subarray(at, at + FIRST)) & 255
    let row = heads.indexOf(key)
    while (row >= 0) {
        const n = lookup.lengths[row]
        if (sums[row] === E.CRC32(line.subarray(at, at + n)))
            return (row + 1) | (n << FOUND_LENGTH)
        row = heads.indexOf(key, row + 1)
    }
    // a short text with parameters
    row = sums.indexOf(E.CRC32(line.subarray(at, at + SHORT))) + 1
    return row && row | (SHORT << FOUND_LENGTH)
}
