/**
 * The list of events. Only visible rows exist, so a long list costs no more than a
 * short one.
 */
import { hexDump, signs, unspell } from "./bytes.js"

/** @import { Line, Store } from "./store.js" */

const ROW = 20
/** Characters of a line that a row shows. */
const SHOWN = 400

export const SOURCES = [
    { label: "wire", sources: ["to", "from"] },
    { label: "states", sources: ["state"] },
    { label: "lines", sources: ["line"] },
    { label: "app", sources: ["app", "error", "warning"] },
    { label: "driver", sources: ["driver"] },
    { label: "around", sources: ["sim", "server"] },
]

/** @param {number} time ms */
export function seconds(time) {
    return (time / 1000).toFixed(3).padStart(9)
}

export class Traffic {
    /**
     * @param {Store} store
     * @param {object} elements
     * @param {HTMLElement} elements.rows
     * @param {HTMLElement} elements.spacer
     * @param {HTMLElement} elements.detail
     * @param {HTMLElement} elements.found
     */
    constructor(store, { rows, spacer, detail, found }) {
        this.store = store
        this.rows = rows
        this.spacer = spacer
        this.detail = detail
        this.found = found
        /** @type {Set<string>} */
        this.sources = new Set(SOURCES.flatMap(({ sources }) => sources))
        this.search = ""
        this.paused = false
        /** @type {readonly Line[]} */
        this.shown = []
        /** id of the line that is chosen */
        this.chosen = 0
        this.dirty = true
        /** keep the latest line visible, unless a person has scrolled up */
        this.follows = true
        rows.addEventListener("scroll", () => {
            this.follows =
                rows.scrollTop + rows.clientHeight >=
                rows.scrollHeight - 2 * ROW
            this.draw()
        })
        rows.addEventListener("keydown", event => this.key(event))
        rows.addEventListener("click", event => {
            const target = /** @type {HTMLElement} */ (event.target)
            const row = /** @type {HTMLElement | null} */ (
                target.closest(".row")
            )
            if (row) this.choose(Number(row.dataset.id))
        })
        new ResizeObserver(() => this.draw()).observe(rows)
    }

    /** Something of the list has changed. */
    refresh() {
        this.dirty = true
    }

    /** Draws if there is something new; to be called once a frame. */
    update() {
        if (!this.dirty || this.paused) return
        this.dirty = false
        const { rows } = this
        this.shown = this.store.filter(this.sources, this.search)
        this.spacer.style.height = `${this.shown.length * ROW}px`
        this.found.textContent = this.search ? `${this.shown.length} found` : ""
        if (this.follows) rows.scrollTop = rows.scrollHeight
        this.draw()
    }

    draw() {
        const { rows, spacer, shown } = this
        const first = Math.max(0, Math.floor(rows.scrollTop / ROW) - 5)
        const count = Math.ceil(rows.clientHeight / ROW) + 10
        const wanted = shown.slice(first, first + count)
        spacer.replaceChildren(
            ...wanted.map((line, n) => this.row(line, first + n))
        )
        const chosen = spacer.querySelector("[aria-selected=true]")
        if (chosen) rows.setAttribute("aria-activedescendant", chosen.id)
        else rows.removeAttribute("aria-activedescendant")
    }

    /**
     * @param {Line} line
     * @param {number} index
     */
    row(line, index) {
        const row = document.createElement("div")
        row.className = "row"
        row.id = `row-${line.id}`
        row.role = "option"
        row.dataset.id = String(line.id)
        row.dataset.source = line.source
        row.style.top = `${index * ROW}px`
        row.setAttribute("aria-selected", String(line.id === this.chosen))
        row.setAttribute("aria-posinset", String(index + 1))
        row.setAttribute("aria-setsize", String(this.shown.length))
        const time = document.createElement("time")
        time.textContent = seconds(line.time)
        const label = document.createElement("span")
        label.textContent = line.label
        const text = document.createElement("span")
        text.append(...this.marked(line.text.slice(0, SHOWN)))
        row.append(time, label, text)
        return row
    }

    /**
     * A text with the search term marked.
     * @param {string} text
     */
    marked(text) {
        const wanted = this.search.toLowerCase()
        if (!wanted) return signs(text)
        /** @type {(string | HTMLElement)[]} */
        const parts = []
        const lower = text.toLowerCase()
        let at = 0
        for (
            let found = lower.indexOf(wanted);
            found >= 0;
            found = lower.indexOf(wanted, at)
        ) {
            const mark = document.createElement("mark")
            mark.textContent = text.slice(found, found + wanted.length)
            parts.push(...signs(text.slice(at, found)), mark)
            at = found + wanted.length
        }
        parts.push(...signs(text.slice(at)))
        return parts
    }

    /** @param {KeyboardEvent} event */
    key(event) {
        const at = this.shown.findIndex(({ id }) => id === this.chosen)
        const last = this.shown.length - 1
        const page = Math.floor(this.rows.clientHeight / ROW)
        /** @type {Record<string, number>} */
        const targets = {
            ArrowUp: at < 0 ? last : at - 1,
            ArrowDown: at < 0 ? last : at + 1,
            PageUp: (at < 0 ? last : at) - page,
            PageDown: at + page,
            Home: 0,
            End: last,
        }
        const target = targets[event.key]
        if (target === undefined || last < 0) return
        event.preventDefault()
        const index = Math.min(last, Math.max(0, target))
        const { rows } = this
        if (index * ROW < rows.scrollTop) rows.scrollTop = index * ROW
        else if ((index + 1) * ROW > rows.scrollTop + rows.clientHeight)
            rows.scrollTop = (index + 1) * ROW - rows.clientHeight
        this.choose(this.shown[index].id)
    }

    /** @param {number} id */
    choose(id) {
        this.chosen = id
        const line = this.shown.find(one => one.id === id)
        if (line) {
            const head = `${seconds(line.time).trim()} s  ${line.label}`
            const bytes = line.isData ? unspell(line.text) : undefined
            this.detail.textContent = bytes
                ? `${head}  ${bytes.length} bytes\n${hexDump(bytes)}`
                : `${head}\n${line.text}`
            this.detail.scrollTop = 0
        }
        this.draw()
    }
}
