/**
 * The responses of two modems to the same line, side by side, without variable and
 * without private parts.
 */
import { spell } from "../modem/trace"
import type { Place } from "./chapters"

/** How an answer differs: `order` and `blanks` alone, or in its words. */
export type Difference = "same" | "order" | "blanks" | "words"

/** Unsolicited lines of a modem. Their parameters are private. */
const UNSOLICITED =
    /⏎(RING|RDY|Call Ready|SMS Ready|NORMAL POWER DOWN|(?:UNDER|OVER)-VOLTAGE [A-Z ]+|DST|\*PSUTTZ|\*PSNWID|\+CTZV|\+CIEV|\+CMTI?|\+CBM|\+CDSI?|\+CUSD|\+CLIP|\+CRING|\+CMTE|\+CSQN|\+CFUN|\+CREG|\+CGREG|\+CPIN|\+PDP)\b[^⏎]*⏎/g
/** Of these, what says that the module has restarted. */
const RESTARTED: readonly string[] = ["RDY", "Call Ready", "NORMAL POWER DOWN"]

export interface Answer {
    /** spelt as in a transcript */
    readonly text: string
    /** names of unsolicited lines */
    readonly unsolicited: readonly string[]
    readonly restarted: boolean
}

/**
 * @param line the typed line, spelt: its response is not unsolicited
 * @param heard bytes as characters
 */
export function answerOf(line: string, heard: string, place: Place): Answer {
    const unsolicited: string[] = []
    const text = spell(Buffer.from(heard, "latin1")).replace(
        UNSOLICITED,
        (whole, name: string) => {
            if (isAsked(line, name)) return whole
            unsolicited.push(name)
            return ""
        }
    )
    return {
        text: masked(text, place),
        unsolicited,
        restarted: unsolicited.some(name => RESTARTED.includes(name)),
    }
}

function isAsked(line: string, name: string): boolean {
    // a failed context is reported: the line after it is the response
    return line.includes(name) || name === "+PDP"
}

/** Without addresses, numbers of device and card, names of network and server. */
export function masked(text: string, { apn, host }: Place): string {
    let out = text
    for (const [secret, name] of [
        [host, "‹host›"],
        [apn, "‹apn›"],
    ])
        if (secret !== "") out = out.replaceAll(`"${secret}"`, `"${name}"`)
    return out
        .replace(
            /(?<!0\.)\b(?!0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}\b/g,
            "‹address›"
        )
        .replace(/\b[0-9A-Fa-f]{15,22}\b/g, "‹number›")
        .replace(/(\+CSQ: )\d+,\d+/g, "$1‹signal›")
        .replace(/(\+CBC: ?\d),\d+,\d+/g, "$1,‹charge›")
        .replace(/(\+COPS: \d,\d,)"[^"]*"/g, '$1"‹operator›"')
        .replace(/(\+CDNSGIP: ?1,"[^"]*")(,"‹address›")+/g, '$1,"‹address›"…')
}

export function difference(real: string, virtual: string): Difference {
    if (real === virtual) return "same"
    if (frames(real) === frames(virtual)) return "order"
    const tight = (text: string): string => text.replaceAll(" ", "")
    return tight(real) === tight(virtual) ? "blanks" : "words"
}

function frames(text: string): string {
    return text
        .split("⏎")
        .filter(part => part !== "")
        .sort()
        .join("⏎")
}
