/** The default alphabet of GSM 03.38, seven bits a character, and its packing into octets. */

const BASIC =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
const ESCAPE = 0x1b
/** The escape table. */
const EXTENSION: Readonly<Record<string, number>> = {
    "\f": 0x0a,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2f,
    "[": 0x3c,
    "~": 0x3d,
    "]": 0x3e,
    "|": 0x40,
    "€": 0x65,
}
const EXTENDED: Readonly<Record<number, string>> = Object.fromEntries(
    Object.entries(EXTENSION).map(([character, code]) => [code, character])
)

/** The septets of a text, or undefined if it holds a character the alphabet lacks. */
export function septetsOf(text: string): number[] | undefined {
    const septets: number[] = []
    for (const character of text) {
        const basic = BASIC.indexOf(character)
        if (basic >= 0 && basic !== ESCAPE) septets.push(basic)
        else if (character in EXTENSION)
            septets.push(ESCAPE, EXTENSION[character])
        else return undefined
    }
    return septets
}

/**
 * The text of septets; an unknown code after an escape is a blank (GSM 03.38, 6.2.1.1).
 */
export function textOfSeptets(septets: readonly number[]): string {
    let text = ""
    for (let i = 0; i < septets.length; i++) {
        if (septets[i] !== ESCAPE) text += BASIC[septets[i] & 0x7f]
        else text += EXTENDED[septets[++i]] ?? " "
    }
    return text
}

/** Takes `count` septets out of octets, from the given one on. */
export function unpack(octets: Uint8Array, count: number, first = 0): number[] {
    return Array.from({ length: count }, (_, i) => {
        const bit = (first + i) * 7
        const pair = octets[bit >> 3] | ((octets[(bit >> 3) + 1] ?? 0) << 8)
        return (pair >> (bit & 7)) & 0x7f
    })
}

/**
 * Packs septets from the lowest bit on, eight into seven octets.
 * @param first number of septets left free before them
 */
export function pack(septets: readonly number[], first = 0): Uint8Array {
    const octets = new Uint8Array(Math.ceil(((first + septets.length) * 7) / 8))
    septets.forEach((septet, i) => {
        const bit = (first + i) * 7
        const at = bit >> 3
        const shifted = septet << (bit & 7)
        octets[at] |= shifted & 0xff
        if (shifted > 0xff) octets[at + 1] |= shifted >> 8
    })
    return octets
}
