/**
 * Texts by number, as lines of one text: an array or a `switch` takes several bytes of
 * code for each of them, and an array is in the heap. A line is cut out on demand.
 */

const LF = "\n"

/** The line with `number` lines before it. */
export function lineAt(lines: string, number: number): string {
    let at = 0
    while (number-- > 0) at = lines.indexOf(LF, at) + 1
    return lines.slice(at, lines.indexOf(LF, at))
}

/**
 * The line for a number, "" if there is none.
 * @param lines each begins with its numbers, `=1=28=:meaning of both`
 */
export function lineOf(lines: string, number: number): string {
    let at = 0
    let found = ""
    while (found !== "" + number) {
        const from = at + 1
        at = lines.indexOf("=", from)
        if (at < 0) return ""
        found = lines.slice(from, at)
    }
    at = lines.indexOf(":", at) + 1
    return lines.slice(at, lines.indexOf(LF, at))
}
