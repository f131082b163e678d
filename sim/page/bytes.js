/** Bytes that are spelt as in a transcript: the signs of U+2400 for control characters, \x80. */

/**
 * @param {string} text
 * @returns {number[]}
 */
export function unspell(text) {
    /** @type {number[]} */
    const bytes = []
    for (const [token, hex] of text.matchAll(/\\x([0-9a-f]{2})|\\\\|[^]/gu)) {
        const code = token.charCodeAt(0)
        if (hex !== undefined) bytes.push(parseInt(hex, 16))
        else if (token === "⏎") bytes.push(13, 10)
        else if (token === "␡") bytes.push(127)
        else if (code >= 0x2400 && code < 0x2420) bytes.push(code - 0x2400)
        else bytes.push(code)
    }
    return bytes
}

/**
 * Sixteen bytes a line: offset, hexadecimal, text.
 * @param {readonly number[]} bytes
 */
export function hexDump(bytes) {
    const lines = []
    for (let at = 0; at < bytes.length; at += 16) {
        const part = bytes.slice(at, at + 16)
        const hex = part.map(byte => byte.toString(16).padStart(2, "0"))
        const text = part.map(byte =>
            byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·"
        )
        lines.push(
            `${at.toString(16).padStart(4, "0")}  ${hex.join(" ").padEnd(47)}  ${text.join("")}`
        )
    }
    return lines.join("\n")
}
