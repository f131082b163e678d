/**
 * Draws the wiring of a board as SVG: board, bridge and modem side by side, a
 * row for each wire. The background is part of it, so that it can be read on a
 * dark page as well.
 */
import { wires, type Board, type Part, type Wire } from "./boards"

const WIDTH = 1180
const ROW = 62
const TOP = 92
/** where the boxes are: left edge, width */
const BOX: Record<"board" | "bridge" | "modem", [number, number]> = {
    board: [24, 216],
    bridge: [430, 200],
    modem: [944, 212],
}

const INK = "#1f2933"
const COLOURS = {
    supply: "#c62828",
    ground: "#37474f",
    bus: "#1565c0",
    data: "#2e7d32",
    line: "#b35900",
}

const escape = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

function text(
    x: number,
    y: number,
    content: string,
    { anchor = "start", size = 15, bold = false, colour = INK } = {}
): string {
    const weight = bold ? ` font-weight="bold"` : ""
    return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}"${weight} fill="${colour}">${escape(content)}</text>`
}

function path(d: string, colour: string, dashed = false, width = 2.5): string {
    const dash = dashed ? ` stroke-dasharray="7 5"` : ""
    return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}"${dash}/>`
}

function box(
    [x, width]: [number, number],
    y: number,
    height: number,
    title: string,
    subtitle: string
): string {
    return [
        `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" fill="#ffffff" stroke="${INK}" stroke-width="2"/>`,
        text(x + width / 2, y - 28, title, {
            anchor: "middle",
            size: 18,
            bold: true,
        }),
        text(x + width / 2, y - 9, subtitle, { anchor: "middle", size: 13 }),
    ].join("\n")
}

/** A resistor lies on a wire or stands below one. */
function resistor(x: number, y: number, label: string, stands = false): string {
    const [width, height] = stands ? [10, 20] : [32, 11]
    const body = `<rect x="${x - width / 2}" y="${y - height / 2}" width="${width}" height="${height}" fill="#ffffff" stroke="${INK}" stroke-width="2"/>`
    const name = stands
        ? text(x + 12, y + 5, label, { size: 13 })
        : text(x, y - 11, label, { anchor: "middle", size: 13 })
    return body + "\n" + name
}

function dot(x: number, y: number): string {
    return `<circle cx="${x}" cy="${y}" r="4" fill="${INK}"/>`
}

function ground(x: number, y: number): string {
    return path(
        `M${x - 10} ${y}h20M${x - 6} ${y + 5}h12M${x - 2} ${y + 10}h4`,
        INK,
        false,
        2
    )
}

function arrow(
    x: number,
    y: number,
    direction: Wire["direction"],
    colour: string
): string {
    if (direction === "–") return ""
    const tip = direction === "→" ? 12 : -12
    return `<path d="M${x + tip} ${y}L${x} ${y - 6}L${x} ${y + 6}Z" fill="${colour}"/>`
}

/** In series from the bridge, then down to ground: 3.3 V become 2.8 V. */
function divider(x: number, y: number): string {
    return [
        resistor(x, y, "1 kΩ"),
        dot(x + 46, y),
        path(`M${x + 46} ${y}v38`, INK, false, 2),
        resistor(x + 46, y + 21, "5.6 kΩ", true),
        ground(x + 46, y + 38),
    ].join("\n")
}

/** Lets current flow towards the board only. */
function diode(x: number, y: number): string {
    return [
        `<path d="M${x + 12} ${y - 8}v16l-18 -8Z" fill="#ffffff" stroke="${INK}" stroke-width="2"/>`,
        path(`M${x - 7} ${y - 9}v18`, INK, false, 3),
        text(x, y - 16, "← ring, Schottky diode (BAT85)", {
            anchor: "middle",
            size: 13,
        }),
    ].join("\n")
}

function colourOf({ from, to }: Wire): string {
    if (/VCC/.test(to[1])) return COLOURS.supply
    if (to[1] === "GND") return COLOURS.ground
    if (/SDA|SCL/.test(to[1])) return COLOURS.bus
    return from[0] === "bridge" && /^[RT]X$/.test(from[1])
        ? COLOURS.data
        : COLOURS.line
}

