/**
 * The latest events, as lines: a bounded list, however long the page is open.
 */

/**
 * @typedef {object} Line
 * @property {number} id
 * @property {number} time ms
 * @property {string} source
 * @property {string} label
 * @property {string} text
 * @property {boolean} isData
 */

/** Lines that are kept, and characters in them. */
export const MOST_LINES = 20_000
export const MOST_CHARACTERS = 8_000_000

export class Store {
    constructor() {
        /** @type {Line[]} */
        this.lines = []
        this.characters = 0
        /** how many of the first lines have been forgotten */
        this.forgotten = 0
    }

    /** @param {Line} line */
    add(line) {
        this.lines.push(line)
        this.characters += line.text.length
        if (
            this.lines.length > MOST_LINES ||
            this.characters > MOST_CHARACTERS
        ) {
            // an eighth at a time, which is cheaper than one by one
            const gone = this.lines.splice(0, Math.ceil(this.lines.length / 8))
            for (const { text } of gone) this.characters -= text.length
            this.forgotten += gone.length
        }
    }

    /**
     * @param {ReadonlySet<string>} sources
     * @param {string} search
     */
    filter(sources, search) {
        const wanted = search.toLowerCase()
        return this.lines.filter(
            ({ source, text }) =>
                sources.has(source) &&
                (wanted === "" || text.toLowerCase().includes(wanted))
        )
    }
}
