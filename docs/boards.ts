/**
 * The boards, and how each is wired: what the tables, the drawings and the
 * tests are made from. Which GPIO is which line stands in
 * boards/<id>.board.json, where DeviceScript takes it from too.
 */
import { readFileSync } from "node:fs"

export interface Board {
    /** of the board file, and of the folder of its programs */
    id: string
    /** as it stands in headings */
    name: string
    /** as it stands in a box of the drawing */
    short: string
    /** where a GPIO is led out: what is printed on the board, by number */
    printed: (gpio: number) => string
    /** the pin of the header, by number of the GPIO */
    header: Record<number, string>
    /** supply of the bridge */
    supply: string
    /** ground, for the bridge and for the modem */
    ground: string
    /**
     * pages of 4096 bytes for settings and program (`fstorPages` of the chip in
     * DeviceScript's boards/<chip>/arch.json)
     */
    flashPages: number
    /** GPIOs that the wiring must not use, with the reason */
    avoid: [reason: string, gpios: number[]][]
}

const pico: Omit<Board, "id" | "name" | "short"> = {
    printed: gpio => `GP${gpio}`,
    header: {
        4: "pin 6",
        5: "pin 7",
        6: "pin 9",
        7: "pin 10",
        8: "pin 11",
        10: "pin 14",
        11: "pin 15",
    },
    supply: "3V3(OUT), pin 36",
    ground: "GND, pin 8",
    flashPages: 32,
    avoid: [["what the board uses itself", [23, 24, 25, 29]]],
}

const XIAO: Record<number, string> = {
    3: "D1",
    4: "D2",
    5: "D3",
    6: "D4",
    7: "D5",
    20: "D7",
    10: "D10",
}

export const boards: Board[] = [
    {
        ...pico,
        id: "pico_sim800",
        name: "Raspberry Pi Pico",
        short: "Pico",
    },
    {
        ...pico,
        id: "pico_w_sim800",
        name: "Raspberry Pi Pico W",
        short: "Pico W",
    },
    {
        id: "esp32s3_devkit_sim800",
        name: "ESP32-S3 DevKit",
        short: "ESP32-S3 DevKit",
        printed: gpio => `GPIO${gpio}`,
        header: {
            4: "J1-4",
            5: "J1-5",
            6: "J1-6",
            7: "J1-7",
            15: "J1-8",
            16: "J1-9",
            17: "J1-10",
        },
        supply: "3V3, J1-1",
        ground: "GND, J1-22",
        flashPages: 64,
        avoid: [
            ["strapping", [0, 3, 45, 46]],
            ["USB", [19, 20]],
            ["flash", [26, 27, 28, 29, 30, 31, 32]],
            ["octal flash and PSRAM", [33, 34, 35, 36, 37]],
            ["UART of the bootloader", [43, 44]],
            ["RGB LED", [38, 48]],
        ],
    },
    {
        id: "xiao_esp32c3_sim800",
        name: "Seeed Studio XIAO ESP32C3",
        short: "XIAO ESP32C3",
        printed: gpio => XIAO[gpio],
        header: {
            3: "pin 2",
            4: "pin 3",
            5: "pin 4",
            6: "pin 5",
            7: "pin 6",
            20: "pin 8",
            10: "pin 11",
        },
        supply: "3V3, pin 12",
        ground: "GND, pin 13",
        flashPages: 64,
        avoid: [
            ["strapping", [2, 8, 9]],
            ["USB", [18, 19]],
            ["flash", [11, 12, 13, 14, 15, 16, 17]],
            ["output of the bootloader", [21]],
        ],
    },
]

interface BoardFile {
    devName: string
    archId: string
    productId: string
    i2c: { pinSDA: string; pinSCL: string; kHz: number }
    $pins: Record<string, string>
    pins: Record<string, number>
}

export function boardFile({ id }: Board): BoardFile {
    const url = new URL(`../boards/${id}.board.json`, import.meta.url)
    return JSON.parse(readFileSync(url, "utf8")) as BoardFile
}

/** The lines between board and modem that have a label in the board file. */
export type Label =
    | "SDA"
    | "SCL"
    | "MODEM_RESET"
    | "MODEM_PWRKEY"
    | "MODEM_DTR"
    | "MODEM_RI"
    | "MODEM_DCD"

