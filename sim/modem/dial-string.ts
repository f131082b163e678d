/** The dial string of ATD ([ATM12] 2.2.3 to 2.2.6). */

export type Dialled =
    | {
          readonly kind: "number"
          readonly number: string
          /** `I` hides the own number for this call, `i` shows it. */
          readonly hidden: boolean | undefined
          /** With a semicolon: a voice call. */
          readonly voice: boolean
      }
    /** ATD>n: a place of the present phone book. */
    | {
          readonly kind: "place"
          readonly index: number
          readonly voice: boolean
      }
    /** ATD>"name": in any phone book. */
    | { readonly kind: "name"; readonly name: string; readonly voice: boolean }
    /** ATDL */
    | { readonly kind: "last" }

/** Digits, and what V.25ter lets stand between them, which is ignored. */
const NUMBER = /^([+0-9*#A-C,TPW!@\s()./-]*?)([Ii]?)[Gg]?(;?)$/i
const PLACE = /^>\s*(\d+)[IiGg]*\s*(;?)$/
const NAME = /^>\s*"([^"]*)"[IiGg]*\s*(;?)$/
const IGNORED = /[,TPW!@\s()./-]/gi

/** @returns undefined if it is none */
export function parseDialString(text: string): Dialled | undefined {
    const typed = text.trim()
    if (/^L;?$/i.test(typed)) return { kind: "last" }
    const place = PLACE.exec(typed)
    if (place !== null)
        return {
            kind: "place",
            index: Number(place[1]),
            voice: place[2] !== "",
        }
    const name = NAME.exec(typed)
    if (name !== null)
        return { kind: "name", name: name[1], voice: name[2] !== "" }
    const match = NUMBER.exec(typed)
    if (match === null) return undefined
    const [, dialled, clir, end] = match
    const number = dialled.replace(IGNORED, "").toUpperCase()
    if (!/^\+?[0-9*#A-C]+$/.test(number)) return undefined
    const hidden = clir === "" ? undefined : clir === "I"
    return { kind: "number", number, hidden, voice: end !== "" }
}
