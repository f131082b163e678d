/** The page: a logic analyser and debugger for the modem. */
import { Actions } from "./actions.js"
import { Diagram } from "./diagram.js"
import { ask, listen } from "./events.js"
import { Pins } from "./pins.js"
import { Store } from "./store.js"
import { SOURCES, Traffic } from "./traffic.js"

/** How often the modem is asked how it is, ms. */
const ASK = 1000
/** Short messages that are shown. */
const MOST_MESSAGES = 100

/**
 * @template {Element} [E=HTMLElement]
 * @param {string} selector
 * @returns {E}
 */
function the(selector) {
    const found = document.querySelector(selector)
    if (!found) throw new Error(`no ${selector}`)
    return /** @type {E} */ (/** @type {unknown} */ (found))
}

const store = new Store()
const traffic = new Traffic(store, {
    rows: the("#rows"),
    spacer: the("#spacer"),
    detail: the("#detail"),
    found: the("#found"),
})
/** @type {HTMLCanvasElement} */
const canvas = the("#pins")
const pins = new Pins(canvas, the("#pin-table tbody"))
const actions = new Actions(the("#buttons"), the("#done"))
/** @type {Diagram | undefined} */
let diagram
/** The modem's clock is this much ahead of the page's, ms. */
let ahead = 0
let pausedAt = 0

const now = () => (traffic.paused ? pausedAt : performance.now() + ahead)

/** @param {any} event */
function happened(event) {
    switch (event.kind) {
        case "data":
            add(
                event,
                event.direction === ">" ? "to" : "from",
                event.direction === ">" ? "TX >" : "RX <",
                event.text
            )
            return
        case "pin":
            pins.edge(event.pin, event.low, event.time)
            add(event, "line", event.pin, event.low ? "low" : "high")
            return
        case "state":
            if (event.subject === "ip") diagram?.light(event.to)
            add(
                event,
                "state",
                "state",
                `${event.subject}: ${event.from} → ${event.to}`
            )
            return
        case "message":
            message(event)
            add(
                event,
                "sim",
                "message",
                `${event.way === "in" ? "from" : "to"} ${event.number}: ${event.text}`
            )
            return
        case "log":
            add(event, event.source, event.source, event.text)
            return
        case "action":
            add(event, "sim", "action", event.text)
    }
}

/**
 * @param {any} event
 * @param {string} source
 * @param {string} label
 * @param {string} text
 */
function add({ id, time, kind }, source, label, text) {
    store.add({ id, time, source, label, text, isData: kind === "data" })
    traffic.refresh()
}

/** @param {any} event */
function message({ way, number, text, time }) {
    const list = the("#messages ol")
    const item = document.createElement("li")
    item.dataset.way = way
    const head = document.createElement("small")
    head.textContent = `${(time / 1000).toFixed(1)} s  ${way === "in" ? "from" : "to"} ${number}`
    item.append(head, text)
    list.prepend(item)
    while (list.children.length > MOST_MESSAGES) list.lastElementChild?.remove()
}

/** @param {any} view */
function glance(view) {
    the("#kind").textContent = `${view.modem} · ${view.baud} baud`
    const { states, signal, battery } = view
    /** @type {Record<string, string | undefined>} */
    const values = {
        power: states.power ?? (view.modem === "virtual" ? "off" : undefined),
        SIM: states.sim,
        network: states.registration,
        GPRS: states.gprs,
        mode: states.mode,
        call: states.call,
        sleep: states.sleep,
        signal:
            signal &&
            (signal.rssi === 99
                ? "unknown"
                : `${bars(signal.rssi)} ${2 * signal.rssi - 113} dBm`),
        battery: battery && `${battery.millivolts} mV, ${battery.percent} %`,
    }
    const rows = Object.entries(values).filter(([, value]) => value)
    the("#glance").replaceChildren(
        ...rows.map(([name, value]) => {
            const pair = document.createElement("div")
            const term = document.createElement("dt")
            term.textContent = name
            const what = document.createElement("dd")
            what.textContent = value ?? ""
            pair.append(term, what)
            return pair
        })
    )
    diagram?.light(states.ip ?? "")
    connections(view.connections)
}

