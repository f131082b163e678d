/** As `src/core/bearer/words.ts`, for a list of strings. */
export function wordsAt(
    list: string[],
    line: Uint8Array,
    at: number,
    length: number
): number {
    const n = length - at
    if (n <= 0) return -1
    for (let i = list.length - 1; i >= 0; i--) {
        const words = list[i]
        if (words.length !== n) continue
        let k = 0
        while (k < n && words.charCodeAt(k) === line[at + k]) k++
        if (k === n) return i
    }
    return -1
}
