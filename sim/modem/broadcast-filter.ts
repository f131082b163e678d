/** Most identifiers and coding schemes that AT+CSCB keeps. */
const MOST_IDS = 15
const MOST_SCHEMES = 5
const EVERY_SCHEME = "0-255"

/** Which cell broadcasts the module listens to, AT+CSCB ([ATM] 4.2.13). */
export class BroadcastFilter {
    private ids: readonly number[] = []
    private schemes: readonly number[] | "all" = []

    /** AT+CSCB=0: adds to the accepted ones; full lists stay unchanged. */
    add(ids: readonly number[], schemes: readonly number[]): void {
        if (ids.length === 0 && schemes.length === 0) {
            this.ids = []
            this.schemes = []
        }
        this.ids = union(this.ids, ids).slice(0, MOST_IDS)
        if (this.schemes !== "all")
            this.schemes = union(this.schemes, schemes).slice(0, MOST_SCHEMES)
    }

    /** AT+CSCB=1: takes away; alone it lets every coding scheme through. */
    remove(ids: readonly number[], schemes: readonly number[]): void {
        if (ids.length === 0 && schemes.length === 0) this.schemes = "all"
        this.ids = this.ids.filter(id => !ids.includes(id))
        if (this.schemes !== "all")
            this.schemes = this.schemes.filter(one => !schemes.includes(one))
    }

    /** Without a coding scheme in the list, none is asked for. */
    accepts({ id, dcs }: { id: number; dcs: number }): boolean {
        const { ids, schemes } = this
        return (
            ids.includes(id) &&
            (schemes === "all" || schemes.length === 0 || schemes.includes(dcs))
        )
    }

    /** `<mids>` and `<dcss>`. */
    describe(): [ids: string, schemes: string] {
        const { ids, schemes } = this
        return [
            ids.join(","),
            schemes === "all" ? EVERY_SCHEME : schemes.join(","),
        ]
    }
}

function union(some: readonly number[], more: readonly number[]): number[] {
    return [...new Set([...some, ...more])]
}
