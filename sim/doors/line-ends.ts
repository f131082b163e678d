/**
 * CR and LF of a client behind a door. On a wire the LF of a CR LF is one
 * character behind the CR and so before any prompt. A stream can be cut between
 * the two, and the LF come at any time later: then it must not be taken for the
 * first byte of the data.
 *
 * A client ends all its lines alike. As long as it may be one that sends CR LF,
 * a CR that comes alone is held back for a moment; the LF of one whose lines end
 * in CR LF is dropped however late it comes.
 */

const LF = 0x0a

/** How long a CR waits for its LF before it is known how lines end, and from a client of CR LF, ms. */
const UNKNOWN_MS = 50
const CR_LF_MS = 250

export class LineEnds {
    private style: "unknown" | "CR" | "CR LF" = "unknown"
    /** The last line was given up to its CR, and nothing has come since. */
    private open = false

    /** How long a CR with nothing behind it must wait, ms. */
    get patience(): number {
        if (this.style === "CR") return 0
        return this.style === "CR LF" ? CR_LF_MS : UNKNOWN_MS
    }

    /**
     * A line was given, up to its CR.
     * @param next the byte behind the CR; undefined if nothing has come for
     * {@link patience}
     */
    lineGiven(next: number | undefined): void {
        this.open = next === undefined
        if (next === LF) this.style = "CR LF"
        else if (next !== undefined || this.style === "unknown")
            this.style = "CR"
    }

    /**
     * Looks at the byte that comes next.
     * @param isData whether it would become data
     * @returns whether it is the LF of the line before, to be dropped
     */
    ends(byte: number, isData: boolean): boolean {
        if (!this.open) return false
        this.open = false
        if (byte !== LF || (isData && this.style !== "CR LF")) return false
        this.style = "CR LF"
        return true
    }

    /** Another client. */
    forget(): void {
        this.style = "unknown"
        this.open = false
    }
}
