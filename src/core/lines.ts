/**
 * Texts by number, as lines of one text: an array or a `switch` takes several bytes of
 * code for each of them, and an array is in the heap. A line is cut out when it is read.
 */

const LF = "\n"

/** The line with so many lines in front of it. */
export function lineAt(lines: string, number: number): string {
    let at = 0
    for (let i = 0; i < number; i++) at = lines.indexOf(LF, at) + 1
    return lines.slice(at, lines.indexOf(LF, at))
}

/**
 * The line for a number, "" if there is none.
 * @param lines each has its numbers in front, `=1=28=what both mean`
 */
export function lineOf(lines: string, number: number): string {
    const wanted = "" + number
    let at = 0
    let found = ""
    while (found !== wanted) {
        const from = at + 1
        at = lines.indexOf("=", from)
        if (at < 0) return ""
        found = lines.slice(from, at)
    }
    const end = lines.indexOf(LF, at)
    for (let i = at; i >= 0 && i < end; i = lines.indexOf("=", i + 1)) at = i
    return lines.slice(at + 1, end)
}
