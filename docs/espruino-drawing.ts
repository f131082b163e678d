/**
 * Draws how a SIM800 is wired to an ESP32 that Espruino runs on: board and module
 * side by side, a row for each wire.
 */
interface Wire {
    /** at the ESP32, and the name of the option */
    readonly pin: string
    readonly module: string
    /** who speaks: the ESP32 (→) or the module (←) */
    readonly direction: "→" | "←" | "–"
    readonly note: string
    readonly colour: string
}

const SIGNAL = "#2e7d32"
const LINE = "#b35900"
const GROUND = "#37474f"
const SUPPLY = "#c62828"
const INK = "#1f2933"
const DIVIDER = "1 kΩ, behind it 5.6 kΩ to GND"

const row = (
    pin: string,
    module: string,
    direction: Wire["direction"],
    note: string,
    colour: string
): Wire => ({ pin, module, direction, note, colour })

/** Any ESP32, with how many wires the module has. */
const ANY: Wire[] = [
    row("tx", "RXD", "→", DIVIDER, SIGNAL),
    row("rx", "TXD", "←", "directly", SIGNAL),
    row("GND", "GND", "–", "three wires: these, and its supply", GROUND),
    row("reset", "RST", "→", "directly: low or let go of", LINE),
    row(
        "powerKey",
        "PWRKEY",
        "→",
        "Schottky diode; five wires: with these two",
        LINE
    ),
    row("dtr", "DTR", "→", DIVIDER, LINE),
    row("ri", "RI", "←", "directly", LINE),
    row("dcd", "DCD", "←", "directly", LINE),
    row("rts", "RTS", "→", DIVIDER, LINE),
    row("cts", "CTS", "←", "directly; all wires", LINE),
    row(
        "supply 4.0 V, 2 A",
        "VCC",
        "→",
        "1000 µF and 100 nF at the module",
        SUPPLY
    ),
]

/** The T-Call: all of it is on the board. */
const TCALL: Wire[] = [
    row("D27  tx", "RXD", "→", "", SIGNAL),
    row("D26  rx", "TXD", "←", "", SIGNAL),
    row("D4  powerKey", "PWRKEY", "→", "low for 1.3 s switches it on", LINE),
    row("D23  power", "supply of the module", "→", "high: on", SUPPLY),
    row("D5  reset", "RST", "→", "low for 150 ms resets it", LINE),
    row("D32  dtr", "DTR", "→", "high: it may sleep", LINE),
    row("D33  ri", "RI", "←", "calls and messages", LINE),
]

const WIDTH = 900
const ROW = 46
const TOP = 70

function text(
    x: number,
    y: number,
    what: string,
    anchor: string,
    size: number,
    colour = INK
): string {
    const safe = what.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="${colour}">${safe}</text>`
}

function drawing(title: string, wires: Wire[]): string {
    const height = wires.length * ROW + 20
    const box = (x: number, width: number, name: string): string[] => [
        `<rect x="${x}" y="${TOP}" width="${width}" height="${height}" rx="10" fill="#ffffff" stroke="${INK}" stroke-width="2"/>`,
        text(x + width / 2, TOP - 14, name, "middle", 18),
    ]
    const lines = wires.flatMap(
        ({ pin, module, direction, note, colour }, i) => {
            const y = TOP + 36 + i * ROW
            const arrow =
                direction === "→"
                    ? `<path d="M640 ${y - 6} l12 6 l-12 6 z" fill="${colour}"/>`
                    : direction === "←"
                      ? `<path d="M252 ${y - 6} l-12 6 l12 6 z" fill="${colour}"/>`
                      : ""
            return [
                text(224, y + 5, pin, "end", 15),
                `<path d="M240 ${y} H652" fill="none" stroke="${colour}" stroke-width="2.5"/>`,
                arrow,
                text(446, y - 8, note, "middle", 13, colour),
                text(668, y + 5, module, "start", 15),
            ].filter(Boolean)
        }
    )
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${TOP + height + 24}" font-family="sans-serif" role="img">`,
        `<title>${title}</title>`,
        `<rect width="100%" height="100%" fill="#f7f5f0"/>`,
        ...box(24, 216, "ESP32, Espruino"),
        ...box(652, 224, "SIM800"),
        ...lines,
        "</svg>",
        "",
    ].join("\n")
}

export const drawings: Record<string, () => string> = {
    "boards/espruino/wiring.svg": () =>
        drawing(
            "A SIM800 module at any ESP32, with three, five and all wires",
            ANY
        ),
    "boards/espruino/t-call.svg": () =>
        drawing("The LilyGO T-Call: which pins its SIM800 is at", TCALL),
}
