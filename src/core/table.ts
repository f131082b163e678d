/**
 * Constant tables (each row a text, then numbers of 8 or 16 bits) and lists of words.
 * An array takes 8 bytes of heap for each element, and code to fill it; so each table
 * is one buffer, which the optimiser computes and puts into flash.
 */
import { textOf } from "./text"

/** Bytes of an offset. */
const OFFSET = 2

/**
 * Texts by number, in a buffer: the numbers, if it is a table; the offsets of the texts
 * and of the end of the last one; the texts; the offset of these offsets.
 */
export type Words = Buffer

/** Words, and numbers row by row, little-endian. */
export type Table = Words

function put(bytes: Buffer, at: number, value: number) {
    bytes[at] = value & 0xff
    bytes[at + 1] = value >> 8
}

function get(bytes: Buffer, at: number): number {
    return bytes[at] | (bytes[at + 1] << 8)
}

/**
 * @param columns of a row, its text included
 * @param width bytes of a number, 1 or 2
 */
export function table(
    cells: (string | number)[],
    columns: number,
    width: number
): Table {
    const count = cells.length
    const rows = count / columns
    const begins = rows * (columns - 1) * width
    let end = begins + (rows + 1) * OFFSET
    for (let i = 0; i < count; i += columns) end += (cells[i] as string).length
    const bytes = Buffer.alloc(end + OFFSET)
    let at = 0
    let row = begins
    let to = begins + (rows + 1) * OFFSET
    for (let i = 0; i < count; i += columns) {
        const text = cells[i] as string
        put(bytes, row, to)
        row += OFFSET
        for (let k = 0; k < text.length; k++) bytes[to++] = text.charCodeAt(k)
        for (let k = 1; k < columns; k++) {
            const value = cells[i + k] as number
            if (width === OFFSET) put(bytes, at, value)
            else bytes[at] = value
            at += width
        }
    }
    put(bytes, row, to)
    put(bytes, end, begins)
    return bytes
}

export function words(list: string[]): Words {
    return table(list, 1, OFFSET)
}

export function numbersOf(all: Table): Buffer {
    return all
}

export function wordCount(all: Words): number {
    const begins = get(all, all.length - OFFSET)
    return (get(all, begins) - begins) / OFFSET - 1
}

/** Offset of the text of a row, which ends at the offset of the next one. */
export function textAt(all: Words, row: number): number {
    return get(all, get(all, all.length - OFFSET) + row * OFFSET)
}

/** One of the words, as a new string. */
export function wordOf(all: Words, i: number): string {
    const at = textAt(all, i)
    return textOf(all, at, textAt(all, i + 1) - at)
}

export function textsOf(all: Table): Words {
    return all
}

/** The text of a row, as a new string. */
export function rowText(all: Table, row: number): string {
    return wordOf(all, row)
}

/**
 * Copies the text of a row to the beginning of a buffer.
 * @returns its length
 */
export function copyRow(all: Table, row: number, to: Buffer): number {
    const at = all.getAt(all.length - OFFSET, "u16") + row * OFFSET
    const from = all.getAt(at, "u16")
    const length = all.getAt(at + OFFSET, "u16") - from
    to.blitAt(0, all, from, length)
    return length
}
