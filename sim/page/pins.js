/** The lines, as a logic analyser shows them. */

const PINS = ["dtr", "rts", "cts", "dcd", "ri", "pwrkey", "reset", "status"]
/** Edges that are kept for each. */
export const MOST_EDGES = 4000
const LABEL = 62
const HEIGHT = 24

/** @typedef {{ time: number, low: boolean }} Edge */

export class Pins {
    /**
     * @param {HTMLCanvasElement} canvas
     * @param {HTMLElement} table
     */
    constructor(canvas, table) {
        this.canvas = canvas
        this.table = table
        this.window = 20_000
        /** @type {Record<string, Edge[]>} */
        this.edges = Object.fromEntries(PINS.map(pin => [pin, []]))
        this.told = ""
    }

    /**
     * @param {string} pin
     * @param {boolean} low
     * @param {number} time
     */
    edge(pin, low, time) {
        const edges = this.edges[pin]
        if (!edges) return
        edges.push({ time, low })
        if (edges.length > MOST_EDGES) edges.splice(0, MOST_EDGES / 8)
    }

    /**
     * Sets the levels of pins not seen yet.
     * @param {Record<string, boolean>} levels
     */
    levels(levels) {
        for (const [pin, low] of Object.entries(levels))
            if (this.edges[pin]?.length === 0) this.edge(pin, low, 0)
    }

    /** @param {number} now ms */
    draw(now) {
        const { canvas } = this
        const ratio = devicePixelRatio
        const { clientWidth: width, clientHeight: height } = canvas
        if (canvas.width !== Math.round(width * ratio)) {
            canvas.width = Math.round(width * ratio)
            canvas.height = Math.round(height * ratio)
        }
        const paper = canvas.getContext("2d")
        if (!paper) return
        const style = getComputedStyle(canvas)
        const colour = (/** @type {string} */ name) =>
            style.getPropertyValue(name)
        paper.setTransform(ratio, 0, 0, ratio, 0, 0)
        paper.clearRect(0, 0, width, height)
        paper.font = "11px ui-monospace, monospace"
        paper.textBaseline = "middle"
        const x = (/** @type {number} */ time) =>
            LABEL + ((time - now + this.window) / this.window) * (width - LABEL)
        this.grid(paper, colours(style), width, height)
        PINS.forEach((pin, n) => {
            const top = n * HEIGHT + 5
            const bottom = top + HEIGHT - 10
            const edges = this.edges[pin]
            const isLow = edges.at(-1)?.low ?? false
            paper.fillStyle = colour(isLow ? "--accent" : "--dim")
            paper.textAlign = "left"
            paper.fillText(pin.toUpperCase(), 0, (top + bottom) / 2)
            const start = now - this.window
            let from = edges.findLastIndex(({ time }) => time <= start)
            if (from < 0) from = 0
            paper.strokeStyle = colour("--accent")
            paper.lineWidth = 1.4
            paper.beginPath()
            const level = (/** @type {boolean} */ low) => (low ? bottom : top)
            let low = edges[from]?.low ?? false
            paper.moveTo(LABEL, level(low))
            for (let i = from; i < edges.length; i++) {
                const edge = edges[i]
                if (edge.time > start) {
                    paper.lineTo(x(edge.time), level(low))
                    paper.lineTo(x(edge.time), level(edge.low))
                }
                low = edge.low
            }
            paper.lineTo(width, level(low))
            paper.stroke()
            this.widths(paper, edges, from, x, (top + bottom) / 2, colour)
        })
        this.tell()
    }

    /**
     * @param {CanvasRenderingContext2D} paper
     * @param {{ line: string, dim: string }} colours
     * @param {number} width
     * @param {number} height
     */
    grid(paper, colours, width, height) {
        paper.strokeStyle = colours.line
        paper.lineWidth = 1
        for (let n = 0; n <= 10; n++) {
            const x = Math.round(LABEL + (n * (width - LABEL)) / 10) - 0.5
            paper.beginPath()
            paper.moveTo(x, 0)
            paper.lineTo(x, height)
            paper.stroke()
        }
    }

    /**
     * Writes how long the pulses are that there is room for.
     * @param {CanvasRenderingContext2D} paper
     * @param {readonly Edge[]} edges
     * @param {number} from
     * @param {(time: number) => number} x
     * @param {number} middle
     * @param {(name: string) => string} colour
     */
    widths(paper, edges, from, x, middle, colour) {
        paper.fillStyle = colour("--text")
        let free = LABEL
        for (let i = from; i + 1 < edges.length; i++) {
            const [start, end] = [edges[i], edges[i + 1]]
            if (!start.low) continue
            const text = String(Math.round(end.time - start.time))
            const left = Math.max(x(end.time) + 4, LABEL)
            const size = paper.measureText(text).width
            const next = edges[i + 2]
            const room = next ? x(next.time) - left : Infinity
            if (left < free || x(end.time) < LABEL || room < size) continue
            paper.textAlign = "left"
            paper.fillText(text, left, middle)
            free = left + size + 6
        }
    }

    /** The same in words, for screen readers. */
    tell() {
        const rows = PINS.map(pin => {
            const edges = this.edges[pin]
            const end = edges.findLastIndex(({ low }) => !low)
            const start = edges[end - 1]
            const pulse =
                start?.low && end > 0
                    ? `${Math.round(edges[end].time - start.time)} ms`
                    : "none"
            return [pin, edges.at(-1)?.low ? "low" : "high", pulse]
        })
        const told = JSON.stringify(rows)
        if (told === this.told) return
        this.told = told
        this.table.replaceChildren(
            ...rows.map(cells => {
                const row = document.createElement("tr")
                row.dataset.pin = cells[0]
                for (const cell of cells) {
                    const td = document.createElement("td")
                    td.textContent = cell
                    row.append(td)
                }
                return row
            })
        )
    }
}

/** @param {CSSStyleDeclaration} style */
function colours(style) {
    return {
        line: style.getPropertyValue("--line"),
        dim: style.getPropertyValue("--dim"),
    }
}
