/**
 * As `src/core/lookup.ts`, but nothing is compared character by character: the build
 * writes check sums of the texts (`espruino/packed.ts`), which Espruino can calculate
 * itself, and the texts are left out.
 */
import { unpack } from "./bytes"
import { BASE } from "./table"

/** Bytes that the first check sum is of. */
const FIRST = 4
/** … and of a text that is shorter, and has something behind it: "C:" */
const SHORT = 2
/** what the build writes for a row: its length, characters of the sum, of the first one */
const SUM = 5
const ROW = SUM + 3

export class Lookup {
    /** row by row: of the first four bytes, zeros behind a shorter text; 8 bits */
    readonly heads: Uint8Array
    /** … of all of the text */
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
    // a short one with something behind it
    row = sums.indexOf(E.CRC32(line.subarray(at, at + SHORT))) + 1
    return row && row | (SHORT << FOUND_LENGTH)
}
