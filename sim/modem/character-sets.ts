/**
 * AT+CSCS ([ATM] 3.2.12): how text goes between the DTE and the module. A
 * string of this side has one character for each byte on the wire.
 */
import { septetsOf, textOfSeptets } from "./gsm-alphabet"

export const characterSets = [
    "IRA",
    "GSM",
    "UCS2",
    "HEX",
    "PCCP",
    "PCDN",
    "8859-1",
] as const

export type CharacterSet = (typeof characterSets)[number]

/** Characters of the GSM alphabet beyond ASCII in code page 437, PCCP, and 865, PCDN. */
const CODE_PAGE =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"
const codePages: Readonly<Partial<Record<CharacterSet, string>>> = {
    PCCP: CODE_PAGE,
    PCDN: CODE_PAGE.replace("¢", "ø").replace("¥", "Ø").replace("»", "¤"),
}

export const hexadecimal = (bytes: Uint8Array): string =>
    Buffer.from(bytes).toString("hex").toUpperCase()

/** @returns undefined unless the text is pairs of hexadecimal digits */
export function octetsOf(digits: string): Uint8Array | undefined {
    return digits.length % 2 === 0 && /^[0-9A-Fa-f]*$/.test(digits)
        ? Uint8Array.from(Buffer.from(digits, "hex"))
        : undefined
}

/** UCS-2, big endian. */
export const ucs2 = (text: string): Uint8Array =>
    Buffer.from(text, "utf16le").swap16()

/** @returns undefined for half a character */
export function ucs2Text(octets: Uint8Array): string | undefined {
    return octets.length % 2 === 0
        ? Buffer.from(octets).swap16().toString("utf16le")
        : undefined
}

/**
 * Text as the DTE sees it. What the set lacks is `?`; with every set, text that
 * is not of the GSM alphabet is shown in UCS-2, in hexadecimal.
 */
export function shownText(text: string, set: CharacterSet): string {
    const septets = septetsOf(text)
    if (septets === undefined || set === "UCS2") return hexadecimal(ucs2(text))
    if (set === "HEX") return hexadecimal(Uint8Array.from(septets))
    if (set === "8859-1") return text.replace(/[^\0-\xff]/g, "?")
    return text.replace(/[^\0-\x7f]/g, character => {
        const at = codePages[set]?.indexOf(character) ?? -1
        return at < 0 ? "?" : String.fromCharCode(0x80 + at)
    })
}

/** Numbers, and other strings in quotes: with UCS2 they are in hexadecimal too. */
export function shownString(text: string, set: CharacterSet): string {
    return set === "UCS2" ? hexadecimal(ucs2(text)) : text
}

/** @returns undefined if it is no text of the set */
export function typedText(
    typed: string,
    set: CharacterSet
): string | undefined {
    if (set === "UCS2" || set === "HEX") {
        const octets = octetsOf(typed)
        if (octets === undefined) return undefined
        return set === "UCS2" ? ucs2Text(octets) : textOfSeptets([...octets])
    }
    if (set === "GSM")
        return textOfSeptets([...typed].map(c => c.charCodeAt(0)))
    return typed.replace(/[\x80-\xff]/g, character => {
        const page = codePages[set]
        return page?.[character.charCodeAt(0) - 0x80] ?? character
    })
}

/** Numbers, and other strings in quotes; undefined if invalid in the set. */
export function typedString(
    typed: string,
    set: CharacterSet
): string | undefined {
    const octets = set === "UCS2" ? octetsOf(typed) : undefined
    return set === "UCS2" ? octets && ucs2Text(octets) : typed
}