/** @param {number} rssi */
function bars(rssi) {
    return "▁▃▅▇".slice(0, Math.max(1, Math.ceil(rssi / 8)))
}

/** @param {any[]} list */
function connections(list) {
    the("#connections tbody").replaceChildren(
        ...list.map(one => {
            const row = document.createElement("tr")
            row.dataset.busy = String(
                one.state !== "INITIAL" && one.state !== "CLOSED"
            )
            const peer = one.remote ? `${one.protocol} ${one.remote}` : ""
            const unread = one.unread ? ` (${one.unread} unread)` : ""
            const open =
                one.sent > one.acknowledged
                    ? ` (${one.sent - one.acknowledged} open)`
                    : ""
            for (const text of [
                one.number,
                one.state,
                peer,
                `${one.sent}${open}`,
                `${one.received}${unread}`,
            ]) {
                const cell = document.createElement("td")
                cell.textContent = String(text)
                row.append(cell)
            }
            return row
        })
    )
    the("#connections").hidden = list.length === 0
}

async function look() {
    try {
        const view = await ask("state")
        ahead = view.time - performance.now()
        pins.levels(view.pins)
        if (!traffic.paused) glance(view)
    } catch {
        // the stream says that it is gone
    }
    setTimeout(look, document.hidden ? 10 * ASK : ASK)
}

function frame() {
    traffic.update()
    if (!document.hidden) pins.draw(now())
    requestAnimationFrame(frame)
}

/** @param {boolean} paused */
function pause(paused) {
    pausedAt = now()
    traffic.paused = paused
    const button = the("#pause")
    button.setAttribute("aria-pressed", String(paused))
    button.textContent = paused ? "Go on" : "Pause"
    traffic.refresh()
}

async function save() {
    const response = await fetch("/api/transcript")
    const link = document.createElement("a")
    link.href = URL.createObjectURL(await response.blob())
    link.download = "sim800.transcript"
    link.click()
    URL.revokeObjectURL(link.href)
}

function filters() {
    for (const { label, sources } of SOURCES) {
        const box = document.createElement("input")
        box.type = "checkbox"
        box.checked = true
        box.addEventListener("change", () => {
            for (const source of sources)
                if (box.checked) traffic.sources.add(source)
                else traffic.sources.delete(source)
            traffic.refresh()
        })
        const name = document.createElement("label")
        name.append(box, label)
        the("#filters").append(name)
    }
}

/** @param {KeyboardEvent} event */
function key(event) {
    const target = /** @type {HTMLElement} */ (event.target)
    const types = target.matches("input, select, textarea")
    if (event.ctrlKey || event.metaKey || event.altKey || types) return
    if (event.key === "/") the("#search").focus()
    else if (event.key === " " && target === document.body)
        pause(!traffic.paused)
    else if (!actions.key(event.key)) return
    event.preventDefault()
}

filters()
the("#pause").addEventListener("click", () => pause(!traffic.paused))
the("#save").addEventListener("click", () => void save())
/** @type {HTMLInputElement} */
const search = the("#search")
search.addEventListener("input", () => {
    traffic.search = search.value
    traffic.refresh()
})
/** @type {HTMLSelectElement} */
const width = the("#window")
width.addEventListener("change", () => {
    pins.window = Number(width.value)
})
document.addEventListener("keydown", key)

diagram = new Diagram(
    the("#diagram"),
    the("#next"),
    the("#ip"),
    await ask("diagram")
)
actions.show(await ask("actions"))
await look()
listen({
    event: happened,
    missed: count =>
        add(
            { id: 0, time: now(), kind: "log" },
            "warning",
            "page",
            `${count} events were missed: the page was too slow`
        ),
    live: live => {
        the("#link").dataset.live = String(live)
        the("#link").textContent = live ? "live" : "the modem is gone"
    },
})
requestAnimationFrame(frame)
