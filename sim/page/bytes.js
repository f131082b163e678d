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

const SIGNS = /[\u2400-\u241f]/g
const NAMES =
    "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE XON DC2 XOFF DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(
        " "
    )

/**
 * A spelt text for the eye: few fonts have the signs for control characters.
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export function signs(text) {
    /** @type {(string | HTMLElement)[]} */
    const parts = []
    let at = 0
    for (const { 0: sign, index } of text.matchAll(SIGNS)) {
        const badge = document.createElement("span")
        badge.className = "sign"
        badge.textContent = NAMES[sign.charCodeAt(0) - 0x2400]
        parts.push(text.slice(at, index), badge)
        at = index + 1
    }
    parts.push(text.slice(at))
    return parts
}
