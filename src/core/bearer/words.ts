import { textAt, wordCount, type Words } from "../table"

/**
 * The number of the word at `at` in a line of `length` bytes; -1 if no whole word is
 * there.
 */
export function wordsAt(
    all: Words,
    line: Buffer,
    at: number,
    length: number
): number {
    const n = length - at
    if (n <= 0) return -1
    for (let i = wordCount(all) - 1; i >= 0; i--) {
        const text = textAt(all, i)
        if (textAt(all, i + 1) - text !== n) continue
        let k = 0
        while (k < n && all[text + k] === line[at + k]) k++
        if (k === n) return i
    }
    return -1
}
