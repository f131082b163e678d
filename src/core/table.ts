/** Bytes of a number in a table. */
const NUMBER = 2

/**
 * A constant table, in each row a text, then numbers of 16 bits. DeviceScript
 * keeps arrays in the heap, 8 bytes for each element: so the numbers go to a
 * buffer, and the array that the table is written as is let go.
 */
export class Table {
    readonly texts: string[]
    /** 16 bits each, little-endian, row by row */
    readonly numbers: Buffer

    /** @param columns of a row, its text included */
    constructor(cells: (string | number)[], columns: number) {
        const rows = cells.length / columns
        this.texts = []
        this.numbers = Buffer.alloc(rows * (columns - 1) * NUMBER)
        let at = 0
        for (let i = 0; i < cells.length; i++) {
            if (i % columns === 0) {
                this.texts.push(cells[i] as string)
                continue
            }
            const value = cells[i] as number
            this.numbers[at] = value & 0xff
            this.numbers[at + 1] = value >> 8
            at += NUMBER
        }
    }
}
