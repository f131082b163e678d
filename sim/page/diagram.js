/** SIMCom's state diagram, with the present state lit. */

const SVG = "http://www.w3.org/2000/svg"
const COLUMN = 144
const ROW = 45
const WIDTH = 124
const BOX = 26

/** Where the states stand: column and row. */
/** @type {Readonly<Record<string, readonly [number, number]>>} */
export const PLACES = {
    "IP INITIAL": [1, 0],
    "IP START": [1, 1],
    "IP CONFIG": [1, 2],
    "IP GPRSACT": [1, 3],
    "IP STATUS": [1, 4],
    "PDP DEACT": [2, 2],
    "IP PROCESSING": [0, 4],
    "TCP CONNECTING": [0, 5],
    "SERVER LISTENING": [1, 5],
    "UDP CONNECTING": [2, 5],
    "CONNECT OK": [1, 6],
    "TCP CLOSING": [0, 7],
    "UDP CLOSING": [2, 7],
    "TCP CLOSED": [0, 8],
    "UDP CLOSED": [2, 8],
}

/** What leads away from nearly everywhere is said, not drawn. */
const EVERYWHERE = ["deactivated", "CIPSHUT"]

/** @typedef {{ from: string, to: string, events: string[] }} Edge */

/** @param {string} state */
function centre(state) {
    const [column, row] = PLACES[state] ?? [2, 0]
    return { x: column * COLUMN + 72, y: row * ROW + 22 }
}

export class Diagram {
    /**
     * @param {SVGElement} svg
     * @param {HTMLElement} next
     * @param {HTMLElement} name
     * @param {{ single: { states: string[], edges: Edge[] }, multi: { states: string[], edges: Edge[] } }} figures
     */
    constructor(svg, next, name, figures) {
        this.svg = svg
        this.next = next
        this.name = name
        this.figures = figures
        this.state = ""
        const known = new Map()
        for (const edge of [...figures.single.edges, ...figures.multi.edges])
            known.set(`${edge.from} ${edge.to}`, edge)
        /** @type {Edge[]} */
        this.edges = [...known.values()]
        const states = new Set([
            ...figures.single.states,
            ...figures.multi.states,
        ])
        this.drawEdges()
        for (const state of states) this.drawState(state)
    }

    drawEdges() {
        const marker = element("marker", {
            id: "arrow",
            viewBox: "0 0 6 6",
            refX: "6",
            refY: "3",
            markerWidth: "7",
            markerHeight: "7",
            orient: "auto-start-reverse",
        })
        marker.append(element("path", { d: "M0 0 6 3 0 6z" }))
        this.svg.append(marker)
        for (const { from, to, events } of this.edges) {
            if (events.every(event => EVERYWHERE.includes(event))) continue
            if (from === to) continue
            const [a, b] = [centre(from), centre(to)]
            const start = border(a, b)
            const end = border(b, a)
            this.svg.append(
                element("line", {
                    x1: String(start.x),
                    y1: String(start.y),
                    x2: String(end.x),
                    y2: String(end.y),
                    "marker-end": "url(#arrow)",
                    "data-from": from,
                })
            )
        }
    }

    /** @param {string} state */
    drawState(state) {
        const { x, y } = centre(state)
        const group = element("g", { "data-state": state })
        const text = element("text", { x: String(x), y: String(y) })
        text.textContent = state
        group.append(
            element("rect", {
                x: String(x - WIDTH / 2),
                y: String(y - BOX / 2),
                width: String(WIDTH),
                height: String(BOX),
                rx: "5",
            }),
            text
        )
        this.svg.append(group)
    }

    /** @param {string} state */
    light(state) {
        if (state === this.state) return
        this.state = state
        this.name.textContent = state
        this.svg.setAttribute("aria-label", `state ${state || "unknown"}`)
        for (const group of this.svg.querySelectorAll("g"))
            group.classList.toggle("lit", group.dataset.state === state)
        for (const line of this.svg.querySelectorAll("line"))
            line.classList.toggle("open", line.dataset.from === state)
        const multi = state === "IP PROCESSING"
        const { edges } = multi ? this.figures.multi : this.figures.single
        this.next.textContent = edges
            .filter(({ from }) => from === state)
            .map(({ to, events }) => `${events.join(", ")} → ${to}`)
            .join("; ")
    }
}

/**
 * Where the line from one box to another leaves it.
 * @param {{ x: number, y: number }} a
 * @param {{ x: number, y: number }} b
 */
function border(a, b) {
    const [dx, dy] = [b.x - a.x, b.y - a.y]
    const scale = Math.min(
        dx === 0 ? Infinity : (WIDTH / 2 + 2) / Math.abs(dx),
        dy === 0 ? Infinity : (BOX / 2 + 2) / Math.abs(dy)
    )
    return { x: a.x + dx * scale, y: a.y + dy * scale }
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function element(name, attributes) {
    const it = document.createElementNS(SVG, name)
    for (const [key, value] of Object.entries(attributes))
        it.setAttribute(key, value)
    return it
}
