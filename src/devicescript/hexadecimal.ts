/** Texts as hexadecimal digits, in which a modem shows and takes them (AT+CSCS). */

const ZERO = 48
const NINE = 57
/** "A" less ten */
const A = 55

/** @internal Whether a text is hexadecimal digits, so many for each character. */
export function isHexadecimal(digits: string, each: number): boolean {
    if (digits.length === 0 || digits.length % each !== 0) return false
    for (let i = 0; i < digits.length; i++) {
        const c = digits.charCodeAt(i)
        const digit = c >= ZERO && c <= NINE
        if (!digit && (c < 65 || c > 70)) return false
    }
    return true
}

/** @internal The number that `count` digits are, from `at` on. */
export function number(digits: string, at: number, count: number): number {
    let value = 0
    for (let i = at; i < at + count; i++) {
        const c = digits.charCodeAt(i)
        value = value * 16 + c - (c > NINE ? A : ZERO)
    }
    return value
}

/** @internal The text that digits are, four for each character (UTF-16). */
export function ucs2Text(digits: string): string {
    let result = ""
    let high = 0
    for (let i = 0; i + 4 <= digits.length; i += 4) {
        const code = number(digits, i, 4)
        if (code >= 0xd800 && code < 0xdc00) high = code
        else if (high !== 0 && code >= 0xdc00 && code < 0xe000) {
            result += String.fromCharCode(
                0x10000 + (high - 0xd800) * 1024 + code - 0xdc00
            )
            high = 0
        } else result += String.fromCharCode(code)
    }
    return result
}

/** @internal How many characters of UTF-16 a text has. */
export function ucs2Length(text: string): number {
    let length = text.length
    for (let i = 0; i < text.length; i++)
        if (text.charCodeAt(i) > 0xffff) length++
    return length
}

/** @internal Writes a text as digits, four for each character of UTF-16. */
export function writeUcs2(text: string, buf: Buffer) {
    let at = 0
    for (let i = 0; i < text.length; i++) {
        let code = text.charCodeAt(i)
        if (code > 0xffff) {
            code -= 0x10000
            writeUnit(0xd800 + (code >> 10), buf, at)
            code = 0xdc00 + (code & 0x3ff)
            at += 4
        }
        writeUnit(code, buf, at)
        at += 4
    }
}

function writeUnit(code: number, buf: Buffer, at: number) {
    for (let i = at + 3; i >= at; i--) {
        const digit = code & 15
        buf[i] = digit + (digit < 10 ? ZERO : A)
        code >>= 4
    }
}