export function drawing(board: Board, held = true): string {
    const all = wires(board, held)
    const between = (from: Part, to: Part): Wire[] =>
        all.filter(wire => wire.from[0] === from && wire.to[0] === to)
    const left = between("board", "bridge")
    const right = between("bridge", "modem")
    const below = between("board", "modem")
    const y = (row: number): number => TOP + 40 + row * ROW
    const boardRight = BOX.board[0] + BOX.board[1]
    const bridgeRight = BOX.bridge[0] + BOX.bridge[1]
    const modemLeft = BOX.modem[0]
    const belowRow = right.length
    const supplyRow = belowRow + below.length
    const bottom = y(supplyRow)
    const parts: string[] = []

    const wire = (w: Wire, x1: number, x2: number, row: number): void => {
        const colour = colourOf(w)
        const at = y(row)
        parts.push(path(`M${x1} ${at}H${x2}`, colour, w.only !== undefined))
        parts.push(text(x1 - 12, at + 5, w.from[1], { anchor: "end" }))
        parts.push(text(x2 + 12, at + 5, w.to[1]))
        const middle = (x1 + x2) / 2
        if (w.through === "divider") parts.push(divider(middle + 46, at))
        if (w.through === "diode") parts.push(diode(middle + 190, at))
        const end = w.direction === "→" ? x2 - 14 : x1 + 14
        parts.push(arrow(end, at, w.direction, colour))
        if (w.only)
            parts.push(
                text(x1 + 30, at - 9, w.only, {
                    size: 13,
                    colour: COLOURS.line,
                })
            )
    }

    parts.push(
        box(
            BOX.board,
            TOP,
            y(supplyRow - 1) + 36 - TOP,
            board.short,
            "USB to the computer"
        ),
        box(
            BOX.bridge,
            TOP,
            y(belowRow - 1) + 36 - TOP,
            "SC16IS750 module",
            "UART bridge on I2C, 0x48"
        ),
        box(
            BOX.modem,
            TOP,
            bottom + 36 - TOP,
            "SIM800 module",
            "with antenna and SIM card"
        )
    )
    left.forEach((w, i) => wire(w, boardRight, BOX.bridge[0], i))
    right.forEach((w, i) => wire(w, bridgeRight, modemLeft, i))
    below.forEach((w, i) => wire(w, boardRight, modemLeft, belowRow + i))

    // pull-ups, from the supply in the row between
    const pull = boardRight + 74
    parts.push(
        path(`M${pull} ${y(0)}V${y(2)}`, INK, false, 2),
        resistor(pull, (y(0) + y(1)) / 2, "4.7 kΩ", true),
        resistor(pull, (y(1) + y(2)) / 2, "4.7 kΩ", true),
        dot(pull, y(0)),
        dot(pull, y(1)),
        dot(pull, y(2))
    )

    // what is set on the module itself
    const notes = ["at VCC: A0, A1,", "I2C/SPI, RESET", "(jumpers or wires)"]
    const noteY = y(belowRow - 2) + 28
    notes.forEach((line, i) =>
        parts.push(text(BOX.bridge[0] + 12, noteY + i * 19, line, { size: 13 }))
    )

    // supply
    const supply: [number, number] = [BOX.bridge[0], BOX.bridge[1]]
    const [plus, minus] = between("supply", "modem")
    const groundRow = y(supplyRow - 1)
    parts.push(
        `<rect x="${supply[0]}" y="${bottom - 30}" width="${supply[1]}" height="66" rx="10" fill="#ffffff" stroke="${INK}" stroke-width="2"/>`,
        text(supply[0] + 12, bottom - 4, "supply", { size: 16, bold: true }),
        text(supply[0] + 12, bottom + 18, "for 2 A, 3.8–4.2 V", { size: 13 }),
        path(`M${bridgeRight} ${bottom}H${modemLeft}`, COLOURS.supply),
        arrow(modemLeft - 14, bottom, "→", COLOURS.supply),
        text(bridgeRight - 12, bottom + 5, plus.from[1], { anchor: "end" }),
        text(modemLeft + 12, bottom + 5, plus.to[1]),
        path(
            `M${bridgeRight - 30} ${bottom - 30}V${groundRow}`,
            COLOURS.ground
        ),
        text(bridgeRight - 40, bottom - 14, minus.from[1], { anchor: "end" }),
        dot(bridgeRight - 30, groundRow)
    )
    // at the module: an electrolytic and a ceramic capacitor
    ;[
        [modemLeft - 150, "1000 µF"],
        [modemLeft - 60, "100 nF"],
    ].forEach(([at, label], i) => {
        const x = Number(at)
        const middle = (groundRow + bottom) / 2
        parts.push(
            path(
                `M${x} ${groundRow}V${middle - 4}M${x - 12} ${middle - 4}h24M${x - 12} ${middle + 4}h24M${x} ${middle + 4}V${bottom}`,
                INK,
                false,
                2
            ),
            text(x - 16, middle + 5, String(label), {
                anchor: "end",
                size: 13,
            }),
            dot(x, groundRow),
            dot(x, bottom)
        )
        // an electrolytic one has a polarity
        if (i === 0)
            parts.push(text(x + 8, middle + 20, "+", { size: 15, bold: true }))
    })

    const height = bottom + 92
    const legend: [string, string][] = [
        [COLOURS.supply, "supply"],
        [COLOURS.ground, "ground"],
        [COLOURS.bus, "I2C, 400 kHz"],
        [COLOURS.data, "UART"],
        [COLOURS.line, "other lines"],
    ]
    legend.forEach(([colour, label], i) => {
        const x = 40 + i * 150
        parts.push(
            path(`M${x} ${height - 22}h28`, colour),
            text(x + 36, height - 17, label, { size: 13 })
        )
    })
    parts.push(
        path(`M790 ${height - 22}h28`, COLOURS.line, true),
        text(826, height - 17, "not for every module: see the table", {
            size: 13,
        })
    )

    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="Helvetica, Arial, sans-serif" role="img" aria-label="Wiring of ${escape(board.name)}, SC16IS750 and SIM800; the table says the same in words">`,
        `<rect width="${WIDTH}" height="${height}" rx="14" fill="#f5f7fa"/>`,
        ...parts.filter(part => part !== ""),
        "</svg>",
        "",
    ].join("\n")
}