/** Number of the GPIO that is this line. */
export function gpioOf(board: Board, label: Label): number {
    const { i2c, $pins, pins } = boardFile(board)
    const name =
        label === "SDA"
            ? i2c.pinSDA
            : label === "SCL"
              ? i2c.pinSCL
              : $pins[label]
    const gpio = pins[name]
    if (gpio === undefined)
        throw new Error(`${board.id}: no pin is called ${label}`)
    return gpio
}

/** What a person looks for on the board: `GP6, pin 9`. */
export function pinOf(board: Board, label: Label): string {
    const gpio = gpioOf(board, label)
    const where = board.header[gpio]
    if (!where) throw new Error(`${board.id}: GPIO${gpio} is not on the header`)
    return `${board.printed(gpio)}, ${where}`
}

export type Part = "board" | "bridge" | "modem" | "supply"

/** What is in the way of a wire. */
export type Through = "divider" | "diode"

export interface Wire {
    from: [Part, string]
    to: [Part, string]
    /** who drives it: `from`, `to`, or both (supply, ground, I2C) */
    direction: "→" | "←" | "–"
    through?: Through
    /** for whom it is, if not for everybody */
    only?: string
    note: string
}

/**
 * The wires, in the order of the drawing.
 * @param held RTS and CTS are wired; else three wires carry the data
 */
export function wires(board: Board, held = true): Wire[] {
    const pin = (label: Label): [Part, string] => ["board", pinOf(board, label)]
    const all: Wire[] = [
        {
            from: pin("SDA"),
            to: ["bridge", "SDA"],
            direction: "–",
            note: "I2C; 4.7 kΩ from here to 3.3 V",
        },
        {
            from: ["board", board.supply],
            to: ["bridge", "VCC (3.3 V)"],
            direction: "→",
            note: "supply of the bridge",
        },
        {
            from: pin("SCL"),
            to: ["bridge", "SCL"],
            direction: "–",
            note: "I2C; 4.7 kΩ from here to 3.3 V",
        },
        {
            from: ["board", board.ground],
            to: ["bridge", "GND"],
            direction: "–",
            note: "ground",
        },
        {
            from: ["bridge", "TX"],
            to: ["modem", "RXD"],
            direction: "→",
            through: "divider",
            note: "what the bridge sends, the modem receives: TX to RX",
        },
        {
            from: ["bridge", "RX"],
            to: ["modem", "TXD"],
            direction: "←",
            note: "what the modem sends, the bridge receives: RX to TX",
        },
        {
            from: ["bridge", "RTS"],
            to: ["modem", "RTS"],
            direction: "→",
            through: "divider",
            note: "not crossed: SIMCom names both after the side of the microcontroller",
        },
        {
            from: ["bridge", "CTS"],
            to: ["modem", "CTS"],
            direction: "←",
            note: "not crossed",
        },
        {
            from: ["bridge", "GPIO5 (DTR)"],
            to: ["modem", "DTR"],
            direction: "→",
            through: "divider",
            note: "lets the modem sleep, wakes it, leaves data mode",
        },
        {
            from: ["bridge", "GPIO7 (RI)"],
            to: ["modem", "RI, RING"],
            direction: "←",
            note: "calls and short messages",
        },
        {
            from: ["bridge", "GPIO6 (CD)"],
            to: ["modem", "DCD"],
            direction: "←",
            only: "if the module has DCD",
            note: "transparent mode needs it",
        },
        {
            from: pin("MODEM_RESET"),
            to: ["modem", "RST"],
            direction: "→",
            note: "pulled low or let go of, never driven high: nothing in between",
        },
        {
            from: pin("MODEM_PWRKEY"),
            to: ["modem", "PWRKEY"],
            direction: "→",
            through: "diode",
            only: "if the module does not start by itself",
            note: "the ring of the diode to the board",
        },
        {
            from: ["board", board.ground],
            to: ["modem", "GND"],
            direction: "–",
            note: "ground, the same for all",
        },
        {
            from: ["supply", "+ 4.0 V"],
            to: ["modem", "VCC"],
            direction: "→",
            note: "2 A bursts: thick, at most 10 cm; 1000 µF and 100 nF at the module",
        },
        {
            from: ["supply", "−"],
            to: ["modem", "GND"],
            direction: "–",
            note: "likewise",
        },
    ]
    return held ? all : all.filter(({ from }) => !/^[RC]TS$/.test(from[1]))
}
