/**
 * Which text of a table bytes begin with. It is asked for each line that the modem says,
 * so texts with the same first character are compared by their first four at once.
 */
import type { Table } from "./table"

/** Characters that are compared at once. */
const FIRST = 4

/** @devsWhenUsed */
export class Lookup {
    /** how long the text is that was found last */
    extent = 0
    readonly texts: string[]
    /** first four bytes of each row's text, 0 for a shorter text */
    readonly keys: Buffer
    /** first row (+ 1) by first character */
    readonly first: Buffer
    /** next row (+ 1) with the same first character */
    readonly next: Buffer

    constructor(table: Table) {
        const texts = table.texts
        const rows = texts.length
        this.texts = texts
        this.keys = Buffer.alloc(FIRST * rows)
        this.first = Buffer.alloc(128)
        this.next = Buffer.alloc(rows)
        for (let row = 0; row < rows; row++)
            if (texts[row].length >= FIRST)
                this.keys.blitAt(FIRST * row, texts[row], 0, FIRST)
        for (let row = rows - 1; row >= 0; row--) {
            const c = texts[row].charCodeAt(0)
            this.next[row] = this.first[c]
            this.first[c] = row + 1
        }
    }
}

/**
 * @param line behind whose last byte four bytes of zero follow
 * @param at where it is looked at
 * @returns the first row, + 1, whose text stands there; 0: none
 */
export function rowAt(lookup: Lookup, line: Buffer, at: number): number {
    const keys = lookup.keys
    const c = line[at]
    const key = line.getAt(at, "u32")
    let row = c < 128 ? lookup.first[c] : 0
    for (; row !== 0; row = lookup.next[row - 1]) {
        const k = keys.getAt(FIRST * (row - 1), "u32")
        if (k !== key && k !== 0) continue
        const text = lookup.texts[row - 1]
        const n = text.length
        // a line that is too short ends in zeros
        let i = k === 0 ? 1 : FIRST
        while (i < n && text.charCodeAt(i) === line[at + i]) i++
        if (i < n) continue
        lookup.extent = n
        break
    }
    return row
}
