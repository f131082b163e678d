/**
 * As `src/core/table.ts`: the build writes its texts and numbers as two strings
 * (`espruino/packed.ts`). The texts stay in flash, in the code of a function, and are
 * read on demand.
 */
import { unpack } from "./bytes"

/** Bytes of a number. */
const NUMBER = 2

export class Table {
    /** 8 or 16 bits each, little-endian, row by row */
    readonly numbers: Uint8Array
    /** all texts, each followed by a line feed; "": not needed */
    private readonly all: () => string
    /** offset of each row's text */
    private readonly starts: Uint16Array
    /** the last row read: the same command is given again and again */
    private row = -1
    private last = ""

    /**
     * @param numbers row by row, each with the characters of its column
     * @param columns number of characters of each column's numbers; "": each is a byte
     * in one character
     */
    constructor(all: () => string, numbers: string, columns: string) {
        const texts = all()
        const codes = unpack(numbers)
        const n = columns.length
        let width = 0
        for (let i = 0; i < n; i++) width += +columns[i]
        this.all = all
        this.starts = new Uint16Array(texts.split("\n").length)
        for (let row = 1; row < this.starts.length; row++)
            this.starts[row] = texts.indexOf("\n", this.starts[row - 1]) + 1
        this.numbers = codes
        if (n === 0) return
        this.numbers = new Uint8Array((codes.length / width) * n * NUMBER)
        let from = 0
        for (let to = 0; from < codes.length; to += NUMBER) {
            let value = codes[from++]
            if (columns[(to / NUMBER) % n] === "2")
                value += BASE * codes[from++]
            this.numbers[to] = value
            this.numbers[to + 1] = value >> 8
        }
    }

    text(row: number): string {
        if (row !== this.row) {
            const at = this.starts[row]
            this.row = row
            this.last = this.all().substr(at, this.starts[row + 1] - at - 1)
        }
        return this.last
    }

    /** All of them. */
    list(): string[] {
        const list = this.all().split("\n")
        list.pop()
        return list
    }
}

export { Table as table }

/** As in the core. */
export function copyRow(all: Table, row: number, to: Uint8Array): number {
    const text = all.text(row)
    to.set(text, 0)
    return text.length
}

/** Value of a second character. */
export const BASE = 90
