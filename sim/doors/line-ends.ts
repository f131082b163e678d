/**
 * CR and LF of a client at a door. On a wire the LF of a CR LF directly follows the CR,
 * and so precedes any prompt. A stream can be cut between the two, and the LF may come
 * much later: then it must not be taken for the first byte of the data.
 *
 * A client ends all its lines alike. As long as it may send CR LF, a single CR is held
 * back for a moment; if its lines end in CR LF, the LF is dropped even if it comes
 * late.
 */

const LF = 0x0a

/** How long a CR waits for its LF before it is known how lines end, and from a client of CR LF, ms. */
const UNKNOWN_MS = 50
const CR_LF_MS = 250

export class LineEnds {
    private style: "unknown" | "CR" | "CR LF" = "unknown"
    /** The last line was passed on up to its CR, and nothing has come since. */
    private open = false

    /** How long a single CR must wait, ms. */
    get patience(): number {
        if (this.style === "CR") return 0
        return this.style === "CR LF" ? CR_LF_MS : UNKNOWN_MS
    }

    /**
     * A line was passed on, up to its CR.
     * @param next the byte after the CR; undefined if nothing has come for {@link
     * patience}
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
