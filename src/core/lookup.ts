/**
 * Finds the text of a table with which bytes begin. It runs for each line of the modem,
 * so texts with the same first character are compared by their first four at once.
 */
import { textAt, wordCount, type Table } from "./table"

/** Characters that are compared at once. */
const KEY = 4
/** first characters */
const CHARACTERS = 128
/** A row: its key, the next row with the same first character, the offset of its text. */
const NEXT = 4
const LENGTH = 5
const TEXT = 6
const ROW = 8

/**
 * An index of a table, which is constant as well: the first row (+ 1) by first
 * character, then the rows, whose keys are the first four bytes of their texts, 0 for a
 * shorter text.
 */
export type Lookup = Buffer

export function lookup(table: Table): Lookup {
    const rows = wordCount(table)
    const index = Buffer.alloc(CHARACTERS + rows * ROW)
    for (let row = rows - 1; row >= 0; row--) {
        const text = textAt(table, row)
        const length = textAt(table, row + 1) - text
        const at = CHARACTERS + row * ROW
        const c = table[text]
        if (length >= KEY)
            for (let i = 0; i < KEY; i++) index[at + i] = table[text + i]
        index[at + NEXT] = index[c]
        index[at + LENGTH] = length
        index[at + TEXT] = text & 0xff
        index[at + TEXT + 1] = text >> 8
        index[c] = row + 1
    }
    return index
}

/**
 * The bits of `rowAt()`'s result that hold the row; the length of its text is above
 * them.
 */
export const FOUND_ROW = 0xff
export const FOUND_LENGTH = 8

/**
 * @param line followed by four bytes of zero
 * @param at where to look in it
 * @returns the first row, + 1, whose text is there, and the text's length; 0: none
 */
export function rowAt(
    index: Lookup,
    table: Table,
    line: Buffer,
    at: number
): number {
    const c = line[at]
    const key = line.getAt(at, "u32")
    let row = c < CHARACTERS ? index[c] : 0
    while (row !== 0) {
        const entry = CHARACTERS - ROW + row * ROW
        const k = index.getAt(entry, "u32")
        if (k === key || k === 0) {
            const n = index[entry + LENGTH]
            const text = index.getAt(entry + TEXT, "u16")
            // a line that is too short ends in zeros
            let i = k === 0 ? 1 : KEY
            while (i < n && table[text + i] === line[at + i]) i++
            if (i >= n) return row | (n << FOUND_LENGTH)
        }
        row = index[entry + NEXT]
    }
    return 0
}
