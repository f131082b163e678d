/**
 * Texts as hexadecimal digits, the form in which a modem shows and takes them
 * (AT+CSCS).
 */
import { NINE, ZERO } from "../ascii"

/** "A" less ten */
const A = 55

/** GSM 03.38, without its escape table */
const ALPHABET =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
const ESCAPE = 0x1b
/** the escape table: each character follows its code */
const EXTENSION = "\n\f\u0014^({)}/\\<[=~>]@|e€"

/** Reads `count` digits from `at` on as a number. */
export function numberOf(digits: Buffer, at: number, count: number): number {
    let value = 0
    for (let i = at; i < at + count; i++) {
        const c = digits[i]
        value = value * 16 + c - (c > NINE ? A : ZERO)
    }
    return value
}

/**
 * The character of a code of the GSM alphabet. @param escaped the escape came before it
 */
export function gsmCharacter(code: number, escaped: boolean): string {
    if (!escaped) return ALPHABET[code]
    const follows = String.fromCharCode(code)
    for (let k = 0; k < EXTENSION.length; k += 2)
        if (EXTENSION[k] === follows) return EXTENSION[k + 1]
    return ""
}

/** Decodes digits, two for each character of the GSM alphabet. */
export function gsmText(digits: Buffer, from: number, to: number): string {
    let result = ""
    for (let i = from; i < to; i += 2) {
        const code = numberOf(digits, i, 2) & 127
        if (code !== ESCAPE) result += ALPHABET[code]
        else if ((i += 2) < to)
            result += gsmCharacter(numberOf(digits, i, 2), true)
    }
    return result
}

/** Decodes digits, four for each character (UTF-16). */
export function ucs2Text(digits: Buffer, from: number, to: number): string {
    let result = ""
    let high = 0
    for (let i = from; i + 4 <= to; i += 4) {
        const code = numberOf(digits, i, 4)
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

/** Length of a text in characters of UTF-16. */
export function ucs2Length(text: string): number {
    let length = text.length
    for (let i = 0; i < text.length; i++)
        if (text.charCodeAt(i) > 0xffff) length++
    return length
}

function writeUnit(code: number, buf: Buffer, at: number) {
    for (let i = at + 3; i >= at; i--) {
        const digit = code & 15
        buf[i] = digit + (digit < 10 ? ZERO : A)
        code >>= 4
    }
}

/** Writes a text as digits, four for each character of UTF-16. */
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

/** A text as such digits. */
export function ucs2Digits(text: string): string {
    const digits = Buffer.alloc(4 * ucs2Length(text))
    writeUcs2(text, digits)
    return digits.toString()
}

/**
 * The codes of a text in the GSM alphabet, a byte each; null if the alphabet lacks a
 * character.
 */
export function gsmCodes(text: string): Buffer | null {
    const codes = Buffer.alloc(2 * text.length)
    let length = 0
    for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i)
        // most characters have their ASCII codes
        if (c > 96 ? c < 123 : (c > 36 && c < 91 && c !== 64) || c === 32) {
            codes[length++] = c
            continue
        }
        const character = text[i]
        let code = ALPHABET.indexOf(character)
        if (code < 0 || ALPHABET[code] !== character) {
            const at = EXTENSION.indexOf(character)
            if (at < 0 || EXTENSION[at] !== character || at % 2 === 0)
                return null
            codes[length++] = ESCAPE
            code = EXTENSION.charCodeAt(at - 1)
        }
        codes[length++] = code
    }
    const result = Buffer.alloc(length)
    result.blitAt(0, codes, 0, length)
    return result
}

/** A text in UTF-16, big-endian. */
export function utf16(text: string): Buffer {
    const units = Buffer.alloc(2 * ucs2Length(text))
    let at = 0
    for (let i = 0; i < text.length; i++) {
        let code = text.charCodeAt(i)
        if (code > 0xffff) {
            code -= 0x10000
            units[at++] = 0xd8 | (code >> 18)
            units[at++] = (code >> 10) & 0xff
            code = 0xdc00 | (code & 0x3ff)
        }
        units[at++] = code >> 8
        units[at++] = code & 0xff
    }
    return units
}
